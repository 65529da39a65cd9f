"""`python -m benchmarks.storm [CASE …] --kept DIR [--write docs]`: storms, table and pictures of docs/storm.md.

Each case is simulated in this process and kept as JSON (`--kept DIR`), so that cases may run beside one another;
`--write` makes the page of what is kept.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from benchmarks import ROOT
from benchmarks.capacity import put
from nbtwin.api.report.svg import line, path, svg, text
from nbtwin.engine import HOUR
from nbtwin.fleet.storm import Storm, StormPlan, StormRow, run_storm

CASES: Mapping[str, tuple[StormPlan, Mapping[str, str]]] = {
    "fixed": (
        StormPlan(doubles=False),
        {"en": "at once, tries again every 60 s", "zh": "同时返回，每 60 秒重试"},
    ),
    "doubles": (
        StormPlan(),
        {"en": "at once, waits double and are drawn", "zh": "同时返回，等待加倍并随机"},
    ),
    "spread": (
        StormPlan(spread=600.0),
        {"en": "spread over 10 min", "zh": "分散在 10 分钟内"},
    ),
    "hour": (
        StormPlan(spread=3000.0, within=1.25 * HOUR),
        {"en": "spread over 50 min", "zh": "分散在 50 分钟内"},
    ),
    "fast": (
        StormPlan(a_second=20_000.0),
        {"en": "at once, 20,000 a second", "zh": "同时返回，每秒 20,000"},
    ),
}
PICTURES: Mapping[str, tuple[Callable[[StormRow, StormPlan], float], Mapping[str, str]]] = {
    "registered": (
        lambda row, plan: row.registered,
        {"en": "Devices that are back", "zh": "已恢复的设备"},
    ),
    "arrived": (
        lambda row, plan: row.arrived / plan.step,
        {"en": "Datagrams a second at the platform's door", "zh": "每秒到达平台的报文"},
    ),
    "waiting": (
        lambda row, plan: row.waiting,
        {"en": "Datagrams that wait at the door, at most", "zh": "在入口处等候的报文（最多）"},
    ),
}
HEADS = {
    "en": ("", "half are back", "99 %", "all", "sent by devices", "sent again", "dropped at the door",
           "taken in twice", "answer, p50", "p99", "tries that failed"),
    "zh": ("", "一半恢复", "99 %", "全部", "设备发出", "重传", "入口处丢弃", "重复接收",
           "应答 p50", "p99", "失败的尝试"),
}  # fmt: skip
_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM = 860.0, 240.0, 70.0, 34.0, 34.0
_COLOURS = ("bad", "at", "said", "up", "down")
_MOST_POINTS, _SHOWN = 400, 720.0


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("cases", nargs="*", metavar="CASE")
    asked.add_argument("--devices", type=int, default=100_000)
    asked.add_argument("--kept", type=Path, required=True)
    asked.add_argument("--write", type=Path)
    options = asked.parse_args()
    for name in options.cases:
        began = time.process_time()
        storm = run_storm(msgspec.structs.replace(CASES[name][0], devices=options.devices))
        (options.kept / f"{name}.json").write_bytes(msgspec.json.encode(storm))
        print(f"{name}: {time.process_time() - began:.0f} s of CPU, {storm.sent} datagrams sent, back {storm.back}")
    if options.write:
        files = {name: options.kept / f"{name}.json" for name in CASES}
        kept = {name: file.read_bytes() for name, file in files.items() if file.exists()}
        write({name: msgspec.json.decode(data, type=Storm) for name, data in kept.items()}, ROOT / options.write)


def write(storms: Mapping[str, Storm], docs: Path) -> None:
    for language, ending in (("en", ""), ("zh", ".zh-CN")):
        put(docs / f"storm{ending}.md", "table", table(storms, language))
        for picture in PICTURES:
            (docs / "images" / f"storm-{picture}{ending}.svg").write_text(drawn(storms, picture, language) + "\n")


def table(storms: Mapping[str, Storm], language: str) -> str:
    heads = HEADS[language]
    rows = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for name, storm in storms.items():
        waits, outcomes = storm.stats.waits["register"], storm.stats.outcomes["register"]
        failed = sum(count for outcome, count in outcomes.items() if outcome not in ("ok", "slow"))
        cells = [
            CASES[name][1][language], *(_span(storm.back[share], language) for share in (0.5, 0.99, 1.0)),
            f"{storm.sent:,}", f"{storm.stats.counts.get('retransmitted', 0) / storm.sent:.0%}",
            f"{storm.dropped / storm.sent:.0%}", f"{storm.repeated / storm.taken:.1%}",
            _span(waits.percentile(0.5), language), _span(waits.percentile(0.99), language), f"{failed:,}",
        ]  # fmt: skip
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows)


def _span(seconds: float | None, language: str) -> str:
    if seconds is None:
        return {"en": "not within the time", "zh": "时限内未恢复"}[language]
    second, minute = {"en": (" s", " min"), "zh": (" 秒", " 分")}[language]
    return f"{seconds:.1f}{second}" if seconds < 10 else f"{seconds:.0f}{second}" if seconds < 120 else (
        f"{seconds / 60:.1f}{minute}")  # fmt: skip


def drawn(storms: Mapping[str, Storm], picture: str, language: str) -> str:
    value, titles = PICTURES[picture]
    height = _TOP + _HEIGHT
    series = {name: [value(row, storm.plan) for row in storm.rows] for name, storm in storms.items()}
    longest = min(max(len(rows) for rows in series.values()), int(_SHOWN / next(iter(storms.values())).plan.step))
    series = {name: rows[:longest] for name, rows in series.items()}
    most = max(max(rows) for rows in series.values()) or 1.0
    right, bottom = _WIDTH - 250, height - _BOTTOM
    step = next(iter(storms.values())).plan.step
    body = [text(12, 20, titles[language], "strong")]
    body += ["<style>.nb-svg .s-warm { stroke: var(--warm) }</style>"]
    for part in range(5):
        y = bottom - (bottom - _TOP) * part / 4
        body += [line(_LEFT, y, right, y, "rule" if part else "axis")]
        body += [text(_LEFT - 8, y + 4, f"{most * part / 4:,.0f}", "soft end")]
    minutes = longest * step / 60
    every = 10 if minutes > 20 else 2
    for minute in range(0, int(minutes) + 1, every):
        x = _LEFT + (right - _LEFT) * minute / minutes
        body.append(text(x, bottom + 16, f"{minute}", "soft middle"))
    body.append(text(right, bottom + 30, {"en": "minutes", "zh": "分钟"}[language], "soft end"))
    for number, (name, rows) in enumerate(series.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        points = [(_LEFT + (right - _LEFT) * at / max(longest - 1, 1), bottom - (bottom - _TOP) * each / most)
                  for at, each in _thinned(rows)]  # fmt: skip
        body.append(path("M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in points), f"arrow s-{colour}"))
        body.append(text(right + 12, _TOP + 16 * number + 8, CASES[name][1][language], f"f-{colour}"))
    return svg(_WIDTH, height, body, titles[language], alone=True)


def _thinned(rows: Sequence[float]) -> list[tuple[int, float]]:
    """The highest of each few, so that no peak is lost."""
    few = -(-len(rows) // _MOST_POINTS)
    return [(at, max(rows[at : at + few])) for at in range(0, len(rows), few)]


if __name__ == "__main__":
    main()
