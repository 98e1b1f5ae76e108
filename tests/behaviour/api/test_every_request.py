"""What is true of every request, whoever answers it."""

import asyncio
from typing import Any, cast
from uuid import UUID

import pytest
from attrs import evolve
from structlog.testing import capture_logs

from builders.payments import DECLINED
from builders.shop import PAYMENTS, Shop, serving
from quayside.core.kernel import InternalError, UnavailableError
from quayside.core.payments import ListPayments, PaymentQueries

ANYWHERE = ("/health/live", PAYMENTS, f"{PAYMENTS}/7", "/nowhere", "/schema/nowhere")


@pytest.mark.parametrize("path", ANYWHERE)
async def test_every_answer_has_a_request_id_of_its_own(shop: Shop, path: str) -> None:
    first, second = [(await shop.client.get(path)).headers["x-request-id"] for _ in range(2)]

    assert UUID(first).version == 7
    assert first != second


@pytest.mark.parametrize("request_id", ["a", "!" * 128, "order-7/retry~2"])
async def test_the_callers_request_id_is_kept(shop: Shop, request_id: str) -> None:
    response = await shop.client.get("/nowhere", headers={"X-Request-ID": request_id})

    assert response.headers["x-request-id"] == request_id
    assert response.json()["request_id"] == request_id


@pytest.mark.parametrize("request_id", ["", "a b", "x" * 129, "caf\u00e9", "tab\there"])
async def test_a_request_id_that_is_none_is_replaced(shop: Shop, request_id: str) -> None:
    response = await shop.client.get("/nowhere", headers=[(b"x-request-id", request_id.encode("latin-1"))])

    assert UUID(response.headers["x-request-id"]).version == 7


async def test_a_trace_is_continued_in_a_span_of_our_own(shop: Shop) -> None:
    sent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    response = await shop.client.get("/health/live", headers={"traceparent": sent})

    version, trace, span, flags = response.headers["traceparent"].split("-")
    assert (version, trace, flags) == ("00", "0af7651916cd43dd8448eb211c80319c", "01")
    assert span != "b7ad6b7169203331"


async def test_a_trace_of_a_later_version_is_continued(shop: Shop) -> None:
    sent = "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-the-future-holds"

    response = await shop.client.get("/health/live", headers={"traceparent": sent})

    assert response.headers["traceparent"].startswith("00-0af7651916cd43dd8448eb211c80319c-")


@pytest.mark.parametrize(
    "sent",
    [
        "nonsense",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
    ],
)
async def test_a_trace_that_is_none_is_replaced(shop: Shop, sent: str) -> None:
    response = await shop.client.get("/health/live", headers={"traceparent": sent})

    version, trace, span, flags = response.headers["traceparent"].split("-")
    assert (version, len(trace), len(span), flags) == ("00", 32, 16, "00")
    assert trace.lower() != "0af7651916cd43dd8448eb211c80319c"


async def test_what_a_request_brings_about_carries_its_trace_its_caller_and_one_correlation_id(
    shop: Shop,
) -> None:
    before = len(await shop.application.storage.events.read_all())

    response = await shop.pay()

    recorded = (await shop.application.storage.events.read_all())[before:]
    assert len(recorded) == 3
    assert {event.envelope.user_id for event in recorded} == {shop.ada.user.id}
    assert {str(event.envelope.correlation_id) for event in recorded} == {response.headers["x-request-id"]}
    assert {event.envelope.traceparent for event in recorded} == {response.headers["traceparent"]}


@pytest.mark.parametrize("path", [*ANYWHERE, "/health", "/health/ready", "/metrics", "/schema/openapi.json"])
async def test_head_is_get_without_a_body(shop: Shop, path: str) -> None:
    get = await shop.client.get(path)

    head = await shop.client.head(path)

    assert head.status_code == get.status_code
    assert head.content == b""
    assert head.headers["content-type"] == get.headers["content-type"]


async def test_an_unknown_address_is_not_found(shop: Shop) -> None:
    response = await shop.client.get("/nowhere")

    assert response.status_code == 404
    assert response.headers["content-type"] == "application/json"
    assert response.json() == {
        "error": {"code": "not_found", "message": "There is nothing at this address."},
        "request_id": response.headers["x-request-id"],
    }


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("DELETE", PAYMENTS, "GET, HEAD, OPTIONS, POST"),
        ("POST", f"{PAYMENTS}/01900000-0000-7000-8000-0000000c0571", "DELETE, GET, HEAD, OPTIONS"),
        ("POST", "/health/live", "GET, HEAD, OPTIONS"),
        ("BREW", "/health/live", "GET, HEAD, OPTIONS"),
    ],
)
async def test_another_method_is_refused_with_those_allowed(
    shop: Shop, method: str, path: str, allow: str
) -> None:
    response = await shop.client.request(method, path)

    assert response.status_code == 405
    assert response.json()["error"]["code"] == "method_not_allowed"
    assert response.headers["allow"] == allow


@pytest.mark.parametrize(
    ("path", "allow"),
    [
        (PAYMENTS, "GET, HEAD, OPTIONS, POST"),
        (f"{PAYMENTS}/01900000-0000-7000-8000-0000000c0571", "DELETE, GET, HEAD, OPTIONS"),
        ("/metrics", "GET, HEAD, OPTIONS"),
        ("/schema", "GET, HEAD, OPTIONS"),
    ],
)
async def test_options_tells_the_methods(shop: Shop, path: str, allow: str) -> None:
    response = await shop.client.options(path)

    assert response.status_code == 204
    assert response.content == b""
    assert response.headers["allow"] == allow


class FailingQueries:
    """Payments that cannot be read."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, _: str) -> object:
        async def fail(*_: object) -> None:
            raise self._error

        return fail


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (RuntimeError("SELECT sesame FROM /etc/passwd"), 500, "internal_error"),
        (InternalError("sesame", payment_id="sesame"), 500, "internal_error"),
        (TimeoutError("sesame"), 500, "internal_error"),
        (UnavailableError("Try again."), 503, "service_unavailable"),
    ],
)
async def test_nothing_internal_leaves_when_something_breaks(
    shop: Shop, error: Exception, status: int, code: str
) -> None:
    failing = ListPayments(cast(PaymentQueries, FailingQueries(error)))
    payments = evolve(shop.application.payments, list_payments=failing)
    application = evolve(shop.application, payments=payments)

    async with serving(application, shop.ada.token) as client:
        response = await client.get(PAYMENTS)

    assert response.status_code == status
    assert response.json()["error"]["code"] == code
    assert response.json()["request_id"] == response.headers["x-request-id"]
    assert ("retry-after" in response.headers) == (status == 503)
    assert "sesame" not in response.text


async def test_each_request_is_one_log_line_without_its_path_or_body(shop: Shop) -> None:
    with capture_logs(processors=[]) as lines:
        response = await shop.pay(DECLINED)

    line = next(line for line in lines if line["event"] == "request")
    assert line.pop("duration_ms") > 0
    assert line == {
        "event": "request",
        "log_level": "info",
        "method": "POST",
        "route": PAYMENTS,
        "status": 402,
        "user_id": str(shop.ada.user.id),
    }
    assert response.status_code == 402


@pytest.mark.parametrize("path", [f"{PAYMENTS}/{{id}}", PAYMENTS, "/api/v1/auth/me", "/api/v1/auth/sessions"])
async def test_a_request_is_answered_in_one_task(shop: Shop, path: str) -> None:
    payment = await shop.has_taken()
    begun = []

    def remembered(loop: asyncio.AbstractEventLoop, coroutine: Any, **options: Any) -> asyncio.Task[Any]:
        begun.append(coroutine)
        return asyncio.Task(coroutine, loop=loop, **options)

    asyncio.get_running_loop().set_task_factory(remembered)
    response = await shop.client.get(path.format(**payment))

    assert response.status_code == 200
    assert (
        begun == []
    )  # a task for each thing that a handler is given would cost as much as a trip to the database
