"""The one line that the log has on a request."""

from collections.abc import Mapping
from typing import Any

import structlog
from attrs import frozen

_SLOW_S = 1.0
_TRACE_BITS = 64

_log = structlog.get_logger()


@frozen
class RequestLog:
    """
    Writes a line on each request or on a share of them, but on every one that was refused, failed or took a second.

    Args:
        share: 0-1, of all traces. Which ones, their ids decide: of one trace all requests are written, or none is.
    """

    share: float = 1.0

    def write(
        self, scope: Mapping[str, Any], trace_id: str, *, status: int, seconds: float, **facts: str
    ) -> None:
        """
        Args:
            scope: Of the request as it was answered, its caller in it, if known.
            trace_id: 32 hexadecimal digits.
            facts: What else the line has.
        """
        if status < 400 and seconds < _SLOW_S and not self._has(trace_id):
            return
        if principal := scope.get("user"):
            facts["user_id"] = str(principal.user_id)
        write = _log.error if status >= 500 else _log.info
        write("request", **facts, status=status, duration_ms=round(seconds * 1000, 3))

    def _has(self, trace_id: str) -> bool:
        # The right half of an id is the random one where not all of it is (W3C Trace Context, 3.2.2.3).
        return self.share == 1 or int(trace_id[-_TRACE_BITS // 4 :], 16) < self.share * (1 << _TRACE_BITS)
