"""What can become of an attempt at a step."""

from typing import TypeAlias

from attrs import frozen


@frozen
class Succeeded:
    """It is done."""


@frozen
class Refused:
    """
    It is not done, and never will be under this key.

    Args:
        reason: For what the saga is about.
    """

    reason: str


@frozen
class PutOff:
    """
    It may be tried again, under the same key.

    Args:
        outcome_unknown: Whether it may have been done; otherwise it surely was not.
        cause: What kind of error it was, if it was one.
    """

    outcome_unknown: bool = True
    cause: str | None = None


@frozen
class Stuck:
    """
    It takes a person to go on.

    Args:
        why: A word for whoever looks at it.
    """

    why: str


Outcome: TypeAlias = Succeeded | Refused | PutOff | Stuck


class StepRefusedError(Exception):
    """
    What was to be recorded together with the success of a step does not allow it: it is refused.

    Args:
        reason: For what the saga is about.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
