"""examples/python-host is run in an environment of its own: green, and red with each mistake."""

from __future__ import annotations

import shutil
from pathlib import Path

from examples_fresh import Fresh

EXAMPLE = Path(__file__).parents[2] / "examples" / "python-host"
MISTAKES = [  # file, what is right, what is not
    ("line.py", 'self._part = self._part.split(b"\\n")', 'self._part = [*self._part.split(b"\\n"), b""]'),
    ("line.py", "return line.startswith(URCS) and not claimed", "return False"),
    ("line.py", "self._neul, self.restarted = False, True", "self._neul = False"),
    ("meter.py", "self.written += 1\n            self._wait_for_boot()", "self.written += 1"),
    (
        "meter.py",
        "if self._clock() >= end:\n                raise MeterError(f",
        "if True:\n                raise MeterError(f",
    ),
]
"""A read is a line; a URC is an answer; a restart is not seen; a boot is not waited for; a refusal is the end."""
_EACH = """
import sys
import pytest

for mistake in sys.argv[1:]:
    sys.path.insert(0, mistake + "/src")
    status = pytest.main(["-q", "-x", "-p", "no:cacheprovider", "--nb-keep", "never", mistake + "/tests"])
    print("\\nmistake", mistake.split("/")[-1], int(status))
    sys.path.remove(mistake + "/src")
    for name in [name for name in sys.modules if name.startswith(("meterhost", "test_meter", "conftest"))]:
        del sys.modules[name]
"""


def test_the_program_is_right_in_an_environment_of_its_own(tmp_path: Path) -> None:
    fresh = Fresh(tmp_path, EXAMPLE / "src")
    shutil.copytree(EXAMPLE / "tests", fresh.folder / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(EXAMPLE / "pyproject.toml", fresh.folder)
    done = fresh.run("pytest -q")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "15 passed" in done.stdout


def test_each_mistake_in_it_is_found(tmp_path: Path) -> None:
    fresh = Fresh(tmp_path)
    folders = []
    for number, (file, right, wrong) in enumerate(MISTAKES):
        folders.append(folder := fresh.folder / str(number))
        shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        source = folder / "src" / "meterhost" / file
        text = source.read_text()
        assert text.count(right) == 1, (file, right)
        source.write_text(text.replace(right, wrong))
    (fresh.folder / "each.py").write_text(_EACH)
    done = fresh.run("python each.py " + " ".join(map(str, folders)))
    said = [line.split()[1:] for line in done.stdout.splitlines() if line.startswith("mistake ")]
    assert said == [[str(number), "1"] for number in range(len(MISTAKES))], done.stdout + done.stderr
