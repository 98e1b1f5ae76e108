"""How often somebody may be wrong, and that nobody is locked out by others."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from builders import HOME, PASSWORD, Accounts
from quayside.adapters.security.argon2 import PasswordHasherBusyError
from quayside.core.eventlog import StreamId
from quayside.core.identity import Device, InvalidCredentialsError, LoginRefused, RefusedLogin
from quayside.core.kernel import Permission, Secret
from quayside.core.resilience import RateLimitExceededError

ELSEWHERE = "198.51.100.7"
WRONG = "Wrong password 1"
QUARTER = timedelta(minutes=15)


async def fails(accounts: Accounts, times: int, login: str = "ada", *, ip_address: str = ELSEWHERE) -> None:
    for _ in range(times):
        with pytest.raises(InvalidCredentialsError):
            await accounts.enter(login, WRONG, ip_address=ip_address)


async def wait_after_refusal(accounts: Accounts, login: str = "ada", *, ip_address: str = ELSEWHERE) -> int:
    """Seconds that somebody with the right password is told to wait."""
    with pytest.raises(RateLimitExceededError) as refusal:
        await accounts.enter(login, ip_address=ip_address)
    return refusal.value.verdict.reset_after_s


@pytest.mark.parametrize("login", ["ada", "nobody"])
async def test_after_ten_failures_an_account_is_throttled_whether_or_not_there_is_one(
    accounts: Accounts, login: str
) -> None:
    await accounts.has("ada")
    await fails(accounts, 10, login)

    assert await wait_after_refusal(accounts, login) == 15 * 60


async def test_ten_failures_by_name_and_by_address_together_are_the_accounts(accounts: Accounts) -> None:
    await accounts.has("ada")
    await fails(accounts, 5, "Ada")
    await fails(accounts, 5, "ada@example.com")

    await wait_after_refusal(accounts)


async def test_failures_from_many_addresses_are_the_accounts_too(accounts: Accounts) -> None:
    await accounts.has("ada")
    for n in range(10):
        await fails(accounts, 1, ip_address=f"198.51.100.{n}")

    await wait_after_refusal(accounts, ip_address="198.51.100.99")


async def test_the_right_password_is_no_failure(accounts: Accounts) -> None:
    await accounts.has("ada")
    await fails(accounts, 9)

    for _ in range(20):
        await accounts.enter("ada", ip_address=ELSEWHERE)


async def test_a_window_that_has_passed_is_forgotten(accounts: Accounts) -> None:
    await accounts.has("ada")
    await fails(accounts, 10)

    accounts.clock.advance(QUARTER)

    await accounts.enter("ada", ip_address=ELSEWHERE)


async def test_the_wait_doubles_for_whoever_goes_on(accounts: Accounts) -> None:
    await accounts.has("ada")
    waits = []
    for _ in range(3):
        await fails(accounts, 10)
        waits.append(await wait_after_refusal(accounts))
        accounts.clock.advance(timedelta(seconds=waits[-1]))

    assert waits == [900, 1800, 3600]


async def test_an_address_from_which_the_user_has_logged_in_is_not_locked_out_by_others(
    accounts: Accounts,
) -> None:
    await accounts.has("ada")
    await accounts.enter("ada", ip_address=HOME)
    await fails(accounts, 10, ip_address=ELSEWHERE)
    await wait_after_refusal(accounts, ip_address=ELSEWHERE)

    await accounts.enter("ada", ip_address=HOME)


async def test_the_users_own_address_has_a_limit_too(accounts: Accounts) -> None:
    await accounts.has("ada")
    await accounts.enter("ada", ip_address=HOME)
    await fails(accounts, 10, ip_address=HOME)

    await wait_after_refusal(accounts, ip_address=HOME)


async def test_an_address_is_known_to_the_accounts_of_its_own_logins_alone(accounts: Accounts) -> None:
    await accounts.has("ada")
    await accounts.has("mallory")
    await accounts.enter("mallory", ip_address=ELSEWHERE)
    await fails(accounts, 10, "ada", ip_address="203.0.113.9")

    await wait_after_refusal(accounts, "ada", ip_address=ELSEWHERE)


async def test_a_hundred_failures_throttle_an_address_whatever_it_tries(accounts: Accounts) -> None:
    await accounts.has("ada")
    for n in range(100):
        await fails(accounts, 1, f"user{n}")

    await wait_after_refusal(accounts, "ada")
    await accounts.enter("ada", ip_address=HOME)


async def test_a_throttled_address_adds_nothing_to_what_others_wait_for(accounts: Accounts) -> None:
    await accounts.has("ada")
    for n in range(100):
        await fails(accounts, 1, f"user{n}")
    for _ in range(20):
        await wait_after_refusal(accounts, "ada")

    await accounts.enter("ada", ip_address="203.0.113.9")


async def test_a_throttled_login_is_recorded(accounts: Accounts) -> None:
    user = await accounts.has("ada")
    await fails(accounts, 10)
    await wait_after_refusal(accounts)

    *_, last = await accounts.store.events.read_stream(StreamId("access", user.id))
    assert last.event == LoginRefused(user.id, RefusedLogin.THROTTLED, accounts.clock())


async def test_sessions_go_on_while_logins_are_throttled(accounts: Accounts) -> None:
    await accounts.has("ada")
    token = (await accounts.enter("ada", ip_address=HOME)).token.reveal()
    await fails(accounts, 10, ip_address=HOME)

    assert (await accounts.authenticate(token)).may(Permission.PAYMENTS_CREATE)


async def test_a_wrong_current_password_counts_as_a_failed_login(accounts: Accounts) -> None:
    user = await accounts.has("ada")
    caller = await accounts.caller("ada", ip_address=HOME)
    for n in range(10):
        with pytest.raises(InvalidCredentialsError):
            if n % 2:
                await accounts.change_email(
                    caller, user.id, "a@example.com", current_password=Secret(WRONG), device=Device(HOME)
                )
            else:
                await accounts.change_password(
                    caller,
                    user.id,
                    current_password=Secret(WRONG),
                    new_password=Secret(PASSWORD),
                    device=Device(HOME),
                )

    await wait_after_refusal(accounts, ip_address=HOME)


async def test_a_password_that_nobody_could_look_at_is_no_failure(accounts: Accounts) -> None:
    await accounts.has("ada")
    accounts.hasher.argon2.close()

    for _ in range(20):
        with pytest.raises(PasswordHasherBusyError):
            await accounts.enter("ada")


async def test_a_login_that_is_given_up_before_anybody_looked_is_no_failure(accounts: Accounts) -> None:
    await accounts.has("ada")
    async with asyncio.timeout(10):
        for _ in range(20):
            accounts.hasher.is_asked.clear()
            attempt = asyncio.create_task(accounts.enter("ada", WRONG, ip_address=ELSEWHERE))
            await accounts.hasher.is_asked.wait()
            attempt.cancel()
            with pytest.raises(asyncio.CancelledError):
                await attempt

    await fails(accounts, 10)


async def test_right_passwords_that_come_together_are_all_let_in(accounts: Accounts) -> None:
    await accounts.has("ada")

    logins = await asyncio.gather(*(accounts.enter("ada", ip_address=ELSEWHERE) for _ in range(50)))

    assert len({login.session.id for login in logins}) == 50


async def test_wrong_passwords_that_come_together_get_no_further_than_one_after_the_other(
    accounts: Accounts,
) -> None:
    await accounts.has("ada")
    attempts = (accounts.enter("ada", WRONG, ip_address=ELSEWHERE) for _ in range(50))

    outcomes = await asyncio.gather(*attempts, return_exceptions=True)

    assert Counter(map(type, outcomes)) == {InvalidCredentialsError: 10, RateLimitExceededError: 40}


async def test_an_ipv6_client_gets_no_further_by_taking_other_addresses(accounts: Accounts) -> None:
    await accounts.has("ada")
    for n in range(100):
        await fails(accounts, 1, f"user{n}", ip_address=f"2001:db8::{n:x}")

    await wait_after_refusal(accounts, ip_address="2001:db8::ffff")
    await accounts.enter("ada", ip_address="2001:db8:0:1::1")


async def test_an_ipv6_user_is_known_at_any_address_of_their_site(accounts: Accounts) -> None:
    await accounts.has("ada")
    await accounts.enter("ada", ip_address="2001:db8::1")
    await fails(accounts, 10, ip_address=ELSEWHERE)

    await accounts.enter("ada", ip_address="2001:db8::2")
    await fails(accounts, 10, ip_address="2001:db8::3")
    await wait_after_refusal(accounts, ip_address="2001:db8::1")
