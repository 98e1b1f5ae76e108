"""What every cipher of fields does (`core.kernel.FieldCipher`), whatever is encrypted and wherever it is kept."""

from uuid import UUID, uuid4

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from builders.field_ciphers import a_field_cipher
from quayside.adapters.security.field_keys import FieldKey
from quayside.core.kernel import FieldKeyUnknownError, FieldPlace, FieldUnreadableError

OLD, NEW = FieldKey.generate(), FieldKey.generate()
CIPHER = a_field_cipher(OLD)
NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
PLACES = st.builds(FieldPlace, table=NAMES, row_id=st.uuids(), field=NAMES)
PLAIN = st.binary(max_size=300)


@given(PLAIN, PLACES)
def test_what_is_sealed_opens_to_what_it_was(plain: bytes, place: FieldPlace) -> None:
    assert CIPHER.open(CIPHER.seal(plain, place), place) == plain


@given(PLAIN, PLACES, PLACES)
def test_it_opens_nowhere_but_in_its_place(plain: bytes, place: FieldPlace, other: FieldPlace) -> None:
    assume(place != other)

    with pytest.raises(FieldUnreadableError):
        CIPHER.open(CIPHER.seal(plain, place), other)


def test_places_that_read_the_same_without_gaps_are_not_the_same() -> None:
    row_id = UUID(bytes=b"t" * 16)

    with pytest.raises(FieldUnreadableError):
        CIPHER.open(CIPHER.seal(b"", FieldPlace("t", row_id, "x")), FieldPlace("", row_id, "tx"))


@given(PLAIN, PLACES, st.data())
def test_not_one_bit_can_be_altered(plain: bytes, place: FieldPlace, data: st.DataObject) -> None:
    sealed = bytearray(CIPHER.seal(plain, place))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= 1 << data.draw(st.integers(0, 7))

    with pytest.raises((FieldUnreadableError, FieldKeyUnknownError)):
        CIPHER.open(bytes(sealed), place)


@given(PLAIN, PLACES, st.data())
def test_nothing_can_be_cut_off(plain: bytes, place: FieldPlace, data: st.DataObject) -> None:
    sealed = CIPHER.seal(plain, place)

    with pytest.raises((FieldUnreadableError, FieldKeyUnknownError)):
        CIPHER.open(sealed[: data.draw(st.integers(0, len(sealed) - 1))], place)


@given(PLAIN, PLACES)
def test_the_key_before_still_opens_and_does_not_seal(plain: bytes, place: FieldPlace) -> None:
    rotated = a_field_cipher(NEW, OLD)
    sealed = CIPHER.seal(plain, place)

    assert rotated.open(sealed, place) == plain
    assert not sealed.startswith(rotated.current_head)
    assert rotated.seal(plain, place).startswith(rotated.current_head)


@given(PLAIN, PLACES)
def test_a_key_that_is_gone_is_named(plain: bytes, place: FieldPlace) -> None:
    with pytest.raises(FieldKeyUnknownError) as refused:
        a_field_cipher(NEW).open(CIPHER.seal(plain, place), place)

    assert refused.value.details["key_id"] == OLD.key_id.hex()


@given(PLAIN, NAMES, NAMES, PLAIN)
def test_what_is_searched_for_is_hashed_alike_by_whoever_has_the_key(
    plain: bytes, table: str, column: str, other: bytes
) -> None:
    rotated = a_field_cipher(NEW, OLD)
    (kept,) = CIPHER.hashes(plain, table, column)
    current, previous = rotated.hashes(plain, table, column)

    assert kept == previous != current
    assert (a_field_cipher(NEW).hashes(plain, table, column)) == (current,)
    assert (CIPHER.hashes(other, table, column) == (kept,)) == (other == plain)
    assert CIPHER.hashes(plain, f"{table}x", column) != (kept,) != CIPHER.hashes(plain, table, f"{column}x")


def test_the_same_is_never_sealed_twice_to_the_same() -> None:
    place = FieldPlace("payment_cardholder", uuid4(), "name")

    sealed = [CIPHER.seal(b"Ada Lovelace", place) for _ in range(500)]

    nonces = {each.removeprefix(CIPHER.current_head)[:12] for each in sealed}
    assert len(nonces) == len(sealed)
