"""Whose pages may read our answers: those of configured origins, and nobody else's (CORS)."""

from collections.abc import Collection, Mapping
from typing import Any

_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"
_TAKEN_HEADERS = (
    "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Request-ID, traceparent"
)
_SHOWN_HEADERS = (
    "X-Request-ID, ETag, Location, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After, "
    "Idempotent-Replayed, X-Read-Model-Position"
)
_REMEMBERED_S = 600


def cross_origin_headers(scope: Mapping[str, Any], allowed: Collection[str]) -> dict[str, str]:
    """
    What every answer to the request of *scope* carries, so that pages of other origins may read it, or none do.

    A request that a browser sends ahead (preflight) is answered as any OPTIONS is; these headers are all it looks for.

    Args:
        allowed: Origins as browsers write them. Where there are none, no answer depends on who asks.

    Source: Fetch Standard, 3.3 (CORS protocol).
    """
    if not allowed:
        return {}
    varying = {"Vary": "Origin"}  # also for who is not allowed: a cache must not give that answer to who is
    origins = _values(scope, b"origin")
    if len(origins) != 1 or origins[0] not in allowed:
        return varying
    headers = varying | {
        "Access-Control-Allow-Origin": origins[0],
        "Access-Control-Allow-Credentials": "true",
    }
    if scope["method"] != "OPTIONS" or not _values(scope, b"access-control-request-method"):
        return headers | {"Access-Control-Expose-Headers": _SHOWN_HEADERS}
    return headers | {
        "Access-Control-Allow-Methods": _METHODS,
        "Access-Control-Allow-Headers": _TAKEN_HEADERS,
        "Access-Control-Max-Age": str(_REMEMBERED_S),
    }


def _values(scope: Mapping[str, Any], name: bytes) -> list[str]:
    return [value.decode("latin-1") for sent_name, value in scope["headers"] if sent_name == name]
