"""What a card shows of itself."""

import copy
import json
import pickle

import attrs
import msgspec
import pytest

from builders import a_card
from quayside.core.payments import CardBrand, CardNumber, Cvv

NUMBER = "4242424242424242"


@pytest.mark.parametrize("shown", [repr, str, format, "{:>20}".format, "%s".__mod__])
def test_a_card_number_shows_its_first_and_last_four_digits_only(shown: object) -> None:
    text = shown(CardNumber(NUMBER))  # type: ignore[operator]

    assert "4242****4242" in text
    assert NUMBER not in text


def test_a_text_too_short_for_a_card_number_shows_nothing_of_itself() -> None:
    assert str(CardNumber("4242424242")) == "****"


def test_a_card_shows_neither_number_nor_cvv_nor_holder() -> None:
    shown = repr(a_card(cvv=Cvv("987")))

    assert NUMBER not in shown
    assert "987" not in shown
    assert "Lovelace" not in shown


@pytest.mark.parametrize("secret", [CardNumber(NUMBER), Cvv("987"), a_card()])
@pytest.mark.parametrize("serialise", [pickle.dumps, json.dumps, msgspec.json.encode, msgspec.to_builtins])
def test_a_card_is_refused_by_serialisers(secret: object, serialise: object) -> None:
    with pytest.raises(TypeError):
        serialise(secret)  # type: ignore[operator]


def test_taking_a_card_apart_does_not_open_its_secrets() -> None:
    assert NUMBER not in str(attrs.asdict(a_card()))


def test_a_copy_of_a_secret_is_the_secret_itself() -> None:
    number = CardNumber(NUMBER)

    assert copy.copy(number) is copy.deepcopy(number) is number


def test_secrets_are_equal_if_their_kind_and_text_are() -> None:
    assert CardNumber("4242 4242-4242 4242") == CardNumber(NUMBER)
    assert CardNumber("123") != Cvv("123")
    assert len({CardNumber(NUMBER), CardNumber(NUMBER)}) == 1


@pytest.mark.parametrize(
    ("number", "brand"),
    [
        ("4242424242424242", CardBrand.VISA),
        ("5555555555554444", CardBrand.MASTERCARD),
        ("2223003122003222", CardBrand.MASTERCARD),
        ("378282246310005", CardBrand.AMEX),
        ("6011111111111117", CardBrand.DISCOVER),
        ("6221260000000000", CardBrand.DISCOVER),
        ("3566002020360505", CardBrand.JCB),
        ("30569309025904", CardBrand.DINERS),
        ("36227206271667", CardBrand.DINERS),
        ("6200000000000005", CardBrand.UNIONPAY),
        ("9999999999999995", CardBrand.UNKNOWN),
        ("", CardBrand.UNKNOWN),
    ],
)
def test_the_leading_digits_tell_the_brand(number: str, brand: CardBrand) -> None:
    assert CardNumber(number).brand is brand
