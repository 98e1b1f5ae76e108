"""An import that is killed and run again takes each payment once."""

import json
import subprocess
import sys
from pathlib import Path

import psycopg

from builders import APPROVED, SLOW
from builders.shop import a_card_body, a_payment_body
from system.service import environment, quayside, until

ROWS = 300
KILLED_AFTER, SLOW_ROW = 40, 100  # which takes seconds: until then nobody is too late to kill it

COMMAND = ("payments", "import", "may.jsonl", "--json")


def a_row(card_number: str) -> str:
    return json.dumps(a_payment_body(paying_card_details=a_card_body(card_number, expiry_year=2099))) + "\n"


def lines_of(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0


def test_a_killed_import_is_gone_on_with_and_takes_nothing_twice(tmp_path: Path, database: str) -> None:
    rows = [a_row(SLOW if number == SLOW_ROW else APPROVED) for number in range(ROWS)]
    (tmp_path / "may.jsonl").write_text("".join(rows), "utf-8")
    results = tmp_path / "may.jsonl.results.jsonl"
    assert quayside("migrate", cwd=tmp_path, database_url=database).returncode == 0

    killed = subprocess.Popen(
        [sys.executable, "-m", "quayside", *COMMAND],
        cwd=tmp_path,
        env=environment({"database_url": database}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with killed:
        until(lambda: lines_of(results) >= KILLED_AFTER)
        killed.kill()
    done = lines_of(results)
    again = quayside(*COMMAND, cwd=tmp_path, database_url=database)

    assert KILLED_AFTER <= done < ROWS
    assert again.returncode == 0, again.stderr
    summary = json.loads(again.stdout)
    assert (summary["rows"], summary["taken"]) == (ROWS, ROWS)
    assert summary["before"] >= done
    assert lines_of(results) == ROWS
    with psycopg.connect(database) as connection:
        taken = connection.execute(
            "SELECT count(*), count(*) FILTER (WHERE status = 'Completed') FROM payment"
        ).fetchone()
        charged = connection.execute("SELECT count(*) FROM sandbox_document").fetchone()
    assert taken == (ROWS, ROWS)
    assert charged == (ROWS,)
