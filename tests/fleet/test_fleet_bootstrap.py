"""What a bootstrap server writes decides with whom a device registers, with which key, and for how long (D212)."""

from __future__ import annotations

from random import Random
from typing import Any

import msgspec
import pytest
from fleet_server import DELAY, Drive, Reply, Server, piggybacked, plan

from nbtwin.coap.message import Message, decode, encode, options
from nbtwin.coap.numbers import Code, ContentFormat, Type
from nbtwin.dtls import ApplicationDataReceived, DtlsServer, HandshakeCompleted
from nbtwin.fleet.plan import FleetDevices, FleetPhase, FleetPlan, FleetTarget
from nbtwin.fleet.tally import Outcome
from nbtwin.lwm2m.content import codec
from nbtwin.lwm2m.path import Path

REGISTER, REBOOT = FleetPhase(do="register", rate=100), FleetPhase(do="reboot", rate=100)
KEY = bytes(range(16))
SECURE = 6002
TLV = ContentFormat.LWM2M_TLV
Asked = tuple[Code, tuple[str, ...], bytes]


def write(path: tuple[int, ...], node: dict[int, Any]) -> Asked:
    return Code.PUT, tuple(map(str, path)), codec.encode(TLV, Path(path), node)


def account(uri: str, *, key: bytes = b"", lifetime: int = 120) -> list[Asked]:
    """The account of the bootstrap server itself, which it may have, and one of another server."""
    secret = {2: 0, 3: b"who", 5: key} if key else {2: 3}
    return [
        (Code.DELETE, ("0",), b""),
        (Code.DELETE, ("1",), b""),
        write((0, 0), {0: "coap://127.0.0.1:5683", 1: True, 2: 3}),
        write((0, 1), {0: uri, 1: False, 10: 7, **secret}),
        write((1, 0), {0: 7, 1: lifetime, 7: "U"}),
    ]


class Servers(Server):
    """One that bootstraps, and whoever else a device comes to; at port 6002 behind DTLS. ``unfinished``: so many
    requests are not followed by anything."""

    def __init__(self, made: FleetPlan, writes: list[Asked], unfinished: int = 0) -> None:
        super().__init__()
        self.writes, self.unfinished, self._plan = writes, unfinished, made
        self.drive = Drive(made, self, 3 * made.devices.count)
        self.answers: list[int] = []
        self.said: list[tuple[tuple[str, int], Message]] = []
        """Requests of devices, and where they came to."""
        self.identities: list[bytes] = []
        self._dtls = DtlsServer(lambda identity: KEY, Random(1).randbytes)

    def _place(self, lane: int) -> tuple[str, int]:
        target = self._plan.bootstraps if lane >= 2 * self._plan.devices.count else self._plan.target
        assert target is not None
        return self.drive.engine.routes.get(lane, (target.address, target.port))

    def take(self, now: float, lane: int, data: bytes) -> list[Reply]:
        place = self._place(lane)
        if place[1] != SECURE:
            return self._answers(now, lane, place, data)
        self._dtls.handle_datagram(now, ("10.0.0.1", lane), data)
        for event in self._dtls.events():
            if isinstance(event, HandshakeCompleted):
                self.identities.append(event.identity)
            if isinstance(event, ApplicationDataReceived):
                for _, reply in self._answers(now, lane, place, event.data):
                    self._dtls.send(now, ("10.0.0.1", lane), reply)
        return [(DELAY, reply) for _, reply in self._dtls.datagrams_to_send()]

    def _answers(self, now: float, lane: int, place: tuple[str, int], data: bytes) -> list[Reply]:
        asked = decode(data)
        if asked.code >= 64:
            assert place[1] == 5683, "what a server asks is answered at that server"
            self.answers.append(asked.code)
            return []
        self.said.append((place, asked))
        if asked.path != ("bs",):
            return self.properly(now, lane, data)
        wanted = [*self.writes, (Code.POST, ("bs",), b"")]
        if self.unfinished:
            self.unfinished, wanted = self.unfinished - 1, []
        requests = [
            Message(Type.CON, code, number, b"b", options(path=path, content_format=TLV if payload else None), payload)
            for number, (code, path, payload) in enumerate(wanted)
        ]
        return [(DELAY, piggybacked(asked, Code.CHANGED)), *((2 * DELAY, encode(each)) for each in requests)]


@pytest.mark.parametrize("uri", ["coap://127.0.0.1:6001", "coap://LOCALHOST:6001", "coap://mine.example:6001"])
def test_devices_register_where_and_for_how_long_they_are_told_also_after_a_reboot(uri: str) -> None:
    phases = REGISTER, FleetPhase(do="rest", span=5), REBOOT
    servers = Servers(plan(*phases, devices=3, bootstrap=True, hosts={"mine.example": "127.0.0.1"}), account(uri))
    stats = servers.drive.run()
    assert stats.outcomes == {"bootstrap": {"ok": 3}, "register": {"ok": 6}}
    assert stats.registered == 3
    assert stats.counts["accounts"] == 3
    assert stats.asked == {"delete": 6, "write": 9, "bootstrap-finish": 3}
    assert [to for to, asked in servers.said if asked.path == ("bs",)] == [("127.0.0.1", 5683)] * 3
    assert servers.answers == 3 * [Code.DELETED, Code.DELETED, *4 * [Code.CHANGED]]
    registrations = [(to, "lt=120" in asked.query) for to, asked in servers.said if asked.path == ("rd",)]
    assert registrations == [(("127.0.0.1", 6001), True)] * 6


def test_a_key_that_is_written_is_the_key_of_the_session_that_follows() -> None:
    """Bootstrapped in the clear, registered behind DTLS; the plan has no key at all."""
    servers = Servers(plan(devices=3, bootstrap=True), account(f"coaps://127.0.0.1:{SECURE}", key=KEY))
    stats = servers.drive.run()
    assert stats.outcomes == {"bootstrap": {"ok": 3}, "register": {"ok": 3}}
    assert servers.identities == [b"who"] * 3
    assert [to for to, asked in servers.said if asked.path == ("rd",)] == [("127.0.0.1", SECURE)] * 3


@pytest.mark.parametrize(
    "writes",
    [
        account("coap://192.0.2.9:5683"),  # nobody said that it is theirs
        account("coap://elsewhere.example"),
        account("coap://[::1]:5683"),  # the devices' sockets are of IPv4
        account(f"coaps://127.0.0.1:{SECURE}"),  # without a key
        account("coap+tcp://127.0.0.1:5683"),
        account("nonsense"),
        account("coap://127.0.0.1:6001")[:4],  # without a Server object
        account("coap://127.0.0.1:6001")[:2],  # everything deleted, nothing written
    ],
)
def test_an_account_that_leads_nowhere_is_not_acceptable_and_nobody_is_asked(writes: list[Asked]) -> None:
    servers = Servers(plan(devices=1, bootstrap=True), writes)
    stats = servers.drive.run()
    assert stats.outcomes == {"bootstrap": {Outcome.WRONG: 1}}
    assert stats.counts["accounts-refused"] == 1
    assert servers.answers[-1] == Code.NOT_ACCEPTABLE
    assert [asked.path for _, asked in servers.said] == [("bs",)]


def test_who_reboots_before_its_server_has_finished_is_bootstrapped_anew() -> None:
    servers = Servers(plan(REGISTER, REBOOT, devices=1, bootstrap=True), [], unfinished=1)
    stats = servers.drive.run()
    assert stats.outcomes == {"bootstrap": {Outcome.CUT: 1, Outcome.OK: 1}, "register": {"ok": 1}}


@pytest.mark.parametrize(("key", "bootstrap"), [(KEY, Outcome.OK), (b"", Outcome.WRONG)])
def test_a_bootstrap_server_that_only_finishes_leaves_the_account_of_the_plan(key: bytes, bootstrap: Outcome) -> None:
    """Which is none where it has to have a key."""
    made = plan(bootstrap=True, bootstrap_at=FleetTarget("127.0.0.1", 5683, False, "127.0.0.1"))
    target = FleetTarget("127.0.0.1", SECURE, True, "127.0.0.1")
    servers = Servers(msgspec.structs.replace(made, target=target, devices=FleetDevices(1, key=key)), [])
    stats = servers.drive.run()
    assert stats.outcomes.pop("bootstrap") == {bootstrap: 1}
    assert stats.outcomes == ({"register": {"ok": 1}} if key else {})
