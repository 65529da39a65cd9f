"""`--help` says the same in English and in Chinese, whole and within the terminal's width."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest
import typer
from rich.cells import cell_len
from running import nbtwin

from nbtwin.cli import help
from nbtwin.cli.main import app

HAN = re.compile("[\u4e00-\u9fff]")
SENTENCE = re.compile("[a-z]+ [a-z]+ [a-z]+")


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield path, command
    for name, below in getattr(command, "commands", {}).items():
        yield from commands(below, (*path, name))


def named_so(path: tuple[str, ...]) -> str:
    return "-".join(path).replace(" ", "-") or help.ROOT


ALL = dict(commands(typer.main.get_command(app)))


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_command_and_option_is_explained_in_chinese(path: tuple[str, ...]) -> None:
    command, name = ALL[path], named_so(path)
    assert HAN.search(help.of_command(name, command.help) or ""), name
    for parameter in command.params:
        if parameter.help:
            said = help.of_parameter(name, parameter.name)
            assert said, f"{name}.{parameter.name}"
            assert HAN.search(said) or not SENTENCE.search(said), f"{name}.{parameter.name}: {said}"


def test_nothing_is_explained_that_is_not_there() -> None:
    text = (files("nbtwin.cli") / "help.zh.ftl").read_text(encoding="utf-8")
    named = {named_so(path): {p.name for p in command.params} for path, command in ALL.items()}
    named[help.SHARED] = {"help"}.union(*named.values())
    current = ""
    for line in text.splitlines():
        if found := re.match(r"([a-z-]+) =", line):
            current = found[1]
            assert current == help.LIBRARY or current in named, current
        elif (found := re.match(r"    \.(\w+) =", line)) and current != help.LIBRARY:
            assert found[1] == "examples" or found[1] in named[current], f"{current}.{found[1]}"


@pytest.mark.parametrize("before", [("--lang", "zh"), ("--lang", "en")], ids=["zh", "en"])
@pytest.mark.parametrize("command", ["", "up", "cost", "nvram", "platform keys psk add", "db backup"])
def test_help_speaks_one_language(before: tuple[str, ...], command: str) -> None:
    shown = nbtwin(*before, *command.split(), "--help")
    assert shown.returncode == 0
    if before[1] == "en":
        assert shown.stdout.startswith("Usage: nbtwin")
        assert not HAN.search(shown.stdout)
    else:
        assert shown.stdout.startswith("用法： nbtwin")
        told = [line for line in shown.stdout.splitlines()[1:] if "nbtwin " not in line]
        assert not [line for line in told if SENTENCE.search(line)]


def test_a_locale_chooses_the_language_of_help(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "用法" in nbtwin("cost", "--help").stdout
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert "Usage" in nbtwin("cost", "--help").stdout


@pytest.mark.parametrize("width", [20, 40, 78])
def test_lines_are_broken_by_what_they_take_on_the_screen(width: int) -> None:
    text = (
        "自注册做了什么、花费多少：报文、字节数，with `nbtwin cost MODEL`，两次运行都是仿真的（随机种子与故障相同）。"
        * 3
    )
    lines = list(help.wrapped(text, width))
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(cell_len(line) <= width for line in lines)
    assert not {line[0] for line in lines} & set("，。；：、！？）》」")
    assert not {line[-1] for line in lines} & set("（《「")
