"""`quayside payments import`: files of payments, of which each row is done once."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from click.testing import CliRunner, Result

from builders.payments import ANSWER_LOST, DECLINED, UNREACHABLE
from builders.saving import FailingPayments
from builders.shop import Shop, a_card_body, a_payment_body
from quayside.core.kernel import UnavailableError
from quayside.entrypoints.cli.import_payments import FORM, PaymentImport
from quayside.entrypoints.cli.importing import ImportSummary
from quayside.entrypoints.cli.main import quayside


def a_row(card: str = "4242424242424242", **changes: Any) -> dict[str, Any]:
    return a_payment_body(paying_card_details=a_card_body(card)) | changes


def written(path: Path, *rows: object) -> Path:
    """*rows* as JSON lines; text as it is."""
    path.write_text("".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows), "utf-8")
    return path


def tabled(path: Path, *rows: dict[str, Any]) -> Path:
    """*rows* as a table."""

    def cell(row: dict[str, Any], column: str) -> object:
        group, _, name = column.rpartition(".")
        value = (row.get(group) or {} if group else row).get(name, "")
        return json.dumps(value) if isinstance(value, dict) else value

    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(
            [FORM.columns, *([cell(row, column) for column in FORM.columns] for row in rows)]
        )
    return path


async def imported(shop: Shop, file: Path, **changes: Any) -> ImportSummary:
    results = file.with_suffix(".results")
    return await evolve(PaymentImport(shop.application, file.name), **changes)(file, results)


def results(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.with_suffix(".results").read_text("utf-8").splitlines()]


async def count(shop: Shop) -> int:
    staff = [event for event in await shop.story() if event == "PaymentReceived"]
    return len(staff)


async def test_each_row_is_taken_and_has_its_result(shop: Shop, tmp_path: Path) -> None:
    file = written(
        tmp_path / "may.jsonl",
        a_row(),
        "",
        a_row(DECLINED),
        a_row(amount="0"),
        "{",
        a_row(UNREACHABLE),
        a_row(capture=False),
    )

    summary = await imported(shop, file)

    assert (summary.rows, summary.taken, summary.refused, summary.open) == (6, 2, 4, 0)
    assert [(each["row"], each["status"]) for each in results(file)] == [
        (1, 201),
        (2, 402),
        (3, 400),
        (4, 400),
        (5, 502),
        (6, 201),
    ]
    assert results(file)[0]["payment"]["status"] == "Completed"
    assert results(file)[3]["error"]["code"] == "invalid_json"


async def test_a_table_says_the_same_as_lines_of_json(shop: Shop, tmp_path: Path) -> None:
    rows = (
        a_row(metadata={"order": 7}, description='Two "tickets",\nand a coat', capture=False),
        a_row(amount="x"),
    )
    by_table, by_lines = tabled(tmp_path / "a.csv", *rows), written(tmp_path / "b.jsonl", *rows)

    await imported(shop, by_table)
    await imported(shop, by_lines)

    ours = {"id", "created_at", "processed_at"}
    first, second = (
        {name: value for name, value in results(file)[0]["payment"].items() if name not in ours}
        for file in (by_table, by_lines)
    )
    assert first == second
    assert first["metadata"] == {"order": 7}
    assert [each["error"] for each in (*results(by_table)[1:], *results(by_lines)[1:])] == [
        results(by_table)[1]["error"]
    ] * 2


async def test_a_mark_of_utf_8_before_the_first_line_is_no_part_of_it(shop: Shop, tmp_path: Path) -> None:
    file = written(tmp_path / "may.jsonl", f"\ufeff{json.dumps(a_row())}")

    assert (await imported(shop, file)).taken == 1


async def test_the_same_again_does_nothing_twice(shop: Shop, tmp_path: Path) -> None:
    file = written(tmp_path / "may.jsonl", *[a_row()] * 3, a_row(DECLINED))
    await imported(shop, file)
    before = results(file)

    again = await imported(shop, file)
    file.with_suffix(".results").unlink()
    without_results = await imported(shop, file)

    assert (again.taken, again.before, again.refused) == (3, 3, 1)
    assert (without_results.taken, without_results.refused) == (3, 1)
    assert results(file) == before
    assert await count(shop) == 4


async def test_a_run_that_was_killed_is_gone_on_with(shop: Shop, tmp_path: Path) -> None:
    file = written(tmp_path / "may.jsonl", *[a_row(amount=f"{n}.00") for n in range(1, 6)])
    await imported(shop, file)
    whole = file.with_suffix(".results").read_bytes()
    lines = whole.splitlines(keepends=True)
    file.with_suffix(".results").write_bytes(
        b"".join(lines[:2]) + lines[2][:30]
    )  # killed in the middle of a line

    again = await imported(shop, file)

    assert (again.rows, again.taken) == (5, 5)
    assert file.with_suffix(".results").read_bytes() == whole
    assert await count(shop) == 5


async def test_what_was_open_is_found_out_by_the_same_again(shop: Shop, tmp_path: Path) -> None:
    file = written(tmp_path / "may.jsonl", a_row(), a_row(ANSWER_LOST), a_row())

    first = await imported(shop, file)
    again = await imported(shop, file)

    assert (first.taken, first.open, first.exit_code) == (2, 1, 3)
    assert (again.taken, again.open, again.exit_code) == (3, 0, 0)
    assert await count(shop) == 3


async def test_a_row_of_the_same_key_or_name_and_number_is_no_other_payment(
    shop: Shop, tmp_path: Path
) -> None:
    file = written(tmp_path / "may.jsonl", a_row(), a_row(idempotency_key="k"))
    await imported(shop, file)
    written(file, a_row(amount="1.00"), a_row(amount="1.00", idempotency_key="k"), a_row())

    changed = await imported(shop, file)
    renamed = await imported(shop, file, name="june.jsonl")

    assert (changed.taken, changed.refused) == (1, 2)
    assert (renamed.taken, renamed.refused) == (2, 1)
    assert results(file)[1]["error"]["code"] == "idempotency_key_reused"


async def test_whoever_they_are_made_for_sees_them(shop: Shop, tmp_path: Path) -> None:
    file = written(tmp_path / "may.jsonl", a_row())

    await imported(shop, file, created_by=shop.ada.user.id)

    assert (await shop.payments()).json()["total_count"] == 1


async def test_where_the_database_is_away_it_stops_and_keeps_what_was_done(
    shop: Shop, tmp_path: Path
) -> None:
    file = written(tmp_path / "may.jsonl", *[a_row()] * 30)
    payments = shop.application.payments
    process_payment = payments.process_payment

    failing_saves = FailingPayments(process_payment.payments, saves=40)
    failing = evolve(payments, process_payment=evolve(process_payment, payments=failing_saves))
    with pytest.raises(UnavailableError):
        await PaymentImport(evolve(shop.application, payments=failing), file.name)(
            file, file.with_suffix(".results")
        )
    done = len(results(file))

    again = await imported(shop, file)

    assert 0 < done < 30
    assert (again.rows, again.taken) == (30, 30)
    assert await count(shop) == 30


def run(*arguments: str) -> Result:
    return CliRunner().invoke(quayside, ["payments", "import", *arguments], catch_exceptions=False)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory, and storage that needs no server."""
    monkeypatch.setenv("QUAYSIDE_STORAGE", "memory")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("card", "code"), [("4242424242424242", 0), (DECLINED, 1), (ANSWER_LOST, 3)])
def test_the_exit_code_tells_what_came_of_it(folder: Path, card: str, code: int) -> None:
    written(folder / "may.jsonl", a_row(), a_row(card))

    result = run("may.jsonl", "--json")

    assert result.exit_code == code, result.output
    assert json.loads(result.stdout)["rows"] == 2
    assert len((folder / "may.jsonl.results.jsonl").read_text("utf-8").splitlines()) == 2


@pytest.mark.parametrize(
    ("name", "content"),
    [("may.xml", ""), ("may.csv", "amount,colour\n"), ("may.csv", "amount,amount\n"), ("nothing.csv", None)],
)
def test_a_file_that_is_none_of_payments_is_wrong_usage(folder: Path, name: str, content: str | None) -> None:
    if content is not None:
        (folder / name).write_text(content, "utf-8")

    assert run(name).exit_code == 2
    assert [*folder.glob("*.results.jsonl")] == []


@pytest.mark.parametrize("name", ["may.jsonl", "notes.txt"], ids=["the_rows", "something_else"])
def test_results_are_not_written_over_what_is_none(folder: Path, name: str) -> None:
    written(folder / "may.jsonl", a_row())
    (folder / "notes.txt").write_text("kept\n", "utf-8")
    present = (folder / name).read_bytes()

    result = run("may.jsonl", "--results", name)

    assert result.exit_code == 2
    assert (folder / name).read_bytes() == present


async def test_rows_that_cannot_be_read_are_refused_and_the_others_taken(shop: Shop, tmp_path: Path) -> None:
    file = tabled(tmp_path / "may.csv", a_row())
    lines = file.read_bytes().splitlines(keepends=True)
    too_long = b'"' + b"x" * 200_000 + b'"\r\n'
    file.write_bytes(
        b"".join((*lines, b"1,2\r\n", too_long, b"\r\n", lines[1].replace(b"my-visa", b"\xff"), lines[1]))
    )

    summary = await imported(shop, file)

    assert [each["status"] for each in results(file)] == [201, 400, 400, 400, 201]
    assert summary.rows == 5
