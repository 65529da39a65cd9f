"""What a lab and its workers say to each other: what a worker is for, and what is asked of it, as MessagePack.

A worker writes `READY` into its pipe when it answers; the pipe's end is its own. On the other socket the lab asks and
the worker answers, one packet each, in turn. Datagrams that belong to another worker go to that one's socket directly.
"""

from __future__ import annotations

import asyncio
import signal
import struct
from typing import Any

import msgspec

from nbtwin.engine import Seconds
from nbtwin.operators.store.database import Durability

READY = b"ready\n"
ENDING = frozenset(signal.Signals) & {getattr(signal, name, None) for name in ("SIGINT", "SIGTERM", "SIGHUP")}
"""What ends a lab, and no worker: who ends the lab ends those. Windows, which has no workers, has no SIGHUP."""
LONGEST = 1 << 17
"""Bytes of one packet."""


class Served(msgspec.Struct):
    """One platform: its operator, and a socket for each of its ports, all of them open in the worker."""

    operator: str
    addresses: list[tuple[str, int]]
    sockets: list[int]


class Task(msgspec.Struct):
    """What a worker is for."""

    process: int
    processes: int
    served: list[Served]
    database: str
    state: str
    journal: int
    durability: Durability
    seed: int
    epoch: Seconds  # the lab's time when `time.monotonic` was 0: all processes have one clock (D206)
    strict: list[str]
    advertise: str | None
    packages_at: str  # where devices fetch over HTTP: the lab's own listener; "" for nowhere
    asked: int  # the socket on which it is asked
    life: int  # the pipe that ends with it
    mine: int  # the socket from which it takes what others hand to it
    others: list[int]  # theirs, in the order of the processes
    log_level: int
    node: str  # of several over one database; "": this lab has it alone
    told: int  # the socket on which a node's worker tells what it has committed; -1 where it has a journal
    log_format: str  # the class of the lab's formatter, "module:name"; "" where it has none


class Asked(msgspec.Struct):
    number: int  # 0: no answer is wanted
    verb: str
    platform: str = ""
    arguments: list[Any] = []
    named: dict[str, Any] = {}


class Told(msgspec.Struct):
    number: int
    result: Any = None
    code: str | None = None  # of the platform's refusal
    fields: dict[str, Any] = {}


class WorkerState(msgspec.Struct, array_like=True):
    """Of a node's worker: how it stands with the database."""

    held: int = 0  # events and datagrams that wait for a commit
    code: str | None = None  # of a StoreError: why nothing can be committed
    where: str = ""
    fields: dict[str, Any] = {}


class HandedOn(msgspec.Struct, array_like=True):
    """A datagram as it came, and to which of the ports."""

    port: int
    host: str
    source: int
    data: bytes


encode = msgspec.msgpack.encode
_LENGTH = struct.Struct(">I")


def framed(kind: str, what: Any) -> bytes:
    """On a stream: the length of the rest, its kind, and what it is."""
    body = encode([kind, what])
    return _LENGTH.pack(len(body)) + body


async def unframed(stream: asyncio.StreamReader) -> tuple[str, bytes]:
    """The next one's kind, and what it is, encoded. IncompleteReadError at the end."""
    (length,) = _LENGTH.unpack(await stream.readexactly(_LENGTH.size))
    kind, what = msgspec.msgpack.decode(await stream.readexactly(length), type=tuple[str, msgspec.Raw])
    return kind, bytes(what)


task_in = msgspec.json.Decoder(Task).decode
asked_in = msgspec.msgpack.Decoder(Asked).decode
told_in = msgspec.msgpack.Decoder(Told).decode
state_in = msgspec.msgpack.Decoder(WorkerState).decode
handed_on_in = msgspec.msgpack.Decoder(HandedOn).decode
