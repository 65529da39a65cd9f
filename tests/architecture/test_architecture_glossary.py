"""One word for one thing, in Chinese and in English: every text that a user reads against docs/glossary.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
GLOSSARY: Mapping[str, Any] = tomllib.loads((ROOT / "docs/glossary.toml").read_text(encoding="utf-8"))
TERMS: list[Mapping[str, Any]] = GLOSSARY["term"]
WORDS = ROOT / "src/nbtwin/web/static/words"
CATALOGUE = ROOT / "src/nbtwin/timeline/catalogue"
CHINESE = [
    *sorted(ROOT.glob("*.zh-CN.md")),
    *sorted((ROOT / "docs").rglob("*.zh-CN.md")),
    *(ROOT / f"src/nbtwin/{name}" for name in ("cli/help.zh.ftl", "web/access/login.py")),
    *sorted((ROOT / "src/nbtwin/check/acceptance").glob("*.yaml")),
    *sorted((ROOT / "tools").glob("*.zh.toml")),
    WORDS / "zh.ftl", WORDS / "operations.zh.ftl", CATALOGUE / "zh.ftl",
]  # fmt: skip
PAIRS = [(CATALOGUE / "en.ftl", CATALOGUE / "zh.ftl"), (WORDS / "en.ftl", WORDS / "zh.ftl")]
ENGLISH = [WORDS / "en.ftl", CATALOGUE / "en.ftl"]
HEADED = sorted((*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")))
SAYS_WHY = "glossary.zh-CN.md"  # names the words that are not used
LATIN = re.compile(r"[A-Za-z]")


def messages(path: Path) -> dict[str, str]:
    """Every message of a Fluent file with all its lines."""
    found: dict[str, str] = {}
    name = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if match := re.match(r"([a-z][\w-]*) = ?(.*)", line):
            name = match[1]
            found[name] = match[2]
        elif line.startswith("#"):
            name = ""
        elif name:
            found[name] += f"\n{line}"
    return found


def without_placeables(text: str) -> str:
    """The words of a message: neither its variables nor the names of its variants."""
    return re.sub(r"\$[\w-]+|[A-Z]{3,}\(|\[[\w.-]+\]|command-says-\S+", " ", text)


def forbidden(language: str) -> Iterator[str]:
    for term in TERMS:
        yield from term.get(f"never_{language}", ())


@pytest.mark.parametrize("path", CHINESE, ids=lambda path: str(path.relative_to(ROOT)))
def test_chinese_has_one_word_for_a_thing(path: Path) -> None:
    if path.name == SAYS_WHY:
        return
    text = path.read_text(encoding="utf-8")
    found = [
        f"{path.name}:{number}: {word}: {line.strip()[:60]}"
        for number, line in enumerate(text.splitlines(), 1)
        for word in forbidden("zh")
        if word in line
    ]
    assert not found, "docs/glossary.toml has the word to use:\n" + "\n".join(found)


@pytest.mark.parametrize("path", ENGLISH, ids=lambda path: str(path.relative_to(ROOT)))
def test_english_has_one_word_for_a_thing_and_plain_ones(path: Path) -> None:
    phrases = [*forbidden("en"), *GLOSSARY["phrase"][0]["never_en"]]
    found = [
        f"{name}: {phrase}"
        for name, text in messages(path).items()
        for phrase in phrases
        if re.search(rf"\b{re.escape(phrase)}\b", without_placeables(text))
    ]
    assert not found, found


@pytest.mark.parametrize("path", HEADED, ids=lambda path: str(path.relative_to(ROOT)))
def test_headings_are_plain(path: Path) -> None:
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    phrases = GLOSSARY["phrase"][0]["never_en"]
    found = [f"{heading}: {phrase}" for heading in headings for phrase in phrases if phrase.lower() in heading.lower()]
    assert not found, found


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: str(pair[0].relative_to(ROOT)))
def test_where_the_english_says_it_the_chinese_does(pair: tuple[Path, Path]) -> None:
    english, chinese = (messages(path) for path in pair)
    wanting = [
        f"{name}: {term['with_zh']} for {english[name]!r}, not {text!r}"
        for term in TERMS
        if "with_en" in term
        for name, text in chinese.items()
        if re.search(term["with_en"], without_placeables(english.get(name, "")))
        and not re.search(term["with_zh"], text)
    ]
    assert not wanting, "\n".join(wanting)


def test_the_glossary_itself_is_one_to_one() -> None:
    for language in ("en", "zh"):
        words = [term[language] for term in TERMS]
        assert len(set(words)) == len(words)
        assert not [word for word in forbidden(language) if word in words]
    assert all(not LATIN.search(term["zh"]) or term["zh"].startswith("NAT") for term in TERMS)
