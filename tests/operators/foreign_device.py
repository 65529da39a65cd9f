"""A device that is none of ours: object 5 as LwM2M has it, with the manners of other stacks, behind a NAT, at one loop.

It shares the CoAP endpoint with the package and nothing else. What it gets wrong is a field of `Manners`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from nbtwin.coap.blockwise_endpoint import BlockwiseEndpoint
from nbtwin.coap.events import Request, RequestReceived, Response, ResponseReceived
from nbtwin.coap.message import options
from nbtwin.coap.numbers import Code, ContentFormat
from nbtwin.engine import Address, Seconds
from nbtwin.lwm2m.firmware.file import FirmwareFile, file_of
from nbtwin.operators.andlink.admission import AndlinkSettings
from nbtwin.operators.andlink.platform import AndlinkPlatform
from nbtwin.operators.campaigns import records as cp
from nbtwin.operators.campaigns.records import Plan
from nbtwin.operators.key_store.psk import PskStore

NAME = "meter-1"
OLD, NEW = "1.0.7", "2.4.1"
IMAGE = bytes(range(256)) * 8
PLATFORM: Address = ("192.0.2.11", 5683)
LATENCY: Seconds = 0.05
IDLE, DOWNLOADING, DOWNLOADED, UPDATING = range(4)


@dataclass
class Manners:
    """How a stack behaves."""

    schemes: tuple[int, ...] | None = None  # /5/0/8
    method: int | None = 2  # /5/0/9
    reads_instances: bool = True
    observes: bool = True
    has_firmware: bool = True
    says_version: bool = True  # /3/0/3
    says_package_version: bool = False  # /5/0/7
    fetch_result: int = 0  # with which its download ends, instead of state 2
    install_result: int = 1
    installs: bool = True  # else it lies: a result, and the version of before
    keeps_result: bool = True  # over its restart
    result_first: bool = False  # RESULT is told before STATE
    updates_by_itself: bool = False  # no State 2, no Execute
    takes_empty_uri: bool = True  # else only Cancel resets it
    old_result: int = 0  # of an update before, not set to 0 when a package comes
    silent: bool = False  # it registers and updates, and answers nothing
    model: str = "MTR-10"
    lifetime: int = 86_400


@dataclass
class Device:
    """Flash is version, result and image; all else is lost with the power."""

    manners: Manners
    name: str = NAME
    version: str = OLD
    result: int = 0
    state: int = IDLE
    image: bytes = b""
    port: int = 40_000
    boots: int = 0
    notifications: int = 0
    wants: list[tuple[Seconds, str]] = field(default_factory=list)  # what it does by itself, and when

    def __post_init__(self) -> None:
        self.result = self.manners.old_result
        self.boot(0.0)

    def boot(self, now: Seconds) -> None:
        """Its message IDs are none of another's, whose port it may get: a copy is known by the two."""
        self.boots += 1
        self.coap = BlockwiseEndpoint(random.Random(f"{self.name}, {self.boots}"), block_size=256)
        self.observed: dict[tuple[int, ...], bytes] = {}
        self.asked: dict[bytes, str] = {}
        self.location: tuple[str, ...] = ()
        self.state, self.image, self.uri = IDLE, b"", ""
        self.wants = [(now, "register")]
        if not self.manners.keeps_result:
            self.result = 0

    # by itself

    def next_at(self) -> Seconds | None:
        deadline = self.coap.next_deadline()
        times = [at for at, _ in self.wants] + ([] if deadline is None else [deadline.at])
        return min(times, default=None)

    def act(self, now: Seconds) -> None:
        self.coap.handle_timer(now)
        due = [what for at, what in self.wants if at <= now]
        self.wants = [(at, what) for at, what in self.wants if at > now]
        for what in due:
            getattr(self, f"_{what}")(now)
        self.take(now)

    def _register(self, now: Seconds) -> None:
        query = (f"ep={self.name}", "lwm2m=1.0", "b=U", f"lt={self.manners.lifetime}")
        links = b"</1/0>,</3/0>,</5/0>" if self.manners.has_firmware else b"</1/0>,</3/0>"
        found = options(path=("rd",), query=query, content_format=ContentFormat.LINK_FORMAT)
        self.asked[self.coap.send_request(now, PLATFORM, Request(Code.POST, found, links))] = "register"
        self.wants.append((now + self.manners.lifetime * 0.9, "update"))

    def _update(self, now: Seconds) -> None:
        if self.location:
            token = self.coap.send_request(now, PLATFORM, Request(Code.POST, options(path=self.location)))
            self.asked[token] = "update"
        self.wants.append((now + self.manners.lifetime * 0.9, "update"))

    def _fetch(self, now: Seconds) -> None:
        path = tuple(urlsplit(self.uri).path.strip("/").split("/"))
        self.asked[self.coap.send_request(now, PLATFORM, Request(Code.GET, options(path=path)))] = "package"

    def _install(self, now: Seconds) -> None:
        self.result = self.manners.install_result
        if self.manners.installs and self.result == 1:
            self.version = NEW
        if self.manners.result_first:
            self._tell(now, 5)
        self.boot(now + 1)

    # what it is asked

    def take(self, now: Seconds) -> None:
        for event in self.coap.events():
            if isinstance(event, RequestReceived):
                if not self.manners.silent:
                    self.coap.respond(now, event, self._answer(now, event))
            elif isinstance(event, ResponseReceived) and (what := self.asked.pop(event.token, "")):
                if what == "register" and event.message.code == Code.CREATED:
                    self.location = event.message.location
                elif what == "update" and event.message.code == Code.NOT_FOUND:
                    self.wants = [(now, "register")]
                elif what == "package":
                    self._complete(now, event.message.payload if event.message.code == Code.CONTENT else b"")

    def _answer(self, now: Seconds, received: RequestReceived) -> Response:
        message, manners = received.message, self.manners
        path = tuple(int(segment) for segment in message.path)
        if path[:2] == (5, 0) and not manners.has_firmware:
            return Response(Code.NOT_FOUND)
        if message.code == Code.GET:
            return self._read(path, message.observe, message.token)
        if message.code == Code.PUT and path == (5, 0, 1):
            return self._write_uri(now, message.payload.decode())
        if message.code == Code.PUT and path == (5, 0, 0):
            return self._write_package(now, message.payload)
        if message.code == Code.POST and path == (5, 0, 2):
            if self.state != DOWNLOADED:
                return Response(Code.METHOD_NOT_ALLOWED)
            self._begin_update(now)
            return Response(Code.CHANGED)
        if message.code == Code.POST and path == (5, 0, 10) and not manners.takes_empty_uri:
            self._forget(now)
            return Response(Code.CHANGED)
        return Response(Code.NOT_FOUND)

    def _values(self) -> dict[tuple[int, ...], Any]:
        manners = self.manners
        found: dict[tuple[int, ...], Any] = {(5, 0, 3): self.state, (5, 0, 5): self.result, (3, 0, 1): manners.model}
        if manners.says_version:
            found[3, 0, 3] = self.version
        if manners.says_package_version:
            found[5, 0, 7] = self.version
        if manners.method is not None:
            found[5, 0, 9] = manners.method
        return found

    def _read(self, path: tuple[int, ...], observe: int | None, token: bytes) -> Response:
        values = self._values()
        if path == (5, 0, 8) and self.manners.schemes is not None:
            return Response(Code.CONTENT, options(content_format=ContentFormat.LWM2M_TLV), self._schemes())
        if path == (5, 0) and self.manners.reads_instances:
            return Response(Code.CONTENT, options(content_format=ContentFormat.LWM2M_TLV), self._instance())
        if path not in values:
            return Response(Code.METHOD_NOT_ALLOWED if len(path) == 2 else Code.NOT_FOUND)
        if observe == 0 and self.manners.observes:
            self.observed[path] = token
            found = options(observe=1, content_format=ContentFormat.TEXT)
            return Response(Code.CONTENT, found, str(values[path]).encode())
        if observe == 0:
            return Response(Code.METHOD_NOT_ALLOWED)
        return Response(Code.CONTENT, options(content_format=ContentFormat.TEXT), str(values[path]).encode())

    def _schemes(self) -> bytes:
        """TLV of a resource with several values (LwM2M 1.0 TS, 6.4.3)."""
        values = b"".join(bytes((0x41, index, scheme)) for index, scheme in enumerate(self.manners.schemes or ()))
        return bytes((0x88, 8, len(values))) + values

    def _instance(self) -> bytes:
        found = b"".join(
            bytes((0xC1, path[2], value))
            for path, value in self._values().items()
            if path[0] == 5 and isinstance(value, int)
        )
        return found + (self._schemes() if self.manners.schemes is not None else b"")

    def _write_uri(self, now: Seconds, uri: str) -> Response:
        if not uri and self.manners.takes_empty_uri:
            self._forget(now)
            return Response(Code.CHANGED)
        if not uri or self.state != IDLE:
            return Response(Code.METHOD_NOT_ALLOWED)
        self.uri = uri
        if not self.manners.old_result:
            self.result = 0
        self._move(now, DOWNLOADING)
        if urlsplit(uri).scheme == "coap":
            self.wants.append((now + 0.2, "fetch"))
        return Response(Code.CHANGED)

    def _write_package(self, now: Seconds, package: bytes) -> Response:
        if package == b"\0":
            self._forget(now)
            return Response(Code.CHANGED)
        if self.state != IDLE:
            return Response(Code.METHOD_NOT_ALLOWED)
        self.result = 0
        self._move(now, DOWNLOADING)
        self._complete(now, package)
        return Response(Code.CHANGED)

    def _complete(self, now: Seconds, package: bytes) -> None:
        if self.state != DOWNLOADING:
            return
        if self.manners.fetch_result or package != IMAGE:
            self.result = self.manners.fetch_result or 5
            self._tell(now, 5)
            self._move(now, IDLE)
            return
        self.image = package
        if self.manners.updates_by_itself:
            self._begin_update(now)
        else:
            self._move(now, DOWNLOADED)

    def _begin_update(self, now: Seconds) -> None:
        self._move(now, UPDATING)
        self.wants.append((now + 2, "install"))

    def _forget(self, now: Seconds) -> None:
        self.uri, self.image, self.result = "", b"", 0
        self._move(now, IDLE)

    def _move(self, now: Seconds, state: int) -> None:
        self.state = state
        self._tell(now, 3)

    def _tell(self, now: Seconds, resource: int) -> None:
        path = (5, 0, resource)
        if path in self.observed:
            self.notifications += 1
            payload = str(self._values()[path]).encode()
            found = options(observe=self.notifications + 2, content_format=ContentFormat.TEXT)
            self.coap.notify(now, PLATFORM, self.observed[path], Response(Code.CONTENT, found, payload), True)


class ForeignBench:
    """One platform, one device or several, and the NAT between them."""

    def __init__(
        self, file: FirmwareFile | None = None, manners: Manners | None = None, *,
        others: Mapping[str, Manners] | None = None, **settings: Any,
    ) -> None:  # fmt: skip
        self.now: Seconds = 0.0
        self.files = {"new": file or file_of(IMAGE, NEW)}
        self.platform = AndlinkPlatform(
            random.Random(1), PskStore(), settings=AndlinkSettings(**settings), package_of=self.files.get
        )
        made = others or {NAME: manners or Manners()}
        self.devices = [Device(each, name) for name, each in made.items()]
        self.outside: list[Address] = [(f"10.0.0.{number}", 5000) for number in range(1, len(made) + 1)]
        self.pipe: list[tuple[Seconds, int, bool, bytes]] = []  # when, which device, whether from it, what
        self.log: list[Any] = []
        self.count = 0
        self.lose_at = 0  # which datagram to or from the device gets lost
        self.reboot_at = 0  # with which datagram to or from the device its power is cut
        self.run(5)

    # time

    def run(self, span: Seconds, *, until_over: bool = False) -> None:
        end = self.now + span
        self._drain()
        while not (until_over and self.verdict is not None):
            deadline = self.platform.next_deadline()
            times = [at for at, *_ in self.pipe] + ([] if deadline is None else [deadline.at])
            times += [own for device in self.devices if (own := device.next_at()) is not None]
            at = min(times, default=end)
            if at > end:
                break
            self.now = max(self.now, at)
            self._step()
        else:
            return
        self.now = end

    def _step(self) -> None:
        arrived = [entry for entry in self.pipe if entry[0] <= self.now]
        self.pipe = [entry for entry in self.pipe if entry[0] > self.now]
        for _, number, is_up, data in arrived:
            device = self.devices[number]
            if self.count + 1 == self.lose_at:
                pass
            elif is_up:
                self.platform.handle_datagram(self.now, self.outside[number], data)
            else:
                device.coap.handle_datagram(self.now, PLATFORM, data)
                device.take(self.now)
            self.count += 1
            if self.count == self.reboot_at:
                self.pipe = [entry for entry in self.pipe if entry[2]]
                device.boot(self.now + 3)
        self.platform.handle_timer(self.now)
        for device in self.devices:
            device.act(self.now)
        self._drain()

    def _drain(self) -> None:
        self.log += self.platform.events()
        for to, data in self.platform.datagrams_to_send():
            if to in self.outside:  # else the NAT has forgotten it
                self.pipe.append((self.now + LATENCY, self.outside.index(to), False, data))
        for number, device in enumerate(self.devices):
            for _, data in device.coap.datagrams_to_send():
                self.pipe.append((self.now + LATENCY, number, True, data))

    @property
    def device(self) -> Device:
        return self.devices[0]

    # what is done

    def start(self, **plan: Any) -> int:
        number = self.platform.start_campaign(
            self.now, Plan(package="new", **plan), [device.name for device in self.devices]
        )
        self.count = 0
        self._drain()
        return number

    def rebind(self) -> None:
        self.outside[0] = (self.outside[0][0], self.outside[0][1] + 1)

    def fetch_over_http(self, number: int = 0) -> bool:
        """What the device's HTTP client gets."""
        device = self.devices[number]
        _, key, name = urlsplit(device.uri).path.strip("/").split("/")
        file = self.platform.package_over_http(self.now, self.outside[number][0], key, name)
        device._complete(self.now, b"" if file is None else file.content)
        self._drain()
        return file is not None

    @property
    def steps(self) -> list[cp.CampaignProgressed]:
        return [event for event in self.log if isinstance(event, cp.CampaignProgressed)]

    @property
    def verdict(self) -> cp.CampaignProgressed | None:
        return next((event for event in self.steps if event.step in cp.ENDED), None)

    def verdicts(self, within: Seconds) -> dict[str, cp.CampaignProgressed]:
        """How each ended."""
        self.run(within)
        return {event.device: event for event in self.steps if event.step in cp.ENDED}

    def over(self, within: Seconds = 2 * 3600) -> cp.CampaignProgressed:
        """How it ended."""
        self.run(within, until_over=True)
        assert self.verdict is not None, [(step.at, step.step) for step in self.steps]
        return self.verdict
