"""How long an answer takes tells nobody which accounts there are."""

from collections.abc import Callable
from random import Random
from statistics import median
from time import perf_counter, sleep

import httpx
import pytest

from builders.members import V1
from system.identity.people import LOGIN, address_of, register
from system.service import Service, Start

SAMPLES = 200
TOLERANCE = 0.1

# What tells accounts apart does so in every measurement; what else the machine does, hardly in three.
MEASUREMENTS = 3

REST_S = 0.008
TRIES_OF_ACCOUNT = 10  # more would be throttled, and that is another answer
VARYING = {"date", "x-request-id", "traceparent", "ratelimit-remaining", "ratelimit-reset"}

Ask = Callable[[int], httpx.Response]
"""Sends a request, the same as the one before or another; gives its answer."""


@pytest.fixture(scope="module")
def service(start: Start) -> Service:
    """Hashes in a tenth of the usual time, so that a difference anywhere else counts ten times as much."""
    return start(argon2_memory_kib="8192")


def medians_differ_by(known: Ask, unknown: Ask) -> float:
    """
    The difference of their median times, relative to the smaller one.

    They are asked in turns, so that a slow moment hits both alike; in no fixed order, and each a moment after the one
    before was answered, because what that one left to be done slows down whichever comes next.
    """
    times: dict[Ask, list[float]] = {known: [], unknown: []}
    statuses: set[int] = set()
    turns = [known, unknown] * SAMPLES
    Random(1).shuffle(turns)  # noqa: S311  no secret, and the same in every run
    for ask in turns:
        sleep(REST_S)
        started = perf_counter()
        answer = ask(len(times[ask]))
        times[ask].append(perf_counter() - started)
        statuses.add(answer.status_code)
    assert len(statuses) == 1, statuses
    less, more = sorted(map(median, times.values()))
    return more / less - 1


def facts_of(answer: httpx.Response) -> tuple[int, object, dict[str, str]]:
    """Everything that could tell two answers apart."""
    body = answer.json() | {"request_id": None} if answer.content else None
    headers = {name: "" if name in VARYING else value for name, value in answer.headers.items()}
    return answer.status_code, body, headers


def try_to_log_in(service: Service, username: str) -> httpx.Response:
    return service.ask("POST", LOGIN, {"username": username, "password": "Wrong as can be 1"})


def test_an_unknown_user_and_a_wrong_password_take_as_long_as_each_other(service: Service) -> None:
    differences = []
    for measurement in range(MEASUREMENTS):
        accounts = [f"known_{measurement}_{i}" for i in range(SAMPLES // TRIES_OF_ACCOUNT)]
        for username in accounts:
            register(service, username)

        def known(sample: int, accounts: list[str] = accounts) -> httpx.Response:
            return try_to_log_in(service, accounts[sample % len(accounts)])

        def unknown(sample: int, accounts: list[str] = accounts) -> httpx.Response:
            return try_to_log_in(service, f"un{accounts[sample % len(accounts)]}")

        differences.append(medians_differ_by(known, unknown))
        if differences[-1] <= TOLERANCE:
            break

    assert min(differences) <= TOLERANCE, differences


def test_an_unknown_user_and_a_wrong_password_are_answered_alike(service: Service) -> None:
    register(service, "answered")

    known, unknown = (facts_of(try_to_log_in(service, name)) for name in ("answered", "nobody"))

    assert known == unknown
    assert known[0] == 401


def ask_for_reset(service: Service, username: str) -> httpx.Response:
    return service.ask("POST", f"{V1}/auth/password-reset", {"email": address_of(username)})


def test_a_reset_mail_takes_no_longer_to_ask_for_where_there_is_an_account(service: Service) -> None:
    register(service, "forgetful")

    differences = []
    for _ in range(MEASUREMENTS):
        differences.append(
            medians_differ_by(
                lambda _: ask_for_reset(service, "forgetful"), lambda _: ask_for_reset(service, "nobody")
            )
        )
        if differences[-1] <= TOLERANCE:
            break

    assert min(differences) <= TOLERANCE, differences


def test_a_reset_is_answered_alike_whether_or_not_there_is_an_account(service: Service) -> None:
    register(service, "answered_reset")

    known, unknown = (facts_of(ask_for_reset(service, name)) for name in ("answered_reset", "nobody"))

    assert known == unknown
    assert known[0] == 202
