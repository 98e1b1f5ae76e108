"""`quayside payments import`."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import aclosing, contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import Final
from uuid import UUID

import rich_click as click
from attrs import define, field, frozen
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from ...core.kernel import ConcurrencyConflictError, UserId, derived_uuid7
from ...core.payments import PaymentId
from ...core.resilience import IdempotencyKeyReusedError
from ..api.answer_models import AnswerModel
from ..api.batch_models import PaymentResult
from ..api.errors import refusal_of
from ..api.exact_json import JsonObject
from ..api.idempotency_keys import canonical, key_in
from ..api.payment_models import CreatePaymentRequest, PaymentResponse, status_of
from ..composition import Application, composed
from ..settings import Settings
from .import_results import ResultFile, RowResult
from .import_rows import Row, rows_of
from .output import json_option, print_facts, print_json
from .start import start
from .users import found_user

_ROOT: Final = UUID("00000000-0000-7000-8000-000000000000")
"""What the ids of imported payments derive from: whoever imports the same again gets the same."""

_UNAVAILABLE = 503


class ImportSummary(AnswerModel):
    """
    What became of the rows.

    Args:
        taken: Those whose payment was taken or is held.
        before: How many of them were done in a run before this one.
        refused: Those that came to nothing, and would again.
        open: Those of which it is not known yet; the same command finds out.
    """

    rows: int = 0
    taken: int = 0
    before: int = 0
    refused: int = 0
    open: int = 0
    results: str = ""

    @property
    def exit_code(self) -> int:
        if self.open:
            return 3
        return 1 if self.refused else 0

    def count(self, result: RowResult, *, was_done_before: bool) -> None:
        """Add one row."""
        self.rows += 1
        if result.is_open:
            self.open += 1
        elif result.payment:
            self.taken += 1
            self.before += was_done_before
        else:
            self.refused += 1


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--as", "who", help="Whose payments they are: a username, an e-mail address or an id; else nobody's."
)
@click.option("--name", help="What the rows are known by, instead of the file's name.")
@click.option(
    "--results",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where the results are written, and gone on from; FILE.results.jsonl by default.",
)
@json_option
@click.pass_context
def import_payments(  # noqa: PLR0913 - an option each
    context: click.Context,
    *,
    file: Path,
    who: str | None,
    name: str | None,
    results: Path | None,
    as_json: bool,
) -> None:
    """
    Take every payment of a FILE of CSV or JSON lines.

    The same command again goes on where it was left, and does nothing twice.
    """
    results = results or file.with_name(f"{file.name}.results.jsonl")
    summary = asyncio.run(_imported(start(), file, who, name or file.name, results))
    if as_json:
        print_json(summary)
    else:
        print_facts(summary)
    context.exit(summary.exit_code)


async def _imported(
    settings: Settings, file: Path, who: str | None, name: str, results: Path
) -> ImportSummary:
    async with composed(settings) as application:
        created_by = (await found_user(application, who)).id if who else None
        with _shown_progress(file) as tell:
            return await Import(application, name, created_by, tell)(file, results)


@frozen
class _Asked:
    """A row, and what tells whether it is the one that was asked for before."""

    row: Row
    fingerprint: str


@define
class Import:
    """
    Takes the payments of files.

    Args:
        name: What the rows are known by, beside their numbers, where they have no key of their own.
        created_by: Whose payments they are.
        tell: Told after each row how many bytes of the file are done.
    """

    application: Application
    name: str
    created_by: UserId | None = None
    tell: Callable[[int], object] = field(default=lambda _: None)

    async def __call__(self, file: Path, results: Path) -> ImportSummary:
        """
        Take every payment of *file* that has no final result among *results*, a few at once.

        Raises:
            click.UsageError: the file is none of payments.
            UnavailableError: the database is away; what was done until then is among the results.
        """
        began_at = self.application.clock()
        summary = ImportSummary(results=str(results))
        with ResultFile(results) as written:
            rows: Iterator[_Asked] = map(self._asked, rows_of(file))
            for asked in rows:
                known = written.known(asked.row.number, asked.fingerprint)
                if known is None:
                    rows = chain([asked], rows)
                    break
                summary.count(known, was_done_before=True)
                self.tell(asked.row.end)
            batch = self.application.payments.process_batch(rows, self._taken)
            async with aclosing(batch) as outcomes:
                async for outcome in outcomes:
                    if isinstance(outcome, Exception):
                        raise outcome
                    end, result = outcome
                    written.add(result)
                    payment = result.payment
                    summary.count(result, was_done_before=bool(payment and payment.created_at < began_at))
                    self.tell(end)
        return summary

    def _asked(self, row: Row) -> _Asked:
        asked = f"{self.created_by}\n{self.name}\n".encode()
        with suppress(UnicodeEncodeError):  # of text that no payment may have
            asked += canonical(row.asked.members) if isinstance(row.asked, JsonObject) else b""
        return _Asked(row, self.application.idempotency.fingerprint(asked).hex())

    async def _taken(self, asked: _Asked) -> tuple[int, RowResult]:
        row = asked.row
        if isinstance(row.asked, JsonObject):
            result = await self._result(row.number, row.asked)
        else:
            result = PaymentResult.refused(0, refusal_of(row.asked))
        return row.end, RowResult.of(row.number, asked.fingerprint, result)

    async def _result(self, number: int, sent: JsonObject) -> PaymentResult:
        payment_id: PaymentId | None = None
        try:
            key, sent = key_in((), sent)
            request = CreatePaymentRequest.read(sent, self.application).to_domain()
            payment_id = self._payment_id(number, key)
            payment = await self.application.payments.process_payment(
                request, payment_id=payment_id, created_by=self.created_by
            )
        except ConcurrencyConflictError:
            return PaymentResult.refused(0, refusal_of(IdempotencyKeyReusedError(), payment_id))
        except Exception as error:
            refusal = refusal_of(error, payment_id)
            if refusal.status == _UNAVAILABLE:
                raise  # no other row would fare better now
            return PaymentResult.refused(0, refusal)
        return PaymentResult(index=0, status=status_of(payment), payment=PaymentResponse.of(payment))

    def _payment_id(self, number: int, key: str | None) -> PaymentId:
        # The name, in which alone anything may stand, stands last.
        known_by = f"row\n{number}\n{self.name}" if key is None else f"key\n{key}"
        return PaymentId(derived_uuid7(_ROOT, f"{self.created_by}\n{known_by}"))


class _RowsASecond(ProgressColumn):
    def render(self, task: Task) -> Text:
        rows = task.fields["rows"]
        return Text(f"{rows:,} rows, {rows / task.elapsed:,.0f}/s" if task.elapsed else "")


@contextmanager
def _shown_progress(file: Path) -> Iterator[Callable[[int], object]]:
    """A bar on a terminal: how much of the file is done, how fast, and how long it will still take."""
    columns = BarColumn(), TaskProgressColumn(), _RowsASecond(), TextColumn("left:"), TimeRemainingColumn()
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        bar = progress.add_task("", total=file.stat().st_size, rows=0)
        rows = 0

        def tell(end: int) -> None:
            nonlocal rows
            rows += 1
            progress.update(bar, completed=end, rows=rows)

        yield tell
