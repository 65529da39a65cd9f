"""DTLS at a platform in several processes: a session is found again by its Connection ID (D205, RFC 9146)."""

from __future__ import annotations

import os
import random
import select
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from running import Running
from workers_bench import PATIENCE, lab, pids

from nbtwin.coap.message import Message, decode, encode, options
from nbtwin.coap.numbers import Code, Type
from nbtwin.dtls.client import DtlsClient
from nbtwin.dtls.events import ApplicationDataReceived, HandshakeCompleted
from nbtwin.operators.key_store.psk import DeviceKeys
from nbtwin.operators.store.andlink import PskRepository
from nbtwin.operators.store.store import Store

MOST = 40
REPEAT = 0.3
KEY = "E8E19CC16CE1F388E8E19CC16CE1F388"
LINKS = b'</>;rt="oma.lwm2m",</1/0>,</3/0>,</5/0>,</19/0>,</19/1>'


class Unanswered(AssertionError):
    """As it is where a node has gone with the session."""


class SecureDevice:
    """One device's side of the wire, behind DTLS."""

    def __init__(self, number: int, port: int) -> None:
        self.imei, self.location = f"8677240300{number:05d}", ""
        self.handshakes = 0
        self._number, self._port, self._message_id = number, port, 0
        self.socket = self._bound()
        self.begin()

    def _bound(self) -> socket.socket:
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.connect(("127.0.0.1", self._port))
        return udp

    def begin(self) -> None:
        """Without the session that it had."""
        drawn = random.Random(f"{self._number}/{self.handshakes}")
        self._dtls = DtlsClient(("127.0.0.1", self._port), self.imei.encode(), bytes.fromhex(KEY), drawn.randbytes)

    def move(self) -> None:
        self.socket.close()
        self.socket = self._bound()

    def ask(self, *path: str, query: tuple[str, ...] = (), payload: bytes = b"", patience: float = PATIENCE) -> Message:
        """The answer; the request is repeated. Unanswered."""
        self._message_id += 1
        found = options(path=path, query=query, content_format=40 if payload else None)
        request = encode(Message(Type.CON, Code.POST, self._message_id, b"t", found, payload))
        until = time.monotonic() + patience
        while (now := time.monotonic()) < until:
            self._dtls.send(now, self._dtls.peer, request)
            while (left := now + REPEAT - time.monotonic()) > 0:
                self._leave()
                if select.select([self.socket], [], [], left)[0]:
                    for answer in self._take():
                        if answer.message_id == self._message_id and answer.code:
                            return answer
        raise Unanswered(self.imei)

    def _leave(self) -> None:
        self._dtls.handle_timer(time.monotonic())
        for _, data in self._dtls.datagrams_to_send():
            self.socket.send(data)

    def _take(self) -> Iterator[Message]:
        data = self.socket.recv(4096)
        self._dtls.handle_datagram(time.monotonic(), self._dtls.peer, data)
        for event in self._dtls.events():
            if isinstance(event, HandshakeCompleted):
                self.handshakes += 1
            elif isinstance(event, ApplicationDataReceived):
                yield decode(event.data)

    @property
    def process(self) -> int:
        return int(self.location[:2], 16) % 2

    def register(self) -> int:
        answer = self.ask("rd", query=(f"ep={self.imei}", "lwm2m=1.0", "b=U", "lt=86400"), payload=LINKS)
        if answer.code == Code.CREATED:
            self.location = answer.location[-1]
        return int(answer.code)

    def update(self, patience: float = PATIENCE) -> int:
        return int(self.ask("rd", self.location, patience=patience).code)


@contextmanager
def devices_at(tmp_path: Path) -> Iterator[tuple[Running, Callable[[], SecureDevice]]]:
    """A platform that knows `MOST` devices, and what makes the next one of them."""
    names = [f"8677240300{number:05d}" for number in range(MOST)]
    with Store.open(tmp_path / "inventory.sqlite") as store:
        store.part(PskRepository).keys.add_all([DeviceKeys(device=name, key=KEY) for name in names])
    with lab(tmp_path, ports="andlink=0") as running, ExitStack() as closing:
        port = int(running.platform()["coaps"].rpartition(":")[2])
        numbers = iter(range(MOST))

        def another() -> SecureDevice:
            device = SecureDevice(next(numbers), port)
            closing.callback(lambda: device.socket.close())
            return device

        yield running, another
        assert running.stop() == 0


def registered(another: Callable[[], SecureDevice]) -> list[SecureDevice]:
    """Some, of both processes."""
    devices: list[SecureDevice] = []
    while len(devices) < 4 or len({device.process for device in devices}) < 2:
        devices.append(another())
        assert devices[-1].register() == Code.CREATED
    return devices


def test_a_session_goes_on_from_any_address_and_is_made_anew_when_its_process_was_killed(tmp_path: Path) -> None:
    with devices_at(tmp_path) as (running, another):
        devices = registered(another)
        for pid in pids(running):
            os.kill(pid, signal.SIGKILL)
        for device in devices:
            device.begin()
            assert device.update() == Code.CHANGED  # the registration is kept
            assert device.handshakes == 2
        for _ in range(4):
            for device in devices:
                device.move()
                assert device.update() == Code.CHANGED
        assert {device.handshakes for device in devices} == {2}


def test_who_makes_a_session_at_another_process_registers_there(tmp_path: Path) -> None:
    with devices_at(tmp_path) as (_, another):
        device, seen = registered(another)[0], set[int]()
        while seen != {Code.CHANGED, Code.NOT_FOUND}:
            device.move()
            device.begin()
            seen.add(device.update())
            if Code.NOT_FOUND in seen:
                assert device.register() == Code.CREATED
                assert device.update() == Code.CHANGED
