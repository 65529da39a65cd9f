"""Deliberately wrong modules: ours, with one field of the profile or one behaviour changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from nbtwin.engine import HOUR, Address, Deadline, Reason, Seconds
from nbtwin.lab.interfaces import ModuleLike
from nbtwin.module.module import Module
from nbtwin.module.profile import Profile
from nbtwin.module.settings import Cmdmp
from nbtwin.selfreg.schedule import Operator


class Wrapped:
    """A module with something between it and the lab. As it stands, nothing is changed."""

    def __init__(self, module: Module) -> None:
        self.module = module

    @property
    def line_speed(self) -> int:
        return self.module.line_speed

    @property
    def spoken_at(self) -> int:
        return self.module.spoken_at

    def power_on(self, now: Seconds) -> None:
        self.module.power_on(now)

    def power_off(self, now: Seconds) -> None:
        self.module.power_off(now)

    def reset(self, now: Seconds, cause: str | None = None) -> None:
        self.module.reset(now, cause)

    def wake(self, now: Seconds) -> None:
        self.module.wake(now)

    def handle_serial(self, now: Seconds, data: bytes) -> None:
        self.module.handle_serial(now, data)

    def handle_host_gone(self, now: Seconds) -> None:
        self.module.handle_host_gone(now)

    def serial_to_send(self) -> bytes:
        return self.module.serial_to_send()

    def handle_packet(self, now: Seconds, port: int, source: Address, data: bytes) -> None:
        self.module.handle_packet(now, port, source, data)

    def handle_lookup(
        self, now: Seconds, name: str, host: str | None, others: tuple[str, ...] = (), ttl: int = 600
    ) -> None:
        self.module.handle_lookup(now, name, host, others, ttl)

    @property
    def name_servers(self) -> Sequence[str]:
        return self.module.name_servers

    def packets_to_send(self) -> Sequence[Any]:
        return self.module.packets_to_send()

    def has_socket(self, port: int) -> bool:
        return self.module.has_socket(port)

    @property
    def reachable(self) -> bool:
        return self.module.reachable

    @property
    def asks_network(self) -> bool:
        return self.module.asks_network

    def network_orders(self) -> list[Any]:
        return self.module.network_orders()

    def handle_network(self, now: Seconds, answer: Any) -> None:
        self.module.handle_network(now, answer)

    def lookups(self) -> list[str]:
        return self.module.lookups()

    def handle_timer(self, now: Seconds) -> None:
        self.module.handle_timer(now)

    def events(self) -> Sequence[Any]:
        return self.module.events()

    def next_deadline(self) -> Deadline | None:
        return self.module.next_deadline()


class Says(Wrapped):
    """Other bytes than ours."""

    def __init__(self, module: Module, pattern: bytes, instead: bytes) -> None:
        super().__init__(module)
        self.pattern, self.instead = re.compile(pattern), instead

    def serial_to_send(self) -> bytes:
        return self.pattern.sub(self.instead, self.module.serial_to_send())


class Hears(Wrapped):
    """Another line than the host's: `AT+X=70000` is taken as `AT+X=1`."""

    def __init__(self, module: Module, pattern: bytes, instead: bytes) -> None:
        super().__init__(module)
        self.pattern, self.instead = re.compile(pattern), instead

        self.mistaken = (b"", b"")

    def handle_serial(self, now: Seconds, data: bytes) -> None:
        heard = self.pattern.sub(self.instead, data)
        if heard != data:
            self.mistaken = (heard, data)
        self.module.handle_serial(now, heard)

    def serial_to_send(self) -> bytes:
        """The echo is of what was written."""
        heard, written = self.mistaken
        return self.module.serial_to_send().replace(heard, written, 1) if heard else self.module.serial_to_send()


class LateReason(Reason):
    ANSWER = "late-answer"


class Late(Wrapped):
    """What it says to one command takes its time."""

    def __init__(self, module: Module, command: bytes, delay: Seconds) -> None:
        super().__init__(module)
        self.command, self.delay = command, delay
        self.held = bytearray()
        self.now: Seconds = 0.0
        self.due: Seconds | None = None

    def handle_serial(self, now: Seconds, data: bytes) -> None:
        self.now = now
        super().handle_serial(now, data)
        if self.command in data and self.due is None:
            self.due = now + self.delay

    def handle_timer(self, now: Seconds) -> None:
        self.now = now
        super().handle_timer(now)

    def serial_to_send(self) -> bytes:
        said = self.module.serial_to_send()
        if self.due is not None and self.now < self.due:
            self.held += said
            return b""
        self.due = None
        whole = bytes(self.held) + said
        self.held.clear()
        return whole

    def next_deadline(self) -> Deadline | None:
        mine = None if self.due is None else Deadline(self.due, LateReason.ANSWER)
        theirs = self.module.next_deadline()
        return mine if theirs is None or (mine is not None and mine.at < theirs.at) else theirs


class AtOnce(Wrapped):
    """What is written is in force before any start."""

    def handle_serial(self, now: Seconds, data: bytes) -> None:
        super().handle_serial(now, data)
        if data.startswith((b"AT+QDMPCFG=", b"AT+DMPCONFIG=")):
            self.module.to_use.cmdmp = msgspec.structs.replace(self.module.saved.cmdmp)


class Forgets(Wrapped):
    """A start without power loses something; ``quietly``: a restart by command, too."""

    def __init__(self, module: Module, what: Callable[[Module], object], at_restart: bool) -> None:
        super().__init__(module)
        self.what, self.at_restart = what, at_restart

    def power_off(self, now: Seconds) -> None:
        super().power_off(now)
        if not self.at_restart:
            self.what(self.module)

    def handle_serial(self, now: Seconds, data: bytes) -> None:
        if self.at_restart and data.startswith((b"AT+NRB", b"AT+QRST")):
            self.what(self.module)
        super().handle_serial(now, data)


class Deaf(Wrapped):
    """It sends no packets at all."""

    def packets_to_send(self) -> Sequence[Any]:
        self.module.packets_to_send()
        return []


def forget_server(module: Module) -> None:
    saved = module.to_save.cmdmp
    saved.server = saved.port = saved.period = None
    module.save()


def forget_cmdmp(module: Module) -> None:
    module.to_save.cmdmp = Cmdmp()
    module.save()


def forget_extended(module: Module) -> None:
    module.to_save.extended.clear()
    module.save()


def forget_switch(module: Module) -> None:
    module.to_save.telecom_enabled = module.to_save.self_register = None
    module.save()


def forget_successes(module: Module) -> None:
    module.to_save.successes.clear()
    module.save()


def forget_security(module: Module) -> None:
    module.to_save.andlink.security = (0, 0)
    module.save()


def as_it_is(module: Module) -> ModuleLike:
    return module


@dataclass(frozen=True)
class Wrong:
    """``model`` with a change; ``found``: patterns of cases that fail, and no others may."""

    name: str
    model: str
    found: tuple[str, ...]
    profile: Callable[[Profile], Profile] = field(default=lambda profile: profile)
    wrap: Callable[[Module], ModuleLike] = as_it_is


def cmdmp(**changed: Any) -> Callable[[Profile], Profile]:
    return lambda p: replace(p, cmdmp=replace(p.cmdmp, **changed))


def errors(**changed: Any) -> Callable[[Profile], Profile]:
    return lambda p: replace(p, errors=replace(p.errors, **changed))


def boot(**changed: Any) -> Callable[[Profile], Profile]:
    return lambda p: replace(p, boot=replace(p.boot, **changed))


def schedule(operator: Operator, **changed: Any) -> Callable[[Profile], Profile]:
    return lambda p: replace(p, schedules={**p.schedules, operator: replace(p.schedules[operator], **changed)})


def longest(kind: int, size: int) -> Callable[[Profile], Profile]:
    def change(p: Profile) -> Profile:
        assert p.extended is not None
        values = {**p.extended.values, kind: tuple((name, size) for name, _ in p.extended.values[kind])}
        return replace(p, extended=replace(p.extended, values=values))

    return change


def says(pattern: bytes, instead: bytes) -> Callable[[Module], ModuleLike]:
    return lambda module: Says(module, pattern, instead)


def hears(pattern: bytes, instead: bytes) -> Callable[[Module], ModuleLike]:
    return lambda module: Hears(module, pattern, instead)


def late(command: bytes, delay: Seconds) -> Callable[[Module], ModuleLike]:
    return lambda module: Late(module, command, delay)


def forgets(what: Callable[[Module], object], *, at_restart: bool = False) -> Callable[[Module], ModuleLike]:
    return lambda module: Forgets(module, what, at_restart)


M, T, U = Operator.MOBILE, Operator.TELECOM, Operator.UNICOM
WRONG = (
    # ranges
    Wrong("port from 999", "BC25", ("bounds/+QDMPCFG/1/server_port/999",), cmdmp(ports=(999, 65535))),
    Wrong("port from 1001", "BC25", ("takes/+QDMPCFG/1/server_port/1000",), cmdmp(ports=(1001, 65535))),
    Wrong("port to 65534", "BC28", ("takes/+DMPCONFIG/1/serverPort/65535",), cmdmp(ports=(1, 65534))),
    Wrong("port 0", "BC26", ("bounds/+QDMPCFG/1/serverPort/0",), cmdmp(ports=(0, 65535))),
    Wrong("period below 300", "BC26", ("bounds/+QDMPCFG/1/updatePeriod/299",), wrap=hears(rb",299\r", b",300\r")),
    Wrong("domain taken", "BC26", ("bounds/+QDMPCFG/1/serverIp/*",), cmdmp(server_may_be_domain=True)),
    Wrong("domain refused", "BC260Y-CN", ("takes/+QDMPCFG/1/serverIP/nobody*",), cmdmp(server_may_be_domain=False)),
    Wrong("value one byte longer", "BC26", ("bounds/+QDMPCFGEX/1/*",), longest(1, 20)),
    Wrong("value one byte shorter", "BC260Y-CN", ("takes/+QDMPCFGEX/5/*",), longest(5, 254)),
    Wrong("mode 2 taken", "BC28", ("bounds/+DMPCONFIG/0/dmMode/2",), wrap=hears(rb"CONFIG=0,2\r", b"CONFIG=0,1\r")),
    # spacing and words
    Wrong("no space behind the colon", "BC26", ("*",), wrap=says(rb"\+QDMPCFG: ", b"+QDMPCFG:")),
    Wrong("prefix on type 4", "BC28", ("*",), cmdmp(answer_prefix="+DMPCONFIG: ")),
    Wrong("test line differs", "BC25", ("forms/+QDMPCFG/test",), cmdmp(test_line="+QDMPCFG: <type>")),
    Wrong("password shown", "BC26", ("takes/+QDMPCFG/2/*", "kept/cmdmp-keys/*", "cmdmp/read"),
          wrap=says(rb"\*\*\*\*", b"*")),
    Wrong("unset shown as default", "BC28", ("blanks/*", "erases/*", "defaults/cmdmp-saved-*"),
          cmdmp(unset_shows_as_space=False)),
    Wrong("unframed answer", "BC25", ("line/framing",), wrap=says(rb"\r\n(\+CMEE: 1)\r\n\r\nOK", rb"\r\n\1\r\nOK")),
    # defaults and blanks
    Wrong("period 900 by default", "BC28", ("defaults/cmdmp-server",), cmdmp(default_period=900)),
    Wrong("period 86400 by default", "BC95 R2.0", ("defaults/cmdmp-server",), cmdmp(default_period=86400)),
    Wrong("off by default", "BC26",
          ("defaults/cmdmp-mode", "erases/0", "erases/4", "defaults/cmdmp-saved-0", "schedule/*"),
          cmdmp(default_mode=0)),
    Wrong("blank clears", "BC260Y-CN", ("blanks/*",), cmdmp(blank_keeps=False)),
    Wrong("blank keeps", "BC26", ("blanks/*",), cmdmp(blank_keeps=True)),
    Wrong("blank period taken", "BC28", ("bounds/+DMPCONFIG/1/*",), cmdmp(period_may_be_blank=True)),
    Wrong("three lines while off", "BC25", ("cmdmp/read-while-off",), cmdmp(read_needs_mode_1=False)),
    # errors
    Wrong("50 instead of 53", "BC25", ("bounds/*", "errors/*"), errors(bad_parameter=50)),
    Wrong("plain error", "BC28", ("bounds/*", "errors/mode-1", "andlink/*"), errors(bad_parameter=None)),
    Wrong("3 instead of 4", "BC32", ("forms/*",), errors(not_supported=3)),
    Wrong("no error texts", "BC25", ("errors/mode-2",), errors(cmee_modes=(0, 1))),
    Wrong("any firmware has it", "BC35-G", ("cmdmp/without-ont",), cmdmp(needs_ont_firmware=False)),
    # when it is in force, and what is lost
    Wrong("in force too early", "BC26", ("kept/cmdmp-*/in-force",), wrap=AtOnce),
    Wrong("in force too early, DOC-A", "BC28", ("kept/cmdmp-*/in-force",), wrap=AtOnce),
    Wrong("server lost by a cut", "BC25", ("kept/cmdmp-server/cut",), wrap=forgets(forget_server)),
    Wrong("all lost by a restart", "BC260Y-CN", ("kept/cmdmp-*/restart", "schedule/*", "cmdmp/read-while-off"),
          wrap=forgets(forget_cmdmp, at_restart=True)),
    Wrong("extended lost by a cut", "BC26", ("kept/extended-*/cut",), wrap=forgets(forget_extended)),
    Wrong("switch lost by a cut", "BC25", ("kept/+QSELFREGISTER/cut",), wrap=forgets(forget_switch)),
    # time
    Wrong("late answer", "BC26", ("time/0.3s",), wrap=late(b"AT+QDMPCFG?", 0.8)),
    Wrong("late answer with keys", "BC28", ("time/2s",), wrap=late(b"AT+QLASETPSK=", 3.0)),
    # starts
    Wrong("no +CFUN at the start", "BC25", ("start/*/+CFUN: 1",), boot(urcs=())),
    Wrong("no +CPIN at the start", "BC26", ("start/*/+CPIN: READY",), boot(usim_urc="")),
    Wrong("no cause", "BC28", ("start/restart",), boot(reports_cause=False)),
    Wrong("a cause at power on", "BC28", ("start/cut",),
          wrap=says(rb"\A\r\nNeul", b"\r\nREBOOT_CAUSE_UNKNOWN\r\nNeul")),
    Wrong("echo after a start", "BC28", ("start/*/echo",), lambda p: replace(p, echo_default=True)),
    Wrong("no echo after a start", "BC26", ("start/*/echo",), lambda p: replace(p, echo_default=False)),
    Wrong("errors as numbers after a start", "BC25", ("start/*/errors",), lambda p: replace(p, cmee_default=1)),
    # schedules
    Wrong("first wait", "BC25", ("schedule/telecom/*",), schedule(T, waits=(2, 6, 12, 24, 48))),
    Wrong("a packet less", "BC28", ("schedule/mobile/*",), schedule(M, waits=(2, 4, 8, 16))),
    Wrong("rounds", "BC260Y-CN", ("schedule/telecom/rounds",), schedule(T, rounds=2)),
    Wrong("half an hour between", "BC25", ("schedule/unicom/rounds",), schedule(U, hold_off=HOUR / 2)),
    Wrong("update every 29 days", "BC25", ("schedule/unicom/update",), schedule(U, update_every=29 * 24 * HOUR)),
    Wrong("registers at each start", "BC260Y-CN", ("schedule/telecom/once",),
          wrap=forgets(forget_successes, at_restart=True)),
    Wrong("asleep at the update", "BC260Y-CN", ("schedule/mobile/asleep",), schedule(M, update_wakes_module=False)),
    Wrong("awake at the update", "BC25-B8", ("schedule/mobile/asleep",), schedule(M, update_wakes_module=True)),
    Wrong("silent", "BC26", ("schedule/mobile/*",), wrap=Deaf),
    Wrong("registers though switched off", "BC32",
          ("schedule/mobile/off", "takes/+QSELFREGISTER/0", "kept/+QSELFREGISTER/*"),
          wrap=hears(rb"REGISTER=0\r", b"REGISTER=1\r")),
    Wrong("on by default in new firmware", "BC25", ("defaults/+QSELFREGISTER/*", "schedule/*"),
          lambda p: replace(p, switch=None if p.switch is None else replace(p.switch, on_up_to=("BC25PAR01A09",)))),
    # the radio, the family's words, Andlink
    Wrong("no +CEREG by itself", "BC26", ("urc/+CEREG",), wrap=says(rb"\r\n\+CEREG: 1\r\n", b"")),
    Wrong("no address by itself", "BC26", ("urc/address",),
          lambda p: replace(p, radio_urcs=replace(p.radio_urcs, address=""))),
    Wrong("another maker", "BC25", ("everyday/AT+CGMI",),
          lambda p: replace(p, everyday=replace(p.everyday, manufacturer="Quectel"))),
    Wrong("a space in +CSQ", "BC35-G", ("everyday/AT+CSQ",), wrap=says(rb"\+CSQ:(\d)", rb"+CSQ: \1")),
    Wrong("key read under its own name", "BC28", ("takes/+QLASETPSK",), wrap=says(rb"\+QSETPSK:", b"+QLASETPSK:")),
    Wrong("security lost by a cut", "BC28", ("kept/+QLASECSWT/cut",), wrap=forgets(forget_security)),
)  # fmt: skip
