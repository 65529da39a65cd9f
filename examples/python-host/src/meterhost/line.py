"""The AT line: one command at a time, its answer, and what the module says by itself (URCs).

Knows bytes and V.250; no model and no operator. The port is anything that reads and writes as `serial.Serial` does.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

URCS = (
    "+CEREG:", "+CSCON:", "+CFUN:", "+CPIN:", "+IP:", "+CTZV:", "+QPING:",
    "+QLAEVTIND:", "+QLADATASTATUS:", "+QLAREAD:",
)  # fmt: skip
FIFO = 16  # bytes in one read, at most: a line may come in several, and several lines in one


class Port(Protocol):
    timeout: float | None

    def read(self, size: int = 1, /) -> bytes: ...

    def write(self, data: bytes, /) -> int | None: ...


class ModuleSilent(Exception):
    """No final result code came within the time."""


class ModuleRestarted(Exception):
    """A boot banner came: what was asked is not answered any more."""


@dataclass
class Answer:
    final: str
    lines: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return self.final in ("OK", "REBOOTING", ">")

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


class AtLine:
    """``on_urc`` is called while a command waits or `listen` does. ``clock`` gives seconds."""

    def __init__(self, port: Port, on_urc: Callable[[str], None], clock: Callable[[], float]) -> None:
        self._port, self._on_urc, self._clock = port, on_urc, clock
        self._part = b""
        self._neul = False  # a banner's own OK is still to come
        self.restarted = False

    def command(self, command: str, *, within: float = 3.0) -> Answer:
        """Raises ModuleSilent, ModuleRestarted."""
        return self._ask(command, command.encode() + b"\r", within)

    def data(self, data: bytes, *, within: float = 3.0) -> Answer:
        """What the module has asked for with ``>``."""
        return self._ask(data.decode("latin-1"), data, within)

    def listen(self, span: float) -> None:
        """Let URCs come for so long; ends early when the module has restarted."""
        end = self._clock() + span
        while not self.restarted and (left := end - self._clock()) > 0:
            for line in self._lines(left):
                self._sort(line, None)

    def settle(self, quiet: float) -> None:
        """Until nothing has come for so long: answers to commands that were given up are nobody's then."""
        for _ in range(100):  # a module that never stops is the next command's trouble
            began = self._clock()
            for line in self._lines(quiet):
                self._sort(line, None)
            if self._clock() - began >= quiet * 0.9:
                return

    def _ask(self, command: str, sent: bytes, within: float) -> Answer:
        answer = Answer("")
        end = self._clock() + within
        self._port.write(sent)
        while not answer.final:
            if self.restarted:
                raise ModuleRestarted(command)
            left = end - self._clock()
            if left <= 0:
                raise ModuleSilent(command)
            for line in self._lines(left):
                self._sort(line, None if answer.final else (command, answer))
        return answer

    def _lines(self, wait: float) -> list[str]:
        """Those whose end has come."""
        self._port.timeout = wait
        data = self._port.read(1)
        self._port.timeout = 0
        self._part += data + (self._port.read(FIFO - 1) if data else b"")
        if self._part == b">" or self._part.endswith(b"\n>"):  # it has no end
            self._part += b"\r\n"
        *whole, self._part = self._part.split(b"\n")
        return [line.strip(b"\r").decode("latin-1") for line in whole]

    def _sort(self, line: str, open_: tuple[str, Answer] | None) -> None:
        if not line or self._is_banner(line):
            return
        if self._is_urc(line, open_):
            self._on_urc(line)
        elif open_ is None or line == open_[0]:
            return  # too late, or the echo
        elif line in ("OK", "ERROR", "REBOOTING", ">") or line.startswith("+CME ERROR:"):
            open_[1].final = line
        else:
            open_[1].lines.append(line)

    @staticmethod
    def _is_urc(line: str, open_: tuple[str, Answer] | None) -> bool:
        """A command claims the line that has its name: ``+CEREG: 1,1`` answers ``AT+CEREG?``."""
        name = line.partition(":")[0]
        claimed = open_ is not None and re.match(rf"AT{re.escape(name)}\b", open_[0]) is not None
        return line.startswith(URCS) and not claimed

    def _is_banner(self, line: str) -> bool:
        if line == "RDY" or (self._neul and line == "OK"):
            self._neul, self.restarted = False, True
        elif line == "Neul":
            self._neul = True
        else:
            return line.startswith("REBOOT_CAUSE_")
        return True
