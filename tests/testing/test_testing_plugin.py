"""The pytest plugin as its users have it: a test file of theirs, run by pytest in a process of its own."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

_PLUGIN = "nbtwin.testing.plugin"


def pytest_run(folder: Path, test: str, *arguments: str) -> str:
    """What pytest says of the test file."""
    (folder / "test_users.py").write_text(test, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:nbtwin", "-p", _PLUGIN, "-rA"]
    done = subprocess.run([*command, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_each_test_has_a_fresh_lab_and_a_module_that_its_marks_describe(tmp_path: Path) -> None:
    said = pytest_run(
        tmp_path,
        """
import pytest

def test_default(nb_lab, nb_module):
    nb_lab.run_until(nb_module.registered("cmdmp"), within="2min")
    assert (nb_module.model, nb_lab.now) == ("BC260Y-CN", 4.0)

def test_fresh(nb_lab):
    assert (nb_lab.now, dict(nb_lab.modules)) == (0.0, {})

@pytest.mark.nb_module("BC25", sim="telecom", firmware="BC25PAR01A09", settings=["AT+QSELFREGISTER=1"])
@pytest.mark.nb_platform("telecom")
def test_marked(nb_clock, nb_module, nb_platform):
    nb_clock.run_until(nb_module.registered("telecom"), within="30min")
    assert nb_platform.device(nb_module.imei).known.firmware == "BC25PAR01A09"

@pytest.mark.nb_lab(seed=5, platforms=["cmdmp"])
def test_lab_marked(nb_lab, nb_modules, nb_faults):
    one, two = nb_modules("BC260Y-CN"), nb_modules("BC260Y-CN")
    nb_faults.add("loss", source=one)
    nb_lab.run_until(two.registered("cmdmp"), within="5min")
    assert not one.registered("cmdmp")
    nb_faults.clear()
    one.reset()
    nb_lab.run_until(one.registered("cmdmp"), within="1h")
""",
        "--strict-markers",
    )
    assert "4 passed" in said, said


def test_a_failed_test_keeps_timeline_diagram_and_capture_and_names_them(tmp_path: Path) -> None:
    said = pytest_run(
        tmp_path,
        """
def test_wrong(nb_lab, nb_module):
    nb_lab.run_until(nb_module.registered("telecom"), within="2min")

def test_right(nb_module):
    assert nb_module.at("AT").ok
""",
    )
    assert "1 failed, 1 passed" in said, said
    kept = tmp_path / "nbtwin-artifacts"
    files = sorted(path.relative_to(kept).as_posix() for path in kept.rglob("*") if path.is_file())
    assert files == [
        "test_users.py_test_wrong/capture.pcapng",
        "test_users.py_test_wrong/sequence.mmd",
        "test_users.py_test_wrong/timeline.txt",
    ]
    for file in files:
        assert str(kept / file) in said
    assert "bc260y-cn-1.registered('telecom') was not so within 2min" in said
    assert re.search(r"registered", (kept / files[2]).read_text(encoding="utf-8"))


def test_the_model_can_be_chosen_on_the_command_line(tmp_path: Path) -> None:
    test = """
def test_model(nb_module):
    assert (nb_module.model, nb_module.state.imsi is None) == ("BC95 R2.0", True)
"""
    said = pytest_run(tmp_path, test, "--nb-model", "bc95r2.0", "--nb-sim", "none")
    assert "1 passed" in said, said


def test_labs_of_tests_side_by_side_do_not_meet(tmp_path: Path) -> None:
    test = """
import pytest

@pytest.mark.parametrize("number", range(8))
def test_each(nb_lab, nb_module, number):
    nb_lab.run_until(nb_module.registered("cmdmp"), within="2min")
    assert len(nb_lab.platform("cmdmp").devices) == 1
"""
    said = pytest_run(tmp_path, test, "-n", "2")
    assert "8 passed" in said, said
