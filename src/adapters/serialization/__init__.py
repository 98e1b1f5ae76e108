"""Events as JSON (msgspec)."""

from .events import MsgspecEventCodec

__all__ = ["MsgspecEventCodec"]
