"""
Forms: what every field of an input has to keep, read like a table.

    ORDER = Form(
        field("address", required, ADDRESS),
        field("items", required, size(1, 100), each(ITEM)),
    )
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from attrs import Factory, define, frozen, has

from ..errors import FieldError, ValidationFailedError
from .rules import CrossRule, ValueRule, absent
from .structures import Chain, Link, Skipped, chain, wrong_type_at


@define
class Scope:
    """
    One mapping or object that a form looks at.

    Args:
        read: Gives a field's value by its name; None where it is absent.
        prefix: What the paths of its fields start with.
        bad: Names of the fields that broke a rule of their own, or of which that cannot be told.
    """

    read: Callable[[str], object]
    prefix: str
    skipped: Skipped
    bad: set[str] = Factory(set)

    def path(self, name: str) -> str:
        """Where the field *name* stands in the whole input."""
        return self.prefix + name

    def is_good(self, name: str) -> bool:
        """Whether the field *name* was looked at down to its leaves, and broke no rule."""
        return name not in self.bad and not self.skipped.reaches(self.path(name))


@frozen
class Field:
    """A chain for one field."""

    name: str
    chain: Chain

    def inspect(self, scope: Scope) -> list[FieldError]:
        """Give the errors at and beneath the field."""
        path = scope.path(self.name)
        if path in scope.skipped:
            return []
        errors = self.chain.inspect(scope.read(self.name), path, scope.skipped)
        if errors:
            scope.bad.add(self.name)
        return errors


@frozen
class Check:
    """A rule for one field beside others, asked once all of them are present and good."""

    name: str
    rule: CrossRule

    def inspect(self, scope: Scope) -> list[FieldError]:
        """Give the error at the field, if any."""
        values = []
        for name in (self.name, *self.rule.others):
            value = scope.read(name)
            if value is None or not scope.is_good(name):
                return []
            values.append(value)
        if self.rule.holds(*values):
            return []
        return [FieldError(scope.path(self.name), self.rule.message, self.rule.code)]


@frozen
class When:
    """Rows that count only where one field keeps a rule."""

    name: str
    condition: ValueRule
    rows: tuple["Row", ...]

    def inspect(self, scope: Scope) -> list[FieldError]:
        """Give the errors of the rows, if they count."""
        if not scope.is_good(self.name):
            # Whether its rows count cannot be told, so neither can it be of their fields whether they are good.
            scope.bad.update(_fields_of(self.rows))
            return []
        value = scope.read(self.name)
        counts = self.condition is absent if value is None else not self.condition.broken_by(value)
        return [error for row in self.rows for error in row.inspect(scope)] if counts else []


Row = Field | Check | When


class Form:
    """
    The rows of a table: what every field of a mapping, or of an attrs object, has to keep.

    A form stands in the chain of a field like a rule, for a value with fields of its own. `rows` serve to build a
    longer form from it: ``Form(*ADDRESS.rows, field("country", required))``.

    Raises:
        ValueError: a check or condition names a field that no row before it declares, so it would never be asked
            with a value known to be good.
    """

    def __init__(self, *rows: Row) -> None:
        if undeclared := _undeclared(rows):
            raise ValueError(f"no row before its use declares: {', '.join(sorted(undeclared))}")
        self.rows = rows

    def errors(self, values: object, *, skip: Collection[str] = ()) -> tuple[FieldError, ...]:
        """
        Every rule that *values* break, in the order of the rows.

        Args:
            values: A mapping or an attrs object; inside it mappings, objects, lists and tuples.
            skip: Paths already refused: neither they nor what is beneath them is looked at, and what builds on them
                is not asked. Never brings an error that would not be there without.
        """
        # Rows about the same field, one of them in a condition, may say the same twice.
        return tuple(dict.fromkeys(self.inspect(values, "", Skipped(skip))))

    def check(self, values: object) -> None:
        """
        Raises:
            ValidationFailedError: *values* break rules; carries all of them.
        """
        if errors := self.errors(values):
            raise ValidationFailedError(errors)

    def inspect(self, value: object, path: str, skipped: Skipped) -> list[FieldError]:
        """As of a `Structure`."""
        read = reader_of(value)
        if read is None:
            return [wrong_type_at(path)]
        scope = Scope(read, f"{path}." if path else "", skipped)
        return [error for row in self.rows for error in row.inspect(scope)]


def field(name: str, *links: Link) -> Field:
    """
    Ask all of this of the field *name*.

    Its own rules come first, every broken one is reported; forms and items beneath it are looked at once they hold.
    Without `required` it may be absent.
    """
    return Field(name, chain(links))


def check(name: str, rule: CrossRule) -> Check:
    """Ask *rule* of the field *name* beside the others that it names; its error stands at *name*."""
    return Check(name, rule)


def when(name: str, condition: ValueRule, *rows: Row) -> When:
    """
    Count *rows* only where the field *name* is good and keeps *condition*.

    Where it is absent, only the condition `absent` holds.
    """
    return When(name, condition, rows)


def reader_of(value: object) -> Callable[[str], object] | None:
    """Gives a field of *value* by its name; None for a value that has no fields."""
    if isinstance(value, Mapping):
        return value.get
    if has(type(value)):
        return lambda name: getattr(value, name, None)
    return None


def _fields_of(rows: Iterable[Row]) -> Iterator[str]:
    for row in rows:
        match row:
            case Field(name):
                yield name
            case When(rows=inner):
                yield from _fields_of(inner)


def _undeclared(rows: Iterable[Row]) -> set[str]:
    declared: set[str] = set()
    used: set[str] = set()
    for row in rows:
        match row:
            case Field(name):
                declared.add(name)
            case Check(name, rule):
                used |= {name, *rule.others} - declared
            case When(name, _, inner):
                used |= ({name} | _undeclared(inner)) - declared
    return used
