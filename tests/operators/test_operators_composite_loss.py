"""A device of LwM2M 1.1 and the Andlink platform, any datagram between them lost: every operation ends well, once."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from typing import Any

import pytest
from andlink_bench import IMEI, AndlinkBench
from msgspec.structs import replace

from nbtwin.coap.blockwise_endpoint import BlockwiseEndpoint
from nbtwin.coap.events import Request, RequestReceived, Response, ResponseReceived
from nbtwin.coap.message import options
from nbtwin.coap.numbers import Code, ContentFormat
from nbtwin.coap.observe import Observers
from nbtwin.engine import Address, Seconds
from nbtwin.lwm2m.content import composite
from nbtwin.lwm2m.model import Node
from nbtwin.lwm2m.path import Path
from nbtwin.operators import events as ev
from nbtwin.operators.andlink.admission import AndlinkSettings
from nbtwin.operators.andlink.platform import AndlinkPlatform
from nbtwin.operators.key_store.psk import PskStore

NAME = "meter-11"
PLATFORM, DEVICE = ("192.0.2.11", 5683), ("10.0.0.7", 40_000)
LATENCY: Seconds = 0.05
JSON = ContentFormat.SENML_JSON
PATHS = "/1/0/1,/3/0/0,/33000/0/0," + ",".join(f"/33000/{number}/1" for number in range(1, 98))
"""More than a datagram holds; the device has the first three."""
TEXT = "x" * 300


class Device:
    """Three resources; in blocks of 64 bytes, so that everything takes several of them."""

    def __init__(self) -> None:
        self.coap = BlockwiseEndpoint(random.Random(2), block_size=64)
        self.observers = Observers()
        self.nodes: dict[Path, Node] = {Path("/1/0/1"): 300, Path("/3/0/0"): "Meter", Path("/33000/0/0"): TEXT}
        self.observed: bytes | None = None
        self.writes: list[dict[Path, Any]] = []
        self.answers: list[int] = []

    def ask(self, now: Seconds, path: tuple[str, ...], payload: bytes, form: int, query: tuple[str, ...] = ()) -> None:
        found = options(path=path, query=query, content_format=form)
        self.coap.send_request(now, PLATFORM, Request(Code.POST, found, payload))

    def take(self, now: Seconds) -> None:
        for event in self.coap.events():
            self.observers.handle_event(now, event)
            if isinstance(event, ResponseReceived):
                self.answers.append(event.message.code)
            elif isinstance(event, RequestReceived):
                self.coap.respond(now, event, self._answer(now, event))

    def _answer(self, now: Seconds, event: RequestReceived) -> Response:
        message = event.message
        if message.code == Code.IPATCH:
            written = {r.path: r.value for r in composite.readings_of(message.content_format, message.payload)}
            self.writes.append(written)
            self.nodes.update(written)
            return Response(Code.CHANGED)
        assert (message.code, message.path) == (Code.FETCH, ())
        asked = composite.paths_of(message.content_format, message.payload)
        observer = self.observers.handle_request(now, event.peer, message, "composite")
        order = None if observer is None else observer.next_order()
        return Response(Code.CONTENT, options(content_format=JSON, observe=order), self._content(asked))

    def _content(self, asked: list[Path]) -> bytes:
        return composite.encode_values(JSON, {path: self.nodes[path] for path in asked if path in self.nodes})

    def notify(self, now: Seconds, path: str, value: Any) -> None:
        self.nodes[Path(path)] = value
        content = self._content(list(self.nodes))
        for observer in self.observers.of("composite"):
            found = options(content_format=JSON, observe=observer.next_order())
            self.coap.notify(now, observer.peer, observer.token, Response(Code.CONTENT, found, content), True)


class Talk:
    """Both, and the way between them; the datagrams of these numbers are lost."""

    def __init__(self, *lost: int) -> None:
        settings = AndlinkSettings(observe=(), read=())
        self.platform = AndlinkPlatform(random.Random(1), PskStore(), settings=settings)
        self.device, self.lost, self.count, self.now = Device(), set(lost), 0, 0.0
        self.log: list[Any] = []
        self._under_way: list[tuple[Seconds, int, Address, bytes]] = []

    def _drain(self) -> None:
        self.device.take(self.now)
        sent = [(to, data) for _, to, data in self.platform.datagrams_by_listener()]
        self.log += self.platform.events()
        for to, data in (*sent, *self.device.coap.datagrams_to_send()):
            self.count += 1
            if self.count not in self.lost:
                heapq.heappush(self._under_way, (self.now + LATENCY, self.count, to, data))

    def until(self, condition: Callable[[], object], seconds: Seconds = 120.0) -> None:
        end = self.now + seconds
        self._drain()
        while not condition():
            deadlines = [self.platform.next_deadline(), self.device.coap.next_deadline()]
            times = [deadline.at for deadline in deadlines if deadline] + [at for at, *_ in self._under_way[:1]]
            self.now = max(self.now, min(times))
            assert self.now <= end, "it takes too long"
            if self._under_way and self._under_way[0][0] <= self.now:
                _, _, to, data = heapq.heappop(self._under_way)
                if to == PLATFORM:
                    self.platform.handle_datagram(self.now, DEVICE, data)
                else:
                    self.device.coap.handle_datagram(self.now, PLATFORM, data)
            else:
                self.platform.handle_timer(self.now)
                self.device.coap.handle_timer(self.now)
            self._drain()

    def of(self, kind: type) -> list[Any]:
        return [event for event in self.log if isinstance(event, kind)]

    def do(self, verb: str, path: str = PATHS, value: Any = None) -> ev.OperationAnswered:
        ticket = self.platform.devices.ask(self.now, NAME, verb, path, value)
        self.until(lambda: any(event.ticket == ticket for event in self.of(ev.OperationAnswered)))
        (answer,) = [event for event in self.of(ev.OperationAnswered) if event.ticket == ticket]
        assert isinstance(answer, ev.OperationAnswered)
        return answer


def story(*lost: int) -> Talk:
    """From registration to Send, each operation once."""
    talk = Talk(*lost)
    device = talk.device
    query = (f"ep={NAME}", "lwm2m=1.1", "b=U", "lt=86400")
    device.ask(0.0, ("rd",), b'</>;ct="110",</1/0>,</3/0>,</33000/0>', ContentFormat.LINK_FORMAT, query)
    talk.until(lambda: device.answers == [Code.CREATED])
    whole = {"/1/0/1": 300, "/3/0/0": "Meter", "/33000/0/0": TEXT}
    assert talk.do("read-composite").value == whole
    values = {"/1/0/1": 600, "/33000/0/0": {"type": "string", "value": "y" * 200}}
    assert talk.do("write-composite", "", values).response_code == "2.04"
    assert device.writes == [{Path("/1/0/1"): 600, Path("/33000/0/0"): "y" * 200}], "written once"
    assert talk.do("observe-composite").value == {**whole, "/1/0/1": 600, "/33000/0/0": "y" * 200}
    device.notify(talk.now, "/1/0/1", 700)
    talk.until(lambda: any(event.value == 700 for event in talk.of(ev.ResourceNotified)))
    assert talk.do("cancel-composite").value["/1/0/1"] == 700
    pack = composite.encode_values(JSON, {Path("/33000/0/0"): "z" * 200, Path("/3/0/9"): 50})
    device.ask(talk.now, ("dp",), pack, JSON)
    talk.until(lambda: device.answers == [Code.CREATED, Code.CHANGED])
    sent = [(event.path, event.value) for event in talk.of(ev.ResourceNotified) if event.is_sent]
    assert sent == [("/33000/0/0", "z" * 200), ("/3/0/9", 50)], "taken once"
    assert talk.platform.devices.open == 0
    assert talk.platform.devices.observed(NAME) == []
    return talk


DATAGRAMS = story().count


def test_the_story_takes_many_datagrams() -> None:
    assert 60 < DATAGRAMS < 200


@pytest.mark.parametrize("number", range(1, DATAGRAMS + 1))
def test_any_datagram_of_a_composite_exchange_may_be_lost(number: int) -> None:
    talk = story(number)
    assert talk.count > DATAGRAMS - 2


def test_one_in_eight_may_be_lost_at_random() -> None:
    dice = random.Random(7)
    for _ in range(10):
        story(*(number for number in range(1, 400) if dice.random() < 0.125))


def test_a_module_answers_405_to_what_is_of_lwm2m_1_1() -> None:
    """It is a client of LwM2M 1.0 (5.8 of RFC 7252: a method that is not for this resource)."""
    bench = AndlinkBench()
    node = bench.registered()
    asked = (("read-composite", "/3/0,/1/0/1", None), ("observe-composite", "/,", None),
             ("write-composite", "", {"/1/0/1": 60, "/1/0/2": 5}))  # fmt: skip
    registration = bench.platform.server.registrations[IMEI]
    bench.platform.server.restore(replace(registration, version="1.1"))  # else it is not asked (D157)
    for verb, path, value in asked:
        answer = bench.do(bench.platform.devices.ask, IMEI, verb, path, value)
        assert (answer.response_code, answer.operation) == ("4.05", verb)
    assert bench.do(bench.platform.devices.ask, IMEI, "read", "/1/0/1").value == 86400
    assert bench.world.ask(node, "AT")[-1] == "OK"
