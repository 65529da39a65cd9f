"""Sockets of the RDY families in a simulated lab: echo, names and time; loss, deep sleep, a detach."""

from __future__ import annotations

import pytest

from nbtwin.lab.observers import LabObserver
from nbtwin.module.identity import Usim
from nbtwin.profiles.models import PROFILES
from nbtwin.runtime.simulated_lab import SimulatedLab
from nbtwin.selfreg.schedule import Operator
from nbtwin.timeline.facts import Direction, SegmentFlag, SegmentSeen

FAMILIES = ("BC26", "BC260Y-CN", "BC25")
every_family = pytest.mark.parametrize("model", FAMILIES)


class Desk:
    """One attached module of a lab and its host."""

    def __init__(self, model: str, *, seed: int = 1) -> None:
        self.lab = SimulatedLab(seed=seed, operators=["cmdmp"])
        self.world = self.lab.world
        self.node = self.lab.add_module("meter", PROFILES[model], Usim.of(Operator.MOBILE, "meter"))
        self.module = self.lab.modules["meter"]
        self.lab.power_on("meter")
        self.world.advance(40)
        qi = PROFILES[model].qi
        assert qi is not None
        self.context = qi.contexts[0]
        self.write("ATE0\r")

    def write(self, text: str, seconds: float = 0) -> str:
        self.world.serial(self.node, text.encode())
        self.world.advance(seconds)
        return self.node.take_serial().decode()

    def ask(self, line: str, seconds: float = 5) -> str:
        return self.write(f"{line}\r", seconds)

    def open(self, kind: str, host: str = "echo.lab.test") -> str:
        return self.ask(f'AT+QIOPEN={self.context},0,"{kind}","{host}",7,0,1')


@every_family
@pytest.mark.parametrize("kind", ["UDP", "TCP"])
def test_an_echo_there_and_back(model: str, kind: str) -> None:
    desk = Desk(model)
    assert desk.open(kind) == "\r\nOK\r\n\r\n+QIOPEN: 0,0\r\n"
    heard = desk.ask('AT+QISEND=0,5,"hello"')
    assert heard.startswith("\r\nOK\r\n\r\nSEND OK\r\n")
    assert "hello" in heard.partition("+QIURC")[2]
    assert desk.ask("AT+QISEND=0,0").startswith("\r\n+QISEND: 5,5,0\r\n")
    assert desk.ask("AT+QICLOSE=0") == "\r\nOK\r\n\r\nCLOSE OK\r\n"


@every_family
def test_a_stream_under_loss_arrives_whole_and_in_order(model: str) -> None:
    """Later than without: a segment that is lost is sent again."""
    desk = Desk(model)
    desk.open("TCP")
    desk.world.add_fault("loss,probability=0.3")
    heard = ""
    sent = [f"{number:04d}" * 25 for number in range(10)]
    for piece in sent:
        heard += desk.ask(f"AT+QISEND=0,100,{piece}", 1)
    desk.world.advance(300)
    heard += desk.node.take_serial().decode()
    digits = "".join(part for part in heard.replace('"', "\r\n").split("\r\n") if part.isdigit())
    assert digits == "".join(sent)


@every_family
def test_datagrams_under_loss_are_lost_or_whole(model: str) -> None:
    desk = Desk(model)
    desk.open("UDP")
    desk.world.add_fault("loss,probability=0.5")
    heard = "".join(desk.ask(f'AT+QISEND=0,4,"n{number:03d}"', 3) for number in range(20))
    got = [number for number in range(20) if f"n{number:03d}" in heard]
    assert heard.count("SEND OK") == 20
    assert 0 < len(got) < 20


def test_deep_sleep_ends_sockets_where_the_family_loses_them() -> None:
    """MediaTek's (assumed); RDA's are there after the wake."""
    for model, there in (("BC26", False), ("BC25", True)):
        desk = Desk(model)
        desk.open("UDP")
        desk.ask('AT+CPSMS=1,,,"01000011","00000001"')
        desk.world.advance(200)
        assert desk.module.power_state == "asleep", model
        desk.world.perform(desk.node, desk.module.wake)
        desk.world.advance(1)
        desk.node.take_serial()
        assert ('"UDP"' in desk.ask("AT+QISTATE?")) is there, model


@every_family
def test_a_module_does_not_sleep_while_something_is_under_way(model: str) -> None:
    desk = Desk(model)
    desk.ask('AT+CPSMS=1,,,"01000011","00000001"', 0)
    desk.ask(f'AT+QNTP={desk.context},"192.0.2.99"', 0)
    until = desk.world.now + 19
    while desk.world.now < until:
        desk.world.advance(1)
        assert desk.module.power_state == "on"


@every_family
def test_the_time_and_names_under_loss_and_from_deep_sleep(model: str) -> None:
    """Each question has one answer: the time, or that none came."""
    desk = Desk(model)
    desk.world.add_fault("loss,probability=0.5")
    heard = [desk.ask(f'AT+QNTP={desk.context},"ntp.lab.test"', 40) for _ in range(8)]
    assert all(each.startswith("\r\nOK\r\n") and each.count("+QNTP: ") == 1 for each in heard)
    known = sum('+QNTP: 0,"20/01/01,00:0' in each for each in heard)
    assert 0 < known < 8
    unknown = Desk(model)
    unknown.world.add_fault("dns_failure,name=echo.lab.test,seconds=10")
    assert "192.0.2.20" not in unknown.ask(f'AT+QIDNSGIP={unknown.context},"echo.lab.test"', 9)
    assert "565" in unknown.write("", 5)
    asleep = Desk(model)
    asleep.ask('AT+CPSMS=1,,,"01000011","00000001"')
    asleep.world.advance(200)
    assert asleep.module.power_state == "asleep"
    asleep.world.perform(asleep.node, asleep.module.wake)
    asleep.world.advance(1)
    asleep.node.take_serial()
    assert "192.0.2.20" in asleep.ask(f'AT+QIDNSGIP={asleep.context},"echo.lab.test"', 20)
    assert '+QNTP: 0,"20/01/01,00:0' in asleep.ask(f'AT+QNTP={asleep.context},"ntp.lab.test"', 20)


@every_family
def test_names_pings_and_the_time_of_the_lab(model: str) -> None:
    desk = Desk(model)
    assert "192.0.2.20" in desk.ask(f'AT+QIDNSGIP={desk.context},"echo.lab.test"')
    assert "565" in desk.ask(f'AT+QIDNSGIP={desk.context},"nobody.lab.test"')
    pings = desk.ask(f'AT+QPING={desk.context},"echo.lab.test",4,3', 20)
    assert pings.count('+QPING: 0,"192.0.2.20",32,') == 3
    assert "+QPING: 0,3,3,0," in pings
    assert '+QNTP: 0,"20/01/01,00:0' in desk.ask(f'AT+QNTP={desk.context},"ntp.lab.test"')
    desk.world.add_fault("loss")
    lost = desk.ask(f'AT+QPING={desk.context},"192.0.2.20",1,2', 20)
    assert lost.count("+QPING: 569") == 2
    assert "+QPING: 0,2,0,2" in lost


@every_family
def test_data_keeps_the_radio_connected(model: str) -> None:
    desk = Desk(model)
    desk.open("UDP")
    desk.world.advance(60)
    assert not desk.module.radio.connected
    desk.ask('AT+QISEND=0,5,"hello"', 1)
    assert desk.module.radio.connected


@pytest.mark.parametrize("model", ["BC260Y-CN", "BC25"])
@pytest.mark.parametrize(("release", "connected"), [(0, True), (1, False), (2, False)])
@pytest.mark.parametrize("kind", ["UDP", "TCP"])
def test_release_assistance_ends_the_connection_early(model: str, kind: str, release: int, connected: bool) -> None:
    desk = Desk(model)
    desk.open(kind, "echo.lab.test" if release == 2 else "sink.lab.test")
    desk.world.advance(60)
    desk.ask(f'AT+QISEND=0,5,"hello",{release}', 8)
    assert desk.module.radio.connected is connected


@every_family
def test_a_detach_ends_sockets_and_is_told_once(model: str) -> None:
    desk = Desk(model)
    desk.open("UDP")
    desk.ask(f'AT+QIOPEN={desk.context},1,"TCP","echo.lab.test",7')
    heard = desk.ask("AT+CGATT=0")
    assert heard.count(f'+QIURC: "pdpdeact",{desk.context}') == 1
    assert desk.ask("AT+QISTATE?") == "\r\nOK\r\n"


class Pieces(LabObserver):
    def __init__(self) -> None:
        self.seen: list[SegmentSeen] = []

    def segment(self, at: float, module: str, fact: SegmentSeen) -> None:
        self.seen.append(fact)


# Listening (D209): the lab's caller connects to the port to which it was sent a datagram


def listener(*, mode: int = 1, seed: int = 1) -> Desk:
    desk = Desk("BC25", seed=seed)
    assert "+QIOPEN: 0,0" in desk.ask(f'AT+QIOPEN=1,0,"TCP LISTENER","0.0.0.0",1,7000,{mode}')
    assert "+QIOPEN: 1,0" in desk.ask('AT+QIOPEN=1,1,"UDP","caller.lab.test",7000,0,1')
    return desk


def test_a_peer_of_the_lab_connects_to_a_listening_module() -> None:
    desk, pieces = listener(), Pieces()
    desk.world.observers.append(pieces)
    heard = desk.ask('AT+QISEND=1,5,"hello"')
    assert [(piece.direction, piece.flag, piece.data) for piece in pieces.seen] == [
        (Direction.DOWN, SegmentFlag.OPENING, b""), (Direction.UP, SegmentFlag.OPENED, b""),
        (Direction.DOWN, SegmentFlag.ACKNOWLEDGED, b""), (Direction.DOWN, SegmentFlag.DATA, b"hello"),
    ]  # fmt: skip
    assert '+QIURC: "incoming",5,0,"192.0.2.23",' in heard
    assert heard.endswith('\r\n+QIURC: "recv",5\r\nhello\r\n'), "what the datagram said"
    assert desk.ask("AT+QISEND=5,3,abc").endswith('\r\n+QIURC: "recv",5\r\nabc\r\n'), "then it echoes"
    assert "CLOSE OK" in desk.ask("AT+QICLOSE=5", 60)
    assert len(desk.world.carrier.streams) == 0


def test_nobody_listens_and_one_too_many() -> None:
    desk = listener()
    desk.ask("AT+QICLOSE=0")
    assert "QIURC" not in desk.ask('AT+QISEND=1,1,"?"', 60)
    assert len(desk.world.carrier.streams) == 0
    assert "+QIOPEN: 0,0" in desk.ask('AT+QIOPEN=1,0,"TCP LISTENER","0.0.0.0",1,7000')
    heard = "".join(desk.ask('AT+QISEND=1,1,"!"', 0) for _ in range(6))
    desk.world.advance(60)
    heard += desk.node.take_serial().decode()
    assert heard.count('"incoming",') == 4, "six numbers, two of them taken"
    assert heard.count('"incoming full"') == 2
    assert len(desk.world.carrier.streams) == 4


def test_a_backlog_that_is_full_resets_who_comes_next() -> None:
    """It is one shorter than the sockets; out of coverage nobody is taken, and who waits gives up."""
    desk = listener()
    desk.world.perform(desk.node, desk.module.set_coverage, False)
    for _ in range(20):
        desk.world.carrier.streams.call("meter", 7000, b"!")
    desk.world.advance(10)
    assert len(desk.world.carrier.streams) == 5
    desk.world.advance(60)
    assert len(desk.world.carrier.streams) == 0
    desk.world.perform(desk.node, desk.module.set_coverage, True)
    desk.world.advance(60)
    assert '"incoming",5,0' in desk.ask('AT+QISEND=1,1,"!"'), "and there is room again"


def test_who_connects_under_loss_in_deep_sleep_and_over_a_restart() -> None:
    desk = listener(seed=3)
    desk.world.add_fault("loss,probability=0.3,source=192.0.2.23")
    heard = "".join(desk.ask(f'AT+QISEND=1,3,"n{number:02d}"', 60) for number in range(4))
    assert all(f"n{number:02d}" in heard for number in range(4)), heard
    desk.world.faults.clear()
    desk.ask('AT+CPSMS=1,,,"01000011","00000001"')
    desk.world.advance(300)
    assert desk.module.power_state == "asleep"
    desk.world.carrier.streams.call("meter", 7000, b"in vain")
    desk.world.advance(120)
    assert len(desk.world.carrier.streams) == 4, "who got no answer has given up"
    desk.world.carrier.streams.call("meter", 7000, b"at last")
    desk.world.perform(desk.node, desk.module.wake)
    desk.world.advance(20)
    assert '+QIURC: "incoming full"' in desk.node.take_serial().decode()
    desk.world.perform(desk.node, desk.module.reset)
    desk.world.advance(60)
    assert len(desk.world.carrier.streams) == 0
    assert desk.world.carrier.streams.listener_at("meter", 7000) is None


def test_the_clock_goes_by_what_a_server_said_where_the_host_wants_that() -> None:
    """The lab's server has the network's time: the clock stays as it is."""
    desk = Desk("BC25")
    before = desk.ask("AT+CCLK?", 0)
    desk.ask('AT+QNTP=1,"ntp.lab.test",123,1', 0.5)
    assert desk.ask("AT+CCLK?", 0)[:20] == before[:20]
