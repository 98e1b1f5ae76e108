"""What one service is made of, as each of its requests carries it."""

from collections.abc import Mapping
from time import monotonic
from typing import Any, cast

from attrs import field, frozen

from ...adapters.telemetry.release import release
from ...core.fulfilment import TellSagas
from ..composition import Application, standings_of
from .credentials import SessionCookie, origin_of
from .health import Dependency, Health, HealthMonitor
from .measurements import Measurements

_SLOW_DATABASE_S = 0.1


@frozen
class Served:
    """
    An application, and what the API needs beside it.

    Args:
        allowed_origins: Whose pages may act with the cookie.
    """

    application: Application
    version: str = field(factory=release, init=False)
    _started_at: float = field(factory=monotonic, init=False)
    monitor: HealthMonitor = field(init=False)
    measurements: Measurements = field(init=False)
    cookie: SessionCookie = field(init=False)
    allowed_origins: frozenset[str] = field(init=False)

    @property
    def uptime_s(self) -> float:
        """For how long it has been there."""
        return monotonic() - self._started_at

    @monitor.default
    def _of_dependencies(self) -> HealthMonitor:
        database, gateway = self.application.storage.probe, self.application.gateway.health
        dependencies = {
            "database": Dependency(database, Health.UNHEALTHY, slow_after_s=_SLOW_DATABASE_S),
            "gateway": Dependency(gateway),
            **{name: Dependency(probe) for name, probe in self.application.probes.items()},
        }
        return HealthMonitor(dependencies, self.application.clock)

    @measurements.default
    def _of_application(self) -> Measurements:
        return Measurements(
            self.application.metrics,
            standings_of(self.application),
            self.application.payments.tell_backlog,
            TellSagas(self.application.storage.open_sagas, self.application.clock),
        )

    @cookie.default
    def _of_environment(self) -> SessionCookie:
        return SessionCookie(is_secure=self.application.settings.environment != "development")

    @allowed_origins.default
    def _configured_origins(self) -> frozenset[str]:
        settings = self.application.settings
        return frozenset(map(origin_of, (settings.public_url, *settings.allowed_origins)))


def served_by(scope: Mapping[str, Any]) -> Served:
    """The service that a request is for."""
    return cast(Served, scope["state"]["served"])
