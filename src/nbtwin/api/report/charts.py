"""A report's charts: datagrams and bytes over time, by operation, and what each module was in. Knows tallies."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from nbtwin.api.report.phrases import ReportPhrase
from nbtwin.api.report.svg import fitting, line, rect, svg, text, width_of
from nbtwin.api.report.tally import Bucket, ModuleTally, OperationTally, Tally
from nbtwin.engine import Seconds
from nbtwin.scenario.chart import round_step, show_bytes
from nbtwin.timeline.catalogue import say
from nbtwin.timeline.clock import TimeFormat, format_span

_WIDTH, _LEFT, _RIGHT, _TALL, _GAP = 1100, 64, 18, 118, 40
_PLOT = _WIDTH - _LEFT - _RIGHT


def over_time(told: Tally, time: TimeFormat, language: str) -> str:
    """Two panels with one axis of time: datagrams, and the bytes of their payload."""
    buckets = told.buckets
    body: list[str] = [*_legend(language)]
    top = 40.0
    panels: list[tuple[str, Callable[[Bucket], tuple[float, float, float]], Callable[[float], str]]] = [
        (
            say(ReportPhrase.SERIES, language, name="datagrams"),
            lambda each: (each.up, each.down, each.lost),
            lambda value: f"{value:g}",
        ),
        (
            say(ReportPhrase.SERIES, language, name="bytes"),
            lambda each: (each.octets_up, each.octets_down, 0),
            show_bytes,
        ),
    ]
    for title, values, show in panels:
        body += _panel(buckets, values, show, title, top, time, language)
        top += _TALL + _GAP
    body += _time_axis(buckets, top - _GAP + 16, time)
    return svg(_WIDTH, top - _GAP + 26, body, say(ReportPhrase.HEADING, language, name="traffic"))


def _legend(language: str) -> list[str]:
    drawn: list[str] = []
    x = float(_WIDTH - _RIGHT)
    for name in ("lost", "down", "up"):
        said = say(ReportPhrase.SERIES, language, name=name)
        x -= width_of(said)
        drawn.append(text(x, 12, said, "soft"))
        x -= 15
        drawn.append(rect(x, 3.5, 10, 10, f"f-{'bad' if name == 'lost' else name}", radius=2))
        x -= 16
    return drawn


def _panel(
    buckets: Sequence[Bucket],
    values: Callable[[Bucket], tuple[float, float, float]],
    show: Callable[[float], str],
    title: str,
    top: float,
    time: TimeFormat,
    language: str,
) -> list[str]:
    highest = max((sum(values(each)[:2]) for each in buckets), default=0.0)
    step = round_step(highest / 3 if highest else 1.0)
    ceiling = max(math.ceil(highest / step - 1e-9), 1) * step
    drawn = [text(_LEFT, top - 10, title, "strong")]
    for mark in range(round(ceiling / step) + 1):
        y = top + _TALL * (1 - mark * step / ceiling)
        drawn += [line(_LEFT, y, _WIDTH - _RIGHT, y, "axis" if mark == 0 else "rule")]
        drawn += [text(_LEFT - 8, y + 4, show(mark * step), "soft end")]
    width = _PLOT / len(buckets)
    for number, each in enumerate(buckets):
        up, down, lost = values(each)
        y = top + _TALL
        x, bar = _LEFT + number * width + min(width * 0.14, 3), width - 2 * min(width * 0.14, 3)
        for value, name in ((up, "f-up"), (down, "f-down")):
            if value:
                tall = max(_TALL * value / ceiling, 1.5)
                y -= tall
                drawn.append(rect(x, y, bar, tall, name, _told(each, time, language)))
        if lost:
            tall = max(_TALL * lost / ceiling, 2)
            drawn.append(rect(x, top + _TALL - tall, bar, tall, "f-bad", _told(each, time, language)))
    return drawn


def _told(bucket: Bucket, time: TimeFormat, language: str) -> str:
    return say(
        ReportPhrase.BUCKET,
        language,
        begins=time(bucket.begins),
        ends=time(bucket.ends),
        up=bucket.up,
        down=bucket.down,
        lost=bucket.lost,
        octets=bucket.octets_up + bucket.octets_down,
    )


def _time_axis(buckets: Sequence[Bucket], y: float, time: TimeFormat) -> list[str]:
    """About five marks, at the beginning of a stretch each."""
    width = _PLOT / len(buckets)
    letters = width_of(time(buckets[0].begins)) + 24
    step = max(1, math.ceil(letters / width), math.ceil(len(buckets) / 8))
    return [
        text(_LEFT + number * width, y, time(buckets[number].begins).removesuffix(".000"), "soft")
        for number in range(0, len(buckets), step)
        if _LEFT + number * width + letters - 24 <= _WIDTH
    ]


def by_operation(operations: Sequence[OperationTally], language: str) -> str:
    """A bar each: how many datagrams; the lost ones among them at its beginning."""
    most = max((each.datagrams for each in operations), default=1)
    left, row = 190.0, 26
    body: list[str] = []
    for number, each in enumerate(operations):
        y = number * row
        said = say(
            ReportPhrase.OPERATION,
            language,
            datagrams=each.datagrams,
            octets=show_bytes(each.octets),
            again=each.again,
            lost=each.lost,
        )
        room = _WIDTH - left - 330
        wide = max(room * each.datagrams / most, 2)
        body += [
            text(left - 12, y + 17, fitting(each.name, left - 16), "strong end", each.name),
            rect(left, y + 5, wide, 16, "f-up", said, radius=3),
            text(left + wide + 10, y + 17, said, "soft"),
        ]
        if each.lost:
            body.append(rect(left, y + 5, max(room * each.lost / most, 2), 16, "f-bad", said, radius=3))
    height = max(len(operations) * row, row)
    return svg(_WIDTH, height + 4, body, say(ReportPhrase.HEADING, language, name="operations"))


def strips(told: Tally, time: TimeFormat, language: str) -> str:
    """A band for each module: off, booting, asleep, on; above it when its radio was connected."""
    body: list[str] = []
    x = 140.0
    for name in ("off", "booting", "asleep", "on", "radio"):
        said = say(ReportPhrase.POWER, language, state=name)
        body += [rect(x, 3.5, 10, 10, f"p-{name}", radius=2), text(x + 15, 12.5, said, "soft")]
        x += width_of(said) + 38
    row, top, left = 34, 26.0, 140.0
    scale = (_WIDTH - left - _RIGHT) / max(told.ends - told.begins, 1e-9)
    for name, each in told.modules.items():
        body += [text(left - 12, top + 20, fitting(name, left - 16), "strong end", name)]
        body += _strip(each, told.begins, left, top, scale, time, language)
        top += row
    body += [
        text(left, top + 10, time(told.begins), "soft"),
        text(_WIDTH - _RIGHT, top + 10, time(told.ends), "soft end"),
    ]
    return svg(_WIDTH, top + 18, body, say(ReportPhrase.HEADING, language, name="states"))


def _strip(
    each: ModuleTally, begins: Seconds, left: float, top: float, scale: float, time: TimeFormat, language: str
) -> list[str]:
    drawn = []
    for stretches, y, tall, least in ((each.powers, top + 9, 16, 0.6), (each.connections, top + 2, 5, 1.2)):
        for stretch in stretches:
            span = stretch.ends - stretch.begins
            asked = {"state": stretch.state, "begins": time(stretch.begins), "span": format_span(span)}
            said = say(ReportPhrase.STRIP, language, **asked)
            x = left + (stretch.begins - begins) * scale
            drawn.append(rect(x, y, max(span * scale, least), tall, f"p-{stretch.state}", said))
    return drawn
