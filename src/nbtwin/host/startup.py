"""What host programs of these families do first: probe, echo off, restart and wait for the banner, identity, attach.

Written as scripts that read from top to bottom: each `yield` hands a step to `StartupRun`, which plays it over a
`Driver`. Knows the two families, no model, no port and no clock.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeAlias, TypeVar

from nbtwin.engine import Deadline, Seconds
from nbtwin.host.driver import PATIENCE, AnswerReceived, Driver, HostEvent, HostReason, ModuleStarted

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Send:
    """A command line; its `AnswerReceived` comes back."""

    line: str
    data: bytes | None = None
    timeout: Seconds = PATIENCE


@dataclass(frozen=True, slots=True)
class Pause:
    """Do nothing for a while."""

    seconds: Seconds


@dataclass(frozen=True, slots=True)
class AwaitStart:
    """Wait for a boot banner; `ModuleStarted` comes back, or None. One that came before the wait counts."""

    timeout: Seconds


Step: TypeAlias = Send | Pause | AwaitStart
Script: TypeAlias = Generator[Step, Any, T]


USIM_BUSY = ("+CME ERROR: 14", "+CME ERROR: 314")


class StartUpFailed(Exception):
    """The module did not do what every module does. The text says at which step."""


@dataclass(frozen=True, slots=True)
class Family:
    """How a family restarts and names its USIM (D21; docs/spec/at.md, Everyday commands)."""

    banner: str
    restart: str
    iccid: str


NEUL = Family("Neul", "AT+NRB", "AT+NCCID")
RDY = Family("RDY", "AT+QRST=1", "AT+QCCID")


@dataclass(frozen=True, slots=True)
class ModuleFound:
    """Who answered. An empty text: the module does not say."""

    manufacturer: str = ""
    model: str = ""
    revision: str = ""
    imei: str = ""
    imsi: str = ""
    iccid: str = ""
    attached: bool = False


def probe(attempts: int = 10, every: Seconds = 1.0) -> Script[None]:
    """Ask until it answers: a sleeping module wakes, a booting one comes up, half a line is thrown away."""
    for _ in range(attempts):
        answer: AnswerReceived = yield Send("AT", timeout=every)
        if answer.ok:
            return
    raise StartUpFailed(f"no answer to AT in {attempts * every:g} s")


def expect(line: str, timeout: Seconds = PATIENCE) -> Script[AnswerReceived]:
    """A command that must succeed."""
    answer: AnswerReceived = yield Send(line, timeout=timeout)
    if not answer.ok:
        raise StartUpFailed(f"{line} answered {answer.final or 'nothing'}")
    return answer


def echo_off() -> Script[None]:
    """And errors as numbers from here on."""
    yield from expect("ATE0")
    yield from expect("AT+CMEE=1")


def restart(family: Family, timeout: Seconds = 30.0) -> Script[ModuleStarted]:
    """Restart by command and wait for the banner."""
    yield from expect(family.restart)
    started: ModuleStarted | None = yield AwaitStart(timeout)
    if started is None:
        raise StartUpFailed(f"no {family.banner} within {timeout:g} s of {family.restart}")
    if started.banner != family.banner:
        raise StartUpFailed(f"{started.banner} came instead of {family.banner}: the module is of the other family")
    return started


def ask_patiently(line: str, attempts: int = 10, every: Seconds = 0.5) -> Script[AnswerReceived]:
    """A command whose answer may be on the card, which is not read at once after a start (D107)."""
    answer: AnswerReceived = yield Send(line)
    for _ in range(attempts):
        if answer.final not in USIM_BUSY:
            break
        yield Pause(every)
        answer = yield Send(line)
    return answer


def identify(family: Family) -> Script[ModuleFound]:
    """Everything that a module says about itself. Without a USIM the last two stay empty."""
    texts: list[str] = []
    for line in ("AT+CGMI", "AT+CGMM", "AT+CGMR", "AT+CGSN=1", "AT+CIMI", family.iccid):
        answer = yield from ask_patiently(line)
        texts.append(_bare(answer.lines[-1]) if answer.ok and answer.lines else "")
    manufacturer, model, revision, imei, imsi, iccid = texts
    return ModuleFound(manufacturer, model, revision, imei, imsi, iccid)


def attach(timeout: Seconds = 120.0, every: Seconds = 2.0) -> Script[bool]:
    """Radio on, then ask until the module is attached."""
    yield from expect("AT+CFUN=1", timeout=10.0)
    for _ in range(max(1, round(timeout / every))):
        answer: AnswerReceived = yield Send("AT+CGATT?")
        if answer.value("+CGATT") == "1":
            return True
        yield Pause(every)
    return False


def start_up(family: Family, configure: Sequence[str] = (), attach_within: Seconds = 120.0) -> Script[ModuleFound]:
    """The whole sequence; ``configure`` are the lines that take effect after the restart."""
    yield from probe()
    yield from echo_off()
    for line in configure:
        yield from expect(line)
    yield from restart(family)
    yield from probe()
    yield from echo_off()  # a restart may turn the echo on again
    found = yield from identify(family)
    attached = yield from attach(attach_within)
    return replace(found, attached=attached)


def _bare(line: str) -> str:
    """`+CGSN:8637…`, `+CGSN: 8637…` and `Revision:BC28…` without what stands before the colon."""
    name, colon, value = line.partition(":")
    return (value if colon and (name.startswith("+") or name == "Revision") else line).strip(' "')


class StartupRun(Generic[T]):
    """Plays one script over a driver. Same verbs as every engine; ``done`` when the script has ended."""

    def __init__(self, driver: Driver, script: Script[T], notify: Callable[[HostEvent], None] | None = None) -> None:
        self.driver = driver
        self.done = False
        self.result: T | None = None
        self.failure = ""  # why it ended without a result
        self._script = script
        self._notify = notify
        self._step: Step | None = None
        self._until: Deadline | None = None
        self._started: ModuleStarted | None = None  # since the last command was sent

    def start(self, now: Seconds) -> None:
        self._go_on(now, None)

    def handle_bytes(self, now: Seconds, data: bytes) -> None:
        self.driver.handle_bytes(now, data)
        self._handle_events(now)

    def handle_timer(self, now: Seconds) -> None:
        self.driver.handle_timer(now)
        self._handle_events(now)
        if self._until is not None and now >= self._until.at:
            self._go_on(now, None)

    def bytes_to_send(self) -> bytes:
        return self.driver.bytes_to_send()

    def next_deadline(self) -> Deadline | None:
        return self._until or self.driver.next_deadline()

    def _handle_events(self, now: Seconds) -> None:
        for event in self.driver.events():
            if self._notify is not None:
                self._notify(event)
            if isinstance(event, ModuleStarted):
                self._started = event
                if isinstance(self._step, AwaitStart):
                    self._go_on(now, event)
            elif isinstance(event, AnswerReceived) and isinstance(self._step, Send):
                self._go_on(now, event)

    def _go_on(self, now: Seconds, answer: AnswerReceived | ModuleStarted | None) -> None:
        self._until = self._step = None
        try:
            step = self._script.send(answer)
            while isinstance(step, AwaitStart) and self._started is not None:
                step = self._script.send(self._started)
        except StopIteration as end:
            self.done, self.result = True, end.value
        except StartUpFailed as error:
            self.done, self.failure = True, str(error)
        else:
            self._begin(now, step)

    def _begin(self, now: Seconds, step: Step) -> None:
        self._step = step
        if isinstance(step, Send):
            self._started = None
            self.driver.send(now, step.line, data=step.data, timeout=step.timeout)
        elif isinstance(step, Pause):
            self._until = Deadline(now + step.seconds, HostReason.PAUSE)
        else:
            self._until = Deadline(now + step.timeout, HostReason.BOOT_BANNER)
