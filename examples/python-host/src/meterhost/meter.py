"""A meter's application: bring the module up, let it register with the operator's platform, deliver readings.

Knows the commands of three models; knows no port.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from meterhost.line import Answer, AtLine, ModuleRestarted, ModuleSilent, Port


class MeterError(Exception):
    """It did not become so within the time."""


@dataclass(frozen=True)
class Model:
    restart: str
    read: str  # the settings, as they are
    right: str  # what stands there when they are as they should be
    write: tuple[str, ...]
    registered: tuple[str, str] | None = None  # the command that reads it, and what stands there then
    send: str | None = None  # data from the host, where the model takes any


_CMDMP = ("AT+QDMPCFG=0,1", "AT+QDMPCFG=1,117.161.2.41,5683,600")
_REGISTERED = ("AT+QDMPCFG=6", "6,6")
MODELS = {
    "BC28": Model(
        "AT+NRB", "AT+QLASERVERIP?", "BS,lwm.home.komect.com,5683",
        ('AT+QLASERVERIP="BS","lwm.home.komect.com",5683', "AT+QLABSSECSWT=0"), send="AT+QLASENDATA=0x0100,",
    ),
    "BC25": Model("AT+QRST=1", "AT+QDMPCFG?", ",5683,600", ("AT+QSELFREGISTER=1", *_CMDMP), _REGISTERED),
    "BC260Y-CN": Model("AT+QRST=1", "AT+QDMPCFG?", ",5683,600", _CMDMP, _REGISTERED),
}  # fmt: skip
PAUSE = 0.5  # between two tries of what may be refused for a while
MOST_RESTARTS = 4


class Meter:
    """``patience``: seconds, for each thing that is waited for."""

    def __init__(self, port: Port, model: str, clock: Callable[[], float], *, patience: float = 60.0) -> None:
        self._model, self._clock, self._patience = MODELS[model], clock, patience
        self._line = AtLine(port, self._on_urc, clock)
        self._attached = self._delivered = False
        self.urcs: list[str] = []
        self.starts = 0
        self.written = 0
        """How often the settings had to be written."""

    def start(self) -> None:
        """Until the platform has the module. MeterError."""
        for _ in range(MOST_RESTARTS):
            try:
                self._bring_up()
            except ModuleRestarted:
                continue
            except ModuleSilent as error:
                raise MeterError(f"the module is silent: {error}") from None
            return
        raise MeterError("the module restarts again and again")

    def deliver(self, reading: bytes) -> None:
        """To the platform, which acknowledges it. Only a BC28 takes data from its host."""
        self._again_after_restart(lambda: self._send(reading))

    def watch(self, span: float) -> None:
        """Let time pass; a module that restarts meanwhile is brought up again."""
        end = self._clock() + span
        while (left := end - self._clock()) > 0:
            self._line.listen(left)
            if self._line.restarted:
                self.start()

    def _again_after_restart(self, work: Callable[[], None]) -> None:
        try:
            work()
        except ModuleRestarted:
            self.start()
            work()

    def _bring_up(self) -> None:
        self.starts += 1
        self._wait_for_boot()
        self._tell("ATE0", "AT+CMEE=1")
        if self._model.right not in self._line.command(self._model.read).text:
            self._tell(*self._model.write, self._model.restart)
            self.written += 1
            self._wait_for_boot()
            self._tell("ATE0", "AT+CMEE=1")
        self._insist("AT+CPIN?", "READY")
        self._attach()
        if self._model.registered is not None:
            self._insist(*self._model.registered)

    def _wait_for_boot(self) -> None:
        """A module that boots hears nothing: ask until it answers."""
        end = self._clock() + self._patience
        while self._clock() < end:
            self._line.restarted = False
            try:
                self._line.command("AT", within=0.3)
            except (ModuleSilent, ModuleRestarted):
                continue
            self._line.settle(0.3)  # it may answer the earlier ones as well
            self._line.restarted = False
            return
        raise MeterError("the module does not answer")

    def _tell(self, *commands: str) -> None:
        for command in commands:
            answer = self._line.command(command)
            if not answer.ok:
                raise MeterError(f"{command}: {answer.final}")

    def _insist(self, command: str, wanted: str) -> Answer:
        """Again, with a pause, while the module refuses or says something else."""
        end = self._clock() + self._patience
        while True:
            answer = self._line.command(command)
            if answer.ok and wanted in answer.text:
                return answer
            if self._clock() >= end:
                raise MeterError(f"{command}: {answer.text or answer.final}")
            self._line.listen(PAUSE)

    def _attach(self) -> None:
        self._attached = False
        self._tell("AT+CEREG=1")
        self._attached = self._line.command("AT+CEREG?").text.endswith((",1", ",5"))
        end = self._clock() + self._patience
        while not self._attached:
            if self._clock() >= end:
                raise MeterError("no network")
            self._tell("AT+CSQ")  # the installer watches the signal meanwhile
            self._line.listen(PAUSE)

    def _send(self, reading: bytes) -> None:
        if self._model.send is None:
            raise MeterError("this model takes no data")
        self._delivered = False
        self._insist(f"{self._model.send}{len(reading)}", "")
        if not self._line.data(reading).ok:
            raise MeterError("the reading was refused")
        end = self._clock() + self._patience
        while not self._delivered:
            if self._clock() >= end or self._line.restarted:
                raise MeterError("the reading was not acknowledged")
            self._line.listen(PAUSE)

    def _on_urc(self, line: str) -> None:
        self.urcs.append(line)
        if line.startswith("+CEREG:"):
            self._attached = line[7:].strip() in ("1", "5")
        elif line == "+QLADATASTATUS:4":
            self._delivered = True
