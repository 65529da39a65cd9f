"""What a lab gives back to Python: frozen values with their units, the same of a simulated lab and of any other.

Knows no lab.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import msgspec

from nbtwin.engine import Seconds
from nbtwin.host.driver import error_number, is_success, value_in
from nbtwin.timeline import operations


class AtResult(msgspec.Struct, frozen=True, kw_only=True):
    """A command line and its whole answer."""

    command: str
    lines: tuple[str, ...]
    """The information text, without echo and final result code."""
    final: str
    """"OK", "ERROR", "+CME ERROR: 50" …; empty: the module said nothing in time, or has restarted."""
    urcs: tuple[str, ...]
    """What the module said by itself meanwhile."""
    took: Seconds
    """From the command's last byte to the final result code, of the lab's time."""

    @property
    def ok(self) -> bool:
        return is_success(self.final)

    @property
    def error(self) -> int | None:
        """The number of ``+CME ERROR``; None where there is none."""
        return error_number(self.final)

    def value(self, name: str) -> str | None:
        """What stands behind ``name:`` in the first such line, without the blanks around it."""
        return value_in(self.lines, name)

    def _repr_html_(self) -> str:
        from nbtwin.api.report.answer import answer_card

        return answer_card(self.command, self.lines, self.urcs, self.final, self.took, ok=self.ok)


class ModuleState(msgspec.Struct, frozen=True, kw_only=True):
    """A module at one instant."""

    name: str
    model: str
    imei: str
    firmware: str
    power: str
    """"off", "booting", "asleep" or "on"."""
    attached: bool
    connected: bool
    rssi: int
    """As ``AT+CSQ`` has it: 0-31, or 99."""
    imsi: str | None
    iccid: str | None
    serial: str = ""
    """Where its serial line comes out: the name of a PTY, "tcp:127.0.0.1:41149"; empty in a simulated lab."""
    cmdmp_state: str
    """The name of <dmstate>, "REG_SUCCESS" (DOC-D 3.2.1)."""
    andlink_registered: bool
    waiting_for: str | None
    """The code of what falls due next in it."""
    waiting_until: Seconds | None
    """When, in the lab's time."""


class TimelineEntry(Protocol):
    """Something that happened."""

    @property
    def number(self) -> int:
        """From 1, in order."""
        ...

    @property
    def at(self) -> Seconds:
        """The lab's time."""
        ...

    @property
    def source(self) -> str:
        """A module's or platform's name, "lab" or "scenario"."""
        ...

    @property
    def kind(self) -> str:
        """ "at.in", "at.out", "state", "deadline", "datagram", "lookup", "platform", "fault" or "lab"."""
        ...

    @property
    def code(self) -> str:
        """What happened: "device-registered"; stable, and the same in every language."""
        ...

    @property
    def fields(self) -> Mapping[str, Any]:
        """What belongs to the code, as plain values."""
        ...

    def text(self, language: str = "en") -> str:
        """One line, in "en" or "zh"."""
        ...


class PacketSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A datagram on the network between modules and platforms."""

    number: int
    """Of its entry in the timeline."""
    at: Seconds
    sender: str
    """A module's or platform's name, or an address outside the lab."""
    receiver: str
    operation: str | None
    """"Register", "Update", "Notify" …; of an answer the operation that it answers. None: not LwM2M."""
    is_answer: bool
    path: str | None
    """Of the object, "/19/1/0"."""
    sending: int
    """1, and more for a retransmission."""
    sent_after: Seconds
    """Since the first sending of the same message."""
    lost: bool
    """It did not arrive."""
    summary: str
    """One line."""
    fields: dict[str, Any]
    """What is decoded from its bytes."""
    data: bytes

    def is_of(self, operation: str) -> bool:
        """Whether it is a request or notification of that name: "Update", "Read /3/0" or "Read"."""
        wanted, path = operations.split(operation)
        return not self.is_answer and self.operation == wanted and path in ("", self.path)
