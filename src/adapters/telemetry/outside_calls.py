"""Tells how calls to systems outside fare."""

import structlog
from attrs import define, field

from ...core.resilience import CallObserver, CallOutcome, CircuitState
from .outside_call_metrics import OutsideCallMetrics

_log = structlog.get_logger()

_NOT_BEGUN = frozenset({CallOutcome.CIRCUIT_OPEN, CallOutcome.OUT_OF_TIME})


@define(eq=False)
class OutsideCallTelemetry(CallObserver):
    """
    Counts, and logs when a circuit turns.

    Args:
        service: Which system it is, ``gateway``.
    """

    _metrics: OutsideCallMetrics
    _service: str
    _circuit: CircuitState = field(default=CircuitState.CLOSED, init=False)

    def attempted(self, operation: str, outcome: CallOutcome, seconds: float) -> None:
        self._metrics.attempts.labels(self._service, operation, outcome).inc()
        if outcome not in _NOT_BEGUN:
            self._metrics.durations.labels(self._service, operation).observe(seconds)

    def retried(self, operation: str) -> None:
        self._metrics.retries.labels(self._service, operation).inc()

    def circuit_is(self, state: CircuitState) -> None:
        for each in CircuitState:
            self._metrics.circuit.labels(self._service, each).set(each is state)
        if state is not self._circuit:
            self._circuit = state
            log = _log.warning if state is CircuitState.OPEN else _log.info
            log("circuit turned", service=self._service, state=state)
