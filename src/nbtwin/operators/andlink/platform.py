"""China Mobile's Andlink platform: bootstrap server and LwM2M server, plain and behind DTLS.

Knows docs/spec/wire.md, Andlink from the platform's side. Must not know a module, a socket or a database.

Refusals (D66): 4.00 a request that is malformed, 4.01 a device that should speak DTLS and does not, 4.03
one that speaks in another's name or is not known, 4.04 an unknown location.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from typing import Any, ClassVar, TypeAlias

from msgspec.structs import replace as with_fields

from nbtwin.coap.blockwise_endpoint import BlockwiseEndpoint
from nbtwin.coap.bounded import make_room
from nbtwin.coap.echo import EchoValues
from nbtwin.coap.endpoint import RFC7252_WAITS, Waits
from nbtwin.coap.events import CoapEvent, RequestReceived, Response
from nbtwin.coap.link_format import format as format_links
from nbtwin.coap.link_format import parse as parse_links
from nbtwin.coap.message import Message, segments_of
from nbtwin.coap.numbers import Code, OptionNumber, Type, dotted
from nbtwin.dtls.events import DtlsEvent
from nbtwin.dtls.settings import ServerSettings
from nbtwin.engine import Address, Datagram, Deadline, DecodeError, Outbox, Seconds, soonest
from nbtwin.lwm2m.firmware.file import FirmwareFile
from nbtwin.lwm2m.model import Objects
from nbtwin.lwm2m.objects.registry import ObjectRegistry
from nbtwin.lwm2m.path import Path, target_of
from nbtwin.lwm2m.secrets import MASK, has_key
from nbtwin.lwm2m.server import bootstrap as bs
from nbtwin.lwm2m.server import events as lw
from nbtwin.lwm2m.server.refusals import Lwm2mServerRefusal, RequestRefused
from nbtwin.lwm2m.server.server import LwM2mServer
from nbtwin.lwm2m.server.usual import Forms, changed, is_usual, location_in, start_of
from nbtwin.lwm2m.versions import V1_1, is_since
from nbtwin.operators import events as ev
from nbtwin.operators.andlink import send
from nbtwin.operators.andlink.admission import Admission, AndlinkSettings
from nbtwin.operators.andlink.firmware_updater import RESULT, SERVED, STATE, FirmwareUpdater, PackageOf
from nbtwin.operators.andlink.listeners import LISTENING_PORTS, Listeners, PortPeer
from nbtwin.operators.andlink.resumption import Resumption
from nbtwin.operators.campaigns.records import Campaign, CampaignEvent, Plan, Progress
from nbtwin.operators.campaigns.scheduler import CampaignScheduler
from nbtwin.operators.device_management.answers import KnownAnswers
from nbtwin.operators.device_management.composites import NodeReading
from nbtwin.operators.device_management.management import NOTIFY, Answer, DeviceManagement, OwnRequest
from nbtwin.operators.device_management.values import (
    ValueUnreadable,
    node_of,
    opaque_of,
    plain,
    texts_of,
    unwrapped,
    value_of,
)
from nbtwin.operators.device_management.verbs import Target, Verb
from nbtwin.operators.events import DataWay
from nbtwin.operators.inventory.andlink import FIRMWARE
from nbtwin.operators.inventory.devices import Device
from nbtwin.operators.key_store.psk import PskStore
from nbtwin.operators.refusals import CampaignCause, PlatformError, PlatformRefusal
from nbtwin.operators.remark import Remark

GIVE_UP: Seconds = 128
"""By how much a registration outlives its lifetime (D68), as CMDMP's does (D56)."""
REMEMBERED = 65_536
DEVICE = Path("/3/0")
_DATA_OBJECT = 19
_DATA = "dp"
_DATA_PATH, _DATA_AT, _SERVED = [_DATA.encode()], f"/{_DATA}", SERVED.encode()
_URI_QUERY = int(OptionNumber.URI_QUERY)
_POLICIES = 1024
"""Lists of objects for which is kept what the policy asks: a fleet of one model sends one list."""

AndlinkPlatformEvent: TypeAlias = ev.ManagementEvent | CampaignEvent | CoapEvent | DtlsEvent


class AndlinkPlatform(Outbox[AndlinkPlatformEvent]):
    """Three ports (`listeners.LISTENING_PORTS`): plain, DTLS for bootstrapping, DTLS for everything else."""

    listening_ports: ClassVar[Sequence[PortPeer]] = LISTENING_PORTS

    def __init__(
        self,
        random: random.Random,
        keys: PskStore,
        *,
        name: str = "andlink",
        settings: AndlinkSettings | None = None,
        dtls: ServerSettings | None = None,
        package_of: PackageOf = lambda name: None,
        waits: Waits = RFC7252_WAITS,
        remembered: int = REMEMBERED,
        definitions: ObjectRegistry | None = None,
    ) -> None:
        super().__init__()
        self.name = name
        self.keys = keys
        self._settings = settings or AndlinkSettings()
        self._admission = admission = Admission(keys, self._settings)
        self.coap = BlockwiseEndpoint(random, waits=waits, remembered=remembered)
        self.server = LwM2mServer(
            random,
            policy=admission,
            endpoint=self.coap,
            grace=GIVE_UP,
            names_required=False,
            other_paths=(_DATA, SERVED),
            links=("bs", "bspack", _DATA, SERVED),
        )
        self.bootstrap = bs.BootstrapServer(
            random,
            admission.accounts_of,
            endpoint=self.coap,
            deletes_first=self.settings.deletes_first,
            discovers_first=self.settings.discovers_first,
            reads_first=self.settings.reads_first,
            packs=self.settings.packs,
            name_of=admission.name_of,
        )
        self.coap.owner_of = self._owner_of
        self.coap.served = self._on_part_served
        self.listeners = Listeners(random, self.coap, keys, dtls)
        self.devices = DeviceManagement(name, self.server, self, definitions)
        self._package_of = package_of
        self.firmware = FirmwareUpdater(
            self.server, self.devices, self.settings, package_of, EchoValues(random.randbytes),
            lambda client: bool((known := keys.get(client)) and known.key),
        )  # fmt: skip
        self._random = random
        self.campaigns = CampaignScheduler(name, self.firmware, self.report)
        self._unanswered: dict[str, dict[tuple[str, Path], None]] = {}  # by client: what its policy still lacks
        self._came_back: dict[str, None] = {}  # clients to ask for that: they were heard in another session
        self.resumption = Resumption()
        self._policies: dict[str, tuple[OwnRequest, ...]] = {}  # by what a device registers: what is asked of it
        self._forms = Forms()
        self._remarked: set[str] = set()  # clients of whom there may be a remark: there was one, or they were restored
        self._unlearned = b""  # the datagram that is being handled, where it may be a Register request of a new form
        self._texts = KnownAnswers(_texts_in)
        self._values = KnownAnswers(value_of)
        self._now: Seconds = 0.0

    @property
    def strict(self) -> bool:
        """What it has a remark about is refused (D138)."""
        return self._admission.strict

    @strict.setter
    def strict(self, on: bool) -> None:
        self._admission.strict = on

    # The engine

    def handle_datagram(self, now: Seconds, source: Address, data: bytes, listener: int = 0) -> None:
        self._now = now
        if listener:
            self._events += self.listeners.handle_datagram(now, source, data, listener)
        elif is_usual(data) and self._on_usual(now, source, data):
            return
        else:
            self.coap.handle_datagram(now, source, data)
        self.react(now)
        self._unlearned = b""
        if self.listeners.ended:
            self._on_ended_sessions(now)

    def handle_timer(self, now: Seconds) -> None:
        self._now = now
        self.coap.handle_timer(now)
        self._events += self.listeners.handle_timer(now)
        self.server.handle_expiries(now)
        for client, asked in self.resumption.due(now):
            if client in self.server.registrations:  # else it was forgotten
                self._resume(now, client, asked)
        self.campaigns.handle_timer(now)
        self.react(now)
        self.devices.handle_timer(now)
        self._on_ended_sessions(now)

    def datagrams_by_listener(self) -> list[tuple[int, Address, bytes]]:
        return self.listeners.datagrams(self._now)

    def datagrams_to_send(self) -> list[Datagram]:
        """For a driver with one listener."""
        return [(to, data) for _, to, data in self.datagrams_by_listener()]

    def next_deadline(self) -> Deadline | None:
        return soonest(
            self.server.next_deadline(), self.listeners.next_deadline(), self.campaigns.next_deadline(),
            self.devices.next_deadline(), self.resumption.next_deadline(),
        )  # fmt: skip

    def restore(self, devices: Iterable[Device]) -> int:
        """Take back the registrations that the store kept (`Store.registrations`), and what is observed; how many."""
        count = 0
        for device in devices:
            _, _, location = device.location.partition("/")
            if not location:
                continue
            count += 1
            peer: Address = (device.host, device.port)
            if device.psk_identity:
                peer = Listeners.peer_of(device.psk_identity)
                self.listeners.remember(peer, (device.host, device.port))
            self.server.restore(
                lw.Registration(
                    device.endpoint, device.endpoint, location, peer, device.lifetime, device.binding,
                    device.lwm2m_version or device.version, device.objects, device.registered_at,
                    device.refreshed_at, device.sms,
                )
            )  # fmt: skip
            self._remarked.add(device.endpoint)
            self.devices.restore(device.endpoint, device.observations)
            self._lacks(device)
        return count

    @property
    def settings(self) -> AndlinkSettings:
        return self._settings

    @settings.setter
    def settings(self, settings: AndlinkSettings) -> None:
        self._settings = self.firmware.settings = settings
        self._admission.change(settings)
        self._policies.clear()

    def _lacks(self, device: Device) -> None:
        """What a restart may have taken from a device (D169).

        What follows its registration may have been interrupted: who can be asked for the rest, is, in its turn. And it
        has ended the observations whose notifications nobody acknowledged meanwhile (RFC 7641 4.5): they are asked for
        anew with its next update, or when it is heard in another session.
        """
        client, listed = device.endpoint, _instances(device.objects)
        missing = [("observe", path) for path in self.settings.observe if str(path) not in device.observations]
        missing += [("read", path) for path in self.settings.read if not device.firmware]
        missing = [(verb, path) for verb, path in missing if path and path[:2] in listed]
        if missing and self.is_reachable(client):
            self.resumption.add(client, missing)
            missing = []
        observed = [("observe", path) for path in map(target_of, device.observations) if isinstance(path, Path)]
        if missing or observed:
            self._unanswered[client] = dict.fromkeys((*observed, *missing))

    def advertise(self, host: str, plain: int, secure: int) -> None:
        """What devices are told from now on: where to register, and where packages are."""
        self.settings = replace(self.settings, host=host, ports=(plain, secure))

    def advertise_http(self, base: str) -> None:
        """Where packages can be had over HTTP from now on; "": nowhere (D163)."""
        self.settings = replace(self.settings, http=base)

    def change_policy(self, now: Seconds, observe: Iterable[str], read: Iterable[str]) -> None:
        """What is observed and read after each registration from now on. DecodeError for what is no path."""
        self.settings = replace(self.settings, observe=tuple(map(Path, observe)), read=tuple(map(Path, read)))

    # Which session of an identity its registration is in (D146)

    def _on_ended_sessions(self, now: Seconds) -> None:
        """Exchanges end with their session (RFC 7252 9.1). Where another took its place, its peer is about to speak."""
        for peer, _, replaced in self.listeners.ended:
            self.bootstrap.end_exchanges(now, peer)
            if (registration := self._registration_of(peer)) is not None:
                self.server.end_exchanges(now, registration.client, peer, repeatable=not replaced)
        if self.listeners.ended:
            self.react(now)
            self.listeners.forget_ended()

    def _registration_of(self, peer: Address) -> lw.Registration | None:
        """The one that was made in a session of this peer's identity."""
        identity = Listeners.identity_of(peer)
        if identity is None:
            return None
        client = self.keys.device_of(identity)
        registration = None if client is None else self.server.registrations.get(client)
        return registration if registration and Listeners.identity_of(registration.peer) == identity else None

    def _owner_of(self, now: Seconds, peer: Address, token: bytes) -> Address | None:
        """A notification in another session than the registration's: the token says that it is the same device."""
        registration = self._registration_of(peer)
        if registration is None or not self.server.observes(registration.client, token):
            return None
        if Listeners.is_later(peer, registration.peer) or not self.listeners.lives(registration.peer):
            self._follow(now, registration.client, peer)
            return peer
        return registration.peer

    def _come_back(self, now: Seconds, peer: Address) -> None:
        """A request in another session than the registration's, which has ended, shows where the device is."""
        registration = self._registration_of(peer)
        if registration is not None and registration.peer != peer and not self.listeners.lives(registration.peer):
            self._follow(now, registration.client, peer)

    def _follow(self, now: Seconds, client: str, peer: Address) -> None:
        self.server.follow(now, client, peer)
        self._came_back[client] = None

    # What the endpoint tells

    def report(self, event: ev.ManagementEvent | CampaignEvent) -> None:
        self._events.append(event)

    def react(self, now: Seconds) -> None:
        for event in self.coap.events():
            if not self.bootstrap.handle_event(now, event):
                self.server.handle_event(now, event)
        for step in self.bootstrap.events():
            self._on_bootstrap(now, step)
        for happened in self.server.events():
            self._on_event(now, happened)
        if self._came_back:
            for client in self._came_back:
                self._ask_again(now, client)
                self.campaigns.handle_updated(now, client)
            self._came_back.clear()

    def _on_bootstrap(self, now: Seconds, event: bs.BootstrapEvent | CoapEvent) -> None:
        peer = self.listeners.address_of(event.peer)
        match event:
            case bs.BootstrapFinished(client=client):
                self._events.append(self._bootstrapped(now, client, peer, event.answers))
            case bs.BootstrapAborted(client=client):
                device = self.devices.device_of(client)
                self._events.append(
                    ev.BootstrapFailed(now, device, peer, event.step, event.refusal, event.response_code)
                )
            case bs.BootstrapRefused():
                self._on_refused(now, event)
            case bs.BootstrapStarted():
                pass  # its end is told
            case _:
                self._events.append(with_fields(event, peer=peer))  # the endpoint's own

    def _bootstrapped(
        self, now: Seconds, client: str, peer: Address, answers: Mapping[str, Message]
    ) -> ev.DeviceBootstrapped:
        """With what it said of itself; what cannot be read is left out."""
        links = bs.links_in(answers["/"]) if "/" in answers else ()
        version = next((link.first("lwm2m") or "" for link in links if link.target == "/"), "")
        read: dict[str, Any] = {}
        for path, message in answers.items():
            if path != "/":
                with suppress(ValueUnreadable):
                    read[path] = value_of(Path(path), message)
        objects = format_links(links)
        return ev.DeviceBootstrapped(now, self.devices.device_of(client), peer, version, objects, read)

    def _on_event(self, now: Seconds, event: lw.ServerEvent | CoapEvent) -> None:
        match event:
            case lw.ClientRegistered():
                self._on_registered(now, event.registration)
            case lw.ClientUpdated():
                self._on_updated(now, event)
            case lw.ClientOperationAnswered():
                self.devices.handle_answered(now, event)
            case lw.ClientDeregistered(registration=registration):
                device = self.devices.device_of(registration.client)
                self._events.append(ev.DeviceDeregistered(now, device, registration.location))
                self._on_ended(now, registration.client, Lwm2mServerRefusal.DEREGISTERED)
            case lw.ClientExpired(registration=registration):
                self._events.append(ev.DeviceExpired(now, self.devices.device_of(registration.client)))
                self._on_ended(now, registration.client, Lwm2mServerRefusal.EXPIRED)
            case lw.ClientRefused():
                self._on_refused(now, event)
            case lw.ClientOperationFailed():
                self.devices.handle_failed(now, event)
            case lw.RequestForwarded():
                self._come_back(now, event.received.peer)
                if segments_of(event.received.message.options)[0] == _SERVED:
                    self._on_fetch(now, event.received)
                else:
                    self._on_post(now, event.received)
            case _:
                self._events.append(
                    with_fields(event, peer=self.listeners.address_of(event.peer))
                )  # the endpoint's own

    def _on_ended(self, now: Seconds, client: str, refusal: Lwm2mServerRefusal) -> None:
        self._remarked.discard(client)
        self._unanswered.pop(client, None)
        self.resumption.take(client)
        self.devices.handle_ended(now, client, refusal)

    def _on_updated(self, now: Seconds, event: lw.ClientUpdated) -> None:
        registration = event.registration
        peer, device = self.listeners.address_of(registration.peer), self.devices.device_of(registration.client)
        moved = event.address_changed and Listeners.identity_of(registration.peer) is None  # else: another session
        self._events.append(ev.DeviceUpdated.of(event, device, peer, address_changed=moved))
        self._after_update(now, registration.client)

    def _after_update(self, now: Seconds, client: str) -> None:
        self.devices.handle_sign_of_life(now, client)
        self._ask_again(now, client)
        self.campaigns.handle_updated(now, client)

    def _on_usual(self, now: Seconds, source: Address, data: bytes) -> bool:
        """Whether a device without DTLS said again what it said before (`lwm2m.server.usual`): then all is done."""
        start = start_of(data)
        if location := location_in(data, start):
            return self._on_usual_update(now, source, data, location)
        form = self._forms.find(data, start)
        if form is None:
            self._unlearned = data
            return False
        client, said = form.name_in(data, start), form.said
        if said is None:
            return self._on_usual_data(now, source, data, client, form.payload_in(data, start), form.content_format)
        old = self.server.known(source, client, said)
        if old is None or not self._admission.admits_again(client, registers=True):
            return False
        key = (old.peer, data[2] << 8 | data[3])  # as it came; the address is the one that is in memory
        if self.coap.is_duplicate(now, key):
            return False
        registration = self.server.take_again(now, old, said, key, data)
        remarks: tuple[Remark, ...] = ()
        if client in self._remarked:
            remarks = self._admission.remarks_on(client, said.version)
            if not remarks:
                self._remarked.discard(client)
        self._tell_registered(now, registration, remarks)
        self._after_registration(now, old.client, said.objects)
        return True

    def _on_usual_update(self, now: Seconds, source: Address, data: bytes, location: str) -> bool:
        old = self.server.known_at(source, location)
        if old is None:
            return False
        client, key = old.client, (old.peer, data[2] << 8 | data[3])
        if not self._admission.admits_again(client, registers=False) or self.coap.is_duplicate(now, key):
            return False
        self.server.refresh(now, client, old, key, data)
        self._events.append(ev.DeviceUpdated(now, self.devices.device_of(client), old.peer))
        self._after_update(now, client)
        return True

    def _on_usual_data(
        self, now: Seconds, source: Address, data: bytes, client: str, payload: bytes, content_format: int | None
    ) -> bool:
        """Uplink under a name, from where the device is registered."""
        known = self.server.registrations.get(client)
        if known is None or known.peer != source or not self._admission.admits_again(client, registers=False):
            return False
        key = (known.peer, data[2] << 8 | data[3])
        if self.coap.is_duplicate(now, key):
            return False
        device = self.devices.device_of(known.client)
        self._events.append(ev.DataReceived(now, device, _DATA_AT, "post", payload, content_format, True, None))
        self.coap.reply_at_once(now, key, changed(data))
        self.devices.handle_sign_of_life(now, known.client)
        return True

    def _on_refused(self, now: Seconds, event: lw.ClientRefused | bs.BootstrapRefused) -> None:
        device, peer = (
            self.devices.device_of(event.client) if event.client else "",
            self.listeners.address_of(event.peer),
        )
        code = dotted(event.response_code)
        found = self._admission.remarks if event.refusal is PlatformRefusal.STRICT else ()
        self._events.append(ev.DeviceRefused(now, device, peer, code, event.refusal, event.subject, event.limit, found))

    def _on_registered(self, now: Seconds, registration: lw.Registration) -> None:
        client, peer = registration.client, registration.peer
        identity = Listeners.identity_of(peer)
        if identity is None:
            self._tell_registered(now, registration, self._admission.remarks)
            if self._admission.remarks:
                self._remarked.add(client)
            else:
                self._remarked.discard(client)
            if self._unlearned:
                self._forms.learn(self._unlearned, registration)
        else:
            peer = self.listeners.address_of(peer)
            said = ev.DeviceIdentity(client, version=registration.version, psk_identity=identity)
            kept, remarks = with_fields(registration, peer=peer), self._admission.remarks
            self._events.append(
                ev.DeviceRegistered(now, self.devices.device_of(client), peer, said, kept, remarks=remarks)
            )
        self._after_registration(now, client, registration.objects)

    def _tell_registered(self, now: Seconds, registration: lw.Registration, remarks: tuple[Remark, ...]) -> None:
        """Of a device without DTLS."""
        client = registration.client
        said = ev.DeviceIdentity(client, version=registration.version)
        self._events.append(
            ev.DeviceRegistered(
                now, self.devices.device_of(client), registration.peer, said, registration, remarks=remarks
            )
        )

    def _after_registration(self, now: Seconds, client: str, objects: str) -> None:
        if self._unanswered:
            self._unanswered.pop(client, None)
        self.resumption.take(client)  # it is asked for everything now
        self.devices.handle_registered(now, client)
        self._apply_policy(now, client, objects)
        self.firmware.forget(client)
        self.campaigns.handle_registered(now, client)

    def _apply_policy(self, now: Seconds, client: str, objects: str) -> None:
        """What is observed and read after each registration (docs/spec/wire.md, Andlink registration)."""
        asked = self._policies.get(objects)
        if asked is None:
            asked = self.devices.own_requests(self._policy_for(objects))
            make_room(self._policies, _POLICIES)
            self._policies[objects] = asked
        if asked:
            self.devices.request_each(now, client, asked, self._on_policy)

    def _policy_for(self, objects: str) -> list[tuple[str, Path]]:
        """Verbs and paths, of a device that registers these objects. Nobody can be asked for the root."""
        listed, settings = _instances(objects), self._settings
        asked = [("observe", path) for path in settings.observe] + [("read", path) for path in settings.read]
        return [(verb, path) for verb, path in asked if path and path[:2] in listed]

    def _ask_again(self, now: Seconds, client: str) -> None:
        if asked := self.resumption.take(client):  # who is heard need not wait for its turn
            self._ask(now, client, asked)
        if self._unanswered:
            self._ask(now, client, self._unanswered.pop(client, ()))

    def _resume(self, now: Seconds, client: str, asked: list[tuple[str, Path]]) -> None:
        if self.devices.sleeps(now, client):
            self._ask(now, client, asked)  # which leave when it is heard
            return
        self.resumption.begin(client, len(asked))
        for verb, path in asked:
            self.devices.request(now, client, verb, path, then=self._on_resumed)

    def _on_resumed(self, now: Seconds, answer: Answer) -> None:
        self.resumption.end(answer.client)
        self._on_policy(now, answer)

    def _ask(self, now: Seconds, client: str, asked: Iterable[tuple[str, Path]]) -> None:
        for verb, path in asked:
            self.devices.request(now, client, verb, path, then=self._on_policy)

    def _on_policy(self, now: Seconds, answer: Answer) -> None:
        """What was never answered is asked once more after the next sign of life; what was refused is not."""
        if answer.message is None and answer.client in self.server.registrations:
            self._unanswered.setdefault(answer.client, {})[answer.verb, answer.path] = None

    # What devices say (device_management.Owner)

    def is_reachable(self, client: str) -> bool:
        return self.listeners.lives(self.server.registrations[client].peer)

    def value_of(self, client: str, verb: Verb, path: Target, message: Message) -> tuple[Any, Any]:
        return verb.answer(path, message, self.devices.objects_of(client)), None

    def handle_value(self, now: Seconds, client: str, verb: str, path: Path, message: Message) -> None:
        if verb == "read":
            if path == DEVICE:
                self._on_described(now, client, self._texts.of(path, message, self.devices.objects_of(client)))
        elif path[0] == _DATA_OBJECT:
            if verb == NOTIFY:
                data = opaque_of(path, message, self.devices.objects_of(client))
                self._on_data(now, client, str(path), "notification", data, message)
        else:
            value = self._values.of(path, message, self.devices.objects_of(client))
            self._on_observed(now, client, path, value, is_answer=verb != NOTIFY)

    def handle_readings(
        self, now: Seconds, client: str, readings: list[NodeReading], message: Message, *, is_answer: bool
    ) -> None:
        for path, node, time in readings:
            data = unwrapped(node) if path[:1] == (_DATA_OBJECT,) else None
            if not isinstance(data, bytes):
                self._on_observed(now, client, path, plain(node), is_answer=is_answer, taken_at=time)
            elif not is_answer:
                self._on_data(now, client, str(path), "notification", data, message, time)

    def _on_described(self, now: Seconds, client: str, values: Mapping[int, str]) -> None:
        if values:  # an empty answer says nothing of a device
            self._events.append(ev.DeviceDescribed(now, self.devices.device_of(client), values))
        self.campaigns.handle_described(now, client, values.get(FIRMWARE, ""))

    def _on_data(
        self, now: Seconds, client: str, path: str, way: DataWay, payload: bytes, message: Message,
        taken_at: Seconds | None = None,
    ) -> None:  # fmt: skip
        device, confirmable = self.devices.device_of(client), message.type != Type.NON
        form = message.content_format
        self._events.append(ev.DataReceived(now, device, path, way, payload, form, confirmable, taken_at))

    def _on_observed(
        self, now: Seconds, client: str, path: Path, value: Any, *, is_answer: bool, is_sent: bool = False,
        taken_at: Seconds | None = None,
    ) -> None:  # fmt: skip
        device = self.devices.device_of(client)
        shown = MASK if has_key(path) else value
        self._events.append(ev.ResourceNotified(now, device, str(path), shown, is_answer, is_sent, taken_at))
        if isinstance(value, int) and path == STATE:
            self.campaigns.handle_state(now, client, value)
        elif isinstance(value, int) and path == RESULT:
            self.campaigns.handle_result(now, client, value, is_news=not is_answer)

    # Campaigns

    def start_campaign(self, now: Seconds, plan: Plan, devices: Iterable[str]) -> int:
        """The campaign's number; its progress is told in events. PlatformError for a plan that cannot be."""
        file = self._package_of(plan.package)
        if file is None:
            raise PlatformError(CampaignCause.PACKAGE_UNKNOWN, package=plan.package)
        prefix = f"{self.name}:"
        named = (device.removeprefix(prefix) for device in devices)
        return self.campaigns.start(now, plan, file.version, named, self._random.randbytes(16).hex())

    def take_campaign(self, now: Seconds, campaign: Campaign, devices: Iterable[Progress]) -> None:
        """Of a platform in several processes: devices that this one has (D220)."""
        self.campaigns.take(now, campaign, devices)

    def stop_campaign(self, now: Seconds, campaign: int) -> None:
        """KeyError when none of that number runs."""
        self.campaigns.stop(now, campaign)

    def bytes_of(self, campaign: int) -> dict[str, int]:
        return self.campaigns.bytes_of(campaign)

    def _on_fetch(self, now: Seconds, received: RequestReceived) -> None:
        if self.firmware.serve(now, received, self.coap):
            self._on_part_served(now, received.peer, received.message)

    def _on_part_served(self, now: Seconds, peer: Address, request: Message) -> None:
        path = segments_of(request.options)
        if len(path) != 2 or path[0] != _SERVED:
            return
        package = request.path[1]
        registration = self._registration_of(peer)  # behind DTLS, in whatever session
        client = self.server.client_at(peer) if registration is None else registration.client
        end = self.firmware.end_of_part(request)
        for fetching in self._fetching_at(peer[0]) if client is None else (client,):
            self.campaigns.handle_fetch(now, fetching, package, end)

    def _fetching_at(self, host: str) -> list[str]:
        """Who is under way at this host, under whatever port, where that is one alone: a NAT gave it another."""
        at_host = [
            client
            for client in self.campaigns.active
            if (registration := self.server.registrations.get(client)) is not None
            and self.listeners.address_of(registration.peer)[0] == host
        ]
        return at_host if len(at_host) == 1 else []

    # Packages over HTTP (D163)

    def package_over_http(self, now: Seconds, host: str, key: str, package: str) -> FirmwareFile | None:
        """Where ``key`` is one of a campaign that gives the package away, or, without one, a device is registered."""
        if not (self.campaigns.opens(package, key) if key else self.server.has_client_at(host)):
            return None
        for client in self._fetching_at(host):
            self.campaigns.handle_fetch(now, client, package)
        return self._package_of(package)

    # Uplink without an observation: the module's way (docs/spec/wire.md, Andlink uplink), or Send (D155)

    def _on_post(self, now: Seconds, received: RequestReceived) -> None:
        client = self._sender_of(received)
        try:
            if self._is_send(received, client):
                self._on_send(now, received, client)
            else:
                self._check_post(received, client)
                self._on_data(now, client, _DATA_AT, "post", received.message.payload, received.message)
                if self._unlearned and received.message.content_format not in send.FORMATS:  # else it may be a Send
                    self._forms.learn(self._unlearned)
        except RequestRefused as refused:
            self.coap.respond(now, received, Response(refused.code, (), refused.diagnostic.encode()))
            device, peer = self.devices.device_of(client) if client else "", self.listeners.address_of(received.peer)
            code, why = dotted(refused.code), refused.why if isinstance(refused, send.UnreadableSend) else None
            self._events.append(
                ev.DeviceRefused(now, device, peer, code, refused.refusal, refused.subject, refused.limit, why=why)
            )
            return
        self.coap.respond(now, received, Response(Code.CHANGED))
        self.devices.handle_sign_of_life(now, client)

    def _sender_of(self, received: RequestReceived) -> str:
        """By the name that it says, or else by where it is registered; "" for a stranger."""
        for number, value in received.message.options:
            if number == _URI_QUERY and value.startswith(b"ep="):
                return value[3:].decode("utf-8", "replace")
        registration = self._registration_of(received.peer)
        return registration.client if registration else self.server.client_at(received.peer) or ""

    def _is_send(self, received: RequestReceived, client: str) -> bool:
        """Send is of LwM2M 1.1, and its Content-Format has paths. A client of 1.0 has the module's way alone (D155)."""
        message, registration = received.message, self.server.registrations.get(client)
        if (
            registration is None
            or not is_since(registration.version, V1_1)
            or segments_of(message.options) != _DATA_PATH
        ):
            return False
        named = any(item.startswith("ep=") for item in message.query)
        return not named or message.content_format in send.FORMATS

    def _on_send(self, now: Seconds, received: RequestReceived, client: str) -> None:
        registration, message = self.server.registrations[client], received.message
        self._check_post(received, client)
        objects = self.devices.objects_of(client)
        for path, value, time in send.readings_of(message, registration.objects, registration.version, objects):
            if path[0] == _DATA_OBJECT and isinstance(value, bytes):
                self._on_data(now, client, str(path), "send", value, message, time)
            elif value is not None:
                self._on_observed(now, client, path, plain(value), is_answer=False, is_sent=True, taken_at=time)

    def _check_post(self, received: RequestReceived, client: str) -> None:
        """From a device that is registered, and from nobody else."""
        message = received.message
        if segments_of(message.options) != _DATA_PATH:
            subject = f"/{'/'.join(message.path)[:80]}"
            raise RequestRefused(
                Code.NOT_FOUND, PlatformRefusal.PATH_UNKNOWN, f"no such path: {subject}", subject=subject
            )
        if message.code != Code.POST:
            raise RequestRefused(Code.METHOD_NOT_ALLOWED, PlatformRefusal.METHOD, "data are sent with POST")
        registration = self.server.registrations.get(client)
        if registration is None:
            raise RequestRefused(
                Code.NOT_FOUND, PlatformRefusal.SENDER_UNREGISTERED, f"{client[:40]!r} is not registered",
                subject=client[:40],
            )  # fmt: skip
        self._admission.admit_data(received.peer, registration)


def _texts_in(path: Path, message: Message, objects: Objects) -> Mapping[int, str]:
    return texts_of(node_of(path, message, objects))


@lru_cache(maxsize=1024)  # a fleet of one model sends one list
def _instances(objects: str) -> set[tuple[int, ...]]:
    """The object instances of a registration's link list."""
    found: set[tuple[int, ...]] = set()
    for link in parse_links(objects):
        try:
            found.add(tuple(Path(link.target)))
        except DecodeError:
            continue  # the root, or a link that means nothing to us
    return found
