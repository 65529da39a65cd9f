"""A fleet's report: JSON for programs, the text of Prometheus, one HTML file with pictures and no script.

Knows `FleetStats` and words; knows no run.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

import msgspec
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.registry import Collector

from nbtwin.fleet.phrases import FleetPhrase
from nbtwin.fleet.plan import FleetPlan
from nbtwin.fleet.tally import FleetStats, Outcome, SecondRow, Waits
from nbtwin.fleet.verdict import Requirement, most_registered
from nbtwin.timeline.catalogue import say

PERCENTILES = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99, "p999": 0.999}
_WIDTH, _HEIGHT, _LEFT = 720, 160, 56
_MOST_POINTS = 360


class FleetResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a run ends with."""

    plan: FleetPlan
    stats: FleetStats
    requirements: tuple[Requirement, ...] = ()
    shards: tuple[str, ...] = ()
    """What became of each (`processes.ShardState`)."""
    ended_by: str = ""
    """Before its plan had: SIGINT, SIGTERM or page."""

    @property
    def lost(self) -> int:
        return sum(state == "lost" for state in self.shards)

    @property
    def broken(self) -> list[Requirement]:
        return [each for each in self.requirements if not each.holds(self.stats, self.lost)]


def as_values(result: FleetResult) -> dict[str, Any]:
    """Numbers and codes alone; seconds, bytes."""
    stats, plan = result.stats, result.plan
    return {
        "target": str(plan.target),
        "devices": stats.devices,
        "seed": plan.seed,
        "ran": stats.ran,
        "registered": stats.registered,
        "registered_most": most_registered(stats),
        "begun": stats.begun,
        "outcomes": {kind: {str(name): count for name, count in there.items()} for kind, there in
                     stats.outcomes.items()},
        "errors": stats.errors,
        "ended": stats.ended,
        "under_way": stats.under_way,
        "paused": stats.paused,
        "codes": stats.codes,
        "asked": stats.asked,
        "counts": stats.counts,
        "latency": {kind: _waits(waits) for kind, waits in [*stats.waits.items(), ("all", stats.of_all())]},
        "worst": [{"seconds": wait, "device": device, "kind": kind} for wait, device, kind in stats.worst],
        "failing": stats.failing,
        "seconds": [msgspec.structs.asdict(row) for row in stats.seconds],
        "generator": {
            "cpu": stats.cpu,
            "memory": stats.memory,
            "cpu_per_exchange": stats.own_cost,
            "cpu_per_device_and_second": stats.cpu / stats.devices / stats.ran if stats.devices and stats.ran else None,
        },
        "shards": list(result.shards),
        "ended_by": result.ended_by or None,
        "requirements": [
            {"text": each.text, "value": each.value(stats, result.lost), "holds": each.holds(stats, result.lost)}
            for each in result.requirements
        ],
    }  # fmt: skip


def _waits(waits: Waits) -> dict[str, float | int | None]:
    count = waits.count
    return {
        **{name: waits.percentile(share) for name, share in PERCENTILES.items()},
        "max": waits.longest if count else None,
        "mean": waits.sum / count if count else None,
        "count": count,
    }


# Prometheus


def prometheus(stats: FleetStats) -> str:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Families(stats))
    return generate_latest(registry).decode()


class _Families(Collector):
    def __init__(self, stats: FleetStats) -> None:
        self._stats = stats

    def collect(self) -> Iterable[Metric]:
        stats = self._stats
        for name, value in (
            ("devices", stats.devices), ("registered", stats.registered), ("under_way", stats.under_way),
            ("ran_seconds", stats.ran), ("cpu_seconds", stats.cpu), ("resident_bytes", stats.memory),
        ):  # fmt: skip
            yield GaugeMetricFamily(f"nbtwin_fleet_{name}", name.replace("_", " "), value=float(value))
        ended = GaugeMetricFamily("nbtwin_fleet_exchanges", "exchanges that have ended", labels=("kind", "outcome"))
        for kind, there in stats.outcomes.items():
            for outcome, count in there.items():
                ended.add_metric((kind, str(outcome)), count)
        yield ended
        counts = GaugeMetricFamily("nbtwin_fleet_counts", "datagrams, bytes and the like", labels=("what",))
        for what, count in stats.counts.items():
            counts.add_metric((what,), count)
        yield counts
        summary = SummaryMetricFamily("nbtwin_fleet_seconds", "from when it was due to its answer", labels=("kind",))
        for kind, waits in stats.waits.items():
            summary.add_metric((kind,), waits.count, waits.sum)
            for share in PERCENTILES.values():
                summary.add_sample(
                    "nbtwin_fleet_seconds", {"kind": kind, "quantile": str(share)}, waits.percentile(share) or 0.0
                )
        yield summary


# HTML


def page(result: FleetResult, language: str = "en", *, live: bool = False) -> str:
    """One file that needs nothing else. ``live``: it renews itself every two seconds, and has buttons."""
    title = escape(title_of(result, language))
    head = (
        f'<!doctype html><html lang="{"zh-CN" if language == "zh" else "en"}"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{title}</title><style>{_STYLE}</style>'
    )
    buttons = "".join(f'<button name="{word}">{_row(word, language)}</button>' for word in ("pause", "resume", "stop"))
    steered = f"<p>{buttons}</p><script>{_SCRIPT}</script>" if live else ""
    found = told(result, language, live=live)
    return f'{head}<body><main><h1>{title}</h1>{steered}<div id="told">{found}</div></main></html>\n'


def title_of(result: FleetResult, language: str) -> str:
    return say(FleetPhrase.TITLE, language, target=str(result.plan.target), devices=result.stats.devices)


def told(result: FleetResult, language: str, *, live: bool = False) -> str:
    """What of the page changes while a fleet runs. ``live``: it is not at its end, so that nobody is left over."""
    stats = result.stats
    state = f'<p role="status">{_row("paused", language)}</p>' if stats.paused else ""
    return state + "".join(
        (
            _said(part_lines(result.shards, language)) if live else _verdict(result, language),
            _numbers(result, language),
            _picture(stats.seconds, language),
            _latency_table(stats, language),
            _outcome_table(stats, language),
            _lists(stats, language),
        )
    )


_STYLE = (
    ":root{color-scheme:light dark;--line:#767676;--no:#a40000;--yes:#1a6b1a;--one:#1f5fa8;--text:#1a1a1a;--page:#fff}"
    "@media(prefers-color-scheme:dark){:root{--line:#8a8a8a;--no:#ff8a80;--yes:#7ddc7d;--one:#8ab8f5;--text:#e6e6e6;--page:#16181c}}"
    "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:var(--text);"
    "background:var(--page)}h1{font-size:1.5rem;"
    "overflow-wrap:anywhere}table{border-collapse:collapse}td,th{padding:.2rem .8rem;text-align:right;"
    "border-bottom:1px solid var(--line);font-variant-numeric:tabular-nums}tr>:first-child{text-align:left}"
    "tbody th{font-weight:normal}.wide{overflow-x:auto;margin:1rem 0}.no{color:var(--no)}.yes{color:var(--yes)}"
    "td,thead th{white-space:nowrap}svg{display:block;min-width:35rem;max-width:100%;height:auto}"
    "svg text{fill:currentColor}"
    "button{font:inherit;padding:.3rem .9rem;margin-right:.5rem}"
)
_SCRIPT = (
    "for(const one of document.querySelectorAll('button'))one.onclick=()=>fetch('/'+one.name,{method:'POST'});"
    "setInterval(async()=>{const answer=await fetch('/told').catch(()=>null);"
    "if(answer&&answer.ok)document.getElementById('told').innerHTML=await answer.text()},2000)"
)
"""The page asks for what has changed; without scripts it stays as it was when it was opened."""


def _row(name: str, language: str) -> str:
    return escape(say(FleetPhrase.ROW, language, name=name))


def _verdict(result: FleetResult, language: str) -> str:
    return _said(verdict_lines(result, language))


def _said(lines: Iterable[tuple[bool, str]]) -> str:
    return "".join(f'<p class="{"yes" if holds else "no"}">{escape(text)}</p>' for holds, text in lines)


def verdict_lines(result: FleetResult, language: str) -> list[tuple[bool, str]]:
    """Whether each requirement holds, in words; and each shard that was lost or run again."""
    lines = []
    for each in result.requirements:
        holds = each.holds(result.stats, result.lost)
        phrase = FleetPhrase.HOLDS if holds else FleetPhrase.BROKEN
        lines.append((holds, say(phrase, language, requirement=each.text, value=_shown(each, result))))
    lines += part_lines(result.shards, language)
    if result.ended_by:
        lines.append((False, say(FleetPhrase.ENDED, language, by=result.ended_by)))
    if result.stats.registered and not result.plan.keep:
        lines.append((False, say(FleetPhrase.LEFT, language, count=result.stats.registered)))
    return lines


def part_lines(shards: Sequence[str], language: str) -> list[tuple[bool, str]]:
    """Of those parts with which something was, or is: whether they did or do all they are to do, in words."""
    return [
        (state in ("again", "restarted"), say(FleetPhrase.SHARD, language, number=number, state=state))
        for number, state in enumerate(shards)
        if state in ("lost", "again", "silent", "restarted")
    ]


def _shown(each: Requirement, result: FleetResult) -> str:
    value = each.value(result.stats, result.lost)
    if value is None:
        return "–"
    if each.share:
        return f"{value:.3%}"
    return milliseconds(value) if each.name.startswith("p") or each.name == "max" else f"{value:.6g}"


def milliseconds(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"


def number_rows(result: FleetResult) -> list[tuple[str, str]]:
    """The first lines of every report: a name of `FleetPhrase.ROW`, and the number."""
    stats = result.stats
    rate = stats.good / stats.ran if stats.ran else 0.0
    share = stats.errors / stats.ended if stats.ended else 0.0
    return [
        ("devices", str(stats.devices)),
        ("registered-most", str(most_registered(stats))),
        ("registered", str(stats.registered)),
        ("ran", f"{stats.ran:.1f} s"),
        ("rate", f"{rate:.0f}/s"),
        ("errors", f"{stats.errors} ({share:.2%})"),
        ("cpu-exchange", "–" if stats.own_cost is None else f"{stats.own_cost * 1e6:.0f} µs"),
        ("cpu-device", f"{stats.cpu / stats.devices / stats.ran * 1e6:.1f} µs" if stats.devices and stats.ran else "–"),
        ("memory", f"{stats.memory / 2**20:.0f} MiB"),
    ]


def _numbers(result: FleetResult, language: str) -> str:
    return _table([], [(_row(name, language), escape(value)) for name, value in number_rows(result)])


def latency_rows(stats: FleetStats) -> list[tuple[str, list[str]]]:
    """By kind: count, percentiles, longest."""
    return [
        (
            kind,
            [str(waits.count), *(milliseconds(waits.percentile(share)) for share in PERCENTILES.values()),
             milliseconds(waits.longest)],
        )
        for kind, waits in sorted(stats.waits.items())
    ]  # fmt: skip


def _latency_table(stats: FleetStats, language: str) -> str:
    head = [_row("kind", language), _row("answered", language), *PERCENTILES, "max"]
    rows = [(escape(say(FleetPhrase.KIND, language, name=kind)), *cells) for kind, cells in latency_rows(stats)]
    return _table(head, rows)


def _outcome_table(stats: FleetStats, language: str) -> str:
    used = [each for each in Outcome if any(each in there for there in stats.outcomes.values())]
    head = [_row("kind", language), _row("begun", language)]
    head += [escape(say(FleetPhrase.OUTCOME, language, name=str(each))) for each in used]
    rows = [
        (escape(say(FleetPhrase.KIND, language, name=kind)), str(stats.begun.get(kind, 0)),
         *(str(there.get(each, 0)) for each in used))
        for kind, there in sorted(stats.outcomes.items())
    ]  # fmt: skip
    return _table(head, rows)


def _lists(stats: FleetStats, language: str) -> str:
    tables = []
    for name, values in (("codes", stats.codes), ("asked", stats.asked), ("failing", stats.failing)):
        if values:
            tables.append(_table([_row(name, language), ""], [(escape(key), str(n)) for key, n in values.items()]))
    if stats.counts:
        rows = [(escape(say(FleetPhrase.COUNT, language, name=key)), str(n)) for key, n in stats.counts.items()]
        tables.append(_table([_row("counts", language), ""], rows))
    if stats.worst:
        rows = [(escape(device), f"{escape(kind)} {milliseconds(wait)}") for wait, device, kind in stats.worst]
        tables.append(_table([_row("worst", language), ""], rows))
    return "".join(tables)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Of cells that are escaped. What a narrow screen has no room for is scrolled, by the keyboard too."""
    top = "".join(f'<th scope="col">{cell}</th>' if cell else "<td></td>" for cell in head)
    body = "".join(
        f'<tr><th scope="row">{name}</th>' + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
        for name, *cells in rows
    )
    top = f"<thead><tr>{top}</tr></thead>" if head else ""
    return f'<div class="wide" tabindex="0"><table>{top}<tbody>{body}</tbody></table></div>'


def _picture(rows: Sequence[SecondRow], language: str) -> str:
    """Registered devices, and answers and errors a second, over time."""
    if not rows:
        return ""
    series = (
        ("registered", "var(--one)", _points([row.registered for row in rows])),
        ("good", "var(--yes)", _points([row.good for row in rows])),
        ("failed", "var(--no)", _points([row.errors for row in rows])),
    )
    drawn = []
    for place, (name, colour, values) in enumerate(series):
        top = place * (_HEIGHT + 30)
        drawn.append(_line(_row(f"{name}-second", language), colour, values, top, len(rows)))
    height = len(series) * (_HEIGHT + 30)
    label = _row("picture", language)
    size = f'viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}"'
    return f'<div class="wide" tabindex="0"><svg {size} role="img" aria-label="{label}">{"".join(drawn)}</svg></div>'


def _points(values: Sequence[int]) -> list[int]:
    """No more than a picture has room for: of several seconds the highest, so that none of them is left out."""
    step = max(1, -(-len(values) // _MOST_POINTS))
    return [max(values[at : at + step]) for at in range(0, len(values), step)]


def _line(title: str, colour: str, values: Sequence[int], top: int, seconds: int) -> str:
    most = max(values) or 1
    width = _WIDTH - _LEFT - 10
    points = " ".join(
        f"{_LEFT + width * at / (len(values) - 1 or 1):.1f},{top + 20 + (_HEIGHT - 30) * (1 - value / most):.1f}"
        for at, value in enumerate(values)
    )
    bottom = top + _HEIGHT - 10
    return (
        f'<text x="{_LEFT}" y="{top + 12}" font-size="12">{title}</text>'
        f'<text x="{_LEFT - 6}" y="{top + 26}" font-size="11" text-anchor="end">{most}</text>'
        f'<text x="{_LEFT - 6}" y="{bottom}" font-size="11" text-anchor="end">0</text>'
        f'<text x="{_WIDTH - 10}" y="{bottom + 14}" font-size="11" text-anchor="end">{seconds} s</text>'
        f'<path d="M{_LEFT} {bottom}H{_WIDTH - 10}" stroke="var(--line)"/>'
        f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>'
    )
