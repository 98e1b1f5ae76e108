"""README.md is true: its walk-through, run command by command, does what it says."""

import json
import os
import re
import socket
import subprocess
from contextlib import suppress
from typing import Any

import pytest
from attrs import frozen

from system.readme import ROOT, code_in_readme, promised_output

# A terminal gives every job a process group of its own, and `%%` means the latest: so does this shell.
AS_IN_A_TERMINAL = "set -m; trap 'kill %%; wait' EXIT\n"


@frozen
class WalkThrough:
    """
    What the README's commands printed.

    Args:
        answers: HTTP responses, head and body.
        log: What the service logged.
    """

    answers: str
    log: str

    @property
    def statuses(self) -> list[str]:
        return re.findall(r"^HTTP/1.1 (.*?)\r?$", self.answers, re.MULTILINE)

    def bodies_with(self, member: str) -> list[Any]:
        bodies = [json.loads(line) for line in self.answers.splitlines() if line.startswith("{")]
        return [body[member] for body in bodies if member in body]


def a_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def walk_through(tmp_path_factory: pytest.TempPathFactory) -> WalkThrough:
    """Only port and data folder differ from the README's, so that a service of the developer's own goes on."""
    folder, port = tmp_path_factory.mktemp("readme"), str(a_free_port())
    script = AS_IN_A_TERMINAL + "".join(code_in_readme("sh")).replace("8000", port)
    environment = os.environ | {"QUAYSIDE_PORT": port, "QUAYSIDE_DATA_DIR": str(folder / "data")}
    with (folder / "answers").open("wb") as answers, (folder / "log").open("wb") as log:
        shell = subprocess.Popen(
            ["bash", "-c", script], cwd=ROOT, env=environment, stdout=answers, stderr=log
        )
        try:
            with suppress(subprocess.TimeoutExpired):  # what is missing then, the tests tell
                shell.wait(timeout=150)
        finally:
            shell.terminate()
            shell.wait()
    return WalkThrough((folder / "answers").read_text(), (folder / "log").read_text())


def test_every_call_is_answered_as_the_readme_says(walk_through: WalkThrough) -> None:
    promised = [status for block in code_in_readme("sh") for status in promised_output(block)]

    assert walk_through.statuses == promised, walk_through.answers + walk_through.log


def test_the_declined_payment_is_kept_beside_the_completed_one(walk_through: WalkThrough) -> None:
    payments, _ = walk_through.bodies_with("data")

    assert [payment["status"] for payment in payments] == ["Failed", "Completed"]


def test_the_refusal_names_every_field(walk_through: WalkThrough) -> None:
    _declined, refused = walk_through.bodies_with("error")

    fields = {error["field"] for error in refused["field_errors"]}
    assert fields >= {
        "amount",
        "currency",
        "card_id",
        "customer_id",
        "address_details",
        "paying_card_details",
    }


def test_a_killed_service_comes_back_with_all_there_was(walk_through: WalkThrough) -> None:
    before, after = walk_through.bodies_with("data")

    assert after == before
    assert walk_through.log.count('"event":"listening"') == 2
