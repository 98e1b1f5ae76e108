"""Who reacts to what: every subscription and every periodic job of the service."""

import random
import socket
from datetime import timedelta
from os import getpid

import structlog

from ...adapters.telemetry.subscriptions import SubscriptionTelemetry
from ...core.eventlog import (
    DeliverySurroundings,
    EventFilter,
    ExternalSubscription,
    RecordedEvent,
    TellStandings,
)
from ...core.kernel import QuaysideError, UnavailableError
from ...core.payments import GatewayUnreachableError, PaymentOutcomeUnknown
from ..worker import PeriodicJob, Worker
from .application import Application
from .projections import PROJECTIONS
from .storage import Transaction

_log = structlog.get_logger()

_SETTLE_EVERY_S = 5.0
_MOST_AT_ONCE = 100
_DISCARD_EVERY_S = 60.0
_MOST_KEYS_AT_ONCE = 500


def worker_of(application: Application) -> Worker[Transaction]:
    """Everything that reacts in *application*, ready to be put to work."""
    storage = application.storage
    return Worker(
        at=DeliverySurroundings(
            begin=storage.begin,
            follower=storage.follower,
            reader=storage.events,
            deferred=storage.deferred_events,
            clock=application.clock,
            chance=random.random,
            observer=SubscriptionTelemetry(application.metrics),
        ),
        register=storage.subscriptions,
        subscriptions=[_settling(application)],
        jobs=[
            _settling_what_was_left_open(application),
            PeriodicJob(
                name="discard-expired-sessions",
                every_s=_DISCARD_EVERY_S,
                run=application.identity.discard_expired,
            ),
            _discarding_keys(application),
        ],
        projections=PROJECTIONS,
        generations=storage.generations,
        name=f"{socket.gethostname()}:{getpid()}",
        bell=application.bell,
        moved=application.projections.moved,
        listen=storage.listen,
    )


def standings_of(application: Application) -> TellStandings:
    """What tells how far everything that reacts is."""
    storage = application.storage
    return TellStandings(storage.subscriptions, storage.follower, application.clock)


def _settling(application: Application) -> ExternalSubscription:
    """Find out at once what became of a payment whose answer was lost."""

    async def settle(recorded: RecordedEvent) -> None:
        assert isinstance(recorded.event, PaymentOutcomeUnknown)
        try:
            await application.payments.settle_payment(recorded.event.payment_id)
        except GatewayUnreachableError as error:
            raise UnavailableError("The gateway is away.") from error

    return ExternalSubscription(
        name="settle-payments", of=EventFilter(types=frozenset({PaymentOutcomeUnknown})), handle=settle
    )


def _settling_what_was_left_open(application: Application) -> PeriodicJob:
    """Find out what became of payments whose process died, or could not even say that it does not know."""
    # By then whoever was at work on a payment has been answered, or is gone.
    grace = timedelta(seconds=2 * application.settings.request_timeout_s)

    async def settle() -> None:
        before = application.clock() - grace
        for payment_id in await application.storage.payments.open_since(before, _MOST_AT_ONCE):
            try:
                await application.payments.settle_payment(payment_id, grace_is_over=True)
            except QuaysideError as error:
                _log.warning("payment not settled", payment_id=payment_id, error=str(error))

    return PeriodicJob(name="settle-payments", every_s=_SETTLE_EVERY_S, run=settle)


def _discarding_keys(application: Application) -> PeriodicJob:
    """Forget idempotency keys that are over, and what was answered under them."""
    keys = application.idempotency.keys

    async def discard() -> None:
        while await keys.discard_expired(_MOST_KEYS_AT_ONCE) == _MOST_KEYS_AT_ONCE:
            pass

    return PeriodicJob(name="discard-idempotency-keys", every_s=_DISCARD_EVERY_S, run=discard)
