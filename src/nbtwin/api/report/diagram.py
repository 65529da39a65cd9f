"""Who sent what to whom, as a sequence diagram in SVG: participants as columns, a row for each thing that happened.

From entries of a timeline alone. Rows are in order and not to scale: where long nothing happens, the span is said. A
long diagram is cut in the middle, with how many rows are not drawn, and comes in pieces that fit a printed page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from nbtwin.api.report.phrases import ReportPhrase
from nbtwin.api.report.style import fragment
from nbtwin.api.report.svg import MONO, SANS, fitting, line, path, rect, svg, text, width_of
from nbtwin.api.results import TimelineEntry
from nbtwin.engine import Seconds
from nbtwin.timeline.catalogue import say
from nbtwin.timeline.clock import TimeFormat, format_simulated

MOST = 160
"""Rows, unless more are asked for."""
_PIECE = 36
_HEAD, _ROW, _LATER, _MARGIN = 44, 32, 26, 16
_LEAST, _GAP, _WIDEST = 1100, 190, 430
_HOST_SHARE = 0.88
"""Of a gap, between a host and its module: AT lines are short."""
_NOTE = 380
_LONG: Seconds = 60
_JOINED = " ⏎ "
_NOTES = frozenset({
    "powered-on", "powered-off", "restarted", "booted", "attached", "detached", "fell-asleep", "woke", "usim-changed",
    "firmware-updated", "firmware-refused", "device-registered", "device-updated", "device-deregistered",
    "device-expired", "device-refused", "device-bootstrapped", "bootstrap-failed", "data-received",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """``kind``: "datagram", "at" (to a module), "said" (by one), "note" (of the sender alone), "fault" or "cut"."""

    at: Seconds
    kind: str
    sender: str = ""
    receiver: str = ""
    head: str = ""
    rest: str = ""
    told: str = ""
    up: bool = False
    is_answer: bool = False
    lost: bool = False
    sending: int = 1


class Diagram:
    """Of a span of a lab's timeline. A notebook shows it; `save` writes it as a file."""

    def __init__(
        self,
        entries: Iterable[TimelineEntry],
        *,
        language: str = "en",
        time: TimeFormat = format_simulated,
        most: int = MOST,
    ) -> None:
        self._language, self._time = language, time
        self.rows: Sequence[Row] = _cut(list(_rows(entries, language)), most, language)

    def pieces(self, *, alone: bool = False) -> list[str]:
        """As SVG, each with its participants on top."""
        columns = _columns(self.rows)
        if not columns:
            return []
        parts = [self.rows[first : first + _PIECE] for first in range(0, len(self.rows), _PIECE)]
        if alone:
            parts = [self.rows]
        sheet = _Sheet(columns, self._time, self._language, [row.at for row in self.rows])
        return [sheet.draw(part, alone=alone) for part in parts]

    def svg(self) -> str:
        """All of it as one picture with its own colours; empty where nothing happened."""
        return "".join(self.pieces(alone=True))

    def save(self, file: str | PathLike[str]) -> None:
        Path(fspath(file)).write_text(self.svg(), encoding="utf-8")

    def __repr__(self) -> str:
        return f"<Diagram: {len(self.rows)} rows>"

    def _repr_html_(self) -> str:
        drawn = "".join(f'<div class="nb-wide">{piece}</div>' for piece in self.pieces())
        return fragment(drawn or f'<p class="nb-soft">{say(ReportPhrase.SILENT, self._language)}</p>')


def concerns(entry: TimelineEntry, name: str) -> bool:
    """Whether a module or platform of that name did it, or a datagram is from it or to it."""
    return entry.source == name or (entry.kind == "datagram" and name in (entry.fields["from"], entry.fields["to"]))


def _rows(entries: Iterable[TimelineEntry], language: str) -> Iterable[Row]:
    """What one module says at once to its host is one row."""
    waiting: Row | None = None
    for entry in entries:
        row = _row(entry, language)
        if row is None:
            continue
        if waiting is not None:
            if (row.kind, row.sender, row.at) == ("said", waiting.sender, waiting.at):
                waiting = replace(waiting, rest=waiting.rest + _JOINED + row.rest, told=f"{waiting.told}\n{row.told}")
                continue
            yield waiting
            waiting = None
        if row.kind == "said":
            waiting = row
        else:
            yield row
    if waiting is not None:
        yield waiting


def _row(entry: TimelineEntry, language: str) -> Row | None:
    match entry.kind:
        case "datagram":
            return _datagram(entry, language)
        case "at.in" | "at.out":
            host = say(ReportPhrase.HOST, language, module=entry.source)
            ends = (host, entry.source) if entry.kind == "at.in" else (entry.source, host)
            said = entry.text(language)
            return Row(entry.at, "at" if entry.kind == "at.in" else "said", *ends, rest=said, told=said)
        case "fault":
            return Row(entry.at, "fault", rest=entry.text(language), told=entry.text(language))
        case _ if entry.code in _NOTES:
            return Row(entry.at, "note", entry.source, rest=entry.text(language), told=entry.text(language))
    return None


def _datagram(entry: TimelineEntry, language: str) -> Row:
    fields: Mapping[str, Any] = entry.fields
    operation, summary = str(fields.get("operation") or ""), str(fields["summary"])
    name = operation.removeprefix("to ")
    is_answer = name != operation
    before, found, rest = summary.partition(f"{operation}: ") if operation else ("", "", summary)
    return Row(
        entry.at,
        "datagram",
        str(fields["from"]),
        str(fields["to"]),
        head=name,
        rest=before + rest if found else summary,
        told=entry.text(language),
        up=fields["direction"] == "up",
        is_answer=is_answer,
        lost=bool(fields["lost"]),
        sending=int(fields["sending"]),
    )


def _cut(rows: list[Row], most: int, language: str) -> list[Row]:
    if len(rows) <= most:
        return rows
    first, last = most - most // 2, most // 2
    hidden = len(rows) - first - last
    more = Row(rows[first].at, "cut", rest=say(ReportPhrase.MORE_ARROWS, language, count=hidden))
    return [*rows[:first], more, *rows[len(rows) - last :]]


def _columns(rows: Sequence[Row]) -> dict[str, str]:
    """Each name with what it is, "host", "module" or "platform": a host left of its module, platforms at the right."""
    modules: dict[str, None] = {}
    hosted: dict[str, str] = {}
    others: dict[str, None] = {}
    for row in rows:
        if row.kind in ("at", "said"):
            module, host = (row.receiver, row.sender) if row.kind == "at" else (row.sender, row.receiver)
            modules.setdefault(module)
            hosted[module] = host
        elif row.kind == "datagram":
            module, other = (row.sender, row.receiver) if row.up else (row.receiver, row.sender)
            modules.setdefault(module)
            others.setdefault(other)
    for row in rows:
        if row.kind == "note" and row.sender not in modules:
            others.setdefault(row.sender)
    columns: dict[str, str] = {}
    for module in modules:
        if module in hosted:
            columns[hosted[module]] = "host"
        columns[module] = "module"
    return columns | {name: "platform" for name in others if name not in columns}


class _Sheet:
    """Columns and their places; draws any rows below them."""

    def __init__(
        self, columns: Mapping[str, str], time: TimeFormat, language: str, instants: Sequence[Seconds]
    ) -> None:
        self._columns, self._time, self._language = columns, time, language
        self._gutter = 24 + max(width_of(time(at), MONO) for at in instants)
        ends = 150.0
        shares = [_HOST_SHARE if kind == "host" else 1.0 for kind in list(columns.values())[:-1]]
        unit = min(max((_LEAST - self._gutter - ends) / max(sum(shares), 1.0), _GAP), _WIDEST)
        places = accumulate((share * unit for share in shares), initial=self._gutter + ends / 2)
        self._x = dict(zip(columns, places, strict=True))
        self._head_width = min(unit * (_HOST_SHARE if "host" in columns.values() else 1) - 14, 150)
        self._width = max(self._x.values()) + ends / 2 + _MARGIN

    def draw(self, rows: Sequence[Row], *, alone: bool) -> str:
        body: list[str] = []
        y = float(_HEAD)
        before: Seconds | None = None
        for row in rows:
            if before is not None and row.at - before >= _LONG:
                body += self._later(y, row.at - before)
                y += _LATER
            body += self._row(row, y, told_at=row.at != before)
            y += _ROW
            before = row.at
        height = y + _MARGIN
        lives = [line(x, _HEAD - 8, x, height - 6, "life") for x in self._x.values()]
        heads = [each for name in self._columns for each in self._head(name)]
        names = ", ".join(self._columns)
        return svg(self._width, height, [*lives, *body, *heads], names, alone=alone)

    def _head(self, name: str) -> list[str]:
        x, wide = self._x[name], self._head_width
        kind = "box platform" if self._columns[name] == "platform" else "box"
        return [
            rect(x - wide / 2, 8, wide, 26, kind, name, radius=6),
            text(x, 25, fitting(name, wide - 12), "strong middle"),
        ]

    def _later(self, y: float, span: Seconds) -> list[str]:
        said = say(ReportPhrase.LATER, self._language, span=span)
        middle, wide = (self._gutter + self._width) / 2, width_of(said) + 24
        return [
            rect(self._gutter - 8, y + 5, self._width - self._gutter - 8, _LATER - 12, "band", radius=3),
            text(middle, y + 15.5, fitting(said, wide), "soft middle"),
        ]

    def _row(self, row: Row, y: float, *, told_at: bool) -> list[str]:
        when = [text(self._gutter - 18, y + 20, self._time(row.at), "mono faint end")] if told_at else []
        match row.kind:
            case "cut":
                return self._band(row, y, "f-warm-soft", "strong middle")
            case "fault":
                return when + self._band(row, y, "f-bad-soft", "middle")
            case "note":
                return when + self._note(row, y)
            case _:
                return when + self._arrow(row, y)

    def _band(self, row: Row, y: float, paper: str, name: str) -> list[str]:
        left, wide = self._gutter - 8, self._width - self._gutter - 8
        said = text(left + wide / 2, y + 20, fitting(row.rest, wide - 20), name, row.told)
        return [rect(left, y + 6, wide, 20, paper, row.told, radius=4), said]

    def _note(self, row: Row, y: float) -> list[str]:
        x = self._x.get(row.sender)
        if x is None:
            return []
        said = fitting(row.rest, _NOTE - 18)
        wide = width_of(said) + 18
        left = min(max(x - wide / 2, self._gutter - 10), self._width - wide - 4)
        return [
            rect(left, y + 6, wide, 20, "note", row.told, radius=10),
            text(left + wide / 2, y + 20, said, "soft middle", row.told),
        ]

    def _arrow(self, row: Row, y: float) -> list[str]:
        start, end = self._x[row.sender], self._x[row.receiver]
        way = 1 if end >= start else -1
        colour = self._colour(row)
        level = y + 25
        stop = start + (end - start) * 0.62 if row.lost else end - way * 2
        dashed = " dashed" if row.is_answer else ""
        drawn = [path(f"M{start + way * 2:.1f} {level}H{stop:.1f}", f"arrow s-{colour}{dashed}")]
        if row.lost:
            cross = f"M{stop - 5:.1f} {level - 5}l10 10m0 -10l-10 10"
            drawn.append(path(cross, f"arrow s-{colour}"))
        else:
            drawn.append(path(f"M{end - way * 8:.1f} {level - 4.5}l{way * 6} 4.5l{-way * 6} 4.5", f"arrow s-{colour}"))
        return drawn + self._label(row, min(start, end), abs(end - start), y + 18, colour)

    def _label(self, row: Row, left: float, room: float, y: float, colour: str) -> list[str]:
        head, marks = row.head, self._marks(row)
        if row.is_answer:
            head = f"↩ {head}"
        space = room - 20 - sum(width_of(mark) + 8 for mark, _ in marks)
        parts: list[str] = []
        x = left + 10
        if row.head:
            name = fitting(head, space)
            parts.append(text(x, y, name, f"strong halo f-{colour}", row.told))
            taken = width_of(name, SANS + 0.4) + 7
            x, space = x + taken, space - taken
        for mark, paint in marks:
            parts.append(text(x, y, mark, f"strong halo {paint}", row.told))
            x += width_of(mark) + 8
        if space > 24:
            parts.append(text(x, y, fitting(row.rest, space, MONO), "mono halo" + " soft" * bool(row.head), row.told))
        return parts

    def _marks(self, row: Row) -> list[tuple[str, str]]:
        marks = []
        if row.sending > 1:
            marks.append((say(ReportPhrase.SENDING, self._language, number=row.sending), "f-warm"))
        if row.lost:
            marks.append((say(ReportPhrase.LOST, self._language), "f-bad"))
        return marks

    def _colour(self, row: Row) -> str:
        if row.lost:
            return "bad"
        if row.kind == "datagram":
            return "up" if row.up else "down"
        return row.kind
