"""AT lines in sources as people write them: where they are found, what is said of them, and what is no text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtwin.check.lint.findings import Finding, FindingKind, Linter
from nbtwin.check.lint.sources import HOLE, NotTextError, found_in
from nbtwin.check.lint.told import as_sarif, merged, summary
from nbtwin.profiles.models import PROFILES

HERE = Path(__file__).parent / "lint"
SEEN = {
    "driver.c": [
        "5:38 ATE0", "5:57 AT+CMEE=1", "5:74 AT+CEREG=1", "5:90 AT+NOSUCH", "8:40 AT+QDMPCFG=1,…,…,…",
        "13:25 AT+QDMPCFG=0,1", "13:46 AT+QDMPCFG=0,7",
        '16:23 AT+QDMPCFG=2,"M100000089","password",1,"867724030000225"',
    ],
    "sketch.ino": [
        "3:20 AT+CEREG=…", "4:20 AT+CFUN=…,0", "5:18 AT+CFUN=…", "7:27 AT+QDMPCFG=0,…", "8:20 AT+CFUN=…,0,1",
        "9:15 AT+CEREG=…",
    ],
    "host.py": [
        "1:4 AT+DOCSTRING is prose here, and no more than a line that says nothing: AT+NONE.",
        "3:6 AT+CFUN=1", "4:7 AT+CEREG=…", "5:6 AT+QDMPCFG=1,…,…,…", "6:6 AT+QDMPCFG=0,…",
        '7:6 AT+QDMPCFG=2,"…","…",0,"…"',
        "9:6 AT+CFUN=…", "10:7 AT+CFUN=4", "10:20 AT+CFUN=5",
    ],
    "script.lua": ["2:16 AT+CFUN=…", "3:17 AT+CGMI", "4:16 AT+CEREG=8"],
    "modem.log": [
        "1:29 AT", "3:29 AT+CEREG?", '5:12 AT+QDMPCFG=2,"a b","p",0,"867724030000225"', '6:21 AT+NOSUCH="x"',
        "7:5 AT+CFUN=……", "8:1 ATE0",
    ],
}  # fmt: skip


def lint(text: str, *models: str, path: str = "main.c") -> list[Finding]:
    linter = Linter([PROFILES[model] for model in models])
    linter.handle_file(found_in(path, text.encode()))
    return linter.linted.findings


def kinds(text: str, *models: str) -> list[str]:
    return [finding.kind.value for finding in lint(f'say("{text}\\r");', *models)]


@pytest.mark.parametrize("name", SEEN)
def test_lines_are_found_in_literals_and_logs_and_in_no_comment(name: str) -> None:
    found = found_in(name, (HERE / f"{name}.sample").read_bytes())
    assert [f"{line.line}:{line.column} {line.text.replace(HOLE, '…')}" for line in found] == SEEN[name]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_text_in_any_encoding_of_the_field_is_read(encoding: str) -> None:
    text = '// 打开模块\nsay("AT+CFUN=1\\r"); // 完成'
    assert [(line.line, line.column) for line in found_in("a.c", text.encode(encoding))] == [(2, 6)]


@pytest.mark.parametrize("data", [b"\x7fELF\0\0AT+CFUN=1\r", b"AT+CFUN=1\xff\xff\xfe\x80", b"\xff\xfe\x00"])
def test_what_is_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(NotTextError):
        found_in("firmware.bin", data)


@given(st.binary(max_size=300), st.sampled_from(["a.c", "a.py", "a.lua", "a.js", "a.log"]))
def test_any_bytes_are_read_or_refused(data: bytes, path: str) -> None:
    linter = Linter([PROFILES["BC25"]])
    try:
        linter.handle_file(found_in(path, data))
    except NotTextError:
        return


@given(st.text(alphabet="AT+CFUNQDMPG=,?;\"'\\%d{}<>rn0123 \n", max_size=80), st.sampled_from(["a.c", "a.py", "a.log"]))
def test_any_text_is_read(text: str, path: str) -> None:
    linter = Linter([PROFILES["BC25"], PROFILES["BC28"]])
    linter.handle_file(found_in(path, ('x = "AT+' + text).encode()))
    for finding, models, said in merged(linter.linted.findings, "en"):
        assert finding.command is not None
        assert models
        assert said


@pytest.mark.parametrize(
    ("text", "model", "expected"),
    [
        ("AT+NOSUCH", "BC28", ["unknown"]),
        ("AT+QDMPCFG=6", "BC28", ["unknown"]),
        ("AT+QDMPCFG=6", "BC25", []),
        ("AT+CGMI?", "BC28", ["form"]),
        ("AT+CFUN=7", "BC28", ["value"]),
        ("AT+QDMPCFG=1,117.161.2.7,65536,420", "BC25", ["value"]),
        ("AT+QDMPCFG=1,%s,65536,%d", "BC25", ["value"]),
        ("AT+QDMPCFG=1,%s,%d", "BC25", ["reboot"]),
        ("AT+QDMPCFG=1,%s", "BC25", ["reboot"]),
        ("AT+QDMPCFG=%d,%s", "BC25", []),
        ("AT+QDMPCFG=0,1", "BC25", ["reboot"]),
        ("AT+QDMPCFG=0,%d", "BC25", ["reboot"]),
        ("AT+CFUN=1;+NOSUCH", "BC25", ["unknown"]),
        ("AT+CEREG=1", "BC25", []),
        ("At+CFUN=1", "BC25", ["line"]),
        ("AT+%s=1", "BC25", []),
        ("AT+CFUN=%d", "BC25", []),
    ],
)
def test_what_is_said_of_a_line(text: str, model: str, expected: list[str]) -> None:
    assert kinds(text, model) == expected


def test_what_two_models_take_differently_is_a_note() -> None:
    (finding,) = [
        each
        for each in lint('say("AT+QDMPCFG=1,%s,%d,%d\\r");', "BC25", "BC260Y-CN")
        if each.kind is FindingKind.DIFFERS
    ]
    assert (finding.parameter, finding.is_wrong, finding.models) == ("server_IP", False, ("BC25", "BC260Y-CN"))


def test_a_setting_in_force_at_once_needs_no_reboot_and_another_is_named() -> None:
    """D184: a virtual module is asked."""
    (finding,) = lint('say("AT+QDMPCFG=0,1\\r");say("AT+CMEE=1\\r");', "BC25")
    assert (finding.kind, finding.settings) == (FindingKind.REBOOT, ("cmdmp.mode",))


def test_a_command_that_the_program_names_is_counted_and_not_judged() -> None:
    linter = Linter([PROFILES["BC25"]])
    linter.handle_file(found_in("a.c", b'say("AT+%s\\r"); say("AT+CFUN=1\\r");'))
    assert (linter.linted.commands, linter.linted.untold, linter.linted.findings) == (2, 1, [])


def test_what_is_alike_for_two_models_is_said_once_and_summed_for_each() -> None:
    linter = Linter([PROFILES["BC25"], PROFILES["BC28"]])
    linter.handle_file(found_in("a.c", b'say("AT+NOSUCH\\r"); say("AT+QDMPCFG=6\\r");'))
    linter.handle_file(found_in("b.c", b"nothing"))
    assert [models for _, models, _ in merged(linter.linted.findings, "en")] == [["BC25", "BC28"], ["BC28"]]
    assert summary(linter.linted, "en") == [
        "2 commands in 1 file",
        "BC25: 1 unknown, 0 wrong, 0 in force after a reboot",
        "BC28: 2 unknown, 0 wrong, 0 in force after a reboot",
        "taken differently: 0",
    ]


def test_sarif_has_place_level_and_rule_of_each() -> None:
    linter = Linter([PROFILES["BC25"]])
    linter.handle_file(found_in("src/a.c", b'\n say("AT+NOSUCH\\r"); say("AT+QDMPCFG=0,1\\r");'))
    run = as_sarif(linter.linted, "1", "en")["runs"][0]
    places = [result["locations"][0]["physicalLocation"] for result in run["results"]]
    assert [(result["ruleId"], result["level"]) for result in run["results"]] == [
        ("unknown", "error"),
        ("reboot", "note"),
    ]
    assert places[0] == {"artifactLocation": {"uri": "src/a.c"}, "region": {"startLine": 2, "startColumn": 7}}
    assert {result["ruleId"] for result in run["results"]} <= {rule["id"] for rule in run["tool"]["driver"]["rules"]}
