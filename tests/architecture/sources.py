"""The Python files of this repository, as the architecture tests see them."""

import ast
from collections.abc import Iterator
from functools import cache, cached_property
from pathlib import Path

from attrs import frozen

ROOT = Path(__file__).parents[2]


@frozen
class Import:
    """
    One name that an import statement brings in.

    Args:
        line: Where the statement stands.
        target: What is brought in, absolute: ``quayside.core.kernel.Money``.
        name: What it is called from there on: ``Money``.
    """

    line: int
    target: str
    name: str


@frozen
class Source:
    """
    One Python file.

    Args:
        path: From the root of the repository: ``src/core/kernel/money.py``.
        text: What it holds.
    """

    path: Path
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        """Every import, wherever in the file it stands."""
        return tuple(self._imports())

    def _imports(self) -> Iterator[Import]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield Import(node.lineno, alias.name, alias.asname or alias.name)
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    target = f"{self._origin(node)}.{alias.name}"
                    yield Import(node.lineno, target, alias.asname or alias.name)

    def _origin(self, node: ast.ImportFrom) -> str:
        if node.level == 0:
            return node.module or ""
        package = ["quayside" if part == "src" else part for part in self.path.parent.parts]
        above = package[: len(package) - node.level + 1]
        return ".".join([*above, node.module] if node.module else above)

    def problem(self, line: int, text: str) -> str:
        return f"{self.path}:{line}: {text}"


@cache
def sources(*folders: str) -> tuple[Source, ...]:
    """Every Python file in *folders*, which count from the root of the repository."""
    return tuple(
        Source(path.relative_to(ROOT), path.read_text(encoding="utf-8"))
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*.py"))
    )
