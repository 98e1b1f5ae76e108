"""How a value with parts is looked into: by paths, down to its leaves."""

from bisect import bisect_left
from collections.abc import Iterable
from typing import Protocol

from attrs import frozen

from ..errors import FieldError
from .rules import WRONG_TYPE, InTurn, Rule, ValueRule, broken_rules


class Skipped:
    """
    Paths at which nothing is looked at, nor beneath them.

    Args:
        paths: Of any number and length: whoever sends the input has chosen the names in it.
    """

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths = frozenset(paths)
        self._sorted = sorted(self._paths)

    def __contains__(self, path: str) -> bool:
        return path in self._paths

    def reaches(self, path: str) -> bool:
        """Whether *path*, or anything beneath it, is skipped."""
        if path in self._paths:
            return True
        if not self._paths:  # most often
            return False
        beneath = f"{path}."
        first = bisect_left(self._sorted, beneath)
        return first < len(self._sorted) and self._sorted[first].startswith(beneath)


class Structure(Protocol):
    """What looks at the parts of a value: a form, or each item."""

    def inspect(self, value: object, path: str, skipped: Skipped) -> list[FieldError]:
        """Give the errors at and beneath *path*, where *value* stands."""
        ...


Link = ValueRule | Structure
"""What a chain is made of."""


@frozen
class Chain:
    """
    Everything asked of one value.

    Args:
        rules: Asked of the value as a whole.
        structures: Looked into where it keeps them: a list that is too long is refused without a word on each item.
    """

    rules: tuple[ValueRule, ...]
    structures: tuple[Structure, ...]

    def inspect(self, value: object, path: str, skipped: Skipped) -> list[FieldError]:
        """As of a `Structure`."""
        if broken := broken_rules(self.rules, value):
            return [FieldError(path, rule.message, rule.code) for rule in broken]
        if value is None or not self.structures:
            return []
        return [error for inner in self.structures for error in inner.inspect(value, path, skipped)]


def chain(links: Iterable[Link]) -> Chain:
    """Sort *links* into rules and structures."""
    rules: list[ValueRule] = []
    structures: list[Structure] = []
    for link in links:
        if isinstance(link, Rule | InTurn):
            rules.append(link)
        else:
            structures.append(link)
    return Chain(tuple(rules), tuple(structures))


@frozen
class Each:
    """A chain for every item of a list."""

    chain: Chain

    def inspect(self, value: object, path: str, skipped: Skipped) -> list[FieldError]:
        """As of a `Structure`."""
        if not isinstance(value, list | tuple):
            return [wrong_type_at(path)]
        errors: list[FieldError] = []
        for index, item in enumerate(value):
            at = f"{path}.{index}"
            if at not in skipped:
                errors += self.chain.inspect(item, at, skipped)
        return errors


def each(*links: Link) -> Each:
    """Ask the same of every item: ``each(ITEM)``, ``each(required, text, max_length(20))``."""
    return Each(chain(links))


def wrong_type_at(path: str) -> FieldError:
    """What is said of a value that has no such parts."""
    return FieldError(path, WRONG_TYPE.message, WRONG_TYPE.code)
