"""Where orders are placed: a shop with something to sell, over HTTP."""

from typing import Any
from uuid import UUID, uuid4

from attrs import evolve, frozen
from httpx import AsyncClient, Response

from quayside.core.eventlog import EventSourced, Recorder
from quayside.core.identity import Role
from quayside.core.inventory import AdjustStock, ReservationId, ReservationLine, ReserveStock
from quayside.core.ordering import (
    ORDER,
    ORDER_CATEGORY,
    ORDER_SUMMARIES,
    Confirm,
    OrderCommand,
    RecordReservation,
    StartPayment,
)
from quayside.core.payments import PaymentId
from quayside.entrypoints.composition import worker_of
from quayside.entrypoints.worker import at_work

from .customers import CUSTOMERS, a_customer_body
from .members import V1
from .shop import Shop, a_card_body

ORDERS = f"{V1}/orders"
AN_ADDRESS = {
    "house_number": "12",
    "address_line1": "St James's Square",
    "city": "London",
    "postcode": "SW1Y 4JH",
}


@frozen(repr=False)
class OrderDesk:
    """
    Sells teapots at 20.00 and cups at 4.50, of which LEEDS and YORK have some.

    Args:
        ada: Who orders.
        customer_id: Somebody whom she has registered.
        card_id: A card that she has registered.
        staff: Somebody who manages orders.
    """

    shop: Shop
    ada: AsyncClient
    customer_id: str
    card_id: str
    staff: AsyncClient

    def body(self, **changes: Any) -> dict[str, Any]:
        """Two teapots, by card, as JSON."""
        body = {
            "customer_id": self.customer_id,
            "items": [{"sku": "TEAPOT", "quantity": 2}],
            "delivery_address": AN_ADDRESS,
            "payment": {"card_id": self.card_id},
        }
        return body | changes

    async def place(self, client: AsyncClient | None = None, /, key: str = "", **changes: Any) -> Response:
        headers = {"idempotency-key": key} if key else None
        return await (client or self.ada).post(ORDERS, json=self.body(**changes), headers=headers)

    async def quote(self, client: AsyncClient | None = None, /, **changes: Any) -> Response:
        return await (client or self.ada).post(f"{ORDERS}/quote", json=self.body(**changes))

    async def has_placed(self, **changes: Any) -> dict[str, Any]:
        response = await self.place(**changes)
        assert response.status_code == 202, response.text
        order: dict[str, Any] = response.json()
        return order

    async def has_confirmed(self, **changes: Any) -> dict[str, Any]:
        """An order that was paid and reserved; by nobody, so that it takes no saga."""
        placed = await self.has_placed(**changes)
        order_id = ReservationId(UUID(placed["id"]))
        lines = [ReservationLine(item["sku"], item["quantity"]) for item in placed["items"]]
        storage = self.shop.application.storage
        reserve = ReserveStock(storage.reservations, self.shop.clock)
        await reserve(order_id, reference=order_id, warehouse=placed["warehouse"], lines=lines)
        await self.command(placed, StartPayment(PaymentId(uuid4())), RecordReservation(order_id), Confirm())
        return await self.shown(placed)

    async def command(self, order: dict[str, Any], *commands: OrderCommand) -> None:
        """What the saga asks of an order."""
        recorder = Recorder(self.shop.clock, self.shop.application.new_id)
        orders = EventSourced(ORDER_CATEGORY, ORDER, recorder)
        for command in commands:
            await orders.execute(self.shop.application.storage.begin, UUID(order["id"]), command)

    async def step(
        self,
        order: dict[str, Any],
        step: str,
        client: AsyncClient | None = None,
        /,
        key: str = "",
        **body: Any,
    ) -> Response:
        headers = {"idempotency-key": key} if key else None
        path = f"{ORDERS}/{order['id']}/{step}"
        return await (client or self.staff).post(path, json=body or None, headers=headers)

    async def show(
        self, order: dict[str, Any], client: AsyncClient | None = None, /, **query: str
    ) -> Response:
        return await (client or self.ada).get(f"{ORDERS}/{order['id']}", params=query)

    async def shown(self, order: dict[str, Any], **query: str) -> dict[str, Any]:
        response = await self.show(order, **query)
        assert response.status_code == 200, response.text
        shown: dict[str, Any] = response.json()
        return shown

    async def events(self, order: dict[str, Any]) -> list[dict[str, Any]]:
        response = await self.ada.get(f"{ORDERS}/{order['id']}/events")
        assert response.status_code == 200, response.text
        events: list[dict[str, Any]] = response.json()["data"]
        return events

    async def catch_up(self) -> int:
        """Have the read model catch up with all that has happened, whose position that is."""
        newest = await self.shop.application.storage.follower.newest()
        # The view alone: whoever else reacts to orders takes them on.
        worker = evolve(worker_of(self.shop.application), subscriptions=[], jobs=[])
        async with at_work(worker):
            await self.shop.application.projections.wait_for(ORDER_SUMMARIES.name, newest)
        return newest


async def an_order_desk(shop: Shop) -> OrderDesk:
    """One where Ada orders."""
    for sku, price in (("TEAPOT", "20.00"), ("CUP", "4.50")):
        await shop.sells(sku, name=f"A {sku.lower()}", price=price)
    adjust = AdjustStock(shop.application.storage.begin, shop.clock)
    for warehouse, sku, on_hand in (("YORK", "TEAPOT", 100), ("LEEDS", "TEAPOT", 5), ("YORK", "CUP", 100)):
        await adjust(warehouse, sku, on_hand)
    return await order_desk_of(shop, shop.client)


async def order_desk_of(shop: Shop, buyer: AsyncClient) -> OrderDesk:
    """One where *buyer* orders, who has registered a customer and a card."""
    customer = await buyer.post(CUSTOMERS, json=a_customer_body())
    card_body = {"customer_id": customer.json()["id"], "paying_card_details": a_card_body()}
    card = await buyer.post(f"{V1}/cards", json=card_body)
    staff = (await shop.member(Role.STAFF)).client
    return OrderDesk(shop, buyer, customer.json()["id"], card.json()["card_id"], staff)
