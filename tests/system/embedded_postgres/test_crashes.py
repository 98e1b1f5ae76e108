"""No server is left behind however its clients end, and none is lost however it ends itself."""

import asyncio
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from quayside.adapters.embedded import EmbeddedPostgresError, embedded_postgres
from quayside.adapters.embedded.binaries import installed_binaries
from quayside.adapters.embedded.home import Home
from system.embedded_postgres.processes import (
    UNFLUSHED,
    answer,
    answers,
    client,
    eventually,
    kill_everything,
    processes_of,
    server_pid,
    watchdog_pid,
    write_a_row,
)


@contextmanager
def server_of_somebody_else(data_dir: Path) -> Iterator[str]:
    """One that was started by hand on the same data."""
    home = Home.below(data_dir)
    postgres = next(installed_binaries()).folder / "postgres"
    as_nobody = ["unshare", "--user", "--map-user=65534"] if os.geteuid() == 0 else []
    # At no port, and in no folder, at which this is tested by somebody else at the same moment.
    with (
        TemporaryDirectory() as sockets,
        subprocess.Popen(
            [*as_nobody, postgres, "-D", home.data, "-k", sockets, "-c", "listen_addresses="],
            stderr=subprocess.DEVNULL,
        ) as server,
    ):
        url = f"postgresql://quayside@/quayside?host={sockets}"
        eventually(lambda: answers(url))
        try:
            yield url
        finally:
            server.send_signal(signal.SIGINT)


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_no_process_stays_behind_when_its_only_client_dies(data_dir: Path, end: signal.Signals) -> None:
    with client(data_dir) as only:
        assert answers(only.url())

        only.process.send_signal(end)

        eventually(lambda: not processes_of(data_dir))


def test_ctrl_c_and_the_end_of_a_service_group_leave_the_server_to_those_who_still_work(
    data_dir: Path,
) -> None:
    with client(data_dir) as worker:
        url = worker.url()
        with psycopg.connect(url) as connection:
            for stop in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
                os.kill(watchdog_pid(data_dir), stop)

            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert os.getsid(server_pid(data_dir)) != os.getsid(worker.process.pid)


def test_a_killed_server_comes_back_to_its_running_client_with_all_that_was_committed(data_dir: Path) -> None:
    with client(data_dir) as service:
        url = service.url()
        write_a_row(url)

        os.kill(server_pid(data_dir), signal.SIGKILL)

        eventually(lambda: answers(url))
        assert answer(url, "SELECT amount_minor FROM kept") == 1999


async def test_a_server_that_cannot_come_back_yet_does_so_when_the_cause_is_gone(
    data_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    configuration = data_dir / "postgres/data/postgresql.auto.conf"
    valid = configuration.read_bytes()
    async with embedded_postgres(data_dir, settings=UNFLUSHED) as url:
        try:
            configuration.write_bytes(b"no such setting = 1\n")
            os.kill(server_pid(data_dir), signal.SIGKILL)
            await asyncio.to_thread(eventually, lambda: "could not be started again" in caplog.text)
        finally:
            configuration.write_bytes(valid)

        await asyncio.to_thread(eventually, lambda: answers(url))


def test_a_killed_watchdog_takes_the_server_along_and_both_come_back(data_dir: Path) -> None:
    with client(data_dir) as service:
        url = service.url()
        write_a_row(url)
        before = server_pid(data_dir)

        os.kill(watchdog_pid(data_dir), signal.SIGKILL)

        eventually(lambda: not Path(f"/proc/{before}").exists())
        eventually(lambda: answers(url))
        assert answer(url, "SELECT amount_minor FROM kept") == 1999


async def test_when_all_was_killed_the_next_start_recovers(data_dir: Path) -> None:
    with client(data_dir) as service:
        write_a_row(service.url())
        kill_everything(data_dir, service)

    async with embedded_postgres(data_dir, settings=UNFLUSHED) as url:
        assert answer(url, "SELECT amount_minor FROM kept") == 1999


def test_a_pid_that_another_program_has_by_now_does_not_keep_the_server_from_starting(
    data_dir: Path,
) -> None:
    with client(data_dir) as service:
        service.url()
        kill_everything(data_dir, service)
    for lock_file in (data_dir / "postgres/data/postmaster.pid", data_dir / "postgres/.s.PGSQL.5432.lock"):
        _, *rest = lock_file.read_text().splitlines()
        lock_file.write_text("\n".join([str(os.getpid()), *rest, ""]))

    with client(data_dir) as service:
        assert answers(service.url())


async def test_a_server_that_somebody_else_runs_on_the_data_is_left_alone(data_dir: Path) -> None:
    with server_of_somebody_else(data_dir) as url:
        with pytest.raises(EmbeddedPostgresError, match=r'lock file "postmaster.pid" already exists'):
            async with embedded_postgres(data_dir, settings=UNFLUSHED):
                pass

        assert answers(url)


def test_an_initdb_that_was_killed_midway_is_made_good_at_the_next_start(empty_dir: Path) -> None:
    unfinished = empty_dir / "postgres/data.new"
    with client(empty_dir) as first:
        eventually((unfinished / "base").exists)
        kill_everything(empty_dir, first)
    assert unfinished.exists()
    assert not (empty_dir / "postgres/data").exists()

    with client(empty_dir) as second:
        assert answers(second.url())

    assert not unfinished.exists()


async def test_a_server_that_does_not_answer_is_given_up_in_time(data_dir: Path) -> None:
    with client(data_dir) as service:
        service.url()
        os.kill(server_pid(data_dir), signal.SIGSTOP)

        with pytest.raises(EmbeddedPostgresError, match=r"did not answer within 0\.5 s"):
            async with embedded_postgres(data_dir, timeout_s=0.5):
                pass

        os.kill(server_pid(data_dir), signal.SIGCONT)


def test_even_if_the_whole_folder_is_deleted_nothing_stays_behind(empty_dir: Path) -> None:
    with client(empty_dir) as service:
        service.url()
        shutil.rmtree(empty_dir / "postgres")
        service.leave()
