"""The embedded PostgreSQL as root, where PostgreSQL itself refuses to run, and as an ordinary user."""

import os
import pwd
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

import quayside
from system.embedded_postgres.conftest import nothing_runs_in
from system.embedded_postgres.processes import (
    answers,
    client,
    eventually,
    processes_of,
    server_pid,
)

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")

NOBODY = pwd.getpwnam("nobody")
WITHOUT_USER_NAMESPACES = (sys.executable, str(Path(__file__).with_name("without_user_namespaces.py")))


def open_to_all(path: Path) -> bool:
    return all(folder.stat().st_mode & 0o001 for folder in path.resolve().parents)


@pytest.fixture
def public_dir() -> Iterator[Path]:
    """A folder whose parents everybody may enter, as those of pytest are not."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    nothing_runs_in(folder)
    shutil.rmtree(folder)


@pytest.fixture
def python_of_all(public_dir: Path) -> tuple[str, dict[str, str]]:
    """A Python of this version that an ordinary user may run, and the environment in which it finds our code."""
    same = shutil.which(f"python3.{sys.version_info.minor}", path="/usr/local/bin:/usr/bin")
    package = Path(quayside.__file__).parent
    found = [python for python in (sys.executable, same) if python and open_to_all(Path(python))]
    if not found or not open_to_all(package) or not open_to_all(Path(psycopg.__file__)):
        pytest.skip("an ordinary user can reach no Python of this version, or not the code")
    (public_dir / "quayside").symlink_to(package)
    return found[0], {"PYTHONPATH": os.pathsep.join([str(public_dir), *sys.path])}


def test_root_s_data_stays_root_s(data_dir: Path) -> None:
    with client(data_dir) as service:
        assert answers(service.url())
        service.leave()

    assert {path.stat().st_uid for path in (data_dir / "postgres").rglob("*")} == {0}


def test_where_user_namespaces_are_forbidden_root_s_data_is_given_to_nobody(public_dir: Path) -> None:
    for _ in range(2):
        with client(public_dir, *WITHOUT_USER_NAMESPACES) as service:
            url = service.url()
            assert answers(url)
            assert Path(f"/proc/{server_pid(public_dir)}").stat().st_uid == NOBODY.pw_uid
            service.leave()

    assert {path.stat().st_uid for path in (public_dir / "postgres/data").rglob("*")} == {NOBODY.pw_uid}
    assert processes_of(public_dir) == set()


def test_data_that_nobody_can_reach_where_it_would_have_to_is_an_error_with_ways_out(empty_dir: Path) -> None:
    empty_dir.chmod(0o700)

    with client(empty_dir, *WITHOUT_USER_NAMESPACES) as service:
        error = service.error()

    assert f"{empty_dir}/postgres is out of reach" in error
    assert "QUAYSIDE_DATABASE_URL" in error


def test_an_ordinary_user_has_a_server_that_dies_with_its_client(
    public_dir: Path, python_of_all: tuple[str, dict[str, str]]
) -> None:
    python, environment = python_of_all
    os.chown(public_dir, NOBODY.pw_uid, NOBODY.pw_gid)

    with client(public_dir, python=python, user=NOBODY, environment=environment) as service:
        assert answers(service.url())
        assert Path(f"/proc/{server_pid(public_dir)}").stat().st_uid == NOBODY.pw_uid

        service.process.kill()

        eventually(lambda: not processes_of(public_dir))


def test_root_serves_an_ordinary_user_s_data_as_that_user(
    public_dir: Path, python_of_all: tuple[str, dict[str, str]]
) -> None:
    python, environment = python_of_all
    os.chown(public_dir, NOBODY.pw_uid, NOBODY.pw_gid)
    with client(public_dir, python=python, user=NOBODY, environment=environment) as service:
        service.url()
        service.leave()

    with client(public_dir) as administrator:
        assert answers(administrator.url())
        assert Path(f"/proc/{server_pid(public_dir)}").stat().st_uid == NOBODY.pw_uid
        with client(public_dir, python=python, user=NOBODY, environment=environment) as service:
            assert answers(service.url())
            service.leave()
        administrator.leave()
