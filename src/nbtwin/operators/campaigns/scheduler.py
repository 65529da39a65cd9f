"""Runs firmware campaigns: whose turn it is, how fast, what each device has to be told next, and when it has failed.

Knows the firmware object (LwM2M 1.0 TS, E.6) and campaigns; has a `DeviceUpdater` ask the devices. Must not know
tokens, formats or a database.

Steps
-----

    waiting ──► starting ──► downloading ──► downloaded ──► updating ──► succeeded
                   │  ▲          │  ▲ lost: again │             │  failed
                   └──┘          └──┘             └─────────────┘  stopped

*Starting*: the URI (pull) or the package (push) is being written. *Downloading*: it was taken. *Downloaded*: State 2
was seen, Execute was sent. *Updating*: Execute was answered, State 3 was seen, or nothing came after it: the device may
have restarted at once. What the device says next tells the end: a Result, the version it runs, or that it is idle
without either.

What is known comes in three ways, and none of them is relied on alone. Notifications of /5/0/3 and /5/0/5 are quickest,
and get lost with the coverage, with a restart, or because the Observe itself was lost. A registration or an Update is a
sign of life after which the device is asked. A device from which nothing has come for LOOK_EVERY is asked, too, and is
observed again where it is not observed. Patience counts from the last *progress*; when it is over the device is asked
once more, and only what it says then (or that it says nothing within LAST_LOOK) is the verdict. A device whose part has
failed is told to forget what it has, where it can be told: else it would refuse its host's data (DOC-E 3.8, error 529).
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from typing import Protocol, TypeAlias

from nbtwin.engine import Deadline, Reason, Seconds, soonest
from nbtwin.lwm2m.client.firmware_update import FirmwareResult, FirmwareState
from nbtwin.operators.campaigns import records as cp
from nbtwin.operators.campaigns.records import (
    Campaign,
    CampaignEvent,
    CampaignState,
    CampaignStep,
    Mode,
    Plan,
    Progress,
)
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

Told: TypeAlias = Callable[[Seconds, str, str, bool], object]
"""Now, client, response code ("" when no answer came), and whether it was done."""
Asked: TypeAlias = Callable[[Seconds, str, int | None], object]
"""Now, client, and the number that was read; None where none was."""


class DeviceUpdater(Protocol):
    """What a campaign can have done at a device."""

    def is_registered(self, client: str) -> bool: ...

    def has_package(self, package: str) -> bool: ...

    def observe_firmware(self, now: Seconds, client: str) -> None:
        """/5/0/3 and /5/0/5, where they are not observed; their values come as notifications do."""

    def write_uri(self, now: Seconds, client: str, package: str, then: Told) -> None: ...

    def push(self, now: Seconds, client: str, package: str, then: Told) -> None: ...

    def reset(self, now: Seconds, client: str) -> None:
        """Make it forget a package or a download: an empty URI."""

    def execute(self, now: Seconds, client: str, then: Told) -> None: ...

    def read_state(self, now: Seconds, client: str, then: Asked) -> None: ...

    def read_result(self, now: Seconds, client: str, then: Asked) -> None: ...


class _Running:
    """One campaign in memory: only devices that have not ended."""

    def __init__(self, campaign: Campaign) -> None:
        self.record = campaign
        self.plan = campaign.plan
        self.waiting: deque[str] = deque()
        self.absent: dict[str, None] = {}  # it was their turn, and they were not registered
        self.active: OrderedDict[str, Progress] = OrderedDict()  # the one without news for longest first
        self.progress: dict[str, Progress] = {}
        self.quiet: OrderedDict[str, Seconds] = OrderedDict()  # active: since when nothing was heard or asked
        self.last_looks: dict[str, Seconds] = {}  # whose patience is over: since when the verdict is being asked for
        self.next_start_at: Seconds = campaign.started_at

    @property
    def over(self) -> bool:
        return not (self.waiting or self.absent or self.active)

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
    END = "campaign-end"


class CampaignScheduler:
    """All campaigns of one platform."""

    def __init__(self, platform: str, updater: DeviceUpdater, report: Callable[[CampaignEvent], object]) -> None:
        self._platform = platform
        self._updater = updater
        self._report = report
        self._running: dict[int, _Running] = {}
        self._of: dict[str, _Running] = {}  # client -> its campaign; a device is in one at a time
        self._writing: dict[str, bool] = {}  # client -> whether it was idle while its URI or package is being written
        self._last_id = 0
        self._resumed = True

    # verbs

    def start(self, now: Seconds, plan: Plan, version: str, clients: Iterable[str]) -> int:
        """The campaign's number. PlatformError when a device is in another campaign that runs."""
        devices = tuple(dict.fromkeys(clients))
        if not devices:
            raise PlatformError(CampaignCause.DEVICES_MISSING)
        taken = next((client for client in devices if client in self._of), None)
        if taken is not None:
            number = self._of[taken].record.id
            raise PlatformError(CampaignCause.DEVICE_TAKEN, client=taken, campaign=number)
        self._last_id += 1
        campaign = Campaign(id=self._last_id, plan=plan, version=version, devices=len(devices), started_at=now)
        running = self._running[campaign.id] = _Running(campaign)
        self._report(cp.CampaignStarted(now, self._platform, campaign.id, plan, version, devices))
        for client in devices:
            self._enter(running, Progress(device=client, at=now))
        self._proceed(now, running)
        return campaign.id

    def stop(self, now: Seconds, campaign: int) -> None:
        """Nobody begins any more, downloads are cancelled; who is restarting already is waited for. KeyError."""
        running = self._running[campaign]
        for client in [*running.waiting, *running.absent]:
            self._step(now, running, client, CampaignStep.STOPPED, CampaignCause.STOPPED)
        for client, progress in list(running.active.items()):
            if progress.step is not CampaignStep.UPDATING:
                if self._updater.is_registered(client):
                    self._updater.reset(now, client)
                self._step(now, running, client, CampaignStep.STOPPED, CampaignCause.STOPPED)
        running.record.state = CampaignState.STOPPING
        if not running.over:
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

    def _enter(self, running: _Running, progress: Progress) -> None:
        client = progress.device
        running.progress[client] = progress
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
        return soonest(*(deadline for running in self._running.values() for deadline in self._deadlines(running)))

    def _deadlines(self, running: _Running) -> Iterable[Deadline | None]:
        number = running.record.id
        if running.waiting and len(running.active) < running.plan.at_once:
            yield Deadline(running.next_start_at, CampaignReason.NEXT_DEVICE, number=number)
        if running.active:
            client, since = next(iter(running.quiet.items()))
            yield Deadline(since + LOOK_EVERY, CampaignReason.LOOK, client, number)
            for client, progress in running.active.items():
                if client not in running.last_looks:
                    yield Deadline(progress.at + running.plan.patience, CampaignReason.PROGRESS, client, number)
                    break
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
            for client, progress in list(running.active.items()):
                progress.at = now
                if not self._updater.is_registered(client):
                    continue  # it has to come back, while there is patience
                if progress.step is CampaignStep.DOWNLOADING and running.plan.mode == Mode.PUSH:
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
        self._updater.read_state(now, client, then or self.handle_state)

    def _heard(self, now: Seconds, running: _Running, client: str) -> None:
        running.quiet[client] = now
        running.quiet.move_to_end(client)

    def _give_up(self, now: Seconds, running: _Running) -> None:
        for client, progress in list(running.active.items()):
            if progress.at + running.plan.patience > now:
                break
            asked_at = running.last_looks.get(client)
            if asked_at is None and self._updater.is_registered(client):
                running.last_looks[client] = now
                self._look(now, running, client, self._on_last_look)
            elif asked_at is None or asked_at + LAST_LOOK <= now:
                self._fail(now, running, client, CampaignCause.NO_PROGRESS)
        if running.until is not None and now >= running.until:
            for client in list(running.absent):
                self._step(now, running, client, CampaignStep.FAILED, CampaignCause.ABSENT)

    def _on_last_look(self, now: Seconds, client: str, state: int | None) -> None:
        """The patience is over: what it says now is the verdict, unless it says something new."""
        self.handle_state(now, client, state)
        found = self._active(client)
        if found is not None and client in found[0].last_looks and state != FirmwareState.IDLE:
            self._fail(now, found[0], client, CampaignCause.NO_PROGRESS)

    def _proceed(self, now: Seconds, running: _Running) -> None:
        """Whose turn it is begins; whoever is the last ends the campaign."""
        plan = running.plan
        while running.waiting and len(running.active) < plan.at_once and now >= running.next_start_at:
            client = running.waiting.popleft()
            if not self._updater.is_registered(client):
                running.absent[client] = None
                continue
            if plan.per_minute:
                running.next_start_at = now + 60 / plan.per_minute
            self._begin(now, running, client)
        if running.over and self._running.pop(running.record.id, None) is not None:
            state = CampaignState.STOPPED if running.record.state == CampaignState.STOPPING else CampaignState.FINISHED
            self._report(cp.CampaignChanged(now, running.record.id, state))

    # one device

    def _begin(self, now: Seconds, running: _Running, client: str) -> None:
        progress = running.progress[client]
        running.active[client] = progress
        progress.step = CampaignStep.STARTING
        progress.attempts += 1
        if not self._updater.has_package(running.plan.package):
            self._step(now, running, client, CampaignStep.FAILED, CampaignCause.PACKAGE_GONE)
            return
        self._step(now, running, client, CampaignStep.STARTING)
        self._updater.observe_firmware(now, client)
        self._send(now, running, client)

    def _send(self, now: Seconds, running: _Running, client: str) -> None:
        self._writing[client] = False
        if running.plan.mode == Mode.PULL:
            self._updater.write_uri(now, client, running.plan.package, self._on_written)
        else:
            self._updater.push(now, client, running.plan.package, self._on_written)

    def _step(
        self, now: Seconds, running: _Running, client: str, step: CampaignStep, cause: CampaignCause | None = None,
        response_code: str = "",
    ) -> None:  # fmt: skip
        progress = running.progress[client]
        during = progress.step if step in cp.ENDED else None
        waited = progress.step is CampaignStep.WAITING
        progress.step, progress.at = step, now
        running.last_looks.pop(client, None)
        if step in cp.ENDED:
            running.active.pop(client, None)
            running.quiet.pop(client, None)
            if waited and client not in running.absent:
                running.waiting.remove(client)
            running.absent.pop(client, None)
            del running.progress[client], self._of[client]
        else:
            running.active.move_to_end(client)
            self._heard(now, running, client)
        self._report(
            cp.CampaignProgressed(
                now,
                running.record.id,
                client,
                step,
                progress.attempts,
                progress.result,
                progress.version,
                cause,
                response_code,
                during,
            )
        )

    def _active(self, client: str) -> tuple[_Running, Progress] | None:
        running = self._of.get(client)
        progress = None if running is None else running.active.get(client)
        return None if running is None or progress is None else (running, progress)

    # what comes back

    def handle_registered(self, now: Seconds, client: str) -> None:
        running = self._of.get(client)
        if running is None:
            return
        if client in running.absent:
            del running.absent[client]
            running.waiting.appendleft(client)
            self._proceed(now, running)
        else:
            self.handle_updated(now, client)  # it may have restarted, with or without the package

    def handle_updated(self, now: Seconds, client: str) -> None:
        """A sign of life after which notifications may be missing."""
        if (found := self._active(client)) is not None and found[1].step is not CampaignStep.STARTING:
            self._look(now, found[0], client)

    def _on_written(self, now: Seconds, client: str, response_code: str, done: bool) -> None:
        """The URI or the package was taken, or not."""
        was_idle = self._writing.pop(client, False)
        if (found := self._active(client)) is None:
            return
        running, progress = found
        pushing = progress.step is CampaignStep.DOWNLOADING and running.plan.mode == Mode.PUSH  # a State told that
        if progress.step is not CampaignStep.STARTING and (done or not pushing):
            if was_idle and self._updater.is_registered(client):
                self._look(now, running, client)
            return
        if done:
            self._step(now, running, client, CampaignStep.DOWNLOADING)
        elif response_code in ("", NOT_NOW, BROKEN_OFF) and progress.attempts < ATTEMPTS:
            self._again(now, running, client)
        else:
            self._fail(now, running, client, CampaignCause.PACKAGE_REFUSED, response_code)

    def _again(self, now: Seconds, running: _Running, client: str) -> None:
        """It may still have a package, or half of one, from before. One that has gone is waited for."""
        if not self._updater.is_registered(client):
            progress = running.active.pop(client)
            running.quiet.pop(client, None)
            running.last_looks.pop(client, None)
            running.absent[client] = None
            progress.step = CampaignStep.WAITING
            self._proceed(now, running)
            return
        running.progress[client].result = None
        self._updater.reset(now, client)
        self._begin(now, running, client)
        self._proceed(now, running)

    def _on_executed(self, now: Seconds, client: str, response_code: str, done: bool) -> None:
        """Without an answer it may have restarted at once: what it says next will tell."""
        if (found := self._active(client)) is None or found[1].step is not CampaignStep.DOWNLOADED:
            return
        running, _ = found
        if done or not response_code:
            self._step(now, running, client, CampaignStep.UPDATING)
        else:
            self._fail(now, running, client, CampaignCause.UPDATE_REFUSED, response_code)

    def handle_fetch(self, now: Seconds, client: str, package: str) -> None:
        """It has asked for a part of a package; of another than the campaign's nothing follows."""
        if (found := self._active(client)) is not None and found[0].plan.package == package:
            running, progress = found
            progress.at = now
            running.active.move_to_end(client)
            running.last_looks.pop(client, None)
            self._heard(now, running, client)

    @property
    def active(self) -> list[str]:
        """The clients that are under way."""
        return [client for running in self._running.values() for client in running.active]

    def handle_state(self, now: Seconds, client: str, state: int | None) -> None:
        """A value of /5/0/3."""
        if state is None or (found := self._active(client)) is None:
            return
        running, progress = found
        if state == FirmwareState.IDLE and client in self._writing:
            self._writing[client] = True  # before the write, or by what a registration before had left
            return
        match state, progress.step:
            case FirmwareState.DOWNLOADING, CampaignStep.STARTING:
                self._step(now, running, client, CampaignStep.DOWNLOADING)
            case FirmwareState.DOWNLOADED, CampaignStep.DOWNLOADING:
                self._downloaded(now, running, client)
            case FirmwareState.DOWNLOADED, CampaignStep.STARTING if running.plan.mode == Mode.PUSH:
                self._downloaded(now, running, client)
            case FirmwareState.UPDATING, CampaignStep.DOWNLOADED:
                self._step(now, running, client, CampaignStep.UPDATING)
            case FirmwareState.IDLE, CampaignStep.DOWNLOADING | CampaignStep.DOWNLOADED | CampaignStep.UPDATING:
                self._updater.read_result(now, client, self._on_result_read)

    def _downloaded(self, now: Seconds, running: _Running, client: str) -> None:
        if running.plan.updates:
            self._step(now, running, client, CampaignStep.DOWNLOADED)
            self._updater.execute(now, client, self._on_executed)
        else:
            self._end(now, running, client, CampaignStep.SUCCEEDED, CampaignCause.DOWNLOAD_ONLY)

    def handle_result(self, now: Seconds, client: str, result: int) -> None:
        """A value of /5/0/5; 0 after a restart means that the device has forgotten."""
        if (found := self._active(client)) is None or found[1].step is CampaignStep.STARTING:
            return
        running, progress = found
        if result == FirmwareResult.INITIAL:
            return
        if result == FirmwareResult.CONNECTION_LOST and client in self._writing:
            self._writing[client] = True  # the end of the write decides
            return
        progress.result = result
        if result == FirmwareResult.SUCCESS:
            self._end(now, running, client, CampaignStep.SUCCEEDED)
        elif result == FirmwareResult.CONNECTION_LOST and progress.attempts < ATTEMPTS:
            self._again(now, running, client)
        else:
            self._fail(now, running, client, CampaignCause.UPDATE_FAILED)

    def _on_result_read(self, now: Seconds, client: str, result: int | None) -> None:
        """The device does nothing, and this is what it says of the last update; None: it says nothing."""
        if result is None:
            return
        if result:
            self.handle_result(now, client, result)
            return
        if (found := self._active(client)) is None or found[1].step is CampaignStep.STARTING:
            return
        running, progress = found
        updating = progress.step is CampaignStep.UPDATING
        if client in self._writing:
            self._writing[client] = True
        elif progress.version == running.record.version and updating:
            self._end(now, running, client, CampaignStep.SUCCEEDED, CampaignCause.RUNS_VERSION)
        elif progress.attempts >= ATTEMPTS:
            cause = CampaignCause.RESULT_MISSING if updating else CampaignCause.PACKAGE_LOST
            self._fail(now, running, client, cause)
        else:
            self._begin(now, running, client)
            self._proceed(now, running)

    def handle_described(self, now: Seconds, client: str, firmware: str) -> None:
        """What it says that it runs (/3/0/3)."""
        if (found := self._active(client)) is not None:
            found[1].version = firmware

    def _fail(
        self, now: Seconds, running: _Running, client: str, cause: CampaignCause, response_code: str = ""
    ) -> None:
        """And leave no device blocked by what it has of the package."""
        if running.progress[client].step is not CampaignStep.UPDATING and self._updater.is_registered(client):
            self._updater.reset(now, client)
        self._end(now, running, client, CampaignStep.FAILED, cause, response_code)

    def _end(
        self, now: Seconds, running: _Running, client: str, step: CampaignStep, cause: CampaignCause | None = None,
        response_code: str = "",
    ) -> None:  # fmt: skip
        self._step(now, running, client, step, cause, response_code)
        self._proceed(now, running)
