"""Money beside py-moneyed: the same amounts, doing the same to the minor unit."""

from decimal import Decimal
from functools import partial
from timeit import Timer

import moneyed

from benchmarks.harness import Benchmark, Figures, side_by_side
from quayside.core.kernel import Money

_ROUNDS = 501  # of about a millisecond each, so that a busy moment falls on both
_RATE = Decimal("0.175")
_OURS = {
    "price": Money.of("19.99", "GBP"),
    "other": Money.of("5.01", "GBP"),
    "prices": [Money.from_minor(minor, "GBP") for minor in range(100)],
    "rate": _RATE,
    "Money": Money,
}
_PEERS = {
    "price": moneyed.Money("19.99", "GBP"),
    "other": moneyed.Money("5.01", "GBP"),
    "prices": [moneyed.Money(Decimal(minor) / 100, "GBP") for minor in range(100)],
    "rate": _RATE,
}


def _compared(ours: str, peer: str, repeats: int) -> Figures:
    return side_by_side(
        partial(_nanoseconds, Timer(ours, globals=_OURS), repeats),
        partial(_nanoseconds, Timer(peer, globals=_PEERS), repeats),
        rounds=_ROUNDS,
    )


def _nanoseconds(timer: Timer, repeats: int) -> float:
    return timer.timeit(repeats) / repeats * 1e9


BENCHMARKS = (
    Benchmark(
        name="money.add.vs_py_moneyed",
        unit="ns",
        goal=0.5,
        measure=partial(_compared, "price + other", "price + other", 2_000),
    ),
    Benchmark(
        name="money.times_rate.vs_py_moneyed",
        unit="ns",
        goal=0.35,
        # Ours rounds to a minor unit; py-moneyed has to be told to.
        measure=partial(_compared, "price.times(rate)", "(price * rate).round(2)", 1_000),
    ),
    Benchmark(
        name="money.sum_100.vs_py_moneyed",
        unit="ns",
        goal=0.08,
        measure=partial(_compared, 'Money.sum(prices, "GBP")', "sum(prices)", 20),
    ),
)
