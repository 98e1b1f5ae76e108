"""What a subscription may be declared as; how it is served is `tests/contract/test_deliveries.py`."""

from collections.abc import Callable

import pytest

from quayside.core.eventlog import ExternalSubscription, Subscription


async def _handle(*_: object) -> None:
    raise AssertionError("never given anything")


@pytest.mark.parametrize(
    "declare",
    [
        lambda: Subscription(name="tally", handle=_handle, batch=0),
        lambda: ExternalSubscription(name="tally", handle=_handle, batch=0),
        lambda: ExternalSubscription(name="tally", handle=_handle, at_once=0),
    ],
)
def test_a_subscription_to_which_no_event_could_be_given_is_refused(declare: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match="must be >= 1: 0"):
        declare()
