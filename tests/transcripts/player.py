"""Transcripts as data: the documents' own examples, played on a real Module and compared byte for byte.

A file says who may play it and then what is written and answered:

    # comment: document, chapter
    models: BC35-G BC28              also imei:, firmware:, usim: mobile|telecom|unicom|none
    > AT+DMPCONFIG=4,1               the host writes this line and <CR>
    < 1,117.161.2.7,5683,420         lines of one information text
    < OK                             a final result code is a text of its own; a bare "<" also begins a new one
    < >                              the prompt of data mode: no <CR><LF> behind it
    >> {"n":1}                       the host writes these bytes as they are
    ! reboot quietly                 something happens: one of EVENTS
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import player_andlink

from nbtwin import check
from nbtwin.module.identity import ModuleIdentity, Usim
from nbtwin.module.module import Module
from nbtwin.module.nvram import MemoryStorage
from nbtwin.profiles.models import PROFILES
from nbtwin.selfreg.schedule import Operator

HERE = Path(check.__file__).parent / "examples"
IMEI = "863703030822519"  # of the documents' examples
_FINAL = re.compile(r"OK|ERROR|\+CME ERROR: .*")
_CREATED, _CHANGED = 0x41, 0x44  # CoAP 2.01 and 2.04


@dataclass
class Step:
    number: int  # of its line in the file
    sign: str  # ">", ">>" or "!"
    given: str
    answers: list[str] = field(default_factory=list)

    @property
    def expected(self) -> bytes:
        return framed(self.answers)

    @property
    def written(self) -> bytes:
        return self.given.encode() + (b"\r" if self.sign == ">" else b"")


@dataclass
class Transcript:
    path: Path
    head: dict[str, str]
    steps: list[Step]

    @property
    def models(self) -> list[str]:
        """Separated by spaces; BC95 R2.0 is written BC95R2.0."""
        return [PROFILES.find(name).model for name in self.head["models"].split()]

    @classmethod
    def load(cls, path: Path) -> Transcript:
        head: dict[str, str] = {}
        steps: list[Step] = []
        for number, text in enumerate(path.read_text().splitlines(), 1):
            sign, _, rest = text.partition(" ")
            if not text.strip() or text.startswith("#"):
                continue
            if sign in (">", ">>", "!"):
                steps.append(Step(number, sign, rest))
            elif sign == "<" and steps:
                steps[-1].answers.append(rest)
            elif sign.endswith(":") and not steps:
                head[sign[:-1]] = rest
            else:
                raise ValueError(f"{path.name}:{number}: {text!r}")
        return cls(path, head, steps)


def framed(answers: Iterable[str]) -> bytes:
    """The bytes of the answers: <CR><LF>text<CR><LF>, lines of one text without a blank line between them."""
    texts: list[list[str]] = []
    fresh = True
    for answer in answers:
        if answer == "":
            fresh = True
            continue
        if fresh or (_FINAL.fullmatch(answer) and texts[-1][-1] != "Neul"):
            texts.append([])
        texts[-1].append(answer)
        fresh = bool(_FINAL.fullmatch(answer)) or answer == ">"
    return b"".join(b"\r\n>" if text == [">"] else ("\r\n" + "\r\n".join(text) + "\r\n").encode() for text in texts)


EVENTS = re.compile(r"(reboot|watchdog)( quietly)?|attached|registered|updated|\d+ s|firmware [\w-]+")
ANDLINK = "andlink "


def knows(event: str) -> bool:
    if event.startswith(ANDLINK):
        return player_andlink.EVENTS.fullmatch(event.removeprefix(ANDLINK)) is not None
    return EVENTS.fullmatch(event) is not None


class Bench:
    """One module, booted, echo off, in the lab's network with a platform that answers like CMDMP."""

    def __init__(
        self,
        model: str,
        *,
        imei: str = IMEI,
        firmware: str | None = None,
        usim: Operator | Usim | None = Operator.MOBILE,
        storage: MemoryStorage | None = None,
    ) -> None:
        self.profile = PROFILES[model]
        self.now = 0.0
        card = Usim.of(usim, model) if isinstance(usim, Operator) else usim
        identity = ModuleIdentity(model, imei, firmware or self.profile.firmware)
        self.storage = storage or MemoryStorage()
        self.module = Module(self.profile, identity, self.storage, random.Random(1), card)
        self.platform_answers = True
        self.andlink: player_andlink.AndlinkSide | None = None
        self.module.power_on(0.0)
        self._boot()
        self.module.serial_to_send()
        self.module.session.echo = False

    def write(self, data: bytes, chunk: int | None = None) -> bytes:
        """Write to the serial line, in chunks of some bytes or all at once; returns what came back."""
        for start in range(0, len(data), chunk or len(data) or 1):
            self.module.handle_serial(self.now, data[start : start + (chunk or len(data))])
            self.carry()
        return self.module.serial_to_send()

    def say(self, line: str) -> list[str]:
        """One command line; the answer as its lines, without blanks."""
        return [text for text in self.write(line.encode() + b"\r").decode().split("\r\n") if text]

    def advance(self, seconds: float) -> None:
        until = self.now + seconds
        while (deadline := self.module.next_deadline()) is not None and deadline.at <= until:
            self.now = max(self.now, deadline.at)
            self.module.handle_timer(self.now)
            self.carry()
        self.now = until

    def happen(self, event: str) -> bytes:
        """Let one of EVENTS happen; the bytes that the host hears of it."""
        if not knows(event):
            raise ValueError(f"nobody knows how to make {event!r} happen")
        if event.startswith(ANDLINK):
            return self._andlink(event.removeprefix(ANDLINK))
        word, _, rest = event.partition(" ")
        quietly = rest == "quietly" or word in ("attached", "registered", "updated")
        if word in ("reboot", "watchdog"):
            self.module.reset(self.now, "REBOOT_CAUSE_APPLICATION_WATCHDOG" if word == "watchdog" else None)
            self._boot()
        elif word == "firmware":
            self.module.update_firmware(self.now, rest)
            self._boot()
        elif word == "updated":
            self.advance(self.profile.cmdmp.filled(self.module.in_use.cmdmp, "").period)
        else:
            self.advance(float(word) if word.isdigit() else 20.0)
            self.module.session.echo = False  # a restart may lie between
        heard = self.module.serial_to_send()
        return b"" if quietly else heard

    def _andlink(self, event: str) -> bytes:
        if player_andlink.opened(self, event) is not None:
            return b""
        assert self.andlink is not None, "! andlink platform comes first"
        return self.andlink.happen(event)

    def _boot(self) -> None:
        """Until the card is read."""
        self.advance(self.profile.boot.duration + self.profile.boot.usim_delay)
        self.module.session.echo = False

    def carry(self) -> None:
        """What the module sends and asks for, as far as it needs no decision."""
        for name in self.module.lookups():
            host = player_andlink.HOST if name == player_andlink.NAME else "117.161.2.41"
            self.module.handle_lookup(self.now, name, host)
            self.carry()
        for packet in self.module.packets_to_send():
            if self.andlink is not None and self.andlink.take(packet.port, packet.peer, packet.data):
                continue
            if self.platform_answers:
                self.module.handle_packet(self.now, packet.port, packet.peer, _answer(packet.data))
                self.carry()


def _answer(request: bytes) -> bytes:
    """What a platform answers to a POST, in bytes (RFC 7252 3): piggy-backed, 2.01 to a registration, 2.04 else."""
    if request[0] >> 4 & 3 != 0:
        return b""
    token = request[4 : 4 + (request[0] & 15)]
    created = b"ep=" in request
    head = bytes([0x60 | len(token), _CREATED if created else _CHANGED]) + request[2:4] + token
    return head + (b"\x82rd\x011" if created else b"")  # Location-Path rd, 1
