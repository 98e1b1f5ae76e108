"""What stands before every system outside."""

import random

from ...adapters.resilience import Failures, Guard, GuardTerms
from ...adapters.telemetry.metrics import PrometheusMetrics
from ...adapters.telemetry.outside_calls import OutsideCallTelemetry


def guard_of(service: str, terms: GuardTerms, failures: Failures, metrics: PrometheusMetrics) -> Guard:
    """
    A guard that counts.

    Args:
        service: Which system it is, ``gateway``.
    """
    return Guard(terms, failures, OutsideCallTelemetry(metrics.outside_calls, service), random.random)
