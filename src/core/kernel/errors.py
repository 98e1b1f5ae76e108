"""
The one error tree.

    QuaysideError
    ├── ValidationFailedError         input breaks rules; carries every field's errors
    ├── AuthenticationError           who calls is not known
    ├── PermissionDeniedError         who calls may not do this
    ├── NotFoundError                 no such thing, or none the caller may see
    ├── ConflictError                 the present state of something else forbids it
    │   └── ConcurrencyConflictError  somebody else wrote first
    ├── StalePreconditionError        it is not what the caller takes it for any more
    ├── BusinessRuleError             well-formed, but a rule of the business forbids it
    ├── ExternalServiceError          a system outside failed, and surely did nothing
    ├── UnavailableError              try again later
    └── InternalError                 ours to mend
        └── OutcomeUnknownError       it may have been done, and nobody can tell yet

Leaf classes live in their contexts; each has a permanent ``code``. The core knows no HTTP: what a category becomes
on the wire is decided by one table in ``entrypoints/api``.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import ClassVar

from attrs import frozen


class Category(StrEnum):
    """The closed set of reasons for which something can be refused."""

    VALIDATION = "validation"
    AUTHENTICATION = "authentication"
    PAYMENT_DECLINED = "payment_declined"
    PERMISSION = "permission"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    STALE_PRECONDITION = "stale_precondition"
    BUSINESS_RULE = "business_rule"
    RATE_LIMIT = "rate_limit"
    INTERNAL = "internal"
    EXTERNAL_SERVICE = "external_service"
    UNAVAILABLE = "unavailable"
    TIMEOUT = "timeout"


@frozen
class FieldError:
    """
    One rule that one field breaks.

    Args:
        field: Dotted path from the root of the input: ``address_details.postcode``, ``items.0.quantity``.
        message: For a person; never repeats a value that could be secret.
        code: For a program: ``required``, ``too_long``, ``out_of_range`` …
    """

    field: str
    message: str
    code: str


class QuaysideError(Exception):
    """
    The root of every error that quayside raises on purpose.

    Args:
        message: For a person; safe to show to whoever called.
        details: Facts about this case, also safe to show (``payment_id``, ``expected``, ``actual`` …).
    """

    code: ClassVar[str] = "internal_error"
    category: ClassVar[Category] = Category.INTERNAL

    def __init__(self, message: str, **details: object) -> None:
        super().__init__(message)
        self.message = message
        self.details = details

    def __str__(self) -> str:
        facts = ", ".join(f"{name}={value}" for name, value in self.details.items())
        return f"{self.code}: {self.message}" + (f" ({facts})" if facts else "")


class ValidationFailedError(QuaysideError):
    """
    The input breaks rules.

    Args:
        field_errors: Every broken rule of every field, in the order of the input.
    """

    code = "validation_failed"
    category = Category.VALIDATION

    def __init__(self, field_errors: Iterable[FieldError]) -> None:
        self.field_errors = tuple(field_errors)
        super().__init__("Some fields are not valid.")

    def __str__(self) -> str:
        broken = "; ".join(f"{error.field}: {error.message} [{error.code}]" for error in self.field_errors)
        return f"{self.code}: {broken}"


class AuthenticationError(QuaysideError):
    """Who calls is not known."""

    code = "unauthorized"
    category = Category.AUTHENTICATION


class PermissionDeniedError(QuaysideError):
    """Who calls may see this, but not do it."""

    code = "forbidden"
    category = Category.PERMISSION


class NotFoundError(QuaysideError):
    """
    There is no such thing, or none that the caller may see.

    Args:
        hidden: Whether the caller may not see it. For the audit trail: nobody else is told.
    """

    code = "not_found"
    category = Category.NOT_FOUND

    def __init__(self, message: str, *, hidden: bool = False, **details: object) -> None:
        super().__init__(message, **details)
        self.hidden = hidden


class ConflictError(QuaysideError):
    """The present state of something else forbids this; the same call may succeed later."""

    code = "conflict"
    category = Category.CONFLICT


class ConcurrencyConflictError(ConflictError):
    """
    Somebody else wrote first.

    Args:
        subject: What was to be written, e.g. ``payment/0192…``.
        expected: The version the writer had read.
        actual: The version it has now.
    """

    code = "concurrency_conflict"

    def __init__(self, subject: str, *, expected: int, actual: int) -> None:
        super().__init__(f"{subject} was changed by somebody else.", expected=expected, actual=actual)
        self.expected = expected
        self.actual = actual


class StalePreconditionError(QuaysideError):
    """What was to be changed is not, or not any more, what the caller takes it for."""

    code = "precondition_failed"
    category = Category.STALE_PRECONDITION

    def __init__(self) -> None:
        super().__init__("It has changed meanwhile. Look at it again.")


class BusinessRuleError(QuaysideError):
    """The input is well-formed, but a rule of the business forbids it."""

    code = "business_rule_violation"
    category = Category.BUSINESS_RULE


class ExternalServiceError(QuaysideError):
    """A system outside failed, and surely did nothing."""

    code = "external_service_error"
    category = Category.EXTERNAL_SERVICE


class UnavailableError(QuaysideError):
    """Something we need does not answer now; the same call may succeed later."""

    code = "service_unavailable"
    category = Category.UNAVAILABLE


class InternalError(QuaysideError):
    """Ours to mend: the caller did nothing wrong."""


class OutcomeUnknownError(InternalError):
    """It may have been done, or not: the answer was lost. Not to be repeated without looking first."""
