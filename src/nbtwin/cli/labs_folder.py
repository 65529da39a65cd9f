"""Where this user's named labs are: a state directory for each, under one folder (XDG Base Directory).

Knows folders and whether a process has one; knows no lab.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from nbtwin.cli.refusals import CliRefusal
from nbtwin.engine import UNDECODABLE
from nbtwin.file_lock import lives
from nbtwin.runtime.errors import WrongUsage

_RUNNING = "running"
"""The file in which a lab that runs says where it is."""


class Running(msgspec.Struct):
    process: int
    url: str | None


@dataclass(frozen=True)
class NamedLab:
    """``running``: None for one that is not, whatever a killed one has left."""

    name: str
    state: Path
    running: Running | None


def folder() -> Path:
    base = os.environ.get("XDG_STATE_HOME", "")
    return (Path(base) if os.path.isabs(base) else Path.home() / ".local" / "state") / "nbtwin" / "labs"


def state_of(name: str) -> Path:
    """The state directory of a lab of that name, which need not be there. WrongUsage for what is no name."""
    if name in ("", ".", "..") or not all(letter.isalnum() or letter in "._-" for letter in name):
        raise WrongUsage(CliRefusal.LAB_NAME, "--lab", value=name)
    return folder() / name


def labs() -> list[NamedLab]:
    """By name."""
    with contextlib.suppress(FileNotFoundError):
        return [NamedLab(path.name, path, running_at(path)) for path in sorted(folder().iterdir()) if path.is_dir()]
    return []


@contextlib.contextmanager
def told(state: Path, url: str | None) -> Iterator[None]:
    """While this process has the lab it says where."""
    path = state / _RUNNING
    path.write_bytes(msgspec.json.encode(Running(os.getpid(), url)))
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def running_at(state: Path) -> Running | None:
    """Who has the directory. A process that was killed has it no more, whatever it has left."""
    process = _owner(state / ".lock")
    if process is None:
        return None
    try:
        said = msgspec.json.decode((state / _RUNNING).read_bytes(), type=Running)
    except (OSError, *UNDECODABLE):
        return Running(process, None)  # it is about to say
    return said if said.process == process else Running(process, None)


def _owner(lock: Path) -> int | None:
    import fcntl  # Windows has none, and runs no lab

    try:
        with open(lock, encoding="ascii", errors="replace") as file:
            process = file.read(20).strip()
            if not process.isdigit() or not lives(int(process)):
                return None
            try:  # its number may be another's by now
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                return int(process)
    except OSError:
        return None
    return None
