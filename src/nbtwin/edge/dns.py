"""Asks a real name server for the addresses of a name, over UDP (RFC 1035, RFC 2181): the resolver of a live lab.

Knows one question (class IN, type A), sockets and the loop; knows no module. A server that recurses is expected: what
follows from an alias is in the same answer.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
import struct
from collections.abc import Callable, Sequence
from contextlib import suppress

from nbtwin.engine import Address, Seconds
from nbtwin.lab.link import ServerAnswer
from nbtwin.timeline.facts import LookupRefusal

TRIES, WAIT = 3, 2.0
"""The question is asked so often, and the answer waited for so many seconds each time."""
_LARGEST = 4096
_NO_ERROR, _NO_SUCH_NAME = 0, 3
_A, _IN = 1, 1
_RESPONSE, _RECURSION, _RCODE, _POINTER = 0x8000, 0x0100, 0x000F, 0xC0


class NameClient:
    """On the event loop, until it is closed."""

    def __init__(self, loop: asyncio.AbstractEventLoop, wait: Seconds = WAIT) -> None:
        self._loop, self._wait = loop, wait
        self._queries: set[_Query] = set()

    def ask(self, servers: Sequence[Address], name: str, answered: Callable[[ServerAnswer], object]) -> None:
        """One of the servers, the next where that fails or says nothing. ``answered`` is called once, later, unless
        the client is closed before."""
        question = question_of(name)
        if question is None:
            self._loop.call_soon(answered, ServerAnswer(refusal=LookupRefusal.UNKNOWN_NAME))
            return

        def ended(answer: ServerAnswer) -> None:
            self._queries.discard(query)
            if servers[1:] and not answer.hosts and answer.refusal is not LookupRefusal.UNKNOWN_NAME:
                self.ask(servers[1:], name, answered)
            else:
                answered(answer)

        query = _Query(self._loop, servers[0], question, self._wait, ended)
        self._queries.add(query)
        query.ask()

    def close(self) -> None:
        for query in self._queries:
            query.close()
        self._queries.clear()


class _Query:
    """One question that is under way, from a port and under a number that nobody can guess (RFC 5452)."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        server: Address,
        question: bytes,
        wait: Seconds,
        ended: Callable[[ServerAnswer], object],
    ) -> None:
        self._loop, self._server, self._ended = loop, server, ended
        self._question = question
        self._number = secrets.randbelow(0x10000)
        self._left, self._wait = TRIES, wait
        self._timer: asyncio.TimerHandle | None = None
        self._socket = socket.socket(socket.AF_INET6 if ":" in server[0] else socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)

    def ask(self) -> None:
        try:
            self._socket.connect(self._server)
        except OSError:
            self._left = 0
        else:
            self._loop.add_reader(self._socket, self._read)
        self._send()

    def _send(self) -> None:
        if not self._left:
            self._end(ServerAnswer(refusal=LookupRefusal.NO_ANSWER))
            return
        self._left -= 1
        with suppress(OSError):  # what does not leave is asked again in its time
            self._socket.send(struct.pack("!6H", self._number, _RECURSION, 1, 0, 0, 0) + self._question)
        self._timer = self._loop.call_later(self._wait, self._send)

    def _read(self) -> None:
        try:
            data = self._socket.recv(_LARGEST)
        except ConnectionRefusedError:  # nobody is there
            self._end(ServerAnswer(refusal=LookupRefusal.NO_ANSWER))
            return
        except OSError:
            return
        answer = answer_in(data, self._number, self._question)
        if answer is not None:
            self._end(answer)

    def _end(self, answer: ServerAnswer) -> None:
        self.close()
        self._loop.call_soon(self._ended, answer)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._socket.fileno() >= 0:
            self._loop.remove_reader(self._socket)
            self._socket.close()


def question_of(name: str) -> bytes | None:
    """The question section; None for what is no name (RFC 1035 2.3.4: labels of 1 to 63 octets, 255 in all)."""
    try:
        labels = name.rstrip(".").encode("ascii").split(b".")
    except UnicodeEncodeError:
        return None
    if not all(0 < len(label) < 64 for label in labels) or sum(map(len, labels)) + len(labels) > 254:
        return None
    return b"".join(bytes((len(label),)) + label for label in labels) + b"\0" + struct.pack("!2H", _A, _IN)


def answer_in(data: bytes, number: int, question: bytes) -> ServerAnswer | None:
    """None for what is no answer to this question, or no message of DNS at all."""
    try:
        told, flags, questions, answers = struct.unpack_from("!4H", data)
        asked = data[12 : 12 + len(question)].lower() == question.lower()
        if told != number or not flags & _RESPONSE or questions != 1 or not asked:
            return None
        if flags & _RCODE == _NO_SUCH_NAME:
            return ServerAnswer(refusal=LookupRefusal.UNKNOWN_NAME)
        if flags & _RCODE != _NO_ERROR:
            return ServerAnswer(refusal=LookupRefusal.SERVER_FAILED)
        hosts, kept = _addresses(data, 12 + len(question), answers)
    except (struct.error, IndexError, ValueError):
        return None
    return ServerAnswer(hosts, kept) if hosts else ServerAnswer(refusal=LookupRefusal.UNKNOWN_NAME)


def _addresses(data: bytes, at: int, records: int) -> tuple[tuple[str, ...], int]:
    """All addresses, in their order, and for how many seconds all of what led to them holds."""
    hosts, kept = [], []
    for _ in range(records):
        at = _behind_name(data, at)
        kind, where, ttl, length = struct.unpack_from("!2HIH", data, at)
        at += 10
        if at + length > len(data):
            raise ValueError("a record is longer than the message")
        kept.append(ttl if ttl < 0x80000000 else 0)  # RFC 2181 8
        if (kind, where, length) == (_A, _IN, 4):
            hosts.append(".".join(map(str, data[at : at + 4])))
        at += length
    return tuple(hosts), min(kept, default=0)


def _behind_name(data: bytes, at: int) -> int:
    """Names may end with a pointer (RFC 1035 4.1.4); where it points does not matter."""
    while (length := data[at]) and length < _POINTER:
        at += 1 + length
    return at + (2 if length >= _POINTER else 1)
