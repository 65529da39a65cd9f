"""What the LwM2M server may ask of a registered client: who answers which request, and what follows from it.

Knows objects, observations and the host's part; knows no registration state.
"""

from __future__ import annotations

from typing import TypeAlias

from nbtwin.coap.endpoint import CoapEndpoint
from nbtwin.coap.events import RequestReceived, Response
from nbtwin.coap.message import Message
from nbtwin.coap.numbers import Code
from nbtwin.coap.observe import REGISTER
from nbtwin.engine import Address, DecodeError, Seconds
from nbtwin.lwm2m.client.application_data import Downlink
from nbtwin.lwm2m.client.events import (
    DataObserved,
    FirmwareObserved,
    ReadRequested,
    RebootRequested,
    WriteRequested,
)
from nbtwin.lwm2m.client.objects import DATA, FIRMWARE_STATE, ClientObjects
from nbtwin.lwm2m.client.observations import Observations, is_write_attributes
from nbtwin.lwm2m.object_store import WELL_KNOWN
from nbtwin.lwm2m.path import Path

MOST_PENDING = 8
SECURITY = (0,)


RequestEvent: TypeAlias = ReadRequested | WriteRequested | DataObserved | FirmwareObserved | RebootRequested


class PendingRequests:
    """Requests of a server that has registered us already: its 2.01 is late, or lost and will come once more."""

    def __init__(self, endpoint: CoapEndpoint) -> None:
        self._endpoint = endpoint
        self._kept: list[RequestReceived] = []

    def keep(self, received: RequestReceived) -> bool:
        """False where there is no room."""
        room = len(self._kept) < MOST_PENDING
        if room:
            self._kept.append(received)
        return room

    def take(self) -> list[RequestReceived]:
        """Those that were kept, oldest first; none is kept any more."""
        kept, self._kept = self._kept, []
        return kept

    def reject(self, now: Seconds) -> None:
        """It has not registered us after all."""
        for received in self.take():
            self._endpoint.respond(now, received, Response(Code.UNAUTHORIZED))


class Requests:
    """The registered server's requests, each answered at once or put to the host."""

    def __init__(
        self, endpoint: CoapEndpoint, objects: ClientObjects, observations: Observations, downlink: Downlink
    ) -> None:
        self._endpoint = endpoint
        self._objects = objects
        self._observations = observations
        self._downlink = downlink

    def handle(self, now: Seconds, received: RequestReceived) -> list[RequestEvent]:
        """Answer, or ask the host; the events that follow from it come after the answer."""
        message = received.message
        if message.path == WELL_KNOWN:
            self._endpoint.respond(now, received, self._objects.store.handle(now, message))
            return []
        try:
            path = Path.from_segments(message.path)
        except DecodeError:
            self._endpoint.respond(now, received, Response(Code.NOT_FOUND))
            return []
        if self._objects.is_for_the_host(message, path):
            if message.code == Code.PUT:
                self._objects.data[path[1]] = message.payload
            asked = self._downlink.take(now, received, path)
            return [] if asked is None else [asked]
        self._endpoint.respond(now, received, self._response(now, received.peer, message, path))
        if message.code in (Code.PUT, Code.POST):
            self._observations.changed(now, path)  # whatever it has written there
        return self._consequences(message, path)

    def _response(self, now: Seconds, peer: Address, message: Message, path: Path) -> Response:
        if is_write_attributes(message) and self._objects.exists(path):
            try:
                self._observations.write_attributes(now, path, message.query)
            except DecodeError:
                return Response(Code.BAD_REQUEST)
            return Response(Code.CHANGED)
        if path[:1] == SECURITY:
            return Response(Code.UNAUTHORIZED)  # it is the bootstrap server's alone (LwM2M 1.0 TS, E.1)
        response = self._objects.store.handle(now, message)
        if message.observe is None:
            return response
        return self._observations.observe(now, peer, message, path, response)

    def _consequences(self, message: Message, path: Path) -> list[RequestEvent]:
        if message.observe == REGISTER and self._observations.of(path) is not None:
            if path == DATA:
                return [DataObserved()]
            return [FirmwareObserved()] if path == FIRMWARE_STATE else []
        if self._objects.reboot_wanted:
            self._objects.reboot_wanted = False
            return [RebootRequested()]
        return []
