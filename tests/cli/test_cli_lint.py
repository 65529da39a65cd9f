"""`nbtwin lint` at the command line: exit status, folders, refusals, both languages, SARIF."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nbtwin.cli.main import status_of

SOURCE = 'say("AT+NOSUCH\\r");\n  say("AT+QDMPCFG=0,1\\r");\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "build").mkdir()
    (tmp_path / "main.c").write_text(SOURCE)
    (tmp_path / "build" / "generated.c").write_text(SOURCE)
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\0\0")
    (tmp_path / "notes.txt").write_text("say AT+CGMI first\n")
    return tmp_path


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            ["no command +NOSUCH", "in force after a reboot: cmdmp.mode", "3 commands in 2 files", "BC25: 1 unknown"],
        ),
        ("zh", ["没有命令 +NOSUCH", "重启后生效：cmdmp.mode", "2 个文件中有 3 条命令", "BC25：1 条未知"]),
    ],
)
def test_a_folder_is_walked(language: str, said: list[str], folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(["--lang", language, "lint", str(folder), "--model", "bc25"]) == 1
    told = capsys.readouterr().out
    assert f"{folder / 'main.c'}:1:6  AT+NOSUCH" in told
    assert "generated" not in told
    for words in said:
        assert words in told


def test_of_a_folder_what_is_no_text_is_left_out_and_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "core.log").write_bytes(b"\x7fELF\0\0")
    assert status_of(["lint", str(folder), "--model", "BC25"]) == 1
    told = capsys.readouterr().out
    assert f"left out, no text: {folder / 'core.log'}" in told
    assert "3 commands in 2 files" in told
    assert status_of(["lint", str(folder / "core.log"), "--model", "BC25"]) == 2


def test_notes_alone_are_no_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.py").write_text('say("AT+QDMPCFG=0,1\\r")')
    assert status_of(["lint", str(tmp_path / "a.py"), "--model", "BC25", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["commands"], shown["wrong"], shown["items"][0]["kind"]) == (1, 0, "reboot")


def test_sarif_is_a_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written = folder / "lint.sarif"
    assert status_of(["lint", str(folder / "main.c"), "--model", "BC25", "--sarif", str(written)]) == 1
    assert json.loads(written.read_text())["runs"][0]["results"][0]["ruleId"] == "unknown"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["picture.png", "--model", "BC25"], "no text"),
        (["none.c", "--model", "BC25"], "none.c"),
        (["main.c", "--model", "BC99"], "BC99"),
        (["main.c"], "--model"),
        (["--model", "BC25"], "FILE"),
    ],
)
def test_what_cannot_be_read_is_wrong_usage(
    arguments: list[str], said: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    assert status_of(["lint", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_of_a_file_without_end_no_more_is_read_than_a_source_may_have(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    endless = tmp_path / "endless.c"
    with endless.open("wb") as file:
        file.truncate(1 << 40)
    assert status_of(["lint", str(endless), "--model", "BC25"]) == 2
    assert "larger than 32 MB" in capsys.readouterr().err
