"""Every piece of Python on the pages docs/python.md and docs/python.zh-CN.md is run: what is printed there works."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

_DOCS = Path(__file__).parents[2] / "docs"
_PIECES = [
    pytest.param(piece, id=f"{page}-{number}")
    for page in ("python.md", "python.zh-CN.md")
    for number, piece in enumerate(
        re.findall(r"^```python\n(.*?)^```", (_DOCS / page).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE), 1
    )
]


@pytest.mark.parametrize("piece", _PIECES)
def test_a_piece_of_the_page_runs(piece: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    if "def test_" not in piece:
        exec(compile(piece, "docs", "exec"), {"__name__": "docs"})
        return
    (tmp_path / "test_page.py").write_text(piece, encoding="utf-8")
    options = ["-p", "no:cacheprovider", "-p", "no:nbtwin", "-p", "nbtwin.testing.plugin"]
    command = [sys.executable, "-m", "pytest", "-q", *options, "test_page.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert f"{piece.count('def test_')} passed" in done.stdout, done.stdout


def test_both_pages_have_the_same_pieces() -> None:
    assert len(_PIECES) % 2 == 0
    half = len(_PIECES) // 2
    assert [each.values for each in _PIECES[:half]] == [each.values for each in _PIECES[half:]]
