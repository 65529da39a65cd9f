"""Exceptions that nobody expected: each is one entry of the log, with its traceback, under an id that may be shown.

An answer, a scenario's run or a line on the terminal names the id; whoever runs the lab finds the traceback by it.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import secrets
import sys
import threading
from types import TracebackType
from typing import Any

from nbtwin.engine import MINUTE

_EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


def log_defect(logger: logging.Logger, doing: str, error: BaseException) -> str:
    """The id of the entry."""
    entry = secrets.token_hex(4)
    logger.error("error %s: %s", entry, doing, exc_info=error, extra={"fields": {"entry": entry}})
    return entry


def install(logger: logging.Logger, loop: asyncio.AbstractEventLoop | None = None) -> None:
    """Log what reaches the top of a thread, of the program, and of ``loop``; elsewhere it would be a bare traceback."""

    def of_thread(failed: threading.ExceptHookArgs) -> None:
        if failed.exc_value is not None:
            log_defect(logger, f"in thread {failed.thread.name if failed.thread else '?'}", failed.exc_value)

    def of_program(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if isinstance(error, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
        else:
            log_defect(logger, "nbtwin ends", error)

    threading.excepthook, sys.excepthook = of_thread, of_program
    if loop is not None:
        loop.set_exception_handler(_LoopHandler(logger))


class _LoopHandler:
    """asyncio tells each connection that it could not accept for want of descriptors: that is one line a minute."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self._exhausted_until = float("-inf")

    def __call__(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, OSError) and error.errno in _EXHAUSTED:
            if loop.time() >= self._exhausted_until:
                self._exhausted_until = loop.time() + MINUTE
                self._logger.error("connections wait: %s", error.strerror)
            return
        _of_loop(self._logger, context)


def _of_loop(logger: logging.Logger, context: dict[str, Any]) -> None:
    """asyncio's own sentence says what was going on; without an exception that is all there is."""
    doing, error = str(context.get("message", "event loop")), context.get("exception")
    if isinstance(error, BaseException):
        log_defect(logger, doing, error)
    else:
        logger.error("%s", doing)
