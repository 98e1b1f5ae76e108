"""Data folders for an embedded PostgreSQL, in which nothing runs when the test is over."""

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from quayside.adapters.embedded import embedded_postgres
from system.embedded_postgres.processes import UNFLUSHED, eventually, kill_everything, processes_of

if sys.platform != "linux":
    collect_ignore_glob = ["test_*.py"]  # they look into /proc


@pytest.fixture(scope="session")
def initialised(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that one test after the other uses, because initdb takes long."""
    folder = tmp_path_factory.mktemp("embedded") / 'it\'s "ü"'  # signs that have to be quoted somewhere

    async def initialise() -> None:
        async with embedded_postgres(folder, settings=UNFLUSHED):
            pass

    asyncio.run(initialise())
    return folder


@pytest.fixture
def data_dir(initialised: Path) -> Iterator[Path]:
    yield initialised
    nothing_runs_in(initialised)


@pytest.fixture
def empty_dir(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    nothing_runs_in(tmp_path)


def nothing_runs_in(folder: Path) -> None:
    try:
        eventually(lambda: not processes_of(folder), within_s=10)
    finally:
        kill_everything(folder)
