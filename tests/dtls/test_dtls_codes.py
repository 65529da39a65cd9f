"""Every code of the floor has words in both languages, and they name only fields that stand beside the code."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from nbtwin.dtls.events import DtlsEvent
from nbtwin.dtls.reasons import DtlsReason, DtlsRefusal
from nbtwin.timeline.catalogue import LANGUAGES, source

EVENTS = {event.__struct_config__.tag: set(event.__struct_fields__) for event in get_args(DtlsEvent)}
REASONS = {str(reason): {"subject", "number", "count"} for reason in DtlsReason}  # those of a Deadline
REFUSALS = {str(refusal): {"subject", "number", "expected"} for refusal in DtlsRefusal}
CODES = EVENTS | REASONS | REFUSALS


def messages(language: str) -> dict[str, str]:
    """By id, the text from its id to the next."""
    parts = re.split(r"^([a-z0-9-]+) = ", source(language), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_code_has_a_message_that_names_only_its_fields(language: str) -> None:
    found = messages(language)
    assert CODES.keys() - found.keys() == set()
    named = {code: set(re.findall(r"\$(\w+)", found[code])) for code in CODES}
    assert {code: names - CODES[code] for code, names in named.items() if names - CODES[code]} == {}


def test_the_languages_say_the_same_of_a_code() -> None:
    english, chinese = messages("en"), messages("zh")
    for code in CODES:
        assert set(re.findall(r"\$(\w+)", english[code])) == set(re.findall(r"\$(\w+)", chinese[code])), code


def test_a_code_stands_for_one_thing() -> None:
    assert len(CODES) == len(EVENTS) + len(REASONS) + len(REFUSALS)
    assert all(code.startswith("dtls-") for code in REASONS | REFUSALS)
