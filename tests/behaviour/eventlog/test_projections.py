"""What a projection makes of events, told without a store."""

from uuid import uuid4

import pytest
from attrs import evolve

from builders.events import a_stream, notes
from builders.projections import TALLY
from quayside.core.eventlog import DocumentProjection, RecordedEvent, StreamId


def recorded(*texts: str, stream: StreamId | None = None) -> list[RecordedEvent]:
    stream = stream or a_stream()
    return [RecordedEvent(nth, stream, nth, envelope) for nth, envelope in enumerate(notes(*texts), start=1)]


def test_events_are_folded_into_the_document_under_their_key() -> None:
    assert TALLY.folded(recorded("a", "b", "a")) == {"a": {"times": 2}, "b": {"times": 1}}


def test_a_fold_may_delete_and_begin_anew() -> None:
    assert TALLY.folded(recorded("a", "a", "b", "-a", "-b", "a")) == {"a": {"times": 1}}


def test_what_is_not_wanted_changes_nothing() -> None:
    assert TALLY.folded(recorded("a", stream=a_stream("rumour"))) == {}


def test_what_has_no_key_changes_nothing() -> None:
    assert evolve(TALLY, key=lambda _: None).folded(recorded("a")) == {}


def test_a_document_is_kept_under_its_streams_id_unless_told_otherwise() -> None:
    stream_id = uuid4()
    last = DocumentProjection(name="last", fold=lambda _, it: {"version": it.version})

    assert last.folded(recorded("a", "b", stream=a_stream(stream_id=stream_id))) == {
        str(stream_id): {"version": 2}
    }


@pytest.mark.parametrize("name", ["", "Tally", "2nd", "tally_up", "t" * 41, "job", "job-done"])
def test_a_name_is_short_and_in_lower_case(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        evolve(TALLY, name=name)
