"""Cursors: where a page ended, sealed so that it is taken by the same list under the same filters alone."""

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from struct import Struct
from uuid import UUID

import msgspec
from attrs import AttrsInstance, asdict, field, frozen

from ...core.kernel import Place

_ORDER = "created_at desc, id desc"
_PLACE = Struct(">q16s")  # microseconds since 1970, and the id
_SEAL_BYTES = 18  # with the place a multiple of three, so that no bits of the last letter are left over
_CURSOR = re.compile(r"[A-Za-z0-9_-]{56}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@frozen
class ListCursors:
    """
    The cursors of one list under one set of filters.

    Args:
        keys: The first one seals, each of them opens.
        bound_to: What tells this list from all others; it is not in the cursor, but in its seal.
    """

    _keys: Sequence[bytes] = field(repr=False)
    _bound_to: bytes

    def seal(self, place: Place) -> str:
        """The cursor of the page after *place*."""
        packed = _PLACE.pack((place.created_at - _EPOCH) // _MICROSECOND, place.id.bytes)
        return urlsafe_b64encode(packed + self._seal_of(packed, self._keys[0])).decode()

    def open(self, cursor: str) -> Place:
        """
        Where the page before ended.

        Raises:
            ValueError: *cursor* was sealed by nobody, for another list or for other filters.
        """
        if not _CURSOR.fullmatch(cursor):
            raise ValueError("no cursor")
        content = urlsafe_b64decode(cursor)
        packed, seal = content[: _PLACE.size], content[_PLACE.size :]
        if not any(hmac.compare_digest(self._seal_of(packed, key), seal) for key in self._keys):
            raise ValueError("not sealed for this list")
        microseconds, item_id = _PLACE.unpack(packed)
        return Place(_EPOCH + microseconds * _MICROSECOND, UUID(bytes=item_id))

    def _seal_of(self, packed: bytes, key: bytes) -> bytes:
        return hmac.digest(key, packed + self._bound_to, "sha256")[:_SEAL_BYTES]


@frozen
class Cursors:
    """
    Makes the cursors of all lists.

    Args:
        keys: Gives those of now; the first one seals, each of them opens.
    """

    _keys: Callable[[], Sequence[bytes]]

    def of(self, name: str, wanted: AttrsInstance | None = None) -> ListCursors:
        """
        Those of one list.

        Args:
            name: Of the list; no two have the same.
            wanted: Its filters. What is None does not narrow, so that a filter may be added without harm.
        """
        filters = asdict(wanted, filter=lambda _, value: value is not None) if wanted else {}
        return ListCursors(self._keys(), msgspec.json.encode((name, _ORDER, filters), order="deterministic"))
