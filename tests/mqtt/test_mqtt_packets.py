"""The bytes of MQTT packets: the standard's own, every packet there and back, and anything at all."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from nbtwin.mqtt.packets import (
    Acknowledgement,
    ConnAck,
    Connect,
    Empty,
    Packet,
    PacketReader,
    PacketType,
    Publish,
    SubAck,
    Subscribe,
    Unsubscribe,
    Will,
    encode,
    is_filter,
    is_topic,
)
from nbtwin.mqtt.reasons import MqttFormatError, MqttRefusal

texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
topics = texts.filter(is_topic)
filters = st.one_of(topics, st.sampled_from(("#", "+", "a/#", "+/b/+", "/+", "sport/+/player1")))
numbers = st.integers(1, 0xFFFF)
levels = st.integers(0, 2)
wills = st.builds(Will, topics, st.binary(max_size=20), levels, st.booleans())
passwords = st.binary(max_size=10)


def with_password(packet: Connect, password: bytes | None) -> Connect:
    return replace(packet, password=password if packet.username is not None else None)


packets: st.SearchStrategy[Packet] = st.one_of(
    st.builds(
        with_password,
        st.builds(
            Connect,
            texts,
            st.sampled_from((3, 4)),
            st.booleans(),
            st.integers(0, 0xFFFF),
            st.none() | texts,
            st.none(),
            st.none() | wills,
        ),
        st.none() | passwords,
    ),
    st.builds(ConnAck, st.integers(0, 5), st.booleans()),
    st.builds(Publish, topics, st.binary(max_size=300), st.just(0), st.just(0), st.booleans(), st.booleans()),
    st.builds(Publish, topics, st.binary(max_size=300), st.integers(1, 2), numbers, st.booleans(), st.booleans()),
    st.builds(
        Acknowledgement,
        st.sampled_from(
            (PacketType.PUBACK, PacketType.PUBREC, PacketType.PUBREL, PacketType.PUBCOMP, PacketType.UNSUBACK)
        ),
        numbers,
    ),
    st.builds(Subscribe, numbers, st.lists(st.tuples(filters, levels), min_size=1, max_size=4).map(tuple)),
    st.builds(SubAck, numbers, st.lists(st.sampled_from((0, 1, 2, 128)), max_size=4).map(tuple)),
    st.builds(Unsubscribe, numbers, st.lists(filters, min_size=1, max_size=4).map(tuple)),
    st.sampled_from((PacketType.PINGREQ, PacketType.PINGRESP, PacketType.DISCONNECT)).map(Empty),
)


def read(data: bytes) -> list[Packet]:
    reader, found = PacketReader(), []
    reader.receive(data)
    while (packet := reader.next_packet()) is not None:
        found.append(packet)
    return found


@given(st.lists(packets, max_size=5), st.integers(1, 50))
def test_what_was_written_is_read_in_pieces_of_any_size(sent: list[Packet], size: int) -> None:
    data = b"".join(map(encode, sent))
    reader, found = PacketReader(), []
    for start in range(0, len(data), size):
        reader.receive(data[start : start + size])
        while (packet := reader.next_packet()) is not None:
            found.append(packet)
    assert found == sent


@given(st.binary(max_size=200))
def test_any_bytes_are_packets_or_a_format_error(data: bytes) -> None:
    try:
        found = read(data)
    except MqttFormatError:
        return
    for packet in found:
        assert read(encode(packet)) == [packet]


@given(packets, st.data())
def test_a_packet_with_a_byte_changed_is_read_or_refused(packet: Packet, data: st.DataObject) -> None:
    spoilt = bytearray(encode(packet))
    spoilt[data.draw(st.integers(0, len(spoilt) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(MqttFormatError):
        read(bytes(spoilt))


@pytest.mark.parametrize(
    ("packet", "data"),
    [
        # 3.1.1, 3.1.2: figure 3.6's flags with a clean session and no retained will
        (
            Connect("", 4, True, 10, "u", b"p", Will("w", b"m", 1)),
            "10 18 0004 4d515454 04 ce 000a 0000 0001 77 0001 6d 0001 75 0001 70",
        ),
        (Connect("c", 3, False, 0), "10 0f 0006 4d5149736470 03 00 0000 0001 63"),  # MQTT 3.1, 3.1
        (ConnAck(5), "20 02 00 05"),
        (Publish("a/b", b"", 1, 10), "32 07 0003 61 2f 62 000a"),  # 3.1.1, figure 3.11
        (Publish("a", b"x" * 130, retain=True), "31 85 01 0001 61" + "78" * 130),  # 2.2.3: two bytes of length
        (Acknowledgement(PacketType.PUBREL, 258), "62 02 01 02"),
        (Subscribe(10, (("a/b", 1), ("c/d", 2))), "82 0e 000a 0003 612f62 01 0003 632f64 02"),  # figure 3.23
        (SubAck(10, (0, 2, 128)), "90 05 000a 00 02 80"),  # figure 3.26
        (Unsubscribe(10, ("a/b", "c/d")), "a2 0c 000a 0003 612f62 0003 632f64"),  # figure 3.30
        (Empty(PacketType.PINGREQ), "c0 00"),
    ],
)
def test_the_examples_of_the_standards(packet: Packet, data: str) -> None:
    assert encode(packet) == bytes.fromhex(data.replace(" ", ""))
    assert read(encode(packet)) == [packet]


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        ("00 00", MqttRefusal.TYPE_RESERVED),
        ("f0 00", MqttRefusal.TYPE_RESERVED),
        ("c1 00", MqttRefusal.FLAGS_INVALID),
        ("60 02 0001", MqttRefusal.FLAGS_INVALID),  # PUBREL without its flag
        ("36 05 0001 61 0001", MqttRefusal.FLAGS_INVALID),  # QoS 3
        ("30 ffffffff 01", MqttRefusal.LENGTH_MALFORMED),
        ("40 01 00", MqttRefusal.PACKET_CUT),
        ("40 03 0001 00", MqttRefusal.PACKET_TRAILING),
        ("40 02 0000", MqttRefusal.IDENTIFIER_ZERO),
        ("30 03 0001 ff", MqttRefusal.TEXT_INVALID),
        ("30 03 0001 00", MqttRefusal.TEXT_INVALID),
        ("30 03 0001 23", MqttRefusal.TOPIC_INVALID),  # a message with the topic #
        ("82 07 0001 0002 6123 00", MqttRefusal.TOPIC_INVALID),  # the filter a#
        ("20 02 00 06", MqttRefusal.CODE_UNKNOWN),
        ("90 03 0001 03", MqttRefusal.CODE_UNKNOWN),
        ("10 0c 0004 4d515454 05 02 0000 0000", MqttRefusal.PROTOCOL_UNKNOWN),  # MQTT 5
    ],
)
def test_bytes_that_are_no_packet(data: str, refusal: MqttRefusal) -> None:
    with pytest.raises(MqttFormatError) as caught:
        read(bytes.fromhex(data.replace(" ", "")))
    assert caught.value.refusal is refusal


@pytest.mark.parametrize(
    ("text", "topic", "filter"),
    [
        ("a/b", True, True),
        ("/", True, True),
        ("$SYS/#", False, True),
        ("+", False, True),
        ("a/+/c", False, True),
        ("#/a", False, False),
        ("a+", False, False),
        ("", False, False),
        ("a\0", False, False),
        ("\ud800", False, False),
        ("x" * 65536, False, False),
    ],
)
def test_topics_and_filters(text: str, topic: bool, filter: bool) -> None:
    assert (is_topic(text), is_filter(text)) == (topic, filter)


@given(st.integers(11, 2000), st.integers(1, 700))
def test_a_packet_that_is_too_long_goes_by_and_the_next_one_is_read(length: int, size: int) -> None:
    long = encode(Publish("t", b"x" * length))
    data = long + encode(Publish("t", b"short"))
    reader, found, most = PacketReader(longest=10), [], 0
    for start in range(0, len(data), size):
        reader.receive(data[start : start + size])
        while (packet := reader.next_packet()) is not None:
            found.append(packet)
        most = max(most, len(reader._buffer))
    assert found == [Publish("t", b"short")]
    assert reader.skipped == [length + 3]
    assert most <= 12


def test_values_that_no_packet_can_hold() -> None:
    with pytest.raises(ValueError, match="65536 is no 16-bit number"):
        encode(Publish("t" * 65536, b""))
    with pytest.raises(ValueError, match="65536 is no 16-bit number"):
        encode(Acknowledgement(PacketType.PUBACK, 65536))
