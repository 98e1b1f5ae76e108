"""The headers that answers carry beside their content, as they are described."""

from collections.abc import Mapping

from litestar.datastructures import ResponseHeader
from litestar.openapi.spec import OpenAPIHeader, Reference, Schema
from litestar.openapi.spec.enums import OpenAPIType

_TEXT = Schema(type=OpenAPIType.STRING)
_COUNT = Schema(type=OpenAPIType.INTEGER, minimum=0)

HEADERS: Mapping[str, OpenAPIHeader | Reference] = {
    "X-Request-ID": OpenAPIHeader(
        schema=Schema(type=OpenAPIType.STRING, min_length=1, max_length=128),
        description="The id of the request: the caller's own, if it sent one, else a new one.",
        required=True,
    ),
    "traceparent": OpenAPIHeader(
        schema=_TEXT,
        description="The trace that the request is part of: the caller's own, or a new one (W3C Trace Context).",
        required=True,
    ),
    "RateLimit-Limit": OpenAPIHeader(
        schema=_COUNT, description="How many requests are let through in a window."
    ),
    "RateLimit-Remaining": OpenAPIHeader(schema=_COUNT, description="How many of them are left."),
    "RateLimit-Reset": OpenAPIHeader(schema=_COUNT, description="In how many seconds all of them are back."),
    "Cache-Control": OpenAPIHeader(
        schema=_TEXT, description="`no-store`: the answer is the caller's alone, and not to be kept."
    ),
    "Retry-After": OpenAPIHeader(
        schema=_COUNT, description="In how many seconds it is worth to try again.", required=True
    ),
    "WWW-Authenticate": OpenAPIHeader(
        schema=_TEXT, description="How to say who calls: `Bearer`.", required=True
    ),
    "Idempotent-Replayed": OpenAPIHeader(
        schema=Schema(type=OpenAPIType.STRING, enum=["true"]),
        description="There where this was asked for and answered before: this is the first answer again.",
    ),
}
"""By name. What only some operations answer with, such as ``ETag``, is declared beside their routes."""

LOCATION = ResponseHeader(
    name="Location",
    value="/",
    description="Where what was made, or is being made, can be seen.",
    required=True,
    documentation_only=True,
)

SET_COOKIE = ResponseHeader(
    name="Set-Cookie",
    value="",
    description="The session's token for browsers, or nothing in its place.",
    required=True,
    documentation_only=True,
)

# Other conflicts than with the same request, which is under way, do not pass by themselves.
_IF_UNDER_WAY = OpenAPIHeader(
    schema=_COUNT, description="In how many seconds to ask again, where the same is under way."
)

_EVERYWHERE = ("X-Request-ID", "traceparent")
_COUNTED = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "Cache-Control")


def headers_of(
    status: str, *, counted: bool, idempotent: bool, refuses: bool
) -> dict[str, OpenAPIHeader | Reference]:
    """
    The headers of the answers with *status*.

    Args:
        counted: Whether the operation counts against its caller's limit.
        idempotent: Whether it takes keys.
        refuses: Whether they are errors, and do not just tell something bad.
    """
    asked = {
        "WWW-Authenticate": refuses and status == "401",
        "Retry-After": refuses and status in {"429", "503"},
        "Idempotent-Replayed": idempotent and (status < "300" or status in {"402", "422"}),
    }
    names = [
        *_EVERYWHERE,
        *(_COUNTED if counted else ()),
        *(name for name, is_sent in asked.items() if is_sent),
    ]
    headers: dict[str, OpenAPIHeader | Reference] = {
        name: Reference(f"#/components/headers/{name}") for name in names
    }
    if refuses and idempotent and status == "409":
        headers["Retry-After"] = _IF_UNDER_WAY
    return headers
