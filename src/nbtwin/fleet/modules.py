"""The devices of a shard as whole modules: each with its serial line, NVRAM, USIM and services, and a host that sends
AT; against one server outside, whatever name or address a module was told.

They live in one `lab.World` on the shard's clock. Its network knows one server, its gateway is the shard's lanes. A
module is made when it is first switched on. What it then does is its own affair: it is counted by what its services
tell (`module_outcomes`), from its last request (with DTLS: its first datagram) to their word.

Knows time as it is told, and lanes, as `engine.FleetEngine` does. Knows no socket.
"""

from __future__ import annotations

import re
from array import array
from collections import deque
from collections.abc import Sequence
from enum import IntEnum
from functools import lru_cache
from math import inf

from nbtwin.engine import Address, Datagram, Fact, Seconds
from nbtwin.fleet.counting import FleetTally
from nbtwin.fleet.course import Course
from nbtwin.fleet.delivery import delivered, who_is
from nbtwin.fleet.module_outcomes import DEREGISTER, REGISTER, end_of, is_rubbish
from nbtwin.fleet.plan import FleetPhase, FleetPlan
from nbtwin.fleet.tally import FleetStats, Outcome
from nbtwin.fleet.wheel import Wheel
from nbtwin.lab.faults import Direction, Impairment, PacketInFlight
from nbtwin.lab.interfaces import ModuleLike
from nbtwin.lab.network import Network, is_host_address
from nbtwin.lab.nodes import ModuleNode, Node, SerialSink
from nbtwin.lab.observers import LabObserver
from nbtwin.lab.world import World
from nbtwin.module import events as happened
from nbtwin.module.identity import Usim
from nbtwin.module.nvram import MemoryStorage
from nbtwin.module.services import PORTS
from nbtwin.profiles.models import profile as profile_of
from nbtwin.runtime.modules import create_module
from nbtwin.timeline.facts import Obstacle

AT = "at"
ANSWERED_WITHIN: Seconds = 10.0
"""A host waits so long for the end of an answer."""
_MOST_WAITING = 64
_LEAVE = "AT+QLASREGIND=1"
"""DOC-E 3.4: de-register. Self-registration has no such request: who has registered so stays until it is forgotten."""
_FINAL = re.compile(rb"\r\n(OK|SEND OK|(?:ERROR|SEND FAIL|\+CM[ES] ERROR: [^\r\n]*))\r\n|\r\n> ?\Z")
_OUTSIDE = "198.18.0.1"
"""What every name resolves to (RFC 2544)."""


class _Waits(IntEnum):
    """What of its registration a device has under way."""

    NOTHING = 0
    REGISTER = 1
    DEREGISTER = 2


class FleetNode(ModuleNode):
    """Device ``number`` of a shard."""

    __slots__ = ("number",)

    def __init__(self, name: str, number: int, module: ModuleLike) -> None:
        super().__init__(name, module)
        self.number = number
        self.sinks = _NOBODY


def _drop(said: bytes) -> None:
    """What a module says is seen by the observer."""


_NOBODY: list[SerialSink] = [_drop]


class _OneServer(Network):
    """Wherever a module sends, there is the server."""

    def __init__(self, server: Address) -> None:
        super().__init__()
        self._server = server

    def resolve(self, name: str) -> str | None:
        return name if is_host_address(name) else _OUTSIDE

    def target(self, address: Address) -> Address | None:
        return self._server

    def reaches(self, host: str) -> bool:
        return True


class _Lanes:
    """The gateway of the world: two lanes for each device, one local port each; a NAT that rebinds changes between
    them."""

    def __init__(self, fleet: ModuleFleet, count: int) -> None:
        self._fleet, self._count = fleet, count
        self._opened = bytearray(count)

    def open(self, owner: str, port: int) -> Address:
        fleet = self._fleet
        node = fleet.world.modules[owner]
        assert isinstance(node, FleetNode)
        device = node.number
        for _ in range(2):
            self._opened[device] ^= 1
            address = lane_address(device if self._opened[device] else device + self._count)
            if fleet.world.network.owner(address) is None:
                return address
        raise OSError("both in use")

    def close(self, address: Address) -> None:
        """The transport closes its sockets together."""

    def send(self, source: Address, destination: Address, data: bytes) -> None:
        self._fleet.leave(source[1], data)

    def send_all(self, source: Address, datagrams: Sequence[Datagram]) -> None:
        for _, data in datagrams:
            self._fleet.leave(source[1], data)


def lane_address(lane: int) -> Address:
    """As the world sees a lane."""
    return "lane", lane


class _Watch(LabObserver):
    """Notes what happens; the fleet looks at it after each input."""

    def __init__(self) -> None:
        self.seen: deque[tuple[Seconds, FleetNode, Sequence[Fact] | bytes]] = deque()
        self.lost = 0
        self.unsendable = 0
        self.requests: list[tuple[Seconds, str, bytes]] = []

    def serial_out(self, at: Seconds, node: ModuleNode, data: bytes) -> None:
        assert isinstance(node, FleetNode)
        self.seen.append((at, node, data))

    def events(self, at: Seconds, node: Node, events: Sequence[Fact]) -> None:
        assert isinstance(node, FleetNode)
        self.seen.append((at, node, events))

    def datagram(
        self, at: Seconds, packet: PacketInFlight, data: bytes, impairment: Impairment, obstacle: Obstacle | None
    ) -> None:
        if not impairment.delays:
            self.lost += 1
        if obstacle is not None:
            self.unsendable += 1
        if packet.direction is Direction.UP and packet.sender is not None:
            self.requests.append((at, packet.sender, data[:4]))


class _Asked:
    """A line that a host has sent, and what has been said since."""

    __slots__ = ("due", "said", "until")

    def __init__(self, due: Seconds, until: Seconds) -> None:
        self.due, self.until = due, until
        self.said = b""


class ModuleFleet:
    """``lanes``: twice the devices, one for each of a device's two ports."""

    def __init__(self, plan: FleetPlan, lanes: int) -> None:
        assert plan.modules is not None
        assert lanes >= 2 * plan.devices.count
        count = plan.devices.count
        self.plan, self.count, self.modules = plan, count, plan.modules
        self.tally = FleetTally(count)
        self._server: Address = (plan.target.address, plan.target.port)
        self._now: Seconds = 0.0
        self.world = World(seed=plan.seed)
        self.world.network = _OneServer(self._server)
        self.world.carrier.gateway, self.world.carrier.jumping = _Lanes(self, count), False
        self.world.scheduler.clock = self._clock
        self._watch = _Watch()
        self.world.observers.append(self._watch)
        for kind, share in (("loss", plan.loss), ("duplication", plan.duplicates)):
            if share:
                self.world.add_fault(f"{kind},probability={share}")
        self.course = Course(plan)
        self._wheel = Wheel()
        self._out: list[tuple[int, bytes]] = []
        self._nodes: list[FleetNode | None] = [None] * count
        self._waits = bytearray(count)
        self._registered = bytearray(count)  # bits of the services
        self._rubbish = bytearray(count)
        self._power = bytearray(count)  # 0: off; 1: it boots; 2: it has booted
        self._ids = array("i", [-1]) * count
        self._asked_at = array("d", bytes(8 * count))
        """Of the last request; 0: none since it was switched on."""
        self._on_at = array("d", bytes(8 * count))
        self._away_at: Seconds = -1.0
        self._asked: dict[int, _Asked] = {}
        self._lines: dict[int, deque[tuple[Seconds, str]]] = {}
        self._under_way = self._leaving = 0

    # the contract

    def handle_timer(self, now: Seconds) -> None:
        self._now = now
        self.world.run(now)
        for due, phase, device in self.course.due(now):
            self._arrive(now, due, phase, device)
        self._settle()
        for device in self._wheel.take(now):
            asked = self._asked.get(device)
            if asked is not None and asked.until <= now:
                self._answered(now, device, Outcome.SILENT)
        self._leave(now)

    def next_deadline(self) -> Seconds | None:
        """None: nothing will happen by itself any more."""
        world = self.world.scheduler.next_at()
        at = min(self.course.next_at(self._leaving), inf if world is None else world)
        if self._asked:
            at = min(at, self._wheel.next_at())
        return None if at == inf else at

    def datagrams_to_send(self) -> list[tuple[int, bytes]]:
        """(lane, bytes)"""
        out, self._out = self._out, []
        return out

    def handle_datagram(self, now: Seconds, lane: int, data: bytes) -> None:
        self._now = now
        self.tally.received(len(data))
        self.world.carrier.receive(lane_address(lane), ((self._server, data),))
        self._settle()

    def handle_unreachable(self, lane: int, data: bytes) -> None:
        """The network's word that nobody is there. There is one server: it is so for all."""
        self.tally.count("unreachable")
        self._away_at = self._now

    # what whoever drives it says

    def begin_leaving(self) -> None:
        """Those de-register whose host can ask for it."""
        self.course.begin_leaving()
        self._lines.clear()

    @property
    def under_way(self) -> int:
        return self._under_way + sum(map(len, self._lines.values()))

    @property
    def coming_back(self) -> int:
        """Modules try again by their own schedules, which outlive any run."""
        return 0

    @property
    def left(self) -> bool:
        return self.course.all_asked and not self._under_way

    def finish(self, now: Seconds) -> None:
        """What is still under way is counted as not answered."""
        for device in list(self._asked):
            self._lines.pop(device, None)
            self._answered(now, device, Outcome.OPEN)
        for device in range(self.count):
            if self._waits[device]:
                self._end(now, device, Outcome.RUBBISH if self._rubbish[device] else Outcome.OPEN, None)

    def stats(self, now: Seconds) -> FleetStats:
        self._count_passed()
        found = self.tally.stats(now, self._name)
        found.under_way = self.under_way
        return found

    def leave(self, lane: int, data: bytes) -> None:
        """Out of the world."""
        self.tally.sent(len(data))
        self._out.append((lane, data))

    def _clock(self) -> Seconds:
        return self._now

    def _name(self, device: int) -> str:
        return self.plan.devices.name_of(device, self.plan.first)

    # arrivals

    def _arrive(self, now: Seconds, due: Seconds, phase: FleetPhase, device: int) -> None:
        node, what = self._nodes[device], phase.do
        if what == "register":
            self._begin(now, device, _Waits.REGISTER)
            if node is None:
                node = self._make(device)
            self._power[device] = self._power[device] or 1
            self.world.perform(node, node.module.power_on)
        elif what == "at":
            for line in phase.lines:
                self._ask(now, due, device, line)
        elif node is None:
            self.tally.count("not-switched-on")
        elif what == "reboot":
            self.tally.count("rebooted")
            self.world.perform(node, node.module.reset)
        elif what == "rebind":
            self.tally.count("rebound")
            self.world.rebind(node)
        else:
            self.world.perform(node, node.module.power_off)

    def _make(self, device: int) -> FleetNode:
        who = who_is(self.plan, device)
        storage, random = MemoryStorage(delivered(self.plan, who)), self.world.small_random(who.name)
        card = Usim.with_imsi(who.imsi)
        model = profile_of(who.model)
        module = create_module(who.name, model, storage, random, card, imei=who.imei, number=who.number)
        node = self._nodes[device] = FleetNode(who.name, device, module)
        self.world.add_node(node)
        return node

    # the host of each

    def _ask(self, now: Seconds, due: Seconds, device: int, line: str) -> None:
        """Once it has booted, and what was asked before has its answer."""
        node = self._nodes[device]
        power = self._power[device]
        if power and (device in self._asked or power == 1):
            waiting = self._lines.setdefault(device, deque())
            if len(waiting) < _MOST_WAITING:
                waiting.append((due, line))
                return
        self.tally.begin(now, AT)
        if node is None or power != 2 or device in self._asked:
            self.tally.end(now, AT, Outcome.OPEN if power else Outcome.UNREGISTERED, device, None)
            return
        self._asked[device] = _Asked(due, now + ANSWERED_WITHIN)
        self._under_way += 1
        self._wheel.add(now + ANSWERED_WITHIN, device)
        self.world.pull_wake_up_pin(node)
        if "{" in line:
            line = who_is(self.plan, device).filled(line)
        self.world.serial(node, line.encode() + b"\r")

    def _heard(self, at: Seconds, device: int, said: bytes) -> None:
        asked = self._asked.get(device)
        if asked is None:
            return
        asked.said += said
        final = _FINAL.search(asked.said)
        if final is None:
            return
        word = (final[1] or b"OK").decode(errors="replace")
        if word.endswith("OK"):
            self._answered(at, device, Outcome.OK)
        else:
            self.tally.codes[word] = self.tally.codes.get(word, 0) + 1
            self._answered(at, device, Outcome.REFUSED)

    def _answered(self, now: Seconds, device: int, outcome: Outcome) -> None:
        asked = self._asked.pop(device)
        self._under_way -= 1
        answered = outcome in (Outcome.OK, Outcome.REFUSED)
        if outcome is Outcome.OK and now - asked.due > self.plan.slow:
            outcome = Outcome.SLOW
        self.tally.end(now, AT, outcome, device, now - asked.due if answered else None)
        self._ask_next(now, device)

    def _ask_next(self, now: Seconds, device: int) -> None:
        waiting = self._lines.get(device)
        if waiting:
            due, line = waiting.popleft()
            if not waiting:
                del self._lines[device]
            self._ask(now, due, device, line)

    # what modules do

    def _settle(self) -> None:
        self._count_passed()
        seen = self._watch.seen
        while seen:
            at, node, what = seen.popleft()
            if isinstance(what, bytes):
                self._heard(at, node.number, what)
            else:
                for event in what:
                    self._happened(at, node.number, event)
            self._count_passed()

    def _count_passed(self) -> None:
        watch = self._watch
        for at, name, head in watch.requests:
            node = self.world.modules[name]
            assert isinstance(node, FleetNode)
            device = node.number
            request = len(head) == 4 and head[0] & 0xF0 == 0x40 and 0 < head[1] < 32
            number = head[2] << 8 | head[3] if request else self._ids[device]
            if number != self._ids[device] or not self._asked_at[device]:
                self._ids[device], self._asked_at[device] = number, at
        watch.requests.clear()
        for what, many in (("lost", watch.lost), ("unsendable", watch.unsendable)):
            if many:
                self.tally.count(what, many)
        watch.lost = watch.unsendable = 0

    def _happened(self, at: Seconds, device: int, event: Fact) -> None:
        match event:
            case happened.Booted():
                self._booted_now(at, device)
            case happened.Restarted() | happened.PoweredOff():
                self._gone(at, device)
                if isinstance(event, happened.Restarted):
                    self._power[device] = 1
                    self._begin(at, device, _Waits.REGISTER)
            case happened.ServiceReported(service=service, event=told):
                if is_rubbish(told):
                    self.tally.count("rubbish")
                    self._rubbish[device] = 1
                end = end_of(told)
                if end is not None:
                    self._ended(at, device, _SERVICES[service], *end)
            case _:
                return

    def _booted_now(self, now: Seconds, device: int) -> None:
        """The host begins: with its script, then with what came meanwhile, which counts from now on."""
        self.tally.count("booted")
        self._power[device] = 2
        waited = self._lines.pop(device, ())
        for line in (*self.modules.script, *(line for _, line in waited)):
            self._ask(now, now, device, line)

    def _gone(self, now: Seconds, device: int) -> None:
        """Off: what was under way is cut short, and it has forgotten its registration."""
        self._power[device] = 0
        self._lines.pop(device, None)
        if device in self._asked:
            self._answered(now, device, Outcome.CUT)
        if self._waits[device]:
            self._end(now, device, Outcome.CUT, None)
        self._set_registered(device, 0)

    def _ended(self, now: Seconds, device: int, service: int, kind: str, outcome: Outcome, code: str) -> None:
        began = self._asked_at[device] or self._on_at[device]
        if code:
            self.tally.codes[code] = self.tally.codes.get(code, 0) + 1
        if outcome is Outcome.SILENT:
            if self._rubbish[device]:
                outcome = Outcome.RUBBISH
            elif self._away_at >= began:
                outcome = Outcome.AWAY
        self._rubbish[device] = 0
        answered = outcome not in (Outcome.SILENT, Outcome.AWAY, Outcome.RUBBISH, Outcome.HANDSHAKE)
        wait = now - began if answered else None
        if outcome is Outcome.OK and now - began > self.plan.slow:
            outcome = Outcome.SLOW
        good = outcome in (Outcome.OK, Outcome.SLOW)
        if kind == REGISTER and good:
            self._set_registered(device, self._registered[device] | service)
        elif kind == DEREGISTER or code == "4.04":
            self._set_registered(device, self._registered[device] & ~service)
        if self._waits[device] == _OF_KIND.get(kind, _Waits.NOTHING) and self._waits[device]:
            self._end(now, device, outcome, wait)
        else:  # by itself: an update, a value, another attempt
            self.tally.begin(now, kind)
            self.tally.end(now, kind, outcome, device, wait)

    def _set_registered(self, device: int, services: int) -> None:
        self.tally.registered += bool(services) - bool(self._registered[device])
        self._registered[device] = services

    def _begin(self, now: Seconds, device: int, what: _Waits) -> None:
        self.tally.begin(now, _KINDS[what])
        if self._waits[device]:  # switched on twice
            self.tally.end(now, _KINDS[what], Outcome.CUT, device, None)
            return
        self._waits[device] = what
        self._under_way += 1
        self._leaving += what == _Waits.DEREGISTER
        self._on_at[device], self._asked_at[device], self._rubbish[device] = now, 0.0, 0

    def _end(self, now: Seconds, device: int, outcome: Outcome, wait: Seconds | None) -> None:
        kind = _KINDS[_Waits(self._waits[device])]
        self._leaving -= self._waits[device] == _Waits.DEREGISTER
        self._waits[device] = _Waits.NOTHING
        self._under_way -= 1
        self.tally.end(now, kind, outcome, device, wait)

    def _leave(self, now: Seconds) -> None:
        while (device := self.course.next_to_leave(self._leaving)) is not None:
            if self._registered[device] and _can_leave(self.plan.devices.model_of(device)):
                if not self._waits[device]:
                    self._begin(now, device, _Waits.DEREGISTER)
                self._ask(now, now, device, _LEAVE)
        if self.course.leaving:
            self._settle()


_SERVICES = {name: 1 << bit for bit, name in enumerate(PORTS)}
_KINDS = {_Waits.REGISTER: REGISTER, _Waits.DEREGISTER: DEREGISTER}
_OF_KIND = {kind: waits for waits, kind in _KINDS.items()}


@lru_cache
def _can_leave(model: str) -> bool:
    name = _LEAVE[2:].partition("=")[0]
    return any(command.name == name for command in profile_of(model).commands)
