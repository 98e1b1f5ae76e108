"""Secrets that are shown once and kept only as their hash."""

import re
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from attrs import field, frozen

from ..kernel import Secret, UserId

Entropy = Callable[[int], bytes]
"""Gives so many unpredictable bytes."""

_BYTES = 32
_OPAQUE = re.compile(r"[A-Za-z0-9_-]{43}")


class TokenPurpose(StrEnum):
    """What a mailed token is good for."""

    EMAIL_VERIFICATION = "email_verification"
    PASSWORD_RESET = "password_reset"  # noqa: S105  a purpose, not a secret


@frozen
class OneTimeToken:
    """
    A token that was mailed to somebody, as it is kept.

    Args:
        token_hash: SHA-256 of the token.
        email: The address it was mailed to; it is good for nothing once the user has another.
    """

    token_hash: bytes = field(repr=False)
    purpose: TokenPurpose
    user_id: UserId
    email: str = field(repr=False)
    expires_at: datetime

    def is_good(self, email: str, *, at: datetime) -> bool:
        """
        Args:
            email: The user's present address.
        """
        return at < self.expires_at and email == self.email


def new_token(entropy: Entropy) -> Secret:
    """An opaque token of 256 unpredictable bits, fit for a URL and a header."""
    return Secret(urlsafe_b64encode(entropy(_BYTES)).rstrip(b"=").decode())


def is_opaque(token: str) -> bool:
    """Whether it has the form of what `new_token` gives."""
    return _OPAQUE.fullmatch(token) is not None


def hash_of(token: str) -> bytes:
    """
    What is kept of a token.

    Plain SHA-256 will do: 256 random bits cannot be guessed, so there is nothing for salt or cost to slow down.
    """
    return sha256(token.encode("utf-8", "surrogatepass")).digest()
