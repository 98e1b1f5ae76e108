"""The rules of sagas (`core.fulfilment`): whatever comes in whatever order, each ends, and nothing is left over."""

from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st

from builders.sagas import TRIP
from quayside.core.eventlog import Event, EventEnvelope, EventId
from quayside.core.fulfilment import (
    KEEPS_FAILING,
    Outcome,
    Phase,
    PutOff,
    Refused,
    Saga,
    SagaCancelled,
    SagaCompleted,
    SagaGivenUp,
    StepAbandoned,
    StepCompensated,
    StepRefused,
    StepSucceeded,
    Stuck,
    Succeeded,
    saga_rules,
)

ENDS = (Phase.COMPLETED, Phase.CANCELLED)

outcomes = st.sampled_from(
    [Succeeded(), Succeeded(), PutOff(), PutOff(outcome_unknown=False), Refused("full"), Stuck("odd")]
)
acts = st.lists(
    st.one_of(
        st.tuples(st.just("answered"), outcomes),
        st.tuples(st.just("late"), outcomes),
        st.tuples(st.just("waits"), st.integers(0, 60)),
        st.tuples(st.sampled_from(["cancelled", "retried", "abandoned"]), st.none()),
    ),
    max_size=25,
)


@define(eq=False)
class Course:
    """What is done to one saga, and what it made of that."""

    saga: Saga = field(factory=lambda: Saga(plan=TRIP))
    now: datetime = datetime(2026, 3, 1, 12, tzinfo=UTC)
    events: list[Event] = field(factory=list)
    answered: list[saga_rules.Report] = field(factory=list)
    serial: "count[int]" = field(factory=count)

    def records(self, events: tuple[Event, ...]) -> None:
        for event in events:
            id_ = UUID(int=next(self.serial))
            self.saga = self.saga.after(EventEnvelope(EventId(id_), event, self.now, UUID(int=0)))
            self.events.append(event)

    def take(self, act: str, detail: object) -> None:
        match act, detail:
            case "answered", outcome if self.saga.pending:
                self.answers(outcome)  # type: ignore[arg-type]
            case "late", outcome if self.answered:
                told = self.answered[len(self.events) % len(self.answered)]
                self.records(saga_rules.report(self.saga, told))
            case "waits", int(seconds):
                self.now += timedelta(seconds=seconds)
                self.records(saga_rules.wake(self.saga, at=self.now))
            case "cancelled", _:
                self.records(saga_rules.give_up(self.saga))
            case "retried", _:
                self.records(saga_rules.retry(self.saga))
            case "abandoned", _:
                self.records(saga_rules.abandon(self.saga))

    def answers(self, outcome: Outcome) -> None:
        pending = self.saga.pending
        assert pending
        told = saga_rules.Report(pending.trigger, pending.key, outcome, self.now, chance=0.5)
        self.answered.append(told)
        self.records(saga_rules.report(self.saga, told))

    def of(self, *kinds: type[Event]) -> list[str]:
        return [event.step for event in self.events if isinstance(event, kinds)]  # type: ignore[attr-defined]


@given(acts)
def test_a_saga_ends_whatever_happened_once_everything_answers(course_of: list[tuple[str, object]]) -> None:
    course = Course()
    course.records(saga_rules.start(course.saga, at=course.now))
    for act, detail in course_of:
        course.take(act, detail)

    for _ in range(20):
        course.records(saga_rules.retry(course.saga))
        if course.saga.pending:
            course.answers(Succeeded())

    assert course.saga.phase in ENDS
    assert course.saga.pending is None
    assert course.saga.wakes_at is None


@given(acts)
def test_what_succeeded_is_undone_in_reverse_and_nothing_else_is(course_of: list[tuple[str, object]]) -> None:
    course = Course()
    course.records(saga_rules.start(course.saga, at=course.now))
    for act, detail in [*course_of, *[("answered", Succeeded())] * 10]:
        course.take("retried", None)
        course.take(act, detail)

    succeeded = [step for step in course.of(StepSucceeded) if TRIP.step(step).undo]
    undone = [each for each in course.of(StepCompensated, StepAbandoned) if each in succeeded]
    if course.saga.phase is Phase.CANCELLED:
        assert undone == succeeded[::-1]
    else:
        assert undone == []
        assert course.of(StepSucceeded) == ["flight", "hotel", "car"]
    assert {*course.of(StepCompensated)} <= {*succeeded}
    assert len(undone) == len({*undone})


@given(acts)
def test_an_outcome_is_told_once_however_often_it_comes(course_of: list[tuple[str, object]]) -> None:
    course = Course()
    course.records(saga_rules.start(course.saga, at=course.now))
    for act, detail in course_of:
        course.take(act, detail)
        for told in course.answered[:-1]:
            if course.saga.pending is None or told.key != course.saga.pending.key:
                assert saga_rules.report(course.saga, told) == ()

    steps = course.of(StepSucceeded, StepRefused)
    assert len(steps) == len({*steps})
    ends = [event for event in course.events if isinstance(event, SagaCompleted | SagaCancelled)]
    assert ends == [*{*ends}]
    assert len([event for event in course.events if isinstance(event, SagaGivenUp)]) <= 1


@given(acts)
def test_no_saga_goes_forward_beyond_its_deadline(course_of: list[tuple[str, object]]) -> None:
    course = Course()
    course.records(saga_rules.start(course.saga, at=course.now))
    for act, detail in course_of:
        course.take(act, detail)

    course.now += TRIP.deadline
    course.records(saga_rules.wake(course.saga, at=course.now))

    assert course.saga.phase is not Phase.FORWARD


@given(acts)
def test_what_is_known_of_a_saga_follows_from_its_events_alone(course_of: list[tuple[str, object]]) -> None:
    course = Course()
    course.records(saga_rules.start(course.saga, at=course.now))
    for act, detail in course_of:
        before = course.saga
        course.take(act, detail)
        assert saga_rules.start(course.saga, at=course.now) == ()
        assert (course.saga.version > before.version) or course.saga is before
    assert course.saga.version == len(course.events)


def test_what_was_tried_in_vain_before_it_was_given_up_does_not_count_afterwards() -> None:
    course = Course()
    course.records(saga_rules.start(course.saga, at=course.now))

    while course.saga.phase is Phase.FORWARD:
        course.answers(PutOff())
        course.take("waits", 4)

    for attempt in (1, 2):
        course.answers(PutOff())
        assert course.saga.pending
        assert (course.saga.attention, course.saga.pending.attempts) == (None, attempt)
        course.take("waits", 4)
    course.answers(PutOff())
    assert course.saga.attention == KEEPS_FAILING
