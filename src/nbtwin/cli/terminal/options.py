"""What `nbtwin at` was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nbtwin.cli.terminal.ports import STATE
from nbtwin.engine import Seconds


@dataclass
class Options:
    """As the command line has them."""

    port: str | None
    commands: Sequence[str] = ()
    baud: int | None = None
    model: str | None = None
    as_json: bool = False
    timeout: Seconds | None = None
    script: Path | None = None
    log: Path | None = None
    hex: bool = False
    stamps: str = "time"
    state: Path = STATE
    """Of the lab whose modules have names."""
