"""Taking payments, and showing them to whom they concern."""

from copy import copy
from typing import overload

from attrs import evolve, frozen

from ..eventlog import Event
from ..kernel import (
    Clock,
    ConcurrencyConflictError,
    ExternalServiceError,
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
from .entities import Payment, PaymentFailure, PaymentStatus
from .errors import (
    CardDeclinedError,
    GatewayOutcomeUnknownError,
    GatewayUnreachableError,
    PaymentNotChargedError,
    PaymentNotFoundError,
)
from .gateway import Authorization, Declined, PaymentGateway
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
            payment_id: What it is to be known by; a new id if the caller has none. A payment of that id that was begun
                before is taken on from what is recorded of it, under the same keys: it is charged once.

        Returns:
            The payment: ``Completed``, or ``Processing`` where it is only to be held. Where it cannot be told what
            the gateway did, or that cannot be recorded now, ``awaits_gateway`` is true, and the payment is as it was
            last recorded.

        Raises:
            ValidationFailedError: with every rule that the request breaks; nothing is recorded.
            CardDeclinedError: kept as ``Failed``.
            PaymentNotChargedError: the gateway could not be reached; kept as ``Failed``.
            ConcurrencyConflictError: *payment_id* is that of a payment which was asked for otherwise.
        """
        self.rules.check(request)
        asked = self._received(request, payment_id, created_by)
        try:
            await self._save(asked, asked.received())
        except ConcurrencyConflictError:
            begun = await self._recorded(asked.id)
            if not begun.is_asked_for_by(asked):
                raise
            payment = await self._settled(begun, request.paying_card_details, is_new=False)
        else:
            payment = await self._settled(asked, request.paying_card_details, is_new=True)
        return _unless_failed(payment)

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

    async def _settled(self, payment: Payment, card: CardDetails, *, is_new: bool) -> Payment:
        """The payment with everything done that was not yet; as far as that could be done, and recorded."""
        try:
            while payment.awaits_gateway and not payment.needs_attention:
                try:
                    if payment.status is PaymentStatus.PENDING:
                        payment = await self._authorized(payment, card, is_new=is_new)
                    else:
                        payment = await self._captured(payment)
                except ConcurrencyConflictError:
                    # Somebody else has taken it on as well; the gateway did it once, and what they recorded counts.
                    payment, is_new = await self._recorded(payment.id), False
        except (OutcomeUnknownError, UnavailableError):
            # Money may have moved, so this is no error to be answered with "try again": what is recorded stands.
            pass
        return payment

    async def _authorized(self, payment: Payment, card: CardDetails, *, is_new: bool) -> Payment:
        try:
            answer = await self._authorization(payment, card, is_new=is_new)
        except GatewayUnreachableError as error:
            if not is_new:
                # This time it surely did nothing; the time before is another matter.
                raise GatewayOutcomeUnknownError("the payment was begun before") from error
            return await self._failed(payment, PaymentFailure(error.code, error.message))
        if isinstance(answer, Declined):
            return await self._failed(payment, PaymentFailure(answer.code, answer.message))
        held = copy(payment)
        await self._save(held, held.authorize(answer.id, at=self.clock()))
        return held

    async def _authorization(
        self, payment: Payment, card: CardDetails, *, is_new: bool
    ) -> Authorization | Declined:
        key = f"{payment.id}/authorize"
        known = None if is_new else await self.gateway.look_up(key)
        if known is not None:
            return known.outcome
        return await self.gateway.authorize(key, await self.gateway.tokenize(card), payment.amount)

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
            return await self._failed(payment, PaymentFailure(answer.code, answer.message))
        completed = copy(payment)
        await self._save(completed, completed.capture(answer.amount, at=self.clock()))
        return completed

    async def _release(self, payment: Payment, hold: str) -> None:
        released = await self.gateway.void(f"{payment.id}/void", hold)
        if isinstance(released, Declined):
            raise GatewayOutcomeUnknownError("the authorization was neither captured nor released")

    async def _failed(self, payment: Payment, failure: PaymentFailure) -> Payment:
        failed = copy(payment)
        await self._save(failed, failed.fail(failure, at=self.clock()))
        return failed

    async def _save(self, payment: Payment, event: Event) -> None:
        async with self.begin() as tx:
            await tx.payments.save(payment, event)

    async def _recorded(self, payment_id: PaymentId) -> Payment:
        async with self.begin() as tx:
            return await tx.payments.get(payment_id)


def _unless_failed(payment: Payment) -> Payment:
    failure = payment.failure
    if failure is None:
        return payment
    if failure.code == ExternalServiceError.code:
        raise PaymentNotChargedError(payment.id)
    raise CardDeclinedError(payment.id, failure.code)


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
            raise PaymentNotFoundError(payment_id, hidden=True)
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
