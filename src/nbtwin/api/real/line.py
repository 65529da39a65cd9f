"""The host's end of a real module's serial line, without threads: who asks, waits.

Knows the driver, a port and the wall clock; knows no lab. What the module says while nobody asks waits in the port.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import TypeVar

from nbtwin.api.results import AtResult
from nbtwin.edge.host_port import HostPort
from nbtwin.engine import Seconds
from nbtwin.host.driver import AnswerReceived, Driver, HostEvent, ModuleStarted, UrcReceived
from nbtwin.host.startup import Script, StartupRun
from nbtwin.lab.recorder import LineRecorder

SILENCE: Seconds = 10.0
"""A module that echoes (V.250 6.2.4: each character, at once), and has not even done that by then, does not answer.
Assumed."""
BOOT: Seconds = 30.0
"""The longest restart that is waited for. Assumed: no document says how long one takes."""
_ECHO = re.compile(r"AT[^+]*E([01]?)", re.IGNORECASE)
_RESTART = re.compile(r"AT\+(NRB|QRST=1|CFUN=[0-9]+,1)", re.IGNORECASE)
"""What begins with a banner anew (D21, D101)."""
T = TypeVar("T")


class PortLine:
    """One module's. Times are ``clock``'s."""

    def __init__(self, port: HostPort, recorder: LineRecorder, name: str, clock: Callable[[], Seconds]) -> None:
        self._port, self._recorder, self._name, self._clock = port, recorder, name, clock
        self._driver = Driver()
        self._answers: list[AnswerReceived] = []
        self._restarting = False
        self.echoes = False
        """As far as it is known from what was sent."""
        self.heard = 0
        """Bytes so far."""
        self.urcs: list[str] = []

    def send(self, line: str, data: bytes | None, within: Seconds) -> AtResult:
        """A command line and its answer; an empty ``final`` when none came."""
        if self._restarting:
            self._until(lambda: not self._restarting, BOOT)
        said_before, heard_before, began = len(self.urcs), self.heard, self._clock()
        self._answers.clear()
        self._restarting = bool(_RESTART.fullmatch(line))  # the banner may come before the OK
        self._driver.send(began, line, data=data, timeout=within)
        self._write()
        silent = SILENCE if self.echoes else within
        while not self._answers:
            self.listen()
            self._driver.handle_timer(self._clock())
            self._take()
            if self.heard == heard_before and self._clock() >= began + silent:
                break
        answer = self._answers[0] if self._answers else AnswerReceived(line, (), "", self._clock() - began)
        if not self._answers:
            self._driver = Driver()  # its answer would be taken for the next one's
        self._follow(answer)
        urcs = tuple(self.urcs[said_before:])
        return AtResult(command=line, lines=answer.lines, final=answer.final, took=answer.took, urcs=urcs)

    def _follow(self, answer: AnswerReceived) -> None:
        if answer.ok and (echo := _ECHO.fullmatch(answer.command)):
            self.echoes = echo[1] == "1"
        self._restarting = self._restarting and answer.ok

    def listen(self) -> bool:
        """A moment; whether something came."""
        data = self._port.read()
        if data:
            self.heard += len(data)
            self._recorder.handle_module_bytes(self._clock(), self._name, data)
            self._driver.handle_bytes(self._clock(), data)
            self._take()
            self._write()
        return bool(data)

    def _until(self, holds: Callable[[], bool], within: Seconds) -> None:
        end = self._clock() + within
        while not holds() and self._clock() < end:
            self.listen()

    def play(self, script: Script[T]) -> T | str:
        """What the script gives, or at which step it failed."""
        run = StartupRun(self._driver, script, self._hear)
        run.start(self._clock())
        while not run.done:
            self._write()
            if data := self._port.read():
                self.heard += len(data)
                self._recorder.handle_module_bytes(self._clock(), self._name, data)
                run.handle_bytes(self._clock(), data)
            run.handle_timer(self._clock())
        if run.failure or run.result is None:
            return run.failure
        return run.result

    def write(self, data: bytes) -> None:
        """Past the driver."""
        self._recorder.handle_host_bytes(self._clock(), self._name, data)
        self._port.write(data)

    def _write(self) -> None:
        if data := self._driver.bytes_to_send():
            self.write(data)

    def _take(self) -> None:
        for event in self._driver.events():
            self._hear(event)

    def _hear(self, event: HostEvent) -> None:
        match event:
            case UrcReceived(text):
                self.urcs.append(text)
            case AnswerReceived():
                self._answers.append(event)
            case ModuleStarted():
                self._restarting = self.echoes = False


def monotonic_clock() -> Callable[[], Seconds]:
    """Seconds from now on."""
    began = time.monotonic()
    return lambda: time.monotonic() - began
