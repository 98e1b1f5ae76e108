"""What one rule asks of one value."""

import time
import unicodedata
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from quayside.core.kernel import Money
from quayside.core.kernel.validation import (
    Form,
    Rule,
    ValueRule,
    absent,
    at_least,
    at_most,
    between,
    each,
    email,
    field,
    in_turn,
    length,
    max_length,
    min_length,
    normalized,
    not_blank,
    one_of,
    pattern,
    required,
    size,
    slug,
    text,
    text_throughout,
    username,
)

ACUTE, GRAVE_BELOW = "\u0301", "\u0316"
DIGITS = pattern("[0-9]+", "must be digits")
EVEN = Rule("odd", "must be even", int, lambda number: number % 2 == 0)


def gbp(amount: str) -> Money:
    return Money.of(amount, "GBP")


def codes(value: object, *rules: ValueRule) -> Sequence[str]:
    return [error.code for error in Form(field("it", *rules)).errors({"it": value})]


@pytest.mark.parametrize(
    "rule", [text, not_blank, length(1, 9), DIGITS, one_of("a"), between(1, 9), size(1, 9), email, EVEN]
)
def test_an_absent_value_keeps_every_rule_but_required(rule: ValueRule) -> None:
    assert codes(None, rule) == []
    assert codes(None, rule, required) == ["required"]


@pytest.mark.parametrize("value", ["", 0, False, [], {}])
def test_an_empty_value_is_not_an_absent_one(value: object) -> None:
    assert codes(value, required) == []
    assert codes(value, absent) == ["not_allowed"]


@pytest.mark.parametrize("rule", [text, not_blank, length(1, 9), DIGITS, one_of("a"), username, slug, email])
@pytest.mark.parametrize("value", [1, True, b"a", ["a"], {"a": 1}, 1.5])
def test_what_is_no_text_breaks_a_rule_for_text_by_its_type(rule: ValueRule, value: object) -> None:
    assert codes(value, rule) == ["wrong_type"]


@pytest.mark.parametrize("value", [True, False])
def test_a_truth_value_is_no_number(value: object) -> None:
    assert codes(value, between(0, 1)) == ["wrong_type"]
    assert codes(value, EVEN) == ["wrong_type"]
    assert codes(value, Rule("no", "must be agreed to", bool, bool)) == ([] if value else ["no"])


def test_all_broken_rules_of_a_value_are_told() -> None:
    assert codes(" \x00", min_length(3), not_blank, text) == ["too_short", "blank", "invalid_characters"]


def test_a_wrong_type_is_told_once_and_ends_the_chain() -> None:
    fragile = Rule("fragile", "cannot judge lists, though it says so", object, lambda value: value + 1 > 0)

    assert codes([], text, not_blank, fragile) == ["wrong_type"]


def test_of_rules_in_turn_only_the_first_broken_one_is_told() -> None:
    ends_in_zero = Rule("no_zero", "must end in 0", str, lambda digits: int(digits) % 10 == 0)

    assert codes("ten", in_turn(DIGITS, ends_in_zero)) == ["invalid_format"]
    assert codes("11", in_turn(DIGITS, ends_in_zero)) == ["no_zero"]
    assert codes("10", in_turn(DIGITS, ends_in_zero)) == []


def test_a_message_names_the_limit_and_not_the_value() -> None:
    form = Form(field("it", length(1, 3), one_of("card", "cash")))

    errors = form.errors({"it": "4242424242424242"})

    assert [error.message for error in errors] == [
        "must have at most 3 characters",
        "must be one of: card, cash",
    ]


def test_one_of_a_thing_is_told_in_the_singular() -> None:
    form = Form(field("name", min_length(1)), field("items", size(1, 2)))

    messages = [error.message for error in form.errors({"name": "", "items": []})]

    assert messages == ["must have at least 1 character", "must have at least 1 item"]


@pytest.mark.parametrize(("value", "expected"), [("", ["too_short"]), ("🙂🙂🙂", []), ("abcd", ["too_long"])])
def test_length_is_measured_in_code_points(value: str, expected: list[str]) -> None:
    assert codes(value, length(1, 3)) == expected
    assert codes(value, min_length(1), max_length(3)) == expected


@pytest.mark.parametrize("bad", ["\x00", "\x1f", "\r", "\x1b", "\x0b", "\ud800", "a\udfff"])
def test_control_characters_and_lone_surrogates_are_not_allowed_in_text(bad: str) -> None:
    assert codes(f"a{bad}b", text) == ["invalid_characters"]


def test_tabs_newlines_and_every_script_are_allowed_in_text() -> None:
    assert codes("a\tb\nc é 東京 🙂 \x7f", text) == []


@pytest.mark.parametrize("value", [{"a": [{"b": "\x00"}]}, {"a": {"\x00": 1}}, ["ok", "\ud800"]])
def test_characters_not_allowed_are_found_anywhere_in_a_json_value(value: object) -> None:
    assert codes(value, text_throughout) == ["invalid_characters"]


def test_a_json_value_may_be_deeper_than_the_stack() -> None:
    deep: list[object] = ["fine", 1, None]
    for _ in range(10_000):
        deep = [deep]

    assert codes({"deep": deep}, text_throughout) == []


@pytest.mark.parametrize("value", ["", " ", "\t\n", "\u00a0\u3000", "\u200b", "\u2028"])
def test_text_without_a_visible_character_is_blank(value: str) -> None:
    assert codes(value, not_blank) == ["blank"]


@pytest.mark.parametrize("value", ["0", " a ", "🙂", "\u200bé"])
def test_text_with_a_visible_character_is_not_blank(value: str) -> None:
    assert codes(value, not_blank) == []


@pytest.mark.parametrize("value", ["12\n", "x12", "12x", "", "١٢"])
def test_a_pattern_matches_the_whole_text_and_only_ascii_digits(value: str) -> None:
    assert codes(value, pattern(r"^\d+$", "must be digits")) == ["invalid_format"]


@pytest.mark.parametrize("value", ["abc", "A_9", "x" * 30])
def test_a_username_is_of_ascii_letters_digits_and_underscores(value: str) -> None:
    assert codes(value, username) == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("ab", "too_short"),
        ("x" * 31, "too_long"),
        ("a-b", "invalid_format"),
        ("añb", "invalid_format"),
        ("abc\n", "invalid_format"),
    ],
)
def test_a_username_that_is_none_is_refused(value: str, expected: str) -> None:
    assert codes(value, username) == [expected]


@pytest.mark.parametrize(
    ("value", "expected"), [("a-1", []), ("A", ["invalid_format"]), ("", ["invalid_format"])]
)
def test_a_slug_is_of_lower_case_letters_digits_and_hyphens(value: str, expected: list[str]) -> None:
    assert codes(value, slug) == expected


@pytest.mark.parametrize(
    "value",
    [
        "a@b.co",
        "first.last+tag@sub.example.org",
        "o'neill@x-y.example",
        f"{'a' * 64}@b.co",
        f"a@{'b' * 63}.co",
    ],
)
def test_an_email_address_is_accepted(value: str) -> None:
    assert codes(value, email) == []


@pytest.mark.parametrize(
    "value",
    [
        "", "a", "@b.co", "a@", "a@b", "a@@b.co", "a@b@c.co", ".a@b.co", "a.@b.co", "a..b@c.co", "a b@c.co", "a@b..co",
        "a@-b.co", "a@b-.co", "a@b.co\n", "a@b.co.", "é@b.co", "a@[127.0.0.1]", '"a b"@c.co', f"{'a' * 65}@b.co",
        f"a@{'b' * 64}.co", "=?utf-8?q?eve=40evil.example=2C?=@b.co", "a.=?utf-8?q?=0D=0ABcc:=20eve?=@b.co",
    ],
)  # fmt: skip
def test_what_is_no_email_address_is_refused(value: str) -> None:
    assert codes(value, email) == ["invalid_format"]


def test_an_email_address_has_at_most_254_characters() -> None:
    domain = ".".join(["b" * 61] * 3)

    assert codes(f"{'a' * 63}@{domain}.co.uk"[-254:], email) == []
    assert codes(f"{'a' * 64}@{domain}.co.uk", email) == ["too_long"]


@pytest.mark.parametrize(
    "bait", ["a" * 100_000, "a." * 50_000, "a@" + "b-" * 50_000, "a@" + "b." * 50_000, "-" * 99_999]
)
def test_no_text_keeps_a_rule_busy(bait: str) -> None:
    started = time.process_time()

    codes(bait, text, not_blank, length(1, 9), in_turn(username), slug, email)

    assert time.process_time() - started < 0.5


@pytest.mark.parametrize(
    ("least", "most", "inside", "outside"),
    [
        (1, 12, [1, 12, Decimal("1.5")], [0, 13, Decimal("12.01"), Decimal("NaN"), Decimal("sNaN")]),
        (Decimal("0.01"), Decimal(10_000), [Decimal("0.010"), 10_000], [0, Decimal("1E+9")]),
        (date(2025, 1, 1), date(2025, 2, 1), [date(2025, 1, 9)], [date(2025, 3, 1), datetime(2025, 1, 9, tzinfo=UTC)]),
        (
            datetime(2025, 1, 1, tzinfo=UTC),
            datetime(2026, 1, 1, tzinfo=UTC),
            [datetime(2025, 6, 1, tzinfo=UTC)],
            [datetime(2025, 6, 1)],  # noqa: DTZ001, the point: a time of no zone has no place among those of one
        ),
        (gbp("1"), gbp("2"), [gbp("1.50")], [gbp("3"), Money.of("1.50", "EUR")]),
    ],
)  # fmt: skip
def test_a_range_works_for_all_that_has_an_order(
    least: Decimal, most: Decimal, inside: list[object], outside: list[object]
) -> None:
    for value in inside:
        assert codes(value, between(least, most), at_least(least), at_most(most)) == []
    for value in outside:
        assert codes(value, between(least, most)) == ["out_of_range"]
        assert set(codes(value, at_least(least), at_most(most))) == {"out_of_range"}


@pytest.mark.parametrize("value", ["5", 5.0, [5], date(2025, 1, 1)])
def test_what_is_no_number_breaks_a_range_of_numbers_by_its_type(value: object) -> None:
    assert codes(value, between(1, 9)) == ["wrong_type"]


@pytest.mark.parametrize("make", [list, tuple, dict.fromkeys])
def test_size_counts_items_and_keys(make: type) -> None:
    assert codes(make(range(0)), size(1, 2)) == ["too_few"]
    assert codes(make(range(2)), size(1, 2)) == []
    assert codes(make(range(3)), size(1, 2)) == ["too_many"]
    assert codes("ab", size(1, 2)) == ["wrong_type"]


def test_normalized_text_is_in_nfc_with_newlines_as_lf() -> None:
    assert normalized("e\u0301\r\nx\ry ") == "\u00e9\nx\ry "
    assert normalized("plain\r\n") == "plain\n"


@pytest.mark.parametrize("marks", [ACUTE + GRAVE_BELOW, "\u0f73", "\u0344"])
def test_text_of_nothing_but_marks_is_normalized_in_little_time(marks: str) -> None:
    started = time.process_time()

    safe = normalized("a" + marks * 100_000)

    assert time.process_time() - started < 2
    assert unicodedata.is_normalized("NFC", safe[:1000])


def test_up_to_thirty_marks_in_a_row_are_left_as_they_are() -> None:
    thirty = GRAVE_BELOW * 30

    assert normalized(f"x{thirty}") == f"x{thirty}"
    assert normalized(f"x{thirty}{thirty}{GRAVE_BELOW}") == f"x{thirty}\u034f{thirty}\u034f{GRAVE_BELOW}"


def test_a_mark_after_a_letter_starts_a_new_count() -> None:
    accented = ("x" + GRAVE_BELOW * 20) * 3

    assert normalized(accented) == accented


def test_each_item_keeps_the_rules_of_an_item() -> None:
    form = Form(field("tags", size(1, 3), each(required, text, max_length(3))))

    errors = form.errors({"tags": ["ok", "long\x00", None]})

    assert [(error.field, error.code) for error in errors] == [
        ("tags.1", "invalid_characters"),
        ("tags.1", "too_long"),
        ("tags.2", "required"),
    ]
