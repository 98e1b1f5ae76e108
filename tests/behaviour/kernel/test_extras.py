"""What is not installed is asked for by the name of its extra."""

import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

from quayside.core.kernel import MissingExtraError, require

ADAPTERS = {
    "embedded": ["embedded"],
    "http": ["http.breaches", "http.stripe"],
    "mail": ["mail"],
    "postgres": ["postgres", "postgres.database", "serialization"],
    "redis": ["redis", "redis.cache"],
    "security": [
        "security.aes_gcm",
        "security.argon2",
        "security.jwt",
        "security.key_ring",
        "security.strength",
    ],
}
IMPORT_EACH = """
import importlib, sys
for name in sys.argv[1:]:
    try:
        importlib.import_module(f"quayside.adapters.{name}")
    except ImportError as error:
        print(name, error)
"""


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


def test_an_adapter_whose_extra_is_not_installed_names_it(bare_installation: Path) -> None:
    names = [name for adapters in ADAPTERS.values() for name in adapters]

    told = subprocess.run(
        [sys.executable, "-S", "-c", IMPORT_EACH, *names],
        env={"PYTHONPATH": str(bare_installation)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()

    refused = {line.split()[0]: line.rpartition(": ")[2] for line in told}
    assert refused == {
        name: f"pip install 'quayside[{extra}]'" for extra, adapters in ADAPTERS.items() for name in adapters
    }


def test_a_missing_package_is_an_error_that_names_the_extra() -> None:
    with pytest.raises(MissingExtraError, match=r"pip install 'quayside\[embedded\]'"), require("embedded"):
        import_module("not_installed_anywhere.part")


def test_a_missing_module_of_our_own_is_no_matter_of_extras() -> None:
    with pytest.raises(ModuleNotFoundError), require("embedded"):
        import_module("quayside.adapters.not_there")


def test_what_is_installed_is_imported() -> None:
    with require("embedded"):
        import_module("quayside.core.kernel")
