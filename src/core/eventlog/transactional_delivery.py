"""Delivering inside the transaction of the checkpoint."""

from collections.abc import Sequence

from attrs import define

from ..kernel import OutcomeUnknownError
from .deferral import DeferredEvent
from .delivery import Delivery, Tx, in_answer_to
from .envelope import RecordedEvent
from .following import Stretch
from .handling import cancellation_as_error
from .subscriptions import Subscription


@define(eq=False)
class TransactionalDelivery(Delivery[Tx, Subscription[Tx]]):
    """A whole batch in one transaction; where that fails, event by event, to find the one to blame."""

    async def step(self) -> Stretch:
        await self._retry_due()
        stretch = await self._at.follower.read(
            after_position=self._position, limit=self._subscription.batch, of=self._subscription.of
        )
        if stretch.events:
            await self._deliver(stretch.events, stretch.position)
        elif stretch.position > self._saved and self._may_save_skipped():
            await self._save(stretch.position)
        self._position = stretch.position
        return stretch

    async def _deliver(self, events: Sequence[RecordedEvent], position: int) -> None:
        """Handle *events* and move to *position*, up to which there is nothing else."""
        try:
            await self._attempt(events, position)
        except Exception as error:
            if self._is_nobodys_fault(error):
                raise
            if len(events) == 1:
                await self._save(position, [self._failed(self._waiting(events[0]), error)])
                return
            for recorded in events[:-1]:
                await self._deliver([recorded], recorded.position)
            await self._deliver(events[-1:], position)

    async def _attempt(self, events: Sequence[RecordedEvent], position: int) -> None:
        put_off = [self._waiting(recorded) for recorded in events if self._is_held(recorded.stream)]
        handled = [recorded for recorded in events if not self._is_held(recorded.stream)]
        async with self._at.begin() as tx:
            await self._handle_all(tx, handled)
            await self._save_in(tx, position, put_off)
        self._is_at(position, put_off)
        self._at.observer.delivered(self._subscription.name, len(handled))

    def _is_nobodys_fault(self, error: Exception) -> bool:
        # Whether the transaction was committed is seen from the checkpoint, by whoever begins anew.
        return isinstance(error, OutcomeUnknownError) or super()._is_nobodys_fault(error)

    async def _retry_due(self) -> None:
        due = await self._due()
        for deferred in due:
            if self._is_stopping():
                return
            await self._retry(deferred)
        if due:
            self._held = set(await self._at.deferred.streams(self._subscription.name))

    async def _retry(self, deferred: DeferredEvent) -> None:
        recorded = await self._deferred(deferred)
        try:
            await self._try_again(deferred, recorded)
        except Exception as error:
            if self._is_nobodys_fault(error):
                raise
            await self._save(self._saved, [self._failed(deferred, error)])
        else:
            self._at.observer.delivered(self._subscription.name, 1)

    async def _try_again(self, deferred: DeferredEvent, recorded: RecordedEvent | None) -> None:
        async with self._at.begin() as tx:
            if recorded is not None:
                await self._handle(tx, recorded)
            await tx.checkpoints.settle(deferred)
            await tx.checkpoints.move(self._lease, self._saved)

    async def _handle_all(self, tx: Tx, events: Sequence[RecordedEvent]) -> None:
        if self._subscription.handle_batch is None:
            for recorded in events:
                await self._handle(tx, recorded)
        elif events:
            for recorded in events:
                self._understand(recorded)
            with cancellation_as_error():
                await self._subscription.handle_batch(tx, events)

    async def _handle(self, tx: Tx, recorded: RecordedEvent) -> None:
        self._understand(recorded)
        with in_answer_to(recorded), cancellation_as_error():
            await self._subscription.handle(tx, recorded)
