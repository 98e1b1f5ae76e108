"""Ids that sort by the time they were made."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import RFC_4122, UUID

import pytest

from quayside.adapters.memory import ManualClock
from quayside.adapters.system import entropy, utc_now
from quayside.core.kernel import Uuid7Factory, derived_uuid7

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


def nothing(size: int) -> bytes:
    return bytes(size)


def everything(size: int) -> bytes:
    return b"\xff" * size


def elapsed_ms(made: UUID) -> int:
    return made.int >> 80


def test_the_example_of_the_rfc_comes_out_to_the_bit() -> None:
    clock = ManualClock(datetime(2022, 2, 22, 19, 22, 22, tzinfo=UTC))
    random = (0xCC3 << 62 | 0x18C4DC0C0C07398F) << 6

    new_id = Uuid7Factory(clock, random.to_bytes)

    assert new_id() == UUID("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")


@pytest.mark.parametrize("random", [nothing, everything])
def test_an_id_says_its_version_its_variant_and_its_millisecond(random: Callable[[int], bytes]) -> None:
    made = Uuid7Factory(ManualClock(NOON + timedelta(microseconds=999)), random)()

    assert (made.version, made.variant) == (7, RFC_4122)
    assert elapsed_ms(made) == int(NOON.timestamp()) * 1000


@pytest.mark.parametrize("random", [nothing, everything, entropy])
def test_ids_of_one_millisecond_increase(random: Callable[[int], bytes]) -> None:
    new_id = Uuid7Factory(ManualClock(NOON), random)

    made = [new_id() for _ in range(1000)]

    assert made == sorted(set(made))
    assert {(each.version, each.variant) for each in made} == {(7, RFC_4122)}


def test_ids_increase_while_the_clock_stands_behind() -> None:
    clock = ManualClock(NOON)
    new_id = Uuid7Factory(clock, entropy)
    before = new_id()

    clock.advance(timedelta(hours=-1))

    assert before < new_id() < new_id()


def test_a_full_millisecond_runs_over_into_the_next() -> None:
    clock = ManualClock(NOON)
    new_id = Uuid7Factory(clock, everything)
    full = new_id()

    first = new_id()
    clock.advance(MILLISECOND)
    second = new_id()

    assert elapsed_ms(first) == elapsed_ms(full) + 1
    assert full < first < second
    assert (first.version, first.variant) == (7, RFC_4122)


def test_a_new_millisecond_starts_from_new_randomness() -> None:
    clock = ManualClock(NOON)
    new_id = Uuid7Factory(clock, everything)
    new_id()

    clock.advance(MILLISECOND)
    clock.advance(MILLISECOND)

    assert str(new_id()).endswith("-7fff-bfff-ffffffffffff")


def test_a_step_within_a_millisecond_cannot_be_foretold() -> None:
    new_id = Uuid7Factory(ManualClock(NOON), entropy)

    made = [new_id().int for _ in range(100)]

    assert len({after - before for before, after in pairwise(made)}) > 90


def test_the_machines_clock_and_entropy_make_ids_of_now() -> None:
    before = int(utc_now().timestamp() * 1000)

    made = Uuid7Factory(utc_now, entropy)()

    assert before <= elapsed_ms(made) <= before + 60_000
    assert utc_now().tzinfo is UTC
    assert len(entropy(7)) == 7


def test_what_an_id_has_under_a_name_has_always_the_same_id_and_the_same_age() -> None:
    parent, other = (Uuid7Factory(ManualClock(NOON), entropy)() for _ in range(2))

    derived = derived_uuid7(parent, "1")

    assert derived == derived_uuid7(parent, "1")
    assert len({parent, derived, derived_uuid7(parent, "2"), derived_uuid7(other, "1")}) == 4
    assert (derived.version, derived.variant) == (7, RFC_4122)
    assert elapsed_ms(derived) == elapsed_ms(parent)
