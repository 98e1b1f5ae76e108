"""The payment's states, held against the table of the HTTP contract."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from builders import NOON, a_payment, gbp
from quayside.core.eventlog import Event
from quayside.core.payments import (
    CaptureExceedsAuthorizationError,
    CaptureNotPositiveError,
    InvalidStateTransitionError,
    PaymentAuthorized,
    PaymentCancelled,
    PaymentCaptured,
    PaymentFailed,
    PaymentFailure,
)

# Written out by hand, so that a change of the entity's own table shows.
MODEL = {
    ("Pending", "authorize"): "Processing",
    ("Pending", "fail"): "Failed",
    ("Processing", "capture"): "Completed",
    ("Processing", "fail"): "Failed",
    ("Processing", "cancel"): "Cancelled",
}
EVENTS = {
    "authorize": PaymentAuthorized,
    "capture": PaymentCaptured,
    "fail": PaymentFailed,
    "cancel": PaymentCancelled,
}
FINAL = {"Completed", "Failed", "Cancelled"}


class PaymentStates(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.payment, _ = a_payment(gbp("50.00"))
        self.state = "Pending"
        self.captured = gbp("0.00")
        self.events: list[Event] = []

    def change(self, verb: str, *args: Any) -> bool:
        """Do *verb* as the model allows it; True if it happened."""
        wanted = MODEL.get((self.state, verb))
        try:
            event: Event = getattr(self.payment, verb)(*args, at=NOON)
        except InvalidStateTransitionError:
            assert wanted is None
            return False
        assert wanted is not None
        assert type(event) is EVENTS[verb]
        self.state = wanted
        self.events.append(event)
        return True

    @rule()
    def authorize(self) -> None:
        self.change("authorize", "auth_1")

    @rule(minor=st.integers(min_value=-1, max_value=5001))
    def capture(self, minor: int) -> None:
        amount = gbp("0.01") * minor
        try:
            if self.change("capture", amount):
                assert 1 <= minor <= 5000
                self.captured = amount
        except CaptureNotPositiveError:
            assert minor <= 0
        except CaptureExceedsAuthorizationError:
            assert minor > 5000

    @rule()
    def fail(self) -> None:
        self.change("fail", PaymentFailure("generic_decline", "Declined."))

    @rule()
    def cancel(self) -> None:
        self.change("cancel")

    @invariant()
    def it_is_as_the_model_says(self) -> None:
        assert self.payment.status == self.state
        assert self.payment.captured == self.captured

    @invariant()
    def money_was_taken_only_if_it_completed(self) -> None:
        assert (self.payment.captured.minor > 0) == (self.state == "Completed")
        assert (self.payment.failure is not None) == (self.state == "Failed")
        assert (self.payment.processed_at is not None) == (self.state in FINAL)

    @invariant()
    def nothing_follows_a_final_state(self) -> None:
        endings = [event for event in self.events if not isinstance(event, PaymentAuthorized)]
        assert len(endings) == (1 if self.state in FINAL else 0)
        assert not endings or self.events[-1] is endings[0]


TestPaymentStates = PaymentStates.TestCase
