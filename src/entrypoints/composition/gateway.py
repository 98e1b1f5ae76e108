"""Who moves the money, and what stands before it."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from ...adapters.resilience import Failures, Guard, GuardedGateway, GuardTerms
from ...adapters.sandbox import SandboxGateway
from ...adapters.telemetry.metrics import PrometheusMetrics
from ...adapters.telemetry.outside_calls import OutsideCallTelemetry
from ...core.payments import GatewayOutcomeUnknownError, GatewayUnreachableError, PaymentGateway
from ...core.resilience import RetryTerms
from .storage import Storage

# The sandbox fails where a card says so, to show what becomes of it: asked again, or left alone, it would not.
_SANDBOX = GuardTerms(call_limit_s=None, retry=RetryTerms(tries=1), circuit=None)


@asynccontextmanager
async def gateway_of(
    storage: Storage,
    metrics: PrometheusMetrics,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> AsyncIterator[PaymentGateway]:
    """
    The gateway, behind a guard.

    Args:
        sleep: Waits so many seconds, where the sandbox is slow.
    """
    yield _guarded(SandboxGateway(storage.sandbox_books, sleep), _SANDBOX, metrics)


def _guarded(gateway: PaymentGateway, terms: GuardTerms, metrics: PrometheusMetrics) -> PaymentGateway:
    failures = Failures(undone=GatewayUnreachableError, unknown=GatewayOutcomeUnknownError)
    observer = OutsideCallTelemetry(metrics.outside_calls, "gateway")
    return GuardedGateway(gateway, Guard(terms, failures, observer, random.random))
