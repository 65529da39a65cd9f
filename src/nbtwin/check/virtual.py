"""A virtual module in a simulated lab, in simulated time: thirty days pass in milliseconds.

Which profile it runs, and what is put around it, whoever asks says: the checker's own tests check wrong modules so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nbtwin.check.line import Line
from nbtwin.check.steps import Need, Packet
from nbtwin.engine import Datagram, Seconds
from nbtwin.lab.faults import Direction, Impairment, PacketInFlight
from nbtwin.lab.interfaces import ModuleLike
from nbtwin.lab.observers import LabObserver
from nbtwin.module.identity import Usim
from nbtwin.module.module import Module
from nbtwin.module.nvram import MemoryStorage, Storage
from nbtwin.module.profile import Profile
from nbtwin.runtime.modules import create_module
from nbtwin.runtime.simulated_lab import SimulatedLab
from nbtwin.selfreg.schedule import Operator
from nbtwin.timeline.facts import Obstacle, Way

IMEI = "863703030822519"
"""Of the documents' examples."""
NAME = "module"
EVERYTHING = frozenset(Need)


def _as_it_is(module: Module) -> ModuleLike:
    return module


class _Sent(LabObserver):
    """What the module sends, by the platform that it is for."""

    def __init__(self) -> None:
        self.packets: list[Packet] = []

    def datagram(
        self, at: Seconds, packet: PacketInFlight, data: bytes, impairment: Impairment, obstacle: Obstacle | None
    ) -> None:
        if packet.direction is Direction.UP:
            self.packets.append(Packet(at, packet.receiver or packet.destination[0], data))

    def datagrams(self, at: Seconds, direction: Direction, way: Way, datagrams: Sequence[Datagram]) -> None:
        if direction is Direction.UP:
            self.packets += [Packet(at, way.receiver or peer[0], data) for peer, data in datagrams]


class VirtualBench:
    """See `bench.Bench`. ``wrap`` puts something around the module, ``storage`` makes its NVRAM, ``faults`` are at
    work from the start."""

    grants = EVERYTHING
    slack: Seconds = 0.05
    returns_within: Seconds = 0.0

    def __init__(
        self,
        profile: Profile,
        *,
        firmware: str | None = None,
        card: Operator | None = Operator.MOBILE,
        wrap: Callable[[Module], ModuleLike] = _as_it_is,
        storage: Callable[[], Storage] = MemoryStorage,
        faults: Sequence[str] = (),
    ) -> None:
        self._profile, self._firmware, self._wrap, self._storage = profile, firmware, wrap, storage
        self._faults = faults
        platforms = {"cmdmp", "andlink"} if profile.andlink else {"cmdmp"}
        platforms |= {str(operator) for operator in profile.schedules if operator is not Operator.MOBILE}
        self._lab = SimulatedLab(operators=sorted(platforms), keeps_history=False)
        world = self._lab.world
        usim = None if card is None else Usim.of(card, NAME)
        module = create_module(
            NAME, profile, storage(), world.random(NAME), usim, imei=IMEI, firmware=firmware or profile.firmware
        )
        self._module = wrap(module)
        self._node = world.add_module(NAME, self._module)
        self._sent = _Sent()
        world.observers.append(self._sent)
        self.line = Line(self._to_module)
        self._node.sinks.append(self._from_module)
        for fault in faults:
            world.add_fault(fault)
        self.give_power()
        world.advance(profile.boot.duration + profile.boot.usim_delay + 1)

    @property
    def now(self) -> Seconds:
        return self._lab.world.now

    def _to_module(self, data: bytes) -> None:
        self._lab.world.serial(self._node, data)

    def _from_module(self, data: bytes) -> None:
        self.line.handle_bytes(self.now, data)

    def run(self, holds: Callable[[], bool], within: Seconds) -> bool:
        done = self._lab.world.run_until(holds, within)
        self.line.handle_timer(self.now)
        return done or holds()

    def reopen(self) -> bool:
        return False

    def cut_power(self) -> None:
        self._lab.world.perform(self._node, self._module.power_off)

    def give_power(self) -> None:
        self._lab.world.perform(self._node, self._module.power_on)

    def set_platform(self, name: str, up: bool) -> None:
        node = self._lab.world.platforms[name]
        if up:
            node.resume()
        else:
            node.stop()
        self._lab.world.drain(node)

    def packets(self) -> Sequence[Packet]:
        return self._sent.packets

    def fresh(self, card: Operator | None, firmware: str | None) -> VirtualBench:
        return VirtualBench(
            self._profile,
            firmware=firmware or self._firmware,
            card=card,
            wrap=self._wrap,
            storage=self._storage,
            faults=self._faults,
        )

    def close(self) -> None:
        """It has no sockets and no files."""
