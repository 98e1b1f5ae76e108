"""Measurements of sagas, as the view of those that are open has them."""

from collections.abc import Callable, Iterator, Sequence

from attrs import define, field
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ...core.fulfilment import SagaStanding

_GAUGES: dict[str, tuple[str, Callable[[SagaStanding], float]]] = {
    "open": ("Sagas that are not at their end.", lambda it: it.backlog.count),
    "step_age_seconds": ("How long the one has been at the step that has longest.", lambda it: it.longest_s),
    "needing_attention": ("Sagas that need a person.", lambda it: it.backlog.attention),
}


@define(eq=False)
class SagasCollector(Collector):
    """
    Args:
        known: What was found last; nothing where nobody could find out.
    """

    known: Sequence[SagaStanding] = field(default=(), init=False)

    def collect(self) -> Iterator[Metric]:
        for name, (explanation, value) in _GAUGES.items():
            gauge = GaugeMetricFamily(f"quayside_sagas_{name}", explanation, labels=["saga", "phase", "step"])
            for standing in self.known:
                backlog = standing.backlog
                gauge.add_metric([backlog.category, backlog.phase, backlog.step or ""], value(standing))
            yield gauge
