"""Whether a host has a PTY open: Linux tells with inotify. Knows file descriptors; knows no module.

Without it a module would talk into the PTY's buffer while nobody listens, and the next host would read old news; a real
serial line forgets. Where inotify is missing the host counts as always there.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import struct
from collections.abc import Callable

_IN_CLOSE, _IN_OPEN = 0x18, 0x20  # inotify(7): IN_CLOSE_WRITE | IN_CLOSE_NOWRITE, IN_OPEN
_IN_IGNORED = 0x8000
_HEAD = struct.Struct("iIII")


class PtyWatcher:
    """Counts who opens and closes a path from now on; ``on_open`` is called soon after each opening."""

    def __init__(self, path: str, on_open: Callable[[], None]) -> None:
        self._on_open = on_open
        self._fd = _watch(path)
        self._opens = 0
        if self._fd >= 0:
            asyncio.get_running_loop().add_reader(self._fd, self.refresh)

    @property
    def anybody(self) -> bool:
        self.refresh()
        return self._opens > 0 or self._fd < 0

    @property
    def sees(self) -> bool:
        return self._fd >= 0

    def refresh(self) -> None:
        try:
            news = os.read(self._fd, 4096) if self._fd >= 0 else b""
        except BlockingIOError:
            return
        while news:
            _, mask, _, length = _HEAD.unpack_from(news)
            news = news[_HEAD.size + length :]
            self._opens += bool(mask & _IN_OPEN) - bool(mask & _IN_CLOSE)
            if mask & _IN_OPEN:
                asyncio.get_running_loop().call_soon(self._on_open)  # not now: the module may be speaking

    def close(self) -> None:
        if self._fd >= 0:
            asyncio.get_running_loop().remove_reader(self._fd)
            os.close(self._fd)
            self._fd = -1


def _watch(path: str) -> int:
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        fd = int(libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC))
        if fd >= 0 and libc.inotify_add_watch(fd, os.fsencode(path), _IN_OPEN | _IN_CLOSE) < 0:
            os.close(fd)
            fd = -1
    except (AttributeError, OSError):
        return -1
    return fd
