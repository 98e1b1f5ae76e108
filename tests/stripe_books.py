"""Stripe as far as we ask it for anything: in memory, and a call costs the same however many payments there are.

localstripe, which others wrote, is what our adapter is held against; but it looks through all it has at every call.
"""

from itertools import count
from typing import Any

from attrs import define, field

from builders import DECLINED
from stripe_peer import Asked, Told, an_error

_REFUSED = Told(400, an_error("payment_intent_unexpected_state", "invalid_request_error"))
_UNKNOWN = Told(404, an_error("resource_missing", "invalid_request_error"))


@define(eq=False)
class StripeBooks:
    """
    Args:
        intents: By id, each with the refunds of it.
    """

    intents: dict[str, dict[str, Any]] = field(factory=dict)
    refunds: dict[str, list[dict[str, Any]]] = field(factory=dict)
    _declined_cards: set[str] = field(factory=set)
    _ids_by_key: dict[str, str] = field(factory=dict)
    _serial: "count[int]" = field(factory=count)

    async def answer(self, asked: Asked) -> Told:
        """What Stripe would, of what comes under no key, or under a new one."""
        place = asked.path.split("/")[2:]
        return self._read(place, asked.query) if asked.method == "GET" else self._moved(place, asked.form)

    def _read(self, place: list[str], query: dict[str, str]) -> Told:
        match place:
            case ["payment_intents", "search"]:
                found = self._ids_by_key.get(query["query"].split("'")[-2])
                return Told(200, {"data": [self.intents[found]] if found else []})
            case ["payment_intents", intent_id]:
                return Told(200, self.intents[intent_id])
            case ["refunds"]:
                return Told(200, {"data": self.refunds[query["payment_intent"]], "has_more": False})
        return _UNKNOWN

    def _moved(self, place: list[str], form: dict[str, str]) -> Told:
        match place:
            case ["payment_methods"]:
                return self._tokenized(form["card[number]"])
            case ["customers"]:
                return Told(200, {"id": self._id("cus")})
            case ["payment_intents"]:
                return self._authorized(form)
            case ["payment_intents", intent_id, "capture"]:
                return self._captured(self.intents[intent_id], form)
            case ["payment_intents", intent_id, "cancel"]:
                return self._canceled(self.intents[intent_id])
            case ["refunds"]:
                return self._refunded(form)
        return _UNKNOWN

    def kept(self) -> tuple[int, int]:
        """Of how many payments money was kept, and how much in all."""
        received = [intent["amount_received"] for intent in self.intents.values()]
        given_back = [refund["amount"] for refunds in self.refunds.values() for refund in refunds]
        return sum(map(bool, received)), sum(received) - sum(given_back)

    def _id(self, kind: str) -> str:
        return f"{kind}_{next(self._serial)}"

    def _tokenized(self, number: str) -> Told:
        card = self._id("pm")
        if number == DECLINED:
            self._declined_cards.add(card)
        return Told(200, {"id": card})

    def _authorized(self, form: dict[str, str]) -> Told:
        if "amount" not in form:
            return _REFUSED
        intent_id = self._id("pi")
        is_declined = form["payment_method"] in self._declined_cards
        error = {"code": "card_declined", "decline_code": "generic_decline"} if is_declined else None
        self.intents[intent_id] = {
            "id": intent_id,
            "amount": int(form["amount"]),
            "currency": form["currency"],
            "amount_received": 0,
            "status": "requires_payment_method" if is_declined else "requires_capture",
            "last_payment_error": error,
            "metadata": _metadata(form),
        }
        self.refunds[intent_id] = []
        for key in _metadata(form).values():
            assert key not in self._ids_by_key, "asked for twice"
            self._ids_by_key[key] = intent_id
        if is_declined:
            return Told(402, an_error("card_declined", "card_error", decline_code="generic_decline"))
        return Told(200, dict(self.intents[intent_id]))

    def _captured(self, intent: dict[str, Any], form: dict[str, str]) -> Told:
        amount = int(form["amount_to_capture"])
        if intent["status"] != "requires_capture" or amount > intent["amount"]:
            return _REFUSED
        metadata = intent["metadata"] | _metadata(form)
        intent |= {"status": "succeeded", "amount_received": amount, "metadata": metadata}
        return Told(200, dict(intent))

    def _canceled(self, intent: dict[str, Any]) -> Told:
        if intent["status"] != "requires_capture":
            return _REFUSED
        intent["status"] = "canceled"
        return Told(200, dict(intent))

    def _refunded(self, form: dict[str, str]) -> Told:
        intent, before = self.intents[form["payment_intent"]], self.refunds[form["payment_intent"]]
        amount = int(form["amount"])
        if amount + sum(refund["amount"] for refund in before) > intent["amount_received"]:
            return _REFUSED
        refund = {
            "id": self._id("re"),
            "amount": amount,
            "currency": intent["currency"],
            "status": "succeeded",
            "metadata": _metadata(form),
        }
        before.append(refund)
        return Told(200, refund)


def _metadata(form: dict[str, str]) -> dict[str, str]:
    return {
        name.removeprefix("metadata[").removesuffix("]"): value
        for name, value in form.items()
        if name.startswith("metadata[")
    }
