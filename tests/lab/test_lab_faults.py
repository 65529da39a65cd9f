"""Faults: what, to which datagrams, and when; the same words everywhere."""

import math
import random
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lab_peers import EchoPlatform, ToyModule

from nbtwin.coap.message import Message, decode, encode, options
from nbtwin.coap.numbers import Code, Type
from nbtwin.engine import HOUR
from nbtwin.lab.errors import RESET, error_answer, error_code
from nbtwin.lab.faults import Direction, Fault, FaultError, FaultKind, FaultPhrase, Faults, PacketInFlight
from nbtwin.lab.nodes import ModuleNode
from nbtwin.lab.world import World
from nbtwin.timeline.catalogue import say
from nbtwin.timeline.ring import Timeline

CMDMP = ("117.161.2.41", 5683)
UP = PacketInFlight(Direction.UP, "bc28", "cmdmp", ("100.64.0.2", 20001), CMDMP, CMDMP)
DOWN = PacketInFlight(Direction.DOWN, "cmdmp", "bc28", CMDMP, ("100.64.0.2", 20001))
ROUTED = PacketInFlight(Direction.UP, "bc28", None, ("127.0.0.1", 40000), ("127.0.0.1", 5683), CMDMP)


def faults(*described: str, seed: int = 1, start: float = 0.0) -> Faults:
    judge = Faults(random.Random(seed), start)
    for text in described:
        judge.add(Fault.parse(text))
    return judge


# how they are written


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("loss", Fault(kind=FaultKind.LOSS)),
        ("loss,packets=1+2+3", Fault(kind=FaultKind.LOSS, packets=(1, 2, 3))),
        ("loss, probability=0.3, direction=up", Fault(kind=FaultKind.LOSS, probability=0.3, direction=Direction.UP)),
        (
            "silence,destination=cmdmp,start=1h,end=1d2h",
            Fault(kind=FaultKind.SILENCE, destination="cmdmp", start=HOUR, end=26 * HOUR),
        ),
        ("delay,seconds=500ms,spread=2", Fault(kind=FaultKind.DELAY, seconds=0.5, spread=2)),
        ("dns_failure,name=zzhc.*", Fault(kind=FaultKind.DNS_FAILURE, name="zzhc.*")),
        ("error,code=4.04", Fault(kind=FaultKind.ERROR, code="4.04")),
        ("truncation,octets=5", Fault(kind=FaultKind.TRUNCATION, octets=5)),
        ("reset,packets=2", Fault(kind=FaultKind.RESET, packets=(2,))),
        ("loss,end=inf", Fault(kind=FaultKind.LOSS, end=math.inf)),
    ],
)
def test_a_fault_is_read_from_one_line_and_from_json(text: str, fault: Fault) -> None:
    assert Fault.parse(text) == fault
    assert Fault.parse(fault.as_dict()) == fault


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "'' is not a kind of fault: loss, delay"),
        ("explosion", "'explosion' is not a kind of fault: loss, delay"),
        ("loss,probability=2", "probability: '2' is not a number between 0 and 1"),
        ("loss,probability=nan", "probability: 'nan' is not a number"),
        ("loss,packets=0", "packets: '0' is not a list of numbers from 1 on"),
        ("loss,packets=x", "packets: 'x' is not a list of numbers from 1 on, such as 1+2"),
        ("loss,packets=1-3", "packets: '1-3' is not a list of numbers from 1 on, such as 1+2"),
        ("loss,packets=1,packets=2", "packets is given twice"),
        ("loss,kind=delay", "kind is given twice"),
        ("loss,probability=often", "probability: 'often' is not a number between 0 and 1"),
        ("loss,start=2h,end=1h", "the window ends"),
        ("loss,start=soon", "start: 'soon' is not a span"),
        ("loss,packets", "'packets' is not key=value"),
        ("loss,colour=red", "a fault has no colour; it has baud, code, copies"),
        ("loss,direction=left", "direction: 'left' is not up or down"),
        ("duplication,copies=1000000", "copies are 1 to 100"),
        ("truncation,octets=-1", "octets: '-1' is not 0 to 65535"),
        ("error,code=2.05", "'2.05' is not an error code"),
        ("error,code=4.99", "'4.99' is not an error code"),
    ],
)
def test_a_wrong_description_says_what_is_wrong(text: str, why: str) -> None:
    with pytest.raises(FaultError) as raised:
        Fault.parse(text)
    assert why in str(raised.value)


@given(
    st.dictionaries(st.sampled_from(["kind", "packets", "start", "probability", "copies"]), st.text() | st.integers())
)
def test_any_description_is_a_fault_or_a_fault_error(description: dict[str, object]) -> None:
    try:
        Fault.parse(description)
    except FaultError:
        return


WORDED = {
    "loss,packets=1+2,start=1h": ("loss, only no. 1, 2, after 1h", "丢包，仅第 1、2 个，自 1h 起"),
    "delay,direction=up,source=meter,seconds=3,spread=2": (
        "delay, uplink, from meter, by 3s, by chance up to 2s more", "延迟，上行，来自 meter，3s，随机再加至多 2s",
    ),
    "duplication,destination=cmdmp,end=90,copies=2": (
        "duplication, to cmdmp, until 1min 30s, 2 more", "重复，发往 cmdmp，至 1min 30s 止，多 2 份",
    ),
    "reordering,seconds=4": ("reordering, at most 4s", "乱序，至多 4s"),
    "silence,destination=telecom": ("silence, to telecom", "静默，发往 telecom"),
    "rebinding,probability=0.5": ("NAT rebinding, probability 0.5", "NAT 重绑定，概率 0.5"),
    "dns_failure,name=*.cn,seconds=7": ("DNS failure, of *.cn, known after 7s", "域名解析失败，域名 *.cn，7s 后得知"),
    "error,code=4.04": ("error answer, 4.04", "错误应答，4.04"),
    "reset,direction=down": ("Reset answer, downlink", "RST 应答，下行"),
    "truncation,octets=5": ("truncation, cut to 5 bytes", "截断，截至 5 字节"),
    "serial_urc,source=meter,places=echo+lines,text=+CEREG:5,1A2B,9": (
        "unsolicited lines, from meter, where: echo, lines, '+CEREG:5,1A2B,9'",
        "插入主动上报，来自 meter，位置：echo、lines，“+CEREG:5,1A2B,9”",
    ),
    "serial_interleaved,text=+CSCON:1": ("lines within lines, '+CSCON:1'", "行内插入，“+CSCON:1”"),
    "serial_doubled,copies=2": ("doubled URCs, 2 more", "主动上报重复，多 2 份"),
    "serial_late,seconds=3": ("late URCs, by 3s", "主动上报迟到，3s"),
    "serial_split,spread=0.02": ("split bytes, by chance up to 20ms more", "字节拆分，随机再加至多 20ms"),
    "serial_slow,percent=100": ("slow answers, 100 % of the limit", "应答缓慢，时限的 100 %"),
    "serial_swallowed,octets=3,silence=12": (
        "bytes lost at wake-up, the first 3 bytes, after a silence of 12s", "唤醒时丢字节，前 3 字节，静默 12s 之后",
    ),
    "serial_noise,octets=1": ("boot noise, at most 1 byte", "启动杂波，至多 1 字节"),
    "serial_pins,pins=dtr+ri": ("control lines not connected, dtr, ri", "控制线未连接，dtr、ri"),
    "serial_baud,baud=9600": ("wrong baud rate, the host at 9600 baud", "波特率错误，主机波特率 9600"),
}  # fmt: skip


@pytest.mark.parametrize("line", WORDED)
def test_a_fault_is_described_from_its_fields_in_the_words_of_the_catalogue(line: str) -> None:
    fault = Fault.parse(line)
    assert (fault.words(), fault.words("zh")) == WORDED[line]
    assert say(FaultPhrase.DESCRIBED, "zh", fault=fault.spec) == fault.words("zh"), "as facts keep it"
    assert say(FaultPhrase.DESCRIBED, "zh", fault=[fault.spec] * 2) == f"{fault.words('zh')}；{fault.words('zh')}"


def test_every_kind_and_every_field_of_a_fault_has_words() -> None:
    assert {Fault.parse(line).kind for line in WORDED} == set(FaultKind)
    assert {name for line in WORDED for name in Fault.parse(line).as_dict()} == {f.name for f in fields(Fault)}


# which and when


@pytest.mark.parametrize(
    ("text", "up", "down", "routed"),
    [
        ("loss", True, True, True),
        ("loss,direction=up", True, False, True),
        ("loss,direction=down", False, True, False),
        ("loss,source=bc28", True, False, True),
        ("loss,source=bc*", True, False, True),
        ("loss,destination=bc28", False, True, False),
        ("loss,destination=cmdmp", True, False, False),
        ("loss,destination=117.161.2.41", True, False, True),
        ("loss,destination=117.161.2.41:5683", True, False, True),
        ("loss,destination=127.0.0.1:*", False, False, True),
        ("loss,source=100.64.*", True, False, False),
        ("silence,destination=cmdmp", True, True, False),
        ("silence,destination=cmdmp,direction=up", True, False, False),
        ("silence,source=bc28,destination=cmdmp", True, True, False),
        ("silence,source=bc95,destination=cmdmp", False, False, False),
        ("dns_failure", False, False, False),
    ],
)
def test_a_fault_strikes_what_it_describes(text: str, up: bool, down: bool, routed: bool) -> None:
    assert [faults(text).judge(0, packet).lost for packet in (UP, DOWN, ROUTED)] == [up, down, routed]


def test_the_nth_datagrams_that_match_are_struck_and_nothing_else_is_counted() -> None:
    judge = faults("loss,direction=up,packets=2+4")
    lost = [judge.judge(0, packet).lost for packet in (UP, DOWN, UP, DOWN, UP, UP, UP)]
    assert lost == [False, False, True, False, False, True, False]


def test_each_fault_counts_for_itself_even_what_another_one_lost() -> None:
    judge = faults("loss,packets=1", "delay,packets=2,seconds=3")
    assert judge.judge(0, UP).lost
    assert judge.judge(0, UP).delays == [3]


def test_a_window_counts_from_the_start_of_the_lab_and_its_end_is_outside() -> None:
    judge = faults("loss,start=10,end=20", start=1000.0)
    assert [judge.judge(at, UP).lost for at in (1000, 1009.9, 1010, 1019.9, 1020)] == [False, False, True, True, False]


def test_a_probability_holds_over_many_and_the_seed_decides_which() -> None:
    def struck(seed: int) -> list[bool]:
        judge = faults("loss,probability=0.3", seed=seed)
        return [judge.judge(0, UP).lost for _ in range(2000)]

    assert 500 < sum(struck(1)) < 700
    assert struck(1) == struck(1) != struck(2)


def test_faults_add_up_in_their_order() -> None:
    judge = faults("delay,seconds=2", "duplication,copies=2", "delay,seconds=1", "rebinding", "error,code=4.04")
    impairment = judge.judge(0, UP, latency=0.5)
    assert impairment.delays == [3.5, 3.5, 3.5]
    assert impairment.rebind
    assert impairment.error == "4.04"
    assert len(impairment.faults) == 5


def test_a_fault_is_taken_off_by_its_number() -> None:
    judge = faults("loss", "delay")
    judge.remove(1)
    assert list(judge.listed()) == [2]
    assert not judge.judge(0, UP).lost
    judge.clear()
    assert judge.judge(0, UP).faults == []
    with pytest.raises(KeyError):
        judge.remove(2)


# what they do in a lab


class Story:
    def __init__(self, *described: str, latency: float = 0.0) -> None:
        self.world = World(timeline=Timeline(), latency=latency)
        self.module, self.platform = ToyModule(), EchoPlatform()
        self.node: ModuleNode = self.world.add_module("bc28", self.module)
        self.platform_unit = self.world.add_platform("cmdmp", self.platform, operator="cmdmp")
        for text in described:
            self.world.add_fault(text)

    def send(self, *texts: str) -> None:
        for text in texts:
            self.world.ask(self.node, f"AT+SEND=117.161.2.41,5683,{text}")

    def heard(self) -> list[tuple[float, str]]:
        self.world.run(100)
        return [(at, data.decode()) for at, _, data in self.platform.heard]

    def answers(self) -> list[tuple[float, bytes]]:
        self.world.run(100)
        return [(at, data) for at, _, data in self.module.heard]

    def told(self, text: str) -> bool:
        assert self.world.timeline is not None
        return any(text in entry.text() for entry in self.world.timeline.reader.after())


def test_a_lost_datagram_does_not_arrive_and_the_timeline_says_so() -> None:
    story = Story("loss,direction=up,packets=1")
    story.send("a", "b")
    assert story.heard() == [(0, "b")]
    assert story.told("✗ lost")


def test_a_delayed_one_arrives_later_and_others_may_overtake_it() -> None:
    story = Story("delay,packets=1,seconds=5,direction=up")
    story.send("a", "b")
    assert story.heard() == [(0, "b"), (5, "a")]
    assert story.told("delayed 5s")


def test_a_duplicate_arrives_twice_and_is_answered_twice() -> None:
    story = Story("duplication,direction=up")
    story.send("a")
    assert story.answers() == [(0, b"echo a")] * 2
    assert story.told("2 times")


def test_reordering_swaps_two_neighbours_or_waits_no_longer_than_it_says() -> None:
    story = Story("reordering,direction=up,packets=1+4,seconds=7")
    story.send("a", "b", "c", "d")
    assert story.heard() == [(0, "b"), (0, "a"), (0, "c"), (7, "d")]


def test_reordering_does_not_mix_ways() -> None:
    story = Story("reordering,direction=up,packets=1,seconds=7")
    story.send("a")
    story.world.perform(story.platform_unit, story.platform.say, ("100.64.0.2", 20001), b"hello")
    assert story.heard() == [(7, "a")]


def test_silence_swallows_both_directions_for_its_time() -> None:
    story = Story("silence,destination=cmdmp,start=10,end=20", latency=1)
    story.send("a")
    story.world.run(9.5)
    story.send("b")  # arrives at 10.5, its answer falls into the silence
    story.world.run(15)
    story.send("c")
    story.world.run(20)
    story.send("d")
    assert story.heard() == [(1, "a"), (10.5, "b"), (21, "d")]
    assert [data for _, data in story.answers()] == [b"echo a", b"echo d"]
    assert story.told("✗ lost in silence")


def test_rebinding_happens_just_before_the_datagram() -> None:
    story = Story("rebinding,packets=2")
    story.send("a", "b", "c")
    story.world.run(10)
    first, second, third = (source for _, source, _ in story.platform.heard)
    assert first != second == third
    assert [data for _, data in story.answers()] == [b"echo b", b"echo c"], "the answer to a went to the old address"
    assert story.told("NAT rebinding: 100.64.0.2:20001 gone")


def test_a_failed_lookup_is_known_after_its_time_and_only_for_the_names_it_names() -> None:
    story = Story("dns_failure,name=zzhc.*,seconds=10")
    for name in ("zzhc.vnet.cn", "m.fxlttsbl.com"):
        story.world.ask(story.node, f"AT+LOOKUP={name}")
    story.world.run(5)
    assert story.node.take_serial().endswith(b"\r\n+LOOKUP: m.fxlttsbl.com,117.161.2.41\r\n")
    story.world.run(10)
    assert story.node.take_serial() == b"\r\n+LOOKUP: zzhc.vnet.cn,None\r\n"
    assert story.told("zzhc.vnet.cn cannot be resolved: fault: DNS failure, of zzhc.*, known after 10s")


def test_an_error_answers_a_request_in_the_platforms_name_and_the_platform_never_sees_it() -> None:
    story = Story("error,code=4.04,packets=1", latency=0.25)
    request = encode(Message(Type.CON, 2, 77, b"tk"))
    story.module._send(0, CMDMP, request)
    story.world.perform(story.node, story.module.handle_serial, b"")
    assert story.heard() == []
    ((at, data),) = story.answers()
    assert at == 0.5
    assert story.module.heard[0][1] == CMDMP
    answer = decode(data)
    assert (answer.type, answer.code, answer.message_id, answer.token) == (Type.ACK, 0x84, 77, b"tk")


@pytest.mark.parametrize("data", [b"", b"hello", encode(Message(Type.ACK, 0x45, 1)), encode(Message(Type.CON, 0, 1))])
def test_what_is_no_request_gets_no_error_answer(data: bytes) -> None:
    assert error_answer(data, "5.03") is None


def test_a_non_request_is_answered_non() -> None:
    answer = error_answer(encode(Message(Type.NON, 1, 5, b"t")), "5.03")
    assert answer is not None
    assert decode(answer).type is Type.NON
    assert decode(answer).code == error_code("5.03") == 0xA3


def test_a_reset_is_answered_in_the_platforms_name_and_the_platform_never_sees_the_request() -> None:
    """RFC 7252 4.2: an Empty message of type Reset with the request's message ID."""
    story = Story("reset,packets=1")
    story.module._send(0, CMDMP, encode(Message(Type.CON, 2, 77, b"tk")))
    story.world.perform(story.node, story.module.handle_serial, b"")
    assert story.heard() == []
    ((_, data),) = story.answers()
    assert data == bytes([0x70, 0, 0, 77])


def test_a_truncated_datagram_arrives_as_its_first_octets_and_the_timeline_says_so() -> None:
    story = Story("truncation,direction=up,octets=3,packets=1")
    story.send("hello")
    story.send("again")
    assert [data for _, data in story.heard()] == ["hel", "again"]
    assert story.told("cut to 3 octets")


def test_a_reset_answers_a_confirmable_notification_too_and_an_error_code_does_not() -> None:
    """RFC 7641 3.6."""
    notification = encode(Message(Type.CON, Code.CONTENT, 7, b"token", options(observe=3), b"21"))
    assert error_answer(notification, RESET) == encode(Message(Type.RST, Code.EMPTY, 7))
    assert error_answer(notification, "5.03") is None
    assert error_answer(encode(Message(Type.ACK, Code.CONTENT, 7, b"token")), RESET) is None


@given(
    st.sampled_from([FaultKind.LOSS, FaultKind.DELAY, FaultKind.ERROR, FaultKind.TRUNCATION]),
    st.lists(st.integers(1, 9), max_size=3),
    st.floats(0, 1e6),
    st.integers(0, 65535),
)
def test_a_fault_as_one_line_is_read_as_that_fault(
    kind: FaultKind, packets: list[int], start: float, octets: int
) -> None:
    fault = Fault(kind=kind, packets=tuple(packets), start=round(start, 3), octets=octets, source="m*")
    assert Fault.parse(fault.spec) == fault
