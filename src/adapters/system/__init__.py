"""The machine's own time and randomness; the only place that asks for either."""

from .clock import utc_now
from .randomness import entropy

__all__ = ["entropy", "utc_now"]
