"""`quayside payments reconcile`."""

import asyncio

import msgspec
import rich_click as click
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn

from ...core.kernel import ConflictError, Money, UnavailableError
from ...core.payments import Reconciliation
from ..composition import composed
from ..settings import Settings
from .output import json_option, print_json, print_table, progress_bar
from .start import start


class BooksDifferError(ConflictError):
    """Payments, journal and gateway do not agree."""

    code = "books_differ"

    def __init__(self, differences: int) -> None:
        super().__init__("Payments, journal and gateway do not agree.", differences=differences)


class NotAllComparedError(UnavailableError):
    """The gateway did not answer to every question."""

    def __init__(self, unanswered: int) -> None:
        super().__init__("The gateway did not answer of every payment.", unanswered=unanswered)


@click.command()
@json_option
def reconcile(*, as_json: bool) -> None:
    """
    Compare what was captured and refunded, as payments, the journal and the gateway have it.

    What the gateway still holds for a payment that is over differs, too. Nothing is changed, and the service may go on
    meanwhile. Of a payment of which something is open, the gateway is not asked.
    """
    report = asyncio.run(_reconcile(start()))
    if as_json:
        print_json(_Answer.of(report))
    else:
        if report.differences:
            print_table(
                ("payment", "what", "payment says", "journal says", "gateway says"),
                (
                    (it.payment_id, it.what, it.recorded, it.booked, it.at_gateway or "-")
                    for it in report.differences
                ),
            )
        click.echo(f"{report.payments} payments, {report.unsettled} of them open", err=True)
    if report.difference_count:
        raise BooksDifferError(report.difference_count)
    if report.unanswered:
        raise NotAllComparedError(report.unanswered)


class _Amount(msgspec.Struct, frozen=True):
    amount: str
    currency: str

    @classmethod
    def of(cls, money: Money) -> "_Amount":
        return cls(money.amount_text, money.currency)


class _Difference(msgspec.Struct, frozen=True):
    payment_id: str
    what: str
    payment: _Amount
    journal: _Amount
    gateway: _Amount | None


class _Answer(msgspec.Struct, frozen=True):
    payments: int
    open: int
    unanswered: int
    differences: list[_Difference]
    difference_count: int

    @classmethod
    def of(cls, report: Reconciliation) -> "_Answer":
        return cls(
            report.payments,
            report.unsettled,
            report.unanswered,
            [
                _Difference(
                    str(it.payment_id),
                    it.what,
                    _Amount.of(it.recorded),
                    _Amount.of(it.booked),
                    _Amount.of(it.at_gateway) if it.at_gateway else None,
                )
                for it in report.differences
            ],
            report.difference_count,
        )


async def _reconcile(settings: Settings) -> Reconciliation:
    async with composed(settings) as application:
        columns = (TextColumn("payments"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with progress_bar(*columns) as progress:
            task = progress.add_task("", total=await application.storage.journal.payment_count())
            return await application.payments.reconcile_payments(lambda count: progress.advance(task, count))
