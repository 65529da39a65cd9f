"""A module that is a recording: it answers what it answered then.

Three ways. *Strict*: the host sends what was sent, byte for byte and in that order; with the first other byte the
module falls silent, and says what was expected. *Relaxed*: commands in any order and number; each gets the answers that
it got then, one after the other, and the last one again; one that was never sent gets ERROR. What came by itself comes
with the command before it. *Answers*: as relaxed, at once, and nothing comes by itself.

What was hidden in the recording matches whatever the host sends in its place, of any length; where the module repeats
it (an echo, a setting read back), it repeats what the host has sent.
"""

from __future__ import annotations

import heapq
import re
from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from itertools import count
from typing import NamedTuple, TypeAlias

from nbtwin.engine import Deadline, Reason, Seconds
from nbtwin.recording.exchanges import Exchange, Part, answer_end, exchanges_of
from nbtwin.recording.file import Bytes, Recording, Sender, Span

_ERROR = b"\r\nERROR\r\n"
_LONGEST_LINE = 8192


class Matching(StrEnum):
    STRICT = "strict"
    RELAXED = "relaxed"
    ANSWERS = "answers"


class ReplayReason(Reason):
    """What a replay waits for."""

    SAYING = "replay-saying"


@dataclass(frozen=True, slots=True)
class Deviated:
    """Strict: the host's ``number``-th line is another one than then. The module is silent from now on."""

    number: int
    expected: str
    sent: str


@dataclass(frozen=True, slots=True)
class SentBeyond:
    """Strict: the recording has ended, the host goes on."""

    sent: str


@dataclass(frozen=True, slots=True)
class CommandUnknown:
    """Relaxed: the recording has no such command; ERROR was answered."""

    sent: str


@dataclass(frozen=True, slots=True)
class RecordingEnded:
    """Everything has been sent and said."""


ReplayEvent: TypeAlias = Deviated | SentBeyond | CommandUnknown | RecordingEnded


class _Due(NamedTuple):
    at: Seconds
    number: int
    data: bytes
    is_answer: bool


class Replay:
    """Sans-I/O. ``speed``: how many seconds of the recording pass in one."""

    def __init__(self, recording: Recording, matching: Matching = Matching.STRICT, *, speed: float = 1.0) -> None:
        self._matching, self._speed = matching, speed
        self._entries = deque(recording.pieces)
        self._before, self._exchanges = exchanges_of(recording)
        self._out = bytearray()
        self._events: list[ReplayEvent] = []
        self._due: list[_Due] = []
        self._numbers = count()
        self._lives: dict[bytes, bytes] = {}
        self._lines = 0
        self._matched_line = b""  # strict: what has come of the present line
        self._since: Seconds = 0.0  # in the recording, since when what the module says is counted
        self._partial = bytearray()
        self._silent = self._done = False
        self._used = [False] * len(self._exchanges)
        self._place = 0
        self._open: tuple[Exchange, int] | None = None

    # inputs

    def start(self, now: Seconds) -> None:
        """The first host is there: what came before it sent anything begins."""
        if self._matching is Matching.STRICT:
            self._schedule(now)
        elif self._matching is Matching.RELAXED:
            self._say(now, self._before, self._before[0].at if self._before else 0.0)
        self.handle_timer(now)

    def handle_bytes(self, now: Seconds, data: bytes) -> None:
        """From the host."""
        if self._matching is Matching.STRICT:
            self._follow(now, data)
        else:
            self._partial += data
            self._read_lines(now)
        self.handle_timer(now)

    def handle_timer(self, now: Seconds) -> None:
        while self._due and self._due[0].at <= now:
            self._out += heapq.heappop(self._due).data
        if self._matching is Matching.STRICT and not self._entries and not self._due and not self._done:
            self._done = True
            if not self._silent:
                self._events.append(RecordingEnded())

    # outputs

    def bytes_to_send(self) -> bytes:
        data = bytes(self._out)
        self._out.clear()
        return data

    def events(self) -> list[ReplayEvent]:
        events, self._events = self._events, []
        return events

    def next_deadline(self) -> Deadline | None:
        return Deadline(self._due[0].at, ReplayReason.SAYING) if self._due else None

    # strict

    def _schedule(self, now: Seconds) -> None:
        """What the module said until the host's next byte, at its distance from the host's last one."""
        while self._entries and self._entries[0].sender is Sender.MODULE:
            piece = self._entries.popleft()
            at = now + max(0.0, piece.at - self._since) / self._speed
            self._put(at, self._as_now(piece))

    def _put(self, at: Seconds, data: bytes, *, is_answer: bool = True) -> None:
        heapq.heappush(self._due, _Due(at, next(self._numbers), data, is_answer))

    def _follow(self, now: Seconds, data: bytes) -> None:
        self._partial += data
        while self._partial and not self._silent:
            if self._due and self._entries:  # the host goes on before all was said: nothing is lost, order is kept
                self._flush()
            if not self._entries:
                self._events.append(SentBeyond(_shown(bytes(self._partial))))
                self._silent = True
                return
            used = self._matched(self._entries[0])
            if used is None:
                self._deviate()
            elif used < 0:
                return  # not all of it has come
            else:
                piece = self._entries.popleft()
                self._lines += piece.data.count(b"\r")
                self._matched_line = (self._matched_line + bytes(self._partial[:used])).rpartition(b"\r")[2]
                del self._partial[:used]
                self._since = piece.at
                self._schedule(now)

    def _flush(self) -> None:
        """Answers that are still due come at once."""
        for due in sorted(self._due):
            if due.is_answer:
                self._out += due.data
        self._due = [due for due in self._due if not due.is_answer]
        heapq.heapify(self._due)

    def _matched(self, piece: Bytes) -> int | None:
        """How many of the host's bytes this piece is; -1 while it may become so, None when it cannot."""
        position = at = 0
        for begin, length in (*piece.hidden, (len(piece.data), 0)):
            literal = piece.data[at:begin]
            got = bytes(self._partial[position : position + len(literal)])
            if literal[: len(got)] != got:
                return None
            position += len(literal)
            if len(got) < len(literal):
                return -1
            at = begin + length
            if length:
                end = self._end_of_hidden(piece.data[at : at + 1], position, length)
                if end < 0:
                    return -1
                self._learn(piece.data[begin:at], bytes(self._partial[position:end]))
                position = end
        return position

    def _end_of_hidden(self, behind: bytes, position: int, length: int) -> int:
        """Up to what stood behind it; as long as it was, when nothing did: the host's own may be longer."""
        if behind:
            return self._partial.find(behind, position)
        return position + length if len(self._partial) >= position + length else -1

    def _deviate(self) -> None:
        expected = b"".join(piece.data for piece in list(self._entries)[:64] if piece.sender is Sender.HOST)
        expected, sent = self._matched_line + expected.partition(b"\r")[0], self._matched_line + self._partial
        self._events.append(Deviated(self._lines + 1, _shown(expected), _shown(sent.partition(b"\r")[0])))
        self._silent = True
        self._due.clear()

    # relaxed

    def _read_lines(self, now: Seconds) -> None:
        while self._partial:
            if self._open is not None and self._take_data(now):
                continue
            if self._open is not None:
                return
            line, end, rest = self._partial.partition(b"\r")
            if not end:
                del self._partial[:-_LONGEST_LINE]
                return
            self._partial = bytearray(rest.removeprefix(b"\n"))
            if line.strip(b"\n "):
                self._answer(now, bytes(line).lstrip(b"\n"))

    def _answer(self, now: Seconds, line: bytes) -> None:
        self._flush()
        number = self._find(line)
        if number is None:
            self._events.append(CommandUnknown(_shown(line)))
            self._out += _ERROR
            return
        self._used[number] = True
        self._place = number + 1
        exchange = self._exchanges[number]
        self._open = (exchange, 1) if len(exchange.parts) > 1 else None
        self._say_part(now, exchange.parts[0])

    def _find(self, line: bytes) -> int | None:
        """The next one that has not been used, from where we are; then any unused one; then the last one again."""
        fits = [number for number, one in enumerate(self._exchanges) if self._is_same(one, line)]
        fresh = [number for number in fits if not self._used[number]]
        later = [number for number in fresh if number >= self._place]
        return next(iter(later or fresh or fits[-1:]), None)

    def _is_same(self, exchange: Exchange, line: bytes) -> bool:
        found = _pattern(exchange.line.rstrip(b"\r\n"), exchange.hidden).fullmatch(_plain(line))
        if found is None:
            return False
        for (begin, length), live in zip(exchange.hidden, found.groups(), strict=True):
            self._learn(exchange.line[begin : begin + length], live)
        return True

    def _take_data(self, now: Seconds) -> bool:
        """Of the open command, as many bytes as there were; ESC ends it early (D22)."""
        assert self._open is not None
        exchange, number = self._open
        part = exchange.parts[number]
        if self._partial[:1] == b"\x1b" and part.sent[:1] != b"\x1b":
            del self._partial[:1]
            self._open = None
            self._flush()
            self._out += _ERROR
            return True
        if len(self._partial) < len(part.sent):
            return False
        del self._partial[: len(part.sent)]
        self._open = (exchange, number + 1) if number + 1 < len(exchange.parts) else None
        self._say_part(now, part)
        return True

    def _say_part(self, now: Seconds, part: Part) -> None:
        if self._matching is Matching.ANSWERS:
            whole = b"".join(self._as_now(piece) for piece in part.said)
            self._out += whole[: answer_end(whole)]
        else:
            self._say(now, part.said, part.at)

    def _say(self, now: Seconds, pieces: list[Bytes], since: Seconds) -> None:
        """At its distances. What comes behind the answer does not wait for it, nor the next answer for that."""
        end, at = answer_end(b"".join(piece.data for piece in pieces)), 0
        for piece in pieces:
            due = now + (piece.at - since) / self._speed
            self._put(due, self._as_now(piece), is_answer=at < end)
            at += len(piece.data)

    # what was hidden

    def _learn(self, hidden: bytes, live: bytes) -> None:
        self._lives[hidden] = live

    def _as_now(self, piece: Bytes) -> bytes:
        data = piece.data
        for begin, length in sorted(piece.hidden, reverse=True):
            was = data[begin : begin + length]
            data = data[:begin] + self._lives.get(was, was) + data[begin + length :]
        return data


def _pattern(line: bytes, hidden: list[Span]) -> re.Pattern[bytes]:
    """A command line as the module understands it: without spaces and case outside quotes."""
    for begin, length in sorted(hidden, reverse=True):
        line = line[:begin] + b"\0" + line[begin + length :]
    return re.compile(rb'([^,";]*)'.join(map(re.escape, _plain(line).split(b"\0"))), re.DOTALL)


def _plain(line: bytes) -> bytes:
    outside = line.split(b'"')
    return b'"'.join(part if number % 2 else part.replace(b" ", b"").upper() for number, part in enumerate(outside))


def _shown(data: bytes) -> str:
    """For a line of text."""
    return data.rstrip(b"\r\n").decode("latin-1").encode("unicode_escape").decode("ascii")
