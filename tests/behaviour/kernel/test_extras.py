"""What is not installed is asked for by the name of its extra."""

import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

from quayside.core.kernel import MissingExtraError, require

EXTRAS = {
    "adapters.embedded": "embedded",
    "adapters.http": "http",
    "adapters.mail": "mail",
    "adapters.postgres": "postgres",
    "adapters.redis": "redis",
    "adapters.security": "security",
    "adapters.serialization": "postgres",
    "adapters.telemetry": "api",
    "entrypoints.api": "service",
    "entrypoints.composition": "api",
    "entrypoints.settings": "settings",
}
IMPORT_EACH = """
import importlib, sys
for name in sys.argv[1:]:
    try:
        importlib.import_module(f"quayside.{name}")
    except ImportError as error:
        print(name, error)
"""
SOURCES = Path(__file__).parents[3] / "src"
A_SCRIPT = "adapters.embedded.watchdog"  # which runs by itself, where there is nothing of ours


@pytest.fixture(scope="module")
def bare_installation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that quayside and attrs alone can be imported from."""
    folder = tmp_path_factory.mktemp("bare")
    for package in ("quayside", "attr", "attrs"):
        spec = find_spec(package)
        assert spec is not None
        assert spec.origin is not None
        (folder / package).symlink_to(Path(spec.origin).parent)
    return folder


def modules() -> list[str]:
    """Of adapters all, of entry points the parts that can be used by themselves."""
    paths = [path.relative_to(SOURCES).with_suffix("") for path in SOURCES.glob("*/*/**/*.py")]
    names = [".".join(path.parts).removesuffix(".__init__") for path in paths]
    return [name for name in names if name.startswith(("adapters", *EXTRAS)) and name != A_SCRIPT]


def test_what_takes_an_extra_that_is_not_installed_names_it(bare_installation: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-S", "-c", IMPORT_EACH, *modules()],
        env={"PYTHONPATH": str(bare_installation)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()

    refused = {(".".join(line.split()[0].split(".")[:2]), line.rpartition(": ")[2]) for line in told}
    assert refused == {(part, f"pip install 'quayside[{extra}]'") for part, extra in EXTRAS.items()}


def test_a_missing_package_is_an_error_that_names_the_extra() -> None:
    with pytest.raises(MissingExtraError, match=r"pip install 'quayside\[embedded\]'"), require("embedded"):
        import_module("not_installed_anywhere.part")


def test_a_missing_module_of_our_own_is_no_matter_of_extras() -> None:
    with pytest.raises(ModuleNotFoundError), require("embedded"):
        import_module("quayside.adapters.not_there")


def test_what_is_installed_is_imported() -> None:
    with require("embedded"):
        import_module("quayside.core.kernel")
