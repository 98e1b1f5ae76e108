"""Which sagas are not at their end: what wakes them, and what an operator looks at."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final, Protocol, TypeAlias
from uuid import UUID

from attrs import evolve, field, frozen

from ...eventlog import Event, EventFilter, RecordedEvent
from .events import (
    SAGA_EVENTS,
    SagaCancelled,
    SagaCompleted,
    SagaGivenUp,
    SagaNeedsAttention,
    SagaStarted,
    StepPutOff,
    StepRefused,
    StepResumed,
)
from .plan import SagaPlan
from .state import Phase

OPEN_SAGAS: Final = "open-sagas"
"""The name of the projection."""

SagaKey: TypeAlias = tuple[str, UUID]
"""The category of a saga's stream, and its id."""


@frozen(kw_only=True)
class OpenSaga:
    """
    A saga that is not at its end.

    Args:
        category: That of its stream.
        phase: `FORWARD` or `BACKWARD`.
        step: What it is at; None before the first request.
        since: Since when, in UTC.
        attempts: How many came to nothing.
        due_at: When to look at it, in UTC; None while it waits for nothing but an answer, or for a person.
        attention: Why it needs a person.
    """

    category: str
    id: UUID
    phase: Phase
    started_at: datetime
    deadline: datetime | None
    since: datetime
    step: str | None = None
    attempts: int = 0
    due_at: datetime | None = None
    attention: str | None = None

    def after(self, plan: SagaPlan, recorded: RecordedEvent) -> "OpenSaga | None":
        """It, once *recorded* has happened; None at its end."""
        at = recorded.envelope.occurred_at
        if asked := plan.asked_by(recorded.event):
            step, is_undo = asked
            limit = None if is_undo else self._limit(at + step.timeout)
            return evolve(self, step=step.name, since=at, attempts=0, attention=None, due_at=limit)
        match recorded.event:
            case SagaCompleted() | SagaCancelled():
                return None
            case SagaGivenUp() | StepRefused():
                return evolve(self, phase=Phase.BACKWARD, attempts=0, due_at=None)
            case StepPutOff() as put_off:
                due_at = self._sooner(put_off.due_at)
                return evolve(self, attempts=put_off.attempt, due_at=due_at)
            case StepResumed():
                limit = self._limit(self.since + plan.step(self.step).timeout) if self.step else None
                return evolve(self, attention=None, due_at=limit)
            case SagaNeedsAttention(_, why):
                return evolve(self, attention=why, due_at=self._limit(self.deadline))
        return self

    def _limit(self, moment: datetime | None) -> datetime | None:
        """*moment* or the deadline, whichever is sooner; None for one that goes back: it takes as long as it takes."""
        if self.phase is not Phase.FORWARD:
            return None
        return min((each for each in (moment, self.deadline) if each), default=None)

    def _sooner(self, moment: datetime) -> datetime:
        return min(moment, self.due_at) if self.due_at else moment


@frozen(kw_only=True)
class SagaBacklog:
    """
    How many open sagas of a category there are at a step.

    Args:
        since: Since when the one has been at it that has longest.
        attention: How many of them need a person.
    """

    category: str
    phase: Phase
    step: str | None
    count: int
    since: datetime
    attention: int


class OpenSagas(Protocol):
    """
    The open sagas of every generation, inside a transaction. Contract: tests/contract/test_open_sagas.py.
    """

    async def load(self, generation: int, keys: Collection[SagaKey]) -> Sequence[OpenSaga]:
        """Those of *keys* that there are."""
        ...

    async def store(self, generation: int, sagas: Mapping[SagaKey, OpenSaga | None]) -> None:
        """Add or change each; None deletes."""
        ...

    async def forget(self, generation: int) -> int:
        """Delete some thousand of them, and tell how many; 0 when there are none left."""
        ...


class OpenSagaQueries(Protocol):
    """
    The open sagas of the live generation, each read on its own, outside any transaction.
    Contract: tests/contract/test_open_sagas.py.
    """

    async def due(self, at: datetime, limit: int) -> Sequence[OpenSaga]:
        """
        Those that are to be looked at by *at*, the one that is due for longest first, *limit* at most.

        Raises:
            ProjectionNotBuiltError.
        """
        ...

    async def list(self, *, needs_attention: bool | None = None, limit: int = 100) -> Sequence[OpenSaga]:
        """
        Those that are open, the one that has been at its step for longest first, *limit* at most.

        Raises:
            ProjectionNotBuiltError.
        """
        ...

    async def backlog(self) -> Sequence[SagaBacklog]:
        """
        How many there are, by category, phase and step.

        Raises:
            ProjectionNotBuiltError.
        """
        ...


class OpenSagaTransaction(Protocol):
    """What the projection needs of a transaction."""

    @property
    def open_sagas(self) -> OpenSagas: ...


@frozen
class OpenSagaProjection:
    """
    Keeps a row for each saga that is not at its end.

    Args:
        plans: Of all sagas that there are.
    """

    plans: Sequence[SagaPlan]
    name: str = field(default=OPEN_SAGAS, init=False)
    version: int = field(default=1, init=False)

    @property
    def of(self) -> EventFilter:
        kinds: set[type[Event]] = {*SAGA_EVENTS}
        for plan in self.plans:
            kinds |= plan.requests
        return EventFilter(frozenset(plan.category for plan in self.plans), frozenset(kinds))

    async def project(
        self, tx: OpenSagaTransaction, generation: int, events: Sequence[RecordedEvent]
    ) -> None:
        plans = {plan.category: plan for plan in self.plans}
        keys = {(each.stream.category, each.stream.id) for each in events}
        known = await tx.open_sagas.load(generation, keys)
        sagas: dict[SagaKey, OpenSaga | None] = {(saga.category, saga.id): saga for saga in known}
        for recorded in events:
            key = recorded.stream.category, recorded.stream.id
            saga = sagas.get(key) or _opened(recorded)
            sagas[key] = saga and saga.after(plans[recorded.stream.category], recorded)
        await tx.open_sagas.store(generation, sagas)

    async def forget(self, tx: OpenSagaTransaction, generation: int) -> int:
        return await tx.open_sagas.forget(generation)


def _opened(recorded: RecordedEvent) -> OpenSaga | None:
    """The saga that *recorded* begins, or takes back from its end."""
    event, at = recorded.event, recorded.envelope.occurred_at
    if not isinstance(event, SagaStarted | SagaGivenUp):
        return None
    is_new = isinstance(event, SagaStarted)
    return OpenSaga(
        category=recorded.stream.category,
        id=recorded.stream.id,
        phase=Phase.FORWARD if is_new else Phase.BACKWARD,
        started_at=at,
        deadline=event.deadline if isinstance(event, SagaStarted) else None,
        since=at,
    )
