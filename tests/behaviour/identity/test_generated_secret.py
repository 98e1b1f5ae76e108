"""A secret that nobody has set, in a file."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from quayside.adapters.security.generated_secret import GeneratedSecret, SecretFileError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "idempotency"


def test_it_is_made_once_and_is_the_same_ever_after(path: Path) -> None:
    first = GeneratedSecret(path)

    assert first() == first() == GeneratedSecret(path)()
    assert len(bytes.fromhex(first().reveal())) == 32


def test_none_is_like_another(tmp_path: Path) -> None:
    assert GeneratedSecret(tmp_path / "a")() != GeneratedSecret(tmp_path / "b")()


def test_nothing_is_made_before_it_is_asked_for(path: Path) -> None:
    GeneratedSecret(path)

    assert not path.parent.exists()


def test_only_its_owner_can_read_it(path: Path) -> None:
    GeneratedSecret(path)()

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert list(path.parent.iterdir()) == [path]


def test_processes_that_make_it_at_once_agree(path: Path) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from quayside.adapters.security.generated_secret import GeneratedSecret\n"
        "sys.stdin.read(); print(GeneratedSecret(Path(sys.argv[1]))().reveal())"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.close()
        process.stdin = None

    made = {process.communicate()[0].strip() for process in processes}

    assert made == {GeneratedSecret(path)().reveal()}


@pytest.mark.parametrize("content", ["", "ab" * 31, "no digits", "\xff"])
def test_a_file_that_holds_something_else_is_not_used(path: Path, content: str) -> None:
    path.parent.mkdir()
    path.write_text(content, "latin-1")

    with pytest.raises(SecretFileError, match="holds no secret"):
        GeneratedSecret(path)()


def test_a_folder_that_cannot_be_used_is_an_error_of_ours(path: Path) -> None:
    path.parent.write_text("no folder")

    with pytest.raises(SecretFileError, match="cannot be used"):
        GeneratedSecret(path)()
