"""Firmware campaigns as tables: what was planned, how far each device is, how it ended. Knows no transfer.

Folded from `campaigns`' events alone, so that a campaign goes on after `kill -9` where it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, assert_never

import msgspec

from nbtwin.engine import LATEST, UNDECODABLE, Seconds
from nbtwin.foreign import detail_of
from nbtwin.operators.campaigns import records as cp
from nbtwin.operators.campaigns.records import Campaign, CampaignEvent, CampaignState, CampaignStep, Progress
from nbtwin.operators.store.database import Repository, StoreError, StoreRefusal

_encode = msgspec.json.encode
_decode_campaign = msgspec.json.Decoder(Campaign).decode
_decode_progress = msgspec.json.Decoder(Progress).decode

_SAVE = (
    "INSERT INTO campaign_devices (campaign, device, state, record) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (campaign, device) DO UPDATE SET state = excluded.state, record = excluded.record"
)


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
        query = "SELECT record FROM campaigns WHERE platform = ? AND state IN (?, ?) ORDER BY id"
        for (record,) in self.db.rows(query, (platform, CampaignState.RUNNING, CampaignState.STOPPING)):
            campaign: Campaign = self._decoded(_decode_campaign, record)
            campaign.started_at -= self.epoch
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
