"""The keys of access tokens, and what those are worth that others have made."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from pathlib import Path
from typing import Any

import pytest

from builders.members import V1
from builders.payments import NOON
from builders.shop import Shop, open_shop, settings_of_a_shop
from quayside.adapters.security.jwt import JwtVerifier
from quayside.adapters.security.key_ring import JwtAlgorithm

KEYS = "/.well-known/jwks.json"
ME = f"{V1}/auth/me"


async def test_a_secret_key_is_not_shown(shop: Shop) -> None:
    response = await shop.visitor().get(KEYS)

    assert response.status_code == 200
    assert response.json() == {"keys": []}


async def test_others_verify_access_tokens_by_the_public_key(tmp_path: Path) -> None:
    settings = settings_of_a_shop(jwt_algorithm="EdDSA", jwt_secret=None, data_dir=tmp_path)
    async with open_shop(settings) as shop:
        document = (await shop.visitor().get(KEYS)).json()
        verifier = JwtVerifier.of_jwks(
            document, JwtAlgorithm.EDDSA, issuer=settings.jwt_issuer, audience=settings.jwt_audience
        )

        claims = verifier.verify(shop.ada.access_token, at=NOON)

    assert claims.user_id == shop.ada.user.id
    assert claims.session_id == shop.ada.login.session.id
    (key,) = document["keys"]
    assert "d" not in key


def parts(token: str) -> list[Any]:
    """Header, claims and signature."""
    header, claims, signature = token.split(".")
    decoded = [json.loads(urlsafe_b64decode(f"{part}==")) for part in (header, claims)]
    return [*decoded, signature]


def token_of(header: object, claims: object, signature: str) -> str:
    encoded = [urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in (header, claims)]
    return ".".join([*encoded, signature])


@pytest.mark.parametrize(
    ("header", "claims", "signature"),
    [
        ({"alg": "none"}, {}, ""),
        ({"alg": "none"}, {}, None),
        ({"alg": "HS512"}, {}, None),
        ({"kid": "../../dev/null"}, {}, None),
        ({"jku": "https://evil.test/keys"}, {}, None),
        ({"typ": "JWT"}, {}, None),
        ({}, {"roles": ["Admin"]}, None),
        ({}, {"exp": 9_999_999_999}, None),
        ({}, {}, "A" * 43),
    ],
)
async def test_a_token_that_was_tampered_with_is_nobodys(
    shop: Shop, header: dict[str, Any], claims: dict[str, Any], signature: str | None
) -> None:
    good_header, good_claims, good_signature = parts(shop.ada.access_token)
    forged = token_of(
        good_header | header, good_claims | claims, good_signature if signature is None else signature
    )

    response = await shop.visitor(forged).get(ME)

    assert response.status_code == 401
    assert response.json()["error"]["code"] == "unauthorized"
