"""How events that were stored in older shapes become events of today."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from attrs import field, frozen

from .events import Event

JsonObject: TypeAlias = dict[str, Any]
"""The fields of a stored event, as JSON has them: texts, numbers, booleans, None, lists and objects."""

Form: TypeAlias = tuple[str, int]
"""The name and the schema version under which an event is stored."""


@frozen
class Upcaster:
    """
    Takes a stored event of one schema version to the next.

    Args:
        type_name: The name under which it is stored.
        from_version: The schema version in which it is stored.
        change: Gives the fields that it has in the version after that one. Pure; may change what it is given.
        new_name: The name that the type has from the next version on, where that is another.
    """

    type_name: str
    from_version: int
    change: Callable[[JsonObject], JsonObject]
    new_name: str | None = field(default=None, kw_only=True)

    @property
    def source(self) -> Form:
        """What it takes."""
        return self.type_name, self.from_version

    @property
    def target(self) -> Form:
        """What it makes of it."""
        return self.new_name or self.type_name, self.from_version + 1


@frozen
class StoredForm:
    """
    What becomes of events that are stored under one name and schema version.

    Args:
        event_type: Their class when they are read.
        upcasters: What they go through before, in order; none where the version is that of the class.
    """

    event_type: type[Event]
    upcasters: tuple[Upcaster, ...] = ()


def stored_forms(types: Iterable[type[Event]], upcasters: Iterable[Upcaster]) -> Mapping[Form, StoredForm]:
    """
    Every form that can be read.

    Raises:
        ValueError: two claim the same form, or there is a hole: versions count from 1, and each leads to a class.
    """
    current = _classes(types)
    steps = _steps(upcasters, current)
    forms = {_form_of(event_type): StoredForm(event_type) for event_type in current.values()}
    for source in sorted(
        steps, key=lambda form: form[1], reverse=True
    ):  # whatever a step leads to is there already
        step = steps[source]
        if step.target not in forms:
            raise ValueError(f"{_named(source)} is upcast to {_named(step.target)}, which nobody reads")
        onward = forms[step.target]
        forms[source] = StoredForm(onward.event_type, (step, *onward.upcasters))
    reached = {step.target for step in steps.values()}
    for form in forms:
        if form[1] > 1 and form not in reached:
            raise ValueError(f"{_named(form)} has no upcaster from the version before it")
    return forms


def _classes(types: Iterable[type[Event]]) -> dict[str, type[Event]]:
    current: dict[str, type[Event]] = {}
    for event_type in types:
        if current.setdefault(event_type.type_name(), event_type) is not event_type:
            raise ValueError(f"{event_type.type_name()} is the name of two classes")
    return current


def _steps(upcasters: Iterable[Upcaster], current: Mapping[str, type[Event]]) -> dict[Form, Upcaster]:
    steps: dict[Form, Upcaster] = {}
    for upcaster in upcasters:
        if steps.setdefault(upcaster.source, upcaster) is not upcaster:
            raise ValueError(f"{_named(upcaster.source)} has two upcasters")
        event_type = current.get(upcaster.type_name)
        if event_type is not None and upcaster.from_version >= event_type.schema_version:
            raise ValueError(f"{_named(upcaster.source)} is not older than its class")
    return steps


def _form_of(event_type: type[Event]) -> Form:
    return event_type.type_name(), event_type.schema_version


def _named(form: Form) -> str:
    return f"{form[0]} version {form[1]}"
