"""Measurements of calls to systems outside."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

# From an answer out of memory to the longest that anybody waits.
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class OutsideCallMetrics:
    """
    Args:
        registry: What they are added to.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self.attempts = Counter(
            "quayside_outside_call_attempts_total",
            "Attempts at calls to a system outside, by what became of them.",
            ("service", "operation", "outcome"),
            registry=registry,
        )
        self.durations = Histogram(
            "quayside_outside_call_duration_seconds",
            "Time that an attempt at a call to a system outside took.",
            ("service", "operation"),
            buckets=_SECONDS,
            registry=registry,
        )
        self.retries = Counter(
            "quayside_outside_call_retries_total",
            "Attempts that followed another that failed.",
            ("service", "operation"),
            registry=registry,
        )
        self.circuit = Gauge(
            "quayside_outside_circuit_state",
            "1 for the state that the circuit to a system outside is in.",
            ("service", "state"),
            registry=registry,
        )
