"""Access tokens, good and forged."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

from quayside.adapters.security.jwt import JwtAccessTokens
from quayside.adapters.security.key_ring import JwtKey, KeyRing
from quayside.core.identity import Role, grants_of
from quayside.core.kernel import Principal, UserId

ISSUER = "https://shop.example"
AUDIENCE = "shop"

Json = dict[str, Any]


def a_principal(*roles: Role) -> Principal:
    """Somebody with these roles, in a session of their own."""
    held = frozenset({Role.USER, *roles})
    return Principal(UserId(uuid4()), uuid4(), frozenset(held), grants_of(held))


def access_tokens(ring: KeyRing, **changes: Any) -> JwtAccessTokens:
    """What issues and verifies with these keys."""
    values: Json = {"issuer": ISSUER, "audience": AUDIENCE, "leeway": timedelta(seconds=60)}
    return JwtAccessTokens(lambda: ring, uuid4, **values | changes)


def opened(token: str) -> tuple[Json, Json]:
    """Header and claims, unverified."""
    header, claims, _ = token.split(".")
    return json.loads(_decoded(header)), json.loads(_decoded(claims))


def signed(header: Mapping[str, Any], claims: object, key: JwtKey) -> str:
    """A token of these very parts, with a signature that is right."""
    signing_input = f"{encoded(json.dumps(header).encode())}.{encoded(json.dumps(claims).encode())}"
    return f"{signing_input}.{encoded(key.pyjwk.Algorithm.sign(signing_input.encode(), key.pyjwk.key))}"


def encoded(part: bytes) -> str:
    return urlsafe_b64encode(part).rstrip(b"=").decode()


def _decoded(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))
