"""A platform that was restarted asks a fleet for what is missing little by little (D181)."""

from __future__ import annotations

import random
from collections.abc import Iterable

from nbtwin.coap.message import Message, decode, encode, options
from nbtwin.coap.numbers import Code, ContentFormat, Type
from nbtwin.engine import MINUTE, Address, Seconds
from nbtwin.lwm2m.path import Path
from nbtwin.operators import events as ev
from nbtwin.operators.andlink import resumption
from nbtwin.operators.andlink.admission import AndlinkSettings
from nbtwin.operators.andlink.platform import AndlinkPlatform
from nbtwin.operators.inventory.devices import Device
from nbtwin.operators.key_store.psk import PskStore

FLEET = 10_000


def address_of(number: int) -> Address:
    return f"10.1.{number >> 8}.{number & 255}", 5683


def device(number: int, **more: str) -> Device:
    """Registered a moment ago, and not described yet."""
    client = f"{867724030000000 + number}"
    host, port = address_of(number)
    return Device(
        id=f"andlink:{client}", platform="andlink", imei=client, endpoint=client, location=f"rd/{number:x}", host=host,
        port=port, lifetime=86400, objects="</1/0>,</3/0>", lwm2m_version="1.0", refreshed_at=0.0, registered_at=0.0,
        **{"binding": "U", **more},
    )  # fmt: skip


class Restarted:
    """A platform after its restart, and devices of which some never answer."""

    def __init__(self, devices: Iterable[Device], silent: frozenset[Address] = frozenset()) -> None:
        settings = AndlinkSettings(observe=(), read=(Path("/3/0"),))
        self.platform = AndlinkPlatform(random.Random(1), PskStore(), settings=settings)
        self.platform.restore(devices)
        self.silent = silent
        self.now: Seconds = 0.0
        self.asked: dict[Address, list[Seconds]] = {}
        self.under_way: dict[str, None] = {}  # clients that were asked and have neither answered nor been given up
        self.most = 0
        self._message_id = 0

    def drain(self, *, answers: bool = True) -> list[Message]:
        """Take what leaves; the answers arrive at once, but for those of the silent ones."""
        others = []
        while datagrams := self.platform.datagrams_to_send():
            for to, data in datagrams:
                message = decode(data)
                if message.code != Code.GET:
                    others.append(message)
                    continue
                if to not in self.asked:
                    self.under_way[to[0]] = None
                self.asked.setdefault(to, []).append(self.now)
            self.take_events()
            self.most = max(self.most, len(self.under_way))
            for to, data in datagrams:
                message = decode(data)
                if answers and message.code == Code.GET and to not in self.silent:
                    del self.under_way[to[0]]
                    form = options(content_format=ContentFormat.LWM2M_TLV)
                    answer = Message(Type.ACK, Code.CONTENT, message.message_id, message.token, form, b"\xc1\x01B")
                    self.platform.handle_datagram(self.now, to, encode(answer))
        self.take_events()
        return others

    def take_events(self) -> None:
        for event in self.platform.events():
            if isinstance(event, ev.OperationAnswered):
                number = int(event.device[-15:]) - 867724030000000
                self.under_way.pop(address_of(number)[0], None)

    def run(self, until: Seconds, *, answers: bool = True) -> None:
        while (deadline := self.platform.next_deadline()) is not None and deadline.at <= until:
            self.now = max(self.now, deadline.at)
            self.platform.handle_timer(self.now)
            self.drain(answers=answers)
        self.now = max(self.now, until)

    def post(self, number: int, *path: str, query: tuple[str, ...] = (), payload: bytes = b"") -> list[Message]:
        self._message_id += 1
        found = options(path=path, query=query, content_format=40 if payload else None)
        request = Message(Type.CON, Code.POST, self._message_id, b"t", found, payload)
        self.platform.handle_datagram(self.now, address_of(number), encode(request))
        return self.drain()


def most_within(times: list[Seconds], span: Seconds) -> int:
    """How many began in the busiest such span."""
    most = first = 0
    for last, at in enumerate(times):
        while at - times[first] >= span - 1e-6:
            first += 1
        most = max(most, last + 1 - first)
    return most


def test_ten_thousand_devices_are_asked_two_hundred_a_second_and_never_more_than_a_thousand_at_a_time() -> None:
    """One in three does not answer: they fill the room that there is, and it goes on when they are given up."""
    silent = frozenset(address_of(number) for number in range(0, FLEET, 3))
    restarted = Restarted(map(device, range(FLEET)), silent)
    restarted.run(10 * MINUTE)
    assert len(restarted.asked) == FLEET
    assert restarted.most == resumption.UNDER_WAY
    began = sorted(times[0] for times in restarted.asked.values())
    assert most_within(began, 1.0) <= resumption.AT_A_TIME / resumption.EVERY
    assert {len(times) for to, times in restarted.asked.items() if to not in silent} == {1}
    assert restarted.under_way == {}
    assert (len(restarted.platform.resumption), restarted.platform.resumption.under_way) == (0, 0)


def test_who_answers_is_asked_as_quickly_as_the_pace_allows() -> None:
    restarted = Restarted(map(device, range(1000)))
    restarted.run(5.0 + 1e-6)
    assert len(restarted.asked) == 1000
    assert min(times[0] for times in restarted.asked.values()) == 0.0


def test_who_is_heard_before_its_turn_is_asked_at_once_and_once() -> None:
    restarted = Restarted(map(device, range(100)))
    restarted.run(0.0)
    assert len(restarted.asked) == resumption.AT_A_TIME
    updated, registered = 97, 98
    restarted.post(updated, "rd", f"{updated:x}")
    query = (f"ep={867724030000000 + registered}", "lt=300", "lwm2m=1.0", "b=U")
    restarted.post(registered, "rd", query=query, payload=b"</1/0>,</3/0>")
    assert {address_of(updated), address_of(registered)} <= set(restarted.asked)
    restarted.run(MINUTE)
    assert {len(times) for times in restarted.asked.values()} == {1}
    assert len(restarted.asked) == 100


def test_who_has_gone_or_sleeps_takes_nobodys_turn() -> None:
    restarted = Restarted([*map(device, range(20)), *(device(number, binding="UQ") for number in range(20, 40))])
    restarted.run(0.0)
    restarted.platform.devices.forget(restarted.now, "867724030000025")
    restarted.now = 200.0  # they listen for 93 s
    restarted.run(MINUTE + 200.0)
    assert len(restarted.asked) == 20
    assert restarted.platform.resumption.under_way == 0
    restarted.post(30, "rd", f"{30:x}")
    assert address_of(30) in restarted.asked
