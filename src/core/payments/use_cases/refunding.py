"""Giving back what was captured."""

from attrs import frozen

from ...eventlog import Event
from ...kernel import Clock, Principal
from ..entities import Payment
from ..errors import RefundNotFoundError
from ..gateway import PaymentGateway
from ..ids import PaymentId, RefundId
from ..ports import Begin, CommittedPayments, Transaction
from ..refunds import Refund
from ..requests import RefundRequest
from ..rules import REFUND, part_of_payment
from .reading import require_visible
from .steps import GatewaySteps


@frozen
class RefundPayment:
    """Give back what was captured, or part of it: as often as something is left, and never more."""

    begin: Begin
    payments: CommittedPayments
    gateway: PaymentGateway
    clock: Clock

    async def __call__(
        self,
        principal: Principal | None,
        payment_id: PaymentId,
        request: RefundRequest,
        *,
        refund_id: RefundId,
    ) -> Refund:
        """
        Args:
            principal: Who asks; None: we do.
            refund_id: What it is to be known by. Asked for under it once more, it is done once.

        Returns:
            The refund: ``Succeeded``, ``Failed`` where the gateway refused, or ``Pending`` where its answer is not
            known or needs a person.

        Raises:
            ValidationFailedError: with every rule that the request breaks.
            PaymentNotFoundError: there is none, or the caller may not see it.
            InvalidStateTransitionError: nothing was captured.
            RefundExceedsCaptureError: less is left.
            PaymentBusyError: a person has to look at the payment first.
        """
        REFUND.check(request)
        key = f"{payment_id}/refund/{refund_id}"

        async def ask(payment: Payment, tx: Transaction) -> Event | None:
            if principal:
                require_visible(principal, payment)
            try:
                await tx.refunds.get(refund_id)
            except RefundNotFoundError:
                refund = self._refund(payment, request, refund_id)
                event = payment.ask_to_refund(refund, key=key)
                await tx.refunds.save(refund)
                return event
            return None

        steps = GatewaySteps(self.begin, self.payments, self.gateway, self.clock)
        await steps.finish(await steps.asked(payment_id, ask), lambda it: it.attempt(key))
        async with self.begin() as tx:
            return await tx.refunds.get(refund_id)

    def _refund(self, payment: Payment, request: RefundRequest, refund_id: RefundId) -> Refund:
        amount = request.amount
        return Refund(
            id=refund_id,
            payment_id=payment.id,
            amount=payment.refundable if amount is None else part_of_payment(amount, payment.amount.currency),
            reason=request.reason,
            created_at=self.clock(),
        )
