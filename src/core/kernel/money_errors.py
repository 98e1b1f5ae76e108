"""How money can be refused."""

from .errors import BusinessRuleError, Category, InternalError, QuaysideError


class InvalidAmountError(QuaysideError):
    """What was given is no exact amount of the currency."""

    code = "invalid_amount"
    category = Category.VALIDATION


class AmountOutOfRangeError(QuaysideError):
    """An amount, or a result, is more than a signed 64-bit count of minor units can hold."""

    code = "amount_out_of_range"
    category = Category.VALIDATION

    def __init__(self, currency: str) -> None:
        super().__init__("The amount is too large to be counted.", currency=currency)


class CurrencyMismatchError(BusinessRuleError):
    """Two currencies met in one sum or comparison; nothing here converts."""

    code = "currency_mismatch"

    def __init__(self, expected: str, actual: str) -> None:
        super().__init__("The amounts are of different currencies.", expected=expected, actual=actual)


class InvalidFactorError(InternalError):
    """Money was to be multiplied by something inexact."""

    code = "invalid_factor"

    def __init__(self) -> None:
        super().__init__("Money is multiplied by an int, a finite Decimal or a Percentage, never by a float.")


class InvalidWeightsError(InternalError):
    """Nothing can be shared out by these weights."""

    code = "invalid_weights"

    def __init__(self) -> None:
        super().__init__("Weights are exact numbers, none of them negative, and at least one over zero.")
