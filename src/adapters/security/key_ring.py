"""The keys of access tokens: one that signs, and those that only verify."""

import hmac
import json
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, Self

from attrs import evolve, field, frozen

from ...core.kernel import Category, QuaysideError, Secret, require

with require("security"):
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
    from jwt import PyJWK, PyJWTError
    from jwt.algorithms import get_default_algorithms

Jwk = Mapping[str, str]

_MIN_SECRET_BYTES = 32
_PEM_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----.+?-----END \1-----", re.DOTALL)


class JwtKeyError(QuaysideError):
    """A key that access tokens cannot be signed or verified with; never shows the key."""

    code = "invalid_jwt_key"
    category = Category.VALIDATION


class JwtAlgorithm(StrEnum):
    """How access tokens are signed; each key is bound to one algorithm."""

    HS256 = "HS256"
    EDDSA = "EdDSA"
    ES256 = "ES256"

    @property
    def is_symmetric(self) -> bool:
        """Whether the key that verifies can sign, too, and so is for nobody else."""
        return self is JwtAlgorithm.HS256


_CURVES = {JwtAlgorithm.HS256: None, JwtAlgorithm.EDDSA: "Ed25519", JwtAlgorithm.ES256: "P-256"}


@frozen
class JwtKey:
    """
    One key of one algorithm.

    Args:
        algorithm: The only one that it signs or verifies with.
        jwk: The key as a JSON Web Key, with its private part where it may sign.
        retires_at: From when on it verifies nothing any more; None: it stays.

    Raises:
        JwtKeyError: it is no key of that algorithm.

    Source: RFC 7517, RFC 8037; the key's id is its thumbprint of RFC 7638.
    """

    algorithm: JwtAlgorithm
    jwk: Jwk = field(repr=False)
    retires_at: datetime | None = None
    kid: str = field(init=False)
    pyjwk: PyJWK = field(init=False, repr=False, eq=False)

    @kid.default
    def _thumbprint(self) -> str:
        if self.algorithm.is_symmetric:
            # A plain hash of a secret would be one more thing to guess it by.
            digest = hmac.digest(self.jwk.get("k", "").encode(), b"quayside key id", "sha256")
        else:
            public = {name: self.jwk[name] for name in ("crv", "kty", "x", "y") if name in self.jwk}
            digest = sha256(json.dumps(public, sort_keys=True, separators=(",", ":")).encode()).digest()
        return urlsafe_b64encode(digest).rstrip(b"=").decode()

    @pyjwk.default
    def _checked(self) -> PyJWK:
        try:
            key = PyJWK(dict(self.jwk), self.algorithm)
            key.Algorithm.prepare_key(key.key)  # refuses what only looks like a secret, and other curves
        except (PyJWTError, ValueError, TypeError, KeyError, UnsupportedAlgorithm):
            raise _not_a_key_of(self.algorithm) from None  # the library's words quote the key
        if self.jwk.get("crv") != _CURVES[self.algorithm]:
            raise _not_a_key_of(self.algorithm)
        return key

    @classmethod
    def of_secret(cls, secret: bytes) -> Self:
        """
        A key for HS256.

        Raises:
            JwtKeyError: shorter than 32 bytes (RFC 7518 section 3.2), or the key of another algorithm.
        """
        if len(secret) < _MIN_SECRET_BYTES:
            raise JwtKeyError(f"A key for HS256 has {_MIN_SECRET_BYTES} bytes at least.")
        return cls._of(JwtAlgorithm.HS256, secret)

    @classmethod
    def of_pem(cls, algorithm: JwtAlgorithm, pem: str) -> Self:
        """
        A key from a private or public key in PEM, which is not encrypted.

        Raises:
            JwtKeyError: it is no such key.
        """
        # A line of an .env file holds no newline, so it is common to write it as two characters.
        text = pem.replace("\\n", "\n").encode()
        try:
            private = b"PRIVATE KEY-----" in text
            key = load_pem_private_key(text, password=None) if private else load_pem_public_key(text)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise _not_a_key_of(algorithm) from None
        return cls._of(algorithm, key)

    @classmethod
    def _of(cls, algorithm: JwtAlgorithm, key: Any) -> Self:
        try:
            return cls(algorithm, get_default_algorithms()[algorithm].to_jwk(key, as_dict=True))
        except PyJWTError:
            raise _not_a_key_of(algorithm) from None

    @classmethod
    def generate(cls, algorithm: JwtAlgorithm) -> Self:
        """A new key, which nobody else has."""
        if algorithm.is_symmetric:
            return cls.of_secret(secrets.token_bytes(_MIN_SECRET_BYTES))
        edwards = algorithm is JwtAlgorithm.EDDSA
        return cls._of(
            algorithm, Ed25519PrivateKey.generate() if edwards else generate_private_key(SECP256R1())
        )

    @property
    def can_sign(self) -> bool:
        """Whether it holds what signs."""
        return "k" in self.jwk or "d" in self.jwk

    def derived(self, purpose: str) -> bytes:
        """
        A key for another purpose, which tells nothing of this one.

        Args:
            purpose: No two uses have the same. Only who can sign has the key to it.
        """
        secret = self.jwk["k"] if self.algorithm.is_symmetric else self.jwk["d"]
        return hmac.digest(secret.encode(), f"quayside {purpose}".encode(), "sha256")

    def verifies(self, *, at: datetime) -> bool:
        """Whether a token that it signed still counts."""
        return self.retires_at is None or at < self.retires_at

    def without_private_part(self, *, retires_at: datetime | None = None) -> Self:
        """The same key, as whoever only verifies has it."""
        public = {name: value for name, value in self.jwk.items() if name != "d"}
        return evolve(self, jwk=public, retires_at=retires_at)


def _not_a_key_of(algorithm: JwtAlgorithm) -> JwtKeyError:
    return JwtKeyError(f"This is no key for {algorithm}.")


@frozen
class KeyRing:
    """
    The keys of a service.

    Args:
        current: Signs, and verifies.
        previous: Verify what they signed while they were current.
    """

    current: JwtKey
    previous: tuple[JwtKey, ...] = ()

    def __iter__(self) -> Iterator[JwtKey]:
        yield self.current
        yield from self.previous

    def jwks(self, *, at: datetime) -> dict[str, list[dict[str, str]]]:
        """The public keys that verify at that time, as a JWK Set (RFC 7517); none where they are secret."""
        return {
            "keys": [
                {**key.without_private_part().jwk, "kid": key.kid, "alg": key.algorithm, "use": "sig"}
                for key in self
                if key.verifies(at=at) and not key.algorithm.is_symmetric
            ]
        }


def configured_key_ring(
    algorithm: JwtAlgorithm,
    *,
    secret: Secret | None = None,
    private_key: Secret | None = None,
    previous_keys: Iterable[Secret] = (),
) -> KeyRing | None:
    """
    The keys that an operator has set, or None where none is set.

    Args:
        secret: Its UTF-8 bytes are the key of HS256.
        private_key: PEM, for the other algorithms.
        previous_keys: Of the same kind, or public keys in PEM, several in one text if need be.

    Raises:
        JwtKeyError: a key is no key of *algorithm*, or does not go with it; names the setting.
    """
    current, unused = (secret, private_key) if algorithm.is_symmetric else (private_key, secret)
    wanted = "QUAYSIDE_JWT_SECRET" if algorithm.is_symmetric else "QUAYSIDE_JWT_PRIVATE_KEY"
    if unused is not None:
        raise JwtKeyError(f"QUAYSIDE_JWT_ALGORITHM {algorithm} takes {wanted} and no other key.")
    previous = tuple(
        key.without_private_part()
        for text in previous_keys
        for key in _keys_in(text, algorithm, "QUAYSIDE_JWT_PREVIOUS_KEYS")
    )
    if current is None:
        if previous:
            raise JwtKeyError(f"QUAYSIDE_JWT_PREVIOUS_KEYS goes with {wanted}, which is not set.")
        return None
    key, *more = _keys_in(current, algorithm, wanted)
    if more or not key.can_sign:
        raise JwtKeyError(f"{wanted}: must be one private key.")
    return KeyRing(key, previous)


def _keys_in(text: Secret, algorithm: JwtAlgorithm, setting: str) -> list[JwtKey]:
    try:
        if algorithm.is_symmetric:
            return [JwtKey.of_secret(text.reveal().encode())]
        pems = [block.group() for block in _PEM_BLOCK.finditer(text.reveal())]
        if not pems:
            raise _not_a_key_of(algorithm)
        return [JwtKey.of_pem(algorithm, pem) for pem in pems]
    except JwtKeyError as error:
        raise JwtKeyError(f"{setting}: {error.message}") from None
    except UnicodeEncodeError:
        raise JwtKeyError(f"{setting}: must be UTF-8.") from None
