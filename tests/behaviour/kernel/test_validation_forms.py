"""What a form says about the fields of an input."""

from collections.abc import Sequence

import pytest
from attrs import frozen

from quayside.core.kernel import FieldError, ValidationFailedError
from quayside.core.kernel.validation import (
    CrossRule,
    Form,
    Row,
    Rule,
    absent,
    at_least,
    check,
    each,
    field,
    in_turn,
    length,
    max_length,
    not_before,
    not_blank,
    one_of,
    pattern,
    required,
    size,
    text,
    when,
)

ADDRESS = Form(
    field("house_number", required, not_blank, text),
    field("house_name", max_length(10)),
    field("postcode", required, pattern(r"[A-Z]{1,2}\d \d[A-Z]{2}", "must be a UK postcode")),
)
ITEM = Form(
    field("sku", required, length(1, 5)),
    field("quantity", required, at_least(1)),
)
ORDER = Form(
    field("reference", required, length(1, 5)),
    field("address", required, ADDRESS),
    field("items", required, size(1, 3), each(ITEM)),
    field("from_date", at_least("2000")),
    field("to_date", at_least("2000")),
    check("to_date", not_before("from_date")),
)


def an_order(**changes: object) -> dict[str, object]:
    order: dict[str, object] = {
        "reference": "A1",
        "address": {"house_number": "1", "postcode": "N1 1AA"},
        "items": [{"sku": "pen", "quantity": 1}],
    }
    return order | changes


def found(form: Form, values: object, skip: Sequence[str] = ()) -> list[tuple[str, str]]:
    return [(error.field, error.code) for error in form.errors(values, skip=skip)]


def test_a_good_input_has_no_errors() -> None:
    assert ORDER.errors(an_order()) == ()

    ORDER.check(an_order())


def test_every_error_of_every_field_is_told_at_once_with_its_path() -> None:
    values = {
        "address": {"house_number": " \x00", "house_name": "x" * 11},
        "items": [{"sku": "pen", "quantity": 0}, {}],
        "from_date": "2024",
        "to_date": "2023",
    }

    with pytest.raises(ValidationFailedError) as refusal:
        ORDER.check(values)

    assert [(error.field, error.code) for error in refusal.value.field_errors] == [
        ("reference", "required"),
        ("address.house_number", "blank"),
        ("address.house_number", "invalid_characters"),
        ("address.house_name", "too_long"),
        ("address.postcode", "required"),
        ("items.0.quantity", "out_of_range"),
        ("items.1.sku", "required"),
        ("items.1.quantity", "required"),
        ("to_date", "out_of_order"),
    ]


def test_an_error_has_a_message_for_a_person() -> None:
    errors = ADDRESS.errors({"house_number": "1", "postcode": "nowhere"})

    assert errors == (FieldError("postcode", "must be a UK postcode", "invalid_format"),)


@pytest.mark.parametrize("values", [None, 1, "text", [], object()])
def test_what_has_no_fields_is_of_the_wrong_type(values: object) -> None:
    assert found(ORDER, values) == [("", "wrong_type")]


@pytest.mark.parametrize("value", [1, "text", [], True])
def test_a_nested_form_of_another_type_is_refused_as_a_whole(value: object) -> None:
    assert found(ORDER, an_order(address=value)) == [("address", "wrong_type")]


@pytest.mark.parametrize("items", [{}, {"0": 1}, "text", 5])
def test_items_that_are_no_list_are_refused_as_a_whole(items: object) -> None:
    assert found(Form(field("items", each(ITEM))), {"items": items}) == [("items", "wrong_type")]


def test_a_list_of_the_wrong_size_is_refused_without_a_word_on_its_items() -> None:
    assert found(ORDER, an_order(items=[{}] * 4)) == [("items", "too_many")]


def test_an_optional_nested_form_may_be_absent() -> None:
    form = Form(field("address", ADDRESS), field("items", each(ITEM)))

    assert form.errors({}) == ()
    assert form.errors({"address": None, "items": None}) == ()


def test_attrs_objects_are_read_by_their_attributes() -> None:
    @frozen
    class Address:
        house_number: str
        postcode: str | None

    assert found(ORDER, an_order(address=Address("", None))) == [
        ("address.house_number", "blank"),
        ("address.postcode", "required"),
    ]
    assert found(ADDRESS, Address("1", "N1 1AA")) == []


def test_a_skipped_field_is_not_looked_at_nor_is_anything_beneath_it() -> None:
    values = an_order(reference="", address={}, items=[{}, {}])

    skip = ["address", "items.0", "items.1.sku"]

    assert found(ORDER, values, skip) == [("reference", "too_short"), ("items.1.quantity", "required")]


def test_a_path_that_no_field_has_may_be_skipped() -> None:
    assert found(ORDER, {}, ["unknown", "items.9.sku", "", "address."]) == [
        ("reference", "required"),
        ("address", "required"),
        ("items", "required"),
    ]


def test_a_name_that_begins_like_a_skipped_one_is_looked_at() -> None:
    form = Form(field("card"), field("card_id", required), field("card-x", required))

    assert found(form, {}, ["card", "card.number"]) == [("card_id", "required"), ("card-x", "required")]


def test_hostile_paths_to_skip_cost_little() -> None:
    skip = ["a." * 200_000, *(f"items.{index}.{index}" for index in range(50_000))]

    errors = ORDER.errors(an_order(items=[{}] * 3), skip=skip)

    assert [error.field for error in errors] == [
        f"items.{i}.{name}" for i in range(3) for name in ("sku", "quantity")
    ]


@pytest.mark.parametrize(
    ("from_date", "to_date", "expected"),
    [
        ("2024", "2024", []),
        ("2024", "2023", [("to_date", "out_of_order")]),
        (None, "2023", []),
        ("2024", None, []),
        ("1999", "1998", [("from_date", "out_of_range"), ("to_date", "out_of_range")]),
        (5, "2023", [("from_date", "wrong_type")]),
    ],
)
def test_a_check_is_made_once_all_its_fields_are_present_and_good(
    from_date: object, to_date: object, expected: list[tuple[str, str]]
) -> None:
    assert found(ORDER, an_order(from_date=from_date, to_date=to_date)) == expected


@pytest.mark.parametrize("skipped", ["from_date", "to_date"])
def test_a_check_on_a_skipped_field_is_not_made(skipped: str) -> None:
    values = an_order(from_date="2024", to_date="2023")

    assert found(ORDER, values | {skipped: object()}, [skipped]) == []


@pytest.mark.parametrize("skipped", ["card_id", "card-x.y", "car"])
def test_a_check_is_made_whatever_is_skipped_of_fields_with_a_similar_name(skipped: str) -> None:
    form = Form(field("card"), field("since"), check("card", not_before("since")))

    assert found(form, {"card": 1, "since": 2}, [skipped]) == [("card", "out_of_order")]


def test_a_check_on_a_field_with_anything_skipped_beneath_it_is_not_made() -> None:
    distinct = CrossRule(
        "repeated", "must not repeat", (), lambda items: len({i["sku"] for i in items}) == len(items)
    )
    form = Form(field("items", each(ITEM)), check("items", distinct))
    twice = [{"sku": "pen", "quantity": 1}, {"sku": "pen", "quantity": 1}]

    assert found(form, {"items": twice}) == [("items", "repeated")]
    assert found(form, {"items": [*twice, {"sku": [], "quantity": 1}]}, ["items.2.sku"]) == []
    assert found(form, {"items": [*twice, {"quantity": 1}]}) == [("items.2.sku", "required")]


def test_a_check_inside_a_nested_form_puts_its_error_at_the_whole_path() -> None:
    not_expired = CrossRule(
        "expired", "must not have expired", ("year",), lambda month, year: (year, month) >= (2025, 6)
    )
    form = Form(field("card", Form(field("month"), field("year"), check("month", not_expired))))

    assert found(form, {"card": {"month": 5, "year": 2025}}) == [("card.month", "expired")]
    assert found(form, {"card": {"month": 6, "year": 2025}}) == []


def test_rows_in_a_condition_count_where_the_field_keeps_it() -> None:
    form = Form(
        field("method", required, one_of("card", "cash")),
        when("method", one_of("card"), field("cvv", required, length(3, 4))),
        when("method", one_of("cash"), field("cvv", absent)),
    )

    assert found(form, {"method": "card"}) == [("cvv", "required")]
    assert found(form, {"method": "card", "cvv": "12"}) == [("cvv", "too_short")]
    assert found(form, {"method": "cash"}) == []
    assert found(form, {"method": "cash", "cvv": "123"}) == [("cvv", "not_allowed")]


def test_fields_may_be_required_where_another_is_absent() -> None:
    form = Form(
        field("card_id", length(1, 5)),
        field("address", ADDRESS),
        when("card_id", absent, field("address", required)),
    )

    assert found(form, {}) == [("address", "required")]
    assert found(form, {"card_id": "c1"}) == []
    assert found(form, {"address": {}}) == [
        ("address.house_number", "required"),
        ("address.postcode", "required"),
    ]


def test_only_the_condition_absent_holds_where_the_field_is_absent() -> None:
    anything = Rule("never", "cannot be", object, lambda _: True)
    form = Form(
        field("a"),
        *(when("a", condition, field("b", required)) for condition in (required, anything, one_of("x"), in_turn())),
    )  # fmt: skip

    assert found(form, {}) == []
    assert found(form, {"a": "x"}) == [("b", "required")]


@pytest.mark.parametrize(("method", "skip"), [("bogus", []), (object(), ["method"])])
def test_where_a_condition_cannot_be_told_nothing_that_builds_on_it_is_asked(
    method: object, skip: list[str]
) -> None:
    form = Form(
        field("method", one_of("card", "cash")),
        field("paid"),
        field("due"),
        field("note"),
        when(
            "method",
            one_of("card"),
            when("paid", required, field("due", at_least(1))),
            check("due", not_before("note")),
        ),
        check("due", not_before("paid")),
    )
    values = {"method": method, "paid": 2, "due": 0}

    assert found(form, values | {"method": "cash"}) == [("due", "out_of_order")]
    assert found(form, values | {"method": "card"}) == [("due", "out_of_range")]
    assert found(form, values, skip) == ([] if skip else [("method", "not_one_of")])


def test_the_same_said_twice_of_a_field_is_told_once() -> None:
    form = Form(
        field("kind"), field("name", text), when("kind", required, field("name", required, length(3, 9)))
    )

    assert found(form, {"kind": "x", "name": 5}) == [("name", "wrong_type")]


def test_a_longer_form_is_built_from_the_rows_of_another() -> None:
    abroad = Form(*ADDRESS.rows, field("country", required))

    assert found(abroad, {"house_number": "1", "postcode": "N1 1AA"}) == [("country", "required")]


@pytest.mark.parametrize(
    "rows",
    [
        (field("to_date"), check("to_date", not_before("form_date"))),
        (check("to_date", not_before("from_date")), field("from_date"), field("to_date")),
        (when("method", required, field("cvv")),),
        (field("a"), when("a", required, field("b")), check("b", not_before("a"))),
    ],
)
def test_a_form_that_builds_on_a_field_no_row_before_declares_cannot_be_made(
    rows: tuple[Row, ...],
) -> None:
    with pytest.raises(ValueError, match="no row before its use declares"):
        Form(*rows)


def test_a_condition_may_declare_what_its_own_rows_build_on() -> None:
    form = Form(
        field("a"), when("a", required, field("b"), field("c"), check("c", not_before("b")))
    )  # fmt: skip

    assert found(form, {"a": 1, "b": 2, "c": 1}) == [("c", "out_of_order")]
