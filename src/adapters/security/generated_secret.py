"""A secret that nobody has set: made once, kept in a file, and shared by all processes that use its folder."""

import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from attrs import define, field

from ...core.kernel import InternalError, Secret

_BYTES = 32


class SecretFileError(InternalError):
    """The file of a secret cannot be used."""


@define(eq=False)
class GeneratedSecret:
    """
    The secret in a file, in hexadecimal digits; read or made when it is first asked for.

    Args:
        path: Where it is kept; its folder is made where there is none.

    Raises:
        SecretFileError: by the call, if the file cannot be read or made, or holds something else.
    """

    _path: Path
    _known: Secret | None = field(default=None, init=False)

    def __call__(self) -> Secret:
        """The secret; a new one where there is none."""
        if self._known is None:
            try:
                self._known = self._read()
            except OSError as error:
                raise SecretFileError(f"{self._path} cannot be used: {error.strerror}.") from error
        return self._known

    def _read(self) -> Secret:
        if not self._path.exists():
            self._make()
        text = self._path.read_text("ascii", "replace").strip()
        try:
            is_whole = len(bytes.fromhex(text)) == _BYTES
        except ValueError:
            is_whole = False
        if not is_whole:
            raise SecretFileError(f"{self._path} holds no secret.")
        return Secret(text)

    def _make(self) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Only its owner can read a temporary file, from its first byte on.
        with NamedTemporaryFile("w", dir=self._path.parent, encoding="ascii") as file:
            file.write(os.urandom(_BYTES).hex())
            file.flush()
            os.fsync(file.fileno())
            # Where another process was first, both use what that one made.
            with suppress(FileExistsError):
                self._path.hardlink_to(file.name)
