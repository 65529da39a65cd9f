"""Campaigns of a platform in several processes: the lab says whose turn it is, who has a device does it (D220).

A campaign is what the database has of it. Its driver, a thread of the lab, gives each device whose turn it is to the
process that has the device, follows in the rows what becomes of it, and gives it again from time to time: to a process
that was begun anew, or to which the device has gone meanwhile. Who has it already passes it over. So nothing that the
driver has in memory is needed by whoever goes on after it: the lab that is begun again, or, of several nodes, the next
one that gets the lock (D221).
"""

from __future__ import annotations

import contextlib
import secrets
import threading
import time
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from nbtwin.engine import Fact, Seconds
from nbtwin.lab.world import World
from nbtwin.operators.campaigns import records as cp
from nbtwin.operators.campaigns.records import Campaign, CampaignState, CampaignStep, Plan
from nbtwin.operators.refusals import CampaignCause, PlatformError
from nbtwin.operators.store.andlink import PackageRepository
from nbtwin.operators.store.campaigns import CampaignRepository
from nbtwin.operators.store.database import StoreError
from nbtwin.operators.store.store import Store
from nbtwin.runtime.workers.remote import Ask

PLATFORM = "andlink"
"""The one that has campaigns."""
LOOK_EVERY: Seconds = 1
GIVEN_AGAIN: Seconds = 2
"""After which a device under way is given again, and one that was given and of which no row says so."""
AT_ONCE = 500
"""Devices that are written off in one go."""


class TellAll(Protocol):
    """Every process. PlatformError when one does not answer."""

    def __call__(self, operator: str, verb: str, *arguments: Any) -> None: ...


class Tell(Protocol):
    """What has happened, to the pages."""

    def __call__(self, events: Sequence[Fact], /) -> None: ...


class _Driven:
    """What the driver remembers of one campaign, and may forget."""

    def __init__(self) -> None:
        self.given: dict[str, Seconds] = {}  # when
        self.next_start_at: Seconds = 0.0


class CampaignDriver:
    """`start` and `stop` are asked on any thread; the rest is on its own, from `begin` to `close`."""

    def __init__(self, store: Store, world: World, ask: Ask, tell_all: TellAll, tell: Tell) -> None:
        self._store, self._world = store, world
        self._tables = store.part(CampaignRepository)
        self._ask, self._tell_all, self._tell = ask, tell_all, tell
        self._driven: dict[int, _Driven] = {}
        self._over: set[int] = set()  # whose processes are to forget them
        self._news = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="nbtwin campaigns", daemon=True)

    # what is asked for

    def start(self, now: Seconds, plan: Plan, devices: Iterable[str]) -> int:
        """The campaign's number. PlatformError for a plan that cannot be. StoreError."""
        package = self._store.part(PackageRepository).find(plan.package)
        if package is None:
            raise PlatformError(CampaignCause.PACKAGE_UNKNOWN, package=plan.package)
        named = tuple(dict.fromkeys(device.removeprefix(f"{PLATFORM}:") for device in devices))
        if not named:
            raise PlatformError(CampaignCause.DEVICES_MISSING)
        key = secrets.token_hex(16)
        begun = self._tables.begin(cp.CampaignStarted(now, PLATFORM, 0, plan, package.version, named, key))
        self._tell([begun])
        self._news.set()
        return begun.campaign

    def stop(self, now: Seconds, campaign: int) -> None:
        """KeyError when none of that number runs. StoreError."""
        if campaign not in {each.id for each in self._tables.going_on(PLATFORM)}:
            raise KeyError(campaign)
        self._write([cp.CampaignChanged(now, campaign, CampaignState.STOPPING)])
        self._news.set()

    def look(self, events: Iterable[Fact]) -> None:
        """At what has happened to devices: the next one's turn may have come."""
        if any(isinstance(event, cp.CampaignProgressed) for event in events):
            self._news.set()

    # its thread

    def begin(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._closing = True
        self._news.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._closing:
            self._news.wait(LOOK_EVERY)
            self._news.clear()
            with contextlib.suppress(StoreError):  # it looks again
                self._look()

    def _look(self) -> None:
        campaigns = self._tables.going_on(PLATFORM)
        for campaign in campaigns if not campaigns or self._tables.may_drive() else ():
            if self._closing:
                return
            self._drive(campaign, self._driven.setdefault(campaign.id, _Driven()))
        for number in tuple(self._over):
            with contextlib.suppress(PlatformError):
                self._tell_all(PLATFORM, "campaign", number, [])
                self._over.discard(number)

    def _drive(self, campaign: Campaign, driven: _Driven) -> None:
        if campaign.state is CampaignState.STOPPING:
            self._end_waiting(campaign, CampaignStep.STOPPED, CampaignCause.STOPPED, registered=True)
            self._end_waiting(campaign, CampaignStep.STOPPED, CampaignCause.STOPPED, registered=False)
            with contextlib.suppress(PlatformError):  # it is told again
                self._tell_all(PLATFORM, "campaign", campaign.id, [])
        elif campaign.plan.within and self._world.now >= campaign.started_at + campaign.plan.within:
            self._end_waiting(campaign, CampaignStep.FAILED, CampaignCause.ABSENT, registered=False)
        self._give(campaign, driven)
        if self._tables.is_over(campaign.id):
            stopped = campaign.state is CampaignState.STOPPING
            state = CampaignState.STOPPED if stopped else CampaignState.FINISHED
            self._write([cp.CampaignChanged(self._world.now, campaign.id, state)])
            self._driven.pop(campaign.id, None)
            self._over.add(campaign.id)

    def _give(self, campaign: Campaign, driven: _Driven) -> None:
        """To those that have them, devices whose turn it is; and again those whose turn it was."""
        plan, now, given = campaign.plan, time.monotonic(), driven.given
        limit = plan.at_once + len(given)
        waiting = self._tables.waiting(campaign.id, PLATFORM, registered=True, limit=limit)
        under_way = self._tables.under_way(
            campaign.id
        )  # behind it: who takes a step in between is seen twice, not never
        known = {*under_way, *(client for client in waiting if client in given)}
        driven.given = {client: at for client, at in given.items() if client in known}
        for client in known:
            if now >= driven.given.get(client, 0.0) + GIVEN_AGAIN:
                self._give_one(campaign, driven, client)
        if campaign.state is not CampaignState.RUNNING:
            return
        places = plan.at_once - len(known)
        for client in waiting:
            if places <= 0 or now < driven.next_start_at:
                break
            if client not in known:
                places -= 1
                if plan.per_minute:
                    driven.next_start_at = now + 60 / plan.per_minute
                self._give_one(campaign, driven, client)

    def _give_one(self, campaign: Campaign, driven: _Driven, client: str) -> None:
        if self._closing:
            return
        driven.given[client] = time.monotonic()
        with contextlib.suppress(PlatformError):  # it is given again
            self._ask(f"{PLATFORM}:{client}", "campaign", campaign.id, [client])

    def _end_waiting(self, campaign: Campaign, step: CampaignStep, cause: CampaignCause, *, registered: bool) -> None:
        while clients := self._tables.waiting(campaign.id, PLATFORM, registered=registered, limit=AT_ONCE):
            now, during = self._world.now, CampaignStep.WAITING
            self._write(
                [cp.CampaignProgressed(now, campaign.id, each, step, 0, cause=cause, during=during) for each in clients]
            )

    def _write(self, events: Sequence[Fact]) -> None:
        self._store.commit(events)
        self._tell(events)
