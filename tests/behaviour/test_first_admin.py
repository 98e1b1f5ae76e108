"""The Admin who is there from the start."""

import asyncio
import re

import pytest

from builders.shop import an_application, settings_of_a_shop
from quayside.core.identity import Device, InvalidCredentialsError, NameTakenError, Registration, Role, User
from quayside.core.kernel import PageRequest, Secret
from quayside.entrypoints.composition import Application
from quayside.entrypoints.first_admin import make_first_admin, random_password
from quayside.entrypoints.settings import SettingsError

URL = "http://127.0.0.1:8000"
NAMED = "root:root@shop.example:Analytical: Engine 1843"


async def log_in(application: Application, username: str, password: str) -> User:
    return (await application.identity.log_in(username, Secret(password), Device())).user


async def usernames(application: Application) -> list[str]:
    return [user.username for user in (await application.storage.users.list(PageRequest())).items]


async def test_the_admin_that_is_named_is_made() -> None:
    async with an_application(settings_of_a_shop(bootstrap_admin=NAMED)) as application:
        told = await make_first_admin(application, URL)

        admin = await log_in(application, "root", "Analytical: Engine 1843")
        assert told is None
        assert (admin.email, admin.roles) == ("root@shop.example", frozenset({Role.USER, Role.ADMIN}))


async def test_an_account_that_exists_is_never_changed() -> None:
    async with an_application(settings_of_a_shop(bootstrap_admin=NAMED)) as application:
        before = Registration("ROOT", "ada@shop.example", Secret("Difference Engine 1822"))
        await application.identity.register_user(before)

        await make_first_admin(application, URL)

        user = await log_in(application, "root", "Difference Engine 1822")
        assert (user.email, user.roles) == ("ada@shop.example", frozenset({Role.USER}))


async def test_an_admin_whose_address_is_anothers_is_refused() -> None:
    async with an_application(settings_of_a_shop(bootstrap_admin=NAMED)) as application:
        other = Registration("ada", "root@shop.example", Secret("Difference Engine 1822"))
        await application.identity.register_user(other)

        with pytest.raises(NameTakenError):
            await make_first_admin(application, URL)


async def test_an_admin_that_breaks_rules_is_refused_by_the_name_of_the_setting() -> None:
    async with an_application(
        settings_of_a_shop(bootstrap_admin="root:root@shop.example:hunter")
    ) as application:
        with pytest.raises(SettingsError) as refused:
            await make_first_admin(application, URL)

    assert "QUAYSIDE_BOOTSTRAP_ADMIN: password must contain a digit" in str(refused.value)
    assert "hunter" not in str(refused.value)


async def test_in_development_there_is_one_and_its_password_is_told_once() -> None:
    async with an_application(settings_of_a_shop()) as application:
        told = await make_first_admin(application, URL)
        again = await make_first_admin(application, URL)

        assert told is not None
        [password] = re.findall(r"password +(\S+)\n", told)
        admin = await log_in(application, "admin", password)
        assert admin.roles == {Role.USER, Role.ADMIN}
        assert again is None


async def test_who_has_an_admin_gets_no_other() -> None:
    async with an_application(settings_of_a_shop()) as application:
        ada = Registration("ada", "ada@shop.example", Secret("Difference Engine 1822"))
        await application.identity.register_user(ada, roles=[Role.ADMIN])

        assert await make_first_admin(application, URL) is None
        assert await usernames(application) == ["ada"]


async def test_of_processes_that_start_at_once_one_makes_it() -> None:
    async with an_application(settings_of_a_shop()) as application:
        told = await asyncio.gather(*(make_first_admin(application, URL) for _ in range(5)))

        assert len([text for text in told if text]) == 1
        assert await usernames(application) == ["admin"]


async def test_production_makes_none_unasked() -> None:
    production = {"environment": "production", "gateway": "sandbox", "smtp_url": "smtps://mail.example"}
    async with an_application(settings_of_a_shop(**production)) as application:
        assert await make_first_admin(application, URL) is None
        assert await usernames(application) == []


async def test_a_changed_password_stays_changed() -> None:
    async with an_application(settings_of_a_shop(bootstrap_admin=NAMED)) as application:
        await make_first_admin(application, URL)
        root = await application.storage.users.find_by_login("root")
        assert root is not None
        await application.identity.replace_password(root.id, Secret("Difference Engine 1822"))

        await make_first_admin(application, URL)

        with pytest.raises(InvalidCredentialsError):
            await log_in(application, "root", "Analytical: Engine 1843")


def test_random_passwords_keep_every_policy() -> None:
    passwords = {random_password().reveal() for _ in range(500)}

    assert len(passwords) == 500
    for password in passwords:
        assert len(password) == 20
        assert re.search("[A-Z]", password)
        assert re.search("[a-z]", password)
        assert re.search("[0-9]", password)
