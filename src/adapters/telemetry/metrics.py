"""Measurements of the service, in the format that Prometheus scrapes."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from platform import python_version
from typing import TypeVar, cast

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from .outside_call_metrics import OutsideCallMetrics
from .payment_metrics import PaymentMetrics
from .pool import PoolCollector, PoolState
from .release import release
from .reservations import reservation_counter
from .sagas import SagasCollector
from .standings import StandingsCollector
from .subscription_metrics import SubscriptionMetrics

Metric = TypeVar("Metric", Counter, Histogram)

# From a read on the same machine to what a statement's time limit lets pass.
_QUERY_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class PrometheusMetrics:
    """
    The measurements of one service, in a registry of its own: two in one process do not share a count.
    """

    content_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._children: dict[tuple[object, tuple[str, ...]], object] = {}
        self._requests = self._counter("http_requests", "Requests answered.", "method", "route", "status")
        self._durations = Histogram(
            "quayside_http_request_duration_seconds",
            "Time from the head of a request to the end of its answer.",
            ("method", "route"),
            registry=self._registry,
        )
        self._in_flight = Gauge(
            "quayside_http_requests_in_flight",
            "Requests whose answers have not ended.",
            registry=self._registry,
        )
        self._queries = Histogram(
            "quayside_database_query_duration_seconds",
            "Time from sending a statement to the database to its answer.",
            ("query",),
            buckets=_QUERY_SECONDS,
            registry=self._registry,
        )
        self._broken_rules = self._counter(
            "broken_rules",
            "Rules of forms that were broken by what somebody sent.",
            "occasion",
            "field",
            "code",
        )
        self._unknown_events = self._counter(
            "unknown_events", "Stored events read that this release does not know.", "type", "schema_version"
        )
        self._malformed_events = self._counter(
            "malformed_events", "Stored events read that are not valid.", "type", "schema_version"
        )
        self._conflicts = self._counter(
            "log_conflicts", "Transactions that came to nothing because another wrote first."
        )
        self._cache_reads = self._counter(
            "cache_reads", "Times that a cache was asked, and what came of it.", "cache", "outcome"
        )
        self.outside_calls = OutsideCallMetrics(self._registry)
        self.subscriptions = SubscriptionMetrics(self._registry)
        self.payments = PaymentMetrics(self._registry)
        self.reservations = reservation_counter(self._registry)
        self.standings = StandingsCollector()
        self._registry.register(self.standings)
        self.sagas = SagasCollector()
        self._registry.register(self.sagas)
        _tell_release(self._registry)

    def _counter(self, name: str, told: str, *labels: str) -> Counter:
        return Counter(f"quayside_{name}_total", told, labels, registry=self._registry)

    def observe_broken_rule(self, occasion: str, field: str, code: str) -> None:
        """
        Count one broken rule.

        Args:
            field: Its path, with ``*`` for every index.
        """
        self._broken_rules.labels(occasion, field, code).inc()

    def observe_cache(self, cache: str, outcome: str) -> None:
        """Count one time that *cache* was asked: ``hit``, ``miss``, ``corrupted``, or ``error``."""
        self._cache_reads.labels(cache, outcome).inc()

    def observe_request(self, *, method: str, route: str, status: int, seconds: float) -> None:
        """
        Count one answered request.

        Args:
            route: The route's template, never a path: every label value is a time series for ever.
        """
        self._child(self._requests, method, route, str(status)).inc()
        self._child(self._durations, method, route).observe(seconds)

    def _child(self, metric: Metric, *labels: str) -> Metric:
        """The one time series of *metric* with these *labels*; asked for by every request, so it is kept at hand."""
        try:
            return cast("Metric", self._children[metric, labels])
        except KeyError:
            child = self._children[metric, labels] = metric.labels(*labels)
            return child

    def request_in_flight(self) -> AbstractContextManager[object]:
        """Count a request as one in flight, as long as this is open."""
        return self._in_flight.track_inprogress()

    def observe_query(self, query: str, seconds: float) -> None:
        """
        Count one statement.

        Args:
            query: Its name, never its text: every label value is a time series for ever.
        """
        self._child(self._queries, query).observe(seconds)

    def observe_unknown_event(self, type_name: str, schema_version: int) -> None:
        """Count one stored event that was read and is not known."""
        self._unknown_events.labels(type_name, str(schema_version)).inc()

    def observe_malformed_event(self, type_name: str, schema_version: int) -> None:
        """Count one stored event that was read and is not valid."""
        self._malformed_events.labels(type_name, str(schema_version)).inc()

    def observe_conflict(self) -> None:
        """Count one transaction that came to nothing because another wrote first."""
        self._conflicts.inc()

    def watch_pool(self, state: Callable[[], PoolState]) -> None:
        """Have the *state* of a pool of connections among the measurements, whenever they are rendered."""
        self._registry.register(PoolCollector(state))

    def render(self) -> bytes:
        """All measurements, as `content_type` has them."""
        return generate_latest(self._registry)


def _tell_release(registry: CollectorRegistry) -> None:
    build = Gauge(
        "quayside_build_info",
        "Which release this is; always 1.",
        ("version", "python_version"),
        registry=registry,
    )
    build.labels(release(), python_version()).set(1)
