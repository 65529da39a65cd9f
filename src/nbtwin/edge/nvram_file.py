"""NVRAM and other small state in files: written so that a power cut at any instant leaves the old or the new content.

A file is one header line (format, length, SHA-256) and the content as it is. A broken file is set aside, never silently
replaced. Knows files; knows nothing of what they contain.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import IO, TypeAlias
from urllib.parse import quote, unquote

from nbtwin import file_lock
from nbtwin.edge.errors import EdgeError, EdgeRefusal
from nbtwin.engine import LATEST, CodedError
from nbtwin.foreign import detail_of

_HEADER = re.compile(rb"nbtwin-state 1 length=(\d+) sha256=([0-9a-f]{64})\n")

_OF_A_LAB = (
    "*.nvram", "*.flash", "*.snapshots", "lab", "clock", "serial", "timeline", "inventory.sqlite*", "replacement-*",
)  # fmt: skip
"""Names in a state directory; what was set aside as broken stays."""

OnBroken: TypeAlias = Callable[[EdgeError], object]
"""Told of a file that was set aside (``EdgeRefusal.FILE_SET_ASIDE``); by a directory also of what it waits for."""


class NvramFile:
    """Storage of one module (``load``/``save``). ``on_broken`` is told when a file was set aside."""

    def __init__(self, path: Path, on_broken: OnBroken | None = None) -> None:
        self.path = path
        self._on_broken = on_broken

    def load(self) -> bytes | None:
        """The content last saved; None when there is none, or when it was broken and has been set aside."""
        raw = _raw(self.path)
        if raw is None:
            return None
        try:
            return _content(raw, self.path)
        except EdgeError as error:
            self._set_aside(error)
            return None

    def read(self) -> bytes | None:
        """The content last saved, or None; a broken file is an EdgeError and stays where it is."""
        raw = _raw(self.path)
        return None if raw is None else _content(raw, self.path)

    def save(self, content: bytes) -> None:
        """Returns when the content would survive a power cut; else raises OSError, and the old content is in force."""
        digest = hashlib.sha256(content).hexdigest()
        header = f"nbtwin-state 1 length={len(content)} sha256={digest}\n".encode()
        waiting = self.path.with_name(f".{self.path.name}.new")
        try:
            with open(waiting, "wb", opener=private) as file:  # passwords and keys are in it
                file.write(header + content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(waiting, self.path)
        except OSError:
            with contextlib.suppress(OSError):
                waiting.unlink()
            raise
        sync_directory(self.path.parent)

    def set_aside(self, cause: CodedError) -> Path:
        """Keep the file under another name and say so; the next ``save`` starts a new one. ``cause``: why."""
        return self._set_aside(EdgeError(EdgeRefusal.FILE_CONTENT, cause={"code": str(cause.code), **cause.fields}))

    def _set_aside(self, why: EdgeError) -> Path:
        number = 1
        while (aside := self.path.with_name(f"{self.path.name}.broken-{number}")).exists():
            number += 1
        try:
            os.rename(self.path, aside)
            sync_directory(self.path.parent)
        except OSError as error:
            stays = EdgeError(
                EdgeRefusal.FILE_STAYS, str(self.path), why=why.code, **why.fields, error=detail_of(error)
            )
            raise stays from error
        if self._on_broken is not None:
            fields = {**why.fields, "aside": aside.name}
            self._on_broken(EdgeError(EdgeRefusal.FILE_SET_ASIDE, str(self.path), why=why.code, **fields))
        return aside


class StateDirectory:
    """A directory that one process uses at a time. ``EdgeError`` when another one does.

    After a ``kill -9`` it is waited until what that process had started has ended, too (`file_lock`).
    """

    def __init__(self, path: str | Path, on_broken: OnBroken | None = None) -> None:
        self.path = Path(path)
        self._on_broken = on_broken
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)  # there are keys in it
            self._lock = open(self.path / ".lock", "a+")  # noqa: SIM115 - held open as long as we live
        except OSError as error:
            detail = detail_of(error)
            raise EdgeError(EdgeRefusal.STATE_UNUSABLE, path=str(self.path), detail=detail) from error
        _take(self._lock, self.path, on_broken)

    def nvram(self, module: str) -> NvramFile:
        """The NVRAM of the module of that name."""
        return NvramFile(nvram_path(self.path, module), self._on_broken)

    def flash(self, module: str) -> NvramFile:
        """The firmware images that came to it over the air."""
        return NvramFile(nvram_path(self.path, module).with_suffix(".flash"), self._on_broken)

    def snapshots(self, module: str) -> NvramFile:
        """The images of its NVRAM that users have put aside."""
        return NvramFile(nvram_path(self.path, module).with_suffix(".snapshots"), self._on_broken)

    def of_module(self, module: str) -> tuple[NvramFile, NvramFile, NvramFile]:
        """Everything that is kept of it: NVRAM, flash, snapshots."""
        return self.nvram(module), self.flash(module), self.snapshots(module)

    def forget_module(self, module: str) -> None:
        for kept in self.of_module(module):
            kept.path.unlink(missing_ok=True)
        sync_directory(self.path)

    def lab(self) -> NvramFile:
        """What the lab is made of."""
        return NvramFile(self.path / "lab", self._on_broken)

    def serial_link(self, module: str) -> str:
        """A name that always leads to the module's PTY."""
        folder = self.path / "serial"
        folder.mkdir(mode=0o700, exist_ok=True)
        return str(folder / quote(module, safe=" "))

    def clock(self) -> NvramFile:
        """By how many seconds the lab is ahead of the wall clock."""
        return NvramFile(self.path / "clock", self._on_broken)

    @property
    def held_lock(self) -> int:
        """For a process that has ports of the lab, or writes in its stead: as long as it runs nobody else begins."""
        return self._lock.fileno()

    @property
    def database(self) -> Path:
        return self.path / "inventory.sqlite"

    def erase(self) -> None:
        """All of a lab that is in it, and nothing else (D172). EdgeError for what cannot be deleted."""
        try:
            for pattern in _OF_A_LAB:
                for path in self.path.glob(pattern):
                    if path.is_dir() and not path.is_symlink():
                        shutil.rmtree(path)
                    else:
                        path.unlink()
            sync_directory(self.path)
        except OSError as error:
            detail = detail_of(error)
            raise EdgeError(EdgeRefusal.STATE_UNUSABLE, path=str(self.path), detail=detail) from error

    def load_ahead(self) -> float:
        """By how many seconds the lab was ahead of the wall clock when it was last here."""
        content = self.clock().load()
        try:
            ahead = float(content) if content is not None else 0.0
            if not 0 <= ahead <= LATEST:
                raise ValueError("of seconds")
            return ahead
        except ValueError:
            self.clock().set_aside(EdgeError(EdgeRefusal.FILE_NO_NUMBER))
            return 0.0

    def save_ahead(self, ahead: float) -> None:
        self.clock().save(ahead_text(ahead))

    def close(self) -> None:
        self._lock.close()  # and with it the lock; kill -9 gives it back as well

    def __enter__(self) -> StateDirectory:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _raw(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise EdgeError(EdgeRefusal.FILE_UNREADABLE, str(path), detail=detail_of(error)) from error


def _content(raw: bytes, path: Path) -> bytes:
    """The content; EdgeError says what is wrong with the file."""
    header = _HEADER.match(raw)
    if header is None:
        raise EdgeError(EdgeRefusal.FILE_HEADER, str(path))
    content = raw[header.end() :]
    if len(content) != int(header[1]):
        raise EdgeError(EdgeRefusal.FILE_LENGTH, str(path), length=len(content), expected=int(header[1]))
    if hashlib.sha256(content).hexdigest().encode() != header[2]:
        raise EdgeError(EdgeRefusal.FILE_CHECKSUM, str(path))
    return content


def ahead_text(ahead: float) -> bytes:
    """What the clock's file has."""
    return f"{ahead:.3f}".encode()


def private(path: str | Path, flags: int) -> int:
    """An ``opener`` for what has secrets in it: a new file is its owner's alone, one that exists stays as it is."""
    return os.open(path, flags, 0o600)


def nvram_path(directory: Path, module: str) -> Path:
    """Where the NVRAM of the module of that name is kept."""
    return directory / f"{quote(module, safe=' ')}.nvram"


def modules_in(directory: Path) -> list[str]:
    """The modules whose NVRAM a state directory has, by name."""
    return sorted(unquote(path.stem) for path in directory.glob("*.nvram"))


def _take(lock: IO[str], path: Path, say: OnBroken | None) -> None:
    def waits(process: str) -> None:
        if say is not None:
            say(EdgeError(EdgeRefusal.STATE_WAITS, path=str(path), process=process))

    try:
        file_lock.take(lock, waits=waits)
    except file_lock.Held as held:
        lock.close()
        if not held.process:
            raise EdgeError(EdgeRefusal.STATE_IN_USE, path=str(path)) from held
        code = EdgeRefusal.STATE_LEFT if held.ended else EdgeRefusal.STATE_IN_USE_BY
        raise EdgeError(code, path=str(path), process=held.process) from held
    except OSError as error:
        with contextlib.suppress(OSError):
            lock.close()  # tries to write again
        raise EdgeError(EdgeRefusal.STATE_UNUSABLE, path=str(path), detail=detail_of(error)) from error


def sync_directory(path: Path) -> None:
    """The names in it survive a power cut."""
    directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
