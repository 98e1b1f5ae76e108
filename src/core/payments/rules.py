"""What a payment request has to keep: every limit, for every way in."""

import json
import re
from calendar import monthrange
from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from math import isfinite
from typing import Any
from uuid import UUID

from attrs import fields

from ..kernel import (
    AmountOutOfRangeError,
    Clock,
    FieldError,
    InvalidAmountError,
    Money,
    Secret,
    ValidationFailedError,
)
from ..kernel.validation import (
    TOO_MANY_DECIMALS,
    CrossRule,
    Form,
    InTurn,
    Rule,
    absent,
    amount_between,
    between,
    check,
    exact_in,
    field,
    in_turn,
    length,
    max_length,
    not_blank,
    one_of,
    pattern,
    positive_amount,
    required,
    size,
    text,
    text_throughout,
    when,
)
from .cards import CardBrand, CardDetails, CardNumber, brand_of, passes_luhn, without_separators
from .ids import CardId
from .requests import Address, PaymentRequest

DEFAULT_CURRENCIES = ("GBP", "USD", "EUR")

LEAST_PAYMENT, MOST_PAYMENT = Decimal("0.01"), Decimal("10000.00")
_METADATA_BYTES = 16 * 1024
_CARD_DIGITS = re.compile(r"\d{12,19}", re.ASCII)
_LIKE_A_NUMBER = re.compile(r"(?:\d[ -]*){12}", re.ASCII)
_UK_POSTCODE = r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}"


def payment_form(currencies: Collection[str], clock: Clock) -> Form:
    """
    The rules of a payment request.

    Args:
        currencies: ISO 4217 codes in which payments are taken.
        clock: Tells on which day a card is looked at.
    """
    return Form(
        field("amount", required, amount_between(LEAST_PAYMENT, MOST_PAYMENT)),
        field("currency", required, one_of(*currencies)),
        check("amount", exact_in("currency")),
        field("card_id", length(1, 50), text),
        field("customer_id", required),
        field("description", max_length(500), text),
        field("metadata", size(0, 50), in_turn(_json_object(), text_throughout, _small_enough())),
        field("address_details", ADDRESS),
        field("paying_card_details", card_form(clock)),
        # What is kept as it is sent must not have what is not to be.
        *(
            check(name, _WITHOUT_CARD_NUMBER)
            for name in ("card_id", "description", "metadata", "address_details")
        ),
        # Whether an id is that of a card which is registered, only storage can tell.
        when("card_id", absent, *_DETAILS),
        when("card_id", _NO_ID, *_DETAILS),
        field("card_id", required),  # at last: from what is not good, nothing is concluded
    )


def part_of_payment(amount: str | Decimal | int, currency: str) -> Money:
    """
    Read the amount of a capture or refund, whose currency is the payment's.

    Raises:
        ValidationFailedError: it has more decimals than the currency, or is no amount that can be kept.
    """
    try:
        return Money.of(amount, currency)
    except InvalidAmountError:
        error = FieldError("amount", TOO_MANY_DECIMALS, "too_many_decimals")
    except AmountOutOfRangeError:
        error = FieldError("amount", "is larger than can be kept", "out_of_range")
    raise ValidationFailedError([error])


ADDRESS = Form(
    field("house_number", required, not_blank, text),
    field("house_name", max_length(100), text),
    field("address_line1", required, not_blank, text),
    field("address_line2", max_length(200), text),
    field("city", required, not_blank, text),
    field("postcode", required, pattern(_UK_POSTCODE, "must be a postcode of the United Kingdom")),
)


def registration_form(clock: Clock) -> Form:
    """The rules of a card that is to be registered, looked at on *clock*'s day."""
    return Form(field("customer_id", required), field("paying_card_details", required, card_form(clock)))


def card_id_in(text: str) -> CardId | None:
    """The id that a registered card would have, if *text* can be one."""
    return CardId(UUID(text)) if _ID.fullmatch(text) else None


def missing_details(request: PaymentRequest) -> list[FieldError]:
    """What a payment lacks whose card is not registered."""
    return [
        FieldError(name, required.message, required.code)
        for name in ("address_details", "paying_card_details")
        if getattr(request, name) is None
    ]


def card_form(clock: Clock) -> Form:
    """The rules of a card, looked at on *clock*'s day."""

    def is_still_valid(month: int, year: int) -> bool:
        return date(year, month, monthrange(year, month)[1]) >= clock().date()

    return Form(
        field("card_number", required, _card_number()),
        field("expiry_month", required, between(1, 12)),
        field("expiry_year", required, between(1000, 9999)),
        check("expiry_month", CrossRule("expired", "has passed", ("expiry_year",), is_still_valid)),
        field("cvv", required, Rule("invalid_format", "must have 3 or 4 digits", _TYPED, _is_cvv)),
        check("cvv", CrossRule("invalid_format", _CVV_OF_BRAND, ("card_number",), _has_digits_of_brand)),
        field("cardholder_name", required, length(1, 100), text),
        check("cardholder_name", _NAME_WITHOUT_CARD_NUMBER),
    )


_DETAILS = (field("address_details", required), field("paying_card_details", required))
_NO_ID = Rule("not_allowed", "must not be an id", str, lambda text: card_id_in(text) is None)
_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_CVV_OF_BRAND = "must have 4 digits on an American Express card, 3 on every other"
_TYPED = str | Secret
_WRITTEN = json.JSONEncoder(default=str)


def _small_enough() -> Rule:
    message = f"must be at most {_METADATA_BYTES} bytes as compact JSON"
    return Rule("too_large", message, Mapping, lambda value: _compact_size(value) <= _METADATA_BYTES)


def _json_object() -> Rule:
    return Rule("not_json", "must be what JSON can express", Mapping, _is_json)


def _is_json(value: object) -> bool:
    # A list of what is left to do, not recursion: the caller decides how deep the value is.
    left = [value]
    while left:
        match left.pop():
            case None | str() | int():
                pass
            case Decimal() as number if number.is_finite():
                pass
            case float() as number if isfinite(number):
                pass
            case dict() as mapping:
                if not all(isinstance(name, str) for name in mapping):
                    return False
                left += mapping.values()
            case list() as items:
                left += items
            case _:
                return False
    return True


def _compact_size(metadata: Mapping[str, object]) -> int:
    numbers = 0

    def as_text(number: object) -> str:
        nonlocal numbers
        numbers += 1
        return str(number)

    compact = json.dumps(metadata, ensure_ascii=False, separators=(",", ":"), default=as_text)
    # An exact number is written as text here, that is with two quotes too many.
    return len(compact.encode()) - 2 * numbers


def _card_number() -> InTurn:
    return in_turn(
        Rule("invalid_format", "must have 12 to 19 digits", _TYPED, _is_card_digits),
        Rule("invalid_card_number", "is not a card number", _TYPED, _is_card_number),
    )


def _digits(value: str | Secret) -> str:
    return value.reveal() if isinstance(value, CardNumber) else without_separators(_typed(value))


def _typed(value: str | Secret) -> str:
    return value.reveal() if isinstance(value, Secret) else value


def _is_card_digits(value: str | Secret) -> bool:
    return _CARD_DIGITS.fullmatch(_digits(value)) is not None


def _is_card_number(value: str | Secret) -> bool:
    digits = _digits(value)
    return len(set(digits)) > 1 and passes_luhn(digits)


def _is_without_card_number(value: object, details: Mapping[str, Any] | CardDetails) -> bool:
    number = details.card_number if isinstance(details, CardDetails) else details["card_number"]
    match value:
        case str():
            written = value
        case Address():
            written = "\n".join(getattr(value, each.name) or "" for each in fields(Address))
        case _:
            written = _WRITTEN.encode(value)
    return _is_without(written, number)


def _is_without(text: str, card_number: str | Secret) -> bool:
    return not _LIKE_A_NUMBER.search(text) or _digits(card_number) not in without_separators(text)


def _is_cvv(value: str | Secret) -> bool:
    return re.fullmatch(r"\d{3,4}", _typed(value), re.ASCII) is not None


def _has_digits_of_brand(cvv: str | Secret, card_number: str | Secret) -> bool:
    is_amex = brand_of(_digits(card_number)) is CardBrand.AMEX
    return len(_typed(cvv)) == (4 if is_amex else 3)


_NUMBER_THERE = ("contains_card_number", "must not contain the card's number")
_WITHOUT_CARD_NUMBER = CrossRule(*_NUMBER_THERE, ("paying_card_details",), _is_without_card_number)
_NAME_WITHOUT_CARD_NUMBER = CrossRule(*_NUMBER_THERE, ("card_number",), _is_without)

CAPTURE = Form(field("amount", positive_amount))
"""The rules of a capture that do not depend on the payment."""

REFUND = Form(field("amount", positive_amount), field("reason", max_length(500), text))
"""The rules of a refund that do not depend on the payment."""
