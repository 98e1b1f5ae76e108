"""A table of a transaction: what was committed, under what is staged here."""

from collections.abc import Iterator, MutableMapping
from copy import deepcopy
from typing import TypeVar

from attrs import define, field

K = TypeVar("K")
V = TypeVar("V")


class _Deleted:
    """Stands where this transaction deleted a row."""


@define(eq=False)
class Rows(MutableMapping[K, V]):
    """
    The rows of one table as one transaction sees them; nobody else sees its changes before they are published.

    Rows are copied on their way in and out, whatever they hold, so changing an entity changes nothing until it is
    stored.

    Args:
        committed: What all transactions share.
    """

    _committed: dict[K, V]
    _staged: dict[K, V | _Deleted] = field(factory=dict, init=False)

    def __getitem__(self, key: K) -> V:
        row = self._staged[key] if key in self._staged else self._committed[key]
        if isinstance(row, _Deleted):
            raise KeyError(key)
        return deepcopy(row)

    def __setitem__(self, key: K, row: V) -> None:
        self._staged[key] = deepcopy(row)

    def __delitem__(self, key: K) -> None:
        if key not in self:
            raise KeyError(key)
        self._staged[key] = _Deleted()

    def __iter__(self) -> Iterator[K]:
        present = self._committed | self._staged
        return iter([key for key, row in present.items() if not isinstance(row, _Deleted)])

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def publish(self) -> None:
        """Make the staged changes everybody's."""
        for key, row in self._staged.items():
            if isinstance(row, _Deleted):
                self._committed.pop(key, None)
            else:
                self._committed[key] = row
        self._staged.clear()
