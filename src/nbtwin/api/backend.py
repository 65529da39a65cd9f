"""What stands behind a lab's face: all that `Lab`, `Module`, `Platform` and `Device` ask of it, and nothing else.

There are two: `simulated` (a world in this process that jumps) and `remote` (any lab that runs, over its REST API). A
method more here is one in each of them. Times are seconds since the lab began; names that are unknown are UnknownName.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import msgspec

from nbtwin.api.rest import Rest
from nbtwin.api.results import AtResult, ModuleState, TimelineEntry
from nbtwin.engine import Seconds
from nbtwin.operators.inventory.devices import Device, HistoryEntry


class ModuleOrder(msgspec.Struct, frozen=True, kw_only=True):
    """As `Lab.add_module` takes it."""

    model: str
    sim: str | None = None
    name: str | None = None
    imei: str | None = None
    imsi: str | None = None
    iccid: str | None = None
    plmn: str | None = None
    firmware: str | None = None
    vendor: str | None = None
    serial: str = "pty"
    settings: tuple[str, ...] = ()
    power: bool = True


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """What became of something that was asked of a device."""

    value: Any = None
    response_code: str = ""
    """ "2.05"; empty when no answer came."""
    refusal: str | None = None
    """The code of why it failed."""


class Record(Protocol):
    """What has happened in a lab."""

    def entries(
        self,
        *,
        kinds: Sequence[str] = (),
        sources: Sequence[str] = (),
        since: Seconds | None = None,
        newest_first: bool = False,
        language: str = "en",
    ) -> Iterator[TimelineEntry]:
        """Those of the timeline that fit; of everything, where nothing is said. ``language``: which is asked for."""
        ...

    def capture(self) -> bytes:
        """Datagrams, AT lines and DTLS keys, as a file for Wireshark."""
        ...


class Backend(Protocol):
    """A lab without its face."""

    @property
    def record(self) -> Record: ...

    @property
    def url(self) -> str: ...

    def close(self) -> None: ...

    @property
    def rest(self) -> Rest:
        """What it has beyond the methods here."""
        ...

    @property
    def is_live(self) -> bool:
        """Whether it has ports, and others may ask it; one that is simulated in this process has none."""
        ...

    def forgotten(self, device: str) -> None:
        """The platform has forgotten it, by way of `rest`."""
        ...

    # time

    @property
    def now(self) -> Seconds: ...

    def advance(self, span: Seconds) -> None: ...

    def wait(self, holds: Callable[[], bool], within: Seconds) -> bool:
        """Let time pass until it holds, and say whether it does; asked again after whatever happens."""
        ...

    @property
    def rate(self) -> float:
        """Seconds of the lab in a second of the wall clock; 0: paused. LabError where time jumps; so the next three."""
        ...

    def set_rate(self, rate: float) -> None: ...

    def pause(self) -> None: ...

    def resume(self) -> None: ...

    # modules

    def add_module(self, order: ModuleOrder) -> ModuleState: ...

    def modules(self) -> Sequence[ModuleState]:
        """In the order in which they came."""
        ...

    def module(self, name: str) -> ModuleState: ...

    def power(self, name: str, action: str) -> None:
        """ "on", "off", "reset" or "wake"."""
        ...

    def insert_sim(self, name: str, sim: str | None) -> None: ...

    def set_coverage(self, name: str, coverage: bool) -> None: ...

    def set_signal(self, name: str, rssi: int) -> None: ...

    def rebind(self, name: str) -> None: ...

    def send(self, name: str, line: str, data: bytes | None, within: Seconds) -> AtResult: ...

    def urcs(self, name: str) -> Sequence[str]: ...

    # platforms

    def platforms(self) -> Sequence[str]: ...

    def strict(self, platform: str) -> bool: ...

    def set_strict(self, platform: str, on: bool) -> None: ...

    def forget_all(self, platform: str) -> None: ...

    def devices(self, platform: str) -> Sequence[Device]: ...

    def device(self, platform: str, name: str) -> Device | None:
        """By its IMEI, or the name that it has instead."""
        ...

    def history(self, device: str) -> Sequence[HistoryEntry]: ...

    def ask(self, device: str, verb: str, path: str, value: Any) -> int:
        """The ticket by which `answer` is asked. LabError when the platform asks nothing, or not now."""
        ...

    def answer(self, device: str, ticket: int) -> Answered | None:
        """None while there is none."""
        ...

    # the network

    def add_fault(self, fields: Mapping[str, Any]) -> int: ...

    def remove_fault(self, number: int) -> None: ...

    def faults(self) -> Mapping[int, Mapping[str, Any]]: ...
