"""/metrics."""

from httpx import AsyncClient
from prometheus_client.parser import text_string_to_metric_families

from builders.payments import DECLINED
from builders.shop import PAYMENTS, Shop, open_shop


async def counted(client: AsyncClient) -> dict[tuple[str, str, str], float]:
    """How many requests were answered, by method, route and status."""
    response = await client.get("/metrics")
    assert response.headers["content-type"] == "text/plain; version=1.0.0; charset=utf-8"
    return {
        (sample.labels["method"], sample.labels["route"], sample.labels["status"]): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
        if sample.name == "quayside_http_requests_total"
    }


async def test_requests_are_counted_by_route_and_never_by_path(shop: Shop) -> None:
    payment = await shop.has_taken()
    await shop.pay(DECLINED)
    await shop.client.get(f"{PAYMENTS}/{payment['id']}")
    await shop.client.get(f"{PAYMENTS}/not-an-id")
    await shop.client.head("/health/live")
    await shop.client.get("/nowhere/1")
    await shop.client.get("/nowhere/2")
    await shop.client.delete(PAYMENTS)
    await shop.client.request("BREW", "/tea")

    assert await counted(shop.client) == {
        ("POST", PAYMENTS, "201"): 1,
        ("POST", PAYMENTS, "402"): 1,
        ("GET", f"{PAYMENTS}/{{payment_id}}", "200"): 1,
        ("HEAD", "/health/live", "200"): 1,
        ("GET", "unknown", "404"): 3,
        ("DELETE", "unknown", "405"): 1,
        ("other", "unknown", "404"): 1,
    }


async def test_durations_are_measured(shop: Shop) -> None:
    await shop.client.get("/health/live")

    text = (await shop.client.get("/metrics")).text

    count = 'quayside_http_request_duration_seconds_count{method="GET",route="/health/live"} 1.0'
    assert count in text.splitlines()


async def test_two_services_in_one_process_count_for_themselves(shop: Shop) -> None:
    await shop.client.get("/health/live")

    async with open_shop() as other:
        assert await counted(other.client) == {}
