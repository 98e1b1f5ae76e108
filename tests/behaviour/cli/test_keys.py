"""Keys of access tokens from the command line."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from quayside.entrypoints.cli.main import quayside


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.setenv("QUAYSIDE_STORAGE", "memory")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def rotate(*options: str) -> Result:
    return CliRunner().invoke(quayside, ["keys", "rotate-jwt", *options], catch_exceptions=False)


def test_a_rotated_key_signs_and_the_one_before_verifies(folder: Path) -> None:
    first = rotate().stdout.strip()
    second = json.loads(rotate("--json").stdout)["kid"]

    assert first != second
    (file,) = (folder / ".quayside" / "keys").glob("jwt-*.json")
    signing, *verifying = json.loads(file.read_text())["keys"]
    assert "retires_at" not in signing
    assert all("retires_at" in key for key in verifying)


def test_no_key_is_shown(folder: Path) -> None:
    shown = rotate().output

    (file,) = (folder / ".quayside" / "keys").glob("jwt-*.json")
    for key in json.loads(file.read_text())["keys"]:
        assert key["k"] not in shown


def test_a_key_that_is_set_is_not_exchanged_but_it_is_told_how(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUAYSIDE_JWT_SECRET", "hunter2" * 5)

    result = rotate()

    assert result.exit_code == 1
    assert "QUAYSIDE_JWT_PREVIOUS_KEYS" in result.stderr
    assert "hunter2" not in result.output
