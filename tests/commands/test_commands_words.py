"""The tables of the commands hold codes: what each says to a reader stands in the catalogue, in every language."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import nbtwin
from nbtwin.at.command import ByType, Command, Row
from nbtwin.at.explain import explain
from nbtwin.at.values import Choice, Field, HexChoice
from nbtwin.module.profile import Profile
from nbtwin.profiles.models import PROFILES
from nbtwin.runtime.explanation import lines_of
from nbtwin.timeline.catalogue import words
from nbtwin.web.completion import complete

TABLES = [Path(nbtwin.__file__).parent / name for name in ("at", "commands")]
NUMBERS_OF_THEMSELVES = {"rate", "baud_rate", "band"}
"""A baud rate and a band stand for themselves."""
PROSE = re.compile(r"[A-Za-z]+ [a-z]{2,}\b.* [a-z]{2,}")
"""Three words of which the later ones are small: a sentence, and no name of a manual, no answer of a module."""
SOURCES = re.compile(r"(DOC-[A-E]|assumed|observed|D\d|\d\d\.\d\d\d|V\.250|RFC|E\.212|IPSO|Quectel)")
every_model = pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)


def fields_of(command: Command) -> Iterator[Field]:
    if isinstance(command.write, ByType):
        yield command.write.kind
    rows = command.write.rows.values() if isinstance(command.write, ByType) else [command.write]
    for row in rows:
        yield from row.fields if isinstance(row, Row) else ()


@every_model
def test_every_value_of_few_and_every_type_has_words_in_both_languages(profile: Profile) -> None:
    for command in profile.commands:
        for field in fields_of(command):
            if not isinstance(field, Choice | HexChoice) or field.name in NUMBERS_OF_THEMSELVES:
                continue
            for choice in field.choices:
                meaning = (field.meanings or {}).get(choice)
                assert meaning is not None, f"AT{command.name} <{field.name}> {choice}"
                assert is_chinese(words(meaning, "zh")), meaning
                assert is_english(words(meaning, "en")), meaning


@every_model
def test_every_gate_has_words_in_both_languages(profile: Profile) -> None:
    for gate in {gate for command in profile.commands for gate in command.gates}:
        assert is_chinese(words(gate.meaning, "zh"))
        assert is_english(words(gate.meaning, "en"))


@every_model
def test_what_is_explained_and_suggested_is_said_in_the_readers_language(profile: Profile) -> None:
    for command in profile.commands:
        head = lines_of(
            explain(profile.commands, profile.errors, f"AT{command.name}{'' if '=' in command.name else '?'}"), "zh"
        )[0]
        assert is_chinese(head.rpartition("：")[2]), head
        for suggestion in complete(profile.commands, f"AT{command.name}", 4, "zh"):
            assert is_chinese(suggestion.says), suggestion
            assert not re.search(r"[a-z]{3,} (form|the|of|is)\b", suggestion.says), suggestion
        for suggestion in complete(profile.commands, f"AT{command.name}=", 20, "zh"):
            assert not PROSE.search(suggestion.says), suggestion


def test_no_table_holds_a_sentence() -> None:
    """Whatever a row hands on to a reader is a code; what a module answers is no sentence."""
    found = []
    for folder in TABLES:
        for path in sorted(folder.glob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for call in ast.walk(tree):
                if isinstance(call, ast.Call) and not _is_for_programmers(call):
                    given = [*call.args, *(keyword.value for keyword in call.keywords)]
                    found += [f"{path.name}:{each.lineno}: {each.value}" for each in given if is_sentence(each)]
    assert found == []


def is_sentence(node: ast.expr) -> bool:
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        return False
    return bool(PROSE.search(node.value)) and not SOURCES.match(node.value)


def _is_for_programmers(call: ast.Call) -> bool:
    """An error of who writes a table."""
    return isinstance(call.func, ast.Name) and call.func.id in ("ValueError", "NotImplementedError", "AssertionError")


def is_chinese(text: str) -> bool:
    return not is_english(text) or not re.search("[a-z]{3}", text)


def is_english(text: str) -> bool:
    return not re.search("[\u4e00-\u9fff]", text)
