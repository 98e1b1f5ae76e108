"""Files of keys: replaced whole, read by their owner alone, and changed by one process at a time."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

if sys.platform != "win32":
    import fcntl

Stamp = tuple[int, int, int]
"""Differs once a file was replaced; to look costs microseconds."""


def stamp(status: os.stat_result) -> Stamp:
    """The stamp of a file that has *status*."""
    return status.st_ino, status.st_mtime_ns, status.st_size


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Nobody else changes files in *folder* meanwhile, which is made where there is none; readers need no lock."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def replace_whole(path: Path, text: str) -> None:
    """Put *text* where *path* is, at once and surely on the disk."""
    # Only its owner can read a temporary file, from its first byte on.
    with NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).replace(path)
