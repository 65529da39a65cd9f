"""China Mobile's Andlink platform: bootstrap server and LwM2M server, plain and behind DTLS.

Knows docs/spec/wire.md, Andlink from the platform's side. Must not know a module, a socket or a database.

Refusals (D66): 4.00 a request that is malformed, 4.01 a device that should speak DTLS and does not, 4.03
one that speaks in another's name or is not known, 4.04 an unknown location.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Any

from msgspec.structs import replace as with_fields

from nbtwin.coap.blockwise_endpoint import BlockwiseEndpoint
from nbtwin.coap.endpoint import RFC7252_WAITS, Waits
from nbtwin.coap.events import RequestReceived, Response
from nbtwin.coap.link_format import parse as parse_links
from nbtwin.coap.numbers import Code, Type, dotted
from nbtwin.dtls.settings import ServerSettings
from nbtwin.engine import Address, Datagram, Deadline, DecodeError, Fact, Outbox, Seconds, soonest
from nbtwin.lwm2m.firmware.package import unpack
from nbtwin.lwm2m.path import Path
from nbtwin.lwm2m.server import bootstrap as bs
from nbtwin.lwm2m.server import events as lw
from nbtwin.lwm2m.server.requests import RequestRefused
from nbtwin.lwm2m.server.server import LwM2mServer
from nbtwin.operators import events as ev
from nbtwin.operators.andlink.admission import Admission, AndlinkSettings
from nbtwin.operators.andlink.firmware_updater import (
    EXECUTED,
    RESULT,
    RESULT_READ,
    SERVED,
    STATE,
    STATE_READ,
    WRITTEN,
    FirmwareUpdater,
    PackageOf,
    number_of,
)
from nbtwin.operators.andlink.listeners import PLACES, Listeners
from nbtwin.operators.campaigns.records import Plan
from nbtwin.operators.campaigns.scheduler import CampaignScheduler
from nbtwin.operators.device_management.commands import CommandAnswer, Commands, Notified
from nbtwin.operators.device_management.operations import DeviceManagement
from nbtwin.operators.device_management.request_queue import QueuedRequest, RequestQueue
from nbtwin.operators.device_management.values import node_of, opaque_of, plain_answer, texts_of
from nbtwin.operators.inventory.andlink import FIRMWARE
from nbtwin.operators.inventory.devices import Device
from nbtwin.operators.key_store.psk import PskStore

GIVE_UP: Seconds = 128
"""By how much a registration outlives its lifetime (D68), as CMDMP's does (D56)."""
REMEMBERED = 65_536
DEVICE = Path("/3/0")
_DATA_OBJECT = 19
_DATA = "dp"


class AndlinkPlatform(DeviceManagement, Outbox[Any]):
    """Three doors (`andlink_doors.PLACES`): plain, DTLS for bootstrapping, DTLS for everything else."""

    doors = PLACES

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
    ) -> None:
        super().__init__()
        self.name = name
        self.keys = keys
        self.settings = settings or AndlinkSettings()
        self._admission = admission = Admission(keys, self.settings)
        self.coap = BlockwiseEndpoint(random, waits=waits, remembered=remembered)
        self.server = LwM2mServer(
            random,
            policy=admission,
            endpoint=self.coap,
            grace=GIVE_UP,
            names_required=False,
            other_paths=(_DATA, SERVED),
        )
        self.bootstrap = bs.BootstrapServer(
            random,
            admission.accounts_of,
            endpoint=self.coap,
            deletes_first=self.settings.deletes_first,
            discovers_first=self.settings.discovers_first,
        )
        self.ways = Listeners(random, self.coap, keys, dtls)
        self.commands = Commands(self.server, self._events_append, self.device_of)
        self.errands = RequestQueue(self.commands)
        self._package_of = package_of
        self.firmware = FirmwareUpdater(self.server, self.commands, self.errands, self.settings, package_of)
        self.campaigns = CampaignScheduler(name, self.firmware, self._events_append)
        self._now: Seconds = 0.0

    # The engine

    def handle_datagram(self, now: Seconds, source: Address, data: bytes, door: int = 0) -> None:
        self._now = now
        self._events += self.ways.handle_datagram(now, source, data, door)
        self._react(now)

    def handle_timer(self, now: Seconds) -> None:
        self._now = now
        self.coap.handle_timer(now)
        self._events += self.ways.handle_timer(now)
        self.server.handle_expiries(now)
        self.campaigns.handle_timer(now)
        self._react(now)

    def datagrams_by_door(self) -> list[tuple[int, Address, bytes]]:
        return self.ways.datagrams(self._now)

    def datagrams_to_send(self) -> list[Datagram]:
        """For a driver with one door."""
        return [(to, data) for _, to, data in self.datagrams_by_door()]

    def next_deadline(self) -> Deadline | None:
        return soonest(self.server.next_deadline(), self.ways.next_deadline(), self.campaigns.next_deadline())

    def device_of(self, client: str) -> str:
        """The device's name in events and in the store."""
        return f"{self.name}:{client}"

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
                self.ways.remember(peer, (device.host, device.port))
            self.server.restore(
                lw.Registration(
                    device.endpoint, device.endpoint, location, peer, device.lifetime, device.binding,
                    device.version, device.objects, device.registered_at, device.refreshed_at,
                )
            )  # fmt: skip
            for path, token in device.observations.items():
                self.commands.adopt(device.endpoint, Path(path), bytes.fromhex(token))
        return count

    def advertise(self, host: str, plain: int, secure: int) -> None:
        """What devices are told from now on: where to register, and where packages are."""
        self.settings = replace(self.settings, host=host, ports=(plain, secure))
        self._admission.settings = self.firmware.settings = self.settings

    def change_policy(self, now: Seconds, observe: Iterable[str], read: Iterable[str]) -> None:
        """What is observed and read after each registration from now on. DecodeError for what is no path."""
        self.settings = replace(self.settings, observe=tuple(map(Path, observe)), read=tuple(map(Path, read)))

    # What the endpoint tells

    def _events_append(self, event: Any) -> None:
        self._events.append(event)

    def _react(self, now: Seconds) -> None:
        for event in self.coap.events():
            if not self.bootstrap.handle_event(now, event):
                self.server.handle_event(now, event)
        for event in self.bootstrap.events():
            self._on_bootstrap(now, event)
        for event in self.server.events():
            self._on_event(now, event)

    def _on_bootstrap(self, now: Seconds, event: Any) -> None:
        device, peer = self.device_of(event.client), self.ways.address_of(event.peer)
        match event:
            case bs.BootstrapFinished():
                self._events.append(ev.DeviceBootstrapped(now, device, peer))
            case bs.BootstrapAborted():
                self._events.append(ev.BootstrapFailed(now, device, peer, event.step, event.why))
            case bs.BootstrapRefused():
                self._events.append(ev.DeviceRefused(now, device, peer, dotted(event.code), event.why))

    def _on_event(self, now: Seconds, event: Any) -> None:
        match event:
            case lw.ClientOperationAnswered():
                outcome = self.commands.handle_answer(now, event)
                if isinstance(outcome, Notified):
                    self._on_notified(now, outcome)
                elif outcome is not None:
                    self._on_answered(now, outcome)
            case lw.ClientOperationFailed():
                failed = self.commands.handle_failure(now, event)
                if failed is not None:
                    self._on_answered(now, failed)
            case lw.RequestForwarded():
                if event.received.message.path[0] == SERVED:
                    self._on_fetch(now, event.received)
                else:
                    self._on_post(now, event.received)
            case _:
                self._on_registration(now, event)

    def _on_registration(self, now: Seconds, event: Any) -> None:
        match event:
            case lw.ClientRegistered():
                self._on_registered(now, event.registration)
            case lw.ClientUpdated(registration=registration):
                peer, device = self.ways.address_of(registration.peer), self.device_of(registration.client)
                self._events.append(ev.DeviceUpdated(now, device, peer, registration.lifetime, event.address_changed))
                self.commands.heard(now, registration.client)
            case lw.ClientDeregistered(registration=registration):
                self._events.append(ev.DeviceDeregistered(now, self.device_of(registration.client)))
                self._gone(now, registration.client, "de-registered")
            case lw.ClientExpired(registration=registration):
                self._events.append(ev.DeviceExpired(now, self.device_of(registration.client)))
                self._gone(now, registration.client, "the registration has expired")
            case lw.ClientRefused():
                device = self.device_of(event.client) if event.client else ""
                peer = self.ways.address_of(event.peer)
                self._events.append(ev.DeviceRefused(now, device, peer, dotted(event.code), event.why))
            case _:
                change = with_fields if isinstance(event, Fact) else replace
                self._events.append(change(event, peer=self.ways.address_of(event.peer)))  # the endpoint's own

    def _gone(self, now: Seconds, client: str, why: str) -> None:
        self.errands.clear(client)
        self.commands.gone(now, client, why)

    def _on_registered(self, now: Seconds, registration: lw.Registration) -> None:
        client, identity = registration.client, Listeners.identity_of(registration.peer)
        self._events.append(
            ev.DeviceRegistered(
                now,
                self.device_of(client),
                self.ways.address_of(registration.peer),
                ev.DeviceIdentity(
                    client, version=registration.version, endpoint=registration.endpoint,
                    binding=registration.binding, objects=registration.objects, psk_identity=identity or "",
                ),
                f"rd/{registration.location}",
                registration.lifetime,
            )
        )  # fmt: skip
        self.errands.clear(client)
        self.commands.anew(now, client)
        self._apply_policy(now, client, registration.objects)
        self.campaigns.handle_registered(now, client)

    def _apply_policy(self, now: Seconds, client: str, objects: str) -> None:
        """What is observed and read after each registration (docs/spec/wire.md, Andlink registration)."""
        listed = _instances(objects)
        for name, paths in (("observe", self.settings.observe), ("read", self.settings.read)):
            for path in paths:
                if path[:2] in listed:
                    self.errands.add(now, client, self._policy_errand(client, name, path))

    def _policy_errand(self, client: str, name: str, path: Path) -> QueuedRequest:
        send = self.server.observe if name == "observe" else self.server.read
        return QueuedRequest("policy", name, path, lambda now: send(now, client, path))

    def _on_answered(self, now: Seconds, answered: CommandAnswer) -> None:
        command, message, client = answered.command, answered.message, answered.command.client
        if message is not None and not answered.why:
            if command.name == "read" and command.path == DEVICE:
                self._on_described(now, client, texts_of(node_of(DEVICE, message)))
            elif command.name == "observe" and command.path[0] != _DATA_OBJECT:
                self._on_value(now, client, command.path, plain_answer(command.path, message))
        if isinstance(command.errand, QueuedRequest):
            self._on_errand(now, client, command.errand.purpose, answered)
            self.errands.handle_answered(now, command)

    def _on_errand(self, now: Seconds, client: str, purpose: str, answered: CommandAnswer) -> None:
        match purpose:
            case _ if purpose == WRITTEN:
                self.campaigns.handle_written(now, client, answered.code, answered.why)
            case _ if purpose == EXECUTED:
                self.campaigns.handle_executed(now, client, answered.code, answered.why)
            case _ if purpose == STATE_READ and (state := number_of(answered)) is not None:
                self.campaigns.handle_state(now, client, state)
            case _ if purpose == RESULT_READ:
                self.campaigns.handle_idle(now, client, number_of(answered))

    def _on_described(self, now: Seconds, client: str, values: dict[int, str]) -> None:
        self._events.append(ev.DeviceDescribed(now, self.device_of(client), values))
        self.campaigns.handle_described(now, client, values.get(FIRMWARE, ""))

    def _on_notified(self, now: Seconds, notified: Notified) -> None:
        client, path, message = notified.client, notified.path, notified.message
        if path[0] == _DATA_OBJECT:
            self._events.append(
                ev.DataReceived(
                    now, self.device_of(client), str(path), "notification", opaque_of(path, message),
                    message.content_format, message.type != Type.NON,
                )
            )  # fmt: skip
        else:
            self._on_value(now, client, path, plain_answer(path, message))

    def _on_value(self, now: Seconds, client: str, path: Path, value: Any) -> None:
        self._events.append(ev.ResourceNotified(now, self.device_of(client), str(path), value))
        if isinstance(value, int) and path == STATE:
            self.campaigns.handle_state(now, client, value)
        elif isinstance(value, int) and path == RESULT:
            self.campaigns.handle_result(now, client, value)

    # Campaigns

    def start_campaign(self, now: Seconds, plan: Plan, devices: Iterable[str]) -> int:
        """The campaign's number; its progress is told in events. ValueError for a plan that cannot be."""
        content = self._package_of(plan.package)
        if content is None:
            raise ValueError(f"there is no package {plan.package!r}")
        version = unpack(content).manifest.version
        prefix = f"{self.name}:"
        return self.campaigns.start(now, plan, version, (device.removeprefix(prefix) for device in devices))

    def stop_campaign(self, now: Seconds, campaign: int) -> None:
        """KeyError when none of that number runs."""
        self.campaigns.stop(now, campaign)

    def _on_fetch(self, now: Seconds, received: RequestReceived) -> None:
        if self.firmware.serve(now, received, self.coap):
            for client in self.campaigns.active:
                registration = self.server.registrations.get(client)
                if registration is not None and registration.peer == received.peer:
                    self.campaigns.handle_fetch(now, client)

    # Uplink without an observation (docs/spec/wire.md, Andlink uplink)

    def _on_post(self, now: Seconds, received: RequestReceived) -> None:
        message = received.message
        client = next((item[3:] for item in message.query if item.startswith("ep=")), "")
        try:
            self._check_post(received, client)
        except RequestRefused as refused:
            self.coap.respond(now, received, Response(refused.code, (), refused.why.encode()))
            device, peer = self.device_of(client) if client else "", self.ways.address_of(received.peer)
            self._events.append(ev.DeviceRefused(now, device, peer, dotted(refused.code), refused.why))
            return
        self._events.append(
            ev.DataReceived(
                now, self.device_of(client), f"/{_DATA}", "post", message.payload, message.content_format,
                message.type != Type.NON,
            )
        )  # fmt: skip
        self.coap.respond(now, received, Response(Code.CHANGED))
        self.commands.heard(now, client)

    def _check_post(self, received: RequestReceived, client: str) -> None:
        """From a device that is registered, and over DTLS where it registered over DTLS."""
        message = received.message
        if message.path != (_DATA,):
            raise RequestRefused(Code.NOT_FOUND, f"no such path: /{'/'.join(message.path)[:80]}")
        if message.code != Code.POST:
            raise RequestRefused(Code.METHOD_NOT_ALLOWED, "data are sent with POST")
        registration = self.server.registrations.get(client)
        if registration is None:
            raise RequestRefused(Code.NOT_FOUND, f"{client[:40]!r} is not registered")
        if Listeners.identity_of(received.peer) != Listeners.identity_of(registration.peer):
            raise RequestRefused(Code.FORBIDDEN, "this is the name of another device")


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
