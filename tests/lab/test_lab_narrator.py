"""What the recorder makes of bytes, datagrams and deadlines, and what a reader makes of that."""

from lab_peers import EchoPlatform, ToyModule

from nbtwin.at.refusals import AtRefusal, CommandRefused
from nbtwin.at.session import CommandAnswered
from nbtwin.coap.message import Message, encode, options
from nbtwin.coap.numbers import Type
from nbtwin.coap.reasons import CoapReason
from nbtwin.dtls.events import KeyLogged
from nbtwin.engine import Deadline
from nbtwin.lab.nodes import ModuleNode
from nbtwin.lab.recorder import TimelineRecorder
from nbtwin.lab.world import World
from nbtwin.selfreg.machine import SelfRegistrationReason
from nbtwin.timeline.decoder import Decoded
from nbtwin.timeline.entry import EntryKind
from nbtwin.timeline.reader import Query
from nbtwin.timeline.ring import Timeline


class Listener:
    def __init__(self) -> None:
        self.timeline = Timeline()
        self.recorder = TimelineRecorder(self.timeline)
        self.node = ModuleNode("bc28", ToyModule())

    def host(self, data: bytes) -> None:
        self.recorder.serial_in(0, self.node, data)

    def module(self, data: bytes) -> None:
        self.recorder.serial_out(0, self.node, data)

    def lines(self) -> list[str]:
        signs = {EntryKind.AT_IN: "> ", EntryKind.AT_OUT: "< "}
        return [signs[decoded.kind] + decoded.text() for decoded in self.timeline.reader.after()]


def test_a_dialogue_byte_by_byte_with_echo_reads_as_lines_and_the_echo_is_left_out() -> None:
    it = Listener()
    for byte in b"AT+CSQ\r":
        it.host(bytes([byte]))
        it.module(bytes([byte]))
    it.module(b"\r\n+CSQ: 20,0\r\n\r\nOK\r\n")
    it.host(b"AT\r\n")
    it.module(b"AT\r\r\nOK\r\n")
    assert it.lines() == ["> AT+CSQ", "< +CSQ: 20,0", "< OK", "> AT", "< OK"]


def test_a_prompt_and_the_bytes_of_data_mode_are_lines_of_their_own() -> None:
    it = Listener()
    it.host(b"AT+QLASENDDATA=0x0100,4\r")
    it.module(b"\r\n>")
    it.host(b"\x00\xff\ra")
    it.module(b"\r\nOK\r\n")
    assert it.lines() == ["> AT+QLASENDDATA=0x0100,4", "< >", r"> \x00\xff", "> a", "< OK"]


def test_an_endless_line_is_cut_and_costs_no_memory() -> None:
    it = Listener()
    for _ in range(100):
        it.host(b"x" * 1000)
    assert sum(len(line) for line in it.lines()) <= 100 * 1000
    assert all(len(line) <= 2050 for line in it.lines())
    assert len(it.lines()) > 1


def test_an_answered_command_is_told_by_its_lines_and_only_the_reason_is_added() -> None:
    it = Listener()
    it.recorder.events(0, it.node, [CommandAnswered("AT", ("OK",))])
    refused = CommandAnswered("AT+X", ("ERROR",), CommandRefused(AtRefusal.COMMAND_UNKNOWN, text="+X"))
    it.recorder.events(0, it.node, [refused])
    (told,) = it.timeline.reader.after()
    assert (told.kind, told.fields["line"]) == (EntryKind.AT_OUT, "AT+X")
    assert told.text() == "(there is no command +X (D61))"
    assert told.text("zh") == "（没有命令 +X（D61））"


def test_a_deadline_says_how_long_and_why() -> None:
    it = Listener()
    it.recorder.deadline(10, it.node, Deadline(100, CoapReason.PACKET_UNANSWERED, number=6))
    it.recorder.deadline(20, it.node, Deadline(15, SelfRegistrationReason.NEXT_ROUND))
    it.recorder.deadline(30, it.node, None)
    told = it.timeline.reader.after()
    english = ["waiting 1min 30s: no answer to packet 6", "waiting 0s: the next round", "waiting for nothing"]
    assert [decoded.text() for decoded in told] == english
    chinese = ["等待 1min 30s：第 6 个报文尚无应答", "等待 0s：下一轮", "没有等待的事"]
    assert [decoded.text("zh") for decoded in told] == chinese
    assert told[0].code == "waiting"
    about = {"until": 100, "reason": "coap-packet-unanswered", "subject": "", "number": 6, "count": 0}
    assert told[0].fields == about


def test_a_key_is_recorded_once_and_shown_to_nobody() -> None:
    it = Listener()
    line = f"CLIENT_RANDOM {1:064x} {2:096x}"
    for _ in range(2):  # both ends tell it
        it.recorder.events(0, it.node, [KeyLogged(line)])
    (entry,) = it.timeline.entries()
    assert entry.fact == KeyLogged(line)
    assert list(it.timeline.reader.forward(Query())) == []
    assert it.timeline.reader.one(1) is None


def lab() -> tuple[World, ModuleNode, ToyModule]:
    world, module = World(timeline=Timeline()), ToyModule()
    node = world.add_module("bc28", module)
    world.add_platform("cmdmp", EchoPlatform(), operator="cmdmp")
    return world, node, module


def datagrams(world: World) -> list[Decoded]:
    assert world.timeline is not None
    return [decoded for decoded in world.timeline.reader.after() if decoded.kind is EntryKind.DATAGRAM]


def test_a_datagram_is_told_with_code_path_query_sending_and_fate() -> None:
    world, node, module = lab()
    world.add_fault("loss,direction=up,packets=1")
    request = encode(Message(Type.CON, 2, 7, b"\xab", options(path=["rd"], query=["ep=x", "lt=60"])))
    for at in (0, 2, 300):
        world.run(at)
        module._send(at, ("117.161.2.41", 5683), request)
        world.perform(node, module.handle_serial, b"")
    told = [entry.text() for entry in datagrams(world) if entry.fields["direction"] == "up"]
    line = "bc28 → cmdmp  Register: CON POST /rd?ep=x&lt=60 mid 7 token ab"
    assert told == [f"{line}  ✗ lost", f"{line} (sending 2)", line], "after EXCHANGE_LIFETIME it is another message"
    detail = datagrams(world)[0].fields
    assert (detail["from"], detail["to"], detail["lost"]) == ("bc28", "cmdmp", True)
    assert bytes.fromhex(detail["data"]) == request
    assert detail["destination"] == "117.161.2.41:5683"


def test_each_end_is_a_name_or_an_address_and_the_line_belongs_to_the_module() -> None:
    world, node, module = lab()
    module._send(0, ("203.0.113.1", 5683), b"")
    world.perform(node, module.handle_serial, b"")
    (entry,) = datagrams(world)
    assert entry.source == "bc28"
    assert entry.text().startswith("bc28 → 203.0.113.1:5683  0 bytes, not CoAP")
    assert entry.text().endswith("✗ no route")
    assert entry.fields["lost"]


def test_many_messages_do_not_fill_the_memory_of_sendings() -> None:
    world, node, module = lab()
    for n in range(3000):
        module._send(0, ("117.161.2.41", 5683), encode(Message(Type.CON, 1, n)))
    world.perform(node, module.handle_serial, b"")
    assert world.timeline is not None
    assert len(world.timeline.reader.after()) > 3000
    assert len(world.timeline.reader._decoder._sendings) <= 1024
