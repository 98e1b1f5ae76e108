"""What looking up breached passwords has to do (`core.identity.BreachedPasswords`)."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from hashlib import sha1
from io import StringIO
from time import monotonic
from typing import Any

import pytest

from behaviour.process_logging import logging_put_back
from breach_server import (
    Answer,
    BreachServer,
    breach_server,
    cut_off,
    drop_by_drop,
    honestly,
    never,
    no_http,
    with_body,
    with_status,
    without_end,
)
from builders.members import V1
from builders.shop import open_shop, settings_of_a_shop
from quayside.adapters.http.breaches import HibpBreachedPasswords
from quayside.adapters.memory import MemoryBreachedPasswords
from quayside.adapters.telemetry.logging import configure_logging
from quayside.core.identity import BreachedPasswords
from quayside.core.kernel import Secret

__all__ = ["logging_put_back"]

BREACHED = Secret("Password1")
FRESH = Secret("never lost by anybody 1A")
DIGEST = sha1(b"Password1", usedforsecurity=False).hexdigest().upper()


@pytest.fixture
async def service() -> AsyncIterator[BreachServer]:
    """Knows `BREACHED`."""
    async with breach_server(Password1=3, OnlyPadding1=0, Monkey12=1) as server:
        yield server


@pytest.fixture
def failures() -> list[Exception]:
    """What the look-ups gave up for."""
    return []


def look_up(service: BreachServer, failures: list[Exception], **changes: Any) -> HibpBreachedPasswords:
    return HibpBreachedPasswords(failures.append, base_url=service.url, **changes)


@pytest.fixture
async def hibp(service: BreachServer, failures: list[Exception]) -> AsyncIterator[BreachedPasswords]:
    async with look_up(service, failures) as breaches:
        yield breaches


@pytest.fixture(params=["memory", "hibp"])
def breaches(request: pytest.FixtureRequest, hibp: BreachedPasswords) -> BreachedPasswords:
    return hibp if request.param == "hibp" else MemoryBreachedPasswords({BREACHED.reveal()})


async def test_a_breached_password_is_found_and_a_fresh_one_is_not(
    breaches: BreachedPasswords, failures: list[Exception]
) -> None:
    assert await breaches.contains(BREACHED)
    assert not await breaches.contains(FRESH)
    assert not await breaches.contains(Secret(BREACHED.reveal().lower()))
    assert failures == []


async def test_a_text_that_is_no_utf_8_is_looked_up_all_the_same(breaches: BreachedPasswords) -> None:
    assert not await breaches.contains(Secret("\udcff"))


async def test_what_only_pads_the_answer_is_not_breached(hibp: BreachedPasswords) -> None:
    assert not await hibp.contains(Secret("OnlyPadding1"))


async def test_five_digits_of_the_hash_leave_and_nothing_else(
    hibp: BreachedPasswords, service: BreachServer
) -> None:
    await hibp.contains(BREACHED)

    [head] = service.heard
    assert head.startswith(f"GET /range/{DIGEST[:5]} HTTP/1.1\r\n".encode())
    assert b"Add-Padding: true\r\n" in head
    assert b"User-Agent: quayside\r\n" in head
    assert DIGEST[5:12].encode() not in head.upper()
    assert b"password" not in head.lower()


async def test_no_log_line_shows_a_part_of_the_hash(
    hibp: BreachedPasswords,
    service: BreachServer,
    failures: list[Exception],
    logging_put_back: None,
) -> None:
    log = StringIO()
    configure_logging("debug", "json", log)

    await hibp.contains(BREACHED)
    service.answer = with_status("500 Internal Server Error")
    await hibp.contains(FRESH)

    assert DIGEST[:5] not in log.getvalue() + repr(failures) + str(failures)
    assert len(failures) == 1


@pytest.mark.parametrize(
    "answer",
    [
        never,
        drop_by_drop,
        without_end,
        cut_off,
        no_http,
        with_status("500 Internal Server Error"),
        with_status("503 Service Unavailable"),
        with_status("429 Too Many Requests", "Retry-After: 2"),
        with_status("404 Not Found"),
        with_status("302 Found", "Location: /elsewhere"),
        with_status("204 No Content"),
        with_body(b""),
        with_body(b"<html>Welcome to the airport</html>"),
        with_body(DIGEST[5:].encode()),
        with_body(f"{DIGEST[5:]}:many".encode()),
        with_body(f"{DIGEST[5:]}:1\r\nand more".encode()),
        with_body(f"{DIGEST[5:]}:{'9' * 5_000}".encode()),
        with_body(gzip.compress(f"{DIGEST[5:]}:1".encode()), "Content-Encoding: gzip"),
        with_body(b"0" * 35 + b":1\r\n" * 200_000),
        with_body(b"\xff" * 100),
    ],
)
async def test_a_service_that_fails_blocks_nobody_and_is_told_of(
    service: BreachServer, failures: list[Exception], answer: Answer
) -> None:
    service.answer = answer
    async with look_up(service, failures, timeout_s=0.3) as breaches:
        began = monotonic()

        assert not await breaches.contains(BREACHED)

        assert monotonic() - began < 4
        assert len(failures) == 1
        service.answer = honestly
        async with asyncio.timeout(5):  # a busy machine may need more than one try
            while not await breaches.contains(BREACHED):
                pass


async def test_a_service_that_is_not_there_blocks_nobody(failures: list[Exception]) -> None:
    async with breach_server() as server:
        gone = server
    async with look_up(gone, failures) as breaches:
        assert not await breaches.contains(BREACHED)

    assert len(failures) == 1


async def test_a_look_up_takes_a_second_at_most(service: BreachServer, failures: list[Exception]) -> None:
    service.answer = drop_by_drop
    async with look_up(service, failures) as breaches:
        began = monotonic()
        outcomes = await asyncio.gather(*(breaches.contains(Secret(f"Slow{n}")) for n in range(20)))

    assert not any(outcomes)
    assert 0.9 < monotonic() - began < 4
    assert [type(failure.__cause__) for failure in failures] == [TimeoutError] * 20


async def test_who_gives_up_before_is_not_held_back(service: BreachServer, failures: list[Exception]) -> None:
    service.answer = never
    async with look_up(service, failures) as breaches:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await breaches.contains(BREACHED)

    assert failures == []


async def test_a_range_is_asked_for_once_in_a_while(service: BreachServer, failures: list[Exception]) -> None:
    now = 0.0
    async with look_up(service, failures, kept_for_s=60, clock_s=lambda: now) as breaches:
        for now, asked in ((0.0, 1), (59.9, 1), (60.0, 2), (119.0, 2)):  # noqa: B007  the clock reads it
            assert await breaches.contains(BREACHED)
            assert len(service.heard) == asked


async def test_only_so_many_ranges_are_kept_and_the_least_used_goes(
    service: BreachServer, failures: list[Exception]
) -> None:
    async with look_up(service, failures, kept_ranges=2) as breaches:
        for password in (BREACHED, Secret("Monkey12"), BREACHED, FRESH, BREACHED):
            await breaches.contains(password)
        assert len(service.heard) == 3

        assert await breaches.contains(Secret("Monkey12"))

    assert len(service.heard) == 4


async def test_a_failure_is_not_kept(service: BreachServer, failures: list[Exception]) -> None:
    async with look_up(service, failures) as breaches:
        service.answer = with_status("500 Internal Server Error")
        assert not await breaches.contains(BREACHED)

        service.answer = honestly
        assert await breaches.contains(BREACHED)


async def test_a_service_that_keeps_failing_is_left_alone_and_every_call_is_counted(
    service: BreachServer,
) -> None:
    service.answer = with_status("500 Internal Server Error")
    async with open_shop(settings_of_a_shop(breach_check_url=service.url)) as shop:
        visitor = shop.visitor()
        for n in range(11):  # after Ada, who opened the shop
            account = {
                "username": f"eve_{n}",
                "email": f"eve_{n}@shop.example",
                "password": BREACHED.reveal(),
            }
            assert (await visitor.post(f"{V1}/auth/register", json=account)).status_code == 201

        measured = (await visitor.get("/metrics")).text

    assert len(service.heard) == 10
    for outcome, calls in (("transient", 10), ("circuit_open", 2)):
        labels = f'operation="range",outcome="{outcome}",service="breaches"'
        assert f"quayside_outside_call_attempts_total{{{labels}}} {calls}.0" in measured
