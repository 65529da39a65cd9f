"""A module's sockets: UDP and TCP, their buffers, and who owns them. No socket of the operating system among them.

Knows ports, peers, bytes and limits (`InternetDialect`, which the family gives); knows no command and no URC. Whoever
opened a socket hears of it by events, and reads what has come when it wants to: until then it is kept, up to the limit.
"""

from __future__ import annotations

from collections import deque

from nbtwin.engine import Address, Deadline, Seconds
from nbtwin.module.events import Packet
from nbtwin.module.internet import events as happened
from nbtwin.module.internet.dialect import InternetDialect
from nbtwin.module.internet.events import InternetEvent, InternetReason, SocketError, SocketRefusal, Transport
from nbtwin.module.internet.orders import (
    NetworkAnswer,
    NetworkOrder,
    StreamAccept,
    StreamClose,
    StreamClosing,
    StreamEnd,
    StreamEnded,
    StreamFinished,
    StreamIncoming,
    StreamListen,
    StreamListening,
    StreamOpen,
    StreamOpened,
    StreamReceived,
    StreamTaken,
    StreamWindow,
    StreamWrite,
)

FIRST_PORT, LAST_PORT = 49200, 65000
"""Of the ports that a module chooses (RFC 6335 dynamic range), above those of its services."""
SENT_AFTER: Seconds = 0.5
"""From a datagram's leaving to the network's word that it has it; assumed."""
MOST_WAITING = 256
"""Datagrams that wait to be read, however short they are (an empty one takes no byte of the buffer; D97); assumed."""


class Received:
    """What has come: a datagram, or a piece of a stream."""

    __slots__ = ("data", "peer")

    def __init__(self, peer: Address, data: bytes) -> None:
        self.peer = peer
        self.data = data


class Socket:
    """One socket; ``number`` is its own in this boot, ``label`` its owner's."""

    __slots__ = (
        "closing", "connected", "connecting", "finished", "label", "listening", "number", "owner", "peer", "port",
        "reached_at", "received", "receives", "releases", "releases_sent", "sent", "sequences", "transport", "unread",
        "unsent", "waiting",
    )  # fmt: skip

    def __init__(self, number: int, owner: str, label: int, transport: Transport, port: int) -> None:
        self.number = number
        self.owner = owner
        self.label = label
        self.transport = transport
        self.port = port
        self.peer: Address | None = None
        self.receives = True
        """False: what comes is dropped."""
        self.releases = False
        """What comes next is the last that is expected: release assistance."""
        self.releases_sent = False
        """The same behind what a stream has still to send."""
        self.connecting = False
        self.connected = False
        self.listening = False
        """It takes who connects, or is about to."""
        self.reached_at: Address | None = None
        """Of one that listens: where others reach it."""
        self.finished = False
        """The peer writes nothing more."""
        self.closing = False
        self.waiting: deque[Received] = deque()
        self.unread = 0
        self.unsent = 0
        self.sent = self.received = 0
        """Bytes since it was opened."""
        self.sequences: list[tuple[Seconds, int, int]] = []
        """Of what was given a number: when it counts as sent (a stream: -1), the number, the bytes."""


class SocketTable:
    """The sockets of one boot of a module."""

    __slots__ = (
        "_arrived", "_by_number", "_events", "_limits", "_next", "_next_port", "_orders", "_packets", "_releases",
        "_reserved",
    )  # fmt: skip

    def __init__(self, limits: InternetDialect, reserved: frozenset[int]) -> None:
        """``reserved``: ports of the module's services."""
        self._limits = limits
        self._reserved = reserved
        self._by_number: dict[int, Socket] = {}
        self._arrived: dict[int, tuple[Socket, Address]] = {}
        """By the network's number: who has connected to a listening socket and waits for its owner's word."""
        self._events: list[InternetEvent] = []
        self._packets: list[Packet] = []
        self._orders: list[NetworkOrder] = []
        self._releases = False
        self._next = 1
        self._next_port = FIRST_PORT

    # what owners see

    def find(self, owner: str, label: int) -> Socket | None:
        for socket in self._by_number.values():
            if socket.owner == owner and socket.label == label:
                return socket
        return None

    def all(self) -> list[Socket]:
        """In the order in which they were opened."""
        return list(self._by_number.values())

    def of(self, owner: str) -> list[Socket]:
        return [socket for socket in self._by_number.values() if socket.owner == owner]

    def __len__(self) -> int:
        return len(self._by_number)

    def free_label(self, owner: str, first: int, last: int) -> int:
        """The lowest number that the owner has not given yet. SocketError TOO_MANY."""
        for label in range(first, last + 1):
            if self.find(owner, label) is None:
                return label
        raise SocketError(SocketRefusal.TOO_MANY)

    # what owners do

    def open(self, owner: str, label: int, transport: Transport, port: int = 0) -> Socket:
        """``port`` 0: one that is free. Raises SocketError."""
        self._check_room()
        socket = Socket(self._next, owner, label, transport, self._port(transport, port))
        self._next += 1
        self._by_number[socket.number] = socket
        self._events.append(happened.SocketOpened(owner, label, transport, socket.port))
        return socket

    def _check_room(self) -> None:
        if len(self._by_number) >= self._limits.sockets:
            raise SocketError(SocketRefusal.TOO_MANY)

    def _port(self, transport: Transport, port: int) -> int:
        taken = {one.port for one in self._by_number.values() if one.transport is transport} | self._reserved
        if port:
            if port in taken:
                raise SocketError(SocketRefusal.PORT_TAKEN)
            return port
        while self._next_port in taken:
            self._next_port += 1
        chosen = self._next_port
        self._next_port = chosen + 1 if chosen < LAST_PORT else FIRST_PORT
        return chosen

    def connect(self, socket: Socket, peer: Address) -> None:
        """A stream is connected when SocketConnected says so; a UDP socket at once, and hears this peer alone."""
        self._check_idle(socket)
        socket.peer = peer
        if socket.transport is Transport.UDP:
            socket.connected = True
            return
        socket.connecting = True
        self._orders.append(StreamOpen(socket.number, socket.port, peer, self._limits.receive_buffer))

    def _check_idle(self, socket: Socket) -> None:
        if socket.connecting or socket.connected or socket.listening:
            raise SocketError(SocketRefusal.CONNECTED)

    def listen(self, socket: Socket) -> None:
        """SocketListening comes, and SocketIncoming for each who connects then, until it is closed."""
        self._check_idle(socket)
        socket.connecting = socket.listening = True
        self._orders.append(StreamListen(socket.number, socket.port, self._limits.sockets - 1))

    def accept(self, stream: int, label: int) -> Socket:
        """Of SocketIncoming: the socket that it becomes, connected. Raises SocketError, and then it still waits."""
        arrived = self._arrived.get(stream)
        if arrived is None:
            raise SocketError(SocketRefusal.NOT_CONNECTED)
        self._check_room()
        del self._arrived[stream]
        listener, peer = arrived
        socket = Socket(stream, listener.owner, label, Transport.TCP, listener.port)
        socket.peer, socket.connected = peer, True
        self._by_number[stream] = socket
        self._orders.append(StreamAccept(stream, self._limits.receive_buffer))
        self._events.append(happened.SocketAccepted(socket.owner, label, listener.label, peer))
        return socket

    def turn_away(self, stream: int) -> None:
        """Of SocketIncoming: it is taken, and ended at once."""
        if self._arrived.pop(stream, None) is not None:
            self._orders += [StreamAccept(stream, 0), StreamClose(stream, StreamClosing.WHOLE)]

    def send_to(self, now: Seconds, socket: Socket, peer: Address, data: bytes, sequence: int = 0) -> None:
        """A datagram. ``sequence``: 1-255 when SocketSent is wanted for it."""
        self._packets.append(Packet(socket.port, peer, data))
        socket.sent += len(data)
        if sequence:
            socket.sequences.append((now + SENT_AFTER, sequence, len(data)))

    def send(self, socket: Socket, data: bytes, sequence: int = 0) -> None:
        """Bytes of a stream, all of them or SocketError. SocketSent comes when the peer has them."""
        if not socket.connected or socket.closing:
            raise SocketError(SocketRefusal.NOT_CONNECTED)
        if socket.unsent + len(data) > self._limits.send_buffer:
            raise SocketError(SocketRefusal.FULL)
        socket.unsent += len(data)
        socket.sent += len(data)
        socket.sequences.append((-1.0, sequence, len(data)))
        self._orders.append(StreamWrite(socket.number, data))

    def read(self, socket: Socket, most: int) -> Received | None:
        """The oldest datagram, or what there is of a stream, at most so many bytes; the rest stays. None: nothing."""
        if not socket.waiting:
            return None
        first = socket.waiting.popleft()
        data = first.data
        if socket.transport is Transport.TCP:
            while len(data) < most and socket.waiting:
                data += socket.waiting.popleft().data
        if len(data) > most:
            socket.waiting.appendleft(Received(first.peer, data[most:]))
            data = data[:most]
        socket.unread -= len(data)
        if socket.transport is Transport.TCP and socket.connected:
            self._orders.append(StreamWindow(socket.number, len(data)))
        return Received(first.peer, data)

    def shut_down(self, socket: Socket) -> None:
        """Nothing more is written; what comes can still be read."""
        if socket.connected and not socket.closing and socket.transport is Transport.TCP:
            socket.closing = True
            self._orders.append(StreamClose(socket.number, StreamClosing.HALF))

    def close(self, socket: Socket, forced: bool = False) -> None:
        """Its owner wants no more of it; a stream sends what it has and ends."""
        if self._by_number.pop(socket.number, None) is None:
            return
        if socket.transport is Transport.TCP and (socket.connected or socket.connecting or socket.listening):
            at_once = forced or socket.connecting or socket.listening
            how = StreamClosing.ABORT if at_once else StreamClosing.WHOLE
            self._orders.append(StreamClose(socket.number, how))
        if socket.listening:
            self._reset_arrived(socket)
        self._events.append(happened.SocketClosed(socket.owner, socket.label, forced))

    def _reset_arrived(self, listener: Socket) -> None:
        for stream, (there, _) in list(self._arrived.items()):
            if there is listener:
                del self._arrived[stream]
                self._orders.append(StreamClose(stream, StreamClosing.ABORT))

    def close_all(self) -> None:
        """What ends all sockets has come."""
        for socket in list(self._by_number.values()):
            self.close(socket, True)

    # what comes

    def release_behind(self, socket: Socket) -> None:
        """Nothing is expected behind what is being sent: a datagram that leaves, or the bytes of a stream."""
        if socket.transport is Transport.UDP or not socket.unsent:
            self._releases = True
        else:
            socket.releases_sent = True

    def take_release(self) -> bool:
        """The last that is expected has come: release assistance."""
        releases, self._releases = self._releases, False
        return releases

    def has_port(self, port: int) -> bool:
        """Whether one of them takes datagrams there."""
        for socket in self._by_number.values():  # noqa: SIM110 (compiled, `any` makes a list of all of them first)
            if socket.port == port and socket.transport is Transport.UDP:
                return True
        return False

    def handle_packet(self, port: int, source: Address, data: bytes) -> None:
        """A datagram for a socket that has this port."""
        for socket in self._by_number.values():
            if socket.port == port and socket.transport is Transport.UDP:
                self._take_datagram(socket, source, data)
                return

    def _take_datagram(self, socket: Socket, source: Address, data: bytes) -> None:
        if not socket.receives or (socket.connected and socket.peer != source):
            return
        if socket.unread + len(data) > self._limits.receive_buffer or len(socket.waiting) >= MOST_WAITING:
            self._events.append(happened.SocketOverflowed(socket.owner, socket.label, len(data)))
            return
        self._keep(socket, source, data)

    def _keep(self, socket: Socket, source: Address, data: bytes) -> None:
        socket.waiting.append(Received(source, data))
        socket.unread += len(data)
        socket.received += len(data)
        if socket.releases:
            socket.releases, self._releases = False, True
        self._events.append(happened.SocketReceived(socket.owner, socket.label, len(data)))

    def handle_answer(self, answer: NetworkAnswer) -> None:
        """Of a stream; what is for one that is no more is dropped."""
        if isinstance(answer, StreamIncoming):
            return self._take_incoming(answer)
        if isinstance(answer, StreamEnded):
            self._arrived.pop(answer.number, None)
        socket = self._by_number.get(answer.number)
        if socket is None or socket.transport is not Transport.TCP:
            return None
        if isinstance(answer, StreamListening):
            socket.connecting, socket.reached_at = False, answer.address
            event = happened.SocketListening(socket.owner, socket.label, socket.port, answer.address)
            self._events.append(event)
            return None
        if isinstance(answer, StreamEnded):
            return self._break(socket, answer.end)
        peer = socket.peer
        assert peer is not None
        if isinstance(answer, StreamOpened):
            socket.connecting, socket.connected = False, True
            self._events.append(happened.SocketConnected(socket.owner, socket.label, peer))
        elif isinstance(answer, StreamReceived):
            self._keep(socket, peer, answer.data)
        elif isinstance(answer, StreamTaken):
            self._count_sent(socket, answer.bytes)
        elif isinstance(answer, StreamFinished):
            socket.finished = True
            self._events.append(happened.SocketFinished(socket.owner, socket.label))
        return None

    def _take_incoming(self, answer: StreamIncoming) -> None:
        listener = self._by_number.get(answer.listener)
        if listener is None or not listener.listening:
            self._orders.append(StreamClose(answer.number, StreamClosing.ABORT))
            return
        self._arrived[answer.number] = listener, answer.peer
        self._events.append(happened.SocketIncoming(listener.owner, listener.label, answer.number, answer.peer))

    def _count_sent(self, socket: Socket, length: int) -> None:
        socket.unsent -= length
        if socket.releases_sent and not socket.unsent:
            socket.releases_sent, self._releases = False, True
        while socket.sequences and length >= socket.sequences[0][2]:
            _, sequence, sent = socket.sequences.pop(0)
            length -= sent
            self._events.append(happened.SocketSent(socket.owner, socket.label, sequence, sent, True))
        if length and socket.sequences:
            at, sequence, rest = socket.sequences[0]
            socket.sequences[0] = (at, sequence, rest - length)

    def _break(self, socket: Socket, end: StreamEnd) -> None:
        was_connected = socket.connected
        socket.connecting, socket.connected, socket.listening, socket.unsent = False, False, False, 0
        for _, sequence, length in socket.sequences:
            self._events.append(happened.SocketSent(socket.owner, socket.label, sequence, length, False))
        socket.sequences.clear()
        self._events.append(happened.SocketFailed(socket.owner, socket.label, end, was_connected))

    # time and network

    @property
    def busy(self) -> bool:
        """Something is under way: the module does not fall asleep."""
        for socket in self._by_number.values():  # noqa: SIM110  compiled: no generator
            if socket.connecting or socket.unsent or socket.sequences:
                return True
        return False

    def handle_detached(self) -> None:
        """What was to be confirmed is lost."""
        for socket in self._by_number.values():
            if socket.transport is Transport.UDP:
                self._confirm(socket, 0.0, False, True)

    def handle_timer(self, now: Seconds) -> None:
        for socket in self._by_number.values():
            if socket.transport is Transport.UDP and socket.sequences:
                self._confirm(socket, now, True, False)

    def _confirm(self, socket: Socket, now: Seconds, sent: bool, whenever: bool) -> None:
        later: list[tuple[Seconds, int, int]] = []
        for at, sequence, length in socket.sequences:
            if whenever or at <= now:
                self._events.append(happened.SocketSent(socket.owner, socket.label, sequence, length, sent))
            else:
                later.append((at, sequence, length))
        socket.sequences = later

    def next_deadline(self) -> Deadline | None:
        best: Seconds | None = None
        for socket in self._by_number.values():
            if socket.transport is Transport.UDP:
                for at, _, _ in socket.sequences:
                    if best is None or at < best:
                        best = at
        return None if best is None else Deadline(best, InternetReason.SENT)

    # the drain

    def order(self, order: NetworkOrder) -> None:
        """One that is no socket's, in its turn."""
        self._orders.append(order)

    @property
    def has_news(self) -> bool:
        return bool(self._events or self._packets or self._orders)

    def packets(self) -> list[Packet]:
        packets, self._packets = self._packets, []
        return packets

    def orders(self) -> list[NetworkOrder]:
        orders, self._orders = self._orders, []
        return orders

    def events(self) -> list[InternetEvent]:
        events, self._events = self._events, []
        return events
