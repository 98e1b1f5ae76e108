"""Which events there are: the way from a stored name back to a class."""

from collections.abc import Iterable

from ..kernel import InternalError
from .events import Event


class UnknownEventError(InternalError):
    """An event is stored under a name and schema version that nobody registered."""

    code = "serialization_error"

    def __init__(self, type_name: str, schema_version: int) -> None:
        super().__init__("No such event is registered.", type=type_name, schema_version=schema_version)


class MalformedEventError(InternalError):
    """What is stored is not a valid event of the class it is stored under."""

    code = "serialization_error"

    def __init__(self, type_name: str, schema_version: int) -> None:
        super().__init__("A stored event is not valid.", type=type_name, schema_version=schema_version)


class EventRegistry:
    """
    Event classes by stored name and schema version.

    Raises:
        ValueError: two classes claim the same name and version.
    """

    def __init__(self, types: Iterable[type[Event]]) -> None:
        self._types: dict[tuple[str, int], type[Event]] = {}
        for event_type in types:
            key = (event_type.type_name(), event_type.schema_version)
            if self._types.setdefault(key, event_type) is not event_type:
                raise ValueError(f"{key[0]} version {key[1]} is registered twice")

    def type_of(self, type_name: str, schema_version: int) -> type[Event]:
        """
        The class of a stored event.

        Raises:
            UnknownEventError: nobody registered it.
        """
        try:
            return self._types[type_name, schema_version]
        except KeyError:
            raise UnknownEventError(type_name, schema_version) from None
