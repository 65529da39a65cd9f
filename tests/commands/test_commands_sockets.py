"""Sockets of the Neul families at the serial line, on a simulated lab: forms, bounds, errors, URCs (D95-D99)."""

from __future__ import annotations

import pytest

from nbtwin.engine import HOUR, Fact
from nbtwin.lab.nodes import ModuleNode, Node
from nbtwin.lab.observers import LabObserver
from nbtwin.lab.world import World
from nbtwin.module.identity import Usim
from nbtwin.module.internet.events import HOST, ExceptionSent
from nbtwin.module.module import Module
from nbtwin.profiles.models import PROFILES
from nbtwin.runtime.simulated_lab import SimulatedLab

NEUL = ["BC35-G", "BC28", "BC95 R2.0"]
every_model = pytest.mark.parametrize("model", NEUL)
ECHO, SINK, NOBODY = "192.0.2.20", "192.0.2.21", "198.51.100.9"
HELLO = b"hello".hex().upper()


class Host:
    """An MCU at a module of a simulated lab."""

    def __init__(self, model: str, *, attached: bool = True, latency: float = 0.0) -> None:
        self.bed = SimulatedLab(operators=())
        self.world: World = self.bed.world
        self.world.carrier.latency.least = latency
        self.node: ModuleNode = self.bed.add_module("m", PROFILES[model], Usim("460040123456789", "898604"))
        self.module: Module = self.bed.modules["m"]
        self.bed.power_on("m")
        self.world.advance(10 if attached else 2)
        self.say("AT+CMEE=1")

    def say(self, line: str) -> list[str]:
        return self.world.ask(self.node, line)

    def told(self, span: float = 1.0) -> list[str]:
        """What the module says by itself in this time."""
        self.node.take_serial()
        self.world.advance(span)
        return self.heard()

    def heard(self) -> list[str]:
        return [text for text in self.node.take_serial().decode().split("\r\n") if text]

    def after(self, line: str, span: float = 1.0) -> list[str]:
        """The answer, and what is told behind it in this time."""
        self.node.take_serial()
        self.world.serial(self.node, line.encode() + b"\r")
        self.world.advance(span)
        return self.heard()


def no_socket(model: str) -> list[str]:
    return ["+CME ERROR: 530" if model == "BC28" else "+CME ERROR: 50"]


def wrong_state(model: str) -> list[str]:
    return ["+CME ERROR: 516" if model == "BC28" else "+CME ERROR: 3"]


@every_model
def test_a_datagram_goes_to_an_echo_and_comes_back(model: str) -> None:
    host = Host(model, latency=0.2)
    assert host.say("AT+NSOCR=DGRAM,17,0,1") == ["1", "OK"]
    assert host.after(f"AT+NSOST=1,{ECHO},7,5,{HELLO}") == ["1,5", "OK", "+NSONMI:1,5"]
    assert host.say("AT+NSORF=1,3") == [f"1,{ECHO},7,3,68656C,2", "OK"]
    assert host.say("AT+NSORF=1,100") == [f"1,{ECHO},7,2,6C6F,0", "OK"]
    assert host.say("AT+NSORF=1,100") == ["OK"]
    assert host.say("AT+NSOCL=1") == ["OK"]


@every_model
def test_how_data_is_announced(model: str) -> None:
    host = Host(model)
    host.say("AT+NSOCR=DGRAM,17,0,1")
    for mode, said in ((0, []), (2, [f"+NSONMI:1,{ECHO},7,5,{HELLO}"]), (3, [f"+NSONMI:1,5,{HELLO}"])):
        assert host.say(f"AT+NSONMI={mode}") == ["OK"]
        assert host.say("AT+NSONMI?") == [f"+NSONMI:{mode}", "OK"]
        assert host.after(f"AT+NSOST=1,{ECHO},7,5,{HELLO}") == ["1,5", "OK", *said]
        host.say("AT+NSORF=1,1358")
    host.say("AT+NSONMI=1")
    assert host.after(f"AT+NSOST=1,{ECHO},7,5,{HELLO}") == ["1,5", "OK", "+NSONMI:1,5"]
    assert host.after(f"AT+NSOST=1,{ECHO},7,5,{HELLO}") == ["1,5", "OK"], "not again before the host has read"


@every_model
def test_datagrams_keep_their_bounds_and_their_sources(model: str) -> None:
    host = Host(model)
    host.say("AT+NSOCR=DGRAM,17,0,1")
    for data, port in (("41", 7), ("4242", 8)):
        host.after(f"AT+NSOST=1,{ECHO},{port},{len(data) // 2},{data}")
    assert host.say("AT+NSORF=1,1358") == [f"1,{ECHO},7,1,41,2", "OK"]
    assert host.say("AT+NSORF=1,1358") == [f"1,{ECHO},8,2,4242,0", "OK"]


@every_model
def test_sequence_numbers_come_back_once(model: str) -> None:
    host = Host(model)
    host.say("AT+NSOCR=DGRAM,17,0,1")
    assert host.say(f"AT+NSOST=1,{SINK},7,1,41,200") == ["1,1", "OK"]
    assert host.say(f"AT+NSOST=1,{SINK},7,1,41,200") == ["+CME ERROR: 50"], "it is under way"
    assert host.say("AT+NQSOS=1") == ["+NQSOS:1,200", "OK"]
    assert host.say("AT+NQSOS?") == ["+NQSOS:1,200", "OK"]
    assert host.told() == ["+NSOSTR:1,200,1"]
    assert host.say("AT+NQSOS=1") == ["OK"]
    host.say(f"AT+NSOST=1,{SINK},7,1,41,7")
    host.world.perform(host.node, host.module.set_coverage, False)
    assert host.heard() == ["+NSOSTR:1,7,0"]


@every_model
def test_seven_sockets_and_no_more_and_ports_once(model: str) -> None:
    host = Host(model)
    for number in range(1, 8):
        assert host.say(f"AT+NSOCR=DGRAM,17,{4000 + number},1") == [str(number), "OK"]
    assert host.say("AT+NSOCR=DGRAM,17,0,1") == ["+CME ERROR: 3"]
    host.say("AT+NSOCL=3")
    assert host.say("AT+NSOCR=DGRAM,17,4001,1") == ["+CME ERROR: 50"], "the port is taken"
    assert host.say("AT+NSOCR=STREAM,6,4001,1") == ["3", "OK"], "TCP has ports of its own"


@every_model
@pytest.mark.parametrize(
    "line",
    [
        "+NSOCR=DGRAM,6,0", "+NSOCR=STREAM,17,0", "+NSOCR=DGRAM,17,65536", "+NSOCR=DGRAM,17,0,2", "+NSOCR=RAW,17,0",
        "+NSOCR=DGRAM,17,0,1,AF_INET6", "+NSOCR=DGRAM,17", f"+NSOST=1,{ECHO},7,2,41", f"+NSOST=1,{ECHO},7,1,4",
        f"+NSOST=1,{ECHO},7,1,4G", f"+NSOST=1,{ECHO},7,0,", f"+NSOST=1,{ECHO},0,1,41", f"+NSOST=1,{ECHO},65536,1,41",
        "+NSOST=1,1.2.3,7,1,41", "+NSOST=1,echo.lab.test,7,1,41", f"+NSOST=8,{ECHO},7,1,41", f"+NSOST=0,{ECHO},7,1,41",
        f"+NSOST=1,{ECHO},7,1,41,0", f"+NSOST=1,{ECHO},7,1,41,256", f"+NSOST=1,{ECHO},7,1359,{'41' * 1359}",
        f"+NSOSTF=1,{ECHO},7,0x300,1,41", f"+NSOSTF=1,{ECHO},7,,1,41", "+NSORF=1,0", "+NSORF=1,1359", "+NSORF=1",
        "+NSONMI=4", "+NSOSD=1,2,41", "+NSOCL=", "+NQSOS=", f"+NSOCO=1,{ECHO},0",
    ],
)  # fmt: skip
def test_what_is_out_of_bounds_is_an_error_and_nothing_leaves(model: str, line: str) -> None:
    host = Host(model)
    host.say("AT+NSOCR=DGRAM,17,0,1")
    assert host.say(f"AT{line}") == ["+CME ERROR: 50"]
    assert host.told() == []
    assert len(host.module.internet.sockets) == 1


@every_model
def test_a_socket_that_is_not_there_or_of_the_other_transport(model: str) -> None:
    host = Host(model)
    wrong = no_socket(model)
    for line in (
        f"+NSOST=2,{ECHO},7,1,41",
        "+NSORF=2,10",
        "+NSOCL=2",
        f"+NSOCO=2,{ECHO},7",
        "+NSOSD=2,1,41",
        "+NQSOS=2",
    ):
        assert host.say(f"AT{line}") == wrong
    assert host.say("AT+NQSOS=2") == wrong
    host.say("AT+NSOCR=DGRAM,17,0,1")
    assert host.say("AT+NSOSD=1,1,41") == wrong
    host.say("AT+NSOCR=STREAM,6,0,1")
    assert host.say(f"AT+NSOST=2,{ECHO},7,1,41") == wrong
    assert host.say("AT+NSOSD=2,1,41") == wrong_state(model), "not connected yet"


@every_model
def test_without_network_there_are_no_sockets(model: str) -> None:
    host = Host(model, attached=False)
    assert host.say("AT+NSOCR=DGRAM,17,0,1") == ["+CME ERROR: 30"]
    host.world.advance(10)
    assert host.say("AT+NSOCR=DGRAM,17,0,1") == ["1", "OK"]
    host.say("AT+NSOCR=STREAM,6,0,1")
    host.say(f"AT+NSOCO=2,{ECHO},7")
    assert host.after("AT+CFUN=0") == ["OK", "+NSOCLI:1", "+NSOCLI:2"], "the context goes, and its sockets with it"
    assert host.say("AT+NSOCR=DGRAM,17,0,1") == ["+CME ERROR: 524" if model == "BC28" else "+CME ERROR: 30"]


@every_model
def test_a_socket_that_does_not_receive(model: str) -> None:
    host = Host(model)
    host.say("AT+NSOCR=DGRAM,17,0,0")
    assert host.after(f"AT+NSOST=1,{ECHO},7,1,41") == ["1,1", "OK"]
    assert host.say("AT+NSORF=1,10") == ["OK"]


@every_model
def test_a_udp_socket_that_is_connected_hears_its_peer_alone(model: str) -> None:
    host = Host(model)
    host.say("AT+NSOCR=DGRAM,17,0,1")
    assert host.say(f"AT+NSOCO=1,{ECHO},7") == ["OK"]
    assert host.after(f"AT+NSOST=1,{ECHO},8,1,41") == ["1,1", "OK"], "the echo of port 8 is another peer"
    assert host.after(f"AT+NSOST=1,{ECHO},7,1,41") == ["1,1", "OK", "+NSONMI:1,1"]


@every_model
def test_a_stream_goes_to_an_echo_and_comes_back(model: str) -> None:
    host = Host(model, latency=0.2)
    assert host.say("AT+NSOCR=STREAM,6,0,1") == ["1", "OK"]
    assert host.say(f"AT+NSOCO=1,{ECHO},7") == ["OK"]
    assert host.say(f"AT+NSOCO=1,{ECHO},7") == wrong_state(model), "it is connected"
    said = host.after(f"AT+NSOSD=1,5,{HELLO},0x100,9", 2)
    assert said == ["1,5", "OK", "+NSOSTR:1,9,1", "+NSONMI:1,5"]
    assert host.say("AT+NSORF=1,100") == [f"1,{ECHO},7,5,{HELLO},0", "OK"]
    assert host.say("AT+NSOCL=1") == ["OK"]
    assert host.told(5) == []
    assert len(host.world.carrier.streams) == 0


@every_model
@pytest.mark.parametrize("address", [NOBODY, "117.161.2.41"])
def test_where_nobody_listens_no_stream_is_connected(model: str, address: str) -> None:
    host = Host(model, latency=0.2)
    host.say("AT+NSOCR=STREAM,6,0,1")
    assert host.say(f"AT+NSOCO=1,{address},7") == wrong_state(model)
    assert host.say("AT+NSOSD=1,1,41") == wrong_state(model)
    assert host.say(f"AT+NSOCO=1,{ECHO},7") == ["OK"], "the socket is as it was"


@every_model
def test_more_than_the_module_holds_is_refused_with_159(model: str) -> None:
    host = Host(model)
    host.say("AT+NSOCR=STREAM,6,0,1")
    host.say(f"AT+NSOCO=1,{SINK},7")
    host.world.carrier.latency.least = 10.0
    answers = [host.say(f"AT+NSOSD=1,1358,{'41' * 1358}")[-1] for _ in range(7)]
    assert answers == ["OK"] * 6 + ["+CME ERROR: 159"]
    host.world.advance(200)
    assert host.say(f"AT+NSOSD=1,1358,{'41' * 1358}")[-1] == "OK"


@every_model
def test_a_peer_that_floods_fills_the_buffer_and_no_more(model: str) -> None:
    """What does not fit is dropped (D97)."""
    host = Host(model)
    host.say("AT+NSOCR=DGRAM,17,0,1")
    for _ in range(5):
        host.after(f"AT+NSOST=1,{ECHO},7,1024,{'41' * 1024}")
    read = [host.say("AT+NSORF=1,1358") for _ in range(5)]
    assert [answer != ["OK"] for answer in read] == [True] * 4 + [False]


@every_model
def test_release_assistance_ends_the_connection(model: str) -> None:
    """0x200 at once, 0x400 behind the answer; without a flag after the network's own time (D98)."""
    for flag, peer, still in (
        ("0x200", SINK, False), ("0x400", ECHO, False), ("0x400", SINK, True), ("0x100", SINK, True), ("0", ECHO, True),
    ):  # fmt: skip
        host = Host(model)
        host.say("AT+NSOCR=DGRAM,17,0,1")
        host.world.advance(60)
        assert not host.module.radio.connected
        host.say(f"AT+NSOSTF=1,{peer},7,{flag},1,41")
        host.world.advance(5)
        assert host.module.radio.connected is still, flag


@every_model
def test_release_assistance_of_a_stream_is_that_of_datagrams(model: str) -> None:
    """D98."""
    for flag, peer, still in (
        ("0x200", SINK, False), ("0x400", ECHO, False), ("0x400", SINK, True), ("0x100", ECHO, True), ("", ECHO, True),
    ):  # fmt: skip
        host = Host(model)
        host.say("AT+NSOCR=STREAM,6,0,1")
        host.say(f"AT+NSOCO=1,{peer},7")
        host.world.advance(60)
        assert not host.module.radio.connected
        host.say(f"AT+NSOSD=1,1,41,{flag}")
        host.world.advance(5)
        assert host.module.radio.connected is still, flag


class Exceptions(LabObserver):
    def __init__(self) -> None:
        self.seen: list[Fact] = []

    def event(self, at: float, node: Node, event: Fact) -> None:
        self.seen += [event] if isinstance(event, ExceptionSent) else []


@every_model
def test_an_exception_message_stands_in_the_timeline_and_flags_are_not_combined(model: str) -> None:
    """D98."""
    host, exceptions = Host(model), Exceptions()
    host.world.observers.append(exceptions)
    host.say("AT+NSOCR=DGRAM,17,0,1")
    host.say(f"AT+NSOSTF=1,{ECHO},7,0x100,1,41")
    host.say(f"AT+NSOSTF=1,{ECHO},7,0x200,1,41")
    assert exceptions.seen == [ExceptionSent(HOST, 1)]
    host.say("AT+NSOCR=STREAM,6,0,1")
    host.say(f"AT+NSOCO=2,{ECHO},7")
    for flag in ("0x300", "0x600", "0x700", "0x500", "0x1", "0x101", "x"):
        assert host.say(f"AT+NSOSTF=1,{ECHO},7,{flag},1,41") == ["+CME ERROR: 50"], flag
        assert host.say(f"AT+NSOSD=2,1,41,{flag}") == ["+CME ERROR: 50"], flag


@every_model
def test_where_no_datagram_is_wanted_nobody_tells_the_module(model: str) -> None:
    """D211: neither a URC nor an error, and the socket goes on."""
    host = Host(model)
    host.say("AT+NSOCR=DGRAM,17,0,1")
    assert host.after(f"AT+NSOST=1,{NOBODY},7,1,41") == ["1,1", "OK"]
    assert host.after(f"AT+NSOST=1,{ECHO},7,1,41") == ["1,1", "OK", "+NSONMI:1,1"]


@every_model
def test_sockets_are_there_after_deep_sleep(model: str) -> None:
    """D96: also a stream, whose far end has waited."""
    host = Host(model)
    host.say("AT+NSOCR=DGRAM,17,0,1")
    host.say("AT+NSOCR=STREAM,6,0,1")
    host.say(f"AT+NSOCO=2,{ECHO},7")
    host.say('AT+CPSMS=1,,,"01000011","00000101"')
    host.world.advance(HOUR)
    assert host.module.power_state == "asleep"
    assert host.after(f"AT+NSOST=1,{ECHO},7,1,41")[:2] == ["1,1", "OK"]
    assert host.after("AT+NSOSD=2,1,42") == ["2,1", "OK", "+NSONMI:2,1"]


@every_model
def test_a_ping_goes_through_the_network(model: str) -> None:
    host = Host(model, latency=0.1)
    assert host.after(f"AT+NPING={ECHO}") == ["OK", f"+NPING:{ECHO},54,620"]
    assert host.after(f"AT+NPING={ECHO},12,500") == ["OK", "+NPINGERR:1"], "too late"
    assert host.after(f"AT+NPING={NOBODY},12,500") == ["OK", "+NPINGERR:1"]
    host.world.add_fault("loss,direction=down")
    assert host.after(f"AT+NPING={ECHO},12,900") == ["OK", "+NPINGERR:1"]


@every_model
def test_restart_and_power_cut_end_all_sockets(model: str) -> None:
    host = Host(model)
    host.say("AT+NSOCR=STREAM,6,0,1")
    host.say(f"AT+NSOCO=1,{ECHO},7")
    host.say("AT+NRB")
    assert len(host.world.carrier.streams) == 0
    host.world.advance(10)
    host.say("AT+CMEE=1")
    assert host.say("AT+NSORF=1,10") == no_socket(model)
    assert host.say("AT+NSOCR=DGRAM,17,0,1") == ["1", "OK"]
