"""
Run the benchmarks, print a table, and write ``results/latest.json``.

    python -m benchmarks [ONLY] [--soak] [--strict]
"""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from attrs import asdict

import benchmarks
from benchmarks.harness import Benchmark, Result, chosen, run

LATEST = Path(__file__).parent / "results" / "latest.json"
ROW = "{:<36} {:>12} {:>4} {:>12} {:>8} {:>8}  {}"


def main() -> int:
    """Return 0; 1 if a goal is missed and ``--strict`` was said; 2 if there is no such benchmark."""
    parser = ArgumentParser(prog="python -m benchmarks", description="Measure quayside beside its peers.")
    parser.add_argument("only", nargs="?", help="a name or the beginning of one: money, money.add")
    parser.add_argument("--soak", action="store_true", help="run those that take minutes, and only those")
    parser.add_argument("--strict", action="store_true", help="fail if a goal is missed")
    wanted = parser.parse_args()
    there_are = list(found())
    selected = chosen(there_are, wanted.only, soak=wanted.soak)
    if not selected:
        names = ", ".join(each.name for each in chosen(there_are, None, soak=wanted.soak))
        parser.error(f"nothing is called {wanted.only}; there are: {names}")

    print(ROW.format("benchmark", "ours", "", "peer", "ratio", "goal", ""))
    results = []
    for benchmark in selected:
        results.append(run(benchmark))
        print_row(results[-1])
    write(results)
    return 1 if wanted.strict and not all(result.holds for result in results) else 0


def found() -> Iterator[Benchmark]:
    """The benchmarks of every module that has any: one that is written is one that is run."""
    for module in iter_modules(benchmarks.__path__):
        if module.name != "__main__":
            yield from getattr(import_module(f"benchmarks.{module.name}"), "BENCHMARKS", ())


def print_row(result: Result) -> None:
    """Show one result as soon as it is known."""
    peer = "-" if result.peer_value is None else f"{result.peer_value:,.1f}"
    ratio = "-" if result.ratio is None else f"{result.ratio:.3f}"
    verdict = "holds" if result.holds else "MISSED"
    row = ROW.format(
        result.name, f"{result.value:,.1f}", result.unit, peer, ratio, f"{result.goal:g}", verdict
    )
    print(row, flush=True)


def write(results: Iterable[Result]) -> None:
    """Replace the results of the last run, whatever part that was of."""
    LATEST.parent.mkdir(exist_ok=True)
    LATEST.write_text(json.dumps([asdict(result) for result in results], indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main())
