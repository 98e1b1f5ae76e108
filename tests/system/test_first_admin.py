"""The first start prints the Admin's password, once, and lines for a shell that work as they stand."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep


@contextmanager
def a_service(folder: Path) -> Iterator[Path]:
    """A service whose data are in *folder*, and which listens; gives the file that holds what it prints."""
    printed, log = folder / "printed", folder / "log"
    others = {name: value for name, value in os.environ.items() if not name.startswith("QUAYSIDE_")}
    with printed.open("wb") as stdout, log.open("wb") as stderr:
        service = subprocess.Popen(
            [sys.executable, "-m", "quayside", "serve", "--port", "0"],
            cwd=folder,
            env=others,
            stdout=stdout,
            stderr=stderr,
        )
    try:
        deadline = monotonic() + 30
        while b'"listening"' not in log.read_bytes():
            assert service.poll() is None, log.read_text()
            assert monotonic() < deadline, "it does not listen"
            sleep(0.05)
        yield printed
    finally:
        service.terminate()
        service.wait(30)


def test_what_the_first_start_prints_logs_in_and_takes_a_payment_and_no_other_start_prints_it(
    tmp_path: Path,
) -> None:
    with a_service(tmp_path) as printed:
        lines = printed.read_text().partition("take a payment:\n")[2]
        answer = subprocess.run(["sh", "-c", lines], capture_output=True, text=True, timeout=60, check=True)
    with a_service(tmp_path) as printed:
        again = printed.read_text()

    assert "HTTP/1.1 201 Created" in answer.stdout
    assert '"status":"Completed"' in answer.stdout
    assert again == ""


def test_the_password_is_in_no_log_line_and_in_no_file(tmp_path: Path) -> None:
    with a_service(tmp_path) as printed:
        password = printed.read_text().partition("password  ")[2].partition("\n")[0].encode()

    assert len(password) == 20
    files = [path for path in tmp_path.rglob("*") if path.is_file() and path != printed]
    assert [path for path in files if password in path.read_bytes()] == []
