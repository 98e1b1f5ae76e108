"""The laws of sharing out."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import assume, given
from hypothesis import strategies as st

from builders.strategies import pounds
from quayside.core.kernel import Money

Weights = list[int | Decimal]

WEIGHTS: st.SearchStrategy[Weights] = st.lists(
    st.one_of(st.integers(0, 10**6), st.decimals(0, 1_000, allow_nan=False, places=3)),
    min_size=1,
    max_size=12,
).filter(any)
MOST = 2**63 - 1


@given(pounds(MOST), WEIGHTS)
def test_no_minor_unit_is_lost_or_made(whole: Money, weights: Weights) -> None:
    assert Money.sum(whole.allocate(weights), "GBP") == whole


@given(pounds(MOST), WEIGHTS)
def test_each_part_is_its_exact_share_rounded_down_or_up(whole: Money, weights: Weights) -> None:
    total = sum(Fraction(weight) for weight in weights)

    for part, weight in zip(whole.allocate(weights), weights, strict=True):
        assert abs(part.minor - whole.minor * Fraction(weight) / total) < 1


@given(pounds(), WEIGHTS)
def test_parts_have_the_sign_of_the_whole_and_mirror_its_negative(whole: Money, weights: Weights) -> None:
    parts = whole.allocate(weights)

    assert all(part.minor * whole.minor >= 0 for part in parts)
    assert (-whole).allocate(weights) == tuple(-part for part in parts)


@given(pounds(), WEIGHTS, st.integers(1, 10**6))
def test_only_the_proportions_of_weights_count(whole: Money, weights: Weights, scale: int) -> None:
    assert whole.allocate([weight * scale for weight in weights]) == whole.allocate(weights)


@given(pounds(), WEIGHTS.flatmap(lambda weights: st.tuples(st.just(weights), st.permutations(weights))))
def test_what_a_weight_gets_does_not_depend_on_the_order_but_for_ties(
    whole: Money, orders: tuple[Weights, Weights]
) -> None:
    weights, permuted = orders
    total = sum(Fraction(weight) for weight in weights)
    remainders = {abs(whole.minor) * Fraction(weight) / total % 1 for weight in weights}
    assume(len(remainders) == len(set(weights)))

    assert parts_by_weight(whole, permuted) == parts_by_weight(whole, weights)


@given(pounds(), WEIGHTS)
def test_of_equal_weights_the_earlier_gets_no_less(whole: Money, weights: Weights) -> None:
    parts = [abs(part) for part in whole.allocate(weights)]

    for weight in set(weights):
        of_this = [part for part, its_weight in zip(parts, weights, strict=True) if its_weight == weight]
        assert of_this == sorted(of_this, reverse=True)


@given(pounds(), st.integers(1, 50))
def test_a_split_differs_by_at_most_one_minor_unit(whole: Money, count: int) -> None:
    parts = whole.split(count)

    assert len(parts) == count
    assert max(parts).minor - min(parts).minor <= 1
    assert Money.sum(parts, "GBP") == whole


def parts_by_weight(whole: Money, weights: Weights) -> list[tuple[int | Decimal, int]]:
    """What each weight gets, whatever its place."""
    return sorted(zip(weights, (part.minor for part in whole.allocate(weights)), strict=True))
