"""An MQTT client without I/O: what it says on a stream, what it waits for, what it keeps.

Whoever carries the stream hands over its bytes (`handle_data`) and its end (`handle_closed`), drains `data_to_send`,
`messages` and `events`, and closes the stream when the client has no more use for it (`MqttStreamUseless`).

What is resent and what is not. A stream loses nothing, so MQTT 3.1.1 resends only when a client comes back to its
session (4.4); NB-IoT modules resend after a time-out of their own, as MQTT 3.1 allowed (there 4.1 and 4.2), and so does
this client (D144): PUBLISH with its DUP flag, PUBREL, SUBSCRIBE and UNSUBSCRIBE, ``retries`` times, ``timeout`` apart.
CONNECT leaves once, because a server must close the stream on a second one (3.1.0-2): for its answer the client waits
as long as the resending would have taken.

A session that is not clean outlives the stream: messages of QoS 1 and 2 without their last answer are sent again after
the next CONNACK, and an identifier of QoS 2 that has come and was not released is still known then.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from msgspec.structs import replace

from nbtwin.engine import Deadline, Seconds, soonest
from nbtwin.mqtt.events import (
    MqttConnected,
    MqttConnectionRefused,
    MqttEvent,
    MqttMessageReceived,
    MqttMessageSkipped,
    MqttPacketResent,
    MqttPacketUnanswered,
    MqttPublished,
    MqttStreamClosed,
    MqttStreamUseless,
    MqttSubscribed,
    MqttUnsubscribed,
)
from nbtwin.mqtt.packets import (
    REJECTED,
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
    encode,
)
from nbtwin.mqtt.reasons import MqttFormatError, MqttReason, MqttRefusal


class MqttState(Enum):
    """Of the connection."""

    IDLE = "idle"
    CONNECTING = "connecting"
    CONNECTED = "connected"


@dataclass(slots=True)
class _Pending:
    """A packet of ours without its answer."""

    packet: Publish | Acknowledgement | Subscribe | Unsubscribe
    answer: PacketType
    due: Seconds
    resent: int = 0

    @property
    def name(self) -> str:
        if isinstance(self.packet, Publish):
            return PacketType.PUBLISH.name
        if isinstance(self.packet, Acknowledgement):
            return self.packet.type.name
        return (PacketType.SUBSCRIBE if isinstance(self.packet, Subscribe) else PacketType.UNSUBSCRIBE).name


class MqttClient:
    """One client: one stream at a time, one session. ``timeout`` and ``retries`` may be changed at any time."""

    def __init__(self, *, timeout: Seconds, retries: int, longest: int) -> None:
        """``longest``: the remaining length of a packet that is still read, in bytes."""
        self.state = MqttState.IDLE
        self.timeout, self.retries = timeout, retries
        self._longest = longest
        self._reader = PacketReader(longest)
        self._out = bytearray()
        self._events: list[MqttEvent] = []
        self._messages: list[Publish] = []
        self._pending: dict[int, _Pending] = {}
        self._unreleased: set[int] = set()  # identifiers of QoS 2 that have come; PUBREL is outstanding
        self.client_id = ""
        """Of the last CONNECT."""
        self.subscriptions: dict[str, int] = {}
        """Filters that the server has taken, with the QoS that it grants."""
        self._keep_alive = 0
        self._connect_due: Seconds | None = None
        self._ping_due: Seconds | None = None  # when a PINGREQ leaves
        self._ping_unanswered: Seconds | None = None  # until when PINGRESP may come

    # What its user asks

    def connect(self, now: Seconds, packet: Connect) -> None:
        """Begin a session on a stream that has just opened."""
        self._reader, self._out = PacketReader(self._longest), bytearray()
        if packet.clean or packet.client_id != self.client_id:
            self._pending.clear()
            self._unreleased.clear()
            self.subscriptions.clear()
        self.client_id, self._keep_alive = packet.client_id, packet.keep_alive
        self.state = MqttState.CONNECTING
        self._connect_due = now + self.timeout * (self.retries + 1)
        self._send(now, packet)

    def is_free(self, packet_id: int) -> bool:
        """Whether no packet under way has this identifier (2.3.1)."""
        return packet_id not in self._pending

    def subscribe(self, now: Seconds, packet_id: int, filters: tuple[tuple[str, int], ...]) -> None:
        self._ask(now, Subscribe(packet_id, filters), PacketType.SUBACK)

    def unsubscribe(self, now: Seconds, packet_id: int, filters: tuple[str, ...]) -> None:
        self._ask(now, Unsubscribe(packet_id, filters), PacketType.UNSUBACK)

    def publish(self, now: Seconds, packet: Publish) -> None:
        if packet.qos:
            self._ask(now, packet, PacketType.PUBACK if packet.qos == 1 else PacketType.PUBREC)
        else:
            self._send(now, packet)
            self._events.append(MqttPublished(packet.packet_id, 0))

    def disconnect(self, now: Seconds) -> None:
        """The last packet of a stream: whoever carries it closes it when the bytes have left."""
        self._send(now, Empty(PacketType.DISCONNECT))
        self._leave()

    # What the stream's carrier tells it

    def handle_data(self, now: Seconds, data: bytes) -> None:
        self._reader.receive(data)
        while self.state is not MqttState.IDLE:
            try:
                packet = self._reader.next_packet()
            except MqttFormatError as error:
                self._give_up_stream(error.refusal, error.number)
                return
            self._events += [MqttMessageSkipped(length) for length in self._reader.skipped]
            self._reader.skipped.clear()
            if packet is None:
                return
            self._handle_packet(now, packet)

    def handle_closed(self, now: Seconds) -> None:
        """The stream is gone."""
        if self.state is not MqttState.IDLE:
            self._leave()
            self._events.append(MqttStreamClosed())

    def handle_timer(self, now: Seconds) -> None:
        if self._connect_due is not None and now >= self._connect_due:
            self._events.append(MqttPacketUnanswered(PacketType.CONNECT.name, 0, 0))
            self._give_up_stream(MqttRefusal.UNANSWERED)
        if self.state is not MqttState.CONNECTED:
            return
        if self._ping_unanswered is not None and now >= self._ping_unanswered:
            self._events.append(MqttPacketUnanswered(PacketType.PINGREQ.name, 0, 0))
            self._give_up_stream(MqttRefusal.UNANSWERED)
            return
        for packet_id in [number for number, pending in self._pending.items() if now >= pending.due]:
            self._resend(now, packet_id, self._pending[packet_id])
        if self._ping_due is not None and now >= self._ping_due:
            self._send(now, Empty(PacketType.PINGREQ))
            if self._ping_unanswered is None:
                self._ping_unanswered = now + self.timeout

    # What it tells

    @property
    def busy(self) -> bool:
        """An answer is outstanding."""
        return self.state is MqttState.CONNECTING or (
            self.state is MqttState.CONNECTED and (bool(self._pending) or self._ping_unanswered is not None)
        )

    def data_to_send(self) -> bytes:
        data = bytes(self._out)
        self._out.clear()
        return data

    def messages(self) -> list[Publish]:
        """Take the messages that have come, oldest first."""
        messages, self._messages = self._messages, []
        return messages

    def events(self) -> list[MqttEvent]:
        events, self._events = self._events, []
        return events

    def next_deadline(self) -> Deadline | None:
        if self.state is MqttState.CONNECTING and self._connect_due is not None:
            return Deadline(self._connect_due, MqttReason.ANSWER_OUTSTANDING, PacketType.CONNECT.name)
        if self.state is not MqttState.CONNECTED:
            return None
        first: Deadline | None = None
        for number, pending in self._pending.items():
            if first is None or pending.due < first.at:
                first = Deadline(pending.due, MqttReason.ANSWER_OUTSTANDING, pending.name, number, pending.resent)
        ping = None if self._ping_due is None else Deadline(self._ping_due, MqttReason.KEEP_ALIVE)
        pong = None
        if self._ping_unanswered is not None:
            pong = Deadline(self._ping_unanswered, MqttReason.PING_UNANSWERED)
        return soonest(first, pong, ping)

    # Packets

    def _ask(self, now: Seconds, packet: Publish | Subscribe | Unsubscribe, answer: PacketType) -> None:
        self._pending[packet.packet_id] = _Pending(packet, answer, now + self.timeout)
        self._send(now, packet)

    def _send(self, now: Seconds, packet: Packet) -> None:
        self._out += encode(packet)
        self._ping_due = now + self._keep_alive if self._keep_alive else None  # 3.1.2.10

    def _resend(self, now: Seconds, packet_id: int, pending: _Pending) -> None:
        if pending.resent >= self.retries:
            del self._pending[packet_id]
            self._events.append(MqttPacketUnanswered(pending.name, packet_id, pending.resent))
            return
        if isinstance(pending.packet, Publish):
            pending.packet = replace(pending.packet, duplicate=True)
        pending.resent += 1
        pending.due = now + self.timeout
        self._send(now, pending.packet)
        self._events.append(MqttPacketResent(pending.name, packet_id, pending.resent))

    def _handle_packet(self, now: Seconds, packet: Packet) -> None:
        if self.state is MqttState.CONNECTING:
            self._handle_connack(now, packet)
        elif isinstance(packet, Publish):
            self._handle_message(now, packet)
        elif isinstance(packet, SubAck):
            self._handle_subscribed(packet)
        elif isinstance(packet, Acknowledgement):
            self._handle_acknowledgement(now, packet)
        elif isinstance(packet, Empty) and packet.type is PacketType.PINGRESP:
            self._ping_unanswered = None
        else:
            self._give_up_stream(MqttRefusal.PACKET_UNEXPECTED, _number_of(packet))

    def _handle_connack(self, now: Seconds, packet: Packet) -> None:
        if not isinstance(packet, ConnAck):
            self._give_up_stream(MqttRefusal.PACKET_UNEXPECTED, _number_of(packet))
            return
        self._connect_due = None
        if packet.code:
            self._events.append(MqttConnectionRefused(packet.code))
            self._leave()
            return
        self.state = MqttState.CONNECTED
        if not packet.session_present:
            self.subscriptions.clear()
        self._events.append(MqttConnected(packet.session_present))
        for pending in self._pending.values():  # of the session before (4.4)
            if isinstance(pending.packet, Publish):
                pending.packet = replace(pending.packet, duplicate=True)
            pending.resent, pending.due = 0, now + self.timeout
            self._send(now, pending.packet)

    def _handle_message(self, now: Seconds, packet: Publish) -> None:
        if packet.qos < 2 or packet.packet_id not in self._unreleased:
            self._messages.append(packet)
            self._events.append(MqttMessageReceived(packet.topic, len(packet.payload), packet.qos, packet.packet_id))
        if packet.qos == 1:
            self._send(now, Acknowledgement(PacketType.PUBACK, packet.packet_id))
        elif packet.qos == 2:
            self._unreleased.add(packet.packet_id)
            self._send(now, Acknowledgement(PacketType.PUBREC, packet.packet_id))

    def _handle_subscribed(self, packet: SubAck) -> None:
        answered = self._answered(packet.packet_id, PacketType.SUBACK)
        if answered is not None:
            assert isinstance(answered.packet, Subscribe)
            for (topic, _), granted in zip(answered.packet.filters, packet.codes, strict=False):
                if granted != REJECTED:
                    self.subscriptions[topic] = granted
            self._events.append(MqttSubscribed(packet.packet_id, packet.codes))

    def _handle_acknowledgement(self, now: Seconds, packet: Acknowledgement) -> None:
        packet_id = packet.packet_id
        if packet.type is PacketType.PUBREL:
            self._unreleased.discard(packet_id)
            self._send(now, Acknowledgement(PacketType.PUBCOMP, packet_id))
        elif packet.type is PacketType.PUBREC:
            if self._answered(packet_id, PacketType.PUBREC) is not None:
                release = Acknowledgement(PacketType.PUBREL, packet_id)
                self._pending[packet_id] = _Pending(release, PacketType.PUBCOMP, now + self.timeout)
                self._send(now, release)
            elif packet_id not in self._pending:  # given up here, not there: it may forget
                self._send(now, Acknowledgement(PacketType.PUBREL, packet_id))
        elif (answered := self._answered(packet_id, packet.type)) is not None:
            if isinstance(answered.packet, Unsubscribe):
                for topic in answered.packet.filters:
                    self.subscriptions.pop(topic, None)
                self._events.append(MqttUnsubscribed(packet_id))
            else:
                self._events.append(MqttPublished(packet_id, 1 if packet.type is PacketType.PUBACK else 2))

    def _answered(self, packet_id: int, answer: PacketType) -> _Pending | None:
        """What has waited for this answer. A second answer to what was resent is none."""
        pending = self._pending.get(packet_id)
        if pending is None or pending.answer is not answer:
            return None
        del self._pending[packet_id]
        return pending

    # The end of a stream

    def _give_up_stream(self, refusal: MqttRefusal, number: int = 0) -> None:
        self._leave()
        self._events.append(MqttStreamUseless(refusal, number))

    def _leave(self) -> None:
        """The stream is over; of the session what must be sent again stays."""
        self.state = MqttState.IDLE
        self._connect_due = self._ping_due = self._ping_unanswered = None
        self._pending = {
            number: pending
            for number, pending in self._pending.items()
            if isinstance(pending.packet, Publish | Acknowledgement)
        }


def _number_of(packet: Packet) -> int:
    """The packet's type as on the wire."""
    return encode(packet)[0] >> 4
