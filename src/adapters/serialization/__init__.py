"""Events and payments as JSON (msgspec)."""

from ...core.kernel import require

with require("postgres"):
    from .events import MsgspecEventCodec, ObserveUnreadable
    from .payments import PAYMENT_SHAPE, decode_payment, encode_payment

__all__ = [
    "PAYMENT_SHAPE",
    "MsgspecEventCodec",
    "ObserveUnreadable",
    "decode_payment",
    "encode_payment",
]
