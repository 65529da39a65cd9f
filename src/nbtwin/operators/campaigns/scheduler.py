"""Runs firmware campaigns: whose turn it is, how fast, what each device has to be told next, and when it has failed.

Knows the firmware object (LwM2M 1.0 TS, E.6) and campaigns; has a `DeviceUpdater` ask the devices. Must not know
tokens, formats or a database.

Steps
-----

    waiting ──► starting ──► downloading ──► downloaded ──► updating ──► succeeded
                   │  ▲          │  ▲ lost: again │             │  failed
                   └──┘          └──┘             └─────────────┘  stopped

*Starting*: the device is asked what it can (`ways`), and the URI (pull) or the package (push) is written; what it says
that it cannot is its verdict, before anything is sent. *Downloading*: it was taken. *Downloaded*: State 2 was seen,
Execute was sent. *Updating*: Execute was answered, State 3 was seen, or nothing came after it: the device may have
restarted at once. What the device says next tells the end: a Result, the version it runs, or that it is idle without
either. A device may skip states, restart in any of them and come back under another location; a Result that it had
before and has not left since is no news until it has had SETTLE for leaving it.

A Result of success is held against the version that the device then says (D164), where one is known of the package.

What is known comes in three ways, and none of them is relied on alone. Notifications of /5/0/3 and /5/0/5 are quickest,
and get lost with the coverage, with a restart, or because the Observe itself was lost. A registration or an Update is a
sign of life after which the device is asked. A device from which nothing has come for LOOK_EVERY is asked, too, and is
observed again where it is not observed. Patience counts from the last *progress*; when it is over the device is asked
once more, and only what it says then is the verdict. A device whose part has failed is told to forget what it has,
where it can be told: else it would refuse its host's data (DOC-E 3.8, error 529).

Who does not answer may have another address since (a NAT that forgot it): it is reached again with its next Update or
registration. So long as its registration lasts it is out of reach, not failed, and takes nobody's place (D165). What it
says when it is back counts as always; whoever is heard and then does not answer has failed.

Where a platform is in several processes each of them has a *share* of a campaign (D220): the devices that it has, as
soon as it is their turn. Whose turn it is, and when the campaign has ended, somebody else says.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from heapq import heappop, heappush
from hmac import compare_digest
from typing import Protocol, TypeAlias

from msgspec.structs import replace

from nbtwin.engine import Deadline, Reason, Seconds, soonest
from nbtwin.lwm2m.client.firmware_update import FirmwareResult, FirmwareState
from nbtwin.operators.campaigns import records as cp
from nbtwin.operators.campaigns.records import (
    Campaign,
    CampaignEvent,
    CampaignState,
    CampaignStep,
    Plan,
    Progress,
)
from nbtwin.operators.campaigns.ways import Abilities, Chosen, Mode, NoWay, Scheme, Way
from nbtwin.operators.refusals import CampaignCause, PlatformError

NOT_NOW = "4.05"
"""A device's answer to a package while it has another one (E.6, resources 0 and 1)."""
BROKEN_OFF = "4.08"
"""… to a block that does not follow the ones it has (RFC 7959 2.9.2): it has restarted meanwhile."""
ATTEMPTS = 3
"""So often a device that forgot about its download is told again."""
LOOK_EVERY: Seconds = 300
"""A device that says nothing for so long is asked for its state."""
LAST_LOOK: Seconds = 120
"""How long a device whose patience is over may take to answer: longer than a request lives (RFC 7252 4.8.2)."""

SETTLE: Seconds = 60
"""How long a device may take to leave what it said before its package came, or to restart after Execute."""
DEFERRED = 11
"""A Result that is no end (LwM2M 1.1): the device's user has put the update off."""

Told: TypeAlias = Callable[[Seconds, str, str, bool], object]
"""Now, client, response code ("" when no answer came), and whether it was done."""
Asked: TypeAlias = Callable[[Seconds, str, int | None, bool], object]
"""Now, client, the number that was read (None where none was), and whether there was an answer at all."""
LookedOver: TypeAlias = Callable[[Seconds, str, Abilities | None], object]
"""Now, client, and what it says of itself; None when no answer came."""
Versioned: TypeAlias = Callable[[Seconds, str, str | None], object]
"""Now, client, and the version that it says; "" where it says none, None when no answer came."""
Done: TypeAlias = Callable[[Seconds, str], object]


class DeviceUpdater(Protocol):
    """What a campaign can have done at a device."""

    def is_registered(self, client: str) -> bool: ...

    def size_of(self, package: str) -> int | None:
        """In bytes; None: there is none."""

    def observe_firmware(self, now: Seconds, client: str) -> None:
        """/5/0/3 and /5/0/5, where they are not observed; their values come as notifications do."""

    def expires_at(self, client: str) -> Seconds:
        """When its registration ends unless it is heard before."""

    def look_over(self, now: Seconds, client: str, package: str, then: LookedOver) -> None:
        """Ask what it can, and which model it is where the package is for some only."""

    def fits(self, package: str, model: str) -> bool: ...

    def way_for(self, client: str, mode: Mode, said: Abilities) -> Chosen: ...

    def write_uri(self, now: Seconds, client: str, package: str, scheme: Scheme, key: str, then: Told) -> None: ...

    def push(self, now: Seconds, client: str, package: str, then: Told) -> None: ...

    def reset(self, now: Seconds, client: str, then: Done | None = None) -> None:
        """Make it forget a package or a download, in whatever way it understands."""

    def execute(self, now: Seconds, client: str, severity: int | None, defer: Seconds | None, then: Told) -> None: ...

    def read_state(self, now: Seconds, client: str, then: Asked) -> None: ...

    def read_result(self, now: Seconds, client: str, then: Asked) -> None: ...

    def read_version(self, now: Seconds, client: str, then: Versioned) -> None: ...


@dataclass(slots=True)
class _Dialogue:
    """What is known of a device beside its step; after a restart of the platform it begins anew."""

    asking: bool = False  # what it can, before anything is sent
    scheme: Scheme = Scheme.COAP
    writing: bool = False  # its URI or package
    was_told: bool = False  # meanwhile: a state that the end of the write decides upon
    sent: bool = False  # something of the package: there is something to forget
    earlier_result: int | None = None  # before anything was sent
    moved: bool = False  # it has said something since that it did not say before
    executions: int = 0
    execute_answered: bool = False
    registered: bool = False  # since Execute was sent
    differs_at: Seconds | None = None  # since when it says that it succeeded, and runs another version
    put_off_at: Seconds | None = None  # by the device's user
    spoke: bool = False  # when its patience was over
    chance: bool = False  # it was out of reach, was heard, and is asked


class _Running:
    """One campaign in memory: only devices that have not ended."""

    def __init__(self, campaign: Campaign) -> None:
        self.record = campaign
        self.plan = campaign.plan
        self.waiting: deque[str] = deque()
        self.absent: dict[str, None] = {}  # it was their turn, and they were not registered
        self.active: OrderedDict[str, Progress] = OrderedDict()  # the one without news for longest first
        self.progress: dict[str, Progress] = {}
        self.dialogues: dict[str, _Dialogue] = {}
        self.unreached: dict[str, Seconds] = {}  # between their beginning and their end, out of reach until then
        self.untils: list[tuple[Seconds, str]] = []  # a heap of them; what is over is passed over
        self.quiet: OrderedDict[str, Seconds] = OrderedDict()  # active: since when nothing was heard or asked
        self.last_looks: dict[str, Seconds] = {}  # whose patience is over: since when the verdict is being asked for
        self.next_start_at: Seconds = campaign.started_at
        self.is_share = False
        self.ended: set[str] = set()  # of a share: who is given again, by a row that is not written yet, stays ended

    @property
    def over(self) -> bool:
        return not (self.waiting or self.absent or self.active or self.unreached)

    def may_begin(self, now: Seconds) -> bool:
        return self.has_place and now >= self.next_start_at

    @property
    def has_place(self) -> bool:
        """Whoever is out of reach takes none."""
        return bool(self.waiting) and len(self.active) < self.plan.at_once

    def first_unreached(self) -> tuple[Seconds, str] | None:
        """Who is waited for the shortest."""
        while self.untils and self.unreached.get(self.untils[0][1]) != self.untils[0][0]:
            heappop(self.untils)
        return self.untils[0] if self.untils else None

    @property
    def until(self) -> Seconds | None:
        """When nobody is waited for any more."""
        return self.record.started_at + self.plan.within if self.plan.within and self.absent else None


class CampaignReason(Reason):
    """What campaigns wait for."""

    RESTART = "campaign-restart"
    NEXT_DEVICE = "campaign-next-device"
    PROGRESS = "campaign-progress"
    LOOK = "campaign-look"
    OUT_OF_REACH = "campaign-out-of-reach"
    END = "campaign-end"


class CampaignScheduler:
    """All campaigns of one platform."""

    def __init__(self, platform: str, updater: DeviceUpdater, report: Callable[[CampaignEvent], object]) -> None:
        self._platform = platform
        self._updater = updater
        self._report = report
        self._running: dict[int, _Running] = {}
        self._of: dict[str, _Running] = {}  # client -> its campaign; a device is in one at a time
        self._last_id = 0
        self._resumed = True

    # verbs

    def start(self, now: Seconds, plan: Plan, version: str, clients: Iterable[str], key: str = "") -> int:
        """The campaign's number. PlatformError when a device is in another campaign that runs."""
        devices = tuple(dict.fromkeys(clients))
        if not devices:
            raise PlatformError(CampaignCause.DEVICES_MISSING)
        taken = next((client for client in devices if client in self._of), None)
        if taken is not None:
            number = self._of[taken].record.id
            raise PlatformError(CampaignCause.DEVICE_TAKEN, client=taken, campaign=number)
        self._last_id += 1
        campaign = Campaign(id=self._last_id, plan=plan, version=version, devices=len(devices), started_at=now, key=key)
        running = self._running[campaign.id] = _Running(campaign)
        self._report(cp.CampaignStarted(now, self._platform, campaign.id, plan, version, devices, key))
        for client in devices:
            self._enter(running, Progress(device=client, at=now))
        self._proceed(now, running)
        return campaign.id

    def stop(self, now: Seconds, campaign: int) -> None:
        """Nobody begins any more, downloads are cancelled; who is restarting already is waited for. KeyError."""
        running = self._running[campaign]
        for client in [*running.waiting, *running.absent]:
            self._step(now, running, client, CampaignStep.STOPPED, CampaignCause.STOPPED)
        for client in [*running.active, *running.unreached]:
            if running.progress[client].step is not CampaignStep.UPDATING:
                if self._updater.is_registered(client) and running.dialogues[client].sent:
                    self._updater.reset(now, client)
                self._step(now, running, client, CampaignStep.STOPPED, CampaignCause.STOPPED)
        running.record.state = CampaignState.STOPPING
        if not running.over and not running.is_share:
            self._report(cp.CampaignChanged(now, campaign, CampaignState.STOPPING))
        self._proceed(now, running)

    def restore(self, campaigns: Iterable[tuple[Campaign, Iterable[Progress]]], last_id: int) -> None:
        """Campaigns that a restart interrupted, in lab time. What goes on is asked at the first deadline."""
        self._last_id = max(self._last_id, last_id)
        for campaign, devices in campaigns:
            running = self._running[campaign.id] = _Running(campaign)
            for progress in devices:
                if progress.step not in cp.ENDED:
                    self._enter(running, progress)
            self._resumed = False

    # shares

    def take(self, now: Seconds, campaign: Campaign, devices: Iterable[Progress]) -> None:
        """Devices of this process whose turn it is, or that another process had; with the campaign as it stands.

        As often as anybody likes: who is under way here already, or has ended here, is passed over.
        """
        running = self._running.get(campaign.id)
        if campaign.state in (CampaignState.STOPPED, CampaignState.FINISHED):
            if running is not None and running.over:
                del self._running[campaign.id]
            return
        if running is None:
            plan = replace(campaign.plan, at_once=cp.MOST_AT_ONCE, per_minute=0)
            running = self._running[campaign.id] = _Running(replace(campaign, plan=plan))
            running.is_share = True
        for progress in devices:
            client, step = progress.device, progress.step
            if step in cp.ENDED or client in self._of or client in running.ended:
                continue
            if step is CampaignStep.WAITING and not self._updater.is_registered(client):
                continue  # another process has it meanwhile
            self._enter(running, progress)
            if client in running.active:
                self._resume_one(now, running, client)
        self._proceed(now, running)
        if campaign.state is CampaignState.STOPPING:
            self.stop(now, campaign.id)

    def drop(self, client: str) -> None:
        """Another process of this platform has it now: nothing is told."""
        running = self._of.get(client)
        if running is None or self._updater.is_registered(client):
            return
        if client in running.waiting:
            running.waiting.remove(client)
        running.absent.pop(client, None)
        running.active.pop(client, None)
        running.unreached.pop(client, None)
        running.quiet.pop(client, None)
        running.last_looks.pop(client, None)
        del running.progress[client], running.dialogues[client], self._of[client]

    def _enter(self, running: _Running, progress: Progress) -> None:
        client = progress.device
        running.progress[client] = progress
        running.dialogues[client] = _Dialogue(sent=progress.step in cp.ACTIVE)
        self._of[client] = running
        if progress.step in (CampaignStep.WAITING, CampaignStep.STARTING):
            progress.step = CampaignStep.WAITING
            running.waiting.append(client)
        else:
            running.active[client] = progress
            running.quiet[client] = progress.at

    # time

    def next_deadline(self) -> Deadline | None:
        if not self._resumed:
            return Deadline(0.0, CampaignReason.RESTART)
        if not self._running:
            return None
        return soonest(*(deadline for running in self._running.values() for deadline in self._deadlines(running)))

    def _deadlines(self, running: _Running) -> Iterable[Deadline | None]:
        number = running.record.id
        if running.has_place:
            yield Deadline(running.next_start_at, CampaignReason.NEXT_DEVICE, number=number)
        if running.quiet:
            client, since = next(iter(running.quiet.items()))
            yield Deadline(since + LOOK_EVERY, CampaignReason.LOOK, client, number)
        for client, progress in running.active.items():
            if client not in running.last_looks:
                yield Deadline(progress.at + running.plan.patience, CampaignReason.PROGRESS, client, number)
                break
        if (first := running.first_unreached()) is not None:
            yield Deadline(first[0], CampaignReason.OUT_OF_REACH, first[1], number)
        if running.last_looks:
            client, since = next(iter(running.last_looks.items()))
            yield Deadline(since + LAST_LOOK, CampaignReason.PROGRESS, client, number)
        if running.until is not None:
            yield Deadline(running.until, CampaignReason.END, number=number)

    def handle_timer(self, now: Seconds) -> None:
        if not self._resumed:
            self._resume(now)
        for running in list(self._running.values()):
            self._look_at_the_quiet(now, running)
            self._give_up(now, running)
            self._proceed(now, running)

    def _resume(self, now: Seconds) -> None:
        """Notifications may have got lost meanwhile: ask."""
        self._resumed = True
        for running in self._running.values():
            for client in list(running.active):
                self._resume_one(now, running, client)

    def _resume_one(self, now: Seconds, running: _Running, client: str) -> None:
        progress = running.progress[client]
        progress.at = now
        if not self._updater.is_registered(client):
            return  # it has to come back, while there is patience
        if progress.step is CampaignStep.DOWNLOADING and _mode_of(running, progress) is Mode.PUSH:
            self._again(now, running, client)  # the rest of the blocks went with us
        else:
            self._look(now, running, client)

    def _look_at_the_quiet(self, now: Seconds, running: _Running) -> None:
        while running.quiet:
            client, since = next(iter(running.quiet.items()))
            if since + LOOK_EVERY > now:
                break
            self._heard(now, running, client)
            if running.progress[client].step is not CampaignStep.STARTING and self._updater.is_registered(client):
                self._look(now, running, client)

    def _look(self, now: Seconds, running: _Running, client: str, then: Asked | None = None) -> None:
        """Ask for what a notification would have told; the Result follows where the State is idle."""
        self._heard(now, running, client)
        self._updater.observe_firmware(now, client)
        self._updater.read_state(now, client, then or self._on_state_read)

    def _on_state_read(self, now: Seconds, client: str, state: int | None, answered: bool) -> None:
        self.handle_state(now, client, state)

    def _heard(self, now: Seconds, running: _Running, client: str) -> None:
        running.quiet[client] = now
        running.quiet.move_to_end(client)

    def _give_up(self, now: Seconds, running: _Running) -> None:
        for client, since in list(running.last_looks.items()):
            if since + LAST_LOOK > now:
                continue
            if running.dialogues[client].spoke:
                self._fail(now, running, client, CampaignCause.NO_PROGRESS)
            else:
                self._out_of_reach(now, running, client)
        for client, progress in list(running.active.items()):
            if progress.at + running.plan.patience > now:
                break
            if client in running.last_looks:
                continue
            if self._updater.is_registered(client):
                running.last_looks[client] = now
                running.dialogues[client].spoke = False
                self._look(now, running, client, self._on_last_look)
            else:
                self._fail(now, running, client, CampaignCause.NO_PROGRESS)
        while (first := running.first_unreached()) is not None and first[0] <= now:
            self._fail(now, running, first[1], CampaignCause.UNANSWERED)
        if running.until is not None and now >= running.until:
            for client in list(running.absent):
                self._step(now, running, client, CampaignStep.FAILED, CampaignCause.ABSENT)

    def _on_last_look(self, now: Seconds, client: str, state: int | None, answered: bool) -> None:
        """The patience is over: what it says now is the verdict, unless it says something new."""
        found = self._active(client)
        if found is None or client not in found[0].last_looks:
            return
        if not answered:
            self._out_of_reach(now, found[0], client)
            return
        found[0].dialogues[client].spoke = True
        self.handle_state(now, client, state)
        found = self._active(client)
        if found is None or client not in found[0].last_looks:
            return
        if state != FirmwareState.IDLE or found[1].step is CampaignStep.STARTING:
            self._fail(now, found[0], client, CampaignCause.NO_PROGRESS)

    def _out_of_reach(self, now: Seconds, running: _Running, client: str) -> None:
        """It does not answer. Its next Update or registration shows where it is, if there is one (D165)."""
        running.last_looks.pop(client, None)
        if client in running.unreached:
            return
        dialogue = running.dialogues[client]
        if dialogue.chance or not self._updater.is_registered(client):
            self._fail(now, running, client, CampaignCause.UNANSWERED)
            return
        running.unreached[client] = until = max(now, self._updater.expires_at(client))
        heappush(running.untils, (until, client))
        running.active.pop(client, None)
        running.quiet.pop(client, None)
        self._proceed(now, running)

    def _back(self, now: Seconds, running: _Running, client: str) -> None:
        """It was out of reach, and was heard: now it answers, or has failed."""
        del running.unreached[client]
        running.dialogues[client].chance = True
        progress = running.active[client] = running.progress[client]
        progress.at = now
        if progress.step is CampaignStep.STARTING:
            self._begin(now, running, client)
            return
        running.last_looks[client] = now
        running.dialogues[client].spoke = False
        self._look(now, running, client, self._on_back)

    def _on_back(self, now: Seconds, client: str, state: int | None, answered: bool) -> None:
        found = self._active(client)
        if found is None or client not in found[0].last_looks:
            return
        if not answered:
            self._out_of_reach(now, found[0], client)
            return
        found[0].last_looks.pop(client)
        found[0].dialogues[client].chance = False
        self.handle_state(now, client, state)

    def _proceed(self, now: Seconds, running: _Running) -> None:
        """Whose turn it is begins; whoever is the last ends the campaign."""
        while running.may_begin(now):
            client = running.waiting.popleft()
            if not self._updater.is_registered(client):
                running.absent[client] = None
                continue
            if running.plan.per_minute:
                running.next_start_at = now + 60 / running.plan.per_minute
            self._begin(now, running, client)
        if running.over and not running.is_share and self._running.pop(running.record.id, None) is not None:
            state = CampaignState.STOPPED if running.record.state == CampaignState.STOPPING else CampaignState.FINISHED
            self._report(cp.CampaignChanged(now, running.record.id, state))

    # one device

    def _begin(self, now: Seconds, running: _Running, client: str) -> None:
        progress = running.progress[client]
        running.active[client] = progress
        progress.step = CampaignStep.STARTING
        progress.attempts += 1
        progress.result = None
        if self._updater.size_of(running.plan.package) is None:
            self._step(now, running, client, CampaignStep.FAILED, CampaignCause.PACKAGE_GONE)
            return
        self._step(now, running, client, CampaignStep.STARTING)
        self._updater.observe_firmware(now, client)
        chance = running.dialogues[client].chance
        running.dialogues[client] = _Dialogue(asking=True, chance=chance, sent=running.dialogues[client].sent)
        self._updater.look_over(now, client, running.plan.package, self._on_looked_over)

    def _on_looked_over(self, now: Seconds, client: str, said: Abilities | None) -> None:
        """What it says that it cannot is its verdict; what it has from before it has to forget first."""
        if (found := self._active(client)) is None or not found[0].dialogues[client].asking:
            return
        running, _ = found
        if said is None:
            self._unheard(now, running, client)
            return
        dialogue, package = running.dialogues[client], running.plan.package
        dialogue.asking = dialogue.chance = False
        dialogue.earlier_result = said.result
        if said.response_code:
            self._fail(now, running, client, CampaignCause.OBJECT_MISSING, said.response_code)
            return
        if not self._updater.fits(package, said.model):
            self._fail(now, running, client, CampaignCause.OTHER_MODEL, found=said.model)
            return
        way = self._updater.way_for(client, running.plan.mode, said)
        if isinstance(way, NoWay):
            self._fail(now, running, client, way.cause, found=way.found)
        elif said.state in (FirmwareState.DOWNLOADING, FirmwareState.DOWNLOADED):
            self._updater.reset(now, client, lambda now, client: self._send(now, client, dialogue, way))
        else:
            self._send(now, client, dialogue, way)

    def _unheard(self, now: Seconds, running: _Running, client: str) -> None:
        """Of what was sent before it had the package nothing was answered."""
        if running.progress[client].attempts < ATTEMPTS and not running.dialogues[client].chance:
            self._again(now, running, client)
        else:
            self._out_of_reach(now, running, client)

    def _send(self, now: Seconds, client: str, dialogue: _Dialogue, way: Way) -> None:
        """Unless its part was begun anew, or has ended, while it was forgetting."""
        if (found := self._active(client)) is None or found[0].dialogues[client] is not dialogue:
            return
        running, progress = found
        if progress.step is not CampaignStep.STARTING:
            return
        dialogue.writing = dialogue.sent = True
        dialogue.scheme, progress.way, progress.bytes = way.scheme, way.mode, 0
        package = running.plan.package
        if way.mode is Mode.PULL:
            self._updater.write_uri(now, client, package, way.scheme, running.record.key, self._on_written)
        else:
            self._updater.push(now, client, package, self._on_written)

    def _step(
        self, now: Seconds, running: _Running, client: str, step: CampaignStep, cause: CampaignCause | None = None,
        response_code: str = "", found: str = "",
    ) -> None:  # fmt: skip
        progress = running.progress[client]
        during = progress.step if step in cp.ENDED else None
        waited = progress.step is CampaignStep.WAITING
        progress.step, progress.at = step, now
        running.last_looks.pop(client, None)
        if running.unreached.pop(client, None) is not None and step not in cp.ENDED:
            running.active[client] = progress
        if step in cp.ENDED:
            running.active.pop(client, None)
            running.quiet.pop(client, None)
            if waited and client not in running.absent:
                running.waiting.remove(client)
            running.absent.pop(client, None)
            if running.is_share:
                running.ended.add(client)
            del running.progress[client], running.dialogues[client], self._of[client]
        else:
            running.active.move_to_end(client)
            self._heard(now, running, client)
        self._report(
            cp.CampaignProgressed(
                now, running.record.id, client, step, progress.attempts, progress.result, progress.version, cause,
                response_code, during, found, progress.way, progress.bytes,
            )
        )  # fmt: skip

    def _active(self, client: str) -> tuple[_Running, Progress] | None:
        running = self._of.get(client)
        if running is None or not (client in running.active or client in running.unreached):
            return None
        return running, running.progress[client]

    # what comes back

    def handle_registered(self, now: Seconds, client: str) -> None:
        running = self._of.get(client)
        if running is None:
            return
        running.dialogues[client].registered = True
        if client in running.absent:
            del running.absent[client]
            running.waiting.appendleft(client)
            self._proceed(now, running)
        else:
            self.handle_updated(now, client)  # it may have restarted, with or without the package

    def handle_updated(self, now: Seconds, client: str) -> None:
        """A sign of life after which notifications may be missing."""
        if (found := self._active(client)) is None:
            return
        if client in found[0].unreached:
            self._back(now, found[0], client)
        elif found[1].step is not CampaignStep.STARTING:
            self._look(now, found[0], client)

    def _on_written(self, now: Seconds, client: str, response_code: str, done: bool) -> None:
        """The URI or the package was taken, or not."""
        if (found := self._active(client)) is None or not found[0].dialogues[client].writing:
            return
        running, progress = found
        dialogue = running.dialogues[client]
        dialogue.writing = False
        pushing = progress.step is CampaignStep.DOWNLOADING and progress.way is Mode.PUSH  # a State told that
        if progress.step is not CampaignStep.STARTING and (done or not pushing):
            if dialogue.was_told and self._updater.is_registered(client):
                self._look(now, running, client)
            return
        if done:
            if progress.way is Mode.PUSH:
                progress.bytes = self._updater.size_of(running.plan.package) or 0
            self._step(now, running, client, CampaignStep.DOWNLOADING)
            if dialogue.was_told and self._updater.is_registered(client):
                self._look(now, running, client)
        elif not response_code:
            self._unheard(now, running, client)
        elif response_code in (NOT_NOW, BROKEN_OFF) and progress.attempts < ATTEMPTS:
            self._again(now, running, client)
        else:
            self._fail(now, running, client, CampaignCause.PACKAGE_REFUSED, response_code)

    def _again(self, now: Seconds, running: _Running, client: str) -> None:
        """It may still have a package, or half of one, from before. One that has gone is waited for."""
        if not self._updater.is_registered(client):
            progress = running.progress[client]
            running.active.pop(client, None)
            running.unreached.pop(client, None)
            running.quiet.pop(client, None)
            running.last_looks.pop(client, None)
            running.absent[client] = None
            progress.step = CampaignStep.WAITING
            self._proceed(now, running)
            return
        self._begin(now, running, client)
        self._proceed(now, running)

    def _on_executed(self, now: Seconds, client: str, response_code: str, done: bool) -> None:
        """Without an answer it may have restarted at once: what it says next will tell."""
        if (found := self._active(client)) is None or found[1].step is not CampaignStep.DOWNLOADED:
            return
        running, _ = found
        running.dialogues[client].execute_answered = bool(response_code)
        if done or not response_code:
            self._step(now, running, client, CampaignStep.UPDATING)
        else:  # or it updates by itself already

            def on_state(now: Seconds, client: str, state: int | None, answered: bool) -> None:
                if state == FirmwareState.DOWNLOADED or (answered and state is None):
                    self._on_execute_refused(now, client, response_code)
                else:
                    self.handle_state(now, client, state)

            self._updater.read_state(now, client, on_state)

    def _on_execute_refused(self, now: Seconds, client: str, response_code: str) -> None:
        if (found := self._active(client)) is not None and found[1].step is CampaignStep.DOWNLOADED:
            self._fail(now, found[0], client, CampaignCause.UPDATE_REFUSED, response_code)

    def handle_fetch(self, now: Seconds, client: str, package: str, end: int = 0) -> None:
        """It has asked for a part of a package; of another than the campaign's nothing follows.

        ``end``: where the part ends, where that is known.
        """
        if (found := self._active(client)) is not None and found[0].plan.package == package:
            running, progress = found
            running.dialogues[client].moved = True
            progress.at, progress.bytes = now, max(progress.bytes, end)
            if client in running.active:
                running.active.move_to_end(client)
                running.last_looks.pop(client, None)
                self._heard(now, running, client)

    def bytes_of(self, campaign: int) -> dict[str, int]:
        """How much of the package each device under way has; of those that have ended the store knows it."""
        running = self._running.get(campaign)
        return {} if running is None else {client: one.bytes for client, one in running.progress.items()}

    def key_of(self, client: str, package: str) -> str:
        """What opens the package for this device over HTTP; "" where it is not under way to get it."""
        found = self._active(client)
        return found[0].record.key if found is not None and found[0].plan.package == package else ""

    def opens(self, package: str, key: str) -> bool:
        """Whether a campaign that runs gives this key to its devices (D163)."""
        plans = ((running.plan.package, running.record.key) for running in self._running.values())
        return any(package == name and key and compare_digest(key, one) for name, one in plans)

    @property
    def active(self) -> list[str]:
        """The clients that are under way."""
        return [client for running in self._running.values() for client in (*running.active, *running.unreached)]

    def handle_state(self, now: Seconds, client: str, state: int | None) -> None:
        """A value of /5/0/3."""
        if state is None or (found := self._active(client)) is None:
            return
        running, progress = found
        dialogue = running.dialogues[client]
        if not dialogue.sent or (progress.step is CampaignStep.STARTING and not dialogue.writing):
            return  # of before
        if state != FirmwareState.IDLE:
            dialogue.moved = True
        if dialogue.writing and (state == FirmwareState.IDLE or not self._is_told_by(progress, state)):
            dialogue.was_told = True  # before the write, or by what a registration before had left
            return
        match state, progress.step:
            case FirmwareState.DOWNLOADING, CampaignStep.STARTING:
                self._step(now, running, client, CampaignStep.DOWNLOADING)
            case FirmwareState.DOWNLOADED, CampaignStep.STARTING | CampaignStep.DOWNLOADING:
                self._downloaded(now, running, client)
            case FirmwareState.DOWNLOADED, CampaignStep.DOWNLOADED if not dialogue.executions:
                self._downloaded(now, running, client)  # its Execute may have gone with whoever had it before
            case FirmwareState.DOWNLOADED, CampaignStep.UPDATING:
                self._still_downloaded(now, running, client)
            case FirmwareState.UPDATING, CampaignStep.DOWNLOADING | CampaignStep.DOWNLOADED:
                self._step(now, running, client, CampaignStep.UPDATING)
            case FirmwareState.IDLE, CampaignStep.DOWNLOADING | CampaignStep.DOWNLOADED | CampaignStep.UPDATING:
                self._updater.read_result(now, client, self._on_result_read)

    @staticmethod
    def _is_told_by(progress: Progress, state: int) -> bool:
        """Whether a State during the write is news: a pull's end may be one of the package before."""
        return state == FirmwareState.DOWNLOADING or progress.way is Mode.PUSH

    def _downloaded(self, now: Seconds, running: _Running, client: str) -> None:
        running.progress[client].bytes = self._updater.size_of(running.plan.package) or 0
        if running.plan.updates:
            self._step(now, running, client, CampaignStep.DOWNLOADED)
            dialogue, plan = running.dialogues[client], running.plan
            dialogue.executions += 1
            dialogue.registered = dialogue.execute_answered = False
            self._updater.execute(now, client, plan.severity, plan.defer, self._on_executed)
        else:
            self._end(now, running, client, CampaignStep.SUCCEEDED, CampaignCause.DOWNLOAD_ONLY)

    def _still_downloaded(self, now: Seconds, running: _Running, client: str) -> None:
        """Execute did not reach it, or it has restarted without updating: once more. Else it takes its time."""
        dialogue = running.dialogues[client]
        if dialogue.execute_answered and not dialogue.registered:
            return
        if dialogue.executions < ATTEMPTS:
            self._downloaded(now, running, client)
        else:
            self._fail(now, running, client, CampaignCause.RESULT_MISSING)

    def handle_result(self, now: Seconds, client: str, result: int, *, is_news: bool = True) -> None:
        """A value of /5/0/5; 0 after a restart means that the device has forgotten. What is no news is asked for."""
        if (found := self._active(client)) is None or found[1].step is CampaignStep.STARTING:
            return
        running, progress = found
        dialogue = running.dialogues[client]
        if result == FirmwareResult.INITIAL:
            dialogue.moved = True
        elif not is_news:
            self._updater.read_state(now, client, self._on_state_read)
        elif result == FirmwareResult.CONNECTION_LOST and dialogue.writing:
            dialogue.was_told = True  # the end of the write decides
        else:
            dialogue.moved = True
            self._judge(now, running, progress, result)

    def _judge(self, now: Seconds, running: _Running, progress: Progress, result: int) -> None:
        """What it says of the last update."""
        client = progress.device
        progress.result = result
        if result == DEFERRED:
            self._put_off(now, running, progress)
            return
        if result == FirmwareResult.SUCCESS:
            self._verify(now, running, progress)
        elif result == FirmwareResult.CONNECTION_LOST and progress.attempts < ATTEMPTS:
            self._again(now, running, client)
        else:
            self._fail(now, running, client, CampaignCause.UPDATE_FAILED)

    def _put_off(self, now: Seconds, running: _Running, progress: Progress) -> None:
        """It is asked again, while there is patience; that begins when the deferral that the plan allows is over."""
        dialogue, client = running.dialogues[progress.device], progress.device
        if dialogue.put_off_at is None:
            dialogue.put_off_at = now
        if now - dialogue.put_off_at < (running.plan.defer or 0) and client in running.active:
            progress.at = now
            running.active.move_to_end(client)
            running.last_looks.pop(client, None)

    def _on_result_read(self, now: Seconds, client: str, result: int | None, answered: bool) -> None:
        """The device does nothing, and this is what it says of the last update."""
        if not answered or (found := self._active(client)) is None or found[1].step is CampaignStep.STARTING:
            return
        running, progress = found
        dialogue = running.dialogues[client]
        if dialogue.writing:
            dialogue.was_told = True
        elif not result and progress.step is CampaignStep.UPDATING:
            if dialogue.registered or now - progress.at >= SETTLE:
                self._verify(now, running, progress)
        elif not result:
            self._lost(now, running, client)
        elif dialogue.moved or result != dialogue.earlier_result or now - progress.at >= SETTLE:
            self._judge(now, running, progress, result)

    def _lost(self, now: Seconds, running: _Running, client: str) -> None:
        """It is idle without a result, and does not run the version."""
        progress = running.progress[client]
        if progress.attempts >= ATTEMPTS:
            updating = progress.step is CampaignStep.UPDATING
            cause = CampaignCause.RESULT_MISSING if updating else CampaignCause.PACKAGE_LOST
            self._fail(now, running, client, cause)
        else:
            self._begin(now, running, client)
            self._proceed(now, running)

    def _verify(self, now: Seconds, running: _Running, progress: Progress) -> None:
        """It has succeeded, or says nothing of that: what does it run?"""
        wanted = running.record.version
        if wanted and progress.version == wanted:
            self._on_version(now, progress.device, wanted)
        else:
            self._updater.read_version(now, progress.device, self._on_version)

    def _on_version(self, now: Seconds, client: str, version: str | None) -> None:
        """Of a device that is idle and has succeeded (Result 1) or says nothing of that."""
        if version is None or (found := self._active(client)) is None or found[1].step is CampaignStep.STARTING:
            return
        running, progress = found
        dialogue, wanted = running.dialogues[client], running.record.version
        succeeded = progress.result == FirmwareResult.SUCCESS
        progress.version = version or progress.version
        if wanted and version == wanted:
            cause = None if succeeded else CampaignCause.RUNS_VERSION
            self._end(now, running, client, CampaignStep.SUCCEEDED, cause)
        elif not succeeded:
            self._lost(now, running, client)
        elif not wanted or not version:
            self._end(now, running, client, CampaignStep.SUCCEEDED, CampaignCause.RESULT_ALONE)
        elif dialogue.differs_at is None:
            dialogue.differs_at = now  # it may be about to restart
            dialogue.registered = False
        elif dialogue.registered or now - dialogue.differs_at >= SETTLE:
            self._fail(now, running, client, CampaignCause.OTHER_VERSION, found=version)

    def handle_described(self, now: Seconds, client: str, firmware: str) -> None:
        """What it says that it runs (/3/0/3)."""
        if (found := self._active(client)) is not None:
            found[1].version = firmware

    def _fail(
        self, now: Seconds, running: _Running, client: str, cause: CampaignCause, response_code: str = "",
        found: str = "",
    ) -> None:  # fmt: skip
        """And leave no device blocked by what it has of the package."""
        updating = running.progress[client].step is CampaignStep.UPDATING
        if running.dialogues[client].sent and not updating and self._updater.is_registered(client):
            self._updater.reset(now, client)
        self._end(now, running, client, CampaignStep.FAILED, cause, response_code, found)

    def _end(
        self, now: Seconds, running: _Running, client: str, step: CampaignStep, cause: CampaignCause | None = None,
        response_code: str = "", found: str = "",
    ) -> None:  # fmt: skip
        self._step(now, running, client, step, cause, response_code, found)
        self._proceed(now, running)


def _mode_of(running: _Running, progress: Progress) -> Mode:
    return progress.way or running.plan.mode
