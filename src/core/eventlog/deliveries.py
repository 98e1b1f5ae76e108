"""The two ways of delivering: inside the transaction of the checkpoint, and before it."""

from collections.abc import Sequence

from attrs import define

from ..kernel import OutcomeUnknownError
from .deferral import DeferredEvent
from .delivery import Delivery, Tx, in_answer_to
from .envelope import RecordedEvent
from .subscriptions import ExternalSubscription, Subscription


@define(eq=False)
class TransactionalDelivery(Delivery[Tx, Subscription[Tx]]):
    """A whole batch in one transaction; where that fails, event by event, to find the one to blame."""

    async def _deliver(self, events: Sequence[RecordedEvent], position: int) -> None:
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
        put_off = [self._waiting(recorded) for recorded in events if self._is_held(recorded)]
        async with self._at.begin() as tx:
            await self._handle_all(tx, [recorded for recorded in events if not self._is_held(recorded)])
            await self._save_in(tx, position, put_off)
        self._is_at(position, put_off)
        self._at.observer.delivered(self._subscription.name, len(events) - len(put_off))

    def _is_nobodys_fault(self, error: Exception) -> bool:
        # Whether the transaction was committed is seen from the checkpoint, by whoever begins anew.
        return isinstance(error, OutcomeUnknownError) or super()._is_nobodys_fault(error)

    async def _try_again(self, deferred: DeferredEvent, recorded: RecordedEvent) -> None:
        async with self._at.begin() as tx:
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
            await self._subscription.handle_batch(tx, events)

    async def _handle(self, tx: Tx, recorded: RecordedEvent) -> None:
        self._understand(recorded)
        with in_answer_to(recorded):
            await self._subscription.handle(tx, recorded)


@define(eq=False)
class ExternalDelivery(Delivery[Tx, ExternalSubscription]):
    """Event by event, then one checkpoint for all of them."""

    async def _deliver(self, events: Sequence[RecordedEvent], position: int) -> None:
        put_off: list[DeferredEvent] = []
        done = 0
        try:
            for recorded in events:
                if self._is_stopping():
                    break
                await self._handle_or_put_off(recorded, put_off)
                done += 1
        finally:
            # Also what came before a failure, or before the end of the process, is not to be done again.
            await self._save(position if done == len(events) else events[done].position - 1, put_off)
            self._at.observer.delivered(self._subscription.name, done - len(put_off))

    async def _handle_or_put_off(self, recorded: RecordedEvent, put_off: list[DeferredEvent]) -> None:
        waiting = self._waiting(recorded)
        if self._is_held(recorded) or any(recorded.stream == other.stream for other in put_off):
            put_off.append(waiting)
            return
        try:
            await self._handle(recorded)
        except Exception as error:
            if self._is_nobodys_fault(error):
                raise
            put_off.append(self._failed(waiting, error))

    async def _try_again(self, deferred: DeferredEvent, recorded: RecordedEvent) -> None:
        await self._handle(recorded)
        async with self._at.begin() as tx:
            await tx.checkpoints.settle(deferred)
            await tx.checkpoints.move(self._lease, self._saved)

    async def _handle(self, recorded: RecordedEvent) -> None:
        self._understand(recorded)
        with in_answer_to(recorded):
            await self._subscription.handle(recorded)
