"""Cards that are entered once, and paid with again and again."""

from attrs import frozen

from ...kernel import Clock, ConcurrencyConflictError, IdFactory, UserId
from ...kernel.validation import Form
from ..errors import CardDeclinedError
from ..gateway import Declined, PaymentGateway
from ..ids import CardId
from ..ports import Begin
from ..requests import CardRequest
from ..saved_cards import Card


@frozen
class RegisterCard:
    """Exchange a card for the gateway's token, and keep that."""

    begin: Begin
    gateway: PaymentGateway
    rules: Form
    clock: Clock
    new_id: IdFactory

    async def __call__(
        self, request: CardRequest, *, card_id: CardId | None = None, created_by: UserId | None = None
    ) -> Card:
        """
        Args:
            card_id: What it is to be known by; a new id if the caller has none. A card of that id that was registered
                before is that card.

        Raises:
            ValidationFailedError: with every rule that the request breaks.
            CardDeclinedError: the gateway does not take the card.
            GatewayUnreachableError, GatewayOutcomeUnknownError: nothing is kept; try again.
            ConcurrencyConflictError: *card_id* is that of another card.
        """
        self.rules.check(request)
        details = request.paying_card_details
        token = await self.gateway.tokenize(details, is_kept=True)
        if isinstance(token, Declined):
            raise CardDeclinedError(token.code)
        card = Card(
            id=card_id or CardId(self.new_id()),
            customer_id=request.customer_id,
            token=token,
            brand=details.card_number.brand,
            last4=details.card_number.last4,
            expiry_month=details.expiry_month,
            expiry_year=details.expiry_year,
            created_by=created_by,
            created_at=self.clock(),
        )
        try:
            async with self.begin() as tx:
                await tx.cards.add(card, card.registered())
        except ConcurrencyConflictError:
            async with self.begin() as tx:
                known = await tx.cards.find(card.id)
            if known is None or not known.is_asked_for_by(card):
                raise
            return known
        return card
