"""The services that run on a module's radio: ports, look-ups, and one drain for all of them.

Knows names and ports; knows neither which services a boot starts nor what their events mean (`service_rules`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from nbtwin.engine import Address, Deadline, Randomness, Seconds
from nbtwin.lwm2m.client.client import AndlinkClient
from nbtwin.module.dtls_channel import DtlsChannels
from nbtwin.module.events import Packet, ServiceReported
from nbtwin.selfreg.cmdmp import DmpState
from nbtwin.selfreg.cmdmp_client import CmdmpClient
from nbtwin.selfreg.machine import SelfRegistration

PORTS = {"cmdmp": 49155, "telecom": 49156, "unicom": 49157, "andlink": 49158}
"""The local UDP port of each service (RFC 6335 dynamic range; the documents name none)."""


Drained: TypeAlias = tuple[list[Packet], list[ServiceReported], list[str]]
"""Datagrams, events, and names that are to be resolved."""
ModuleService: TypeAlias = CmdmpClient | SelfRegistration | AndlinkClient
"""Each an ``engine.Service``."""


class Services:
    """The services that run now, by name. Empty until the module is attached."""

    __slots__ = ("_asked", "_by_name", "_channels", "random")

    def __init__(self, random: Randomness) -> None:
        self.random = random
        self._channels: DtlsChannels | None = None
        self._by_name: dict[str, ModuleService] = {}
        self._asked: dict[str, list[ModuleService]] | None = None  # a name that is being looked up, and who wants it

    @property
    def channels(self) -> DtlsChannels:
        """Of the module's Andlink clients, one after the other."""
        if self._channels is None:
            self._channels = DtlsChannels(self.random)
        return self._channels

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def __iter__(self) -> Iterator[ModuleService]:
        return iter(self._by_name.values())

    def get(self, name: str) -> ModuleService | None:
        """None where none of this name runs."""
        return self._by_name.get(name)

    def add(self, name: str, service: ModuleService) -> None:
        """Its name decides its UDP port (`PORTS`)."""
        self._by_name[name] = service

    def drop(self) -> None:
        """All services end at once, and look-ups with them."""
        self._by_name.clear()
        self._asked = None

    @property
    def busy(self) -> bool:
        if self._asked:
            return True
        for service in self._by_name.values():  # noqa: SIM110  asked before each sleep: no generator
            if service.busy:
                return True
        return False

    @property
    def andlink(self) -> AndlinkClient | None:
        """The Andlink client of this boot."""
        client = self._by_name.get("andlink")
        return client if isinstance(client, AndlinkClient) else None

    @property
    def cmdmp_state(self) -> DmpState:
        """<dmstate>; 0 while no client runs."""
        client = self._by_name.get("cmdmp")
        return client.state if isinstance(client, CmdmpClient) else DmpState.INITIAL_STATE

    def handle_attached(self, now: Seconds) -> None:
        for service in self:
            service.handle_attached(now)

    def handle_detached(self, now: Seconds) -> None:
        self._asked = None
        for service in self:
            service.handle_detached(now)

    def handle_sleep(self, now: Seconds) -> None:
        for service in self._by_name.values():
            service.handle_sleep(now)

    def handle_wake(self, now: Seconds) -> None:
        for service in self._by_name.values():
            service.handle_wake(now)

    def handle_packet(self, now: Seconds, port: int, source: Address, data: bytes) -> None:
        """A datagram for one of the `PORTS`; for any other it is lost."""
        for name, service in self._by_name.items():
            if PORTS[name] == port:
                service.handle_datagram(now, source, data)

    def handle_lookup(self, now: Seconds, name: str, host: str | None) -> None:
        asked = self._asked
        if asked is None:
            return
        services = asked.pop(name, ())
        if not asked:
            self._asked = None
        for service in services:
            service.handle_lookup(now, name, host)

    def handle_timer(self, now: Seconds) -> None:
        for service in self._by_name.values():
            service.handle_timer(now)

    def next_deadline(self) -> Deadline | None:
        best: Deadline | None = None
        for service in self._by_name.values():
            deadline = service.next_deadline()
            if deadline is not None and (best is None or deadline.at < best.at):
                best = deadline
        return best

    def wake_deadline(self) -> Deadline | None:
        """The first deadline that takes a module out of deep sleep."""
        best: Deadline | None = None
        for service in self._by_name.values():
            if service.wakes_module:
                deadline = service.next_deadline()
                if deadline is not None and (best is None or deadline.at < best.at):
                    best = deadline
        return best

    def drain(self) -> Drained | None:
        """Take what the services have ready, in the order in which they were started; None: nothing, the usual case."""
        drained: Drained | None = None
        for name, service in self._by_name.items():
            if service.has_news:
                if drained is None:
                    drained = [], [], []
                self._take(name, service, *drained)
        return drained

    def _take(
        self, name: str, service: ModuleService, packets: list[Packet], events: list[ServiceReported], names: list[str]
    ) -> None:
        if leaving := service.datagrams_to_send():
            port = PORTS[name]
            packets += [Packet(port, peer, data) for peer, data in leaving]
        if name == "andlink":  # its channels first: what they did is what it acts upon
            events += [ServiceReported(name, event) for event in self.channels.events()]
        if happened := service.events():
            events += [ServiceReported(name, event) for event in happened]
        if wanted := service.lookups():
            asked = self._asked
            if asked is None:
                asked = self._asked = {}
            for host in wanted:
                if host not in asked:
                    names.append(host)
                    asked[host] = []
                asked[host].append(service)
