"""Events and payments as JSON (msgspec)."""

from ...core.kernel import require

with require("postgres"):
    from .events import MsgspecEventCodec, ObserveUnknown
    from .payments import PAYMENT_SHAPE, decode_payment, encode_payment

__all__ = [
    "PAYMENT_SHAPE",
    "MsgspecEventCodec",
    "ObserveUnknown",
    "decode_payment",
    "encode_payment",
]
