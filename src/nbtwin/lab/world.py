"""One world: modules, platforms and the network between them under one scheduler.

Simulated by default: ``run`` and ``advance`` jump from deadline to deadline. The live runtime (``edge.live``) hangs a
clock and a gateway of real sockets on the same world. Knows no socket and no wall clock; the same seed and the same
inputs give the same bytes.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Concatenate, ParamSpec, TypeVar

from nbtwin.engine import Address, Deadline, Fact, Seconds
from nbtwin.lab.facts import FaultAdded, ModuleAdded, RouteAdded, UnitRemoved
from nbtwin.lab.faults import Fault, Faults, Pin
from nbtwin.lab.hold import Commit, Committer, InlineCommitter
from nbtwin.lab.interfaces import HostLine, ModuleLike, MultiPortPlatform, PlatformLike
from nbtwin.lab.link import Latency, Link
from nbtwin.lab.network import COAP, COAPS, OPERATORS, Network, Route
from nbtwin.lab.nodes import ModuleNode, Node, PlatformNode
from nbtwin.lab.observers import Observers
from nbtwin.lab.randomness import SmallRandom
from nbtwin.lab.recorder import TimelineRecorder
from nbtwin.lab.scheduler import Scheduler
from nbtwin.timeline.ring import Timeline

P = ParamSpec("P")
R = TypeVar("R")

_FINAL = re.compile(rb"\r\n(OK|ERROR|\+CME ERROR: [^\r\n]*|REBOOTING)\r\n|>\Z")  # D21: NRB has no OK


class World:
    """See the module's docstring. ``start`` is the first instant: 0 in a simulated lab, the Unix time in a live one.

    ``latency`` (and up to ``jitter`` more, by chance) is what each datagram takes one way.
    """

    def __init__(
        self,
        *,
        seed: int = 1,
        start: Seconds = 0.0,
        timeline: Timeline | None = None,
        latency: Seconds = 0.0,
        jitter: Seconds = 0.0,
    ) -> None:
        self.seed = seed
        self.start = start
        self.timeline = timeline
        self.scheduler: Scheduler[Node] = Scheduler(self._wake, start)
        self.network = Network()
        self.faults = Faults(self.random("faults"), start)
        self.observers = Observers(*[TimelineRecorder(timeline)] if timeline is not None else [])
        self.modules: dict[str, ModuleNode] = {}
        self.platforms: dict[str, PlatformNode] = {}
        self.carrier = Link(self, Latency(self.random("latency"), latency, jitter))
        self._draining = False
        self.writing = 0
        """Files that modules wait for; whoever writes them counts."""
        self.on_settled: Callable[[], object] | None = None
        """Called when a commit has ended outside of the drain, once what follows from it has happened."""

    # what the world is made of

    @property
    def now(self) -> Seconds:
        return self.scheduler.now

    def random(self, name: str) -> random.Random:
        """A source of randomness of its own for everything that needs one, from the world's seed."""
        return random.Random(f"{self.seed}/{name}")

    def small_random(self, name: str) -> SmallRandom:
        """The same numbers for one of very many."""
        return SmallRandom(self.seed, name)

    def add_module(self, name: str, module: ModuleLike) -> ModuleNode:
        """Put a module into the lab, switched off: ``perform(node, module.power_on)`` starts it."""
        node = ModuleNode(name, module)
        self.add_node(node)
        return node

    def add_node(self, node: ModuleNode) -> None:
        """The same for one that has been made already. ValueError when its name is taken."""
        self.check_name(node.name)
        self.modules[node.name] = node
        self.note(node.name, ModuleAdded())
        self.drain(node)

    def add_platform(
        self,
        name: str,
        engine: PlatformLike,
        *,
        operator: str | None = None,
        address: Address | None = None,
        addresses: Sequence[Address] = (),
        public: Iterable[Address] | None = None,
        commit: Commit | Committer | None = None,
    ) -> PlatformNode:
        """An operator's platform, listening at ``address`` and reachable under the operator's real addresses.

        A platform with several ports listens at ``addresses``, in their order. In a simulated lab both may be left out.
        ``public`` replaces the operator's own (port 5683, 5684 for one that listens there, its own ports).
        ``commit`` gets each batch of events before the answers to it leave; a function is called at once.
        """
        self.check_name(name)
        hosts = OPERATORS[operator].hosts if operator is not None else ()
        somewhere = hosts[0] if hosts else f"192.0.2.{100 + len(self.platforms)}"
        if isinstance(engine, MultiPortPlatform):
            ports = [listener.ports for listener in engine.listening_ports]
            addresses = addresses or [(somewhere, port[0]) for port in ports]
        else:
            addresses = [address] if address is not None else addresses or [(somewhere, COAP)]
            ports = [(COAPS if addresses[0][1] == COAPS else COAP,)]
        committer = commit if commit is None or isinstance(commit, Committer) else InlineCommitter(commit)
        node = PlatformNode(name, engine, addresses, operator or name, committer, self._settled)
        self.platforms[name] = node
        for number, where in enumerate(addresses):
            known_as = [(host, port) for host in hosts for port in ports[number]] if public is None else public
            self.network.add_platform(where, known_as if public is None or not number else ())
        self.carrier.listen(node)
        self.drain(node)
        return node

    def remove(self, name: str) -> None:
        """Take a module or a platform out of the lab, as if its plug were pulled. ``KeyError`` when there is none."""
        node: Node = self.modules[name] if name in self.modules else self.platforms[name]
        self.scheduler.touch()
        self.scheduler.set(node, None)
        if isinstance(node, ModuleNode):
            del self.modules[name]
            self.carrier.unplug(node)
        elif isinstance(node, PlatformNode):
            del self.platforms[name]
            node.stop()
            for address in node.addresses:
                self.network.remove_platform(address)
            self.carrier.close(node)
        self.note(name, UnitRemoved())

    def route(self, route: Route | str) -> Route:
        """Let modules reach a real server: ``117.161.2.41:5683=127.0.0.1:5683``."""
        route = Route.parse(route) if isinstance(route, str) else route
        self.network.add_route(route)
        self.note("lab", RouteAdded(str(route)))
        return route

    @property
    def names(self) -> list[str]:
        """Of modules and platforms: whom a fault can be for."""
        return [*self.modules, *self.platforms]

    def add_fault(self, fault: Fault | str) -> int:
        fault = Fault.parse(fault) if isinstance(fault, str) else fault
        number = self.faults.add(fault)
        self.note("lab", FaultAdded(number, fault.as_dict()))
        for node in self.modules.values() if fault.kind.is_serial else ():
            self._disturbed(node)  # it listens from now on
        return number

    def rebind(self, node: ModuleNode) -> None:
        """The NAT before the module forgets its translations: the next datagrams come from new addresses."""
        self.scheduler.touch()
        self.carrier.rebind(node.name)

    # inputs

    def perform(self, node: Node, verb: Callable[Concatenate[Seconds, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """One input to a node at the present instant, then everything that follows from it at once.

        ``world.perform(node, node.module.power_on)``, ``world.perform(platform, engine.read, device, path)``.
        """
        result = verb(self.scheduler.touch(), *args, **kwargs)
        self.drain(node)
        return result

    def serial(self, node: ModuleNode, data: bytes) -> None:
        """Bytes from the host."""
        now = self.scheduler.touch()
        if self._draining:  # a host that answers at once: after the present drain, at the same instant
            self.scheduler.call_at(now, partial(self.serial, node, data))
            return
        if node.deadline is not None and node.deadline.at < now:  # a live lab that is late
            node.handle_timer(now)
            self.drain(node)
        for observe in self.observers.serial_in:
            observe(now, node, data)
        if (node.line is not None or self.faults.on_lines) and (line := self._disturbed(node)) is not None:
            line.handle_host_bytes(now, data)
        else:
            node.module.handle_serial(now, data)
            self.drain(node)

    def pull_wake_up_pin(self, node: ModuleNode) -> None:
        """As a host does before it speaks to a module that sleeps."""
        if not self.pin_works(node, Pin.DTR):
            return
        if node.line is not None:
            node.line.handle_wake_up_pin(self.scheduler.touch())
        self.perform(node, node.module.wake)

    def pin_works(self, node: ModuleNode, pin: Pin) -> bool:
        """Whether what is done with a control line of its serial line is seen at the other end, this time."""
        line = self._disturbed(node) if self.faults.on_lines else None
        return line is None or line.pin_works(self.scheduler.touch(), pin)

    def _disturbed(self, node: ModuleNode) -> HostLine | None:
        """What faults do to its serial line, if there are any."""
        line = node.line
        if not self.faults.on_lines and (line is None or line.is_idle):
            node.line = None
        elif line is None:
            from nbtwin.lab.serial_faults import DisturbedLine  # loaded by who wants such a fault

            node.line = DisturbedLine(self, node)
        return node.line

    def note(self, source: str, fact: Fact) -> None:
        """An entry of the timeline about something that the lab did (``lab.facts``)."""
        for observe in self.observers.note:
            observe(self.now, source, fact)

    # the one drain

    def drain(self, node: Node) -> None:
        """After every single input: what the node says, what has happened, what it sends, and what it waits for."""
        now, observers = self.scheduler.now, self.observers
        outer, self._draining = self._draining, True
        try:
            if isinstance(node, ModuleNode):
                module = node.module
                if said := module.serial_to_send():
                    if (node.line is not None or self.faults.on_lines) and (line := self._disturbed(node)) is not None:
                        line.handle_module_bytes(now, said)
                    else:
                        for observe in observers.serial_out:
                            observe(now, node, said)
                        node.to_host(said)
                if happened := module.events():
                    for observe in observers.events:
                        observe(now, node, happened)
                if asks := module.asks_network:
                    for name in module.lookups():
                        self.carrier.look_up(node, name)
                if leaving := module.packets_to_send():
                    self.carrier.send_all(node, [(packet.port, packet.peer, packet.data) for packet in leaving])
                if asks and (orders := module.network_orders()):
                    self.carrier.streams.handle_orders(node, orders)
                deadline = module.next_deadline()
            else:
                self._let_go(now, node, node.settle(now))
                deadline = node.next_deadline()
            self._wait(now, node, deadline)
        finally:
            self._draining = outer

    def _let_go(self, now: Seconds, node: Node, events: Sequence[Fact]) -> None:
        if events:
            for observe in self.observers.events:
                observe(now, node, events)
        if packets := node.packets():
            self.carrier.send_all(node, packets)

    def _wait(self, now: Seconds, node: Node, deadline: Deadline | None) -> None:
        if deadline != node.deadline:
            node.deadline = deadline
            for observe in self.observers.deadline:
                observe(now, node, deadline)
        self.scheduler.set(node, deadline)

    def _wake(self, node: Node) -> None:
        now = self.scheduler.now
        if isinstance(node, ModuleNode):
            node.module.handle_timer(now)  # without a hand in between, as in `drain`
        else:
            node.handle_timer(now)
        self.drain(node)

    def _settled(self, node: PlatformNode) -> None:
        """A commit has ended outside of the drain: the hold lets go. The engine was drained and is as it was."""
        now = self.scheduler.touch()
        outer, self._draining = self._draining, True
        try:
            self._let_go(now, node, node.release(now))
            self._wait(now, node, node.deadline_as_drained())
        finally:
            self._draining = outer
        if self.on_settled is not None:
            self.on_settled()

    @property
    def committing(self) -> bool:
        """A commit is under way somewhere, or a write."""
        return self.writing > 0 or any(node.hold.committing for node in self.platforms.values())

    # time

    def run(self, until: Seconds) -> None:
        """Everything that falls due by then, in order; then it is that time."""
        self.scheduler.run(until)

    def advance(self, span: Seconds) -> None:
        self.scheduler.run(self.now + span)

    def run_until(self, condition: Callable[[], bool], within: Seconds) -> bool:
        """Run until the condition holds, at most so long; whether it does."""
        end = self.now + within
        while not condition():
            if not self.scheduler.step(end):
                self.scheduler.run(end)
                return condition()
        return True

    def ask(self, node: ModuleNode, line: str, within: Seconds = 300.0) -> list[str]:
        """A host at a module without a plugged port: one command line, and the lines of its answer (echo left out).

        What the module says by itself at the same instant is among them.
        """
        node.take_serial()
        self.serial(node, line.encode() + b"\r")
        said = bytearray()

        def answered() -> bool:
            said.extend(node.take_serial())
            return _FINAL.search(said) is not None

        self.run_until(answered, within)
        lines = [text for text in said.decode(errors="replace").replace("\r", "\n").split("\n") if text]
        return lines[1:] if lines and lines[0] == line else lines

    def check_name(self, name: str) -> None:
        """ValueError for one that no node may have, or that one has already."""
        if not name or name in self.modules or name in self.platforms:
            raise ValueError(f"the lab has a {name!r} already" if name else "a node needs a name")
