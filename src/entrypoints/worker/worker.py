"""Everything that reacts, at work in one process."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Generic

from attrs import define, field

from ...core.eventlog import (
    JOB_PREFIX,
    BroadcastSubscription,
    DeliverySurroundings,
    ExternalSubscription,
    Generation,
    GenerationRegister,
    Projection,
    Subscription,
    SubscriptionObserver,
    SubscriptionRegister,
    filling,
    is_of_a_generation,
)
from .doorbell import Doorbell
from .jobs import LeasedJob, PeriodicJob
from .log_watch import LogWatch
from .projecting import LeasedGeneration, ProjectionKeeper
from .running import LeasedWork
from .subscriptions import Broadcast, LeasedSubscription, Tx

_FINISHING_S = 2.0
"""How long what is in hand may take when a worker stops."""
_LEAVING_S = 0.5

AnySubscription = Subscription[Tx] | ExternalSubscription | BroadcastSubscription


@define(eq=False, kw_only=True)
class Worker(Generic[Tx]):
    """
    Runs subscriptions and periodic jobs. Any number of workers may run: each subscription and each job is done by one.

    Args:
        at: Where the subscriptions work.
        register: Who runs what, and how far it is.
        subscriptions: All that there are; their names differ.
        jobs: All that there are; their names differ.
        projections: All that there are; their names differ. They need *generations*.
        generations: Which generations of projections there are.
        name: Of this process, for whoever asks who runs what.
        bell: Rung by whoever appends in this process.
        moved: Rung when a projection got on.
        listen: Calls what it is given when another process appends, until cancelled; where there is none, the worker
            finds out by looking.
        lease_s: How soon others take over when this process dies, in seconds; they look five times as often.
    """

    at: DeliverySurroundings[Tx]
    register: SubscriptionRegister
    subscriptions: Sequence[AnySubscription[Tx]] = ()
    jobs: Sequence[PeriodicJob] = ()
    projections: Sequence[Projection[Tx]] = ()
    generations: GenerationRegister | None = None
    name: str = "worker"
    bell: Doorbell = field(factory=Doorbell)
    moved: Doorbell = field(factory=Doorbell)
    listen: Callable[[Callable[[], None]], Coroutine[Any, Any, None]] | None = None
    lease_s: float = 5.0
    _stop: asyncio.Event = field(factory=asyncio.Event, init=False)

    def __attrs_post_init__(self) -> None:
        if self.projections and self.generations is None:
            raise ValueError("projections need generations")
        # Two of one name would share a lease and a checkpoint, and each would be given what the other is not.
        _refuse_namesakes("subscriptions", (each.name for each in self.subscriptions))
        _refuse_namesakes("jobs", (each.name for each in self.jobs))
        _refuse_namesakes("projections", (each.name for each in self.projections))
        for projection in self.projections:
            for subscription in self.subscriptions:
                if is_of_a_generation(subscription.name, projection.name):
                    raise ValueError(
                        f"the subscription {subscription.name!r} would be taken for one that fills the view "
                        f"{projection.name!r}: rename it"
                    )

    def stop(self) -> None:
        """Finish what is in hand, and begin nothing more."""
        self._stop.set()
        self.bell.ring()

    async def run(self) -> None:
        """Work until told to stop, for good; then give back every lease that can be, whatever had to be left."""
        watching = [asyncio.create_task(watch) for watch in self._watches()]
        working = [asyncio.create_task(work.run()) for work in self._works()]
        try:
            await self._stop.wait()
            if working:
                await asyncio.wait(working, timeout=_FINISHING_S)
        finally:
            for task in (*working, *watching):
                task.cancel()
            ended = asyncio.gather(*working, *watching, return_exceptions=True)
            # Where the database hangs, not even a cancelled statement ends soon; then the leases run out by themselves.
            await asyncio.wait([ended], timeout=_LEAVING_S)

    def _works(self) -> list[LeasedWork | ProjectionKeeper[Tx]]:
        common = self._common()
        return [
            *(LeasedJob(JOB_PREFIX + job.name, *common, job) for job in self.jobs),
            *(
                LeasedSubscription(subscription.name, *common, subscription, self.at, self.bell)
                for subscription in self.subscriptions
                if not isinstance(subscription, BroadcastSubscription)
            ),
            *(self._keeper(projection) for projection in self.projections),
        ]

    def _keeper(self, projection: Projection[Tx]) -> ProjectionKeeper[Tx]:
        generations = self.generations
        assert generations is not None

        def filler(generation: Generation) -> LeasedGeneration[Tx]:
            subscription = filling(projection, generation)
            filled = (generation, generations, self.moved)
            return LeasedGeneration(
                subscription.name, *self._common(), subscription, self.at, self.bell, *filled
            )

        return ProjectionKeeper(projection, self.at, generations, filler, self._stop)

    def _common(self) -> tuple[SubscriptionRegister, SubscriptionObserver, str, float, asyncio.Event]:
        return self.register, self.at.observer, self.name, self.lease_s, self._stop

    def _watches(self) -> list[Coroutine[Any, Any, None]]:
        watches = [LogWatch(self.at.follower, self.bell).run()]
        if self.listen is not None:
            watches.append(self.listen(self.bell.ring))
        for subscription in self.subscriptions:
            if isinstance(subscription, BroadcastSubscription):
                broadcast = Broadcast(subscription, self.at.follower, self.at.observer, self.bell)
                watches.append(broadcast.run())
        return watches


def _refuse_namesakes(kind: str, names: Iterable[str]) -> None:
    for name, count in Counter(names).items():
        if count > 1:
            raise ValueError(f"two {kind} are called {name!r}")


@asynccontextmanager
async def at_work(worker: Worker[Tx]) -> AsyncIterator[None]:
    """Let *worker* work inside."""
    running = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        worker.stop()
        await running
