"""The command line: data on standard output, one line for what is refused, exit codes to rely on."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from inspect import cleandoc
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from quayside.entrypoints.cli.main import DeferredCommand, quayside
from quayside.entrypoints.settings import PREFIX, Settings

SOMEBODY = "0192d3a4-7c1e-7b7a-8a3e-2f1d4c5b6a79"
HEAVY = ["litestar", "psycopg", "pydantic", "structlog", "uvicorn"]
REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "cli.md"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, and storage that needs no server."""
    for name in list(os.environ):
        if name.upper().startswith(PREFIX):
            monkeypatch.delenv(name)
    monkeypatch.setenv("QUAYSIDE_STORAGE", "memory")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(quayside, arguments, catch_exceptions=False)


def test_help_imports_nothing_that_it_does_not_need() -> None:
    code = f"""
import sys
from collections.abc import Iterator
from inspect import cleandoc
from click.testing import CliRunner
from quayside.entrypoints.cli.main import quayside
assert "serve" in CliRunner().invoke(quayside, ["--help"]).output
print(*(sys.modules.keys() & {HEAVY}))
"""

    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert result.stdout.split() == []


@pytest.mark.parametrize("command", quayside.commands.values(), ids=str)
def test_the_summary_of_a_command_is_the_first_line_of_its_own_help(command: DeferredCommand) -> None:
    own = command.make_context(command.name, [], resilient_parsing=True).command

    assert own.help is not None
    assert cleandoc(own.help).splitlines()[0] == command.help


def leaves_of(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    """The commands beneath *command*, at any depth, by what is typed after it."""
    if not hasattr(command, "commands"):
        yield name.lstrip(), command
        return
    for below, each in command.commands.items():
        yield from leaves_of(f"{name} {below}", each)


@pytest.mark.parametrize("command", quayside.commands)
def test_the_reference_has_every_command_with_every_option(command: str) -> None:
    reference = REFERENCE.read_text("utf-8")

    own = quayside.commands[command].make_context(command, [], resilient_parsing=True).command
    for name, leaf in leaves_of("", own):
        section = reference.partition(f"## quayside {command} {name}".rstrip() + "\n")[2].partition("\n## ")[
            0
        ]
        assert section
        for option in (option for parameter in leaf.params for option in parameter.opts):
            assert f"`{option}" in section or f"<{option}>" in section


def test_the_version_is_that_of_the_package() -> None:
    assert run("--version").output == "quayside 0.1.0\n"


def test_an_unknown_command_is_wrong_usage() -> None:
    assert run("sreve").exit_code == 2


def test_the_settings_in_effect_are_shown_with_their_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUAYSIDE_PORT", "9000")

    shown = {row["name"]: row for row in json.loads(run("settings", "--json").stdout)}

    assert list(shown) == [PREFIX + name.upper() for name in Settings.model_fields]
    assert shown["QUAYSIDE_PORT"] == {"name": "QUAYSIDE_PORT", "value": 9000, "source": "environment"}
    assert shown["QUAYSIDE_HOST"] == {"name": "QUAYSIDE_HOST", "value": "127.0.0.1", "source": "default"}
    assert shown["QUAYSIDE_CURRENCIES"]["value"] == ["GBP", "USD", "EUR"]


def test_promotions_are_shown_as_they_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUAYSIDE_PROMOTIONS", '[{"name": "Sale", "percentage_off": "20"}]')

    (shown,) = [line for line in run("settings").stdout.splitlines() if "QUAYSIDE_PROMOTIONS" in line]

    assert '[{"name": "Sale", "percentage_off": "20"' in shown


def test_the_settings_are_shown_to_people_as_a_table() -> None:
    lines = run("settings").stdout.splitlines()

    assert any(line.split() == ["QUAYSIDE_STORAGE", "memory", "environment"] for line in lines)
    assert any(line.split() == ["QUAYSIDE_CURRENCIES", "GBP,USD,EUR", "default"] for line in lines)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://ada:hunter2@db:5432/shop", "postgresql://ada:***@db:5432/shop"),
        ("postgresql://ada:hun ter2@x/y:z@db/shop", "postgresql://ada:***@db/shop"),
        ("postgresql://ada@db/shop?password=hunter2", "postgresql://ada@db/shop?password=***"),
    ],
)
def test_the_password_in_a_url_is_not_shown(url: str, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUAYSIDE_DATABASE_URL", url)

    rows = json.loads(run("settings", "--json").stdout)

    assert {row["name"]: row["value"] for row in rows}["QUAYSIDE_DATABASE_URL"] == shown


def test_of_what_is_a_secret_as_a_whole_nothing_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = {
        "QUAYSIDE_JWT_SECRET": "hunter2://ada@hunter2",
        "QUAYSIDE_JWT_PREVIOUS_KEYS": "hunter2,hunter2",
        "QUAYSIDE_BOOTSTRAP_ADMIN": "ada:ada@shop.example:hunter2",
    }
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)

    shown = run("settings").stdout + run("settings", "--json").stdout

    assert "hunter2" not in shown
    assert "ada" not in shown


@pytest.mark.parametrize("command", [["settings"], ["serve"], ["migrate"], ["payments", "list"]])
def test_settings_that_cannot_be_used_are_told_in_one_line(
    command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUAYSIDE_PROT", "9000")
    monkeypatch.setenv("QUAYSIDE_POOL_MAX_SIZE", "none")

    result = run(*command)

    assert result.exit_code == 2
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("quayside: settings_invalid: ")
    assert "QUAYSIDE_PROT" in line
    assert "QUAYSIDE_POOL_MAX_SIZE" in line


def test_options_of_serve_are_settings_too() -> None:
    result = run("serve", "--port", "http")

    assert result.exit_code == 2
    assert "QUAYSIDE_PORT: Input should be a valid integer" in result.stderr
    assert "(from command line)" in result.stderr


def test_a_database_that_cannot_be_reached_is_worth_another_try(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUAYSIDE_STORAGE", "postgres")
    monkeypatch.setenv("QUAYSIDE_DATABASE_URL", "postgresql://ada:hunter2@127.0.0.1:1/shop")

    result = run("payments", "list")

    assert result.exit_code == 3
    assert result.stderr.splitlines()[-1].startswith("quayside: database_connection_error: ")
    assert "hunter2" not in result.output


def test_no_payments_are_an_empty_list() -> None:
    result = run("payments", "list", "--json")

    assert result.exit_code == 0
    assert json.loads(result.stdout)["data"] == []


def test_every_filter_that_is_wrong_is_told_at_once() -> None:
    result = run(
        "payments", "list", "--status", "Lost", "--customer-id", "7", "--from", "today", "--page-size", "101"
    )

    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    for field in ("status", "customer_id", "from_date", "page_size"):
        assert f"{field}: " in line


def test_a_payment_that_is_not_there_is_refused_by_code() -> None:
    result = run("payments", "show", SOMEBODY)

    assert result.exit_code == 1
    assert result.stderr.startswith("quayside: not_found: ")


def test_an_id_that_is_none_is_wrong_usage() -> None:
    assert run("payments", "show", "7").exit_code == 2


def test_the_api_is_described_without_a_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUAYSIDE_STORAGE", "postgres")
    monkeypatch.setenv("QUAYSIDE_DATABASE_URL", "postgresql://127.0.0.1:1/shop")

    document = json.loads(run("openapi").stdout)

    assert document["openapi"].startswith("3.1")
    assert "/api/v1/payments" in document["paths"]


def test_the_description_of_the_api_can_be_written_to_a_file(folder: Path) -> None:
    result = run("openapi", "--output", "openapi.json")

    assert result.output == ""
    assert json.loads((folder / "openapi.json").read_text("utf-8"))["openapi"].startswith("3.1")


@pytest.mark.parametrize(
    "arguments",
    [
        ["openapi", "--output", "nowhere/openapi.json"],
        ["payments", "import", "rows.jsonl", "--results", "nowhere/results.jsonl"],
    ],
    ids=["description", "results"],
)
def test_a_file_that_cannot_be_written_is_told_in_one_line(folder: Path, arguments: list[str]) -> None:
    (folder / "rows.jsonl").write_text("{}\n", encoding="utf-8")

    result = run(*arguments)

    assert result.exit_code == 1
    assert result.stderr == f"quayside: cannot_use_file: {arguments[-1]}: No such file or directory\n"


def test_a_data_directory_that_cannot_be_made_is_told_in_one_line(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "taken").write_text("", encoding="utf-8")
    monkeypatch.setenv("QUAYSIDE_STORAGE", "postgres")
    monkeypatch.setenv("QUAYSIDE_DATA_DIR", str(folder / "taken" / "data"))

    result = run("payments", "list")

    assert result.exit_code == 1
    assert result.stderr.startswith(f"quayside: cannot_use_file: {folder / 'taken' / 'data'}")
    assert len(result.stderr.splitlines()) == 1


def test_memory_needs_no_migration() -> None:
    assert run("migrate").stdout == "The database is up to date.\n"
    assert json.loads(run("migrate", "--dry-run", "--json").stdout) == {"dry_run": True, "steps": []}


def test_no_payment_needs_a_person() -> None:
    result = run("payments", "attention", "list", "--json")

    assert result.exit_code == 0
    assert json.loads(result.stdout)["data"] == []


def test_what_there_is_not_cannot_be_resolved() -> None:
    result = run("payments", "attention", "resolve", SOMEBODY, "--give-up")

    assert result.exit_code == 1
    assert "There is no such payment" in result.stderr
