"""What a family's sockets have room for, and what ends them. Types only; the data is in `profiles`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


def announce_nothing(module: Any, event: Any) -> None:
    """Of a family whose hosts open no sockets."""


@dataclass(frozen=True)
class InternetDialect:
    """One field for each thing in which the families' sockets differ below their commands."""

    sockets: int = 7
    first_socket: int = 0  # their numbers begin here
    longest_data: int = 1358  # bytes of one datagram, of one command's data, and of one read
    receive_buffer: int = 4096  # bytes that wait to be read: a datagram too many is dropped, a stream's sender waits
    send_buffer: int = 8192  # bytes of a stream that wait to be sent
    survive_deep_sleep: bool = True  # sockets are there after deep sleep; else it closes them
