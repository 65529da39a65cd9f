"""What the generated pages say: English from tables and generators, Chinese by that English.

Chinese of a profile's fields and of a command comes from the catalogue, of all else from tools/rules.zh.toml.
Knows that file and the catalogue; a text without Chinese is an error, which a test shows.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from nbtwin.at.known import Basis, Source, fields_of_source, plain, sources
from nbtwin.timeline.catalogue import LANGUAGES, words

TABLE = Path(__file__).parent / "rules.zh.toml"
PATHS = {
    "en": "[nbtwin on your PATH](../../README.md#nbtwin-on-your-path)",
    "zh": "[将 nbtwin 加入 PATH](../../README.zh-CN.md#将-nbtwin-加入-path)",
}


@cache
def chinese() -> Mapping[str, str]:
    """English to Chinese, of all parts of the table."""
    parts: Mapping[str, Mapping[str, str]] = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return {english: text for part in parts.values() for english, text in part.items()}


def said(english: str, language: str, /, **fields: object) -> str:
    """KeyError for a text that has no Chinese."""
    text = english if language == "en" else chinese()[english]
    return text.format(**fields) if fields else text


def bracketed(text: str, language: str) -> str:
    return f" ({text})" if language == "en" else f"（{text}）"


def listed(texts: list[str], language: str) -> str:
    return words("list-separator", language).join(texts)


def known_in(known: str, language: str) -> str:
    """`document DOC-C 3.2.2, decision D38`, or the same in Chinese."""
    return plain(known) if language == "en" else "，".join(_source(source) for source in sources(known))


def _source(source: Source) -> str:
    text = words("known-source", "zh", **fields_of_source(source))
    if source.basis in (Basis.OBSERVED, Basis.ASSUMED) and not source.manual:
        return text
    name = said(source.basis, "zh")
    return f"{name}（{source.manual}）" if source.manual else f"{name} {text}"


def file_in(name: str, language: str) -> str:
    """A page, and the twin of it with .zh-CN in its name."""
    return name if language == "en" else name.removesuffix(".md") + ".zh-CN.md"


def twin_of(name: str, language: str) -> str:
    """The line at the top that leads to the other language."""
    file = file_in(name.rpartition("/")[2], next(other for other in LANGUAGES if other != language))
    return f"[中文]({file})" if language == "en" else f"[English]({file})"
