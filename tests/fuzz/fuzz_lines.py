"""Command lines that are nearly right: the pieces of a model's own tables, put together and then broken.

``NBTWIN_FUZZ_ROUNDS`` makes a run longer and ``NBTWIN_FUZZ_SEED`` another one; a failing seed can be passed back.
"""

from __future__ import annotations

import os
from random import Random

from commands_values import bad, good, rows_of

from nbtwin.at.values import Rest
from nbtwin.module.profile import Profile

ROUNDS = int(os.environ.get("NBTWIN_FUZZ_ROUNDS", "60"))  # conversations with each model
SEED = int(os.environ.get("NBTWIN_FUZZ_SEED", "1"))

_BREAKS = [
    b"",
    b";",
    b",",
    b'"',
    b"=",
    b"?",
    b"=?",
    b" ",
    b"\0",
    b"\n",
    b"\r",
    b"\x08",
    b"\x1b",
    b"\xff",
    b"AT",
    b"A/",
    b"&",
]
_ENDS = [b"\r", b"\r", b"\r", b"\r\n", b"\n", b"", b";", b"\r\r", b"\x1b", b"\r\0"]


class Lines:
    """An endless supply for one model."""

    def __init__(self, profile: Profile, seed: int) -> None:
        self.random = Random(f"{profile.model}/{seed}")
        self._commands = [command for command in profile.commands if command.name not in ("+NRB", "+QRST")]

    def conversation(self) -> bytes:
        """Some lines, and something else between them now and then."""
        pieces = []
        for _ in range(self.random.randint(1, 6)):
            pieces.append(self.line())
            if self.random.random() < 0.1:
                pieces.append(self.random.randbytes(self.random.randint(1, 40)))
        return b"".join(pieces)

    def line(self) -> bytes:
        commands = ";".join(self.command() for _ in range(self.random.choice([1, 1, 1, 2, 3])))
        line = self.random.choice([b"AT", b"AT", b"AT", b"at", b"At", b""]) + commands.encode()
        if self.random.random() < 0.3:
            line = self._broken(line)
        return line + self.random.choice(_ENDS)

    def command(self) -> str:
        command = self.random.choice(self._commands)
        name = command.name if self.random.random() < 0.8 else command.name.lower()
        rows = list(rows_of(command))
        if not rows or self.random.random() < 0.3:
            return name + self.random.choice(["?", "=?", "", "=", "=1", "?1"])
        head, row = self.random.choice(rows)
        values = []
        for field in row.fields:
            if isinstance(field, Rest):
                values.append(self.random.choice(["x", "abc", "1234;5", '"']))
            else:
                values.append(self.random.choice((good if self.random.random() < 0.7 else bad)(field))[:300])
        return head + ",".join(values[: self.random.randint(0, len(values) + 1)])

    def _broken(self, line: bytes) -> bytes:
        for _ in range(self.random.randint(1, 3)):
            at = self.random.randint(0, len(line))
            until = at + self.random.choice([0, 0, 1, 5])
            line = line[:at] + self.random.choice(_BREAKS) + line[until:]
        return line

    def chunks(self, data: bytes) -> list[bytes]:
        """The same bytes, as a serial port may hand them over."""
        pieces = []
        while data:
            size = self.random.choice([1, 1, 2, 7, 50, 4096])
            pieces.append(data[:size])
            data = data[size:]
        return pieces
