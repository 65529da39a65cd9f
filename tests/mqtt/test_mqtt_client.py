"""Our MQTT client on the injected clock: what it resends, when it pings, and what ends a stream."""

from hypothesis import given
from hypothesis import strategies as st

from nbtwin.mqtt.client import MqttClient, MqttState
from nbtwin.mqtt.events import (
    MqttConnected,
    MqttMessageReceived,
    MqttMessageSkipped,
    MqttPacketResent,
    MqttPacketUnanswered,
    MqttPublished,
    MqttStreamUseless,
)
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
    encode,
)
from nbtwin.mqtt.reasons import MqttReason, MqttRefusal


def packets_of(data: bytes) -> list[Packet]:
    reader, found = PacketReader(), []
    reader.receive(data)
    while (packet := reader.next_packet()) is not None:
        found.append(packet)
    return found


def connected(**of_connect: object) -> MqttClient:
    client = MqttClient(timeout=10, retries=2, longest=100)
    client.connect(0.0, Connect("c", **of_connect))  # type: ignore[arg-type]
    client.handle_data(0.0, encode(ConnAck(0)))
    assert client.events() == [MqttConnected()]
    client.data_to_send()
    return client


def test_connect_leaves_once_and_is_given_up_when_all_tries_would_be_over() -> None:
    client = MqttClient(timeout=10, retries=2, longest=100)
    client.connect(5.0, Connect("c", keep_alive=3))
    deadline = client.next_deadline()
    assert deadline is not None
    assert (deadline.at, deadline.reason) == (35.0, MqttReason.ANSWER_OUTSTANDING)
    client.handle_timer(34.9)
    assert client.events() == []
    assert len(packets_of(client.data_to_send())) == 1
    client.handle_timer(35.0)
    assert client.events() == [MqttPacketUnanswered("CONNECT", 0, 0), MqttStreamUseless(MqttRefusal.UNANSWERED)]
    assert client.state is MqttState.IDLE
    assert client.next_deadline() is None


def test_a_publish_is_resent_as_a_duplicate_and_then_given_up() -> None:
    client = connected()
    client.publish(1.0, Publish("t", b"x", 1, 9))
    client.handle_timer(11.0)
    client.handle_timer(21.0)
    client.handle_timer(31.0)
    first, *again = packets_of(client.data_to_send())
    assert first == Publish("t", b"x", 1, 9)
    assert again == [Publish("t", b"x", 1, 9, duplicate=True)] * 2
    assert client.events() == [
        MqttPacketResent("PUBLISH", 9, 1),
        MqttPacketResent("PUBLISH", 9, 2),
        MqttPacketUnanswered("PUBLISH", 9, 2),
    ]


def test_quality_2_resends_its_second_half_alone() -> None:
    client = connected()
    client.publish(0.0, Publish("t", b"x", 2, 9))
    client.handle_data(1.0, encode(Acknowledgement(PacketType.PUBREC, 9)))
    client.handle_timer(11.0)
    release = Acknowledgement(PacketType.PUBREL, 9)
    assert packets_of(client.data_to_send())[1:] == [release, release]
    client.handle_data(12.0, encode(Acknowledgement(PacketType.PUBREC, 9)))  # late: PUBREL has left
    client.handle_data(12.0, encode(Acknowledgement(PacketType.PUBCOMP, 9)))
    assert client.events() == [MqttPacketResent("PUBREL", 9, 1), MqttPublished(9, 2)]


def test_a_message_of_quality_2_that_comes_twice_is_one_message() -> None:
    client = connected()
    message = Publish("t", b"x", 2, 77)
    client.handle_data(0.0, encode(message) * 2 + encode(Acknowledgement(PacketType.PUBREL, 77)) + encode(message))
    assert len(client.messages()) == 2  # the third is a new one: its identifier was free again
    assert [type(event) for event in client.events()] == [MqttMessageReceived] * 2


def test_it_pings_after_silence_of_its_own_and_notices_a_server_that_is_not_there() -> None:
    client = connected(keep_alive=60)
    client.publish(50.0, Publish("t", b""))
    client.handle_timer(60.0)
    assert packets_of(client.data_to_send()) == [Publish("t", b"")]
    client.handle_timer(110.0)
    assert packets_of(client.data_to_send()) == [Empty(PacketType.PINGREQ)]
    client.handle_data(111.0, encode(Empty(PacketType.PINGRESP)))
    assert not client.busy
    client.handle_timer(170.0)
    client.events()
    client.handle_timer(180.0)
    assert client.events() == [MqttPacketUnanswered("PINGREQ", 0, 0), MqttStreamUseless(MqttRefusal.UNANSWERED)]


def test_keep_alive_0_never_pings() -> None:
    client = connected()
    assert client.next_deadline() is None


def test_a_message_that_is_too_long_is_told_and_the_next_is_taken() -> None:
    client = connected()
    client.handle_data(0.0, encode(Publish("t", b"x" * 200)) + encode(Publish("t", b"y")))
    assert [message.payload for message in client.messages()] == [b"y"]
    assert client.events() == [MqttMessageSkipped(203), MqttMessageReceived("t", 1, 0)]


def test_packets_of_a_client_and_bytes_of_nobody_end_the_stream() -> None:
    for data, refusal in (
        (encode(Connect("c")), MqttRefusal.PACKET_UNEXPECTED),
        (encode(ConnAck(0)), MqttRefusal.PACKET_UNEXPECTED),
        (b"\xf0\x00", MqttRefusal.TYPE_RESERVED),
    ):
        client = connected()
        client.handle_data(0.0, data + encode(Publish("t", b"")))
        (event,) = client.events()
        assert isinstance(event, MqttStreamUseless)
        assert event.refusal is refusal
        assert client.messages() == []
        assert client.state is MqttState.IDLE


def test_an_answer_that_nobody_waits_for_moves_nothing() -> None:
    client = connected()
    client.publish(0.0, Publish("t", b"", 1, 3))
    client.handle_data(0.0, encode(SubAck(3, (0,))) + encode(Acknowledgement(PacketType.PUBCOMP, 3)))
    assert client.events() == []
    assert not client.is_free(3)


@given(st.lists(st.binary(max_size=40), max_size=6), st.lists(st.floats(0, 100), max_size=6))
def test_no_bytes_and_no_clock_break_it(pieces: list[bytes], steps: list[float]) -> None:
    client, now = connected(keep_alive=5), 0.0
    client.publish(now, Publish("t", b"", 2, 1))
    for data in pieces:
        client.handle_data(now, data)
    for step in steps:
        now += step
        client.handle_timer(now)
        deadline = client.next_deadline()
        assert deadline is None or deadline.at > now
    client.handle_closed(now)
    assert client.next_deadline() is None
