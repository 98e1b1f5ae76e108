"""What every audit trail does (`core.identity.AuditTrail`)."""

import asyncio
from uuid import uuid4

import pytest

from builders import NOON
from quayside.core.eventlog import Event, EventReader, StreamId
from quayside.core.identity import AccessDenied, Begin, LoginRefused, RefusedLogin
from quayside.core.kernel import UserId


def refused(user_id: UserId | None, reason: RefusedLogin = RefusedLogin.WRONG_PASSWORD) -> LoginRefused:
    return LoginRefused(user_id, reason, NOON)


async def recorded(begin: Begin, user_id: UserId | None, *events: Event) -> None:
    async with begin() as tx:
        await tx.audit.record(user_id, *events)


async def told(events: EventReader, user_id: UserId) -> list[Event]:
    return [recorded.event for recorded in await events.read_stream(StreamId("access", user_id))]


async def test_what_happened_to_a_user_is_told_in_order(begin: Begin, events: EventReader) -> None:
    ada, bob = UserId(uuid4()), UserId(uuid4())
    denied = AccessDenied(ada, "delete_payment", "payments:delete", NOON)
    throttled = refused(ada, RefusedLogin.THROTTLED)

    await recorded(begin, ada, refused(ada), denied)
    await recorded(begin, bob, refused(bob))
    await recorded(begin, ada, throttled)

    assert await told(events, ada) == [refused(ada), denied, throttled]
    assert await told(events, bob) == [refused(bob)]


async def test_what_happened_to_nobody_known_is_told_each_in_a_stream_of_its_own(
    begin: Begin, events: EventReader
) -> None:
    nobodys = refused(None, RefusedLogin.UNKNOWN_USER)

    await recorded(begin, None, nobodys)
    await recorded(begin, None, nobodys)

    told = await events.read_all()
    assert [each.event for each in told] == [nobodys, nobodys]
    assert {each.stream.category for each in told} == {"access"}
    assert len({each.stream for each in told}) == 2


async def test_what_happens_at_once_is_all_told(begin: Begin, events: EventReader) -> None:
    ada = UserId(uuid4())

    await asyncio.gather(*(recorded(begin, ada, refused(ada)) for _ in range(10)))

    assert await told(events, ada) == [refused(ada)] * 10


async def test_a_failed_transaction_tells_nothing(begin: Begin, events: EventReader) -> None:
    ada = UserId(uuid4())

    with pytest.raises(ZeroDivisionError):
        async with begin() as tx:
            await tx.audit.record(ada, refused(ada))
            raise ZeroDivisionError

    assert await told(events, ada) == []
