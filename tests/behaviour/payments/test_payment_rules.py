"""Every limit of a payment request, and that all broken ones are told at once."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from builders import Business, a_card, a_payment_request, an_address
from quayside.core.kernel import ValidationFailedError
from quayside.core.payments import CardNumber, Cvv, PaymentStatus

FULL_METADATA = {"k": "x" * (16 * 1024 - len('{"k":""}'))}


async def refusal(business: Business, **changes: Any) -> dict[str, str]:
    with pytest.raises(ValidationFailedError) as refused:
        await business.take(a_payment_request(**changes))
    return {error.field: error.code for error in refused.value.field_errors}


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("amount", "0.00", "out_of_range"),
        ("amount", "10000.01", "out_of_range"),
        ("amount", Decimal("10000.000000000000000001"), "out_of_range"),
        ("amount", "-1.00", "invalid_format"),
        ("amount", "1e3", "invalid_format"),
        ("amount", "١.٠٠", "invalid_format"),
        ("amount", " 1.00", "invalid_format"),
        ("amount", "1.00\n", "invalid_format"),
        ("amount", "", "invalid_format"),
        ("amount", Decimal("NaN"), "invalid_format"),
        ("amount", 19.99, "wrong_type"),
        ("amount", True, "wrong_type"),
        ("amount", "19.990", "too_many_decimals"),
        ("amount", Decimal("19.990"), "too_many_decimals"),
        ("currency", "CHF", "not_one_of"),
        ("currency", "gbp", "not_one_of"),
        ("card_id", "", "too_short"),
        ("card_id", "x" * 51, "too_long"),
        ("card_id", "a\x00b", "invalid_characters"),
        ("description", "x" * 501, "too_long"),
        ("metadata", {f"k{n}": n for n in range(51)}, "too_many"),
        ("metadata", {**FULL_METADATA, "l": 1}, "too_large"),
        ("metadata", {"a": [{"b\x00": 1}]}, "invalid_characters"),
        ("metadata", {"a": float("nan")}, "not_json"),
        ("metadata", {"a": [Decimal("Infinity")]}, "not_json"),
        ("metadata", {"a": {1: 2}}, "not_json"),
        ("metadata", {"a": {"b": {3}}}, "not_json"),
        ("metadata", {"a": b"bytes"}, "not_json"),
    ],
)
async def test_a_value_outside_its_limits_is_refused(
    business: Business, field: str, value: object, code: str
) -> None:
    assert await refusal(business, **{field: value}) == {field: code}


async def test_an_integer_of_any_length_is_refused_like_others(business: Business) -> None:
    assert await refusal(business, amount=10**5000) == {"amount": "out_of_range"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount", "0.01"),
        ("amount", "10000.00"),
        ("card_id", "x" * 50),
        ("description", "🌹" * 500),
        ("metadata", {f"k{n}": n for n in range(50)}),
        ("metadata", FULL_METADATA),
        ("metadata", {"rate": Decimal("0.1"), "nested": {"list": [1, None, True, "tab\tand\nnewline"]}}),
        ("metadata", {}),
        ("metadata", None),
    ],
)
async def test_a_value_at_its_limit_is_taken(business: Business, field: str, value: object) -> None:
    payment = await business.take(a_payment_request(**{field: value}))

    assert payment.status is PaymentStatus.COMPLETED


async def test_an_exact_number_counts_as_many_bytes_as_it_has_digits(business: Business) -> None:
    number = Decimal("1." + "5" * (16 * 1024 - len('{"k":1.}')))

    payment = await business.take(a_payment_request(metadata={"k": number}))
    refused = await refusal(business, metadata={"k": number, "l": 1})

    assert payment.status is PaymentStatus.COMPLETED
    assert refused == {"metadata": "too_large"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("card_id", "4242424242424242"),
        ("description", "Paid with 4242 4242-4242 4242, thanks"),
        ("metadata", {"card": {"numbers": [4242424242424242]}}),
        ("metadata", {"4242424242424242": "mine"}),
        ("address_details", an_address(house_name="4242 4242 4242 4242")),
    ],
)
async def test_the_card_number_is_taken_nowhere_but_among_the_card_details(
    business: Business, field: str, value: object
) -> None:
    assert await refusal(business, **{field: value}) == {field: "contains_card_number"}


async def test_the_card_number_is_no_name(business: Business) -> None:
    card = a_card(cardholder_name="Ada 4242-4242-4242-4242")

    assert await refusal(business, paying_card_details=card) == {
        "paying_card_details.cardholder_name": "contains_card_number"
    }


async def test_the_number_of_another_card_is_a_text_as_any_other(business: Business) -> None:
    payment = await business.take(a_payment_request(description="Order 4000000000000002"))

    assert payment.description == "Order 4000000000000002"


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("house_number", " ", "blank"),
        ("address_line1", "", "blank"),
        ("city", "\t", "blank"),
        ("house_name", "x" * 101, "too_long"),
        ("address_line2", "x" * 201, "too_long"),
        ("postcode", "SW1Y  4JH", "invalid_format"),
        ("postcode", "sw1y 4jh", "invalid_format"),
        ("postcode", "SW1Y 4JH\n", "invalid_format"),
    ],
)
async def test_an_address_outside_its_limits_is_refused(
    business: Business, field: str, value: str, code: str
) -> None:
    refused = await refusal(business, address_details=an_address(**{field: value}))

    assert refused == {f"address_details.{field}": code}


@pytest.mark.parametrize("postcode", ["SW1Y 4JH", "SW1Y4JH", "M1 1AE", "CR26XH", "W1A 0AX"])
async def test_postcodes_of_every_form_are_taken(business: Business, postcode: str) -> None:
    payment = await business.take(a_payment_request(address_details=an_address(postcode=postcode)))

    assert payment.status is PaymentStatus.COMPLETED


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("card_number", CardNumber("4242424242424241"), "invalid_card_number"),
        ("card_number", CardNumber("0000000000000000"), "invalid_card_number"),
        ("card_number", CardNumber("42424242424"), "invalid_format"),
        ("card_number", CardNumber("42424242424242424242"), "invalid_format"),
        ("card_number", CardNumber("4242x4242424242424"), "invalid_format"),
        ("card_number", CardNumber("٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢"), "invalid_format"),
        ("expiry_month", 0, "out_of_range"),
        ("expiry_month", 13, "out_of_range"),
        ("expiry_year", 30, "out_of_range"),
        ("cvv", Cvv("12"), "invalid_format"),
        ("cvv", Cvv("1234"), "invalid_format"),
        ("cvv", Cvv("12a"), "invalid_format"),
        ("cardholder_name", "", "too_short"),
        ("cardholder_name", "x" * 101, "too_long"),
    ],
)
async def test_a_card_outside_its_limits_is_refused(
    business: Business, field: str, value: Any, code: str
) -> None:
    refused = await refusal(business, paying_card_details=a_card(**{field: value}))

    assert refused == {f"paying_card_details.{field}": code}


@pytest.mark.parametrize("number", ["4242 4242 4242 4242", "4242-4242-4242-4242", "4222222222222"])
async def test_a_card_number_may_have_spaces_and_dashes_and_any_length_of_its_scheme(
    business: Business, number: str
) -> None:
    payment = await business.take(a_payment_request(paying_card_details=a_card(number)))

    assert payment.status is PaymentStatus.COMPLETED


async def test_an_amex_has_a_cvv_of_four_digits(business: Business) -> None:
    amex = "378282246310005"

    payment = await business.take(a_payment_request(paying_card_details=a_card(amex, cvv=Cvv("1234"))))
    refused = await refusal(business, paying_card_details=a_card(amex, cvv=Cvv("123")))

    assert payment.status is PaymentStatus.COMPLETED
    assert refused == {"paying_card_details.cvv": "invalid_format"}


async def test_a_card_is_good_through_the_last_day_of_its_month(business: Business) -> None:
    november = a_payment_request(paying_card_details=a_card(expiry_month=11, expiry_year=2026))

    payment = await business.take(november)
    business.clock.advance(timedelta(days=11))
    refused = await refusal(business, paying_card_details=november.paying_card_details)

    assert payment.status is PaymentStatus.COMPLETED
    assert refused == {"paying_card_details.expiry_month": "expired"}


async def test_all_broken_rules_are_told_at_once_in_the_order_of_the_form(business: Business) -> None:
    refused = await refusal(
        business,
        amount="0",
        currency="XXX",
        card_id="",
        description="x" * 501,
        address_details=an_address(city=" ", postcode="?"),
        paying_card_details=a_card("1", cvv=Cvv("")),
    )

    assert list(refused) == [
        "amount",
        "currency",
        "card_id",
        "description",
        "address_details.city",
        "address_details.postcode",
        "paying_card_details.card_number",
        "paying_card_details.cvv",
    ]


async def test_a_refusal_repeats_no_secret(business: Business) -> None:
    with pytest.raises(ValidationFailedError) as refused:
        await business.take(
            a_payment_request(paying_card_details=a_card("4242424242424241", cvv=Cvv("98765")))
        )

    told = f"{refused.value} {refused.value!r} {refused.value.field_errors}"
    assert "4242424242424241" not in told
    assert "98765" not in told
