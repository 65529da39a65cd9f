"""How long it takes from `pip install` of the wheel to a green first test, in an environment that has nothing.

`python -m benchmarks.first_test` (a minute; packages come from wherever pip takes them, so no part of `nbtwin bench`).
The reference of the same run: pytest alone, with a test that does nothing.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

from benchmarks.figures import Figure, machine, markdown
from tools.distribution import build

ROOT = Path(__file__).resolve().parents[1]
FIRST = """
def test_a_module_registers(nb_lab, nb_module):
    nb_lab.run_until(nb_module.registered("cmdmp"), within="2min")
"""
EMPTY = "def test_nothing():\n    pass\n"


def measure() -> Figure:
    with tempfile.TemporaryDirectory(prefix="nbtwin-first-") as name:
        work = Path(name)
        wheel = build(ROOT, work / "dist", 1_764_000_000).wheel
        bare = _took(work / "bare", "pytest", EMPTY)
        before = _cpu()
        installed, tested = _took(work / "own", f"{wheel}[pytest]", FIRST)
        used = _cpu() - before
    notes = f"pip {installed:.1f} s, the test {tested:.1f} s; {used:.1f} s of CPU, with making the environment"
    return Figure("from pip install to a green first test", installed + tested, "s", {"pytest alone": sum(bare)}, notes)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _took(folder: Path, package: str, test: str) -> tuple[float, float]:
    """Seconds of pip, seconds of pytest. The environment itself is there before."""
    venv.create(folder, with_pip=True)
    python = str(folder / "bin" / "python")
    (folder / "test_first.py").write_text(test)
    install = [python, "-m", "pip", "install", "-q", "--no-cache-dir", "--disable-pip-version-check", package]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    times = []
    for command in (install, [python, "-m", "pytest", "-q", "test_first.py"]):
        began = time.perf_counter()
        subprocess.run(command, cwd=folder, env=environment, check=True, stdout=sys.stderr)
        times.append(time.perf_counter() - began)
    return times[0], times[1]


if __name__ == "__main__":
    print(f"{machine()}\n\n{markdown([measure()])}")
