"""Stored events that this release does not know are counted, and warned of once."""

import io
import json

from quayside.adapters.telemetry.logging import configure_logging
from quayside.adapters.telemetry.metrics import PrometheusMetrics
from quayside.adapters.telemetry.unknown_events import UnknownEventReport


def test_each_is_counted_and_the_first_of_its_type_and_version_warned_of() -> None:
    stream, metrics = io.StringIO(), PrometheusMetrics()
    configure_logging("info", "json", stream)
    report = UnknownEventReport(metrics)

    for form in (("OrderPlaced", 3), ("OrderPlaced", 3), ("OrderPlaced", 4)):
        report(*form)

    text = metrics.render().decode()
    assert 'quayside_unknown_events_total{schema_version="3",type="OrderPlaced"} 2.0' in text
    assert 'quayside_unknown_events_total{schema_version="4",type="OrderPlaced"} 1.0' in text
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [(line["event"], line["level"], line["type"], line["schema_version"]) for line in lines] == [
        ("unknown event", "warning", "OrderPlaced", 3),
        ("unknown event", "warning", "OrderPlaced", 4),
    ]
