"""The event log from the command line: what happened, whether it is whole, and what could not be handled."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from click.testing import CliRunner, Result

from builders import NOON
from builders.shop import an_application
from quayside.core.eventlog import DeferredEvent, RecordedEvent
from quayside.core.identity import EmailVerified, UserRegistered
from quayside.core.kernel import UserId
from quayside.entrypoints.cli.main import quayside
from quayside.entrypoints.settings import load_settings

pytestmark = pytest.mark.usefixtures("shared_database")


def run(*arguments: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(quayside, ["events", *arguments], input=typed, catch_exceptions=False)


def lines(*arguments: str) -> list[dict[str, Any]]:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def shown(*arguments: str) -> Any:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def listed(*arguments: str) -> list[dict[str, Any]]:
    """What is parked."""
    data: list[dict[str, Any]] = shown("parked", "list", *arguments)["data"]
    return data


def has_happened(count: int = 1) -> Sequence[RecordedEvent]:
    """So many accounts were made, each with a verified address; gives the whole log."""

    async def happen() -> Sequence[RecordedEvent]:
        async with an_application(load_settings().settings, migrates=True) as application:
            for _ in range(count):
                who = UserId(uuid4())
                async with application.storage.begin() as tx:
                    await tx.audit.record(who, UserRegistered(who, NOON), EmailVerified(who, NOON))
            return await application.storage.events.read_all()

    return asyncio.run(happen())


def is_parked(*events: RecordedEvent, subscription: str = "mails") -> None:
    parked = [
        DeferredEvent(
            subscription=subscription,
            position=each.position,
            stream=each.stream,
            failures=8,
            error="ValueError: \x1b[31mno",
            parked_at=NOON,
        )
        for each in events
    ]

    async def park() -> None:
        async with an_application(load_settings().settings) as application:
            await application.storage.subscriptions.acquire(subscription, "a worker", 1)
            async with application.storage.begin() as tx:
                await tx.checkpoints.defer(parked)

    asyncio.run(park())


def harmed(conninfo: str, statement: bytes) -> None:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(statement)


def test_the_last_events_are_shown_in_the_order_of_the_log() -> None:
    happened = has_happened(6)

    last = lines("tail")
    [newest] = lines("tail", "-n", "1")

    assert [each["position"] for each in last] == [each.position for each in happened[-10:]]
    recorded = happened[-1]
    assert newest == {
        "position": recorded.position,
        "stream": str(recorded.stream),
        "version": 2,
        "type": "EmailVerified",
        "schema_version": 1,
        "id": str(recorded.envelope.id),
        "occurred_at": recorded.envelope.occurred_at.isoformat().replace("+00:00", "Z"),
        "correlation_id": str(recorded.envelope.correlation_id),
        "causation_id": None,
        "user_id": None,
        "traceparent": None,
        "data": {"user_id": str(recorded.stream.id), "at": f"{NOON:%Y-%m-%dT%H:%M:%SZ}"},
        "flaw": None,
    }


def test_people_get_a_line_for_each_event() -> None:
    [first, _] = has_happened()

    line, _ = run("tail").stdout.splitlines()

    assert line.startswith(
        f"{first.position}  {first.envelope.occurred_at:%Y-%m-%d %H:%M:%S}  {first.stream} 1  "
    )
    assert "UserRegistered {" in line


def test_many_are_shown_once_each_whatever_positions_were_never_filled(embedded_database: str) -> None:
    has_happened()
    left_out = (
        b"SELECT nextval(pg_get_serial_sequence('events', 'global_position')) FROM generate_series(1, 100)"
    )
    harmed(embedded_database, left_out)
    has_happened(250)

    positions = [each["position"] for each in lines("tail", "-n", "1000")]

    assert len(positions) == 502
    assert positions == sorted(set(positions))


def test_only_those_that_are_asked_for_are_shown() -> None:
    has_happened(2)

    assert {each["type"] for each in lines("tail", "--type", "EmailVerified")} == {"EmailVerified"}
    assert lines("tail", "--category", "payment") == []
    assert len(lines("tail", "--category", "payment", "--category", "access")) == 4
    assert lines("tail", "-n", "0") == []


def test_a_type_that_does_not_exist_is_wrong_usage() -> None:
    result = run("tail", "--type", "Sung")

    assert result.exit_code == 2
    assert "UserRegistered" in result.stderr


def test_a_log_that_is_whole_is_told_so() -> None:
    has_happened(2)

    report = shown("verify")

    assert report == {"events": 4, "streams": 2, "unknown": [], "flaws": [], "flaw_count": 0}
    assert run("verify").stderr == "4 events in 2 streams\n"


def test_a_log_that_is_not_whole_is_an_error_with_a_list(embedded_database: str) -> None:
    [_, event] = has_happened()
    harmed(embedded_database, b"UPDATE streams SET version = 3")

    result, for_programs = run("verify"), run("verify", "--json")

    assert result.exit_code == for_programs.exit_code == 1
    assert str(event.stream) in result.stdout
    assert result.stderr.splitlines()[-1] == "quayside: log_damaged: The log is not whole. (flaws=1)"
    [flaw] = json.loads(for_programs.stdout)["flaws"]
    assert (flaw["stream"], flaw["position"]) == (str(event.stream), event.position)


def test_what_this_release_does_not_know_is_told_and_no_error(embedded_database: str) -> None:
    has_happened()
    harmed(embedded_database, b"UPDATE events SET type = 'Sung', schema_version = 7 WHERE version = 2")

    assert shown("verify")["unknown"] == [{"type": "Sung", "schema_version": 7, "count": 1}]
    assert "1 of Sung in schema version 7" in run("verify").stderr
    assert lines("tail")[-1]["type"] == "Sung"


def test_what_is_parked_is_listed_and_shown() -> None:
    first, second = has_happened()
    is_parked(first)
    is_parked(second, subscription="audit")

    [mails, audit] = listed()
    one = shown("parked", "show", "mails", str(first.position))

    assert (mails["subscription"], mails["position"], mails["failures"]) == ("mails", first.position, 8)
    assert listed("--subscription", "audit") == [audit]
    assert one.pop("event")["id"] == str(first.envelope.id)
    assert one == mails
    table = run("parked", "list").stdout + run("parked", "show", "mails", str(first.position)).stdout
    assert str(first.stream) in table
    assert "\x1b" not in table


def test_what_is_parked_is_tried_again() -> None:
    first, second = has_happened()
    is_parked(first, second)

    assert run("parked", "retry", "mails", str(first.position)).exit_code == 0
    assert [each["position"] for each in listed()] == [second.position]


@pytest.mark.parametrize("verb", [["retry"], ["discard", "--yes"]])
def test_all_that_a_subscription_has_parked_is_seen_to_at_once(verb: list[str]) -> None:
    happened = has_happened(51)
    is_parked(*happened)
    is_parked(happened[0], subscription="audit")

    result = run("parked", *verb, "mails", "--all")

    assert result.stderr.startswith("102 ")
    assert [each["subscription"] for each in listed()] == ["audit"]


def test_nothing_is_discarded_without_a_yes() -> None:
    [first, _] = has_happened()
    is_parked(first)

    refused = run("parked", "discard", "mails", str(first.position), typed="n\n")
    assert refused.exit_code == 1
    assert len(listed()) == 1

    assert run("parked", "discard", "mails", str(first.position), typed="y\n").exit_code == 0
    assert listed() == []


@pytest.mark.parametrize("arguments", [["mails"], ["mails", "1", "--all"]])
def test_it_has_to_be_said_which_events_are_meant(arguments: list[str]) -> None:
    assert run("parked", "retry", *arguments).exit_code == 2


@pytest.mark.parametrize("verb", [["show"], ["retry"], ["discard", "--yes"]])
def test_what_is_not_parked_is_not_found(verb: list[str]) -> None:
    [first, second] = has_happened()
    is_parked(second)

    result = run("parked", *verb, "mails", str(first.position))

    assert result.exit_code == 1
    assert result.stderr.startswith("quayside: not_found: No such event is parked.")


@pytest.mark.parametrize(
    "command",
    [
        ["list", "--subscription", "mail"],
        ["show", "mail", "1"],
        ["retry", "mail", "--all"],
        ["discard", "mail", "--all", "--yes"],
    ],
)
def test_a_subscription_that_never_ran_has_nothing_to_be_looked_for(command: list[str]) -> None:
    result = run("parked", *command)

    assert result.exit_code == 1
    assert result.stderr.startswith("quayside: not_found: There is no such subscription.")
