"""
localstripe, in a process of its own on this machine, and what has to stand before it to make it more like Stripe.

It is under the GPL, so nothing of ours imports it. What it gets wrong and is put right here: it ignores idempotency
keys; knows neither ``error_on_requires_action``, the search, nor metadata of a capture; tells no ``amount_received``;
makes a refund of what a partial capture leaves; and a card error of it has neither the type nor a decline code.
"""

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import httpx
from attrs import define, evolve, field

from builders import ANSWER_LOST, DECLINED, UNREACHABLE
from stripe_peer import DROP, Answer, Asked, FaultProxy, Once, Told, an_error, fault_proxy

_LAUNCHER = """
import socket
from aiohttp import web
from localstripe import server
server.store.dump_to_disk = lambda: None
listening = socket.create_server(("127.0.0.1", 0))
print(listening.getsockname()[1], flush=True)
web.run_app(server.app, sock=listening, print=None, access_log=None)
"""

_CHARGE_DECLINED = "4000000000000341"
_AUTHORIZATION = {"Authorization": "Bearer sk_test_peer"}


@contextmanager
def localstripe() -> Iterator[str]:
    """Where it listens."""
    with subprocess.Popen(
        [sys.executable, "-c", _LAUNCHER], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


@asynccontextmanager
async def proxied_localstripe(url: str) -> AsyncIterator[FaultProxy]:
    """A proxy that faults on demand, before an emptied localstripe."""
    async with httpx.AsyncClient(base_url=url, headers=_AUTHORIZATION, timeout=30) as client:
        await client.delete("/_config/data")
        async with fault_proxy(_MoreLikeStripe(client).answer) as proxy:
            yield proxy


@define(eq=False)
class _MoreLikeStripe:
    client: httpx.AsyncClient
    received: dict[str, int] = field(factory=dict)
    capture_metadata: dict[str, dict[str, str]] = field(factory=dict)
    cards: dict[str, str] = field(factory=dict)
    lost: set[str] = field(factory=set)
    once: Answer = field(init=False)

    @once.default
    def _once(self) -> Answer:
        return Once(self._passed_on)

    async def answer(self, asked: Asked) -> Told:
        if asked.path == "/v1/payment_intents" and asked.method == "POST":
            return await self._authorized(asked)
        if asked.path == "/v1/payment_methods":
            return await self._tokenized(asked)
        return await self.once(asked)

    async def _tokenized(self, asked: Asked) -> Told:
        number = asked.form["card[number]"]
        sent = _CHARGE_DECLINED if number == DECLINED else number
        told = await self._passed_on(evolve(asked, form={**asked.form, "card[number]": sent}))
        if told.status == 200:
            assert isinstance(told.body, dict)
            self.cards[told.body["id"]] = number
        return told

    async def _authorized(self, asked: Asked) -> Told:
        """What the sandbox's cards do, a network or Stripe does here."""
        card = self.cards.get(asked.form.get("payment_method", ""))
        if card == UNREACHABLE:
            return Told(429, {"error": {"type": "invalid_request_error", "code": "rate_limit"}})
        told = await self.once(asked)
        if card == ANSWER_LOST and asked.key not in self.lost:
            self.lost.add(asked.key or "")
            return DROP
        return told

    async def _passed_on(self, asked: Asked) -> Told:
        if asked.path == "/v1/payment_intents/search":
            return await self._found(asked)
        form = {name: value for name, value in asked.form.items() if name != "error_on_requires_action"}
        if asked.path.endswith("/capture"):
            form = {"amount_to_capture": form["amount_to_capture"]}
        response = await self.client.request(asked.method, asked.path, params=asked.query, data=form)
        body = json.loads(response.content)
        if response.status_code == 200 and asked.path.endswith("/capture"):
            self._note_capture(asked, body)
        if response.status_code == 402:
            body = an_error("card_declined", "card_error", decline_code="generic_decline")
        return Told(response.status_code, self._completed(body))

    async def _found(self, asked: Asked) -> Told:
        key = asked.query["query"].split(":")[1].strip("'")
        listed = (await self.client.get("/v1/payment_intents", params={"limit": "100"})).json()["data"]
        found = [intent for intent in listed if key in intent["metadata"].values()]
        return Told(200, {"object": "search_result", "data": [self._completed(intent) for intent in found]})

    def _note_capture(self, asked: Asked, intent: dict[str, Any]) -> None:
        self.received[intent["id"]] = int(asked.form["amount_to_capture"])
        self.capture_metadata[intent["id"]] = {
            name.removeprefix("metadata[").removesuffix("]"): value
            for name, value in asked.form.items()
            if name.startswith("metadata[")
        }

    def _completed(self, body: Any) -> Any:
        if body.get("object") == "payment_intent":
            metadata = body["metadata"] | self.capture_metadata.get(body["id"], {})
            return body | {"amount_received": self.received.get(body["id"], 0), "metadata": metadata}
        if body.get("object") == "list" and "refunds" in body.get("url", ""):
            return body | {"data": [refund for refund in body["data"] if refund["metadata"]]}
        return body
