"""`nbtwin judge`: a table and an axis, one page, JSON, JUnit, the exit status; in both languages (D191)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from nbtwin.cli.language import choose
from nbtwin.cli.main import status_of

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "unicom-every-thirty-days.yaml"


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("judge") / "unicom.pcapng"
    assert status_of(["run", str(EXAMPLE), "--quiet", "--pcap", str(file)]) == 0
    return file


class Done:
    """What came of one command."""

    def __init__(self, returncode: int, stdout: str, stderr: str) -> None:
        self.returncode, self.stdout, self.stderr = returncode, stdout, stderr


Nbtwin = Callable[..., Done]


@pytest.fixture
def nbtwin(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Nbtwin]:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("LC_ALL", "C")

    def run(*arguments: str) -> Done:
        capsys.readouterr()
        status = status_of(list(arguments))
        said = capsys.readouterr()
        return Done(status, said.out, said.err)

    yield run
    choose(None)


ASKED = ("--model", "BC25", "--operator", "unicom")
BOOTS = ("--booted-at", "0", "--booted-at", "1040400", "--booted-at", "5270400")
"""Those of the example."""


def test_what_was_late_is_found_and_the_status_is_1(nbtwin: Nbtwin, capture: Path) -> None:
    done = nbtwin("judge", str(capture), *ASKED)
    assert done.returncode == 1
    assert "update: packet 1 is 1d late" in done.stdout
    assert "▶" in done.stdout


def test_with_its_boots_told_nothing_is_found_and_the_status_is_0(nbtwin: Nbtwin, capture: Path) -> None:
    done = nbtwin("judge", str(capture), *ASKED, *BOOTS)
    assert done.returncode == 0, done.stdout
    assert "nothing found: 4 packets of 1 module" in done.stdout


def test_chinese_engineers_read_chinese(nbtwin: Nbtwin, capture: Path) -> None:
    done = nbtwin("--lang", "zh", "judge", str(capture), *ASKED)
    assert "更新：第 1 个报文晚了 1d" in done.stdout
    assert "late" not in done.stdout


def test_json_has_packets_findings_and_notes(nbtwin: Nbtwin, capture: Path) -> None:
    told = json.loads(nbtwin("judge", str(capture), *ASKED, "--json").stdout)
    assert told["kind"] == "judgement"
    assert told["passed"] is False
    whole, module = told["items"]
    assert [packet["state"] for packet in module["packets"]] == ["sent", "sent", "late", "sent"]
    assert [each["code"] for each in module["findings"]] == ["judge-late"]
    assert {each["code"] for each in whole["notes"]} == {"judge-note-ignored"}


def test_the_page_is_one_file_with_the_axis_and_junit_has_the_finding(
    nbtwin: Nbtwin, capture: Path, tmp_path: Path
) -> None:
    html, junit = tmp_path / "a.html", tmp_path / "a.xml"
    nbtwin("judge", str(capture), *ASKED, "--html", str(html), "--junit", str(junit))
    page = html.read_text(encoding="utf-8")
    assert page.count("<svg ") == 1
    assert "1d late" in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")
    (failure,) = ElementTree.parse(junit).getroot().iter("failure")
    assert failure.get("type") == "judge-late"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--model", "BC99", "--operator", "unicom"), "BC99"),
        (("--model", "BC26", "--operator", "unicom"), "BC26 does not register with unicom"),
        (("--model", "BC25", "--operator", "vodafone"), "telecom, unicom, mobile, andlink"),
        ((*ASKED, "--booted-at", "yesterday"), "yesterday"),
        ((*ASKED, "--appkey", "M1"), "APPKEY=PASSWORD"),
        ((*ASKED, "--period", "often"), "--period"),
    ],
)
def test_a_wrong_usage_is_one_line_and_status_2(
    nbtwin: Nbtwin, capture: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = nbtwin("judge", str(capture), *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_what_is_no_capture_is_one_line_and_status_2(nbtwin: Nbtwin, tmp_path: Path) -> None:
    done = nbtwin("judge", str(EXAMPLE), *ASKED)
    assert done.returncode == 2
    assert "this is no capture" in done.stderr
    assert nbtwin("judge", str(tmp_path / "none.pcap"), *ASKED).returncode == 2
