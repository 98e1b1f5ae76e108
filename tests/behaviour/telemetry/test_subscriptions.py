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


def test_an_error_that_cannot_be_told_does_no_harm() -> None:
    class SpeechlessError(Exception):
        def __str__(self) -> str:
            raise self

    metrics = PrometheusMetrics()
    telemetry = SubscriptionTelemetry(metrics)

    telemetry.stalled("views-1", SpeechlessError(), 0.1)
    telemetry.failed(DeferredEvent(subscription="views-1", position=4, stream=a_stream()), SpeechlessError())

    assert 'stalls_total{subscription="views-1"} 1.0' in metrics.render().decode()


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
