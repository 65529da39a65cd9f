"""What the last release reached, as ratios to what stood beside it, so that another machine can be compared with it.

`released.json` is made of a run's figures: `python -m benchmarks.released FIGURES.json VERSION` prints it. The servers
of another tree, under the load of this one: `NBTWIN_BENCH_TREE=TREE nbtwin bench platforms curves --json FIGURES.json`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure

FILE = Path(__file__).parent / "released.json"


def version() -> str:
    return str(_kept()["release"])


def changes(figures: Iterable[Figure]) -> dict[str, float]:
    """By name of a row: how many times as good as the last release it is, by the first thing beside both of them."""
    kept: Mapping[str, Mapping[str, float]] = _kept()["ratios"]
    found = {}
    for figure in figures:
        then, now = kept.get(figure.name, {}), comparable(figure)
        common = next((name for name in now if then.get(name) and now[name]), None)
        if common is not None:
            found[figure.name] = now[common] / then[common]
    return found


def comparable(figure: Figure) -> dict[str, float]:
    """What means the same on every machine; of a ratio and of memory that stand alone, how small they are."""
    if figure.unit in ("×", "KiB", "MiB") and not figure.ratios:
        return {"": 1 / figure.value if figure.value else 0.0}
    return figure.ratios


def _kept() -> dict[str, Any]:
    kept: dict[str, Any] = json.loads(FILE.read_text()) if FILE.exists() else {"release": "", "ratios": {}}
    return kept


def _figure(kept: Mapping[str, Any]) -> Figure:
    names = ("name", "value", "unit", "references", "notes", "peers")
    return Figure(**{name: kept[name] for name in names})


if __name__ == "__main__":
    read = [_figure(each) for each in json.loads(Path(sys.argv[1]).read_text())["figures"]]
    ratios = {figure.name: comparable(figure) for figure in read if comparable(figure)}
    rounded = {name: {other: round(ratio, 4) for other, ratio in each.items()} for name, each in ratios.items()}
    print(json.dumps({"release": sys.argv[2], "ratios": rounded}, indent=2, ensure_ascii=False))
