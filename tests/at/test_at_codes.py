"""Every code of the serial line has words in both languages, and they name only fields that stand beside the code."""

from __future__ import annotations

import re

import pytest

from nbtwin.at.refusals import AtRefusal, CommandRefused, ValueKind, ValueTaken
from nbtwin.at.session import AtReason, CommandAnswered
from nbtwin.commands.refusals import CommandRefusal
from nbtwin.timeline.catalogue import LANGUAGES, source

FACTS = {
    str(fact.__struct_config__.tag): set(fact.__struct_fields__)
    for fact in (CommandAnswered, CommandRefused, ValueTaken)
}
REASONS = {str(reason): {"subject", "number", "count"} for reason in AtReason}  # those of a Deadline
REFUSALS = {str(refusal): FACTS["command-refused"] for refusal in (*AtRefusal, *CommandRefusal)}
KINDS = {str(kind): FACTS["value-taken"] for kind in ValueKind}
CODES = FACTS | REASONS | REFUSALS | KINDS


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
    assert len(CODES) == len(FACTS) + len(REASONS) + len(REFUSALS) + len(KINDS)
    assert len(REFUSALS) == len(AtRefusal) + len(CommandRefusal)
    assert all(code.startswith("at-") for code in (*AtRefusal, *AtReason, *ValueKind))
    assert all(code.startswith("command-") for code in CommandRefusal)
