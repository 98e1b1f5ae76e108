"""Rings when the log grows, whoever appends."""

import asyncio

from attrs import define, field

from ...core.eventlog import LogFollower
from .doorbell import Doorbell

_BUSY_S, _IDLE_S, _AWAY_S = 0.005, 0.05, 1.0
_BUSY_FOR_S = 0.25


@define(eq=False)
class LogWatch:
    """
    Asks every 5 ms where the log ends, as long as it grows; down to every 50 ms while it does not.

    It needs no notification to come through, so it goes on where those are lost: behind poolers, after reconnects.
    """

    _follower: LogFollower
    _bell: Doorbell
    _newest: int = field(default=-1, init=False)

    async def run(self) -> None:
        """Watch until cancelled."""
        quiet_s = 0.0
        while True:
            wait_s = min(_IDLE_S, max(_BUSY_S, quiet_s - _BUSY_FOR_S))
            await asyncio.sleep(wait_s)
            try:
                quiet_s = 0.0 if await self._has_grown() else quiet_s + wait_s
            except Exception:  # noqa: BLE001 - those it wakes read the same log, and tell of it
                await asyncio.sleep(_AWAY_S)

    async def _has_grown(self) -> bool:
        newest = await self._follower.newest()
        grew, self._newest = newest != self._newest, newest
        if grew:
            self._bell.ring()
        return grew
