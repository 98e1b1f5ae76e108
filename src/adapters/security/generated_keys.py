"""Keys that nobody has set: made once, kept in a file, and shared by all processes that use its folder."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from attrs import define, field

from ...core.kernel import InternalError
from .key_files import Stamp, locked, replace_whole, stamp
from .key_ring import JwtAlgorithm, JwtKey, JwtKeyError, KeyRing


class KeyFileError(InternalError):
    """A file of keys cannot be used. Removing it makes new keys, and every access token out there void."""


@define(eq=False)
class GeneratedKeys:
    """
    The key ring in a file, as it is now: called for each token, it reads the file again when that was replaced.

    To look whether it was costs microseconds, so a rotation counts in every process at once; there is no interval in
    which one signs with a key that another does not know yet. Whoever removes the file makes all keys void.

    Args:
        folder: Where the file is; made where there is none, and to be locked by nobody else.
        algorithm: Each has a file of its own.
        overlap: How long a key verifies after it was replaced: no less than the life of a token and its leeway.

    Raises:
        KeyFileError: by every call, if the file cannot be read, made, or does not hold keys of that algorithm.
    """

    _folder: Path
    _algorithm: JwtAlgorithm
    _overlap: timedelta = field(default=timedelta(minutes=16), kw_only=True)
    _known: tuple[Stamp, KeyRing] | None = field(default=None, init=False, repr=False)

    def __call__(self) -> KeyRing:
        """The present ring; a new one where there is none."""
        with self._translated_errors():
            try:
                if self._known is None or self._known[0] != stamp(self._path.stat()):
                    self._known = self._read()
            except FileNotFoundError:
                with locked(self._folder):
                    if not self._path.exists():
                        self._write(KeyRing(JwtKey.generate(self._algorithm)))
                    self._known = self._read()
        return self._known[1]

    def rotate(self, *, at: datetime) -> KeyRing:
        """
        Sign with a new key from now on. The one before verifies for the overlap, and its private part is forgotten.

        Args:
            at: The present moment.
        """
        self()
        with self._translated_errors(), locked(self._folder):
            _, ring = self._read()
            retired = ring.current.without_private_part(retires_at=at + self._overlap)
            previous = tuple(key for key in ring.previous if key.verifies(at=at))
            self._write(KeyRing(JwtKey.generate(self._algorithm), (retired, *previous)))
            self._known = self._read()
        return self._known[1]

    @property
    def _path(self) -> Path:
        return self._folder / f"jwt-{self._algorithm.lower()}.json"

    @contextmanager
    def _translated_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise KeyFileError(f"{self._path} cannot be used: {error.strerror}.") from error

    def _read(self) -> tuple[Stamp, KeyRing]:
        with self._path.open(encoding="utf-8") as file:
            read = stamp(os.fstat(file.fileno()))
            try:
                current, *previous = [self._key(entry) for entry in json.load(file)["keys"]]
            except (ValueError, TypeError, KeyError, AttributeError, JwtKeyError):
                raise KeyFileError(f"{self._path} holds no keys for {self._algorithm}.") from None
        if not current.can_sign:
            raise KeyFileError(f"{self._path} holds no private key for {self._algorithm}.")
        return read, KeyRing(current, tuple(previous))

    def _key(self, entry: dict[str, str]) -> JwtKey:
        retires_at = entry.pop("retires_at", None)
        return JwtKey(self._algorithm, entry, datetime.fromisoformat(retires_at) if retires_at else None)

    def _write(self, ring: KeyRing) -> None:
        entries = [
            {**key.jwk, **({"retires_at": key.retires_at.isoformat()} if key.retires_at else {})}
            for key in ring
        ]
        replace_whole(self._path, json.dumps({"keys": entries}))
