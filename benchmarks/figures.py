"""What a benchmark says: a figure, and what stands beside it. Knows no measurement."""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from types import MappingProxyType
from typing import Any

from nbtwin.runtime import build_kind

COSTS = ("µs", "ms", "s", "B", "KiB", "MiB", "×")
"""Units of which less is better."""


@dataclass(frozen=True)
class Figure:
    """One row. ``references`` are bounds of the machine or of the method, ``peers`` other servers that do the same
    work, both in the same unit and measured in the same run. ``to_reach``: what the project set itself."""

    name: str
    value: float
    unit: str
    references: dict[str, float] = field(default_factory=dict)
    notes: str = ""
    peers: dict[str, float] = field(default_factory=dict)
    to_reach: float | None = None

    @property
    def costs(self) -> bool:
        return self.unit in COSTS

    def _ratio(self, other: float) -> float:
        """How many times as good as the other: above 1 we are ahead."""
        above, below = (other, self.value) if self.costs else (self.value, other)
        return above / below if below else 0.0

    @property
    def ratios(self) -> dict[str, float]:
        return {name: self._ratio(value) for name, value in {**self.references, **self.peers}.items()}

    @property
    def behind(self) -> list[str]:
        """The peers that are better."""
        return [name for name, value in self.peers.items() if self._ratio(value) < 1]

    @property
    def missed(self) -> bool:
        return self.to_reach is not None and self._ratio(self.to_reach) < 1

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "ratios": self.ratios}


def per_second(action: Callable[[], object], seconds: float = 1.0, batch: int = 200) -> float:
    """How often a second the action runs: the best of three spans, the machine being shared."""
    best = 0.0
    for _ in range(3):
        done, began = 0, time.perf_counter()
        while (took := time.perf_counter() - began) < seconds / 3:
            for _ in range(batch):
                action()
            done += batch
        best = max(best, done / took)
    return best


def rounded(value: float) -> str:
    """As many digits as mean something."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def machine() -> str:
    """The interpreter, which build of nbtwin, and how busy the machine is."""
    load = f"load {os.getloadavg()[0]:.1f}" if sys.platform != "win32" else ""
    return f"{build_kind.described()}, {os.cpu_count()} cores, {platform.machine()}, {load}"


_HEADS = {
    "en": "| | figure | to reach | beside it, in the same run | times as good | since the last release |",
    "zh": "| | 数值 | 目标 | 同一次运行中的对照 | 好多少倍 | 自上一版本以来 |",
}
_LOSSES = {  # a peer is ahead, the goal is missed; one that is missed; between and after them
    "en": ("A peer is ahead in: ", "Not reached: ", "{} ({}, not {})", "; ", "."),
    "zh": ("对照服务器领先：", "未达到：", "{}（{}，目标 {}）", "；", "。"),
}
_AHEAD = {"en": "{} ({} {:.2g} ×)", "zh": "{}（{} 好 {:.2g} 倍）"}


def markdown(figures: list[Figure], changes: Mapping[str, float] = MappingProxyType({}), language: str = "en") -> str:
    """The table of docs/performance.md: in bold where a peer is ahead or a goal is missed."""
    lines = [_HEADS[language], "|---|---|---|---|---|---|"]
    for figure in figures:
        beside = {**figure.references, **figure.peers}
        names = "<br>".join(_bold(f"{name}: {rounded(value)}", name in figure.behind) for name, value in beside.items())
        ratios = "<br>".join(_bold(times(ratio), name in figure.behind) for name, ratio in figure.ratios.items())
        name = f"{figure.name}<br>{figure.notes}" if figure.notes else figure.name
        value = _bold(f"{rounded(figure.value)} {figure.unit}", figure.missed)
        goal = f"{'≤' if figure.costs else '≥'} {rounded(figure.to_reach)}" if figure.to_reach is not None else ""
        change = f"{changes[figure.name]:.2f} ×" if figure.name in changes else ""
        lines.append(f"| {name} | {value} | {goal} | {names} | {ratios} | {change} |")
    return "\n".join(lines)


def times(ratio: float) -> str:
    return rounded(ratio) if ratio >= 100 else f"{ratio:.2g}"


def losses(figures: list[Figure], language: str = "en") -> str:
    """Where a peer is ahead, and what was not reached; a paragraph each, or nothing."""
    ahead, not_reached, form, between, end = _LOSSES[language]
    behind = [
        _AHEAD[language].format(f"**{each.name}**", name, 1 / each.ratios[name])
        for each in figures
        for name in each.behind
    ]
    missed = [
        form.format(f"**{each.name}**", f"{rounded(each.value)} {each.unit}", rounded(each.to_reach))
        for each in figures
        if each.missed and each.to_reach is not None
    ]
    found = [(ahead, behind), (not_reached, missed)]
    return "".join(f"{what}{between.join(names)}{end}\n\n" for what, names in found if names)


def _bold(said: str, so: bool) -> str:
    return f"**{said}**" if so else said
