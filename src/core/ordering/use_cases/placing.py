"""Ordering."""

from attrs import frozen

from ...eventlog import EventReader, Recorder
from ...kernel import ConcurrencyConflictError, Percentage, Principal, derived_uuid7
from ...payments import CardId, CardRequest, RegisterCard, card_id_in
from ..errors import CardNotOwnedError
from ..events import OrderPlaced
from ..ids import OrderId
from ..order import ORDER, Place, stream_of
from ..ports import Begin, ParticularsQueries
from ..pricing.values import Quote
from ..requests import OrderRequest, PaymentMeans
from ..summaries import PlacedOrder, replayed
from .quoting import QuoteOrder
from .reading import with_addresses


@frozen
class PlaceOrder:
    """
    Order something at the price of now; paying and reserving come afterwards, by who reacts to it.

    A card that is typed in is exchanged for the gateway's token before anything is stored, so that an order knows no
    card but by its id.
    """

    begin: Begin
    events: EventReader
    particulars: ParticularsQueries
    recorder: Recorder
    quote: QuoteOrder
    register_card: RegisterCard

    async def __call__(
        self, principal: Principal, request: OrderRequest, *, order_id: OrderId
    ) -> PlacedOrder:
        """
        Args:
            order_id: What it is to be known by. Where that one was placed before, nothing is asked or done again.

        Returns:
            The order as it was placed, whatever has become of it since.

        Raises:
            What `QuoteOrder` and `RegisterCard` raise.
            CardNotOwnedError: the caller registered no such card.
            ConcurrencyConflictError: *order_id* is that of an order which was asked for otherwise.
        """
        if known := await self._known(principal, request, order_id):
            return known
        quote = await self.quote(principal, request)
        card_id = await self._card(principal, request, order_id)
        placed = _placed(principal, request, quote, card_id)
        [envelope] = self.recorder(ORDER.decide(ORDER.initial, Place(placed)))
        try:
            async with self.begin() as tx:
                await tx.events.append(stream_of(order_id), [envelope], 0)
                await tx.order_particulars.add(order_id, request.customer_id, request.delivery_address)
        except ConcurrencyConflictError:
            if known := await self._known(principal, request, order_id):
                return known
            raise
        state = ORDER.evolve(ORDER.initial, placed)
        return PlacedOrder(order_id, state, 1, envelope.occurred_at, request.delivery_address)

    async def _known(
        self, principal: Principal, request: OrderRequest, order_id: OrderId
    ) -> PlacedOrder | None:
        order = replayed(await self.events.read_stream(stream_of(order_id), limit=1))
        if order is None:
            return None
        [shown] = await with_addresses(self.particulars, [order])
        if not (_is_asked_for(shown, principal, request) and await self._pays(shown, request.payment)):
            raise ConcurrencyConflictError(str(stream_of(order_id)), expected=0, actual=order.version)
        return shown

    async def _pays(self, order: PlacedOrder, means: PaymentMeans) -> bool:
        """Whether *order* is paid by *means*; of a card that was typed in, as far as anything of it is kept."""
        details = means.paying_card_details
        if details is None:
            return order.placed.card_id == card_id_in(means.card_id or "")
        async with self.begin() as tx:
            card = await tx.cards.find(_typed_card_id(order.id))
        typed = details.card_number.last4, details.expiry_month, details.expiry_year
        return card is not None and (card.last4, card.expiry_month, card.expiry_year) == typed

    async def _card(self, principal: Principal, request: OrderRequest, order_id: OrderId) -> CardId:
        if details := request.payment.paying_card_details:
            asked = CardRequest(customer_id=request.customer_id, paying_card_details=details)
            card_id = _typed_card_id(order_id)
            card = await self.register_card(asked, card_id=card_id, created_by=principal.user_id)
            return card.id
        known_id = card_id_in(request.payment.card_id or "")
        if known_id:
            async with self.begin() as tx:
                known = await tx.cards.find(known_id)
            if known and known.created_by == principal.user_id:
                return known_id
        raise CardNotOwnedError


def _typed_card_id(order_id: OrderId) -> CardId:
    """What a card is known by that was typed in for an order: who asks once more finds it again."""
    return CardId(derived_uuid7(order_id, "card"))


def _is_asked_for(order: PlacedOrder, principal: Principal, request: OrderRequest) -> bool:
    """Whether *order* is what came of the same request; what it costs was settled then, and what was erased is gone."""
    placed, off = order.placed, Percentage(request.discount_percentage or 0)
    return (
        (placed.created_by, placed.customer_id) == (principal.user_id, request.customer_id)
        and [(line.sku, line.quantity) for line in placed.items]
        == [(item.sku, item.quantity) for item in request.items]
        and placed.discount_percentage == off
        and order.delivery_address in (None, request.delivery_address)
    )


def _placed(principal: Principal, request: OrderRequest, quote: Quote, card_id: CardId) -> OrderPlaced:
    return OrderPlaced(
        customer_id=request.customer_id,
        card_id=card_id,
        created_by=principal.user_id,
        items=quote.items,
        discount_percentage=Percentage(request.discount_percentage or 0),
        items_total=quote.items_total,
        discount_total=quote.discount_total,
        tax_total=quote.tax_total,
        shipping_cost=quote.shipping_cost,
        total=quote.total,
        warehouse=quote.warehouse,
    )
