"""Any course of transactions leaves in the log what a dictionary of lists would hold."""

from collections import defaultdict
from contextlib import suppress

import pytest
from attrs import frozen
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders.events import a_stream, notes
from quayside.core.eventlog import BeginLog, EventId, EventReader, StreamId
from quayside.core.kernel import ConcurrencyConflictError


@frozen
class Append:
    """
    Args:
        stream: Which of a few streams.
        count: How many events.
        off_by: How far the expected version is from the right one; None expects none.
    """

    stream: int
    count: int
    off_by: int | None


appends = st.builds(
    Append, st.integers(0, 2), st.integers(0, 3), st.one_of(st.none(), st.sampled_from([0, 0, 0, -1, 1]))
)
transactions = st.tuples(st.lists(appends, max_size=4), st.booleans())


class GivenUpError(Exception):
    """Ends a transaction without a commit."""


# The store is shared by all examples: each has streams of its own, and reads from where the log ended before it.
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(course=st.lists(transactions, max_size=6))
async def test_the_log_holds_what_the_committed_appends_say(
    begin: BeginLog, events: EventReader, course: list[tuple[list[Append], bool]]
) -> None:
    streams = [a_stream() for _ in range(3)]
    model: dict[StreamId, list[EventId]] = defaultdict(list)
    before = await events.read_all(limit=1_000_000)

    for planned, commits in course:
        model = await carried_out(begin, streams, model, planned, commits=commits)

    after = await events.read_all(after_position=before[-1].position if before else 0, limit=1_000_000)
    for stream in streams:
        recorded = await events.read_stream(stream)
        assert [each.envelope.id for each in recorded] == model[stream]
        assert [each.version for each in recorded] == list(range(1, len(recorded) + 1))
        assert [each for each in after if each.stream == stream] == list(recorded)
    assert len(after) == sum(map(len, model.values()))
    assert [each.position for each in after] == sorted({each.position for each in after})


async def carried_out(
    begin: BeginLog,
    streams: list[StreamId],
    model: dict[StreamId, list[EventId]],
    planned: list[Append],
    *,
    commits: bool,
) -> dict[StreamId, list[EventId]]:
    """Run one transaction; give what the model holds after it."""
    staged = defaultdict(list, {stream: list(ids) for stream, ids in model.items()})
    with suppress(GivenUpError):
        async with begin() as tx:
            for append in planned:
                stream, envelopes = streams[append.stream], notes(*"abc"[: append.count])
                actual = len(staged[stream])
                expected = None if append.off_by is None else max(0, actual + append.off_by)
                if expected is None or expected == actual:
                    staged[stream] += [envelope.id for envelope in envelopes]
                    assert await tx.events.append(stream, envelopes, expected) == len(staged[stream])
                else:
                    with pytest.raises(ConcurrencyConflictError) as refusal:
                        await tx.events.append(stream, envelopes, expected)
                    assert (refusal.value.expected, refusal.value.actual) == (expected, actual)
                own = await tx.events.read_stream(stream)
                assert [each.envelope.id for each in own] == staged[stream]
            if not commits:
                raise GivenUpError
        return staged
    return model
