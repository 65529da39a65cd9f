"""What is found in a capture: verdicts on packets, findings and remarks, as data.

A *finding* is what the document does not allow; a *note* is what a reader should know of the capture and of how it was
judged. Both are codes with fields, worded when they are read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from nbtwin.engine import Address, Refusal, Seconds
from nbtwin.timeline.catalogue import Phrase


class FindingRefusal(Refusal):
    """What is wrong. ``what`` is a `PacketPhrase`."""

    MISSING = "judge-missing"  # what, number, due
    STOPPED = "judge-stopped"  # what, sent, packets
    LATE = "judge-late"  # what, number, span
    EARLY = "judge-early"  # what, number, span
    SPACING = "judge-spacing"  # what, found, expected
    TOO_MANY = "judge-too-many"  # what, sent, packets
    NOT_DUE = "judge-not-due"  # what
    NEW_MESSAGE = "judge-new-message"  # what, number
    CHANGED = "judge-changed"  # what, number, part
    TYPE = "judge-type"  # what, found
    CHECKSUM = "judge-checksum"
    LENGTH = "judge-length"
    NOT_COAP = "judge-not-coap"  # why
    PORT = "judge-port"  # found, expected
    PART = "judge-part"  # what, part, found, expected
    REMARK = "judge-remark"  # remark, subject
    REFUSED = "judge-refused"  # refusal, subject, limit
    NOT_TAKEN = "judge-not-taken"  # what
    UNANSWERED = "judge-unanswered"  # method, path
    NOTHING = "judge-nothing"  # operator


class NotePhrase(Phrase):
    """What a reader should know."""

    FILE_CUT = "judge-note-file-cut"
    SNAPPED = "judge-note-snapped"  # count
    IGNORED = "judge-note-ignored"  # values
    OTHER_COAP = "judge-note-other-coap"  # count
    NO_KEYS = "judge-note-no-keys"  # count
    CLOCK_BACK = "judge-note-clock-back"  # number, span
    CLOCK_AHEAD = "judge-note-clock-ahead"  # number, span
    ANCHORED = "judge-note-anchored"
    BOOT_ASSUMED = "judge-note-boot-assumed"
    SEVERAL = "judge-note-several"  # count
    REBOUND = "judge-note-rebound"  # source, destination
    DUPLICATE = "judge-note-duplicate"  # number
    ANSWER_LOST = "judge-note-answer-lost"
    KEY_UNKNOWN = "judge-note-key-unknown"  # appkey
    PERIOD = "judge-note-period"  # period, lifetime
    NEXT = "judge-note-next"  # what, due
    CHANGED_PAIRING = "judge-note-changed"
    SLEPT = "judge-note-slept"  # what, due
    UNJUDGED = "judge-note-unjudged"  # the capture begins in the middle
    OUTSIDE = "judge-note-outside"  # number: a boot that is not in the capture


class PacketPhrase(Phrase):
    """What leaves a module."""

    REGISTRATION = "judge-registration"
    UPDATE = "judge-update"
    BOOTSTRAP = "judge-bootstrap"
    DEREGISTRATION = "judge-deregistration"
    DATA = "judge-data"


class JudgePhrase(Phrase):
    """Headings and rows of what `nbtwin judge` prints."""

    TITLE = "judge-title"  # model, operator
    MODULE = "judge-module"  # imei
    COLUMN = "judge-column"  # name
    STATE = "judge-state"  # state
    FINE = "judge-fine"  # packets, modules
    FOUND = "judge-found"  # findings, modules
    ROW = "judge-row"  # what, number
    SECTION = "judge-section"  # name
    AXIS = "judge-axis"  # state, what, number, due, sent


class SlotState(StrEnum):
    """What became of one packet of the schedule."""

    SENT = "sent"
    LATE = "late"
    EARLY = "early"
    MISSING = "missing"
    MALFORMED = "malformed"
    UNEXPECTED = "unexpected"


@dataclass(frozen=True, slots=True)
class Finding:
    """At an instant of the capture; ``packet``: its number in the file, 0 for what is not there."""

    code: FindingRefusal
    at: Seconds
    packet: int = 0
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Note:
    code: NotePhrase
    at: Seconds
    packet: int = 0
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Slot:
    """One packet that was due, or that was sent, or both."""

    what: PacketPhrase
    number: int
    """The how-manyth packet of its message."""
    due: Seconds | None
    sent: Seconds | None
    state: SlotState
    packet: int = 0


@dataclass(slots=True)
class JudgedModule:
    """One module of a capture."""

    imei: str
    address: Address
    slots: list[Slot] = field(default_factory=list)
    answers: list[tuple[Seconds, str]] = field(default_factory=list)
    """When the platform answered, and with which code."""
    findings: list[Finding] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def find(self, code: FindingRefusal, at: Seconds, packet: int = 0, **fields: Any) -> None:
        self.findings.append(Finding(code, at, packet, fields))

    def note(self, code: NotePhrase, at: Seconds, packet: int = 0, **fields: Any) -> None:
        self.notes.append(Note(code, at, packet, fields))


@dataclass(slots=True)
class Judgement:
    """What came of a capture."""

    model: str
    operator: str
    begins: Seconds
    ends: Seconds
    packets: int
    modules: list[JudgedModule] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    """Of the capture as a whole."""
    notes: list[Note] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        return not self.findings and not any(module.findings for module in self.modules)

    @property
    def count(self) -> int:
        return len(self.findings) + sum(len(module.findings) for module in self.modules)
