"""What became of each row of an import, a line each, in a file that the import goes on from."""

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import msgspec
import rich_click as click
from attrs import define, field

from ..api.errors import ErrorBody
from ..api.order_models import OrderResponse
from ..api.payment_models import PaymentResponse

_UNCLEAR, _ACCEPTED = frozenset({500, 503, 504}), 202
_BEGINNING = b'{"row":'  # of every file of results, as far as it was written


class RowResult(msgspec.Struct, omit_defaults=True, kw_only=True):
    """
    What became of one row.

    Args:
        row: Its number, from 1.
        fingerprint: Of what it asked for; tells nothing of it.
        status: What the API would have answered with.
    """

    row: int
    fingerprint: str
    status: int
    payment: PaymentResponse | None = None
    order: OrderResponse | None = None
    error: ErrorBody | None = None

    @property
    def made(self) -> PaymentResponse | OrderResponse | None:
        """What it came to, if it came to anything."""
        return self.payment or self.order

    @property
    def is_open(self) -> bool:
        """Whether asking once more may tell something else; what becomes of an order does not come as its answer."""
        return self.status in _UNCLEAR or (self.status == _ACCEPTED and self.order is None)


_DECODER = msgspec.json.Decoder(RowResult)


@define
class ResultFile:
    """
    The results of the rows so far, in their order.

    Those at the beginning that are final, and about the same rows as before, are gone on from; what follows is found
    out anew, which changes nothing that was done.

    Raises:
        click.UsageError: there is something else in the file, such as the rows themselves.
    """

    _path: Path
    _file: BinaryIO = field(init=False)
    _known: Iterator[tuple[int, RowResult]] = field(init=False)
    _goes_on_from: int = field(default=0, init=False)

    def __enter__(self) -> Self:
        self._path.touch()
        self._file = self._path.open("r+b")
        if not _BEGINNING.startswith(self._file.read(len(_BEGINNING))):
            self._file.close()
            raise click.UsageError(f"{self._path} has something else than results in it.")
        self._file.seek(0)
        self._known = self._read()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def known(self, row: int, fingerprint: str) -> RowResult | None:
        """The final result of the next row, if there is one; else it and all after it are to be added."""
        found = next(self._known, None)
        if found and (found[1].row, found[1].fingerprint) == (row, fingerprint) and not found[1].is_open:
            self._goes_on_from = found[0]
            return found[1]
        self._known = iter(())
        self._file.seek(self._goes_on_from)
        self._file.truncate()
        return None

    def add(self, result: RowResult) -> None:
        """Write the result of the next row, so that it outlives this process."""
        self._file.write(msgspec.json.encode(result) + b"\n")
        self._file.flush()

    def _read(self) -> Iterator[tuple[int, RowResult]]:
        while (line := self._file.readline()).endswith(b"\n"):
            try:
                result = _DECODER.decode(line)
            except msgspec.DecodeError:
                return
            yield self._file.tell(), result
