"""Given what happened, when this is asked for, then that happens: or the example fails and says why."""

import subprocess
import sys
from collections.abc import Iterable
from typing import Any

import pytest
from attrs import define, field

from builders.parcels import (
    PARCEL,
    ItemPacked,
    Pack,
    ParcelClosedError,
    ParcelSealed,
    ParcelStarted,
    ParcelTooHeavyError,
    Seal,
    Start,
)
from quayside.core.eventlog import Decider
from quayside.core.kernel import BusinessRuleError
from quayside.testing import Given

given = Given(PARCEL)
STARTED, ROSE = ParcelStarted(1000), ItemPacked("rose", 300)


def test_what_follows_from_a_command_is_told() -> None:
    given().when(Start(1000)).then(STARTED)
    given(STARTED, ROSE).when(Pack("vase", 700)).then(ItemPacked("vase", 700))
    given(STARTED, ROSE).when(Seal()).then(ParcelSealed())


def test_that_nothing_follows_is_told_by_nothing() -> None:
    given(STARTED, ParcelSealed()).when(Seal()).then()


def test_a_refusal_is_told_by_its_class_a_wider_one_or_the_very_error() -> None:
    too_heavy = given(STARTED, ROSE).when(Pack("anvil", 800))

    too_heavy.then(ParcelTooHeavyError)
    too_heavy.then(BusinessRuleError)
    too_heavy.then(ParcelTooHeavyError(1100, 1000))
    given(STARTED, ParcelSealed()).when(Pack("rose", 1)).then(ParcelClosedError())


@pytest.mark.parametrize(
    "expected",
    [
        [],
        [ItemPacked("rose", 301)],
        [ROSE, ROSE],
        [ParcelTooHeavyError],
        [ParcelTooHeavyError(1, 2)],
        [ROSE, ParcelTooHeavyError],
    ],
)
def test_an_example_in_which_other_events_follow_fails(expected: list[Any]) -> None:
    with pytest.raises(AssertionError):
        given(STARTED).when(Pack("rose", 300)).then(*expected)


@pytest.mark.parametrize(
    "expected",
    [
        [],
        [ROSE],
        [ParcelClosedError],
        [ParcelTooHeavyError(1099, 1000)],
        [BusinessRuleError("The parcel would be too heavy.", weight_g=1100, limit_g=1000)],
        [ParcelTooHeavyError, ParcelTooHeavyError],
    ],
)
def test_an_example_that_is_refused_otherwise_fails_because_of_the_refusal(expected: list[Any]) -> None:
    with pytest.raises(AssertionError) as failure:
        given(STARTED).when(Pack("anvil", 1100)).then(*expected)

    assert isinstance(failure.value.__cause__, ParcelTooHeavyError)


def test_a_failure_tells_the_whole_example() -> None:
    with pytest.raises(AssertionError) as failure:
        given(STARTED, ROSE).when(Pack("anvil", 800)).then(ItemPacked("anvil", 800))

    assert str(failure.value).splitlines() == [
        "given",
        "    ParcelStarted(limit_g=1000)",
        "    ItemPacked(sku='rose', weight_g=300)",
        "when",
        "    Pack(sku='anvil', weight_g=800)",
        "expected",
        "    ItemPacked(sku='anvil', weight_g=800)",
        "but got",
        f"    ParcelTooHeavyError: {ParcelTooHeavyError(1100, 1000)}",
    ]


def test_a_failure_names_the_class_that_was_expected_and_the_nothing_that_came() -> None:
    with pytest.raises(AssertionError) as failure:
        given().when(Seal()).then(ParcelClosedError)

    assert str(failure.value).splitlines() == [
        *("given", "    nothing", "when", "    Seal()"),
        *("expected", "    ParcelClosedError", "but got", "    nothing"),
    ]


@define
class Tally:
    """A state that can be changed, which none should be."""

    skus: list[str] = field(factory=list)


def test_rules_that_are_not_pure_fail_even_if_they_are_right_once() -> None:
    def decide(tally: Tally, command: Pack) -> Iterable[ItemPacked]:
        return [ItemPacked(command.sku, len(tally.skus))]

    def evolve(tally: Tally, event: ItemPacked) -> Tally:
        tally.skus.append(event.sku)  # where it should make another tally
        return tally

    with pytest.raises(AssertionError, match="not pure"):
        Given(Decider(Tally(), decide, evolve))(ROSE).when(Pack("vase", 0)).then(ItemPacked("vase", 1))


def test_it_brings_no_test_framework() -> None:
    code = "import sys, quayside.testing; print({'pytest', 'hypothesis', 'msgspec'} & {*sys.modules})"

    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        == "set()\n"
    )
