"""Taking payments, and showing them to whom they concern."""

from copy import copy
from typing import NoReturn, overload

from attrs import evolve, frozen

from ..eventlog import Event
from ..kernel import (
    Clock,
    IdFactory,
    Money,
    OutcomeUnknownError,
    Page,
    PageRequest,
    Permission,
    Principal,
    Slice,
    SliceRequest,
    UnavailableError,
    UserId,
)
from ..kernel.validation import Form
from .cards import CardDetails
from .entities import Payment, PaymentFailure
from .errors import (
    CardDeclinedError,
    GatewayOutcomeUnknownError,
    GatewayUnreachableError,
    PaymentNotChargedError,
    PaymentNotFoundError,
)
from .gateway import Declined, PaymentGateway
from .ids import PaymentId
from .ports import Begin, PaymentFilter, PaymentQueries
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

    async def __call__(
        self,
        request: PaymentRequest,
        *,
        payment_id: PaymentId | None = None,
        created_by: UserId | None = None,
    ) -> Payment:
        """
        Take the payment that *request* describes, as *created_by*.

        Args:
            payment_id: What it is to be known by; a new id if the caller has none.

        Returns:
            The payment: ``Completed``, or ``Processing`` where it is only to be held. Where it cannot be told what
            the gateway did, or that cannot be recorded now, ``awaits_gateway`` is true, and the payment is as it was
            last recorded.

        Raises:
            ValidationFailedError: with every rule that the request breaks; nothing is recorded.
            CardDeclinedError: kept as ``Failed``.
            PaymentNotChargedError: the gateway could not be reached; kept as ``Failed``.
        """
        self.rules.check(request)
        payment = self._received(request, payment_id, created_by)
        await self._save(payment, payment.received())
        try:
            payment = await self._authorized(payment, request.paying_card_details)
            if payment.captures_at_once:
                payment = await self._captured(payment)
        except (OutcomeUnknownError, UnavailableError):
            # Money may have moved, so this is no error to be answered with "try again": what is recorded stands.
            pass
        return payment

    def _received(
        self, request: PaymentRequest, payment_id: PaymentId | None, created_by: UserId | None
    ) -> Payment:
        card_number = request.paying_card_details.card_number
        return Payment(
            id=payment_id or PaymentId(self.new_id()),
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

    async def _authorized(self, payment: Payment, card: CardDetails) -> Payment:
        try:
            token = await self.gateway.tokenize(card)
            answer = await self.gateway.authorize(f"{payment.id}/authorize", token, payment.amount)
        except GatewayUnreachableError as error:
            await self._fail(payment, PaymentFailure(error.code, error.message))
            raise PaymentNotChargedError(payment.id) from error
        if isinstance(answer, Declined):
            await self._decline(payment, answer)
        held = copy(payment)
        await self._save(held, held.authorize(answer.id, at=self.clock()))
        return held

    async def _captured(self, payment: Payment) -> Payment:
        hold = payment.authorization_id
        assert hold is not None
        try:
            answer = await self.gateway.capture(f"{payment.id}/capture", hold, payment.amount)
            if isinstance(answer, Declined):
                await self._release(payment, hold)
        except GatewayUnreachableError as error:
            # The hold stands, so this is no failure yet: it is settled like an answer that was lost.
            raise GatewayOutcomeUnknownError("the authorization stands") from error
        if isinstance(answer, Declined):
            await self._decline(payment, answer)
        completed = copy(payment)
        await self._save(completed, completed.capture(answer.amount, at=self.clock()))
        return completed

    async def _release(self, payment: Payment, hold: str) -> None:
        released = await self.gateway.void(f"{payment.id}/void", hold)
        if isinstance(released, Declined):
            raise GatewayOutcomeUnknownError("the authorization was neither captured nor released")

    async def _decline(self, payment: Payment, declined: Declined) -> NoReturn:
        await self._fail(payment, PaymentFailure(declined.code, declined.message))
        raise CardDeclinedError(payment.id, declined.code)

    async def _fail(self, payment: Payment, failure: PaymentFailure) -> None:
        failed = copy(payment)
        await self._save(failed, failed.fail(failure, at=self.clock()))

    async def _save(self, payment: Payment, event: Event) -> None:
        async with self.begin() as tx:
            await tx.payments.save(payment, event)


@frozen
class FindPayment:
    """Show a payment to who may see it: whoever made it, and who sees all."""

    payments: PaymentQueries

    async def __call__(self, principal: Principal, payment_id: PaymentId) -> Payment:
        """
        Raises:
            PaymentNotFoundError: there is none, or the caller may not see it.
        """
        payment = await self.payments.get(payment_id)
        if payment.created_by != principal.user_id and not principal.sees_all(Permission.PAYMENTS_READ_ALL):
            raise PaymentNotFoundError(payment_id)
        return payment


@frozen
class ListPayments:
    """List the payments that the caller may see."""

    payments: PaymentQueries

    @overload
    async def __call__(
        self, principal: Principal, wanted: PaymentFilter, which: PageRequest
    ) -> Page[Payment]: ...

    @overload
    async def __call__(
        self, principal: Principal, wanted: PaymentFilter, which: SliceRequest
    ) -> Slice[Payment]: ...

    async def __call__(
        self, principal: Principal, wanted: PaymentFilter, which: PageRequest | SliceRequest
    ) -> Page[Payment] | Slice[Payment]:
        """Those that *wanted* lets through and the caller made, or all of them for who sees all; newest first."""
        if not principal.sees_all(Permission.PAYMENTS_READ_ALL):
            wanted = evolve(wanted, created_by=principal.user_id)
        if isinstance(which, SliceRequest):
            return await self.payments.list_after(wanted, which)
        return await self.payments.list(wanted, which)
