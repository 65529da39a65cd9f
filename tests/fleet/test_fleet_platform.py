"""A fleet against our own platform, both in memory: plain and behind DTLS, with a campaign whose packages it pulls."""

from __future__ import annotations

import random
from typing import Any

import msgspec
import pytest
from fleet_server import DELAY, Drive, Reply, Server, plan

from nbtwin.fleet.delivery import imei_of_number
from nbtwin.fleet.plan import FleetDevices, FleetModules, FleetPhase, FleetPlan, FleetTarget, NamedDevice
from nbtwin.lwm2m.firmware.file import FirmwareFile
from nbtwin.operators.andlink.admission import AndlinkSettings
from nbtwin.operators.andlink.platform import AndlinkPlatform
from nbtwin.operators.campaigns.records import CampaignProgressed, CampaignStep, Plan
from nbtwin.operators.events import DeviceRegistered
from nbtwin.operators.key_store.device_keys import DeviceKeys
from nbtwin.operators.key_store.psk import PskStore

DEVICES, KEY = 4, bytes(range(16))
PACKAGE = FirmwareFile(content=b"p" * 3000)
HOST, PLAIN, SECURE = "127.0.0.1", 5783, 5784
REGISTER = FleetPhase(do="register", rate=20)


class Platform(Server):
    """Ours, at the far end of the lanes; what it says by itself comes as well."""

    def __init__(self, listener: int) -> None:
        super().__init__()
        keys = self.keys = PskStore()
        if listener:
            keys.add_all([DeviceKeys(device=f"fleet-{n:07}", key=KEY.hex()) for n in range(DEVICES)])
        settings = AndlinkSettings(observe=(), read=(), host=HOST, ports=(PLAIN, SECURE))
        self._listener = listener
        self.engine = AndlinkPlatform(random.Random(1), keys, settings=settings, package_of=lambda name: PACKAGE)
        self.told: list[Any] = []

    def take(self, now: float, lane: int, data: bytes) -> list[Reply]:
        self.engine.handle_datagram(now, ("10.0.0.1", 1000 + lane), data, self._listener)
        return []


class Both(Drive):
    """The platform's own deadlines count too."""

    server: Platform

    def step(self, until: float = float("inf")) -> bool:
        for _, to, data in self.server.engine.datagrams_by_listener():
            self.deliver(DELAY, to[1] - 1000, data)
        self.server.told += self.server.engine.events()
        deadline = self.server.engine.next_deadline()
        mine = self.engine.next_deadline()
        others = [at for at in (mine, self._coming[0][0] if self._coming else None) if at is not None]
        if deadline is not None and deadline.at <= min([until, *others]):
            self.now = max(self.now, deadline.at)
            self.server.engine.handle_timer(self.now)
            return True
        return super().step(until)


def fleet_plan(secure: bool, *phases: FleetPhase, **more: Any) -> FleetPlan:
    made = plan(*phases, devices=DEVICES, **more)
    target = FleetTarget(HOST, SECURE if secure else PLAIN, secure, HOST)
    return msgspec.structs.replace(made, target=target, devices=FleetDevices(DEVICES, key=KEY))


@pytest.mark.parametrize("secure", [False, True])
def test_a_campaign_reaches_devices_that_fetch_their_package(secure: bool) -> None:
    drive = Both(fleet_plan(secure, REGISTER), Platform(2 if secure else 0))
    drive.run(until=5)
    assert drive.engine.stats(drive.now).outcomes["register"] == {"ok": DEVICES}
    names = [f"fleet-{n:07}" for n in range(DEVICES)]
    drive.server.engine.start_campaign(drive.now, Plan(package="new"), names)
    drive.run(until=600)
    stats = drive.engine.stats(drive.now)
    assert stats.counts["packages"] == DEVICES
    assert stats.counts["bytes-packages"] == DEVICES * len(PACKAGE.content)
    assert set(stats.outcomes["firmware"]) == {"ok"}
    assert set(stats.outcomes["report"]) == {"ok"}
    steps = [event for event in drive.server.told if isinstance(event, CampaignProgressed)]
    last = {event.device: (event.step, event.result) for event in steps}
    assert last == dict.fromkeys(names, (CampaignStep.SUCCEEDED, 1))
    assert stats.errors == 0
    assert stats.waits["handshake"].count == DEVICES if secure else "handshake" not in stats.waits


def test_devices_behind_dtls_register_send_change_their_address_and_reboot() -> None:
    """Connection IDs (RFC 9146) keep the session over another address; a reboot makes a new one."""
    value, move = FleetPhase(do="uplink", rate=20, span=2), FleetPhase(do="rebind", rate=20)
    reboot = FleetPhase(do="reboot", rate=20)
    drive = Both(fleet_plan(True, REGISTER, value, move, FleetPhase(do="rest", span=1), reboot), Platform(2))
    drive.run(until=30)
    stats = drive.engine.stats(drive.now)
    assert stats.outcomes["register"] == {"ok": 2 * DEVICES}
    assert stats.outcomes["update"] == {"ok": DEVICES}
    assert stats.waits["handshake"].count == 2 * DEVICES
    assert stats.errors == 0


def test_lost_datagrams_of_handshakes_are_sent_again() -> None:
    drive = Both(fleet_plan(True, REGISTER, loss=0.2), Platform(2))
    drive.run(until=120)
    assert (
        drive.engine.stats(drive.now).outcomes["register"].get("ok", 0)
        + (drive.engine.stats(drive.now).outcomes["register"].get("slow", 0))
        == DEVICES
    )


def test_whole_modules_have_a_key_each_and_register_behind_dtls_with_it() -> None:
    """D200: a list gives IMEI and key, a setting names them; the platform has another key for the last one."""
    rows = tuple(NamedDevice(f"meter-{n}", key=bytes([n]) * 16, imei=imei_of_number(n)) for n in range(DEVICES))
    settings = (
        "AT+DMPCONFIG=0,0",
        f'AT+QLASERVERIP="LWM2M","192.0.2.11",{SECURE}',
        "AT+QLASECSWT=1",
        "AT+QLASETPSK=0,{key}",
    )
    whole = FleetModules(settings=settings, script=('AT+CGSN="{imei}{no}"',))
    made = fleet_plan(True, FleetPhase(do="register", rate=2), modules=whole)
    platform = Platform(2)
    known = [DeviceKeys(device=row.imei, key=row.key.hex()) for row in rows[:-1]]
    platform.keys.add_all([*known, DeviceKeys(device=rows[-1].imei, key=KEY.hex())])
    drive = Both(msgspec.structs.replace(made, devices=FleetDevices(DEVICES, model="BC28", named=rows)), platform)
    drive.run(until=300)
    stats = drive.engine.stats(drive.now)
    registered = {event.device for event in platform.told if isinstance(event, DeviceRegistered)}
    assert registered == {f"andlink:{row.imei}" for row in rows[:-1]}
    assert stats.registered == DEVICES - 1
    assert stats.outcomes["register"]["ok"] == DEVICES - 1
    assert stats.outcomes["at"] == {"refused": DEVICES}  # what is no word of a device's is sent as it stands


def test_a_wrong_key_gets_no_session_and_that_is_right() -> None:
    drive = Both(fleet_plan(True, REGISTER, wrong_keys=1.0), Platform(2))
    drive.run(until=120)
    stats = drive.engine.stats(drive.now)
    assert stats.outcomes == {"wrong-key": {"ok": DEVICES}}
    assert stats.registered == 0
