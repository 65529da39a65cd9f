"""What a model keeps in its NVRAM, as its documents have it: their words, their order, their defaults, and the command
that changes each value.

Made from the profile's dialects. Knows the names of the settings (`nvram_image`); calls no command.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from nbtwin.at.session import line_settings
from nbtwin.commands.andlink import UPDATE_MODE
from nbtwin.commands.extended import NOTHING
from nbtwin.commands.startup import EDRX, HUAWEI
from nbtwin.module.bearer import FIRST_DNS, LAB_NAME_SERVERS, SECOND_DNS, keys
from nbtwin.module.nvram_image import SECRETS, Settings, differences, masked, settings_of
from nbtwin.module.profile import Profile
from nbtwin.module.settings import Cmdmp, Saved
from nbtwin.module.sleep import DEFAULT_T3324, DEFAULT_T3412
from nbtwin.module.switches import default_of
from nbtwin.selfreg.schedule import Operator


@dataclass(frozen=True, slots=True)
class Setting:
    """One row. ``parameters`` stand between < and > in the document; several: the value is a list, in their order."""

    name: str  # as `nvram_image.settings_of` has it, or the structure that holds several of those
    command: str = ""  # that changes it, as in the profile: "+QDMPCFG"; empty: none does
    parameters: tuple[str, ...] = ()
    default: Any = None  # where nothing was saved; None: nothing is used then
    write: str = ""  # the line that changes it, with <parameter> for each value
    many: bool = False  # the command adds to a list
    about: str = ""  # which of several that are called the same


@dataclass(frozen=True, slots=True)
class SettingRow:
    """A setting and its values; None: never saved, and its default is used."""

    setting: Setting
    source: str  # the chapter that gives the command
    says: str  # the code of what the command is for
    saved: Any
    in_use: Any
    secret_differs: bool = False  # where both sides look the same masked

    @property
    def used(self) -> Any:
        """What the module goes by now."""
        return self.setting.default if self.in_use is None else self.in_use

    @property
    def next(self) -> Any:
        """What it goes by after the next boot."""
        return self.setting.default if self.saved is None else self.saved

    @property
    def waiting(self) -> bool:
        """The next boot changes it."""
        return self.secret_differs or bool(self.used != self.next)


def rows(
    profile: Profile,
    imei: str,
    firmware: str,
    saved: Saved,
    in_use: Saved | None = None,
    *,
    secrets: bool = False,
) -> list[SettingRow]:
    """Every setting of the model, by document and chapter, then what no command changes. ``in_use``: what is in force
    (`nvram_image.in_force`); left out: what is saved."""
    used = saved if in_use is None else in_use
    kept, now = _values(saved, secrets), _values(used, secrets)
    commands = {command.name: command for command in profile.commands}
    table = list(_table(profile, imei, firmware, kept | now))
    place = {name: number for number, name in enumerate(commands)}
    everyday = {name for name, command in commands.items() if not command.source.startswith("DOC-")}
    table.sort(key=lambda row: (not row.command, row.command in everyday, place.get(row.command, len(place))))
    differing = {change.name for change in differences(used, saved)}
    made = []
    for setting in table:
        command, name = commands.get(setting.command), setting.name
        source, says = (command.source, command.says) if command is not None else ("", "")
        secret = any(each in differing for each in (name, f"{name}.key") if each in SECRETS)
        made.append(SettingRow(setting, source, says, kept.get(name), now.get(name), secret))
    return made


def _values(saved: Saved, secrets: bool) -> Settings:
    """By the names of the table. What is as a new NVRAM has it was never saved."""
    found, new = settings_of(saved, secrets=secrets), settings_of(Saved())
    values: Settings = {name: value for name, value in found.items() if new.get(name) != value and value is not None}
    for name in ("andlink.psk", "andlink.bootstrap_psk"):
        key = [values.pop(f"{name}.{part}", None) for part in ("identity", "key")]
        values |= {name: key} if any(key) else {}
    line = [values.pop(name) for name in list(values) if name.startswith("generic.line.")]
    servers = [f"{one.type},{one.host},{one.port}" for one in saved.andlink.servers]
    more = {"generic.line": line, "andlink.servers": servers, "generic.psm": _timers(saved.generic.psm)}
    return values | {name: value for name, value in more.items() if value}


def _timers(psm: list[str] | None) -> list[str] | None:
    """As AT+CPSMS? shows them: a timer that was not given has its default."""
    return None if psm is None else [psm[0], psm[1] or DEFAULT_T3412, psm[2] or DEFAULT_T3324]


def _table(p: Profile, imei: str, firmware: str, values: Settings) -> Iterator[Setting]:
    yield from _cmdmp(p, imei)
    if p.switch is not None:
        name = "self_register" if p.switch.quirk_from is None else "telecom_enabled"
        yield Setting(name, p.switch.name, ("mode",), default_of(p.switch, firmware), f"AT{p.switch.name}=<mode>")
    for kind, fields in (p.extended.values if p.extended is not None else {}).items():
        names = tuple(name for name, _ in fields)
        nothing = [NOTHING] * len(names)
        yield Setting(f"extended.{kind}", "+QDMPCFGEX", names, nothing, _line("+QDMPCFGEX", kind, 0, texts=names))
    if p.andlink:
        yield from _andlink()
    yield from _everyday(p)
    yield from _start(p)
    for name in values:
        command = name.removeprefix("generic.config.")
        if command.startswith("+"):  # has a number until the next boot
            yield Setting(name, command, ("mode",), write=f"AT{command}=<mode>")
    yield from _own(p, firmware, values)


def _line(command: str, *fixed: int, words: tuple[str, ...] = (), texts: tuple[str, ...] = ()) -> str:
    values = [*map(str, fixed), *(f"<{name}>" for name in words), *(f'"<{name}>"' for name in texts)]
    return f"AT{command}={','.join(values)}"


def _cmdmp(p: Profile, imei: str) -> Iterator[Setting]:
    d = p.cmdmp
    default, named = d.filled(Cmdmp(), imei), d.parameters
    server = _line(d.name, 1, words=(named["server"], named["port"], named["period"]))
    appkey, password = (f'"<{named[part]}>"' for part in ("appkey", "password"))
    keys = f"AT{d.name}=2,{appkey},{password},<{named['terminal_type']}>,<{named['terminal_imei']}>"
    for part, write in (
        ("mode", _line(d.name, 0, words=(named["mode"],))),
        *((part, server) for part in ("server", "port", "period")),
        *((part, keys) for part in ("appkey", "password", "terminal_type", "terminal_imei")),
    ):
        value = getattr(default, part)
        shown = masked(f"cmdmp.{part}", value) if part == "password" else value
        yield Setting(f"cmdmp.{part}", d.name, (named[part],), shown, write)
    if d.plmns:
        yield Setting("cmdmp.plmns", d.name, (named["plmn"],), write=_line(d.name, 3, words=(named["plmn"],)))


def _andlink() -> Iterator[Setting]:
    """In the order of DOC-E 3."""
    security, psk = ("type", "NAT_type"), ("PSK_ID", "PSK")
    servers = 'AT+QLASERVERIP="<type>","<IP_addr>",<port>'
    device = '+QCFG="LWM2M/DeviceType"'
    yield Setting("andlink.servers", "+QLASERVERIP", ("type", "IP_addr", "port"), write=servers, many=True)
    yield Setting("andlink.security", "+QLASECSWT", security, [0, 0], _line("+QLASECSWT", words=security))
    yield Setting("andlink.psk", "+QLASETPSK", psk, write=_line("+QLASETPSK", words=psk))
    yield Setting(f"generic.config.{UPDATE_MODE}", "+QLAFOTAIND", ("type",), "0", _line("+QLAFOTAIND", words=("type",)))
    yield Setting("andlink.automatic", "+QLAREGSWT", ("type",), 1, _line("+QLAREGSWT", words=("type",)))
    yield Setting("andlink.device_type", device, ("DeviceType",), write=f'AT{device},"<DeviceType>"')
    yield Setting("andlink.bootstrap_psk", "+QLASETBSPSK", psk, write=_line("+QLASETBSPSK", words=psk))
    yield Setting("andlink.bootstrap_security", "+QLABSSECSWT", security, [0, 0], _line("+QLABSSECSWT", words=security))


def _everyday(p: Profile) -> Iterator[Setting]:
    """What the everyday commands keep (docs/spec/at.md, Everyday commands)."""
    e = p.everyday
    timers = ("mode", "Requested_Periodic-TAU", "Requested_Active-Time")
    yield Setting("generic.sleep_mode", "+QSCLK", ("n",), p.sleep_default, _line("+QSCLK", words=("n",)))
    psm = f'AT+CPSMS=<{timers[0]}>,,,"<{timers[1]}>","<{timers[2]}>"'
    yield Setting("generic.psm", "+CPSMS", timers, ["0", DEFAULT_T3412, DEFAULT_T3324], psm)
    for item in e.configuration:
        write = f"AT+NCONFIG={item.name},<value>"
        yield Setting(f"generic.config.{item.name}", "+NCONFIG", ("value",), item.default, write, about=item.name)
    count = ("number",) if e.bands_with_count else ()
    bands = _line(e.bands_command, words=(*count, "band"))
    yield Setting("generic.bands", e.bands_command, ("band",), list(p.bands), bands)
    rate = ("+NATSPEED", "baud_rate") if e.restarts_with_nrb else ("+IPR", "rate")
    speed = "AT+NATSPEED=<baud_rate>,30,1" if e.restarts_with_nrb else "AT+IPR=<rate>"
    yield Setting("generic.baud", rate[0], (rate[1],), e.baud, speed)
    line = line_settings(p.echo_default, p.cmee_default)
    shown = [getattr(line, part) for part in line.__struct_fields__]
    yield Setting("generic.line", "&W", (), shown, "AT&W", about="E, +CMEE, Q, V, S0")


def _start(p: Profile) -> Iterator[Setting]:
    """What hosts also send while they start."""
    e = p.everyday
    cycle = f'AT+CEDRXS=1,5,"<{_CYCLE}>"'
    yield Setting(f"generic.config.{EDRX}", "+CEDRXS", (_CYCLE,), write=cycle)
    for cid in sorted({e.context, *e.contexts}):
        write = f'AT+CGDCONT={cid},"<PDP_type>","<APN>"'
        for key, word, default in zip(keys(e, cid), ("PDP_type", "APN"), ("IP", ""), strict=True):
            used = default if cid == e.context else None
            yield Setting(f"generic.config.{key}", "+CGDCONT", (word,), used, write, about=f"<cid> {cid}")
    names = (FIRST_DNS, "pridnsaddr", LAB_NAME_SERVERS[0]), (SECOND_DNS, "secdnsaddr", LAB_NAME_SERVERS[1])
    context = "" if e.restarts_with_nrb else f"{e.context},"
    for key, word, address in names:
        write = f"AT+QIDNSCFG={context}<pridnsaddr>,<secdnsaddr>"
        yield Setting(f"generic.config.{key}", "+QIDNSCFG", (word,), address, write)
    if e.restarts_with_nrb:
        yield Setting(f"generic.config.{HUAWEI}", "+QREGSWT", ("type",), "2", _line("+QREGSWT", words=("type",)))


_CYCLE = "Requested_eDRX_value"


def _own(p: Profile, firmware: str, values: Settings) -> Iterator[Setting]:
    """What the module notes for itself; no command changes it."""
    yield Setting("firmware", default=firmware)
    if p.switch is not None and p.switch.quirk_from is not None:
        yield Setting("updated_from")
    if Operator.TELECOM in p.schedules:
        yield Setting("telecom_address")
    if p.andlink:
        yield Setting("andlink.update_result", default=0)
    for name in values:
        if name.startswith("successes.") and name.split(".")[1] in p.schedules:
            yield Setting(name)
