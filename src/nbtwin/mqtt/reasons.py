"""What an MQTT client waits for, and why something came to nothing: codes, no sentences."""

from __future__ import annotations

from nbtwin.engine import DecodeError, Reason, Refusal


class MqttReason(Reason):
    """What an MQTT client waits for."""

    ANSWER_OUTSTANDING = "mqtt-answer-outstanding"  # subject: the packet that waits, number: its identifier
    KEEP_ALIVE = "mqtt-keep-alive"
    PING_UNANSWERED = "mqtt-ping-unanswered"


class MqttRefusal(Refusal):
    """Why something came to nothing. Section numbers are those of MQTT 3.1.1."""

    # bytes that are no packet
    TYPE_RESERVED = "mqtt-type-reserved"  # 2.2.1; number: the type
    FLAGS_INVALID = "mqtt-flags-invalid"  # 2.2.2; number: the flags
    LENGTH_MALFORMED = "mqtt-length-malformed"  # 2.2.3
    PACKET_CUT = "mqtt-packet-cut"  # a field ends after the packet does
    PACKET_TRAILING = "mqtt-packet-trailing"  # bytes after the last field; number: how many
    TEXT_INVALID = "mqtt-text-invalid"  # 1.5.3: not UTF-8, or with U+0000
    TOPIC_INVALID = "mqtt-topic-invalid"  # 4.7
    IDENTIFIER_ZERO = "mqtt-identifier-zero"  # 2.3.1
    PROTOCOL_UNKNOWN = "mqtt-protocol-unknown"  # 3.1.2.1
    CODE_UNKNOWN = "mqtt-code-unknown"  # 3.2.2.3, 3.9.3; number: the code

    # packets that are not for a client, or not now
    PACKET_UNEXPECTED = "mqtt-packet-unexpected"  # number: the type

    # what we sent
    UNANSWERED = "mqtt-unanswered"


class MqttFormatError(DecodeError):
    """Bytes that are no MQTT packet."""

    def __init__(self, refusal: MqttRefusal, number: int = 0) -> None:
        super().__init__(refusal, number)
        self.refusal, self.number = refusal, number
