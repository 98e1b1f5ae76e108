"""Sagas at work: what is requested is done, and what becomes of it is recorded with what follows."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from attrs import field, frozen

from ...eventlog import (
    Event,
    EventEnvelope,
    EventId,
    EventLog,
    EventReader,
    Origin,
    RecordedEvent,
    Recorder,
    StreamId,
    acting_for,
)
from ...kernel import ConcurrencyConflictError, NotFoundError, UnavailableError
from . import rules
from .outcomes import Outcome, PutOff, Refused, StepRefusedError
from .plan import SagaPlan
from .rules import Events, Report
from .state import Phase, Saga


class SagaNotFoundError(NotFoundError):
    """There is no such saga."""

    def __init__(self, saga_id: UUID) -> None:
        super().__init__("There is no such saga.", saga_id=saga_id)


@frozen
class Request:
    """
    What is to be done, or undone.

    Args:
        saga_id: Also the id of what it is about.
        key: Under which it is done; the same with each attempt.
        is_settling: Whether the saga was given up: what was not begun is not to be begun, and it is to be seen to that
            nobody who comes late does.
        keys: Under which key each step was requested.
    """

    saga_id: UUID
    key: EventId
    is_settling: bool
    keys: Mapping[str, EventId]


Work = Callable[[Request], Awaitable[Outcome]]
"""
Does what is requested, however often it is asked, once. An `UnavailableError` says that nothing at all goes on;
whatever else it raises counts as `PutOff` with an unknown outcome.
"""


@frozen
class StepWork:
    """
    How a step is done, and undone if it can be.

    Args:
        undo: May be asked where all, or part, is undone already.
    """

    do: Work
    undo: Work | None = None


class SagaTransaction(Protocol):
    """What a saga needs of a transaction."""

    @property
    def events(self) -> EventLog: ...


Tx = TypeVar("Tx", bound=SagaTransaction)

Recording = Callable[[Any, UUID, Sequence[EventEnvelope]], Awaitable[object]]
"""
Told, in their transaction, what is about to be recorded of a saga: changes what the saga is about. May raise
`StepRefusedError`, and is told again of what follows on that.
"""


async def nothing_else(_: object, __: UUID, ___: Sequence[EventEnvelope]) -> None:
    """For a saga that is about nothing but what it requests."""


@frozen(kw_only=True)
class SagaRunner(Generic[Tx]):
    """
    Runs all sagas of one plan. Any number of these may be at work on the same ones, dead or alive: of those who record
    something, the first one wins, and the others look anew.

    Args:
        work: By the names of the steps.
        begin: Opens a transaction.
        events: The committed log.
        recorder: Puts what happens into envelopes; its clock tells the time.
        chance: Evenly distributed in [0, 1), anew at each call.
        recording: What else changes with a saga.
    """

    plan: SagaPlan
    work: Mapping[str, StepWork]
    begin: Callable[[], AbstractAsyncContextManager[Tx]]
    events: EventReader
    recorder: Recorder
    chance: Callable[[], float]
    recording: Recording = field(default=nothing_else)

    def __attrs_post_init__(self) -> None:
        for step in self.plan.steps:
            known = self.work.get(step.name)
            if known is None or (known.undo is None) != (step.undo is None):
                raise ValueError(f"work: {step.name!r} is not done and undone as the plan says")

    async def load(self, saga_id: UUID) -> Saga:
        """The saga as it is now; a new one if there is none."""
        recorded = await self.events.read_stream(self.stream(saga_id))
        return Saga(plan=self.plan).after_all([each.envelope for each in recorded])

    async def start(self, saga_id: UUID) -> None:
        """Begin one; nothing where that was done."""
        await self._record(saga_id, lambda saga: rules.start(saga, at=self.recorder.clock()))

    async def give_up(self, saga_id: UUID, reason: str | None = None) -> None:
        """Have one go back, also from its end; nothing where there is none."""
        await self._record(saga_id, lambda saga: rules.give_up(saga, reason))

    async def wake(self, saga_id: UUID) -> None:
        """Do what time asks for, in answer to the saga's last event."""
        saga = await self.load(saga_id)
        origin = saga.origin
        with acting_for(Origin(origin.correlation_id, saga.latest, origin.user_id, origin.traceparent)):
            await self._record(saga_id, lambda saga: rules.wake(saga, at=self.recorder.clock()), known=saga)

    async def retry(self, saga_id: UUID) -> bool:
        """Try again what needs a person; tell whether there was something."""
        return await self._by_hand(saga_id, rules.retry)

    async def abandon(self, saga_id: UUID) -> bool:
        """Go on without what a person has put right; tell whether there was something."""
        return await self._by_hand(saga_id, rules.abandon)

    async def answer(self, recorded: RecordedEvent) -> None:
        """
        Do what *recorded* asks for, if it is still asked for.

        Raises:
            UnavailableError: nothing goes on at all; ask again later.
        """
        saga_id = recorded.stream.id
        saga = await self.load(saga_id)
        pending = saga.pending
        if pending is None or pending.trigger != recorded.envelope.id or pending.due_at or saga.attention:
            return
        work = self.work[pending.step]
        do = work.undo if pending.is_undo else work.do
        assert do
        is_settling = saga.phase is Phase.BACKWARD and not pending.is_undo
        outcome = await _outcome(do, Request(saga_id, pending.key, is_settling, saga.keys))

        def told(outcome: Outcome) -> Callable[[Saga], Events]:
            said = Report(pending.trigger, pending.key, outcome, self.recorder.clock(), self.chance())
            return lambda saga: rules.report(saga, said)

        try:
            await self._record(saga_id, told(outcome), known=saga)
        except StepRefusedError as refused:
            await self._record(saga_id, told(Refused(refused.reason)))

    async def _by_hand(self, saga_id: UUID, decide: Callable[[Saga], Events]) -> bool:
        saga = await self.load(saga_id)
        if not saga.version:
            raise SagaNotFoundError(saga_id)
        origin = saga.origin
        with acting_for(Origin(origin.correlation_id, saga.latest)):
            return await self._record(saga_id, decide, known=saga)

    async def _record(
        self, saga_id: UUID, decide: Callable[[Saga], Events], *, known: Saga | None = None
    ) -> bool:
        """Record what follows, anew where somebody else was faster; tell whether there was something."""
        while True:
            saga = known or await self.load(saga_id)
            happened: Sequence[Event] = decide(saga)
            if not happened:
                return False
            try:
                async with self.begin() as tx:
                    envelopes = self.recorder(happened)
                    await self.recording(tx, saga_id, envelopes)
                    await tx.events.append(self.stream(saga_id), envelopes, saga.version)
            except ConcurrencyConflictError:
                known = None
                continue
            return True

    def stream(self, saga_id: UUID) -> StreamId:
        """Where the events of a saga are."""
        return StreamId(self.plan.category, saga_id)


async def _outcome(do: Work, request: Request) -> Outcome:
    try:
        return await do(request)
    except UnavailableError:
        raise
    except Exception as error:  # noqa: BLE001 - it may have been done, and is asked for again
        return PutOff(cause=type(error).__name__)
