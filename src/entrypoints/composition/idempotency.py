"""How it is known that something is asked once more."""

import hmac
from collections.abc import Callable
from datetime import timedelta

from attrs import frozen

from ...adapters.system import entropy
from ...core.kernel import Secret
from ...core.resilience import IdempotencyKeys, KeyTerms
from ..settings import Settings

_LONGER_THAN_A_REQUEST_S = 10


@frozen
class Idempotency:
    """
    The keys that callers use, and what hashes them.

    Args:
        secret: What nobody else can hash a card number with: there are too few of them for a plain hash to hide one.
    """

    keys: IdempotencyKeys
    secret: Callable[[], Secret]

    def fingerprint(self, asked: bytes) -> bytes:
        """A hash of *asked* that tells nothing of it to whoever has not the secret."""
        return hmac.digest(self.secret().reveal().encode(), asked, "sha256")


def idempotency_of(settings: Settings, keys: IdempotencyKeys) -> Idempotency:
    """As *settings* say: with the secret that they hold, or a generated one, which lasts as long as the keys do."""
    if settings.idempotency_secret is not None:
        secret = Secret(settings.idempotency_secret.get_secret_value())
    elif settings.storage == "memory":
        secret = Secret(entropy(32).hex())
    else:
        from ...adapters.security.generated_secret import GeneratedSecret

        return Idempotency(keys, GeneratedSecret(settings.data_dir / "keys" / "idempotency"))
    return Idempotency(keys, lambda: secret)


def key_terms(settings: Settings) -> KeyTerms:
    """How long keys bind. Whoever is answered with 504 is surely not at work any more when the lease ends."""
    return KeyTerms(
        lease=timedelta(seconds=settings.request_timeout_s + _LONGER_THAN_A_REQUEST_S),
        life=timedelta(seconds=settings.idempotency_ttl_s),
    )
