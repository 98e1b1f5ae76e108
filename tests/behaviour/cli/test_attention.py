"""`quayside payments attention`: what needs a person is found, whether the gateway owes an answer or not."""

import asyncio

import pytest
from click.testing import CliRunner, Result

from builders import a_payment_request
from builders.shop import an_application
from quayside.core.payments import PaymentId
from quayside.entrypoints.cli.main import quayside
from quayside.entrypoints.settings import load_settings

pytestmark = pytest.mark.usefixtures("shared_database")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(quayside, ["payments", "attention", *arguments], catch_exceptions=False)


@pytest.fixture
def payment_id() -> PaymentId:
    """Of a payment that could not be given back, and of which nothing is asked now."""

    async def prepare() -> PaymentId:
        async with an_application(load_settings().settings, migrates=True) as application:
            payment = await application.payments.process_payment(a_payment_request())
            flagged = payment.give_to_person(at=application.clock())
            async with application.storage.begin() as tx:
                await tx.payments.save(payment, flagged)
            return payment.id

    return asyncio.run(prepare())


def test_a_payment_of_which_nothing_is_asked_is_listed_until_it_is_resolved(payment_id: PaymentId) -> None:
    listed = run("list").stdout
    resolved = run("resolve", str(payment_id))

    assert str(payment_id) in listed
    assert resolved.exit_code == 0
    assert str(payment_id) not in run("list").stdout
