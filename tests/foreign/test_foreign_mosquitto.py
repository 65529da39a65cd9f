"""Our MQTT client against Mosquitto: every packet that it sends and every one that a broker sends to it."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from foreign_mosquitto import Broker, Line, mosquitto, running

from nbtwin.mqtt.client import MqttClient, MqttState
from nbtwin.mqtt.events import (
    MqttConnected,
    MqttConnectionRefused,
    MqttMessageReceived,
    MqttPacketResent,
    MqttPublished,
    MqttStreamClosed,
    MqttSubscribed,
    MqttUnsubscribed,
)
from nbtwin.mqtt.packets import Connect, Publish, Will


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with running(tmp_path_factory.mktemp("mosquitto")) as broker:
        yield broker


def new_client() -> MqttClient:
    return MqttClient(timeout=10, retries=3, longest=2048)


@contextmanager
def connected(broker: Broker, packet: Connect, client: MqttClient | None = None) -> Iterator[Line]:
    line = Line(client or new_client(), broker)
    try:
        line.client.connect(0.0, packet)
        line.until(MqttConnected)
        yield line
    finally:
        line.close()


@pytest.mark.parametrize("version", [3, 4])
@pytest.mark.parametrize("qos", [0, 1, 2])
def test_a_message_comes_back_with_each_quality_in_each_version(broker: Broker, version: int, qos: int) -> None:
    with connected(broker, Connect(f"echo-{version}-{qos}", version)) as line:
        line.client.subscribe(0.0, 7, ((f"loop/{version}/{qos}", qos),))
        assert line.until(MqttSubscribed)[-1] == MqttSubscribed(7, (qos,))
        line.client.publish(0.0, Publish(f"loop/{version}/{qos}", b"\x00\xff message", qos, 8 if qos else 0))
        sent = MqttPublished(8 if qos else 0, qos)
        if sent not in line.until(MqttMessageReceived):
            assert line.until(MqttPublished)[-1] == sent
        (message,) = line.client.messages()
        assert (message.topic, message.payload, message.qos) == (f"loop/{version}/{qos}", b"\x00\xff message", qos)
        line.client.unsubscribe(0.0, 9, (f"loop/{version}/{qos}",))
        assert line.until(MqttUnsubscribed)[-1] == MqttUnsubscribed(9)
        line.flush()
        assert line.client.next_deadline() is None
        assert not line.client.busy


def test_a_filter_that_is_not_granted_is_told_apart(tmp_path: Path) -> None:
    (tmp_path / "acl").write_text("topic read open/#\n", encoding="utf-8")
    with running(tmp_path, f"acl_file {tmp_path / 'acl'}") as broker, connected(broker, Connect("several")) as line:
        line.client.subscribe(0.0, 1, (("open/#", 2), ("open/+/x", 0)))
        assert line.until(MqttSubscribed)[-1] == MqttSubscribed(1, (2, 0))


def test_a_wrong_password_is_refused_with_the_brokers_code(tmp_path: Path) -> None:
    mosquitto()
    password_file = tmp_path / "passwords"
    password_file.touch(mode=0o600)
    subprocess.run(["mosquitto_passwd", "-b", password_file, "meter", "right"], check=True, timeout=30)
    with running(tmp_path, "allow_anonymous false", f"password_file {password_file}") as broker:
        with connected(broker, Connect("m", username="meter", password=b"right")):
            pass
        line = Line(new_client(), broker)
        line.client.connect(0.0, Connect("m", username="meter", password=b"wrong"))
        assert line.until(MqttConnectionRefused)[-1] == MqttConnectionRefused(5)
        assert line.client.state is MqttState.IDLE
        line.close()


def test_the_will_is_published_when_the_stream_breaks_and_not_after_disconnect(broker: Broker) -> None:
    with connected(broker, Connect("heir")) as heir:
        heir.client.subscribe(0.0, 1, (("wills/#", 1),))
        heir.until(MqttSubscribed)
        polite = Connect("polite", will=Will("wills/polite", b"gone", 1))
        with connected(broker, polite) as line:
            line.client.disconnect(0.0)
            line.flush()
        with connected(broker, Connect("sudden", will=Will("wills/sudden", b"gone", 1))):
            pass
        heir.until(MqttMessageReceived)
        assert [(message.topic, message.payload) for message in heir.client.messages()] == [("wills/sudden", b"gone")]


def test_a_session_that_is_not_clean_keeps_messages(broker: Broker) -> None:
    client, packet = new_client(), Connect("sleeper", clean=False)
    with connected(broker, packet, client) as line:
        line.client.subscribe(0.0, 1, (("mail", 1),))
        line.until(MqttSubscribed)
    client.handle_closed(0.0)
    with connected(broker, Connect("writer")) as writer:
        writer.client.publish(0.0, Publish("mail", b"while you slept", 1, 1))
        writer.until(MqttPublished)
    line = Line(client, broker)
    client.connect(0.0, packet)
    assert MqttConnected(session_present=True) in line.until(MqttMessageReceived)
    assert [message.payload for message in client.messages()] == [b"while you slept"]
    line.close()


@pytest.mark.parametrize("qos", [1, 2])
def test_a_message_whose_answer_was_lost_with_the_stream_is_sent_again_and_arrives(broker: Broker, qos: int) -> None:
    client, packet = new_client(), Connect(f"again-{qos}", clean=False)
    with connected(broker, Connect(f"reader-{qos}")) as reader:
        reader.client.subscribe(0.0, 1, ((f"again/{qos}", qos),))
        reader.until(MqttSubscribed)
        with connected(broker, packet, client) as line:
            client.publish(0.0, Publish(f"again/{qos}", b"1", qos, 5))
            line.flush()
            if qos == 1:
                reader.until(MqttMessageReceived)  # the broker has it; its PUBACK is lost
        client.handle_closed(0.0)
        with connected(broker, packet, client) as line:
            assert line.until(MqttPublished)[-1] == MqttPublished(5, qos)
        reader.until(MqttMessageReceived)
        messages = reader.client.messages()
        assert [message.payload for message in messages] == [b"1"] * (2 if qos == 1 else 1)  # at least once; once


@pytest.mark.parametrize("qos", [1, 2])
def test_what_is_resent_on_a_living_stream_does_no_harm(broker: Broker, qos: int) -> None:
    with connected(broker, Connect(f"resend-{qos}")) as line:
        line.client.subscribe(0.0, 1, ((f"resend/{qos}", qos),))
        line.client.handle_timer(10.0)
        line.client.publish(10.0, Publish(f"resend/{qos}", b"1", qos, 2))
        line.client.handle_timer(20.0)
        line.until(MqttPublished)
        line.client.unsubscribe(20.0, 3, ("nothing",))
        line.client.handle_timer(30.0)
        line.until(MqttUnsubscribed)
        assert line.client.state is MqttState.CONNECTED


def test_a_client_that_pings_is_kept_and_a_silent_one_is_not(broker: Broker) -> None:
    with connected(broker, Connect("pinger", keep_alive=1)) as line:
        line.client.handle_timer(1.0)
        line.flush()
        assert line.client.busy
        line.until(MqttStreamClosed)  # the test's clock stands still: no second PINGREQ, and Mosquitto hangs up
        assert "timeout" in broker.log.read_text(encoding="utf-8")


def test_retries_end_and_are_counted(broker: Broker) -> None:
    client = MqttClient(timeout=5, retries=2, longest=2048)
    with connected(broker, Connect("lost"), client):
        client.publish(0.0, Publish("t", b"", 1, 4))
        for now in (5.0, 10.0, 15.0):
            client.handle_timer(now)
        kinds = [type(event).__name__ for event in client.events()]
        assert kinds == [MqttPacketResent.__name__] * 2 + ["MqttPacketUnanswered"]
        assert client.is_free(4)
