"""How pricing refuses."""

from collections.abc import Iterable

from ...kernel import BusinessRuleError, Category, FieldError, Money, QuaysideError


class ItemsNotSoldError(BusinessRuleError):
    """
    Some items cannot be bought, or not together.

    Args:
        field_errors: Of each such item.
    """

    def __init__(self, field_errors: Iterable[FieldError]) -> None:
        self.field_errors = tuple(field_errors)
        super().__init__("Some items cannot be ordered.")

    def __str__(self) -> str:
        broken = "; ".join(f"{error.field}: {error.message} [{error.code}]" for error in self.field_errors)
        return f"{self.code}: {broken}"


class OrderTotalOutOfRangeError(BusinessRuleError):
    """What an order comes to cannot be paid at once."""

    code = "order_total_out_of_range"

    def __init__(self, total: Money) -> None:
        super().__init__(
            "The total of the order is out of the range of what can be paid.",
            total=total.amount_text,
            currency=total.currency,
        )


class InvalidPromotionError(QuaysideError):
    """A promotion would take nothing off, or give something for nothing."""

    code = "invalid_promotion"
    category = Category.VALIDATION
