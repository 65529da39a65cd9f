"""The time axis of a judged module, as a picture and as a line of letters: what was due, sent, late, missing.

A month and the forty-five seconds of a round do not fit one scale: the picture has the whole capture on top, and below
it a row for each message on a scale of its own. Knows slots; knows no packet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nbtwin.api.report.svg import line, path, rect, svg, text
from nbtwin.check.capture.findings import JudgedModule, JudgePhrase, Slot, SlotState
from nbtwin.engine import Seconds
from nbtwin.timeline.catalogue import say
from nbtwin.timeline.clock import TimeFormat, format_span

LETTERS = {
    SlotState.SENT: "●", SlotState.LATE: "▶", SlotState.EARLY: "◀", SlotState.MISSING: "○", SlotState.MALFORMED: "✗",
    SlotState.UNEXPECTED: "!",
}  # fmt: skip
_WORST = (SlotState.MISSING, SlotState.UNEXPECTED, SlotState.MALFORMED, SlotState.LATE, SlotState.EARLY, SlotState.SENT)
_CLASSES = {
    SlotState.SENT: "f-said", SlotState.LATE: "f-warm", SlotState.EARLY: "f-warm", SlotState.MISSING: "f-bad",
    SlotState.MALFORMED: "f-bad", SlotState.UNEXPECTED: "f-bad",
}  # fmt: skip
_WIDTH, _LEFT, _RIGHT, _ROW, _HEAD = 1100.0, 210.0, 40.0, 34.0, 64.0
_MOST_ROWS = 60


@dataclass(frozen=True, slots=True)
class Group:
    """One message with its retransmissions."""

    slots: Sequence[Slot]

    @property
    def begins(self) -> Seconds:
        return min(at_of(slot) for slot in self.slots)

    @property
    def ends(self) -> Seconds:
        return max(max(at_of(slot), slot.due or 0.0) for slot in self.slots)

    @property
    def is_fine(self) -> bool:
        return all(slot.state is SlotState.SENT for slot in self.slots)


def at_of(slot: Slot) -> Seconds:
    """Where it is on the axis."""
    return slot.sent if slot.sent is not None else slot.due or 0.0


def groups(slots: Sequence[Slot]) -> list[Group]:
    """By message: each begins with its first packet."""
    made: list[list[Slot]] = []
    for slot in slots:
        if slot.number == 1 or not made:
            made.append([])
        made[-1].append(slot)
    return [Group(each) for each in made]


def letters(module: JudgedModule, begins: Seconds, ends: Seconds, width: int) -> str:
    """The whole capture as one line; where several packets fall into one column, the worst of them."""
    columns: dict[int, SlotState] = {}
    span = max(ends - begins, 1e-9)
    for slot in module.slots:
        column = min(max(int((at_of(slot) - begins) / span * (width - 1)), 0), width - 1)
        before = columns.get(column)
        if before is None or _WORST.index(slot.state) < _WORST.index(before):
            columns[column] = slot.state
    return "".join(LETTERS[columns[each]] if each in columns else "─" for each in range(width))


def picture(module: JudgedModule, begins: Seconds, ends: Seconds, time: TimeFormat, language: str) -> str:
    """As SVG."""
    rows = [each for each in groups(module.slots) if len(each.slots) > 1 or not each.is_fine]
    rows = rows if len(rows) <= _MOST_ROWS else [each for each in rows if not each.is_fine][:_MOST_ROWS]
    height = _HEAD + _ROW * len(rows) + 52
    body = _overview(module, begins, ends, time, language)
    for number, group in enumerate(rows):
        body += _row(group, _HEAD + 24 + number * _ROW, time, language)
    body += _legend(height - 8, language)
    return svg(_WIDTH, height, body, say(JudgePhrase.SECTION, language, name="axis"))


def _overview(module: JudgedModule, begins: Seconds, ends: Seconds, time: TimeFormat, language: str) -> list[str]:
    span = max(ends - begins, 1e-9)
    y, right = 34.0, _WIDTH - _RIGHT
    body = [
        line(_LEFT, y, right, y, "axis"),
        text(8, y + 4, say(JudgePhrase.SECTION, language, name="whole"), "strong"),
    ]
    body += [text(_LEFT, y + 22, time(begins), "faint"), text(right, y + 22, time(ends), "faint end")]
    body += [text((_LEFT + right) / 2, y + 22, format_span(round(span, 3)), "faint middle")]
    for at, code in module.answers:
        x = _place(at, begins, span)
        body.append(rect(x - 0.5, y + 1, 1, 7, "f-down", told=f"{code} {time(at)}"))
    body += [_mark(slot, _place(at_of(slot), begins, span), y, time, language) for slot in module.slots]
    return body


def _place(at: Seconds, begins: Seconds, span: Seconds) -> float:
    return _LEFT + min(max((at - begins) / span, 0.0), 1.0) * (_WIDTH - _LEFT - _RIGHT)


def _row(group: Group, y: float, time: TimeFormat, language: str) -> list[str]:
    begins, span = group.begins, max(group.ends - group.begins, 1.0)
    body = [
        text(8, y + 1, say(group.slots[0].what, language), "strong"), text(8, y + 14, time(begins), "faint"),
        line(_LEFT, y, _WIDTH - _RIGHT, y, "rule"),
    ]  # fmt: skip
    for slot in group.slots:
        if slot.due is not None:
            x = _place(slot.due, begins, span)
            body.append(line(x, y - 8, x, y + 8, "axis"))
        x = _place(at_of(slot), begins, span)
        body += [_mark(slot, x, y, time, language), text(x, y + 19, f"{at_of(slot) - begins:+.4g} s", "faint middle")]
    return body


def _mark(slot: Slot, x: float, y: float, time: TimeFormat, language: str) -> str:
    told = said_of(slot, time, language)
    name = _CLASSES[slot.state]
    if slot.state is SlotState.MISSING:
        cross = f"M{x - 5:.1f} {y - 5:.1f} l10 10 M{x + 5:.1f} {y - 5:.1f} l-10 10"
        return rect(x - 6, y - 6, 12, 12, "f-bad-soft", told=told) + path(cross, "arrow s-bad")
    return rect(x - 4.5, y - 4.5, 9, 9, name, told=told, radius=4.5)


def _legend(y: float, language: str) -> list[str]:
    body: list[str] = []
    for number, state in enumerate(LETTERS):
        x = _LEFT + number * 130
        if state is SlotState.MISSING:
            body.append(path(f"M{x - 4:.1f} {y - 8:.1f} l8 8 M{x + 4:.1f} {y - 8:.1f} l-8 8", "arrow s-bad"))
        else:
            body.append(rect(x - 4, y - 8, 8, 8, _CLASSES[state], radius=4))
        body.append(text(x + 10, y, say(JudgePhrase.STATE, language, state=state), "soft"))
    return body


def said_of(slot: Slot, time: TimeFormat, language: str) -> str:
    due = None if slot.due is None else time(slot.due)
    sent = None if slot.sent is None else time(slot.sent)
    what, state = say(slot.what, language), say(JudgePhrase.STATE, language, state=slot.state)
    return say(JudgePhrase.AXIS, language, state=state, what=what, number=slot.number, due=due, sent=sent)
