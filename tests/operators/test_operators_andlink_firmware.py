"""Firmware campaigns at modules: pull and push, controlled, with a rate, stopped, interrupted, refused (DOC-E 3.8)."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from andlink_bench import IMEI, SERVER_KEY, AndlinkBench, keys_of

from nbtwin.lwm2m.firmware.delta import factory_image, pack_delta, pack_image
from nbtwin.lwm2m.firmware.package import pack
from nbtwin.operators.campaigns import records as cp
from nbtwin.operators.campaigns.records import DeviceFilter, Plan, choose
from nbtwin.operators.campaigns.ways import Mode
from nbtwin.operators.refusals import CampaignCause, PlatformError
from nbtwin.operators.store.campaigns import CampaignRepository

OLD, NEW = "BC28JAR01A10_ONT", "BC28JAR01A11_ONT"
IMEIS = tuple(f"86772403000{number:04}" for number in range(6))


def texts(lines: list[str]) -> list[str]:
    wanted = ("FIRMWARE", "REBOOT", "+QLAEVTIND", "Neul")
    return [line for line in lines if line.startswith(wanted)]


@pytest.mark.conformance("LightweightM2M-1.0-int-770", "LightweightM2M-1.0-int-771", role="server")
@pytest.mark.parametrize("mode", [Mode.PULL, Mode.PUSH])
def test_a_module_is_updated_from_the_first_text_to_the_last(mode: Mode) -> None:
    """DOC-E 3.8, automatic mode; a push has no URL, hence no event 6."""
    bench = AndlinkBench()
    node = bench.registered()
    bench.said(node)
    bench.add_package()
    campaign = bench.start(IMEI, mode=mode)
    bench.world.advance(120)
    assert texts(bench.said(node)) == [
        "FIRMWARE DOWNLOADING",
        *(["+QLAEVTIND:6"] if mode is Mode.PULL else []),
        "FIRMWARE DOWNLOADED",
        "+QLAEVTIND:7",
        "FIRMWARE UPDATING",
        "REBOOT_CAUSE_SECURITY_FOTA_UPGRADE",
        "Neul",
        "FIRMWARE UPDATE SUCCESS",
        "+QLAEVTIND:0",
        "+QLAEVTIND:3",
        "FIRMWARE UPDATE OVER",
        "+QLAEVTIND:5",
    ]
    tables = bench.store.part(CampaignRepository)
    (device,) = tables.devices(campaign)
    assert (device.step, device.result, device.version, device.attempts) == ("succeeded", 1, NEW, 1)
    found = tables.find(campaign)
    assert found is not None
    assert (found.state, found.version, found.devices) == ("finished", NEW, 1)
    assert found.ended_at is not None


def test_the_host_decides_where_it_controls_the_update() -> None:
    """DOC-E 3.8, controlled mode."""
    bench = AndlinkBench()
    node = bench.registered()
    bench.host(node, "AT+QLAFOTAIND=1")
    bench.add_package()
    campaign = bench.start(IMEI)
    bench.world.advance(60)
    assert bench.steps(campaign) == {IMEI: "downloading"}
    bench.host(node, "AT+QLAFOTAIND=2")
    bench.world.advance(60)
    assert bench.steps(campaign) == {IMEI: "updating"}  # the platform has executed, the host has not agreed
    bench.host(node, "AT+QLAFOTAIND=4")
    bench.world.advance(60)
    assert bench.steps(campaign) == {IMEI: "succeeded"}


def test_a_host_that_cancels_is_a_device_that_failed() -> None:
    bench = AndlinkBench()
    node = bench.registered()
    bench.host(node, "AT+QLAFOTAIND=1")
    bench.add_package()
    campaign = bench.start(IMEI)
    bench.world.advance(10)
    bench.host(node, "AT+QLAFOTAIND=3")
    bench.world.advance(10)
    (device,) = bench.store.part(CampaignRepository).devices(campaign)
    assert (device.step, device.result, device.cause) == ("failed", 8, CampaignCause.UPDATE_FAILED)


def test_a_delta_is_applied_to_what_runs() -> None:
    bench = AndlinkBench()
    bench.registered()
    delta = pack_delta("BC28", OLD, factory_image("BC28", OLD), NEW, factory_image("BC28", NEW))
    bench.add_package(content=delta)
    campaign = bench.start(IMEI)
    bench.world.advance(120)
    assert bench.steps(campaign) == {IMEI: "succeeded"}


@pytest.mark.parametrize(
    ("content", "result"),
    [
        (pack("BC95", NEW, b"image"), 6),
        (pack("BC28", NEW, b"delta", base="another version"), 6),
    ],
)
def test_a_package_that_does_not_fit_has_its_result(content: bytes, result: int) -> None:
    bench = AndlinkBench()
    bench.registered()
    bench.add_package(content=content)
    campaign = bench.start(IMEI)
    bench.world.advance(120)
    (device,) = bench.store.part(CampaignRepository).devices(campaign)
    assert (device.step, device.result) == ("failed", result)


def test_a_package_that_is_removed_meanwhile_cannot_be_fetched() -> None:
    bench = AndlinkBench()
    bench.registered()
    bench.add_package()
    campaign = bench.start(IMEI)
    bench.packages.remove("new")
    bench.world.advance(120)
    (device,) = bench.store.part(CampaignRepository).devices(campaign)
    assert (device.step, device.result) == ("failed", 7)


@pytest.mark.parametrize("mode", [Mode.PULL, Mode.PUSH])
def test_who_begins_after_the_package_was_removed_fails_at_once(mode: Mode) -> None:
    bench = AndlinkBench()
    bench.add_package()
    for imei in IMEIS[:2]:
        bench.registered(imei)
    campaign = bench.start(*IMEIS[:2], mode=mode, at_once=1, updates=False)
    bench.world.run_until(lambda: bench.steps(campaign)[IMEIS[0]] == "downloading", 60)
    bench.packages.remove("new")
    bench.world.advance(300)
    device = bench.store.part(CampaignRepository).devices(campaign)[1]
    assert (device.step, device.cause) == ("failed", CampaignCause.PACKAGE_GONE)
    assert not bench.platform.campaigns.active


def test_the_rate_and_the_number_at_once_are_limited() -> None:
    bench = AndlinkBench()
    bench.add_package()
    for imei in IMEIS:
        bench.registered(imei)
    begun = bench.world.now
    campaign = bench.start(*IMEIS, per_minute=6, at_once=2)
    assert list(bench.steps(campaign).values()).count("starting") == 1
    bench.world.advance(300)
    assert set(bench.steps(campaign).values()) == {"succeeded"}
    starts = [e.at for e in bench.seen(cp.CampaignProgressed) if e.step == "starting"]
    assert [round(at - begun) for at in starts[:2]] == [0, 10]
    assert all(later - earlier >= 10 - 1e-6 for earlier, later in pairwise(starts))
    active: set[str] = set()
    for event in bench.seen(cp.CampaignProgressed):
        (active.discard if event.step in cp.ENDED else active.add)(event.device)
        assert len(active) <= 2


def test_a_campaign_that_is_stopped_leaves_the_rest_alone() -> None:
    bench = AndlinkBench()
    bench.add_package()
    nodes = [bench.registered(imei) for imei in IMEIS[:3]]
    bench.host(nodes[1], "AT+QLAFOTAIND=1")
    campaign = bench.start(*IMEIS[:3], at_once=2)
    bench.world.run_until(lambda: bench.steps(campaign)[IMEIS[0]] == "updating", 120)
    bench.perform(bench.platform.stop_campaign, campaign)
    assert bench.steps(campaign) == dict(zip(IMEIS, ("updating", "stopped", "stopped"), strict=False))
    bench.world.advance(120)
    assert bench.steps(campaign)[IMEIS[0]] == "succeeded"
    found = bench.store.part(CampaignRepository).find(campaign)
    assert found is not None
    assert found.state == "stopped"
    assert "FIRMWARE DOWNLOAD FAILED" in bench.said(nodes[1])
    with pytest.raises(KeyError):
        bench.perform(bench.platform.stop_campaign, campaign)


@pytest.mark.parametrize("mode", [Mode.PULL, Mode.PUSH])
@pytest.mark.parametrize("step", ["starting", "downloading", "updating"])
def test_a_campaign_goes_on_after_the_platform_was_killed(mode: Mode, step: str) -> None:
    bench = AndlinkBench()
    bench.add_package()
    bench.registered()
    campaign = bench.start(IMEI, mode=mode)
    assert bench.world.run_until(lambda: bench.steps(campaign) == {IMEI: step}, 120)
    bench.restart_platform()
    bench.world.advance(900)
    assert bench.steps(campaign) == {IMEI: "succeeded"}


@pytest.mark.parametrize("blocks", [0, 1, 20, 60])
def test_a_module_that_loses_power_within_a_download_is_told_again(blocks: int) -> None:
    bench = AndlinkBench()
    bench.add_package()
    node = bench.registered()
    campaign = bench.start(IMEI)
    bench.world.advance(0.3 + blocks * 0.1)
    bench.world.perform(node, node.module.power_off)
    bench.world.perform(node, node.module.power_on)
    bench.world.advance(300)
    (device,) = bench.store.part(CampaignRepository).devices(campaign)
    assert (device.step, device.attempts) == ("succeeded", 2)


def test_whoever_is_not_there_is_waited_for_and_then_not_any_more() -> None:
    bench = AndlinkBench()
    bench.add_package()
    campaign = bench.start(*IMEIS[:2], within=3600)
    assert set(bench.steps(campaign).values()) == {"waiting"}
    bench.registered(IMEIS[0])
    bench.world.advance(120)
    assert bench.steps(campaign)[IMEIS[0]] == "succeeded"
    bench.world.advance(3600)
    (absent,) = bench.store.part(CampaignRepository).devices(campaign, step=cp.CampaignStep.FAILED)
    assert (absent.device, absent.cause) == (IMEIS[1], CampaignCause.ABSENT)
    found = bench.store.part(CampaignRepository).find(campaign)
    assert found is not None
    assert found.state == "finished"


def test_patience_ends_with_a_device_that_shows_no_progress() -> None:
    bench = AndlinkBench()
    bench.add_package()
    node = bench.registered()
    bench.host(node, "AT+QLAFOTAIND=1")
    campaign = bench.start(IMEI, patience=600)
    bench.world.advance(700)
    (device,) = bench.store.part(CampaignRepository).devices(campaign)
    assert (device.step, device.cause, device.during) == ("failed", CampaignCause.NO_PROGRESS, "downloading")


@pytest.mark.parametrize("mode", [Mode.PULL, Mode.PUSH])
@pytest.mark.parametrize("begins", [0.05, 0.4, 2, 4, 8])
def test_ninety_seconds_without_coverage_end_no_campaign(mode: Mode, begins: float) -> None:
    """Whatever is lost meanwhile: an Observe, the URI, blocks, a State, a Result."""
    bench = AndlinkBench()
    node = bench.registered()
    bench.add_package()
    campaign = bench.start(IMEI, mode=mode)
    bench.world.advance(begins)
    bench.world.perform(node, node.module.set_coverage, False)
    bench.world.advance(90)
    bench.world.perform(node, node.module.set_coverage, True)
    bench.world.advance(1800)
    assert bench.steps(campaign) == {IMEI: "succeeded"}


def test_a_campaign_does_not_live_on_notifications_alone() -> None:
    """Somebody ends the observation of the firmware object's state as soon as the campaign has begun."""
    bench = AndlinkBench()
    bench.registered()
    bench.add_package()
    campaign = bench.start(IMEI)
    bench.do(bench.platform.devices.ask, IMEI, "cancel", "/5/0/3", within=1)
    assert "/5/0/3" not in bench.platform.devices.observed(IMEI)
    bench.world.advance(60)
    assert bench.steps(campaign) == {IMEI: "downloading"}  # it has the package, and nobody was told
    bench.world.advance(1200)
    assert bench.steps(campaign) == {IMEI: "succeeded"}


def test_an_observe_that_is_lost_is_asked_for_again() -> None:
    bench = AndlinkBench()
    node = bench.registered()
    bench.world.add_fault("loss,direction=down,probability=1")
    bench.world.ask(node, "AT+QLASREGIND=0", within=1)  # it registers, but nothing reaches it
    bench.world.advance(70)
    bench.world.faults.clear()
    bench.world.advance(400)
    bench.do(bench.platform.devices.ask, IMEI, "execute", "/1/0/8", within=200)  # an Update
    bench.world.advance(30)
    assert bench.platform.devices.observed(IMEI) == ["/19/1/0", "/5/0/3"]


def test_a_campaign_that_has_failed_leaves_the_module_free_for_its_host() -> None:
    """DOC-E 3.8: from DOWNLOADING to OVER `QLASENDDATA` is refused with 529."""
    bench = AndlinkBench()
    bench.add_package()
    node = bench.registered()
    bench.host(node, "AT+CMEE=1", "AT+QLAFOTAIND=1")
    campaign = bench.start(IMEI, patience=600)
    bench.world.advance(60)
    assert bench.world.ask(node, "AT+QLASENDDATA=0x0100,4,data") == ["+CME ERROR: 529"]
    bench.world.advance(700)
    assert bench.steps(campaign) == {IMEI: "failed"}
    bench.world.advance(60)
    bench.host(node, "AT+QLASENDDATA=0x0100,4,data")


def test_a_campaign_may_end_with_the_download() -> None:
    bench = AndlinkBench()
    bench.add_package()
    bench.registered()
    campaign = bench.start(IMEI, updates=False)
    bench.world.advance(60)
    (device,) = bench.store.part(CampaignRepository).devices(campaign)
    assert (device.step, device.cause) == ("succeeded", CampaignCause.DOWNLOAD_ONLY)
    assert bench.do(bench.platform.devices.ask, IMEI, "read", "/5/0/3").value == 2


def test_a_package_from_before_makes_room() -> None:
    """E.6: a device that has a package takes no other until it was reset."""
    bench = AndlinkBench()
    bench.add_package()
    bench.registered()
    bench.start(IMEI, updates=False)
    bench.world.advance(60)
    campaign = bench.start(IMEI)
    bench.world.advance(200)
    assert bench.steps(campaign) == {IMEI: "succeeded"}


def test_a_package_is_fetched_over_dtls_by_whoever_registered_over_dtls() -> None:
    bench = AndlinkBench(keys_of())
    bench.add_package()
    node = bench.add_module()
    bench.host(
        node, 'AT+QLASERVERIP="LWM2M","lwm.home.komect.com",5685', f"AT+QLASETPSK=0,{SERVER_KEY}",
        "AT+QLASECSWT=1,0", "AT+NRB",
    )  # fmt: skip
    bench.world.advance(30)
    campaign = bench.start(IMEI)
    assert bench.platform.firmware.uri_of(IMEI, "new") == "coaps://lwm.home.komect.com:5685/fw/new"
    bench.world.advance(200)
    assert bench.steps(campaign) == {IMEI: "succeeded"}


def test_a_plan_has_to_make_sense() -> None:
    bench = AndlinkBench()
    bench.registered()
    bench.add_package()
    with pytest.raises(ValueError, match="campaign-package-unknown package='old'"):
        bench.start(IMEI, package="old")
    with pytest.raises(ValueError, match="campaign-devices-missing"):
        bench.start()
    bench.start(IMEI)
    with pytest.raises(ValueError, match="campaign-device-taken"):
        bench.start(IMEI)
    wrong: dict[CampaignCause, dict[str, Any]] = {
        CampaignCause.AT_ONCE: {"at_once": 0},
        CampaignCause.NUMBER_NEGATIVE: {"per_minute": -1},
        CampaignCause.NO_PATIENCE: {"patience": 0},
        CampaignCause.MODE_UNKNOWN: {"mode": "carry"},
        CampaignCause.PACKAGE_MISSING: {"package": ""},
    }
    for cause, plan in wrong.items():
        with pytest.raises(PlatformError) as refused:
            Plan(**{"package": "new", **plan})
        assert refused.value.code is cause


def test_devices_are_chosen_by_what_is_known_of_them() -> None:
    bench = AndlinkBench()
    for imei in IMEIS[:2]:
        bench.registered(imei)
    devices = bench.store.devices("andlink")
    assert choose(devices, DeviceFilter(model="BC28", firmware=OLD)) == list(IMEIS[:2])
    assert choose(devices, DeviceFilter(firmware=NEW)) == []
    assert choose(devices, DeviceFilter(device_type="31301")) == []
    assert choose(devices, DeviceFilter(devices=(f"andlink:{IMEIS[1]}",))) == [IMEIS[1]]
    devices[0].state = "expired"
    assert choose(devices, DeviceFilter()) == [IMEIS[1]]
    assert choose(devices, DeviceFilter(registered=False)) == list(IMEIS[:2])


def test_a_broken_package_is_not_taken_into_the_store() -> None:
    bench = AndlinkBench()
    whole = pack_image("BC28", NEW, b"image")
    for name, content in (("a", whole[:-1]), ("b", b""), ("c/d", whole)):
        with pytest.raises(ValueError, match=r"."):
            bench.add_package(name, content=content)
    assert bench.packages.list() == []
