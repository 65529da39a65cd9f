"""Words for codes: one Project Fluent file a language, read by the terminal here and by the console in the browser.

A message's id is a code: of a fact (`nbtwin.engine.Fact`), of what an engine waits for (`Reason`), of a refusal
(`Refusal`). Its arguments are the fields of that fact, under their own names. Nothing in the product decides by what is
written here.

``fluent.runtime`` brings Babel and is not light: it is imported when the first message is worded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources
from typing import Any

from nbtwin.engine import Deadline

LANGUAGES = ("en", "zh")
Format = Callable[[str, Mapping[str, Any]], str]


@cache
def formatter(language: str) -> Format:
    """What words a code with its fields in one of `LANGUAGES`. KeyError for any other language.

    A code without a message in the language is said in English; one without any is shown as it is.
    """
    if language not in LANGUAGES:
        raise KeyError(language)
    from fluent.runtime import FluentBundle, FluentResource

    bundles = []
    for each in dict.fromkeys((language, "en")):
        bundle = FluentBundle([each], use_isolating=False)
        bundle.add_resource(FluentResource(source(each)))
        bundles.append(bundle)

    def words(code: str, fields: Mapping[str, Any]) -> str:
        for bundle in bundles:
            if bundle.has_message(code):
                pattern = bundle.get_message(code).value
                if pattern is not None:
                    text, _ = bundle.format_pattern(pattern, dict(fields))
                    return str(text)
        return code

    return words


def source(language: str) -> str:
    """The file of a language as text."""
    return (resources.files(__name__) / f"{language}.ftl").read_text(encoding="utf-8")


def words(code: str, language: str = "en", /, **fields: Any) -> str:
    """The code in words: ``words("coap-packet-unanswered", "zh", number=6)``."""
    return formatter(language)(code, fields)


def waiting_for(deadline: Deadline, language: str = "en") -> str:
    """What somebody waits for: completes "waiting: …"."""
    return words(deadline.reason, language, subject=deadline.subject, number=deadline.number, count=deadline.count)
