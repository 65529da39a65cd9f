"""What is opened towards a device is closed by the end of its registration: nothing is left of a storm."""

from __future__ import annotations

import random
from typing import Any

import pytest
from andlink_bench import AndlinkBench

from nbtwin.coap.message import Message, decode, encode, options
from nbtwin.coap.numbers import Code, Type
from nbtwin.engine import AT_ONCE, HOUR, Address
from nbtwin.lwm2m.server.refusals import Lwm2mServerRefusal
from nbtwin.operators import events as ev
from nbtwin.operators.andlink.platform import AndlinkPlatform
from nbtwin.operators.device_management.management import AWAKE, KEPT_FOR
from nbtwin.operators.key_store.psk import PskStore
from nbtwin.operators.refusals import PlatformError, PlatformRefusal

LINKS = b"</1/0>,</3/0>,</5/0>,</19/1>"
DEVICES, REGISTRATIONS = 40, 31


class Storm:
    """Devices that write their own datagrams and answer nothing, unless they are told to."""

    def __init__(self) -> None:
        self.platform = AndlinkPlatform(random.Random(1), PskStore())
        self.now = 0.0
        self.sent: list[tuple[Address, Message]] = []
        self.log: list[Any] = []
        self._message_id = 0

    def drain(self) -> None:
        self.log += self.platform.events()
        self.sent += [(to, decode(data)) for _, to, data in self.platform.datagrams_by_listener()]

    def give(self, peer: Address, message: Message) -> None:
        self.platform.handle_datagram(self.now, peer, encode(message))
        self.drain()

    def ask(self, peer: Address, code: Code, path: tuple[str, ...], *query: str, payload: bytes = b"") -> Message:
        """A request of the device; the platform's answer."""
        self._message_id += 1
        form = 40 if payload else None
        found = options(path=path, query=query, content_format=form)
        self.give(peer, Message(Type.CON, code, self._message_id % 65536, b"t", found, payload))
        return next(m for to, m in reversed(self.sent) if to == peer and m.message_id == self._message_id % 65536)

    def register(self, number: int, lifetime: int = 300, binding: str = "U", port: int = 5683) -> tuple[str, ...]:
        peer = (f"10.0.0.{number}", port)
        query = (f"ep={imei(number)}", f"lt={lifetime}", f"b={binding}", "lwm2m=1.0")
        return self.ask(peer, Code.POST, ("rd",), *query, payload=LINKS).location

    def run(self, seconds: float) -> None:
        end = self.now + seconds
        while (deadline := self.platform.next_deadline()) is not None and deadline.at <= end:
            self.now = max(self.now, deadline.at)
            self.platform.handle_timer(self.now)
            self.drain()
        self.now = end

    def left(self) -> dict[str, int]:
        """What the platform still has of anybody."""
        devices, server, coap = self.platform.devices, self.platform.server, self.platform.coap
        counted = {
            "open": devices._open, "observing": devices._observing, "queues": devices._queues,
            "heard": devices._heard_at, "operations": server._operations, "tokens": server._tokens,
            "registrations": server.registrations, "locations": server._by_location, "expiries": server._expiries,
            "requests": coap._requests, "messages": coap._open, "observations": coap._observations,
            "asked": coap._asked, "observed": coap._observed, "bodies": coap._latest,
        }  # fmt: skip
        return {name: len(what) for name, what in counted.items() if len(what)}


def imei(number: int) -> str:
    return f"86772403000{number:04}"


def test_devices_in_a_boot_loop_leave_nothing_behind() -> None:
    """31 registrations of each while its Observe is unanswered, each from another port; then silence."""
    storm = Storm()
    for boot in range(REGISTRATIONS):
        for number in range(DEVICES):
            storm.register(number, port=1024 + boot)
        storm.run(3)
        assert storm.platform.devices.open <= 3 * DEVICES  # of the last registration alone: two Observes and a Read
    storm.run(HOUR)
    assert len([event for event in storm.log if isinstance(event, ev.DeviceExpired)]) == DEVICES
    assert storm.left() == {}


@pytest.mark.parametrize("end", ["expired", "de-registered", "forgotten"])
def test_what_is_asked_of_devices_that_go_is_answered_and_gone(end: str) -> None:
    storm = Storm()
    locations = {number: storm.register(number) for number in range(DEVICES)}
    tickets = {
        storm.platform.devices.ask(storm.now, imei(number), "read", "/3/0/0") for number in locations for _ in range(5)
    }
    assert len(tickets) == 5 * DEVICES
    if end == "expired":
        storm.run(HOUR)
    for number, location in locations.items():
        if end == "de-registered":
            storm.ask((f"10.0.0.{number}", 5683), Code.DELETE, location)
        elif end == "forgotten":
            storm.platform.devices.forget(storm.now, imei(number))
            storm.drain()
    answered = [event for event in storm.log if isinstance(event, ev.OperationAnswered) and event.ticket]
    assert {event.ticket for event in answered} == tickets
    assert len(answered) == len(tickets)
    codes = {"de-registered": Lwm2mServerRefusal.DEREGISTERED, "forgotten": Lwm2mServerRefusal.FORGOTTEN}
    if end in codes:
        assert {event.refusal for event in answered} == {codes[end]}
    storm.run(HOUR)
    assert storm.left() == {}


def test_what_waits_for_sleeping_devices_ends_with_its_deadlines() -> None:
    storm = Storm()
    for number in range(DEVICES):
        storm.register(number, binding="UQ")
    storm.run(AWAKE + 1)
    for number in range(DEVICES):
        for _ in range(64):
            storm.platform.devices.ask(storm.now, imei(number), "read", "/3/0/0")
        with pytest.raises(PlatformError) as error:
            storm.platform.devices.ask(storm.now, imei(number), "read", "/3/0/0")
        assert error.value.code is PlatformRefusal.QUEUE_FULL
        assert storm.platform.devices.waiting(imei(number)) == 64
    storm.run(HOUR)  # the registrations have ended
    assert not [e for e in storm.log if isinstance(e, ev.OperationAnswered) and e.ticket]
    storm.run(KEPT_FOR)
    expired = [e for e in storm.log if isinstance(e, ev.OperationAnswered) and e.ticket]
    assert {event.refusal for event in expired} == {PlatformRefusal.COMMAND_EXPIRED}
    assert len(expired) == 64 * DEVICES
    assert storm.left() == {}


def test_what_waited_for_a_sleeping_device_reaches_it_in_order_and_one_at_a_time() -> None:
    """LwM2M 1.0 TS, 8.3; RFC 7252 4.7."""
    storm = Storm()
    peer = ("10.0.0.1", 5683)
    location = storm.register(1, lifetime=86400, binding="UQ")
    storm.run(AWAKE * 4)
    storm.drain()
    storm.sent.clear()
    for number in range(64):
        storm.platform.devices.ask(storm.now, imei(1), "read", f"/3/0/{number}")
    storm.drain()
    assert storm.sent == []
    storm.ask(peer, Code.POST, location)
    for number in range(64):
        asked = [m for _, m in storm.sent if m.code == Code.GET]
        assert [m.path[-1] for m in asked] == [str(n) for n in range(number + 1)]
        storm.give(peer, Message(Type.ACK, Code.CONTENT, asked[-1].message_id, asked[-1].token, (), b"x"))
    answered = [e for e in storm.log if isinstance(e, ev.OperationAnswered) and e.ticket]
    assert [event.ticket for event in answered] == list(range(1, 65))
    assert storm.platform.devices.waiting(imei(1)) == 0


def test_more_than_may_wait_for_a_device_that_is_awake_is_refused() -> None:
    storm = Storm()
    storm.register(1, lifetime=86400)
    waiting = 64 - storm.platform.coap.waiting(("10.0.0.1", 5683))
    for _ in range(waiting):
        storm.platform.devices.ask(storm.now, imei(1), "read", "/3/0")
    with pytest.raises(PlatformError) as error:
        storm.platform.devices.ask(storm.now, imei(1), "read", "/3/0")
    assert error.value.code is PlatformRefusal.QUEUE_FULL
    assert storm.platform.devices.open == 65  # the one that is out, and those that wait


def test_a_module_that_restarts_again_and_again_has_nothing_open_in_the_end() -> None:
    """Both ends: a module of ours, whose way down loses everything while it restarts."""
    bench = AndlinkBench()
    node = bench.registered()
    bench.world.add_fault("loss,direction=down,probability=0.7")
    for _ in range(12):
        bench.world.perform(node, node.module.power_off)
        bench.world.perform(node, node.module.power_on)
        bench.world.advance(9)
        bench.world.ask(node, "AT+QLASREGIND=0", within=3)
        bench.world.advance(9)
    bench.world.faults.clear()
    bench.world.advance(HOUR)
    assert bench.platform.devices.open == 0
    assert not bench.platform.coap.busy
    assert node.module.andlink is not None
    assert not node.module.andlink.busy
    tokens = bench.platform.server._tokens.get("867724030000225", {})
    assert len(tokens) == len(bench.platform.devices.observed("867724030000225"))


def test_what_ends_at_one_instant_leaves_turns_for_others() -> None:
    """400 registrations and 2,000 requests end together: between small shares of it another device is answered."""
    storm = Storm()
    for number in range(400):
        storm.register(number)
    platform, longest = storm.platform, 0
    storm.now = 10 * HOUR
    answers = 0
    while (deadline := platform.next_deadline()) is not None and deadline.at <= storm.now:
        before = len(storm.log)
        platform.handle_timer(storm.now)
        storm.drain()
        longest = max(longest, len(storm.log) - before)
        answers += storm.ask(("10.0.9.9", 5683), Code.GET, (".well-known", "core")).code == Code.CONTENT
    assert len([event for event in storm.log if isinstance(event, ev.DeviceExpired)]) == 400
    assert longest <= 6 * AT_ONCE  # requests that failed, and what is told of each device
    assert answers > 400 / AT_ONCE
    assert storm.left() == {}
