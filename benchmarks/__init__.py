"""How fast nbtwin is, each figure beside a reference of the same run: `make bench`, or `nbtwin bench` in a checkout."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
"""Where `python -m benchmarks.…` finds this package."""
