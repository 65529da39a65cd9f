"""`nbtwin.Lab`: modules, the operators' platforms, the network between them and one clock, in a test's own process.

Simulated: no sockets, no threads, no waiting; time passes when something is waited for, and a seed gives the same run
twice. Knows the simulated lab below; knows no test runner.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from os import PathLike, fspath
from typing import Any, Self

from nbtwin.api import recorded
from nbtwin.api.conditions import Condition
from nbtwin.api.errors import NotReached, PythonRefusal, UnknownName
from nbtwin.api.module import Module
from nbtwin.api.platform import Platform
from nbtwin.api.results import PacketSeen, TimelineEntry
from nbtwin.api.session import Session
from nbtwin.api.spans import Span, seconds_of
from nbtwin.engine import Seconds
from nbtwin.lab.faults import Fault, check_names
from nbtwin.module.profile import UnknownModel
from nbtwin.runtime.errors import SpecError, UsageRefusal
from nbtwin.runtime.simulated_lab import OPERATORS, SimulatedLab
from nbtwin.runtime.spec import SIMS, module_spec
from nbtwin.timeline.clock import format_simulated
from nbtwin.timeline.decoder import Decoded, DecodedDatagram
from nbtwin.timeline.entry import EntryKind
from nbtwin.timeline.reader import Query
from nbtwin.timeline.ring import Timeline

_TOLD = 12
"""Lines of the timeline that a failing expectation ends with."""
KEPT = 100_000
"""Entries of the timeline that a lab keeps."""


class Lab:
    """A simulated lab. It may be used in a ``with`` statement, and need not be.

    ``seed``: the same seed and the same calls are the same run, byte for byte. ``platforms``: those of the operators
    that there are to be, by default all. ``latency``: each way, in seconds or as a span. ``keys``: passwords of CMDMP
    by appkey, beside the lab's own. UnknownName for a platform that there is not.
    """

    def __init__(
        self,
        *,
        seed: int = 1,
        platforms: Iterable[str] = OPERATORS,
        latency: Span = 0.0,
        keys: Mapping[str, str] | None = None,
    ) -> None:
        wanted = tuple(platforms)
        for platform in wanted:
            if platform not in OPERATORS:
                raise UnknownName.of("platform", platform, OPERATORS)
        self.timeline = Timeline(KEPT)
        """What has happened; `entries` and `packets` read it."""
        self._simulated = SimulatedLab(
            seed=seed, latency=seconds_of(latency), timeline=self.timeline, operators=wanted, keys=keys
        )
        self._session = Session(self._simulated)
        self._modules: dict[str, Module] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Lab at {format_simulated(self.now)}: {', '.join(self._modules) or 'no modules'}>"

    def close(self) -> None:
        """Nothing happens in it any more; what it has recorded can still be read."""
        self._session.is_open = False

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
        settings: Sequence[str] = (),
        power: bool = True,
    ) -> Module:
        """A module as delivered, switched on unless ``power`` is False.

        ``model``: "BC260Y-CN", "BC28" … ``sim``: "mobile" (if nothing is said of the card), "telecom", "unicom" or
        "none"; ``imsi``, ``iccid``, ``plmn``: the card's own numbers instead. ``imei``: 15 digits, else made from the
        name. ``settings``: AT lines that it was sent in the factory. UnknownName for a model or card that there is not,
        a ValueError (`runtime.errors.SpecError`) for anything else that cannot be.
        """
        self._session.check_open()
        if sim is not None and sim not in SIMS:
            raise UnknownName.of("sim", sim, SIMS)
        try:
            spec = module_spec(
                model,
                sim=sim,
                imsi=imsi,
                iccid=iccid,
                plmn=plmn,
                imei=imei,
                firmware=firmware,
                vendor=vendor,
                name=name,
            )
        except UnknownModel as error:
            raise UnknownName.of("model", model, error.fields["known"]) from None
        chosen = name or self._free_name(spec.profile.model)
        if chosen in self._simulated.world.names:
            raise SpecError(UsageRefusal.NAME_TAKEN, "name", name=chosen)
        self._simulated.add_module(
            chosen, spec.profile, spec.usim(chosen), imei=spec.imei, firmware=spec.firmware, settings=settings
        )
        module = self._modules[chosen] = Module(self._session, chosen)
        if power:
            module.power_on()
        return module

    def _free_name(self, model: str) -> str:
        taken = self._simulated.world.names
        candidates = (f"{model.lower()}-{number}" for number in range(1, len(taken) + 2))
        return next(name for name in candidates if name not in taken)

    @property
    def modules(self) -> Mapping[str, Module]:
        """By name, in the order in which they came."""
        return dict(self._modules)

    def module(self, name: str) -> Module:
        """UnknownName, with those that there are."""
        if name not in self._modules:
            raise UnknownName.of("module", name, self._modules)
        return self._modules[name]

    def platform(self, name: str) -> Platform:
        """UnknownName, with those that the lab has."""
        self._session.check_platform(name)
        return Platform(self._session, name)

    # time

    @property
    def now(self) -> Seconds:
        """Seconds since the lab began."""
        return self._simulated.world.now

    def advance(self, span: Span) -> None:
        """Everything that falls due within the span, in order, at once."""
        self._session.check_open()
        self._simulated.world.advance(seconds_of(span))

    def run_until(self, condition: Condition | Callable[[], bool], within: Span) -> Seconds:
        """How long that took, of the lab's time. NotReached, an AssertionError, when it does not hold by then."""
        self._session.check_open()
        world, began = self._simulated.world, self.now
        holds = condition.holds if isinstance(condition, Condition) else condition
        if world.run_until(holds, seconds_of(within)):
            return self.now - began
        name, found = (condition.name, condition.found()) if isinstance(condition, Condition) else (_name(holds), "")
        raise NotReached(
            PythonRefusal.NOT_REACHED, self.tail(), condition=name, within=seconds_of(within), found=found or None
        )

    # the network

    def add_fault(self, kind: str, **fields: Any) -> int:
        """Let something go wrong with datagrams from now on; the number by which it is taken off.

        ``kind`` and ``fields`` as in a scenario: ``add_fault("loss", direction="up", packets=[1, 2])``;
        ``source`` and ``destination`` may be a `Module` or a `Platform`. FaultError, a ValueError, for what is none.
        """
        self._session.check_open()
        given = {key: value.name if isinstance(value, Module | Platform) else value for key, value in fields.items()}
        fault = Fault.parse({"kind": kind, **given})
        check_names(fault, self._simulated.world.names)
        return self._simulated.world.add_fault(fault)

    def remove_fault(self, number: int) -> None:
        """UnknownName for one that is not there."""
        try:
            self._simulated.world.faults.remove(number)
        except KeyError:
            raise UnknownName.of("fault", str(number), map(str, self.faults)) from None

    @property
    def faults(self) -> Mapping[int, Mapping[str, Any]]:
        """By number, each as `add_fault` takes it."""
        return {number: fault.as_dict() for number, fault in self._simulated.world.faults.listed().items()}

    # what has happened

    def entries(
        self, *, source: Module | Platform | str | None = None, kind: str | None = None, since: Seconds | None = None
    ) -> Iterator[TimelineEntry]:
        """The timeline, oldest first. UnknownName for a kind that there is not."""
        return self._decoded(source, kind, since)

    def _decoded(
        self, source: Module | Platform | str | None = None, kind: str | None = None, since: Seconds | None = None
    ) -> Iterator[Decoded]:
        if kind is not None and kind not in tuple(EntryKind):
            raise UnknownName.of("kind", kind, EntryKind)
        asked = Query(
            kinds=frozenset() if kind is None else frozenset({EntryKind(kind)}),
            sources=frozenset() if source is None else frozenset({_name_of(source)}),
            since=since,
        )
        return (decoded for decoded in self.timeline.reader.forward(asked) if decoded is not None)

    def packets(
        self,
        *,
        source: Module | Platform | str | None = None,
        destination: Module | Platform | str | None = None,
        operation: str | None = None,
        since: Seconds | None = None,
    ) -> list[PacketSeen]:
        """Datagrams, oldest first. ``operation``: requests and notifications of that name, "Update", "Read /3/0" or
        "Read"; answers are found without it."""
        found: list[PacketSeen] = []
        first: dict[tuple[str, str, bytes], Seconds] = {}
        for decoded in self._decoded(kind=EntryKind.DATAGRAM):
            assert isinstance(decoded, DecodedDatagram)
            packet = _packet(decoded, first)
            if (
                (source is None or packet.sender == _name_of(source))
                and (destination is None or packet.receiver == _name_of(destination))
                and (since is None or packet.at >= since)
                and (operation is None or _is_of(packet, operation))
            ):
                found.append(packet)
        return found

    def tail(self, count: int | None = _TOLD, language: str = "en") -> list[str]:
        """The last lines of the timeline, without what modules wait for; None: all of them."""
        return recorded.last_lines(self.timeline, count, language)

    def sequence(self, *, since: Seconds | None = None) -> str:
        """Who sent what to whom, as a Mermaid sequence diagram: datagrams with what became of them, AT lines."""
        return recorded.sequence(self.timeline, since)

    def save_pcap(self, file: str | PathLike[str]) -> None:
        """Datagrams, AT lines and DTLS keys, for Wireshark."""
        with open(fspath(file), "wb") as out:
            out.write(recorded.capture(self.timeline))


def _name_of(thing: Module | Platform | str) -> str:
    return thing if isinstance(thing, str) else thing.name


def _name(function: Callable[[], bool]) -> str:
    return getattr(function, "__name__", "") or repr(function)


def _packet(decoded: DecodedDatagram, first: dict[tuple[str, str, bytes], Seconds]) -> PacketSeen:
    fields, data = decoded.fields, decoded.fact.data
    key = (fields["from"], fields["to"], data)
    if decoded.sending == 1:
        first[key] = decoded.at
    name = fields.get("operation")
    operation, _, path = (name or "").removeprefix("to ").partition(" ")
    return PacketSeen(
        number=decoded.number,
        at=decoded.at,
        sender=fields["from"],
        receiver=fields["to"],
        operation=operation or None,
        is_answer=name is not None and name.startswith("to "),
        path=path or None,
        sending=decoded.sending,
        sent_after=decoded.at - first.get(key, decoded.at),
        lost=decoded.lost,
        summary=fields["summary"],
        fields=fields,
        data=data,
    )


def _is_of(packet: PacketSeen, operation: str) -> bool:
    if packet.is_answer or packet.operation is None:
        return False
    wanted, _, path = operation.partition(" ")
    return packet.operation == wanted and path in ("", packet.path)
