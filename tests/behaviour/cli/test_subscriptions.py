"""Subscriptions and periodic jobs from the command line."""

import asyncio
import json
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result

from builders import NOON
from builders.shop import an_application
from quayside.core.identity import UserRegistered
from quayside.core.kernel import UserId
from quayside.entrypoints.cli.main import quayside
from quayside.entrypoints.settings import load_settings


def run(*arguments: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(quayside, ["subscriptions", *arguments], input=typed, catch_exceptions=False)


def states() -> dict[str, dict[str, Any]]:
    result = run("list", "--json")
    assert result.exit_code == 0, result.output
    return {record["name"]: record for record in json.loads(result.stdout)["data"]}


@pytest.fixture(autouse=True)
def end_of_log(shared_database: None) -> int:
    """Two events; ``mails`` is run by somebody and has passed the first one, and a job is somebody's, too."""

    async def work() -> int:
        async with an_application(load_settings().settings, migrates=True) as application:
            storage = application.storage
            for _ in range(2):
                async with storage.begin() as tx:
                    await tx.audit.record(None, UserRegistered(UserId(uuid4()), NOON))
            end = await storage.follower.newest()
            lease = await storage.subscriptions.acquire("mails", "host:1", 60)
            await storage.subscriptions.acquire("job-tidy", "host:2", 60)
            assert lease is not None
            async with storage.begin() as tx:
                await tx.checkpoints.move(lease, end - 1)
        return end

    return asyncio.run(work())


def test_it_is_told_how_far_each_is_and_who_runs_it(end_of_log: int) -> None:
    mails, job = states()["mails"], states()["job-tidy"]

    assert (mails["kind"], mails["position"], mails["lag_events"]) == ("subscription", end_of_log - 1, 1)
    assert (mails["holder"], mails["running"], mails["paused"]) == ("host:1", True, False)
    assert (mails["deferred"], mails["parked"]) == (0, 0)
    assert 0 < mails["lag_seconds"] < 60
    assert (job["kind"], job["position"], job["lag_events"], job["lag_seconds"]) == ("job", None, None, None)
    assert job["holder"] == "host:2"


def test_people_see_it_as_a_table() -> None:
    rows = [line.split() for line in run("list").stdout.splitlines()]

    assert ["job-tidy", "-", "-", "-", "running", "host:2", "0", "0"] in rows


def test_what_is_paused_is_nobodys_until_it_is_resumed() -> None:
    assert run("pause", "mails").exit_code == 0
    paused = states()["mails"]
    assert run("resume", "mails").exit_code == 0
    resumed = states()["mails"]

    assert (paused["paused"], paused["running"], paused["holder"]) == (True, False, None)
    assert resumed["paused"] is False


def test_a_subscription_begins_anew_where_it_is_told_to(end_of_log: int) -> None:
    assert run("reset", "mails", "--to", str(end_of_log), "--yes").exit_code == 0
    assert (states()["mails"]["position"], states()["mails"]["holder"]) == (end_of_log, None)

    assert run("reset", "mails", typed="y\n").exit_code == 0
    assert states()["mails"]["position"] == 0


def test_nothing_is_reset_without_a_yes(end_of_log: int) -> None:
    assert run("reset", "mails", typed="n\n").exit_code == 1
    assert states()["mails"]["position"] == end_of_log - 1


def test_nothing_is_reset_beyond_the_end_of_the_log(end_of_log: int) -> None:
    result = run("reset", "mails", "--to", str(end_of_log + 1), "--yes")

    assert result.exit_code == 2
    assert f"the log ends at {end_of_log}" in result.stderr


def test_a_job_has_no_position_to_reset() -> None:
    assert run("reset", "job-tidy", "--yes").exit_code == 2


@pytest.mark.parametrize("arguments", [["pause"], ["resume"], ["reset", "--yes"]])
def test_what_never_ran_is_not_found(arguments: list[str]) -> None:
    result = run(*arguments, "letters")

    assert result.exit_code == 1
    assert result.stderr.startswith("quayside: not_found: ")
