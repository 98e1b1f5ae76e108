"""`quayside sagas`: what is stuck is found, looked at, tried again or left out."""

import asyncio
import json
from contextlib import suppress
from typing import Any
from uuid import UUID, uuid4

import pytest
from attrs import evolve
from click.testing import CliRunner, Result

from builders.orders import an_order_placed
from builders.shop import an_application
from quayside.core.eventlog import ProjectionNotBuiltError, StreamId
from quayside.core.fulfilment import Request, StepWork, Stuck
from quayside.core.ordering import ORDER_CATEGORY
from quayside.entrypoints.cli.main import quayside
from quayside.entrypoints.composition import Application, worker_of
from quayside.entrypoints.settings import load_settings
from quayside.entrypoints.worker import at_work

pytestmark = pytest.mark.usefixtures("shared_database")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(quayside, ["sagas", *arguments], catch_exceptions=False)


async def odd(_: Request) -> Stuck:
    return Stuck("odd")


async def gets_stuck(application: Application, order_id: UUID) -> None:
    runner = application.fulfilment.runner
    stuck: Any = evolve(runner, work={**runner.work, "authorize": StepWork(odd, odd)})
    async with application.storage.begin() as tx:
        placed = application.fulfilment.runner.recorder([an_order_placed()])
        await tx.events.append(StreamId(ORDER_CATEGORY, order_id), placed, 0)
    await runner.start(order_id)
    [*_, request] = await application.storage.events.read_stream(runner.stream(order_id))
    await stuck.answer(request)


@pytest.fixture
def order_id() -> UUID:
    """Of an order whose saga needs a person, as whoever keeps views knows."""
    order_id = uuid4()

    async def prepare() -> None:
        async with an_application(load_settings().settings, migrates=True) as application:
            await gets_stuck(application, order_id)
            async with at_work(worker_of(application)), asyncio.timeout(10):
                found = False
                while not found:
                    await asyncio.sleep(0.01)
                    with suppress(ProjectionNotBuiltError):
                        found = bool(await application.storage.open_sagas.list())

    asyncio.run(prepare())
    return order_id


def test_what_needs_a_person_is_listed_and_shown_with_its_history(order_id: UUID) -> None:
    [listed] = json.loads(run("list", "--attention", "--json").stdout)["data"]
    shown = json.loads(run("show", str(order_id), "--json").stdout)

    assert (listed["id"], listed["step"], listed["attention"]) == (str(order_id), "authorize", "odd")
    assert (shown["phase"], shown["attention"]) == ("forward", "odd")
    assert [event["type"] for event in shown["events"]] == [
        "SagaStarted",
        "PaymentAuthorizationRequested",
        "SagaNeedsAttention",
    ]
    assert str(order_id) in run("list").stdout
    assert "SagaNeedsAttention" in run("show", str(order_id)).stdout


def test_what_is_tried_again_or_left_out_needs_nobody_any_more(order_id: UUID) -> None:
    assert run("retry", "--all").stderr == "1 to be tried again\n"
    assert run("retry", str(order_id)).stderr == "0 to be tried again\n"

    shown = json.loads(run("show", str(order_id), "--json").stdout)
    assert (shown["attention"], shown["events"][-1]["type"]) == (None, "StepResumed")


def test_a_saga_is_abandoned_once_somebody_has_said_yes(order_id: UUID) -> None:
    declined = CliRunner().invoke(quayside, ["sagas", "abandon", str(order_id)], input="n\n")
    done = run("abandon", str(order_id), "--yes")

    assert declined.exit_code == 1
    assert done.stderr == "1 abandoned\n"
    shown = json.loads(run("show", str(order_id), "--json").stdout)
    assert (shown["phase"], shown["reason"]) == ("cancelled", "payment_unavailable")


def test_a_saga_that_there_is_not_and_a_call_for_none_are_errors(order_id: UUID) -> None:
    unknown = run("show", str(uuid4()))

    assert unknown.exit_code == 1
    assert "There is no such saga" in unknown.stderr
    assert run("retry").exit_code == 2
    assert run("retry", str(order_id), "--all").exit_code == 2
