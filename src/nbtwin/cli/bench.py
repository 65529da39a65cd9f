"""`nbtwin bench`: the benchmarks of the project's checkout. They are no part of the installed package."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from nbtwin.cli.refusals import CliRefusal
from nbtwin.runtime.errors import Failed


def run(only: list[str], seconds: float, json: Path | None, markdown: Path | None, docs: Path | None) -> None:
    """Failed where there is no checkout, neither around this package nor here (the compiled build is installed)."""
    for checkout in (Path(__file__).parents[3], Path.cwd()):
        if (checkout / "benchmarks" / "run.py").is_file():
            sys.path.insert(0, str(checkout))
            importlib.import_module("benchmarks.run").run(only, seconds, json, markdown, docs)
            return
    raise Failed(CliRefusal.CHECKOUT_MISSING)
