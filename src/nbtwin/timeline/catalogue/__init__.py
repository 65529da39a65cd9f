"""Words for codes: one Project Fluent file a language, read by the terminal here and by the console in the browser.

A message's id is a code: of a fact (`nbtwin.engine.Fact`), of what an engine waits for (`Reason`), of a refusal
(`Refusal`). Its arguments are the fields of that fact, under their own names. Nothing in the product decides by what is
written here.

``fluent.runtime`` brings Babel and is not light: it is imported when the first message is worded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache
from importlib import resources
from typing import Any

from nbtwin.engine import Deadline, Fact, Seconds
from nbtwin.timeline.clock import format_span

LANGUAGES = ("en", "zh")
Format = Callable[[str, Mapping[str, Any], Seconds], str]


@cache
def formatter(language: str) -> Format:
    """What words a code with its fields in one of `LANGUAGES`. KeyError for any other language.

    A code without a message in the language is said in English; one without any is shown as it is.
    """
    if language not in LANGUAGES:
        raise KeyError(language)
    from fluent.runtime import FluentBundle, FluentResource

    bundles: list[FluentBundle] = []
    frames: list[tuple[Mapping[str, Any], Seconds]] = []
    functions: dict[str, Callable[[Any], Any]] = {
        "WORD": lambda code: of(str(code), *frames[-1]),
        "UNTIL": lambda at: format_span(max(0.0, float(at) - frames[-1][1])),
        "PATH": str,
        "BYTES": str,
    }
    for each in dict.fromkeys((language, "en")):
        bundle = FluentBundle([each], functions, use_isolating=False)
        bundle.add_resource(FluentResource(source(each)))
        bundles.append(bundle)

    def of(code: str, fields: Mapping[str, Any], at: Seconds) -> str:
        for bundle in bundles:
            if bundle.has_message(code):
                pattern = bundle.get_message(code).value
                if pattern is not None:
                    frames.append((fields, at))
                    text, _ = bundle.format_pattern(pattern, {name: _argument(v) for name, v in fields.items()})
                    frames.pop()
                    return str(text)
        return code

    return of


def _argument(value: Any) -> Any:
    """As messages select by it: enums by value, or by name where that is a number."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or value in ("", (), b""):
        return "none"
    if isinstance(value, Enum):
        return value.value if isinstance(value.value, str) else value.name
    if isinstance(value, tuple):
        return "/" + "/".join(map(str, value))
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, int | float | str) else str(value)


def source(language: str) -> str:
    """The file of a language as text."""
    return (resources.files(__name__) / f"{language}.ftl").read_text(encoding="utf-8")


def words(said: str | Fact, language: str = "en", at: Seconds = 0.0, /, **fields: Any) -> str:
    """A fact, or a code with its fields, in words: ``words("coap-packet-unanswered", "zh", number=6)``.

    ``at``: when it happened; a fact that says until when something lasts is worded with the span from there.
    """
    if isinstance(said, str):
        return formatter(language)(said, fields, at)
    return formatter(language)(said.code, {name: getattr(said, name) for name in said.__struct_fields__}, at)


def waiting_for(deadline: Deadline, language: str = "en") -> str:
    """What somebody waits for: completes "waiting: …"."""
    return words(deadline.reason, language, subject=deadline.subject, number=deadline.number, count=deadline.count)
