"""An Andlink client, its platforms and a clock: datagrams arrive at once, unless the test loses them."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from nbtwin.coap.blockwise_endpoint import BlockwiseEndpoint
from nbtwin.coap.events import Request, RequestReceived, Response, ResponseReceived
from nbtwin.coap.message import Message, options
from nbtwin.coap.numbers import Code, ContentFormat
from nbtwin.engine import Address, Seconds, soonest
from nbtwin.lwm2m.client.channel import MakeChannel
from nbtwin.lwm2m.client.client import AndlinkClient
from nbtwin.lwm2m.client.config import AndlinkConfig
from nbtwin.lwm2m.client.events import AndlinkStateChanged
from nbtwin.lwm2m.client.firmware_update import FirmwareResult
from nbtwin.lwm2m.content import codec
from nbtwin.lwm2m.model import Node
from nbtwin.lwm2m.path import Path

MODULE = ("10.0.0.2", 49158)
BOOTSTRAP = ("192.0.2.10", 5783)
SERVER = ("192.0.2.11", 5683)
CONFIG = AndlinkConfig(imei="867724030000225", model="BC28", firmware="BC28JAR01A01", servers=(SERVER,), lifetime=600)


class Platform:
    """One CoAP port that answers by a script and remembers everything."""

    def __init__(self, address: Address, answers: dict[str, Response | None] | None = None) -> None:
        self.address = address
        self.endpoint = BlockwiseEndpoint(
            random.Random(address[1]), longest=1 << 21, nstart=64
        )  # as impatient as may be
        self.answers: dict[str, Response | None] = {
            "bs": Response(Code.CHANGED),
            "rd": Response(Code.CREATED, options(location_path=("rd", "5a3f"))),
            "rd/5a3f": Response(Code.CHANGED),
            "dp": Response(Code.CHANGED),
            **(answers or {}),
        }
        self.received: list[tuple[Seconds, Message]] = []
        self.heard: list[tuple[bytes, Message]] = []
        self.happened: list[Any] = []
        self.deaf = False

    def react(self, now: Seconds) -> None:
        for event in self.endpoint.events():
            if isinstance(event, RequestReceived):
                self.received.append((now, event.message))
                response = self.answers.get("/".join(event.message.path), Response(Code.NOT_FOUND))
                if event.message.code == Code.DELETE and response is not None and response.code == Code.CHANGED:
                    response = Response(Code.DELETED)
                if response is not None:
                    self.endpoint.respond(now, event, response)
                else:
                    self.endpoint.acknowledge(now, event)
            elif isinstance(event, ResponseReceived):
                self.heard.append((event.token, event.message))
            else:
                self.happened.append(event)

    def paths(self) -> list[str]:
        return ["/".join(message.path) for _, message in self.received]


class Bench:
    def __init__(
        self,
        *platforms: Platform,
        names: dict[str, str | None] | None = None,
        make_channel: MakeChannel | None = None,
        update_result: FirmwareResult = FirmwareResult.INITIAL,
        **changes: Any,
    ) -> None:
        self.config = replace(CONFIG, **changes)
        self.now: Seconds = 0.0
        self.client = AndlinkClient(
            lambda: self.config, random.Random(1), make_channel=make_channel, update_result=update_result
        )
        self.platforms = {platform.address: platform for platform in platforms or (Platform(SERVER),)}
        self.names = names or {}
        self.looking_up: set[str] = set()  # names that nobody answers for the time being
        self.attached = False
        self.happened: list[tuple[Seconds, Any]] = []
        self.lose: Callable[[int], bool] = lambda number: False
        self.carried = 0

    @property
    def platform(self) -> Platform:
        return self.platforms[SERVER]

    def attach(self) -> None:
        self.attached = True
        self.client.handle_attached(self.now)
        self.drain()

    def detach(self) -> None:
        self.attached = False
        self.client.handle_detached(self.now)
        self.drain()

    def _arrives(self) -> bool:
        self.carried += 1
        return self.attached and not self.lose(self.carried)

    def drain(self) -> None:
        moving = True
        while moving:
            moving = False
            self.happened += ((self.now, event) for event in self.client.events())
            for name in self.client.lookups():
                moving = True
                if name not in self.looking_up:
                    self.client.handle_lookup(self.now, name, self.names.get(name))
            for peer, data in self.client.datagrams_to_send():
                moving = True
                platform = self.platforms.get(peer)
                if self._arrives() and platform is not None and not platform.deaf:
                    self.to_platform(platform, data)
                    platform.react(self.now)
            for address, platform in self.platforms.items():
                platform.react(self.now)
                for _, data in self.from_platform(platform):
                    moving = True
                    if self._arrives():
                        self.client.handle_datagram(self.now, address, data)
        deadline = self.client.next_deadline()
        assert deadline is None or deadline.at > self.now, f"{deadline} is not in the future"

    def to_platform(self, platform: Platform, data: bytes) -> None:
        platform.endpoint.handle_datagram(self.now, MODULE, data)

    def from_platform(self, platform: Platform) -> list[tuple[Address, bytes]]:
        return platform.endpoint.datagrams_to_send()

    def platform_deadlines(self) -> list[Any]:
        return [platform.endpoint.next_deadline() for platform in self.platforms.values()]

    def platform_timers(self) -> None:
        for platform in self.platforms.values():
            platform.endpoint.handle_timer(self.now)

    def run(self, until: Seconds) -> None:
        while True:
            deadline = soonest(self.client.next_deadline(), *self.platform_deadlines())
            if deadline is None or deadline.at > until:
                break
            self.now = max(self.now, deadline.at)
            self.client.handle_timer(self.now)
            self.platform_timers()
            self.drain()
        self.now = until

    # What a platform does

    def send(self, request: Request, platform: Platform | None = None) -> bytes:
        platform = platform or self.platform
        token = platform.endpoint.send_request(self.now, MODULE, request)
        self.drain()
        return token

    def ask(self, code: int, path: str, payload: bytes = b"", platform: Platform | None = None, **more: Any) -> Message:
        """Send a request and return its answer."""
        platform = platform or self.platform
        segments = path.strip("/").split("/") if path != "/" else ()
        token = self.send(Request(code, options(path=segments, **more), payload), platform)
        return self.answer(token, platform)

    def answer(self, token: bytes, platform: Platform | None = None) -> Message:
        return self.answers(token, platform)[-1]

    def answers(self, token: bytes, platform: Platform | None = None) -> list[Message]:
        return [message for found, message in (platform or self.platform).heard if found == token]

    def observe(self, path: str, **more: Any) -> bytes:
        token = self.send(Request(Code.GET, options(path=path.strip("/").split("/"), observe=0, **more)))
        assert self.answer(token).observe is not None
        return token

    def write_account(self, uri: str, key: bytes = b"", mode: int = 3) -> None:
        """What the bootstrap server writes before it finishes."""
        security: Node = {0: uri, 1: False, 2: mode, 3: CONFIG.imei.encode(), 5: key, 10: 77}
        server: Node = {0: 77, 1: 900, 6: False, 7: "U"}
        for path, node in (("/0/1", security), ("/1/0", server)):
            answer = self.ask(
                Code.PUT,
                path,
                codec.encode(ContentFormat.LWM2M_TLV, Path(path), node),
                self.platforms[BOOTSTRAP],
                content_format=ContentFormat.LWM2M_TLV,
            )
            assert answer.code == Code.CHANGED

    def finish_bootstrap(self) -> Message:
        return self.ask(Code.POST, "/bs", b"", self.platforms[BOOTSTRAP])

    # What was seen

    def seen(self, *kinds: type) -> list[Any]:
        return [event for _, event in self.happened if isinstance(event, kinds)]

    def states(self) -> list[tuple[Seconds, str]]:
        return [(at, str(event.new)) for at, event in self.happened if isinstance(event, AndlinkStateChanged)]

    @property
    def state(self) -> str:
        return str(self.client.registration_state)
