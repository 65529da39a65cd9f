"""What a host sends over sockets of its own, in the timeline: its text, MQTT by its packets, CoAP where it is CoAP."""

from __future__ import annotations

import pytest

from nbtwin.coap.message import Message, encode, options
from nbtwin.coap.numbers import Code, Type
from nbtwin.module.identity import Usim
from nbtwin.mqtt import packets as mqtt
from nbtwin.profiles.models import PROFILES
from nbtwin.runtime.simulated_lab import SimulatedLab
from nbtwin.selfreg.schedule import Operator
from nbtwin.timeline.decoder import Decoded, Decoder
from nbtwin.timeline.entry import Entry
from nbtwin.timeline.facts import DatagramSeen, Direction, SegmentFlag, SegmentSeen
from nbtwin.timeline.fields import fields
from nbtwin.timeline.ring import Timeline
from nbtwin.web.entries import fields_of

OWN, PEER, BROKER = ("10.0.0.2", 49200), ("192.0.2.20", 7), ("192.0.2.30", 11883)


def datagram(data: bytes, peer: tuple[str, int] = PEER, *, socket: bool = True) -> Decoded:
    return Decoder().read(Entry(1, 1.0, "meter", DatagramSeen(Direction.UP, OWN, peer, data, "meter", socket=socket)))


def piece(
    data: bytes, flag: SegmentFlag = SegmentFlag.DATA, peer: tuple[str, int] = BROKER, at: int = 1, again: bool = False
) -> Entry:
    return Entry(1, 1.0, "meter", SegmentSeen(Direction.UP, OWN, peer, flag, at, 1, data, "meter", again=again))


def test_what_a_socket_sends_is_said_as_what_it_is() -> None:
    text = datagram(b"hello")
    assert text.text() == 'meter → 192.0.2.20:7  UDP, 5 bytes: "hello"'
    assert text.text("zh").endswith('UDP，5 字节："hello"')
    assert datagram(b"\x00" * 20).text().endswith("UDP, 20 bytes: " + "00" * 16 + "…")
    (field,) = fields(text)
    assert (field.said(), field.source) == (("UDP payload", "hello"), "RFC 768")


@pytest.mark.parametrize(
    "text", [b"hello world, how are you?\r\n", b"Temperature=21.5;Battery=3.6", b"AAAAAAAAAAAAAAAA"]
)
def test_text_that_has_the_bits_of_a_coap_message_is_none_nor_sent_again(text: bytes) -> None:
    decoder = Decoder()
    entry = Entry(1, 1.0, "meter", DatagramSeen(Direction.UP, OWN, PEER, text, "meter", socket=True))
    decoder.read(entry)
    said = decoder.read(entry).text()
    assert f'UDP, {len(text)} bytes: "' in said
    assert "sending" not in said


def test_a_hosts_own_coap_is_read_and_what_is_none_at_its_port_named() -> None:
    request = encode(Message(Type.CON, Code.POST, 7, b"t", options(path=["a"])))
    assert "POST /a" in datagram(request, ("192.0.2.20", 9000)).text()
    assert "not CoAP" in datagram(b"hello", ("192.0.2.20", 5683)).text()
    assert "not CoAP" in datagram(b"hello", socket=False).text(), "a service's"


def test_pieces_of_a_stream_are_named_by_their_packets() -> None:
    decoder = Decoder()
    connect = mqtt.encode(mqtt.Connect("meter-1", username="secret", password=b"secret"))
    publish = mqtt.encode(mqtt.Publish("a/b", b"21.5", 1, 7))
    lines = [
        decoder.read(piece(data)).text()
        for data in (connect, publish, publish + mqtt.encode(mqtt.Empty(mqtt.PacketType.PINGREQ)))
    ]
    assert [line.partition("  ")[2] for line in lines] == [
        "MQTT CONNECT meter-1",
        'MQTT PUBLISH a/b, QoS 1, ID 7: "21.5"',
        'MQTT PUBLISH a/b, QoS 1, ID 7: "21.5" + PINGREQ',
    ]
    assert lines[0].startswith("meter → 192.0.2.30:11883  ")
    assert Decoder().read(piece(b"\xc0\x00")).text().endswith("TCP, 2 bytes: c000"), "of a stream that is no MQTT"
    assert Decoder().read(piece(b"\xc0\x00", peer=("192.0.2.30", 1883))).text().endswith("MQTT PINGREQ")
    assert Decoder().read(piece(b"hello\r\n")).text("zh").endswith('TCP，7 字节："hello"')
    assert Decoder().read(piece(b"", SegmentFlag.OPENED)).text().endswith("TCP SYN, ACK")


CONNECT = mqtt.encode(mqtt.Connect("meter-1", username="user", password=b"s3cret", will=mqtt.Will("gone", b"bye")))
MASKED = CONNECT[:-6] + b"******"


def shown(*pieces: Entry) -> bytes:
    decoder = Decoder()
    entries = [fields_of(decoder.read(one)) for one in pieces]
    assert not any("s3cret" in str(entry) or b"s3cret".hex() in str(entry) for entry in entries)
    return b"".join([bytes.fromhex(entry["fields"]["data"]) for entry in entries])


def test_a_password_of_mqtt_is_in_no_entry_that_is_shown() -> None:
    assert shown(piece(CONNECT)) == MASKED
    assert shown(piece(CONNECT + b"\xc0\x00")) == MASKED + b"\xc0\x00"
    assert shown(piece(CONNECT + b"\x30\x09")) == MASKED + b"\x30\x09", "and a part of the next packet"
    assert shown(piece(CONNECT), piece(CONNECT, at=1)) == MASKED * 2, "another stream"
    other = mqtt.encode(mqtt.Connect("meter-1", username="s3cre"))
    assert shown(piece(other)) == other, "without a password"


@pytest.mark.parametrize("cut", range(1, len(CONNECT)))
def test_nor_in_one_of_its_pieces_which_may_come_again(cut: int) -> None:
    first, second = piece(CONNECT[:cut]), piece(CONNECT[cut:], at=1 + cut)
    assert shown(first, second) == MASKED
    rest = piece(b"\xc0\x00", at=1 + len(CONNECT))
    again = [piece(CONNECT[:cut], again=True), piece(CONNECT[cut:], at=1 + cut, again=True)]
    assert shown(first, again[0], second, rest, *again) == MASKED[:cut] + MASKED + b"\xc0\x00" + MASKED
    assert shown(*[piece(bytes([one]), at=1 + at) for at, one in enumerate(CONNECT)]) == MASKED


def test_in_a_lab_a_sockets_datagrams_are_told_from_those_of_services() -> None:
    timeline = Timeline()
    lab = SimulatedLab(operators=["cmdmp"], timeline=timeline)
    node = lab.add_module("meter", PROFILES["BC260Y-CN"], Usim.of(Operator.MOBILE, "meter"))
    lab.power_on("meter")
    lab.world.advance(40)
    for line in ('AT+QIOPEN=0,0,"UDP","echo.lab.test",7,0,1', 'AT+QISEND=0,5,"hello"'):
        lab.world.serial(node, f"{line}\r".encode())
        lab.world.advance(5)
    decoder = Decoder()
    seen = [decoder.read(entry) for entry in timeline.entries() if isinstance(entry.fact, DatagramSeen)]
    host = [one.text().partition("  ")[2] for one in seen if one.fields["protocol"] == "udp"]
    assert host == ['UDP, 5 bytes: "hello"'] * 2, "there and back"
    assert any(one.fields["protocol"] == "coap" for one in seen), "self-registration"
