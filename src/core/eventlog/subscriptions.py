"""What a subscriber wants to hear of."""

from attrs import frozen

from .envelope import RecordedEvent
from .events import Event


@frozen
class EventFilter:
    """
    Tells apart events by where and what they are; both have to fit.

    Args:
        categories: Those of the streams; None for all.
        types: The classes under whose names events are stored, of whatever schema version; None for all.
    """

    categories: frozenset[str] | None = None
    types: frozenset[type[Event]] | None = None

    @property
    def type_names(self) -> frozenset[str] | None:
        """The names under which *types* are stored; None for all."""
        return None if self.types is None else frozenset(each.type_name() for each in self.types)

    def lets_through(self, recorded: RecordedEvent) -> bool:
        """Whether *recorded* is one of those that are wanted."""
        names = self.type_names
        return (self.categories is None or recorded.stream.category in self.categories) and (
            names is None or recorded.event.type_name() in names
        )


EVERYTHING = EventFilter()
"""Lets every event through."""
