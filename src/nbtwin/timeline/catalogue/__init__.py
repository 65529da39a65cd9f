"""Words for codes: one Project Fluent file a language, read by the terminal here and by the console in the browser.

A message's id is a code: of a fact (`nbtwin.engine.Fact`), of what an engine waits for (`Reason`), of a refusal
(`Refusal`), of what a command says besides (`Phrase`). Its arguments are the fields of that fact as plain JSON, under
their own names; `bundle` says which functions there are. Nothing in the product decides by what is written here.

``fluent.runtime`` brings Babel and is not light: it is imported for the few messages that need it (`by_fluent`). Facts
are imported when the first message is worded: whoever raises an error that this package words need not load every
engine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cache
from typing import Any, TypeAlias

from nbtwin.engine import Deadline, Fact

LANGUAGES = ("en", "zh")
Words: TypeAlias = Callable[[str, Mapping[str, Any], float], str]
"""Of a code with its fields, in a fact of that time."""

LONGEST = 256
"""Characters of one argument in a line of the timeline; the rest is in the fields."""


class Phrase(StrEnum):
    """Base of every enumeration of what commands print that is neither fact nor refusal: headings, rows, summaries."""


@cache
def formatter(language: str, longest: int | None = LONGEST) -> Words:
    """What words a code with its fields in one of `LANGUAGES`. KeyError for any other language.

    A code without a message in the language is said in English; one without any by its own name and fields.
    """
    if language not in LANGUAGES:
        raise KeyError(language)
    from nbtwin.timeline.catalogue.bundle import Messages

    return Messages({each: source(each) for each in dict.fromkeys((language, "en"))}, longest).words


def source(language: str) -> str:
    """The file of a language as text."""
    from importlib import resources  # by whoever words something

    return (resources.files(__name__) / f"{language}.ftl").read_text(encoding="utf-8")


def words(said: str | Fact, language: str = "en", at: float = 0.0, /, **fields: Any) -> str:
    """A fact, or a code with its fields, in words: ``words("coap-packet-unanswered", "zh", number=6)``.

    ``at``: when it happened; a fact that says until when something lasts is worded with the span from there.
    """
    if isinstance(said, str):
        return formatter(language)(said, fields, at)
    from nbtwin.timeline.plain import code_of, fields_of

    return formatter(language)(code_of(said), fields_of(said), at)


def say(phrase: Phrase, language: str, /, **fields: Any) -> str:
    """A phrase in words, with nothing cut."""
    return formatter(language, None)(phrase, fields, 0.0)


def waiting_for(deadline: Deadline, language: str = "en") -> str:
    """What somebody waits for: completes "waiting: …"."""
    return words(deadline.reason, language, subject=deadline.subject, number=deadline.number, count=deadline.count)


def language_of(wanted: str) -> str:
    """The best of `LANGUAGES` for a locale (``zh_CN.UTF-8``) or an Accept-Language (``zh-CN,zh;q=0.9,en;q=0.8``)."""
    best, weight = "en", 0.0
    for part in wanted.split(","):
        tag, _, parameter = part.strip().partition(";")
        language = tag.replace("_", "-").partition("-")[0].partition(".")[0].lower()
        quality = parameter.strip().removeprefix("q=")
        try:
            q = float(quality) if quality else 1.0
        except ValueError:
            q = 0.0
        if language in LANGUAGES and q > weight:
            best, weight = language, q
    return best
