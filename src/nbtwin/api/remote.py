"""A lab's backend over its REST API: a lab in a thread of this process, or any other one that runs.

Knows paths and bodies of the API, and turns what it refuses into the errors that a simulated lab has; knows no face.
Times of the API are since 1970 and become seconds since the lab began.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, cast

import msgspec

import nbtwin
from nbtwin.api.backend import Answered, ModuleOrder, Record
from nbtwin.api.cancelling import cancelling
from nbtwin.api.errors import LabError, LabRefused, LabUnreachable, PythonRefusal, UnknownName
from nbtwin.api.http_client import HttpClient, Problem, Refused
from nbtwin.api.orders import fault_of, name_of, spec_of
from nbtwin.api.overheard import Overheard
from nbtwin.api.rest import Rest
from nbtwin.api.results import AtResult, ModuleState, TimelineEntry
from nbtwin.engine import CodedError, Refusal, Seconds
from nbtwin.module.profile import ProfileRefusal
from nbtwin.operators.device_management.verbs import VERBS, Takes
from nbtwin.operators.inventory.devices import Device, HistoryEntry, Pairing
from nbtwin.runtime.errors import UsageRefusal
from nbtwin.timeline.catalogue import LANGUAGES, words
from nbtwin.timeline.entry import EntryKind
from nbtwin.web.refusals import ApiRefusal

PAGE = 1000
_LONGEST_JUMP = 366 * 86400.0
_SOON: Seconds = 1e-6
_NEWS = ("entry", "module", "removed", "device", "operation", "clock")


_UNKNOWN: Mapping[str, str] = {
    ProfileRefusal.MODEL_UNKNOWN: "model",
    ApiRefusal.MODULE_UNKNOWN: "module",
    ApiRefusal.PLATFORM_UNKNOWN: "platform",
    ApiRefusal.DEVICE_UNKNOWN: "device",
    ApiRefusal.FAULT_UNKNOWN: "fault",
}
"""What is not there, by the code that says so."""


class ClockShown(msgspec.Struct, frozen=True):
    """What is used of GET /clock."""

    now: Seconds
    start: Seconds
    mode: str
    rate: float
    next: Mapping[str, Any] | None


class RemoteEntry(msgspec.Struct, frozen=True, kw_only=True):
    """`api.results.TimelineEntry`, as the lab has shown it."""

    number: int
    at: Seconds
    source: str
    kind: str
    code: str
    fields: Mapping[str, Any]
    began: Seconds
    texts: Mapping[str, str]

    def text(self, language: str = "en") -> str:
        """In the language in which the lab was asked as it says it; else worded here, with its fields as they are."""
        if language not in LANGUAGES:
            raise KeyError(language)
        said = self.texts.get(language)
        return words(self.code, language, self.at + self.began, **self.fields) if said is None else said


class RemoteRecord:
    """`api.backend.Record` over /traces."""

    def __init__(self, client: HttpClient, began: Callable[[], Seconds]) -> None:
        self._client, self._began = client, began

    def entries(
        self,
        *,
        kinds: Sequence[str] = (),
        sources: Sequence[str] = (),
        since: Seconds | None = None,
        newest_first: bool = False,
        language: str = "en",
        after: int = 0,
    ) -> Iterator[TimelineEntry]:
        """``after``: only those with a greater number."""
        began = self._began()
        query = {
            "kind": list(kinds), "source": list(sources), "since": None if since is None else since + began,
            "after": after, "lang": language, "limit": PAGE, "order": "desc" if newest_first else "asc",
        }  # fmt: skip
        while True:
            page = self._client.get("traces", **query)
            for shown in page["entries"]:
                yield RemoteEntry(
                    number=shown["number"], at=shown["at"] - began, source=shown["source"], kind=shown["kind"],
                    code=shown["code"], fields=shown["fields"], began=began, texts={language: shown["text"]},
                )  # fmt: skip
            if not page["more"] or not page["entries"]:
                return
            query["before" if newest_first else "after"] = page["entries"][-1]["number"]

    def newest(self) -> int:
        """The number of the last entry."""
        return int(self._client.get("traces", limit=1, order="desc")["newest"])

    def capture(self) -> bytes:
        """`api.backend.Record`."""
        return self._client.content("GET", ("traces.pcapng",))


class RemoteBackend:
    """`api.backend.Backend` over HTTP. LabUnreachable or AccessDenied when the lab cannot be asked."""

    is_live = True

    def __init__(self, client: HttpClient) -> None:
        self.client = client
        self._end: Callable[[], object] = weakref.finalize(self, client.close)
        try:
            health = client.get("health")
            there = health.get("version") if isinstance(health, dict) else None
            if not isinstance(there, str):
                raise LabUnreachable(PythonRefusal.NO_LAB, url=client.url, answer=200)
            if there.split(".")[:2] != nbtwin.__version__.split(".")[:2]:
                here = nbtwin.__version__
                raise LabUnreachable(PythonRefusal.OTHER_VERSION, url=client.url, there=there, here=here)
            self._began = self.clock().start
        except Refused as refused:
            client.close()
            raise LabUnreachable(PythonRefusal.NO_LAB, url=client.url, answer=refused.problem.status) from None
        except (KeyError, LabError):
            client.close()
            raise
        self.rest = Rest(client, self._began, self._refusals)
        self._traces = RemoteRecord(client, lambda: self._began)
        self.record: Record = self._traces
        self._heard: dict[str, Overheard] = {}

    @property
    def url(self) -> str:
        return self.client.url

    def close(self) -> None:
        """The connections; the lab goes on."""
        self._end()

    def forgotten(self, device: str) -> None:
        """Nothing of it is kept here."""

    # time

    def clock(self) -> ClockShown:
        """The lab's time, its rate, and what falls due next."""
        return msgspec.convert(self.client.get("clock"), ClockShown)

    @property
    def now(self) -> Seconds:
        return self.clock().now - self._began

    def advance(self, span: Seconds) -> None:
        while span > 0:
            jump = min(span, _LONGEST_JUMP)
            with self._refusals():
                self.client.post("clock", "advance", span=_span(jump))
            span -= jump

    def wait(self, holds: Callable[[], bool], within: Seconds) -> bool:
        clock = self.clock()
        until = clock.now + within
        if clock.mode == "simulated":
            return self._jump(holds, until)
        if holds():
            return True
        waiting = cancelling()
        with self.client.events(*_NEWS) as events:
            while not holds():
                clock = self.clock()
                if clock.now >= until:
                    return holds()
                if clock.rate == 0:
                    raise LabRefused(PythonRefusal.PAUSED)
                events.wait((until - clock.now) / clock.rate, waiting)
        return True

    def _jump(self, holds: Callable[[], bool], until: Seconds) -> bool:
        """From one thing that falls due to the next."""
        waiting = cancelling()
        while not holds():
            if waiting is not None:
                waiting.check()
            clock = self.clock()
            if clock.now >= until:
                return False
            due = until if clock.next is None else min(until, clock.next["at"])
            self.advance(max(due - clock.now, _SOON))
        return True

    @property
    def rate(self) -> float:
        clock = self.clock()
        if clock.mode == "simulated":
            raise LabError(PythonRefusal.NOT_LIVE, what="rate")
        return clock.rate

    def set_rate(self, rate: float) -> None:
        self._pace("rate", rate=rate)

    def pause(self) -> None:
        self._pace("pause")

    def resume(self) -> None:
        self._pace("resume")

    def _pace(self, what: str, **body: Any) -> None:
        with self._refusals(pace=what):
            self.client.post("clock", what, **body)

    # modules

    def add_module(self, order: ModuleOrder) -> ModuleState:
        spec = spec_of(order)
        taken = () if order.name else [*self.platforms(), *(module.name for module in self.modules())]
        body = msgspec.structs.asdict(order) | {"name": name_of(order, spec, taken)}
        body["power_on"] = body.pop("power")
        with self._refusals(model=order.model):
            return self._state(self.client.post("modules", **body))

    def modules(self) -> Sequence[ModuleState]:
        found: list[ModuleState] = []
        while len(page := self.client.get("modules", limit=PAGE, offset=len(found))) == PAGE:
            found += map(self._state, page)
        return [*found, *map(self._state, page)]

    def module(self, name: str) -> ModuleState:
        with self._refusals(module=name):
            return self._state(self.client.get("modules", name))

    def _state(self, shown: dict[str, Any]) -> ModuleState:
        waiting, andlink = shown["waiting"], shown["andlink"]
        named = {key: shown[key] for key in ModuleState.__struct_fields__ if key in shown and key != "cmdmp_state"}
        return ModuleState(
            **named,
            cmdmp_state=shown["cmdmp_state_name"],
            andlink_registered=andlink is not None and andlink["registered"],
            waiting_for=waiting and waiting["code"],
            waiting_until=waiting and waiting["at"] - self._began,
        )

    def power(self, name: str, action: str) -> None:
        self._switch(name, "power", action=action)

    def insert_sim(self, name: str, sim: str | None) -> None:
        with self._refusals(module=name):
            if sim is None:
                self.client.delete("modules", name, "usim")
            else:
                self.client.put("modules", name, "usim", operator=sim)

    def set_coverage(self, name: str, coverage: bool) -> None:
        self._switch(name, "coverage", coverage=coverage)

    def set_signal(self, name: str, rssi: int) -> None:
        self._switch(name, "signal", rssi=rssi)

    def rebind(self, name: str) -> None:
        self._switch(name, "rebind")

    def _switch(self, name: str, switch: str, **body: Any) -> None:
        with self._refusals(module=name):
            self.client.post("modules", name, switch, **body)

    def send(self, name: str, line: str, data: bytes | None, within: Seconds) -> AtResult:
        typed = None if data is None else data.hex()
        with self._refusals(module=name):
            said = self.client.post("modules", name, "command", line=line, data=typed, within=_span(within))
        return AtResult(
            command=line, lines=tuple(said["lines"]), final=said["final"], urcs=tuple(said["urcs"]), took=said["took"]
        )

    def urcs(self, name: str) -> Sequence[str]:
        if name not in self._heard:
            self.module(name)
        heard = self._heard.setdefault(name, Overheard())
        with heard.lock:
            kinds = (EntryKind.AT_IN, EntryKind.AT_OUT)
            for entry in self._traces.entries(kinds=kinds, sources=(name,), after=heard.number):
                heard.take(entry)
            return tuple(heard.urcs)

    # platforms

    def platforms(self) -> Sequence[str]:
        return [platform["name"] for platform in self.client.get("platforms")]

    def strict(self, platform: str) -> bool:
        with self._refusals(platform=platform):
            return bool(self.client.get("platforms", platform)["strict"])

    def set_strict(self, platform: str, on: bool) -> None:
        with self._refusals(platform=platform):
            self.client.put("platforms", platform, "strict", strict=on)

    def forget_all(self, platform: str) -> None:
        with self._refusals(platform=platform):
            self.client.post("platforms", platform, "forget")

    def devices(self, platform: str) -> Sequence[Device]:
        found: list[Device] = []
        with self._refusals(platform=platform):
            path = ("platforms", platform, "devices")
            while len(page := self.client.get(*path, limit=PAGE, offset=len(found))) == PAGE:
                found += map(self._device, page)
        return [*found, *map(self._device, page)]

    def device(self, platform: str, name: str) -> Device | None:
        try:
            return self._device(self.client.get("platforms", platform, "devices", name))
        except Refused as refused:
            if refused.problem.code == ApiRefusal.DEVICE_UNKNOWN:
                return None
            raise self._error(refused.problem, {"platform": platform}) from None

    def _device(self, shown: dict[str, Any]) -> Device:
        device = msgspec.convert(shown, Device, strict=False, str_keys=True)
        for field in ("first_seen_at", "registered_at", "refreshed_at", "last_seen_at"):
            setattr(device, field, getattr(device, field) - self._began)
        device.pairings = [Pairing(one.iccid, one.imsi, one.at - self._began) for one in device.pairings]
        return device

    def history(self, device: str) -> Sequence[HistoryEntry]:
        platform, _, name = device.partition(":")
        with self._refusals(platform=platform, device=name):
            lines = self.client.get("platforms", platform, "devices", name, "history", limit=10_000)
        return [HistoryEntry(device, line["at"] - self._began, line["code"], line["fields"]) for line in lines]

    def ask(self, device: str, verb: str, path: str, value: Any) -> int:
        platform, _, name = device.partition(":")
        takes = VERBS[verb].takes if VERBS[verb].takes is not Takes.NOTHING else VERBS[verb].may_take
        given = {} if takes is Takes.NOTHING or value is None else {str(takes): value}
        with self._refusals(platform=platform, device=name):
            asked = self.client.post(
                "platforms", platform, "devices", name, "operations", operation=verb, path=path, wait=0, **given
            )
        return int(asked["ticket"])

    def answer(self, device: str, ticket: int) -> Answered | None:
        platform, _, name = device.partition(":")
        with self._refusals(platform=platform, device=name):
            found = self.client.get("platforms", platform, "devices", name, "operations", str(ticket))
        if not found["done"]:
            return None
        refusal = found["refusal"]
        return Answered(value=found["value"], response_code=found["code"], refusal=refusal and refusal["code"])

    # the network

    def add_fault(self, fields: Mapping[str, Any]) -> int:
        fault_of(fields)
        with self._refusals():
            return int(self.client.ask("POST", ("faults",), fields)["number"])

    def remove_fault(self, number: int) -> None:
        with self._refusals(fault=str(number)):
            self.client.delete("faults", str(number))

    def faults(self) -> Mapping[int, Mapping[str, Any]]:
        return {fault["number"]: fault["detail"] for fault in self.client.get("faults")}

    # what it refuses

    @contextmanager
    def _refusals(self, **about: str) -> Iterator[None]:
        """Problem documents as the errors of the public API. ``about``: the names that were asked for, by kind."""
        try:
            yield
        except Refused as refused:
            raise self._error(refused.problem, about) from None

    def _error(self, problem: Problem, about: Mapping[str, str]) -> CodedError:
        fields = problem.fields
        if (kind := _UNKNOWN.get(problem.code)) is not None and kind in about:
            return UnknownName.of(kind, about[kind], self._known(kind, about, fields))
        if problem.code == ApiRefusal.MODULE_DEAF:
            return LabError(PythonRefusal.MODULE_OFF, name=fields["module"])
        if problem.code == ApiRefusal.REPORTS_ONLY:
            return LabError(PythonRefusal.REPORTS_ONLY, platform=fields["platform"])
        if problem.code == UsageRefusal.RATE_SIMULATED and "pace" in about:
            return LabError(PythonRefusal.NOT_LIVE, what=about["pace"])
        where = fields.get("where", "")
        coded = LabRefused(cast(Refusal, problem.code), where, **{k: v for k, v in fields.items() if k != "where"})
        if str(coded) == problem.detail:
            coded.where = where or problem.field or ""
            return coded
        return LabRefused(PythonRefusal.REFUSED, problem.field or "", detail=problem.detail, why=problem.code)

    def _known(self, kind: str, about: Mapping[str, str], fields: Mapping[str, Any]) -> Sequence[str]:
        if kind == "model":
            return list(fields["known"])
        if kind == "module":
            return [module.name for module in self.modules()]
        if kind == "platform":
            return self.platforms()
        if kind == "fault":
            return list(map(str, self.faults()))
        return [device.id.partition(":")[2] for device in self.devices(about["platform"])]


def _span(seconds: Seconds) -> str:
    """As the API takes it: no exponent, not nothing."""
    return f"{max(seconds, _SOON):.9f}"
