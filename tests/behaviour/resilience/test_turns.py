"""How many are at work at once, and who does not count."""

import asyncio

import pytest

from quayside.core.resilience import at_work_in, turn_to_ask


async def test_who_is_given_up_while_waiting_for_a_place_again_gives_back_none() -> None:
    places = asyncio.Semaphore(1)

    async def asks() -> None:
        async with at_work_in(places), turn_to_ask():
            await asyncio.sleep(0)

    async with asyncio.timeout(5):
        asking = asyncio.create_task(asks())
        await asyncio.sleep(0)
        async with at_work_in(places):
            await asyncio.sleep(0)
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking

    await places.acquire()
    assert places.locked()
