"""DTLS as the Andlink client wants its channels: the adapter between nbtwin.dtls and nbtwin.lwm2m.client.channel.

It stands above both floors, because lwm2m knows no DTLS. Knows no server list and no AT command.
"""

from __future__ import annotations

from nbtwin.dtls.client import DtlsClient, Status
from nbtwin.dtls.events import ApplicationDataReceived, DtlsEvent, HandshakeCompleted
from nbtwin.dtls.settings import Settings
from nbtwin.engine import Address, Deadline, Randomness, Seconds
from nbtwin.lwm2m.client.channel import ChannelState, Psk

STATES = {
    Status.IDLE: ChannelState.NOT_STARTED,
    Status.HANDSHAKING: ChannelState.IN_PROGRESS,
    Status.ESTABLISHED: ChannelState.DONE,
    Status.FAILED: ChannelState.FAILED,
}


_SETTINGS = Settings(key_log=True)


class DtlsChannel:
    """One DTLS client towards one server. ``events`` is where its events go, of all channels in their order."""

    def __init__(
        self,
        peer: Address,
        psk: Psk,
        silence: Seconds | None,
        random: Randomness,
        settings: Settings | None = None,
        events: list[DtlsEvent] | None = None,
    ) -> None:
        self._peer = peer
        self._client = DtlsClient(peer, psk.identity, psk.key, random.randbytes, settings=settings, silence=silence)
        self._events: list[DtlsEvent] = [] if events is None else events
        self._began = False

    @property
    def state(self) -> ChannelState:
        return STATES[self._client.status]

    def open(self, now: Seconds) -> None:
        self._client.handshake(now)

    def send(self, now: Seconds, data: bytes) -> None:
        """What there is no room for is lost, as on any network: CoAP repeats it."""
        self._client.send(now, self._peer, data)

    def handle_datagram(self, now: Seconds, data: bytes) -> list[bytes]:
        self._client.handle_datagram(now, self._peer, data)
        return self._take()

    def began(self) -> bool:
        began, self._began = self._began, False
        return began

    def handle_timer(self, now: Seconds) -> None:
        self._client.handle_timer(now)
        self._take()

    def next_deadline(self) -> Deadline | None:
        return self._client.next_deadline()

    def datagrams_to_send(self) -> list[bytes]:
        self._take()
        return [data for _, data in self._client.datagrams_to_send()]

    def reset(self, now: Seconds) -> None:
        self._client.reset()

    def _take(self) -> list[bytes]:
        messages: list[bytes] = []
        for event in self._client.events():
            if isinstance(event, ApplicationDataReceived):
                messages.append(event.data)
            else:
                self._began = self._began or (isinstance(event, HandshakeCompleted) and not event.resumed)
                self._events.append(event)
        return messages


class DtlsChannels:
    """All channels of one module (`lwm2m.client.channel.MakeChannel`).

    lwm2m knows no DTLS: what happens in the channels is drained here, beside the client. Keys are among it, so that a
    trace can be decrypted: this is a laboratory.
    """

    __slots__ = ("_events", "_random")

    def __init__(self, random: Randomness) -> None:
        self._random = random
        self._events: list[DtlsEvent] = []

    def __call__(self, peer: Address, psk: Psk, silence: Seconds | None) -> DtlsChannel:
        return DtlsChannel(peer, psk, silence, self._random, _SETTINGS, self._events)

    def events(self) -> list[DtlsEvent]:
        events = self._events[:]
        self._events.clear()  # each channel has the list
        return events
