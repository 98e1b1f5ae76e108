"""The payment gateway that is Stripe."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from attrs import define, field

from ....core.kernel import Money, Secret
from ....core.payments import (
    Authorization,
    Captured,
    CardDetails,
    CardToken,
    Declined,
    GatewayOutcomeUnknownError,
    GatewayRecord,
    GatewayRejectedError,
    GatewayUnreachableError,
    Refunded,
    Voided,
)
from .amounts import to_stripe
from .answers import (
    CAPTURE_KEY,
    KEY,
    authorization,
    captured,
    declined,
    money,
    readable,
    record,
    refunded,
    rejected,
)
from .client import Json, Refusal, StripeClient

_NO_SUCH_AMOUNT = Declined("amount_not_supported", "Stripe takes no such amount of this currency.")
_NOT_OPEN = Declined("authorization_not_open", "The hold was captured or voided before.")
_OUT_OF_RANGE = Declined("amount_out_of_range", "It takes more than nothing, and no more than there is.")
_MOST_A_PAGE = "100"


@define(eq=False)
class StripeGateway:
    """
    A `PaymentGateway` over Stripe's PaymentIntents, captured by hand. Use it as an asynchronous context manager.

    Where Stripe refuses to go on with a PaymentIntent, how that stands decides what the refusal means, and not its
    words. What Stripe did is found by the key in its metadata even after Stripe has forgotten the key itself.

    Args:
        base_url: Where the API is.
        timeout_s: How long to wait for a connection, or for more of an answer.

    Source: https://docs.stripe.com/api/idempotent_requests, https://docs.stripe.com/payments/place-a-hold-on-a-payment-method
    """

    _api_key: Secret
    _base_url: str = field(default="https://api.stripe.com", kw_only=True)
    _timeout_s: float = field(default=10.0, kw_only=True)
    _client: StripeClient = field(init=False)
    _stack: AsyncExitStack = field(factory=AsyncExitStack, init=False)

    async def __aenter__(self) -> Self:
        client = StripeClient(self._api_key, self._base_url, self._timeout_s)
        self._client = await self._stack.enter_async_context(client)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def tokenize(self, card: CardDetails, *, is_kept: bool = False) -> CardToken | Declined:
        form = {
            "type": "card",
            "card[number]": card.card_number.reveal(),
            "card[exp_month]": str(card.expiry_month),
            "card[exp_year]": str(card.expiry_year),
            "card[cvc]": card.cvv.reveal(),
            "billing_details[name]": card.cardholder_name,
        }
        method = await self._client.store("/v1/payment_methods", form)
        if isinstance(method, Refusal):
            return declined(method)
        if not is_kept:
            return CardToken(_id_of(method))
        # Stripe lets a PaymentMethod be used once, unless it belongs to a Customer.
        customer = await self._client.store("/v1/customers", {"payment_method": _id_of(method)})
        if isinstance(customer, Refusal):
            return declined(customer)
        return CardToken(f"{_id_of(customer)}/{_id_of(method)}")

    async def authorize(self, key: str, token: CardToken, amount: Money) -> Authorization | Declined:
        count = to_stripe(amount)
        if count is None:
            return _NO_SUCH_AMOUNT
        customer, _, method = token.rpartition("/")
        form = {
            "amount": str(count),
            "currency": amount.currency.lower(),
            "payment_method": method,
            "payment_method_types[]": "card",
            "capture_method": "manual",
            "confirm": "true",
            "error_on_requires_action": "true",
            f"metadata[{KEY}]": key,
        } | ({"customer": customer} if customer else {})
        intent = await self._client.move(key, "/v1/payment_intents", form)
        if isinstance(intent, Refusal):
            return declined(intent)
        with readable():
            return authorization(intent)

    async def capture(self, key: str, authorization_id: str, amount: Money) -> Captured | Declined:
        intent = await self._intent(authorization_id, amount)
        count = to_stripe(amount)
        if count is None:
            return _NO_SUCH_AMOUNT
        if count <= 0:
            return _OUT_OF_RANGE
        form = {"amount_to_capture": str(count), f"metadata[{CAPTURE_KEY}]": key}
        answer = await self._client.move(key, f"/v1/payment_intents/{authorization_id}/capture", form)
        if not isinstance(answer, Refusal):
            with readable():
                return Captured(captured(answer))
        intent = await self._intent(authorization_id, amount)
        with readable():
            if intent["metadata"].get(CAPTURE_KEY) == key:
                return Captured(captured(intent))
            if intent["status"] != "requires_capture":
                return _NOT_OPEN
            if count > intent["amount"]:
                return _OUT_OF_RANGE
        return declined(answer)

    async def void(self, key: str, authorization_id: str) -> Voided | Declined:
        answer = await self._client.move(key, f"/v1/payment_intents/{authorization_id}/cancel", {})
        if not isinstance(answer, Refusal):
            return Voided()
        intent = await self._intent(authorization_id)
        with readable():
            match intent["status"]:
                case "canceled":
                    return Voided()
                case "succeeded":
                    return _NOT_OPEN
        raise rejected(answer)

    async def refund(self, key: str, authorization_id: str, amount: Money) -> Refunded | Declined:
        intent = await self._intent(authorization_id, amount)
        count = to_stripe(amount)
        if count is None:
            return _NO_SUCH_AMOUNT
        if count <= 0:
            return _OUT_OF_RANGE
        for known in await self._refunds(authorization_id):
            if known.get("metadata", {}).get(KEY) == key:
                return _same(known, count)
        form = {"payment_intent": authorization_id, "amount": str(count), f"metadata[{KEY}]": key}
        answer = await self._client.move(key, "/v1/refunds", form)
        if not isinstance(answer, Refusal):
            with readable():
                return refunded(answer)
        known_refunds = await self._refunds(authorization_id)
        with readable():
            there_is = record(intent, known_refunds)
            if amount > there_is.captured - there_is.refunded:
                return _OUT_OF_RANGE
        return declined(answer)

    async def look_up(self, authorization_key: str) -> GatewayRecord | None:
        query = f"metadata['{KEY}']:'{authorization_key}'"
        found = await self._client.read("/v1/payment_intents/search", query=query)
        if isinstance(found, Refusal):
            raise rejected(found)
        with readable():
            intents: list[Json] = found["data"]
        if not intents:
            await self._check_never_arrived(authorization_key)
            return None
        # The search may be behind by a minute, so it only tells which one it is.
        intent = await self._intent(_id_of(intents[0]))
        refunds = await self._refunds(_id_of(intent))
        with readable():
            return record(intent, refunds)

    async def health(self) -> None:
        answer = await self._client.read("/v1/payment_intents", limit="1")
        if isinstance(answer, Refusal):
            raise GatewayUnreachableError(f"answered with status {answer.status}")

    async def _check_never_arrived(self, key: str) -> None:
        """
        What was just asked for is not found yet. But Stripe compares what comes under a key with what came first, and
        forgets what was not valid: so a request with nothing in it changes nothing, and tells whether there was one.

        Raises:
            GatewayOutcomeUnknownError: it arrived, or is just arriving.
        """
        try:
            answer = await self._client.move(key, "/v1/payment_intents", {})
        except GatewayRejectedError as error:
            raise GatewayOutcomeUnknownError("it arrived, and cannot be found yet") from error
        if not isinstance(answer, Refusal):
            raise GatewayOutcomeUnknownError("it arrived, and cannot be found yet")

    async def _intent(self, intent_id: str, amount: Money | None = None) -> Json:
        intent = await self._client.read(f"/v1/payment_intents/{intent_id}")
        if isinstance(intent, Refusal):
            raise rejected(intent)
        with readable():
            held = money(intent["amount"], intent["currency"])
        if amount is not None and amount.currency != held.currency:
            raise GatewayRejectedError("the authorization is in another currency")
        return intent

    async def _refunds(self, intent_id: str) -> Sequence[Json]:
        refunds: list[Json] = []
        while True:
            place = {"starting_after": _id_of(refunds[-1])} if refunds else {}
            page = await self._client.read(
                "/v1/refunds", payment_intent=intent_id, limit=_MOST_A_PAGE, **place
            )
            if isinstance(page, Refusal):
                raise rejected(page)
            with readable():
                refunds += page["data"]
                if not (page["has_more"] and page["data"]):
                    return refunds


def _same(refund: Json, count: int) -> Refunded | Declined:
    with readable():
        if refund["amount"] != count:
            raise GatewayRejectedError("this idempotency key was used for another request")
        return refunded(refund)


def _id_of(thing: Json) -> str:
    with readable():
        return str(thing["id"])
