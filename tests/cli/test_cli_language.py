"""The same story in English and in Chinese, from the same facts."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from running import nbtwin

STORY = """
title: a server that is down
modules:
  - {model: BC260Y-CN, name: meter}
faults: ['loss,direction=up,packets=1']
until: 1min
"""


@pytest.fixture
def story(tmp_path: Path) -> str:
    path = tmp_path / "story.yaml"
    path.write_text(STORY)
    return str(path)


def test_a_story_is_told_in_the_language_that_is_asked_for(story: str) -> None:
    english, chinese = (nbtwin("--lang", language, "run", story).stdout for language in ("en", "zh"))
    for text in ("powered on", "✗ lost", "(sending 2)", "Register: CON POST /rd"):
        assert text in english
    for text in ("上电", "丢失", "第 2 次发送", "Register: CON POST /rd"):
        assert text in chinese
    assert "powered on" not in chinese


def test_a_line_is_explained_in_the_language_that_is_asked_for() -> None:
    line = "AT+QDMPCFG=1,117.161.2.7,65536,420"
    english, chinese = (nbtwin("--lang", language, "explain", line).stdout for language in ("en", "zh"))
    assert "<server_Port> is '65536', not an integer 1-65535" in english
    assert "参数 <server_Port> 的值为“65536”，应为整数 1-65535" in chinese


def test_fields_and_codes_are_the_same_in_every_language(story: str) -> None:
    told = {}
    for language in ("en", "zh"):
        lines = nbtwin("--lang", language, "run", story, "--json").stdout.splitlines()
        told[language] = [json.loads(line) for line in lines]
    assert any(one["text"] != other["text"] for one, other in zip(told["en"], told["zh"], strict=True))
    for entries in told.values():
        for entry in entries:
            del entry["text"]
            entry["fields"].pop("summary", None)  # a datagram in words
    assert told["en"] == told["zh"]


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "上电"),
        ({"LC_ALL": "en_US.UTF-8", "LANG": "zh_CN.UTF-8"}, "powered on"),
        ({"LC_ALL": "", "LANG": "C.UTF-8"}, "powered on"),
    ],
)
def test_the_environment_says_which_language(
    variables: dict[str, str], said: str, story: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert os.environ.get("LANG") == variables["LANG"]
    assert said in nbtwin("run", story).stdout


def test_a_language_that_there_is_not_is_a_wrong_usage(story: str) -> None:
    done = nbtwin("--lang", "fr", "run", story)
    assert (done.returncode, done.stderr) == (2, "nbtwin: --lang: 'fr' is none of en, zh\n")


@pytest.mark.parametrize("size", ["", "64X", "-1", "a lot"])
def test_a_size_of_the_timeline_that_is_none_is_a_wrong_usage(size: str, tmp_path: Path) -> None:
    done = nbtwin("platform", "--ports", "cmdmp=0", "--timeline-size", size, "--state", str(tmp_path))
    assert (done.returncode, done.stderr) == (2, f"nbtwin: --timeline-size: {size!r} is no size such as 64M\n")
