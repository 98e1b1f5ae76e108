"""Views of the log from the command line, and the trail of what each user did."""

import asyncio
import json
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from attrs import frozen
from click.testing import CliRunner, Result

from builders.shop import an_application
from quayside.core.eventlog import Origin, acting_for
from quayside.core.identity import Registration, Role
from quayside.core.kernel import Secret, UserId
from quayside.entrypoints.cli.main import quayside
from quayside.entrypoints.settings import load_settings

pytestmark = pytest.mark.usefixtures("shared_database")


@frozen
class Story:
    """An account was made by nobody known, then given a role by an admin."""

    admin_id: UUID
    user_id: UUID


@pytest.fixture
def story() -> Story:
    admin_id = UserId(uuid4())

    async def happen() -> Story:
        async with an_application(load_settings().settings) as application:
            ada = Registration("Ada", "ada@shop.example", Secret("Analytical Engine 1843"))
            user = await application.identity.register_user(ada)
            with acting_for(Origin(user_id=admin_id)):
                await application.identity.set_roles.change(user.id, add=[Role.STAFF])
        return Story(admin_id, user.id)

    return asyncio.run(happen())


def run(*arguments: str) -> Result:
    return CliRunner().invoke(quayside, arguments, catch_exceptions=False)


def data_of(*arguments: str) -> list[dict[str, Any]]:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    shown: list[dict[str, Any]] = json.loads(result.stdout)["data"]
    return shown


def generations(view: str = "events-by-actor") -> list[dict[str, Any]]:
    """What is listed of one view."""
    return [state for state in data_of("projections", "list") if state["projection"] == view]


def test_a_view_that_nobody_has_built_is_listed_and_not_read(story: Story) -> None:
    [state] = generations()
    listed = run("events", "list", "--actor", str(story.admin_id))

    assert (state["projection"], state["declared_version"], state["status"]) == ("events-by-actor", 1, None)
    assert listed.exit_code == 3
    assert listed.stderr.splitlines()[-1].startswith("quayside: service_unavailable: ")


def test_a_rebuilt_view_takes_the_place_of_the_one_before(story: Story) -> None:
    assert run("projections", "rebuild", "events-by-actor").exit_code == 0
    [former] = generations()

    assert run("projections", "rebuild", "events-by-actor").exit_code == 0

    latter = generations()[-1]
    assert latter["status"] == "live"
    assert latter["generation"] > former["generation"]
    assert latter["position"] == latter["newest"] > 0


def test_what_fills_a_view_is_not_reset(story: Story) -> None:
    run("projections", "rebuild", "events-by-actor")
    [before] = generations()

    result = run("subscriptions", "reset", f"events-by-actor-{before['generation']}", "--yes")

    assert result.exit_code == 2
    assert "quayside projections rebuild events-by-actor" in " ".join(result.stderr.split())
    assert generations() == [before]


def test_what_somebody_did_is_listed_though_nobody_here_can_read_it(
    story: Story, embedded_database: str
) -> None:
    with psycopg.connect(embedded_database, autocommit=True) as connection:
        connection.execute("UPDATE events SET type = 'RolesBlessed' WHERE user_id = %s", (story.admin_id,))

    assert run("projections", "rebuild", "events-by-actor").exit_code == 0

    [act] = data_of("events", "list", "--actor", str(story.admin_id))
    assert act["type"] == "RolesBlessed"


def test_views_are_shown_to_people_as_a_table(story: Story) -> None:
    run("projections", "rebuild", "events-by-actor")

    shown = run("projections", "list").stdout.split()

    assert {"events-by-actor", "live"} <= {*shown}


def test_only_what_is_declared_is_rebuilt() -> None:
    result = run("projections", "rebuild", "sums")

    assert result.exit_code == 1
    assert result.stderr.startswith("quayside: not_found: ")


def test_what_somebody_did_is_listed_newest_first_and_what_others_did_is_not(story: Story) -> None:
    run("projections", "rebuild", "events-by-actor")

    [act] = data_of("events", "list", "--actor", str(story.admin_id))

    assert (act["stream"], act["version"], act["type"]) == (f"user/{story.user_id}", 2, "RolesChanged")
    assert data_of("events", "list", "--actor", str(story.user_id)) == []
    before = ("--before", str(act["position"]))
    assert data_of("events", "list", "--actor", str(story.admin_id), *before) == []
    assert "RolesChanged" in run("events", "list", "--actor", str(story.admin_id)).stdout


def test_whoever_reads_a_view_that_is_behind_is_told_so(story: Story) -> None:
    run("projections", "rebuild", "events-by-actor")

    async def goes_on() -> None:
        async with an_application(load_settings().settings) as application:
            await application.identity.set_roles.change(UserId(story.user_id), remove=[Role.STAFF])

    asyncio.run(goes_on())
    result = run("events", "list", "--actor", str(story.admin_id))

    assert result.exit_code == 0
    assert "is a worker running?" in result.stderr


def test_every_event_of_a_stream_is_shown_with_who_acted(story: Story) -> None:
    registered, changed = data_of("events", "show", f"user/{story.user_id}")

    assert (registered["version"], registered["type"], registered["user_id"]) == (1, "UserRegistered", None)
    assert (changed["version"], changed["user_id"]) == (2, str(story.admin_id))
    assert changed["data"]["user_id"] == str(story.user_id)
    assert str(story.admin_id) in run("events", "show", f"user/{story.user_id}").stdout


def test_an_event_that_is_not_valid_is_shown_as_what_it_is_and_hides_no_other(
    story: Story, embedded_database: str
) -> None:
    with psycopg.connect(embedded_database) as connection:
        connection.execute("UPDATE events SET data = '{\"odd\": 1}' WHERE type = 'UserRegistered'")

    registered, changed = data_of("events", "show", f"user/{story.user_id}")

    assert (registered["flaw"], registered["data"]) == ("malformed", {"odd": 1})
    assert (changed["flaw"], changed["version"]) == (None, 2)
    assert "UserRegistered (malformed)" in run("events", "show", f"user/{story.user_id}").stdout
    assert "UserRegistered (malformed)" in run("events", "tail").stdout


def test_a_stream_that_is_not_there_is_refused_by_code() -> None:
    result = run("events", "show", f"user/{uuid4()}")

    assert result.exit_code == 1
    assert result.stderr.startswith("quayside: not_found: ")


@pytest.mark.parametrize("stream", ["user", "user/7", ""])
def test_what_is_no_stream_is_wrong_usage(stream: str) -> None:
    assert run("events", "show", stream).exit_code == 2
