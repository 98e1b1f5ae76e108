"""A lease in the hands of a process that hangs, is cancelled, or cannot renew it."""

import asyncio

import pytest

from quayside.adapters.memory.subscriptions import MemorySubscriptionRegister
from quayside.adapters.system import utc_now
from quayside.core.eventlog import Lease, SubscriptionRegister
from quayside.entrypoints.worker.tenure import now_s, tenure

SHORT_S, LONG_S = 0.05, 10.0


class DeafRegister(MemorySubscriptionRegister):
    """Answers no renewal, and takes its time to notice that nobody waits any more."""

    async def renew(self, lease: Lease, for_s: float) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(SHORT_S)


@pytest.fixture
def register() -> SubscriptionRegister:
    return MemorySubscriptionRegister({}, {}, utc_now)


@pytest.fixture
def deaf_register() -> SubscriptionRegister:
    return DeafRegister({}, {}, utc_now)


async def a_lease(register: SubscriptionRegister) -> Lease:
    lease = await register.acquire("mails", "ada", LONG_S)
    assert lease
    return lease


async def test_it_is_over_in_time_though_the_renewal_hangs(deaf_register: SubscriptionRegister) -> None:
    lease = await a_lease(deaf_register)

    async with tenure(deaf_register, lease, SHORT_S, asked_at=now_s()) as held:
        assert not held.is_over
        await asyncio.sleep(SHORT_S)

        assert held.is_over


async def test_it_counts_from_when_it_was_asked_for(register: SubscriptionRegister) -> None:
    lease = await a_lease(register)

    async with tenure(register, lease, LONG_S, asked_at=now_s() - LONG_S) as held:
        assert held.is_over


async def test_whoever_is_cancelled_while_giving_it_back_hears_of_it(
    deaf_register: SubscriptionRegister,
) -> None:
    lease = await a_lease(deaf_register)
    gives_back = asyncio.Event()

    async def serve() -> None:
        async with tenure(deaf_register, lease, SHORT_S, asked_at=now_s()):
            await asyncio.sleep(SHORT_S)  # by now it is being renewed
            gives_back.set()

    serving = asyncio.create_task(serve())
    await gives_back.wait()
    await asyncio.sleep(0)
    serving.cancel()

    with pytest.raises(asyncio.CancelledError):
        await serving
    assert (await deaf_register.state("mails")).holder is None
