"""What has to hold of a customer (`core.customers.rules`)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from builders.customers import a_customer_body
from quayside.core.customers import change_form, registration_form
from quayside.core.kernel.validation import Form


def rules(day: str = "2026-11-20") -> Form:
    today = datetime.fromisoformat(day).replace(hour=23, minute=59, tzinfo=UTC)
    return registration_form(lambda: today)


def broken(form: Form, **changes: Any) -> list[tuple[str, str]]:
    return [(error.field, error.code) for error in form.errors(a_customer_body(**changes))]


@pytest.mark.parametrize(
    "name",
    [
        "A",
        "Ada-Maria O'Neil Jr.",
        "Zoë",
        "Łukasz",
        "Мария",
        "山田",
        "أحمد",
        "นิ้ง",
        "हिन्दी",
        "e\u0301" * 50,
        "x" * 100,
        " A ",
    ],
)
def test_a_name_is_of_letters_and_their_marks_in_any_script(name: str) -> None:
    assert broken(rules(), first_name=name, last_name=name) == []


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "too_short"),
        ("x" * 101, "too_long"),
        ("-", "invalid_format"),
        (" '. ", "invalid_format"),
        ("R2D2", "invalid_format"),
        ("Ada_", "invalid_format"),
        ("Ada`s", "invalid_format"),
        ("Ada\tKing", "invalid_format"),
        ("Ada\nKing", "invalid_format"),
        ("\u0301Ada", "invalid_format"),
        ("Ada -\u0301", "invalid_format"),
        ("Ada 🌹", "invalid_format"),
        ("Ada\u200bKing", "invalid_format"),
        ("Ada\x00", "invalid_characters"),
        ("Ada\ud800", "invalid_characters"),
        (7, "wrong_type"),
        (None, "required"),
    ],
)
def test_nothing_else_is_a_name(name: object, code: str) -> None:
    assert broken(rules(), first_name=name, last_name=name) == [("first_name", code), ("last_name", code)]


@pytest.mark.parametrize("number", [None, "+12", "+442079460958", "+123456789012345"])
def test_a_phone_number_is_that_of_e164_or_none(number: str | None) -> None:
    assert broken(rules(), phone_number=number) == []


@pytest.mark.parametrize(
    "number", ["", "+", "+1", "02079460958", "+0123456", "+44 20 7946", "+1234567890123456", "+٤٤٢٠"]
)
def test_no_other_spelling_of_a_phone_number_is_taken(number: str) -> None:
    assert broken(rules(), phone_number=number) == [("phone_number", "invalid_format")]


@pytest.mark.parametrize(
    ("born", "day", "codes"),
    [
        ("2008-11-20", "2026-11-20", []),
        ("2008-11-21", "2026-11-20", ["out_of_range"]),
        ("1905-11-21", "2026-11-20", []),
        ("1905-11-20", "2026-11-20", ["out_of_range"]),
        ("2008-02-29", "2026-02-28", ["out_of_range"]),
        ("2008-02-29", "2026-03-01", []),
        ("2027-01-01", "2026-11-20", ["out_of_range"]),
    ],
)
def test_a_customer_is_18_to_120_years_old_on_the_day_in_utc(born: str, day: str, codes: list[str]) -> None:
    assert [code for _, code in broken(rules(day), date_of_birth=born)] == codes


@pytest.mark.parametrize(
    "born", ["", "1990-02-30", "1990-2-3", "19900203", "03/02/1990", "1990-W05-6", "1990-02-03T00:00:00Z"]
)
def test_a_date_is_written_in_one_way(born: str) -> None:
    assert broken(rules(), date_of_birth=born) == [("date_of_birth", "invalid_format")]


def test_a_moment_is_no_date() -> None:
    assert broken(rules(), date_of_birth=datetime(1990, 2, 28, tzinfo=UTC)) == [
        ("date_of_birth", "invalid_format")
    ]


def test_all_but_the_phone_number_is_required_once_and_nothing_of_a_change() -> None:
    form = change_form(lambda: datetime(2026, 11, 20, tzinfo=UTC))

    assert [(error.field, error.code) for error in rules().errors({})] == [
        (name, "required") for name in ("email", "first_name", "last_name", "date_of_birth")
    ]
    assert form.errors({}) == ()
    assert [error.field for error in form.errors({"email": "nobody", "last_name": ""})] == [
        "email",
        "last_name",
    ]
