"""A payment gateway to develop against: real books, no money."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import cast

from attrs import frozen

from ...core.kernel import Money, UnavailableError
from ...core.payments import (
    Authorization,
    Captured,
    CardDetails,
    CardToken,
    Declined,
    GatewayOutcomeUnknownError,
    GatewayRecord,
    GatewayRejectedError,
    GatewayUnreachableError,
    Refunded,
    Voided,
)
from .books import SandboxBooks
from .cards import Behaviour, behaviour_of, token_for
from .hold import Answer, Hold, Operation

_SLOW_ANSWER_S = 3.0


@frozen
class SandboxGateway:
    """
    The `PaymentGateway` of development: each card number decides how it answers (`cards` lists them).

    Args:
        books: What it remembers; shared by every process, so that it answers one key alike everywhere.
        sleep: Waits so many seconds; the slow card's three.
    """

    books: SandboxBooks
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep

    async def tokenize(self, card: CardDetails, *, is_kept: bool = False) -> CardToken:  # noqa: ARG002 - all are
        return token_for(card.card_number.reveal())

    async def authorize(self, key: str, token: CardToken, amount: Money) -> Authorization | Declined:
        behaviour = behaviour_of(token)
        if behaviour is Behaviour.UNREACHABLE:
            raise GatewayUnreachableError("this card of the sandbox never gets through")
        if behaviour is Behaviour.SLOW:
            await self.sleep(_SLOW_ANSWER_S)
        asked = Hold(_hold_id(key), key, behaviour, amount)
        is_new = await self._store(asked, 0)
        known = asked if is_new else (await self._load(asked.id))[1]
        if (known.behaviour, known.amount) != (behaviour, amount):
            raise GatewayRejectedError("this idempotency key was used for another request")
        if is_new and behaviour is Behaviour.ANSWER_LOST:
            raise GatewayOutcomeUnknownError("this card of the sandbox loses the answer")
        return known.outcome()

    async def capture(self, key: str, authorization_id: str, amount: Money) -> Captured | Declined:
        operation = Operation(key, "capture", amount.minor)
        return cast(Captured | Declined, await self._perform(authorization_id, operation, amount.currency))

    async def void(self, key: str, authorization_id: str) -> Voided | Declined:
        return cast(Voided | Declined, await self._perform(authorization_id, Operation(key, "void", 0)))

    async def refund(self, key: str, authorization_id: str, amount: Money) -> Refunded | Declined:
        operation = Operation(key, "refund", amount.minor)
        return cast(Refunded | Declined, await self._perform(authorization_id, operation, amount.currency))

    async def look_up(self, authorization_key: str) -> GatewayRecord | None:
        with _books_failing_as(GatewayUnreachableError):
            found = await self.books.load(_hold_id(authorization_key))
        return Hold.from_json(found[1]).record() if found else None

    async def health(self) -> None:
        with _books_failing_as(GatewayUnreachableError):
            await self.books.load("health")

    async def _perform(
        self, authorization_id: str, operation: Operation, currency: str | None = None
    ) -> Answer:
        while True:
            version, hold = await self._load(authorization_id)
            if currency not in (None, hold.amount.currency):
                raise GatewayRejectedError("the authorization is in another currency")
            after = hold.with_operation(operation)
            if after is hold or await self._store(after, version):
                return after.answer_to(operation.key)

    async def _store(self, hold: Hold, expected_version: int) -> bool:
        with _books_failing_as(GatewayOutcomeUnknownError):
            return await self.books.store(hold.id, hold.to_json(), expected_version)

    async def _load(self, authorization_id: str) -> tuple[int, Hold]:
        # The same key may have been answered before, so not even a failing look says that nothing was done.
        with _books_failing_as(GatewayOutcomeUnknownError):
            found = await self.books.load(authorization_id)
        if found is None:
            raise GatewayRejectedError("no such authorization")
        version, document = found
        return version, Hold.from_json(document)


@contextmanager
def _books_failing_as(
    failure: type[GatewayUnreachableError] | type[GatewayOutcomeUnknownError],
) -> Iterator[None]:
    try:
        yield
    except UnavailableError as error:
        raise failure("the sandbox's books do not answer") from error


def _hold_id(key: str) -> str:
    return f"auth_{sha256(key.encode()).hexdigest()[:32]}"
