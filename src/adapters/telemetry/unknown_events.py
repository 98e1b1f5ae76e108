"""Tells of stored events that this release does not know."""

import structlog
from attrs import field, frozen

from .metrics import PrometheusMetrics

_log = structlog.get_logger()


@frozen
class UnknownEventReport:
    """Counts each one that is read, and warns of the first of its type and schema version."""

    _metrics: PrometheusMetrics
    _warned: set[tuple[str, int]] = field(factory=set, init=False)

    def __call__(self, type_name: str, schema_version: int) -> None:
        self._metrics.observe_unknown_event(type_name, schema_version)
        if (type_name, schema_version) not in self._warned:
            self._warned.add((type_name, schema_version))
            _log.warning("unknown event", type=type_name, schema_version=schema_version)
