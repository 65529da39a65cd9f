"""Bash, zsh and fish complete commands, options and values; each is tried in a terminal, where it is installed."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

import pytest
import typer

from nbtwin.cli.completion import SCRIPTS, candidates, split
from nbtwin.cli.main import app, status_of

ROOT = typer.main.get_command(app)
COMMANDS = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    "fish": ["fish", "--no-config", "-i"],
}
LOADED = {
    "bash": 'bind "set enable-bracketed-paste off"; eval "$(nbtwin completion bash)"',
    "zsh": 'autoload -U compinit; compinit -u -D; eval "$(nbtwin completion zsh)"',
    "fish": "nbtwin completion fish | source",
}


def found(line: str) -> list[str]:
    words, word = split(line)
    return [candidate.value for candidate in candidates(ROOT, words[1:], word)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("nbtwin mod", ["module", "models"]),
        ("nbtwin models s", ["show"]),
        ("nbtwin --lang ", ["en", "zh"]),
        ("nbtwin --lang zh models d", ["diff"]),
        ("nbtwin up --stat", ["--state"]),
        ("nbtwin up --timeline ", ["text", "json", "none"]),
        ("nbtwin up --timeline=j", ["--timeline=json"]),
        ("nbtwin models show BC95", ["BC95-R2.0"]),
        ("nbtwin models diff BC28 bc2", []),
        ("nbtwin cost BC28 --sim u", ["unicom"]),
        ("nbtwin up --module BC35", ["BC35-G", "BC35-G,"]),
        ("nbtwin up --module BC26,si", ["BC26,sim="]),
        ("nbtwin up --module BC26,sim=t", ["BC26,sim=telecom"]),
        ("nbtwin up --module BC26,sim=telecom,ser", ["BC26,sim=telecom,serial="]),
        ("nbtwin up --ports cmdmp=0,an", ["cmdmp=0,andlink="]),
        ("nbtwin module BC26,serial=p", ["BC26,serial=pty"]),
        ("nbtwin up --fault sil", ["silence"]),
        ("nbtwin up --fault loss,pac", ["loss,packets="]),
        ("nbtwin bench da", ["days"]),
        ("nbtwin flee", ["fleet"]),
        ("nbtwin fleet w", ["worker"]),
        ("nbtwin fleet worker --sch", ["--scheduler"]),
        ("nbtwin fleet coap://127.0.0.1 w", []),
        ("nbtwin bench days co", ["coap", "console"]),
        ("nbtwin objects show 330", ["3300", "3301", "3302", "3303", "3304", "3305", "3306", "3308"]),
        ("nbtwin explain 'AT+QDMPC", ["AT+QDMPCFG", "AT+QDMPCFGEX"]),
        ("nbtwin token create ci --role o", ["operator"]),
        ("nbtwin completion f", ["fish"]),
        ("nbtwin comple", ["completion"]),  # and not what the scripts ask
    ],
)
def test_a_line_may_go_on_with(line: str, expected: list[str]) -> None:
    assert found(line) == expected


def test_names_of_modules_come_from_the_state_directory(tmp_path: Path) -> None:
    (tmp_path / "nvram").mkdir()
    from nbtwin.edge.nvram_file import nvram_path

    for name in ("meter", "tracker"):
        nvram_path(tmp_path, name).parent.mkdir(parents=True, exist_ok=True)
        nvram_path(tmp_path, name).write_bytes(b"")
    assert found(f"nbtwin nvram --state {tmp_path} show ") == ["meter", "tracker"]
    assert found(f"nbtwin nvram show --state {tmp_path} me") == ["meter"]


def test_scenarios_are_found_by_their_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "examples").mkdir()
    (tmp_path / "mine.yaml").touch()
    (tmp_path / "notes.txt").touch()
    (tmp_path / "examples" / "theirs.yaml").touch()
    assert found("nbtwin run ") == ["examples/", "mine.yaml", "examples/theirs.yaml"]
    assert found("nbtwin run mine.yaml examples/t") == ["examples/theirs.yaml"]


def test_every_option_with_choices_offers_them() -> None:
    """What `--help` shows as a|b is completed, wherever it stands."""
    offered = 0
    for path, command in _all(ROOT, ()):
        for option in command.params:
            form = option.metavar or ""
            if re.fullmatch(r"[a-z]+(\|[a-z]+)+", form) and option.param_type_name == "option":
                assert found(f"nbtwin {' '.join(path)} {option.opts[0]} ") == form.split("|"), option.opts
                offered += 1
    assert offered >= 10


def _all(command, path):  # type: ignore[no-untyped-def]
    yield path, command
    for name, below in getattr(command, "commands", {}).items():
        yield from _all(below, (*path, name))


@pytest.mark.parametrize("shell", SCRIPTS)
def test_the_script_is_printed_and_nothing_is_written(
    shell: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert status_of(["completion", shell]) == 0
    assert capsys.readouterr().out == SCRIPTS[shell]
    assert list(tmp_path.iterdir()) == []


# In the shells themselves


INSTALLED = ["bash", *(shell for shell in ("zsh", "fish") if shutil.which(shell))]
"""Bash is everywhere; the others are tried where they are, and the test's name says which."""


@pytest.mark.parametrize("shell", INSTALLED)
def test_the_tab_key_completes_in_a_real_terminal(shell: str, tmp_path: Path) -> None:
    """A command, an option, a model and a card's operator behind a comma and an equals sign."""
    tool = tmp_path / "bin" / "nbtwin"
    tool.parent.mkdir()
    real = f'exec {sys.executable} -m nbtwin "$@"'
    tool.write_text(f'#!/bin/sh\ncase $1 in complet*) {real} ;; esac\necho "RAN<$*>"\n')
    tool.chmod(0o755)
    pid, terminal = os.forkpty()
    if pid == 0:
        os.chdir(tmp_path)
        os.environ |= {"HOME": str(tmp_path), "TERM": "dumb", "PATH": f"{tool.parent}:{os.environ['PATH']}"}
        os.execvp(COMMANDS[shell][0], COMMANDS[shell])
    typed = f"{LOADED[shell]}; echo LOAD''ED\n"
    os.write(terminal, typed.encode())
    _read_until(terminal, r"LOADED")
    os.write(terminal, b"nbtwin up --modul\tBC260\t,sim=tel\t--timeline js\t; echo DO''NE\n")
    assert "RAN<up --module BC260Y-CN,sim=telecom --timeline json>" in _read_until(terminal, r"DONE")
    os.write(terminal, b"exit\n")
    os.waitpid(pid, 0)
    os.close(terminal)


def _read_until(terminal: int, end: str) -> str:
    text = ""
    while not re.search(end, text):
        text += os.read(terminal, 4096).decode(errors="replace")
    return text
