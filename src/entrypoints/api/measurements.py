"""All measurements, with those that somebody has to be asked for."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from time import perf_counter
from typing import TypeVar

from attrs import define, field

from ...adapters.telemetry.metrics import PrometheusMetrics
from ...core.eventlog import Standing
from ...core.fulfilment import SagaStanding
from ...core.kernel import QuaysideError
from ...core.payments import Backlog

Known = TypeVar("Known")

_REMEMBERED_S = 1.0
_PATIENCE_S = 1.0


@define(eq=False)
class Measurements:
    """
    Asks how far subscriptions are, and which payments and sagas are open, once a second at most; where nobody answers
    in time, that alone is missing.
    """

    metrics: PrometheusMetrics
    _tell_standings: Callable[[], Awaitable[Sequence[Standing]]]
    _tell_backlog: Callable[[], Awaitable[Backlog]]
    _tell_sagas: Callable[[], Awaitable[Sequence[SagaStanding]]]
    _asked_at: float = field(default=float("-inf"), init=False)
    _one_by_one: asyncio.Lock = field(factory=asyncio.Lock, init=False)

    async def render(self) -> bytes:
        """All of them, as `PrometheusMetrics.content_type` has them."""
        async with self._one_by_one:
            if perf_counter() - self._asked_at >= _REMEMBERED_S:
                await self._ask()
        return self.metrics.render()

    async def _ask(self) -> None:
        standings, backlog, sagas = await asyncio.gather(
            _told(self._tell_standings), _told(self._tell_backlog), _told(self._tell_sagas)
        )
        self.metrics.standings.known = standings or ()
        self.metrics.payments.backlog.known = backlog
        self.metrics.sagas.known = sagas or ()
        self._asked_at = perf_counter()


async def _told(tell: Callable[[], Awaitable[Known]]) -> Known | None:
    try:
        async with asyncio.timeout(_PATIENCE_S):
            return await tell()
    except (QuaysideError, TimeoutError):
        return None
