"""Devices that take firmware, each at a real socket of its own, which count what they were given and installed."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import httpx
from foreign_device import IMAGE, NEW, PLATFORM, Device, Manners
from running import Running

from nbtwin.coap.events import Request, Response
from nbtwin.coap.message import options
from nbtwin.coap.numbers import Code

PATIENCE = 60.0


class Updating(Device):
    """Behind a socket."""

    def __init__(self, name: str, port: int) -> None:
        self.packages = self.installed = 0
        self.moves: Callable[[Updating], None] = lambda device: None
        """What becomes of its address when it restarts."""
        super().__init__(Manners(), name)
        self._port = port
        self.open()

    def open(self) -> None:
        """Under an address that is new."""
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.socket.connect(("127.0.0.1", self._port))

    def _write_uri(self, now: float, uri: str) -> Response:
        said = super()._write_uri(now, uri)
        if uri.startswith("http:"):
            self.wants.append((now + 0.2, "fetch"))
        return said

    def _fetch(self, now: float) -> None:
        if self.uri.startswith("http:"):
            self._complete(now, httpx.get(self.uri, timeout=60).raise_for_status().content)
        else:
            super()._fetch(now)

    def _complete(self, now: float, package: bytes) -> None:
        self.packages += package == IMAGE
        super()._complete(now, package)

    def _begin_update(self, now: float) -> None:
        super()._begin_update(now)
        self.wants[-1] = (now + 0.2, "install")

    def _install(self, now: float) -> None:
        self.installed += 1
        super()._install(now)
        self.moves(self)

    def receive(self, now: float) -> None:
        while True:
            try:
                data = self.socket.recv(4096)
            except (BlockingIOError, ConnectionRefusedError):
                return
            self.coap.handle_datagram(now, PLATFORM, data)
            self.take(now)

    def send(self) -> None:
        for _, data in self.coap.datagrams_to_send():
            self.socket.send(data)


class Crowd:
    """All of them, on one selector; `run` is their life."""

    def __init__(self, count: int, port: int, named: str) -> None:
        self.devices = [Updating(f"{named}-{number}", port) for number in range(count)]
        self.names = [device.name for device in self.devices]
        self._named = named
        self._closing = ExitStack()
        self._ready = self._closing.enter_context(selectors.DefaultSelector())
        for device in self.devices:
            self._closing.callback(lambda device=device: device.socket.close())
            self._ready.register(device.socket, selectors.EVENT_READ, device)
            device.wants = [(time.monotonic(), "register")]

    def run(self, until: Callable[[], bool], every: float = 0.25) -> None:
        """``until`` is asked now and then."""
        end, ask_at = time.monotonic() + PATIENCE, 0.0
        while True:
            now = time.monotonic()
            if now >= ask_at:
                if until():
                    return
                assert now < end, "it was not reached"
                ask_at = now + every
            for device in self.devices:
                if (due := device.next_at()) is not None and due <= now:
                    device.act(now)
                device.send()
            for key, _ in self._ready.select(0.05):
                key.data.receive(time.monotonic())
                key.data.send()

    def move(self, device: Updating) -> None:
        """A NAT gives it another address."""
        self._ready.unregister(device.socket)
        device.socket.close()
        device.open()
        self._ready.register(device.socket, selectors.EVENT_READ, device)

    def leave(self, device: Updating) -> None:
        """It de-registers."""
        device.coap.send_request(time.monotonic(), PLATFORM, Request(Code.DELETE, options(path=device.location)))
        device.wants = []

    def register(self, lab: Running) -> None:
        """All of them, and the lab's tables have them."""
        self.run(lambda: all(device.location for device in self.devices))
        self.run(lambda: registered(lab, self._named).issuperset(self.names))

    @property
    def got(self) -> set[tuple[int, int, str]]:
        """How often each had the package, how often it installed it, and what it runs."""
        return {(device.packages, device.installed, device.version) for device in self.devices}

    @property
    def installed(self) -> set[tuple[int, str]]:
        """How often each installed it, and what it runs: a transfer that was interrupted may have begun anew."""
        return {(device.installed, device.version) for device in self.devices}

    def close(self) -> None:
        self._closing.close()


ONCE = {(1, 1, NEW)}
INSTALLED_ONCE = {(1, NEW)}


def upload(lab: Running) -> None:
    asked = {"name": "new", "version": NEW}
    answer = httpx.post(f"{lab.console()}/api/v1/firmware", params=asked, content=IMAGE, timeout=60)
    assert answer.status_code in (200, 201), answer.text


def registered(lab: Running, named: str) -> set[str]:
    """Of those whose names have this; others may be more than an answer holds."""
    asked = {"limit": 1000, "state": "registered", "containing": named}
    answer = httpx.get(f"{lab.console()}/api/v1/platforms/andlink/devices", params=asked, timeout=60)
    return {device["id"].removeprefix("andlink:") for device in answer.raise_for_status().json()}


def campaigns(lab: Running, *more: str) -> str:
    return "/".join((f"{lab.console()}/api/v1/platforms/andlink/campaigns", *more))


def start(lab: Running, **asked: Any) -> int:
    answer = httpx.post(campaigns(lab), json={"package": "new", **asked}, timeout=60)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


def state(lab: Running, number: int) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(campaigns(lab, str(number)), timeout=60).json()
    return found


def is_over(lab: Running, number: int) -> Callable[[], bool]:
    return lambda: bool(state(lab, number)["state"] in ("finished", "stopped"))


def processes_of(devices: list[Updating], processes: int = 2) -> set[int]:
    """By their locations."""
    return {int(device.location[-1][:2], 16) % processes for device in devices}
