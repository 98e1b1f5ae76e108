"""Ids that sort by the time they were made."""

from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from struct import unpack
from typing import Final
from uuid import UUID, SafeUUID

from attrs import define, field

from .clock import Clock
from .ids import IdFactory

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_UNKNOWN: Final = SafeUUID.unknown  # a member of an enumeration is looked for each time it is named


@define(eq=False)
class Uuid7Factory:
    """
    Makes UUIDv7s, each greater than every one that the same factory made before.

    Within one millisecond, or while the clock stands behind an earlier reading, an id is the last one plus a random
    step of up to 2**32. A millisecond has room for more than 2**40 of them; were it full, the next id would take the
    next millisecond early. Tasks of one event loop may share a factory, threads may not. Several factories, in
    whatever processes, need nothing of each other.

    Source: RFC 9562, section 5.7, and section 6.2, method 2 (monotonic random).

    Args:
        clock: Gives the time, 1970-9999.
        entropy: Gives so many unpredictable bytes.
    """

    clock: Clock
    entropy: Callable[[int], bytes]
    # The last id without version and variant: milliseconds since 1970 above 74 random bits; none was made yet.
    _last: int = field(default=-1, init=False)

    def __call__(self) -> UUID:
        return self.several(1)[0]

    def several(self, count: int) -> list[UUID]:
        """So many, as if they were asked for one by one within an instant; a fraction of the work."""
        made = []
        elapsed = self.clock() - _EPOCH
        elapsed_ms = (elapsed.days * 86_400 + elapsed.seconds) * 1_000 + elapsed.microseconds // 1_000
        if count > 0 and elapsed_ms > self._last >> 74:
            drawn = self.entropy(10 + 4 * (count - 1))
            self._last = elapsed_ms << 74 | int.from_bytes(drawn[:10]) >> 6
            made.append(_with_version_and_variant(self._last))
            drawn = drawn[10:]
        else:
            drawn = self.entropy(4 * count)
        for step in unpack(f">{len(drawn) // 4}I", drawn):
            self._last += 1 + step
            made.append(_with_version_and_variant(self._last))
        return made


def several_ids(new_id: IdFactory, count: int) -> list[UUID]:
    """So many of *new_id*, drawn at once where it can."""
    if isinstance(new_id, Uuid7Factory):
        return new_id.several(count)
    return [new_id() for _ in range(count)]


def derived_uuid7(parent: UUID, name: str) -> UUID:
    """The id of what *parent* has under *name*: the same one whenever it is asked for, as old as *parent*."""
    digest = int.from_bytes(sha256(parent.bytes + name.encode()).digest()) & (1 << 74) - 1
    return _with_version_and_variant(parent.int >> 80 << 74 | digest)


def _with_version_and_variant(bits: int) -> UUID:
    elapsed_ms, random_a, random_b = bits >> 74, bits >> 62 & 0xFFF, bits & (1 << 62) - 1
    # Past its constructor, which takes twice as long to look for what cannot be here; Python 3.14 does it like this.
    made = object.__new__(UUID)
    object.__setattr__(made, "int", elapsed_ms << 80 | 0x7 << 76 | random_a << 64 | 0b10 << 62 | random_b)
    object.__setattr__(made, "is_safe", _UNKNOWN)
    return made
