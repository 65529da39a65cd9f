"""A lab's report: one HTML file that needs nothing else, to look at, to print, and to give to somebody.

Made from states and entries alone, of a lab in this process or of one behind HTTP; the same lab is the same file, byte
for byte. No script: what can be chosen is chosen by CSS.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from nbtwin.api.report import charts
from nbtwin.api.report.diagram import Diagram
from nbtwin.api.report.html import Markup, card, none, shown
from nbtwin.api.report.phrases import ReportPhrase
from nbtwin.api.report.style import TABLES
from nbtwin.api.report.svg import STYLE, TOKENS
from nbtwin.api.report.tables import DeviceRow, column, costs_table, devices_table, faults_table, modules_table
from nbtwin.api.report.tally import Tally, tally
from nbtwin.api.results import ModuleState, TimelineEntry
from nbtwin.engine import Seconds
from nbtwin.scenario.chart import show_bytes
from nbtwin.scenario.meter import HEADERS
from nbtwin.timeline.catalogue import say
from nbtwin.timeline.clock import TimeFormat, format_simulated, format_span

MOST_ENTRIES = 4000
"""Lines of the timeline in a report, of its beginning and of its end."""
KINDS = ("at", "state", "datagram", "lookup", "platform", "fault", "lab")

_PAGE = f"""
:root {{ color-scheme: light dark; {TOKENS} }}
* {{ box-sizing: border-box }}
body {{ margin: 0; background: var(--page); }}
main {{ max-width: 1180px; margin: 0 auto; padding: 32px 24px 48px }}
header {{ margin: 0 0 20px; display: flex; flex-wrap: wrap; align-items: end; gap: 8px 16px }}
h1 {{ font-size: 24px; line-height: 1.2; font-weight: 640; letter-spacing: -.015em; margin: 0 }}
header p {{ margin: 2px 0 0; color: var(--soft); font-variant-numeric: tabular-nums }}
header .nb-brand {{ margin-left: auto; color: var(--faint); font-size: 12px }}
.nb-tiles {{ display: grid; grid-template-columns: repeat(auto-fit, minmax(128px, 1fr)); gap: 10px; margin: 0 0 16px }}
.nb-tiles div {{ background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 10px 14px }}
.nb-tiles dt {{ color: var(--soft); font-size: 11.5px }}
.nb-tiles dd {{ margin: 0; font-size: 21px; font-weight: 620; letter-spacing: -.02em;
  font-variant-numeric: tabular-nums }}
.nb-tiles .nb-alarm dd {{ color: var(--bad) }}
.nbtwin .nb-card {{ margin: 0 0 16px }}
.nb-drawn .nb-svg {{ width: 100% }} .nb-sequence .nb-drawn .nb-svg {{ width: auto; max-width: none }}
.nb-drawn {{ padding: 14px 14px 10px }}
.nb-note {{ margin: 0; padding: 8px 14px; color: var(--faint); font-size: 11.5px; border-top: 1px solid var(--line) }}
.nb-choose {{ display: flex; flex-wrap: wrap; gap: 6px 14px; padding: 8px 14px; border-bottom: 1px solid var(--line);
  color: var(--soft); font-size: 12px }}
.nb-choose label {{ display: inline-flex; gap: 5px; align-items: center }}
.nb-choose input {{ accent-color: var(--accent); margin: 0 }}
.nb-lines td {{ padding-block: 3px }}
.nb-lines tr.nb-fault td {{ background: var(--bad-soft) }} .nb-lines tr.nb-lost .nb-text {{ color: var(--bad) }}
.nb-lines tr.nb-cut td {{ background: var(--warm-soft); text-align: center; font-weight: 560 }}
@media print {{
  @page {{ size: A4; margin: 12mm 10mm }}
  :root {{ color-scheme: light; --page: #fff }}
  main {{ max-width: none; padding: 0 }}
  .nb-choose {{ display: none }}
  .nbtwin .nb-card {{ border-color: var(--line-strong); break-inside: avoid }}
  .nbtwin .nb-lines, .nbtwin .nb-sequence {{ break-inside: auto }}
  .nb-drawn .nb-svg, .nb-sequence .nb-drawn .nb-svg {{ break-inside: avoid; width: 100%; max-width: 100% }}
  .nbtwin td, .nbtwin th {{ white-space: normal }} .nbtwin .nb-mono {{ font-size: 10px }}
  tr {{ break-inside: avoid }} thead {{ display: table-header-group }}
  .nb-wide {{ overflow: visible }}
}}
"""


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a report is made from. ``entries``: from the beginning, oldest first; ``since``: where the report begins."""

    now: Seconds
    modules: Sequence[ModuleState]
    devices: Sequence[DeviceRow]
    faults: Mapping[int, Mapping[str, Any]]
    entries: Sequence[TimelineEntry]
    since: Seconds | None = None
    time: TimeFormat = format_simulated


def report(told: Told, language: str = "en") -> str:
    """The whole document."""
    counted = tally(told.entries, [each.name for each in told.modules], told.since, told.now)
    entries = [each for each in told.entries if told.since is None or each.at >= told.since]
    title = say(ReportPhrase.TITLE, language)
    body = (
        _header(title, counted, told.time, language),
        _tiles(told, counted, language),
        _cards(told, counted, language),
        _sequence(entries, told, language),
        _timeline(entries, told.time, language),
    )
    lang = "zh-CN" if language == "zh" else "en"
    return (
        f'<!DOCTYPE html>\n<html lang="{lang}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{TABLES}{STYLE}{_PAGE}{_choices_css()}</style></head>"
        f'<body class="nbtwin"><main>{"".join(body)}</main></body></html>\n'
    )


def _heading(name: str, language: str) -> str:
    return say(ReportPhrase.HEADING, language, name=name)


def _header(title: str, counted: Tally, time: TimeFormat, language: str) -> str:
    span = say(
        ReportPhrase.SPAN,
        language,
        begins=time(counted.begins),
        ends=time(counted.ends),
        span=format_span(round(counted.ends - counted.begins, 3)),
    )
    return (
        f'<header><div><h1>{escape(title)}</h1><p>{escape(span)}</p></div><span class="nb-brand">nbtwin</span></header>'
    )


def _tiles(told: Told, counted: Tally, language: str) -> str:
    registered = sum(each.state == "registered" for each in told.devices)
    tiles: list[tuple[str, object, bool]] = [
        ("modules", len(told.modules), False),
        ("platforms", len({each.platform for each in told.devices}), False),
        ("registered", registered, False),
        ("datagrams", f"{counted.datagrams:,}", False),
        ("bytes", show_bytes(counted.octets), False),
        ("lost", counted.lost, counted.lost > 0),
        ("faults", len(told.faults), bool(told.faults)),
    ]
    inside = "".join(
        f'<div class="{"nb-alarm" if alarm else ""}"><dt>{escape(say(ReportPhrase.FACT, language, name=name))}</dt>'
        f"<dd>{shown(value)}</dd></div>"
        for name, value, alarm in tiles
    )
    return f'<dl class="nb-tiles">{inside}</dl>'


def _drawn(picture: str) -> Markup:
    return Markup(f'<div class="nb-drawn">{picture}</div>')


def _cards(told: Told, counted: Tally, language: str) -> str:
    nothing = none(say(ReportPhrase.SILENT, language))
    silent = counted.datagrams == 0
    note = say(ReportPhrase.HEADERS, language, headers=HEADERS)
    states = _drawn(charts.strips(counted, told.time, language)) if counted.modules else ""
    costs = f'{states}{costs_table(counted, language)}<p class="nb-note">{escape(note)}</p>'
    made = (
        ("modules", modules_table(told.modules, told.time, language)),
        ("devices", devices_table(told.devices, told.time, language)),
        ("faults", faults_table(told.faults, language)),
        ("traffic", nothing if silent else _drawn(charts.over_time(counted, told.time, language))),
        ("operations", nothing if silent else _drawn(charts.by_operation(counted.operations, language))),
        ("costs", costs),
    )
    return "".join(card(_heading(name, language), body) for name, body in made)


def _sequence(entries: Sequence[TimelineEntry], told: Told, language: str) -> Markup:
    pieces = Diagram(entries, language=language, time=told.time).pieces()
    drawn = "".join(map(_drawn, pieces)) or none(say(ReportPhrase.SILENT, language))
    return card(_heading("sequence", language), drawn, name="nb-sequence")


def _timeline(entries: Sequence[TimelineEntry], time: TimeFormat, language: str) -> Markup:
    lines = [each for each in entries if each.kind != "deadline"]
    hidden = max(len(lines) - MOST_ENTRIES, 0)
    half = MOST_ENTRIES // 2
    rows = [_line(each, time, language) for each in (lines[:half] + lines[-half:] if hidden else lines)]
    if hidden:
        more = say(ReportPhrase.MORE_ENTRIES, language, count=hidden)
        rows.insert(half, f'<tr class="nb-cut"><td colspan="4">{escape(more)}</td></tr>')
    names = ("time", "source", "kind", "what")
    heads = "".join(f"<th>{escape(column(name, language))}</th>" for name in names)
    lines_table = f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    return card(_heading("timeline", language), _choices(language) + lines_table, name="nb-lines")


def _line(entry: TimelineEntry, time: TimeFormat, language: str) -> str:
    kind = _kind(entry)
    lost = " nb-lost" if kind == "datagram" and entry.fields["lost"] else ""
    said = escape(say(ReportPhrase.KIND, language, name=entry.kind.replace(".", "-")))
    return (
        f'<tr class="nb-{kind}{lost}"><td class="nb-mono nb-soft">{time(entry.at)}</td>'
        f'<td>{escape(entry.source)}</td><td class="nb-soft">{said}</td>'
        f'<td class="nb-text nb-mono">{escape(entry.text(language))}</td></tr>'
    )


def _kind(entry: TimelineEntry) -> str:
    return entry.kind.partition(".")[0]


def _choices(language: str) -> str:
    boxes = "".join(
        f'<label><input type="checkbox" id="nb-k-{kind}" checked>'
        f"{escape(say(ReportPhrase.KIND, language, name=kind))}</label>"
        for kind in KINDS
    )
    return f'<div class="nb-choose">{boxes}</div>'


def _choices_css() -> str:
    return "".join(f".nb-lines:has(#nb-k-{kind}:not(:checked)) tr.nb-{kind} {{ display: none }}\n" for kind in KINDS)
