"""Every page that shows an `nbtwin` command says how the shell finds it, or where that is said."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

from nbtwin.cli.main import app

ROOT = Path(__file__).parents[2]
NAMES = "|".join(name for name, command in typer.main.get_command(app).commands.items() if not command.hidden)  # type: ignore[attr-defined]
SHOWS = re.compile(rf"(?:^(?:\$ )? *|`)nbtwin (?:{NAMES})\b", re.MULTILINE)
PUTS_IT_THERE = re.compile(r"^(?:\$ )?.*(?:bin/activate|export PATH=|pip install)", re.MULTILINE)
PLACE = re.compile(r"README\.md#nbtwin-on-your-path|README\.zh-CN\.md#将-nbtwin-加入-path")
PAGES = [
    path
    for form in ("*.md", "docs/*.md", "docs/models/*.md", "examples/*/README.md")
    for path in sorted(ROOT.glob(form))
    if path.name != "CHANGELOG.md" and SHOWS.search(path.read_text("utf-8"))
]


def test_there_are_such_pages() -> None:
    assert {"README.md", "README.zh-CN.md", "operating.md", "scenarios.zh-CN.md", "bc28.md"} <= {p.name for p in PAGES}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_that_shows_the_command_says_how_it_is_found(page: Path) -> None:
    text = page.read_text("utf-8")
    assert PUTS_IT_THERE.search(text) or PLACE.search(text)


@pytest.mark.parametrize(
    ("page", "heading"), [("README.md", "nbtwin on your PATH"), ("README.zh-CN.md", "将 nbtwin 加入 PATH")]
)
def test_the_place_says_it_in_one_line(page: str, heading: str) -> None:
    _, _, section = (ROOT / page).read_text("utf-8").partition(f"### {heading}\n")
    assert section.split("```")[1].startswith("\n. .venv/bin/activate")
