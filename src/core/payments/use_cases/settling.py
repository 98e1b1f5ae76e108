"""Payments that a lost answer or a crash left open, brought to their end."""

from attrs import frozen

from ...kernel import Clock
from ..entities import Payment, PaymentFailure
from ..errors import GatewayUnreachableError
from ..gateway import Authorization, PaymentGateway
from ..ids import PaymentId
from ..ports import Begin
from .steps import GatewaySteps, authorization_key, outcome_of


@frozen
class SettlePayment:
    """
    Find out at the gateway what became of a payment, record it, and do what is left to be done.

    It may be called at any time, more than once and by many at once: what it asks the gateway for is asked under the
    keys that were used before, so nothing is done twice.
    """

    begin: Begin
    gateway: PaymentGateway
    clock: Clock

    async def __call__(self, payment_id: PaymentId, *, grace_is_over: bool = False) -> Payment:
        """
        Args:
            grace_is_over: Whether nobody can be at work on the payment any more. A payment that the gateway has never
                heard of is failed then; before, what was asked of the gateway may still be on its way.

        Returns:
            The payment as it is recorded. It still awaits the gateway where a person has to look at it, or the
            gateway has never heard of it and the grace is not over.

        Raises:
            PaymentNotFoundError.
            GatewayUnreachableError, GatewayOutcomeUnknownError: it cannot be found out now; try again later.
            UnavailableError, OutcomeUnknownError: what was found out could not be recorded; try again later.
        """
        steps = GatewaySteps(self.begin, self.gateway, self.clock)

        async def look_up(payment: Payment) -> Authorization | PaymentFailure | None:
            record = await self.gateway.look_up(authorization_key(payment.id))
            if record is not None:
                return outcome_of(record.outcome)
            return _never_arrived() if grace_is_over else None

        payment = await steps.recorded(payment_id)
        while payment.is_open:
            before, payment = payment, await steps.next(payment, look_up)
            if payment is before:
                break
        return payment


def _never_arrived() -> PaymentFailure:
    error = GatewayUnreachableError("the gateway has never heard of the payment")
    return PaymentFailure(error.code, error.message)
