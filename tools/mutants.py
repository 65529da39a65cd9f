"""Mutation: how many small faults in a package its tests find. `make mutants`; on demand, no part of `make test`.

Copies the tree, has mutmut make the faults, tries a sample of them against the tests of that package, and prints the
score with the faults that nobody found. The same seed tries the same faults. Knows nothing of what the packages do.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
WORK = ROOT / ".mutants"
PARTS = ("src", "tests", "examples", "docs", "benchmarks", "tools", "scripts")


class Suite(NamedTuple):
    """The tests of a package, without those that start another process: a fault lives in this one alone."""

    tests: tuple[str, ...]
    without: tuple[str, ...] = ()


SUITES = {
    "operators": Suite(
        ("tests/operators", "tests/storage", "tests/stories/test_stories_commit.py"),
        (
            "tests/operators/test_operators_live.py",
            "tests/storage/test_storage_commands.py",
            "tests/storage/test_storage_postgres.py",
        ),
    ),
    "scenario": Suite(("tests/scenario",), ("tests/scenario/test_scenario_run.py",)),
    "web": Suite(
        ("tests/web",),
        (
            "tests/web/test_web_access_live.py",
            "tests/web/test_web_api.py",
            "tests/web/test_web_api_schema.py",
            "tests/web/test_web_console_*.py",
        ),
    ),
}
FOUND, SURVIVED, UNREACHED = "found", "survived", "reached by no test"
OUTCOMES = {0: SURVIVED, 1: FOUND, 3: FOUND, 5: UNREACHED, 33: UNREACHED, **dict.fromkeys((36, 24, -24, 152), FOUND)}
"""mutmut's exit codes; a fault that makes a test run out of time is found. Others tell nothing of the tests."""


class Copy:
    """A copy of the tree in which one package is changed."""

    def __init__(self, package: str) -> None:
        self.package, self.folder = package, WORK / package

    def make(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        for part in PARTS:
            shutil.copytree(ROOT / part, self.folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        for file in ROOT.glob("*"):
            if file.is_file():
                shutil.copy(file, self.folder)
        (self.folder / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text() + self._settings())

    def _settings(self) -> str:
        suite = SUITES[self.package]
        options = ["-n", "0", "-p", "no:cacheprovider", *(f"--ignore-glob={path}" for path in suite.without)]
        settings = {
            "source_paths": ["src/"],
            "only_mutate": [f"src/nbtwin/{self.package}/*"],
            "also_copy": [f"{part}/" for part in PARTS if part != "src"],
            "pytest_add_cli_args_test_selection": list(suite.tests),
            "pytest_add_cli_args": options,
        }
        return "\n[tool.mutmut]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in settings.items())

    def run(self, names: Iterable[str], children: int, seconds: float) -> str:
        """Let mutmut try these; what it said. It keeps what it has when the time is over."""
        command = [sys.executable, "-m", "mutmut", "run", "--max-children", str(children), *names]
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        with subprocess.Popen(
            command, cwd=self.folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process:  # fmt: skip
            try:
                return process.communicate(timeout=seconds)[0]
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 15)
                return process.communicate()[0]

    def results(self) -> Iterator[tuple[str, int | None]]:
        """Every fault by its name, and the exit code of its tests."""
        for path in sorted((self.folder / "mutants/src/nbtwin" / self.package).rglob("*.meta")):
            yield from json.loads(path.read_text())["exit_code_by_key"].items()


def measure(package: str, count: int, seconds: float, seed: int, children: int) -> None:
    end = time.monotonic() + seconds
    copy = Copy(package)
    copy.make()
    said = copy.run(["nbtwin.nothing.has.this.name"], children, seconds)
    every = [name for name, _ in copy.results()]
    if not every:
        raise SystemExit(f"{package}: mutmut made no faults\n{said[-2000:]}")
    chosen = random.Random(seed).sample(every, min(count, len(every)))
    said = copy.run(chosen, children, max(1.0, end - time.monotonic()))
    codes = dict(copy.results())
    outcomes = {name: OUTCOMES.get(code, "no verdict") for name in chosen if (code := codes.get(name)) is not None}
    if not outcomes:
        raise SystemExit(f"{package}: no fault was tried in time\n{said[-2000:]}")
    print(report(package, outcomes, len(every)), flush=True)


def report(package: str, outcomes: dict[str, str], of: int) -> str:
    counts = Counter(outcomes.values())
    judged = counts[FOUND] + counts[SURVIVED]
    score = f"{100 * counts[FOUND] / judged:.0f} % found" if judged else "none judged"
    told = ", ".join(f"{number} {outcome}" for outcome, number in counts.most_common())
    lines = [f"{package}: {score} ({told}; {len(outcomes)} of {of} faults tried)"]
    lines += [f"  {outcome}: {name}" for name, outcome in sorted(outcomes.items()) if outcome != FOUND]
    return "\n".join([*lines, f"  one of them as a difference: cd {WORK / package} && python -m mutmut show NAME"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("packages", nargs="*", metavar="PACKAGE", help=f"of {', '.join(SUITES)}; all when left out")
    parser.add_argument("--count", type=int, default=100, help="faults to try in each package (100)")
    parser.add_argument("--seconds", type=float, default=600, help="time for each package (600)")
    parser.add_argument("--seed", type=int, default=1, help="which faults (1)")
    parser.add_argument("--children", type=int, default=os.cpu_count() or 1, help="at the same time (all cores)")
    asked = parser.parse_args()
    if unknown := set(asked.packages) - set(SUITES):
        parser.error(f"there are tests for {', '.join(SUITES)}, not for {', '.join(sorted(unknown))}")
    for package in asked.packages or SUITES:
        measure(package, asked.count, asked.seconds, asked.seed, asked.children)


if __name__ == "__main__":
    main()
