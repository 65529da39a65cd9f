"""The Andlink platform of the transcripts: the product's own, in a network where nothing moves until it is asked to.

DOC-E's examples say what happens when; here each event lets datagrams flow, one by one, until the host has heard of it.
"""

from __future__ import annotations

import random
import re
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from nbtwin.coap.events import Request
from nbtwin.coap.message import options
from nbtwin.coap.numbers import Code, ContentFormat
from nbtwin.engine import Address, soonest
from nbtwin.lwm2m.firmware.delta import factory_image, pack_image
from nbtwin.lwm2m.firmware.file import file_of
from nbtwin.lwm2m.path import Path
from nbtwin.lwm2m.server.bootstrap import ServerAccount
from nbtwin.operators.andlink.admission import AndlinkSettings, PlaintextPolicy
from nbtwin.operators.andlink.listeners import ListenerPort
from nbtwin.operators.andlink.platform import AndlinkPlatform
from nbtwin.operators.key_store.psk import DeviceKeys, PskStore

if TYPE_CHECKING:
    from player import Bench

HOST, NAME = "192.0.2.11", "lwm.home.komect.com"
KEY, BOOTSTRAP_KEY = "E8E19CC16CE1F388E8E19CC16CE1F388", "30313233343536373839303132336162"  # DOC-E 3.3, 6.2
VERSION = "BC28JAR01A11_ONT"
PACKAGE = pack_image("BC28", VERSION, factory_image("BC28", VERSION))
EVENTS = re.compile(
    r"platform(?P<secure> with DTLS)?( at (?P<host>[\w.]+):(?P<port>\d+))?|handshake done|bootstrapped|registered"
    r"|(data|firmware) object observed|reads \d+ [0-9A-F]+( \S+)?|data acknowledged|package (offered|fetched)"
    r"|firmware updated"
)
DATA, FIRMWARE_STATE, FIRMWARE_URI = "/19/1/0", "/5/0/3", "/5/0/1"
OVER = b"FIRMWARE UPDATE OVER"
PATIENCE = 120.0  # s of virtual time until something has to have happened


class AndlinkSide:
    """The platform, and what is on its way between it and the module of the bench."""

    def __init__(self, bench: Bench, host: str, port: int, secure: bool) -> None:
        self.bench, self.module, self.imei = bench, bench.module, bench.module.identity.imei
        self.listening_ports: dict[Address, ListenerPort] = {
            (HOST, 5683): ListenerPort.PLAIN,
            (HOST, 5684): ListenerPort.SECURE_BOOTSTRAP,
            (HOST, 5685): ListenerPort.SECURE,
        }
        if port == 5783:
            self.listening_ports[host, port] = ListenerPort.PLAIN
        keys = PskStore([DeviceKeys(device=self.imei, bootstrap_key=BOOTSTRAP_KEY, key=KEY)] if secure else [])
        settings = AndlinkSettings(observe=(), read=(), plain=PlaintextPolicy.ANYBODY, host=HOST)
        self.platform = AndlinkPlatform(
            random.Random(2), keys, settings=settings, package_of=lambda name: file_of(PACKAGE)
        )
        # 6.2 sets QLABSSECSWT alone, and one handshake is told: what the bootstrap writes is a server without DTLS
        self.platform.bootstrap._accounts_of = lambda client, peer: (ServerAccount(f"coap://{HOST}:5683", 86400),)
        self.up: deque[tuple[int, Address, bytes]] = deque()
        self.down: deque[tuple[int, Address, bytes]] = deque()
        self._asked: dict[tuple[int, int], Address] = {}  # port and listener -> the address that was asked, and answers

    # the network

    def take(self, port: int, peer: Address, data: bytes) -> bool:
        """What the module sends; whether it was for this platform."""
        if peer in self.listening_ports:
            self.up.append((port, peer, data))
        return peer in self.listening_ports

    def flow(self, until: str) -> bytes:
        """Deliver datagrams, and let time pass when none is left, until the host has heard a text."""
        heard, give_up = b"", self.bench.now + PATIENCE
        while not re.search(rf"\r\n{re.escape(until)}", heard.decode()):
            assert self.bench.now < give_up, f"{until} was never said, only {heard!r}"
            self._collect()
            if self.up:
                port, peer, data = self.up.popleft()
                listener = self.listening_ports[peer]
                self._asked[port, listener] = peer
                self.platform.handle_datagram(self.bench.now, ("10.0.0.2", port), data, listener)
            elif self.down:
                port, source, data = self.down.popleft()
                self.module.handle_packet(self.bench.now, port, source, data)
            else:
                self._wait()
            self.bench.carry()
            heard += self.module.serial_to_send()
        return heard

    def _collect(self) -> None:
        self.platform.events()
        for listener, (_, port), data in self.platform.datagrams_by_listener():
            self.down.append((port, self._asked[port, listener], data))

    def _wait(self) -> None:
        deadline = soonest(self.module.next_deadline(), self.platform.next_deadline())
        assert deadline is not None
        self.bench.now = max(self.bench.now, deadline.at)
        self.platform.handle_timer(self.bench.now)
        self.module.handle_timer(self.bench.now)
        self.module.session.echo = False  # a restart may lie between

    # what happens

    def happen(self, event: str) -> bytes:
        if event.startswith("reads "):
            return self.reads(*event.split(" ")[1:])
        found: bytes = WHAT[event](self)
        return found

    def configure(self, secure: bool) -> None:
        """Settings that the example takes for granted; the module is attached."""
        self.bench.advance(20)
        lines = [f'AT+QLASERVERIP="LWM2M","{HOST}",{5685 if secure else 5683}']
        if secure:
            lines += ["AT+QLASECSWT=1,1", f"AT+QLASETPSK=0,{KEY}"]
        for line in lines:
            assert self.bench.say(line) == ["OK"], line
        if secure:
            self.bench.happen("reboot quietly")  # the key is in use after it (3.3)
            self.bench.happen("attached")

    def registered(self) -> bytes:
        """By itself after a boot; where nothing has begun yet, because the host wants it."""
        if not self.up and not self.down and self.module.andlink.registration_state != "REGISTERING":
            assert self.bench.say("AT+QLASREGIND=0") == ["OK"]
        return self.flow("+QLAEVTIND:0")

    def reads(self, message_id: str, token: str, query: str = "") -> bytes:
        """A read of the data object with the example's numbers."""
        platform, now = self.platform, self.bench.now
        wanted = options(path=Path(DATA).segments, query=query.split("&") if query else ())
        peer = platform.server.registrations[self.imei].peer
        platform.coap._identifiers._next[peer] = int(message_id)
        named, request = bytes.fromhex(token), Request(Code.GET, wanted)
        platform.server.adopt_observation(self.imei, Path(DATA), named, request)  # else a token is invented
        platform.server.send(now, self.imei, Path(DATA), request, token=named)
        return self.flow("+QLAREAD:")

    def observed(self, path: str, number: int) -> bytes:
        self.platform.devices.ask(self.bench.now, self.imei, "observe", path)
        return self.flow(f"+QLAEVTIND:{number}")

    def offered(self) -> bytes:
        uri = f"coap://{HOST}:5683/fw/new"
        self.platform.devices.ask(
            self.bench.now, self.imei, "write", FIRMWARE_URI, uri, content_format=int(ContentFormat.TEXT)
        )
        return self.flow("+QLAEVTIND:6")

    def updated(self) -> bytes:
        """The module restarts, registers and is observed again: what it did is reported."""
        heard = self.flow("+QLAEVTIND:0") + self.observed(DATA, 3)
        return heard if OVER in heard else heard + self.flow(OVER.decode())


WHAT: dict[str, Callable[[AndlinkSide], Any]] = {
    "handshake done": lambda side: side.flow("+QLADTLSSTAT:0"),
    "bootstrapped": lambda side: side.flow("+QLAEVTIND:4"),
    "registered": AndlinkSide.registered,
    "data object observed": lambda side: side.observed(DATA, 3),
    "firmware object observed": lambda side: side.observed(FIRMWARE_STATE, 5),
    "data acknowledged": lambda side: side.flow("+QLADATASTATUS:"),
    "package offered": AndlinkSide.offered,
    "package fetched": lambda side: side.flow("+QLAEVTIND:7"),
    "firmware updated": AndlinkSide.updated,
}


def opened(bench: Bench, event: str) -> AndlinkSide | None:
    """For ``platform …``: a platform, and a module that knows it unless the example says how it learns of it."""
    match = EVENTS.fullmatch(event)
    if match is None or not event.startswith("platform"):
        return None
    side = AndlinkSide(bench, match["host"] or HOST, int(match["port"] or 5683), bool(match["secure"]))
    bench.andlink = side
    if match["host"] is None:
        side.configure(bool(match["secure"]))
    return side
