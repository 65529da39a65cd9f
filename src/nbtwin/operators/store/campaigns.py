"""Firmware campaigns as tables: what was planned, how far each device is, how it ended. Knows no transfer.

Folded from `campaigns`' events alone, so that a campaign goes on after `kill -9` where it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, assert_never

import msgspec
from msgspec.structs import replace

from nbtwin.engine import LATEST, UNDECODABLE, Seconds
from nbtwin.foreign import detail_of
from nbtwin.operators.campaigns import records as cp
from nbtwin.operators.campaigns.records import Campaign, CampaignEvent, CampaignState, CampaignStep, Progress
from nbtwin.operators.inventory.devices import REGISTERED
from nbtwin.operators.refusals import CampaignCause, PlatformError
from nbtwin.operators.store.database import Repository, StoreError, StoreRefusal, in_portions, marks

_encode = msgspec.json.encode
_decode_campaign = msgspec.json.Decoder(Campaign).decode
_decode_progress = msgspec.json.Decoder(Progress).decode

_ENDED = ", ".join(f"'{step}'" for step in sorted(cp.ENDED))
_SAVE = (
    "INSERT INTO campaign_devices (campaign, device, state, record) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (campaign, device) DO UPDATE SET state = excluded.state, record = excluded.record"
    f" WHERE campaign_devices.state NOT IN ({_ENDED})"
)
"""Of two processes that both had a device for a moment the first verdict counts."""
_GO_ON = f"state IN ('{CampaignState.RUNNING}', '{CampaignState.STOPPING}')"
_NUMBERS = 0x6E627481
"""Advisory lock: campaigns are begun one after the other, at whatever node."""
_DRIVEN = 0x6E627482
"""Advisory lock of the one node that drives the campaigns (D221)."""


class CampaignRepository(Repository):
    """Every campaign there was."""

    events = frozenset((cp.CampaignStarted, cp.CampaignProgressed, cp.CampaignChanged))

    def write(self, batch: list[CampaignEvent]) -> None:
        for event in batch:
            at = event.at + self.epoch
            match event:
                case cp.CampaignStarted():
                    self._started(event, at)
                case cp.CampaignProgressed():
                    progress = Progress(
                        device=event.device, step=event.step, at=at, result=event.result, version=event.version,
                        cause=event.cause or "", response_code=event.response_code, during=event.during,
                        found=event.found, way=event.way,
                        attempts=event.attempts, bytes=event.bytes,
                    )  # fmt: skip
                    self.db.run(_SAVE, _row(event.campaign, progress))
                case cp.CampaignChanged():
                    self._changed(event, at)
                case _:
                    assert_never(event)

    def _started(self, event: cp.CampaignStarted, at: Seconds) -> None:
        campaign = Campaign(
            id=event.campaign,
            plan=event.plan,
            version=event.version,
            devices=len(event.devices),
            started_at=at,
            key=event.key,
        )
        self.db.run(
            "INSERT INTO campaigns (id, platform, state, record) VALUES (?, ?, ?, ?)",
            (campaign.id, event.platform, campaign.state, _encode(campaign).decode()),
        )
        self.db.run_many(_SAVE, [_row(campaign.id, Progress(device=device, at=at)) for device in event.devices])

    def _changed(self, event: cp.CampaignChanged, at: Seconds) -> None:
        campaign = self.find(event.campaign)
        if campaign is None:
            return
        campaign.state = event.state
        campaign.ended_at = at if event.state in (CampaignState.STOPPED, CampaignState.FINISHED) else None
        record = _encode(campaign).decode()
        self.db.run("UPDATE campaigns SET state = ?, record = ? WHERE id = ?", (campaign.state, record, campaign.id))

    # Several processes (D220, D221)

    def begin(self, started: cp.CampaignStarted) -> cp.CampaignStarted:
        """Under the next number, as which it is given back. PlatformError when a device is in another one that runs."""
        with self.db.exclusive(), self.db.transaction():
            if self.db.kind == "postgresql":
                self.db.rows("SELECT pg_advisory_xact_lock(?, hashtext(current_schema()))", (_NUMBERS,))
            for some in in_portions(started.devices):
                query = (
                    "SELECT device, campaign FROM campaign_devices JOIN campaigns ON id = campaign WHERE platform = ?"
                    f" AND campaigns.{_GO_ON} AND campaign_devices.state NOT IN ({_ENDED})"
                    f" AND device IN ({marks(len(some))}) LIMIT 1"
                )
                if taken := self.db.rows(query, (started.platform, *some)):
                    raise PlatformError(CampaignCause.DEVICE_TAKEN, client=taken[0][0], campaign=taken[0][1])
            begun = replace(started, campaign=self.last_id() + 1)
            self.write([begun])
        return begun

    def may_drive(self) -> bool:
        """Whether this process is the one of several nodes that drives the campaigns, or has just become it."""
        if self.db.kind != "postgresql":
            return True
        with self.db.transaction():  # of the writer's session, which has the lock until it ends
            query = "SELECT pg_try_advisory_lock(?, hashtext(current_schema()))"
            return bool(self.db.rows(query, (_DRIVEN,))[0][0])

    def going_on(self, platform: str) -> list[Campaign]:
        """In lab time."""
        rows = self.db.rows(f"SELECT record FROM campaigns WHERE platform = ? AND {_GO_ON} ORDER BY id", (platform,))
        return [self._in_lab_time(record) for (record,) in rows]

    def share(self, campaign: int, devices: Iterable[str]) -> tuple[Campaign, list[Progress]] | None:
        """Of some of its devices, in lab time."""
        found = self.db.rows("SELECT record FROM campaigns WHERE id = ?", (campaign,))
        progress: list[Progress] = []
        for some in in_portions(devices):
            query = f"SELECT record FROM campaign_devices WHERE campaign = ? AND device IN ({marks(len(some))})"
            progress += [
                self._decoded(_decode_progress, record) for (record,) in self.db.rows(query, (campaign, *some))
            ]
        for each in progress:
            each.at -= self.epoch
        return (self._in_lab_time(found[0][0]), progress) if found else None

    def under_way(self, campaign: int) -> list[str]:
        query = f"SELECT device FROM campaign_devices WHERE campaign = ? AND state NOT IN (?, {_ENDED}) ORDER BY device"
        return [device for (device,) in self.db.rows(query, (campaign, CampaignStep.WAITING))]

    def waiting(self, campaign: int, platform: str, *, registered: bool, limit: int) -> list[str]:
        """Devices whose turn has not come; those that are registered, or those that are not."""
        has = "" if registered else "NOT "
        query = (
            "SELECT device FROM campaign_devices WHERE campaign = ? AND state = ?"
            f" AND {has}EXISTS (SELECT 1 FROM devices WHERE devices.id = ? || device AND devices.state = ?)"
            " ORDER BY device LIMIT ?"
        )
        rows = self.db.rows(query, (campaign, CampaignStep.WAITING, f"{platform}:", REGISTERED, limit))
        return [device for (device,) in rows]

    def is_over(self, campaign: int) -> bool:
        query = f"SELECT 1 FROM campaign_devices WHERE campaign = ? AND state NOT IN ({_ENDED}) LIMIT 1"
        return not self.db.rows(query, (campaign,))

    def _in_lab_time(self, record: str) -> Campaign:
        campaign: Campaign = self._decoded(_decode_campaign, record)
        campaign.started_at -= self.epoch
        return campaign

    # Reading

    def find(self, campaign: int) -> Campaign | None:
        found = self.db.rows("SELECT record FROM campaigns WHERE id = ?", (campaign,))
        return self._decoded(_decode_campaign, found[0][0]) if found else None

    def campaigns(self, platform: str | None = None, *, limit: int = 100, offset: int = 0) -> list[Campaign]:
        """The newest first."""
        where, values = ("", ()) if platform is None else (" WHERE platform = ?", (platform,))
        query = f"SELECT record FROM campaigns{where} ORDER BY id DESC LIMIT ? OFFSET ?"
        rows = self.db.rows(query, (*values, limit, offset))
        return [self._decoded(_decode_campaign, record) for (record,) in rows]

    def counts(self, campaign: int) -> dict[CampaignStep, int]:
        """How many devices are at each step."""
        rows = self.db.rows(
            "SELECT state, count(*) FROM campaign_devices WHERE campaign = ? GROUP BY state", (campaign,)
        )
        return {CampaignStep(state): int(count) for state, count in rows}

    def devices(
        self, campaign: int, *, step: CampaignStep | None = None, limit: int = 1_000_000, offset: int = 0
    ) -> list[Progress]:
        where, values = ("", ()) if step is None else (" AND state = ?", (str(step),))
        query = f"SELECT record FROM campaign_devices WHERE campaign = ?{where} ORDER BY device LIMIT ? OFFSET ?"
        rows = self.db.rows(query, (campaign, *values, limit, offset))
        return [self._decoded(_decode_progress, record) for (record,) in rows]

    def unfinished(self, platform: str) -> Iterator[tuple[Campaign, list[Progress]]]:
        """For `restore` of the platform of that name, in lab time."""
        for campaign in self.going_on(platform):
            devices = self.devices(campaign.id)
            for progress in devices:
                progress.at -= self.epoch
            yield campaign, devices

    def check(self) -> None:
        for number, platform, state in self.db.rows("SELECT id, platform, state FROM campaigns"):
            found = self.find(number)
            assert found is not None
            times = (found.started_at, 0 if found.ended_at is None else found.ended_at)
            if (found.id, str(found.state)) != (number, state) or not all(0 <= at <= LATEST for at in times):
                raise StoreError(StoreRefusal.CAMPAIGN_WRONG, self.db.name, campaign=number, platform=platform)
        for number, name, state, record in self.db.rows("SELECT campaign, device, state, record FROM campaign_devices"):
            progress = self._decoded(_decode_progress, record)
            if (progress.device, str(progress.step)) != (name, state) or not 0 <= progress.at <= LATEST:
                raise StoreError(StoreRefusal.PROGRESS_WRONG, self.db.name, campaign=number, device=name)

    def last_id(self) -> int:
        return int(self.db.rows("SELECT coalesce(max(id), 0) FROM campaigns")[0][0])

    def _decoded(self, decode: Any, record: str) -> Any:
        try:
            return decode(record)
        except UNDECODABLE as error:
            raise StoreError(StoreRefusal.CAMPAIGN_DAMAGED, self.db.name, detail=detail_of(error)) from error


def _row(campaign: int, progress: Progress) -> tuple[Any, ...]:
    return campaign, progress.device, str(progress.step), _encode(progress).decode()
