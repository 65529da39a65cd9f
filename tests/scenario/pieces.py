"""Work for other processes, which import this and little else."""

from __future__ import annotations

import os
import signal


def kill_itself(piece: int) -> int:
    """As `kill -9`, or the system where memory runs out."""
    if piece == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return piece


def refuse(piece: int) -> int:
    raise ValueError(f"no {piece}")
