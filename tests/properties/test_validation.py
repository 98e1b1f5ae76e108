"""Laws of forms and of text, whatever the input."""

import unicodedata
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quayside.core.kernel import ValidationFailedError
from quayside.core.kernel.validation import (
    CrossRule,
    Form,
    absent,
    at_least,
    between,
    check,
    each,
    email,
    field,
    in_turn,
    length,
    max_length,
    normalized,
    not_before,
    not_blank,
    one_of,
    pattern,
    required,
    size,
    slug,
    text,
    text_throughout,
    username,
    when,
)

INNER = Form(
    field("a", required, not_blank, text),
    field("b", in_turn(length(1, 3), pattern("[0-9]+", "must be digits"))),
    field("c", between(1, 5)),
    check("c", CrossRule("c_above_b", "must not be above b", ("b",), lambda c, b: c <= int(b))),
)
FORM = Form(
    field("a", required, one_of("x", "y")),
    field("b", INNER),
    field("c", size(0, 3), each(required, INNER)),
    field("d", email, username, slug),
    when("a", one_of("x"), field("d", required), field("e", at_least(Decimal(2)))),
    field("e", between(0, 9), max_length(3)),
    field("f", between(0, 9)),
    check("f", CrossRule("f_above_c", "must not exceed c", ("c",), lambda f, c: f <= sum(i.get("c") or 0 for i in c))),
    when("f", absent, field("g", required, text_throughout), when("b", required, field("e", absent))),
    field("g", each(each(text))),
    field("h", between(0, 9)),
    check("h", not_before("f")),
)  # fmt: skip

NAMES = st.sampled_from("abcdefgh")
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-1, 10)
    | st.floats()
    | st.decimals()
    | st.sampled_from(["x", "y", "12", "", "\x00"])
    | st.text(max_size=5)
)
TREES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(NAMES | st.text(max_size=3), inner, max_size=8)
    ),
    max_leaves=20,
)
INNERS = st.fixed_dictionaries(
    {"a": st.just("x") | TREES, "c": st.integers(1, 5)}, optional={"b": st.just("3") | TREES}
)
# Mostly right, so that conditions and checks come to be asked.
NEARLY = st.fixed_dictionaries(
    {"a": st.sampled_from("xy") | TREES},
    optional={
        "b": INNERS | TREES,
        "c": st.lists(INNERS | TREES, max_size=4) | TREES,
        "d": st.just("abc") | TREES,
        "e": st.integers(0, 9) | TREES,
        "f": st.integers(0, 9) | TREES,
        "g": st.lists(st.lists(st.text(max_size=2))) | TREES,
        "h": st.integers(0, 9) | TREES,
    },
)
INPUTS = NEARLY | TREES


def paths_in(value: object, path: str = "") -> list[str]:
    inner: list[tuple[object, object]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    prefix = f"{path}." if path else ""
    return [p for name, item in inner for p in (f"{prefix}{name}", *paths_in(item, f"{prefix}{name}"))]


@given(INPUTS)
def test_an_input_of_any_shape_is_good_or_refused_and_never_crashes(values: object) -> None:
    errors = FORM.errors(values)

    if errors:
        with pytest.raises(ValidationFailedError) as refusal:
            FORM.check(values)
        assert refusal.value.field_errors == errors
    else:
        FORM.check(values)


@given(INPUTS, st.data())
def test_skipping_takes_errors_away_and_never_brings_one(values: object, data: st.DataObject) -> None:
    skip = data.draw(st.sets(st.sampled_from(["a", *paths_in(values)])))

    errors, rest = FORM.errors(values), FORM.errors(values, skip=skip)

    # A subsequence: the same order, with gaps.
    remaining = iter(errors)
    assert all(error in remaining for error in rest)
    assert not any(
        error.field == path or error.field.startswith(f"{path}.") for error in rest for path in skip
    )


@given(INPUTS)
def test_skipping_every_failed_field_leaves_no_error(values: object) -> None:
    failed = {error.field for error in FORM.errors(values) if error.field}

    assert [error for error in FORM.errors(values, skip=failed) if error.field] == []


@given(NEARLY, st.data())
def test_what_stands_at_a_skipped_path_makes_no_difference(
    values: dict[str, Any], data: st.DataObject
) -> None:
    name = data.draw(NAMES)
    other = data.draw(TREES)

    assert FORM.errors(values | {name: other}, skip=[name]) == FORM.errors(values | {name: None}, skip=[name])


@given(NEARLY, st.randoms(use_true_random=False))
def test_errors_come_in_the_order_of_the_form_whatever_that_of_the_input(
    values: dict[str, Any], random: Any
) -> None:
    shuffled = list(values.items())
    random.shuffle(shuffled)

    assert FORM.errors(dict(shuffled)) == FORM.errors(values)


@given(st.text())
def test_normalized_text_is_nfc_and_has_no_crlf_beyond_repair(value: str) -> None:
    result = normalized(value)

    assert unicodedata.is_normalized("NFC", result)
    assert result == unicodedata.normalize("NFC", value.replace("\r\n", "\n"))


@given(st.text(st.sampled_from("a\u00e9\u0301\u0316\u0344\u0f73\u034f"), max_size=200))
def test_normalized_text_of_many_marks_is_nfc_and_differs_by_joiners_alone(value: str) -> None:
    result = normalized(value)

    assert unicodedata.is_normalized("NFC", result)
    assert normalized(result) == result


@given(st.text(max_size=40))
def test_a_text_is_an_email_address_only_with_something_about_one_at_sign(value: str) -> None:
    if Form(field("it", email)).errors({"it": value}) == ():
        local, domain = value.split("@")
        assert local
        assert "." in domain
        assert value.isascii()
