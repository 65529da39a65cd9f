"""Every piece of docs/pytest.md and docs/pytest.zh-CN.md is run; its command lines with the first tests."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

import nbtwin

pytest_plugins = ["pytester"]
Run: TypeAlias = Callable[..., str]
_DOCS = Path(__file__).parents[2] / "docs"


def pieces(page: str, language: str) -> list[str]:
    text = (_DOCS / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


TESTS = pieces("pytest.md", "python")
LINES = [line for piece in pieces("pytest.md", "sh") for line in piece.splitlines()]


@pytest.fixture(scope="module")
def lab() -> Iterator[nbtwin.Lab]:
    """Whose BC28 is the real module of the page."""
    with nbtwin.Lab(live=True) as lab:
        lab.set_rate(10)
        lab.add_module("BC28")
        yield lab


@pytest.mark.parametrize("piece", TESTS)
def test_the_tests_of_the_page_pass(pytest_run: Run, pytester: pytest.Pytester, piece: str) -> None:
    for file in pieces("pytest.md", "yaml"):
        (pytester.path / file.splitlines()[0].removeprefix("# ")).write_text(file, encoding="utf-8")
    said = pytest_run(piece, "--strict-markers")
    twice = piece.count('"BC28", "BC26"')
    assert f" {piece.count('def test_') + twice} passed in" in said, said


@pytest.mark.parametrize("line", LINES)
def test_the_command_lines_of_the_page_run_its_first_tests(pytest_run: Run, lab: nbtwin.Lab, line: str) -> None:
    (module,) = lab.modules.values()
    given = line.replace("/dev/ttyUSB0", module.serial).replace("http://127.0.0.1:8080", lab.url)
    _, *options = given.split()
    chosen = ("-k", "meter") if "--nb-live" in options else ()  # the other one waits for half a minute
    said = pytest_run(TESTS[0], *options, *chosen)
    passed = 3 if line.count("--nb-model") == 2 else 1
    assert re.search(rf" {passed} passed(, 1 (skipped|deselected))? in", said), said


def test_both_pages_have_the_same_pieces() -> None:
    for language in ("python", "yaml", "sh"):
        assert pieces("pytest.md", language) == pieces("pytest.zh-CN.md", language)


def test_the_page_names_every_fixture_mark_and_option() -> None:
    from nbtwin.testing import marks, plugin

    parser = pytest.Parser(_ispytest=True)
    plugin.pytest_addoption(parser)
    options = [name for option in parser.getgroup("nbtwin").options for name in option.names()]
    fixtures = [name for name in vars(plugin) if name.startswith("nb_")]
    keywords = [f"{keyword}=" for words in marks.KEYWORDS.values() for keyword in words[1:]]
    for page in ("pytest.md", "pytest.zh-CN.md"):
        text = (_DOCS / page).read_text(encoding="utf-8")
        assert [name for name in (*options, *fixtures, *marks.DESCRIBED, *keywords) if name not in text] == []
