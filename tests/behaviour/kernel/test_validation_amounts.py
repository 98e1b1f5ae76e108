"""Rules for amounts and percentages as they are written."""

from decimal import Decimal

import pytest

from quayside.core.kernel.validation import (
    Form,
    amount_between,
    check,
    exact_in,
    field,
    percentage,
    positive_amount,
)

FORM = Form(
    field("price", amount_between(Decimal("0.01"), Decimal(100))),
    field("currency"),
    check("price", exact_in("currency")),
    field("part", positive_amount),
    field("off", percentage),
)


@pytest.mark.parametrize(
    "values",
    [
        {"price": "0.01", "currency": "GBP"},
        {"price": Decimal("1E+2"), "currency": "JPY"},
        {"price": 7, "currency": "KWD"},
        {"part": "0.0001"},
        {"off": "0"},
        {"off": 100},
        {"off": Decimal("33.333333")},
    ],
)
def test_what_is_written_plainly_and_lies_in_the_range_is_taken(values: dict[str, object]) -> None:
    assert FORM.errors(values) == ()


@pytest.mark.parametrize(
    ("values", "field_name", "code"),
    [
        ({"price": "0.009"}, "price", "out_of_range"),
        ({"price": "100.01"}, "price", "out_of_range"),
        ({"price": "+1"}, "price", "invalid_format"),
        ({"price": "1e2"}, "price", "invalid_format"),
        ({"price": Decimal("NaN")}, "price", "invalid_format"),
        ({"price": 1.5}, "price", "wrong_type"),
        ({"price": "1.50", "currency": "JPY"}, "price", "too_many_decimals"),
        ({"part": "0.00"}, "part", "out_of_range"),
        ({"off": "100.1"}, "off", "out_of_range"),
        ({"off": -1}, "off", "invalid_format"),
        ({"off": "10%"}, "off", "invalid_format"),
        ({"off": "0.0000001"}, "off", "too_many_decimals"),
        ({"off": True}, "off", "wrong_type"),
    ],
)
def test_all_else_is_refused(values: dict[str, object], field_name: str, code: str) -> None:
    assert [(error.field, error.code) for error in FORM.errors(values)] == [(field_name, code)]
