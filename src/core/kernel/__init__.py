"""What every context is made of: values, ids, time, errors, rules."""

from .backoff import Backoff
from .clock import Clock
from .currency import UnknownCurrencyError, currency_exponent
from .date_range import DateRange, InvalidDateRangeError
from .errors import (
    AuthenticationError,
    BusinessRuleError,
    Category,
    ConcurrencyConflictError,
    ConflictError,
    ExternalServiceError,
    FieldError,
    InternalError,
    NotFoundError,
    OutcomeUnknownError,
    PermissionDeniedError,
    QuaysideError,
    StalePreconditionError,
    UnavailableError,
    ValidationFailedError,
)
from .expected_version import ANY_THAT_IS_THERE, ANY_VERSION, ExpectedVersion
from .extras import MissingExtraError, require
from .field_cipher import (
    FieldCipher,
    FieldKeysMissingError,
    FieldKeyUnknownError,
    FieldPlace,
    FieldUnreadableError,
    NoFieldCipher,
)
from .ids import CustomerId, IdFactory, UserId
from .keyset import Listed, Place, Slice, SliceRequest
from .money import Money
from .money_errors import (
    AmountOutOfRangeError,
    CurrencyMismatchError,
    InvalidAmountError,
    InvalidFactorError,
    InvalidWeightsError,
)
from .page import Page, PageRequest
from .percentage import InvalidPercentageError, Percentage
from .principal import Permission, Principal, Scope
from .rounding import Rounding, divide
from .secret import Secret
from .transaction import NestedTransactionError, sole_transaction
from .uuid7 import Uuid7Factory, derived_uuid7, several_ids

__all__ = [
    "ANY_THAT_IS_THERE",
    "ANY_VERSION",
    "AmountOutOfRangeError",
    "AuthenticationError",
    "Backoff",
    "BusinessRuleError",
    "Category",
    "Clock",
    "ConcurrencyConflictError",
    "ConflictError",
    "CurrencyMismatchError",
    "CustomerId",
    "DateRange",
    "ExpectedVersion",
    "ExternalServiceError",
    "FieldCipher",
    "FieldError",
    "FieldKeyUnknownError",
    "FieldKeysMissingError",
    "FieldPlace",
    "FieldUnreadableError",
    "IdFactory",
    "InternalError",
    "InvalidAmountError",
    "InvalidDateRangeError",
    "InvalidFactorError",
    "InvalidPercentageError",
    "InvalidWeightsError",
    "Listed",
    "MissingExtraError",
    "Money",
    "NestedTransactionError",
    "NoFieldCipher",
    "NotFoundError",
    "OutcomeUnknownError",
    "Page",
    "PageRequest",
    "Percentage",
    "Permission",
    "PermissionDeniedError",
    "Place",
    "Principal",
    "QuaysideError",
    "Rounding",
    "Scope",
    "Secret",
    "Slice",
    "SliceRequest",
    "StalePreconditionError",
    "UnavailableError",
    "UnknownCurrencyError",
    "UserId",
    "Uuid7Factory",
    "ValidationFailedError",
    "currency_exponent",
    "derived_uuid7",
    "divide",
    "require",
    "several_ids",
    "sole_transaction",
]
