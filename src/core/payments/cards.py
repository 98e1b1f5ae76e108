"""Payment cards: what may be kept of one, and what may not (PCI DSS 4, 3.3.1 and 3.4.1)."""

from enum import StrEnum

from attrs import field, frozen

from ..kernel import Secret


class CardBrand(StrEnum):
    """The scheme that a card belongs to."""

    VISA = "visa"
    MASTERCARD = "mastercard"
    AMEX = "amex"
    DISCOVER = "discover"
    JCB = "jcb"
    DINERS = "diners"
    UNIONPAY = "unionpay"
    UNKNOWN = "unknown"


# First and last leading digits of the ranges, each a number of as many digits (ISO/IEC 7812, the schemes' own lists).
# The first that fits counts, so Discover's share of UnionPay's range stands before it.
_RANGES: tuple[tuple[CardBrand, int, int], ...] = (
    (CardBrand.AMEX, 34, 34),
    (CardBrand.AMEX, 37, 37),
    (CardBrand.DINERS, 300, 305),
    (CardBrand.DINERS, 3095, 3095),
    (CardBrand.DINERS, 36, 36),
    (CardBrand.DINERS, 38, 39),
    (CardBrand.JCB, 3528, 3589),
    (CardBrand.VISA, 4, 4),
    (CardBrand.MASTERCARD, 51, 55),
    (CardBrand.MASTERCARD, 2221, 2720),
    (CardBrand.DISCOVER, 6011, 6011),
    (CardBrand.DISCOVER, 622126, 622925),
    (CardBrand.DISCOVER, 644, 649),
    (CardBrand.DISCOVER, 65, 65),
    (CardBrand.UNIONPAY, 62, 62),
    (CardBrand.UNIONPAY, 81, 81),
)


class CardNumber(Secret):
    """
    A primary account number, spaces and dashes taken out; shown as ``4242****4242``.

    Holding one says nothing about its being valid: `rules.card_number` does.
    """

    __slots__ = ()

    def __init__(self, value: str) -> None:
        super().__init__(without_separators(value))

    @property
    def last4(self) -> str:
        """The last four digits, the most that is kept."""
        return self.reveal()[-4:]

    @property
    def brand(self) -> CardBrand:
        """The scheme whose range the number is in."""
        return brand_of(self.reveal())

    def masked(self) -> str:
        digits = self.reveal()
        # Under 12 digits it is no card number, and eight of them would be nearly all of it.
        return f"{digits[:4]}****{digits[-4:]}" if len(digits) >= 12 else super().masked()


class Cvv(Secret):
    """A card verification value: goes to the gateway once, and is kept nowhere."""

    __slots__ = ()


@frozen
class CardDetails:
    """
    A card as its holder typed it.

    Args:
        card_number: 12-19 digits by Luhn.
        expiry_month: 1-12.
        expiry_year: Four digits.
        cvv: Three digits, four on an Amex.
        cardholder_name: As printed on the card; personal.
    """

    card_number: CardNumber
    expiry_month: int
    expiry_year: int
    cvv: Cvv
    cardholder_name: str = field(repr=False)


def without_separators(text: str) -> str:
    """*text* without the spaces and dashes that digits are grouped by."""
    return text.replace(" ", "").replace("-", "")


def brand_of(digits: str) -> CardBrand:
    """The scheme whose range *digits* begin in."""
    for brand, first, last in _RANGES:
        prefix = digits[: len(str(first))]
        if prefix.isascii() and prefix.isdigit() and first <= int(prefix) <= last:
            return brand
    return CardBrand.UNKNOWN


def passes_luhn(digits: str) -> bool:
    """Whether the check digit is right (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
