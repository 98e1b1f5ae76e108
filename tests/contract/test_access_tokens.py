"""What access tokens do, whatever signs them (`core.identity.AccessTokens`)."""

import subprocess
import sys
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from builders import NOON
from builders.access_tokens import AUDIENCE, ISSUER, a_principal, access_tokens, opened
from quayside.adapters.security.jwt import AccessClaims, JwtVerifier, UnknownKeyError
from quayside.adapters.security.key_ring import JwtAlgorithm, JwtKey, KeyRing
from quayside.core.identity import AccessTokens, Role, SessionExpiredError, SessionId, UnauthenticatedError

EMAIL = "ada@example.com"
MINUTE = timedelta(minutes=1)
END = NOON + 15 * MINUTE


@pytest.fixture(params=JwtAlgorithm)
def algorithm(request: pytest.FixtureRequest) -> JwtAlgorithm:
    return JwtAlgorithm(request.param)


@pytest.fixture
def ring(algorithm: JwtAlgorithm) -> KeyRing:
    return KeyRing(JwtKey.generate(algorithm))


@pytest.fixture
def tokens(ring: KeyRing) -> AccessTokens:
    return access_tokens(ring)


def test_a_token_leads_back_to_its_session(tokens: AccessTokens) -> None:
    principal = a_principal()

    issued = tokens.issue(principal, EMAIL, at=NOON)

    assert tokens.session_of(issued.token, at=NOON) == principal.session_id


def test_a_token_says_who_it_is_about_and_what_they_may_do(tokens: AccessTokens, ring: KeyRing) -> None:
    principal = a_principal(Role.STAFF)

    header, claims = opened(tokens.issue(principal, EMAIL, at=NOON).token)

    assert header == {"typ": "at+jwt", "alg": ring.current.algorithm, "kid": ring.current.kid}
    assert UUID(claims.pop("jti")).version
    assert claims == {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": str(principal.user_id),
        "sid": str(principal.session_id),
        "iat": NOON.timestamp(),
        "nbf": NOON.timestamp(),
        "exp": END.timestamp(),
        "email": EMAIL,
        "roles": ["Staff", "User"],
        "permissions": sorted(principal.grants),
    }


def test_no_two_tokens_have_the_same_id(tokens: AccessTokens) -> None:
    principal = a_principal()

    ids = {opened(tokens.issue(principal, EMAIL, at=NOON).token)[1]["jti"] for _ in range(3)}

    assert len(ids) == 3


def test_a_token_is_told_to_end_when_its_claim_says(tokens: AccessTokens) -> None:
    issued = tokens.issue(a_principal(), EMAIL, at=NOON + timedelta(microseconds=999_999))

    assert issued.expires_at == END
    assert issued.expires_at.timestamp() == opened(issued.token)[1]["exp"]


def test_a_token_does_not_show_itself(tokens: AccessTokens, ring: KeyRing) -> None:
    issued = tokens.issue(a_principal(), EMAIL, at=NOON)

    assert issued.token not in repr(issued)
    assert all(secret not in repr(ring) for secret in ring.current.jwk.values() if len(secret) > 10)


@pytest.mark.parametrize("at", [NOON - MINUTE, NOON, END, END + MINUTE - timedelta(microseconds=1)])
def test_a_token_counts_from_its_issue_to_its_end_give_or_take_the_leeway(
    tokens: AccessTokens, at: datetime
) -> None:
    principal = a_principal()
    issued = tokens.issue(principal, EMAIL, at=NOON)

    assert tokens.session_of(issued.token, at=at) == principal.session_id


def test_a_token_from_the_future_is_none(tokens: AccessTokens) -> None:
    issued = tokens.issue(a_principal(), EMAIL, at=NOON)

    with pytest.raises(UnauthenticatedError):
        tokens.session_of(issued.token, at=NOON - MINUTE - timedelta(microseconds=1))


def test_a_token_too_old_was_good_once(tokens: AccessTokens) -> None:
    issued = tokens.issue(a_principal(), EMAIL, at=NOON)

    with pytest.raises(SessionExpiredError):
        tokens.session_of(issued.token, at=END + MINUTE)


@pytest.mark.parametrize("leeway", [timedelta(seconds=-1), timedelta(seconds=61)])
def test_the_leeway_is_a_minute_at_most(ring: KeyRing, leeway: timedelta) -> None:
    with pytest.raises(ValueError, match="leeway"):
        access_tokens(ring, leeway=leeway)


def test_a_replaced_key_verifies_until_it_retires(ring: KeyRing, algorithm: JwtAlgorithm) -> None:
    principal = a_principal()
    issued = access_tokens(ring).issue(principal, EMAIL, at=NOON)
    retired = ring.current.without_private_part(retires_at=NOON + 5 * MINUTE)

    tokens = access_tokens(KeyRing(JwtKey.generate(algorithm), (retired,)))

    assert tokens.session_of(issued.token, at=NOON + 4 * MINUTE) == principal.session_id
    with pytest.raises(UnknownKeyError):
        tokens.session_of(issued.token, at=NOON + 5 * MINUTE)


def test_a_key_that_is_gone_verifies_nothing(tokens: AccessTokens, algorithm: JwtAlgorithm) -> None:
    issued = tokens.issue(a_principal(), EMAIL, at=NOON)

    others = access_tokens(KeyRing(JwtKey.generate(algorithm)))

    with pytest.raises(UnknownKeyError):
        others.session_of(issued.token, at=NOON)


@pytest.mark.parametrize("algorithm", [JwtAlgorithm.EDDSA, JwtAlgorithm.ES256])
def test_other_services_verify_with_the_public_keys_alone(ring: KeyRing, algorithm: JwtAlgorithm) -> None:
    before = KeyRing(JwtKey.generate(algorithm))
    tokens = access_tokens(KeyRing(ring.current, (before.current.without_private_part(),)))
    principal = a_principal(Role.ADMIN)

    published = tokens.jwks(at=NOON)
    verifier = JwtVerifier.of_jwks(published, algorithm, issuer=ISSUER, audience=AUDIENCE)

    assert all("d" not in jwk and jwk["use"] == "sig" for jwk in published["keys"])
    for issuing in (tokens, access_tokens(before)):
        issued = issuing.issue(principal, EMAIL, at=NOON)
        assert verifier.verify(issued.token, at=NOON) == AccessClaims(
            user_id=principal.user_id,
            session_id=SessionId(principal.session_id),
            token_id=opened(issued.token)[1]["jti"],
            email=EMAIL,
            roles=principal.roles,
            permissions=frozenset(principal.grants),
            expires_at=END,
        )


def test_only_keys_that_still_verify_are_published(algorithm: JwtAlgorithm) -> None:
    gone = JwtKey.generate(algorithm).without_private_part(retires_at=NOON)
    current = JwtKey.generate(algorithm)

    published = access_tokens(KeyRing(current, (gone,))).jwks(at=NOON)

    expected = [] if algorithm.is_symmetric else [current.kid]
    assert [jwk["kid"] for jwk in published["keys"]] == expected


def test_to_verify_tokens_takes_no_web_framework() -> None:
    program = "import sys, quayside.adapters.security.jwt; print(*sorted({m.partition('.')[0] for m in sys.modules}))"

    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert {"jwt", "cryptography"} <= set(loaded.stdout.split())
    assert {"litestar", "pydantic", "msgspec", "argon2", "httpx"}.isdisjoint(loaded.stdout.split())
