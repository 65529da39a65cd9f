"""What carries CoAP messages to one server: UDP as it is, or a secure channel that somebody else brings.

Knows names, addresses and when a channel is ready; knows no record, no cipher and no CoAP message.
"""

# Theory: between CoAP and the network
# ------------------------------------
#
#     AndlinkClient, PackageDownload        connect(purpose, target)  ->  Connected(purpose, peer) | NotConnected(...)
#            |
#     CoapEndpoint                          messages to and from a peer, an address
#            |
#     Connections                           which peer has a channel? look-ups, channels, datagrams
#            |                   |
#     (no channel)          Channel         DTLS, brought by ``make_channel``; records, retransmission, keys
#            |                   |
#     datagrams to and from addresses
#
# The CoAP endpoint knows addresses and nothing of security: a request to a peer with a channel is the same request.
# This class stands between the endpoint and the network and asks of each datagram only *which peer*. LwM2M therefore
# imports no DTLS (the floors forbid it), and the tests of the client run without any.
#
# A *purpose* is who wants to connect: bootstrap, LwM2M server, package. It is no address: two purposes may come to the
# same server and then share its channel, and one purpose may start again, which takes the place of what it had under
# way.
#
#     plain       address (looked up) -> Connected at once
#     secure      address -> channel, DONE already? -> Connected
#                                    -> else handshake: IN_PROGRESS -> Connected when DONE, NotConnected when FAILED
#     failures    name unknown; no key; handshake failed. Each is a code, because what follows differs: for a package
#                 the first is an invalid URI and the others are a lost connection
#
# *After the handshake* a channel looks after itself. It may begin a new one when something is to be sent (NAT type 0:
# after 30 s without a record of the server, DOC-E 3.16; after AT+QLARESETDTLS), and what is to be sent waits in it
# meanwhile. What there is no room for is lost, as on any network, and CoAP repeats it. A handshake that fails then
# fails silently towards CoAP: its requests end unanswered, after their own time.
#
# *Order.* ``flush`` hands the endpoint's messages to the channels first and takes the records afterwards, so that a
# message and the handshake it causes leave in one drain. Datagrams from an address with a channel go to the channel,
# whatever they are: CoAP in the clear from a peer that was secured is a record that DTLS drops.
#
# *What DTLS has to tell* (flights, keys, failures) is drained where DTLS is known (`module.dtls_channel`), beside the
# client's events; here only the state of the newest channel counts, for AT+QLADTLSSTAT.

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple, Protocol, TypeAlias

from nbtwin.coap.endpoint import CoapEndpoint
from nbtwin.engine import Address, Datagram, Deadline, Refusal, Seconds, soonest
from nbtwin.lwm2m.addresses import is_address


class ChannelState(IntEnum):
    """<type> of AT+QLADTLSSTAT? (DOC-E 3.12)."""

    DONE = 0
    NOT_STARTED = 1
    IN_PROGRESS = 2
    FAILED = 3


class Channel(Protocol):
    """DTLS towards one peer, sans I/O. It does a new handshake by itself where sending needs one."""

    @property
    def state(self) -> ChannelState: ...

    def open(self, now: Seconds) -> None:
        """Begin the handshake; ``state`` says what became of it."""
        ...

    def send(self, now: Seconds, data: bytes) -> None:
        """One CoAP message; it waits for a handshake where one is needed."""
        ...

    def handle_datagram(self, now: Seconds, data: bytes) -> list[bytes]:
        """The messages that came out of it."""
        ...

    def began(self) -> bool:
        """Whether a session has begun since this was asked last; one that was resumed is the same (D148)."""
        ...

    def handle_timer(self, now: Seconds) -> None: ...

    def next_deadline(self) -> Deadline | None: ...

    def datagrams_to_send(self) -> list[bytes]: ...

    def reset(self, now: Seconds) -> None:
        """Back to the start, as AT+QLARESETDTLS wants it (DOC-E 3.11)."""
        ...


class Psk(NamedTuple):
    """Identity and key of a pre-shared key (RFC 4279), as bytes."""

    identity: bytes
    key: bytes


@dataclass(frozen=True, slots=True)
class Target:
    """A server to reach: host as the configuration gives it, and how to secure the way to it."""

    host: str
    port: int
    secure: bool = False
    psk: Psk | None = None
    silence: Seconds | None = None  # after so long a new handshake (NAT type 0: 30 s)


MakeChannel: TypeAlias = Callable[[Address, Psk, "Seconds | None"], Channel]


@dataclass(frozen=True, slots=True)
class Connected:
    """Messages may go to ``peer``."""

    purpose: Hashable
    peer: Address


class ChannelRefusal(Refusal):
    """Why there is no way to a server."""

    NAME_UNKNOWN = "channel-name-unknown"
    NO_KEY = "channel-no-key"
    HANDSHAKE_FAILED = "channel-handshake-failed"


@dataclass(frozen=True, slots=True)
class NotConnected:
    """There is no way; nothing is tried again."""

    purpose: Hashable
    refusal: ChannelRefusal
    server: str
    """Its host as the configuration gives it."""


class Connections:
    """The way from one CoAP endpoint to its servers: look-up, channel, datagrams."""

    def __init__(self, endpoint: CoapEndpoint, make_channel: MakeChannel | None) -> None:
        self._endpoint = endpoint
        self._make_channel = make_channel
        self._channels: dict[Address, Channel] = {}
        self._resolving: dict[Hashable, Target] = {}
        self._opening: dict[Hashable, tuple[Address, str]] = {}
        self._outcomes: list[Connected | NotConnected] = []
        self._lookups: list[str] = []

    @property
    def busy(self) -> bool:
        return bool(self._resolving or self._opening)

    def connect(self, now: Seconds, purpose: Hashable, target: Target) -> None:
        """An outcome for this purpose follows; a new attempt takes the place of an old one."""
        self.abandon(purpose)
        if is_address(target.host):
            self._open(now, purpose, (target.host, target.port), target)
        else:
            self._resolving[purpose] = target
            self._lookups.append(target.host)

    def abandon(self, purpose: Hashable) -> None:
        """No outcome for this purpose any more; the channel stays."""
        self._resolving.pop(purpose, None)
        self._opening.pop(purpose, None)

    def lost(self) -> list[Hashable]:
        """Coverage is gone: look-ups get no answer. Whose those were."""
        purposes = list(self._resolving)
        self._resolving.clear()
        self._lookups.clear()
        return purposes

    def handle_lookup(self, now: Seconds, name: str, host: str | None) -> None:
        for purpose, target in list(self._resolving.items()):
            if target.host == name:
                del self._resolving[purpose]
                if host is None:
                    self._outcomes.append(NotConnected(purpose, ChannelRefusal.NAME_UNKNOWN, name))
                else:
                    self._open(now, purpose, (host, target.port), target)

    def _open(self, now: Seconds, purpose: Hashable, peer: Address, target: Target) -> None:
        if not target.secure:
            self._channels.pop(peer, None)
            self._outcomes.append(Connected(purpose, peer))
        elif self._make_channel is None or target.psk is None:
            self._outcomes.append(NotConnected(purpose, ChannelRefusal.NO_KEY, target.host))
        else:
            channel = self._channels.get(peer)
            if channel is None or channel.state is not ChannelState.DONE:
                channel = self._channels[peer] = self._make_channel(peer, target.psk, target.silence)
                channel.open(now)
            self._opening[purpose] = (peer, target.host)
            self._settle()

    @property
    def state(self) -> ChannelState:
        """Of the channel opened last; D41 without any."""
        return next((channel.state for channel in reversed(self._channels.values())), ChannelState.NOT_STARTED)

    def reset(self, now: Seconds) -> None:
        """DOC-E 3.11: only what is done goes back to the start."""
        for channel in self._channels.values():
            if channel.state is ChannelState.DONE:
                channel.reset(now)

    def unanswered(self, now: Seconds, peer: Address) -> None:
        """Nobody answers in this session: the peer may have been started anew and know it no more (D168).

        What is sent next begins another.
        """
        channel = self._channels.get(peer)
        if channel is not None and channel.state is ChannelState.DONE:
            channel.reset(now)

    def outcomes(self) -> list[Connected | NotConnected]:
        """Take what became of `connect`, oldest first."""
        outcomes, self._outcomes = self._outcomes, []
        return outcomes

    def handle_datagram(self, now: Seconds, source: Address, data: bytes) -> None:
        channel = self._channels.get(source)
        if channel is None:
            self._endpoint.handle_datagram(now, source, data)
            return
        messages = channel.handle_datagram(now, data)
        if channel.began():
            self._endpoint.begin_session(source)
        for message in messages:
            self._endpoint.handle_datagram(now, source, message)
        self._settle()

    def handle_timer(self, now: Seconds) -> None:
        for channel in self._channels.values():
            channel.handle_timer(now)
        self._settle()

    def _settle(self) -> None:
        for purpose, (peer, server) in list(self._opening.items()):
            state = self._channels[peer].state
            if state is ChannelState.DONE:
                self._outcomes.append(Connected(purpose, peer))
            elif state is not ChannelState.IN_PROGRESS:
                self._outcomes.append(NotConnected(purpose, ChannelRefusal.HANDSHAKE_FAILED, server))
            else:
                continue
            del self._opening[purpose]

    def flush(self, now: Seconds) -> list[Datagram]:
        """What the endpoint and the channels want sent."""
        datagrams: list[Datagram] = []
        for peer, data in self._endpoint.datagrams_to_send():
            channel = self._channels.get(peer)
            if channel is None:
                datagrams.append((peer, data))
            else:
                channel.send(now, data)
        for peer, channel in self._channels.items():
            datagrams += ((peer, data) for data in channel.datagrams_to_send())
        return datagrams

    def next_deadline(self) -> Deadline | None:
        return soonest(*(channel.next_deadline() for channel in self._channels.values()))

    def lookups(self) -> list[str]:
        lookups, self._lookups = self._lookups, []
        return lookups
