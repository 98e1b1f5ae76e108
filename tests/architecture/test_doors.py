"""What is entered where: a context through its ``__init__``, the adapters through the composition root."""

from functools import cache
from pathlib import Path

import pytest

from architecture.sources import ROOT, Source, sources

COMPOSITION_ROOT = Path("src/entrypoints/composition")

# Logs and metrics belong to the process and not to what is composed in it: an entry point sets them up first.
TELEMETRY = "quayside.adapters.telemetry"

# What records events is made by builders, which have each of them looked at for secrets.
BUILDERS = Path("tests/builders")
RECORDING = {"quayside.core.eventlog.Recorder", "quayside.entrypoints.composition.composed"}


def side_entrances(source: Source) -> list[str]:
    """Every import of a module inside a context that *source* is no part of."""
    problems = []
    for found in source.imports:
        package, *parts = found.target.split(".")
        if package != "quayside" or parts[:1] != ["core"]:
            continue
        context = Path("src", *parts[:2])
        modules = (Path("src", *parts[:length]).with_suffix(".py") for length in range(3, len(parts) + 1))
        if context not in source.path.parents and any(map(_is_module, modules)):
            problems.append(source.problem(found.line, f"imports {found.target} past its context's __init__"))
    return problems


@cache
def _is_module(path: Path) -> bool:
    return (ROOT / path).is_file()


def named_adapters(source: Source) -> list[str]:
    """Every import of an adapter by an entry point that is not the composition root."""
    return [
        source.problem(found.line, f"names the adapter {found.target}")
        for found in source.imports
        if COMPOSITION_ROOT not in source.path.parents
        and found.target.startswith("quayside.adapters")
        and not found.target.startswith(TELEMETRY)
    ]


def unseen_recorders(source: Source) -> list[str]:
    """Every import, by a test, of what records events that nobody looks at."""
    return [
        source.problem(found.line, f"imports {found.target} past builders")
        for found in source.imports
        if BUILDERS not in source.path.parents and found.target in RECORDING
    ]


def test_a_context_is_entered_through_its_init_alone() -> None:
    files = sources("src", "tests", "benchmarks")

    assert [problem for source in files for problem in side_entrances(source)] == []


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("src/core/payments/ports.py", "from ..kernel.errors import QuaysideError"),
        ("src/core/payments/ports.py", "from ..kernel import errors"),
        ("src/adapters/memory/payments.py", "from ...core.payments.entities import Payment"),
        ("tests/behaviour/payments/test_refunds.py", "from quayside.core.payments.entities import Payment"),
        ("benchmarks/money.py", "import quayside.core.payments.entities as entities"),
    ],
)
def test_a_side_entrance_is_caught(path: str, code: str) -> None:
    assert side_entrances(Source(Path(path), code))


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("src/core/payments/ports.py", "from ..kernel import QuaysideError"),
        ("src/core/payments/ports.py", "from .entities import Payment"),
        ("src/core/payments/requests.py", "from ..kernel.validation import required"),
        ("src/core/kernel/validation/rules.py", "from ..errors import FieldError"),
    ],
)
def test_the_front_door_is_open(path: str, code: str) -> None:
    assert side_entrances(Source(Path(path), code)) == []


def test_the_composition_root_alone_names_adapters() -> None:
    assert [problem for source in sources("src/entrypoints") for problem in named_adapters(source)] == []


@pytest.mark.parametrize(
    ("path", "code", "problems"),
    [
        ("src/entrypoints/api/app.py", "from ...adapters.memory import MemoryStore", 1),
        ("src/entrypoints/api/app.py", "from ...adapters import postgres", 1),
        ("src/entrypoints/cli/serve.py", "from ...adapters.telemetry.logging import configure", 0),
        ("src/entrypoints/composition/storage.py", "from ...adapters.memory import MemoryStore", 0),
    ],
)
def test_an_adapter_named_elsewhere_is_caught(path: str, code: str, problems: int) -> None:
    assert len(named_adapters(Source(Path(path), code))) == problems


def test_no_test_records_events_that_nobody_looks_at() -> None:
    assert [problem for source in sources("tests") for problem in unseen_recorders(source)] == []


@pytest.mark.parametrize(
    ("path", "code", "problems"),
    [
        ("tests/behaviour/test_refunds.py", "from quayside.core.eventlog import Recorder", 1),
        ("tests/system/test_refunds.py", "from quayside.entrypoints.composition import composed", 1),
        ("tests/builders/shop.py", "from quayside.entrypoints.composition import composed", 0),
    ],
)
def test_a_recorder_that_nobody_looks_at_is_caught(path: str, code: str, problems: int) -> None:
    assert len(unseen_recorders(Source(Path(path), code))) == problems
