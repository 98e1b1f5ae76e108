"""Subscriptions at work in this process."""

import asyncio
from typing import Any, Generic, TypeVar

from attrs import define

from ...core.eventlog import (
    BroadcastSubscription,
    Delivery,
    DeliverySurroundings,
    DeliveryTransaction,
    ExternalDelivery,
    ExternalSubscription,
    LogFollower,
    LogSetBackError,
    Stretch,
    Subscription,
    SubscriptionObserver,
    TransactionalDelivery,
    cancellation_as_error,
)
from .doorbell import Doorbell
from .running import LeasedWork
from .tenure import Tenure

Tx = TypeVar("Tx", bound=DeliveryTransaction)

_AT_A_GAP_S, _UNSAVED_S, _DEFERRED_S, _UNWOKEN_S = 0.005, 0.05, 0.25, 1.0
_BLAMES_AFTER = 5


@define(eq=False)
class LeasedSubscription(LeasedWork, Generic[Tx]):
    """
    One subscription, while this process has its lease.

    Where nothing went on for several attempts, the event it stands at gets the blame: a database that is really away
    takes note of nothing, and one that is not shows that the event itself takes it too long.
    """

    _subscription: Subscription[Tx] | ExternalSubscription
    _at: DeliverySurroundings[Tx]
    _bell: Doorbell

    async def work(self, held: Tenure) -> None:
        """Deliver what comes until the tenure is over, or the process is told to stop."""
        delivery = self._delivery(held)
        try:
            while not self.has_to_end(held):
                rings, before = self._bell.rings, delivery.position
                stretch = await self.step(delivery)
                self._observer.reached(self.name, delivery.position, gap_age_s=stretch.gap_age_s)
                if delivery.position != before:
                    self.went_well()
                elif not stretch.events:
                    await self._wait(delivery, rings, _patience_s(delivery, stretch))
            if not held.is_over:
                await delivery.close()
        finally:
            await delivery.end()

    async def step(self, delivery: Delivery[Tx, Any]) -> Stretch:
        """Deliver what comes next."""
        return await delivery.step()

    async def _wait(self, delivery: Delivery[Tx, Any], rings: int, patience_s: float) -> None:
        """Wait for the bell, or for the end of something that is in hand."""
        if not delivery.in_hand:
            await self._bell.wait(rings, patience_s)
            return
        rung = asyncio.create_task(self._bell.wait(rings, patience_s))
        try:
            await asyncio.wait({rung, *delivery.in_hand}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            rung.cancel()

    def _delivery(self, held: Tenure) -> Delivery[Tx, Any]:
        def is_stopping() -> bool:
            return self.has_to_end(held)

        if isinstance(self._subscription, ExternalSubscription):
            return ExternalDelivery(self._subscription, held.lease, self._at, is_stopping=is_stopping)
        return TransactionalDelivery(
            self._subscription,
            held.lease,
            self._at,
            blames_events=self._failures >= _BLAMES_AFTER,
            is_stopping=is_stopping,
        )


def _patience_s(delivery: Delivery[Any, Any], stretch: Stretch) -> float:
    """How long to wait for the bell."""
    if delivery.is_retrying:
        return 0
    if stretch.gap:
        return _AT_A_GAP_S
    if not delivery.is_saved:
        return _UNSAVED_S
    return _DEFERRED_S if delivery.has_deferred else _UNWOKEN_S


@define(eq=False)
class Broadcast:
    """A subscription that every process runs for itself, from where the log ends when it starts."""

    _subscription: BroadcastSubscription
    _follower: LogFollower
    _observer: SubscriptionObserver
    _bell: Doorbell
    _position: int | None = None

    async def run(self) -> None:
        """Deliver what comes, until cancelled."""
        while True:
            rings = self._bell.rings
            try:
                stretch = await self._step()
            except Exception as error:  # noqa: BLE001 - whatever it is, it must not end the work for good
                self._observer.stalled(self._subscription.name, error, _UNWOKEN_S)
                await asyncio.sleep(_UNWOKEN_S)
                continue
            if stretch is None or not stretch.events:
                is_at_a_gap = stretch is not None and stretch.gap
                await self._bell.wait(rings, _AT_A_GAP_S if is_at_a_gap else _UNWOKEN_S)

    async def _step(self) -> Stretch | None:
        if self._position is None:
            self._position = await self._follower.end()
            return None
        try:
            stretch = await self._follower.read(after_position=self._position, of=self._subscription.of)
        except LogSetBackError:
            self._position = None
            raise
        for recorded in stretch.events:
            try:
                with cancellation_as_error():
                    await self._subscription.handle(recorded)
            except Exception as error:  # noqa: BLE001 - it is over, and those after it are not
                self._observer.stalled(self._subscription.name, error, 0)
        self._position = stretch.position
        return stretch
