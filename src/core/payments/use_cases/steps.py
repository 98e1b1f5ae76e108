"""What is open of a payment, done at the gateway and recorded: one step after the other."""

from collections.abc import Awaitable, Callable
from copy import copy

from attrs import frozen

from ...eventlog import Event
from ...kernel import Clock, ConcurrencyConflictError
from ..entities import Payment, PaymentFailure, PaymentStatus
from ..errors import GatewayOutcomeUnknownError, GatewayUnreachableError
from ..gateway import Authorization, Declined, PaymentGateway
from ..ids import PaymentId
from ..ports import Begin

Authorize = Callable[[Payment], Awaitable[Authorization | PaymentFailure | None]]
"""Tells what became of a payment's authorization; None where that cannot be told yet."""


@frozen
class GatewaySteps:
    """
    Takes payments on from what is recorded of them.

    No transaction is open while the gateway is asked, and what it is asked under is a key that derives from the
    payment's id. So whoever takes a step that was taken before, or is being taken, changes nothing by it.
    """

    begin: Begin
    gateway: PaymentGateway
    clock: Clock

    async def next(self, payment: Payment, authorize: Authorize) -> Payment:
        """
        Take the step that *payment*, which awaits the gateway, waits for.

        Returns:
            The payment after it; the very same one where it cannot be told yet what became of the authorization.

        Raises:
            GatewayOutcomeUnknownError: the gateway's answer was lost, or it cannot be reached now.
            UnavailableError, OutcomeUnknownError: what it answered could not be recorded.
        """
        try:
            if payment.status is PaymentStatus.PENDING:
                return await self._authorized(payment, await authorize(payment))
            return await self._captured(payment)
        except ConcurrencyConflictError:
            # Somebody else has taken it on as well; the gateway did it once, and what they recorded counts.
            return await self.recorded(payment.id)

    async def recorded(self, payment_id: PaymentId) -> Payment:
        """
        Raises:
            PaymentNotFoundError.
        """
        async with self.begin() as tx:
            return await tx.payments.get(payment_id)

    async def save(self, payment: Payment, event: Event) -> None:
        """
        Raises:
            ConcurrencyConflictError: somebody else has changed it.
        """
        async with self.begin() as tx:
            await tx.payments.save(payment, event)

    async def _authorized(self, payment: Payment, answer: Authorization | PaymentFailure | None) -> Payment:
        match answer:
            case None:
                return payment
            case PaymentFailure():
                return await self._failed(payment, answer)
            case Authorization():
                held = copy(payment)
                await self.save(held, held.authorize(answer.id, at=self.clock()))
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
            return await self._failed(payment, failure_of(answer))
        completed = copy(payment)
        await self.save(completed, completed.capture(answer.amount, at=self.clock()))
        return completed

    async def _release(self, payment: Payment, hold: str) -> None:
        released = await self.gateway.void(f"{payment.id}/void", hold)
        if isinstance(released, Declined):
            raise GatewayOutcomeUnknownError("the authorization was neither captured nor released")

    async def _failed(self, payment: Payment, failure: PaymentFailure) -> Payment:
        failed = copy(payment)
        await self.save(failed, failed.fail(failure, at=self.clock()))
        return failed


def authorization_key(payment_id: PaymentId) -> str:
    """Under what the gateway is asked for the payment's authorization."""
    return f"{payment_id}/authorize"


def outcome_of(answer: Authorization | Declined) -> Authorization | PaymentFailure:
    """What the gateway's answer makes of the payment."""
    return failure_of(answer) if isinstance(answer, Declined) else answer


def failure_of(refusal: Declined) -> PaymentFailure:
    """What the gateway's refusal makes of the payment."""
    return PaymentFailure(refusal.code, refusal.message)
