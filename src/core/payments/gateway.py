"""What is asked of a payment gateway, and what it can answer."""

from typing import NewType, Protocol

from attrs import frozen

from ..kernel import Money
from .cards import CardDetails

CardToken = NewType("CardToken", str)
"""The gateway's stand-in for a card."""


@frozen
class Declined:
    """
    The gateway understood, and refused.

    Args:
        code: ``insufficient_funds``, ``expired_card`` … (the gateway's vocabulary, which follows Stripe's).
        message: For a person.
    """

    code: str
    message: str


@frozen
class Authorization:
    """Money held on a card, under the gateway's own id."""

    id: str
    amount: Money


@frozen
class Captured:
    """Money taken out of a hold."""

    amount: Money


@frozen
class Voided:
    """A hold released before any of it was taken."""


@frozen
class Refunded:
    """Captured money given back, under the gateway's own id."""

    id: str
    amount: Money


@frozen
class GatewayRecord:
    """
    What the gateway has on one authorization.

    Args:
        outcome: How the authorization was answered.
        captured: Taken so far; zero while it is only held.
        refunded: Given back so far.
        voided: Whether the hold was released.
    """

    outcome: Authorization | Declined
    captured: Money
    refunded: Money
    voided: bool


class PaymentGateway(Protocol):
    """
    A system outside that moves money. Contract: tests/contract/test_payment_gateway.py.

    Each call that moves money takes an idempotency key: the same key gives the same answer, however often it is sent,
    and moves money once. Any call may raise:

    - `GatewayUnreachableError`: it surely did nothing;
    - `GatewayOutcomeUnknownError`: it may have done it; `look_up` or the same key again tells;
    - `GatewayRejectedError`: the request itself was wrong, e.g. one key for two different requests.
    """

    async def tokenize(self, card: CardDetails, *, is_kept: bool = False) -> CardToken | Declined:
        """
        Exchange a card for a token that stands for it.

        Args:
            is_kept: Whether it is to stand for it from then on, and not for one authorization alone.
        """
        ...

    async def authorize(self, key: str, token: CardToken, amount: Money) -> Authorization | Declined:
        """Hold *amount* on the card."""
        ...

    async def capture(self, key: str, authorization_id: str, amount: Money) -> Captured | Declined:
        """Take *amount* out of the hold, once; what is left of the hold is released."""
        ...

    async def void(self, key: str, authorization_id: str) -> Voided | Declined:
        """Release the hold; declined where it was captured."""
        ...

    async def refund(self, key: str, authorization_id: str, amount: Money) -> Refunded | Declined:
        """Give *amount* of what was captured back, repeatedly, never more than was captured."""
        ...

    async def look_up(self, authorization_key: str) -> GatewayRecord | None:
        """What became of the authorization asked for under *authorization_key*; None if it never arrived."""
        ...

    async def health(self) -> None:
        """
        Raises:
            GatewayUnreachableError: it does not answer.
        """
        ...
