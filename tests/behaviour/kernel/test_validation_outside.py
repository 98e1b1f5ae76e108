"""What a form asks the outside: last, of what is still good, side by side, all of a kind at once."""

import asyncio
from collections import Counter
from collections.abc import Collection, Sequence

import pytest
from attrs import frozen

from quayside.core.kernel import ValidationFailedError
from quayside.core.kernel.validation import (
    AskingForm,
    CrossRule,
    Form,
    Occasion,
    OutsideRule,
    Question,
    ask,
    at_least,
    check,
    each,
    field,
    length,
    required,
    size,
)

ITEM = Form(field("sku", required, length(1, 5)), field("quantity", required, at_least(1)))
ORDER = Form(
    field("reference", length(1, 5)),
    field("customer", length(1, 5)),
    check("customer", CrossRule("same", "must differ", ("reference",), lambda one, other: one != other)),
    field("address", Form(field("postcode", length(1, 5)))),
    field("items", size(0, 3), each(ITEM)),
)

IMPORT = Occasion.IMPORT


class Catalogue:
    """
    What is known outside: everything but what has gone.

    Args:
        gone: What breaks the rule.
    """

    def __init__(self, *gone: str) -> None:
        self._gone = gone
        self.asked: list[tuple[Sequence[str], Occasion]] = []
        self.rule = OutsideRule("unknown", "is not known", self._breaking)

    async def _breaking(self, values: Sequence[str], occasion: Occasion) -> Collection[str]:
        self.asked.append((values, occasion))
        return self._gone


def nothing_counted(*_: object) -> None:
    """Count nothing."""


def asking(*questions: Question) -> AskingForm:
    return AskingForm(ORDER, *questions, count=nothing_counted)


async def found(form: AskingForm, values: object, occasion: Occasion = IMPORT) -> list[tuple[str, str]]:
    return [(error.field, error.code) for error in await form.errors(values, occasion)]


async def test_an_outside_rule_that_is_broken_is_told_with_path_code_and_message() -> None:
    form = asking(ask("reference", Catalogue("A1").rule))

    with pytest.raises(ValidationFailedError) as refusal:
        await form.check({"reference": "A1"}, IMPORT)

    [error] = refusal.value.field_errors
    assert (error.field, error.message, error.code) == ("reference", "is not known", "unknown")
    await form.check({"reference": "A2"}, IMPORT)


async def test_cheap_errors_come_first_and_all_are_told_at_once() -> None:
    form = asking(ask("reference", Catalogue("A1").rule))

    errors = await found(form, {"reference": "A1", "customer": "too long"})

    assert errors == [("customer", "too_long"), ("reference", "unknown")]


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"customer": None},
        {"customer": "too long"},
        {"customer": 5},
        {"customer": "A1", "reference": "A1"},
        None,
        "no form",
    ],
)
async def test_what_is_absent_or_bad_is_not_asked_about(values: object) -> None:
    catalogue = Catalogue()

    await asking(ask("customer", catalogue.rule)).errors(values, IMPORT)

    assert catalogue.asked == []


async def test_all_items_are_asked_about_at_once_and_each_error_stands_at_its_own() -> None:
    catalogue = Catalogue("pen", "ink")
    items = [{"sku": sku, "quantity": 1} for sku in ("pen", "pad", "ink")]

    errors = await found(asking(ask("items.*.sku", catalogue.rule)), {"items": items})

    assert errors == [("items.0.sku", "unknown"), ("items.2.sku", "unknown")]
    assert catalogue.asked == [(["pen", "pad", "ink"], IMPORT)]


async def test_an_item_is_asked_about_by_what_is_good_in_it() -> None:
    catalogue = Catalogue("pen")
    items = [{"sku": "pen", "quantity": 0}, {"sku": "too long", "quantity": 1}, {"quantity": 1}]

    errors = await found(asking(ask("items.*.sku", catalogue.rule)), {"items": items})

    assert ("items.0.sku", "unknown") in errors
    assert catalogue.asked == [(["pen"], IMPORT)]


async def test_a_part_is_asked_about_as_a_whole_only_if_all_of_it_is_good() -> None:
    catalogue = Catalogue()
    form = asking(ask("items.*", catalogue.rule), ask("address", catalogue.rule))

    await form.errors({"items": [{"sku": "pen", "quantity": 0}], "address": {"postcode": ""}}, IMPORT)

    assert catalogue.asked == []


@pytest.mark.parametrize("items", [[{}] * 4, "text", 5, {"*": {"sku": "pen"}}, {"0": {"sku": "pen"}}])
async def test_items_of_what_is_no_list_or_is_refused_as_a_whole_are_not_asked_about(items: object) -> None:
    catalogue = Catalogue()

    await asking(ask("items.*.sku", catalogue.rule)).errors({"items": items}, IMPORT)

    assert catalogue.asked == []


async def test_a_path_leads_into_attrs_objects() -> None:
    @frozen
    class Address:
        postcode: str

    form = asking(ask("address.postcode", Catalogue("N1").rule))

    assert await found(form, {"address": Address("N1")}) == [("address.postcode", "unknown")]


async def test_questions_are_asked_side_by_side() -> None:
    both_are_asked = asyncio.Barrier(2)

    async def breaking(values: Sequence[str], occasion: Occasion) -> Collection[str]:
        await asyncio.wait_for(both_are_asked.wait(), 5)
        return values

    rule = OutsideRule("unknown", "is not known", breaking)
    form = asking(ask("reference", rule), ask("customer", rule))

    errors = await found(form, {"reference": "A1", "customer": "A2"})

    assert errors == [("reference", "unknown"), ("customer", "unknown")]


async def test_a_rule_knows_on_what_occasion_it_is_asked() -> None:
    async def breaking(values: Sequence[str], occasion: Occasion) -> Collection[str]:
        return values if occasion is Occasion.REGISTRATION else ()

    form = asking(ask("reference", OutsideRule("taken", "is taken", breaking)))

    assert await found(form, {"reference": "A1"}, Occasion.REGISTRATION) == [("reference", "taken")]
    assert await found(form, {"reference": "A1"}, Occasion.CHANGE) == []


async def test_an_outside_that_does_not_answer_fails_the_check() -> None:
    async def breaking(values: Sequence[str], occasion: Occasion) -> Collection[str]:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await asking(ask("reference", OutsideRule("x", "x", breaking))).errors({"reference": "A1"}, IMPORT)


async def test_every_broken_rule_is_counted_whatever_the_index() -> None:
    counted: Counter[tuple[Occasion, str, str]] = Counter()

    def count(*rule: object) -> None:
        counted[rule] += 1  # type: ignore[index]

    form = AskingForm(ORDER, ask("items.*.sku", Catalogue("pen").rule), count=count)
    items = [{"sku": "pen", "quantity": 0}, {"sku": "pen", "quantity": 1}]

    await form.errors({"reference": "too long", "items": items}, Occasion.CHANGE)

    assert counted == {
        (Occasion.CHANGE, "reference", "too_long"): 1,
        (Occasion.CHANGE, "items.*.quantity", "out_of_range"): 1,
        (Occasion.CHANGE, "items.*.sku", "unknown"): 2,
    }
