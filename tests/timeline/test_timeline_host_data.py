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
from nbtwin.timeline.host_data import without_password
from nbtwin.timeline.ring import Timeline
from nbtwin.web.entries import fields_of

OWN, PEER, BROKER = ("10.0.0.2", 49200), ("192.0.2.20", 7), ("192.0.2.30", 11883)


def datagram(data: bytes, peer: tuple[str, int] = PEER, *, socket: bool = True) -> Decoded:
    return Decoder().read(Entry(1, 1.0, "meter", DatagramSeen(Direction.UP, OWN, peer, data, "meter", socket=socket)))


def piece(data: bytes, flag: SegmentFlag = SegmentFlag.DATA, peer: tuple[str, int] = BROKER) -> Entry:
    return Entry(1, 1.0, "meter", SegmentSeen(Direction.UP, OWN, peer, flag, 1, 1, data, "meter"))


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


def test_a_password_of_mqtt_is_in_no_entry_that_is_shown() -> None:
    connect = mqtt.encode(mqtt.Connect("meter-1", username="secret", password=b"secret"))
    assert without_password(connect) == connect[:-6] + b"******"
    assert without_password(connect + b"\xc0\x00") == connect[:-6] + b"******\xc0\x00"
    shown = fields_of(Decoder().read(piece(connect)))
    assert shown["fields"]["data"] == (connect[:-6] + b"******").hex()


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
