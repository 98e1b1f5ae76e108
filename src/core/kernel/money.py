"""Exact amounts of money."""

from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache, total_ordering
from typing import Any, final

from attrs import Attribute, field, frozen

from .allocation import largest_remainder
from .currency import currency_exponent
from .exact import decimals_of, exact_decimal, exact_ratio, shifted
from .money_errors import (
    AmountOutOfRangeError,
    CurrencyMismatchError,
    InvalidAmountError,
    InvalidFactorError,
)
from .percentage import Percentage
from .rounding import Rounding, divide


def _check_minor(money: "Money", _: "Attribute[int]", minor: int) -> None:
    if type(minor) is not int:  # a bool is an instance of int, too
        raise InvalidAmountError("Minor units are counted by an int.")
    if not -0x8000_0000_0000_0000 <= minor <= 0x7FFF_FFFF_FFFF_FFFF:
        raise AmountOutOfRangeError(money.currency)


def _check_currency(_: "Money", __: "Attribute[str]", currency: str) -> None:
    currency_exponent(currency)


@final
@total_ordering
@frozen(weakref_slot=False, getstate_setstate=False)
class Money:
    """
    An exact amount of one currency: never a float, rounded only where it is multiplied, ordered within its currency.

    Args:
        minor: Signed count of minor units (cents for EUR, yen for JPY), within what a BIGINT holds.
        currency: ISO 4217 alphabetic code.

    Raises:
        UnknownCurrencyError: *currency* is not in ISO 4217, or has no minor unit.
        InvalidAmountError: *minor* is no int.
        AmountOutOfRangeError: *minor*, or a result, takes more than 64 bits.
        CurrencyMismatchError: two currencies meet in a sum or comparison.
    """

    minor: int = field(validator=_check_minor)
    currency: str = field(validator=_check_currency)

    @classmethod
    def of(cls, amount: str | int | Decimal, currency: str) -> "Money":
        r"""
        Read an amount in major units: ``Money.of("19.99", "GBP")``.

        Args:
            amount: Text is ``-?\d+(\.\d+)?`` in ASCII digits. No more decimals than the currency has, not even zeros.
            currency: ISO 4217 alphabetic code.

        Raises:
            UnknownCurrencyError: *currency* is not in ISO 4217, or has no minor unit.
            InvalidAmountError: *amount* is a float, a bool, NaN, infinite, other text, or has too many decimals.
            AmountOutOfRangeError: it takes more than 64 bits in minor units.
        """
        exponent = currency_exponent(currency)
        number = exact_decimal(amount)
        if number is None:
            raise InvalidAmountError("An amount is a plain decimal number such as 19.99, and no float.")
        if decimals_of(number) > exponent:
            raise InvalidAmountError(
                f"An amount in {currency} has at most {exponent} decimals.",
                currency=currency,
                decimals=exponent,
            )
        return cls(int(shifted(number, exponent)), currency)

    @classmethod
    def from_minor(cls, minor: int, currency: str) -> "Money":
        """Take a count of minor units, 1999 for 19.99 GBP. Raises what the class raises."""
        return cls(minor, currency)

    @classmethod
    def sum(cls, items: Iterable["Money"], currency: str) -> "Money":
        """Add up *items*, all of *currency*; zero where there are none. Only the total has to be in range."""
        total = 0
        for item in items:
            if item.currency != currency:
                raise CurrencyMismatchError(currency, item.currency)
            total += item.minor
        return cls(total, currency)

    @property
    def amount(self) -> Decimal:
        """The amount in major units, with exactly the currency's decimals."""
        return shifted(self.minor, -currency_exponent(self.currency))

    @property
    def amount_text(self) -> str:
        """The amount as an API writes it: ``"19.90"``, never ``"19.9"`` or an exponent."""
        return f"{self.amount:f}"

    def __str__(self) -> str:
        return f"{self.amount_text} {self.currency}"

    def __add__(self, other: "Money") -> "Money":
        if not isinstance(other, Money):
            return NotImplemented
        if other.currency != self.currency:
            raise CurrencyMismatchError(self.currency, other.currency)
        return _known_good(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        if not isinstance(other, Money):
            return NotImplemented
        if other.currency != self.currency:
            raise CurrencyMismatchError(self.currency, other.currency)
        return _known_good(self.minor - other.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        if not isinstance(other, Money):
            return NotImplemented
        if other.currency != self.currency:
            raise CurrencyMismatchError(self.currency, other.currency)
        return self.minor < other.minor

    def __neg__(self) -> "Money":
        return _known_good(-self.minor, self.currency)

    def __abs__(self) -> "Money":
        return _known_good(abs(self.minor), self.currency)

    def times(self, factor: int | Decimal | Percentage, rounding: Rounding = Rounding.HALF_EVEN) -> "Money":
        """
        Multiply exactly, then round once to a whole minor unit. ``money * factor`` is the same, half-even.

        Raises:
            InvalidFactorError: *factor* is a float, a bool, NaN, infinite, or has over 1,000 digits on a side.
            AmountOutOfRangeError: the result takes more than 64 bits.
        """
        try:
            numerator, denominator = _ratio_of(factor)
        except TypeError:  # what cannot be hashed, such as a signaling NaN
            raise InvalidFactorError from None
        return _known_good(divide(self.minor * numerator, denominator, rounding), self.currency)

    __mul__ = times

    def allocate(self, weights: Iterable[int | Decimal]) -> tuple["Money", ...]:
        """
        Share this out in proportion to *weights*, in their order; the parts add up to the whole, to the minor unit.

        Each part is its exact share rounded down or up; what rounding down leaves goes to the largest remainders, of
        equal ones to the earlier. A weight of zero gets nothing; parts of a negative amount mirror the positive one's.

        Raises:
            InvalidWeightsError: there are none, all are zero, or one is negative, NaN, infinite, a float or a bool.
        """
        return tuple(_known_good(part, self.currency) for part in largest_remainder(self.minor, weights))

    def split(self, count: int) -> tuple["Money", ...]:
        """
        Share this out in *count* parts as equal as can be, the larger ones first.

        Raises:
            InvalidWeightsError: *count* is under 1.
        """
        return self.allocate([1] * count)

    def __reduce__(self) -> tuple[type["Money"], tuple[int, str]]:
        return Money, (self.minor, self.currency)  # so that unpickling checks like any other construction


class _Unfrozen:
    """What a `Money` is made of before nobody may change it any more."""

    __slots__ = ("currency", "minor")

    minor: int
    currency: str


def _known_good(minor: int, currency: str) -> Money:
    """Make what has only its range left to be checked, in a third of the time that the constructor takes."""
    if not -0x8000_0000_0000_0000 <= minor <= 0x7FFF_FFFF_FFFF_FFFF:
        raise AmountOutOfRangeError(currency)
    money: Any = _Unfrozen()
    money.minor = minor
    money.currency = currency
    money.__class__ = Money  # of the same slots
    made: Money = money
    return made


# Rates are few, and recur on every line of every order. Typed, or True and 1.0 would be found under 1.
@lru_cache(maxsize=256, typed=True)
def _ratio_of(factor: int | Decimal | Percentage) -> tuple[int, int]:
    if isinstance(factor, Percentage):
        numerator, denominator = _ratio_of(factor.value)
        return numerator, denominator * 100
    ratio = exact_ratio(factor)
    if ratio is None:
        raise InvalidFactorError
    return ratio
