"""China Mobile's CMDMP platform: LwM2M registration with the operator's names and cipher, and the inventory it reads.

Knows wire.md's CMDMP chapter from the platform's side. Must not know a module, a socket or a database: whoever drives
it drains `events`, makes them durable, and says so with `handle_committed`; only then do the answers leave.

Refusals (wire.md gives the two codes, the choice is ours): 4.00 a request that is malformed, 4.01 a ciphertext that the
appkey's password does not open, 4.03 an appkey nobody knows, 4.04 an unknown location or one of another device.
"""

from __future__ import annotations

import random
import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

from nbtwin.coap.exchange import RFC7252_WAITS, Endpoint, Waits
from nbtwin.coap.numbers import Code, ContentFormat, dotted
from nbtwin.engine import Address, Datagram, Deadline, DecodeError, Outbox, Seconds
from nbtwin.lwm2m import codec
from nbtwin.lwm2m.path import Path
from nbtwin.lwm2m.server import LwM2mServer
from nbtwin.lwm2m.server_events import (
    ClientDeregistered,
    ClientExpired,
    ClientRefused,
    ClientRegistered,
    ClientUpdated,
    OperationAnswered,
    OperationFailed,
    Registration,
)
from nbtwin.lwm2m.server_requests import Refused, RegisterRequest, UpdateRequest
from nbtwin.operators import events as ev
from nbtwin.operators.inventory import Device
from nbtwin.operators.keys import Key, KeyRing
from nbtwin.selfreg.cmdmp import OBJECT_666, EndpointName, Identity

GIVE_UP: Seconds = 128
"""The longest any document lets a module try (DOC-C 2.2.3): what a lifetime is extended by (D56)."""
REMEMBERED = 65_536
"""Messages in the duplicate memory, about 0.4 KiB each: 27 MiB at the most, four seconds of the highest rate."""

_INVENTORY = Path("/666/0")
_OBJECTS = {666: OBJECT_666}
_IMEI = re.compile(r"\d{14,17}|[0-9A-Fa-f]{14}")


class CmdmpPlatform(Outbox):
    """One UDP port of the operator's device-management platform."""

    def __init__(
        self,
        random: random.Random,
        keys: KeyRing,
        *,
        name: str = "cmdmp",
        give_up: Seconds = GIVE_UP,
        waits: Waits = RFC7252_WAITS,
        remembered: int = REMEMBERED,
        reads_inventory: bool = True,
    ) -> None:
        super().__init__()
        self.name = name
        self.keys = keys
        self.server = LwM2mServer(
            random,
            policy=self,
            endpoint=Endpoint(random, waits=waits, remembered=remembered),
            grace=give_up,
            hold_answers=True,
            objects_required=False,
        )
        self._reads_inventory = reads_inventory
        self._admitted: tuple[EndpointName, Identity] | None = None
        self._registered: set[str] = set()  # since the last commit: to be read once they have their answer
        self._reading: dict[bytes, Address] = {}  # token -> whom: one read at a time and address (RFC 7252 4.7)
        self._waiting: dict[Address, OrderedDict[str, None]] = {}  # who reads next there
        self._committing = 0  # answers whose events have been drained

    # The engine

    def handle_datagram(self, now: Seconds, source: Address, data: bytes) -> None:
        self.server.handle_datagram(now, source, data)
        self._react(now)

    def handle_timer(self, now: Seconds) -> None:
        self.server.handle_timer(now)
        self._react(now)

    def handle_committed(self, now: Seconds) -> None:
        """Everything drained so far is durable: answer, then ask the newly registered for their inventory."""
        clients = self.server.release(now, self._committing)
        self._committing = 0
        for client in clients:
            if client in self._registered:
                self._registered.discard(client)
                self._read(now, client)
        self._react(now)

    def handle_commit_failed(self, now: Seconds) -> None:
        """What was drained is lost: 5.03, and the devices register anew."""
        self.server.refuse_held(now, self._committing)
        self._committing = 0
        self._registered.intersection_update(self.server.registrations)

    def datagrams_to_send(self) -> list[Datagram]:
        return self.server.datagrams_to_send()

    def events(self) -> list[Any]:
        self._committing = self.server.held
        return super().events()

    def next_deadline(self) -> Deadline | None:
        return self.server.next_deadline()

    def restore(self, devices: Iterable[Device]) -> int:
        """Take back the registrations that the store kept (`Store.registrations`); how many."""
        count = 0
        for device in devices:
            _, _, location = device.location.partition("/")
            if location:
                count += 1
                self.server.restore(
                    Registration(
                        device.imei, device.endpoint, location, (device.host, device.port), device.lifetime,
                        device.binding, "1.0", device.objects, device.registered_at, device.refreshed_at,
                    )
                )  # fmt: skip
        return count

    # Who may register (lwm2m.server.Policy)

    def admit(self, now: Seconds, peer: Address, request: RegisterRequest) -> str:
        name, identity = self._open(request.endpoint)
        self._admitted = name, identity
        return _imei(name, identity)

    def admit_update(self, now: Seconds, peer: Address, registration: Registration, request: UpdateRequest) -> None:
        text = request.first("epi", "ep")
        if text is None:
            raise Refused(Code.BAD_REQUEST, "no endpoint name (epi)")
        if _imei(*self._open(text)) != registration.client:
            raise Refused(Code.NOT_FOUND, "this is the location of another device")

    def _open(self, text: str) -> tuple[EndpointName, Identity]:
        """The name's parts and what its ciphertext says."""
        try:
            name = EndpointName.parse(text)
        except DecodeError as error:
            raise Refused(Code.BAD_REQUEST, str(error)) from None
        client = name.terminal_imei if _IMEI.fullmatch(name.terminal_imei) else ""
        key = self.keys.get(name.appkey)
        if key is None:
            raise Refused(Code.FORBIDDEN, "unknown appkey", client)
        try:
            secret = b64decode(name.secret, validate=True)
        except (Base64Error, ValueError):
            raise Refused(Code.BAD_REQUEST, "the ciphertext is not base64", client) from None
        try:
            return name, Identity.parse(key.decrypt(secret))
        except DecodeError:
            raise Refused(Code.UNAUTHORIZED, "the ciphertext was made with another password", client) from None

    # What the server tells

    def _react(self, now: Seconds) -> None:
        for event in self.server.events():
            kind = type(event)
            if kind is ClientRegistered:
                self._on_registered(event)
            elif kind is ClientUpdated:
                registration = event.registration
                device = self.device_of(registration.client)
                self._events.append(
                    ev.DeviceUpdated(now, device, registration.peer, registration.lifetime, event.address_changed)
                )
            elif kind is OperationAnswered and event.token in self._reading:
                self._on_inventory(now, event)
            elif kind is OperationFailed and event.token in self._reading:
                self._events.append(ev.InventoryUnread(now, self.device_of(event.client), event.why))
                self._read_next(now, event.token)
            else:
                self._on_other(now, event)

    def _on_other(self, now: Seconds, event: Any) -> None:
        if isinstance(event, ClientDeregistered):
            self._events.append(ev.DeviceDeregistered(now, self.device_of(event.registration.client)))
        elif isinstance(event, ClientExpired):
            self._events.append(ev.DeviceExpired(now, self.device_of(event.registration.client)))
        elif isinstance(event, ClientRefused):
            device = self.device_of(event.client) if event.client else ""
            self._events.append(ev.DeviceRefused(now, device, event.peer, dotted(event.code), event.why))
        else:
            self._events.append(event)

    def device_of(self, client: str) -> str:
        """The device's name in events and in the store."""
        return f"{self.name}:{client}"

    def _on_registered(self, event: ClientRegistered) -> None:
        registration = event.registration
        assert self._admitted is not None
        name, identity = self._admitted
        self._registered.add(registration.client)
        self._events.append(
            ev.DeviceRegistered(
                event.at,
                self.device_of(registration.client),
                registration.peer,
                ev.Identity(
                    registration.client, identity.imei2, identity.imsi, "", "", "", name.appkey, name.terminal_type,
                    name.version or identity.version, registration.endpoint, registration.binding, registration.objects,
                ),
                f"rd/{registration.location}",
                registration.lifetime,
            )
        )  # fmt: skip

    # The inventory

    def _read(self, now: Seconds, client: str) -> None:
        registration = self.server.registrations.get(client)
        if registration is None or not self._reads_inventory:
            return
        peer = registration.peer
        if peer in self._waiting:
            self._waiting[peer][client] = None
        else:
            self._waiting[peer] = OrderedDict()
            self._reading[self.server.read(now, client, _INVENTORY)] = peer

    def _read_next(self, now: Seconds, token: bytes) -> None:
        peer = self._reading.pop(token)
        waiting = self._waiting.pop(peer)
        while waiting and peer not in self._waiting:
            client, _ = waiting.popitem(last=False)
            self._read(now, client)  # elsewhere, when its address has changed meanwhile
        if waiting:
            self._waiting[peer] = waiting

    def _on_inventory(self, now: Seconds, event: OperationAnswered) -> None:
        device = self.device_of(event.client)
        registration = self.server.registrations.get(event.client)
        try:
            if registration is None:
                raise DecodeError("not registered any more")
            key = self.keys.get(EndpointName.parse(registration.endpoint).appkey)
            values = _values(event, key)
        except DecodeError as error:
            self._events.append(ev.InventoryUnread(now, device, str(error)))
        else:
            self._events.append(ev.InventoryRead(now, device, values))
        self._read_next(now, event.token)


def _imei(name: EndpointName, identity: Identity) -> str:
    """Whose registration it is: the terminal's IMEI, where the name has none that of the ciphertext."""
    imei = name.terminal_imei or identity.imei
    if not _IMEI.fullmatch(imei):
        raise Refused(Code.BAD_REQUEST, "no IMEI in the endpoint name")
    return imei


def _values(event: OperationAnswered, key: Key | None) -> dict[int, str]:
    """The decrypted resources of /666/0. DecodeError says what is wrong, for the history."""
    message = event.message
    if message.code != Code.CONTENT:
        raise DecodeError(f"answered {dotted(message.code)}")
    if key is None:
        raise DecodeError("its appkey is not known any more")
    content_format = message.content_format
    try:
        tree = codec.decode(
            ContentFormat.LWM2M_TLV if content_format is None else content_format, _INVENTORY, message.payload, _OBJECTS
        )
    except codec.UnsupportedFormat as error:
        raise DecodeError(str(error)) from None
    values = {}
    for number, value in tree.items() if isinstance(tree, dict) else ():
        text = value if isinstance(value, str) else ""
        try:
            values[number] = key.decrypt(b64decode(text, validate=True))
        except ValueError as error:  # base64 or cipher
            raise DecodeError(f"{number}: {error}") from None
    return values
