"""The ports of the Andlink platform, one for plain CoAP and two for DTLS (D65), and one CoAP endpoint behind all three.

Knows which way leads to a peer. A peer without DTLS is its address. Behind DTLS it is its identity: address and session
may change (NAT type 0 makes a new handshake after 30 s of silence, DOC-E 3.16), its registration and observations stay.
Must not know what the messages mean.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

from nbtwin.coap.endpoint import CoapEndpoint
from nbtwin.dtls import events as dtls
from nbtwin.dtls.events import DtlsEvent
from nbtwin.dtls.server import DtlsServer
from nbtwin.dtls.settings import ServerSettings
from nbtwin.engine import Address, Deadline, Seconds, soonest
from nbtwin.operators.key_store.psk import PskStore

REPORTED = (
    dtls.AlertReceived
    | dtls.HandshakeCompleted
    | dtls.HandshakeFailed
    | dtls.KeyLogged
    | dtls.PeerMoved
    | dtls.SessionClosed
)
"""What a platform passes on; flights can be seen in the datagrams."""
_BEHIND_DTLS = "dtls:"


class ListenerPort(IntEnum):
    """In the order of their ports."""

    PLAIN = 0
    SECURE_BOOTSTRAP = 1
    SECURE = 2


class PortPeer(NamedTuple):
    """A listener's name, and the ports under which it is known outside (``lab.interfaces.ListeningPort``)."""

    name: str
    ports: tuple[int, ...]


LISTENING_PORTS: Sequence[PortPeer] = (
    PortPeer("coap", (5683, 5783)),  # DOC-E 3.1 and 6.1
    PortPeer("coaps-bootstrap", (5684,)),  # DOC-E 6.2
    PortPeer("coaps", (5685,)),  # D65: whoever bootstraps is told
)


class Listeners:
    """Moves messages between the datagrams of three ports and one endpoint."""

    def __init__(
        self, random: random.Random, endpoint: CoapEndpoint, keys: PskStore, settings: ServerSettings | None = None
    ) -> None:
        self._endpoint = endpoint
        self._dtls = {
            ListenerPort.SECURE_BOOTSTRAP: DtlsServer(keys.key_at_bootstrap, random.randbytes, settings=settings),
            ListenerPort.SECURE: DtlsServer(keys.key_at_server, random.randbytes, settings=settings),
        }
        self._routes: dict[Address, Address] = {}  # a peer behind DTLS -> where it is now

    # who is who

    @staticmethod
    def peer_of(identity: str, listener: ListenerPort = ListenerPort.SECURE) -> Address:
        """Under which name the endpoint knows a peer behind DTLS."""
        return f"{_BEHIND_DTLS}{identity}", int(listener)

    @staticmethod
    def identity_of(peer: Address) -> str | None:
        """None for a peer without DTLS."""
        host, _ = peer
        return host.removeprefix(_BEHIND_DTLS) if host.startswith(_BEHIND_DTLS) else None

    def address_of(self, peer: Address) -> Address:
        """Where the peer is; for one that has not been heard since the start an address that means nowhere."""
        return self._routes.get(peer, ("0.0.0.0", 0)) if self.identity_of(peer) is not None else peer

    def remember(self, peer: Address, address: Address) -> None:
        """Where a peer behind DTLS was last: after a restart it has to come back by itself."""
        self._routes.setdefault(peer, address)

    @property
    def session_count(self) -> int:
        return sum(server.session_count for server in self._dtls.values())

    # the engine

    def handle_datagram(self, now: Seconds, source: Address, data: bytes, listener: int) -> list[DtlsEvent]:
        """Application data go to the endpoint; the events of the session are returned."""
        if listener == ListenerPort.PLAIN:
            self._endpoint.handle_datagram(now, source, data)
            return []
        self._dtls[ListenerPort(listener)].handle_datagram(now, source, data)
        return self._follow(now, ListenerPort(listener))

    def handle_timer(self, now: Seconds) -> list[DtlsEvent]:
        reported: list[DtlsEvent] = []
        for listener, server in self._dtls.items():
            server.handle_timer(now)
            reported += self._follow(now, listener)
        return reported

    def _follow(self, now: Seconds, listener: ListenerPort) -> list[DtlsEvent]:
        reported: list[DtlsEvent] = []
        for event in self._dtls[listener].events():
            if isinstance(event, dtls.ApplicationDataReceived):
                peer = self.peer_of(event.identity.decode(), listener)
                self._routes[peer] = event.peer
                self._endpoint.handle_datagram(now, peer, event.data)
            elif isinstance(event, REPORTED):
                reported.append(event)
        return reported

    def datagrams(self, now: Seconds) -> list[tuple[int, Address, bytes]]:
        """ListenerPort, where to, bytes. What is for a peer that has no session is lost, as on any network."""
        found: list[tuple[int, Address, bytes]] = []
        for peer, data in self._endpoint.datagrams_to_send():
            identity = self.identity_of(peer)
            if identity is None:
                found.append((int(ListenerPort.PLAIN), peer, data))
            elif (address := self._routes.get(peer)) is not None:
                server = self._dtls[ListenerPort(peer[1])]
                if server.identity_of(address) == identity.encode():  # else somebody else is there now
                    server.send(now, address, data)
        for listener, server in self._dtls.items():
            found += ((int(listener), to, data) for to, data in server.datagrams_to_send())
        return found

    def next_deadline(self) -> Deadline | None:
        return soonest(*(server.next_deadline() for server in self._dtls.values()))
