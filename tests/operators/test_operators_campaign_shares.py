"""D220: the share that one process of several has of a campaign: given as often as anybody likes, done once."""

from __future__ import annotations

from foreign_device import DOWNLOADED, IMAGE, NAME, NEW, OLD, ForeignBench

from nbtwin.operators.campaigns import records as cp
from nbtwin.operators.campaigns.records import Campaign, CampaignState, CampaignStep, Plan, Progress


def give(bench: ForeignBench, step: CampaignStep = CampaignStep.WAITING, **more: CampaignState) -> None:
    """The device, as a row of the database that may be old has it."""
    campaign = Campaign(id=7, plan=Plan(package="new", at_once=1), version=NEW, devices=1, **more)
    bench.platform.take_campaign(bench.now, campaign, [Progress(device=NAME, step=step, at=bench.now)])


def test_a_share_tells_of_its_devices_and_neither_beginning_nor_end_of_the_campaign() -> None:
    bench = ForeignBench()
    give(bench)
    assert bench.over().step is CampaignStep.SUCCEEDED
    assert bench.device.version == NEW
    assert not [event for event in bench.log if isinstance(event, cp.CampaignStarted | cp.CampaignChanged)]


def test_who_is_given_again_is_updated_once() -> None:
    bench = ForeignBench()
    for _ in range(20):
        give(bench)
        bench.run(0.3)
    give(bench, CampaignStep.DOWNLOADING)
    bench.over()
    for step in (CampaignStep.WAITING, CampaignStep.DOWNLOADING, CampaignStep.UPDATING):
        give(bench, step)
        bench.run(60)
    assert len([step for step in bench.steps if step.step is CampaignStep.STARTING]) == 1
    assert bench.device.boots == 2


def test_what_a_process_that_died_has_left_downloaded_is_executed() -> None:
    """Its Execute may have gone with it."""
    bench = ForeignBench()
    bench.device.state, bench.device.image = DOWNLOADED, IMAGE
    give(bench, CampaignStep.DOWNLOADED)
    bench.run(30)
    assert (bench.device.version, bench.device.boots) == (NEW, 2)
    assert bench.over().step is CampaignStep.SUCCEEDED


def test_who_has_gone_to_another_process_is_let_alone() -> None:
    bench = ForeignBench()
    give(bench)
    bench.run(0.02)
    bench.platform.campaigns.drop(NAME)
    assert bench.platform.campaigns.active == [NAME], "it is registered here"
    bench.platform.devices.hand_over(bench.now, f"andlink:{NAME}", bench.now + 1)
    bench.platform.campaigns.drop(NAME)
    told = len(bench.steps)
    bench.run(7200)
    assert len(bench.steps) == told
    assert bench.device.version == OLD
    assert bench.platform.campaigns.active == []


def test_a_share_stops_with_its_campaign_and_is_forgotten_with_it() -> None:
    bench = ForeignBench()
    give(bench)
    bench.run(0.02)
    give(bench, CampaignStep.STARTING, state=CampaignState.STOPPING)
    assert bench.over().step is CampaignStep.STOPPED
    assert bench.device.version == OLD
    give(bench, state=CampaignState.STOPPED)
    give(bench)  # of a campaign that is no longer known
    assert bench.platform.campaigns.active == [NAME]
