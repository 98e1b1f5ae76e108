"""Which answers are kept under a key, which free it, and which leave it to whoever asks again."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from attrs import evolve

from builders.shop import Shop
from quayside.core.kernel import UnavailableError
from quayside.core.resilience import Claim, IdempotencyKeys
from quayside.entrypoints.api.edge import Message, Receive, Scope, Send
from quayside.entrypoints.api.first_answers import FirstAnswers
from quayside.entrypoints.api.served import Served
from quayside.entrypoints.composition import Application

KEY, ASKED, FIRST = b"k" * 32, b"a" * 32, UUID(int=1)


async def answered(
    application: Application, *messages: Message, error: Exception | None = None
) -> list[Message]:
    """What comes out where a claim is held by whoever answers with *messages*, or raises *error* then."""
    claim = await application.idempotency.keys.claim(KEY, ASKED, FIRST)

    async def app(scope: Scope, _: Receive, send: Send) -> None:
        scope["state"]["claim"] = claim
        for message in messages:
            await send(message)
        if error:
            raise error

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    state = {"served": Served(application), "request_id": "r-1"}
    await FirstAnswers(app)({"type": "http", "method": "POST", "state": state}, receive, send)
    return sent


def start(status: int) -> Message:
    return {"type": "http.response.start", "status": status, "headers": [(b"Content-Type", b"text/plain")]}


def part(body: bytes, *, more: bool = False) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": more}


async def outcome(keys: IdempotencyKeys) -> str:
    claimed = await keys.claim(KEY, ASKED, uuid4())
    if not isinstance(claimed, Claim):
        return "kept"
    return "left" if claimed.operation_id == FIRST else "freed"


@pytest.mark.parametrize(
    ("status", "becomes"),
    [
        *((status, "kept") for status in (200, 201, 202, 204, 207, 402, 422)),
        *((status, "freed") for status in (303, 400, 404, 409, 412, 429, 502)),
        *((status, "left") for status in (500, 503, 504)),
    ],
)
async def test_what_becomes_of_a_key_is_told_by_the_status(shop: Shop, status: int, becomes: str) -> None:
    await answered(shop.application, start(status), part(b"x"))

    assert await outcome(shop.application.idempotency.keys) == becomes


async def test_an_answer_in_parts_is_sent_whole(shop: Shop) -> None:
    sent = await answered(shop.application, start(201), part(b"ab", more=True), part(b"cd"))

    assert sent == [start(201), part(b"abcd")]


async def test_what_falls_through_leaves_its_key(shop: Shop) -> None:
    with pytest.raises(ZeroDivisionError):
        await answered(shop.application, start(201), error=ZeroDivisionError())

    assert await outcome(shop.application.idempotency.keys) == "left"


class Away:
    """Keys that can be claimed, but the way to them is cut then."""

    def __init__(self, keys: IdempotencyKeys) -> None:
        self.claim, self.discard_expired = keys.claim, keys.discard_expired

    async def _fail(self, *_: Any, **__: Any) -> None:
        raise UnavailableError("Not now.")

    keep = free = leave = _fail


class Stuck(Away):
    """Keys that can be claimed, and answer nothing then."""

    async def leave(self, *_: Any) -> None:
        await asyncio.Event().wait()


@pytest.mark.parametrize("status", [201, 409, 503])
async def test_an_answer_is_given_even_if_its_claim_cannot_be_ended(shop: Shop, status: int) -> None:
    idempotency = shop.application.idempotency
    away = evolve(shop.application, idempotency=evolve(idempotency, keys=Away(idempotency.keys)))

    assert await answered(away, start(status), part(b"x")) == [start(status), part(b"x")]


async def test_a_failure_waits_a_second_for_its_claim_to_end_and_no_longer(shop: Shop) -> None:
    idempotency = shop.application.idempotency
    stuck = evolve(shop.application, idempotency=evolve(idempotency, keys=Stuck(idempotency.keys)))

    async with asyncio.timeout(5):
        with pytest.raises(ZeroDivisionError):
            await answered(stuck, error=ZeroDivisionError())
