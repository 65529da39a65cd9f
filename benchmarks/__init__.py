"""How fast nbtwin is, each figure beside a reference of the same run: `make bench`, or `nbtwin bench` in a checkout."""

import os
from pathlib import Path

ROOT = Path(__file__).parents[1]
"""Where `python -m benchmarks.…` finds this package."""


def cache_folder() -> Path:
    """Where what was compiled for a benchmark is kept."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "nbtwin"
