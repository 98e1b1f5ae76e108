"""What an order's saga does with the payment that it began: take the money, or give it back."""

from attrs import frozen

from ...ordering import FailureReason
from ...payments import (
    Begin,
    CancelPayment,
    CapturePayment,
    CaptureRequest,
    CardDeclinedError,
    InvalidStateTransitionError,
    Payment,
    PaymentBusyError,
    PaymentId,
    PaymentNotFoundError,
    PaymentStatus,
    RefundExceedsCaptureError,
    RefundId,
    RefundPayment,
    RefundRequest,
    RefundStatus,
)
from ..sagas.outcomes import Outcome, PutOff, Refused, Stuck, Succeeded
from ..sagas.runner import Request
from .attention import REFUND_DECLINED


def standing(payment: Payment) -> Outcome | None:
    """What there is to be said of a payment that the gateway owes an answer about; None if it owes none."""
    if payment.needs_attention:
        return Stuck("payment_needs_attention")
    return PutOff() if payment.awaits_gateway else None


def authorized(payment: Payment) -> Outcome:
    """What there is to be said of a payment that was to be held."""
    is_held = payment.status is PaymentStatus.PROCESSING
    return standing(payment) or (Succeeded() if is_held else Refused(FailureReason.PAYMENT_DECLINED))


@frozen(kw_only=True)
class PaymentSteps:
    """Goes by what is recorded of the payment, whoever brought it there."""

    begin: Begin
    capture_payment: CapturePayment
    cancel_payment: CancelPayment
    refund_payment: RefundPayment

    async def authorized(self, payment_id: PaymentId) -> Outcome:
        """What became of a payment that was to be held, if it was begun."""
        try:
            return authorized(await self._recorded(payment_id))
        except PaymentNotFoundError:
            return Refused(FailureReason.PAYMENT_DECLINED)

    async def capture(self, request: Request) -> Outcome:
        """Take what is held on the card."""
        payment = await self._payment(request)
        if payment.status is PaymentStatus.COMPLETED:
            return _captured(payment)
        if request.is_settling and not payment.awaits_gateway:
            # The hold is let go next, so nobody captures it later.
            return Refused(FailureReason.CAPTURE_DECLINED)
        try:
            payment = await self.capture_payment(None, payment.id, CaptureRequest(), operation_id=request.key)
        except (CardDeclinedError, InvalidStateTransitionError):
            return Refused(FailureReason.CAPTURE_DECLINED)
        except PaymentBusyError:
            return await self._put_off(request)
        return standing(payment) or _captured(payment)

    async def give_back(self, request: Request) -> Outcome:
        """Let go what is held on the card, or give back what was taken."""
        try:
            payment = await self._payment(request)
        except PaymentNotFoundError:
            return Stuck("payment_is_gone")
        match payment.status:
            case PaymentStatus.PROCESSING:
                return await self._void(payment, request)
            case PaymentStatus.COMPLETED if payment.refundable.minor or payment.awaits_gateway:
                return await self._refund(payment, request)
        return standing(payment) or Succeeded()

    async def _void(self, payment: Payment, request: Request) -> Outcome:
        try:
            payment = await self.cancel_payment(None, payment.id, operation_id=request.key)
        except (PaymentBusyError, InvalidStateTransitionError):
            # Somebody has captured it, or is about to, or a person has to look at it first.
            return await self._put_off(request)
        return standing(payment) or Succeeded()

    async def _refund(self, payment: Payment, request: Request) -> Outcome:
        try:
            refund = await self.refund_payment(
                None, payment.id, RefundRequest(), refund_id=RefundId(request.key)
            )
        except (PaymentBusyError, RefundExceedsCaptureError):
            return await self._put_off(request)  # somebody else gives something back
        match refund.status:
            case RefundStatus.SUCCEEDED:
                return Succeeded()
            case RefundStatus.FAILED:
                return Stuck(REFUND_DECLINED)
        return await self._put_off(request)

    async def _put_off(self, request: Request) -> Outcome:
        return standing(await self._payment(request)) or PutOff()

    async def _payment(self, request: Request) -> Payment:
        return await self._recorded(PaymentId(request.keys["authorize"]))

    async def _recorded(self, payment_id: PaymentId) -> Payment:
        async with self.begin() as tx:
            return await tx.payments.get(payment_id)


def _captured(payment: Payment) -> Outcome:
    """Somebody may have taken a part of it by hand: then the order is not paid."""
    is_paid = payment.captured == payment.amount and not payment.refunded.minor
    return Succeeded() if is_paid else Refused(FailureReason.CAPTURE_DECLINED)
