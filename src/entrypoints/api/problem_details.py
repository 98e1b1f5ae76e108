"""How an error is written: in the JSON of ours, or as a problem (RFC 9457) where its caller would rather have that."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from attrs import frozen

from .errors import FieldErrorBody, Refusal
from .negotiation import weight_of, weights
from .problem_types import PROBLEM_TYPES

PROBLEM_JSON = "application/problem+json"
_JSON = "application/json"


class ProblemDetails(msgspec.Struct, omit_defaults=True, kw_only=True):
    """An error as RFC 9457 has it; what is beside ``code`` in an `ErrorBody` is a member here."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[FieldErrorBody] | None = None
    payment_id: UUID | None = None
    decline_code: str | None = None
    expected: int | str | None = None
    actual: int | str | None = None


@frozen
class WrittenRefusal:
    """
    An error as it goes out.

    Args:
        headers: Beside the type and the length of the content.
    """

    content: bytes
    media_type: str
    headers: Mapping[str, str]


def written(refusal: Refusal, request_id: str, scope: Mapping[str, Any]) -> WrittenRefusal:
    """
    Write *refusal* in the form that the request of *scope* would rather have; in ours where it does not care.

    Source: RFC 9457; RFC 9110, 12.5.1 and 12.5.5.
    """
    accept = ",".join(value.decode("latin-1") for name, value in scope["headers"] if name == b"accept")
    accepted = weights(accept)
    headers = {**refusal.headers, "Vary": "Accept"}
    if weight_of(PROBLEM_JSON, accepted) > weight_of(_JSON, accepted):
        return WrittenRefusal(_problem(refusal, request_id), PROBLEM_JSON, headers)
    return WrittenRefusal(refusal.content(request_id), _JSON, headers)


def _problem(refusal: Refusal, request_id: str) -> bytes:
    facts = msgspec.structs.asdict(refusal.error)
    code, message, field_errors = (facts.pop(name) for name in ("code", "message", "field_errors"))
    problem = ProblemDetails(
        type=f"/problems/{code}",
        title=PROBLEM_TYPES[code].title,
        status=refusal.status,
        detail=message,
        instance=request_id,
        errors=field_errors,
        **facts,
    )
    return msgspec.json.encode(problem)
