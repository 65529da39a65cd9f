"""What a datagram names that another member may have: it waits here until this one has it, or nobody has (D217).

A location, a key's name in the last flight of a handshake, or where a device speaks from. What is asked of the database
is asked for everything that waits, at once, beside the loop. When that fails what waits is dropped, as if it had been
lost on its way: devices repeat.

Knows the first bytes of CoAP messages and of DTLS records; must not know a socket, nor what a message means.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import NamedTuple, Protocol

from nbtwin.edge.udp import Batch
from nbtwin.engine import Address
from nbtwin.operators.store.database import StoreError
from nbtwin.operators.store.owners import peer_key
from nbtwin.runtime.workers.routing import path_of

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

    def knows(self, location: str) -> bool: ...

    def client_at(self, peer: Address) -> str | None: ...


class Taking:
    """On the loop. ``take`` asks the database, and gives the engines what it found; ``hand_over`` goes on with it."""

    def __init__(
        self, take: Callable[[set[str], set[str]], Awaitable[object]], hand_over: Callable[[Address, Batch], object]
    ) -> None:
        self._take, self._hand_over = take, hand_over
        self._held: list[tuple[Address, Address, bytes]] = []
        self._wanted: set[Wanted] = set()
        self._sources: set[Address] = set()
        self._running: asyncio.Task[None] | None = None
        self.dropped = 0

    def admit(self, local: Address, batch: Batch, known: Known, *, secure: bool) -> Batch:
        """What of it need not wait."""
        passed: Batch = []
        for source, data in batch:
            wanted = _behind_dtls(data) if secure else _plain(source, data, known)
            if wanted is None and source not in self._sources:
                passed.append((source, data))
            elif len(self._held) >= HELD_AT_MOST:
                self.dropped += 1
            else:
                self._held.append((local, source, data))
                self._sources.add(source)
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
                self._sources = set()
                locations = {each.location for each in wanted if each.location}
                peers = {each.peer for each in wanted if each.peer}
                try:
                    await self._take(locations, peers)
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
        return None if known.knows(location) else Wanted(location=location)
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
