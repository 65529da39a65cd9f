"""Which of several processes a datagram is for, by what it says itself (D205).

Knows the first bytes of CoAP messages and DTLS records, and who sent what was handed on lately; must not know sockets,
nor what any message means.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from nbtwin.coap.bounded import make_room
from nbtwin.coap.numbers import OptionNumber
from nbtwin.dtls.settings import ServerSettings
from nbtwin.engine import Address, Datagram

MOST = 64
"""Processes: each byte value names one of them."""
ADDRESSES = 100_000
"""Senders that are remembered, because their device's process is another one."""

_NAMES = (32, 40, 48)
"""Bits: a token of the endpoint, the location of a registration, a token of the LwM2M server."""
_CID_LENGTH = ServerSettings().cid_length
_CID_AT = 11
"""Type, version, epoch and sequence number come before it (RFC 9146 4)."""
_TLS12_CID = 25
_URI_PATH = int(OptionNumber.URI_PATH)


class MarkedRandom(random.Random):
    """Of one process of several: names that are drawn begin with a byte of its own, everything else is by chance."""

    def __init__(self, seed: str, process: int, processes: int) -> None:
        super().__init__(seed)
        self._process, self._processes = process, processes

    def getrandbits(self, k: int) -> int:
        drawn = super().getrandbits(k)
        if k not in _NAMES or self._processes == 1:
            return drawn
        rest = k - 8
        return self._marked(drawn >> rest) << rest | drawn & (1 << rest) - 1

    def randbytes(self, n: int) -> bytes:
        drawn = super().getrandbits(n * 8).to_bytes(n, "big")
        if n != _CID_LENGTH or self._processes == 1:
            return drawn
        return bytes((self._marked(drawn[0]),)) + drawn[1:]

    def _marked(self, first: int) -> int:
        """The byte nearest below that names this process, or the lowest one that does."""
        marked = first - first % self._processes + self._process
        return marked if marked < 256 else marked - self._processes


def process_of(location: str, processes: int) -> int:
    """Of a registration, by the last segment of its path; 0 of one without."""
    return _of_location(location.rpartition("/")[2].encode(), processes, 0)


def _of_location(segment: bytes, processes: int, otherwise: int) -> int:
    try:
        return int(segment[:2], 16) % processes
    except ValueError:
        return otherwise


class Router:
    """Of one process. ``here`` gives what is for it, ``elsewhere`` what has to be handed on."""

    def __init__(self, process: int, processes: int) -> None:
        self._process, self._processes = process, processes
        self._lately: dict[Address, int] = {}
        self.handed_on = 0
        """Datagrams that were for another process."""

    def sort(self, batch: Sequence[Datagram], *, secure: bool) -> tuple[list[Datagram], list[tuple[int, Datagram]]]:
        """What is for this process, and what for which other one."""
        mine: list[Datagram] = []
        others: list[tuple[int, Datagram]] = []
        for datagram in batch:
            source, data = datagram
            process = self._of_record(data) if secure else self._of_message(source, data)
            if process == self._process:
                mine.append(datagram)
            elif process is not None:
                others.append((process, datagram))
            else:  # an empty message names only a message ID: to whoever does not know it, it means nothing
                mine.append(datagram)
                others += [(each, datagram) for each in range(self._processes) if each != self._process]
        self.handed_on += len(others)
        return mine, others

    def _of_record(self, data: bytes) -> int:
        if len(data) > _CID_AT and data[0] == _TLS12_CID:
            return data[_CID_AT] % self._processes
        return self._process

    def _of_message(self, source: Address, data: bytes) -> int | None:
        """None: of all of them."""
        if len(data) < 4 or data[0] >> 6 != 1:
            return self._process
        token, code = data[0] & 15, data[1]
        if code == 0:
            is_answer = data[0] >> 4 & 3 in (2, 3)  # ACK, RST
            return None if is_answer else self._process
        if code >> 5:
            return data[4] % self._processes if token and len(data) > 4 else self._process
        path = path_of(data, 4 + token)
        if path[:1] != [b"rd"]:
            return self._lately.get(source, self._process)
        if len(path) == 1:  # a registration: from now on this address is the kernel's to give
            self._lately.pop(source, None)
            return self._process
        process = _of_location(path[1], self._processes, self._process)
        if process == self._process:
            self._lately.pop(source, None)
        elif source not in self._lately:
            make_room(self._lately, ADDRESSES)
            self._lately[source] = process
        return process


def path_of(data: bytes, at: int) -> list[bytes]:
    """The first two segments of Uri-Path, in the options that begin there; what cannot be read has none."""
    number, end, path = 0, len(data), list[bytes]()
    while at < end and data[at] != 0xFF and len(path) < 2:
        delta, length = data[at] >> 4, data[at] & 15
        at += 1
        if delta > 12 or length > 14 or (length == 14 and at + 1 >= end) or (length == 13 and at >= end):
            return path  # only later options have such deltas
        if length == 13:
            length, at = data[at] + 13, at + 1
        elif length == 14:
            length, at = (data[at] << 8 | data[at + 1]) + 269, at + 2
        number += delta
        if number > _URI_PATH:
            return path
        if number == _URI_PATH:
            path.append(data[at : at + length])
        at += length
    return path
