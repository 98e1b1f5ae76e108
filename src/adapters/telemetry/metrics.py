"""Measurements of the service, in the format that Prometheus scrapes."""

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST


class PrometheusMetrics:
    """
    The measurements of one service, in a registry of its own: two in one process do not share a count.
    """

    content_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "quayside_http_requests_total",
            "Requests answered.",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self._durations = Histogram(
            "quayside_http_request_duration_seconds",
            "Time from the head of a request to the end of its answer.",
            ("method", "route"),
            registry=self._registry,
        )
        self._broken_rules = Counter(
            "quayside_broken_rules_total",
            "Rules of forms that were broken by what somebody sent.",
            ("occasion", "field", "code"),
            registry=self._registry,
        )

    def observe_broken_rule(self, occasion: str, field: str, code: str) -> None:
        """
        Count one broken rule.

        Args:
            field: Its path, with ``*`` for every index.
        """
        self._broken_rules.labels(occasion, field, code).inc()

    def observe_request(self, *, method: str, route: str, status: int, seconds: float) -> None:
        """
        Count one answered request.

        Args:
            route: The route's template, never a path: every label value is a time series for ever.
        """
        self._requests.labels(method, route, str(status)).inc()
        self._durations.labels(method, route).observe(seconds)

    def render(self) -> bytes:
        """All measurements, as `content_type` has them."""
        return generate_latest(self._registry)
