"""What every follower of the log does (`core.eventlog.LogFollower`), whoever has what open meanwhile."""

import asyncio

import pytest
from attrs import define, field, frozen
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders.events import Noted, a_stream, notes
from builders.transactions import OpenTransaction, held_open, opened
from quayside.core.eventlog import (
    BeginLog,
    Event,
    EventFilter,
    EventReader,
    LogFollower,
    LogSetBackError,
    RecordedEvent,
    StreamId,
)


@frozen
class Crossed(Event):
    """Somebody crossed something out; never appended here."""


@define
class Subscriber:
    """Follows the log from a position on, and keeps what it was given."""

    follower: LogFollower
    position: int
    received: list[RecordedEvent] = field(factory=list)

    async def catch_up(self, limit: int = 500) -> None:
        """Read until there is no more, or a gap."""
        while True:
            before = self.position
            stretch = await self.follower.read(after_position=before, limit=limit)
            assert [each.position for each in stretch.events] == sorted(
                {each.position for each in stretch.events}
            )
            assert all(before < each.position <= stretch.position for each in stretch.events)
            self.received += stretch.events
            self.position = stretch.position
            if stretch.position == before:
                return

    @property
    def texts(self) -> list[str]:
        return [each.event.text for each in self.received]  # type: ignore[attr-defined]


@pytest.fixture
async def subscriber(follower: LogFollower) -> Subscriber:
    """At the end of the log."""
    return Subscriber(follower, await follower.end())


async def appended(begin: BeginLog, *texts: str, stream: StreamId | None = None) -> None:
    async with begin() as tx:
        await tx.events.append(stream or a_stream(), notes(*texts), None)


async def test_beyond_the_end_of_the_log_there_is_nothing_to_follow(
    begin: BeginLog, follower: LogFollower
) -> None:
    await appended(begin, "a")
    end = await follower.end()

    assert (await follower.read(after_position=end)).position == end
    with pytest.raises(LogSetBackError):
        await follower.read(after_position=end + 1)


async def test_an_empty_log_has_nothing_to_follow(follower: LogFollower) -> None:
    stretch = await follower.read(after_position=0)

    assert (list(stretch.events), stretch.position, stretch.gap) == ([], 0, False)
    assert await follower.end() == 0


async def test_what_was_committed_is_delivered_in_order_and_once(
    begin: BeginLog, events: EventReader, subscriber: Subscriber
) -> None:
    start = subscriber.position
    for text in "abc":
        await appended(begin, text, text.upper())

    await subscriber.catch_up()
    await subscriber.catch_up()

    assert subscriber.received == list(await events.read_all(after_position=start))
    assert subscriber.texts == ["a", "A", "b", "B", "c", "C"]


async def test_a_log_is_followed_from_its_very_beginning(begin: BeginLog, follower: LogFollower) -> None:
    subscriber = Subscriber(follower, 0)
    await appended(begin, "a", "b")

    await subscriber.catch_up()

    assert subscriber.texts == ["a", "b"]


async def test_at_most_as_many_as_asked_for_are_looked_at(begin: BeginLog, subscriber: Subscriber) -> None:
    await appended(begin, *"abcde")
    start = subscriber.position

    stretch = await subscriber.follower.read(after_position=start, limit=2)
    none_of_them = EventFilter(categories=frozenset({"other"}))
    skipped = await subscriber.follower.read(after_position=start, limit=2, of=none_of_them)

    assert [each.version for each in stretch.events] == [1, 2]
    assert stretch.position == skipped.position == stretch.events[-1].position
    assert list(skipped.events) == []


@pytest.mark.parametrize(
    ("of", "wanted"),
    [
        (EventFilter(), ["ordered", "noted"]),
        (EventFilter(categories=frozenset({"order"})), ["ordered"]),
        (EventFilter(categories=frozenset({"order", "note"})), ["ordered", "noted"]),
        (EventFilter(categories=frozenset()), []),
        (EventFilter(types=frozenset({Noted})), ["ordered", "noted"]),
        (EventFilter(types=frozenset({Crossed})), []),
        (EventFilter(types=frozenset({Crossed, Noted})), ["ordered", "noted"]),
        (EventFilter(categories=frozenset({"order"}), types=frozenset({Crossed})), []),
    ],
)
async def test_only_what_is_wanted_is_delivered_and_all_is_passed(
    begin: BeginLog, subscriber: Subscriber, of: EventFilter, wanted: list[str]
) -> None:
    start = subscriber.position
    await appended(begin, "ordered", stream=a_stream("order"))
    await appended(begin, "noted", stream=a_stream("note"))

    stretch = await subscriber.follower.read(after_position=start, of=of)

    await subscriber.catch_up()
    assert stretch.position == subscriber.position
    assert [each.event.text for each in stretch.events] == wanted  # type: ignore[attr-defined]


@pytest.mark.parametrize("commits", [True, False], ids=["commits", "rolls back"])
async def test_a_writer_that_was_overtaken_is_not_passed_over(
    begin: BeginLog, subscriber: Subscriber, *, commits: bool
) -> None:
    await appended(begin, "first")
    async with held_open(begin) as slow:
        await slow.tx.events.append(a_stream(), notes("slow", "too"), None)
        await appended(begin, "fast")
        await subscriber.catch_up()
        await (slow.commit() if commits else slow.roll_back())

    await subscriber.catch_up()

    assert subscriber.texts[0] == "first"
    assert sorted(subscriber.texts[1:]) == (["fast", "slow", "too"] if commits else ["fast"])


async def test_subscribers_at_other_positions_share_a_follower(
    begin: BeginLog, subscriber: Subscriber
) -> None:
    await appended(begin, "a")
    ahead = Subscriber(subscriber.follower, await subscriber.follower.end())
    async with held_open(begin) as first, held_open(begin) as second:
        await first.tx.events.append(a_stream(), notes("first"), None)
        await appended(begin, "b")
        await ahead.catch_up()
        await second.tx.events.append(a_stream(), notes("second"), None)
        await appended(begin, "c")
        await subscriber.catch_up()
        await first.commit()
        await ahead.catch_up()
        await second.commit()

    await asyncio.gather(subscriber.catch_up(), ahead.catch_up())
    await asyncio.gather(subscriber.catch_up(), ahead.catch_up())

    assert sorted(subscriber.texts) == ["a", "b", "c", "first", "second"]
    assert subscriber.texts[1:] == ahead.texts


async def test_whatever_commits_after_the_end_was_told_comes_after_it(
    begin: BeginLog, follower: LogFollower
) -> None:
    async with held_open(begin) as slow:
        await slow.tx.events.append(a_stream(), notes("slow"), None)
        await appended(begin, "fast")
        end = asyncio.create_task(follower.end())
        await asyncio.sleep(0)
        told_before = end.done()
        await slow.commit()

    late = Subscriber(follower, await end)
    await appended(begin, "after")
    await late.catch_up()

    assert "after" in late.texts
    assert ("slow" in late.texts) == told_before


WRITERS = 3


@define
class Writers:
    """Some that each have a transaction open now and then, and a model of what is to be delivered."""

    begin: BeginLog
    streams: list[StreamId] = field(factory=lambda: [a_stream() for _ in range(WRITERS)])
    open: dict[int, OpenTransaction] = field(factory=dict)
    staged: dict[int, list[str]] = field(factory=dict)
    committed: list[list[str]] = field(factory=lambda: [[] for _ in range(WRITERS)])
    appends: int = 0

    async def append(self, writer: int, count: int) -> None:
        if writer not in self.open:
            self.open[writer] = await opened(self.begin)
            self.staged[writer] = []
        texts = [f"{self.appends}.{nth}" for nth in range(count)]
        self.appends += 1
        await self.open[writer].tx.events.append(self.streams[writer], notes(*texts), None)
        self.staged[writer] += texts

    async def end(self, writer: int, *, commits: bool) -> None:
        if transaction := self.open.pop(writer, None):
            await (transaction.commit() if commits else transaction.roll_back())
            self.committed[writer] += self.staged.pop(writer) if commits else []

    async def end_all(self) -> None:
        for writer in range(WRITERS):
            await self.end(writer, commits=True)


_writer = st.integers(0, WRITERS - 1)
steps = st.one_of(
    st.tuples(st.just("append"), _writer, st.integers(1, 3)),
    st.tuples(st.just("commit"), _writer, st.just(0)),
    st.tuples(st.just("roll back"), _writer, st.just(0)),
    st.tuples(st.just("read"), st.integers(0, 1), st.integers(1, 4)),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(course=st.lists(steps, min_size=12, max_size=30))
async def test_however_transactions_overlap_nothing_is_skipped_doubled_or_reordered(
    begin: BeginLog, follower: LogFollower, course: list[tuple[str, int, int]]
) -> None:
    end = await follower.end()
    subscribers = [Subscriber(follower, end) for _ in range(2)]
    writers = Writers(begin)

    try:
        for step, who, number in course:
            if step == "read":
                await subscribers[who].catch_up(limit=number)
            elif step == "append":
                await writers.append(who, number)
            else:
                await writers.end(who, commits=step == "commit")
    finally:
        await writers.end_all()

    for subscriber in subscribers:
        await subscriber.catch_up()
        received = subscriber.received
        assert [each.position for each in received] == sorted({each.position for each in received})
        for stream, texts in zip(writers.streams, writers.committed, strict=True):
            of_stream = [each for each in received if each.stream == stream]
            assert [each.event for each in of_stream] == [Noted(text) for text in texts]
            assert [each.version for each in of_stream] == list(range(1, len(texts) + 1))
        assert len(received) == sum(map(len, writers.committed))
