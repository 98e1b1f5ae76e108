"""The keys of encrypted fields: one that encrypts, and those that only decrypt."""

import hmac
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from attrs import define, field, frozen

from ...core.kernel import Category, InternalError, QuaysideError, Secret
from .key_files import Stamp, locked, replace_whole, stamp

_KEY_BYTES = 32
_ID_BYTES = 8


class FieldKeyError(QuaysideError):
    """A key that fields cannot be encrypted with; never shows the key."""

    code = "invalid_field_key"
    category = Category.VALIDATION


class FieldKeyFileError(InternalError):
    """A file of keys cannot be used. Whatever was encrypted with keys that are lost stays unreadable for ever."""


@frozen
class FieldKey:
    """
    One key of AES-256.

    Args:
        value: Its 32 bytes, in hexadecimal digits.

    Raises:
        FieldKeyError: it is something else.
    """

    value: Secret
    key_id: bytes = field(init=False)

    @key_id.default
    def _thumbprint(self) -> bytes:
        # A plain hash of a secret would be one more thing to guess it by.
        return self.derived("field key id")[:_ID_BYTES]

    def derived(self, purpose: str) -> bytes:
        """A key of 32 bytes for something else, which tells nothing of this one."""
        return hmac.digest(self.reveal(), f"quayside {purpose}".encode(), "sha256")

    def reveal(self) -> bytes:
        """The 32 bytes themselves; never keep or log what this gives."""
        try:
            key = bytes.fromhex(self.value.reveal())
        except ValueError:
            key = b""
        if len(key) != _KEY_BYTES:
            raise FieldKeyError(f"A key of fields has {2 * _KEY_BYTES} hexadecimal digits.")
        return key

    @classmethod
    def generate(cls) -> Self:
        """A new key, which nobody else has."""
        return cls(Secret(secrets.token_hex(_KEY_BYTES)))


@frozen
class FieldKeyRing:
    """
    The keys of a service.

    Args:
        current: Encrypts, and decrypts.
        previous: Decrypt what they encrypted while they were current.
    """

    current: FieldKey
    previous: tuple[FieldKey, ...] = ()

    def __iter__(self) -> Iterator[FieldKey]:
        yield self.current
        yield from self.previous


def configured_field_keys(keys: Iterable[Secret]) -> FieldKeyRing | None:
    """
    The keys that an operator has set, the current one first; None where none is set.

    Raises:
        FieldKeyError: one of them is no key; names the setting.
    """
    try:
        ring = [FieldKey(key) for key in keys]
    except FieldKeyError as error:
        raise FieldKeyError(f"QUAYSIDE_FIELD_KEYS: {error.message}") from None
    return FieldKeyRing(ring[0], tuple(ring[1:])) if ring else None


@define(eq=False)
class GeneratedFieldKeys:
    """
    The keys in a file, as they are now: called for each field, it reads the file again when that was replaced.

    A key is never taken out of it: some process may still be writing what it encrypted with the one before.

    Args:
        path: The file, a key a line, the current one first; made where there is none.

    Raises:
        FieldKeyFileError: by every call, if the file cannot be read or made, or holds something else.
    """

    _path: Path
    _known: tuple[Stamp, FieldKeyRing] | None = field(default=None, init=False, repr=False)

    def __call__(self) -> FieldKeyRing:
        """The present ring; a new one where there is none."""
        with self._translated_errors():
            try:
                if self._known is None or self._known[0] != stamp(self._path.stat()):
                    self._known = self._read()
            except FileNotFoundError:
                with locked(self._path.parent):
                    if not self._path.exists():
                        self._write(FieldKeyRing(FieldKey.generate()))
                    self._known = self._read()
        return self._known[1]

    def add(self) -> FieldKeyRing:
        """Encrypt with a new key from now on."""
        self()
        with self._translated_errors(), locked(self._path.parent):
            _, ring = self._read()
            self._write(FieldKeyRing(FieldKey.generate(), tuple(ring)))
            self._known = self._read()
        return self._known[1]

    @contextmanager
    def _translated_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise FieldKeyFileError(f"{self._path} cannot be used: {error.strerror}.") from error

    def _read(self) -> tuple[Stamp, FieldKeyRing]:
        with self._path.open(encoding="ascii", errors="replace") as file:
            read = stamp(os.fstat(file.fileno()))
            try:
                ring = configured_field_keys(Secret(line) for line in file.read().split())
            except FieldKeyError:
                ring = None
        if ring is None:
            raise FieldKeyFileError(f"{self._path} holds no keys of fields.")
        return read, ring

    def _write(self, ring: FieldKeyRing) -> None:
        replace_whole(self._path, "".join(f"{key.value.reveal()}\n" for key in ring))
