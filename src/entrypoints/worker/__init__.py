"""What reacts to the log, and what is done every so often."""

from .awaiting import ProjectionBehindError, ProjectionWatch
from .doorbell import Doorbell
from .jobs import PeriodicJob
from .rebuilding import ProjectionNotFoundError, RebuildFailedError, RebuildProgress, rebuild
from .worker import AnySubscription, Worker, at_work

__all__ = [
    "AnySubscription",
    "Doorbell",
    "PeriodicJob",
    "ProjectionBehindError",
    "ProjectionNotFoundError",
    "ProjectionWatch",
    "RebuildFailedError",
    "RebuildProgress",
    "Worker",
    "at_work",
    "rebuild",
]
