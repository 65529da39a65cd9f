"""Lost datagrams between a module and the Andlink platform: it still completes, and nothing is stuck."""

from __future__ import annotations

import pytest
from andlink_bench import BOOTSTRAP_KEY, IMEI, AndlinkBench, keys_of

from nbtwin.lab.faults import Impairment, PacketInFlight
from nbtwin.lab.observers import LabObserver
from nbtwin.operators import events as ev

SECURE = (
    'AT+QLASERVERIP="BS","lwm.home.komect.com",5684',
    f"AT+QLASETBSPSK=0,{BOOTSTRAP_KEY}",
    "AT+QLABSSECSWT=1,0",
    "AT+NRB",
)
PLAIN = ('AT+QLASERVERIP="BS","112.13.96.205",5783', "AT+QLABSSECSWT=0", "AT+NRB")


class Losses(LabObserver):
    """How many datagrams the faults took."""

    count = 0

    def datagram(
        self, at: float, packet: PacketInFlight, data: bytes, impairment: Impairment, obstacle: str | None
    ) -> None:
        self.count += impairment.lost


def losing(bench: AndlinkBench, fault: str) -> Losses:
    bench.world.add_fault(f"loss,{fault}")
    losses = Losses()
    bench.world.observers.append(losses)
    return losses


def settled(bench: AndlinkBench) -> bool:
    """Registered, observed and described."""
    return bench.platform.devices.observed(IMEI) == ["/19/1/0", "/5/0/3"] and bool(bench.seen(ev.DeviceDescribed))


@pytest.mark.parametrize("way", ["destination=andlink", "source=andlink"])
@pytest.mark.parametrize("number", range(1, 16))
def test_any_datagram_from_bootstrap_to_observation_may_be_lost_behind_dtls(number: int, way: str) -> None:
    bench = AndlinkBench(keys_of())
    node = bench.add_module()
    losses = losing(bench, f"{way},packets={number}")
    bench.host(node, *SECURE)
    assert bench.world.run_until(lambda: settled(bench), 120)
    assert losses.count == 1


@pytest.mark.parametrize("way", ["destination=andlink", "source=andlink"])
@pytest.mark.parametrize("number", range(1, 10))
def test_any_datagram_from_bootstrap_to_observation_may_be_lost(number: int, way: str) -> None:
    bench = AndlinkBench()
    node = bench.add_module()
    losses = losing(bench, f"{way},packets={number}")
    bench.host(node, *PLAIN)
    assert bench.world.run_until(lambda: settled(bench), 120)
    assert losses.count == 1


@pytest.mark.parametrize("mode", ["pull", "push"])
def test_one_in_five_lost_at_random_does_not_keep_a_campaign_from_its_end(mode: str) -> None:
    bench = AndlinkBench()
    bench.add_package()
    bench.registered()
    losses = losing(bench, "probability=0.2")
    campaign = bench.start(IMEI, mode=mode, patience=3600)
    assert bench.world.run_until(lambda: bench.steps(campaign)[IMEI] in ("succeeded", "failed"), 3 * 3600)
    assert losses.count > 10
    bench.world.faults.clear()
    bench.world.advance(600)
    assert bench.do(bench.platform.devices.ask, IMEI, "read", "/3/0/1").value == "BC28"
