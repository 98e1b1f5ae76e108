"""One authorization in the sandbox's books: a short history, from which every answer follows."""

import json
from typing import Any, Literal

from attrs import evolve, frozen

from ...core.kernel import Money
from ...core.payments import (
    Authorization,
    Captured,
    Declined,
    GatewayRecord,
    GatewayRejectedError,
    Refunded,
    Voided,
)
from .cards import DECLINES, Behaviour

Answer = Captured | Voided | Refunded | Declined


@frozen
class Operation:
    """
    Something asked of a hold, under the caller's idempotency key.

    Args:
        minor: Count of minor units; 0 for a void.
    """

    key: str
    kind: Literal["capture", "void", "refund"]
    minor: int


def _record_after(answer: Answer, before: GatewayRecord) -> GatewayRecord:
    match answer:
        case Captured(amount):
            return evolve(before, captured=amount)
        case Refunded(_, amount):
            return evolve(before, refunded=before.refunded + amount)
        case Voided():
            return evolve(before, voided=True)
        case Declined():
            return before


@frozen
class Hold:
    """
    An authorization asked for, and every operation on it in order.

    Each operation's answer depends on those before it alone, so the same key gives the same answer for ever.
    """

    id: str
    key: str
    behaviour: Behaviour
    amount: Money
    operations: tuple[Operation, ...] = ()

    def outcome(self) -> Authorization | Declined:
        """How the authorization was answered."""
        return DECLINES.get(self.behaviour) or Authorization(self.id, self.amount)

    def with_operation(self, operation: Operation) -> "Hold":
        """
        This hold after *operation*; itself if it was asked before under the same key.

        Raises:
            GatewayRejectedError: the key was used for something else.
        """
        before = next((known for known in self.operations if known.key == operation.key), None)
        if before is None:
            return evolve(self, operations=(*self.operations, operation))
        if before != operation:
            raise GatewayRejectedError("this idempotency key was used for another request")
        return self

    def answer_to(self, key: str) -> Answer:
        """What the operation under *key* was answered."""
        asked = [operation.key for operation in self.operations].index(key)
        return self._history()[asked][0]

    def record(self) -> GatewayRecord:
        """Where the hold stands after all of its operations."""
        history = self._history()
        return history[-1][1] if history else self._untouched()

    def _untouched(self) -> GatewayRecord:
        return GatewayRecord(self.outcome(), self._money(0), self._money(0), voided=False)

    def _history(self) -> list[tuple[Answer, GatewayRecord]]:
        history = []
        record = self._untouched()
        for operation in self.operations:
            answer = self._answer(operation, record)
            record = _record_after(answer, record)
            history.append((answer, record))
        return history

    def _answer(self, operation: Operation, before: GatewayRecord) -> Answer:
        amount = self._money(operation.minor)
        if isinstance(before.outcome, Declined):
            return Declined("authorization_declined", "There is no hold: the authorization was declined.")
        match operation.kind:
            case "capture":
                return self._refusal_to_capture(amount, before) or Captured(amount)
            case "void":
                return self._refusal_to_void(before) or Voided()
            case "refund":
                return self._refusal_to_refund(amount, before) or Refunded(f"re_{operation.key}", amount)

    def _refusal_to_capture(self, amount: Money, before: GatewayRecord) -> Declined | None:
        if self.behaviour is Behaviour.CAPTURE_DECLINED:
            return Declined("capture_declined", "The capture was refused.")
        if before.voided or before.captured.minor:
            return Declined("authorization_not_open", "The hold was captured or voided before.")
        if not 0 < amount.minor <= self.amount.minor:
            return Declined(
                "amount_out_of_range", "A capture takes more than nothing, and no more than is held."
            )
        return None

    def _refusal_to_void(self, before: GatewayRecord) -> Declined | None:
        if before.captured.minor:
            return Declined("authorization_not_open", "The hold was captured before.")
        return None

    def _refusal_to_refund(self, amount: Money, before: GatewayRecord) -> Declined | None:
        if not 0 < amount.minor <= before.captured.minor - before.refunded.minor:
            return Declined("amount_out_of_range", "A refund gives back no more than was captured.")
        return None

    def _money(self, minor: int) -> Money:
        return Money.from_minor(minor, self.amount.currency)

    def to_json(self) -> str:
        """The document that the books keep."""
        return json.dumps(
            {
                "id": self.id,
                "key": self.key,
                "behaviour": self.behaviour,
                "amount_minor": self.amount.minor,
                "currency": self.amount.currency,
                "operations": [[done.key, done.kind, done.minor] for done in self.operations],
            }
        )

    @classmethod
    def from_json(cls, document: str) -> "Hold":
        """The hold that `to_json` wrote."""
        values: dict[str, Any] = json.loads(document)
        return cls(
            id=values["id"],
            key=values["key"],
            behaviour=Behaviour(values["behaviour"]),
            amount=Money.from_minor(values["amount_minor"], values["currency"]),
            operations=tuple(Operation(*operation) for operation in values["operations"]),
        )
