"""Files of what is asked for, row by row: each is done once, however often the same is run."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import aclosing, contextmanager, suppress
from itertools import chain, islice
from pathlib import Path
from typing import Any, ClassVar, Final
from uuid import UUID

import rich_click as click
from attrs import define, field, frozen
from rich.progress import (
    BarColumn,
    ProgressColumn,
    Task,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from ...core.kernel import ConcurrencyConflictError, UserId, derived_uuid7
from ...core.resilience import IdempotencyKeyReusedError
from ..api.answer_models import AnswerModel
from ..api.errors import Refusal, refusal_of
from ..api.exact_json import JsonObject
from ..api.idempotency_keys import canonical, key_in
from ..api.order_models import OrderResponse
from ..api.payment_models import PaymentResponse
from ..composition import Application
from .import_results import ResultFile, RowResult
from .import_rows import Row, RowForm, rows_of
from .output import print_facts, print_json, progress_bar

_ROOT: Final = UUID("00000000-0000-7000-8000-000000000000")
"""What the ids of what is imported derive from: whoever imports the same again gets the same."""

_UNAVAILABLE = 503

Command = Callable[..., Any]


class ImportSummary(AnswerModel):
    """
    What became of the rows.

    Args:
        taken: Those that came to what they asked for: a payment that was taken or is held, an order that was placed.
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
        elif result.made:
            self.taken += 1
            self.before += was_done_before
        else:
            self.refused += 1

    def end(self, context: click.Context, *, as_json: bool) -> None:
        """Print it, and exit with what it says."""
        if as_json:
            print_json(self)
        else:
            print_facts(self)
        context.exit(self.exit_code)


@frozen
class Done:
    """What a row came to, and the status that tells so."""

    status: int
    payment: PaymentResponse | None = None
    order: OrderResponse | None = None


@frozen
class _Asked:
    """A row, and what tells whether it is the one that was asked for before."""

    row: Row
    fingerprint: str


@define
class Import(ABC):
    """
    Does what the rows of files ask for.

    Args:
        name: What the rows are known by, beside their numbers, where they have no key of their own.
        created_by: For whom it is done.
        tell: Told after each row how many bytes of the file are done.
    """

    form: ClassVar[RowForm]
    kind: ClassVar[str]
    """Stands before what ids derive from, so that none is that of something of another kind."""

    application: Application
    name: str
    created_by: UserId | None = None
    tell: Callable[[int], object] = field(default=lambda _: None)

    @abstractmethod
    async def do(self, sent: JsonObject, operation_id: UUID) -> Done:
        """
        Do what one row asks for, once under one id.

        Raises:
            ConcurrencyConflictError: something else was done under that id.
        """

    @abstractmethod
    def refusal(self, error: Exception, operation_id: UUID) -> Refusal:
        """What there is to be said of a row that failed."""

    async def __call__(self, file: Path, results: Path) -> ImportSummary:
        """
        Do each row of *file* that has no final result among *results*, a few at once.

        Raises:
            click.UsageError: the file is none of these.
            UnavailableError: the database is away; what was done until then is among the results.
        """
        began_at = self.application.clock()
        summary = ImportSummary(results=str(results))
        rows: Iterator[_Asked] = map(self._asked, rows_of(file, self.form))
        begun = [*islice(rows, 1)]  # before there are results, because the file may have no rows of ours
        with ResultFile(results) as written:
            rows = chain(begun, rows)
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
                    made = result.made
                    summary.count(result, was_done_before=bool(made and made.created_at < began_at))
                    self.tell(end)
        return summary

    def _asked(self, row: Row) -> _Asked:
        asked = f"{self.created_by}\n{self.name}\n".encode()
        with suppress(UnicodeEncodeError):  # of text that nothing may have
            asked += canonical(row.asked.members) if isinstance(row.asked, JsonObject) else b""
        return _Asked(row, self.application.idempotency.fingerprint(asked).hex())

    async def _taken(self, asked: _Asked) -> tuple[int, RowResult]:
        row, number, fingerprint = asked.row, asked.row.number, asked.fingerprint
        if isinstance(row.asked, JsonObject):
            outcome = await self._outcome(number, row.asked)
        else:
            outcome = refusal_of(row.asked)
        if isinstance(outcome, Refusal):
            error = outcome.error
            return row.end, RowResult(row=number, fingerprint=fingerprint, status=outcome.status, error=error)
        status, payment, order = outcome.status, outcome.payment, outcome.order
        result = RowResult(row=number, fingerprint=fingerprint, status=status, payment=payment, order=order)
        return row.end, result

    async def _outcome(self, number: int, sent: JsonObject) -> Done | Refusal:
        operation_id = self._id(number, None)
        try:
            key, sent = key_in((), sent)
            operation_id = self._id(number, key)
            return await self.do(sent, operation_id)
        except ConcurrencyConflictError:
            return self.refusal(IdempotencyKeyReusedError(), operation_id)
        except Exception as error:
            refusal = self.refusal(error, operation_id)
            if refusal.status == _UNAVAILABLE:
                raise  # no other row would fare better now
            return refusal

    def _id(self, number: int, key: str | None) -> UUID:
        # The name, in which alone anything may stand, stands last.
        known_by = f"row\n{number}\n{self.name}" if key is None else f"key\n{key}"
        return derived_uuid7(_ROOT, f"{self.kind}{self.created_by}\n{known_by}")


def import_options(command: Command) -> Command:
    """The file, and the options that every import has."""
    for option in (
        click.option(
            "--results",
            type=click.Path(dir_okay=False, path_type=Path),
            help="Where the results are written, and gone on from; FILE.results.jsonl by default.",
        ),
        click.option("--name", help="What the rows are known by, instead of the file's name."),
        click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path)),
    ):
        command = option(command)
    return command


def results_of(file: Path, results: Path | None) -> Path:
    """Where the results are written."""
    return results or file.with_name(f"{file.name}.results.jsonl")


class _RowsASecond(ProgressColumn):
    def render(self, task: Task) -> Text:
        rows = task.fields["rows"]
        return Text(f"{rows:,} rows, {rows / task.elapsed:,.0f}/s" if task.elapsed else "")


@contextmanager
def shown_progress(file: Path) -> Iterator[Callable[[int], object]]:
    """A bar on a terminal: how much of the file is done, how fast, and how long it will still take."""
    columns = BarColumn(), TaskProgressColumn(), _RowsASecond(), TextColumn("left:"), TimeRemainingColumn()
    with progress_bar(*columns) as progress:
        bar = progress.add_task("", total=file.stat().st_size, rows=0)
        rows = 0

        def tell(end: int) -> None:
            nonlocal rows
            rows += 1
            progress.update(bar, completed=end, rows=rows)

        yield tell
