"""The ports of the Andlink platform, one for plain CoAP and two for DTLS (D65), and one CoAP endpoint behind all three.

Knows which way leads to a peer. A peer without DTLS is its address. Behind DTLS it is its session (RFC 7252 9.1), named
by port, identity and the number that `DtlsServer` gives: what was said in one session is answered in that session, also
when its peer has moved, and nowhere else. What outlives a session, a registration and its observations, is the
identity's: which session they are in is the platform's affair (D146). Must not know what the messages mean.
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
_IDENTITY = len("dtls:1:")


class ListenerPort(IntEnum):
    """In the order of their ports."""

    PLAIN = 0
    SECURE_BOOTSTRAP = 1
    SECURE = 2


class PortPeer(NamedTuple):
    """A listener's name, and the ports under which it is known outside (``lab.interfaces.ListeningPort``)."""

    name: str
    ports: tuple[int, ...]


class EndedPeer(NamedTuple):
    """A session in which something was said, where its peer was, and whether another took its place there."""

    peer: Address
    address: Address
    replaced: bool


_PLAIN = int(ListenerPort.PLAIN)
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
        self._peers: dict[ListenerPort, dict[int, Address]] = {listener: {} for listener in self._dtls}  # by session
        self._last: dict[Address, Address] = {}  # where a peer was whose session this platform has never had
        self.ended: list[EndedPeer] = []
        """The peers whose session has ended, until `forget_ended`."""

    # who is who

    @staticmethod
    def peer_of(identity: str, listener: ListenerPort = ListenerPort.SECURE, session: int = 0) -> Address:
        """Under which name the endpoint knows a session; 0 is one before the platform's start."""
        return f"{_BEHIND_DTLS}{listener:d}:{identity}", session

    @staticmethod
    def identity_of(peer: Address) -> str | None:
        """None for a peer without DTLS."""
        host = peer[0]
        return host[_IDENTITY:] if host.startswith(_BEHIND_DTLS) else None

    @staticmethod
    def is_later(peer: Address, other: Address) -> bool:
        """Whether both are sessions of one identity at one port, and this is the one that began later."""
        return peer[0] == other[0] and peer[1] > other[1] and peer[0].startswith(_BEHIND_DTLS)

    @staticmethod
    def _listener_of(peer: Address) -> ListenerPort:
        return ListenerPort(int(peer[0][len(_BEHIND_DTLS)]))

    def address_of(self, peer: Address) -> Address:
        """Where the peer is or was; for one that has not been heard since the start an address that means nowhere."""
        if not peer[0].startswith(_BEHIND_DTLS):
            return peer
        here = self._dtls[self._listener_of(peer)].address_of(peer[1])
        if here is None:
            here = next((ended.address for ended in self.ended if ended.peer == peer), None)
        return here or self._last.get(peer, ("0.0.0.0", 0))

    def lives(self, peer: Address) -> bool:
        """Whether something that is sent to the peer can arrive: behind DTLS, whether its session lives."""
        return self.identity_of(peer) is None or self._dtls[self._listener_of(peer)].address_of(peer[1]) is not None

    def remember(self, peer: Address, address: Address) -> None:
        """Where a peer behind DTLS was before a restart: it has to come back by itself."""
        self._last[peer] = address

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
        peers = self._peers[listener]
        for event in self._dtls[listener].events():
            if isinstance(event, dtls.ApplicationDataReceived):
                peer = peers.get(event.session)
                if peer is None:
                    peer = peers[event.session] = self.peer_of(event.identity.decode(), listener, event.session)
                self._endpoint.handle_datagram(now, peer, event.data)
            elif isinstance(event, dtls.SessionEnded):
                peer = peers.pop(event.session, None)
                if peer is not None:  # else nothing was said in it
                    self.ended.append(EndedPeer(peer, event.peer, event.replaced))
            elif isinstance(event, REPORTED):
                reported.append(event)
        return reported

    def forget_ended(self) -> None:
        self.ended = []

    def datagrams(self, now: Seconds) -> list[tuple[int, Address, bytes]]:
        """ListenerPort, where to, bytes. What is for a peer that has no session is lost, as on any network."""
        found: list[tuple[int, Address, bytes]] = []
        for peer, data in self._endpoint.datagrams_to_send():
            if not peer[0].startswith(_BEHIND_DTLS):
                found.append((_PLAIN, peer, data))
            else:
                self._dtls[self._listener_of(peer)].send_in(now, peer[1], data)
        for listener, server in self._dtls.items():
            found += ((int(listener), to, data) for to, data in server.datagrams_to_send())
        return found

    def next_deadline(self) -> Deadline | None:
        return soonest(*[server.next_deadline() for server in self._dtls.values()])
