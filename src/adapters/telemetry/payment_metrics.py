"""Measurements of payments."""

import re
from collections.abc import Callable, Iterator
from typing import Final

from attrs import define, field
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ...core.eventlog import Event
from ...core.kernel import Money
from ...core.payments import (
    Backlog,
    Payment,
    PaymentAuthorized,
    PaymentCancelled,
    PaymentCaptured,
    PaymentFailed,
    PaymentFlagged,
    PaymentOutcomeUnknown,
    PaymentReceived,
    RefundSucceeded,
)

# From a gateway on the same machine to a payment whose answer was lost, and that is settled a minute later.
_SECONDS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)
_REASON: Final = re.compile(r"[a-z0-9_]{1,64}")


class PaymentMetrics:
    """
    Args:
        registry: What they are added to.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, explanation: str, *labels: str) -> Counter:
            return Counter(f"quayside_{name}_total", explanation, labels, registry=registry)

        self._received = counter("payments_received", "Payments that were recorded.", "currency")
        self._ended = counter("payments_ended", "Payments that came to a final state.", "status", "currency")
        self._failed = counter("payments_failed", "Payments that failed, by the code of why.", "reason")
        self._captured = counter(
            "payments_captured_amount", "What was taken, in units of the currency.", "currency"
        )
        self._refunded = counter(
            "payments_refunded_amount", "What was given back, in units of the currency.", "currency"
        )
        self._unknown = counter(
            "payment_outcomes_unknown", "Times that the gateway's answer was lost.", "step"
        )
        self._flagged = counter("payments_flagged", "Times that a payment came to need a person.", "step")
        self._durations = Histogram(
            "quayside_payment_duration_seconds",
            "Time from the recording of a payment to that of what became of it.",
            ("currency",),
            buckets=_SECONDS,
            registry=registry,
        )
        self.backlog = BacklogCollector()
        registry.register(self.backlog)

    def saved(self, payment: Payment, event: Event) -> None:
        """Count what happened to *payment*."""
        currency = payment.amount.currency
        match event:
            case PaymentReceived():
                self._received.labels(currency).inc()
            case PaymentAuthorized(at=at) if not payment.captures_at_once:
                self._durations.labels(currency).observe((at - payment.created_at).total_seconds())
            case PaymentCaptured(amount=amount, at=at):
                self._ended.labels("Completed", currency).inc()
                self._captured.labels(currency).inc(_units(amount))
                if payment.captures_at_once:
                    self._durations.labels(currency).observe((at - payment.created_at).total_seconds())
            case PaymentFailed(code=code, at=at):
                self._ended.labels("Failed", currency).inc()
                # A gateway's vocabulary is its own; every label value is a time series for ever.
                self._failed.labels(code if _REASON.fullmatch(code) else "other").inc()
                self._durations.labels(currency).observe((at - payment.created_at).total_seconds())
            case PaymentCancelled():
                self._ended.labels("Cancelled", currency).inc()
            case RefundSucceeded(amount=amount):
                self._refunded.labels(currency).inc(_units(amount))
            case PaymentOutcomeUnknown(step=step):
                self._unknown.labels(step).inc()
            case PaymentFlagged(step=step):
                self._flagged.labels(step).inc()


@define(eq=False)
class BacklogCollector(Collector):
    """
    Args:
        known: What was found last; None where nobody could find out.
    """

    known: Backlog | None = field(default=None, init=False)

    def collect(self) -> Iterator[Metric]:
        gauges: dict[str, tuple[str, Callable[[Backlog], float]]] = {
            "open": ("Payments that the gateway owes an answer on.", lambda it: it.unsettled),
            "open_age_seconds": ("How long the first of those has waited.", lambda it: it.longest_wait_s),
            "needing_attention": ("Payments that need a person.", lambda it: it.flagged),
        }
        for name, (explanation, value) in gauges.items():
            gauge = GaugeMetricFamily(f"quayside_payments_{name}", explanation)
            if self.known:
                gauge.add_metric([], value(self.known))
            yield gauge


def _units(amount: Money) -> float:
    return float(amount.amount_text)
