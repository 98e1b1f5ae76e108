"""Which events there are: the way from a stored name back to a class."""

from collections.abc import Iterable

from ..kernel import InternalError
from .events import Event, MalformedEvent, UnknownEvent
from .upcasting import StoredForm, Upcaster, stored_forms


class UnknownEventError(InternalError):
    """An event has a name and schema version that nobody registered, and something needs to understand it."""

    code = "serialization_error"

    def __init__(self, type_name: str, schema_version: int) -> None:
        super().__init__("No such event is registered.", type=type_name, schema_version=schema_version)


class MalformedEventError(InternalError):
    """What is stored is not a valid event of the class it is stored under."""

    code = "serialization_error"

    def __init__(self, type_name: str, schema_version: int) -> None:
        super().__init__("A stored event is not valid.", type=type_name, schema_version=schema_version)


def refuse_unreadable(event: Event) -> None:
    """
    For whoever needs to understand *event*.

    Raises:
        UnknownEventError: it is of a class that this release does not know; another may.
        MalformedEventError: what is stored is no valid event of its class.
    """
    if isinstance(event, MalformedEvent):
        raise MalformedEventError(event.stored_type, event.stored_version)
    if isinstance(event, UnknownEvent):
        raise UnknownEventError(event.stored_type, event.stored_version)


class EventRegistry:
    """
    Every event class, and how events of older schema versions become theirs.

    Args:
        types: One class a name, each with the ``schema_version`` in which it is written today.
        upcasters: One for every older version, each to the next.

    Raises:
        ValueError: two claim the same name or version, or a version between the first and today's cannot be read.
    """

    def __init__(self, types: Iterable[type[Event]], upcasters: Iterable[Upcaster] = ()) -> None:
        self.types = frozenset(types)
        self.forms = stored_forms(self.types, upcasters)

    def form_of(self, type_name: str, schema_version: int) -> StoredForm | None:
        """What becomes of events stored so; None where nobody registered them."""
        return self.forms.get((type_name, schema_version))

    def stored_names(self, event_type: type[Event]) -> frozenset[str]:
        """The name of *event_type*, and those under which its events were stored in older schema versions."""
        older = {name for (name, _), form in self.forms.items() if form.event_type is event_type}
        return frozenset({event_type.type_name(), *older})
