"""`connect` and `over`: a module at a port, or at any line that a program brings. The speed is found where none is
named."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from nbtwin.edge.host_port import HostPort
from nbtwin.engine import Seconds
from nbtwin.host.asynchronous import AsyncModule
from nbtwin.host.errors import HostError, HostRefusal
from nbtwin.host.line import BytePort, PortTransport, Transport, has_speed, listed, url_of
from nbtwin.host.module import Module
from nbtwin.module.profile import Profile
from nbtwin.profiles.models import PROFILES

SPEEDS = (9600, 115200, 57600, 4800, 38400, 19200, 230400, 460800, 2400, 921600)
"""In the order in which they are tried: those in which the families are delivered come first."""
PROBES, PROBE_WITHIN = 3, 0.5
"""How often AT is sent at a speed, and the seconds until the next."""
SHORTLY: Seconds = 0.3
"""The same in the first round."""


TRANSPORTS = ("pyserial", "serialx")


def connect(
    port: str,
    *,
    model: str | None = None,
    baud: int | Sequence[int] | None = None,
    transport: str = "pyserial",
    check_model: bool = True,
    wake_pin: bool = False,
) -> Module:
    """The module at ``port``: a device file, COM3, any URL of pyserial's, or a port as `nbtwin up` prints it.

    ``model``: what it is to be; None: whatever AT+CGMM says. ``check_model``: whether a named one is asked, too.
    ``baud``: its speed, or those that are tried; None tries all usual ones. ``transport``: "pyserial" or "serialx".
    ``wake_pin``: DTR is at the module's wake-up pin, the only thing that wakes some (D109). HostError when no module
    answers, or another.
    """
    url = url_of(port)
    profile = PROFILES.find(model) if model is not None else None
    speeds = _speeds(url, profile, baud)
    line = PortTransport(_opened(url, speeds[0], transport), has_speed=has_speed(url))
    module = Module(line, profile)
    module.wake_pin = wake_pin
    try:
        if wake_pin:
            line.pull_wake_pin()
        find_speed(module, speeds)
        if profile is None or check_model:
            module.recognize(profile)
    except BaseException:
        module.close()
        raise
    return module


def connect_async(
    port: str,
    *,
    model: str | None = None,
    baud: int | Sequence[int] | None = None,
    transport: str = "pyserial",
    check_model: bool = True,
    wake_pin: bool = False,
) -> AsyncModule:
    """As `connect`: ``async with host.connect_async("/dev/ttyUSB0") as module:``."""
    return AsyncModule(
        partial(connect, port, model=model, baud=baud, transport=transport, check_model=check_model, wake_pin=wake_pin)
    )


def over(line: Transport, *, model: str | None = None, wake_pin: bool = False) -> Module:
    """The module at a line that is there already: of a simulated world (`host.line.WorldTransport`), or one's own."""
    module = Module(line, PROFILES.find(model) if model is not None else None)
    module.wake_pin = wake_pin
    return module


def over_async(line: Transport, *, model: str | None = None, wake_pin: bool = False) -> AsyncModule:
    return AsyncModule(partial(over, line, model=model, wake_pin=wake_pin))


def _opened(url: str, baud: int, transport: str) -> BytePort:
    """EdgeError when the port cannot be had."""
    if transport not in TRANSPORTS:
        raise HostError(HostRefusal.TRANSPORT_UNKNOWN, url, transport=transport, known=list(TRANSPORTS))
    if transport == "pyserial":
        return HostPort(url, baud)
    try:
        from nbtwin.edge.serialx_port import SerialxPort
    except ModuleNotFoundError:
        raise HostError(HostRefusal.TRANSPORT_MISSING, url, transport=transport) from None
    return SerialxPort(url, baud)


def _speeds(url: str, profile: Profile | None, baud: int | Sequence[int] | None) -> list[int]:
    if isinstance(baud, int):
        return [baud]
    if baud is not None:
        return listed(baud)
    own = [] if profile is None else [profile.everyday.baud]
    return listed([*own, *SPEEDS]) if has_speed(url) else listed([*own, SPEEDS[0]])[:1]


def find_speed(module: Module, speeds: Sequence[int], probes: int = PROBES, within: Seconds = PROBE_WITHIN) -> None:
    """Set the first at which it answers AT. HostError, SILENT or GARBLED, when it does at none.

    Of several speeds each is tried shortly, then each with patience: for a module that sleeps, finds the host's speed
    from what it hears, or has to be led out of data mode. What another speed made of AT stands before the next one, so
    one is never enough.
    """
    heard = bytearray()
    shortly = [(2, SHORTLY, False)] if len(speeds) > 1 else []
    for attempts, every, patient in (*shortly, (probes, within, True)):
        for speed in speeds:
            if speed != module.baud and module.baud is not None:
                module.transport.set_baud(speed)
            if module.answers(attempts, every, heard):
                return
            if patient:
                module.rescue()
                if module.answers(1, every, heard):
                    return
    if heard:
        raise HostError(HostRefusal.GARBLED, module.name, bauds=list(speeds), data=bytes(heard[:16]).hex(" "))
    raise HostError(HostRefusal.SILENT, module.name, bauds=list(speeds))
