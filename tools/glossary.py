"""The glossary's pages in both languages, from docs/glossary.toml. Knows that table and Markdown."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

TABLE = Path(__file__).parents[1] / "docs/glossary.toml"
HEADS = {
    "en": ("Glossary", "[中文](glossary.zh-CN.md)", "One word for one thing, kept by a test.",
           "| English | Chinese | why this word | not |"),
    "zh": ("术语表", "[English](glossary.md)", "界面、帮助与文档中，一个事物只用一个词；由测试保证。",
           "| 中文 | 英文 | 依据 | 不用 |"),
}  # fmt: skip


def pages() -> dict[str, str]:
    """File name to content."""
    return {"glossary.md": _page("en", "zh"), "glossary.zh-CN.md": _page("zh", "en")}


def _page(own: str, other: str) -> str:
    title, twin, about, columns = HEADS[own]
    return "\n".join([f"# {title}", "", twin, "", about, "", columns, "|---|---|---|---|", *_rows(own, other), ""])


def _rows(own: str, other: str) -> Iterator[str]:
    for term in tomllib.loads(TABLE.read_text(encoding="utf-8"))["term"]:
        avoided = ", ".join(term.get("never_en", [])) if own == "en" else "、".join(term.get("never_zh", []))
        yield f"| {term[own]} | {term[other]} | {term[f'why_{own}']} | {avoided} |"
