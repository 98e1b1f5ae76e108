"""Stripe's API over HTTP: what was answered, what was refused, and what nobody knows."""

import json
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import httpx
from attrs import define, field, frozen

from ....core.kernel import Secret
from ....core.payments import GatewayOutcomeUnknownError, GatewayRejectedError, GatewayUnreachableError
from ..certificates import trusted

API_VERSION = "2024-06-20"
"""The version of Stripe's API that this is written for; an account's own version makes no difference."""

Json = dict[str, Any]

_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_REFUSALS = frozenset({400, 402, 404})
_NOT_DONE = frozenset({401, 403, 429})  # a key that is not taken, too many requests, a lock that was not had


@frozen
class Refusal:
    """
    What Stripe understood, and did not do.

    Args:
        kind: ``card_error``, ``invalid_request_error`` …
        code: ``card_declined``, ``expired_card``, ``payment_intent_unexpected_state`` …
        decline_code: Why the card's issuer refused, ``insufficient_funds``.
    """

    status: int
    kind: str
    code: str
    decline_code: str
    message: str


@define(eq=False)
class StripeClient:
    """
    Use it as an asynchronous context manager, which keeps the connections open.

    Args:
        base_url: Where the API is.
        timeout_s: How long to wait for a connection, or for more of an answer.
    """

    _api_key: Secret
    _base_url: str
    _timeout_s: float
    _http: httpx.AsyncClient = field(init=False)

    async def __aenter__(self) -> Self:
        self._http = httpx.AsyncClient(
            base_url=self._base_url,
            headers={"Stripe-Version": API_VERSION, "User-Agent": "quayside"},
            auth=self._signed,
            timeout=self._timeout_s,
            verify=trusted(),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    def _signed(self, request: httpx.Request) -> httpx.Request:
        request.headers["Authorization"] = f"Bearer {self._api_key.reveal()}"
        return request

    async def read(self, path: str, **query: str) -> Json | Refusal:
        """
        Raises:
            GatewayUnreachableError: Stripe did not answer.
        """
        try:
            return await self._answer("GET", path, params=query)
        except GatewayOutcomeUnknownError as error:
            raise GatewayUnreachableError("no answer to what only reads") from error

    async def move(self, key: str, path: str, form: Mapping[str, str]) -> Json | Refusal:
        """
        Do what Stripe does once under *key*.

        Raises:
            GatewayUnreachableError: it surely did nothing.
            GatewayOutcomeUnknownError: its answer was lost, or was that it does not know itself.
            GatewayRejectedError: *key* was used for something else.
        """
        return await self._answer("POST", path, data=form, headers={"Idempotency-Key": key})

    async def store(self, path: str, form: Mapping[str, str]) -> Json | Refusal:
        """
        Have Stripe keep something that moves no money.

        Raises:
            GatewayUnreachableError: Stripe did not answer.
        """
        try:
            return await self._answer("POST", path, data=form)
        except GatewayOutcomeUnknownError as error:
            raise GatewayUnreachableError("no answer to what moves no money") from error

    async def _answer(self, method: str, path: str, **request: Any) -> Json | Refusal:
        try:
            response = await self._http.request(method, path, **request)
        except _NEVER_SENT as error:
            raise GatewayUnreachableError(type(error).__name__) from error
        except httpx.HTTPError as error:
            raise GatewayOutcomeUnknownError(type(error).__name__) from error
        if response.status_code in _NOT_DONE:
            raise GatewayUnreachableError(f"answered with status {response.status_code}")
        if response.status_code not in _REFUSALS and response.status_code != httpx.codes.OK:
            # 409: another request under the same key is under way; 5xx: Stripe says to take it for either.
            raise GatewayOutcomeUnknownError(f"answered with status {response.status_code}")
        body = _document(response.content)
        return body if response.status_code == httpx.codes.OK else _refusal(response.status_code, body)


def _document(content: bytes) -> Json:
    try:
        body = json.loads(content)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise GatewayOutcomeUnknownError("answered with something else than a JSON object")
    return body


def _refusal(status: int, body: Json) -> Refusal:
    error = body.get("error")
    if not isinstance(error, dict):
        raise GatewayOutcomeUnknownError(f"answered with status {status}, and does not say why")
    if error.get("type") == "idempotency_error":
        raise GatewayRejectedError("this idempotency key was used for another request")
    return Refusal(
        status=status,
        kind=str(error.get("type") or ""),
        code=str(error.get("code") or ""),
        decline_code=str(error.get("decline_code") or ""),
        message=str(error.get("message") or ""),
    )
