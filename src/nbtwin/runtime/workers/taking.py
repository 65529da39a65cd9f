"""What a datagram names that another member may have: it waits here until this one has it, or nobody has (D217).

A location, a key's name in the last flight of a handshake, or where a device speaks from. What is asked of the database
is asked for everything that waits, at once, beside the loop. When that fails what waits is dropped, as if it had been
lost on its way: devices repeat.

While this member is not told which of its devices others take (the broker is away), also what names one that is here
waits until the database has said whether it is still here (D204): else the device would be spoken to upon an old copy,
and what waits for it would be sent a second time. Not behind DTLS, where only a handshake names somebody.

Knows the first bytes of CoAP messages and of DTLS records; must not know a socket, nor what a message means.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple, Protocol

from nbtwin.coap.message import decode
from nbtwin.edge.udp import Batch
from nbtwin.engine import Address, DecodeError
from nbtwin.operators.store.database import StoreError
from nbtwin.operators.store.owners import peer_key
from nbtwin.runtime.workers.routing import path_of
from nbtwin.selfreg.cmdmp import SEPARATOR

HELD_AT_MOST = 10_000
"""Datagrams; what comes beyond them is dropped."""
_WITHOUT_REGISTRATION = (b"bs", b".well-known", b"rd")
_NAMED = b"ep="
_HANDSHAKE, _CLIENT_KEY_EXCHANGE = 22, 16
_RECORD_HEAD, _MESSAGE_HEAD = 13, 12


class Wanted(NamedTuple):
    """What is looked for; a field is empty where the datagram does not name it."""

    location: str = ""
    peer: str = ""


class Known(Protocol):
    """Of an LwM2M server: who is here."""

    def client_under(self, location: str) -> str | None: ...

    def client_at(self, peer: Address) -> str | None: ...


class Taker(Protocol):
    """Asks the database, and gives the engines what it found. StoreError."""

    @property
    def doubts(self) -> bool:
        """Whether what is in memory here may be old."""

    async def take(self, locations: Iterable[str], peers: Iterable[str]) -> None: ...

    async def look_up(self, devices: Collection[str]) -> None:
        """Of those in memory here: take anew what is not here any more."""


class Taking:
    """On the loop. ``hand_over`` goes on with what has waited."""

    def __init__(self, taker: Taker, hand_over: Callable[[Address, Batch], object]) -> None:
        self._taker, self._hand_over = taker, hand_over
        self._held: list[tuple[Address, Address, bytes]] = []
        self._wanted: set[Wanted] = set()
        self._doubted: set[str] = set()  # devices
        self._sources: set[Address] = set()
        self._running: asyncio.Task[None] | None = None
        self.dropped = 0

    def admit(self, local: Address, batch: Batch, platform: str, known: Known, *, secure: bool) -> Batch:
        """What of it need not wait."""
        passed: Batch = []
        doubts = self._taker.doubts and not secure
        for source, data in batch:
            wanted = _behind_dtls(data) if secure else _plain(source, data, known)
            doubted = _named(source, data, known) if doubts and wanted is None else []
            if wanted is None and not doubted and source not in self._sources:
                passed.append((source, data))
            elif len(self._held) >= HELD_AT_MOST:
                self.dropped += 1
            else:
                self._held.append((local, source, data))
                self._sources.add(source)
                self._doubted.update(f"{platform}:{client}" for client in doubted)
                if wanted is not None:
                    self._wanted.add(wanted)
        if self._held and self._running is None:
            self._running = asyncio.get_running_loop().create_task(self._run())
        return passed

    async def _run(self) -> None:
        try:
            while self._held:
                held, self._held = self._held, []
                wanted, self._wanted = self._wanted, set()
                doubted, self._doubted = self._doubted, set()
                self._sources = set()
                locations = {each.location for each in wanted if each.location}
                peers = {each.peer for each in wanted if each.peer}
                try:
                    if doubted:
                        await self._taker.look_up(doubted)
                    if wanted:
                        await self._taker.take(locations, peers)
                except StoreError:
                    self.dropped += len(held)
                    continue
                for local, source, data in held:
                    self._hand_over(local, [(source, data)])
        finally:
            self._running = None

    async def close(self) -> None:
        if self._running is not None:
            self._running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._running


def _plain(source: Address, data: bytes, known: Known) -> Wanted | None:
    if len(data) < 4 or data[0] >> 6 != 1:
        return None
    if not data[1] or data[1] >> 5:  # an answer to what another member has asked, which does not get it: ask from here
        return None if known.client_at(source) is not None else Wanted(peer=peer_key(source))
    path = path_of(data, 4 + (data[0] & 15))
    if len(path) == 2 and path[0] == b"rd":
        location = path[1].decode(errors="replace")
        return None if known.client_under(location) is not None else Wanted(location=location)
    if not path or path[0] in _WITHOUT_REGISTRATION:
        return None
    client = known.client_at(source)
    if client is not None and (_NAMED not in data or _names(data, client)):
        return None  # else it names another one, who has this address now
    return Wanted(peer=peer_key(source))


def _names(data: bytes, client: str) -> bool:
    """Whether an option is this name and no more: its length stands before it (RFC 7252 3.1)."""
    option = _NAMED + client.encode()
    at, length = data.find(option), len(option)
    if at < 1:
        return False
    return data[at - 1] & 15 == length if length < 13 else data[at - 1] == length - 13 & 0xFF


def _named(source: Address, data: bytes, known: Known) -> list[str]:
    """Whom it may name of the clients that are here."""
    if len(data) < 4 or data[0] >> 6 != 1:
        return []
    path = path_of(data, 4 + (data[0] & 15)) if data[1] and not data[1] >> 5 else []
    if path == [b"rd"]:
        return _names_in(data)
    client = known.client_under(path[1].decode(errors="replace")) if len(path) == 2 and path[0] == b"rd" else None
    client = client or known.client_at(source)
    return [] if client is None else [client]


def _names_in(data: bytes) -> list[str]:
    """The endpoint client name, and of CMDMP's its parts, of which one is the IMEI."""
    try:
        queries = decode(data).query
    except DecodeError:
        return []
    name = next((each[3:] for each in queries if each.startswith("ep=")), "")
    return [part for part in {name, *name.split(SEPARATOR)} if part]


def _behind_dtls(data: bytes) -> Wanted | None:
    """The key's name (RFC 4279 2) is in the clear in a handshake: whoever has the key comes next."""
    at = 0
    while (
        len(data) >= at + _RECORD_HEAD + _MESSAGE_HEAD + 2 and data[at] == _HANDSHAKE and not any(data[at + 3 : at + 5])
    ):
        length, message = int.from_bytes(data[at + 11 : at + 13], "big"), at + _RECORD_HEAD
        if data[message] == _CLIENT_KEY_EXCHANGE:
            name = message + _MESSAGE_HEAD + 2
            size = int.from_bytes(data[name - 2 : name], "big")
            identity = data[name : name + size].decode(errors="replace")
            return Wanted(peer=peer_key(("", 0), identity)) if identity else None
        at = message + length
    return None
