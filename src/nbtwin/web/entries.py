"""Entries of the timeline as the API shows them, and what a request may ask of them. Knows no route."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

import msgspec
from fastapi import Depends, Header, Query
from pydantic import BaseModel, Field

from nbtwin.edge.turns import TURN as TURN
from nbtwin.timeline.catalogue import language_of, words
from nbtwin.timeline.decoder import Decoded
from nbtwin.timeline.entry import EntryKind
from nbtwin.timeline.fields import data_of, masked_data
from nbtwin.timeline.jsonl import as_dict
from nbtwin.timeline.plain import printable
from nbtwin.timeline.reader import Found
from nbtwin.web.secrets_masked import masked_fields

_SAID = frozenset({EntryKind.AT_IN, EntryKind.AT_OUT})  # AT lines: there are secrets in some


Lang = Annotated[Literal["en", "zh"] | None, Query(description="of `text`; else as Accept-Language says")]


def _accepted(
    accept_language: Annotated[str | None, Header(max_length=200, include_in_schema=False)] = None,
) -> str:
    return language_of(accept_language or "")


AcceptedLanguage = Annotated[str, Depends(_accepted)]


def _language(accepted: AcceptedLanguage, lang: Lang = None) -> str:
    return lang or accepted


Language = Annotated[str, Depends(_language)]
"""Of the words of an answer; English where nothing is asked for."""


class EntryShown(BaseModel):
    number: int = Field(description="of the entry, from 1, in the order in which things happened")
    at: float = Field(description="lab time")
    source: str = Field(description="the module, platform or part of the lab that it is of")
    kind: str = Field(description="what sort of thing happened: at.in, at.out, state, datagram, platform and so on")
    code: str = Field(description="of the fact; the catalogue's messages go by it")
    text: str = Field(description="the fact in words, in the language that was asked for")
    fields: dict[str, Any] = Field(description="the fact's; of a datagram what is decoded from its bytes")


def fields_of(decoded: Decoded, language: str = "en") -> dict[str, Any]:
    shown = as_dict(decoded, language)
    if decoded.kind in _SAID:
        shown["text"], shown["fields"] = _text(decoded, language), masked_fields(shown["fields"])
    elif data_of(decoded):
        shown["fields"] = {**shown["fields"], "data": masked_data(decoded).hex()}
    return shown


def shown(decoded: Decoded, language: str = "en") -> EntryShown:
    return EntryShown(**fields_of(decoded, language))


def entry_json(decoded: Decoded, language: str = "en") -> bytes:
    return msgspec.json.encode(fields_of(decoded, language))


def contains(decoded: Decoded, text: str, language: str = "en") -> bool:
    """``text`` in lower case, in the line as it is shown: nobody finds a secret by its letters."""
    if not text:
        return True
    return text in _text(decoded, language).lower()


def _text(decoded: Decoded, language: str) -> str:
    """In words; of an AT line those of what is left when its secrets are masked."""
    if decoded.kind not in _SAID:
        return decoded.text(language)
    return printable(words(decoded.code, language, decoded.at, **masked_fields(decoded.fields)))


async def searched(found: Found, text: str = "", language: str = "en") -> AsyncIterator[Decoded]:
    """A long search in pieces, between which the lab goes on. In this thread: only the lab's own may decode."""
    text = text.lower()
    began = time.perf_counter()
    for decoded in found:
        if decoded is None or time.perf_counter() - began > TURN:
            await asyncio.sleep(0)
            began = time.perf_counter()
        if decoded is not None and contains(decoded, text, language):
            yield decoded
