"""Stored events that cannot be read are counted, and warned of once."""

import io
import json

import pytest

from quayside.adapters.serialization import MsgspecEventCodec
from quayside.adapters.telemetry.logging import configure_logging
from quayside.adapters.telemetry.metrics import PrometheusMetrics
from quayside.adapters.telemetry.unreadable_events import UnreadableEventReport
from quayside.core.eventlog import MalformedEventError
from quayside.entrypoints.composition import EVENTS


def test_each_is_counted_and_the_first_of_its_type_and_version_warned_of() -> None:
    stream, metrics = io.StringIO(), PrometheusMetrics()
    configure_logging("info", "json", stream)
    codec = MsgspecEventCodec(
        EVENTS,
        observe_unknown=UnreadableEventReport("unknown event", metrics.observe_unknown_event),
        observe_malformed=UnreadableEventReport("malformed event", metrics.observe_malformed_event),
    )

    for form in (("Forgotten", 3), ("Forgotten", 3), ("Forgotten", 4)):
        codec.decode(*form, "{}")
    for _ in range(2):
        with pytest.raises(MalformedEventError):
            codec.decode("UserRegistered", 1, "[]")

    text = metrics.render().decode()
    assert 'quayside_unknown_events_total{schema_version="3",type="Forgotten"} 2.0' in text
    assert 'quayside_unknown_events_total{schema_version="4",type="Forgotten"} 1.0' in text
    assert 'quayside_malformed_events_total{schema_version="1",type="UserRegistered"} 2.0' in text
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [(line["event"], line["level"], line["type"], line["schema_version"]) for line in lines] == [
        ("unknown event", "warning", "Forgotten", 3),
        ("unknown event", "warning", "Forgotten", 4),
        ("malformed event", "warning", "UserRegistered", 1),
    ]
