"""Where a request stands in a trace that spans services (W3C Trace Context, level 1)."""

import re
import secrets

_TRACEPARENT = re.compile(
    r"(?P<version>[0-9a-f]{2})-(?P<trace>[0-9a-f]{32})-(?P<span>[0-9a-f]{16})-(?P<flags>[0-9a-f]{2})(?P<more>-.*)?"
)


def continued(traceparent: str | None) -> str:
    """The ``traceparent`` of a span of our own: in the caller's trace, or in a new one where that is not valid."""
    parent = _TRACEPARENT.fullmatch(traceparent) if traceparent else None
    if parent is None or not _is_valid(parent):
        ids = secrets.token_hex(24)
        return f"00-{ids[:32]}-{ids[32:]}-00"
    return f"00-{parent['trace']}-{secrets.token_hex(8)}-{parent['flags']}"


def _is_valid(parent: re.Match[str]) -> bool:
    # A version after ours may have more fields; ff is forbidden, and so are ids of zeros only.
    if parent["version"] == "ff" or (parent["version"] == "00" and parent["more"]):
        return False
    return bool(parent["trace"].strip("0") and parent["span"].strip("0"))
