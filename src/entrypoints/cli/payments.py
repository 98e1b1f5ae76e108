"""`quayside payments`."""

import asyncio
from uuid import UUID

import msgspec
import rich_click as click

from ...core.kernel import CustomerId, Page, PageRequest
from ...core.payments import Cardholder, Payment, PaymentFilter, PaymentId, PaymentStatus
from ..api.lists import ListResponse
from ..api.payment_models import PaymentResponse
from ..api.queries import QueryReading
from ..composition import composed
from ..settings import Settings
from .import_payments import import_payments
from .output import json_option, print_facts, print_json, print_table
from .reconcile import reconcile
from .start import start


@click.group()
def payments() -> None:
    """Look at payments, and take many at once."""


payments.add_command(import_payments)


@payments.command("list")
@click.option("--status", help=f"Only those in this state: {', '.join(PaymentStatus)}.")
@click.option("--customer-id", help="Only those of this customer.")
@click.option("--from", "from_date", help="Only those of this day (UTC, YYYY-MM-DD) or later.")
@click.option("--to", "to_date", help="Only those of this day or earlier.")
@click.option("--page", help="Which page, from 1.")
@click.option("--page-size", help="Payments on a page, 1-100; 20 by default.")
@json_option
def list_payments(*, as_json: bool, **query: str | None) -> None:
    """List payments, newest first."""
    wanted, which = _read(query)
    found = asyncio.run(_list(start(), wanted, which))
    if as_json:
        print_json(ListResponse.of(found, PaymentResponse.of))
        return
    print_table(
        ("id", "created at", "status", "amount", "card", "customer"),
        (
            (it.id, f"{it.created_at:%Y-%m-%d %H:%M:%S}", it.status, it.amount, it.card_last4, it.customer_id)
            for it in found.items
        ),
    )
    click.echo(f"{found.total_count} payments, page {found.page} of {found.total_pages or 1}", err=True)


@payments.command()
@click.argument("payment_id", type=click.UUID)
@json_option
def show(*, payment_id: UUID, as_json: bool) -> None:
    """Show one payment."""
    payment = PaymentResponse.of(asyncio.run(_get(start(), PaymentId(payment_id))))
    if as_json:
        print_json(payment)
    else:
        print_facts(payment)


@payments.command()
@click.argument("payment_id", type=click.UUID)
@json_option
def cardholder(*, payment_id: UUID, as_json: bool) -> None:
    """Show who a payment's card belongs to: it is personal, and shown nowhere else."""
    holder = asyncio.run(_cardholder(start(), PaymentId(payment_id)))
    if as_json:
        print_json(holder)
    elif holder is None:
        click.echo("Not known.", err=True)
    else:
        address = holder.address and msgspec.json.decode(msgspec.json.encode(holder.address))
        print_facts({"name": holder.name, **(address or {})})


payments.add_command(reconcile)


@payments.group()
def attention() -> None:
    """Look after payments that need a person: the gateway's answer cannot be right, or they cannot be undone."""


@attention.command("list")
@click.option("--page", help="Which page, from 1.")
@click.option("--page-size", help="Payments on a page, 1-100; 20 by default.")
@json_option
def list_attention(*, page: str | None, page_size: str | None, as_json: bool) -> None:
    """List them, newest first, with what the gateway was asked for."""
    reading = QueryReading()
    which = reading.page(page, page_size)
    reading.check()
    found = asyncio.run(_list(start(), PaymentFilter(needs_attention=True), which))
    if as_json:
        print_json(ListResponse.of(found, PaymentResponse.of))
        return
    print_table(
        ("id", "created at", "status", "amount", "asked for", "under the key"),
        (
            (it.id, f"{it.created_at:%Y-%m-%d %H:%M:%S}", it.status, it.amount, step, key)
            for it in found.items
            for step, key in [(attempt.step.value, attempt.key) for attempt in it.attempts] or [("-", "-")]
        ),
    )
    click.echo(f"{found.total_count} payments, page {found.page} of {found.total_pages or 1}", err=True)


@attention.command()
@click.argument("payment_id", type=click.UUID)
@click.option(
    "--give-up",
    "gives_up",
    is_flag=True,
    help="What is open counts as failed, because you have put it right at the gateway; else it is settled.",
)
@json_option
def resolve(*, payment_id: UUID, gives_up: bool, as_json: bool) -> None:
    """Say that you have looked at a payment."""
    payment = PaymentResponse.of(asyncio.run(_resolve(start(), PaymentId(payment_id), gives_up=gives_up)))
    if as_json:
        print_json(payment)
    else:
        print_facts(payment)


def _read(query: dict[str, str | None]) -> tuple[PaymentFilter, PageRequest]:
    # As the HTTP API reads its query: the same rules, and all that is wrong at once.
    reading = QueryReading()
    created = reading.days(query["from_date"], query["to_date"])
    customer = reading.uuid("customer_id", query["customer_id"])
    wanted = PaymentFilter(
        status=reading.one_of("status", query["status"], PaymentStatus),
        customer_id=CustomerId(customer) if customer else None,
        created=created,
    )
    which = reading.page(query["page"], query["page_size"])
    reading.check()
    return wanted, which


async def _list(settings: Settings, wanted: PaymentFilter, which: PageRequest) -> Page[Payment]:
    async with composed(settings) as application:
        return await application.storage.payments.list(wanted, which)


async def _get(settings: Settings, payment_id: PaymentId) -> Payment:
    async with composed(settings) as application:
        return await application.storage.payments.get(payment_id)


async def _cardholder(settings: Settings, payment_id: PaymentId) -> Cardholder | None:
    async with composed(settings) as application, application.storage.begin() as tx:
        await tx.payments.get(payment_id)
        return await tx.cardholders.find(payment_id)


async def _resolve(settings: Settings, payment_id: PaymentId, *, gives_up: bool) -> Payment:
    async with composed(settings) as application:
        return await application.payments.resolve_attention(payment_id, gives_up=gives_up)
