"""Who moves the money, and what stands before it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from ...adapters.resilience import Failures, GuardedGateway, GuardTerms
from ...adapters.sandbox import SandboxGateway
from ...adapters.telemetry.metrics import PrometheusMetrics
from ...core.kernel import Secret
from ...core.payments import GatewayOutcomeUnknownError, GatewayUnreachableError, NoticeReader, PaymentGateway
from ...core.resilience import CircuitTerms, RetryTerms
from ..settings import Settings
from .guards import guard_of
from .storage import Storage

if TYPE_CHECKING:
    from ...adapters.http.stripe import StripeGateway

# The sandbox fails where a card says so, to show what becomes of it: asked again, or left alone, it would not.
_SANDBOX = GuardTerms(call_limit_s=None, retry=RetryTerms(tries=1), circuit=None)

_STRIPE_ANSWERS_IN_S = 8.0
_CALLS_OF_A_PAYMENT = 3  # tokenize, authorize, capture: each has to fit into what is left of a request


@asynccontextmanager
async def gateway_of(
    settings: Settings,
    storage: Storage,
    metrics: PrometheusMetrics,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> AsyncIterator[PaymentGateway]:
    """
    The gateway that *settings* name, behind a guard.

    Args:
        sleep: Waits so many seconds, where the sandbox is slow.

    Raises:
        MissingExtraError: it is Stripe, and httpx is not installed.
    """
    if settings.gateway == "stripe":
        async with _stripe(settings) as stripe:
            yield _guarded(stripe, _terms_of_stripe(settings), metrics)
        return
    yield _guarded(SandboxGateway(storage.sandbox_books, sleep), _SANDBOX, metrics)


def notices_of(settings: Settings) -> NoticeReader | None:
    """
    Who reads what the gateway tells of its own accord; None where it is not heard.

    Raises:
        MissingExtraError: it is Stripe, and httpx is not installed.
    """
    if not settings.stripe_webhook_secrets:
        return None
    from ...adapters.http.stripe import StripeNotices

    return StripeNotices([Secret(secret.get_secret_value()) for secret in settings.stripe_webhook_secrets])


def _stripe(settings: Settings) -> "StripeGateway":
    from ...adapters.http.stripe import StripeGateway

    assert settings.stripe_api_key is not None
    return StripeGateway(
        Secret(settings.stripe_api_key.get_secret_value()),
        base_url=settings.stripe_url,
        timeout_s=_call_limit_s(settings),
    )


def _terms_of_stripe(settings: Settings) -> GuardTerms:
    return GuardTerms(_call_limit_s(settings), RetryTerms(), CircuitTerms())


def _call_limit_s(settings: Settings) -> float:
    return min(_STRIPE_ANSWERS_IN_S, settings.request_timeout_s / (_CALLS_OF_A_PAYMENT + 1))


def _guarded(gateway: PaymentGateway, terms: GuardTerms, metrics: PrometheusMetrics) -> PaymentGateway:
    failures = Failures(undone=GatewayUnreachableError, unknown=GatewayOutcomeUnknownError)
    return GuardedGateway(gateway, guard_of("gateway", terms, failures, metrics))
