"""What a benchmark says: a figure, and the reference that stands beside it. Knows no measurement."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Figure:
    """One row. ``ratios`` are of the figure to each reference, 1 being as fast."""

    name: str
    value: float
    unit: str
    references: dict[str, float] = field(default_factory=dict)  # what was measured in the same run, same unit
    notes: str = ""

    @property
    def ratios(self) -> dict[str, float]:
        return {name: self.value / reference for name, reference in self.references.items()}

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
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{python}, {os.cpu_count()} cores, {platform.machine()}"


def markdown(figures: list[Figure]) -> str:
    """The table of docs/performance.md."""
    lines = ["| | figure | reference in the same run | ratio |", "|---|---|---|---|"]
    for figure in figures:
        references = "<br>".join(f"{name}: {rounded(value)}" for name, value in figure.references.items())
        ratios = "<br>".join(f"{ratio:.2g}" for ratio in figure.ratios.values())
        name = f"{figure.name}<br>{figure.notes}" if figure.notes else figure.name
        lines.append(f"| {name} | {rounded(figure.value)} {figure.unit} | {references} | {ratios} |")
    return "\n".join(lines)
