"""Taking a payment."""

from typing import NoReturn

from attrs import frozen

from ..eventlog import Event
from ..kernel import Clock, IdFactory, Money, UserId
from ..kernel.validation import Form
from .cards import CardDetails
from .entities import Payment, PaymentFailure
from .errors import (
    CardDeclinedError,
    GatewayOutcomeUnknownError,
    GatewayUnreachableError,
    PaymentNotChargedError,
)
from .gateway import Authorization, Declined, PaymentGateway
from .ids import PaymentId
from .ports import Begin
from .requests import PaymentRequest


@frozen
class ProcessPayment:
    """
    Take a payment: record the intent, ask the gateway, record the outcome.

    No transaction is open while the gateway is asked. Whatever happens in between, the recorded intent and the
    gateway's idempotency keys, which derive from the payment's id, tell later what became of it.
    """

    begin: Begin
    gateway: PaymentGateway
    rules: Form
    clock: Clock
    new_id: IdFactory

    async def __call__(self, request: PaymentRequest, *, created_by: UserId | None = None) -> Payment:
        """
        Take the payment that *request* describes, as *created_by*.

        Returns:
            The payment: ``Completed``, or ``Processing`` where it is only to be held. Where the gateway's answer is
            not known, ``awaits_gateway`` is true, and the payment is left as it was last recorded.

        Raises:
            ValidationFailedError: with every rule that the request breaks; nothing is recorded.
            CardDeclinedError: kept as ``Failed``.
            PaymentNotChargedError: the gateway could not be reached; kept as ``Failed``.
        """
        self.rules.check(request)
        payment = self._received(request, created_by)
        await self._save(payment, payment.received())
        try:
            hold = await self._authorize(payment, request.paying_card_details)
            if payment.captures_at_once:
                await self._capture(payment, hold)
        except GatewayOutcomeUnknownError:
            pass
        return payment

    def _received(self, request: PaymentRequest, created_by: UserId | None) -> Payment:
        card_number = request.paying_card_details.card_number
        return Payment(
            id=PaymentId(self.new_id()),
            amount=Money.of(request.amount, request.currency),
            customer_id=request.customer_id,
            card_id=request.card_id,
            card_last4=card_number.last4,
            card_brand=card_number.brand,
            description=request.description,
            metadata=request.metadata or {},
            captures_at_once=request.capture,
            created_by=created_by,
            created_at=self.clock(),
        )

    async def _authorize(self, payment: Payment, card: CardDetails) -> Authorization:
        try:
            token = await self.gateway.tokenize(card)
            answer = await self.gateway.authorize(f"{payment.id}/authorize", token, payment.amount)
        except GatewayUnreachableError as error:
            failure = PaymentFailure(error.code, error.message)
            await self._save(payment, payment.fail(failure, at=self.clock()))
            raise PaymentNotChargedError(payment.id) from error
        if isinstance(answer, Declined):
            await self._decline(payment, answer)
        await self._save(payment, payment.authorize(answer.id, at=self.clock()))
        return answer

    async def _capture(self, payment: Payment, hold: Authorization) -> None:
        try:
            answer = await self.gateway.capture(f"{payment.id}/capture", hold.id, payment.amount)
            if isinstance(answer, Declined):
                await self.gateway.void(f"{payment.id}/void", hold.id)
        except GatewayUnreachableError as error:
            # The hold stands, so this is no failure yet: it is settled like an answer that was lost.
            raise GatewayOutcomeUnknownError("the authorization stands") from error
        if isinstance(answer, Declined):
            await self._decline(payment, answer)
        await self._save(payment, payment.capture(answer.amount, at=self.clock()))

    async def _decline(self, payment: Payment, declined: Declined) -> NoReturn:
        failure = PaymentFailure(declined.code, declined.message)
        await self._save(payment, payment.fail(failure, at=self.clock()))
        raise CardDeclinedError(payment.id, declined.code)

    async def _save(self, payment: Payment, event: Event) -> None:
        async with self.begin() as tx:
            await tx.payments.save(payment, event)
