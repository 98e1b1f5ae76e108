"""Events as JSON (msgspec)."""

from .events import MsgspecEventCodec, ObserveUnknown

__all__ = ["MsgspecEventCodec", "ObserveUnknown"]
