"""Copies of payments: whatever a payment holds comes back, and what is no copy is known as none."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import NOON, a_payment, gbp
from quayside.adapters.serialization import decode_payment, encode_payment
from quayside.core.payments import Payment, PaymentFailure, PaymentStatus

NUMBERS = st.integers(-(2**80), 2**80) | st.decimals(allow_nan=False, allow_infinity=False).filter(
    lambda number: "." in str(number) and "E" not in str(number)
)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


def facts(payment: Payment) -> dict[str, object]:
    return {name: getattr(payment, name) for name in Payment.__slots__ if name != "__weakref__"}


@given(metadata=st.dictionaries(st.text(max_size=5), JSON, max_size=4), description=st.none() | st.text())
def test_a_copy_has_every_fact_of_the_payment_digit_for_digit(
    metadata: dict[str, Any], description: str | None
) -> None:
    payment, _ = a_payment(metadata=metadata, description=description)

    copy = decode_payment(encode_payment(payment))

    assert facts(copy) == facts(payment)
    assert repr(copy.metadata) == repr(payment.metadata)


def test_a_payment_with_a_past_comes_back_with_it() -> None:
    payment, _ = a_payment(gbp("20.00"), refusal=PaymentFailure("declined", "No."), captures_at_once=False)
    payment.authorize("auth_1", at=NOON)
    payment.ask_to_capture(gbp("5.00"), key="k", at=NOON)
    payment.failure = PaymentFailure("given_up", "An operator gave it up.")
    payment.version = 7

    copy = decode_payment(encode_payment(payment))

    assert facts(copy) == facts(payment)
    assert copy.status is PaymentStatus.PROCESSING


@pytest.mark.parametrize(
    ("told", "instead"),
    [
        (b'"GBP"', b'"XXQ"'),
        (b'"Pending"', b'"Paid"'),
        (b'"version"', b'"v"'),
        (b"}", b""),
        (b'"id"', b"\xff"),
    ],
)
def test_what_is_no_copy_is_known_as_none(told: bytes, instead: bytes) -> None:
    payment, _ = a_payment(metadata={"weight": Decimal("1.10")})

    with pytest.raises(ValueError, match="no copy"):
        decode_payment(encode_payment(payment).replace(told, instead))
