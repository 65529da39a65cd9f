"""Servers that misbehave behind DTLS, over real UDP: each way has its class, and nothing is a crash."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from threading import Event, Thread

import pytest

from nbtwin.coap.message import Message, decode, encode, options
from nbtwin.coap.numbers import Code, Type
from nbtwin.dtls import ApplicationDataReceived, DtlsServer
from nbtwin.fleet.plan import FleetDevices, FleetPhase, FleetPlan, FleetTarget
from nbtwin.fleet.shard import Shard
from nbtwin.fleet.tally import FleetStats, Outcome

KEY = bytes(range(16))
SHORT, LONG = 0.05, 5.0


class SecureServer:
    """``answer`` is what it says to a request, inside of the session; None: nothing. ``before``: what it says to a
    datagram of the device before it looks at it; None: it looks."""

    def __init__(
        self, answer: Callable[[Message], bytes | None], before: Callable[[bytes], bytes | None] = lambda data: None
    ) -> None:
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", 0))
        self.port: int = self.udp.getsockname()[1]
        self._answer, self._before = answer, before
        self._dtls = DtlsServer(lambda identity: KEY, Random(1).randbytes)

    def serve(self) -> None:
        while (found := self.udp.recvfrom(65535))[0] != b"end":
            data, source = found
            said = self._before(data)
            if said is not None:
                self.udp.sendto(said, source)
                continue
            now = time.monotonic()
            self._dtls.handle_datagram(now, source, data)
            for event in self._dtls.events():
                if isinstance(event, ApplicationDataReceived):
                    reply = self._answer(decode(event.data))
                    if reply is not None:
                        self._dtls.send(now, source, reply)
            for to, record in self._dtls.datagrams_to_send():
                self.udp.sendto(record, to)


@contextmanager
def served(server: SecureServer) -> Iterator[SecureServer]:
    thread = Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"end", ("127.0.0.1", server.port))
        thread.join()
        server.udp.close()


def properly(asked: Message) -> bytes:
    created = asked.path == ("rd",)
    code = Code.CREATED if created else Code.DELETED if asked.code == Code.DELETE else Code.CHANGED
    found = options(location_path=("rd", "a")) if created else ()
    return encode(Message(Type.ACK, code, asked.message_id, asked.token, found))


def late(asked: Message) -> bytes:
    Event().wait(0.03)
    return properly(asked)


def refuses(asked: Message) -> bytes:
    return encode(Message(Type.ACK, Code.FORBIDDEN, asked.message_id, asked.token))


@pytest.mark.parametrize(
    ("answer", "before", "wait", "outcome"),
    [
        (properly, lambda data: b"no record", SHORT, Outcome.RUBBISH),
        (properly, lambda data: b"\x16\xfe\xfd" + bytes(9) + b"\x05", SHORT, Outcome.RUBBISH),  # of another length
        (properly, lambda data: b"\x16\xfe\xfd" + bytes(10), SHORT, Outcome.RUBBISH),  # a handshake message of nothing
        (properly, lambda data: b"", SHORT, Outcome.SILENT),
        (properly, lambda data: b"\x15\xfe\xfd" + bytes(8) + b"\0\2\2\x28", LONG, Outcome.HANDSHAKE),  # a fatal alert
        (lambda asked: b"\x00", lambda data: None, LONG, Outcome.RUBBISH),  # in the session
        (lambda asked: None, lambda data: None, SHORT, Outcome.SILENT),  # it made the session, and then it was dead
        (refuses, lambda data: None, LONG, Outcome.REFUSED),
        (late, lambda data: None, LONG, Outcome.SLOW),
    ],
)
def test_a_bad_server_behind_dtls_is_an_error_class_and_no_crash(
    answer: Callable[[Message], bytes | None], before: Callable[[bytes], bytes | None], wait: float, outcome: Outcome
) -> None:
    with served(SecureServer(answer, before)) as server:
        plan = FleetPlan(
            target=FleetTarget("127.0.0.1", server.port, True, "127.0.0.1"), devices=FleetDevices(3, key=KEY),
            phases=(FleetPhase(do="register", rate=100),), ack_timeout=wait, retransmissions=2, slow=0.02, keep=True,
        )  # fmt: skip
        stats = Shard(0, 1, plan).run()
    assert stats.outcomes == {"register": {outcome: 3}}
    assert sum(stats.begun.values()) == stats.ended
    assert (stats.counts.get("rubbish", 0) > 0) is (outcome is Outcome.RUBBISH)


@pytest.mark.parametrize("when", ["registering", "paused", "handshakes"])
def test_ctrl_c_at_any_time_lets_those_leave_that_are_registered(when: str) -> None:
    """``handshakes``: after five sessions the server answers nobody new."""
    sessions: set[tuple[str, ...]] = set()
    stopped: list[int] = []

    def answer(asked: Message) -> bytes:
        sessions.add(asked.query)
        return properly(asked)

    def before(data: bytes) -> bytes | None:
        return b"" if when == "handshakes" and len(sessions) >= 5 and data[0] == 22 else None

    def tell(stats: FleetStats) -> None:
        if stopped or stats.registered < 5 or (when == "handshakes" and not stats.under_way):
            return
        if when == "paused" and not stats.paused:
            shard.pause()
        else:
            stopped.append(stats.registered)
            shard.stop()  # a second time would be at once

    with served(SecureServer(answer, before)) as server:
        plan = FleetPlan(
            target=FleetTarget("127.0.0.1", server.port, True, "127.0.0.1"), devices=FleetDevices(400, key=KEY),
            phases=(FleetPhase(do="register", rate=20),), grace=1.0,
        )  # fmt: skip
        shard = Shard(0, 1, plan)
        stats = shard.run(tell)
    left = stats.waits["deregister"].count
    assert stats.registered == 0
    assert 5 <= left < 400
    assert stats.total(Outcome.OK, Outcome.SLOW) == 2 * left
    assert sum(stats.begun.values()) == stats.ended
