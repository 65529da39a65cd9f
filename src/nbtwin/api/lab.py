"""`nbtwin.Lab`: modules, the operators' platforms, the network between them and one clock, in a test's own process.

Simulated: no sockets, no threads, no waiting; time passes when something is waited for, and a seed gives the same run
twice. Live: the same names, over real ports and on the wall clock. Knows what stands behind it by a protocol; knows no
test runner.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from nbtwin.api import artifacts, recorded
from nbtwin.api.backend import Backend, ModuleOrder
from nbtwin.api.conditions import Condition
from nbtwin.api.errors import LabRefused, NotReached, PythonRefusal, UnknownName
from nbtwin.api.groups.lab import MoreOfLab
from nbtwin.api.module import Module
from nbtwin.api.orders import checked, several
from nbtwin.api.packets import packets_in
from nbtwin.api.platform import Platform
from nbtwin.api.results import ModuleState, PacketSeen, TimelineEntry
from nbtwin.api.session import Session
from nbtwin.api.spans import Span, seconds_of
from nbtwin.engine import Seconds
from nbtwin.runtime.simulated_lab import OPERATORS
from nbtwin.timeline.catalogue import LANGUAGES
from nbtwin.timeline.entry import EntryKind
from nbtwin.timeline.operations import NAMES, split

if TYPE_CHECKING:  # loaded by who draws
    from nbtwin.api.report.diagram import Diagram
    from nbtwin.api.report.page import Told

_TOLD = 12
"""Lines of the timeline that a failing expectation ends with."""


class Lab(MoreOfLab):
    """A lab of the process's own, simulated or live. It may be used in a ``with`` statement, and need not be.

    ``seed``: in a simulated lab the same seed and the same calls are the same run, byte for byte. ``platforms``: those
    of the operators that there are to be, by default all. ``latency``: each way, in seconds or as a span; of a
    simulated lab. ``keys``: passwords of CMDMP by appkey, beside the lab's own. UnknownName for a platform that there
    is not.

    ``live``: on the wall clock, with a serial port for each module, platforms on free UDP ports of the loopback, the
    console and the REST API (`url`); all of it in a thread, and gone when the lab is closed. ``state``: its state
    directory, by default one that goes with it. ``http``: where console and API are, HOST:PORT on loopback; port 0 is a
    free one. ``database``: a file or a PostgreSQL URL, instead of the state directory's. LabRefused for a port that is
    taken, a state directory that is in use, and for an option that the other kind of lab has.
    """

    def __init__(
        self,
        *,
        seed: int = 1,
        platforms: Iterable[str] = OPERATORS,
        latency: Span = 0.0,
        keys: Mapping[str, str] | None = None,
        live: bool = False,
        state: str | PathLike[str] | None = None,
        http: str | None = None,
        database: str | None = None,
    ) -> None:
        wanted = several("platforms", platforms)
        for platform in wanted:
            if platform not in OPERATORS:
                raise UnknownName.of("platform", platform, OPERATORS)
        delay = seconds_of(latency)
        if live:
            if delay:
                raise LabRefused(PythonRefusal.SIMULATED_ONLY, option="latency")
            folder = None if state is None else Path(fspath(state))
            self._stand_on(_live(seed, wanted, keys, folder, http or "127.0.0.1:0", database))
            return
        for option, value in (("state", state), ("http", http), ("database", database)):
            if value is not None:
                raise LabRefused(PythonRefusal.LIVE_ONLY, option=option)
        self._stand_on(_simulated(seed, wanted, delay, keys))

    @classmethod
    def _over(cls, backend: Backend) -> Self:
        """A face of what is there already."""
        lab = cls.__new__(cls)
        lab._stand_on(backend)
        return lab

    def _stand_on(self, backend: Backend) -> None:
        self._session = Session(backend)
        self._modules: dict[str, Module] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Lab: {', '.join(self._modules) or 'no modules'}>"

    def close(self) -> None:
        """Nothing happens in it any more; what it has recorded can still be read."""
        if self._session.is_open:
            self._session.is_open = False
            self._session.backend.close()

    # modules and platforms

    def add_module(
        self,
        model: str,
        *,
        sim: str | None = None,
        name: str | None = None,
        imei: str | None = None,
        imsi: str | None = None,
        iccid: str | None = None,
        plmn: str | None = None,
        firmware: str | None = None,
        vendor: str | None = None,
        serial: str = "pty",
        settings: Sequence[str] = (),
        power: bool = True,
    ) -> Module:
        """A module as delivered, switched on unless ``power`` is False.

        ``model``: "BC260Y-CN", "BC28" … ``sim``: "mobile" (if nothing is said of the card), "telecom", "unicom" or
        "none"; ``imsi``, ``iccid``, ``plmn``: the card's own numbers instead. ``imei``: 15 digits, else made from the
        name. ``serial``: of a live lab, "pty", "tcp:HOST:PORT" or "rfc2217:HOST:PORT" on loopback, port 0 for a free
        one (`Module.serial`). ``settings``: AT lines that it was sent in the factory. UnknownName for a model or card
        that there is not, LabRefused, a ValueError, for anything else that cannot be.
        """
        order = ModuleOrder(
            model=model,
            sim=sim,
            name=name,
            imei=imei,
            imsi=imsi,
            iccid=iccid,
            plmn=plmn,
            firmware=firmware,
            vendor=vendor,
            serial=serial,
            settings=several("settings", settings),
            power=power,
        )
        return self._known(self._session.open_backend.add_module(checked(order)))

    def _known(self, state: ModuleState) -> Module:
        """The same object for the same module."""
        module = self._modules.get(state.name)
        if module is None or (module.model, module.imei) != (state.model, state.imei):
            module = self._modules[state.name] = Module(self._session, state.name, state.model, state.imei)
        return module

    @property
    def modules(self) -> Mapping[str, Module]:
        """By name, in the order in which they came."""
        return {state.name: self._known(state) for state in self._session.backend.modules()}

    def module(self, name: str) -> Module:
        """UnknownName, with those that there are."""
        return self._known(self._session.backend.module(name))

    @property
    def platforms(self) -> Mapping[str, Platform]:
        """By name."""
        return {name: Platform(self._session, name) for name in self._session.backend.platforms()}

    def platform(self, name: str) -> Platform:
        """UnknownName, with those that the lab has."""
        self._session.check_platform(name)
        return Platform(self._session, name)

    @property
    def url(self) -> str:
        """Of console and REST API, "http://127.0.0.1:41877"; empty in a simulated lab."""
        return self._session.backend.url

    # time

    @property
    def now(self) -> Seconds:
        """Seconds since the lab began; of a lab on the wall clock, since it was last started."""
        return self._session.backend.now

    def advance(self, span: Span) -> None:
        """Everything that falls due within the span, in order, at once; in a live lab, too."""
        self._session.open_backend.advance(seconds_of(span))

    def run_until(self, condition: Condition | Callable[[], bool], within: Span) -> Seconds:
        """Let time pass until it holds, ``within`` so much of the lab's time; how long that took, of the same.

        A simulated lab jumps; a live one waits, and asks again when something has happened. NotReached, an
        AssertionError, when it does not hold by then.
        """
        backend = self._session.open_backend
        holds, began = condition.holds if isinstance(condition, Condition) else condition, backend.now
        if backend.wait(holds, seconds_of(within)):
            return backend.now - began
        name, found = (condition.name, condition.found()) if isinstance(condition, Condition) else (_name(holds), "")
        raise NotReached(
            PythonRefusal.NOT_REACHED, self.tail(), condition=name, within=seconds_of(within), found=found or None
        )

    @property
    def rate(self) -> float:
        """Of a live lab: seconds of its time in a second of the wall clock; 0: paused. LabError in one that jumps."""
        return self._session.backend.rate

    def set_rate(self, rate: float) -> None:
        """Of a live lab, from now on: 0 to 100,000; 0 pauses. LabError in one that jumps, LabRefused out of range."""
        self._session.open_backend.set_rate(rate)

    def pause(self) -> None:
        """Of a live lab: its time stands still. What is waited for in it is LabRefused."""
        self._session.open_backend.pause()

    def resume(self) -> None:
        """At the rate of before the pause."""
        self._session.open_backend.resume()

    # the network

    def add_fault(self, kind: str, **fields: Any) -> int:
        """Let something go wrong with datagrams from now on; the number by which it is taken off.

        ``kind`` and ``fields`` as in a scenario: ``add_fault("loss", direction="up", packets=[1, 2])``;
        ``source`` and ``destination`` may be a `Module` or a `Platform`. LabRefused, a ValueError, for what is none.
        """
        given = {key: value.name if isinstance(value, Module | Platform) else value for key, value in fields.items()}
        return self._session.open_backend.add_fault({"kind": kind, **given})

    def remove_fault(self, number: int) -> None:
        """UnknownName for one that is not there."""
        self._session.open_backend.remove_fault(number)

    @property
    def faults(self) -> Mapping[int, Mapping[str, Any]]:
        """By number, each as `add_fault` takes it."""
        return self._session.backend.faults()

    # what has happened

    def entries(
        self, *, source: Module | Platform | str | None = None, kind: str | None = None, since: Seconds | None = None
    ) -> Iterator[TimelineEntry]:
        """The timeline, oldest first. UnknownName for a kind that there is not, and for a name that nobody has had."""
        if kind is not None and kind not in tuple(EntryKind):
            raise UnknownName.of("kind", kind, EntryKind)
        found = self._session.backend.record.entries(
            kinds=() if kind is None else (kind,), sources=() if source is None else (_name_of(source),), since=since
        )
        first = next(found, None)
        if first is None:
            self._check_names(source)
            return iter(())
        return chain((first,), found)

    def packets(
        self,
        *,
        source: Module | Platform | str | None = None,
        destination: Module | Platform | str | None = None,
        operation: str | None = None,
        since: Seconds | None = None,
    ) -> list[PacketSeen]:
        """Datagrams, oldest first. ``operation``: requests and notifications of that name, "Update", "Read /3/0" or
        "Read"; answers are found without it. UnknownName for an operation that there is not, and for a name that nobody
        has had."""
        if operation is not None and (name := split(operation)[0]) not in NAMES:
            raise UnknownName.of("operation", name, NAMES)
        sender, receiver = (None if one is None else _name_of(one) for one in (source, destination))
        found = [
            packet
            for packet in packets_in(self.entries(kind=EntryKind.DATAGRAM))
            if (sender is None or packet.sender == sender)
            and (receiver is None or packet.receiver == receiver)
            and (since is None or packet.at >= since)
            and (operation is None or packet.is_of(operation))
        ]
        if not found:
            self._check_names(source, destination)
        return found

    def _check_names(self, *things: Module | Platform | str | None) -> None:
        """UnknownName for what is no module's or platform's name, never was, and is no address."""
        for name in [thing for thing in things if isinstance(thing, str) and ":" not in thing]:
            record, known = self._session.backend.record, ["lab", *self.modules, *self.platforms]
            if name not in known and next(iter(record.entries(sources=(name,))), None) is None:
                raise UnknownName.of("source", name, known)

    def tail(self, count: int | None = _TOLD, language: str = "en") -> list[str]:
        """The last lines of the timeline, without what modules wait for; None: all of them."""
        return recorded.last_lines(self._session.backend.record, count, _known(language))

    def sequence(self, *, since: Seconds | None = None) -> str:
        """Who sent what to whom, as a Mermaid sequence diagram: datagrams with what became of them, AT lines."""
        return recorded.sequence(self._session.backend.record, since)

    def diagram(
        self,
        *,
        source: Module | Platform | str | None = None,
        since: Seconds | None = None,
        language: str = "en",
        most: int = 160,
    ) -> Diagram:
        """The same drawn, for a notebook or a file; of at most so many rows, the first and the last ones.

        ``source``: only what this module or platform sent, received or did.
        """
        from nbtwin.api.report.diagram import Diagram, concerns

        name = None if source is None else _name_of(source)
        entries = self.entries(since=since)
        told = entries if name is None else (entry for entry in entries if concerns(entry, name))
        return Diagram(told, language=_known(language), most=most)

    def report(self, file: str | PathLike[str], *, since: Seconds | None = None, language: str = "en") -> None:
        """One HTML file that needs nothing else: modules, devices, faults, sequence, traffic, costs, timeline.

        ``since``: where it begins, in the lab's time. ``language``: "en" or "zh"; UnknownName for another.
        """
        from nbtwin.api.report.page import report

        Path(fspath(file)).write_text(report(self._told(since), _known(language)), encoding="utf-8")

    def _told(self, since: Seconds | None = None) -> Told:
        from nbtwin.api.report.page import Told

        return Told(
            now=self.now,
            modules=[module.state for module in self.modules.values()],
            devices=[device.known for platform in self.platforms.values() for device in platform],
            faults=self.faults,
            entries=list(self.entries()),
            since=since,
        )

    def _repr_html_(self) -> str:
        from nbtwin.api.report.cards import lab_card

        return lab_card(self._told())

    def save_pcap(self, file: str | PathLike[str]) -> None:
        """Datagrams, AT lines and DTLS keys, for Wireshark."""
        with open(fspath(file), "wb") as out:
            out.write(self._session.backend.record.capture())

    def keep(self, folder: str | PathLike[str]) -> list[Path]:
        """Write ``timeline.txt``, ``sequence.mmd`` and ``capture.pcapng`` into the folder; the files."""
        return artifacts.keep(self._session.backend.record, Path(folder))


def _simulated(seed: int, platforms: Sequence[str], latency: Seconds, keys: Mapping[str, str] | None) -> Backend:
    from nbtwin.api.simulated import SimulatedBackend

    return SimulatedBackend(seed=seed, platforms=platforms, latency=latency, keys=keys)


def _live(
    seed: int, platforms: Sequence[str], keys: Mapping[str, str] | None, state: Path | None, http: str,
    database: str | None,
) -> Backend:  # fmt: skip
    from nbtwin.api.live import live_backend

    return live_backend(seed=seed, platforms=platforms, keys=keys, state=state, http=http, database=database)


def _known(language: str) -> str:
    if language not in LANGUAGES:
        raise UnknownName.of("language", language, LANGUAGES)
    return language


def _name_of(thing: Module | Platform | str) -> str:
    return thing if isinstance(thing, str) else thing.name


def _name(function: Callable[[], bool]) -> str:
    return getattr(function, "__name__", "") or repr(function)
