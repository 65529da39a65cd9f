"""A judgement as text, JSON and a page: words for findings and notes, rows for tables. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from nbtwin.api.report.html import card, facts, none, pill, table
from nbtwin.check.capture.axis import picture
from nbtwin.check.capture.findings import Finding, JudgedModule, Judgement, JudgePhrase, Note, Slot, SlotState
from nbtwin.check.document import document, drawn
from nbtwin.engine import Seconds
from nbtwin.timeline.catalogue import say, words
from nbtwin.timeline.clock import TimeFormat, format_simulated, format_span, format_wall
from nbtwin.timeline.plain import plain

_UNIX: Seconds = 1e8
"""A time from here on is one of the wall clock."""
_PILLS = {SlotState.SENT: "nb-good", SlotState.LATE: "nb-warm", SlotState.EARLY: "nb-warm"}
_MOST_SLOTS = 500


def time_of(judgement: Judgement) -> TimeFormat:
    """A lab's capture begins at zero; others have the time of day."""
    return format_wall if judgement.begins >= _UNIX else format_simulated


def worded(each: Finding | Note, language: str) -> str:
    """One line."""
    fields = dict(each.fields)
    if "what" in fields:
        fields["what"] = say(fields["what"], language)
    for name in ("found", "expected"):
        if isinstance(value := fields.get(name), list):
            fields[name] = ", ".join(f"{one:g}" for one in value)
    return words(str(each.code), language, each.at, **plain(fields))


def as_json(judgement: Judgement, language: str) -> Iterator[dict[str, Any]]:
    """An item for each module, and one, without an IMEI, for what concerns the capture."""
    yield _item("", None, [], judgement.findings, judgement.notes, language)
    for module in judgement.modules:
        yield _item(module.imei, module, module.slots, module.findings, module.notes, language)


def _item(
    imei: str, module: JudgedModule | None, slots: Sequence[Slot], findings: Sequence[Finding], notes: Sequence[Note],
    language: str,
) -> dict[str, Any]:  # fmt: skip
    return {
        "imei": imei,
        "address": None if module is None else f"{module.address[0]}:{module.address[1]}",
        "packets": [
            {
                "what": str(slot.what).removeprefix("judge-"), "number": slot.number, "due": slot.due,
                "sent": slot.sent, "state": str(slot.state), "packet": slot.packet or None,
            }
            for slot in slots
        ],
        "findings": [_told(each, language) for each in findings],
        "notes": [_told(each, language) for each in notes],
    }  # fmt: skip


def _told(each: Finding | Note, language: str) -> dict[str, Any]:
    return {
        "code": str(each.code), "at": each.at, "packet": each.packet or None, "fields": plain(dict(each.fields)),
        "text": worded(each, language),
    }  # fmt: skip


def title(judgement: Judgement, language: str) -> str:
    return say(JudgePhrase.TITLE, language, model=judgement.model, operator=judgement.operator)


def ending(judgement: Judgement, language: str) -> str:
    packets = sum(slot.sent is not None for module in judgement.modules for slot in module.slots)
    if judgement.passed:
        return say(JudgePhrase.FINE, language, packets=packets, modules=len(judgement.modules))
    return say(JudgePhrase.FOUND, language, findings=judgement.count, modules=len(judgement.modules))


def name_of(module: JudgedModule, language: str) -> str:
    return say(JudgePhrase.MODULE, language, imei=module.imei, address=f"{module.address[0]}:{module.address[1]}")


def row(slot: Slot, time: TimeFormat, language: str) -> list[str]:
    """What, due, sent, how far apart, verdict."""
    off = "" if slot.due is None or slot.sent is None else f"{slot.sent - slot.due:+.3f} s"
    return [
        say(JudgePhrase.ROW, language, what=say(slot.what, language), number=slot.number),
        "" if slot.due is None else time(slot.due),
        "" if slot.sent is None else time(slot.sent),
        off if len(off) < 14 or slot.due is None or slot.sent is None else format_span(slot.sent - slot.due),
        str(slot.packet or ""),
        say(JudgePhrase.STATE, language, state=slot.state),
    ]


COLUMNS = ("packet", "due", "sent", "off", "number", "verdict")


def page(judgement: Judgement, file: str, version: str, language: str) -> str:
    """One HTML document, to look at and to print."""
    time = time_of(judgement)
    about = facts(
        (say(JudgePhrase.COLUMN, language, name=name), value)
        for name, value in (
            ("file", file), ("model", judgement.model), ("operator", judgement.operator),
            ("begins", time(judgement.begins)), ("ends", time(judgement.ends)),
            ("span", format_span(round(judgement.ends - judgement.begins, 3))), ("packets", judgement.packets),
            ("version", version),
        )
    )  # fmt: skip
    whole = _findings(judgement.findings, judgement.notes, time, language)
    cards = [card(say(JudgePhrase.SECTION, language, name="capture"), about + whole)]
    for module in judgement.modules:
        shown = module.slots[:_MOST_SLOTS]
        columns = [("", say(JudgePhrase.COLUMN, language, name=name)) for name in COLUMNS]
        rows = [
            [*made[:-1], pill(made[-1], _PILLS.get(slot.state, "nb-bad"))]
            for slot, made in ((slot, row(slot, time, language)) for slot in shown)
        ]
        body = drawn(picture(module, judgement.begins, judgement.ends, time, language))
        found = _findings(module.findings, module.notes, time, language)
        cards.append(card(name_of(module, language), body + found + table(columns, rows)))
    return document(title(judgement, language), ending(judgement, language), cards, language)


def _findings(findings: Sequence[Finding], notes: Sequence[Note], time: TimeFormat, language: str) -> str:
    if not findings and not notes:
        return none(say(JudgePhrase.SECTION, language, name="nothing"))
    columns = [("", ""), ("nb-mono nb-soft", say(JudgePhrase.COLUMN, language, name="time"))]
    columns += [("", say(JudgePhrase.COLUMN, language, name="number"))]
    columns += [("nb-words", say(JudgePhrase.COLUMN, language, name="what"))]
    kinds: list[tuple[str, str, Sequence[Finding | Note]]] = [("finding", "nb-bad", findings), ("note", "", notes)]
    rows = [
        [
            pill(say(JudgePhrase.SECTION, language, name=name), kind),
            time(each.at),
            each.packet or "",
            worded(each, language),
        ]
        for name, kind, told in kinds
        for each in told
    ]
    return table(columns, rows)
