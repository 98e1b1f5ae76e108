"""Subscriptions are measured for as long as they are there."""

from builders.events import a_stream
from quayside.adapters.telemetry.metrics import PrometheusMetrics
from quayside.adapters.telemetry.subscriptions import SubscriptionTelemetry
from quayside.core.eventlog import DeferredEvent


def test_who_has_lost_the_lease_waits_at_no_gap() -> None:
    metrics = PrometheusMetrics()
    telemetry = SubscriptionTelemetry(metrics)
    telemetry.leased("views-1", 1)
    telemetry.reached("views-1", 4, gap_age_s=7.0)
    assert 'gap_age_seconds{subscription="views-1"} 7.0' in metrics.render().decode()

    telemetry.ended("views-1")

    assert 'gap_age_seconds{subscription="views-1"}' not in metrics.render().decode()


def test_of_a_subscription_that_is_gone_nothing_is_told() -> None:
    metrics = PrometheusMetrics()
    telemetry = SubscriptionTelemetry(metrics)
    for name in ("views-1", "views-2"):
        telemetry.leased(name, 1)
        telemetry.delivered(name, 3)
        telemetry.failed(DeferredEvent(subscription=name, position=4, stream=a_stream()), ValueError())
        telemetry.stalled(name, ValueError(), 0.1)
        telemetry.reached(name, 4, gap_age_s=None)
        telemetry.ended(name)

    telemetry.removed("views-1")

    text = metrics.render().decode()
    assert "views-1" not in text
    assert 'quayside_subscription_position{subscription="views-2"} 4.0' in text
