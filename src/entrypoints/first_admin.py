"""The Admin who is there from the start, so that somebody can make others."""

import json
import secrets
from textwrap import dedent
from uuid import UUID

import structlog

from ..core.identity import Registration
from ..core.kernel import FieldError, Secret, ValidationFailedError
from ..core.kernel.validation import normalized
from .composition import Application
from .settings import PREFIX, SettingsError

_log = structlog.get_logger()

_USERNAME = "admin"
_EMAIL = "admin@quayside.example"
_CUSTOMER_ID = UUID("0192f0c1-7d3a-7c3e-9d55-2b8f0a6f4e11")


async def make_first_admin(application: Application, url: str) -> str | None:
    """
    Make the Admin that the settings name; or, in development, one with a random password if there is no Admin at all.

    Several processes may start at once: one of them makes it. An account that exists is never changed.

    Args:
        url: Where the service listens.

    Returns:
        What to tell the one person who starts it, this once: a password that nobody knows yet, and how to use it.

    Raises:
        SettingsError: the account that the settings name breaks rules.
        NameTakenError: its e-mail address is another account's.
    """
    settings = application.settings
    if settings.bootstrap_admin is not None:
        await _make(application, _named(settings.bootstrap_admin.get_secret_value()))
        if not await _has_admin(application):
            _log.warning("no admin", hint="the account that BOOTSTRAP_ADMIN names exists, and is none")
    elif settings.environment == "development" and not await _has_admin(application):
        password = random_password()
        if await _make(application, Registration(_USERNAME, _EMAIL, password)):
            return _greeting(application, url, password)
    return None


def random_password() -> Secret:
    """A password that nobody guesses: 20 characters, 120 bits, as every policy wants it."""
    while True:
        text = secrets.token_urlsafe(15)
        if all(any(map(is_such, text)) for is_such in (str.isupper, str.islower, str.isdigit)):
            return Secret(text)


def _named(account: str) -> Registration:
    username, email, password = normalized(account).split(":", 2)
    return Registration(username, email, Secret(password))


async def _make(application: Application, wanted: Registration) -> bool:
    try:
        admin = await application.identity.ensure_admin(wanted)
    except ValidationFailedError as error:
        raise SettingsError(
            FieldError(f"{PREFIX}BOOTSTRAP_ADMIN", f"{broken.field} {broken.message}", broken.code)
            for broken in error.field_errors
        ) from None
    if admin is not None:
        _log.info("admin made", user_id=str(admin.id))
    return admin is not None


async def _has_admin(application: Application) -> bool:
    async with application.storage.begin() as tx:
        return bool(await tx.users.lock_admins())


def _greeting(application: Application, url: str, password: Secret) -> str:
    api = f"{url}/api/v1"
    login = json.dumps({"username": _USERNAME, "password": password.reveal()})
    payment = {
        "amount": "20",
        "currency": application.settings.currencies[0],
        "card_id": "my-visa",
        "customer_id": str(_CUSTOMER_ID),
        "address_details": {
            "house_number": "12",
            "address_line1": "Dock Road",
            "city": "London",
            "postcode": "E16 1AA",
        },
        "paying_card_details": {
            "card_number": "4242424242424242",
            "expiry_month": 12,
            "expiry_year": application.clock().year + 3,
            "cvv": "123",
            "cardholder_name": "Ada Lovelace",
        },
    }
    return dedent(f"""
        There was no Admin yet, so here is one. Its password is shown this once:

          username  {_USERNAME}
          password  {password.reveal()}

        Log in, and take a payment:

        token=$(curl -s {api}/auth/login -H 'Content-Type: application/json' -d '{login}' |
          grep -o '"token":"[^"]*"' | cut -d '"' -f 4)
        curl -i {api}/payments -H "Authorization: Bearer $token" -H 'Content-Type: application/json' -d '{{payment}}'
        """).replace("{payment}", json.dumps(payment, indent=2))
