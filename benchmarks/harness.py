"""What a benchmark is, how two candidates are measured side by side, and what becomes of the figures."""

from collections.abc import Callable, Iterable, Sequence
from statistics import median
from typing import Literal

from attrs import frozen

Candidate = Callable[[], float]
"""Runs once and gives what it measured: a time, or a rate."""


@frozen
class Figures:
    """
    What one benchmark measured.

    Args:
        value: Ours.
        peer_value: The peer's in the same run; None where there is no peer.
    """

    value: float
    peer_value: float | None = None


@frozen
class Benchmark:
    """
    One thing to measure.

    Args:
        name: ``topic.what.vs_peer``.
        unit: Of both values.
        goal: For the ratio of ours to the peer's; where there is no peer, for our value itself.
        measure: Takes less than a minute, or the benchmark is a soak.
        better: Which side of the goal is the good one: times should be low, rates high.
        soak: Takes minutes; left out unless asked for.
    """

    name: str
    unit: str
    goal: float
    measure: Callable[[], Figures]
    better: Literal["lower", "higher"] = "lower"
    soak: bool = False


@frozen
class Result:
    """One line of the table, and of the file."""

    name: str
    value: float
    unit: str
    peer_value: float | None
    ratio: float | None
    goal: float
    holds: bool


def side_by_side(ours: Candidate, peer: Candidate, *, rounds: int) -> Figures:
    """
    Measure both in turn, *rounds* times, and take the median of each.

    Interleaved, so that whatever else the machine does falls on both.
    """
    pairs = [(ours(), peer()) for _ in range(rounds)]
    return Figures(median(value for value, _ in pairs), median(peer_value for _, peer_value in pairs))


def run(benchmark: Benchmark) -> Result:
    """Measure, and hold the figures against the goal."""
    figures = benchmark.measure()
    ratio = None if figures.peer_value is None else figures.value / figures.peer_value
    judged = figures.value if ratio is None else ratio
    return Result(
        name=benchmark.name,
        value=round(figures.value, 3),
        unit=benchmark.unit,
        peer_value=None if figures.peer_value is None else round(figures.peer_value, 3),
        ratio=None if ratio is None else round(ratio, 3),
        goal=benchmark.goal,
        holds=judged <= benchmark.goal if benchmark.better == "lower" else judged >= benchmark.goal,
    )


def chosen(benchmarks: Iterable[Benchmark], only: str | None, *, soak: bool) -> Sequence[Benchmark]:
    """Those whose name is *only*, or begins with it and a point: ``money``, ``money.add``."""
    return [
        benchmark
        for benchmark in benchmarks
        if benchmark.soak == soak and (only is None or f"{benchmark.name}.".startswith(f"{only}."))
    ]
