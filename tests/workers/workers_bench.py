"""Devices at a platform in several processes: each with a socket of its own, repeating what is not answered."""

from __future__ import annotations

import random
import selectors
import socket
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from running import Running

from benchmarks.traffic import cmdmp_registration, imei_of
from nbtwin.coap.message import Message, decode, encode, options
from nbtwin.coap.numbers import Code, Type, is_request
from nbtwin.operators.key_store.appkeys import LAB_APPKEY, LAB_PASSWORD
from nbtwin.selfreg.cmdmp import TerminalIdentity, endpoint_name

PATIENCE = 40.0
REPEAT = 2.0
"""Seconds after which a device repeats a Confirmable, as RFC 7252 has it."""


def lab(state: Path, *more: str, processes: int = 2, ports: str = "cmdmp=0") -> Running:
    several = ("--processes", str(processes)) if processes > 1 else ()
    return Running("platform", "--ports", ports, *several, *more, state=state)


def port_of(running: Running) -> int:
    return int(running.platform()["udp"].rpartition(":")[2])


def pids(running: Running) -> list[int]:
    return [int(line.rpartition("=")[2]) for line in running.lines if line.startswith("worker ")]


class Device:
    """One module's side of the wire, number ``number``."""

    def __init__(self, number: int, port: int) -> None:
        self.number, self.imei, self.location = number, imei_of(number), ""
        self.sleeps = False  # in Queue Mode
        self.asked = set[bytes]()
        """The tokens of what it was asked, answered or not."""
        self._port, self._message_id = port, random.getrandbits(16)  # a port may have been another's
        self._name = endpoint_name(
            1, TerminalIdentity(self.imei, "", f"46004{number:010d}"), LAB_APPKEY, LAB_PASSWORD, self.imei
        )
        self.socket = self._bound()

    def _bound(self) -> socket.socket:
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.setblocking(False)
        udp.connect(("127.0.0.1", self._port))
        return udp

    def move(self, port: int | None = None) -> None:
        """A NAT has given it another address; ``port``: and the platform has another one."""
        self._port = port or self._port
        self.socket.close()
        self.socket = self._bound()

    def registration(self) -> bytes:
        made = cmdmp_registration(self.number)
        if self.sleeps:
            made = made.replace(b"\x03b=U", b"\x04b=UQ")
        return made[:2] + self._next().to_bytes(2, "big") + made[4:]

    def update(self, *said: str, code: int = Code.POST) -> bytes:
        asked = options(path=tuple(self.location.split("/")), query=(f"epi={self._name}", *said))
        return encode(Message(Type.CON, code, self._next(), b"up", asked, b""))

    def _next(self) -> int:
        self._message_id = self._message_id + 1 & 0xFFFF
        return self._message_id

    def answer_reads(self, text: str) -> None:
        """Whatever has been asked since."""
        while (message := _received(self)) is not None:
            if is_request(message.code):
                answer = Message(Type.ACK, Code.CONTENT, message.message_id, message.token, (), text.encode())
                self.socket.send(encode(answer))

    def take(self, message: Message) -> None:
        if message.code == Code.CREATED:
            self.location = "/".join(message.location)


Requests = dict[Device, bytes]


def exchange(requests: Requests, answered: Callable[[int], object] = lambda count: None) -> dict[Device, Message]:
    """The answer to each, repeated until it is there; ``answered`` is told how many there are. Reads are refused."""
    answers: dict[Device, Message] = {}
    until = time.monotonic() + PATIENCE
    with selectors.DefaultSelector() as ready:
        for device in requests:
            ready.register(device.socket, selectors.EVENT_READ, device)
        repeat_at = 0.0
        while len(answers) < len(requests):
            now = time.monotonic()
            assert now < until, f"{len(requests) - len(answers)} of {len(requests)} were not answered"
            if now >= repeat_at:
                repeat_at = now + REPEAT
                for device, request in requests.items():
                    if device not in answers:
                        device.socket.send(request)
            for key, _ in ready.select(0.5):
                device = key.data
                if (message := _received(device)) is None or is_request(message.code):
                    continue
                if device not in answers and message.message_id == int.from_bytes(requests[device][2:4], "big"):
                    answers[device] = message
                    device.take(message)
                    answered(len(answers))
    return answers


def _received(device: Device) -> Message | None:
    try:
        message = decode(device.socket.recv(2048))
    except (BlockingIOError, ConnectionRefusedError):
        return None
    if is_request(message.code):
        device.asked.add(message.token)
    return message


def register(devices: Iterable[Device], answered: Callable[[int], object] = lambda count: None) -> None:
    answers = exchange({device: device.registration() for device in devices}, answered)
    assert {answer.code for answer in answers.values()} == {Code.CREATED}


def updates(devices: Iterable[Device]) -> set[int]:
    """The codes that the devices' updates are answered with."""
    return {int(answer.code) for answer in exchange({device: device.update() for device in devices}).values()}


def processes_of(devices: Iterable[Device], processes: int) -> set[int]:
    """By their locations."""
    return {int(device.location.rpartition("/")[2][:2], 16) % processes for device in devices}
