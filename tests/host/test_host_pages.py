"""Every piece of Python on docs/driver.md and docs/driver.zh-CN.md is run, and both pages have the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


def pieces(page: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("piece", pieces("driver.md"), ids=["first", "loop", "commands"])
def test_a_piece_of_the_page_runs(piece: str) -> None:
    exec(compile(piece, "docs/driver.md", "exec"), {"__name__": "docs"})


def test_both_pages_have_the_same_pieces() -> None:
    assert pieces("driver.md") == pieces("driver.zh-CN.md")
