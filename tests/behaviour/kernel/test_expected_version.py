"""What a caller expects the version of a thing to be."""

import pytest

from quayside.core.kernel import (
    ANY_VERSION,
    ConcurrencyConflictError,
    ConflictError,
    ExpectedVersion,
    StalePreconditionError,
)

TWO_OR_FOUR = ExpectedVersion(frozenset({2, 4}))
OVERTAKEN = ConcurrencyConflictError("user/1", expected=2, actual=3)


@pytest.mark.parametrize("version", [2, 4])
def test_an_expected_version_is_let_through(version: int) -> None:
    TWO_OR_FOUR.require(version)


@pytest.mark.parametrize("version", [0, 1, 3, 5])
def test_any_other_is_stale(version: int) -> None:
    with pytest.raises(StalePreconditionError):
        TWO_OR_FOUR.require(version)


def test_who_expects_none_of_all_versions_is_always_refused() -> None:
    with pytest.raises(StalePreconditionError):
        ExpectedVersion(frozenset()).require(1)


def test_who_does_not_care_is_let_through() -> None:
    ANY_VERSION.require(7)


def test_a_race_that_is_lost_leaves_the_expectation_stale() -> None:
    with pytest.raises(StalePreconditionError) as refused, TWO_OR_FOUR.through_races():
        raise OVERTAKEN

    assert refused.value.__cause__ is OVERTAKEN


def test_a_race_that_is_lost_without_an_expectation_is_a_conflict() -> None:
    with pytest.raises(ConcurrencyConflictError), ANY_VERSION.through_races():
        raise OVERTAKEN


def test_what_else_goes_wrong_meanwhile_stays_what_it_is() -> None:
    with pytest.raises(ConflictError, match="taken"), TWO_OR_FOUR.through_races():
        raise ConflictError("taken")
