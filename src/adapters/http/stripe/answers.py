"""What Stripe's answers say, in the words of the port."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from ....core.kernel import Money, QuaysideError
from ....core.payments import (
    Authorization,
    Declined,
    GatewayOutcomeUnknownError,
    GatewayRecord,
    GatewayRejectedError,
    Refunded,
)
from .amounts import from_stripe
from .client import Json, Refusal

KEY = "quayside_key"
"""The metadata by which a PaymentIntent or Refund is found again: the key that it was asked for under."""

CAPTURE_KEY = "quayside_capture_key"
"""The metadata of a PaymentIntent that tells under which key it was captured."""

_HELD = frozenset({"requires_capture", "succeeded", "canceled"})
_NOT_REFUNDED = frozenset({"failed", "canceled"})


@contextmanager
def readable() -> Iterator[None]:
    """
    Read an answer inside this.

    Raises:
        GatewayOutcomeUnknownError: it is not as Stripe's are.
    """
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise GatewayOutcomeUnknownError("the answer is not as it should be") from error


def declined(refusal: Refusal) -> Declined:
    """
    What the card's issuer, or Stripe on its behalf, refused.

    Raises:
        GatewayRejectedError: it was no matter of the card.
    """
    if refusal.kind != "card_error":
        raise rejected(refusal)
    return Declined(refusal.decline_code or refusal.code, refusal.message or "The card was declined.")


def rejected(refusal: Refusal) -> GatewayRejectedError:
    """What is told where Stripe does not take a request; its words stay out, because they may repeat what was sent."""
    return GatewayRejectedError(f"{refusal.status} {refusal.kind} {refusal.code}")


def money(count: int, currency: str) -> Money:
    """
    What Stripe counts so.

    Raises:
        GatewayOutcomeUnknownError: that is no amount.
    """
    try:
        amount = from_stripe(count, currency)
    except QuaysideError as error:
        raise GatewayOutcomeUnknownError("the answer is in no currency that is known") from error
    if amount is None:
        raise GatewayOutcomeUnknownError("the answer is about a fraction of the least unit")
    return amount


def authorization(intent: Json) -> Authorization | Declined:
    """
    How the authorization that *intent* stands for was answered.

    Raises:
        GatewayOutcomeUnknownError: it is not answered yet.
    """
    error = intent.get("last_payment_error")
    if intent["status"] == "requires_action":
        return Declined("authentication_required", "The card wants its holder to authenticate.")
    if error:
        code = error.get("decline_code") or error.get("code") or "card_declined"
        return Declined(code, error.get("message") or "The card was declined.")
    if intent["status"] in _HELD:
        return Authorization(intent["id"], money(intent["amount"], intent["currency"]))
    raise GatewayOutcomeUnknownError(f"the authorization is {intent['status']}")


def captured(intent: Json) -> Money:
    """What was taken out of the hold that *intent* stands for."""
    return money(intent["amount_received"], intent["currency"])


def record(intent: Json, refunds: Sequence[Json]) -> GatewayRecord:
    """All that Stripe has on one authorization."""
    currency = intent["currency"]
    given_back = sum(refund["amount"] for refund in refunds if refund["status"] not in _NOT_REFUNDED)
    return GatewayRecord(
        outcome=authorization(intent),
        captured=captured(intent),
        refunded=money(given_back, currency),
        voided=intent["status"] == "canceled",
    )


def refunded(refund: Json) -> Refunded | Declined:
    """How *refund* was answered; one that is still pending counts as done, because Stripe goes on with it."""
    if refund["status"] in _NOT_REFUNDED:
        return Declined(refund.get("failure_reason") or "refund_failed", "The refund was refused.")
    return Refunded(refund["id"], money(refund["amount"], refund["currency"]))
