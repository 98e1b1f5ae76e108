"""/metrics."""

import asyncio
import re
from collections.abc import Sequence
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from platform import python_version
from typing import Any

import pytest
from attrs import evolve
from httpx import AsyncClient
from prometheus_client.parser import text_string_to_metric_families

from builders.members import V1
from builders.payments import DECLINED, NOON, UNREACHABLE, a_payment
from builders.shop import PAYMENTS, Shop, open_shop
from quayside.adapters.telemetry.metrics import PrometheusMetrics
from quayside.adapters.telemetry.pool import PoolState
from quayside.core.eventlog import DeferredEvent, Standing
from quayside.core.fulfilment import SagaStanding
from quayside.core.kernel import ConcurrencyConflictError, UnavailableError
from quayside.core.payments import Backlog
from quayside.entrypoints.api.measurements import Measurements

REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "metrics.md"


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


async def test_what_is_refused_before_it_reaches_a_handler_is_counted_as_what_it_was(shop: Shop) -> None:
    visitor = shop.visitor()
    for _ in range(61):
        await visitor.get(f"{V1}/auth/availability?username=ada")
    await visitor.get(PAYMENTS)
    await shop.pay_with("{}", content_type="text/plain")

    found = await counted(visitor)

    assert found["GET", f"{V1}/auth/availability", "200"] == 60
    assert found["GET", f"{V1}/auth/availability", "429"] == 1
    assert found["GET", PAYMENTS, "401"] == 1
    assert found["POST", PAYMENTS, "415"] == 1


async def test_durations_are_measured(shop: Shop) -> None:
    await shop.client.get("/health/live")

    text = (await shop.client.get("/metrics")).text

    count = 'quayside_http_request_duration_seconds_count{method="GET",route="/health/live"} 1.0'
    assert count in text.splitlines()


async def test_attempts_at_calls_to_the_gateway_are_counted_by_what_became_of_them(shop: Shop) -> None:
    await shop.has_taken()
    await shop.pay(UNREACHABLE)

    lines = (await shop.client.get("/metrics")).text.splitlines()

    attempts = (
        'quayside_outside_call_attempts_total{operation="authorize",outcome="%s",service="gateway"} 1.0'
    )
    assert attempts % "answered" in lines
    assert attempts % "transient" in lines


async def test_two_services_in_one_process_count_for_themselves(shop: Shop) -> None:
    await shop.client.get("/health/live")

    async with open_shop() as other:
        assert await counted(other.client) == {}


async def test_the_release_is_told(shop: Shop) -> None:
    lines = (await shop.client.get("/metrics")).text.splitlines()

    (build,) = [line for line in lines if line.startswith("quayside_build_info")]
    assert (
        build
        == f'quayside_build_info{{python_version="{python_version()}",version="{version("quayside")}"}} 1.0'
    )


async def test_requests_that_are_not_answered_yet_are_counted(shop: Shop) -> None:
    for _ in range(2):
        lines = (await shop.client.get("/metrics")).text.splitlines()

        assert "quayside_http_requests_in_flight 1.0" in lines  # this one


async def values(client: AsyncClient, name: str) -> dict[str, float]:
    """By subscription."""
    response = await client.get("/metrics")
    return {
        sample.labels.get("subscription", ""): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
        if sample.name == name
    }


async def test_it_is_told_how_far_behind_subscriptions_are(shop: Shop) -> None:
    await shop.has_taken()
    storage = shop.application.storage
    lease = await storage.subscriptions.acquire("mails", "a worker", 60)
    assert lease is not None
    await storage.subscriptions.acquire("job-tidy", "a worker", 60)
    await storage.subscriptions.pause("job-tidy")
    newest = await storage.follower.newest()
    async with storage.begin() as tx:
        first, second = await storage.events.read_all(limit=2)
        parked = evolve(DeferredEvent.waiting("mails", first), parked_at=NOON)
        await tx.checkpoints.defer([parked, DeferredEvent.waiting("mails", second)])
        await tx.checkpoints.move(lease, newest - 1)
    shop.clock.advance(timedelta(seconds=90))

    assert await values(shop.client, "quayside_subscription_lag_events") == {"mails": 1}
    assert await values(shop.client, "quayside_subscription_lag_seconds") == {"mails": 90}
    assert await values(shop.client, "quayside_subscription_parked_events") == {"mails": 1}
    assert await values(shop.client, "quayside_subscription_deferred_events") == {"mails": 2}
    assert await values(shop.client, "quayside_subscription_paused") == {"mails": 0, "job-tidy": 1}


@pytest.mark.parametrize("error", [UnavailableError("The database is away."), TimeoutError()])
async def test_measurements_are_given_even_where_nobody_can_tell_of_subscriptions(error: Exception) -> None:
    async def fail() -> Any:
        raise error

    measurements = Measurements(PrometheusMetrics(), fail, fail, fail)

    assert b"quayside_build_info{" in await measurements.render()


async def test_who_is_behind_is_asked_once_a_second_however_often_measurements_are_taken() -> None:
    asked: list[int] = []

    async def tell() -> Sequence[Standing]:
        asked.append(1)
        return []

    async def tell_backlog() -> Backlog:
        asked.append(2)
        return Backlog(0, 0.0, 0)

    async def tell_sagas() -> Sequence[SagaStanding]:
        asked.append(3)
        return []

    measurements = Measurements(PrometheusMetrics(), tell, tell_backlog, tell_sagas)
    await asyncio.gather(*(measurements.render() for _ in range(5)))

    assert asked == [1, 2, 3]


async def test_transactions_that_lost_to_others_are_counted(shop: Shop) -> None:
    for _ in range(2):
        with pytest.raises(ConcurrencyConflictError):
            async with shop.application.storage.begin() as tx:
                user = await tx.users.get(shop.ada.user.id)
                user.version += 1
                await tx.users.save(user)
    payment, received = a_payment()
    await shop.application.storage.committed_payments.save(payment, received)
    with pytest.raises(ConcurrencyConflictError):
        await shop.application.storage.committed_payments.save(evolve(payment, version=0), payment.received())

    assert await values(shop.client, "quayside_log_conflicts_total") == {"": 3}


def test_the_reference_has_every_measurement() -> None:
    metrics = PrometheusMetrics()
    metrics.watch_pool(lambda: PoolState(0, 0, 0, 0, 0, 0, 0))
    families = [
        family
        for family in text_string_to_metric_families(metrics.render().decode())
        if not family.name.endswith("_created")  # of a counter that is there already
    ]
    names = {family.name + ("_total" if family.type == "counter" else "") for family in families}

    documented = set(re.findall(r"^\| `(quayside_\w+)", REFERENCE.read_text("utf-8"), re.MULTILINE))

    assert documented == names
