"""A name that is to go says so where it is used, and goes in the version that was announced."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.version import Version

import nbtwin
from nbtwin.api.deprecation import RENAMED, Leaving

DOCS = Path(__file__).parents[2] / "docs"


def test_an_old_name_still_works_and_warns_at_the_line_that_uses_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RENAMED, "Bench", Leaving("Lab", since="0.2", until="0.4"))
    with pytest.warns(nbtwin.NbtwinDeprecationWarning) as caught:
        bench = nbtwin.Bench  # type: ignore[attr-defined]
    assert bench is nbtwin.Lab
    (warning,) = caught
    assert str(warning.message) == "nbtwin.Bench is deprecated since nbtwin 0.2 and gone in 0.4: use nbtwin.Lab"
    assert warning.filename == __file__


def test_a_test_suite_can_make_it_an_error_by_its_name(tmp_path: Path) -> None:
    """As docs/versions.md has it; Python's own -W looks for names before it knows where packages are."""
    (tmp_path / "pytest.ini").write_text("[pytest]\nfilterwarnings = error::nbtwin.NbtwinDeprecationWarning\n")
    (tmp_path / "test_old.py").write_text("""
def test_old():
    from nbtwin.api.deprecation import RENAMED, Leaving
    RENAMED["Bench"] = Leaving("Lab", since="0.2", until="0.4")
    from nbtwin import Bench
""")
    pytest_there = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    ended = subprocess.run(pytest_there, cwd=tmp_path, capture_output=True, text=True)
    assert ended.returncode == 1
    assert "NbtwinDeprecationWarning: nbtwin.Bench is deprecated" in ended.stdout


def test_nothing_stays_longer_than_was_announced_and_all_of_it_is_on_the_page() -> None:
    late = [name for name, leaving in RENAMED.items() if Version(leaving.until) <= Version(nbtwin.__version__)]
    assert late == [], "their time is over: remove them"
    announced = re.search(r"^What is announced at present: (.+)$", (DOCS / "versions.md").read_text(), re.MULTILINE)
    assert announced is not None
    assert set(re.findall(r"`nbtwin\.(\w+)`", announced[1])) == RENAMED.keys()
