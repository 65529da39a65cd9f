"""What a module keeps that the checker writes to: how each is read, and with which lines it is put back (D188, D189).

Made from the profile. Knows no run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from nbtwin.check.steps import Answer, Part, Send
from nbtwin.module.profile import Profile

Snapshot: TypeAlias = Mapping[str, tuple[str, ...]]
"""What each setting's read answered."""


@dataclass(frozen=True, slots=True)
class Setting:
    """``lines``: what puts it back, from what its read said; None: nothing can."""

    name: str
    read: str
    lines: Callable[[tuple[str, ...]], Sequence[str] | None]


def settings_of(profile: Profile) -> tuple[Setting, ...]:
    """Those that any scene writes to that is not about keys."""
    return (*_cmdmp(profile), *_extended(profile), *_switch(profile), *_andlink(profile), *_everyday(profile))


def _value(lines: tuple[str, ...], prefix: str) -> str | None:
    return next((line.removeprefix(prefix).strip() for line in lines if line.startswith(prefix)), None)


def _cmdmp(p: Profile) -> list[Setting]:
    d = p.cmdmp
    at = f"AT{d.name}"

    def mode(lines: tuple[str, ...]) -> list[str] | None:
        value = _value(lines, f"{d.answer_prefix}0,")
        if value == "" and d.unset_shows_as_space:
            return [f"{at}=5,0"]
        return None if value is None else [f"{at}=0,{value}"]

    def server(lines: tuple[str, ...]) -> list[str] | None:
        value = _value(lines, f"{d.answer_prefix}1,")
        if value is None:
            return None
        if d.unset_shows_as_space and value.replace(",", "").strip() == "":
            return [f"{at}=5,1"]
        return [f"{at}=5,1", f"{at}=1,{value}"]

    def plmns(lines: tuple[str, ...]) -> list[str] | None:
        value = _value(lines, f"{d.answer_prefix}3,")
        if value is None:
            return None
        return [f"{at}=3,{value}"] if value else [f"{at}=5,3"]

    found = [Setting("cmdmp mode", f"{at}=4,0", mode), Setting("cmdmp server", f"{at}=4,1", server)]
    return [*found, Setting("cmdmp PLMNs", f"{at}=4,3", plmns)] if d.plmns else found


def _extended(p: Profile) -> list[Setting]:
    if p.extended is None:
        return []

    def of(kind: int, count: int) -> Setting:
        def lines(said: tuple[str, ...]) -> list[str] | None:
            value = _value(said, f"+QDMPCFGEX: {kind},")
            if value is None:
                return None
            if value == ",".join(["NULL"] * count):
                return [f"AT+QDMPCFGEX={kind},2"]
            parts = value.split(",") if count > 1 else [value]
            if len(parts) != count:  # a comma within a value: which is which cannot be told
                return None
            return [f"AT+QDMPCFGEX={kind},0," + ",".join(f'"{part}"' for part in parts)]

        return Setting(f"extended {kind}", f"AT+QDMPCFGEX={kind},1", lines)

    return [of(kind, len(values)) for kind, values in p.extended.values.items()]


def _again(name: str, read: str, prefix: str, write: str) -> Setting:
    """One whose read shows what its write takes."""

    def lines(said: tuple[str, ...]) -> list[str] | None:
        value = _value(said, prefix)
        return None if value is None else [f"{write}{value}"]

    return Setting(name, read, lines)


def _switch(p: Profile) -> list[Setting]:
    if p.switch is None:
        return []

    def lines(said: tuple[str, ...]) -> list[str] | None:
        value = _value(said, f"{p.switch.name}: ") if p.switch else None
        return None if value is None else [f"AT{p.switch.name if p.switch else ''}={'1' if value == '3' else value}"]

    return [Setting(p.switch.name, f"AT{p.switch.name}?", lines)]


def _andlink(p: Profile) -> list[Setting]:
    if not p.andlink:
        return []

    def servers(said: tuple[str, ...]) -> list[str] | None:
        found = [re.fullmatch(r'"?(LWM2M|BS)"?,"?([^,"]+)"?,(\d+)', line) for line in said[1:]]
        if None in found or not said:
            return None
        return [f'AT+QLASERVERIP="{each[1]}","{each[2]}",{each[3]}' for each in found if each is not None]

    def device_type(said: tuple[str, ...]) -> list[str] | None:
        value = _value(said, '+QCFG: "LWM2M/DeviceType",')
        return [f'AT+QCFG="LWM2M/DeviceType","{value}"'] if value else None

    return [
        Setting("+QLASERVERIP", "AT+QLASERVERIP?", servers),
        _again("+QLASECSWT", "AT+QLASECSWT?", "+QLASECSWT:", "AT+QLASECSWT="),
        _again("+QLABSSECSWT", "AT+QLABSSECSWT?", "+QLABSSECSWT:", "AT+QLABSSECSWT="),
        _again("+QLAREGSWT", "AT+QLAREGSWT?", "+QLAREGSWT:", "AT+QLAREGSWT="),
        Setting("LWM2M/DeviceType", 'AT+QCFG="LWM2M/DeviceType"', device_type),
    ]


def _everyday(p: Profile) -> list[Setting]:
    e = p.everyday
    found = [_again("+QSCLK", "AT+QSCLK?", f"+QSCLK{e.colon}", "AT+QSCLK=")]
    if e.configuration:

        def configuration(said: tuple[str, ...]) -> list[str] | None:
            return [f"AT+NCONFIG={line.removeprefix('+NCONFIG' + e.colon)}" for line in said]

        found.append(Setting("+NCONFIG", "AT+NCONFIG?", configuration))
    return found


ECHO, ERRORS = "ATE", "+CMEE"
"""Of the line itself, which the checker needs in its own way (D189)."""


def line_snapshot(first: Answer) -> Part:
    """Before anything is set. ``first``: to the first AT, whose echo shows whether there is one."""
    mode: Answer = yield Send("AT+CMEE?")
    return {ECHO: (str(int(b"AT\r" in first.raw)),), ERRORS: tuple(filter(None, (mode.value(ERRORS),)))}


def restore_line(before: Snapshot) -> Part:
    """The last of all. (name, before, now) of what differs."""
    mode, echo = next(iter(before[ERRORS]), "?"), before[ECHO][0]
    if mode != "?":
        yield Send(f"AT+CMEE={mode}")
    now: Answer = yield Send("AT+CMEE?")
    yield Send(f"ATE{echo}")
    echoed: Answer = yield Send("AT")
    there = {ERRORS: (mode, now.value(ERRORS) or "?"), ECHO: (echo, str(int(b"AT\r" in echoed.raw)))}
    return [(name, was, said) for name, (was, said) in there.items() if was != said]


def snapshot(settings: Sequence[Setting]) -> Part:
    """Reads each. What is not answered OK is not in the snapshot."""
    found: dict[str, tuple[str, ...]] = {}
    for setting in settings:
        answer: Answer = yield Send(setting.read)
        if answer.ok:
            found[setting.name] = answer.lines
    return found


def restore(settings: Sequence[Setting], before: Snapshot) -> Part:
    """Writes what differs, and reads again. How many were written, and (name, before, now) of those that differ."""
    written, left = 0, []
    for setting in settings:
        if setting.name not in before:
            continue
        was = before[setting.name]
        answer: Answer = yield Send(setting.read)
        if answer.ok and answer.lines == was:
            continue
        for line in [*_emptied(setting, answer.lines), *(setting.lines(was) or ())]:
            yield Send(line)
        again: Answer = yield Send(setting.read)
        written += 1
        if again.lines != was:
            left.append((setting.name, " / ".join(was), " / ".join(again.lines)))
    return written, left


def _emptied(setting: Setting, said: tuple[str, ...]) -> list[str]:
    """A list is emptied first: its lines are added one by one."""
    if setting.name != "+QLASERVERIP":
        return []
    found = (re.fullmatch(r'"?(?:LWM2M|BS)"?,"?([^,"]+)"?,(\d+)', line) for line in said[1:])
    return [f'AT+QLASERVERIP="DEL","{each[1]}",{each[2]}' for each in found if each is not None]
