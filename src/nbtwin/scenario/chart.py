"""A comparison as a picture: three rows of bars by day, with and without self-registration, as plain SVG.

Knows SVG's rectangles, lines and texts; knows no simulation. Light and dark by the reader's own preference.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from nbtwin.engine import DAY, HOUR, MINUTE, Seconds
from nbtwin.lab.faults import Fault
from nbtwin.scenario.cost import Comparison
from nbtwin.scenario.meter import Usage
from nbtwin.scenario.phrases import ChartPhrase
from nbtwin.timeline.catalogue import say
from nbtwin.timeline.clock import format_span

WIDTH, LEFT, RIGHT, TOP = 960, 84, 28, 132
PANEL, GAP, BOTTOM = 132, 46, 44
_PLOT = WIDTH - LEFT - RIGHT
_STEPS = (1, 2, 5, 10)
_TIMES = (1, 2, 5, 10, 20, 30, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 20 * MINUTE, 30 * MINUTE,
          HOUR, 2 * HOUR, 6 * HOUR, 12 * HOUR)  # fmt: skip
_LIGHT = {"paper": "#ffffff", "ink": "#1c2733", "soft": "#66768a", "rule": "#e3e8ee", "on": "#0f7b8a", "off": "#b4bfcb",
          "fault": "#d64545"}  # fmt: skip
_DARK = {"paper": "#10161d", "ink": "#e6edf3", "soft": "#93a1b1", "rule": "#26313d", "on": "#3fc1d0", "off": "#55626f",
         "fault": "#ff7b72"}  # fmt: skip
_STYLE = """
    text { font-family: system-ui, -apple-system, "Segoe UI", Helvetica, sans-serif; font-size: 12px; }
    .title { font-size: 20px; font-weight: 600; } .name { font-size: 13px; font-weight: 600; }
    .right { text-anchor: end; } .middle { text-anchor: middle; } .fault { opacity: 0.16; }
"""


def _colours(palette: Mapping[str, str]) -> str:
    """Plain colours, no variables: what draws SVG on paper knows none."""
    fills = "".join(f" .{name} {{ fill: {palette[name]}; }}" for name in ("paper", "on", "off", "fault"))
    return (
        f"text {{ fill: {palette['ink']}; }} text.soft {{ fill: {palette['soft']}; }}"
        f" line {{ stroke: {palette['rule']}; stroke-width: 1; }}{fills}"
    )


@dataclass(frozen=True)
class Panel:
    """One row of the picture: what of a day's usage it shows, and how its axis is marked."""

    name: str
    value: Callable[[Usage], float]
    show: Callable[[float], str]
    steps: Callable[[float], float]


def draw(comparison: Comparison, headers: int, language: str = "en") -> str:
    """The whole document."""

    def panel_name(name: str) -> str:
        return say(ChartPhrase.PANEL, language, name=name, headers=headers)

    panels = (
        Panel(panel_name("bytes"), lambda u: u.octets(headers), show_bytes, round_step),
        Panel(panel_name("awake"), lambda u: u.awake, format_span, _time_step),
        Panel(panel_name("connected"), lambda u: u.connected, format_span, _time_step),
    )
    height = TOP + len(panels) * PANEL + (len(panels) - 1) * GAP + BOTTOM
    body = [*_head(comparison, language)]
    for number, panel in enumerate(panels):
        body += _panel(comparison, panel, TOP + number * (PANEL + GAP), language)
    body += _days(len(comparison.on.days), height - BOTTOM + 18, language)
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}"'
            f' height="{height}" role="img">',
            f"  <title>{escape(_title(comparison, language))}</title>",
            f"  <style>{_STYLE}    {_colours(_LIGHT)}",
            f"    @media (prefers-color-scheme: dark) {{ {_colours(_DARK)} }}",
            "  </style>",
            f'  <rect class="paper" width="{WIDTH}" height="{height}"/>',
            *(f"  {line}" for line in body),
            "</svg>\n",
        )
    )


def show_bytes(value: float) -> str:
    return f"{value:.0f} B" if value < 10_000 else f"{value / 1000:.1f} kB"


def _title(comparison: Comparison, language: str) -> str:
    question = comparison.question
    asked = {"model": question.profile.model, "operator": question.operator, "days": question.days}
    return say(ChartPhrase.TITLE, language, **asked)


def _head(comparison: Comparison, language: str) -> list[str]:
    question = comparison.question
    psm = "" if question.psm is None else str(question.psm)
    faults = [fault.as_dict() for fault in question.faults]
    conditions = say(ChartPhrase.CONDITIONS, language, psm=psm, faults=faults)
    lines = [_text(LEFT, 38, _title(comparison, language), "title"), _text(LEFT, 60, _cut(conditions, 120), "soft")]
    for x, bill in ((LEFT, comparison.on), (LEFT + 420, comparison.off)):
        total = bill.total
        fields = {"on": bill.enabled, "datagrams": total.datagrams, "awake": total.awake}
        said = say(ChartPhrase.TOTAL, language, **fields)
        lines += [_rect(x, 74, 12, 12, "on" if bill.enabled else "off"), _text(x + 18, 84, said)]
    return lines


def _panel(comparison: Comparison, panel: Panel, top: float, language: str) -> list[str]:
    on = [panel.value(day) for day in comparison.on.days]
    off = [panel.value(day) for day in comparison.off.days]
    highest = max(*on, *off, 0.0)
    step = panel.steps(highest / 3 if highest else 1.0)
    ceiling = max(math.ceil(highest / step - 1e-9), 1) * step
    lines = [_text(LEFT, top - 8, panel.name, "name")]
    for mark in range(round(ceiling / step) + 1):
        y = top + PANEL * (1 - mark * step / ceiling)
        lines.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        lines.append(_text(LEFT - 8, y + 4, panel.show(mark * step), "soft right"))
    lines += _bands(comparison.question.faults, comparison.question.days, top, language)
    width = _PLOT / len(on)
    for day, (with_it, without) in enumerate(zip(on, off, strict=True)):
        x, bar = LEFT + day * width, max(width * 0.4, 0.5)
        for offset, value, name in ((0.08, with_it, "on"), (0.52, without, "off")):
            if value > 0:
                tall = PANEL * value / ceiling
                fields = {"day": day + 1, "on": name == "on", "value": panel.show(value)}
                what = say(ChartPhrase.BAR, language, **fields)
                lines.append(_rect(x + offset * width, top + PANEL - tall, bar, tall, name, what))
    return lines


def _bands(faults: Sequence[Fault], days: int, top: float, language: str) -> list[str]:
    """When a fault that does not last for ever was about: at least so wide that one sees it."""
    lines = []
    for fault in faults:
        end = min(fault.end, days * DAY)
        if fault.start < end and (fault.start > 0 or fault.end < days * DAY):
            x = LEFT + _PLOT * fault.start / (days * DAY)
            wide = max(_PLOT * (end - fault.start) / (days * DAY), 2.0)
            lines.append(_rect(x, top, wide, PANEL, "fault", fault.words(language)))
    return lines


def _days(days: int, y: float, language: str) -> list[str]:
    step = next(step for step in (1, 2, 5, 7, 10, 14, 30, 90, 365, 3650) if days / step <= 16)
    width = _PLOT / days
    marks = [n for n in range(1, days + 1) if n == 1 or (n % step == 0 and n > 2)]
    first = say(ChartPhrase.FIRST_DAY, language)
    return [_text(LEFT + (n - 0.5) * width, y, first if n == 1 else str(n), "soft middle") for n in marks]


def round_step(rough: float) -> float:
    magnitude: float = 10 ** math.floor(math.log10(max(rough, 1.0)))
    return next(step * magnitude for step in _STEPS if step * magnitude >= rough)


def _time_step(rough: Seconds) -> Seconds:
    return next((step for step in _TIMES if step >= rough), DAY)


def _rect(x: float, y: float, width: float, height: float, name: str, what: str = "") -> str:
    rect = f'<rect class="{name}" x="{x:.2f}" y="{y:.2f}" width="{width:.2f}" height="{height:.2f}"'
    return f"{rect}><title>{escape(what)}</title></rect>" if what else f"{rect}/>"


def _text(x: float, y: float, text: str, name: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}"' + (f' class="{name}"' if name else "") + f">{escape(text)}</text>"


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
