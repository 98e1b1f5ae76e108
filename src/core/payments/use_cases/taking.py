"""Taking payments."""

from collections.abc import Sequence
from typing import Final

from attrs import frozen

from ...eventlog import Event
from ...kernel import (
    Clock,
    ConcurrencyConflictError,
    ExternalServiceError,
    IdFactory,
    Money,
    UserId,
    ValidationFailedError,
)
from ...kernel.validation import Form
from ..cardholders import Cardholder
from ..cards import CardDetails
from ..entities import Payment, PaymentFailure
from ..errors import (
    CardDeclinedError,
    GatewayUnreachableError,
    PaymentNotChargedError,
)
from ..gateway import Authorization, Declined, PaymentGateway
from ..ids import PaymentId
from ..ports import Begin, CommittedPayments
from ..requests import PaymentRequest
from ..rules import card_id_in, missing_details
from ..saved_cards import Card
from .steps import GatewaySteps, failure_of, first_attempt, outcome_of

_WITHDRAWN: Final = PaymentFailure("withdrawn", "It was withdrawn before it was begun.")


@frozen
class ProcessPayment:
    """
    Take a payment: record the intent, ask the gateway, record the outcome.

    Whatever happens in between, the recorded intent and the gateway's idempotency keys, which derive from the
    payment's id, tell later what became of it.
    """

    begin: Begin
    payments: CommittedPayments
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
        is_withdrawn: bool = False,
    ) -> Payment:
        """
        Take the payment that *request* describes, as *created_by*.

        Args:
            payment_id: What it is to be known by; a new id if the caller has none. A payment of that id that was begun
                before is taken on from what is recorded of it, under the same keys: it is charged once.
            is_withdrawn: Whether it is wanted no more. One that was not begun is recorded as ``Failed``, so that nobody
                who was late begins it; one that was is taken on, to find out what there is to be undone.

        Returns:
            The payment: ``Completed``, or ``Processing`` where it is only to be held. Where it cannot be told what
            the gateway did, or that cannot be recorded now, ``awaits_gateway`` is true, and the payment is as it was
            last recorded.

        Raises:
            ValidationFailedError: with every rule that the request breaks; nothing is recorded. Details may be left out
                where ``card_id`` is a card that *created_by* registered.
            CardDeclinedError: kept as ``Failed``; also where it is withdrawn.
            PaymentNotChargedError: the gateway could not be reached; kept as ``Failed``.
            ConcurrencyConflictError: *payment_id* is that of a payment which was asked for otherwise.
        """
        self.rules.check(request)
        card = await self._card(request, created_by)
        asked = self._received(request, card, payment_id, created_by)
        holder = Cardholder.of(request.paying_card_details, request.address_details)
        withdrawn = [asked.fail(_WITHDRAWN, at=self.clock())] if is_withdrawn else []
        payment = await self._begun(asked, holder, withdrawn)

        async def authorize(pending: Payment) -> Authorization | PaymentFailure:
            # One that was read from storage was begun by somebody else, or before.
            if pending is asked:
                return await self._first_authorization(pending, card)
            return await self._another_authorization(pending, card)

        steps = GatewaySteps(self.begin, self.payments, self.gateway, self.clock)
        payment = await steps.finish(payment, first_attempt, authorize)
        return _unless_failed(payment)

    async def _card(self, request: PaymentRequest, created_by: UserId | None) -> Card | CardDetails:
        """What is paid with: the card as it was typed, or the one registered by who pays."""
        details, lacking = request.paying_card_details, missing_details(request)
        if details and not lacking:
            return details
        card_id = card_id_in(request.card_id)
        if card_id and details is None and request.address_details is None:
            async with self.begin() as tx:
                card = await tx.cards.find(card_id)
            if card and card.created_by == created_by:
                return card
        raise ValidationFailedError(lacking)

    def _received(
        self,
        request: PaymentRequest,
        card: Card | CardDetails,
        payment_id: PaymentId | None,
        created_by: UserId | None,
    ) -> Payment:
        shown = card if isinstance(card, Card) else card.card_number
        return Payment(
            id=payment_id or PaymentId(self.new_id()),
            amount=Money.of(request.amount, request.currency),
            customer_id=request.customer_id,
            card_id=request.card_id,
            card_last4=shown.last4,
            card_brand=shown.brand,
            description=request.description,
            metadata=request.metadata or {},
            captures_at_once=request.capture,
            created_by=created_by,
            created_at=self.clock(),
        )

    async def _begun(self, asked: Payment, holder: Cardholder | None, withdrawn: Sequence[Event]) -> Payment:
        try:
            await self.payments.save(asked, asked.received(), *withdrawn, holder=holder)
        except ConcurrencyConflictError:
            begun = await self.payments.get(asked.id)
            if not begun.is_asked_for_by(asked):
                raise
            return begun
        return asked

    async def _first_authorization(
        self, payment: Payment, card: Card | CardDetails
    ) -> Authorization | PaymentFailure:
        try:
            return await self._authorization(payment, card)
        except GatewayUnreachableError as error:
            return PaymentFailure(error.code, error.message)

    async def _another_authorization(
        self, payment: Payment, card: Card | CardDetails
    ) -> Authorization | PaymentFailure:
        known = await self.gateway.look_up(payment.attempts[0].key)
        return outcome_of(known.outcome) if known else await self._authorization(payment, card)

    async def _authorization(
        self, payment: Payment, card: Card | CardDetails
    ) -> Authorization | PaymentFailure:
        token = card.token if isinstance(card, Card) else await self.gateway.tokenize(card)
        if isinstance(token, Declined):
            return failure_of(token)
        return outcome_of(await self.gateway.authorize(payment.attempts[0].key, token, payment.amount))


def _unless_failed(payment: Payment) -> Payment:
    failure = payment.failure
    if failure is None:
        return payment
    if failure.code == ExternalServiceError.code:
        raise PaymentNotChargedError(payment.id)
    raise CardDeclinedError(failure.code, payment.id)
