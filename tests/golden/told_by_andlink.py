"""Five days of a module at the Andlink platform, on a bad network: all that an observer is told, a line each.

Run as a program it prints them: `test_golden_builds` compares those of the two builds.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "operators"))  # where it is no test that is run

from andlink_bench import BOOTSTRAP_KEY, IMEI, AndlinkBench, keys_of

import nbtwin.outbox
from nbtwin.dtls import ServerSettings
from nbtwin.engine import DAY, Deadline, Fact, Seconds
from nbtwin.lab.faults import Impairment, PacketInFlight
from nbtwin.lab.nodes import ModuleNode, Node
from nbtwin.lab.observers import LabObserver
from nbtwin.timeline.facts import Obstacle

FAULTS = ("loss,probability=0.2", "delay,probability=0.2,seconds=1,spread=3", "duplication,probability=0.1")


class Listener(LabObserver):
    def __init__(self) -> None:
        self.told: list[str] = []

    def serial_out(self, at: Seconds, node: ModuleNode, data: bytes) -> None:
        self.told.append(f"{at!r} {node.name} says {data!r}")

    def events(self, at: Seconds, node: Node, events: Sequence[Fact]) -> None:
        self.told += [f"{at!r} {node.name}: {event!r}" for event in events]

    def deadline(self, at: Seconds, node: Node, deadline: Deadline | None) -> None:
        self.told.append(f"{at!r} {node.name} waits for {deadline!r}")

    def datagram(
        self, at: Seconds, packet: PacketInFlight, data: bytes, impairment: Impairment, obstacle: Obstacle | None
    ) -> None:
        self.told.append(f"{at!r} {packet!r} {data.hex()} {impairment.delays} {obstacle}")


def told() -> list[str]:
    """DOC-E 6.2, a notification, and the days after it."""
    bench, listener = AndlinkBench(keys_of(), dtls=ServerSettings()), Listener()
    bench.world.observers.append(listener)
    for fault in FAULTS:
        bench.world.add_fault(fault)
    node = bench.add_module()
    bench.host(
        node,
        'AT+QLASERVERIP="BS","lwm.home.komect.com",5684',
        f"AT+QLASETBSPSK={IMEI},{BOOTSTRAP_KEY}",
        "AT+QLABSSECSWT=1,0",
        "AT+NRB",
    )
    bench.world.advance(60)
    bench.host(node, "AT+QLASENDDATA=0x0100,5,hello")
    bench.world.advance(5 * DAY)
    return listener.told


def build() -> str:
    return "pure" if str(nbtwin.outbox.__file__).endswith(".py") else "compiled"


if __name__ == "__main__":
    print(build(), *told(), sep="\n")
