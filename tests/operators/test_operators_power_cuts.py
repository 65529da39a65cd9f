"""The power is cut, or a datagram is lost, at every block of a campaign: the verdict is right, no module stays blocked.

RFC 7252 9.1.1, RFC 7959 2.9.2; DOC-E 3.8, error 529.
"""

from __future__ import annotations

from typing import Any

import pytest
from andlink_bench import IMEI, SERVER_KEY, AndlinkBench, keys_of

from nbtwin.coap.numbers import EXCHANGE_LIFETIME, MAX_TRANSMIT_WAIT
from nbtwin.engine import DAY
from nbtwin.lab.nodes import ModuleNode
from nbtwin.lab.observers import LabObserver
from nbtwin.lwm2m.firmware.package import pack

NEW = "BC28JAR01A11_ONT"
PACKAGE = pack("BC28", NEW, bytes(range(256)) * 28)  # 8 blocks
BLOCKS = -(-len(PACKAGE) // 1024)


class Cut(LabObserver):
    """Counts datagrams towards one side, to say when the power goes."""

    def __init__(self) -> None:
        self.count = 0

    def datagram(self, *_: Any, **__: Any) -> None:
        self.count += 1


def prepared(way: str) -> tuple[AndlinkBench, ModuleNode]:
    if way == "plain":
        bench = AndlinkBench()
        node = bench.registered()
    else:
        bench = AndlinkBench(keys_of())
        node = bench.add_module()
        nat = 0 if way == "renegotiating" else 1
        bench.host(
            node, 'AT+QLASERVERIP="LWM2M","lwm.home.komect.com",5685', f"AT+QLASETPSK={IMEI},{SERVER_KEY}",
            f"AT+QLASECSWT=1,{nat}", "AT+NRB",
        )  # fmt: skip
        bench.world.advance(30)
    bench.host(node, "AT+QLAREGSWT=1")
    bench.add_package(content=PACKAGE)
    return bench, node


@pytest.mark.parametrize("datagrams", range(1, 2 * BLOCKS + 12))
@pytest.mark.parametrize("mode", ["pull", "push"])
@pytest.mark.parametrize(("way", "pause"), [("plain", 1.0), ("plain", 60.0), ("secure", 1.0), ("renegotiating", 60.0)])
def test_the_power_is_cut_at_every_datagram_of_a_campaign(way: str, mode: str, datagrams: int, pause: float) -> None:
    bench, node = prepared(way)
    cut = Cut()
    bench.world.observers.append(cut)
    campaign = bench.start(IMEI, mode=mode)
    assert bench.world.run_until(lambda: cut.count >= datagrams, 120)
    module = node.module
    bench.world.perform(node, module.power_off)
    bench.world.advance(pause)
    bench.world.perform(node, module.power_on)
    bench.world.run_until(lambda: bench.steps(campaign)[IMEI] in ("succeeded", "failed"), 2 * 3600)
    assert bench.steps(campaign) == {IMEI: "succeeded"}
    bench.world.advance(EXCHANGE_LIFETIME)
    assert module.identity.firmware == NEW
    assert bench.world.ask(node, "AT+QLASENDDATA=0x0100,4,21.5")[-1] == "OK"


@pytest.mark.parametrize("number", range(1, 2 * BLOCKS + 24))
@pytest.mark.parametrize("mode", ["pull", "push"])
def test_any_one_datagram_of_a_campaign_may_be_lost(mode: str, number: int) -> None:
    """Both ways: a lost Observe, a lost State 2, a lost answer to Execute."""
    bench, node = prepared("plain")
    bench.world.add_fault(f"loss,packets={number}")
    campaign = bench.start(IMEI, mode=mode)
    bench.world.run_until(lambda: bench.steps(campaign)[IMEI] in ("succeeded", "failed"), 2 * 3600)
    assert bench.steps(campaign) == {IMEI: "succeeded"}
    bench.world.advance(EXCHANGE_LIFETIME)
    assert node.module.identity.firmware == NEW
    assert bench.world.ask(node, "AT+QLASENDDATA=0x0100,4,21.5")[-1] == "OK"


@pytest.mark.parametrize("mode", ["pull", "push"])
@pytest.mark.parametrize("begins", range(0, 4))
@pytest.mark.parametrize("span", [90, 400])
def test_after_a_hole_in_the_coverage_the_verdict_is_what_the_device_runs(mode: str, begins: int, span: float) -> None:
    """Whoever is told three times in vain is out of reach until it is heard again (D165), and is told then."""
    bench, node = prepared("plain")
    campaign = bench.start(IMEI, mode=mode)
    bench.world.advance(0.25 * begins)
    bench.world.add_fault("loss")
    bench.world.advance(span)
    bench.world.faults.clear()
    bench.world.run_until(lambda: bench.steps(campaign)[IMEI] in ("succeeded", "failed"), 2 * DAY)
    updated = node.module.identity.firmware == NEW
    assert bench.steps(campaign) == {IMEI: "succeeded" if updated else "failed"}
    assert updated or span > 3 * MAX_TRANSMIT_WAIT
    bench.world.advance(EXCHANGE_LIFETIME)
    assert bench.world.ask(node, "AT+QLASENDDATA=0x0100,4,21.5")[-1] == "OK"
