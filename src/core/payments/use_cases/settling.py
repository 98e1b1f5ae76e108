"""Payments that a lost answer or a crash left open, brought to their end."""

from attrs import frozen

from ...eventlog import Event
from ...kernel import Clock
from ..attempts import Attempt
from ..entities import Payment, PaymentFailure
from ..errors import GatewayRejectedError, GatewayUnreachableError
from ..gateway import Authorization, PaymentGateway
from ..ids import PaymentId
from ..ports import Begin, CommittedPayments, Transaction
from .steps import GatewaySteps, first_attempt, outcome_of


@frozen
class SettlePayment:
    """
    Find out at the gateway what became of a payment, record it, and do what is left to be done.

    It may be called at any time, more than once and by many at once: what it asks the gateway for is asked under the
    keys that were used before, so nothing is done twice.
    """

    begin: Begin
    payments: CommittedPayments
    gateway: PaymentGateway
    clock: Clock

    async def __call__(self, payment_id: PaymentId, *, grace_is_over: bool = False) -> Payment:
        """
        Args:
            grace_is_over: Whether nobody can be at work on the payment any more. A payment that the gateway has never
                heard of is failed then; before, what was asked of the gateway may still be on its way.

        Returns:
            The payment as it is recorded. It still awaits the gateway where a person has to look at it, which is also
            so where the gateway does not take what it is asked; or where the gateway has never heard of it and the
            grace is not over.

        Raises:
            PaymentNotFoundError.
            GatewayUnreachableError, GatewayOutcomeUnknownError: it cannot be found out now; try again later.
            UnavailableError, OutcomeUnknownError: what was found out could not be recorded; try again later.
        """
        steps = GatewaySteps(self.begin, self.payments, self.gateway, self.clock)

        async def look_up(payment: Payment) -> Authorization | PaymentFailure | None:
            record = await self.gateway.look_up(payment.attempts[0].key)
            if record is not None:
                return outcome_of(record.outcome)
            return _never_arrived() if grace_is_over else None

        payment = await self.payments.get(payment_id)
        while payment.is_open and (attempt := first_attempt(payment)):
            before = payment
            try:
                payment = await steps.take(payment, attempt, look_up)
            except GatewayRejectedError:
                payment = await self._flagged(steps, payment.id, attempt)
            if payment is before:
                break
        return payment

    async def _flagged(self, steps: GatewaySteps, payment_id: PaymentId, attempt: Attempt) -> Payment:
        async def flag(payment: Payment, _: Transaction) -> Event | None:
            still_asks = payment.is_open and attempt in payment.attempts
            return payment.flag(attempt, at=self.clock()) if still_asks else None

        return await steps.asked(payment_id, flag)


def _never_arrived() -> PaymentFailure:
    error = GatewayUnreachableError("the gateway has never heard of the payment")
    return PaymentFailure(error.code, error.message)
