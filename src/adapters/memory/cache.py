"""Copies in memory, for one process."""

from collections import OrderedDict
from collections.abc import Callable

from attrs import define, field, frozen


@frozen
class _Known:
    """
    Args:
        copy: None where it is known only that what is older is outdated.
        until: When it is forgotten.
    """

    copy: bytes | None
    version: int
    until: float


@define(eq=False)
class MemoryCache:
    """
    What was used longest ago is forgotten first. Nothing is awaited, so each step is atomic.

    Args:
        monotonic: Seconds that never step back.
        ttl_s: How long a copy is kept, in seconds.
        most: How many keys are known at once.
    """

    _monotonic: Callable[[], float]
    _ttl_s: float = field(kw_only=True)
    _most: int = field(kw_only=True)
    _known: OrderedDict[str, _Known] = field(factory=OrderedDict, init=False)

    async def get(self, key: str) -> bytes | None:
        known = self._find(key)
        if known is None or known.copy is None:
            return None
        self._known.move_to_end(key)
        return known.copy

    async def put(self, key: str, copy: bytes, version: int) -> None:
        known = self._find(key)
        if known is None or known.version <= version:
            self._know(key, copy, version)

    async def outdate(self, key: str, version: int) -> None:
        known = self._find(key)
        if known is None or known.version < version:
            self._know(key, None, version)

    async def drop(self, key: str) -> None:
        self._known.pop(key, None)

    def _find(self, key: str) -> _Known | None:
        known = self._known.get(key)
        return known if known is not None and self._monotonic() < known.until else None

    def _know(self, key: str, copy: bytes | None, version: int) -> None:
        self._known[key] = _Known(copy, version, self._monotonic() + self._ttl_s)
        self._known.move_to_end(key)
        if len(self._known) > self._most:
            self._known.popitem(last=False)
