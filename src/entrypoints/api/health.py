"""How the service is: what it depends on, asked side by side, and not more often than once a second."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from enum import StrEnum
from time import perf_counter

from attrs import define, field, frozen

from ...core.kernel import Clock, QuaysideError

_REMEMBERED_S = 1.0


class Health(StrEnum):
    """From all is well to of no use."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"


@frozen
class Dependency:
    """
    Something the service needs.

    Args:
        probe: Returns if it answers, else raises.
        failing: What the whole service is without it.
        slow_after_s: An answer that takes longer makes the service degraded.
    """

    probe: Callable[[], Awaitable[object]]
    failing: Health = Health.DEGRADED
    slow_after_s: float = float("inf")


@frozen
class Finding:
    """
    What one probe found.

    Args:
        reason: Why it is not healthy, in a word: no host, no user, no text of the other side.
    """

    health: Health
    seconds: float
    at: datetime
    reason: str | None = None


@frozen
class HealthReport:
    """What was found of all dependencies, by name."""

    findings: Mapping[str, Finding]

    @property
    def health(self) -> Health:
        """The worst of them."""
        found = {finding.health for finding in self.findings.values()}
        return max(found, key=list(Health).index, default=Health.HEALTHY)


@define
class HealthMonitor:
    """
    Probes the dependencies when asked, and remembers what it found for a second: many who ask cause one probe.

    Args:
        probe_limit_s: A dependency that has not answered by then does not answer.
    """

    dependencies: Mapping[str, Dependency]
    clock: Clock
    probe_limit_s: float = 2.0
    _report: HealthReport | None = field(default=None, init=False)
    _reported_at: float = field(default=0.0, init=False)
    _probing: asyncio.Lock = field(factory=asyncio.Lock, init=False)

    async def report(self) -> HealthReport:
        """What is known now."""
        async with self._probing:
            if self._report is None or perf_counter() - self._reported_at >= _REMEMBERED_S:
                findings = await asyncio.gather(*map(self._find, self.dependencies.values()))
                self._report = HealthReport(dict(zip(self.dependencies, findings, strict=True)))
                self._reported_at = perf_counter()
            return self._report

    async def _find(self, dependency: Dependency) -> Finding:
        started_at = perf_counter()
        health, reason = Health.HEALTHY, None
        try:
            async with asyncio.timeout(self.probe_limit_s):
                await dependency.probe()
        except Exception as error:  # noqa: BLE001 - whatever fails in there, the report is what tells of it
            health, reason = dependency.failing, _reason(error)
        seconds = perf_counter() - started_at
        if health is Health.HEALTHY and seconds > dependency.slow_after_s:
            health, reason = Health.DEGRADED, "slow"
        return Finding(health, seconds, self.clock(), reason)


def _reason(error: Exception) -> str:
    match error:
        case TimeoutError():
            return "timeout"
        case QuaysideError():
            return error.code
        case _:
            return "failed"
