"""A table of a transaction: what was committed, under what is staged here."""

from collections.abc import Iterator, MutableMapping
from copy import copy, deepcopy
from typing import TypeVar

from attrs import define, field

K = TypeVar("K")
V = TypeVar("V")

_CHANGEABLE = (dict, list, set)


def copied(row: V) -> V:
    """
    A copy of *row* that shares what nobody can change.

    Most of an entity is values. To copy each of those, too, takes far longer than all else that storage in memory does.
    """
    duplicate = copy(row)
    for each in getattr(row, "__attrs_attrs__", ()):
        value = getattr(row, each.name)
        if isinstance(value, _CHANGEABLE):
            object.__setattr__(duplicate, each.name, deepcopy(value))
    return duplicate


class _Deleted:
    """Stands where this transaction deleted a row."""


@define(eq=False)
class Rows(MutableMapping[K, V]):
    """
    The rows of one table as one transaction sees them; nobody else sees its changes before they are published.

    Rows are copied on their way in and out, so changing an entity changes nothing until it is stored.

    Args:
        committed: What all transactions share.
    """

    _committed: dict[K, V]
    _staged: dict[K, V | _Deleted] = field(factory=dict, init=False)

    def __getitem__(self, key: K) -> V:
        row = self._staged[key] if key in self._staged else self._committed[key]
        if isinstance(row, _Deleted):
            raise KeyError(key)
        return copied(row)

    def __setitem__(self, key: K, row: V) -> None:
        self._staged[key] = copied(row)

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
