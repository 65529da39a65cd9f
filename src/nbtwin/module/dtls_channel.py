"""DTLS as the Andlink client wants its channels: the adapter between nbtwin.dtls and nbtwin.lwm2m.client.channel.

It stands above both floors, because lwm2m knows no DTLS. Knows no server list and no AT command.
"""

from __future__ import annotations

import random
from typing import Any

from nbtwin.dtls.client import DtlsClient, Status
from nbtwin.dtls.events import ApplicationDataReceived
from nbtwin.dtls.settings import Settings
from nbtwin.engine import Address, Deadline, Seconds
from nbtwin.lwm2m.client.channel import ChannelState, MakeChannel, Psk

STATES = {
    Status.IDLE: ChannelState.NOT_STARTED,
    Status.HANDSHAKING: ChannelState.IN_PROGRESS,
    Status.ESTABLISHED: ChannelState.DONE,
    Status.FAILED: ChannelState.FAILED,
}


class DtlsChannel:
    """One DTLS client towards one server."""

    def __init__(
        self, peer: Address, psk: Psk, silence: Seconds | None, random: random.Random, settings: Settings | None = None
    ) -> None:
        self._peer = peer
        self._client = DtlsClient(peer, psk.identity, psk.key, random.randbytes, settings=settings, silence=silence)
        self._events: list[Any] = []

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

    def handle_timer(self, now: Seconds) -> None:
        self._client.handle_timer(now)

    def next_deadline(self) -> Deadline | None:
        return self._client.next_deadline()

    def datagrams_to_send(self) -> list[bytes]:
        return [data for _, data in self._client.datagrams_to_send()]

    def events(self) -> list[Any]:
        self._take()
        events, self._events = self._events, []
        return events

    def reset(self, now: Seconds) -> None:
        self._client.reset()

    def _take(self) -> list[bytes]:
        messages: list[bytes] = []
        for event in self._client.events():
            if isinstance(event, ApplicationDataReceived):
                messages.append(event.data)
            else:
                self._events.append(event)
        return messages


def channels(random: random.Random) -> MakeChannel:
    """What makes a module's channels. Its keys are told, so that a trace can be decrypted: this is a laboratory."""
    settings = Settings(key_log=True)
    return lambda peer, psk, silence: DtlsChannel(peer, psk, silence, random, settings)
