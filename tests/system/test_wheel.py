"""What is published: a wheel that works away from this checkout, with as little beside it as was asked for."""

import subprocess
import sys
import venv
from pathlib import Path
from shutil import copy, copytree, ignore_patterns
from zipfile import ZipFile

import pytest
from attrs import frozen

from system.readme import ROOT, code_in, code_in_readme, promised_output


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300, check=False)


def pip(*arguments: str | Path, cwd: Path) -> None:
    result = run(sys.executable, "-m", "pip", *arguments, cwd=cwd)
    assert result.returncode == 0, result.stdout + result.stderr


@frozen
class Environment:
    """A fresh virtual environment in a folder of its own."""

    folder: Path

    @classmethod
    def with_installed(cls, requirement: str, folder: Path) -> "Environment":
        venv.create(folder / "venv")
        environment = cls(folder)
        python = environment.program("python")
        pip("--python", python, "install", "-qq", "-c", ROOT / "constraints.txt", requirement, cwd=folder)
        return environment

    def program(self, name: str) -> Path:
        return self.folder / "venv" / "bin" / name

    def run(self, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return run(self.program(name), *arguments, cwd=self.folder)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy, so that nothing an earlier build left here can slip in."""
    folder = tmp_path_factory.mktemp("wheel")
    copytree(ROOT / "src", folder / "checkout" / "src", ignore=ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        copy(ROOT / name, folder / "checkout")
    pip("wheel", "-qq", "--no-deps", "--build-constraint", ROOT / "constraints.txt", "./checkout", cwd=folder)
    return next(folder.glob("quayside-*.whl"))


@pytest.fixture(scope="module")
def bare(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    return Environment.with_installed(str(wheel), tmp_path_factory.mktemp("bare"))


@pytest.fixture(scope="module")
def service(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    return Environment.with_installed(f"{wheel}[service]", tmp_path_factory.mktemp("service"))


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    source = ROOT / "src"
    paths = [path for path in source.rglob("*") if path.is_file() and "__pycache__" not in path.parts]

    names = ZipFile(wheel).namelist()

    assert {name.partition("/")[0] for name in names} == {"quayside", "quayside-0.1.0.dist-info"}
    assert {name for name in names if name.startswith("quayside/")} == {
        f"quayside/{path.relative_to(source)}" for path in paths
    }


def test_a_bare_installation_brings_attrs_alone(bare: Environment) -> None:
    installed = bare.run(
        "python", "-c", "import importlib.metadata as m; print(*sorted(d.name for d in m.distributions()))"
    )

    assert installed.stdout.split() == ["attrs", "quayside"]


@pytest.mark.parametrize("example", code_in_readme("python"))
def test_the_library_example_runs_with_attrs_alone(bare: Environment, example: str) -> None:
    result = bare.run("python", "-c", example)

    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == promised_output(example)


def test_a_subscription_and_a_projection_of_ones_own_run_with_attrs_alone(bare: Environment) -> None:
    page = ROOT / "docs/howto/write-a-subscription-and-a-projection.md"
    program = "\n".join(code_in("python", page))

    result = bare.run("python", "-c", program)

    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == promised_output(program) != []


def test_without_its_extra_the_command_names_it(bare: Environment) -> None:
    result = bare.run("quayside", "serve")

    assert result.returncode != 0
    assert "quayside[service]" in result.stderr
    assert "Traceback" not in result.stderr


def test_with_its_extra_the_command_runs(service: Environment) -> None:
    result = service.run("quayside", "--help")

    assert result.returncode == 0, result.stderr
    assert "serve" in result.stdout
