"""One of many payments: read, known by its key, taken, and answered as if it had been asked for alone."""

from asyncio import CancelledError, Lock
from collections import defaultdict
from typing import Any
from uuid import UUID

import msgspec
from attrs import field, frozen
from litestar import Request

from ...core.kernel import FieldError, Principal, ValidationFailedError, derived_uuid7
from ...core.payments import PaymentId, PaymentRequest
from ..composition import Application
from .batch_models import PaymentResult
from .errors import refusal_of
from .exact_json import JsonObject
from .first_answers import end_claim, leave_claim
from .idempotency import claim_of
from .idempotency_keys import key_in
from .payment_models import CreatePaymentRequest, PaymentResponse, status_of
from .served import served_by

_KEPT = msgspec.json.Decoder(PaymentResult)

Item = tuple[int, JsonObject | object]
"""Its place in the request, and what was sent."""


@frozen
class BatchItems:
    """
    Takes the items of one request.

    Args:
        operation_id: What the whole is known by; an item without a key of its own has its id from there.
        begun: Which payments were begun, by the places of their items.
    """

    request: Request[Any, Any, Any]
    operation_id: UUID
    begun: dict[int, PaymentId] = field(factory=dict, init=False)
    # Those that have the same key come one after the other: the first is answered, and the others are answered alike.
    _turns: defaultdict[str, Lock] = field(factory=lambda: defaultdict(Lock), init=False)

    async def take(self, item: Item) -> PaymentResult:
        """What becomes of *item*; whatever is wrong with it is its result."""
        index, sent = item
        try:
            return await self._result(index, sent)
        except Exception as error:  # noqa: BLE001 - the other items go on
            return self.refused(index, error)

    def refused(self, index: int, error: Exception) -> PaymentResult:
        """That the item at *index* failed."""
        return PaymentResult.refused(index, refusal_of(error, self.begun.get(index)))

    async def _result(self, index: int, sent: JsonObject | object) -> PaymentResult:
        if not isinstance(sent, JsonObject):
            raise ValidationFailedError([FieldError(f"payments.{index}", "must be an object", "wrong_type")])
        key, sent = key_in((), sent)
        asked = CreatePaymentRequest.read(sent, self._application).to_domain()
        if key is None:
            return await self._taken(index, asked, derived_uuid7(self.operation_id, str(index)))
        self._application.payments.process_payment.rules.check(asked)
        async with self._turns[key]:
            return await self._taken_once(index, asked, key, sent)

    async def _taken_once(
        self, index: int, asked: PaymentRequest, key: str, sent: JsonObject
    ) -> PaymentResult:
        claim = await claim_of(self.request, key, sent.members, part=" item")
        if isinstance(claim, bytes):
            return _KEPT.decode(claim).at(index)
        keys = self._application.idempotency.keys
        try:
            result = await self._taken(index, asked, claim.operation_id)
        except CancelledError:
            await leave_claim(claim, keys)
            raise
        except Exception as error:  # noqa: BLE001 - it is this item's answer
            result = self.refused(index, error)
        await end_claim(claim, result.status, msgspec.json.encode(result), keys)
        return result

    async def _taken(self, index: int, asked: PaymentRequest, payment_id: UUID) -> PaymentResult:
        principal: Principal = self.request.user
        self.begun[index] = PaymentId(payment_id)
        payment = await self._application.payments.process_payment(
            asked, payment_id=self.begun[index], created_by=principal.user_id
        )
        return PaymentResult(index=index, status=status_of(payment), payment=PaymentResponse.of(payment))

    @property
    def _application(self) -> Application:
        return served_by(self.request.scope).application
