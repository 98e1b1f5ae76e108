"""What reacts to the log, and what is done every so often."""

from .doorbell import Doorbell
from .jobs import PeriodicJob
from .worker import Worker, at_work

__all__ = ["Doorbell", "PeriodicJob", "Worker", "at_work"]
