"""Measurements of a pool of connections, taken when somebody asks for them."""

from collections.abc import Callable, Iterator

from attrs import frozen
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector


@frozen
class PoolState:
    """
    What a pool is doing, and what it has done since it was opened.

    Args:
        idle: Open connections that nobody has.
        busy: Those that somebody has, that are being opened or taken back.
        most: Open connections that there may be.
        waiting: Who wants a connection and has none yet.
        requests: How often one was wanted.
        failures: How often none was given.
        waited_s: How long all together have waited, in seconds.
    """

    idle: float
    busy: float
    most: float
    waiting: float
    requests: float
    failures: float
    waited_s: float


@frozen
class PoolCollector(Collector):
    """
    Args:
        read: Gives the state of now.
    """

    read: Callable[[], PoolState]

    def collect(self) -> Iterator[Metric]:
        state = self.read()
        connections = GaugeMetricFamily(
            "quayside_database_pool_connections", "Connections to the database.", labels=["state"]
        )
        connections.add_metric(["idle"], state.idle)
        connections.add_metric(["busy"], state.busy)
        yield connections
        gauges = {"max_connections": state.most, "waiting": state.waiting}
        counters = {"requests": state.requests, "failures": state.failures, "wait_seconds": state.waited_s}
        for name, value in gauges.items():
            yield GaugeMetricFamily(f"quayside_database_pool_{name}", _HELP[name], value=value)
        for name, value in counters.items():
            yield CounterMetricFamily(f"quayside_database_pool_{name}", _HELP[name], value=value)


_HELP = {
    "max_connections": "Open connections that there may be.",
    "waiting": "Those who want a connection and have none yet.",
    "requests": "How often a connection was wanted.",
    "failures": "How often none was given.",
    "wait_seconds": "How long all together have waited for a connection.",
}
