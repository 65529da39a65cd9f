"""A serial line with seeded faults between a host and a module of a simulated world: what real lines do to a driver.

Unasked lines at every place where a module may say one (before, within and behind an answer, within the echo), twice
now and then; bytes in pieces, each late by a little; answers that are held back; the bytes that a sleeping module
loses; noise before a start. Nothing is lost of what the module says. Knows bytes and lines, no command and no driver.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from nbtwin.engine import Seconds
from nbtwin.lab.nodes import ModuleNode
from nbtwin.lab.world import World

_PIECES = re.compile(rb"\r\n[^\r\n]+(?=\r\n)|\r\n>|\r\n|[^\r]+|\r")
_BANNERS = (b"\r\nNeul", b"\r\nRDY", b"\r\nREBOOT_CAUSE_")
_FINAL = re.compile(rb"\r\n(?:OK|ERROR|\+CME ERROR: [^\r\n]*|REBOOTING)\Z")
_GARBAGE = bytes(byte for byte in range(256) if byte not in b"\r\n>")


@dataclass(frozen=True)
class Faults:
    """How often, each between 0 and 1, and how much."""

    unasked: float = 0.1
    """At each place where a line may stand."""
    twice: float = 0.2
    """Of those."""
    split: float = 0.1
    """At each byte where one comes."""
    delay: Seconds = 0.02
    """Of a piece, at the longest."""
    asleep_after: Seconds = 12.0
    """Of silence on both sides: the first bytes that the host sends are lost then."""
    swallowed: int = 12
    """Of these, at the most."""
    boot_noise: int = 30
    """Bytes before a banner, at the most."""


class NoisyLine:
    """The host's end, as a `host.Transport`. ``said``: what was put in, by line and how often."""

    is_live = False
    baud = None

    def __init__(
        self,
        world: World,
        node: ModuleNode,
        seed: int,
        unasked: Sequence[str],
        alike: Sequence[str] = (),
        faults: Faults | None = None,
    ) -> None:
        """``unasked``: the lines. ``alike``: which of them look just like an answer; they are never put between the
        answer and its OK, where nobody could tell which is which (D142)."""
        self._world, self._node, self.name = world, node, node.name
        self._random = random.Random(seed)
        self._unasked, self._faults = list(unasked), faults or Faults()
        self._coming: list[tuple[Seconds, bytes]] = []
        self._quiet_since: Seconds = world.now
        self._hold: Seconds = 0.0
        self._held_command = b""
        self._asked = b""
        self._alike = frozenset(alike)
        self._takes_data = False
        self.said: Counter[str] = Counter()
        self.swallowed = 0
        """Bytes."""
        self.pieces = 0
        node.sinks.append(self._from_module)

    @property
    def now(self) -> Seconds:
        return self._world.now

    def set_baud(self, baud: int) -> None:
        """The line has the module's speed."""

    def hold(self, command: str, span: Seconds) -> None:
        """The end of the answer to the next such command comes so much later."""
        self._hold, self._held_command = span, command.encode() + b"\r"

    def pull_wake_pin(self) -> None:
        self._world.perform(self._node, self._node.module.wake)

    # from the host

    def write(self, data: bytes) -> None:
        now, faults = self.now, self._faults
        self._asked = data
        if now - self._quiet_since > faults.asleep_after:
            lost = self._random.randint(0, faults.swallowed)
            self.swallowed += len(data[:lost])
            data = data[lost:]
        self._quiet_since = now
        for piece in self._cut(data):
            self._world.serial(self._node, piece)

    # from the module

    def _from_module(self, data: bytes) -> None:
        """What it says at one time, with lines put in where one ends and the next begins."""
        said = bytearray()
        echo = data.find(b"\r\n")
        if echo > 0 and not self._takes_data:
            self._from_module(data[:echo])  # it comes at once, whatever the answer does
            data = data[echo:]
        if data.startswith(_BANNERS):
            said += bytes(self._random.choices(_GARBAGE, k=self._random.randint(0, self._faults.boot_noise))) + b"\r\n"
        pieces = _PIECES.findall(data)
        for position, piece in enumerate(pieces):
            if not self._takes_data and self._may_stand(pieces, position):
                said += self._put_in(_FINAL.fullmatch(piece) is not None)
            said += piece
            if piece == b"\r\n>":
                self._takes_data = True  # where what it says by itself waits (docs/spec/at.md, Data mode)
        ended = _FINAL.search(data.rstrip(b"\r\n")) is not None
        self._takes_data = self._takes_data and not ended
        held = 0.0
        if ended and self._asked == self._held_command:
            held, self._hold = self._hold, 0.0
        self._send(bytes(said), held)
        if ended and not self._takes_data:
            self._send(self._put_in(), 0.0)

    def _may_stand(self, pieces: Sequence[bytes], position: int) -> bool:
        """Before a line and within the echo; not between a line's text and its end, or a banner and its OK."""
        piece = pieces[position]
        behind_neul = position > 0 and pieces[position - 1].endswith(b"Neul")
        return not behind_neul and piece not in (b"\r\n", b"\r")

    def _put_in(self, behind_answer: bool = False) -> bytes:
        faults, said = self._faults, bytearray()
        if self._unasked and self._random.random() < faults.unasked:
            line = self._random.choice([each for each in self._unasked if not behind_answer or each not in self._alike])
            for _ in range(2 if self._random.random() < faults.twice else 1):
                self.said[line] += 1
                said += b"\r\n" + line.encode() + b"\r\n"
        return bytes(said)

    def _send(self, data: bytes, held: Seconds) -> None:
        at = max(self.now + held, self._coming[-1][0] if self._coming else 0.0)
        for piece in self._cut(data):
            at += self._random.random() * self._faults.delay
            self.pieces += 1
            self._coming.append((at, piece))
            self._world.scheduler.call_at(at, lambda: None)

    def _cut(self, data: bytes) -> list[bytes]:
        pieces, start = [], 0
        for position in range(1, len(data)):
            if self._random.random() < self._faults.split:
                pieces.append(data[start:position])
                start = position
        return [*pieces, data[start:]] if data[start:] else pieces

    def say_unasked(self) -> None:
        """Between two commands."""
        self._send(self._put_in(), 0.0)

    # to the host

    def read(self, until: Seconds) -> bytes:
        if not self._due():
            self._world.run_until(self._due, max(0.0, until - self.now))
        data = bytearray()
        while self._due():
            data += self._coming.pop(0)[1]
        if data:
            self._quiet_since = self.now
        return bytes(data)

    def _due(self) -> bool:
        return bool(self._coming) and self._coming[0][0] <= self.now

    def close(self) -> None:
        if self._from_module in self._node.sinks:
            self._node.sinks.remove(self._from_module)
