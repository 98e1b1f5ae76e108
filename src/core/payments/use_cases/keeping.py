"""Looking after payments: taking them out of sight, and resolving what needs a person."""

from attrs import frozen

from ...eventlog import Event
from ...kernel import ANY_VERSION, Clock, ExpectedVersion, Principal
from ..attempts import GatewayStep
from ..entities import Payment, PaymentFailure, PaymentStatus
from ..errors import PaymentNotFlaggedError
from ..ids import PaymentId
from ..ports import Begin
from ..refunds import RefundStatus
from .reading import require_visible
from .steps import end_refund

GIVEN_UP = PaymentFailure("given_up", "An operator gave it up.")
"""Why a payment failed that a person has put right at the gateway."""


@frozen
class DeletePayment:
    """Take a payment out of sight: nobody reads it any more, but the record of it stays."""

    begin: Begin
    clock: Clock

    async def __call__(
        self, principal: Principal, payment_id: PaymentId, *, expected: ExpectedVersion = ANY_VERSION
    ) -> None:
        """
        Args:
            expected: In which version the caller knows the payment.

        Raises:
            PaymentNotFoundError: there is none, or the caller may not see it.
            InvalidStateTransitionError: its state is not final.
            PaymentBusyError: a refund is under way, or a person has to look at it first.
            StalePreconditionError: it has another version.
        """
        with expected.through_races():
            async with self.begin() as tx:
                payment = await tx.payments.get(payment_id)
                require_visible(principal, payment)
                expected.require(payment.version)
                await tx.payments.save(payment, payment.delete(at=self.clock()))


@frozen
class ResolveAttention:
    """Take a payment back from the person who had to look at it."""

    begin: Begin
    clock: Clock

    async def __call__(self, payment_id: PaymentId, *, gives_up: bool = False) -> Payment:
        """
        Args:
            gives_up: Whether what is still open counts as failed, because a person has put it right at the gateway;
                otherwise it is settled as any other.

        Raises:
            PaymentNotFoundError.
            PaymentNotFlaggedError: it needs nobody.
            ConcurrencyConflictError: somebody else has changed it.
        """
        async with self.begin() as tx:
            payment = await tx.payments.get(payment_id)
            if not payment.needs_attention:
                raise PaymentNotFlaggedError(payment_id)
            events: list[Event] = [payment.resolve_attention(at=self.clock())]
            if gives_up:
                for attempt in payment.attempts:
                    if attempt.step is GatewayStep.REFUND:
                        events.append(payment.decline_refund(attempt, GIVEN_UP.code, at=self.clock()))
                        await end_refund(tx, attempt, RefundStatus.FAILED)
                if payment.status in {PaymentStatus.PENDING, PaymentStatus.PROCESSING}:
                    events.append(payment.fail(GIVEN_UP, at=self.clock()))
            await tx.payments.save(payment, *events)
            return payment
