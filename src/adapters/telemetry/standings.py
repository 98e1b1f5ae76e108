"""Measurements of how far subscriptions are, as the register of all processes has it."""

from collections.abc import Callable, Iterator, Sequence

from attrs import define, field
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ...core.eventlog import Standing

_Value = Callable[[Standing], float]

_OF_ALL: dict[str, tuple[str, _Value]] = {
    "paused": ("Whether an operator has paused the subscription or job.", lambda it: it.state.is_paused),
}
_OF_SUBSCRIPTIONS: dict[str, tuple[str, _Value]] = {
    "lag_events": ("Positions of the log that it has not passed.", lambda it: it.lag_events),
    "lag_seconds": ("How long the first event that it has not passed has been there.", lambda it: it.lag_s),
    "deferred_events": ("Events that it has put off, parked ones included.", lambda it: it.state.deferred),
    "parked_events": (
        "Events that it has given up until an operator sees to them.",
        lambda it: it.state.parked,
    ),
}


@define(eq=False)
class StandingsCollector(Collector):
    """
    Args:
        known: What was found last; nothing where nobody could find out.
    """

    known: Sequence[Standing] = field(default=(), init=False)

    def collect(self) -> Iterator[Metric]:
        subscriptions = [standing for standing in self.known if not standing.state.is_job]
        yield from _gauges(_OF_ALL, self.known)
        yield from _gauges(_OF_SUBSCRIPTIONS, subscriptions)


def _gauges(of: dict[str, tuple[str, _Value]], standings: Sequence[Standing]) -> Iterator[Metric]:
    for name, (explanation, value) in of.items():
        gauge = GaugeMetricFamily(f"quayside_subscription_{name}", explanation, labels=["subscription"])
        for standing in standings:
            gauge.add_metric([standing.state.name], value(standing))
        yield gauge
