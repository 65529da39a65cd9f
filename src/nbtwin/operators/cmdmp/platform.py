"""China Mobile's CMDMP platform: LwM2M registration with the operator's names and cipher, and the inventory it reads.

Knows docs/spec/wire.md, CMDMP from the platform's side. Must not know a module, a socket or a database.

Refusals (docs/spec/wire.md, CMDMP platform): 4.00 a request that is malformed, 4.01 a ciphertext that the
appkey's password does not open, 4.03 an appkey nobody knows, 4.04 an unknown location or one of another device.
"""

from __future__ import annotations

import random
import re
from binascii import Error as Base64Error
from binascii import a2b_base64
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any, NamedTuple

from nbtwin.coap.blockwise_endpoint import BlockwiseEndpoint
from nbtwin.coap.endpoint import RFC7252_WAITS, Waits
from nbtwin.coap.numbers import Code, dotted
from nbtwin.engine import Address, Datagram, Deadline, DecodeError, Outbox, Seconds
from nbtwin.lwm2m.path import Path
from nbtwin.lwm2m.server.events import (
    ClientDeregistered,
    ClientExpired,
    ClientOperationAnswered,
    ClientOperationFailed,
    ClientRefused,
    ClientRegistered,
    ClientUpdated,
    Registration,
)
from nbtwin.lwm2m.server.requests import RegisterRequest, RequestRefused, UpdateRequest
from nbtwin.lwm2m.server.server import LwM2mServer
from nbtwin.operators import events as ev
from nbtwin.operators.cmdmp.inventory import INVENTORY, decode_inventory
from nbtwin.operators.device_management.commands import CommandAnswer, Commands, Notified
from nbtwin.operators.device_management.operations import DeviceManagement
from nbtwin.operators.device_management.values import plain_answer
from nbtwin.operators.inventory.devices import Device
from nbtwin.operators.key_store.appkeys import AppkeyStore
from nbtwin.selfreg.cmdmp import SEPARATOR, UNKNOWN

GIVE_UP: Seconds = 128
"""The longest any document lets a module try (DOC-C 2.2.3): what a lifetime is extended by (D56)."""
REMEMBERED = 65_536
"""Messages in the duplicate memory, about 0.4 KiB each: 27 MiB at the most, four seconds of the highest rate."""

_IMEI = re.compile(r"\d{14,17}|[0-9A-Fa-f]{14}")


class OpenedName(NamedTuple):
    """An endpoint name, opened: `<T>@#@<B64>@#@<appkey>@#@<IMEI>@#@v2.0` and `IMEI-IMEI2-IMSI-v2.0`."""

    imei: str  # the terminal's; where the name has none, that of the ciphertext
    imei2: str
    imsi: str
    appkey: str
    terminal_type: str
    version: str


class CmdmpPlatform(DeviceManagement, Outbox[Any]):
    """One UDP port of the operator's device-management platform."""

    def __init__(
        self,
        random: random.Random,
        keys: AppkeyStore,
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
            endpoint=BlockwiseEndpoint(random, waits=waits, remembered=remembered),
            grace=give_up,
            objects_required=False,
        )
        self.commands = Commands(self.server, self._tell, self.device_of)
        self._reads_inventory = reads_inventory
        self._admitted: OpenedName | None = None
        self._reading: dict[bytes, Address] = {}  # token -> whom: one read at a time and address (RFC 7252 4.7)
        self._waiting: dict[Address, OrderedDict[str, None]] = {}  # who reads next there

    # The engine

    def handle_datagram(self, now: Seconds, source: Address, data: bytes) -> None:
        self.server.handle_datagram(now, source, data)
        self._react(now)

    def handle_timer(self, now: Seconds) -> None:
        self.server.handle_timer(now)
        self._react(now)

    def datagrams_to_send(self) -> list[Datagram]:
        return self.server.datagrams_to_send()

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
                for path, token in device.observations.items():
                    self.commands.adopt(device.imei, Path(path), bytes.fromhex(token))
        return count

    # Who may register (lwm2m.server.Policy)

    def admit(self, now: Seconds, peer: Address, request: RegisterRequest) -> str:
        self._admitted = name = self._open(request.endpoint)
        return name.imei

    def admit_update(self, now: Seconds, peer: Address, registration: Registration, request: UpdateRequest) -> None:
        text = request.first("epi", "ep")
        if text is None:
            raise RequestRefused(Code.BAD_REQUEST, "no endpoint name (epi)")
        if self._open(text).imei != registration.client:
            raise RequestRefused(Code.NOT_FOUND, "this is the location of another device")

    def _open(self, text: str) -> OpenedName:
        """The name's parts and what its ciphertext says."""
        parts = text.split(SEPARATOR)
        if len(parts) < 3 or not parts[1]:
            raise RequestRefused(Code.BAD_REQUEST, "an endpoint name has at least three parts, the second not empty")
        letter, secret, appkey, imei, version = parts[:5] if len(parts) > 4 else (*parts, "", "")[:5]
        client = imei if _IMEI.fullmatch(imei) else ""
        key = self.keys.get(appkey)
        if key is None:
            raise RequestRefused(Code.FORBIDDEN, "unknown appkey", client)
        try:
            fields = key.decrypt(a2b_base64(secret, strict_mode=True)).split("-")
        except (Base64Error, ValueError) as error:
            if isinstance(error, DecodeError):
                raise RequestRefused(
                    Code.UNAUTHORIZED, "the ciphertext was made with another password", client
                ) from None
            raise RequestRefused(Code.BAD_REQUEST, "the ciphertext is not base64", client) from None
        if not 3 <= len(fields) <= 4:
            raise RequestRefused(
                Code.UNAUTHORIZED, f"the ciphertext holds {len(fields)} fields, not three or four", client
            )
        if not client:
            client = fields[0]
            if imei or not _IMEI.fullmatch(client):
                raise RequestRefused(Code.BAD_REQUEST, "no IMEI in the endpoint name")
        imei2, imsi = fields[1], fields[2]
        return OpenedName(
            client, "" if imei2 == UNKNOWN else imei2, "" if imsi == UNKNOWN else imsi, appkey, letter,
            version or (fields[3] if len(fields) == 4 else ""),
        )  # fmt: skip

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
            elif kind is ClientOperationAnswered:
                self._on_answer(now, event)
            elif kind is ClientOperationFailed:
                self._on_failure(now, event)
            else:
                self._on_other(now, event)

    def _tell(self, event: Any) -> None:
        self._events.append(event)

    def _gone(self, now: Seconds, client: str, why: str) -> None:
        self.commands.gone(now, client, why)

    def _on_answer(self, now: Seconds, event: ClientOperationAnswered) -> None:
        if event.token in self._reading:
            self._on_inventory(now, event)
            return
        outcome = self.commands.handle_answer(now, event)
        if isinstance(outcome, Notified | CommandAnswer) and outcome.message is not None:
            self._on_value(now, event, outcome)

    def _on_value(self, now: Seconds, event: ClientOperationAnswered, outcome: Notified | CommandAnswer) -> None:
        """What an observed path says, from the first answer on."""
        if isinstance(outcome, Notified) or outcome.command.name == "observe":
            value = plain_answer(event.path, event.message)
            self._events.append(ev.ResourceNotified(now, self.device_of(event.client), str(event.path), value))

    def _on_failure(self, now: Seconds, event: ClientOperationFailed) -> None:
        if event.token in self._reading:
            self._events.append(ev.InventoryUnread(now, self.device_of(event.client), event.why))
            self._read_next(now, event.token)
        else:
            self.commands.handle_failure(now, event)

    def _on_other(self, now: Seconds, event: Any) -> None:
        if isinstance(event, ClientDeregistered):
            self._events.append(ev.DeviceDeregistered(now, self.device_of(event.registration.client)))
            self._gone(now, event.registration.client, "de-registered")
        elif isinstance(event, ClientExpired):
            self._events.append(ev.DeviceExpired(now, self.device_of(event.registration.client)))
            self._gone(now, event.registration.client, "the registration has expired")
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
        name = self._admitted
        self.commands.anew(event.at, registration.client)
        self._events.append(
            ev.DeviceRegistered(
                event.at,
                self.device_of(registration.client),
                registration.peer,
                ev.DeviceIdentity(
                    name.imei, name.imei2, name.imsi, "", "", "", name.appkey, name.terminal_type, name.version,
                    registration.endpoint, registration.binding, registration.objects,
                ),
                f"rd/{registration.location}",
                registration.lifetime,
            )
        )  # fmt: skip
        self._read(event.at, registration.client)  # behind the answer, which is in the outbox already

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
            self._reading[self.server.read(now, client, INVENTORY)] = peer

    def _read_next(self, now: Seconds, token: bytes) -> None:
        peer = self._reading.pop(token)
        waiting = self._waiting.pop(peer)
        while waiting and peer not in self._waiting:
            client, _ = waiting.popitem(last=False)
            self._read(now, client)  # elsewhere, when its address has changed meanwhile
        if waiting:
            self._waiting[peer] = waiting

    def _on_inventory(self, now: Seconds, event: ClientOperationAnswered) -> None:
        device = self.device_of(event.client)
        registration = self.server.registrations.get(event.client)
        try:
            if registration is None:
                raise DecodeError("not registered any more")
            key = self.keys.get(registration.endpoint.split(SEPARATOR)[2])
            values = decode_inventory(event.message, key)
        except DecodeError as error:
            self._events.append(ev.InventoryUnread(now, device, str(error)))
        else:
            self._events.append(ev.InventoryRead(now, device, values))
        self._read_next(now, event.token)
