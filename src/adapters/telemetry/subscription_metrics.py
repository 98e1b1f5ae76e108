"""Measurements of subscriptions."""

from prometheus_client import CollectorRegistry, Counter, Gauge


class SubscriptionMetrics:
    """
    Args:
        registry: What they are added to.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self.events = Counter(
            "quayside_subscription_events_total",
            "Events that a subscription was given and handled.",
            ("subscription",),
            registry=registry,
        )
        self.failures = Counter(
            "quayside_subscription_failures_total",
            "Attempts at an event that failed, by what became of it: put_off or parked.",
            ("subscription", "outcome"),
            registry=registry,
        )
        self.stalls = Counter(
            "quayside_subscription_stalls_total",
            "Times that a subscription had to wait though there was something to do.",
            ("subscription",),
            registry=registry,
        )
        self.leases = Counter(
            "quayside_subscription_leases_total",
            "Times that this process was given the lease of a subscription or job.",
            ("subscription",),
            registry=registry,
        )
        self.running = Gauge(
            "quayside_subscription_running",
            "Whether this process runs the subscription or job.",
            ("subscription",),
            registry=registry,
        )
        self.position = Gauge(
            "quayside_subscription_position",
            "How far the subscription that this process runs is.",
            ("subscription",),
            registry=registry,
        )
        self.gap_age = Gauge(
            "quayside_subscription_gap_age_seconds",
            "How long the subscription has waited for a transaction that may fill the next position; 0 if it does not.",
            ("subscription",),
            registry=registry,
        )

    def forget(self, subscription: str) -> None:
        """Tell no more of *subscription*, which is gone."""
        for metric in (
            self.events,
            self.failures,
            self.stalls,
            self.leases,
            self.running,
            self.position,
            self.gap_age,
        ):
            metric.remove_by_labels({"subscription": subscription})
