"""A module's MQTT clients: each an engine (`nbtwin.mqtt.client`) on a stream of the module's sockets.

Knows the life of a connection as AT+QMTOPEN to AT+QMTCLOSE have it, and the lines that tell of it; knows no command's
syntax. A connection begins with a look-up and a stream; the session on it is another step, and a host that waits too
long between them finds that the server has hung up. Nothing here outlives a restart; a stream that is gone takes its
connection along, and one that deep sleep has ended does so without a word (D145).

How a step ended is told in a line of the step's name (``+QMTPUB: <client>,<message>,<result>``), what nobody asked for
in ``+QMTSTAT: <client>,<code>``, and a message in ``+QMTRECV``.
"""

from __future__ import annotations

import hashlib
import hmac
from enum import Enum

from nbtwin.engine import Deadline, Reason, Refusal, Seconds, soonest
from nbtwin.module.internet.events import (
    InternetEvent,
    MqttTold,
    NameAnswered,
    SocketClosed,
    SocketConnected,
    SocketError,
    SocketFailed,
    SocketFinished,
    SocketReceived,
    SocketSent,
    Transport,
)
from nbtwin.module.internet.internet import Internet
from nbtwin.module.internet.mqtt_settings import MqttDialect, MqttSettings
from nbtwin.module.internet.sockets import Socket
from nbtwin.mqtt import events as told
from nbtwin.mqtt.client import MqttClient, MqttState
from nbtwin.mqtt.packets import Connect, PacketType, Publish

OWNER = "mqtt"
"""Of all their sockets, whose numbers are the clients'."""
OPENED, OPEN_FAILED, CLIENT_OCCUPIED, NOT_ATTACHED, NAME_UNKNOWN = 0, -1, 2, 3, 4
"""<result> of +QMTOPEN."""
ANSWERED, RESENT, UNANSWERED = 0, 1, 2
"""<result> of what waits for an answer of the server."""
PEER_CLOSED, PING_FAILED, CONNACK_MISSING, LINK_USELESS = 1, 2, 4, 7
"""<err_code> of +QMTSTAT."""
FAREWELL: Seconds = 10
"""So long a DISCONNECT may take to leave; assumed."""
_COMMANDS = {
    "PUBLISH": "+QMTPUB", "PUBREL": "+QMTPUB", "SUBSCRIBE": "+QMTSUB", "UNSUBSCRIBE": "+QMTUNS",
}  # fmt: skip


class MqttPhase(Enum):
    """Of a connection."""

    CLOSED = 0
    RESOLVING = 1
    OPENING = 2
    OPEN = 3
    LEAVING = 4  # DISCONNECT is on its way


class MqttClientReason(Reason):
    """What a module's MQTT clients wait for, besides the engine's own reasons."""

    FAREWELL = "mqtt-farewell"


class MqttClientRefusal(Refusal):
    """Why a client does not do what it is asked; nothing has changed."""

    NOT_OPEN = "command-mqtt-not-open"
    NOT_CONNECTED = "command-mqtt-not-connected"
    CONNECTED = "command-mqtt-connected"
    IDENTIFIER_USED = "command-mqtt-identifier-used"
    """Number: the identifier."""
    BLOCKED = "command-mqtt-blocked"


class MqttClientError(Exception):
    """A client is refused something."""

    def __init__(self, refusal: MqttClientRefusal, number: int = 0) -> None:
        super().__init__(refusal, number)
        self.refusal = refusal
        self.number = number


class MqttConnection:
    """One client of the host's."""

    __slots__ = ("deadline", "engine", "held", "host", "number", "phase", "port", "socket", "used")

    def __init__(self, number: int, dialect: MqttDialect, settings: MqttSettings) -> None:
        self.number = number
        self.phase = MqttPhase.CLOSED
        self.host = ""
        self.port = 0
        self.socket: Socket | None = None
        self.held = b""  # what the stream had no room for
        self.deadline: Seconds | None = None
        self.used = settings
        """What it was opened with."""
        self.engine = MqttClient(timeout=settings.timeout, retries=settings.retries, longest=dialect.longest_received)

    @property
    def state(self) -> int:
        """<state> of AT+QMTCONN?."""
        if self.phase is MqttPhase.LEAVING:
            return 4
        return {MqttState.IDLE: 1, MqttState.CONNECTING: 2, MqttState.CONNECTED: 3}[self.engine.state]


class MqttClients:
    """Those of one boot; an ``InternetClient``."""

    __slots__ = ("_connections", "_dialect", "_internet", "_settings", "_sockets")

    def __init__(self, dialect: MqttDialect, internet: Internet) -> None:
        self._dialect = dialect
        self._internet = internet
        self._sockets = internet.sockets
        self._settings: dict[int, MqttSettings] = {}
        self._connections: dict[int, MqttConnection] = {}

    # what the host asks

    def settings(self, number: int) -> MqttSettings:
        """To be changed: it holds from the next AT+QMTOPEN on, what the host's line shows at once."""
        found = self._settings.get(number)
        if found is None:
            dialect = self._dialect
            found = MqttSettings(dialect.version, dialect.timeout, dialect.retries)
            self._settings[number] = found
        return found

    def opened(self) -> list[MqttConnection]:
        """In the order of their numbers."""
        numbers = sorted(self._connections)
        found = [self._connections[number] for number in numbers]
        return [one for one in found if one.phase in (MqttPhase.OPEN, MqttPhase.LEAVING)]

    def all(self) -> list[MqttConnection]:
        """Those that the host has opened since the boot, in the order of their numbers."""
        return [self._connections[number] for number in sorted(self._connections)]

    def open(self, now: Seconds, number: int, host: str, port: int, attached: bool, address: bool) -> None:
        """``address``: ``host`` needs no look-up. The end is told by a line."""
        before = self._connections.get(number)
        if before is not None and before.phase is not MqttPhase.CLOSED:
            self._told("+QMTOPEN", number, CLIENT_OCCUPIED)
            return
        if not attached:
            self._told("+QMTOPEN", number, NOT_ATTACHED)
            return
        connection = self._connections[number] = self._anew(number, before)
        connection.host, connection.port = host, port
        if address:
            self._open_stream(now, connection, host)
        else:
            connection.phase = MqttPhase.RESOLVING
            self._internet.look_up(OWNER, host)

    def _anew(self, number: int, before: MqttConnection | None) -> MqttConnection:
        settings = self.settings(number)
        connection = MqttConnection(number, self._dialect, settings)
        if before is not None and not settings.clean:  # its session is kept on both sides
            connection.engine = before.engine
            connection.engine.timeout, connection.engine.retries = settings.timeout, settings.retries
        return connection

    def close(self, now: Seconds, number: int) -> None:
        """Without a DISCONNECT: the server takes the client for lost."""
        connection = self._connections.get(number)
        if connection is None or connection.phase is MqttPhase.CLOSED:
            raise MqttClientError(MqttClientRefusal.NOT_OPEN)
        self._end(now, connection)
        connection.engine.events()
        self._told("+QMTCLOSE", number, 0)

    def connect(self, now: Seconds, number: int, client_id: str, username: str | None, password: str | None) -> None:
        connection = self._open_connection(number)
        if connection.engine.state is not MqttState.IDLE:
            raise MqttClientError(MqttClientRefusal.CONNECTED)
        settings = connection.used
        if username is None and settings.ali is not None:
            client_id, username, password = ali_credentials(client_id, *settings.ali)
        connect = Connect(
            client_id,
            self._dialect.versions[settings.version],
            settings.clean,
            settings.keep_alive,
            username,
            None if password is None else password.encode(),
            settings.will,
        )
        connection.engine.connect(now, connect)
        self._follow(now, connection)

    def disconnect(self, now: Seconds, number: int) -> None:
        connection = self._connected(number)
        connection.engine.disconnect(now)
        self._follow(now, connection)
        assert connection.socket is not None
        connection.phase = MqttPhase.LEAVING
        connection.deadline = now + FAREWELL
        self._sockets.shut_down(connection.socket)

    def subscribe(self, now: Seconds, number: int, message: int, filters: tuple[tuple[str, int], ...]) -> None:
        connection = self._connected(number, message)
        connection.engine.subscribe(now, message, filters)
        self._follow(now, connection)

    def unsubscribe(self, now: Seconds, number: int, message: int, filters: tuple[str, ...]) -> None:
        connection = self._connected(number, message)
        connection.engine.unsubscribe(now, message, filters)
        self._follow(now, connection)

    def publish(self, now: Seconds, number: int, packet: Publish) -> None:
        connection = self._connected(number, packet.packet_id)
        if connection.held:
            raise MqttClientError(MqttClientRefusal.BLOCKED)
        connection.engine.publish(now, packet)
        self._follow(now, connection)

    def check(self, number: int, message: int) -> None:
        """Raises what `publish` would."""
        if self._connected(number, message).held:
            raise MqttClientError(MqttClientRefusal.BLOCKED)

    def _open_connection(self, number: int) -> MqttConnection:
        connection = self._connections.get(number)
        if connection is None or connection.phase is not MqttPhase.OPEN:
            raise MqttClientError(MqttClientRefusal.NOT_OPEN)
        return connection

    def _connected(self, number: int, message: int = 0) -> MqttConnection:
        connection = self._open_connection(number)
        if connection.engine.state is not MqttState.CONNECTED:
            raise MqttClientError(MqttClientRefusal.NOT_CONNECTED)
        if message and not connection.engine.is_free(message):
            raise MqttClientError(MqttClientRefusal.IDENTIFIER_USED, message)
        return connection

    # what the network tells

    def _handle_lookup(self, now: Seconds, name: str, host: str | None) -> None:
        for connection in self._connections.values():
            if connection.phase is MqttPhase.RESOLVING and connection.host == name:
                if host is None:
                    connection.phase = MqttPhase.CLOSED
                    self._told("+QMTOPEN", connection.number, NAME_UNKNOWN)
                else:
                    self._open_stream(now, connection, host)

    def _open_stream(self, now: Seconds, connection: MqttConnection, host: str) -> None:
        try:
            socket = self._sockets.open(OWNER, connection.number, Transport.TCP)
        except SocketError:
            connection.phase = MqttPhase.CLOSED
            self._told("+QMTOPEN", connection.number, OPEN_FAILED)
            return
        connection.socket = socket
        connection.phase = MqttPhase.OPENING
        self._sockets.connect(socket, (host, connection.port))

    def handle_event(self, now: Seconds, event: InternetEvent) -> None:
        """Of their sockets and look-ups."""
        if isinstance(event, NameAnswered):
            self._handle_lookup(now, event.name, event.host)
            return
        if not isinstance(
            event, SocketConnected | SocketFailed | SocketReceived | SocketSent | SocketFinished | SocketClosed
        ):
            return
        connection = self._connections.get(event.socket)
        if connection is None or connection.socket is None:
            return
        if isinstance(event, SocketConnected):
            connection.phase = MqttPhase.OPEN
            self._told("+QMTOPEN", connection.number, OPENED)
        elif isinstance(event, SocketReceived):
            self._read(now, connection)
        elif isinstance(event, SocketSent):
            self._handle_sent(now, connection)
        elif isinstance(event, SocketClosed):
            if event.forced:  # a restart, deep sleep: the host hears nothing (D145)
                connection.socket = None
                self._end(now, connection)
                connection.engine.events()
        elif connection.phase is MqttPhase.OPENING:
            self._end(now, connection)
            self._told("+QMTOPEN", connection.number, OPEN_FAILED)
        else:
            self._handle_gone(now, connection)

    def _read(self, now: Seconds, connection: MqttConnection) -> None:
        while connection.socket is not None:
            received = self._sockets.read(connection.socket, 4096)
            if received is None:
                return
            if connection.phase is MqttPhase.OPEN:
                connection.engine.handle_data(now, received.data)
                self._follow(now, connection)

    def _handle_sent(self, now: Seconds, connection: MqttConnection) -> None:
        if connection.held:
            self._flush(now, connection)
        elif connection.phase is MqttPhase.LEAVING and connection.socket is not None and not connection.socket.unsent:
            self._take_leave(now, connection)

    def _handle_gone(self, now: Seconds, connection: MqttConnection) -> None:
        if connection.phase is MqttPhase.LEAVING:
            self._take_leave(now, connection)
            return
        self._end(now, connection)
        self._told("+QMTSTAT", connection.number, PEER_CLOSED)
        self._follow(now, connection)

    def _take_leave(self, now: Seconds, connection: MqttConnection) -> None:
        self._end(now, connection)
        self._told("+QMTDISC", connection.number, 0)

    def _end(self, now: Seconds, connection: MqttConnection) -> None:
        """The stream is over, whoever ended it."""
        socket, connection.socket = connection.socket, None
        connection.phase = MqttPhase.CLOSED
        connection.deadline = None
        connection.held = b""
        connection.engine.handle_closed(now)
        if socket is not None:
            self._sockets.close(socket)

    # between engine and stream

    def _follow(self, now: Seconds, connection: MqttConnection) -> None:
        """What the engine has to say: to the server, to the host, to the timeline."""
        self._flush(now, connection)
        messages = connection.engine.messages()
        for event in connection.engine.events():
            self._internet.report(event)
            if isinstance(event, told.MqttMessageReceived):
                line = self._received(connection.number, messages.pop(0))
                self._internet.report(MqttTold(connection.number, line))
            else:
                self._handle_engine(now, connection, event)

    def _flush(self, now: Seconds, connection: MqttConnection) -> None:
        data = connection.held + connection.engine.data_to_send()
        connection.held = b""
        if data and connection.socket is not None:
            try:
                self._sockets.send(connection.socket, data)
            except SocketError:
                connection.held = data

    def _handle_engine(self, now: Seconds, connection: MqttConnection, event: told.MqttEvent) -> None:
        number = connection.number
        if isinstance(event, told.MqttConnected):
            self._told("+QMTCONN", number, ANSWERED, 0)
        elif isinstance(event, told.MqttConnectionRefused):
            self._told("+QMTCONN", number, ANSWERED, event.number)
        elif isinstance(event, told.MqttSubscribed):
            self._told("+QMTSUB", number, event.number, ANSWERED, *event.granted)
        elif isinstance(event, told.MqttUnsubscribed):
            self._told("+QMTUNS", number, event.number, ANSWERED)
        elif isinstance(event, told.MqttPublished):
            self._told("+QMTPUB", number, event.number, ANSWERED)
        elif isinstance(event, told.MqttPacketResent):
            if connection.used.notice:
                self._told(_COMMANDS[event.packet], number, event.number, RESENT, event.count)
        elif isinstance(event, told.MqttPacketUnanswered):
            self._handle_unanswered(now, connection, event)
        elif isinstance(event, told.MqttStreamUseless) and connection.phase is not MqttPhase.CLOSED:
            self._end(now, connection)
            self._told("+QMTSTAT", number, LINK_USELESS)

    def _handle_unanswered(self, now: Seconds, connection: MqttConnection, event: told.MqttPacketUnanswered) -> None:
        number = connection.number
        if event.packet in _COMMANDS:
            self._told(_COMMANDS[event.packet], number, event.number, UNANSWERED)
            return
        self._end(now, connection)
        if event.packet == PacketType.CONNECT.name:
            self._told("+QMTCONN", number, UNANSWERED)
            self._told("+QMTSTAT", number, CONNACK_MISSING)
        else:
            self._told("+QMTSTAT", number, PING_FAILED)

    def _told(self, command: str, *values: int) -> None:
        self._internet.report(MqttTold(values[0], f"{command}: {','.join([str(value) for value in values])}"))

    def _received(self, number: int, message: Publish) -> str:
        settings = self.settings(number)
        payload = message.payload
        text = payload.hex().upper() if settings.hex_received else payload.decode("utf-8", "surrogateescape")
        length = f",{len(payload)}" if settings.show_length else ""
        return f'+QMTRECV: {number},{message.packet_id},"{message.topic}"{length},"{text}"'

    # time

    @property
    def busy(self) -> bool:
        """An answer is outstanding: the module does not fall asleep."""
        for connection in self._connections.values():
            if connection.phase in (MqttPhase.RESOLVING, MqttPhase.LEAVING) or connection.held:
                return True
            if connection.phase is MqttPhase.OPEN and connection.engine.busy:
                return True
        return False

    def handle_timer(self, now: Seconds) -> None:
        for connection in list(self._connections.values()):
            if connection.phase is MqttPhase.OPEN:
                connection.engine.handle_timer(now)
                self._follow(now, connection)
            elif connection.deadline is not None and now >= connection.deadline:
                self._take_leave(now, connection)

    def next_deadline(self) -> Deadline | None:
        best: Deadline | None = None
        for connection in self._connections.values():
            if connection.phase is MqttPhase.OPEN:
                best = soonest(best, connection.engine.next_deadline())
            elif connection.deadline is not None:
                best = soonest(best, Deadline(connection.deadline, MqttClientReason.FAREWELL))
        return best


def ali_credentials(client_id: str, product_key: str, name: str, secret: str) -> tuple[str, str, str]:
    """Client identifier, user name and password of Alibaba Cloud's IoT platform, from what AT+QMTCFG="aliauth" was
    given: its public rule for MQTT over TCP, signed with HMAC-SHA1."""
    signed = f"clientId{client_id}deviceName{name}productKey{product_key}"
    password = hmac.new(secret.encode(), signed.encode(), hashlib.sha1).hexdigest()
    return f"{client_id}|securemode=3,signmethod=hmacsha1|", f"{name}&{product_key}", password
