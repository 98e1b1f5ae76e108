"""`quayside orders`."""

import asyncio
from uuid import UUID

import rich_click as click

from ...core.kernel import CustomerId, Page, PageRequest
from ...core.ordering import OrderFilter, OrderId, OrderStatus, PlacedOrder, history_of, with_addresses
from ..api.lists import ListResponse
from ..api.order_models import OrderResponse
from ..api.queries import QueryReading
from ..composition import composed
from ..settings import Settings
from .import_orders import import_orders
from .output import json_option, print_facts, print_json, print_table
from .start import start


@click.group()
def orders() -> None:
    """Look at orders, and place many at once."""


orders.add_command(import_orders)


@orders.command("list")
@click.option("--status", help=f"Only those in this state: {', '.join(OrderStatus)}.")
@click.option("--customer-id", help="Only those of this customer.")
@click.option("--page", help="Which page, from 1.")
@click.option("--page-size", help="Orders on a page, 1-100; 20 by default.")
@json_option
def list_orders(*, as_json: bool, **query: str | None) -> None:
    """List orders, newest first, as the view of them has them."""
    wanted, which = _read(query)
    found = asyncio.run(_list(start(), wanted, which))
    if as_json:
        print_json(ListResponse.of(found, OrderResponse.of))
        return
    print_table(
        ("id", "created at", "status", "total", "items", "customer"),
        (
            (
                it.id,
                f"{it.created_at:%Y-%m-%d %H:%M:%S}",
                it.state.failure_reason or it.status,
                it.placed.total,
                sum(line.quantity for line in it.placed.items),
                it.placed.customer_id,
            )
            for it in found.items
        ),
    )
    click.echo(f"{found.total_count} orders, page {found.page} of {found.total_pages or 1}", err=True)


@orders.command()
@click.argument("order_id", type=click.UUID)
@json_option
def show(*, order_id: UUID, as_json: bool) -> None:
    """Show one order as it is, from all that has happened to it."""
    order = OrderResponse.of(asyncio.run(_get(start(), OrderId(order_id))))
    if as_json:
        print_json(order)
    else:
        print_facts(order)


def _read(query: dict[str, str | None]) -> tuple[OrderFilter, PageRequest]:
    # As the HTTP API reads its query: the same rules, and all that is wrong at once.
    reading = QueryReading()
    customer = reading.uuid("customer_id", query["customer_id"])
    wanted = OrderFilter(
        status=reading.one_of("status", query["status"], OrderStatus),
        customer_id=CustomerId(customer) if customer else None,
    )
    which = reading.page(query["page"], query["page_size"])
    reading.check()
    return wanted, which


async def _list(settings: Settings, wanted: OrderFilter, which: PageRequest) -> Page[PlacedOrder]:
    async with composed(settings) as application:
        storage = application.storage
        viewed = await storage.orders.list(wanted, which)
        items = await with_addresses(storage.order_particulars, viewed.found.items)
        return Page.of(items, which, total_count=viewed.found.total_count)


async def _get(settings: Settings, order_id: OrderId) -> PlacedOrder:
    async with composed(settings) as application:
        storage = application.storage
        order, _ = await history_of(storage.events, order_id)
        [shown] = await with_addresses(storage.order_particulars, [order])
        return shown
