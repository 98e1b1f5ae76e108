"""
Access tokens as signed JWTs: made here, verified here and by other services, which need nothing else of quayside.

Source: RFC 7519 (JWT), RFC 8725 (best current practices), RFC 9068 (access tokens).
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from uuid import UUID

from attrs import field, frozen
from attrs.validators import ge, le

from ...core.identity import AccessToken, SessionExpiredError, SessionId, UnauthenticatedError
from ...core.kernel import IdFactory, Principal, UserId, require
from .key_ring import JwtAlgorithm, JwtKey, JwtKeyError, KeyRing

with require("security"):
    from jwt import PyJWTError, api_jws

_TYPE = "at+jwt"
_HEADER = {"alg", "kid", "typ"}  # whatever else there may be (jku, jwk, x5u, crit …) is not ours
_COMPACT = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)
_MAX_LENGTH = 8_192

_TEXTS = ("iss", "aud", "sub", "sid", "jti", "email")
_TIMES = ("iat", "nbf", "exp")
_LISTS = ("roles", "permissions")
_LAST_SECOND = 253_402_300_799  # of the year 9999


class UnknownKeyError(UnauthenticatedError):
    """The token names a key that is not known here; after a rotation, the known keys may be older than the token."""


@frozen
class AccessClaims:
    """
    What a token says, all of it checked. It was true when the token was issued: sessions end, and roles change.

    Args:
        permissions: What its user may do, by name: ``payments:create``.
    """

    user_id: UserId
    session_id: SessionId
    token_id: str
    email: str = field(repr=False)
    roles: frozenset[str]
    permissions: frozenset[str]
    expires_at: datetime


@frozen
class JwtVerifier:
    """
    Verifies access tokens without asking anybody.

    Args:
        keys: The keys of now; called for each token.
        issuer: The only ``iss`` taken.
        audience: The only ``aud`` taken.
        leeway: By how much the issuer's clock and ours may differ: at most a minute.
    """

    _keys: Callable[[], Iterable[JwtKey]]
    _issuer: str
    _audience: str
    _leeway: timedelta = field(
        default=timedelta(seconds=30), validator=[ge(timedelta()), le(timedelta(seconds=60))]
    )

    @classmethod
    def of_jwks(
        cls, document: Mapping[str, Any], algorithm: JwtAlgorithm, *, issuer: str, audience: str
    ) -> Self:
        """
        A verifier with the keys of ``/.well-known/jwks.json``.

        Args:
            algorithm: The only one taken; keys of others are left out, whatever the document says.

        Raises:
            JwtKeyError: it is no JWK Set, or one of those keys is none.
        """
        try:
            wanted = [jwk for jwk in document["keys"] if jwk.get("alg") == algorithm]
        except (KeyError, TypeError, AttributeError):
            raise JwtKeyError("This is no JWK Set.") from None
        keys = tuple(JwtKey(algorithm, jwk) for jwk in wanted)
        return cls(lambda: keys, issuer, audience)

    def verify(self, token: str, *, at: datetime) -> AccessClaims:
        """
        What the token says, if it is one of the issuer's, for this audience, and counts at that time.

        Raises:
            UnauthenticatedError: it is none, or does not count yet.
            UnknownKeyError: the same, because its key is not among ours.
            SessionExpiredError: it was one, and is too old.
        """
        claims = _claims_of(self._payload(token, at))
        caller = _caller_of(claims)
        if (claims["iss"], claims["aud"]) != (self._issuer, self._audience):
            raise UnauthenticatedError
        now, leeway = at.timestamp(), self._leeway.total_seconds()
        if max(claims["iat"], claims["nbf"]) > now + leeway:
            raise UnauthenticatedError
        if now >= claims["exp"] + leeway:
            raise SessionExpiredError
        return caller

    def _payload(self, token: str, at: datetime) -> bytes:
        """The bytes that one of our keys has signed."""
        # PyJWT takes padded parts, too: one token would have several spellings.
        if len(token) > _MAX_LENGTH or not _COMPACT.fullmatch(token):
            raise UnauthenticatedError
        try:
            header = api_jws.get_unverified_header(token)
            if header.keys() != _HEADER or header["typ"] != _TYPE:
                raise UnauthenticatedError
            key = next((key for key in self._keys() if key.kid == header["kid"]), None)
            if key is None or not key.verifies(at=at):
                raise UnknownKeyError
            # The algorithm is the key's: what the header says has to be the same, and decides nothing.
            payload = api_jws.decode(token, key.pyjwk, algorithms=[key.algorithm])
        except PyJWTError as error:
            raise UnauthenticatedError from error
        assert isinstance(payload, bytes)
        return payload


@frozen
class JwtAccessTokens:
    """
    Issues access tokens, and verifies its own.

    Args:
        keys: The ring of now; called for each token.
        new_id: Gives each token its id.
        issuer: Who we are.
        audience: Whom the tokens are for.
        lifetime: How long one counts.
        leeway: By how much clocks may differ: at most a minute.
    """

    _keys: Callable[[], KeyRing]
    _new_id: IdFactory
    _issuer: str
    _audience: str
    _lifetime: timedelta = field(default=timedelta(minutes=15), kw_only=True)
    _leeway: timedelta = field(default=timedelta(seconds=30), kw_only=True)
    _verifier: JwtVerifier = field(init=False, repr=False)

    @_verifier.default
    def _of_own_keys(self) -> JwtVerifier:
        return JwtVerifier(self._keys, self._issuer, self._audience, self._leeway)

    def issue(self, principal: Principal, email: str, *, at: datetime) -> AccessToken:
        issued = int(at.timestamp())
        expires = issued + int(self._lifetime.total_seconds())
        claims = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": str(principal.user_id),
            "sid": str(principal.session_id),
            "jti": str(self._new_id()),
            "iat": issued,
            "nbf": issued,
            "exp": expires,
            "email": email,
            "roles": sorted(principal.roles),
            "permissions": sorted(principal.grants),
        }
        key = self._keys().current
        token = api_jws.encode(
            json.dumps(claims, separators=(",", ":")).encode(),
            key.pyjwk,
            key.algorithm,
            headers={"typ": _TYPE, "kid": key.kid},
        )
        return AccessToken(token, datetime.fromtimestamp(expires, UTC))

    def session_of(self, token: str, *, at: datetime) -> SessionId:
        return self._verifier.verify(token, at=at).session_id

    def jwks(self, *, at: datetime) -> dict[str, list[dict[str, str]]]:
        """The public keys, for ``/.well-known/jwks.json``."""
        return self._keys().jwks(at=at)


def _claims_of(payload: bytes) -> dict[str, Any]:
    """Every claim, of the right type."""
    try:
        claims = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise UnauthenticatedError from error
    if not isinstance(claims, dict) or not (
        all(isinstance(claims.get(name), str) for name in _TEXTS)
        and all(_is_time(claims.get(name)) for name in _TIMES)
        and all(_is_list_of_texts(claims.get(name)) for name in _LISTS)
    ):
        raise UnauthenticatedError
    return claims


def _is_time(value: object) -> bool:
    return type(value) is int and 0 <= value <= _LAST_SECOND


def _is_list_of_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _caller_of(claims: Mapping[str, Any]) -> AccessClaims:
    try:
        user_id, session_id = UserId(UUID(claims["sub"])), SessionId(UUID(claims["sid"]))
    except ValueError as error:
        raise UnauthenticatedError from error
    return AccessClaims(
        user_id=user_id,
        session_id=session_id,
        token_id=claims["jti"],
        email=claims["email"],
        roles=frozenset(claims["roles"]),
        permissions=frozenset(claims["permissions"]),
        expires_at=datetime.fromtimestamp(claims["exp"], UTC),
    )
