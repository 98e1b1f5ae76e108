"""The keys that fields are encrypted with: those that are set, and those that are made."""

from concurrent.futures import ThreadPoolExecutor
from os import urandom
from pathlib import Path
from uuid import uuid4

import pytest

from quayside.adapters.security.aes_gcm import AesGcmFieldCipher
from quayside.adapters.security.field_keys import (
    FieldKeyError,
    FieldKeyFileError,
    GeneratedFieldKeys,
    configured_field_keys,
)
from quayside.core.kernel import FieldKeysMissingError, FieldPlace, NoFieldCipher, Secret

A_PLACE = FieldPlace("payment_cardholder", uuid4(), "name")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Neither it nor its folder exists yet."""
    return tmp_path / "keys" / "fields"


def test_the_first_key_encrypts_and_the_others_decrypt() -> None:
    ring = configured_field_keys([Secret("a" * 64), Secret("b" * 64)])

    assert ring is not None
    assert ring.current.reveal() == b"\xaa" * 32
    assert [key.reveal() for key in ring.previous] == [b"\xbb" * 32]


@pytest.mark.parametrize("key", ["hunter2", "a" * 62, "a" * 66, "x" * 64])
def test_what_is_no_key_is_refused_by_the_name_of_the_setting_and_not_shown(key: str) -> None:
    with pytest.raises(FieldKeyError, match="QUAYSIDE_FIELD_KEYS") as refused:
        configured_field_keys([Secret(key)])

    assert key not in str(refused.value)


def test_generated_keys_are_made_once_for_all_processes(path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        rings = list(pool.map(lambda _: GeneratedFieldKeys(path)(), range(4)))

    assert rings == [rings[0]] * 4
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_new_key_counts_at_once_everywhere_and_those_before_are_kept(path: Path) -> None:
    here, elsewhere = GeneratedFieldKeys(path), GeneratedFieldKeys(path)
    cipher = AesGcmFieldCipher(elsewhere, urandom)
    before, sealed = here().current, cipher.seal(b"Ada", A_PLACE)

    ring = here.add()

    assert ring.current != before
    assert ring.previous == (before,)
    assert elsewhere() == ring
    assert cipher.open(sealed, A_PLACE) == b"Ada"
    assert cipher.seal(b"Ada", A_PLACE).startswith(b"\x01" + ring.current.key_id)


@pytest.mark.parametrize("text", ["", "hunter2\n", "ключ\n"])
def test_a_file_that_holds_no_keys_is_named_and_left_as_it_is(path: Path, text: str) -> None:
    path.parent.mkdir()
    path.write_text(text, "utf-8")

    with pytest.raises(FieldKeyFileError, match="fields"):
        GeneratedFieldKeys(path)()

    assert path.read_text("utf-8") == text


def test_a_file_that_cannot_be_made_is_named(path: Path) -> None:
    path.parent.write_text("a file where the folder should be")

    with pytest.raises(FieldKeyFileError, match="keys"):
        GeneratedFieldKeys(path)()


def test_without_keys_nothing_personal_is_kept_rather_than_kept_plain() -> None:
    with pytest.raises(FieldKeysMissingError):
        NoFieldCipher().seal(b"Ada", A_PLACE)
