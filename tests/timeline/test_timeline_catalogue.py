"""The catalogue: every code has a message in each language, and a message names only what its code has."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import re
import types
import typing
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from fluent.syntax import FluentParser, ast
from fluent.syntax.visitor import Visitor

import nbtwin
from nbtwin.at.command import ByType
from nbtwin.at.known import note_code, sources
from nbtwin.at.refusals import ValueKind
from nbtwin.at.values import Meaning
from nbtwin.cli.profile_table import sheet_of
from nbtwin.coap.reasons import CoapReason
from nbtwin.edge.errors import EdgeError, EdgeRefusal
from nbtwin.engine import Deadline, Fact, Reason, Refusal
from nbtwin.lab.facts import CoverageChanged, FaultAdded, NatRebound
from nbtwin.lab.faults import Fault
from nbtwin.module.profile import Profile
from nbtwin.operators.events import DeviceFlag
from nbtwin.profiles.models import PROFILES
from nbtwin.profiles.rules import RULES
from nbtwin.selfreg.schedule import Operator, RoundSchedule
from nbtwin.timeline import codec
from nbtwin.timeline.catalogue import LANGUAGES, Phrase, language_of, source, waiting_for, words
from nbtwin.timeline.catalogue.bundle import Messages, flag_code
from nbtwin.timeline.catalogue.errors import worded
from nbtwin.timeline.facts import DatagramSeen, SegmentSeen, UnknownFact, Waiting

FUNCTIONS = {"FAULT", "WORD", "SPAN", "UNTIL", "TIME", "PEER", "PEERS", "PATH", "BYTES", "LIST", "VALUES", "FLAGS",
             "NUMBER", "DATETIME"}  # fmt: skip
OF_A_DEADLINE = {"subject", "number", "count"}
OF_A_DATAGRAM = {"from", "to", "summary", "sending", "impairment", "lost", "error", "octets", "delay", "copies"}
OF_A_SEGMENT = {"from", "to", "summary", "again"}
OTHERS = {
    "list-separator", "stream-other-lab", "stream-forgotten", "stream-too-slow", "stream-lab-busy",
    "explain-no-command", "explain-command", "explain-value-left-out", "explain-value-empty", "explain-left-out",
    "explain-left-empty", "explain-answers", "explain-not-executed", "explain-gate", "explain-says",
    "explain-suggested", "explain-elsewhere", "explain-near", "known-source", *map(str, ValueKind),
    "fault-separator", "fault-member-separator", *(f"fault-with-{field.name}" for field in dataclasses.fields(Fault)),
}  # fmt: skip
"""That are no code of a fact, a reason or a refusal."""
OF_EXCEPTIONS = {
    "campaign-device-taken": {"client"}, "campaign-package-unknown": {"package"}, "campaign-mode-unknown": {"mode"},
    "campaign-number-negative": {"name", "value"}, "campaign-no-patience": {"value"}, "campaign-severity": {"value"},
    "campaign-at-once": {"value", "limit"},
}  # fmt: skip
"""Refusals that an exception bears, and what it says besides."""
PARTS = {
    "mode", "server", "port", "period", "appkey", "password", "terminal_type", "terminal_imei", "query", "erase",
    "plmn", "name", "default", "span",
}  # fmt: skip
"""Names inside one value of a sheet."""
IMPAIRMENTS = {"lost", "silenced", "answered", "cut", "delayed", "duplicated", "overtaken", "rebound"}


@cache
def everything() -> tuple[types.ModuleType, ...]:
    """Every module of the package, so that every fact and every enumeration is known."""
    names = [name for _, name, _ in pkgutil.walk_packages(nbtwin.__path__, "nbtwin.") if not name.endswith("__main__")]
    return tuple(importlib.import_module(name) for name in names)


def enumerations(of: type[Any]) -> Iterator[type[Any]]:
    everything()
    for each in of.__subclasses__():
        if each.__module__.startswith("nbtwin."):
            yield each
        yield from enumerations(each)


def members(of: type[Any]) -> Iterator[Any]:
    for each in enumerations(of):
        yield from each


def purposes() -> set[str]:
    """What the commands of all models are for."""
    return {command.says for profile in PROFILES.values() for command in profile.commands}


def of_tables() -> set[str]:
    """What sheets, NVRAMs and inventories name: sections, rows, sources, settings, flags."""
    found = {f"profile-operator-{operator}" for operator in (*Operator, "andlink")}
    found |= {f"profile-part-{name}" for name in PARTS} | set(map(flag_code, DeviceFlag))
    found |= {f"profile-schedule-{field.name}" for field in dataclasses.fields(RoundSchedule) if field.name != "waits"}
    for profile in PROFILES.values():
        for section, rows in sheet_of(profile).items():
            found.add(f"profile-section-{section}")
            if section not in ("commands", "schedules"):
                found |= {f"profile-field-{name}" for name in rows if not name.isdigit()}
        for known in (*profile.known.values(), *known_of_commands(profile)):
            found |= notes_of(known)
    for known in (
        "observed (wording)",
        *(rule.known for each in RULES.values() for rules in each.values() for rule in rules),
    ):
        found |= notes_of(known)
    return found


def notes_of(known: str) -> set[str]:
    return {note_code(source.note) for source in sources(known) if source.note and not source.manual}


def known_of_commands(profile: Profile) -> Iterator[str]:
    for command in profile.commands:
        yield command.source
        yield from (gate.known for gate in command.gates)
        rows = command.write.rows.values() if isinstance(command.write, ByType) else [command.write]
        yield from (field.known for row in rows if row is not None for field in row.fields if field.known)


def all_facts() -> dict[str, type[Fact]]:
    everything()
    return {str(fact.__struct_config__.tag): fact for fact in codec.facts() if fact is not UnknownFact}


class Uses(Visitor):
    def __init__(self) -> None:
        self.arguments: set[str] = set()
        self.functions: set[str] = set()

    def visit_VariableReference(self, node: ast.VariableReference) -> None:
        self.arguments.add(node.id.name)

    def visit_FunctionReference(self, node: ast.FunctionReference) -> None:
        self.functions.add(node.id.name)
        self.generic_visit(node)


@cache
def messages(language: str) -> dict[str, Uses]:
    """What each message uses. A file has no junk in it and nothing twice."""
    found: dict[str, Uses] = {}
    for entry in FluentParser().parse(source(language)).body:
        assert not isinstance(entry, ast.Junk), entry.content
        if isinstance(entry, ast.Message):
            assert entry.id.name not in found, f"{language}: {entry.id.name} stands twice"
            found[entry.id.name] = uses = Uses()
            uses.visit(entry)
    return found


def bearers() -> dict[type, list[type[Fact]]]:
    """Of each enumeration of reasons or refusals the facts with a field of it."""
    found: dict[type, list[type[Fact]]] = {}
    for fact in all_facts().values():
        for hint in typing.get_type_hints(fact).values():
            for each in parts(hint):
                if isinstance(each, type) and issubclass(each, Reason | Refusal):
                    found.setdefault(each, []).append(fact)
    return found


def parts(hint: Any) -> Iterator[Any]:
    yield hint
    for part in typing.get_args(hint):
        yield from parts(part)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fact_reason_refusal_and_phrase_has_a_message(language: str) -> None:
    codes = {*all_facts(), *map(str, members(Reason)), *map(str, members(Refusal)), *map(str, members(Phrase))}
    codes |= purposes() | set(map(str, members(Meaning))) | of_tables()
    assert len(codes) > 300
    assert codes - messages(language).keys() == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_of_a_code(language: str) -> None:
    codes = {*all_facts(), *map(str, members(Reason)), *map(str, members(Refusal)), *OTHERS}
    codes |= {f"impairment-{name}" for name in IMPAIRMENTS} | set(map(str, members(Phrase)))
    codes |= purposes() | set(map(str, members(Meaning))) | of_tables()
    assert {code for code in messages(language).keys() - codes if not code.startswith("nvram-setting-")} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_message_of_a_fact_names_only_its_fields(language: str) -> None:
    wrong = {}
    for code, fact in all_facts().items():
        decoded = {DatagramSeen: OF_A_DATAGRAM, SegmentSeen: OF_A_SEGMENT}
        fields = decoded.get(fact, set(fact.__struct_fields__))
        if strangers := messages(language)[code].arguments - fields:
            wrong[code] = strangers
    assert wrong == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_message_of_a_reason_or_refusal_names_only_what_every_fact_has_that_bears_it(language: str) -> None:
    wrong = {}
    by_type = bearers()
    for member in (*members(Reason), *members(Refusal)):
        fields = [set(fact.__struct_fields__) for fact in by_type.get(type(member), [])]
        allowed = set.union(*fields, OF_EXCEPTIONS.get(str(member), set()))
        allowed |= OF_A_DEADLINE if isinstance(member, Reason) else set()
        if isinstance(member, Refusal) and not fields:
            continue  # an exception's, which says its fields itself
        if strangers := messages(language)[str(member)].arguments - allowed:
            wrong[str(member)] = strangers
    assert wrong == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_messages_use_functions_that_there_are(language: str) -> None:
    assert set().union(*(uses.functions for uses in messages(language).values())) <= FUNCTIONS


def test_both_languages_say_the_same_things_with_the_same_arguments() -> None:
    english, chinese = messages("en"), messages("zh")
    assert english.keys() == chinese.keys()
    different = {
        code: english[code].arguments ^ chinese[code].arguments
        for code in english
        if english[code].arguments != chinese[code].arguments
    }
    assert different == {}


def test_no_two_reasons_refusals_or_phrases_have_one_code_and_none_has_a_facts() -> None:
    codes = [*map(str, members(Reason)), *map(str, members(Refusal)), *map(str, members(Phrase)), *all_facts()]
    assert sorted({code for code in codes if codes.count(code) > 1}) == []


ENGINES = [
    each
    for of in (Reason, Refusal)
    for each in enumerations(of)
    if each.__module__.split(".")[1] in ("at", "coap", "commands", "dtls", "lwm2m", "selfreg")
]


@pytest.mark.parametrize("enumeration", ENGINES, ids=lambda each: each.__name__)
def test_the_codes_of_an_engine_begin_with_one_word(enumeration: type[Reason] | type[Refusal]) -> None:
    assert len({str(member).partition("-")[0] for member in enumeration}) == 1


@pytest.mark.parametrize(
    ("said", "english", "chinese"),
    [
        (
            Waiting(100.0, "coap-packet-unanswered", number=6),
            "waiting 1min 30s: no answer to packet 6",
            "等待 1min 30s",
        ),
        (CoverageChanged(True), "coverage is back", "恢复网络覆盖"),
        (
            FaultAdded(3, {"kind": "loss", "packets": [1, 2]}),
            "fault 3: loss, only no. 1, 2",
            "故障 3：丢包，仅第 1、2 个",
        ),
        (NatRebound((("10.0.0.1", 5), ("10.0.0.1", 6))), "NAT rebinding: 10.0.0.1:5, 10.0.0.1:6 gone", "NAT 重绑定"),
        (UnknownFact("moon-phase-changed", {"phase": "full"}), "moon phase changed: phase full", "moon phase changed"),
    ],
)
def test_a_fact_is_worded_in_both_languages(said: Fact, english: str, chinese: str) -> None:
    assert words(said, "en", 10.0) == english
    assert words(said, "zh", 10.0).startswith(chinese)


@pytest.mark.parametrize(
    ("events", "expired", "english"),
    [
        (1, 0, "the store took 1 event after 2s"),
        (1, 1, "the store took 1 event after 2s; 1 datagram expired"),
        (2, 3, "the store took 2 events after 2s; 3 datagrams expired"),
    ],
)
def test_a_store_that_recovers_counts_one_in_the_singular(events: int, expired: int, english: str) -> None:
    assert words("commit-recovered", span=2.0, events=events, expired=expired) == english


@pytest.mark.parametrize(("language", "said"), [("en", "'' is empty"), ("zh", "“” 不能为空")])
def test_an_empty_text_that_a_message_only_shows_is_nothing_and_no_word(language: str, said: str) -> None:
    quoted = "'{ $value }' is empty" if language == "en" else "“{ $value }” 不能为空"
    messages = Messages({language: f"it = {quoted}\nflag = {{ $value ->\n    [none] nothing\n   *[other] some\n}}\n"})
    assert messages.words("it", {"value": ""}) == said
    assert messages.words("flag", {"value": ""}) == "nothing"


@pytest.mark.parametrize(("language", "said"), [("en", "the device refused it"), ("zh", "设备拒绝")])
def test_what_a_message_selects_by_and_is_not_given_is_nothing(language: str, said: str) -> None:
    assert words("platform-operation-refused", language) == said
    assert words("platform-operation-refused", language, diagnostic="no room").endswith("no room")


def test_one_of_something_is_counted_in_the_singular_in_facts_and_in_errors() -> None:
    assert words("registration-failed", round=1, refusal="self-registration-unanswered", packets=1).endswith(
        "1 packet unanswered"
    )
    assert worded(EdgeError(EdgeRefusal.FILE_LENGTH, "nvram", length=1, expected=9)) == (
        "nvram: broken: it has 1 byte of content instead of 9"
    )
    assert "2 bytes of content" in worded(EdgeError(EdgeRefusal.FILE_LENGTH, "nvram", length=2, expected=9))


def test_no_english_message_counts_bytes_packets_or_the_like_in_the_plural_alone() -> None:
    """What is at least two by its nature, or a limit, is not among them."""
    counted = re.compile(
        r"\{ \$(number|packets|rounds|octets|size|length|waits|attempts|expired) \} "
        r"(bytes|octets|packets|rounds|times|waits)\b"
    )
    limits = {"coap-body-taken-early", "coap-body-needs-larger-blocks", "at-too-many-values"}
    assert [line for line in source("en").splitlines() if counted.search(line) and line.split()[0] not in limits
            and "[other]" not in line] == []  # fmt: skip


def test_a_deadline_is_worded_with_its_fields() -> None:
    assert waiting_for(Deadline(5.0, CoapReason.PACKET_UNANSWERED, number=6)) == "no answer to packet 6"


def test_a_language_that_there_is_not_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        words("module-added", "fr")


@pytest.mark.parametrize(
    ("wanted", "language"),
    [
        ("zh_CN.UTF-8", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-US,en;q=0.9,zh;q=0.5", "en"),
        ("fr-FR,zh;q=0.5", "zh"),
        ("de", "en"),
        ("C", "en"),
        ("zh;q=nonsense", "en"),
        ("", "en"),
    ],
)
def test_the_language_is_the_best_of_those_asked_for(wanted: str, language: str) -> None:
    assert language_of(wanted) == language
