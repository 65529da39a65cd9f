"""`nbtwin run A.yaml B.yaml --junit FILE`: one run, one document, every file in it."""

from __future__ import annotations

import subprocess
from pathlib import Path
from xml.etree import ElementTree

from preloaded import completed
from running import environment, nbtwin

GOOD = """
title: it registers
modules: [{model: BC260Y-CN, name: meter}]
expect: [{at: 1min, state: REG_SUCCESS, why: it is switched on}]
"""
WRONG = GOOD.replace("REG_SUCCESS", "REG_FAILED").replace("it registers", "it does <not>")
BROKEN = "modules: [{model: BC999}]"


def test_several_files_are_one_document(tmp_path: Path) -> None:
    for name, text in (("good", GOOD), ("wrong", WRONG), ("broken", BROKEN)):
        (tmp_path / f"{name}.yaml").write_text(text)
    files = [str(tmp_path / f"{name}.yaml") for name in ("broken", "good", "wrong")]
    done = nbtwin("run", *files, "--quiet", "--junit", str(tmp_path / "out.xml"))
    assert done.returncode == 2
    said = done.stderr.splitlines()
    assert len(said) == 3
    assert "broken.yaml:1: a scenario needs title" in said[0]
    assert "broken.yaml:1: modules[1].model: unknown model 'BC999'" in said[1]
    assert "wrong.yaml: 1 of 1" in said[2]
    suites = ElementTree.parse(tmp_path / "out.xml").getroot()
    found = [(suite.get("name"), suite.get("tests"), suite.get("failures"), suite.get("errors")) for suite in suites]
    assert found == [(files[0], "1", "0", "1"), ("it registers", "1", "0", "0"), ("it does <not>", "1", "1", "0")]
    failure = suites[2].find("testcase/failure")
    assert failure is not None
    assert failure.text == f"{files[2]}:4 it is switched on"


def test_all_is_well_when_all_are(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.yaml").write_text(GOOD)
    done = nbtwin("run", str(tmp_path / "a.yaml"), str(tmp_path / "b.yaml"), "--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("it registers") == 2


def test_a_capture_is_of_one_scenario(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD)
    done = nbtwin("run", str(tmp_path / "a.yaml"), str(tmp_path / "a.yaml"), "--pcap", str(tmp_path / "x.pcapng"))
    assert (done.returncode, done.stderr) == (2, "nbtwin: --pcap: is of one scenario, not of several\n")
    assert not (tmp_path / "x.pcapng").exists()


def test_a_document_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD)
    done = nbtwin("run", str(tmp_path / "a.yaml"), "--quiet", "--junit", str(tmp_path / "no" / "out.xml"))
    assert done.returncode == 2
    assert done.stderr.startswith("nbtwin: --junit ")
    assert done.stderr.count("\n") == 1


def test_every_mistake_of_every_file_is_told_before_any_runs(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / "a.yaml").write_text(GOOD.replace("name: meter", "nmae: meter").replace("1min", "soon"))
    (tmp_path / "b.yaml").write_text(GOOD.replace("why", "wyh"))
    files = [str(tmp_path / f"{name}.yaml") for name in ("good", "a", "b")]
    done = completed("run", *files, "--quiet", stderr=subprocess.STDOUT, env=environment())
    assert done.returncode == 2
    told = done.stdout.splitlines()
    assert [line.split(": ")[1] for line in told[:3]] == [f"{files[1]}:3", f"{files[1]}:4", f"{files[2]}:4"]
    assert "it registers" in "".join(told[3:])
