"""The service keeps what its description says, whatever it is sent, and by whoever."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from system.service import Service, environment

ADMIN_PASSWORD = "Admiralty Chart 2649"
CONFIG = Path(__file__).with_name("schemathesis.toml")
HOOKS = Path(__file__).with_name("hooks.py")


@pytest.fixture(scope="module")
def service(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    started = Service.started(
        tmp_path_factory.mktemp("description"),
        database_url=database,
        rate_limit_factor="1000000",
        argon2_memory_kib="8",
        breach_check_url="off",
        bootstrap_admin=f"root:root@example.com:{ADMIN_PASSWORD}",
    )
    yield started
    started.kill()


def it_holds(service: Service, caller: str, *options: str) -> None:
    """Or else fail with what schemathesis has to say."""
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG), "run", "--no-color"]
    settings = environment({}) | {
        "CALLER": caller,
        "SERVICE": service.url,
        "ADMIN_PASSWORD": ADMIN_PASSWORD,
        "SCHEMATHESIS_HOOKS": str(HOOKS),
    }
    result = subprocess.run(
        [*command, "--continue-on-failure", *options, f"{service.url}/schema/openapi.json"],
        cwd=service.folder,
        env=settings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("caller", ["nobody", "user", "admin"])
def test_it_holds(service: Service, caller: str) -> None:
    it_holds(service, caller, "--max-examples", "8", "--seed", "1")


@pytest.mark.soak
@pytest.mark.parametrize("caller", ["nobody", "user", "admin"])
def test_it_holds_for_long(service: Service, caller: str) -> None:
    it_holds(service, caller, "--max-time", "300")
