"""The keys that access tokens are signed with, and those that are derived from them."""

from collections.abc import Callable

from pydantic import SecretStr

from ...adapters.security.generated_keys import GeneratedKeys
from ...adapters.security.key_ring import JwtAlgorithm, KeyRing, configured_key_ring
from ...adapters.system import utc_now
from ...core.kernel import ConflictError, Secret
from ..settings import Settings


class KeysAreSetError(ConflictError):
    """The keys come from the settings, so they are exchanged there."""

    def __init__(self) -> None:
        super().__init__(
            "The key is set. To exchange it, set QUAYSIDE_JWT_SECRET or QUAYSIDE_JWT_PRIVATE_KEY to the new one, and "
            "QUAYSIDE_JWT_PREVIOUS_KEYS to the old one for as long as its tokens live."
        )


def jwt_keys(settings: Settings) -> Callable[[], KeyRing]:
    """The ring of now: the keys that *settings* hold, or else generated ones in the data folder."""
    ring = configured_key_ring(
        JwtAlgorithm(settings.jwt_algorithm),
        secret=_secret(settings.jwt_secret),
        private_key=_secret(settings.jwt_private_key),
        previous_keys=[Secret(key.get_secret_value()) for key in settings.jwt_previous_keys],
    )
    return _generated(settings) if ring is None else lambda: ring


def jwt_key_rotation(settings: Settings) -> str:
    """
    Sign with a new generated key from now on; the one before verifies until its tokens have run out.

    Returns:
        The new key's id.

    Raises:
        KeysAreSetError: the keys come from the settings.
    """
    keys = jwt_keys(settings)
    if not isinstance(keys, GeneratedKeys):
        raise KeysAreSetError
    return keys.rotate(at=utc_now()).current.kid


def cursor_keys(settings: Settings) -> Callable[[], tuple[bytes, ...]]:
    """The keys of now that seal the cursors of lists: the first one does, and all of them open."""
    ring = jwt_keys(settings)
    return lambda: tuple(key.derived("cursor of a list") for key in ring() if key.can_sign)


def _secret(setting: SecretStr | None) -> Secret | None:
    return None if setting is None else Secret(setting.get_secret_value())


def _generated(settings: Settings) -> GeneratedKeys:
    return GeneratedKeys(settings.data_dir / "keys", JwtAlgorithm(settings.jwt_algorithm))
