"""The faces of the public API for asyncio: the names and parameters of the synchronous ones, as coroutines.

Made by `python -m tools.async_faces`; not to be edited.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any, Self

from nbtwin.api.asynchronous.runner import THREADS, AsyncCondition, AsyncFace, AsyncOpened
from nbtwin.api.groups.access import Access, AuditEntry, Token, WhoAmI
from nbtwin.api.groups.definitions import Definitions, ObjectDefined
from nbtwin.api.groups.device import ObjectShown, Observation, Operation, Queue, QueuedCommand, Series, Window
from nbtwin.api.groups.inventory import (
    Batch,
    Batches,
    BatchRow,
    BatchState,
    DeviceOnline,
    Imported,
    Label,
    Labels,
    OnlineCurve,
)
from nbtwin.api.groups.lab import (
    AppKey,
    AppKeys,
    ClockState,
    EntryDecoded,
    FaultKind,
    LabCounts,
    Overview,
    Rates,
    Ready,
)
from nbtwin.api.groups.module import (
    CommandRow,
    DeadlineOf,
    Explanation,
    InternetOf,
    Model,
    SerialState,
    SocketOf,
    StandingOf,
    Suggestion,
)
from nbtwin.api.groups.notes import Note, Notes
from nbtwin.api.groups.nvram import Nvram, NvramDifference, NvramSnapshot, NvramState
from nbtwin.api.groups.packages import Package, Packages
from nbtwin.api.groups.platform import (
    Campaign,
    Campaigns,
    CampaignState,
    DeviceKeys,
    DeviceProgress,
    Keys,
    PlatformState,
)
from nbtwin.api.groups.scenarios import RunEntry, ScenarioExample, ScenarioRun, Scenarios
from nbtwin.api.lab import _TOLD, Lab
from nbtwin.api.module import Module
from nbtwin.api.platform import Device, Platform
from nbtwin.api.report.diagram import Diagram
from nbtwin.api.results import AtResult, ModuleState, PacketSeen, TimelineEntry
from nbtwin.api.spans import Span
from nbtwin.engine import Seconds
from nbtwin.operators.inventory.devices import Device as KnownDevice
from nbtwin.operators.inventory.devices import HistoryEntry
from nbtwin.runtime.simulated_lab import OPERATORS


class AsyncLab(AsyncOpened):
    """A lab of the process's own, simulated or live. It may be used in a ``async with`` statement, and need not be.

    ``seed``: in a simulated lab the same seed and the same calls are the same run, byte for byte. ``platforms``: those
    of the operators that there are to be, by default all. ``latency``: each way, in seconds or as a span; of a
    simulated lab. ``keys``: passwords of CMDMP by appkey, beside the lab's own. UnknownName for a platform that there
    is not.

    ``live``: on the wall clock, with a serial port for each module, platforms on free UDP ports of the loopback, the
    console and the REST API (`url`); all of it in a thread, and gone when the lab is closed. ``state``: its state
    directory, by default one that goes with it. ``http``: where console and API are, HOST:PORT on loopback; port 0 is a
    free one. ``database``: a file or a PostgreSQL URL, instead of the state directory's. LabRefused for a port that is
    taken, a state directory that is in use, and for an option that the other kind of lab has."""

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
        opening = partial(
            Lab,
            seed=seed,
            platforms=platforms,
            latency=latency,
            keys=keys,
            live=live,
            state=state,
            http=http,
            database=database,
        )
        super().__init__(_WRAPS, THREADS if live else 1, opening)

    @classmethod
    def _over(cls, opening: Callable[[], Lab]) -> Self:
        """A lab that is opened so, when it is first asked."""
        lab = cls.__new__(cls)
        AsyncOpened.__init__(lab, _WRAPS, THREADS, opening)
        return lab

    @property
    def appkeys(self) -> AsyncAppKeys:
        """As the synchronous one."""
        return AsyncAppKeys(self._runner, lambda: self.face().appkeys)

    @property
    def packages(self) -> AsyncPackages:
        """As the synchronous one."""
        return AsyncPackages(self._runner, lambda: self.face().packages)

    @property
    def objects(self) -> AsyncDefinitions:
        """As the synchronous one."""
        return AsyncDefinitions(self._runner, lambda: self.face().objects)

    @property
    def notes(self) -> AsyncNotes:
        """As the synchronous one."""
        return AsyncNotes(self._runner, lambda: self.face().notes)

    @property
    def scenarios(self) -> AsyncScenarios:
        """As the synchronous one."""
        return AsyncScenarios(self._runner, lambda: self.face().scenarios)

    @property
    def access(self) -> AsyncAccess:
        """As the synchronous one."""
        return AsyncAccess(self._runner, lambda: self.face().access)

    async def run_scenario(self, scenario: str | Path, *, seed: int | None = None, language: str = "en") -> ScenarioRun:
        """As `Scenarios.run`: in a world of its own, to its end, with its verdicts."""
        answered: ScenarioRun = await self._call("run_scenario", scenario, seed=seed, language=language)
        return answered

    async def models(self) -> list[Model]:
        """What there is to order."""
        answered: list[Model] = await self._call("models")
        return answered

    async def clock(self) -> ClockState:
        """As the synchronous one."""
        answered: ClockState = await self._get("clock")
        return answered

    async def overview(self) -> Overview:
        """As the synchronous one."""
        answered: Overview = await self._get("overview")
        return answered

    async def ready(self) -> Ready:
        """LabRefused while nothing can be committed: platforms answer nobody then."""
        answered: Ready = await self._get("ready")
        return answered

    async def rates(self, seconds: int = 300, step: int | None = None) -> Rates:
        """What was counted: second for second of the wall clock, or in steps of 1, 60 or 3600 seconds of the lab's
        time, those in which something happened. LabError (``lab-not-live``) in a simulated lab."""
        answered: Rates = await self._call("rates", seconds, step)
        return answered

    async def set_zone(self, zone: str) -> ClockState:
        """In which times are shown: UTC, +08:00, a name such as Asia/Shanghai. LabError (``lab-not-live``) in a
        simulated lab, whose times are since it began."""
        answered: ClockState = await self._call("set_zone", zone)
        return answered

    async def stop_advance(self) -> None:
        """End an `advance` of another thread, where it has come to."""
        await self._call("stop_advance")

    async def fault_kinds(self, language: str = "en") -> list[FaultKind]:
        """As the synchronous one."""
        answered: list[FaultKind] = await self._call("fault_kinds", language)
        return answered

    async def clear_faults(self) -> None:
        """All of them at once."""
        await self._call("clear_faults")

    async def entry(self, number: int, language: str = "en") -> EntryDecoded:
        """One of the timeline, with every field of a datagram and the octets that it came from."""
        answered: EntryDecoded = await self._call("entry", number, language)
        return answered

    async def save_jsonl(self, file: str | PathLike[str], language: str = "en") -> None:
        """The timeline, one JSON object a line; times are the API's, since 1970."""
        await self._call("save_jsonl", file, language)

    async def save_story(self, file: str | PathLike[str], entries: Iterable[int] | None = None) -> None:
        """Entries of the timeline, by number, as one HTML file for somebody else: the console's diagram with bytes,
        fields and notes, in either language, without secrets. None: the newest 3,000."""
        await self._call("save_story", file, entries)

    async def reset(self, *, faults: bool = True, devices: bool = True, modules: bool = False) -> LabCounts:
        """Begin again; time does not go back. ``modules``: get back the factory's settings, and restart."""
        answered: LabCounts = await self._call("reset", faults=faults, devices=devices, modules=modules)
        return answered

    async def export(self) -> bytes:
        """Modules with NVRAM and flash, the platforms' store with every key in it, faults and time, as one archive."""
        answered: bytes = await self._call("export")
        return answered

    async def import_(self, archive: bytes, *, serial: str = "keep") -> LabCounts:
        """An archive in place of everything that is here; time goes on from the later of the two.

        ``serial``: TCP addresses of serial lines are those of the archive ("keep"), or any free ones ("free").
        LabRefused for what is no archive, and for an address that is taken: nothing has changed then."""
        answered: LabCounts = await self._call("import_", archive, serial=serial)
        return answered

    async def close(self) -> None:
        """What is under way ends, and the lab is closed; nothing can be asked of it any more."""
        await self._end()

    async def add_module(
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
    ) -> AsyncModule:
        """A module as delivered, switched on unless ``power`` is False.

        ``model``: "BC260Y-CN", "BC28" … ``sim``: "mobile" (if nothing is said of the card), "telecom", "unicom" or
        "none"; ``imsi``, ``iccid``, ``plmn``: the card's own numbers instead. ``imei``: 15 digits, else made from the
        name. ``serial``: of a live lab, "pty", "tcp:HOST:PORT" or "rfc2217:HOST:PORT" on loopback, port 0 for a free
        one (`Module.serial`). ``settings``: AT lines that it was sent in the factory. UnknownName for a model or card
        that there is not, LabRefused, a ValueError, for anything else that cannot be."""
        answered: AsyncModule = await self._call(
            "add_module",
            model,
            sim=sim,
            name=name,
            imei=imei,
            imsi=imsi,
            iccid=iccid,
            plmn=plmn,
            firmware=firmware,
            vendor=vendor,
            serial=serial,
            settings=settings,
            power=power,
        )
        return answered

    async def modules(self) -> Mapping[str, AsyncModule]:
        """By name, in the order in which they came."""
        answered: Mapping[str, AsyncModule] = await self._get("modules")
        return answered

    async def module(self, name: str) -> AsyncModule:
        """UnknownName, with those that there are."""
        answered: AsyncModule = await self._call("module", name)
        return answered

    async def platforms(self) -> Mapping[str, AsyncPlatform]:
        """By name."""
        answered: Mapping[str, AsyncPlatform] = await self._get("platforms")
        return answered

    async def platform(self, name: str) -> AsyncPlatform:
        """UnknownName, with those that the lab has."""
        answered: AsyncPlatform = await self._call("platform", name)
        return answered

    async def url(self) -> str:
        """Of console and REST API, "http://127.0.0.1:41877"; empty in a simulated lab."""
        answered: str = await self._get("url")
        return answered

    async def now(self) -> Seconds:
        """Seconds since the lab began; of a lab on the wall clock, since it was last started."""
        answered: Seconds = await self._get("now")
        return answered

    async def advance(self, span: Span) -> None:
        """Everything that falls due within the span, in order, at once; in a live lab, too."""
        await self._call("advance", span)

    async def run_until(self, condition: AsyncCondition | Callable[[], bool], within: Span) -> Seconds:
        """Let time pass until it holds, ``within`` so much of the lab's time; how long that took, of the same.

        A simulated lab jumps; a live one waits, and asks again when something has happened. NotReached, an
        AssertionError, when it does not hold by then."""
        answered: Seconds = await self._call("run_until", condition, within)
        return answered

    async def rate(self) -> float:
        """Of a live lab: seconds of its time in a second of the wall clock; 0: paused. LabError in one that jumps."""
        answered: float = await self._get("rate")
        return answered

    async def set_rate(self, rate: float) -> None:
        """Of a live lab, from now on: 0 to 100,000; 0 pauses. LabError in one that jumps, LabRefused out of range."""
        await self._call("set_rate", rate)

    async def pause(self) -> None:
        """Of a live lab: its time stands still. What is waited for in it is LabRefused."""
        await self._call("pause")

    async def resume(self) -> None:
        """At the rate of before the pause."""
        await self._call("resume")

    async def add_fault(self, kind: str, **fields: Any) -> int:
        """Let something go wrong with datagrams from now on; the number by which it is taken off.

        ``kind`` and ``fields`` as in a scenario: ``add_fault("loss", direction="up", packets=[1, 2])``;
        ``source`` and ``destination`` may be a `Module` or a `Platform`. LabRefused, a ValueError, for what is none."""
        answered: int = await self._call("add_fault", kind, **fields)
        return answered

    async def remove_fault(self, number: int) -> None:
        """UnknownName for one that is not there."""
        await self._call("remove_fault", number)

    async def faults(self) -> Mapping[int, Mapping[str, Any]]:
        """By number, each as `add_fault` takes it."""
        answered: Mapping[int, Mapping[str, Any]] = await self._get("faults")
        return answered

    async def entries(
        self,
        *,
        source: AsyncModule | AsyncPlatform | str | None = None,
        kind: str | None = None,
        since: Seconds | None = None,
    ) -> list[TimelineEntry]:
        """The timeline, oldest first. UnknownName for a kind that there is not, and for a name that nobody has had."""
        answered: list[TimelineEntry] = await self._call("entries", source=source, kind=kind, since=since)
        return answered

    async def packets(
        self,
        *,
        source: AsyncModule | AsyncPlatform | str | None = None,
        destination: AsyncModule | AsyncPlatform | str | None = None,
        operation: str | None = None,
        since: Seconds | None = None,
    ) -> list[PacketSeen]:
        """Datagrams, oldest first. ``operation``: requests and notifications of that name, "Update", "Read /3/0" or
        "Read"; answers are found without it. UnknownName for an operation that there is not, and for a name that nobody
        has had."""
        answered: list[PacketSeen] = await self._call(
            "packets", source=source, destination=destination, operation=operation, since=since
        )
        return answered

    async def tail(self, count: int | None = _TOLD, language: str = "en") -> list[str]:
        """The last lines of the timeline, without what modules wait for; None: all of them."""
        answered: list[str] = await self._call("tail", count, language)
        return answered

    async def sequence(self, *, since: Seconds | None = None) -> str:
        """Who sent what to whom, as a Mermaid sequence diagram: datagrams with what became of them, AT lines."""
        answered: str = await self._call("sequence", since=since)
        return answered

    async def diagram(
        self,
        *,
        source: AsyncModule | AsyncPlatform | str | None = None,
        since: Seconds | None = None,
        language: str = "en",
        most: int = 160,
    ) -> Diagram:
        """The same drawn, for a notebook or a file; of at most so many rows, the first and the last ones.

        ``source``: only what this module or platform sent, received or did."""
        answered: Diagram = await self._call("diagram", source=source, since=since, language=language, most=most)
        return answered

    async def report(self, file: str | PathLike[str], *, since: Seconds | None = None, language: str = "en") -> None:
        """One HTML file that needs nothing else: modules, devices, faults, sequence, traffic, costs, timeline.

        ``since``: where it begins, in the lab's time. ``language``: "en" or "zh"; UnknownName for another."""
        await self._call("report", file, since=since, language=language)

    async def save_pcap(self, file: str | PathLike[str]) -> None:
        """Datagrams, AT lines and DTLS keys, for Wireshark."""
        await self._call("save_pcap", file)

    async def keep(self, folder: str | PathLike[str]) -> list[Path]:
        """Write ``timeline.txt``, ``sequence.mmd`` and ``capture.pcapng`` into the folder; the files."""
        answered: list[Path] = await self._call("keep", folder)
        return answered


class AsyncAccess(AsyncFace):
    """Given by `Lab.access`. LabError (``lab-not-live``) for each in a simulated lab."""

    async def me(self) -> WhoAmI:
        """As the synchronous one."""
        answered: WhoAmI = await self._get("me")
        return answered

    async def tokens(self) -> list[Token]:
        """As the synchronous one."""
        answered: list[Token] = await self._call("tokens")
        return answered

    async def create(self, name: str, role: str, *, lasts: str | None = None) -> Token:
        """``role``: "viewer", "operator" or "admin"; ``lasts``: "90d", by default for ever."""
        answered: Token = await self._call("create", name, role, lasts=lasts)
        return answered

    async def revoke(self, name: str) -> None:
        """In force with the next request."""
        await self._call("revoke", name)

    async def audit(self, containing: str = "", *, who: str | None = None, limit: int = 100) -> list[AuditEntry]:
        """What was changed, by whom, the newest first."""
        answered: list[AuditEntry] = await self._call("audit", containing, who=who, limit=limit)
        return answered


class AsyncDefinitions(AsyncFace):
    """Of a lab. Given by `Lab.objects`."""

    async def all(self, source: str | None = None) -> list[ObjectDefined]:
        """By object and version; ``source``: "built-in" or "added"."""
        answered: list[ObjectDefined] = await self._call("all", source)
        return answered

    async def get(self, id: int, version: str = "") -> ObjectDefined:
        """With its resources; the newest where no version is said."""
        answered: ObjectDefined = await self._call("get", id, version)
        return answered

    async def add(self, xml: str | bytes, *, replace: bool = False) -> list[ObjectDefined]:
        """One object or several, all of them or none. LabRefused for what is no definition, or is there already."""
        answered: list[ObjectDefined] = await self._call("add", xml, replace=replace)
        return answered

    async def remove(self, id: int, version: str) -> None:
        """One that was added. Devices have the next older one from now on."""
        await self._call("remove", id, version)


class AsyncQueue(AsyncFace):
    """The commands that wait for one device in Queue Mode. Given by `Device.queue`."""

    async def window(self) -> Window:
        """As the synchronous one."""
        answered: Window = await self._get("window")
        return answered

    async def limit(self) -> int:
        """Commands that may wait for one device."""
        answered: int = await self._get("limit")
        return answered

    async def all(self) -> tuple[QueuedCommand, ...]:
        """With the newest that have ended."""
        answered: tuple[QueuedCommand, ...] = await self._call("all")
        return answered

    async def command(self, ticket: int) -> QueuedCommand:
        """As the synchronous one."""
        answered: QueuedCommand = await self._call("command", ticket)
        return answered

    async def move(self, command: QueuedCommand | int, position: int) -> QueuedCommand:
        """``position``: 1 is the next. LabRefused once it has been sent."""
        answered: QueuedCommand = await self._call("move", command, position)
        return answered

    async def cancel(self, command: QueuedCommand | int) -> None:
        """LabRefused once it has been sent."""
        await self._call("cancel", command)


class AsyncBatch(AsyncFace):
    """One thing done to many devices. Given by `Batches.start`."""

    async def state(self) -> BatchState:
        """As the synchronous one."""
        answered: BatchState = await self._get("state")
        return answered

    async def devices(self, state: str | None = None) -> list[BatchRow]:
        """What became of each."""
        answered: list[BatchRow] = await self._call("devices", state)
        return answered

    async def csv(self) -> str:
        """As the synchronous one."""
        answered: str = await self._call("csv")
        return answered

    async def stop(self) -> BatchState:
        """Nobody further is asked, and what waits in queues is taken back. LabRefused when it is over."""
        answered: BatchState = await self._call("stop")
        return answered


class AsyncBatches(AsyncFace):
    """Of one platform. Given by `Platform.batches`."""

    async def all(self) -> list[BatchState]:
        """The newest first, of this run of the lab."""
        answered: list[BatchState] = await self._call("all")
        return answered

    async def get(self, number: int) -> AsyncBatch:
        """As the synchronous one."""
        answered: AsyncBatch = await self._call("get", number)
        return answered

    async def start(
        self,
        act: str,
        *,
        devices: Sequence[str] | None = None,
        containing: str = "",
        state: str | None = None,
        group: str = "",
        tags: Sequence[str] = (),
        expected: int | None = None,
        **given: Any,
    ) -> AsyncBatch:
        """To these devices, or to all that fit. LabRefused when none does, or not as many as are ``expected``.

        ``act``: "operate" with ``order`` (``operation``, ``path``, ``value`` … as `Device.order` takes them), "label"
        with ``labels`` (``group``, ``add``, ``remove``), "take-back", "deregister" or "forget". ``given``: also
        ``at_once``, devices that are asked and have not answered."""
        answered: AsyncBatch = await self._call(
            "start",
            act,
            devices=devices,
            containing=containing,
            state=state,
            group=group,
            tags=tags,
            expected=expected,
            **given,
        )
        return answered


class AsyncAppKeys(AsyncFace):
    """CMDMP's, of a lab. Given by `Lab.appkeys`."""

    async def all(self, *, reveal: bool = False) -> list[AppKey]:
        """``reveal``: in clear; for an admin."""
        answered: list[AppKey] = await self._call("all", reveal=reveal)
        return answered

    async def add(self, appkey: str, password: str) -> None:
        """Or give it another password."""
        await self._call("add", appkey, password)

    async def remove(self, appkey: str) -> None:
        """As the synchronous one."""
        await self._call("remove", appkey)


class AsyncNotes(AsyncFace):
    """Of a lab. Given by `Lab.notes`."""

    async def all(self) -> list[Note]:
        """By entry, in the order in which they were written."""
        answered: list[Note] = await self._call("all")
        return answered

    async def add(self, entry: int, text: str) -> Note:
        """On the entry of that number. LabRefused for one that is not kept."""
        answered: Note = await self._call("add", entry, text)
        return answered

    async def remove(self, id: int) -> None:
        """For everyone."""
        await self._call("remove", id)


class AsyncNvram(AsyncFace):
    """Of one module. Given by `Module.nvram`."""

    async def state(self) -> NvramState:
        """As the synchronous one."""
        answered: NvramState = await self._get("state")
        return answered

    async def snapshots(self) -> list[NvramSnapshot]:
        """The oldest first; the newest fifty are kept."""
        answered: list[NvramSnapshot] = await self._get("snapshots")
        return answered

    async def snapshot(self, label: str = "") -> NvramSnapshot:
        """Put it aside as it is saved now."""
        answered: NvramSnapshot = await self._call("snapshot", label)
        return answered

    async def forget(self, snapshot: NvramSnapshot | int) -> None:
        """As the synchronous one."""
        await self._call("forget", snapshot)

    async def restore(self, snapshot: NvramSnapshot | int) -> None:
        """In force after the next boot. LabRefused when the module cannot write now."""
        await self._call("restore", snapshot)

    async def diff(
        self, before: NvramSnapshot | int | str = "in_use", after: NvramSnapshot | int | str = "saved"
    ) -> list[NvramDifference]:
        """What differs between two sides, each "saved", "in_use", "factory" or a snapshot."""
        answered: list[NvramDifference] = await self._call("diff", before, after)
        return answered

    async def factory_reset(self) -> None:
        """Forget every setting; in force after the next boot."""
        await self._call("factory_reset")

    async def image(self) -> bytes:
        """All of it, with its secrets; to be given to this or another module."""
        answered: bytes = await self._get("image")
        return answered

    async def restore_image(self, content: bytes) -> None:
        """In force after the next boot. LabRefused for what is no image."""
        await self._call("restore_image", content)


class AsyncPackages(AsyncFace):
    """Of a lab. Given by `Lab.packages` and `Platform.packages`."""

    async def all(self) -> list[Package]:
        """As the synchronous one."""
        answered: list[Package] = await self._call("all")
        return answered

    async def get(self, name: str) -> Package:
        """As the synchronous one."""
        answered: Package = await self._call("get", name)
        return answered

    async def content(self, name: str) -> bytes:
        """As the synchronous one."""
        answered: bytes = await self._call("content", name)
        return answered

    async def add(
        self,
        name: str,
        content: bytes,
        *,
        version: str = "",
        models: Sequence[str] = (),
        checksum: str = "",
        notes: str = "",
    ) -> Package:
        """A file of any format, at most 32 MiB. ``checksum``: SHA-256; LabRefused where it differs."""
        answered: Package = await self._call(
            "add", name, content, version=version, models=models, checksum=checksum, notes=notes
        )
        return answered

    async def make(self, name: str, model: str, version: str) -> Package:
        """With a made-up image, as ``nbtwin firmware pack`` makes one."""
        answered: Package = await self._call("make", name, model, version)
        return answered

    async def remove(self, name: str) -> None:
        """As the synchronous one."""
        await self._call("remove", name)


class AsyncKeys(AsyncFace):
    """Of an Andlink platform's devices. Given by `Platform.keys`."""

    async def all(self, containing: str = "", *, reveal: bool = False) -> list[DeviceKeys]:
        """``reveal``: in clear; for an admin."""
        answered: list[DeviceKeys] = await self._call("all", containing, reveal=reveal)
        return answered

    async def of(self, device: str, *, reveal: bool = False) -> DeviceKeys:
        """As the synchronous one."""
        answered: DeviceKeys = await self._call("of", device, reveal=reveal)
        return answered

    async def set(
        self,
        device: str,
        key: str | bytes = "",
        *,
        bootstrap_key: str | bytes = "",
        identity: str = "",
        bootstrap_identity: str = "",
    ) -> DeviceKeys:
        """In place of those that it had. LabRefused for what is no key, and for another device's identity."""
        answered: DeviceKeys = await self._call(
            "set", device, key, bootstrap_key=bootstrap_key, identity=identity, bootstrap_identity=bootstrap_identity
        )
        return answered

    async def remove(self, device: str) -> None:
        """As the synchronous one."""
        await self._call("remove", device)


class AsyncCampaign(AsyncFace):
    """Firmware for many devices. Given by `Campaigns.start`."""

    async def state(self) -> CampaignState:
        """As the synchronous one."""
        answered: CampaignState = await self._get("state")
        return answered

    async def devices(self, step: str | None = None) -> list[DeviceProgress]:
        """How far each of them is; ``step``: "starting", "downloading", "succeeded", "failed" …"""
        answered: list[DeviceProgress] = await self._call("devices", step)
        return answered

    async def csv(self) -> str:
        """A row for each device."""
        answered: str = await self._call("csv")
        return answered

    async def stop(self) -> CampaignState:
        """No further device begins; those that restart already are waited for. LabRefused when it is over."""
        answered: CampaignState = await self._call("stop")
        return answered


class AsyncCampaigns(AsyncFace):
    """Of one platform. Given by `Platform.campaigns`."""

    async def all(self) -> list[CampaignState]:
        """The newest first."""
        answered: list[CampaignState] = await self._call("all")
        return answered

    async def get(self, id: int) -> AsyncCampaign:
        """As the synchronous one."""
        answered: AsyncCampaign = await self._call("get", id)
        return answered

    async def start(self, package: Package | str, *, devices: Sequence[str] = (), **plan: Any) -> AsyncCampaign:
        """Begin at once with the devices that fit now. LabRefused when none does.

        ``devices``: by name; none: all that fit. ``plan``: ``name``, ``mode`` ("pull", "push", "auto" …), ``updates``,
        ``per_minute``, ``at_once``, ``patience``, ``within`` (seconds), ``severity``, ``defer``; of the choice
        ``endpoint``, ``manufacturer``, ``model``, ``firmware``, ``device_type``, ``registered``, ``containing``,
        ``group``, ``tags``; ``expected``: LabRefused when not as many fit."""
        answered: AsyncCampaign = await self._call("start", package, devices=devices, **plan)
        return answered


class AsyncScenarios(AsyncFace):
    """Of a lab, which they do not touch. Given by `Lab.scenarios`."""

    async def examples(self) -> list[ScenarioExample]:
        """As the synchronous one."""
        answered: list[ScenarioExample] = await self._call("examples")
        return answered

    async def example(self, name: str) -> ScenarioExample:
        """As the synchronous one."""
        answered: ScenarioExample = await self._call("example", name)
        return answered

    async def run(self, scenario: str | Path, *, seed: int | None = None, language: str = "en") -> ScenarioRun:
        """Run it to its end: an example by name, YAML as text, or a `Path` to a file of it.

        LabRefused for a scenario that cannot be. ``language``: of its verdicts."""
        answered: ScenarioRun = await self._call("run", scenario, seed=seed, language=language)
        return answered

    async def runs(self, language: str = "en") -> list[ScenarioRun]:
        """The newest, which are kept for a while."""
        answered: list[ScenarioRun] = await self._call("runs", language)
        return answered

    async def get(self, id: int, language: str = "en") -> ScenarioRun:
        """As the synchronous one."""
        answered: ScenarioRun = await self._call("get", id, language)
        return answered

    async def stop(self, id: int) -> None:
        """As the synchronous one."""
        await self._call("stop", id)

    async def timeline(self, run: ScenarioRun | int, language: str = "en") -> list[RunEntry]:
        """What happened in it, oldest first."""
        answered: list[RunEntry] = await self._call("timeline", run, language)
        return answered


class AsyncModule(AsyncFace):
    """Made by `Lab.add_module`."""

    @property
    def name(self) -> str:
        """In the lab: the source of its entries in the timeline."""
        known: str = self.face().name
        return known

    @property
    def model(self) -> str:
        """ "BC260Y-CN"."""
        known: str = self.face().model
        return known

    @property
    def imei(self) -> str:
        """15 digits."""
        known: str = self.face().imei
        return known

    @property
    def nvram(self) -> AsyncNvram:
        """As the synchronous one."""
        return AsyncNvram(self._runner, lambda: self.face().nvram)

    async def deadlines(self) -> list[DeadlineOf]:
        """Everything that it waits for, the soonest first."""
        answered: list[DeadlineOf] = await self._get("deadlines")
        return answered

    async def standing(self) -> list[StandingOf]:
        """Why it is where it is: of the whole module, of its card's operator, of Andlink."""
        answered: list[StandingOf] = await self._get("standing")
        return answered

    async def internet(self) -> InternetOf:
        """Its sockets, pings, names, MQTT clients; nothing of all that after a restart."""
        answered: InternetOf = await self._get("internet")
        return answered

    async def sockets(self) -> tuple[SocketOf, ...]:
        """Those that are open, in the order in which they were opened."""
        answered: tuple[SocketOf, ...] = await self._get("sockets")
        return answered

    async def capabilities(self) -> Model:
        """As the synchronous one."""
        answered: Model = await self._get("capabilities")
        return answered

    async def serial_state(self) -> SerialState:
        """Where its serial line comes out. LabError (``lab-not-live``) in a simulated lab: its host is this process."""
        answered: SerialState = await self._get("serial_state")
        return answered

    async def write(self, data: bytes, *, wait: Seconds = 0.2) -> bytes:
        """Raw bytes, and what it said to them.

        ``wait``: how long that is gathered, of the wall clock; a simulated lab answers what comes at once."""
        answered: bytes = await self._call("write", data, wait=wait)
        return answered

    async def explain(self, line: str, language: str = "en") -> Explanation:
        """What the line means to this module, field by field, or why it is wrong. Nothing is sent."""
        answered: Explanation = await self._call("explain", line, language)
        return answered

    async def completions(self, line: str = "", limit: int = 20, language: str = "en") -> list[Suggestion]:
        """How the line may go on."""
        answered: list[Suggestion] = await self._call("completions", line, limit, language)
        return answered

    async def commands(self, containing: str = "", language: str = "en") -> list[CommandRow]:
        """What it understands; ``containing`` in name, explanation or chapter."""
        answered: list[CommandRow] = await self._call("commands", containing, language)
        return answered

    async def restart(self, cause: str | None = None) -> None:
        """``cause``: one of `capabilities.causes`, as if that had happened to it; None: its RESET pin."""
        await self._call("restart", cause)

    async def bite(self) -> None:
        """Its watchdog does."""
        await self._call("bite")

    async def insert_card(self, imsi: str, iccid: str | None = None, pin: str = "READY") -> None:
        """This very card: 15 digits, 19 or 20 digits; ``pin``: "READY", "SIM PIN" or "SIM PUK"."""
        await self._call("insert_card", imsi, iccid, pin)

    async def update_firmware(self, version: str) -> None:
        """From outside, as over its debug port: NVRAM stays, the version changes, it restarts."""
        await self._call("update_firmware", version)

    async def remove(self, *, keep_nvram: bool = True) -> None:
        """Pull its plug and take it out of the lab; one of its name finds its NVRAM, if that is kept."""
        await self._call("remove", keep_nvram=keep_nvram)

    async def state(self) -> ModuleState:
        """At this instant."""
        answered: ModuleState = await self._get("state")
        return answered

    async def serial(self) -> str:
        """Where its serial line comes out: the name of a PTY, "tcp:127.0.0.1:41149"; empty in a simulated lab."""
        answered: str = await self._get("serial")
        return answered

    async def at(self, line: str, *, data: bytes | None = None, within: Span = "300s") -> AtResult:
        """Send a command line as a host does, after the boot that is under way, and run the lab until its answer.

        ``data``: what is typed when the module prompts with ``>``. ``within``: of the lab's time; without an answer by
        then ``final`` is empty. LabError when the module is switched off."""
        answered: AtResult = await self._call("at", line, data=data, within=within)
        return answered

    async def urcs(self) -> tuple[str, ...]:
        """What it has said by itself so far, the oldest first: ``+CEREG: 1``, ``+QLAEVTIND: 0`` …"""
        answered: tuple[str, ...] = await self._get("urcs")
        return answered

    async def power_on(self) -> None:
        """As the synchronous one."""
        await self._call("power_on")

    async def power_off(self) -> None:
        """As if its supply were cut: what is not in NVRAM is lost."""
        await self._call("power_off")

    async def reset(self) -> None:
        """By its RESET pin."""
        await self._call("reset")

    async def wake(self) -> None:
        """By its wake-up pin (PWRKEY, PSM_EINT …)."""
        await self._call("wake")

    async def insert_sim(self, sim: str | None) -> None:
        """``"mobile"``, ``"telecom"`` or ``"unicom"``; None takes it out. UnknownName for another word."""
        await self._call("insert_sim", sim)

    async def set_coverage(self, coverage: bool) -> None:
        """As the synchronous one."""
        await self._call("set_coverage", coverage)

    async def set_signal(self, rssi: int) -> None:
        """As ``AT+CSQ`` shows it: 0-31, or 99 for not known."""
        await self._call("set_signal", rssi)

    async def rebind(self) -> None:
        """The NAT before it forgets it: its next datagrams come from another address."""
        await self._call("rebind")

    def registered(self, platform: str) -> AsyncCondition:
        """The platform has it registered, and the module knows. UnknownName for a platform that the lab has not."""
        return self._condition("registered", platform)

    def attached(self) -> AsyncCondition:
        """To the network, with an IP address."""
        return self._condition("attached")

    def powered(self, state: str) -> AsyncCondition:
        """``"off"``, ``"booting"``, ``"asleep"`` or ``"on"``. UnknownName for another word."""
        return self._condition("powered", state)

    def said(self, beginning: str) -> AsyncCondition:
        """A line by itself that begins so, from now on."""
        return self._condition("said", beginning)


class AsyncPlatform(AsyncFace):
    """Given by `Lab.platform`."""

    @property
    def name(self) -> str:
        """ "cmdmp", "andlink", "telecom" or "unicom"."""
        known: str = self.face().name
        return known

    async def state(self) -> PlatformState:
        """As the synchronous one."""
        answered: PlatformState = await self._get("state")
        return answered

    @property
    def keys(self) -> AsyncKeys:
        """As the synchronous one."""
        return AsyncKeys(self._runner, lambda: self.face().keys)

    @property
    def packages(self) -> AsyncPackages:
        """The lab's: every platform serves the same ones."""
        return AsyncPackages(self._runner, lambda: self.face().packages)

    @property
    def campaigns(self) -> AsyncCampaigns:
        """As the synchronous one."""
        return AsyncCampaigns(self._runner, lambda: self.face().campaigns)

    async def find(
        self,
        containing: str = "",
        *,
        state: str | None = None,
        group: str = "",
        tags: Sequence[str] = (),
        sort: str = "id",
        descending: bool = False,
        limit: int = 1000,
    ) -> list[str]:
        """The ids of its devices that fit. ``containing``: in anything that is known of it. ``sort``: "id", "imei",
        "state", "last_seen_at", "model", "name" or "group". ``tags``: all of them."""
        answered: list[str] = await self._call(
            "find", containing, state=state, group=group, tags=tags, sort=sort, descending=descending, limit=limit
        )
        return answered

    async def devices_csv(
        self, containing: str = "", *, state: str | None = None, group: str = "", tags: Sequence[str] = ()
    ) -> str:
        """A row each, with name, group, tags, version of LwM2M, binding, transports and Queue Mode (RFC 4180)."""
        answered: str = await self._call("devices_csv", containing, state=state, group=group, tags=tags)
        return answered

    async def import_csv(self, table: str, *, check: bool = False) -> Imported:
        """Names, groups, tags and keys, all of them or, where anything is wrong, none: LabRefused, with the line and
        the column of the first thing. ``check``: only look at it."""
        answered: Imported = await self._call("import_csv", table, check=check)
        return answered

    async def labels(self) -> Labels:
        """The groups and tags that its devices have."""
        answered: Labels = await self._get("labels")
        return answered

    @property
    def batches(self) -> AsyncBatches:
        """As the synchronous one."""
        return AsyncBatches(self._runner, lambda: self.face().batches)

    async def online(
        self, *, since: Seconds | None = None, until: Seconds | None = None, points: int = 200
    ) -> OnlineCurve:
        """How many devices were registered, over the lab's time: of those that are in the inventory now."""
        answered: OnlineCurve = await self._call("online", since=since, until=until, points=points)
        return answered

    async def devices(self) -> Mapping[str, AsyncDevice]:
        """All that it has ever seen, by IMEI (by endpoint name where a device told none)."""
        answered: Mapping[str, AsyncDevice] = await self._get("devices")
        return answered

    async def device(self, imei: str) -> AsyncDevice:
        """UnknownName, with those that there are."""
        answered: AsyncDevice = await self._call("device", imei)
        return answered

    async def strict(self) -> bool:
        """Whether it refuses what it has a remark about (D138)."""
        answered: bool = await self._get("strict")
        return answered

    async def set_strict(self, strict: bool) -> None:
        """`strict`, from now on."""
        await self._set("strict", strict)

    async def forget_all(self) -> None:
        """It starts anew without its registrations; its inventory stays."""
        await self._call("forget_all")


class AsyncDevice(AsyncFace):
    """A device as one platform knows it. Given by `Platform.device`."""

    @property
    def id(self) -> str:
        """Platform and name, ``"cmdmp:863703030011923"``."""
        known: str = self.face().id
        return known

    async def objects(self) -> list[ObjectShown]:
        """What it registered, instance by instance, with the newest value of each resource."""
        answered: list[ObjectShown] = await self._get("objects")
        return answered

    async def observations(self) -> list[Observation]:
        """As the synchronous one."""
        answered: list[Observation] = await self._get("observations")
        return answered

    @property
    def queue(self) -> AsyncQueue:
        """As the synchronous one."""
        return AsyncQueue(self._runner, lambda: self.face().queue)

    async def label(self) -> Label:
        """What people call it."""
        answered: Label = await self._get("label")
        return answered

    async def relabel(
        self, *, name: str | None = None, group: str | None = None, tags: Sequence[str] | None = None
    ) -> Label:
        """What is None stays as it is. LabRefused for what cannot be a name, a group or a tag."""
        answered: Label = await self._call("relabel", name=name, group=group, tags=tags)
        return answered

    async def online(self) -> DeviceOnline:
        """When it was registered, and when it was heard."""
        answered: DeviceOnline = await self._get("online")
        return answered

    async def data(self, path: str, *, since: Seconds | None = None, limit: int = 1000) -> Series:
        """What this resource was over time: read, notified or sent. The newest ``limit`` points."""
        answered: Series = await self._call("data", path, since=since, limit=limit)
        return answered

    async def data_csv(self, path: str, *, since: Seconds | None = None, limit: int = 1000) -> str:
        """The same as CSV (RFC 4180), with name, type and unit in each row. Times are the API's, since 1970."""
        answered: str = await self._call("data_csv", path, since=since, limit=limit)
        return answered

    async def values_csv(self) -> str:
        """The newest value of each resource that is known, as CSV."""
        answered: str = await self._call("values_csv")
        return answered

    async def operations(self, limit: int = 100) -> list[Operation]:
        """What was asked of it, the newest first."""
        answered: list[Operation] = await self._call("operations", limit)
        return answered

    async def operation(self, ticket: int) -> Operation:
        """As the synchronous one."""
        answered: Operation = await self._call("operation", ticket)
        return answered

    async def order(
        self,
        operation: str,
        path: str | None = None,
        *,
        within: Seconds | None = None,
        deadline: Seconds | None = None,
        **given: Any,
    ) -> Operation:
        """Ask something of it, and do not wait: `operation` has what came of it, and its queue what waits.

        ``given``: ``value``, ``arguments``, ``attributes``, ``paths`` or ``values``, as the operation takes it. Of a
        device in Queue Mode ``within`` (seconds) or ``deadline`` (the lab's time) says how long it is kept."""
        answered: Operation = await self._call("order", operation, path, within=within, deadline=deadline, **given)
        return answered

    async def forget(self) -> None:
        """It and its history. One that is registered finds out with its next update, and registers anew."""
        await self._call("forget")

    async def known(self) -> KnownDevice:
        """Its row of the inventory, a copy of this instant; times are the lab's, in seconds."""
        answered: KnownDevice = await self._get("known")
        return answered

    async def registered(self) -> bool:
        """As the synchronous one."""
        answered: bool = await self._get("registered")
        return answered

    async def history(self) -> list[HistoryEntry]:
        """What has happened to it, the oldest first: codes with fields."""
        answered: list[HistoryEntry] = await self._get("history")
        return answered

    async def read(self, path: str, *, within: Span = "120s") -> Any:
        """The value of a resource, or an instance's values by resource number.

        OperationFailed when the device refuses, when nothing has come ``within`` that time of the lab, or when the
        value cannot be read; LabError when the platform cannot ask (the device is not registered …)."""
        answered: Any = await self._call("read", path, within=within)
        return answered

    async def write(self, path: str, value: Any, *, within: Span = "120s") -> None:
        """As the synchronous one."""
        await self._call("write", path, value, within=within)

    async def execute(self, path: str, arguments: str = "", *, within: Span = "120s") -> None:
        """As the synchronous one."""
        await self._call("execute", path, arguments, within=within)

    async def observe(self, path: str, *, within: Span = "120s") -> Any:
        """The value now; each later one is in `resources`."""
        answered: Any = await self._call("observe", path, within=within)
        return answered

    async def cancel(self, path: str, *, within: Span = "120s") -> None:
        """As the synchronous one."""
        await self._call("cancel", path, within=within)

    async def write_attributes(self, path: str, *, within: Span = "120s", **attributes: float | None) -> None:
        """``pmin``, ``pmax``, ``gt``, ``lt``, ``st``; None takes one away."""
        await self._call("write_attributes", path, within=within, **attributes)

    async def discover(self, path: str, *, within: Span = "120s") -> list[dict[str, Any]]:
        """A path with its attributes for each link."""
        answered: list[dict[str, Any]] = await self._call("discover", path, within=within)
        return answered

    async def create(self, path: str, value: Any, *, within: Span = "120s") -> None:
        """As the synchronous one."""
        await self._call("create", path, value, within=within)

    async def delete(self, path: str, *, within: Span = "120s") -> None:
        """As the synchronous one."""
        await self._call("delete", path, within=within)

    async def write_partly(self, path: str, value: Any, *, within: Span = "120s") -> None:
        """Only the resources that are named; the instance's others stay."""
        await self._call("write_partly", path, value, within=within)

    async def read_composite(self, paths: Sequence[str], *, within: Span = "120s") -> Mapping[str, Any]:
        """Values by path. LabRefused where the device's version of LwM2M does not have it."""
        answered: Mapping[str, Any] = await self._call("read_composite", paths, within=within)
        return answered

    async def observe_composite(self, paths: Sequence[str], *, within: Span = "120s") -> Mapping[str, Any]:
        """The values now; each later one is in `resources`."""
        answered: Mapping[str, Any] = await self._call("observe_composite", paths, within=within)
        return answered

    async def cancel_composite(self, paths: Sequence[str], *, within: Span = "120s") -> None:
        """As the synchronous one."""
        await self._call("cancel_composite", paths, within=within)

    async def write_composite(self, values: Mapping[str, Any], *, within: Span = "120s") -> None:
        """By path."""
        await self._call("write_composite", values, within=within)

    async def resources(self) -> Mapping[str, Any]:
        """The newest value of every path that was observed."""
        answered: Mapping[str, Any] = await self._get("resources")
        return answered


_WRAPS: dict[type, type[AsyncFace]] = {
    Access: AsyncAccess,
    Definitions: AsyncDefinitions,
    Queue: AsyncQueue,
    Batch: AsyncBatch,
    Batches: AsyncBatches,
    AppKeys: AsyncAppKeys,
    Notes: AsyncNotes,
    Nvram: AsyncNvram,
    Packages: AsyncPackages,
    Keys: AsyncKeys,
    Campaign: AsyncCampaign,
    Campaigns: AsyncCampaigns,
    Scenarios: AsyncScenarios,
    Module: AsyncModule,
    Platform: AsyncPlatform,
    Device: AsyncDevice,
}
