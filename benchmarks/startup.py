"""How long a program waits for quayside before it can begin."""

import sys
from pkgutil import iter_modules
from subprocess import run
from time import perf_counter

import quayside.core
from benchmarks.harness import Benchmark, Figures, side_by_side

_ROUNDS = 21


def _import_of_core() -> Figures:
    """Time fresh interpreters that import every context of the core, less what one takes that does nothing."""
    contexts = ", ".join(f"quayside.core.{context.name}" for context in iter_modules(quayside.core.__path__))
    importing_and_bare = side_by_side(
        lambda: _milliseconds(f"import {contexts}"), lambda: _milliseconds("pass"), rounds=_ROUNDS
    )
    assert importing_and_bare.peer_value is not None
    return Figures(importing_and_bare.value - importing_and_bare.peer_value)


def _milliseconds(program: str) -> float:
    start = perf_counter()
    run([sys.executable, "-c", program], check=True)
    return (perf_counter() - start) * 1e3


BENCHMARKS = (Benchmark(name="startup.import_core", unit="ms", goal=60, measure=_import_of_core),)
