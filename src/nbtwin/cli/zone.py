"""In which zone a command shows times: NBTWIN_ZONE, else the one that is kept with the lab, else UTC (D196)."""

from __future__ import annotations

import os
from pathlib import Path


def show_zone_of(state: Path) -> None:
    """From now on, that of the lab in this state directory. WrongUsage for a zone that there is not."""
    from nbtwin.runtime.spec import parse_zone
    from nbtwin.timeline.clock import show_in

    show_in(parse_zone(os.environ.get("NBTWIN_ZONE"), "$NBTWIN_ZONE") or _kept(state) or "UTC")


def _kept(state: Path) -> str | None:
    from nbtwin.edge.errors import EdgeError
    from nbtwin.edge.nvram_file import NvramFile
    from nbtwin.runtime.errors import SpecError
    from nbtwin.runtime.kept import decode

    try:
        content = NvramFile(state / "lab").read()
        return None if content is None else decode(content).zone
    except (EdgeError, SpecError, OSError):
        return None  # whoever needs what is in it says so
