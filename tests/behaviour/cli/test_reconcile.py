"""`quayside payments reconcile`: what differs is listed, and is an error."""

import asyncio
import json
from uuid import UUID

import psycopg
import pytest
from click.testing import CliRunner, Result

from builders import a_payment_request
from builders.shop import an_application
from quayside.core.payments import PaymentId
from quayside.entrypoints.cli.main import quayside
from quayside.entrypoints.settings import load_settings

pytestmark = pytest.mark.usefixtures("shared_database")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(quayside, ["payments", "reconcile", *arguments], catch_exceptions=False)


def are_taken(count: int) -> list[PaymentId]:
    """So many payments of 19.99 GBP."""

    async def take() -> list[PaymentId]:
        async with an_application(load_settings().settings, migrates=True) as application:
            return [
                (await application.payments.process_payment(a_payment_request())).id for _ in range(count)
            ]

    return asyncio.run(take())


def harmed(conninfo: str, statement: bytes, *parameters: object) -> None:
    with psycopg.connect(conninfo) as connection:
        connection.execute(statement, parameters)


def test_books_that_agree_are_told_so() -> None:
    are_taken(2)

    for_people, for_programs = run(), run("--json")

    assert (for_people.exit_code, for_people.stdout) == (0, "")
    assert for_people.stderr == "2 payments, 0 of them open\n"
    assert json.loads(for_programs.stdout) == {
        "payments": 2,
        "open": 0,
        "unanswered": 0,
        "differences": [],
        "difference_count": 0,
    }


def test_what_differs_is_listed_and_an_error(embedded_database: str) -> None:
    harmed_row, harmed_book, _ = are_taken(3)
    harmed(embedded_database, b"UPDATE payment SET refunded_minor = 500 WHERE id = %s", harmed_row)
    harmed(
        embedded_database,
        b"INSERT INTO journal (event_id, line, account, amount_minor, currency, payment_id, at) VALUES "
        b"(%s, 1, 'gateway_receivable', 1, 'GBP', %s, now()), (%s, 2, 'contract_liabilities', -1, 'GBP', %s, now())",
        *(UUID(int=1), harmed_book) * 2,
    )

    for_people, for_programs = run(), run("--json")

    assert for_people.exit_code == for_programs.exit_code == 1
    assert str(harmed_row) in for_people.stdout
    assert for_people.stderr.splitlines()[-1] == (
        "quayside: books_differ: Payments, journal and gateway do not agree. (differences=2)"
    )

    def gbp(amount: str) -> dict[str, str]:
        return {"amount": amount, "currency": "GBP"}

    assert json.loads(for_programs.stdout)["differences"] == [
        {
            "payment_id": str(harmed_row),
            "what": "refunded",
            "payment": gbp("5.00"),
            "journal": gbp("0.00"),
            "gateway": gbp("0.00"),
        },
        {
            "payment_id": str(harmed_book),
            "what": "captured",
            "payment": gbp("19.99"),
            "journal": gbp("20.00"),
            "gateway": gbp("19.99"),
        },
    ]


def test_a_gateway_that_does_not_answer_is_to_be_asked_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    are_taken(1)
    monkeypatch.setenv("QUAYSIDE_GATEWAY", "stripe")
    monkeypatch.setenv("QUAYSIDE_STRIPE_API_KEY", "sk_test_1234567890")
    monkeypatch.setenv("QUAYSIDE_STRIPE_URL", "http://127.0.0.1:1")

    result = run("--json")

    assert result.exit_code == 3
    answer = json.loads(result.stdout)
    assert (answer["unanswered"], answer["differences"]) == (1, [])
    assert "unanswered=1" in result.stderr
