"""How the sandbox answers, decided by the card number alone."""

from collections.abc import Mapping
from enum import StrEnum

from ...core.payments import CardToken, Declined, GatewayRejectedError

_TOKEN_PREFIX = "tok_sandbox_"  # noqa: S105  a stand-in for a card, not a credential


class Behaviour(StrEnum):
    """What a card of the sandbox does when it is authorized."""

    APPROVE = "approve"
    GENERIC_DECLINE = "generic_decline"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    EXPIRED_CARD = "expired_card"
    INCORRECT_CVC = "incorrect_cvc"
    UNREACHABLE = "unreachable"
    ANSWER_LOST = "answer_lost"
    SLOW = "slow"
    CAPTURE_DECLINED = "capture_declined"


_BY_NUMBER: Mapping[str, Behaviour] = {
    "4000000000000002": Behaviour.GENERIC_DECLINE,
    "4000000000009995": Behaviour.INSUFFICIENT_FUNDS,
    "4000000000000069": Behaviour.EXPIRED_CARD,
    "4000000000000127": Behaviour.INCORRECT_CVC,
    "4000000000000119": Behaviour.UNREACHABLE,
    "4000000000000507": Behaviour.ANSWER_LOST,
    "4000000000000606": Behaviour.SLOW,
    "4000000000000705": Behaviour.CAPTURE_DECLINED,
}

DECLINES: Mapping[Behaviour, Declined] = {
    Behaviour.GENERIC_DECLINE: Declined("generic_decline", "The card was declined."),
    Behaviour.INSUFFICIENT_FUNDS: Declined("insufficient_funds", "The card has insufficient funds."),
    Behaviour.EXPIRED_CARD: Declined("expired_card", "The card has expired."),
    Behaviour.INCORRECT_CVC: Declined("incorrect_cvc", "The card's security code is incorrect."),
}
"""The behaviours that refuse an authorization, and what they answer."""


def token_for(card_number: str) -> CardToken:
    """A token that carries the card's behaviour, and nothing of its number."""
    return CardToken(_TOKEN_PREFIX + _BY_NUMBER.get(card_number, Behaviour.APPROVE))


def behaviour_of(token: CardToken) -> Behaviour:
    """
    Raises:
        GatewayRejectedError: the sandbox never gave this token.
    """
    try:
        return Behaviour(token.removeprefix(_TOKEN_PREFIX))
    except ValueError:
        raise GatewayRejectedError("no such card token") from None
