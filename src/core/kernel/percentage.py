"""Parts of a hundred."""

from decimal import Decimal
from typing import TYPE_CHECKING, final

from attrs import Attribute, field, frozen

from .errors import Category, QuaysideError
from .exact import exact_decimal, shifted

if TYPE_CHECKING:
    from .money import Money


class InvalidPercentageError(QuaysideError):
    """What was given is no exact number from 0 to 100."""

    code = "invalid_percentage"
    category = Category.VALIDATION

    def __init__(self) -> None:
        super().__init__("A percentage is a plain decimal number from 0 to 100.")


def _to_decimal(number: str | int | Decimal) -> Decimal:
    decimal = exact_decimal(number)
    if decimal is None:
        raise InvalidPercentageError
    return decimal


# Apart from the converter, because decoders that fill fields run validators and no converters.
def _check_value(_: "Percentage", __: "Attribute[Decimal]", value: Decimal) -> None:
    if not 0 <= _to_decimal(value) <= 100:
        raise InvalidPercentageError


@final
@frozen(order=True)
class Percentage:
    """
    An exact share of a whole, from nothing to all of it: ``Percentage("17.5")``.

    Args:
        value: 0-100, as text, int or Decimal; never a float.

    Raises:
        InvalidPercentageError: *value* is out of range, or no plain decimal number.
    """

    value: Decimal = field(converter=_to_decimal, validator=_check_value)

    @property
    def as_fraction(self) -> Decimal:
        """The same share of one: 0.175 for 17.5 %."""
        return shifted(self.value, -2)

    def of(self, money: "Money") -> "Money":
        """Take this share of *money*, rounded half-even; for another rounding there is ``money.times``."""
        return money.times(self)

    @property
    def value_text(self) -> str:
        """``17.5``, never with an exponent."""
        return f"{self.value:f}"

    def __str__(self) -> str:
        return f"{self.value_text}%"
