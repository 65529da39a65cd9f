"""Looking at the link: +NUESTATS, +NBAND or +QBAND, +NPING or +QPING (the vendor's AT manuals).

Knows what the radio says; a lab has one cell. +NPING goes through the lab's network; +QPING is answered for every
address (assumed).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbtwin.at.command import OK, Command, Lines, row
from nbtwin.at.refusals import CommandRefused, ValueKind, ValueTaken
from nbtwin.at.values import Choice, Field, Host, Int
from nbtwin.commands.fields import NameField
from nbtwin.commands.meanings import CommandMeaning
from nbtwin.commands.radio import RSRQ
from nbtwin.commands.refusals import CommandRefusal, bad_parameter
from nbtwin.commands.wording import line
from nbtwin.module.internet.events import HOST
from nbtwin.module.profile import Everyday, Profile

if TYPE_CHECKING:
    from nbtwin.module.module import Module

STATISTICS = ("RADIO", "CELL", "BLER", "THP", "APPSMEM", "ALL")
EARFCN, PCI = 3683, 32
"""The lab's one cell: carrier, physical cell identity."""
ROUND_TRIP, TIME_TO_LIVE = 420, 54
"""Milliseconds and hops of a ping's answer."""


def diagnosis_commands(p: Profile) -> tuple[Command, ...]:
    e = p.everyday
    statistics = (
        Command("+NUESTATS", e.source, test=("NUESTATS:(RADIO,CELL,BLER,THP,APPSMEM,ALL)",), execute=show_radio,
                write=row(show_statistics, NameField("type", STATISTICS), alters=False)),
    )  # fmt: skip
    return (*(statistics if e.counts_statistics else ()), _bands(p), *_ping(e))


def _radio(m: Module) -> Lines:
    radio = m.radio
    seen = radio.signal != 99
    return (
        f"Signal power:{radio.rsrp if seen else -32768}",
        f"Total power:{radio.rsrp + 100 if seen else -32768}",
        f"TX power:{230 if radio.connected else -32768}",
        "TX time:0",
        "RX time:0",
        f"Cell ID:{radio.cell_id if seen else 4294967295}",
        f"ECL:{0 if seen else 255}",
        f"SNR:{radio.snr if seen else -32768}",
        f"EARFCN:{EARFCN if seen else 4294967295}",
        f"PCI:{PCI if seen else 65535}",
        f"RSRQ:{RSRQ if seen else -32768}",
    )


def _cell(m: Module) -> Lines:
    radio = m.radio
    if radio.signal == 99:
        return ()
    return (f"NUESTATS:CELL,{EARFCN},{PCI},1,{radio.rsrp},{RSRQ},{radio.rsrp + 100},{radio.snr}",)


def show_radio(m: Module) -> Lines:
    return _radio(m)


def show_statistics(m: Module, kind: str) -> Lines:
    """One kind, or all of them in the order of the test form; a lab module has no errors and no heap to report."""
    parts = {
        "RADIO": tuple(f"NUESTATS:RADIO,{text}" for text in _radio(m)),
        "CELL": _cell(m),
        "BLER": ("NUESTATS:BLER,RLC UL BLER,0", "NUESTATS:BLER,RLC DL BLER,0"),
        "THP": ("NUESTATS:THP,RLC UL,0", "NUESTATS:THP,RLC DL,0"),
        "APPSMEM": ("NUESTATS:APPSMEM,Current Allocated:0", "NUESTATS:APPSMEM,Total Free:0"),
    }
    return sum(parts.values(), ()) if kind == "ALL" else parts[kind]


def _bands(p: Profile) -> Command:
    e, name = p.everyday, p.everyday.bands_command
    more = tuple(Choice("band", p.bands, optional=True) for _ in p.bands)
    if e.bands_with_count:
        fields: tuple[Field, ...] = (Int("number", 0, len(p.bands)), *more)
        condition = CommandMeaning.AS_MANY_AS_NUMBER
    else:
        fields, condition = (Choice("band", p.bands), *more[1:]), CommandMeaning.EACH_ONCE

    def show(m: Module) -> Lines:
        return (line(m, name, *(m.saved.generic.bands or m.profile.bands)),)

    def list_supported(m: Module) -> Lines:
        return (line(m, name, f"({','.join(map(str, m.profile.bands))})"),)

    def choose(m: Module, *values: int | None) -> Lines:
        chosen = [value for value in values if value is not None]
        if e.bands_with_count and (announced := chosen.pop(0)) != len(chosen):
            why = CommandRefused(CommandRefusal.BAND_COUNT, number=len(chosen), expected=announced)
            raise bad_parameter(m, why)
        if len(set(chosen)) != len(chosen) or not set(chosen) <= set(m.profile.bands):
            takes = ValueTaken(ValueKind.ONE_OF, allowed=tuple(map(str, m.profile.bands)))
            raise bad_parameter(m, CommandRefused(CommandRefusal.BANDS, takes=takes))
        m.to_save.generic.bands = chosen
        m.save()
        return OK

    changing = row(choose, *fields, conditions={"band": condition})
    return Command(name, e.source, test=list_supported, read=show, write=changing)


def _ping(e: Everyday) -> tuple[Command, ...]:
    """+QPING is in `internet`."""
    if e.ping_command != "+NPING":
        return ()
    fields = (
        Host("remote_address"),
        Int("p_size", 8, 1000, optional=True, default=12),
        Int("timeout", 10, 4294967295, optional=True, default=10000),
    )
    return (Command("+NPING", e.source, write=row(ping, *fields)),)


def ping(m: Module, host: str, size: int, timeout: int) -> Lines:
    """OK first, then the result (27.007 knows no ping; the manual of the family): `sockets_neul.announce`."""
    if m.radio.attached:
        m.internet.ping(HOST, host, size, timeout / 1000)
    else:
        m.urc("+NPINGERR:1")
    return OK
