"""Copies of payments in several processes: what one changes, the others show a moment later."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from builders import a_payment_request
from builders.access_tokens import a_principal
from builders.shop import an_application, settings_of_a_shop
from postgres_databases import delete_all_rows, url_of
from quayside.core.identity import Role
from quayside.core.payments import CaptureRequest, PaymentNotFoundError, PaymentStatus
from quayside.entrypoints.composition import Application, listener_of, worker_of
from quayside.entrypoints.worker import at_work

STAFF = a_principal(Role.ADMIN)
NewProcess = Callable[..., Awaitable[Application]]


@pytest.fixture
async def a_process(embedded_database: str, tmp_path: Path) -> AsyncIterator[NewProcess]:
    """Starts an application beside others on one database."""
    delete_all_rows(embedded_database)
    async with AsyncExitStack() as stack:

        async def a_process(**changes: Any) -> Application:
            settings = settings_of_a_shop(
                storage="postgres", database_url=url_of(embedded_database), data_dir=tmp_path, **changes
            )
            return await stack.enter_async_context(an_application(settings))

        yield a_process


async def follows(reader: Application, writer: Application) -> None:
    """*reader* shows what *writer* makes of a payment that it has a copy of."""
    payment = await writer.payments.process_payment(a_payment_request(capture=False))
    held = await reader.payments.find_payment(STAFF, payment.id)

    await writer.payments.capture_payment(STAFF, payment.id, CaptureRequest(), operation_id=uuid4())
    # Far less than copies live, and more than a busy machine needs.
    async with asyncio.timeout(10):
        while True:
            shown = await reader.payments.find_payment(STAFF, payment.id)
            if shown.version > held.version:
                break
            await asyncio.sleep(0.005)
    await writer.payments.delete_payment(STAFF, payment.id)

    with pytest.raises(PaymentNotFoundError):
        async with asyncio.timeout(10):
            while True:
                await reader.payments.find_payment(STAFF, payment.id)
                await asyncio.sleep(0.005)
    assert (held.status, shown.captured) == (PaymentStatus.PROCESSING, payment.amount)


async def test_a_process_hears_of_changes_by_others_even_if_it_does_not_react(a_process: NewProcess) -> None:
    writer, reader = await a_process(cache="memory"), await a_process(cache="memory")
    listener = listener_of(reader)
    assert listener is not None

    async with at_work(listener):
        await follows(reader, writer)


@pytest.mark.server
async def test_whoever_works_outdates_in_redis_what_its_writer_did_not(
    a_process: NewProcess, redis_server: str
) -> None:
    writer = await a_process(cache="off")
    reader = await a_process(cache="redis", redis_url=redis_server, cache_ttl_s=60)
    assert listener_of(reader) is None

    async with at_work(worker_of(reader)):
        await follows(reader, writer)


async def test_a_dead_redis_fails_no_request(a_process: NewProcess) -> None:
    application = await a_process(cache="redis", redis_url="redis://127.0.0.1:1")

    payment = await application.payments.process_payment(a_payment_request())
    shown = await application.payments.find_payment(STAFF, payment.id)

    assert shown.status is PaymentStatus.COMPLETED
    assert 'outcome="error"' in application.metrics.render().decode()


async def test_a_hundred_who_miss_at_once_ask_the_database_once(a_process: NewProcess) -> None:
    application = await a_process(cache="memory")
    payment = await application.payments.process_payment(a_payment_request())

    def selects() -> float:
        counted = 'quayside_database_query_duration_seconds_count{query="payments.of_ids"}'
        lines = application.metrics.render().decode().splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(counted))

    before = selects()
    finding = []
    for _ in range(100):  # one turn of the loop after the other: in the same, PostgreSQL is asked once anyway
        finding.append(asyncio.create_task(application.payments.find_payment(STAFF, payment.id)))
        await asyncio.sleep(0)
    await asyncio.gather(*finding)

    assert selects() - before == 1
