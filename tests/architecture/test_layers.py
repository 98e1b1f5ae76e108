"""Who may import whom: the contracts of import-linter in pyproject.toml, and that they bite."""

import os
import subprocess
import sysconfig
from pathlib import Path

import pytest

from architecture.sources import ROOT

LINT_IMPORTS = Path(sysconfig.get_path("scripts"), "lint-imports")

FORBIDDEN = {
    "core.kernel": "..eventlog",
    "core.eventlog": "..payments",
    "core.resilience": "..eventlog",
    "core.payments": "..inventory",
    "core.inventory": "..ordering",
    "core.ordering": "..fulfilment",
    "core.fulfilment": "..analytics",
    "core.analytics": "...adapters.memory",
    "adapters.memory": "..postgres",
    "adapters.postgres": "...entrypoints",
}
PACKAGES = [*FORBIDDEN, "entrypoints"]


def lint_imports(parent: Path) -> subprocess.CompletedProcess[str]:
    """Check the package quayside that stands in *parent*; where none does, the installed one."""
    return subprocess.run(
        [LINT_IMPORTS, "--config", ROOT / "pyproject.toml", "--no-cache", "--no-logo"],
        cwd=parent,
        env=os.environ | {"PYTHONPATH": str(parent)},
        capture_output=True,
        text=True,
        check=False,
    )


def lay_out(parent: Path, packages: list[str]) -> None:
    root = parent / "quayside"
    for package in packages:
        root.joinpath(*package.split(".")).mkdir(parents=True)
    for folder in [root, *root.rglob("*")]:
        (folder / "__init__.py").touch()


def test_imports_go_from_entrypoints_to_adapters_to_core_and_down_its_layers() -> None:
    result = lint_imports(ROOT)

    assert result.returncode == 0, result.stdout + result.stderr


def test_every_import_up_or_across_a_layer_is_caught(tmp_path: Path) -> None:
    lay_out(tmp_path, PACKAGES)
    for importer, imported in FORBIDDEN.items():
        module = tmp_path.joinpath("quayside", *importer.split("."), "wrong.py")
        module.write_text(f"from {imported} import anything\n")

    result = lint_imports(tmp_path)

    assert result.returncode == 1, result.stdout + result.stderr
    caught = {importer for importer in FORBIDDEN if f"quayside.{importer}.wrong ->" in result.stdout}
    assert caught == set(FORBIDDEN), result.stdout


@pytest.mark.parametrize("package", ["core.loyalty", "plugins"])
def test_a_package_without_a_layer_is_caught(tmp_path: Path, package: str) -> None:
    lay_out(tmp_path, [*PACKAGES, package])

    result = lint_imports(tmp_path)

    assert result.returncode == 1, result.stdout + result.stderr
    assert package in result.stdout
