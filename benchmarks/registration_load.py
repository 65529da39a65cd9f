"""A load generator for the operators' platforms: closed loop, its own process, real UDP sockets on loopback.

`python -m benchmarks.registration_load PORT SECONDS [OPERATOR]` prints one JSON line. Each endpoint registers, answers
what the platform reads (CMDMP /666/0, Andlink /3/0), and only then the next one takes its place: every registration is
the same work, whoever else wants the processor. Nothing is sent twice. ``echo`` is CMDMP without the read.
"""

from __future__ import annotations

import json
import selectors
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from nbtwin.coap.events import Request
from nbtwin.coap.message import Message, encode, options
from nbtwin.coap.numbers import Code, ContentFormat, Type
from nbtwin.lwm2m.content import codec
from nbtwin.lwm2m.model import InstanceNode
from nbtwin.lwm2m.path import Path
from nbtwin.module.identity import Usim
from nbtwin.operators.key_store.appkeys import LAB_APPKEY, LAB_PASSWORD
from nbtwin.selfreg.cmdmp import OBJECT_666, TerminalIdentity, endpoint_name, key_of, object_666
from nbtwin.selfreg.numbering import luhn_digit
from nbtwin.selfreg.payloads import telecom_request, unicom_request
from nbtwin.selfreg.schedule import Operator

SOCKETS = 64  # an open registration each
ENDPOINTS = 2000
_WARM_UP = 0.5
_BODY = b'</>;rt="oma.lwm2m",</1/0>,</3/0>,</666/0>'


def imei_of(number: int) -> str:
    """With its check digit: a platform has a remark about a wrong one (D138)."""
    body = f"86370303{number:06d}"
    return body + luhn_digit(body)


def registration(number: int) -> bytes:
    """What module `number` sends first (docs/spec/wire.md, Overview)."""
    imei = imei_of(number)
    name = endpoint_name(1, TerminalIdentity(imei, "", f"46004{number:010d}"), LAB_APPKEY, LAB_PASSWORD, imei)
    asked = options(
        path=("rd",),
        query=("lwm2m=1.0", f"ep={name}", "b=U", "lt=86400"),
        content_format=ContentFormat.LINK_FORMAT,
    )
    return encode(Message(Type.CON, Code.POST, number & 0xFFFF, number.to_bytes(4, "big"), asked, _BODY))


@lru_cache(maxsize=1)
def inventory() -> bytes:
    """The options and the payload of every answer to GET /666/0: nothing was ever set."""
    content: InstanceNode = dict(object_666({}, key_of(LAB_PASSWORD)))
    objects = {666: OBJECT_666}
    payload = codec.encode(ContentFormat.LWM2M_TLV, Path("/666/0"), content, objects)
    whole = encode(Message(Type.ACK, Code.CONTENT, 0, b"", options(content_format=ContentFormat.LWM2M_TLV), payload))
    return whole[4:]


def andlink_registration(number: int) -> bytes:
    """What a module without a key sends to the plain port (docs/spec/wire.md, Andlink registration)."""
    asked = options(
        path=("rd",),
        query=(f"ep={imei_of(number)}", "lt=86400", "lwm2m=1.0", "b=U"),
        content_format=ContentFormat.LINK_FORMAT,
    )
    return encode(Message(Type.CON, Code.POST, 0, number.to_bytes(4, "big"), asked, b"</>;rt=oma.lwm2m,</3/0>"))


@lru_cache(maxsize=1)
def about() -> bytes:
    """The options and the payload of every answer to GET /3/0."""
    content: InstanceNode = {0: "Quectel", 1: "BC260Y-CN", 2: "863703030000001", 3: "BC260YCNAAR01A01"}
    payload = codec.encode(ContentFormat.LWM2M_TLV, Path("/3/0"), content)
    whole = encode(Message(Type.ACK, Code.CONTENT, 0, b"", options(content_format=ContentFormat.LWM2M_TLV), payload))
    return whole[4:]


def _report(request: Callable[[str, str, str, str, str], Request], operator: Operator) -> Callable[[int], bytes]:
    card = Usim.of(operator, "bench")

    def report(number: int) -> bytes:
        asked = request(imei_of(number), "QUE-BC260Y-CN", "BC260YCNAAR01A01", card.iccid, card.imsi)
        return encode(Message(Type.CON, asked.code, 0, number.to_bytes(4, "big"), asked.options, asked.payload))

    return report


@dataclass(frozen=True)
class Traffic:
    """``read``: what the platform gets when it reads; None where it reads nothing after a registration."""

    registration: Callable[[int], bytes]
    read: Callable[[], bytes] | None = None


TRAFFIC = {
    "cmdmp": Traffic(registration, inventory),
    "telecom": Traffic(_report(telecom_request, Operator.TELECOM)),
    "unicom": Traffic(_report(unicom_request, Operator.UNICOM)),
    "andlink": Traffic(andlink_registration, about),
    "echo": Traffic(registration),
}


class Generator:
    """The sockets, and what has come back."""

    def __init__(self, port: int, traffic: Traffic = TRAFFIC["cmdmp"]) -> None:
        self._messages = [traffic.registration(number) for number in range(1, ENDPOINTS + 1)]
        self._content = traffic.read() if traffic.read is not None else b""
        self._next = 0
        self._sockets = [_connected(port) for _ in range(SOCKETS)]
        self._message_ids = [0] * SOCKETS
        self._sent_at: dict[tuple[int, int], float] = {}  # by socket and message ID
        self.answered = self.refused = self.reads = self.total = 0
        self.waits: list[float] = []  # seconds from request to answer

    def run(self, seconds: float) -> float:
        """Answers a second, after a moment to warm up."""
        with selectors.DefaultSelector() as ready:
            for index, udp in enumerate(self._sockets):
                ready.register(udp, selectors.EVENT_READ, index)
                self._send(index)
            self._serve(ready, _WARM_UP)
            self.total = self.answered
            self.answered = self.refused = self.reads = 0
            self.waits = []
            began = time.perf_counter()
            self._serve(ready, seconds)
            self.total += self.answered
            return self.answered / (time.perf_counter() - began)

    def _serve(self, ready: selectors.BaseSelector, seconds: float) -> None:
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            found = ready.select(0.5)
            for key, _ in found:
                self._read(key.data)
            if not found:  # everything was lost: start anew
                for index in range(SOCKETS):
                    self._send(index)

    def _read(self, index: int) -> None:
        udp = self._sockets[index]
        try:
            while True:
                data = udp.recv(65535)
                if data[1] == Code.GET:
                    self.reads += 1
                    udp.send(bytes((0x60 | data[0] & 15, Code.CONTENT)) + data[2 : 4 + (data[0] & 15)] + self._content)
                    self._send(index)
                elif data[1] in (Code.CREATED, Code.CHANGED, Code.POST):  # POST: an echo
                    self.answered += 1
                    if (sent := self._sent_at.pop((index, data[2] << 8 | data[3]), None)) is not None:
                        self.waits.append(time.perf_counter() - sent)
                    if not self._content:
                        self._send(index)
                elif data[1] >= 0x80:
                    self.refused += 1
                    self._send(index)
        except BlockingIOError:
            return

    def _send(self, index: int) -> None:
        message = self._messages[self._next]
        self._next = (self._next + 1) % ENDPOINTS
        self._message_ids[index] = message_id = self._message_ids[index] + 1 & 0xFFFF
        self._sent_at[index, message_id] = time.perf_counter()
        self._sockets[index].send(message[:2] + message_id.to_bytes(2, "big") + message[4:])


def _connected(port: int) -> socket.socket:
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.connect(("127.0.0.1", port))
    udp.setblocking(False)
    return udp


def main() -> None:
    port, seconds, *operator = sys.argv[1:]
    generator = Generator(int(port), TRAFFIC[operator[0] if operator else "cmdmp"])
    rate = generator.run(float(seconds))
    counts = {name: getattr(generator, name) for name in ("answered", "refused", "reads", "total")}
    waits = sorted(generator.waits) or [0.0]
    percentiles = {f"p{part}": waits[len(waits) * part // 100] for part in (50, 95, 99)}
    print(json.dumps({"rate": rate, **counts, **percentiles}))


if __name__ == "__main__":
    main()
