"""Standard output and standard error of a command: what becomes of it when nobody reads any more, when the disk is
full, when one of them is closed.

A reader that has left (`| head -1`) ends the command in silence, with the status that a shell gives whom SIGPIPE ended.
Anything else that cannot be written is one line on standard error and exit status 1. The end is a `SystemExit`: no
handler of `OSError` mistakes it for trouble of its own, and a lab that runs is closed as by Ctrl-C.
"""

from __future__ import annotations

import errno
import io
import os
import select
import stat
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TextIO

from nbtwin.cli.refusals import CliRefusal

if TYPE_CHECKING:
    import asyncio

PIPE_LEFT = 128 + 13
"""As a shell shows the death of SIGPIPE (signal 13)."""
_OUT, _ERR = 1, 2


class OutputEnded(SystemExit):
    """Nothing more can be printed."""

    def __init__(self, status: int) -> None:
        super().__init__(status)


class WholeFile(io.FileIO):
    """Without a buffer, of which nobody has to wait for the lock; what is written is written whole."""

    def write(self, data: Any, /) -> int:
        rest = memoryview(data).cast("B")
        size = rest.nbytes
        while rest:
            if (written := super().write(rest)) is None:  # somebody has made it one that does not wait
                select.select((), (self,), ())
            rest = rest[written or 0 :]
        return size


class _Descriptor(WholeFile):
    """A descriptor that fails once: what is left in buffers then goes nowhere, so that the end is quiet."""

    def __init__(self, number: int, when_failed: Callable[[OSError], None]) -> None:
        super().__init__(number, "wb", closefd=False)
        self._when_failed = when_failed
        self._failed = False

    def write(self, data: Any, /) -> int:
        if not self._failed:
            try:
                return super().write(data)
            except OSError as error:
                self._failed = True
                self._when_failed(error)
        return memoryview(data).nbytes


def install() -> None:
    """For the rest of the process; where something else stands in for the streams already, it stays."""
    present = [sys.stdin, sys.stdout, sys.stderr]
    for number, stream in enumerate(present):
        if stream is None:  # closed: no file that is opened later may get the number, and be taken for the stream
            _occupy(number)
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115 - as long as the process
    if sys.stdout is sys.__stdout__:
        sys.stdout = _stream(_OUT, sys.stdout, _output_failed)
    if sys.stderr is sys.__stderr__:
        sys.stderr = _stream(_ERR, sys.stderr, lambda error: None)  # nowhere is left to say it


def _occupy(number: int) -> None:
    opened = os.open(os.devnull, os.O_RDONLY)  # to be written to it is as good as closed: EBADF
    if opened != number:
        os.dup2(opened, number)
        os.close(opened)


def _stream(number: int, like: TextIO | None, when_failed: Callable[[OSError], None]) -> TextIO:
    """``like``: what the interpreter made of it."""
    at_once = bool(getattr(like, "write_through", False))
    return io.TextIOWrapper(
        io.BufferedWriter(_Descriptor(number, when_failed)),
        encoding=getattr(like, "encoding", None) or "utf-8",
        errors="backslashreplace" if number == _ERR else getattr(like, "errors", None),
        line_buffering=at_once or number == _ERR or os.isatty(number),
        write_through=at_once,
    )


def unbuffered_output() -> TextIO:
    """Standard output for a thread that may stand still within a write: no buffer's lock for which others, and the end
    of the process, would wait. Where something else stands in for it, that."""
    output = sys.stdout
    if not isinstance(getattr(getattr(output, "buffer", None), "raw", None), _Descriptor):
        return output
    output.flush()
    raw = _Descriptor(_OUT, _output_failed)
    return io.TextIOWrapper(raw, encoding=output.encoding, errors=output.errors, write_through=True)


def _output_failed(error: OSError) -> None:
    if error.errno == errno.EPIPE:
        raise OutputEnded(PIPE_LEFT)
    from nbtwin.cli.output import warn
    from nbtwin.foreign import detail_of
    from nbtwin.runtime.errors import Failed

    warn(Failed(CliRefusal.OUTPUT_UNWRITABLE, detail=detail_of(error)))
    raise OutputEnded(1)


def watch_reader(loop: asyncio.AbstractEventLoop, left: Callable[[], object]) -> Callable[[], None]:
    """Call ``left`` when nobody reads standard output any more: who prints nothing would not notice. Returns what ends
    the watch. Only pipes have readers that leave, and only Linux tells."""
    try:
        piped = stat.S_ISFIFO(os.fstat(_OUT).st_mode)
    except OSError:
        piped = False
    if not piped or not hasattr(select, "epoll"):
        return lambda: None
    watch = select.epoll()
    watch.register(_OUT, 0)  # errors are told unasked, and the last reader's leaving is one
    loop.add_reader(watch.fileno(), left)

    def end() -> None:
        loop.remove_reader(watch.fileno())
        watch.close()

    return end
