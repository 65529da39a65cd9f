"""`--json`: what a command lists or shows, as one object of one shape; nothing else is on standard output."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer

from nbtwin.cli.main import app, status_of
from nbtwin.edge.nvram_file import StateDirectory
from nbtwin.module.nvram import encode
from nbtwin.module.settings import Andlink, Saved

SHOWING = {
    "models": ["models"],
    "models show": ["models", "show", "BC28"],
    "models diff": ["models", "diff", "BC26", "BC260Y-CN"],
    "explain": ["explain", "AT+QDMPCFG=1,117.161.2.7,5683,420"],
    "lint": ["lint", "{state}/main.c", "--model", "BC28"],
    "nvram": ["nvram", "--state", "{state}"],
    "nvram show": ["nvram", "show", "bc28", "--state", "{state}"],
    "nvram diff": ["nvram", "diff", "bc28", "other", "--state", "{state}"],
    "firmware show": ["firmware", "show", "{state}/new.pkg"],
    "firmware list": ["firmware", "list", "--state", "{state}"],
    "objects list": ["objects", "list", "--state", "{state}"],
    "objects show": ["objects", "show", "3303", "--state", "{state}"],
    "db info": ["db", "info", "--state", "{state}"],
    "db audit": ["db", "audit", "--state", "{state}"],
    "token list": ["token", "list", "--state", "{state}"],
    "config show": ["config", "show"],
    "labs": ["labs"],
    "platform keys list": ["platform", "keys", "list", "--state", "{state}"],
    "platform keys psk list": ["platform", "keys", "psk", "list", "--state", "{state}"],
}
OWN_SHAPE = {"cost", "fleet", "fleet report", "run", "bench", "judge", "accept", "check"}
"""One object, JSON lines, and a file: each says so in its `--help`."""
ACTING = {
    "", "demo", "up", "module", "completion", "complete", "exec", "at",
    "platform", "firmware", "objects", "db", "token", "config", "config check", "config init", "labs rm",
    "platform keys", "platform keys add", "platform keys remove", "platform keys psk", "platform keys psk add",
    "platform keys psk remove", "platform keys psk import", "platform keys psk export",
    "nvram snapshot", "nvram restore", "nvram reset", "firmware pack", "firmware delta", "firmware add",
    "firmware remove", "objects add", "objects remove", "db migrate", "db backup", "db restore", "db prune",
    "token create", "token revoke", "fleet worker", "fleet scheduler", "record", "replay", "transcript",
}  # fmt: skip
"""What does something, and says in a line what it did."""


def commands(command: Any, path: str = "") -> dict[str, Any]:
    found = {path: command}
    for name, below in getattr(command, "commands", {}).items():
        found |= commands(below, f"{path} {name}".strip())
    return found


ALL = commands(typer.main.get_command(app))


@pytest.fixture(autouse=True)
def home(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(state))
    monkeypatch.chdir(state)


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One of everything that can be listed."""
    folder = tmp_path_factory.mktemp("state")
    (folder / "nbtwin" / "labs" / "meters").mkdir(parents=True)
    with StateDirectory(folder) as directory:
        for name, saved in {"bc28": Saved(), "other": Saved(andlink=Andlink(automatic=0))}.items():
            directory.nvram(name).save(encode(saved))
    (folder / "main.c").write_text('say("AT+CFUN=1\\r"); say("AT+DMPCONFIG=0,1\\r");')
    where = ["--state", str(folder)]
    package = str(folder / "new.pkg")
    for made in (
        ["firmware", "pack", "--model", "BC28", "--version", "BC28JAR01A11_ONT", package],
        ["firmware", "add", package, *where],
        ["token", "create", "ci", "--role", "operator", "--lasts", "90d", *where],
        ["platform", "keys", "add", "M100000099", "--password", "secret-password", *where],
        ["platform", "keys", "psk", "add", "867724030000225", "--generate", *where],
    ):
        assert status_of(made) == 0
    return folder


def test_every_command_that_lists_or_shows_has_it() -> None:
    assert set(ALL) == set(SHOWING) | OWN_SHAPE | ACTING, "a new command lists something, or does something"
    for path in {*SHOWING, *OWN_SHAPE}:
        assert "--json" in [text for option in ALL[path].params for text in option.opts], path


@pytest.mark.parametrize("command", SHOWING)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_it_is_one_object_of_one_shape(
    command: str, language: str, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = [part.format(state=state) for part in SHOWING[command]]
    assert status_of(["--lang", language, *asked, "--json"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    shown = json.loads(said.out)
    assert (shown["nbtwin"], type(shown["kind"])) == (1, str)
    assert shown["items"], "there is one of everything"
    assert all(isinstance(item, dict) for item in shown["items"])


@pytest.mark.parametrize("command", SHOWING)
def test_only_texts_depend_on_the_language(command: str, state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = [part.format(state=state) for part in SHOWING[command]]
    said = []
    for language in ("en", "zh"):
        status_of(["--lang", language, *asked, "--json"])
        said.append(_without_text(json.loads(capsys.readouterr().out)))
    assert said[0] == said[1]


def _without_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_text(each) for name, each in value.items() if name != "text"}
    return [_without_text(each) for each in value] if isinstance(value, list) else value


def test_a_line_that_is_wrong_has_the_code_of_its_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(["explain", "AT+QDMPCFG=1,117.161.2.7,65536,420", "--json"]) == 1
    shown = json.loads(capsys.readouterr().out)
    assert shown["ok"] is False
    wrong = [field for command in shown["items"] for field in command["fields"] if field["error"]]
    assert [(field["text"], bool(field["error"]["code"])) for field in wrong] == [("65536", True)]


def test_secrets_are_masked_as_in_the_table(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("platform keys list", "platform keys psk list", "token list"):
        assert status_of([part.format(state=state) for part in [*SHOWING[command], "--json"]]) == 0
    said = capsys.readouterr().out
    assert "secret-password" not in said
    assert '"secr****"' in said


def test_what_cannot_be_shown_is_no_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(["nvram", "show", "nobody", "--state", str(tmp_path), "--json"]) == 2
    assert capsys.readouterr().out == ""


def test_it_does_not_go_astray_before_a_subcommand(capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(["models", "--json", "show", "BC28"]) == 2
    assert "--json before show" in capsys.readouterr().err
