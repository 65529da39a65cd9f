"""Any one datagram between a whole module and the Andlink platform is lost, or one in five for an hour: what becomes of
a bootstrap, a registration, observations, data both ways and firmware (issue 5; RFC 7252 4.2; RFC 6347 4.2.4)."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from nbtwin.engine import HOUR, MINUTE, Seconds
from nbtwin.lab.faults import Fault, FaultKind
from nbtwin.lab.observers import LabObserver
from nbtwin.lab.world import World
from nbtwin.lwm2m.firmware.file import file_of
from nbtwin.lwm2m.firmware.package import pack
from nbtwin.lwm2m.server.refusals import Lwm2mServerRefusal
from nbtwin.module.identity import ModuleIdentity, Usim
from nbtwin.module.module import Module
from nbtwin.module.nvram import MemoryStorage
from nbtwin.operators import events as ev
from nbtwin.operators.andlink.platform import AndlinkPlatform
from nbtwin.operators.key_store.psk import DeviceKeys, PskStore
from nbtwin.profiles.models import PROFILES
from nbtwin.selfreg.schedule import Operator

IMEI = "867724030000225"
HOST = "lwm.home.komect.com"
KEY, SERVER_KEY = "30313233343536373839303132336162", "E8E19CC16CE1F388E8E19CC16CE1F388"
NEW = "BC28JAR01A11_ONT"
PACKAGE = pack("BC28", NEW, bytes(range(256)) * 11)
READING = b'[{"n":"19/1/0","p1":"v1"}]'  # DOC-E 6.1
PATIENCE: Seconds = 15 * MINUTE
"""Longer than every retransmission, a pause before the next attempt, and that attempt."""


WAYS = pytest.mark.parametrize("way", ["plain", "secure", "renegotiating"])


class Counter(LabObserver):
    """How many datagrams there were since the start of the story."""

    def __init__(self) -> None:
        self.count = 0

    def datagram(self, *_: Any, **__: Any) -> None:
        self.count += 1


class Line:
    """A module at its host, its platform, and nothing else on the network."""

    def __init__(self, way: str, seed: int = 1) -> None:
        self.world = World(seed=seed, latency=0.05)
        secure, nat = way != "plain", 0 if way == "renegotiating" else 1  # NAT type 0: DOC-E 3.16
        keys = PskStore([DeviceKeys(device=IMEI, bootstrap_key=KEY, key=SERVER_KEY)] if secure else ())
        self.platform = AndlinkPlatform(random.Random(seed), keys, package_of={"new": file_of(PACKAGE)}.get)
        self.events: list[Any] = []
        self.at = self.world.add_platform(
            "andlink", self.platform, operator="andlink", commit=lambda events: self.events.extend(events)
        )
        profile = PROFILES["BC28"]
        usim = Usim.of(Operator.MOBILE, IMEI)
        self.module = Module(
            profile, ModuleIdentity(IMEI, IMEI, profile.firmware), MemoryStorage(), self.world.random(IMEI), usim
        )
        self.node = self.world.add_module(IMEI, self.module)
        self.world.perform(self.node, self.module.power_on)
        self.world.advance(5)
        security = (
            [f"AT+QLASETBSPSK={IMEI},{KEY}", f"AT+QLABSSECSWT=1,{nat}", f"AT+QLASECSWT=1,{nat}"] if secure else []
        )
        server = f'AT+QLASERVERIP="BS","{HOST}",{5684 if secure else 5683}'
        for line in ("AT+DMPCONFIG=0,0", "AT+QLAREGSWT=0", *security, server):  # no CMDMP beside it
            assert self.world.ask(self.node, line)[-1] == "OK", line
        self.world.ask(self.node, "AT+NRB")
        self.world.advance(5)
        self.heard = ""
        self.counter = Counter()
        self.node.sinks.append(self._hear)
        self._asked: set[tuple[str, str]] = set()

    def _hear(self, data: bytes) -> None:
        """The host; it answers what it is asked, after a second."""
        self.heard += data.decode().replace("\r", "")
        for kind, message_id, token in re.findall(r'^\+QLA(READ|WRITE): (\d+),"([0-9A-F]+)".*\n', self.heard, re.M):
            if (message_id, token) not in self._asked:
                self._asked.add((message_id, token))
                result, answer = (f"1,{len(READING)}", READING) if kind == "READ" else ("2,0", b"")
                command = f"AT+QLASENDRSP={message_id},{token},{result}\r".encode() + answer
                self.world.scheduler.call_at(self.world.now + 1, partial(self.world.serial, self.node, command))

    def begin(self, lost: int | None) -> None:
        """From here on datagrams count."""
        self.world.observers.append(self.counter)
        if lost is not None:
            self.world.add_fault(Fault(kind=FaultKind.LOSS, packets=(lost,)))

    def say(self, line: str, data: bytes = b"") -> None:
        self.world.serial(self.node, line.encode() + b"\r" + data)

    def hears(self, text: str, count: int = 1) -> bool:
        return self.heard.count(text) >= count

    def seen(self, *kinds: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kinds)]

    def wait(self, condition: Callable[[], object], within: Seconds = PATIENCE) -> bool:
        return self.world.run_until(lambda: bool(condition()), within)

    def answer(self, verb: str, *arguments: Any) -> ev.OperationAnswered | None:
        """Of a request; None when it never ends."""
        ticket = self.world.perform(self.at, self.platform.devices.ask, IMEI, verb, *arguments)

        def answers() -> list[Any]:
            return [event for event in self.seen(ev.OperationAnswered) if event.ticket == ticket]

        return answers()[0] if self.wait(answers) else None

    def registered(self) -> None:
        """Bootstrapped, registered, observed, all without a loss."""
        self.say("AT+QLASREGIND=0")
        assert self.wait(lambda: self.hears("+QLAEVTIND:5"))
        self.world.advance(MINUTE)

    def rest(self) -> None:
        """Nothing is open on either side."""
        self.world.advance(5 * MINUTE)
        assert self.module.andlink is not None
        assert not self.module.andlink.busy
        assert not self.platform.coap.busy


@dataclass(frozen=True)
class Story:
    """``act`` is what happens under loss; it raises AssertionError for an outcome that no document allows."""

    name: str
    act: Callable[[Line], None]
    registered_before: bool = True


def bootstrap_and_register(line: Line) -> None:
    """Events 4, 0, 3, 5 in this order of first appearance, and the device known."""
    line.say("AT+QLASREGIND=0")
    assert line.wait(lambda: line.hears("+QLAEVTIND:5"))
    assert line.wait(lambda: line.seen(ev.DeviceDescribed))
    assert line.wait(lambda: {"/19/1/0", "/5/0/3"} <= set(line.platform.devices.observed(IMEI)))
    events = re.findall(r"\+QLAEVTIND:(\d)", line.heard)
    assert list(dict.fromkeys(events)) == ["4", "0", "3", "5"]


def observe_and_notify(line: Line) -> None:
    """A Confirmable notification is repeated, or the observation has ended for both sides."""
    answer = line.answer("observe", "/1/0/1")
    assert answer is not None
    assert answer.response_code == "2.05"
    written = line.answer("write", "/1/0/1", 7200)
    assert written is not None
    assert written.response_code == "2.04"
    assert line.wait(lambda: line.seen(ev.ResourceNotified)[-1].value == 7200)
    assert line.wait(lambda: line.seen(ev.DeviceUpdated))  # a changed lifetime is told
    cancelled = line.answer("cancel", "/1/0/1")
    assert cancelled is not None
    assert cancelled.response_code == "2.05"


def send_confirmed_data(line: Line) -> None:
    """DOC-E 4.4: 4 when the platform has acknowledged, and it has got them then, exactly once."""
    line.say(f"AT+QLASENDDATA=0x0100,{len(READING)},{READING.decode()}")
    assert line.wait(lambda: line.hears("+QLADATASTATUS:4"))
    assert [event.payload for event in line.seen(ev.DataReceived)] == [READING]


def send_unconfirmed_data(line: Line) -> None:
    """DOC-E 3.5: sent when no ERROR came; at most once at the platform, and nothing waits."""
    line.say(f"AT+QLASENDDATA=0x0000,{len(READING)},{READING.decode()}")
    line.world.advance(MINUTE)
    assert line.hears("\nOK\n", 2)
    assert len(line.seen(ev.DataReceived)) <= 1


def read_and_write_at_the_host(line: Line) -> None:
    """Separate responses: the host is asked once for each, and its answer arrives."""
    answer = line.answer("read", "/19/0/0")
    assert answer is not None
    assert (answer.response_code, answer.payload) == ("2.05", READING)
    written = line.answer("write", "/19/0/0", b"on")
    assert written is not None
    assert written.response_code == "2.04"
    assert (line.heard.count("+QLAREAD: "), line.heard.count("+QLAWRITE: ")) == (1, 1)


def update(line: Line) -> None:
    """The rest of a firmware update, and the registration of what runs then."""
    assert line.wait(lambda: line.hears("+QLAEVTIND:7"))
    executed = line.answer("execute", "/5/0/2")
    assert executed is not None
    # where its answer is lost: a module that has restarted is asked, or its new session or registration ends it
    ended = executed.refusal in (Lwm2mServerRefusal.REPLACED, Lwm2mServerRefusal.SESSION_ENDED)
    assert ended or executed.response_code in ("2.04", "4.01", "4.05")
    assert line.wait(lambda: line.hears("FIRMWARE UPDATE OVER"))
    assert line.wait(lambda: line.seen(ev.DeviceDescribed)[-1].values[3] == NEW)
    read = line.answer("read", "/5/0/5")
    assert read is not None
    assert read.value == 1


def push(line: Line) -> None:
    written = line.answer("write", "/5/0/0", PACKAGE)
    assert written is not None
    assert written.response_code == "2.04"
    update(line)


def pull(line: Line) -> None:
    way = "coaps" if line.seen(ev.DeviceRegistered)[-1].identity.psk_identity else "coap"
    port = 5685 if way == "coaps" else 5683
    written = line.answer("write", "/5/0/1", f"{way}://{HOST}:{port}/fw/new")
    assert written is not None
    assert written.response_code == "2.04"
    update(line)


def deregister(line: Line) -> None:
    line.say("AT+QLASREGIND=1")
    assert line.wait(lambda: line.hears("+QLAEVTIND:1"))
    assert len(line.seen(ev.DeviceDeregistered)) == 1


STORIES = (
    Story("bootstrap and registration", bootstrap_and_register, registered_before=False),
    Story("observation and update", observe_and_notify),
    Story("confirmed data", send_confirmed_data),
    Story("unconfirmed data", send_unconfirmed_data),
    Story("the host's answers", read_and_write_at_the_host),
    Story("push", push),
    Story("pull", pull),
    Story("de-registration", deregister),
)


def tell(story: Story, way: str, lost: int | None) -> int:
    """How many datagrams it took."""
    line = Line(way)
    if story.registered_before:
        line.registered()
    line.begin(lost)
    story.act(line)
    count = line.counter.count
    line.rest()
    return count


@WAYS
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_any_single_datagram_may_be_lost(story: Story, way: str) -> None:
    count = tell(story, way, None)
    assert count > 0
    for lost in range(1, count + 1):
        try:
            tell(story, way, lost)
        except AssertionError as error:
            raise AssertionError(f"{story.name}, {way}: datagram {lost} of {count} was lost: {error}") from error


@WAYS
@pytest.mark.parametrize("seed", range(3))
def test_one_in_five_lost_for_an_hour_leaves_nothing_stuck(way: str, seed: int) -> None:
    """Whatever happened meanwhile: afterwards the module registers, is observed, sends, is read, and rests."""
    line = Line(way, seed)
    line.begin(None)
    fault = line.world.add_fault(Fault(kind=FaultKind.LOSS, probability=0.2))
    line.say("AT+QLASREGIND=0")
    for minute in range(60):
        line.world.advance(MINUTE)
        if minute % 3 == 0:
            line.say(f"AT+QLASENDDATA=0x0100,{len(READING)},{READING.decode()}")
        registered = IMEI in line.platform.server.registrations
        if minute % 4 == 1 and registered:
            line.world.perform(line.at, line.platform.devices.ask, IMEI, "read", "/19/0/0")
        if minute % 10 == 5 and registered:
            line.world.perform(line.at, line.platform.devices.ask, IMEI, "write", "/1/0/1", 300 + minute)
        if minute % 20 == 15 and registered:
            line.world.perform(
                line.at, line.platform.devices.ask, IMEI, "write", "/5/0/0", PACKAGE[: 500 + 40 * minute]
            )
    line.world.faults.remove(fault)
    line.world.advance(HOUR / 2)
    line.say("AT+QLASREGIND=0")  # anew
    line.heard = ""
    assert line.wait(lambda: line.hears("+QLAEVTIND:3"))
    assert line.wait(lambda: "/19/1/0" in line.platform.devices.observed(IMEI))
    line.say(f"AT+QLASENDDATA=0x0100,{len(READING)},{READING.decode()}")
    assert line.wait(lambda: line.hears("+QLADATASTATUS:4"))
    answer = line.answer("read", "/3/0/0")
    assert answer is not None
    assert answer.value == "Quectel"
    line.rest()
