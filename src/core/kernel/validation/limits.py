"""Rules for how much and how many: of numbers, amounts, dates, and of what a list or mapping holds."""

from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise
from types import UnionType
from typing import Protocol, Self

from ..errors import QuaysideError
from .rules import CrossRule, InTurn, Rule, in_turn


class Ordered(Protocol):
    """What can be put in order with its like: int, Decimal, Money, date, datetime …"""

    def __le__(self, other: Self, /) -> bool: ...


def _in_order(*values: Ordered) -> bool:
    try:
        return all(low <= high for low, high in pairwise(values))
    except (TypeError, ArithmeticError, QuaysideError):
        # A naive time beside an aware one, a NaN, an amount of another currency: in no order at all.
        return False


def _kind_of(limit: Ordered) -> type | UnionType:
    return int | Decimal if isinstance(limit, int | Decimal) else type(limit)


def at_least(least: Ordered) -> Rule:
    """*least* or more."""
    message = f"must be at least {least}"
    return Rule("out_of_range", message, _kind_of(least), lambda value: _in_order(least, value))


def at_most(most: Ordered) -> Rule:
    """*most* or less."""
    message = f"must be at most {most}"
    return Rule("out_of_range", message, _kind_of(most), lambda value: _in_order(value, most))


def between(least: Ordered, most: Ordered) -> Rule:
    """From *least* to *most*, both included."""
    message = f"must be between {least} and {most}"
    return Rule("out_of_range", message, _kind_of(least), lambda value: _in_order(least, value, most))


def size(least: int, most: int) -> InTurn:
    """From *least* to *most* items in a list, or keys in a mapping."""
    kind: type | UnionType = list | tuple | Mapping
    too_few = f"must have at least {counted(least, 'item')}"
    too_many = f"must have at most {counted(most, 'item')}"
    return in_turn(
        Rule("too_few", too_few, kind, lambda value: len(value) >= least),
        Rule("too_many", too_many, kind, lambda value: len(value) <= most),
    )


def not_before(other: str) -> CrossRule:
    """The field is not before the field *other*, of the same type."""
    message = f"must not be before {other}"
    return CrossRule("out_of_order", message, (other,), lambda value, earlier: _in_order(earlier, value))


def counted(number: int, noun: str) -> str:
    """A number with its noun: ``1 item``, ``2 items``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
