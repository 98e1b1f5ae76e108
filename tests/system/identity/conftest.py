"""Services whose accounts nobody else touches."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from system.identity.people import ADMIN, ADMIN_PASSWORD, address_of
from system.service import Service, Start


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where they run, keep their keys and put their letters."""
    return tmp_path_factory.mktemp("identity")


@pytest.fixture(scope="module")
def start(database: str, folder: Path) -> Iterator[Start]:
    """
    Starts a service on that database. Its limits are out of the way, but for the account's own login failures.

    Passwords are hashed as cheaply as can be, unless a file says otherwise.
    """
    services: list[Service] = []
    shared = {
        "database_url": database,
        "public_url": "https://shop.example",
        "breach_check_url": "off",
        "rate_limit_factor": "1000",
        "argon2_memory_kib": "8",
        "bootstrap_admin": f"{ADMIN}:{address_of(ADMIN)}:{ADMIN_PASSWORD}",
    }

    def started(**settings: str) -> Service:
        services.append(Service.started(folder, **shared | settings))
        return services[-1]

    yield started
    for service in services:
        service.kill()
