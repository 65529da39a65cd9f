"""What has happened to an MQTT client: facts, in the past tense."""

from __future__ import annotations

from typing import TypeAlias

from nbtwin.engine import Fact
from nbtwin.mqtt.reasons import MqttRefusal


class MqttConnected(Fact, frozen=True):
    """The server has accepted the client."""

    session_present: bool = False


class MqttConnectionRefused(Fact, frozen=True):
    """The server has not."""

    number: int  # CONNACK's return code, 1-5


class MqttPacketResent(Fact, frozen=True):
    """No answer in time: the packet left again."""

    packet: str  # PUBLISH, PUBREL, SUBSCRIBE, UNSUBSCRIBE
    number: int  # its identifier
    count: int  # how often it has been resent


class MqttPacketUnanswered(Fact, frozen=True):
    """No answer after the last time: given up. CONNECT has the identifier 0."""

    packet: str
    number: int
    count: int


class MqttSubscribed(Fact, frozen=True):
    """SUBACK."""

    number: int
    granted: tuple[int, ...]  # QoS of each filter; 128: not taken


class MqttUnsubscribed(Fact, frozen=True):
    """UNSUBACK."""

    number: int


class MqttPublished(Fact, frozen=True):
    """A message of ours has arrived as its QoS asks: with 0 it has left."""

    number: int
    qos: int


class MqttMessageReceived(Fact, frozen=True):
    """A message for us. The message itself is in `MqttClient.messages`."""

    topic: str
    length: int
    qos: int
    number: int = 0


class MqttMessageSkipped(Fact, frozen=True):
    """A packet that was longer than the client keeps went by unread and unanswered."""

    length: int


class MqttStreamUseless(Fact, frozen=True):
    """The stream is worth nothing any more: whoever carries it closes it (4.8)."""

    refusal: MqttRefusal
    number: int = 0


class MqttStreamClosed(Fact, frozen=True):
    """The server has closed the stream, or the stream is lost."""


MqttEvent: TypeAlias = (
    MqttConnected
    | MqttConnectionRefused
    | MqttPacketResent
    | MqttPacketUnanswered
    | MqttSubscribed
    | MqttUnsubscribed
    | MqttPublished
    | MqttMessageReceived
    | MqttMessageSkipped
    | MqttStreamUseless
    | MqttStreamClosed
)
