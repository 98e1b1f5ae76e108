"""What the gateway is asked for, and how its answers are recorded: one attempt after the other."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from copy import copy

from attrs import frozen

from ...eventlog import Event
from ...kernel import (
    Clock,
    ConcurrencyConflictError,
    OutcomeUnknownError,
    QuaysideError,
    UnavailableError,
)
from ..attempts import Attempt, GatewayStep, release_key
from ..entities import Payment, PaymentFailure, PaymentStatus
from ..errors import GatewayOutcomeUnknownError, GatewayRejectedError, GatewayUnreachableError
from ..gateway import Authorization, Captured, Declined, PaymentGateway, Refunded
from ..ids import PaymentId
from ..ports import Begin, CommittedPayments, Transaction
from ..refunds import Refund, RefundStatus

Authorize = Callable[[Payment], Awaitable[Authorization | PaymentFailure | None]]
"""Tells what became of a payment's authorization; None where that cannot be told yet."""

Ask = Callable[[Payment, Transaction], Awaitable[Event | None]]
"""Records on a payment what the gateway is to be asked for; None where that was done before."""


async def _no_authorization(_: Payment) -> None:
    """Whoever goes on with a payment that was authorized has nothing to tell of it."""


@frozen
class GatewaySteps:
    """
    Takes payments on from what is recorded of them.

    No transaction is open while the gateway is asked, and it is asked under the key that was recorded before. So
    whoever makes an attempt that was made before, or is being made, changes nothing by it.
    """

    begin: Begin
    payments: CommittedPayments
    gateway: PaymentGateway
    clock: Clock

    async def asked(self, payment_id: PaymentId, ask: Ask) -> Payment:
        """The payment after *ask*, which is asked again whenever somebody else was faster."""
        while True:
            try:
                async with self.begin() as tx:
                    payment = await tx.payments.get(payment_id)
                    if event := await ask(payment, tx):
                        await tx.payments.save(payment, event)
                    return payment
            except ConcurrencyConflictError:
                continue

    async def finish(
        self,
        payment: Payment,
        pending: Callable[[Payment], Attempt | None],
        authorize: Authorize = _no_authorization,
    ) -> Payment:
        """
        Make every attempt that *pending* names, as far as that can be done and recorded now.

        That it could not is no error to be answered with "try again", because money may have moved: what is recorded
        stands, and is settled later.
        """
        try:
            while payment.is_open and (attempt := pending(payment)):
                try:
                    payment = await self.take(payment, attempt, authorize)
                except (GatewayOutcomeUnknownError, GatewayUnreachableError):
                    # That it did nothing this time says nothing of another time.
                    return await self._noted(payment, attempt)
        except (OutcomeUnknownError, UnavailableError):
            pass
        return payment

    async def take(self, payment: Payment, attempt: Attempt, authorize: Authorize) -> Payment:
        """
        Make *attempt*, and record what the gateway answers.

        Returns:
            The payment after it; the very same one where it cannot be told yet what became of the authorization.

        Raises:
            GatewayOutcomeUnknownError: the gateway's answer was lost.
            GatewayUnreachableError: it cannot be reached now; it may have been asked before.
            GatewayRejectedError: the gateway does not take the request.
            UnavailableError, OutcomeUnknownError: what it answered could not be recorded.
        """
        changed = copy(payment)
        try:
            match attempt.step:
                case GatewayStep.AUTHORIZE:
                    answer = await authorize(payment)
                    if answer is None:
                        return payment
                    await self._save_authorization(changed, attempt, answer)
                case GatewayStep.CAPTURE:
                    await self.payments.save(changed, *await self._captured(changed, attempt))
                case GatewayStep.VOID:
                    await self.payments.save(changed, await self._voided(changed, attempt))
                case GatewayStep.REFUND:
                    await self._refunded(changed, attempt)
        except ConcurrencyConflictError:
            # Somebody else has taken it on as well; the gateway did it once, and what they recorded counts.
            return await self.payments.get(payment.id)
        return changed

    async def _save_authorization(
        self, payment: Payment, attempt: Attempt, answer: Authorization | PaymentFailure
    ) -> None:
        try:
            await self.payments.save(payment, self._authorized(payment, attempt, answer))
        except ConcurrencyConflictError:
            if isinstance(answer, Authorization):
                await self._let_go_if_late(payment.id, answer)
            raise

    async def _let_go_if_late(self, payment_id: PaymentId, held: Authorization) -> None:
        """Release what is held for a payment that has failed meanwhile, because the gateway had not heard of it."""
        if (await self.payments.get(payment_id)).status is PaymentStatus.FAILED:
            with suppress(GatewayOutcomeUnknownError, GatewayUnreachableError, GatewayRejectedError):
                await self.gateway.void(release_key(payment_id), held.id)

    def _authorized(
        self, payment: Payment, attempt: Attempt, answer: Authorization | PaymentFailure
    ) -> Event:
        if isinstance(answer, PaymentFailure):
            return payment.fail(answer, at=self.clock())
        if answer.amount != attempt.amount:
            return payment.flag(attempt, at=self.clock())
        return payment.authorize(answer.id, at=self.clock())

    async def _captured(self, payment: Payment, attempt: Attempt) -> tuple[Event, ...]:
        answer = await self.gateway.capture(attempt.key, _hold_of(payment), attempt.amount)
        match answer:
            case Declined():
                return payment.decline_capture(attempt, failure_of(answer), at=self.clock())
            case Captured(amount) if amount == attempt.amount:
                return (payment.capture(amount, at=self.clock()),)
            case _:
                return (payment.flag(attempt, at=self.clock()),)

    async def _voided(self, payment: Payment, attempt: Attempt) -> Event:
        answer = await self.gateway.void(attempt.key, _hold_of(payment))
        if isinstance(answer, Declined):
            # It was captured, or let go, by somebody whom we know nothing of.
            return payment.flag(attempt, at=self.clock())
        return payment.release(at=self.clock())

    async def _refunded(self, payment: Payment, attempt: Attempt) -> None:
        answer = await self.gateway.refund(attempt.key, _hold_of(payment), attempt.amount)
        match answer:
            case Declined():
                event: Event = payment.decline_refund(attempt, answer.code, at=self.clock())
                await self._save_refund(payment, event, attempt, RefundStatus.FAILED)
            case Refunded(_, amount) if amount == attempt.amount:
                event = payment.refund(attempt, at=self.clock())
                await self._save_refund(payment, event, attempt, RefundStatus.SUCCEEDED)
            case _:
                await self.payments.save(payment, payment.flag(attempt, at=self.clock()))

    async def _save_refund(
        self, payment: Payment, event: Event, attempt: Attempt, status: RefundStatus
    ) -> None:
        async with self.begin() as tx:
            await tx.payments.save(payment, event)
            await end_refund(tx, attempt, status)

    async def _noted(self, payment: Payment, attempt: Attempt) -> Payment:
        """The payment with a word about *attempt*, so that it is settled soon. Without one it is settled later."""
        noted = copy(payment)
        try:
            await self.payments.save(noted, noted.lose_answer(attempt, at=self.clock()))
        except QuaysideError:
            return payment
        return noted


async def end_refund(tx: Transaction, attempt: Attempt, status: RefundStatus) -> Refund:
    """Record on the refund that *attempt* was about what became of it; the payment is saved beside it."""
    assert attempt.refund_id is not None
    refund = await tx.refunds.get(attempt.refund_id)
    refund.status = status
    await tx.refunds.save(refund)
    return refund


def outcome_of(answer: Authorization | Declined) -> Authorization | PaymentFailure:
    """What the gateway's answer makes of the payment."""
    return failure_of(answer) if isinstance(answer, Declined) else answer


def failure_of(refusal: Declined) -> PaymentFailure:
    """What the gateway's refusal makes of the payment."""
    return PaymentFailure(refusal.code, refusal.message)


def first_attempt(payment: Payment) -> Attempt | None:
    """What the gateway was asked for first."""
    return payment.attempts[0] if payment.attempts else None


def _hold_of(payment: Payment) -> str:
    assert payment.authorization_id is not None
    return payment.authorization_id
