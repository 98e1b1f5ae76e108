"""What every event log does (`core.eventlog.EventLog`, `EventReader`)."""

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from attrs import evolve

from builders.events import Noted, a_stream, notes
from quayside.core.eventlog import BeginLog, EventEnvelope, EventId, EventReader, RecordedEvent, StreamId
from quayside.core.kernel import ConcurrencyConflictError, UserId


async def appended(
    begin: BeginLog, stream: StreamId, envelopes: tuple[EventEnvelope, ...], expected_version: int | None
) -> int:
    async with begin() as tx:
        return await tx.events.append(stream, envelopes, expected_version)


async def texts(events: EventReader, stream: StreamId) -> list[str]:
    return [recorded.event.text for recorded in await events.read_stream(stream)]  # type: ignore[attr-defined]


async def test_what_was_appended_is_read_back_in_order(begin: BeginLog, events: EventReader) -> None:
    stream, envelopes = a_stream(), notes("a", "b", "c")

    assert await appended(begin, stream, envelopes[:2], 0) == 2
    assert await appended(begin, stream, envelopes[2:], 2) == 3

    recorded = await events.read_stream(stream)
    assert [each.envelope for each in recorded] == list(envelopes)
    assert [each.version for each in recorded] == [1, 2, 3]
    assert {each.stream for each in recorded} == {stream}
    assert recorded[0].position < recorded[1].position < recorded[2].position


async def test_all_that_is_known_about_an_event_is_kept(begin: BeginLog, events: EventReader) -> None:
    envelope = EventEnvelope(
        id=EventId(uuid4()),
        event=Noted("x"),
        occurred_at=datetime(2026, 2, 28, 23, 59, 59, 999999, UTC),
        correlation_id=uuid4(),
        causation_id=EventId(uuid4()),
        user_id=UserId(uuid4()),
        traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    )
    stream = a_stream()

    await appended(begin, stream, (envelope,), 0)

    [recorded] = await events.read_stream(stream)
    assert recorded == RecordedEvent(recorded.position, stream, 1, envelope)
    assert recorded.envelope.occurred_at.utcoffset() == UTC.utcoffset(None)


async def test_events_whose_text_has_breaks_are_kept_apart(begin: BeginLog, events: EventReader) -> None:
    stream, noted = a_stream(), ["one\ntwo", "", "\tthree\r\n", "\x1f|\u2028"]

    await appended(begin, stream, notes(*noted), 0)

    assert await texts(events, stream) == noted


async def test_events_of_a_batch_keep_what_they_share_and_what_they_do_not(
    begin: BeginLog, events: EventReader
) -> None:
    full = EventEnvelope(
        id=EventId(uuid4()),
        event=Noted("x"),
        occurred_at=datetime(2026, 2, 28, 23, 59, 59, 999999, UTC),
        correlation_id=uuid4(),
        causation_id=EventId(uuid4()),
        user_id=UserId(uuid4()),
        traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    )
    alike = evolve(full, id=EventId(uuid4()))
    unlike = [
        evolve(full, id=EventId(uuid4()), causation_id=None),
        evolve(full, id=EventId(uuid4()), user_id=None),
        evolve(full, id=EventId(uuid4()), traceparent=None),
    ]

    for envelopes in (full, alike), *((full, alike, other) for other in unlike):
        stream = a_stream()
        await appended(begin, stream, envelopes, 0)

        assert [each.envelope for each in await events.read_stream(stream)] == list(envelopes)


async def test_an_unknown_stream_is_empty(events: EventReader) -> None:
    assert list(await events.read_stream(a_stream())) == []


async def test_a_stale_append_is_refused_and_leaves_nothing(begin: BeginLog, events: EventReader) -> None:
    stream = a_stream()
    await appended(begin, stream, notes("a", "b"), 0)

    with pytest.raises(ConcurrencyConflictError) as refusal:
        await appended(begin, stream, notes("late"), 1)

    assert (refusal.value.expected, refusal.value.actual) == (1, 2)
    assert str(stream) in refusal.value.message
    assert await texts(events, stream) == ["a", "b"]


async def test_a_stream_that_is_there_cannot_be_new(begin: BeginLog, events: EventReader) -> None:
    stream = a_stream()
    await appended(begin, stream, notes("a"), 0)

    with pytest.raises(ConcurrencyConflictError):
        await appended(begin, stream, notes("b"), 0)

    assert await texts(events, stream) == ["a"]


async def test_a_version_that_was_never_reached_is_refused(begin: BeginLog, events: EventReader) -> None:
    stream = a_stream()

    with pytest.raises(ConcurrencyConflictError) as missing:
        await appended(begin, stream, notes("a"), 3)
    await appended(begin, stream, notes("a"), 0)
    with pytest.raises(ConcurrencyConflictError) as ahead:
        await appended(begin, stream, notes("b"), 3)

    assert (missing.value.actual, ahead.value.actual) == (0, 1)
    assert await texts(events, stream) == ["a"]


async def test_without_an_expected_version_events_go_to_the_end(begin: BeginLog, events: EventReader) -> None:
    stream = a_stream()

    assert await appended(begin, stream, notes("a"), None) == 1
    assert await appended(begin, stream, notes("b", "c"), None) == 3

    assert await texts(events, stream) == ["a", "b", "c"]


async def test_the_same_events_again_are_the_success_they_were(begin: BeginLog, events: EventReader) -> None:
    stream, first, second = a_stream(), notes("a", "b"), notes("c")
    await appended(begin, stream, first, 0)

    assert await appended(begin, stream, first, 0) == 2
    await appended(begin, stream, second, 2)
    assert await appended(begin, stream, first, 0) == 2
    assert await appended(begin, stream, second, 2) == 3

    assert await texts(events, stream) == ["a", "b", "c"]


@pytest.mark.parametrize(
    "again", [slice(0, 1), slice(1, 2), slice(None, None, -1)], ids=["first", "second", "reversed"]
)
async def test_a_batch_that_is_not_the_same_is_no_repetition(
    begin: BeginLog, events: EventReader, again: slice
) -> None:
    stream, batch = a_stream(), notes("a", "b")
    await appended(begin, stream, batch, 0)

    with pytest.raises(ConcurrencyConflictError):
        await appended(begin, stream, batch[again] + notes("new"), 0)

    assert await texts(events, stream) == ["a", "b"]


async def test_an_append_of_nothing_only_checks_the_version(begin: BeginLog, events: EventReader) -> None:
    stream = a_stream()

    assert await appended(begin, stream, (), 0) == 0
    await appended(begin, stream, notes("a"), 0)
    assert await appended(begin, stream, (), 1) == 1
    assert await appended(begin, stream, (), None) == 1
    with pytest.raises(ConcurrencyConflictError):
        await appended(begin, stream, (), 0)

    assert await texts(events, stream) == ["a"]


async def test_one_id_in_two_categories_is_two_streams(begin: BeginLog, events: EventReader) -> None:
    order = a_stream("order")
    payment = a_stream("payment", order.id)

    await appended(begin, order, notes("ordered"), 0)
    await appended(begin, payment, notes("paid"), 0)

    assert await texts(events, order) == ["ordered"]
    assert await texts(events, payment) == ["paid"]


async def test_part_of_a_stream_can_be_read(begin: BeginLog, events: EventReader) -> None:
    stream = a_stream()
    await appended(begin, stream, notes("a", "b", "c", "d"), 0)

    part = await events.read_stream(stream, after_version=1, limit=2)

    assert [recorded.version for recorded in part] == [2, 3]
    assert list(await events.read_events(stream, after_version=1, limit=2)) == [Noted("b"), Noted("c")]
    assert list(await events.read_stream(stream, after_version=4)) == []
    assert list(await events.read_events(stream, after_version=4)) == []


async def test_what_happened_in_a_stream_is_read_without_its_recording(
    begin: BeginLog, events: EventReader
) -> None:
    stream, other = a_stream(), a_stream()
    await appended(begin, stream, notes("a", "b"), 0)
    await appended(begin, other, notes("c"), 0)

    assert list(await events.read_events(stream)) == [Noted("a"), Noted("b")]
    assert list(await events.read_events(a_stream())) == []
    async with begin() as tx:
        await tx.events.append(stream, notes("d"), 2)
        assert list(await tx.events.read_events(stream)) == [Noted("a"), Noted("b"), Noted("d")]


async def test_the_log_is_read_in_one_order_over_all_streams(begin: BeginLog, events: EventReader) -> None:
    one, other = a_stream(), a_stream()
    await appended(begin, one, notes("a"), 0)
    [start] = await events.read_stream(one)
    await appended(begin, other, notes("b"), 0)
    await appended(begin, one, notes("c", "d"), 1)

    after = await events.read_all(after_position=start.position)

    assert [(each.stream, each.version) for each in after] == [(other, 1), (one, 2), (one, 3)]
    assert await events.read_all(after_position=start.position, limit=2) == after[:2]
    assert await events.read_all(after_position=after[0].position) == after[1:]
    assert list(await events.read_all(after_position=after[-1].position)) == []


async def test_a_refused_append_leaves_no_gap(begin: BeginLog, events: EventReader) -> None:
    stream = a_stream()
    await appended(begin, stream, notes("a"), 0)
    for _ in range(3):
        with pytest.raises(ConcurrencyConflictError):
            await appended(begin, stream, notes("late"), 0)
    await appended(begin, stream, notes("b"), 1)

    first, second = await events.read_stream(stream)

    assert second.position == first.position + 1


async def test_a_big_batch_keeps_its_order(begin: BeginLog, events: EventReader) -> None:
    stream, batch = a_stream(), notes(*map(str, range(1_000)))

    assert await appended(begin, stream, batch, 0) == 1_000

    recorded = await events.read_stream(stream)
    assert [each.envelope for each in recorded] == list(batch)
    assert [each.version for each in recorded] == list(range(1, 1_001))
    assert [each.position for each in recorded] == sorted(each.position for each in recorded)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Zwölf Rosen 🌹",
        "\U00010348 \u200f עברית \u2028 e\u0301",
        "\"'\\ %s {} \t\r\n \x01",
        "null",
        "x" * 1_000_000,
    ],
    ids=["empty", "emoji", "scripts", "escapes", "null", "a million characters"],
)
async def test_any_text_comes_back_as_it_was(begin: BeginLog, events: EventReader, text: str) -> None:
    stream = a_stream()

    await appended(begin, stream, notes(text), 0)

    assert await texts(events, stream) == [text]


async def test_of_racing_appends_one_wins_each_version(begin: BeginLog, events: EventReader) -> None:
    stream = a_stream()

    async def write_once(name: str) -> int:
        """Give up only when written; count the refusals."""
        for refusals in range(100):
            expected = len(await events.read_stream(stream))
            try:
                await appended(begin, stream, notes(name), expected)
            except ConcurrencyConflictError:
                continue
            return refusals
        pytest.fail("somebody must win each round")

    await asyncio.gather(*(write_once(str(n)) for n in range(20)))

    recorded = await events.read_stream(stream)
    assert [each.version for each in recorded] == list(range(1, 21))
    assert sorted(await texts(events, stream), key=int) == [str(n) for n in range(20)]


async def test_of_twenty_writers_that_expect_the_same_version_one_wins(
    begin: BeginLog, events: EventReader
) -> None:
    stream = a_stream()

    outcomes = await asyncio.gather(
        *(appended(begin, stream, notes(str(n)), 0) for n in range(20)), return_exceptions=True
    )

    assert outcomes.count(1) == 1
    assert sum(isinstance(outcome, ConcurrencyConflictError) for outcome in outcomes) == 19
    assert len(await events.read_stream(stream)) == 1


async def test_racing_appends_that_expect_no_version_all_succeed(
    begin: BeginLog, events: EventReader
) -> None:
    stream = a_stream()

    versions = await asyncio.gather(*(appended(begin, stream, notes(str(n)), None) for n in range(20)))

    assert sorted(versions) == list(range(1, 21))
    assert [each.version for each in await events.read_stream(stream)] == list(range(1, 21))
