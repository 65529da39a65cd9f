"""The live lab: one world on the wall clock and on real UDP sockets.

The world stays the same; this file hangs a clock and a gateway on it and calls ``step`` when something falls due. Knows
asyncio and sockets; knows nothing of modules and platforms but their nodes.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from msgspec.structs import replace

from nbtwin.edge.clock_watermark import ClockWatermark
from nbtwin.edge.dns import NameClient
from nbtwin.edge.errors import EdgeError, EdgeRefusal
from nbtwin.edge.gateway import ANYWHERE, LOOPBACK, Sockets
from nbtwin.edge.loop_gauge import LoopGauge, Work
from nbtwin.edge.tcp import TcpListener, dial
from nbtwin.edge.udp import Batch
from nbtwin.engine import Address, Seconds
from nbtwin.foreign import detail_of
from nbtwin.lab.facts import ClockAdvanced, PeerUnheard, WaitingStopped
from nbtwin.lab.hold import Commit, Committer
from nbtwin.lab.interfaces import MultiPortPlatform, PlatformLike
from nbtwin.lab.link import ServerAnswer
from nbtwin.lab.network import Route, is_host_address
from nbtwin.lab.nodes import PlatformNode
from nbtwin.lab.world import World
from nbtwin.timeline.ring import Timeline

_log = logging.getLogger("nbtwin.edge")

GRACE: Seconds = 0.25
"""How long ``advance`` waits, before it jumps on, for a peer outside the lab to answer, unless it is told (D133)."""
WAITS_IN_VAIN = 20
"""So many, one after the other, and ``advance`` waits no more, unless it was told how long: those peers are gone."""
LEAVING: Seconds = 1.0
"""How long ``close`` waits at the most for peers to take what modules have written to connections that they closed."""
TURN: Seconds = 0.004
"""Of computing what falls due, also at one instant, before sockets and consoles get their turn."""


def live_world(*, seed: int = 1, timeline: Timeline | None = None, ahead: Seconds = 0.0) -> World:
    """A world for a live lab: its time is the Unix time, ``ahead`` of the wall clock by what was advanced before."""
    return World(seed=seed, start=time.time() + ahead, timeline=timeline)


def ports_from(bind: Address, count: int) -> list[Address]:
    """So many, the ports one after the other; any free ones where the first is 0."""
    host, first = bind
    return [(host, first + number if first else 0) for number in range(count)]


class LiveRuntime:
    """Runs a world on the running event loop, from ``open`` to ``close``."""

    def __init__(
        self,
        world: World,
        *,
        modules_on: str = LOOPBACK,
        patience: Seconds | None = None,
        gauge: LoopGauge | None = None,
        epoch: Seconds | None = None,
    ) -> None:
        """``epoch``: of another process of this machine, whose time it is (`epoch`)."""
        self.world = world
        self._gauge = gauge or LoopGauge()
        self.patience = patience
        """How long ``advance`` waits for each answer from outside the lab; None: GRACE, and not for ever."""
        self.advancing = False
        self.sockets = Sockets(self._receive, modules_on)
        self._loop, self._time = asyncio.get_running_loop(), time.monotonic  # which is the loop's
        self._names = NameClient(self._loop)
        self._began = self._loop.time() if epoch is None else 0.0
        self._origin = world.now if epoch is None else epoch  # the lab's time when the loop's was _began
        self._timer: asyncio.TimerHandle | None = None
        self._heard = asyncio.Event()
        self._settled = asyncio.Event()
        self._advance = asyncio.Lock()
        self._stop = False
        self.reserve = ClockWatermark()
        self.rate = 1.0
        """Seconds of the lab in a second of the wall clock; 0: paused."""
        self.pace = 1.0
        """The rate that a pause interrupts."""

    def now(self) -> Seconds:
        """The lab's time. It stands still while ``advance`` has jumped into the future and runs what falls due."""
        if self.advancing:
            return self.world.scheduler.now
        return self._origin + (self._time() - self._began) * self.rate

    def set_rate(self, rate: float) -> None:
        """From now on; 0 pauses. Peers outside the lab do not follow: to them the lab is fast, slow or silent."""
        self._rebase(self.world.scheduler.touch())
        self.rate, self.pace = rate, rate or self.pace
        self.reserve.tick(self.ahead, rate)
        self._arm()

    @property
    def epoch(self) -> Seconds:
        """The lab's time when `time.monotonic` was 0, which all processes of a machine have in common."""
        return self.now() - self._loop.time()

    @property
    def ahead(self) -> Seconds:
        """By how much the lab is ahead of the wall clock; keep it with the state, so that time never goes back."""
        return self.now() - time.time()

    def open(self) -> None:
        """Take over: platforms get their sockets, modules theirs as they first send. ``EdgeError`` on a busy port."""
        world = self.world
        world.carrier.gateway, world.carrier.jumping = self.sockets, False
        world.carrier.streams.dial = partial(dial, self._loop)
        world.carrier.ask_servers = self._ask_servers
        world.carrier.streams.open_door = partial(TcpListener, self._loop, LOOPBACK)
        world.scheduler.clock, world.scheduler.on_sooner = self.now, self._arm
        world.on_settled = self._settled.set
        try:
            for platform in world.platforms.values():
                for address in platform.addresses:
                    self.sockets.listen(address)
        except EdgeError:
            self.close()
            raise
        self._arm()

    def add_platform(
        self,
        name: str,
        engine: PlatformLike,
        bind: Address,
        *,
        operator: str | None = None,
        public: Iterable[Address] | None = None,
        commit: Commit | Committer | None = None,
        bound: Sequence[socket.socket] = (),
    ) -> PlatformNode:
        """As ``World.add_platform``, on a real socket; port 0 is a free one (``node.addresses`` say which).

        The ports of one with several take the ports from that of ``bind`` upward. ``bound``: sockets that have them.
        """
        if bound:
            addresses = [self.sockets.listen(bind, each) for each in bound]
        else:
            count = len(engine.listening_ports) if isinstance(engine, MultiPortPlatform) else 1
            addresses = self._listen(ports_from(bind, count))
        _log.info("%s listens on %s", name, ", ".join(f"UDP {host}:{port}" for host, port in addresses))
        return self.world.add_platform(
            name, engine, operator=operator, addresses=addresses, public=public, commit=commit
        )

    def _listen(self, binds: Iterable[Address]) -> list[Address]:
        """All of them, or none."""
        addresses: list[Address] = []
        try:
            for bind in binds:
                addresses.append(self.sockets.listen(bind))  # noqa: PERF401  what is open so far is closed again
        except EdgeError:
            for address in addresses:
                self.sockets.close(address)
            raise
        return addresses

    async def route(self, text: str) -> Route:
        """A route, whose target may be a name of the real world. ``RouteError``; ``EdgeError`` for an unknown name."""
        route = Route.parse(text)
        if not is_host_address(route.target_host):
            route = replace(route, target_host=await self._real_host(route.target_host))
        if not ipaddress.ip_address(route.target_host).is_loopback and self.sockets.modules_on == LOOPBACK:
            self.sockets.modules_on = ANYWHERE  # only who routes into the world gets sockets that reach it
        return self.world.route(route)

    async def _real_host(self, name: str) -> str:
        try:
            found = await self._loop.getaddrinfo(name, None, family=socket.AF_INET, type=socket.SOCK_DGRAM)
        except OSError as error:
            raise EdgeError(EdgeRefusal.NAME_UNRESOLVED, name=name, detail=detail_of(error)) from error
        return str(found[0][4][0])

    def close(self) -> None:
        """Give the sockets and the clock back; the world could go on as a simulated one."""
        world = self.world
        world.scheduler.touch()
        world.carrier.gateway, world.carrier.jumping = None, True
        world.carrier.ask_servers = None
        self._names.close()
        world.carrier.streams.dial = world.carrier.streams.open_door = None
        world.carrier.streams.end_all(time.monotonic() + LEAVING)
        world.scheduler.clock = world.scheduler.on_sooner = world.on_settled = None
        if self._timer is not None:
            self._timer.cancel()
        self.sockets.close_all()

    # time

    def _arm(self) -> None:
        """The loop wakes us when the first entry of the scheduler is due."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        at = self.world.scheduler.next_at()
        if at is None or self.advancing:
            return
        if at <= self.world.scheduler.now:  # overdue, or of the instant at which the lab is paused
            self._timer = self._loop.call_at(self._loop.time(), self._wake)
        elif self.rate > 0:
            self._timer = self._loop.call_at(self._began + (at - self._origin) / self.rate, self._wake)

    def _rebase(self, now: Seconds) -> None:
        """From here on the lab's time is counted from this instant."""
        self._began, self._origin = self._loop.time(), now

    def _wake(self) -> None:
        """At most one instant at a time, and not for long: then the sockets get their turn."""
        began, end = self._gauge.begin(), self._loop.time() + TURN
        try:
            self.world.scheduler.step(self.now(), lambda: self._loop.time() < end)
        finally:
            self._arm()
            self._gauge.end(Work.TIMERS, began)

    def stop_advance(self) -> None:
        """End the ``advance`` that runs, if one does, at the instant it has come to."""
        self._stop = True
        self._settled.set()
        self._heard.set()

    async def advance(
        self, span: Seconds, until: Callable[[], bool] | None = None, patience: Seconds | None = None
    ) -> None:
        """Run everything that falls due within ``span``, in order, at once. Inside the lab the scheduler carries.

        Ends early when ``until``, asked after every instant, is true, and by ``stop_advance``. ``patience``: how long
        it waits, in seconds of the wall clock, for each answer from outside the lab (D133).
        """
        async with self._advance:
            scheduler, carrier = self.world.scheduler, self.world.carrier
            scheduler.touch()
            self.sockets.read_all()  # what is in them belongs to the time before the jump
            began, self._stop = scheduler.now, False
            self.reserve.begin(began, began + span)
            self.advancing = carrier.jumping = True
            try:
                await self._jump(began + span, until, self.patience if patience is None else patience)
            finally:
                self.advancing = carrier.jumping = False
                carrier.awaited.clear()
                self._rebase(scheduler.now)
                self._arm()
                self.reserve.settle(self.ahead)
            span = scheduler.now - began
            self.world.note("lab", ClockAdvanced(span))

    async def _jump(self, target: Seconds, until: Callable[[], bool] | None, patience: Seconds | None) -> None:
        scheduler, awaited = self.world.scheduler, self.world.carrier.awaited
        began, in_vain, at = self._gauge.begin(), 0, None  # the instant of which there may be more
        goes_on = self._turn()
        while not self._stop and (until is None or (at is not None and scheduler.next_at() == at) or not until()):
            if self.world.committing:  # the lab's time stands still while a platform waits for its store
                self._settled.clear()
                await self._settled.wait()
                continue
            if awaited and (patience is not None or in_vain < WAITS_IN_VAIN):
                missed = await self._peers_answer(GRACE if patience is None else patience)
                in_vain = in_vain + 1 if missed else 0
                if patience is None and in_vain == WAITS_IN_VAIN:
                    self.world.note("lab", WaitingStopped(in_vain))
                continue
            next_at = scheduler.next_at()
            self.reserve.before(target if next_at is None else min(next_at, target))
            if self.world.committing:
                continue
            at = next_at
            if not scheduler.step(target, goes_on):
                scheduler.run(target)
                return
            if not goes_on():
                self._gauge.end(Work.TIMERS, began)
                await asyncio.sleep(0)
                began, goes_on = self._gauge.begin(), self._turn()

    def _turn(self) -> Callable[[], bool]:
        """Whether the turn that begins now goes on."""
        time, end = self._loop.time, self._loop.time() + TURN
        return lambda: time() < end

    async def _peers_answer(self, patience: Seconds) -> bool:
        """Until nobody is awaited, or for so long; whether somebody was awaited in vain, which is told."""
        awaited = self.world.carrier.awaited
        debts = awaited.open()
        owed = any(debt.expected for debt in debts.values())
        try:
            async with asyncio.timeout(patience if owed else min(patience, GRACE)):
                while awaited and not self._stop:
                    self._heard.clear()
                    await self._heard.wait()
        except TimeoutError:
            unheard = awaited.give_up(debts)
            for peer in unheard:
                self.world.note("lab", PeerUnheard(peer, patience))
            return bool(unheard)
        return False

    def _ask_servers(self, servers: Sequence[Address], name: str, answered: Callable[[ServerAnswer], object]) -> None:
        def heard(answer: ServerAnswer) -> None:
            self._heard.set()
            answered(answer)

        self._names.ask(servers, name, heard)

    def _receive(self, local: Address, batch: Batch) -> None:
        began = self._gauge.begin()
        if self.advancing:
            self._heard.set()
        self.world.carrier.receive(local, batch)
        self._gauge.end(Work.DATAGRAMS, began)
