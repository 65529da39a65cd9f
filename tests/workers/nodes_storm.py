"""Devices at Andlink's plain port that register and send values: what was acknowledged to them, and what is kept of it.

    python tests/workers/nodes_storm.py 10000 20

By hand: two nodes, one killed with ``kill -9`` and begun anew, PostgreSQL crashed, NATS cut for 30 s, all under load.
"""

from __future__ import annotations

import contextlib
import heapq
import json
import random
import selectors
import socket
import sys
import tempfile
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from pathlib import Path

if __name__ == "__main__":  # else the tests' own configuration does it
    tests = Path(__file__).parents[1]
    sys.path[:0] = [str(tests / "cli"), str(tests.parent)]

import psycopg
from workers_cluster import Cluster, cluster

from benchmarks.traffic import imei_of, register
from nbtwin.coap.message import Message as CoapMessage
from nbtwin.coap.message import decode, encode, options
from nbtwin.coap.numbers import Code, ContentFormat, Type

LINKS = b'</>;rt="oma.lwm2m",</1/0>,</4/0>,</6/0>'
REPEAT = 2.0
UNDER_WAY = 400
"""Devices that wait for an answer at a time: whoever has one sends the next."""


class Sender:
    """One device: its registration, then its values, one after the other, each repeated until it is answered."""

    def __init__(self, number: int, port: int, values: int) -> None:
        self.imei, self.location = imei_of(number), ""
        self.acknowledged = 0
        """Values."""
        self.refused: list[int] = []
        self.wanted = values
        self._message_id, self._port = random.getrandbits(16), port  # the port may have been another's
        self.socket = self._bound()
        self.repeat_at = 0.0
        self._request = b""

    def _bound(self, address: tuple[str, int] = ("127.0.0.1", 0)) -> socket.socket:
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.setblocking(False)
        udp.bind(address)
        udp.connect(("127.0.0.1", self._port))
        return udp

    def bind(self, address: tuple[str, int]) -> None:
        """To this address of its own."""
        self.socket.close()
        self.socket = self._bound(address)

    def move(self) -> None:
        """To another address."""
        self.socket.close()
        self.socket = self._bound()

    @property
    def done(self) -> bool:
        return bool(self.location) and self.acknowledged >= self.wanted

    def begin(self) -> None:
        """The next request."""
        self._message_id = self._message_id + 1 & 0xFFFF
        made = self._value() if self.location else register(self.imei, LINKS)
        self._request = made[:2] + self._message_id.to_bytes(2, "big") + made[4:]
        self.send()

    def _value(self) -> bytes:
        asked = options(path=("dp",), query=(f"ep={self.imei}",), content_format=ContentFormat.LWM2M_JSON)
        return encode(CoapMessage(Type.CON, Code.POST, 0, bytes(4), asked, b"%d" % (self.acknowledged + 1)))

    def send(self) -> None:
        self.repeat_at = time.monotonic() + REPEAT
        with contextlib.suppress(OSError):  # nobody is there just now
            self.socket.send(self._request)

    def take(self) -> bool:
        """Whether the request is answered."""
        try:
            message = decode(self.socket.recv(2048))
        except OSError:
            return False
        if message.message_id != self._message_id or not message.code:
            return False
        if message.code == Code.CREATED:
            self.location = "/".join(message.location)
        elif message.code == Code.CHANGED:
            self.acknowledged += 1
        elif message.code == Code.SERVICE_UNAVAILABLE:
            return False  # it repeats
        else:
            self.refused.append(int(message.code))
        return True


def storm(senders: list[Sender], answered: Callable[[int], object], patience: float) -> None:
    """Until each has all of its answers. ``answered`` is told how many there are; it may do what it likes."""
    waiting, count, until = deque(senders), 0, time.monotonic() + patience
    under_way: dict[Sender, None] = {}
    repeats: list[tuple[float, int, Sender]] = []
    with selectors.DefaultSelector() as ready:
        while waiting or under_way:
            assert time.monotonic() < until, f"{len(waiting) + len(under_way)} devices are not done"
            while waiting and len(under_way) < UNDER_WAY:
                sender = waiting.popleft()
                under_way[sender] = None
                ready.register(sender.socket, selectors.EVENT_READ, sender)
                sender.begin()
                heapq.heappush(repeats, (sender.repeat_at, id(sender), sender))
            for key, _ in ready.select(0.1):
                sender = key.data
                if sender.take():
                    count += 1
                    ready.unregister(sender.socket)
                    del under_way[sender]
                    if not sender.done:
                        waiting.append(sender)
                    answered(count)
            while repeats and repeats[0][0] <= time.monotonic():
                _, _, sender = heapq.heappop(repeats)
                if sender in under_way:
                    if sender.repeat_at <= time.monotonic():
                        sender.send()
                    heapq.heappush(repeats, (sender.repeat_at, id(sender), sender))


def missing(made: Cluster, senders: list[Sender]) -> tuple[list[str], list[tuple[str, int]]]:
    """Of what was acknowledged: registrations, and values, that the database does not have."""
    with psycopg.connect(made.database.url) as db:
        found = db.execute("SELECT device, location FROM nbtwin.registrations WHERE platform = 'andlink'")
        locations = {device: location for device, location in found}
        lines = db.execute(
            "SELECT devices.id, detail FROM nbtwin.history JOIN nbtwin.devices ON device = number"
            " WHERE kind = 'data-received'"
        )
        values = {(device, _value_in(detail)) for device, detail in lines}
    names = {f"andlink:{sender.imei}": sender for sender in senders}
    lost = [name for name, sender in names.items() if sender.location and locations.get(name) != sender.location]
    said = [(name, each) for name, sender in names.items() for each in range(1, sender.acknowledged + 1)]
    return lost, [each for each in said if each not in values]


def _value_in(detail: str) -> int:
    return int(json.loads(detail)["data"])


def main(count: int, values: int) -> None:
    with tempfile.TemporaryDirectory() as folder, cluster(Path(folder)) as made:
        made.start("a")
        made.start("b")
        senders = [Sender(number, made.plain, values) for number in range(count)]
        began, total = time.monotonic(), count * (values + 1)

        def say(what: str) -> None:
            print(f"{time.monotonic() - began:6.1f} s  {what}", flush=True)

        def crash() -> None:
            made.database.crash()
            made.database.start()
            say("PostgreSQL is back")

        def join() -> None:
            made.start("a")
            say("node a is back")

        def back() -> None:
            made.nats.start()
            say("NATS is back after 30 s")

        def answered(done: int) -> None:
            if done == total // 8:
                say("NATS is cut")
                made.nats.cut()
                threading.Timer(30, back).start()
            elif done == total // 4:
                say("node a is killed")
                made.kill("a")
            elif done == total // 2:
                say("PostgreSQL crashes")
                crash()
            elif done == total * 5 // 8:
                threading.Thread(target=join).start()
            if done % (total // 16) == 0:
                say(f"{done} of {total} answered")

        storm(senders, answered, 1200)
        say("all are answered")
        lost, unsaid = missing(made, senders)
        refused = Counter(code for sender in senders for code in sender.refused)
        print(f"registrations missing: {len(lost)} of {count}; values: {len(unsaid)} of {count * values}; {refused}")
        for sender in senders:
            sender.socket.close()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
