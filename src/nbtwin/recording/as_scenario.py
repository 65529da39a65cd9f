"""A recording as a scenario file: each command with its answer, and what the module said by itself.

The file is for `nbtwin run`, which plays it on a virtual module; whoever wrote the host edits it afterwards. Spaces
between what happens are those of the recording. Knows the form of the file, no more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from nbtwin.engine import Seconds
from nbtwin.host.driver import AnswerReceived, Driver, ModuleStarted, UrcReceived
from nbtwin.recording.exchanges import Exchange, exchanges_of
from nbtwin.recording.file import Recording

BOOT: Seconds = 60.0
"""The virtual module has booted and attached by then; a recording begins anywhere."""
_LEAST: Seconds = 0.5
"""Between two commands."""
_IMEI = re.compile(r'(?:\+CGSN:)? ?"?([0-9]{15})"?')
_IMSI = re.compile(r"([0-9]{15})")
_ICCID = re.compile(r"\+[NQ]CCID: ?([0-9]{19,20})")
_MASK = "****"
"""In an answer: the rest of a password, whose beginning stands before it."""
_AROUND: Seconds = 5.0
"""A line that came by itself may come so much earlier or later."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A command with what the host's driver made of what came."""

    exchange: Exchange
    answer: AnswerReceived | None
    urcs: tuple[tuple[Seconds, str], ...]
    restarted: bool


def heard(recording: Recording) -> Iterator[Heard]:
    """What a host understood, by the driver that hosts of ours use."""
    driver = Driver()
    _, exchanges = exchanges_of(recording)
    for exchange in exchanges:
        line = exchange.line.rstrip(b"\r\n").decode("latin-1").lstrip("\n")
        data = b"".join(part.sent for part in exchange.parts[1:]) or None
        driver.send(exchange.at, line, data=data, timeout=1e9)
        driver.bytes_to_send()
        answer: AnswerReceived | None = None
        urcs: list[tuple[Seconds, str]] = []
        restarted = False
        for piece in (piece for part in exchange.parts for piece in part.said):
            driver.handle_bytes(piece.at, piece.data)
            driver.bytes_to_send()
            for event in driver.events():
                match event:
                    case AnswerReceived():
                        answer = event
                    case UrcReceived(text):
                        urcs.append((piece.at, text))
                    case ModuleStarted():
                        restarted = True
        if answer is None:
            driver = Driver()  # it never came: the next one's would be taken for it
        yield Heard(exchange, answer, tuple(urcs), restarted)


def model_of(recording: Recording) -> str | None:
    """What AT+CGMM, AT+GMM or ATI was answered, where somebody asked."""
    for one in heard(recording):
        asked = one.exchange.line.rstrip(b"\r\n").upper()
        if one.answer is not None and one.answer.ok and asked in (b"AT+CGMM", b"AT+GMM", b"ATI"):
            for line in one.answer.lines:
                name = line.removeprefix("+CGMM:").strip().strip('"')
                if name.upper().startswith("BC"):
                    return name
    return None


def _told(recording: Recording, command: bytes, pattern: re.Pattern[str]) -> str | None:
    """A number that a command is answered with."""
    for one in heard(recording):
        if one.answer is not None and one.exchange.line.upper().startswith(command):
            for line in one.answer.lines:
                if (found := pattern.fullmatch(line)) is not None:
                    return found[1]
    return None


def _module_of(recording: Recording, model: str) -> dict[str, str]:
    """Its numbers and its card's, where the recording has them."""
    module = {"name": "meter", "model": model}
    if (imei := _told(recording, b"AT+CGSN", _IMEI)) is not None:
        module["imei"] = imei
    if (imsi := _told(recording, b"AT+CIMI", _IMSI)) is not None:
        iccid = _told(recording, b"AT+NCCID", _ICCID) or _told(recording, b"AT+QCCID", _ICCID)
        module["sim"] = f"imsi={imsi}" + (f",iccid={iccid}" if iccid else "")
    return module


def as_scenario(recording: Recording, model: str, title: str) -> str:
    """YAML. Steps that a scenario has no form for (data after a prompt) are left as comments."""
    steps: list[str] = []
    expectations: list[dict[str, Any]] = []
    at = BOOT
    began: Seconds | None = None
    for one in heard(recording):
        began = one.exchange.at if began is None else began
        at = max(round(BOOT + one.exchange.at - began, 1), round(at + _LEAST, 1))
        line = one.exchange.line.rstrip(b"\r\n").decode("latin-1").lstrip("\n")
        if len(one.exchange.parts) > 1:
            steps.append(f"  # {_span(at)}: {line}, then data: a scenario sends none")
            continue
        step: dict[str, Any] = {"at": _span(at), "send": line}
        if one.answer is not None and one.answer.final:
            answer = [*one.answer.lines, one.answer.final]
            if any(_MASK in line for line in answer):
                steps.append(f"  # answered {_flow(answer)}: not compared, as it masks a value")
            else:
                step["answer"] = answer
        steps.append(f"  - {_flow(step)}")
        for when, text in one.urcs:
            since, until = (_span(round(max(0.0, BOOT + when - began + by), 1)) for by in (-_AROUND, _AROUND))
            expectations.append({"at": until, "since": since, "said": text})
    head = [
        f"# Made from a recording{f' of {recording.header.port}' if recording.header.port else ''}"
        f"{f', begun {recording.header.began}' if recording.header.began else ''}.",
        f"title: {_flow(title)}",
        "modules:",
        f"  - {_flow(_module_of(recording, model))}",
        "steps:",
        *steps,
        f"until: {_span(at + 60)}",
    ]
    if expectations:
        head += ["expect:", *(f"  - {_flow(one)}" for one in expectations)]
    return "\n".join(head) + "\n"


def _span(seconds: Seconds) -> str:
    return f"{seconds:g}s"


def _flow(value: Any) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, sort_keys=False, width=100_000)
    return str(text).removesuffix("\n").removesuffix("\n...").strip()
