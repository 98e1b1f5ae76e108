"""
Forged, stolen and bent access tokens are refused.

Source: RFC 8725 (JWT best current practices), sections 2 and 3.
"""

import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from string import ascii_letters, digits
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from builders import NOON
from builders.access_tokens import Json, a_principal, access_tokens, encoded, opened, signed
from quayside.adapters.security.jwt import JwtVerifier
from quayside.adapters.security.key_ring import JwtAlgorithm, JwtKey, JwtKeyError, KeyRing
from quayside.core.identity import Role, SessionExpiredError, UnauthenticatedError

ALGORITHMS = pytest.mark.parametrize("algorithm", JwtAlgorithm)
RINGS = {algorithm: KeyRing(JwtKey.generate(algorithm)) for algorithm in JwtAlgorithm}
ATTACKER = JwtKey.of_secret(b"an attacker's own secret, long enough")

ALPHABET = {*ascii_letters, *digits, *"-_=."}


def a_token(algorithm: JwtAlgorithm) -> str:
    return access_tokens(RINGS[algorithm]).issue(a_principal(), "ada@example.com", at=NOON).token


def is_refused(token: str, algorithm: JwtAlgorithm = JwtAlgorithm.EDDSA) -> bool:
    try:
        access_tokens(RINGS[algorithm]).session_of(token, at=NOON)
    except UnauthenticatedError:
        return True
    return False


@ALGORITHMS
def test_a_token_signed_anew_without_a_change_is_taken(algorithm: JwtAlgorithm) -> None:
    """What the attacks below do to a token is what they are refused for."""
    header, claims = opened(a_token(algorithm))

    assert not is_refused(signed(header, claims, RINGS[algorithm].current), algorithm)


@ALGORITHMS
def test_every_single_character_of_a_token_counts(algorithm: JwtAlgorithm) -> None:
    token = a_token(algorithm)
    ends = {at - 1 for at in (token.index("."), token.rindex("."), len(token))}

    for place, character in enumerate(token):
        # Of the last character of a part, some bits count for nothing.
        others = ALPHABET - {character} if place in ends else {"w" if character == "A" else "A"}
        for other in others:
            assert is_refused(token[:place] + other + token[place + 1 :], algorithm), place


@ALGORITHMS
@pytest.mark.parametrize("claim", ["sub", "sid", "roles", "permissions", "exp"])
def test_a_changed_claim_under_the_old_signature_is_refused(algorithm: JwtAlgorithm, claim: str) -> None:
    token = a_token(algorithm)
    _, stolen = opened(access_tokens(RINGS[algorithm]).issue(a_principal(Role.ADMIN), "x", at=NOON).token)
    _, claims = opened(token)
    changed = claims | {claim: stolen[claim] if claim != "exp" else claims["exp"] + 1}
    first, _, signature = token.split(".")

    assert is_refused(f"{first}.{encoded(json.dumps(changed).encode())}.{signature}", algorithm)


@ALGORITHMS
@pytest.mark.parametrize("none", ["none", "None", "NONE", "nOnE", "", None])
@pytest.mark.parametrize("keep_signature", [True, False])
def test_no_token_goes_without_a_signature(
    algorithm: JwtAlgorithm, none: str | None, *, keep_signature: bool
) -> None:
    token = a_token(algorithm)
    header, claims = opened(token)
    unsigned = signed(header | {"alg": none}, claims, RINGS[algorithm].current)

    assert is_refused(unsigned if keep_signature else unsigned.rpartition(".")[0] + ".", algorithm)


@ALGORITHMS
def test_a_token_without_the_part_of_its_signature_is_refused(algorithm: JwtAlgorithm) -> None:
    assert is_refused(a_token(algorithm).rpartition(".")[0], algorithm)


@pytest.mark.parametrize("algorithm", [JwtAlgorithm.EDDSA, JwtAlgorithm.ES256])
@pytest.mark.parametrize("form", ["pem", "der", "raw", "jwk", "x"])
def test_the_public_key_is_no_secret_to_sign_with(algorithm: JwtAlgorithm, form: str) -> None:
    key = RINGS[algorithm].current
    public = key.pyjwk.key.public_key()
    raw = Encoding.Raw if algorithm is JwtAlgorithm.EDDSA else Encoding.X962
    raw_format = PublicFormat.Raw if algorithm is JwtAlgorithm.EDDSA else PublicFormat.UncompressedPoint
    secret = {
        "pem": public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "der": public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        "raw": public.public_bytes(raw, raw_format),
        "jwk": json.dumps(access_tokens(RINGS[algorithm]).jwks(at=NOON)["keys"][0]).encode(),
        "x": key.jwk["x"].encode(),
    }[form]
    _, claims = opened(a_token(algorithm))
    header = {"alg": "HS256", "typ": "at+jwt", "kid": key.kid}

    assert is_refused(hmac_signed(header, claims, secret), algorithm)


def hmac_signed(header: Json, claims: Json, secret: bytes) -> str:
    signing_input = f"{encoded(json.dumps(header).encode())}.{encoded(json.dumps(claims).encode())}"
    return f"{signing_input}.{encoded(hmac.digest(secret, signing_input.encode(), sha256))}"


@ALGORITHMS
@pytest.mark.parametrize(
    "name", ["RS256", "PS256", "ES384", "ES256K", "HS384", "HS512", "Ed25519", "hs256", "EDDSA", "es256"]
)
def test_the_header_does_not_choose_the_algorithm(algorithm: JwtAlgorithm, name: str) -> None:
    header, claims = opened(a_token(algorithm))

    assert is_refused(signed(header | {"alg": name}, claims, RINGS[algorithm].current), algorithm)


@pytest.mark.parametrize("signed_with", JwtAlgorithm)
@pytest.mark.parametrize("taken", JwtAlgorithm)
def test_a_token_of_another_algorithm_is_refused_even_from_a_key_of_ours(
    signed_with: JwtAlgorithm, taken: JwtAlgorithm
) -> None:
    header, claims = opened(a_token(signed_with))
    key = RINGS[signed_with].current

    for kid in (key.kid, RINGS[taken].current.kid):
        assert is_refused(signed(header | {"kid": kid}, claims, key), taken) is (signed_with is not taken)


@pytest.mark.parametrize(
    "extra",
    [
        {"jku": "https://attacker.example/jwks.json"},
        {"jwk": dict(ATTACKER.jwk)},
        {"x5u": "https://attacker.example/chain.pem"},
        {"x5c": ["MIIB"]},
        {"x5t": "abc"},
        {"crit": []},
        {"crit": ["exp"], "exp": 0},
        {"crit": ["b64"], "b64": True},
        {"b64": False, "crit": ["b64"]},
        {"b64": True},
        {"zip": "DEF"},
        {"cty": "JWT"},
        {"enc": "A256GCM"},
    ],
    ids=str,
)
@ALGORITHMS
def test_a_header_that_says_more_than_ours_is_refused(algorithm: JwtAlgorithm, extra: Json) -> None:
    header, claims = opened(a_token(algorithm))

    assert is_refused(signed(header | extra, claims, RINGS[algorithm].current), algorithm)


@pytest.mark.parametrize("pointer", ["jku", "x5u", "jwk"])
def test_a_key_that_the_token_brings_along_is_not_used(pointer: str) -> None:
    _, claims = opened(a_token(JwtAlgorithm.HS256))
    header: dict[str, Any] = {"alg": "HS256", "typ": "at+jwt", "kid": ATTACKER.kid}
    header[pointer] = dict(ATTACKER.jwk) if pointer == "jwk" else "https://attacker.example/jwks.json"

    assert is_refused(signed(header, claims, ATTACKER), JwtAlgorithm.HS256)


@pytest.mark.parametrize(
    "kid",
    [
        "",
        "../../../../dev/null",
        "/proc/sys/kernel/randomize_va_space",
        "x' UNION SELECT 'an attacker''s own secret, long enough' --",
        "|touch /tmp/x",
        "\x00",
        "🔑",
        ATTACKER.kid,
        0,
        None,
        [],
        {"$ne": ""},
        True,
    ],
    ids=repr,
)
@ALGORITHMS
def test_a_key_id_names_one_of_our_keys_or_nothing(algorithm: JwtAlgorithm, kid: object) -> None:
    header, claims = opened(a_token(algorithm))

    for key in (ATTACKER, RINGS[algorithm].current):
        assert is_refused(signed(header | {"kid": kid}, claims, key), algorithm)


@pytest.mark.parametrize(
    "typ", ["JWT", "jwt", "AT+JWT", "at+jwt ", "application/at+jwt", "rt+jwt", "", None, 1, []]
)
def test_a_token_of_another_type_is_refused(typ: object) -> None:
    header, claims = opened(a_token(JwtAlgorithm.EDDSA))

    assert is_refused(signed(header | {"typ": typ}, claims, RINGS[JwtAlgorithm.EDDSA].current))


@pytest.mark.parametrize("missing", ["alg", "kid", "typ"])
def test_a_header_without_one_of_its_members_is_refused(missing: str) -> None:
    header, claims = opened(a_token(JwtAlgorithm.EDDSA))
    del header[missing]

    assert is_refused(signed(header, claims, RINGS[JwtAlgorithm.EDDSA].current))


CLAIMS = ["iss", "aud", "sub", "sid", "iat", "nbf", "exp", "jti", "email", "roles", "permissions"]


NO_TEXTS: list[object] = [None, True, 0, 1.5, {}, []]
NO_TIMES: list[object] = [None, True, "0", 1.5, float("nan"), float("inf"), -1, 10**30, {}, []]
NO_LISTS: list[object] = [None, True, 0, "x", {}, [1], [None], [["x"]]]


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        *((claim, value) for claim in ("iss", "aud", "sub", "sid", "jti", "email") for value in NO_TEXTS),
        *((claim, value) for claim in ("iat", "nbf", "exp") for value in NO_TIMES),
        *((claim, value) for claim in ("roles", "permissions") for value in NO_LISTS),
    ],
    ids=repr,
)
def test_a_claim_of_the_wrong_type_is_refused(claim: str, value: object) -> None:
    header, claims = opened(a_token(JwtAlgorithm.EDDSA))

    assert is_refused(signed(header, claims | {claim: value}, RINGS[JwtAlgorithm.EDDSA].current))


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_token_without_one_of_its_claims_is_refused(claim: str) -> None:
    header, claims = opened(a_token(JwtAlgorithm.EDDSA))
    del claims[claim]

    assert is_refused(signed(header, claims, RINGS[JwtAlgorithm.EDDSA].current))


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "https://attacker.example"},
        {"iss": "https://shop.example/"},
        {"aud": "another service"},
        {"aud": ["shop", "another service"]},
        {"sub": "not an id"},
        {"sid": "not an id"},
        {"nbf": int(NOON.timestamp()) + 61},
        {"iat": int(NOON.timestamp()) + 61},
    ],
    ids=str,
)
def test_a_claim_that_is_not_ours_is_refused(change: Json) -> None:
    header, claims = opened(a_token(JwtAlgorithm.EDDSA))

    assert is_refused(signed(header, claims | change, RINGS[JwtAlgorithm.EDDSA].current))


@pytest.mark.parametrize(
    "change", [{"aud": "another service"}, {"iss": "x"}, {"sub": "x"}, {"typ": "JWT"}], ids=str
)
def test_a_token_that_never_was_ours_has_not_expired_either(change: Json) -> None:
    header, claims = opened(a_token(JwtAlgorithm.EDDSA))
    if "typ" in change:
        header |= change
    else:
        claims |= change
    forged = signed(header, claims, RINGS[JwtAlgorithm.EDDSA].current)

    with pytest.raises(UnauthenticatedError):
        access_tokens(RINGS[JwtAlgorithm.EDDSA]).session_of(forged, at=NOON + timedelta(days=1))


@pytest.mark.parametrize(
    "payload", [b"", b"null", b"[]", b'"x"', b"1", b"\xff", b"[" * 5_000, b"9" * 5_000, b"{}"]
)
def test_a_payload_that_is_no_object_is_refused(payload: bytes) -> None:
    key = RINGS[JwtAlgorithm.EDDSA].current
    first, _, _ = a_token(JwtAlgorithm.EDDSA).split(".")
    signing_input = f"{first}.{encoded(payload)}"

    assert is_refused(
        f"{signing_input}.{encoded(key.pyjwk.Algorithm.sign(signing_input.encode(), key.pyjwk.key))}"
    )


@pytest.mark.parametrize(
    "header", [b"", b"null", b"[]", b'"x"', b"1", b"\xff", b"[" * 5_000, b"{}", b'{"alg":']
)
def test_a_header_that_is_no_object_is_refused(header: bytes) -> None:
    _, claims, signature = a_token(JwtAlgorithm.EDDSA).split(".")

    assert is_refused(f"{encoded(header)}.{claims}.{signature}")


def test_a_token_too_long_is_refused_before_it_is_looked_into() -> None:
    header, claims = opened(a_token(JwtAlgorithm.EDDSA))

    assert is_refused(signed(header, claims | {"email": "x" * 8_192}, RINGS[JwtAlgorithm.EDDSA].current))
    assert is_refused("x" * 100_000)


@pytest.mark.parametrize(
    "bend",
    [
        lambda token: token + "=",
        lambda token: token + "==",
        lambda token: token + ".",
        lambda token: "." + token,
        lambda token: token + "\n",
        lambda token: " " + token,
        lambda token: token.replace(".", "=.", 1),
        lambda token: token + "." + token,
        lambda token: token.upper(),
        lambda token: token.replace(".", "．", 1),
        lambda token: token + "\ud800",
        lambda token: json.dumps({"payload": token.split(".")[1], "signatures": []}),
    ],
)
def test_a_token_has_one_spelling(bend: Callable[[str], str]) -> None:
    assert is_refused(bend(a_token(JwtAlgorithm.EDDSA)))


@given(st.text() | st.from_regex(r"[\w-]{0,60}\.[\w-]{0,60}\.[\w-]{0,60}", fullmatch=True))
def test_whatever_else_is_sent_is_refused(text: str) -> None:
    assert is_refused(text)


def test_a_key_set_cannot_bring_in_another_algorithm() -> None:
    published = access_tokens(RINGS[JwtAlgorithm.EDDSA]).jwks(at=NOON)
    published["keys"].append({**ATTACKER.jwk, "kid": ATTACKER.kid, "alg": "HS256"})
    verifier = JwtVerifier.of_jwks(
        published, JwtAlgorithm.EDDSA, issuer="https://shop.example", audience="shop"
    )
    _, claims = opened(a_token(JwtAlgorithm.EDDSA))
    header = {"alg": "HS256", "typ": "at+jwt", "kid": ATTACKER.kid}

    with pytest.raises(UnauthenticatedError):
        verifier.verify(signed(header, claims, ATTACKER), at=NOON)


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"keys": None},
        {"keys": ["x"]},
        {"keys": [{**ATTACKER.jwk, "alg": "EdDSA"}]},
        {"keys": [{"alg": "EdDSA", "kty": "OKP", "crv": "Ed25519", "x": "AAAA"}]},
        {"keys": [{"alg": "EdDSA", "kty": "OKP", "crv": "Ed448", "x": "A" * 76}]},
        {"keys": [{"alg": "EdDSA"}]},
        {"keys": [{"alg": "EdDSA", "kty": "OKP", "crv": "Ed25519", "x": 5}]},
    ],
    ids=str,
)
def test_what_is_no_key_set_is_refused(document: Json) -> None:
    with pytest.raises(JwtKeyError):
        JwtVerifier.of_jwks(document, JwtAlgorithm.EDDSA, issuer="x", audience="x")


def test_an_old_token_signed_by_somebody_else_was_never_good() -> None:
    header, claims = opened(a_token(JwtAlgorithm.HS256))
    tokens = access_tokens(RINGS[JwtAlgorithm.HS256])

    with pytest.raises(UnauthenticatedError):
        tokens.session_of(signed(header, claims, ATTACKER), at=NOON + timedelta(days=1))
    with pytest.raises(SessionExpiredError):
        tokens.session_of(a_token(JwtAlgorithm.HS256), at=NOON + timedelta(days=1))
