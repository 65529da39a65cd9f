"""The type of a model's data: what one buys, flat, as the vendor's documents give it.

Only types live here; the data is in ``nbtwin.profiles``. No field names a model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nbtwin.at.command import Command, ErrorTable
from nbtwin.engine import Seconds
from nbtwin.selfreg.schedule import Operator, Schedule


@dataclass(frozen=True)
class Credentials:
    """What a module registers with at CMDMP that was never given anything else (D20)."""

    appkey: str
    password: str
    terminal_type: int
    # the terminal IMEI defaults to the module's own


@dataclass(frozen=True)
class CmdmpDialect:
    """One field per sentence in which the CMDMP chapters of DOC-A, B, C and D differ."""

    name: str  # "+DMPCONFIG" or "+QDMPCFG"
    source: str  # "DOC-C 3.2.2"
    test_line: str  # letter for letter
    answer_prefix: str  # of types 4 and 6: "" in DOC-A, else "+QDMPCFG: "
    parameters: Mapping[str, str]  # our name -> the document's <name>: mode, server, port, period, appkey, …
    ports: tuple[int, int] = (1, 65535)  # D38
    server_may_be_domain: bool = False
    blank_server: str = "keep"  # an empty field: "keep" what was saved, take the "default", or "clear" (D4, D31)
    period_needs_server: bool = False  # BC95 R2.0 (DOC-A 2.1 note)
    default_period: int = 86400  # s; BC95 R2.0: 900
    plmns: bool = False  # type 3 exists (DOC-A)
    needs_ont_firmware: bool = False  # DOC-A chapter 1
    read_needs_mode_1: bool = False  # D11
    unset_shows_as_space: bool = False  # D31, D34
    domain: str | None = None  # resolved first where the document says so (D39)
    default_server: str = "117.161.2.41"
    default_port: int = 5683
    default_mode: int = 1  # D28
    credentials: Credentials = field(
        default_factory=lambda: Credentials("M100000089", "nbtwin-lab-password-0000000000001", 1)
    )


@dataclass(frozen=True)
class Switch:
    """AT+QSREGENABLE (DOC-C) or AT+QSELFREGISTER (DOC-D)."""

    name: str
    source: str
    operators: tuple[Operator, ...]  # whom it switches
    on_up_to: tuple[str, ...] = ()  # DOC-D table 1: on by default up to and including these firmware versions
    quirk_from: tuple[str, str] | None = None  # DOC-C 3.2.1 note: last version before, first version after; reads 3


@dataclass(frozen=True)
class Boot:
    """What a start prints, and how a host asks for one (DOC-E 2 and 7; D21, D62)."""

    banner: tuple[str, ...]  # ("Neul", "OK") or ("RDY",)
    reports_cause: bool  # the cause on a line of its own before the banner
    urcs: tuple[str, ...] = ()  # after the banner, e.g. "+CFUN: 1", "+CPIN: READY"
    duration: Seconds = 1.0  # from power-on to the banner


@dataclass(frozen=True)
class Profile:
    """One model."""

    model: str
    documents: tuple[str, ...]  # ("DOC-C",)
    firmware: str  # the default version
    commands: tuple[Command, ...]
    errors: ErrorTable
    boot: Boot
    schedules: Mapping[Operator, Schedule]
    cmdmp: CmdmpDialect
    switch: Switch | None = None
    manufacturer: str = "Quectel"
    vendor_code: str = "QUE"  # MODEL of the Telecom and Unicom packets (assumed, wire.md)
    andlink: bool = False
    cmee_default: int = 0
    bands: tuple[int, ...] = (1, 3, 5, 8)
    sleep_default: int = 1  # deep sleep allowed after boot
