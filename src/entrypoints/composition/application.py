"""Everything put together."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from time import monotonic as system_monotonic

from attrs import frozen

from ...adapters.memory import MemoryRateLimiter
from ...adapters.system import entropy, utc_now
from ...adapters.telemetry.metrics import PrometheusMetrics
from ...core.eventlog import Appended, StreamId
from ...core.fulfilment import OrderFulfilment
from ...core.identity import Mailer, PasswordHasher
from ...core.kernel import Clock, IdFactory, Uuid7Factory
from ...core.payments import PaymentGateway
from ...core.resilience import RateLimiter
from ..settings import Settings
from ..worker import Doorbell, ProjectionWatch
from .background import Background, background
from .caching import PaymentCache, payment_cache_of
from .catalogue import Catalogue, catalogue_of
from .customers import Customers, customers_of
from .fulfilment import fulfilment_of
from .gateway import gateway_of
from .idempotency import Idempotency, idempotency_of
from .identity import Identity, identity_of
from .inventory import Inventory, inventory_of
from .keys import cursor_keys
from .limiters import Probe, shared_limiter
from .orders import Orders, orders_of
from .payments import Payments, payments_of
from .storage import Storage, storage_of
from .surroundings import Surroundings


@frozen(repr=False)  # it would show everything there is
class Application:
    """
    Everything an entry point needs.

    Args:
        payment_cache: Copies of payments, where any are kept.
        bell: Rung whenever this process appends to the log.
        projections: How far they are, for whoever has to read what it wrote.
        rate_limiter: Shared by all processes.
        request_limiter: Of this process alone; for what is counted at every request.
        probes: What it can do without beside the gateway, by name.
        cursor_keys: Those of now; the first one seals cursors, each of them opens.
    """

    settings: Settings
    clock: Clock
    new_id: IdFactory
    storage: Storage
    bell: Doorbell
    projections: ProjectionWatch
    metrics: PrometheusMetrics
    rate_limiter: RateLimiter
    request_limiter: RateLimiter
    idempotency: Idempotency
    background: Background
    identity: Identity
    inventory: Inventory
    gateway: PaymentGateway
    payments: Payments
    customers: Customers
    catalogue: Catalogue
    orders: Orders
    fulfilment: OrderFulfilment
    payment_cache: PaymentCache | None
    probes: Mapping[str, Probe]
    cursor_keys: Callable[[], tuple[bytes, ...]]


@asynccontextmanager
async def composed(  # noqa: PLR0913 - a test replaces one or the other
    settings: Settings,
    *,
    clock: Clock = utc_now,
    monotonic: Callable[[], float] = system_monotonic,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    mailer: Mailer | None = None,
    hasher: PasswordHasher | None = None,
    migrates: bool = False,
) -> AsyncIterator[Application]:
    """
    Put an application together, and take it apart at the end.

    Args:
        clock: Tells the time to every rule and record.
        monotonic: Seconds that never step back; by which principals are kept.
        sleep: Waits so many seconds, where the sandbox gateway is slow.
        mailer, hasher: Instead of those that *settings* ask for; who gives a hasher closes it.
        migrates: Whether a database server is brought up to date; the embedded one always is.

    Raises:
        MissingExtraError: a setting asks for what is not installed.
        UnavailableError, SchemaOutdatedError: the database cannot be reached, or is not up to date.
    """
    surroundings = Surroundings(clock, Uuid7Factory(clock, entropy), entropy, monotonic)
    async with _ground_of(settings, surroundings, migrates=migrates) as ground, AsyncExitStack() as stack:
        storage, metrics, cache = ground.storage, ground.metrics, ground.payment_cache
        part = identity_of(
            settings, storage, surroundings, metrics, limiter=ground.limiter, mailer=mailer, hasher=hasher
        )
        identity = await stack.enter_async_context(part)
        gateway = await stack.enter_async_context(gateway_of(settings, storage, metrics, sleep))
        payments = payments_of(settings, storage, gateway, surroundings, cache, metrics.payments)
        inventory = inventory_of(storage, clock, metrics)
        orders = orders_of(settings, storage, payments.register_card, surroundings)
        yield Application(
            settings=settings,
            clock=clock,
            new_id=surroundings.new_id,
            storage=storage,
            bell=ground.bell,
            projections=ProjectionWatch(storage.generations),
            metrics=metrics,
            rate_limiter=ground.limiter,
            request_limiter=MemoryRateLimiter(clock),
            idempotency=idempotency_of(settings, storage.idempotency_keys),
            # The last to be entered, so that what is under way finds everything still there when it is waited for.
            background=await stack.enter_async_context(background()),
            identity=identity,
            inventory=inventory,
            gateway=gateway,
            payments=payments,
            customers=customers_of(storage, surroundings, payments, orders),
            catalogue=catalogue_of(settings, storage, surroundings),
            orders=orders,
            fulfilment=fulfilment_of(storage, payments, inventory, surroundings),
            payment_cache=cache,
            probes=ground.probes,
            cursor_keys=cursor_keys(settings),
        )


@frozen
class _Ground:
    """What all contexts stand on."""

    bell: Doorbell
    metrics: PrometheusMetrics
    payment_cache: PaymentCache | None
    storage: Storage
    limiter: RateLimiter
    probes: Mapping[str, Probe]


@asynccontextmanager
async def _ground_of(
    settings: Settings, surroundings: Surroundings, *, migrates: bool
) -> AsyncIterator[_Ground]:
    bell, metrics, clock = Doorbell(), PrometheusMetrics(), surroundings.clock
    async with (
        payment_cache_of(settings, surroundings.monotonic, metrics) as cache,
        storage_of(
            settings, surroundings.recorder, metrics, appended=_telling(bell, cache), migrates=migrates
        ) as storage,
        shared_limiter(settings, storage, clock) as (limiter, probes),
    ):
        yield _Ground(bell, metrics, cache, storage, limiter, probes)


def _telling(bell: Doorbell, payment_cache: PaymentCache | None) -> Appended:
    async def told(grown: Mapping[StreamId, int]) -> None:
        await bell.appended(grown)
        if payment_cache:
            await payment_cache.told(grown)

    return told
