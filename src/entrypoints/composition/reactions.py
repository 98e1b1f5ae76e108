"""Who reacts to what: every subscription and every periodic job of the service."""

import random
import socket
from collections.abc import Sequence
from datetime import timedelta
from os import getpid

import structlog

from ...adapters.telemetry.subscriptions import SubscriptionTelemetry
from ...core.eventlog import (
    BroadcastSubscription,
    DeliverySurroundings,
    EventFilter,
    ExternalSubscription,
    Projection,
    RecordedEvent,
    TellStandings,
)
from ...core.fulfilment import saga_timers
from ...core.kernel import QuaysideError, UnavailableError
from ...core.payments import (
    GatewayOutcomeUnknownError,
    GatewayUnreachableError,
    OpenPayment,
    PaymentId,
    PaymentNotFoundError,
    PaymentOutcomeUnknown,
)
from ..worker import AnySubscription, PeriodicJob, Worker
from .application import Application
from .caching import CACHED
from .projections import PROJECTIONS
from .storage import Transaction

_log = structlog.get_logger()

_TRIED_AGAIN_FOR = timedelta(seconds=5)
_SETTLE_EVERY_S = 5.0
_MOST_AT_ONCE = 100
_MOST_SIDE_BY_SIDE = 10
_DISCARD_EVERY_S = 60.0
_MOST_DISCARDED_AT_ONCE = 500

_EXPIRE_EVERY_S = 5.0
_WAKE_EVERY_S = 0.25

_NOTICES_COME_FOR = timedelta(days=30)  # Stripe sends again for three days, and by hand for thirty


def worker_of(application: Application) -> Worker[Transaction]:
    """Everything that reacts in *application*, ready to be put to work."""
    return _worker(
        application,
        subscriptions=[
            _settling(application),
            application.fulfilment.subscription,
            *_outdating(application),
        ],
        jobs=[
            _settling_what_was_left_open(application),
            PeriodicJob(
                name="discard-expired-sessions",
                every_s=_DISCARD_EVERY_S,
                run=application.identity.discard_expired,
            ),
            _discarding_keys(application),
            _discarding_notices(application),
            _expiring(application),
            _waking_sagas(application),
        ],
        projections=PROJECTIONS,
    )


def listener_of(application: Application) -> Worker[Transaction] | None:
    """What even a process must hear that leaves reacting to others; None where there is nothing."""
    heard = [each for each in _outdating(application) if isinstance(each, BroadcastSubscription)]
    return _worker(application, subscriptions=heard, jobs=[]) if heard else None


def _worker(
    application: Application,
    *,
    subscriptions: Sequence[AnySubscription[Transaction]],
    jobs: Sequence[PeriodicJob],
    projections: Sequence[Projection[Transaction]] = (),
) -> Worker[Transaction]:
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
        subscriptions=subscriptions,
        jobs=jobs,
        projections=projections,
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
        except GatewayOutcomeUnknownError:
            if application.clock() < recorded.envelope.occurred_at + _TRIED_AGAIN_FOR:
                raise
            # Parked, it would wait for a person; but what is left open is settled by itself.
            _log.info("payment is settled later", payment_id=recorded.event.payment_id)
        except PaymentNotFoundError:
            # It has ended, and was deleted since: nothing of it is open.
            _log.info("payment is gone", payment_id=recorded.event.payment_id)

    return ExternalSubscription(
        name="settle-payments",
        of=EventFilter(types=frozenset({PaymentOutcomeUnknown})),
        handle=settle,
        at_once=_MOST_SIDE_BY_SIDE,
    )


def _outdating(application: Application) -> list[BroadcastSubscription | ExternalSubscription]:
    """Drop the copies of payments that others have changed, or that were changed when the cache was away."""
    cache = application.payment_cache
    if cache is None:
        return []

    async def outdate(recorded: RecordedEvent) -> None:
        await cache.outdate(recorded.stream, recorded.version)

    kind = ExternalSubscription if cache.is_shared else BroadcastSubscription
    of = EventFilter(categories=frozenset({CACHED}))
    return [kind(name="outdate-payment-cache", of=of, handle=outdate)]


def _settling_what_was_left_open(application: Application) -> PeriodicJob:
    """Find out what became of payments whose process died, or could not even say that it does not know."""
    # By then whoever was at work on a payment has been answered, or is gone.
    grace = timedelta(seconds=2 * application.settings.request_timeout_s)

    async def settle(payment_id: PaymentId) -> None:
        try:
            await application.payments.settle_payment(payment_id, grace_is_over=True)
        except QuaysideError as error:
            _log.warning("payment not settled", payment_id=payment_id, error=str(error))

    place: OpenPayment | None = None

    async def settle_all() -> None:
        # Each time those that follow the last, or many of which nothing can be found out would hold up all others.
        nonlocal place
        before = application.clock() - grace
        found = await application.storage.payments.open_since(before, _MOST_AT_ONCE, after=place)
        place = found[-1] if len(found) == _MOST_AT_ONCE else None
        ids = [each.id for each in found]
        failures = [each async for each in application.payments.process_batch(ids, settle) if each]
        if failures:
            raise failures[0]

    return PeriodicJob(name="settle-payments", every_s=_SETTLE_EVERY_S, run=settle_all)


def _discarding_keys(application: Application) -> PeriodicJob:
    """Forget idempotency keys that are over, and what was answered under them."""
    keys = application.idempotency.keys

    async def discard() -> None:
        while await keys.discard_expired(_MOST_DISCARDED_AT_ONCE) == _MOST_DISCARDED_AT_ONCE:
            pass

    return PeriodicJob(name="discard-idempotency-keys", every_s=_DISCARD_EVERY_S, run=discard)


def _discarding_notices(application: Application) -> PeriodicJob:
    """Forget the notices of the gateway that it surely sends no more."""
    seen = application.storage.seen_notices

    async def discard() -> None:
        before = application.clock() - _NOTICES_COME_FOR
        while await seen.discard_before(before, _MOST_DISCARDED_AT_ONCE) == _MOST_DISCARDED_AT_ONCE:
            pass

    return PeriodicJob(name="discard-seen-notices", every_s=_DISCARD_EVERY_S, run=discard)


def _expiring(application: Application) -> PeriodicJob:
    """Give back the stock of reservations whose time is up."""
    expire = application.inventory.expire_reservations

    async def give_back() -> None:
        while await expire(_MOST_AT_ONCE) == _MOST_AT_ONCE:
            pass

    return PeriodicJob(name="expire-reservations", every_s=_EXPIRE_EVERY_S, run=give_back)


def _waking_sagas(application: Application) -> PeriodicJob:
    """Have orders tried again whose time has come, and given up whose time is up."""
    wake = saga_timers(application.fulfilment.runner, application.storage.open_sagas)
    return PeriodicJob(name="wake-sagas", every_s=_WAKE_EVERY_S, run=wake)
