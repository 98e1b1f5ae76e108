"""Delivering outside of the database, before the checkpoint: events of several streams side by side."""

import asyncio
from collections.abc import Collection
from contextlib import suppress
from typing import Any

from attrs import define, field, frozen

from ..kernel import QuaysideError
from .deferral import DeferredEvent
from .delivery import Delivery, Tx, in_answer_to
from .envelope import RecordedEvent
from .following import Stretch
from .handling import HandlerCancelledError, cancellation_as_error
from .subscriptions import ExternalSubscription


@frozen
class _Turn:
    """
    An event that is to be handled.

    Args:
        deferred: What it is put off as if it fails.
        recorded: The event; None where it was put off before, and is to be read again.
    """

    deferred: DeferredEvent
    recorded: RecordedEvent | None = None


@define(eq=False)
class ExternalDelivery(Delivery[Tx, ExternalSubscription]):
    """
    As many events at once as the subscription allows, each of another stream; a checkpoint says up to where all are
    over.

    A slow one holds up its own stream alone: the others go on in front of it, and the checkpoint waits. So after a
    crash they are given again, too, but for those that were put off.
    """

    _read_to: int = field(init=False)
    # Beyond the checkpoint, by whoever was at work before: these come by being due, and not from the log.
    _put_off_before: frozenset[int] | None = field(default=None, init=False)
    # Read and not over; put off, due and not over: by position, and the former in its order.
    _open: dict[int, _Turn] = field(factory=dict, init=False)
    _again: dict[int, _Turn] = field(factory=dict, init=False)
    _in_hand: dict[asyncio.Task[Exception | None], _Turn] = field(factory=dict, init=False)
    # What the next checkpoint takes down; the former by position, since who has lost the lease and does not know it may
    # read from the log what its successor has put off, and find it due, too.
    _put_off: dict[int, DeferredEvent] = field(factory=dict, init=False)
    _settled: list[DeferredEvent] = field(factory=list, init=False)
    _done: int = field(default=0, init=False)
    _trouble: Exception | None = field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        self._read_to = self._position

    @property
    def in_hand(self) -> Collection[asyncio.Task[Any]]:
        return self._in_hand.keys()

    async def step(self) -> Stretch:
        self._collect()
        if self._put_off or self._settled:
            await self._keep()  # or else what was tried again would be found due once more
        await self._look_for_due()
        stretch = await self._read_on()
        await self._go_on()
        await self._keep()
        if self._trouble:
            trouble, self._trouble = self._trouble, None
            raise trouble
        return stretch

    async def close(self) -> None:
        await self._until(asyncio.ALL_COMPLETED)
        await self._keep()
        await super().close()

    async def end(self) -> None:
        for task in self._in_hand:
            task.cancel()
        if self._in_hand:
            await asyncio.wait(self._in_hand)
        for task in [task for task in self._in_hand if task.cancelled() or task.exception()]:
            del self._in_hand[task]
        self._collect()
        with suppress(QuaysideError):  # what is not kept is given again
            await self._keep()

    async def _look_for_due(self) -> None:
        due = await self._due()
        if due:
            self._retried_at = self._at.clock()
            self._again = {deferred.position: _Turn(deferred) for deferred in due} | self._again

    async def _read_on(self) -> Stretch:
        if len(self._open) >= self._subscription.batch:
            return Stretch((), self._read_to)
        if self._put_off_before is None:
            self._put_off_before = await self._at.deferred.positions(
                self._subscription.name, after_position=self._position
            )
        stretch = await self._at.follower.read(
            after_position=self._read_to, limit=self._subscription.batch, of=self._subscription.of
        )
        for recorded in stretch.events:
            if recorded.position not in self._put_off_before:
                self._open[recorded.position] = _Turn(self._waiting(recorded), recorded)
        self._read_to = stretch.position
        return stretch

    async def _go_on(self) -> None:
        """Begin whatever can be begun, waiting while that is more than may be in hand at once."""
        while self._trouble is None:
            while self._has_room and (turn := self._next()):
                task = asyncio.create_task(self._attempt(turn))
                self._in_hand[task] = turn
            if self._has_room:
                return
            await self._until(asyncio.FIRST_COMPLETED)
        await self._until(asyncio.ALL_COMPLETED)

    @property
    def _has_room(self) -> bool:
        return len(self._in_hand) < self._subscription.at_once

    def _next(self) -> _Turn | None:
        """What to begin next; what has to wait behind what was put off is put off, too."""
        if self._is_stopping():
            return None
        busy = {turn.deferred.stream for turn in self._in_hand.values()}
        for turn in self._again.values():
            if turn.deferred.stream not in busy:
                return turn
        for position, turn in [*self._open.items()]:
            if turn.deferred.stream in busy:
                continue
            if not self._is_held(turn.deferred.stream):
                return turn
            self._put_off[position] = self._open.pop(position).deferred
        return None

    async def _until(self, when: str) -> None:
        """Wait for what is in hand, and take note of what became of it."""
        if self._in_hand:
            await asyncio.wait(self._in_hand, return_when=when)
        self._collect()

    def _collect(self) -> None:
        for task in [task for task in self._in_hand if task.done()]:
            turn = self._in_hand.pop(task)
            error = HandlerCancelledError() if task.cancelled() else task.result()
            if error is not None and self._is_nobodys_fault(error):
                self._trouble = self._trouble or error
                continue
            if error is not None:
                self._put_off[turn.deferred.position] = self._failed(turn.deferred, error)
                self._hold(turn.deferred.stream)
            elif turn.recorded is None:
                self._settled.append(turn.deferred)
            (self._open if turn.recorded else self._again).pop(turn.deferred.position)
            self._done += error is None

    async def _keep(self) -> None:
        """Take down how far everything is over, and what was put off or settled."""
        self._position = next(iter(self._open)) - 1 if self._open else self._read_to
        has_moved = self._position > self._saved and (self._done or self._may_save_skipped())
        if not (has_moved or self._put_off or self._settled):
            return
        async with self._at.begin() as tx:
            for deferred in self._settled:
                await tx.checkpoints.settle(deferred)
            await self._save_in(tx, self._position, self._put_off.values())
        self._is_at(self._position, self._put_off.values())
        self._at.observer.delivered(self._subscription.name, self._done)
        if self._settled:
            self._held = set(await self._at.deferred.streams(self._subscription.name))
            self._retried_at = None
        self._put_off, self._settled, self._done = {}, [], 0

    async def _attempt(self, turn: _Turn) -> Exception | None:
        recorded = turn.recorded or await self._deferred(turn.deferred)
        if recorded is None:
            return None
        try:
            self._understand(recorded)
            with in_answer_to(recorded), cancellation_as_error():
                await self._subscription.handle(recorded)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the event's, or nobody's fault
            return error
        return None
