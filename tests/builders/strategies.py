"""Values that hypothesis may choose freely."""

from decimal import Decimal

from hypothesis import strategies as st

from quayside.core.kernel import Money, Percentage

CURRENCIES = st.sampled_from(["GBP", "JPY", "KWD", "CLF"])


def counts(bound: int = 2**40) -> st.SearchStrategy[int]:
    """Minor units, small enough by default that no law is about the range."""
    return st.integers(-bound, bound)


def pounds(bound: int = 2**40) -> st.SearchStrategy[Money]:
    return counts(bound).map(lambda minor: Money.from_minor(minor, "GBP"))


def rates() -> st.SearchStrategy[Decimal]:
    return st.decimals(-1_000, 1_000, allow_nan=False, places=6)


def percentages() -> st.SearchStrategy[Percentage]:
    return st.decimals(0, 100, allow_nan=False, places=4).map(Percentage)
