"""Payments as bytes, for a while: nothing that is to be read by another release."""

from decimal import Decimal
from hashlib import sha256
from typing import Any, get_type_hints

import msgspec
from attrs import fields

from ...core.kernel import QuaysideError
from ...core.payments import Payment

_TYPES = {
    name: dict[str, Any] if name == "metadata" else hint
    for name, hint in get_type_hints(Payment).items()
    if name in {each.name for each in fields(Payment)}
}
_NAMES = tuple(_TYPES)
_Copy = msgspec.defstruct("PaymentCopy", list(_TYPES.items()))
_OUT = msgspec.json.Encoder(decimal_format="number")
# Numbers of a caller's metadata are kept digit for digit.
_IN = msgspec.json.Decoder(_Copy, float_hook=Decimal)

PAYMENT_SHAPE = sha256(repr(_TYPES).encode()).hexdigest()[:8]
"""Differs where a payment has other facts, so that two releases which share a cache do not misread each other."""


def encode_payment(payment: Payment) -> bytes:
    """*payment* as bytes."""
    return _OUT.encode({name: getattr(payment, name) for name in _NAMES})


def decode_payment(copy: bytes) -> Payment:
    """
    Raises:
        ValueError: it is no payment.
    """
    try:
        known = _IN.decode(copy)
        return Payment(**{name: getattr(known, name) for name in _NAMES})
    # The latter comes from a value that there cannot be, such as an amount of no currency.
    except (ValueError, QuaysideError) as error:
        raise ValueError("no copy of a payment") from error
