"""A lease in the hands of a process that hangs, is cancelled, or cannot renew it."""

import asyncio

import pytest

from quayside.adapters.memory.subscriptions import MemorySubscriptionRegister
from quayside.adapters.system import utc_now
from quayside.core.eventlog import Lease, LeaseLostError, SubscriptionRegister
from quayside.core.kernel import UnavailableError
from quayside.entrypoints.worker.tenure import now_s, tenure

SHORT_S, LATE_S, LONG_S = 0.05, 0.2, 10.0


class DeafRegister(MemorySubscriptionRegister):
    """Answers no renewal, and takes its time to notice that nobody waits any more."""

    async def renew(self, lease: Lease, for_s: float) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(SHORT_S)


class FickleRegister(MemorySubscriptionRegister):
    """Cannot be reached by the first renewal; answers the second late, and no other."""

    renewals = 0
    answered: asyncio.Event

    async def renew(self, lease: Lease, for_s: float) -> None:
        self.renewals += 1
        if self.renewals == 1:
            raise UnavailableError("The database is away.")
        if self.renewals > 2:
            await asyncio.Event().wait()
        await asyncio.sleep(LATE_S)
        await super().renew(lease, for_s)
        self.answered.set()


class AwayRegister(MemorySubscriptionRegister):
    """Cannot be reached until the lease has run out; nobody is to have it then."""

    back_at: float

    async def renew(self, lease: Lease, for_s: float) -> None:
        if now_s() < self.back_at:
            raise UnavailableError("The database is away.")
        await self.pause(lease.name)
        await super().renew(lease, for_s)


class WakingRegister(MemorySubscriptionRegister):
    """Has the work end at the moment in which it tells that the lease was lost."""

    asked: asyncio.Event

    async def renew(self, lease: Lease, for_s: float) -> None:
        self.asked.set()
        raise LeaseLostError(lease.name)


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

    async with tenure(deaf_register, lease, LATE_S, asked_at=now_s()) as held:
        assert not held.is_over
        await asyncio.sleep(LATE_S)

        assert held.is_over


async def test_it_counts_from_when_it_was_asked_for(register: SubscriptionRegister) -> None:
    lease = await a_lease(register)

    async with tenure(register, lease, LONG_S, asked_at=now_s() - LONG_S) as held:
        assert held.is_over


async def test_work_that_hangs_is_broken_off_once_its_lease_was_lost(register: SubscriptionRegister) -> None:
    lease = await a_lease(register)
    await register.pause("mails")

    with pytest.raises(LeaseLostError):
        async with asyncio.timeout(LONG_S), tenure(register, lease, SHORT_S, asked_at=now_s()):
            await asyncio.Event().wait()


async def test_work_that_hangs_is_broken_off_also_where_its_lease_ran_out_before_it_was_lost() -> None:
    register = AwayRegister({}, {}, utc_now)
    register.back_at = now_s() + 3 * SHORT_S
    lease = await a_lease(register)

    with pytest.raises(LeaseLostError):
        async with asyncio.timeout(LONG_S), tenure(register, lease, SHORT_S, asked_at=now_s()):
            await asyncio.Event().wait()


async def test_work_that_ends_as_its_lease_is_lost_ends_well() -> None:
    register, errors = WakingRegister({}, {}, utc_now), list[object]()
    register.asked = asyncio.Event()
    asyncio.get_running_loop().set_exception_handler(lambda _, context: errors.append(context))
    lease = await a_lease(register)

    async with asyncio.timeout(LONG_S), tenure(register, lease, SHORT_S, asked_at=now_s()):
        await register.asked.wait()

    assert not errors


async def test_a_time_out_of_the_works_own_stays_one(register: SubscriptionRegister) -> None:
    lease = await a_lease(register)

    with pytest.raises(TimeoutError):
        async with tenure(register, lease, LONG_S, asked_at=now_s()):
            raise TimeoutError


async def test_it_is_renewed_after_a_failure_and_counts_from_when_that_was_asked_for() -> None:
    register, for_s = FickleRegister({}, {}, utc_now), 0.9
    register.answered = asyncio.Event()
    lease = await a_lease(register)

    async with tenure(register, lease, for_s, asked_at=now_s()) as held, asyncio.timeout(LONG_S):
        await register.answered.wait()
        assert not held.is_over
        await asyncio.sleep(for_s - LATE_S / 2)

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
