"""Tells how subscriptions fare: in the log what an operator may have to see to, the rest in measurements."""

import structlog
from attrs import frozen

from ...core.eventlog import DeferredEvent, SubscriptionObserver, describe
from .metrics import PrometheusMetrics

_log = structlog.get_logger()


@frozen
class SubscriptionTelemetry(SubscriptionObserver):
    """Counts, and logs what goes wrong."""

    _metrics: PrometheusMetrics

    def delivered(self, subscription: str, events: int) -> None:
        self._metrics.subscriptions.events.labels(subscription).inc(events)

    def failed(self, deferred: DeferredEvent, error: Exception) -> None:
        parked = deferred.parked_at is not None
        self._metrics.subscriptions.failures.labels(
            deferred.subscription, "parked" if parked else "put_off"
        ).inc()
        log = _log.error if parked else _log.warning
        log(
            "event parked" if parked else "event put off",
            subscription=deferred.subscription,
            stream=str(deferred.stream),
            position=deferred.position,
            failures=deferred.failures,
            exc_info=error,
        )

    def stalled(self, subscription: str, error: Exception, wait_s: float) -> None:
        self._metrics.subscriptions.stalls.labels(subscription).inc()
        _log.warning(
            "subscription stalled", subscription=subscription, wait_s=round(wait_s, 3), error=describe(error)
        )

    def leased(self, subscription: str, token: int) -> None:
        self._metrics.subscriptions.leases.labels(subscription).inc()
        self._metrics.subscriptions.running.labels(subscription).set(1)
        _log.info("lease taken", subscription=subscription, fencing=token)

    def ended(self, subscription: str) -> None:
        self._metrics.subscriptions.running.labels(subscription).set(0)
        self._metrics.subscriptions.gap_age.remove_by_labels({"subscription": subscription})
        _log.info("lease over", subscription=subscription)

    def removed(self, subscription: str) -> None:
        self._metrics.subscriptions.forget(subscription)

    def reached(self, subscription: str, position: int, *, gap_age_s: float | None) -> None:
        self._metrics.subscriptions.position.labels(subscription).set(position)
        self._metrics.subscriptions.gap_age.labels(subscription).set(gap_age_s or 0)
