"""China Mobile's CMDMP platform: LwM2M registration with the operator's names and cipher, and the inventory it reads.

Knows docs/spec/wire.md, CMDMP from the platform's side. Must not know a module, a socket or a database.

Refusals (docs/spec/wire.md, CMDMP platform): 4.00 a request that is malformed, 4.01 a ciphertext that the
appkey's password does not open, 4.03 an appkey nobody knows or a name that is taken, 4.04 an unknown location or one of
another device.
"""

from __future__ import annotations

import random
import re
from binascii import Error as Base64Error
from binascii import a2b_base64
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, TypeAlias

from nbtwin.coap.blockwise_endpoint import BlockwiseEndpoint
from nbtwin.coap.bounded import make_room
from nbtwin.coap.endpoint import RFC7252_WAITS, Waits
from nbtwin.coap.events import CoapEvent
from nbtwin.coap.message import Message
from nbtwin.coap.numbers import Code, dotted
from nbtwin.engine import Address, Datagram, Deadline, Outbox, Seconds, soonest
from nbtwin.lwm2m.objects.registry import ObjectRegistry
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
    RequestForwarded,
    ServerEvent,
)
from nbtwin.lwm2m.server.refusals import Lwm2mServerRefusal, RequestRefused
from nbtwin.lwm2m.server.requests import UpdateRequest
from nbtwin.lwm2m.server.server import LwM2mServer
from nbtwin.lwm2m.versions import V1_0
from nbtwin.operators import events as ev
from nbtwin.operators import remarks
from nbtwin.operators.cmdmp.inventory import INVENTORY, Inventories, InventoryError, decrypted
from nbtwin.operators.device_management.composites import NodeReading
from nbtwin.operators.device_management.management import NOTIFY, Answer, DeviceManagement
from nbtwin.operators.device_management.values import plain
from nbtwin.operators.device_management.verbs import VERBS, Target, Verb
from nbtwin.operators.inventory.devices import Device
from nbtwin.operators.key_store.appkeys import Appkey, AppkeyStore, CiphertextError
from nbtwin.operators.refusals import PlatformRefusal
from nbtwin.operators.remarks import Remark
from nbtwin.operators.sim_bindings import SimBindings
from nbtwin.selfreg.cmdmp import SEPARATOR, UNKNOWN, VERSION
from nbtwin.selfreg.schedule import Operator

GIVE_UP: Seconds = 128
"""The longest any document lets a module try (DOC-C 2.2.3): what a lifetime is extended by (D56)."""
NAMES = 1_000_000
"""Names that are kept to be compared; the oldest half goes when they are full."""
REMEMBERED = 65_536
"""Messages in the duplicate memory, about 0.4 KiB each: 27 MiB at the most, four seconds of the highest rate."""

_IMEI = re.compile(r"\d{14,17}|[0-9A-Fa-f]{14}")


CmdmpPlatformEvent: TypeAlias = ev.ManagementEvent | CoapEvent


@dataclass(slots=True, eq=False)
class OpenedName:
    """An endpoint name, opened: `<T>@#@<B64>@#@<appkey>@#@<IMEI>@#@v2.0` and `IMEI-IMEI2-IMSI-v2.0`."""

    imei: str  # the terminal's; where the name has none, that of the ciphertext
    module_imei: str  # that of the ciphertext
    imei2: str
    imsi: str
    appkey: str
    terminal_type: str
    version: str
    text: str
    key: Appkey  # with which it was opened: under another one the text may say nothing, or something else
    remarks: tuple[Remark, ...] | None = None  # once it was looked for them
    updates_with: bytes = b""  # the digest of the name in its last update, which was opened with the same key

    def contradicts(self, known: OpenedName) -> bool:
        """Another customer's, another module's or another USIM's name. An empty field says nothing."""
        if self.appkey != known.appkey:
            return True
        module, imsi = self.module_imei, self.imsi
        if module and known.module_imei and module != known.module_imei:
            return True
        return bool(imsi and known.imsi and imsi != known.imsi)

    def found(self) -> tuple[Remark, ...]:
        """What there is to remark."""
        if self.remarks is None:
            self.remarks = (
                *remarks.of_version(self.version, VERSION), *remarks.of_imei(self.imei),
                *remarks.of_imsi(self.imsi, Operator.MOBILE),
            )  # fmt: skip
        return self.remarks


class CmdmpPlatform(Outbox[CmdmpPlatformEvent]):
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
        definitions: ObjectRegistry | None = None,
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
        self.devices = DeviceManagement(name, self.server, self, definitions)
        self._reads_inventory = reads_inventory
        self._admitted: OpenedName | None = None
        self._names: dict[str, OpenedName] = {}  # by client: with which name it registered last
        self._bindings = SimBindings()
        self.strict = False
        """What it has a remark about is refused (D138)."""
        self._refused: tuple[Remark, ...] = ()  # what a strict one had to say of the registration that it refused last
        self._inventories = Inventories()

    # The engine

    def handle_datagram(self, now: Seconds, source: Address, data: bytes) -> None:
        self.server.handle_datagram(now, source, data)
        self.react(now)

    def handle_timer(self, now: Seconds) -> None:
        self.server.handle_timer(now)
        self.react(now)
        self.devices.handle_timer(now)

    def datagrams_to_send(self) -> list[Datagram]:
        return self.server.datagrams_to_send()

    def next_deadline(self) -> Deadline | None:
        return soonest(self.server.next_deadline(), self.devices.next_deadline())

    def restore(self, devices: Iterable[Device]) -> int:
        """Take back the registrations that the store kept (`Store.registrations`); how many."""
        return self._bindings.restore(self._restored(devices))

    def _restored(self, devices: Iterable[Device]) -> Iterator[Device]:
        for device in devices:
            _, _, location = device.location.partition("/")
            if location:
                self.server.restore(
                    Registration(
                        device.imei, device.endpoint, location, (device.host, device.port), device.lifetime,
                        device.binding, device.lwm2m_version or V1_0, device.objects, device.registered_at,
                        device.refreshed_at, device.sms,
                    )
                )  # fmt: skip
                self.devices.restore(device.imei, device.observations)
                yield device

    # Who may register (lwm2m.server.Policy)

    def admit(self, now: Seconds, registration: Registration) -> str:
        """A second customer's or module's name under an IMEI that is taken is refused; one alone is flagged (D135)."""
        name = self._open(registration.endpoint)
        before = self.server.registrations.get(name.imei)
        known = None if before is None else self._name_of(before)
        if (
            known is not None
            and known is not name
            and name.appkey != known.appkey
            and name.module_imei != known.module_imei
        ):
            raise RequestRefused(
                Code.FORBIDDEN, PlatformRefusal.NAME_OF_ANOTHER, "this is the name of another device", name.imei
            )
        if self.strict and (found := name.found()):
            self._refused = found
            said = ", ".join(remark.code for remark in found)
            raise RequestRefused(Code.BAD_REQUEST, PlatformRefusal.STRICT, said, name.imei)
        self._admitted = name
        return name.imei

    def admit_update(self, now: Seconds, peer: Address, registration: Registration, request: UpdateRequest) -> None:
        text = request.first("epi", "ep")
        if text is None:
            raise RequestRefused(Code.BAD_REQUEST, PlatformRefusal.UPDATE_NAME_MISSING, "no endpoint name (epi)")
        known, digest = self._names.get(registration.client), _digest(text)
        if known is not None and known.updates_with == digest and self.keys.get(known.appkey) is known.key:
            return  # an update says every day what it said the day before
        name, known = self._open(text), self._name_of(registration)
        if name.imei != registration.client or (known is not None and name.contradicts(known)):  # D135
            raise RequestRefused(
                Code.NOT_FOUND, PlatformRefusal.LOCATION_OF_ANOTHER, "this is the location of another device"
            )
        if known is not None and known.key is name.key:
            known.updates_with = digest

    def admit_deregistration(
        self, now: Seconds, peer: Address, registration: Registration, request: UpdateRequest
    ) -> None:
        """By its name, as an update; without one only from where it is registered (D125)."""
        if peer != registration.peer or request.first("epi", "ep") is not None:
            self.admit_update(now, peer, registration, request)

    def _name_of(self, registration: Registration) -> OpenedName | None:
        """With which name it registered; None where its password has changed since a restart, and nobody can tell."""
        known = self._names.get(registration.client)
        if known is None:
            try:
                self._remember(self._open(registration.endpoint))
            except RequestRefused:
                return None
            known = self._names.get(registration.client)
        return known

    def _remember(self, name: OpenedName) -> None:
        if name.imei not in self._names:
            make_room(self._names, NAMES)
        self._names[name.imei] = name

    def _flags(self, now: Seconds, name: OpenedName) -> tuple[ev.DeviceFlag, ...]:
        """What this registration says against the one before."""
        flags = list(self._bindings.take(now, name.imei, "", "", "", name.imsi))
        known = self._names.get(name.imei)
        if known is name:
            return tuple(flags)
        if known is not None and name.appkey != known.appkey:
            flags.append(ev.DeviceFlag.APPKEY_CHANGED)
        changed = known is not None and name.module_imei != known.module_imei
        if changed and ev.DeviceFlag.DUPLICATE_IMEI not in flags:
            flags.append(ev.DeviceFlag.DUPLICATE_IMEI)
        self._remember(name)
        return tuple(flags)

    def _open(self, text: str) -> OpenedName:
        """The name's parts and what its ciphertext says."""
        parts = text.split(SEPARATOR)
        if len(parts) < 3 or not parts[1]:
            raise RequestRefused(
                Code.BAD_REQUEST, PlatformRefusal.ENDPOINT_NAME_PARTS,
                "an endpoint name has at least three parts, the second not empty",
            )  # fmt: skip
        letter, secret, appkey, imei, version = parts[:5] if len(parts) > 4 else (*parts, "", "")[:5]
        client = imei if _IMEI.fullmatch(imei) else ""
        key = self.keys.get(appkey)
        if key is None:
            raise RequestRefused(Code.FORBIDDEN, PlatformRefusal.APPKEY_UNKNOWN, "unknown appkey", client)
        if (kept := self._names.get(client)) is not None and kept.key is key and kept.text == text:
            return kept
        try:
            fields = key.decrypt(a2b_base64(secret, strict_mode=True)).split("-")
        except CiphertextError as error:
            diagnostic = "the ciphertext was made with another password"
            raise RequestRefused(Code.UNAUTHORIZED, error.refusal, diagnostic, client) from None
        except (Base64Error, ValueError):
            diagnostic = "the ciphertext is not base64"
            raise RequestRefused(Code.BAD_REQUEST, PlatformRefusal.CIPHERTEXT_BASE64, diagnostic, client) from None
        if not 3 <= len(fields) <= 4:
            raise RequestRefused(
                Code.UNAUTHORIZED, PlatformRefusal.CIPHERTEXT_FIELDS,
                f"the ciphertext holds {len(fields)} fields, not three or four", client, limit=len(fields),
            )  # fmt: skip
        if not client:
            client = fields[0]
            if imei or not _IMEI.fullmatch(client):
                raise RequestRefused(Code.BAD_REQUEST, PlatformRefusal.IMEI_MISSING, "no IMEI in the endpoint name")
        module_imei, imei2, imsi = ("" if field == UNKNOWN else field for field in fields[:3])
        version = version or (fields[3] if len(fields) == 4 else "")
        return OpenedName(client, module_imei, imei2, imsi, appkey, letter, version, text, key)

    # What the server tells

    def react(self, now: Seconds) -> None:
        for event in self.server.events():
            self._on_event(now, event)

    def _on_event(self, now: Seconds, event: ServerEvent | CoapEvent) -> None:
        match event:
            case ClientOperationAnswered():
                self.devices.handle_answered(now, event)
            case ClientRegistered():
                self._on_registered(event)
            case ClientUpdated():
                self._on_updated(now, event)
            case ClientOperationFailed():
                self.devices.handle_failed(now, event)
            case ClientDeregistered(registration=registration):
                device = self.devices.device_of(registration.client)
                self._events.append(ev.DeviceDeregistered(now, device, registration.location))
                self.devices.handle_ended(now, registration.client, Lwm2mServerRefusal.DEREGISTERED)
            case ClientExpired(registration=registration):
                self._events.append(ev.DeviceExpired(now, self.devices.device_of(registration.client)))
                self.devices.handle_ended(now, registration.client, Lwm2mServerRefusal.EXPIRED)
            case ClientRefused():
                self._on_refused(now, event)
            case RequestForwarded():
                pass  # no path is kept for it
            case _:
                self._events.append(event)  # the endpoint's own

    def _on_refused(self, now: Seconds, event: ClientRefused) -> None:
        device = self.devices.device_of(event.client) if event.client else ""
        self._events.append(
            ev.DeviceRefused(
                now, device, event.peer, dotted(event.response_code), event.refusal, event.subject, event.limit,
                self._refused if event.refusal is PlatformRefusal.STRICT else (),
            )
        )  # fmt: skip

    def _on_updated(self, now: Seconds, event: ClientUpdated) -> None:
        registration = event.registration
        device = self.devices.device_of(registration.client)
        moved = event.address_changed
        self._events.append(ev.DeviceUpdated.of(event, device, registration.peer, address_changed=moved))
        self.devices.handle_sign_of_life(now, registration.client)

    def _on_registered(self, event: ClientRegistered) -> None:
        registration = event.registration
        assert self._admitted is not None
        name = self._admitted
        self.devices.handle_registered(event.at, registration.client)
        self._events.append(
            ev.DeviceRegistered(
                event.at,
                self.devices.device_of(registration.client),
                registration.peer,
                ev.DeviceIdentity(
                    name.imei, name.imei2, name.imsi, "", "", "", name.appkey, name.terminal_type, name.version,
                ),
                registration,
                self._flags(event.at, name),
                name.found(),
            )
        )  # fmt: skip
        self._read(event.at, registration.client)  # behind the answer, which is in the outbox already

    # What devices say (device_management.Owner)

    def report(self, event: ev.ManagementEvent) -> None:
        self._events.append(event)

    def is_reachable(self, client: str) -> bool:
        return True

    def value_of(self, client: str, verb: Verb, path: Target, message: Message) -> tuple[Any, Any]:
        """The values of object 666 are encrypted; what does not open stays as it came."""
        value = verb.answer(path, message, self.devices.objects_of(client))
        if path[0] != INVENTORY[0] or verb.name not in ("read", "observe"):
            return value, None
        clear = decrypted(value, self._key_of(client))
        return (value, None) if clear == value else (clear, value)

    def handle_value(self, now: Seconds, client: str, verb: str, path: Path, message: Message) -> None:
        if verb != "read":
            value, _ = self.value_of(client, VERBS["observe"], path, message)
            device = self.devices.device_of(client)
            self._events.append(ev.ResourceNotified(now, device, str(path), value, verb != NOTIFY))

    def handle_readings(
        self, now: Seconds, client: str, readings: list[NodeReading], message: Message, *, is_answer: bool
    ) -> None:
        device = self.devices.device_of(client)
        for path, node, time in readings:
            self._events.append(ev.ResourceNotified(now, device, str(path), plain(node), is_answer, taken_at=time))

    def _key_of(self, client: str) -> Appkey | None:
        registration = self.server.registrations.get(client)
        if registration is None:
            return None
        name = self._names.get(client)
        is_its = name is not None and name.text == registration.endpoint
        return self.keys.get(name.appkey if name is not None and is_its else registration.endpoint.split(SEPARATOR)[2])

    # The inventory

    def _read(self, now: Seconds, client: str) -> None:
        if client in self.server.registrations and self._reads_inventory:
            self.devices.request(now, client, "read", INVENTORY, then=self._on_inventory, reports=False)

    def _on_inventory(self, now: Seconds, answer: Answer) -> None:
        device = self.devices.device_of(answer.client)
        if answer.message is None:
            assert answer.refusal is not None
            self._events.append(ev.InventoryUnread(now, device, answer.refusal))
            return
        try:
            values = self._inventories.decode(answer.message, self._key_of(answer.client))
        except InventoryError as error:
            self._events.append(ev.InventoryUnread(now, device, error.refusal, error.response_code))
        else:
            self._events.append(ev.InventoryRead(now, device, values))


def _digest(text: str) -> bytes:
    """To know it again: the text itself would be a tenth of what is kept of a device."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
