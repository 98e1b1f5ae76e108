"""The one table from what can go wrong to what is answered. Nothing that is not in it gets out."""

from collections.abc import Mapping
from uuid import UUID

import msgspec
import structlog
from attrs import frozen
from litestar.exceptions import HTTPException

from ...core.kernel import Category, FieldError, QuaysideError
from ...core.payments import PaymentBusyError
from ...core.resilience import IdempotencyInProgressError, RateLimitExceededError, RateVerdict
from .exact_json import MAX_FIELD_ERRORS

_STATUS: Mapping[Category, int] = {
    Category.VALIDATION: 400,
    Category.AUTHENTICATION: 401,
    Category.PAYMENT_DECLINED: 402,
    Category.PERMISSION: 403,
    Category.NOT_FOUND: 404,
    Category.CONFLICT: 409,
    Category.STALE_PRECONDITION: 412,
    Category.BUSINESS_RULE: 422,
    Category.RATE_LIMIT: 429,
    Category.INTERNAL: 500,
    Category.EXTERNAL_SERVICE: 502,
    Category.UNAVAILABLE: 503,
    Category.TIMEOUT: 504,
}

_HEADERS: Mapping[Category, Mapping[str, str]] = {
    Category.AUTHENTICATION: {"WWW-Authenticate": "Bearer"},
    Category.UNAVAILABLE: {"Retry-After": "1"},
}

# What the routing and the reading of a request can answer before any of our own code is asked.
_HTTP: Mapping[int, tuple[str, str]] = {
    400: ("validation_failed", "The request is not valid."),
    404: ("not_found", "There is nothing at this address."),
    405: ("method_not_allowed", "This address does not take that method."),
    406: ("not_acceptable", "None of the forms of this answer is one that is accepted."),
    408: ("request_timeout", "The head of the request did not come in time."),
    413: ("payload_too_large", "The body is too large."),
    415: ("unsupported_media_type", "The body must be application/json in UTF-8."),
    431: ("headers_too_large", "The head of the request is too large."),
    499: ("client_closed_request", "The client hung up before its request was complete."),
}

_log = structlog.get_logger()


class FieldErrorBody(msgspec.Struct):
    """One rule that one field breaks."""

    field: str
    message: str
    code: str

    @classmethod
    def of(cls, error: FieldError) -> "FieldErrorBody":
        # The name of an unknown field is the caller's own, of any length.
        return cls(error.field[:_MAX_FIELD_LENGTH], error.message, error.code)


class ErrorBody(msgspec.Struct, omit_defaults=True, kw_only=True):
    """What went wrong, for a program (``code``) and for a person (``message``)."""

    code: str
    message: str
    field_errors: list[FieldErrorBody] | None = None
    payment_id: UUID | None = None
    decline_code: str | None = None
    expected: int | str | None = None
    actual: int | str | None = None


class ErrorResponse(msgspec.Struct):
    """The shape of every error."""

    error: ErrorBody
    request_id: str


_MAX_FIELD_LENGTH = 200
_EXTRAS = ("payment_id", "decline_code", "expected", "actual")


@frozen
class Refusal:
    """
    An error as it is answered.

    Args:
        headers: Beside those that every answer has.
    """

    status: int
    error: ErrorBody
    headers: Mapping[str, str]

    def content(self, request_id: str) -> bytes:
        """The answer's body, in JSON."""
        return msgspec.json.encode(ErrorResponse(self.error, request_id))


class TimeLimitError(QuaysideError):
    """The request took longer than requests may."""

    code = "timeout"
    category = Category.TIMEOUT


def refusal_of(error: BaseException, payment_id: UUID | None = None) -> Refusal:
    """
    What to answer to *error*; what was not to be expected is logged, and answered with nothing of it.

    Args:
        payment_id: What the request was about. If it fails on our side, its caller can look what became of it.
    """
    refusal = _refusal_of(error)
    if refusal.status >= 500 and payment_id is not None:
        refusal.error.payment_id = payment_id
    return refusal


def _refusal_of(error: BaseException) -> Refusal:
    if isinstance(error, HTTPException) and error.status_code in _HTTP:
        code, message = _HTTP[error.status_code]
        return Refusal(error.status_code, ErrorBody(code=code, message=message), error.headers or {})
    if not isinstance(error, QuaysideError) or error.category is Category.INTERNAL:
        _log.error("request failed", exc_info=error)
        code = error.code if isinstance(error, QuaysideError) else QuaysideError.code
        return Refusal(500, ErrorBody(code=code, message="Something went wrong on our side."), {})
    status = _STATUS[error.category]
    if status > 500:
        _log.warning("request failed", exc_info=error)
    return Refusal(status, _body_of(error), _headers_of(error))


def rate_headers(verdict: RateVerdict) -> dict[str, str]:
    """How a caller is told what it may still ask."""
    return {
        "RateLimit-Limit": str(verdict.limit),
        "RateLimit-Remaining": str(verdict.remaining),
        "RateLimit-Reset": str(verdict.reset_after_s),
    }


def _headers_of(error: QuaysideError) -> Mapping[str, str]:
    if isinstance(error, RateLimitExceededError):
        return {**rate_headers(error.verdict), "Retry-After": str(error.verdict.reset_after_s)}
    if isinstance(error, IdempotencyInProgressError | PaymentBusyError):
        return {"Retry-After": "1"}
    return _HEADERS.get(error.category, {})


def _body_of(error: QuaysideError) -> ErrorBody:
    fields: tuple[FieldError, ...] = getattr(error, "field_errors", ())
    return ErrorBody(
        code=error.code,
        message=error.message,
        field_errors=[FieldErrorBody.of(field) for field in fields[:MAX_FIELD_ERRORS]] or None,
        # Those who raise it give them the types that the body has.
        **{name: error.details[name] for name in _EXTRAS if name in error.details},  # type: ignore[arg-type]
    )
