"""The type of a model's data: what one buys, flat, as the vendor's documents give it.

Only types live here, with the sentences that follow from their fields alone; the data is in ``nbtwin.profiles``.
No field names a model.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from nbtwin.at.command import Command, ErrorTable, Gate
from nbtwin.engine import CodedError, Refusal, Seconds
from nbtwin.module.internet.dialect import InternetDialect, announce_nothing
from nbtwin.module.internet.mqtt_settings import MqttDialect
from nbtwin.module.internet.qi_dialect import QiDialect
from nbtwin.module.settings import Cmdmp, CmdmpInUse
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
    blank_keeps: bool = True  # an empty server, port or period keeps what was saved; else it is forgotten (D4, D31)
    period_needs_server: bool = False  # BC95 R2.0 (DOC-A 2.1 note)
    period_may_be_blank: bool = True  # D36: not in DOC-A
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

    def filled(self, saved: Cmdmp, imei: str) -> CmdmpInUse:
        """The settings with the default for each that was never saved (D20, D28, D34, D39)."""
        factory = self.credentials
        return CmdmpInUse(
            mode=self.default_mode if saved.mode is None else saved.mode,
            server=saved.server or self.default_server,
            port=saved.port or self.default_port,
            period=saved.period or self.default_period,
            appkey=saved.appkey or factory.appkey,
            password=saved.password or factory.password,
            terminal_type=factory.terminal_type if saved.terminal_type is None else saved.terminal_type,
            terminal_imei=saved.terminal_imei or imei,
            plmns=tuple(saved.plmns),
        )


@dataclass(frozen=True)
class ExtendedDialect:
    """AT+QDMPCFGEX: what DOC-B 2.3, DOC-C 3.2.3 and DOC-D 3.2.2 print."""

    source: str
    test_line: str  # letter for letter
    values: Mapping[int, tuple[tuple[str, int], ...]]  # <type> to the document's names and longest lengths in bytes


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
    urcs: tuple[str, ...] = ()  # after the banner, e.g. "+CFUN: 1"
    usim_urc: str = ""  # once the card is read: {pin}
    duration: Seconds = 1.0  # from power-on to the banner
    usim_delay: Seconds = 2.0  # from the banner until the card is read (D107)
    causes: tuple[str, ...] = ()  # DOC-E 7, in its order
    silent_causes: tuple[str, ...] = ()  # in the table, never printed (D50)

    def cause_named(self, text: str) -> str:
        """A cause as the table has it, from its name with or without REBOOT_CAUSE_, or its number there.

        Raises UnknownCause for what is not in the table. A family without one takes any word: only the timeline has it.
        """
        if not self.causes:
            return text
        if text.isdecimal() and 1 <= int(text) <= len(self.causes):
            return self.causes[int(text) - 1]
        for cause in self.causes:
            if text.upper() in (cause, cause.removeprefix("REBOOT_CAUSE_")):
                return cause
        raise UnknownCause(ProfileRefusal.CAUSE_UNKNOWN, cause=text, known=list(self.causes))

    def lines(self, cause: str | None) -> tuple[str, ...]:
        """The banner, behind the cause where the family prints one: not at power-on, not for the reset pin."""
        if cause is None or not self.reports_cause or cause in self.silent_causes:
            return self.banner
        return (cause, *self.banner)


@dataclass(frozen=True)
class RadioUrcs:
    """The unsolicited result codes of 27.007 as the family words them: {stat}, {tac}, {ci}, {act}, {mode}; empty
    where it has none."""

    cereg: str
    cereg_located: str
    cscon: str
    time_zone: tuple[str, ...] = ()  # by mode of +CTZR, from 1 on: {tz}, {local}, {universal}
    address: str = ""  # after the attach: {ip}
    power_saving: str = ""  # +NPSMR: {mode}


@dataclass(frozen=True)
class ConfigItem:
    """One switch of AT+NCONFIG: TRUE or FALSE, or an integer of a span."""

    name: str
    default: str = "FALSE"
    span: tuple[int, int] | None = None

    @property
    def takes(self) -> str:
        return "FALSE,TRUE" if self.span is None else f"{self.span[0]}-{self.span[1]}"

    def allows(self, value: str) -> bool:
        if self.span is None:
            return value in ("TRUE", "FALSE")
        return value.isdigit() and len(value) <= 10 and self.span[0] <= int(value) <= self.span[1]


@dataclass(frozen=True)
class Everyday:
    """How a family words what is not in its document (docs/spec/at.md, Everyday commands); observed or assumed."""

    source: str  # the vendor's AT manual of the family
    manufacturer: str  # AT+CGMI, first line of ATI
    model: str  # AT+CGMM, second line of ATI; {model} is the model's name
    revision: str  # AT+CGMR; {firmware} is the version
    identity_revision: str  # third line of ATI
    colon: str = ": "  # between a command's name and its values
    quoted: bool = True  # addresses, times and bit strings in double quotes
    iccid_commands: tuple[str, ...] = ("+QCCID",)
    restarts_with_nrb: bool = False  # AT+NRB; else AT+QRST=1 (D21)
    functions: tuple[int, ...] = (0, 1, 4)  # +CFUN
    context: int = 0  # of the default bearer, where the host has defined no other
    contexts: tuple[int, ...] = (0, 1)  # that a host may name
    access_technology: int = 9  # 27.007 <AcT> of NB-IoT
    bit_error_rate: int = 0  # +CSQ <ber>
    bands_command: str = "+QBAND"
    bands_with_count: bool = True  # AT+QBAND=1,8 against AT+NBAND=8
    counts_statistics: bool = False  # AT+NUESTATS
    configuration: tuple[ConfigItem, ...] = ()  # AT+NCONFIG
    ping_command: str = "+QPING"
    baud: int = 115200
    no_usim: int | None = 10  # 27.007 9.2.1 "SIM not inserted"; 310 in DOC-A, D and E
    usim_busy: int | None = 14  # 27.007 9.2.1 "SIM busy"; 314 in DOC-A, D and E
    full_without_usim: int | None = None  # how AT+CFUN=1 is refused where no card is in; None: it is not (D108)
    no_network: int | None = 30
    serial_number: str = ""  # AT+CGSN=0: {tail} is the end of the IMEI; without one it is the IMEI
    software_version: str = "01"  # SVN, the last two digits of an IMEISV (TS 23.003 6.2.2)
    sleep_lock: bool = False  # AT+QRELLOCK
    wakes_by_serial: bool = True  # the host's bytes end deep sleep; else the wake-up pin alone (D109)
    lists_commands: bool = False  # AT+CLAC
    default_context_command: bool = True  # AT+QCGDEFCONT


Family: TypeAlias = "tuple[Command, ...] | Callable[[Profile], tuple[Command, ...]]"
"""Rows as they are, or who makes them from a profile's dialects."""


@dataclass(frozen=True)
class Profile:
    """One model. Its commands follow from its dialects: `replace()` of one value changes all that it touches."""

    model: str
    documents: tuple[str, ...]  # ("DOC-C",)
    firmware: str  # the default version
    families: tuple[Family, ...]  # of commands, in the order of the documents
    errors: ErrorTable
    boot: Boot
    schedules: Mapping[Operator, Schedule]
    cmdmp: CmdmpDialect
    everyday: Everyday
    radio_urcs: RadioUrcs
    switch: Switch | None = None
    extended: ExtendedDialect | None = None
    mqtt: MqttDialect | None = None
    manufacturer: str = "Quectel"
    vendor_code: str = "QUE"  # MODEL of docs/spec/wire.md, Telecom and Unicom; assumed
    andlink: bool = False
    cmee_default: int = 0
    echo_default: bool = True  # after power-on and every restart (V.250 6.2.4)
    bands: tuple[int, ...] = (1, 3, 5, 8)
    sleep_default: int = 1  # deep sleep allowed after boot
    gates: tuple[Gate, ...] = ()  # before every command of the model
    known: Mapping[str, str] = field(default_factory=dict, repr=False)
    """How each value is known (nbtwin.at.known), by where it stands: ``cmdmp.ports``, ``schedules.mobile.waits``; what
    is not named follows what it is part of, ``cmdmp``."""
    internet: InternetDialect | None = None
    """None: hosts open no sockets."""
    qi: QiDialect | None = None
    """AT+QI…, +QNTP and +QPING."""
    announces: Callable[[Any, Any], None] = field(default=announce_nothing, repr=False)
    """``announces(module, event)``: the URCs about what the host's sockets, pings and look-ups did."""
    commands: tuple[Command, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        made = (family(self) if callable(family) else family for family in self.families)
        rows = (replace(row, gates=(*row.gates, *self.gates)) if self.gates else row for rows in made for row in rows)
        object.__setattr__(self, "commands", tuple(rows))

    def known_by(self, path: str) -> str:
        """How the value at ``path`` is known; empty when nobody has said."""
        while path not in self.known and "." in path:
            path = path.rpartition(".")[0]
        return self.known.get(path, "")


class ProfileRefusal(Refusal):
    """What a profile does not have."""

    MODEL_UNKNOWN = "profile-model-unknown"  # model, known
    CAUSE_UNKNOWN = "profile-cause-unknown"  # cause, known


class UnknownModel(CodedError, LookupError):
    """No model of that name; ``known`` are those that there are."""


class UnknownCause(CodedError, ValueError):
    """The model's table of reboot causes does not have it."""


class Models(Mapping[str, Profile]):
    """The profiles by model name. ``find`` takes a name as a user types it."""

    def __init__(self, profiles: Iterable[Profile]) -> None:
        self._by_name = {profile.model: profile for profile in profiles}
        self._by_plain_name = {_plain(name): profile for name, profile in self._by_name.items()}

    def __getitem__(self, name: str) -> Profile:
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    def find(self, name: str) -> Profile:
        """Case, spaces and hyphens do not matter: `bc95r2.0` is BC95 R2.0. Raises UnknownModel."""
        try:
            return self._by_plain_name[_plain(name)]
        except KeyError:
            raise UnknownModel(ProfileRefusal.MODEL_UNKNOWN, model=name, known=list(self)) from None


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]", "", name).upper()
