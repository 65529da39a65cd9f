"""What a lab has beyond modules, platforms and time: figures, models, keys, definitions, scenarios, the whole state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from os import PathLike, fspath
from pathlib import Path
from typing import Any

import msgspec

from nbtwin.api.groups.access import Access
from nbtwin.api.groups.definitions import Definitions
from nbtwin.api.groups.module import Model
from nbtwin.api.groups.notes import Notes
from nbtwin.api.groups.packages import Packages
from nbtwin.api.groups.scenarios import ScenarioRun, Scenarios
from nbtwin.api.rest import LabTime
from nbtwin.api.session import Session
from nbtwin.engine import Seconds


class AppKey(msgspec.Struct, frozen=True, kw_only=True):
    appkey: str
    password: str
    """Masked, unless it was asked for in clear."""


class AppKeys:
    """CMDMP's, of a lab. Given by `Lab.appkeys`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def all(self, *, reveal: bool = False) -> list[AppKey]:
        """``reveal``: in clear; for an admin."""
        return self._session.rest.get(list[AppKey], "appkeys", reveal=str(reveal).lower())

    def add(self, appkey: str, password: str) -> None:
        """Or give it another password."""
        self._session.rest.post(AppKey, "appkeys", appkey=appkey, password=password)

    def remove(self, appkey: str) -> None:
        self._session.rest.do("DELETE", "appkeys", appkey)


class FaultKind(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    says: str
    """What it does, in words."""
    fields: tuple[str, ...]


class NextThing(msgspec.Struct, frozen=True, kw_only=True):
    """What falls due next in the whole lab."""

    source: str
    at: LabTime
    seconds: Seconds
    code: str
    fields: Mapping[str, Any]
    why: str


class ClockState(msgspec.Struct, frozen=True, kw_only=True):
    now: LabTime
    mode: str
    """ "live", or "simulated": time passes by advance alone."""
    rate: float
    """Seconds of the lab in a second of the wall clock; 0: it stands still."""
    pace: float
    zone: str
    """In which times are shown: UTC, an offset such as +08:00, or a name."""
    paused: bool
    advancing: bool
    seed: int
    next: NextThing | None


class LabCounts(msgspec.Struct, frozen=True, kw_only=True):
    modules: int
    devices: int
    faults: int
    now: LabTime


class ModuleFigures(msgspec.Struct, frozen=True, kw_only=True):
    total: int
    by_power: Mapping[str, int]
    by_state: Mapping[str, int]
    attached: int


class PlatformFigures(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    operator: str
    devices: int
    by_state: Mapping[str, int]


class Percentiles(msgspec.Struct, frozen=True, kw_only=True):
    count: int
    p50: Seconds | None
    p95: Seconds | None
    p99: Seconds | None


class LoopHeld(msgspec.Struct, frozen=True, kw_only=True):
    seconds: Seconds
    work: str
    """By what: datagrams, timers, commits, serial, pages, readers, files, garbage, processor, other."""
    detail: str


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    version: str
    now: LabTime
    modules: ModuleFigures
    platforms: tuple[PlatformFigures, ...]
    rates: Mapping[str, float]
    """A second of the wall clock, over the last ten; of a simulated lab 0."""
    latency: Mapping[str, Percentiles]
    """By platform: from request to answer."""
    commits: Percentiles
    loop_lag: Percentiles
    """How long the lab's event loop was held: the worst of each second."""
    loop: LoopHeld
    """The worst of the last minute."""


class Rates(msgspec.Struct, frozen=True, kw_only=True):
    step: Seconds
    at: tuple[LabTime, ...]
    last: tuple[LabTime, ...]
    """Up to which each is counted."""
    wall: tuple[Seconds, ...]
    """The wall clock's then, since 1970."""
    since: LabTime
    since_wall: Seconds
    series: Mapping[str, tuple[int, ...]]
    loop: tuple[Seconds, ...] = ()
    """How long the lab's event loop was held at worst, second for second."""


class NodeFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Of several nodes over one PostgreSQL this one."""

    name: str
    connected: bool
    """It can ask the other nodes."""


class Ready(msgspec.Struct, frozen=True, kw_only=True):
    ready: bool
    modules: int
    platforms: int
    held: int
    """Events and datagrams that wait for the database."""
    node: NodeFigures | None


class FieldDecoded(msgspec.Struct, frozen=True, kw_only=True):
    """What octets ``start`` to ``end`` (not included) of a datagram say."""

    start: int
    end: int
    name: str
    value: str
    source: str
    """RFC section, chapter of a vendor's document, or decision."""


class InsideDecoded(msgspec.Struct, frozen=True, kw_only=True):
    data: str | None
    """Hexadecimal; for an admin."""
    fields: tuple[FieldDecoded, ...]


class EntryDecoded(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the timeline, octet by octet."""

    number: int
    at: LabTime
    source: str
    kind: str
    code: str
    fields: Mapping[str, Any]
    text: str
    layout: tuple[FieldDecoded, ...]
    inside: tuple[InsideDecoded, ...]
    """What its DTLS records protect, where the lab knows the keys."""


class MoreOfLab:
    """`Lab` is one of these."""

    _session: Session

    # groups

    @property
    def appkeys(self) -> AppKeys:
        return AppKeys(self._session)

    @property
    def packages(self) -> Packages:
        return Packages(self._session)

    @property
    def objects(self) -> Definitions:
        return Definitions(self._session)

    @property
    def notes(self) -> Notes:
        return Notes(self._session)

    @property
    def scenarios(self) -> Scenarios:
        return Scenarios(self._session)

    @property
    def access(self) -> Access:
        return Access(self._session)

    def run_scenario(self, scenario: str | Path, *, seed: int | None = None, language: str = "en") -> ScenarioRun:
        """As `Scenarios.run`: in a world of its own, to its end, with its verdicts."""
        return self.scenarios.run(scenario, seed=seed, language=language)

    # figures

    def models(self) -> list[Model]:
        """What there is to order."""
        return self._session.rest.get(list[Model], "models")

    @property
    def clock(self) -> ClockState:
        return self._session.rest.get(ClockState, "clock")

    @property
    def overview(self) -> Overview:
        return self._session.rest.get(Overview, "overview")

    @property
    def ready(self) -> Ready:
        """LabRefused while nothing can be committed: platforms answer nobody then."""
        return self._session.rest.get(Ready, "ready")

    def rates(self, seconds: int = 300, step: int | None = None) -> Rates:
        """What was counted: second for second of the wall clock, or in steps of 1, 60 or 3600 seconds of the lab's
        time, those in which something happened. LabError (``lab-not-live``) in a simulated lab."""
        self._session.check_live("rates")
        return self._session.rest.get(Rates, "rates", seconds=seconds, step=step)

    def set_zone(self, zone: str) -> ClockState:
        """In which times are shown: UTC, +08:00, a name such as Asia/Shanghai. LabError (``lab-not-live``) in a
        simulated lab, whose times are since it began."""
        self._session.check_live("set_zone")
        return self._session.rest.post(ClockState, "clock", "zone", zone=zone)

    def stop_advance(self) -> None:
        """End an `advance` of another thread, where it has come to."""
        self._session.rest.post(ClockState, "clock", "stop")

    # the network and the timeline

    def fault_kinds(self, language: str = "en") -> list[FaultKind]:
        return self._session.rest.get(list[FaultKind], "faults", "kinds", lang=language)

    def clear_faults(self) -> None:
        """All of them at once."""
        self._session.rest.do("DELETE", "faults")

    def entry(self, number: int, language: str = "en") -> EntryDecoded:
        """One of the timeline, with every field of a datagram and the octets that it came from."""
        return self._session.rest.get(EntryDecoded, "traces", str(number), lang=language)

    def save_jsonl(self, file: str | PathLike[str], language: str = "en") -> None:
        """The timeline, one JSON object a line; times are the API's, since 1970."""
        content = self._session.rest.content("GET", ("traces.jsonl",), query={"lang": language})
        Path(fspath(file)).write_bytes(content)

    def save_story(self, file: str | PathLike[str], entries: Iterable[int] | None = None) -> None:
        """Entries of the timeline, by number, as one HTML file for somebody else: the console's diagram with bytes,
        fields and notes, in either language, without secrets. None: the newest 3,000."""
        query = {} if entries is None else {"numbers": ",".join(map(str, entries))}
        content = self._session.rest.content("GET", ("traces", "story.html"), query=query)
        Path(fspath(file)).write_bytes(content)

    # the whole state

    def reset(self, *, faults: bool = True, devices: bool = True, modules: bool = False) -> LabCounts:
        """Begin again; time does not go back. ``modules``: get back the factory's settings, and restart."""
        body = {"faults": faults, "devices": devices, "modules": modules}
        return self._session.rest.post(LabCounts, "lab", "reset", **body)

    def export(self) -> bytes:
        """Modules with NVRAM and flash, the platforms' store with every key in it, faults and time, as one archive."""
        return self._session.rest.content("GET", ("lab", "export"))

    def import_(self, archive: bytes, *, serial: str = "keep") -> LabCounts:
        """An archive in place of everything that is here; time goes on from the later of the two.

        ``serial``: TCP addresses of serial lines are those of the archive ("keep"), or any free ones ("free").
        LabRefused for what is no archive, and for an address that is taken: nothing has changed then.
        """
        return self._session.rest.ask(LabCounts, "PUT", ("lab", "import"), archive, {"serial": serial})
