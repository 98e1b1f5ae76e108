"""Time as an argument: nothing in the core asks the machine what time it is."""

from collections.abc import Callable
from datetime import datetime

Clock = Callable[[], datetime]
"""Gives the present moment, aware and in UTC. The machine's own is ``adapters.system.utc_now``."""
