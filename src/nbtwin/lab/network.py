"""The lab's network: the operators' names and addresses, the user's routes, and the address translation of modules.

A module sees the addresses of the real world (117.161.2.41); behind them stand the lab's platforms, or whatever the
user routed them to. Nothing else is reachable. Knows no socket, no clock and no datagram's content.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from functools import lru_cache

import msgspec

from nbtwin.engine import Address, Datagram, Refusal
from nbtwin.lab.peers import BY_HOST, LAB_PEERS
from nbtwin.timeline.catalogue.errors import WordedError

COAP, COAPS = 5683, 5684


class Presence(msgspec.Struct, frozen=True):
    """Where the world expects an operator's platform (docs/spec/wire.md, Names and addresses)."""

    names: tuple[str, ...]
    hosts: tuple[str, ...]  # the names resolve to the first


OPERATORS: Mapping[str, Presence] = {
    "telecom": Presence(("zzhc.vnet.cn",), ("192.0.2.10",)),  # assumed, RFC 5737: the real one is the operator's affair
    "unicom": Presence((), ("114.255.193.236",)),
    # D19: the name as DOC-C prints it, and as it is observed elsewhere; DOC-A to D: server and test server
    "cmdmp": Presence(("m.fxlttsbl.com", "m.fxltsbl.com"), ("117.161.2.41", "117.161.2.7")),
    # the name's own address is assumed (RFC 5737); DOC-E 3.1 and 6.1: the addresses of the examples
    "andlink": Presence(("lwm.home.komect.com",), ("192.0.2.11", "112.13.96.205", "180.101.147.115")),
}

_FOR_ROUTED_NAMES = ipaddress.ip_network("198.18.0.0/15")  # RFC 2544: never a real host
_FOR_MODULES = ipaddress.ip_network("100.64.0.0/10")  # RFC 6598: what a carrier's NAT would use
_OUTER_PORTS = (20000, 60000)


_PEER_NAMES = {peer.name: peer.host for peer in LAB_PEERS}


class RouteRefusal(Refusal):
    MALFORMED = "route-malformed"  # value
    PORT_MISSING = "route-port-missing"  # value
    ADDRESS = "route-address"  # value


class RouteError(WordedError, ValueError):
    """A route that cannot be read."""


class Route(msgspec.Struct, frozen=True):
    """``REAL=TARGET``: what a module sends to REAL goes to TARGET. A port left out means every port, unchanged."""

    host: str
    port: int | None
    target_host: str
    target_port: int | None

    @staticmethod
    def parse(text: str) -> Route:
        real, equals, target = text.partition("=")
        if not equals:
            raise RouteError(RouteRefusal.MALFORMED, value=text)
        (host, port), (target_host, target_port) = parse_address(real), parse_address(target)
        if port is None and target_port is not None:
            raise RouteError(RouteRefusal.PORT_MISSING, value=text)
        return Route(host, port, target_host, target_port)

    def __str__(self) -> str:
        return f"{_text(self.host, self.port)}={_text(self.target_host, self.target_port)}"


def parse_address(text: str) -> tuple[str, int | None]:
    """``host``, ``host:port``, ``[v6]:port``."""
    text = text.strip()
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        colon, port = rest[:1], rest[1:]
    elif text.count(":") > 1:
        host, colon, port = text, "", ""
    else:
        host, colon, port = text.partition(":")
    if not host or (colon and not (port.isascii() and port.isdigit() and 0 < int(port) < 65536)):
        raise RouteError(RouteRefusal.ADDRESS, value=text)
    return host.lower(), int(port) if colon else None


def _text(host: str, port: int | None) -> str:
    host = f"[{host}]" if ":" in host else host
    return host if port is None else f"{host}:{port}"


@lru_cache(maxsize=1024)
def is_host_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


class Network:
    """Names, routes and translations of one lab."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._routes: dict[tuple[str, int | None], Route] = {}
        self._platforms: dict[Address, Address] = {}  # public address -> where the lab's platform listens
        self._outers: dict[tuple[str, int], Address] = {}  # (module, local port) -> how others see it
        self._owners: dict[Address, tuple[str, int]] = {}
        self._seen_as: dict[tuple[str, int, Address], Address] = {}  # real peer -> the address the module uses for it
        self._modules: dict[str, str] = {}  # module -> its host address in a simulated lab
        self._next_port = _OUTER_PORTS[0]
        for presence in OPERATORS.values():
            for name in presence.names:
                self._names[name] = presence.hosts[0]

    # names and routes

    def resolve(self, name: str) -> str | None:
        """The lab's name service: an IP address as text, or None."""
        if is_host_address(name):
            return name
        plain = name.lower().rstrip(".")
        return self._names.get(plain) or _PEER_NAMES.get(plain)

    def add_name(self, name: str, host: str) -> None:
        self._names[name.lower()] = host

    def names(self) -> dict[str, str]:
        return dict(self._names)

    def add_route(self, route: Route) -> None:
        """A routed name resolves, from now on, to an address that exists nowhere but here."""
        host = route.host
        if not is_host_address(host):
            if host in _PEER_NAMES:
                self._names.setdefault(host, _PEER_NAMES[host])
            if host not in self._names:
                self._names[host] = str(_FOR_ROUTED_NAMES[1 + len(self._names)])
            host = self._names[host]
        self._routes[host, route.port] = route

    def remove_route(self, route: Route) -> None:
        """``KeyError`` when there is no such route."""
        host = route.host if is_host_address(route.host) else self._names[route.host]
        del self._routes[host, route.port]

    def routes(self) -> list[Route]:
        return list(self._routes.values())

    def target(self, address: Address) -> Address | None:
        """Where a datagram for this address goes: the user's route, else the lab's platform, else nowhere."""
        host, port = address
        route = self._routes.get((host, port)) or self._routes.get((host, None))
        if route is not None:
            return route.target_host, route.target_port or port
        return self._platforms.get(address) or (address if host in BY_HOST else None)

    def reaches(self, host: str) -> bool:
        """Whether anything is there: a peer or a platform of the lab, or what the user has routed."""
        hosts = {route_host for route_host, _ in self._routes} | {platform_host for platform_host, _ in self._platforms}
        return host in BY_HOST or host in hosts

    def add_platform(self, listens_at: Address, public: Iterable[Address]) -> None:
        """A platform of the lab, reachable where it listens and under its public addresses: the first one has them."""
        for address in (listens_at, *public):
            self._platforms.setdefault(address, listens_at)

    def remove_platform(self, listens_at: Address) -> None:
        for address in [a for a, bound in self._platforms.items() if bound == listens_at]:
            del self._platforms[address]

    # address translation

    def outer(self, module: str, port: int) -> Address | None:
        """How others see a module's local port, if it has been used yet."""
        return self._outers.get((module, port))

    def bind(self, module: str, port: int, outer: Address) -> None:
        if (old := self._outers.get((module, port))) is not None:
            del self._owners[old]
        self._outers[module, port] = outer
        self._owners[outer] = (module, port)

    def invent_outer(self, module: str) -> Address:
        """An outer address for a simulated lab: one host for each module, a new port each time."""
        return self.host_of(module), self.next_port()

    def host_of(self, module: str) -> str:
        """Where a module is in a simulated lab."""
        return self._modules.setdefault(module, str(_FOR_MODULES[2 + len(self._modules)]))

    def next_port(self) -> int:
        low, high = _OUTER_PORTS
        self._next_port = self._next_port + 1 if self._next_port < high else low
        return self._next_port

    def forget(self, module: str) -> list[Address]:
        """Drop the translations of a module (NAT rebinding, removal); returns the outer addresses that are gone."""
        gone = [(key, outer) for key, outer in self._outers.items() if key[0] == module]
        for key, outer in gone:
            del self._outers[key], self._owners[outer]
        return [outer for _, outer in gone]

    def owner(self, outer: Address) -> tuple[str, int] | None:
        """Which module's local port stands behind an outer address."""
        return self._owners.get(outer)

    def owns_none(self, datagrams: Iterable[Datagram]) -> bool:
        """Whether no module is at the other end of any of these."""
        return not self._owners or self._owners.keys().isdisjoint([outer for outer, _ in datagrams])

    def remember(self, module: str, port: int, real: Address, seen_as: Address) -> None:
        """Answers from ``real`` come, for this module, from the address it sent to last."""
        if real != seen_as:
            self._seen_as[module, port, real] = seen_as
        elif self._seen_as:
            self._seen_as.pop((module, port, real), None)

    def seen_as(self, module: str, port: int, real: Address) -> Address:
        return self._seen_as.get((module, port, real), real)
