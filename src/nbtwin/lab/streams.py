"""Byte streams between modules and whoever they connect to, or who connects to them, over the lab's network: latency,
faults, coverage.

No TCP is played: a piece of a stream is judged by the faults as a datagram is; what they lose comes later, as if sent
again (`RETRY`), and never out of order, because each direction carries one piece at a time. What fails `TRIES` times in
a row ends the stream. Windows are bounded at both ends: a module's is what it has room for, a far end's what it takes.
The far end is a peer of the lab, or a socket of the kernel in a live lab; so is who connects to a port that a module
listens at (D209). Knows no socket and no byte's meaning.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from nbtwin.engine import Address, Seconds
from nbtwin.lab.errors import RESET
from nbtwin.lab.faults import Direction, Impairment, PacketInFlight
from nbtwin.lab.linked_world import Latency, LinkedWorld
from nbtwin.lab.nodes import ModuleNode
from nbtwin.lab.peers import BY_HOST, CALLER, EchoEnd, FarEnd, NearEnd
from nbtwin.module.internet.orders import (
    NetworkAnswer,
    NetworkOrder,
    PingOrder,
    PingReply,
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
from nbtwin.timeline.facts import Obstacle, SegmentFlag, SegmentSeen

PIECE = 1280
"""Bytes of a stream that travel together: what a segment carries where a path takes 1,320 octets."""
RETRY: Seconds = 3.0
MOST_RETRY: Seconds = 60.0
TRIES, TRIES_TO_CONNECT = 9, 4
"""Assumed: a connection is given up after 45 s, a silent one after some five minutes."""
PING_RADIO: Seconds = 0.42
"""What the radio adds to a ping's round trip; assumed."""
HOPS = 54
ORPHAN: Seconds = 600.0
UNWANTED = 65536
"""What a module has closed is carried on so long for what it still sends, and drops so much of what still comes; then
the peer is reset, as a system does that nobody reads for (D95). Assumed."""
TURNED_AWAY: Seconds = 10.0
"""The same of one for whom a listening module had no number: many of them must not fill anything. Assumed."""


class Path(Protocol):
    """What streams need of the link (`nbtwin.lab.link.Link`)."""

    latency: Latency

    def rebind(self, module: str) -> None: ...

    def translate_stream(self, node: ModuleNode, peer: Address) -> tuple[Address, Address | None]: ...

    def translate_caller(self) -> int: ...

    def is_platform(self, address: Address) -> bool: ...

    def host_of(self, module: str) -> str: ...

    def reaches(self, host: str) -> bool: ...


class Door(Protocol):
    """A listening socket of the kernel, in a live lab."""

    address: Address

    def close(self) -> None: ...


Dial = Callable[[Address, NearEnd], FarEnd]
Arrive = Callable[[Address, Callable[["Stream"], FarEnd]], None]
"""Of a door: who has connected, and what makes the far end of it."""
OpenDoor = Callable[[int, int, Arrive], Door]
"""For a port of a module, with so many who wait at the most. OSError."""


@dataclass(slots=True)
class Piece:
    """What travels at once."""

    flag: SegmentFlag
    data: bytes = b""
    sequence: int = -1  # of its first byte, once it has left


class Lane:
    """One direction of a stream: pieces in their order, the first of them under way."""

    __slots__ = ("busy", "direction", "pieces", "sequence", "tries")

    def __init__(self, direction: Direction) -> None:
        self.direction = direction
        self.pieces: deque[Piece] = deque()
        self.busy = False
        self.tries = 0
        self.sequence = 0
        """Of the next byte, for captures."""


class Listener:
    """A port that a module listens at."""

    __slots__ = ("address", "backlog", "door", "node", "number", "port", "waiting")

    def __init__(self, node: ModuleNode, order: StreamListen, address: Address, door: Door | None) -> None:
        self.node = node
        self.number = order.number
        self.port = order.port
        self.backlog = order.backlog
        self.address = address
        self.door = door
        self.waiting = 0
        """Streams of which the module has said nothing yet."""


class Stream:
    """One connection; the near end of its `FarEnd`."""

    def __init__(
        self, streams: Streams, node: ModuleNode, number: int, peer: Address, source: Address, to: Address
    ) -> None:
        self._streams = streams
        self.node = node
        self.number = number
        self.peer = peer
        self.source = source
        self.destination = to
        self.window = 0
        self.listener: Listener | None = None
        """Of one that came to the module, until the module has taken it."""
        self.up, self.down = Lane(Direction.UP), Lane(Direction.DOWN)
        self.far: FarEnd | None = None
        self.gone = False
        """Nothing of it is carried any more."""
        self.broken = False
        """The network or the far end has forgotten it: what the module sends is answered with a reset."""
        self.unread = False
        """The module reads nothing any more: what comes is dropped."""
        self.spare = UNWANTED
        self.turned_away = False
        self.opened = self.finished_up = self.finished_down = False
        self.finishing = False
        """The module writes nothing more; its end leaves behind what it has written."""

    # the face for the far end

    @property
    def room(self) -> int:
        return self.spare if self.unread else self.window

    def far_opened(self) -> None:
        self._streams.handle_far(self, Piece(SegmentFlag.OPENED))

    def far_ended(self, end: StreamEnd) -> None:
        """It could not be opened, or is broken."""
        if end is StreamEnd.UNREACHABLE or end is StreamEnd.TIMED_OUT:
            self._streams.end(self, end)
        else:
            self._streams.handle_far(self, Piece(SegmentFlag.RESET))

    def far_wrote(self, data: bytes) -> None:
        if self.unread:
            self._streams.handle_unwanted(self, len(data))
            return
        self.window -= len(data)
        for at in range(0, len(data), PIECE):
            self._streams.handle_far(self, Piece(SegmentFlag.DATA, data[at : at + PIECE]))

    def far_has_room(self) -> None:
        self._streams.pump(self, self.up)

    def far_finished(self) -> None:
        self._streams.handle_far(self, Piece(SegmentFlag.FINISHED))


class Streams:
    """Of one world."""

    def __init__(self, world: LinkedWorld, link: Path) -> None:
        self._world = world
        self._link = link
        self._streams: dict[tuple[str, int], Stream] = {}
        self._listeners: dict[tuple[str, int], Listener] = {}
        self._incoming = 0
        self.open_door: OpenDoor | None = None
        """Of a live lab: the kernel's listening sockets."""
        self.dial: Dial | None = None
        """Of a live lab: the kernel's TCP."""

    def __len__(self) -> int:
        return len(self._streams)

    # what modules order

    def handle_orders(self, node: ModuleNode, orders: list[NetworkOrder]) -> None:
        for order in orders:
            if isinstance(order, StreamOpen):
                self._open(node, order)
            elif isinstance(order, StreamListen):
                self._listen(node, order)
            elif isinstance(order, PingOrder):
                self._ping(node, order)
            else:
                stream = self._streams.get((node.name, order.number))
                if stream is not None:
                    self._handle_order(stream, order)
                elif isinstance(order, StreamClose):
                    self._stop_listening((node.name, order.number))

    def _handle_order(self, stream: Stream, order: StreamAccept | StreamWrite | StreamWindow | StreamClose) -> None:
        if isinstance(order, StreamAccept):
            self._decide(stream)
            stream.window, stream.turned_away = order.window, not order.window
            stream.up.pieces.append(Piece(SegmentFlag.OPENED))
        elif isinstance(order, StreamWrite):
            pieces = range(0, len(order.data), PIECE)
            stream.up.pieces.extend(Piece(SegmentFlag.DATA, order.data[at : at + PIECE]) for at in pieces)
        elif isinstance(order, StreamWindow):
            stream.window += order.bytes
            if stream.far is not None:
                stream.far.resume()
        elif order.how is StreamClosing.ABORT:
            self._abort(stream)
            return
        else:
            if order.how is StreamClosing.WHOLE:
                self._orphan(stream)
            if not stream.finishing:
                stream.finishing = True
                stream.up.pieces.append(Piece(SegmentFlag.FINISHED))
        self.pump(stream, stream.up)

    def _open(self, node: ModuleNode, order: StreamOpen) -> None:
        source, to = self._link.translate_stream(node, order.peer)
        stream = Stream(self, node, order.number, order.peer, source, to or order.peer)
        stream.window = order.window
        self._streams[node.name, order.number] = stream
        if to is None:
            self._observe(stream, stream.up, Piece(SegmentFlag.OPENING), None, Obstacle.NO_ROUTE)
            self._world.scheduler.call_at(self._world.now, partial(self.end, stream, StreamEnd.UNREACHABLE))
            return
        stream.up.pieces.append(Piece(SegmentFlag.OPENING))
        self.pump(stream, stream.up)

    # who connects to modules

    def _listen(self, node: ModuleNode, order: StreamListen) -> None:
        door, address = None, (self._link.host_of(node.name), order.port)
        answer: NetworkAnswer
        listener = Listener(node, order, address, None)
        try:
            if self.open_door is not None:
                door = self.open_door(order.port, order.backlog, partial(self._arrived, listener))
                listener.door, listener.address = door, door.address
        except OSError:
            answer = StreamEnded(order.number, StreamEnd.UNREACHABLE)
        else:
            self._listeners[node.name, order.number] = listener
            answer = StreamListening(order.number, listener.address)
        self._world.scheduler.call_at(self._world.now, partial(self._answer, node, answer))

    def _stop_listening(self, key: tuple[str, int]) -> None:
        listener = self._listeners.pop(key, None)
        if listener is not None and listener.door is not None:
            listener.door.close()

    def listener_at(self, module: str, port: int) -> Listener | None:
        return next((one for (name, _), one in self._listeners.items() if name == module and one.port == port), None)

    def call(self, module: str, port: int, says: bytes) -> None:
        """The lab's caller connects to this port of a module, says this, and then what it hears."""
        caller = CALLER.host, self._link.translate_caller()
        listener = self.listener_at(module, port)
        if listener is None:
            node = self._world.modules[module]
            stream = Stream(self, node, 0, caller, (self._link.host_of(module), port), caller)
            self._observe(stream, stream.down, Piece(SegmentFlag.OPENING), None, None)
            self._observe(stream, stream.up, Piece(SegmentFlag.RESET), None, None)
        else:
            self._arrived(listener, caller, partial(EchoEnd, says=says))

    def _arrived(self, listener: Listener, peer: Address, far: Callable[[Stream], FarEnd]) -> None:
        """Somebody connects. As many as wait already for the module's word, and one more is turned away."""
        self._incoming -= 1
        node = listener.node
        stream = Stream(self, node, self._incoming, peer, listener.address, peer)
        stream.far = far(stream)
        piece = Piece(SegmentFlag.OPENING)
        self._world.scheduler.touch()
        if listener.waiting >= listener.backlog:
            self._observe(stream, stream.down, piece, None, None)
            self._abort(stream)
            return
        self._streams[node.name, stream.number] = stream
        stream.listener = listener
        listener.waiting += 1
        self.handle_far(stream, piece)

    def _decide(self, stream: Stream) -> None:
        """The module has said what it does with it, or it is no more."""
        if stream.listener is not None:
            stream.listener.waiting -= 1
            stream.listener = None

    # how streams end

    def _orphan(self, stream: Stream) -> None:
        """The module wants no more of it but that what it has written arrives."""
        stream.unread = True
        wait = TURNED_AWAY if stream.turned_away else ORPHAN
        self._world.scheduler.call_at(self._world.now + wait, partial(self._abort_open, stream))
        if stream.far is not None and stream.opened:
            stream.far.resume()

    def _abort_open(self, stream: Stream) -> None:
        if not stream.gone:
            self._abort(stream)

    def handle_unwanted(self, stream: Stream, length: int) -> None:
        """Bytes for a module that has closed the stream."""
        stream.spare -= length
        if stream.spare <= 0 and not stream.gone:
            self._world.scheduler.touch()
            self._abort(stream)

    def _abort(self, stream: Stream) -> None:
        """By the module, at once."""
        self._observe(stream, stream.up, Piece(SegmentFlag.RESET), None, None)
        self._drop(stream)

    def _drop(self, stream: Stream) -> None:
        if not stream.gone:
            stream.gone = True
            self._decide(stream)
            self._streams.pop((stream.node.name, stream.number), None)
            if stream.far is not None:
                stream.far.abort()

    def forget(self, module: str) -> None:
        """The NAT has forgotten the module's connections: the far ends hear nothing more, and it is reset."""
        for stream in self._of(module):
            stream.broken = True

    def unplug(self, module: str) -> None:
        """The module is gone."""
        for stream in self._of(module):
            self._drop(stream)
        for key in [key for key in self._listeners if key[0] == module]:
            self._stop_listening(key)

    def end_all(self, until: float) -> None:
        """The lab ends, and takes its modules with it. What they have closed before still ends in order: the far ends
        are handed what was written, and have until that time of the wall clock (`time.monotonic`) to take it."""
        for key in list(self._listeners):
            self._stop_listening(key)
        for stream in list(self._streams.values()):
            far = stream.far
            if stream.unread and far is not None and not stream.broken and not stream.gone:
                stream.gone, stream.far = True, None
                if not stream.finished_up:
                    far.write(b"".join(piece.data for piece in stream.up.pieces))
                    far.finish()
                far.leave(until)
            self._drop(stream)
        self._streams.clear()  # those that are gone by having left

    def _of(self, module: str) -> list[Stream]:
        return [stream for (name, _), stream in self._streams.items() if name == module]

    # what far ends do

    def handle_far(self, stream: Stream, piece: Piece) -> None:
        if not stream.gone:
            self._world.scheduler.touch()
            stream.down.pieces.append(piece)
            self.pump(stream, stream.down)

    def end(self, stream: Stream, end: StreamEnd) -> None:
        """Its module is told that it is no more."""
        if not stream.gone:
            self._world.scheduler.touch()
            self._drop(stream)
            self._tell(stream, StreamEnded(stream.number, end))

    def _tell(self, stream: Stream, answer: NetworkAnswer) -> None:
        self._answer(stream.node, answer)

    def _answer(self, node: ModuleNode, answer: NetworkAnswer) -> None:
        if self._world.modules.get(node.name) is node:
            self._world.perform(node, node.module.handle_network, answer)

    # on the way

    def pump(self, stream: Stream, lane: Lane) -> None:
        """Let the first piece of a direction leave, if none is under way and the other end takes it."""
        if lane.busy or not lane.pieces or stream.gone:
            return
        piece = lane.pieces[0]
        if lane is stream.up and piece.flag is SegmentFlag.DATA and stream.far is not None and not stream.broken:
            room = stream.far.room
            if not room:
                return
            if room < len(piece.data):
                lane.pieces.popleft()
                lane.pieces.extendleft((Piece(piece.flag, piece.data[room:]), Piece(piece.flag, piece.data[:room])))
        lane.busy, lane.tries = True, 0
        self._try(stream, lane)

    def _try(self, stream: Stream, lane: Lane) -> None:
        if stream.gone:
            return
        world, piece = self._world, lane.pieces[0]
        up = lane is stream.up
        if up and not stream.node.module.reachable:
            self._retry(stream, lane)
            return
        here, there = (stream.source, stream.destination) if up else (stream.destination, stream.source)
        sender, receiver = (stream.node.name, None) if up else (None, stream.node.name)
        packet = PacketInFlight(lane.direction, sender, receiver, here, there, stream.peer if up else None)
        impairment = world.faults.judge(world.now, packet, self._link.latency.of_one())
        if impairment.rebind:
            self._link.rebind(stream.node.name)
        self._observe(stream, lane, piece, impairment, None)
        for _ in impairment.delays[1:]:  # copies, which the receiver knows by their numbers (D208)
            self._observe(stream, lane, piece, impairment, None)
        if _loses(impairment) or (stream.broken and not up):
            self._retry(stream, lane)
        elif impairment.error == RESET or stream.broken:
            at = world.now + impairment.delays[0] + self._link.latency.of_one()
            world.scheduler.call_at(at, partial(self._reset, stream))
        else:
            at = world.now + impairment.delays[0] + self._overtaken(lane, impairment)
            world.scheduler.call_at(at, partial(self._arrive, stream, lane))

    def _overtaken(self, lane: Lane, impairment: Impairment) -> Seconds:
        """How long the receiver waits for a piece that others overtake: it hands over none of those before."""
        if impairment.swap is None:
            return 0.0
        return self._link.latency.of_one() if len(lane.pieces) > 1 else impairment.swap

    def _retry(self, stream: Stream, lane: Lane) -> None:
        lane.tries += 1
        opening = lane.pieces[0].flag is SegmentFlag.OPENING
        if lane.tries > (TRIES_TO_CONNECT if opening else TRIES):
            self._give_up(stream, lane)
            return
        wait = min(RETRY * 2 ** (lane.tries - 1), MOST_RETRY)
        self._world.scheduler.call_at(self._world.now + wait, partial(self._try, stream, lane))

    def _give_up(self, stream: Stream, lane: Lane) -> None:
        """Nobody has answered: the end that has sent in vain knows. The other one learns it when it sends."""
        if lane is stream.up:
            self.end(stream, StreamEnd.TIMED_OUT)
        elif stream.listener is not None:
            self._drop(stream)  # the module has never heard of it
        else:
            stream.broken = True
            if stream.far is not None:
                stream.far.abort()

    def _reset(self, stream: Stream) -> None:
        if not stream.gone:
            self._observe(stream, stream.down, Piece(SegmentFlag.RESET), None, None)
            self.end(stream, StreamEnd.RESET)

    def _arrive(self, stream: Stream, lane: Lane) -> None:
        if stream.gone:
            return
        if lane is stream.down and not stream.node.module.reachable:
            self._retry(stream, lane)
            return
        piece = lane.pieces.popleft()
        lane.busy = False
        if lane is stream.up:
            self._arrive_up(stream, piece)
        else:
            self._arrive_down(stream, piece)
        self.pump(stream, lane)

    def _arrive_up(self, stream: Stream, piece: Piece) -> None:
        if piece.flag is SegmentFlag.OPENING:
            self._reach(stream)
            return
        assert stream.far is not None
        if piece.flag is SegmentFlag.OPENED:
            self._observe(stream, stream.down, Piece(SegmentFlag.ACKNOWLEDGED), None, None)
            stream.opened = True
            stream.far.resume()
        elif piece.flag is SegmentFlag.DATA:
            stream.far.write(piece.data)
            self._tell(stream, StreamTaken(stream.number, len(piece.data)))
        else:
            stream.finished_up = True
            stream.far.finish()
            self._end_if_over(stream)

    def _arrive_down(self, stream: Stream, piece: Piece) -> None:
        if piece.flag is SegmentFlag.OPENED:
            self._observe(stream, stream.up, Piece(SegmentFlag.ACKNOWLEDGED), None, None)
            stream.opened = True
            self._tell(stream, StreamOpened(stream.number))
        elif piece.flag is SegmentFlag.OPENING:
            listener = stream.listener
            if listener is None or self._listeners.get((stream.node.name, listener.number)) is not listener:
                self._abort(stream)
            else:
                self._tell(stream, StreamIncoming(stream.number, listener.number, stream.peer))
        elif piece.flag is SegmentFlag.RESET:
            self.end(stream, StreamEnd.RESET if stream.opened else StreamEnd.REFUSED)
        elif piece.flag is SegmentFlag.FINISHED:
            stream.finished_down = True
            if not stream.unread:
                self._tell(stream, StreamFinished(stream.number))
            self._end_if_over(stream)
        elif not stream.unread:
            self._tell(stream, StreamReceived(stream.number, piece.data))

    def _end_if_over(self, stream: Stream) -> None:
        if stream.finished_up and stream.finished_down:
            far, stream.far = stream.far, None
            self._drop(stream)
            if far is not None:
                far.close()

    def _reach(self, stream: Stream) -> None:
        """The first piece has come to where the far end is, if one is there."""
        peer = BY_HOST.get(stream.destination[0])
        if peer is not None and peer.stream is not None:
            stream.far = peer.stream(stream)
            stream.far_opened()
        elif self.dial is not None and peer is None and not self._link.is_platform(stream.destination):
            stream.far = self.dial(stream.destination, stream)
        else:
            self.handle_far(stream, Piece(SegmentFlag.RESET))

    def _observe(
        self, stream: Stream, lane: Lane, piece: Piece, impairment: Impairment | None, obstacle: Obstacle | None
    ) -> None:
        """For timeline, captures and counts. Numbers of sequence begin at 0 in either direction."""
        up = lane is stream.up
        back = stream.down if up else stream.up
        here, there = (stream.source, stream.destination) if up else (stream.destination, stream.source)
        faults = impairment.faults if impairment is not None else []
        lost = impairment is not None and _loses(impairment)
        again = piece.sequence >= 0
        if not again:
            piece.sequence = lane.sequence
            lane.sequence += len(piece.data) + (piece.flag in _COUNTED)
        fact = SegmentSeen(
            lane.direction, here, there, piece.flag, piece.sequence, back.sequence, piece.data,
            stream.node.name, stream.peer if stream.peer != stream.destination else None, obstacle, lost, again,
            tuple(fault.spec for fault in faults),
        )  # fmt: skip
        for observe in self._world.observers.segment:
            observe(self._world.now, stream.node.name, fact)

    # pings

    def _ping(self, node: ModuleNode, order: PingOrder) -> None:
        world = self._world
        lost = not self._link.reaches(order.host) or not node.module.reachable
        there = order.host, 0
        up = PacketInFlight(Direction.UP, node.name, None, ("", 0), there, there)
        down = PacketInFlight(Direction.DOWN, None, node.name, there, ("", 0))
        took = PING_RADIO
        for packet in (up, down) if not lost else ():
            impairment = world.faults.judge(world.now + took, packet, self._link.latency.of_one())
            if _loses(impairment) or impairment.error is not None:
                lost = True
                break
            took += impairment.delays[0] + (impairment.swap or 0.0)
        lost = lost or took > order.timeout
        wait = order.timeout if lost else took
        reply = PingReply(order.number, None if lost else took, 0 if lost else HOPS)
        world.scheduler.call_at(world.now + wait, partial(self._answer_ping, node, reply))

    def _answer_ping(self, node: ModuleNode, reply: PingReply) -> None:
        if reply.round_trip is not None and not node.module.reachable:
            reply = PingReply(reply.number, None)
        self._answer(node, reply)


def _loses(impairment: Impairment) -> bool:
    """A piece that is cut has the wrong checksum; a server in trouble (`error`) answers nothing that is no request
    (D208)."""
    return impairment.lost or impairment.octets is not None or impairment.error not in (None, RESET)


_COUNTED = (SegmentFlag.OPENING, SegmentFlag.OPENED, SegmentFlag.FINISHED)
"""What counts as one in the numbers of sequence (RFC 9293 3.4)."""
