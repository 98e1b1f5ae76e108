"""What a saga does: its steps in their order, and how each is undone."""

from datetime import timedelta
from typing import Final

from attrs import Attribute, field, frozen

from ...eventlog import Event, RetryTerms
from ...kernel import Backoff

TIMEOUT: Final = "timeout"
"""Why a saga is given up that took too long."""


@frozen(kw_only=True)
class Step:
    """
    One step of a saga. It is requested once all before it have succeeded.

    Args:
        name: Unique in its saga, and for ever: it is in events.
        request: The event, without any field, that asks for it. Its id is the key under which the work is done.
        undo: The event, without any field, that asks to make it undone; None if there is nothing to be undone.
        timeout: How long it may take, with all attempts. The saga is given up then.
        unavailable: Why, where each attempt surely did nothing.
    """

    name: str
    request: type[Event]
    undo: type[Event] | None = None
    timeout: timedelta
    unavailable: str = TIMEOUT


def _are_distinct(_: object, attribute: "Attribute[tuple[Step, ...]]", steps: tuple[Step, ...]) -> None:
    asked = [kind for step in steps for kind in (step.request, step.undo) if kind]
    if not steps or len({step.name for step in steps}) < len(steps) or len({*asked}) < len(asked):
        raise ValueError(
            f"{attribute.name}: each has a name and events of its own, and there is at least one"
        )


@frozen(kw_only=True)
class SagaPlan:
    """
    All sagas of one kind: what is done, in which order, and for how long it is tried.

    Args:
        category: That of their streams; a saga has the id of what it is about.
        steps: In order. What succeeded is undone in reverse.
        deadline: How long the whole may take.
        backoff: The waits between attempts at a step.
        undoing: The same of what is undone, or found out once the saga is given up. After the last attempt it needs a
            person.
    """

    category: str
    steps: tuple[Step, ...] = field(validator=_are_distinct)
    deadline: timedelta
    backoff: Backoff = field(default=Backoff(first_s=0.5, most_s=10))
    undoing: RetryTerms = field(
        default=RetryTerms(most_attempts=16, backoff=Backoff(first_s=0.5, most_s=120))
    )

    @property
    def requests(self) -> frozenset[type[Event]]:
        """All events that ask for something to be done."""
        asked = [kind for step in self.steps for kind in (step.request, step.undo) if kind]
        return frozenset(asked)

    def step(self, name: str) -> Step:
        """The step of that name."""
        return next(step for step in self.steps if step.name == name)

    def asked_by(self, event: Event) -> tuple[Step, bool] | None:
        """The step that *event* asks for, and whether it is to be undone; None if it asks for none."""
        for step in self.steps:
            if type(event) in {step.request, step.undo}:
                return step, type(event) is step.undo
        return None

    def first(self) -> Event:
        """What begins it."""
        return self.steps[0].request()

    def after(self, name: str) -> Event | None:
        """What follows on the success of the step of that name; None if it was the last one."""
        following = self.steps[self.steps.index(self.step(name)) + 1 :]
        return following[0].request() if following else None

    def undoing_last_of(self, done: tuple[str, ...]) -> Event | None:
        """What undoes the last step of *done* that can be undone; None if none can."""
        for name in reversed(done):
            if undo := self.step(name).undo:
                return undo()
        return None
