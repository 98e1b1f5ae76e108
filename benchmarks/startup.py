"""How long a program waits for quayside before it can begin."""

import os
import sys
from functools import partial
from pathlib import Path
from statistics import median
from subprocess import PIPE, Popen, run
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks.harness import Benchmark, Figures, side_by_side

_IMPORTS = 21
_STARTS = 5

# Compiled modules are kept, as they are for users, also where the environment says otherwise.
_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _import_of(module: str) -> Figures:
    """Time fresh interpreters that import *module*, less what one takes that does nothing."""
    importing_and_bare = side_by_side(
        lambda: _milliseconds(f"import {module}"), lambda: _milliseconds("pass"), rounds=_IMPORTS
    )
    assert importing_and_bare.peer_value is not None
    return Figures(importing_and_bare.value - importing_and_bare.peer_value)


def _milliseconds(program: str) -> float:
    start = perf_counter()
    run([sys.executable, "-c", program], env=_ENVIRONMENT, check=True)
    return (perf_counter() - start) * 1e3


def _service_ready() -> Figures:
    """Time the service from its start to its listening, on the embedded PostgreSQL with data that is there already."""
    with TemporaryDirectory() as folder:
        _start_and_stop(Path(folder))
        return Figures(median(_start_and_stop(Path(folder)) for _ in range(_STARTS)))


def _start_and_stop(folder: Path) -> float:
    settings = {"QUAYSIDE_DATA_DIR": str(folder), "QUAYSIDE_LOG_FORMAT": "json", "QUAYSIDE_PORT": "0"}
    command = [sys.executable, "-m", "quayside", "serve"]
    start = perf_counter()
    with Popen(command, cwd=folder, env=_ENVIRONMENT | settings, stderr=PIPE, stdout=PIPE) as service:
        assert service.stderr is not None
        while b'"listening"' not in service.stderr.readline():
            assert service.poll() is None, "the service ended"
        ready = perf_counter()
        service.terminate()
        service.communicate()
    return (ready - start) * 1e3


BENCHMARKS = (
    Benchmark(name="startup.import_core", unit="ms", goal=60, measure=partial(_import_of, "quayside.core")),
    Benchmark(
        name="startup.import_payments",
        unit="ms",
        goal=250,  # asyncio, and some hundred classes that attrs makes
        measure=partial(_import_of, "quayside.core.payments"),
    ),
    Benchmark(name="startup.ready", unit="ms", goal=1_500, measure=_service_ready),
)
