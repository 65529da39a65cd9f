"""`nbtwin accept`: clauses with verdicts, the report, JUnit, JSON, `--list`, the exit status (D195)."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from nbtwin.cli.language import choose
from nbtwin.cli.main import status_of

ASKED = ["accept", "--operator", "telecom", "--model", "BC25"]


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("LC_ALL", "C")
    choose(None)


def test_clauses_are_shown_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    html, junit = tmp_path / "a.html", tmp_path / "a.xml"
    only = ["--only", "TEL-01", "--only", "TEL-12"]
    assert status_of([*ASKED, *only, "--html", str(html), "--junit", str(junit)]) == 0
    said = capsys.readouterr().out
    assert "TEL-01  passed  The first boot" in said
    assert "2 passed, 0 failed, 0 not shown" in said
    assert "TEL-12" in html.read_text(encoding="utf-8")
    assert len(list(ElementTree.parse(junit).getroot().iter("testcase"))) == 2


def test_what_fails_says_why_and_the_status_is_1(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    junit = tmp_path / "a.xml"
    wrong = ["--imei", "863703030822510", "--only", "TEL-02", "--junit", str(junit)]
    assert status_of([*ASKED, *wrong]) == 1
    assert "✗ taken in by the strict platform" in capsys.readouterr().out
    assert [each.get("type") for each in ElementTree.parse(junit).getroot().iter("failure")] == ["TEL-02"]


def test_when_nothing_at_all_is_shown_a_line_says_so_and_the_status_is_1(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    junit = tmp_path / "a.xml"
    fault = ["--fault", "silence,destination=telecom", "--only", "TEL-02", "--junit", str(junit)]
    assert status_of([*ASKED, *fault]) == 1
    told = capsys.readouterr()
    assert "TEL-02  inconclusive" in told.out
    assert told.err.strip() == "Nothing at all was shown: no clause passed."
    root = ElementTree.parse(junit).getroot()
    assert (len(list(root.iter("skipped"))), len(list(root.iter("failure")))) == (1, 0)


def test_json_has_an_item_for_each_clause(capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(["--lang", "zh", *ASKED, "--only", "TEL-03", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    (item,) = told["items"]
    assert (told["kind"], told["passed"], item["outcome"]) == ("acceptance", True, "passed")
    assert item["title"] == "无应答时按文档规定的间隔重传"
    assert item["conditions"][0]["fields"]["found"] == "0, 3, 9, 21, 45"


def test_the_clauses_can_be_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of([*ASKED, "--list"]) == 0
    assert "TEL-13" in capsys.readouterr().out
    assert status_of([*ASKED, "--list", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["items"]) == 13


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--operator", "unicom", "--model", "BC26"], "BC26 does not register with unicom"),
        (["--operator", "telecom", "--model", "BC25", "--only", "TEL-77"], "there is no clause TEL-77"),
        (["--operator", "telecom", "--model", "BC25", "--imei", "12"], "imei"),
        (["--operator", "telecom", "--model", "BC25", "--fault", "rain"], "rain"),
        (["--operator", "mobile", "--model", "BC28", "--port", "tcp:127.0.0.1:1"], "--port and --url"),
        (["--operator", "orange", "--model", "BC25"], "telecom, unicom, mobile, andlink"),
    ],
)
def test_a_wrong_usage_is_one_line_and_status_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of(["accept", *arguments]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert len(error.strip().splitlines()) == 1
