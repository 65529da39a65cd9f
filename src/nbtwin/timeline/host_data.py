"""What a host's own sockets carry, as one readable line: MQTT packets by name, text as text, anything else as hex.

Names are those of the standards in every language. Knows payloads of UDP and pieces of streams; knows no CoAP, and
nothing of who sent them.
"""

from __future__ import annotations

from collections.abc import Sequence

from nbtwin.mqtt.packets import (
    Acknowledgement,
    ConnAck,
    Connect,
    Packet,
    PacketReader,
    Publish,
    SubAck,
    Subscribe,
    Unsubscribe,
)
from nbtwin.mqtt.reasons import MqttFormatError
from nbtwin.timeline.field import text_of

_LONGEST_TEXT = 48
_LONGEST_HEX = 16
MQTT_PORT = 1883


def preview(data: bytes) -> str:
    """The beginning: in quotes where it is text."""
    text = text_of(data.rstrip(b"\r\n"))
    if text is not None:
        return f'"{text[:_LONGEST_TEXT]}"' + ("…" if len(text) > _LONGEST_TEXT else "")
    return data[:_LONGEST_HEX].hex() + ("…" if len(data) > _LONGEST_HEX else "")


def mqtt_packets(data: bytes) -> list[Packet]:
    """Those that the whole of it is; none where anything else, or a part of one, is in it."""
    reader, found, rest = PacketReader(), list[Packet](), len(data)
    reader.receive(data)
    try:
        while rest and (packet := reader.next_packet()) is not None:
            found.append(packet)
            rest = reader.waiting
    except MqttFormatError:
        return []
    return [] if rest else found


def named(packets: Sequence[Packet]) -> str:
    """`MQTT PUBLISH a/b, QoS 1, ID 7: "21.5"`; a password is not in it."""
    return "MQTT " + " + ".join(map(_named, packets))


def _named(packet: Packet) -> str:
    match packet:
        case Connect():
            return f"CONNECT {packet.client_id}"
        case ConnAck():
            return f"CONNACK {packet.code}"
        case Publish():
            qos = f", QoS {packet.qos}, ID {packet.packet_id}" if packet.qos else ""
            return f"PUBLISH {packet.topic}{qos}: {preview(packet.payload)}"
        case Subscribe():
            filters = ", ".join(f"{filter_} QoS {qos}" for filter_, qos in packet.filters)
            return f"SUBSCRIBE {filters}, ID {packet.packet_id}"
        case SubAck():
            return f"SUBACK {', '.join(map(str, packet.codes))}, ID {packet.packet_id}"
        case Unsubscribe():
            return f"UNSUBSCRIBE {', '.join(packet.filters)}, ID {packet.packet_id}"
        case Acknowledgement():
            return f"{packet.type.name} ID {packet.packet_id}"
        case _:
            return packet.type.name
