"""The keys that personal fields are encrypted with."""

from collections.abc import Callable
from typing import Protocol
from uuid import UUID

from ...adapters.security.aes_gcm import AesGcmFieldCipher
from ...adapters.security.field_keys import FieldKeyRing, GeneratedFieldKeys, configured_field_keys
from ...adapters.system import entropy
from ...core.kernel import ConflictError, FieldCipher, QuaysideError, Secret
from ..settings import Settings


class FieldKeysAreSetError(ConflictError):
    """The keys come from the settings, so a new one does, too."""

    def __init__(self) -> None:
        super().__init__(
            "The keys are set. Put a new one before those in QUAYSIDE_FIELD_KEYS, have every process run with it, and "
            "run this command without --new-key."
        )


class RotatedBatch(Protocol):
    """What one step of a rotation did."""

    @property
    def last(self) -> UUID | None: ...

    @property
    def rotated(self) -> int: ...

    @property
    def unreadable(self) -> tuple[QuaysideError, ...]: ...


class FieldRotation(Protocol):
    """Encrypts with the current key what others have encrypted."""

    async def outdated(self) -> int: ...

    async def step(self, after: UUID, limit: int) -> RotatedBatch: ...


def field_cipher(settings: Settings) -> FieldCipher:
    """Encrypts with the keys that *settings* hold, or else with generated ones in the data folder."""
    return AesGcmFieldCipher(_field_keys(settings), entropy)


def new_field_key(settings: Settings) -> None:
    """
    Encrypt with a new generated key from now on, in every process on the same data folder.

    Raises:
        FieldKeysAreSetError: the keys come from the settings.
    """
    keys = _field_keys(settings)
    if not isinstance(keys, GeneratedFieldKeys):
        raise FieldKeysAreSetError
    keys.add()


def _field_keys(settings: Settings) -> Callable[[], FieldKeyRing]:
    ring = configured_field_keys(Secret(key.get_secret_value()) for key in settings.field_keys)
    return GeneratedFieldKeys(settings.data_dir / "keys" / "fields") if ring is None else lambda: ring
