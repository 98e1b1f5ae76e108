"""What can be asked of one value, and of one value beside others."""

from collections.abc import Callable, Iterable
from types import UnionType
from typing import Any, Final

from attrs import frozen


@frozen
class Rule:
    """
    One thing asked of a value.

    A value that is absent (None) keeps every rule but those of ``object``: an optional field needs no mention.

    Args:
        code: For a program, permanent: ``too_short``.
        message: For a person, read after the field's name; never repeats the value.
        of: The types it can judge; any other value breaks ``wrong_type`` instead. True and False are no integers: only
            a rule of ``bool`` or ``object`` judges them.
        holds: Whether a value of such a type keeps the rule.
    """

    code: str
    message: str
    of: type | UnionType
    holds: Callable[[Any], bool]

    def broken_by(self, value: object) -> tuple["Rule", ...]:
        """The rule that *value* breaks: this one, `WRONG_TYPE`, or none."""
        if not isinstance(value, self.of) or (isinstance(value, bool) and self.of not in (bool, object)):
            return () if value is None else (WRONG_TYPE,)
        return () if self.holds(value) else (self,)


@frozen
class InTurn:
    """Rules of which only the first broken one counts."""

    rules: tuple["ValueRule", ...]

    def broken_by(self, value: object) -> tuple[Rule, ...]:
        """The first rule that *value* breaks, if any."""
        for rule in self.rules:
            if broken := rule.broken_by(value):
                return broken
        return ()


ValueRule = Rule | InTurn
"""What looks at one value as a whole."""

WRONG_TYPE: Final = Rule("wrong_type", "has the wrong type", object, lambda _: False)

required: Final = Rule("required", "is required", object, lambda value: value is not None)
absent: Final = Rule("not_allowed", "must be left out", object, lambda value: value is None)


def in_turn(*rules: ValueRule) -> InTurn:
    """Ask each rule only if those before it hold: ``in_turn(digits_only, luhn)``."""
    return InTurn(rules)


def broken_rules(rules: Iterable[ValueRule], value: object) -> list[Rule]:
    """All *rules* that *value* breaks; the first that cannot judge its type is the last one asked."""
    broken: list[Rule] = []
    for rule in rules:
        if found := rule.broken_by(value):
            broken += found
            if found[-1] is WRONG_TYPE:
                break
    return broken


@frozen
class CrossRule:
    """
    One thing asked of a field beside others of the same form.

    Args:
        code: As of a `Rule`.
        message: As of a `Rule`.
        others: Names of the other fields.
        holds: Gets the field's value, then theirs: all present, and each one good by its own rules.
    """

    code: str
    message: str
    others: tuple[str, ...]
    holds: Callable[..., bool]
