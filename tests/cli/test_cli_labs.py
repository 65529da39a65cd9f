"""Named labs: side by side on one machine, listed with what they have, whether they run or were killed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from running import Running, nbtwin


class Named(Running):
    """One of the user's labs."""

    def __init__(self, name: str, *arguments: str) -> None:
        super().__init__("up", "--lab", name, *arguments, state=None)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "nbtwin" / "labs"


def listed() -> dict[str, Any]:
    done = nbtwin("labs", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    return {lab["name"]: lab for lab in json.loads(done.stdout)["items"]}


def test_a_named_lab_is_nowhere_but_where_it_belongs(home: Path, tmp_path: Path) -> None:
    done = nbtwin("up", "--lab", "one", "--state", str(tmp_path / "s"))
    assert (done.returncode, done.stdout) == (2, "")
    assert "the lab one has a state directory of its own" in done.stderr
    assert not home.exists()
    assert not (tmp_path / "s").exists()


def test_two_labs_run_side_by_side_and_a_killed_one_is_told_as_stopped(home: Path) -> None:
    (home.parents[1] / "nbtwin.toml").write_text(
        'http = "127.0.0.1:1"\n[platforms.cmdmp]\nport = 1\n'
        '[[modules]]\nmodel = "BC28"\nname = "tcp"\nserial = "tcp:127.0.0.1:1"\n[[modules]]\nmodel = "BC26"\n'
    )
    with Named("one") as one, Named("two") as two:
        assert one.platform()["udp"] != two.platform()["udp"]
        found = listed()
        for name, lab in (("one", one), ("two", two)):
            assert found[name]["running"] is True
            assert found[name]["process"] == lab.process.pid
            assert found[name]["url"] == lab.console()
            assert found[name]["state"] == str(home / name)
            assert found[name]["serial"] == {
                "tcp": lab.module()["serial"], "bc26": str(home / name / "serial" / "bc26"),
            }  # fmt: skip
        refused = nbtwin("labs", "rm", "one")
        assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
        assert (home / "one" / "lab").exists()
        again = nbtwin("up", "--lab", "one")
        assert (again.returncode, again.stderr.count("\n")) == (2, 1)
        where = one.module()["serial"]
        one.kill()
        assert [listed()[name]["running"] for name in ("one", "two")] == [False, True]
        text = nbtwin("labs").stdout.splitlines()
        assert re.match(rf"one stopped state={re.escape(str(home))}/one tcp=", text[0])
        assert re.match(rf"two running process={two.process.pid} url=http://127.0.0.1:\d+ state=", text[1])
    with Named("one") as one:
        assert one.module()["serial"] == where  # port 0 is the one of before (D171)
        one.stop()
    assert nbtwin("labs", "rm", "one", "two").returncode == 0
    assert listed() == {}
    assert list(home.iterdir()) == []


@pytest.mark.parametrize("name", ["..", "a/b", ""])
def test_a_name_that_leads_elsewhere_is_none(home: Path, name: str) -> None:
    done = nbtwin("up", "--lab", name)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "is no name of a lab" in done.stderr
    assert not home.exists()


def test_a_lab_that_is_not_there_cannot_go(home: Path) -> None:
    (home / "meters").mkdir(parents=True)
    done = nbtwin("labs", "rm", "meters", "metres")
    assert (done.returncode, done.stderr) == (2, "nbtwin: there is no lab 'metres'; there are meters\n")
    assert (home / "meters").exists()
