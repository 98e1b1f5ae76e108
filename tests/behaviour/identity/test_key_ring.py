"""Keys of access tokens, as operators set them."""

import traceback
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    SECP384R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from builders import NOON
from builders.access_tokens import a_principal, access_tokens
from quayside.adapters.security.key_ring import (
    JwtAlgorithm,
    JwtKey,
    JwtKeyError,
    KeyRing,
    configured_key_ring,
)
from quayside.core.identity import UnauthenticatedError
from quayside.core.kernel import Secret

HS256, EDDSA, ES256 = JwtAlgorithm.HS256, JwtAlgorithm.EDDSA, JwtAlgorithm.ES256
SECRET = "a secret of at least 32 bytes, ünïcode"

ED25519_KEY, ED448_KEY = Ed25519PrivateKey.generate(), Ed448PrivateKey.generate()
P256_KEY, P384_KEY = generate_private_key(SECP256R1()), generate_private_key(SECP384R1())
RSA_KEY = generate_rsa_key(65_537, 2_048)
PrivateKey = Ed25519PrivateKey | Ed448PrivateKey | EllipticCurvePrivateKey | RSAPrivateKey


def private_pem(key: PrivateKey, encryption: KeySerializationEncryption | None = None) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption()).decode()


def public_pem(key: PrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def configured(algorithm: JwtAlgorithm, current: str | None, *previous: str) -> KeyRing:
    secret = None if current is None else Secret(current)
    ring = configured_key_ring(
        algorithm,
        secret=secret if algorithm is HS256 else None,
        private_key=None if algorithm is HS256 else secret,
        previous_keys=map(Secret, previous),
    )
    assert ring is not None
    return ring


def accepts(ring: KeyRing, issuing: KeyRing) -> bool:
    issued = access_tokens(issuing).issue(a_principal(), "ada@example.com", at=NOON)
    try:
        return bool(access_tokens(ring).session_of(issued.token, at=NOON))
    except UnauthenticatedError:
        return False


@pytest.mark.parametrize(
    ("algorithm", "current", "previous"),
    [
        (HS256, SECRET, SECRET[::-1]),
        (EDDSA, private_pem(ED25519_KEY), private_pem(Ed25519PrivateKey.generate())),
        (ES256, private_pem(P256_KEY), private_pem(generate_private_key(SECP256R1()))),
    ],
    ids=list(JwtAlgorithm),
)
def test_a_previous_key_verifies_and_does_not_sign(
    algorithm: JwtAlgorithm, current: str, previous: str
) -> None:
    before, after = configured(algorithm, previous), configured(algorithm, current, previous)

    assert accepts(after, issuing=before)
    assert accepts(after, issuing=after)
    assert not accepts(before, issuing=after)


def test_every_process_with_the_same_secret_takes_the_tokens_of_the_others() -> None:
    assert accepts(configured(HS256, SECRET), issuing=configured(HS256, SECRET))
    assert configured(HS256, SECRET).current.kid == configured(HS256, SECRET).current.kid


def test_the_bytes_of_the_secret_in_utf_8_are_the_key() -> None:
    assert configured(HS256, SECRET).current.pyjwk.key == SECRET.encode()


@pytest.mark.parametrize("write", [private_pem, public_pem])
def test_previous_keys_are_private_or_public_and_several_may_stand_in_one_text(
    write: Callable[[PrivateKey], str],
) -> None:
    first, second = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()

    ring = configured(EDDSA, private_pem(ED25519_KEY), f"{write(first)}\n{write(second)}", write(first))

    assert all(accepts(ring, issuing=configured(EDDSA, private_pem(key))) for key in (first, second))
    assert not any(key.can_sign for key in ring.previous)


def test_newlines_of_a_key_may_be_written_as_in_an_env_file() -> None:
    written = private_pem(ED25519_KEY).replace("\n", "\\n")

    assert configured(EDDSA, written).current == configured(EDDSA, private_pem(ED25519_KEY)).current


def test_a_key_in_the_older_form_of_openssl_is_taken() -> None:
    older = P256_KEY.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()

    assert configured(ES256, older).current == configured(ES256, private_pem(P256_KEY)).current


def test_the_id_of_a_public_key_is_its_thumbprint() -> None:
    """Source: RFC 8037, appendix A.3."""
    key = JwtKey(EDDSA, {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})

    assert key.kid == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_where_no_key_is_set_there_is_no_ring() -> None:
    assert all(configured_key_ring(algorithm) is None for algorithm in JwtAlgorithm)


@pytest.mark.parametrize(
    ("algorithm", "current"),
    [
        (HS256, "x" * 31),
        (HS256, private_pem(ED25519_KEY)),
        (HS256, public_pem(P256_KEY)),
        (HS256, '{"kty": "oct", "k": "c2VjcmV0IGluIGEgandr"}'),
        (HS256, "not utf-8: \udcff" * 5),
        (EDDSA, SECRET),
        (EDDSA, public_pem(ED25519_KEY)),
        (EDDSA, private_pem(ED25519_KEY) + private_pem(ED25519_KEY)),
        (EDDSA, private_pem(ED25519_KEY, BestAvailableEncryption(b"passphrase"))),
        (EDDSA, private_pem(ED25519_KEY)[:60] + "!" + private_pem(ED25519_KEY)[60:]),
        (EDDSA, "-----BEGIN PRIVATE KEY-----\nbm90IGEga2V5\n-----END PRIVATE KEY-----"),
        (EDDSA, private_pem(ED448_KEY)),
        (EDDSA, private_pem(P256_KEY)),
        (EDDSA, private_pem(RSA_KEY)),
        (ES256, private_pem(P384_KEY)),
        (ES256, private_pem(ED25519_KEY)),
        (ES256, private_pem(RSA_KEY)),
    ],
    ids=str.split("""
        short  pem  public_pem  jwk  not_utf_8
        secret  public  two  encrypted  damaged  not_der  ed448  p256  rsa
        p384  ed25519  rsa_for_es256
    """),
)
def test_a_key_that_does_not_fit_the_algorithm_is_refused_and_not_shown(
    algorithm: JwtAlgorithm, current: str
) -> None:
    setting = "QUAYSIDE_JWT_SECRET" if algorithm is HS256 else "QUAYSIDE_JWT_PRIVATE_KEY"

    with pytest.raises(JwtKeyError, match=setting) as refused:
        configured(algorithm, current)

    assert current[-31:] not in "".join(traceback.format_exception(refused.value))


@pytest.mark.parametrize(
    ("algorithm", "settings", "named"),
    [
        (HS256, {"secret": SECRET, "previous_keys": ["short"]}, "PREVIOUS_KEYS"),
        (EDDSA, {"private_key": private_pem(ED25519_KEY), "previous_keys": [SECRET]}, "PREVIOUS_KEYS"),
        (EDDSA, {"previous_keys": [public_pem(ED25519_KEY)]}, "PRIVATE_KEY"),
        (HS256, {"previous_keys": [SECRET]}, "SECRET"),
        (HS256, {"private_key": private_pem(ED25519_KEY)}, "ALGORITHM"),
        (EDDSA, {"secret": SECRET, "private_key": private_pem(ED25519_KEY)}, "ALGORITHM"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(
    algorithm: JwtAlgorithm, settings: dict[str, object], named: str
) -> None:
    secrets: dict[str, object] = {
        name: Secret(value) if isinstance(value, str) else map(Secret, value)  # type: ignore[call-overload]
        for name, value in settings.items()
    }

    with pytest.raises(JwtKeyError, match=f"QUAYSIDE_JWT_{named}"):
        configured_key_ring(algorithm, **secrets)  # type: ignore[arg-type]


@pytest.mark.parametrize("algorithm", list(JwtAlgorithm))
def test_keys_for_other_purposes_derive_from_a_key_and_from_nothing_else(algorithm: JwtAlgorithm) -> None:
    key, other = (JwtKey.generate(algorithm) for _ in range(2))

    derived = key.derived("one purpose")

    assert len(derived) == 32
    assert derived == JwtKey(algorithm, key.jwk).derived("one purpose")
    assert derived not in {key.derived("another purpose"), other.derived("one purpose")}
