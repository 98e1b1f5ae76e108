"""Tells of stored events that cannot be read."""

from collections.abc import Callable

import structlog
from attrs import field, frozen

_log = structlog.get_logger()


@frozen
class UnreadableEventReport:
    """
    Counts each one that is read, and warns of the first of its type and schema version.

    Args:
        what: Is wrong with them, in a few words.
        count: Given the type and schema version of each.
    """

    _what: str
    _count: Callable[[str, int], None]
    _warned: set[tuple[str, int]] = field(factory=set, init=False)

    def __call__(self, type_name: str, schema_version: int) -> None:
        self._count(type_name, schema_version)
        if (type_name, schema_version) not in self._warned:
            self._warned.add((type_name, schema_version))
            _log.warning(self._what, type=type_name, schema_version=schema_version)
