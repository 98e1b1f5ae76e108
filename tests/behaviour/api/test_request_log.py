"""Which requests get a line in the log, and what it says of their callers."""

from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from builders.shop import PAYMENTS, Shop, open_shop, settings_of_a_shop
from quayside.entrypoints.api.request_log import RequestLog

LEFT = "f" * 16
"""The half of a trace id that is not looked at."""


@pytest.fixture
async def quiet_shop() -> AsyncIterator[Shop]:
    """A shop that writes a line on no request that it need not."""
    async with open_shop(settings_of_a_shop(log_request_sample=0)) as shop:
        yield shop


def lines_of(log: RequestLog, trace_id: str, status: int = 200, seconds: float = 0.01) -> int:
    with capture_logs() as lines:
        log.write({}, trace_id, status=status, seconds=seconds, method="GET", route="/x")
    return len(lines)


async def test_the_line_names_the_caller_where_it_is_known(shop: Shop) -> None:
    with capture_logs() as lines:
        await shop.client.get(PAYMENTS)
        await shop.visitor().get(PAYMENTS)
        await shop.client.get("/health/live")

    assert [line.get("user_id") for line in lines] == [str(shop.ada.user.id), None, None]


async def test_a_share_of_nothing_writes_of_what_was_refused_alone(quiet_shop: Shop) -> None:
    with capture_logs() as lines:
        await quiet_shop.client.get(PAYMENTS)
        await quiet_shop.client.get("/nowhere")

    assert [line["status"] for line in lines] == [404]


@pytest.mark.parametrize(
    ("share", "right", "written"),
    [
        (0.0, "0" * 15 + "1", False),
        (0.25, "3" + "f" * 15, True),
        (0.25, "4" + "0" * 15, False),
        (1.0, "f" * 16, True),
    ],
)
def test_the_trace_decides_whether_a_request_is_in_the_share(share: float, right: str, written: bool) -> None:  # noqa: FBT001
    assert lines_of(RequestLog(share), LEFT + right) == written


@pytest.mark.parametrize(("status", "seconds"), [(400, 0.01), (499, 0.01), (503, 0.01), (200, 1.0)])
def test_what_failed_or_was_slow_is_always_written(status: int, seconds: float) -> None:
    assert lines_of(RequestLog(share=0), LEFT + LEFT, status, seconds) == 1
