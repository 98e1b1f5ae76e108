"""Fields encrypted with AES-256-GCM (NIST SP 800-38D), and hashed with HMAC-SHA-256 where they are searched for."""

import hmac
from collections.abc import Callable

from attrs import define, field

from ...core.kernel import FieldKeyUnknownError, FieldPlace, FieldUnreadableError, require
from .field_keys import FieldKey, FieldKeyRing

with require("security"):
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_FORMAT = b"\x01"
_HEAD_BYTES = 1 + 8  # the format and the key's id
_NONCE_BYTES = 12
_TAG_BYTES = 16


@define(eq=False)
class AesGcmFieldCipher:
    """
    What it seals is: the format (1 byte), the key's id (8), the nonce (12), the text encrypted, the tag (16).

    The tag covers the place and the head, too. Nonces are random, so a key is good for 2**32 fields (SP 800-38D, 8.3).

    Args:
        ring: The keys of now.
        entropy: That many random bytes, which nobody can foretell.
    """

    _ring: Callable[[], FieldKeyRing]
    _entropy: Callable[[int], bytes]
    _ciphers: dict[bytes, AESGCM] = field(factory=dict, init=False, repr=False)

    @property
    def current_head(self) -> bytes:
        return _FORMAT + self._ring().current.key_id

    def seal(self, plain: bytes, place: FieldPlace) -> bytes:
        key = self._ring().current
        head, nonce = _FORMAT + key.key_id, self._entropy(_NONCE_BYTES)
        return head + nonce + self._of(key).encrypt(nonce, plain, _bound(head, place))

    def open(self, sealed: bytes, place: FieldPlace) -> bytes:
        head, rest = sealed[:_HEAD_BYTES], sealed[_HEAD_BYTES:]
        if not head.startswith(_FORMAT) or len(rest) < _NONCE_BYTES + _TAG_BYTES:
            raise FieldUnreadableError(place)
        key_id = head.removeprefix(_FORMAT)
        key = next((key for key in self._ring() if key.key_id == key_id), None)
        if key is None:
            raise FieldKeyUnknownError(place, key_id.hex())
        try:
            return self._of(key).decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], _bound(head, place))
        except InvalidTag:
            raise FieldUnreadableError(place) from None

    def hashes(self, plain: bytes, table: str, field: str) -> tuple[bytes, ...]:
        hashed = _joined(table.encode(), field.encode(), plain)
        return tuple(hmac.digest(key.derived("hash of a field"), hashed, "sha256") for key in self._ring())

    def _of(self, key: FieldKey) -> AESGCM:
        if key.key_id not in self._ciphers:
            self._ciphers[key.key_id] = AESGCM(key.reveal())
        return self._ciphers[key.key_id]


def _bound(head: bytes, place: FieldPlace) -> bytes:
    """What the tag covers beside the text."""
    return _joined(head, place.table.encode(), place.row_id.bytes, place.field.encode())


def _joined(*parts: bytes) -> bytes:
    """No two rows of parts give the same, because each part tells its length."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)
