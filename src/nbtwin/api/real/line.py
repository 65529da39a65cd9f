"""The host's end of a real module's serial line, without threads: who asks, waits.

Knows the host's driver and what a lab keeps of a line; knows no lab. What the module says while nobody asks waits in
the port.
"""

from __future__ import annotations

from typing import TypeVar

from nbtwin.api.results import AtResult
from nbtwin.engine import Seconds
from nbtwin.host.driver import UrcReceived
from nbtwin.host.line import BytesReceived, BytesSent, LineEvent
from nbtwin.host.module import Module
from nbtwin.host.startup import Script, StartUpFailed
from nbtwin.lab.recorder import LineRecorder

T = TypeVar("T")


class PortLine:
    """One module's. Times are those of the line since ``began``."""

    def __init__(self, module: Module, recorder: LineRecorder, name: str, began: Seconds = 0.0) -> None:
        self._module, self._recorder, self._name = module, recorder, name
        self._began = began
        self._unwatch = module.watch(self._hear)
        self.urcs: list[str] = []
        self._heard = 0

    @property
    def now(self) -> Seconds:
        return self._module.now - self._began

    def send(self, line: str, data: bytes | None, within: Seconds) -> AtResult:
        """A command line and its answer; an empty ``final`` when none came."""
        said_before = len(self.urcs)
        answer = self._module.send(line, data=data, within=within)
        urcs = tuple(self.urcs[said_before:])
        return AtResult(command=line, lines=answer.lines, final=answer.final, took=answer.took, urcs=urcs)

    def listen(self) -> bool:
        """A moment; whether something came."""
        heard_before = self._heard
        self._module.listen()
        return self._heard > heard_before

    def play(self, script: Script[T]) -> T | str:
        """What the script gives, or at which step it failed."""
        try:
            return self._module.play(script)
        except StartUpFailed as failed:
            return str(failed)

    def rescue(self) -> None:
        self._module.rescue()

    def close(self) -> None:
        """Nothing is taken in any more; the port stays open."""
        self._unwatch()

    def _hear(self, at: Seconds, event: LineEvent) -> None:
        match event:
            case BytesReceived(data=data):
                self._heard += len(data)
                self._recorder.handle_module_bytes(at - self._began, self._name, data)
            case BytesSent(data=data):
                self._recorder.handle_host_bytes(at - self._began, self._name, data)
            case UrcReceived(text):
                self.urcs.append(text)
            case _:
                pass
