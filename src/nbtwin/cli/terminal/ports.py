"""Which serial ports there are: devices of this machine with what they are, and modules of this user's labs."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from nbtwin.cli.refusals import CliRefusal
from nbtwin.edge.host_port import HostPort
from nbtwin.runtime.errors import WrongUsage

STATE = Path(".nbtwin")
_WITHOUT_HARDWARE = re.compile(r"/dev/ttyS\d+")
"""Boards have many that lead nowhere; one that pyserial knows nothing of is none."""


@dataclass(frozen=True)
class PortFound:
    """``name``: of the module that is there; empty for a device."""

    port: str
    description: str = ""
    hardware: str = ""  # "USB VID:PID=1A86:7523 …", as pyserial says it
    name: str = ""
    lab: str = ""  # its name or folder


def ports(state: Path = STATE) -> list[PortFound]:
    """Devices first. ``state``: of a lab that has no name."""
    return [*_devices(), *_modules(state)]


def looked_at(state: Path = STATE) -> list[str]:
    """Where labs are looked for: in a state directory, and where this user's named labs are."""
    try:
        from nbtwin.cli.labs_folder import folder
    except ImportError:  # no lab runs on Windows
        return [str(state.absolute())]
    return [str(state.absolute()), str(folder())]


def _devices() -> list[PortFound]:
    from serial.tools.list_ports import comports

    found = []
    for each in sorted(comports()):
        described = "" if each.description in (None, "n/a") else each.description
        hardware = "" if each.hwid in (None, "n/a") else each.hwid
        if hardware or not _WITHOUT_HARDWARE.fullmatch(each.device):
            found.append(PortFound(each.device, described, hardware))
    return found


def _modules(state: Path) -> list[PortFound]:
    try:
        from nbtwin.cli.labs import serial_ports
        from nbtwin.cli.labs_folder import labs, running_at
    except ImportError:  # no lab runs on Windows
        return []

    there = [(state, str(state), running_at(state))]
    there += [(lab.state, lab.name, lab.running) for lab in labs()]
    return [
        PortFound(port, name=name, lab=lab)
        for where, lab, running in there
        if running is not None
        for name, port in serial_ports(where).items()
    ]


def resolve(port: str, state: Path = STATE) -> str:
    """A port as it is given, or the name of a module of a lab that runs. WrongUsage for what is neither."""
    from nbtwin.runtime.spec import parse_address

    scheme, _, address = port.partition(":")
    if scheme in ("tcp", "rfc2217") and not address.startswith("//"):
        parse_address(address, port)
    if re.search(r"[:/\\]", port) or os.path.exists(port) or re.fullmatch(r"(?i)COM\d+", port):
        return port
    there = _modules(state)
    modules = [each for each in there if each.name == port]
    if len(modules) != 1:
        known = sorted({each.name for each in there})
        raise WrongUsage(CliRefusal.PORT_UNKNOWN, port, known=known or None, places=looked_at(state))
    return modules[0].port


def present_baud(port: str) -> int | None:
    """That of a PTY, for a host that names none; of another port nobody knows it."""
    try:
        from nbtwin.edge.line_speed import present_speed
    except ImportError:  # Windows has no termios, and no PTY
        return None
    if not os.path.realpath(port).startswith("/dev/pts/"):
        return None
    try:
        return present_speed(port)
    except OSError:
        return None


def found_baud(port: str, model: str | None) -> int:
    """At which the module answers AT (`nbtwin.host`). HostError when it does at none, EdgeError for no port."""
    from nbtwin.host.connecting import SPEEDS, find_speed
    from nbtwin.host.line import PortTransport, listed, url_of
    from nbtwin.host.module import Module
    from nbtwin.runtime.spec import find_model

    own = [] if model is None else [find_model(model).everyday.baud]
    speeds = listed([*own, *SPEEDS])
    module = Module(PortTransport(HostPort(url_of(port), speeds[0])), None)
    try:
        find_speed(module, speeds)
        return module.baud or speeds[0]
    finally:
        module.close()
