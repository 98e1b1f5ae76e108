"""What is held on a card: taken, or let go."""

from uuid import UUID

from attrs import frozen

from ...eventlog import Event
from ...kernel import Clock, Principal
from ..entities import Payment, PaymentStatus
from ..errors import CardDeclinedError
from ..gateway import PaymentGateway
from ..ids import PaymentId
from ..ports import Begin, CommittedPayments, Transaction
from ..requests import CaptureRequest
from ..rules import CAPTURE, part_of_payment
from .reading import require_visible
from .steps import GatewaySteps


@frozen
class CapturePayment:
    """Take what is held, or part of it; the rest is released."""

    begin: Begin
    payments: CommittedPayments
    gateway: PaymentGateway
    clock: Clock

    async def __call__(
        self,
        principal: Principal | None,
        payment_id: PaymentId,
        request: CaptureRequest,
        *,
        operation_id: UUID,
    ) -> Payment:
        """
        Args:
            principal: Who asks; None: we do.
            operation_id: What this is known by. Asked for under it once more, it is done once.

        Returns:
            The payment: ``Completed``, or still ``Processing`` where the gateway's answer is not known or needs a
            person.

        Raises:
            ValidationFailedError: the amount is none.
            PaymentNotFoundError: there is none, or the caller may not see it.
            PaymentBusyError: it is ``Pending``, or something else is under way.
            InvalidStateTransitionError: it is in a final state.
            CaptureExceedsAuthorizationError.
            CardDeclinedError: the gateway refused; the payment stays ``Processing``.
        """
        CAPTURE.check(request)
        key = f"{payment_id}/capture/{operation_id}"

        async def ask(payment: Payment, _: Transaction) -> Event | None:
            if principal:
                require_visible(principal, payment)
            amount = request.amount
            part = None if amount is None else part_of_payment(amount, payment.amount.currency)
            if payment.ended_by == key or payment.attempt(key):
                return None
            return payment.ask_to_capture(part, key=key, at=self.clock())

        steps = GatewaySteps(self.begin, self.payments, self.gateway, self.clock)
        asked = await steps.asked(payment_id, ask)
        payment = await steps.finish(asked, lambda it: it.attempt(key))
        if payment.refusal and payment.status is PaymentStatus.PROCESSING:
            raise CardDeclinedError(payment.refusal.code, payment.id)
        return payment


@frozen
class CancelPayment:
    """Let go what is held, before any of it is taken."""

    begin: Begin
    payments: CommittedPayments
    gateway: PaymentGateway
    clock: Clock

    async def __call__(
        self, principal: Principal | None, payment_id: PaymentId, *, operation_id: UUID
    ) -> Payment:
        """
        Args:
            principal: Who asks; None: we do.
            operation_id: What this is known by. Asked for under it once more, it is done once.

        Returns:
            The payment: ``Cancelled``, or still ``Processing`` where the gateway's answer is not known or needs a
            person.

        Raises:
            PaymentNotFoundError: there is none, or the caller may not see it.
            PaymentBusyError: it is ``Pending``, or something else is under way.
            InvalidStateTransitionError: it is in a final state.
        """
        key = f"{payment_id}/void/{operation_id}"

        async def ask(payment: Payment, _: Transaction) -> Event | None:
            if principal:
                require_visible(principal, payment)
            if payment.ended_by == key or payment.attempt(key):
                return None
            return payment.ask_to_void(key=key, at=self.clock())

        steps = GatewaySteps(self.begin, self.payments, self.gateway, self.clock)
        return await steps.finish(await steps.asked(payment_id, ask), lambda it: it.attempt(key))
