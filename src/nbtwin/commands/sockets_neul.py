"""Sockets of the Neul families: +NSOCR to +NSONMI, and what they tell by themselves (the vendor's AT manuals).

Knows lines and how a socket's state is worded; the sockets are `module.internet`'s. A line that is refused changes
nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbtwin.at.command import OK, Answer, AtError, Command, Later, Lines, row
from nbtwin.at.refusals import CommandRefused
from nbtwin.at.values import Choice, HexDigits, Host, Int
from nbtwin.commands.fields import NameField
from nbtwin.commands.meanings import CommandMeaning
from nbtwin.commands.refusals import OPERATION_NOT_ALLOWED, CommandRefusal, bad_parameter, refusal
from nbtwin.module.internet import events as happened
from nbtwin.module.internet.dialect import InternetDialect
from nbtwin.module.internet.events import HOST, InternetEvent, SocketError, SocketRefusal, Transport
from nbtwin.module.internet.sockets import Socket
from nbtwin.module.profile import Profile

if TYPE_CHECKING:
    from nbtwin.module.module import Module

NOT_THE_SOCKET, WRONG_STATE, MINIMAL_FUNCTION, UPLINK_BUSY = 530, 516, 524, 159  # DOC-E 5 tables 3 and 5
PROTOCOLS = {17: CommandMeaning.PROTOCOL_UDP, 6: CommandMeaning.PROTOCOL_TCP}
CONTROLS = {0: CommandMeaning.SOCKET_DEAF, 1: CommandMeaning.SOCKET_HEARS}
INDICATIONS = {
    0: CommandMeaning.SOCKET_SILENT,
    1: CommandMeaning.SOCKET_TELLS_LENGTH,
    2: CommandMeaning.SOCKET_TELLS_ALL,
    3: CommandMeaning.SOCKET_TELLS_DATA,
}
EXCEPTION, RELEASE_AFTER_SENDING, RELEASE_AFTER_ANSWER = 0x100, 0x200, 0x400
FLAGS = ("0x000", "0", "0x0", "0x100", "0x200", "0x400")
INDICATION = "+NSONMI"
"""Where the mode stands among those of +NCONFIG, in use until the next boot."""


def socket_commands(p: Profile) -> tuple[Command, ...]:
    e, numbers = p.everyday, _dialect(p)
    longest, first = numbers.longest_data, numbers.first_socket
    socket = Int("socket", first, first + numbers.sockets - 1)
    address, port = Host("remote_addr"), Int("remote_port", 1, 65535)
    length, data = Int("length", 1, longest), HexDigits("data", longest=longest)
    flag = NameField("flag", FLAGS)
    sequence = Int("sequence", 1, 255, optional=True)
    flag_too = NameField("flag", FLAGS, optional=True, blank=True)
    hears = Choice.of("receive_control", CONTROLS, optional=True, default=1)
    more = (hears, NameField("af_type", ("AF_INET",), optional=True))
    create = row(open_socket, NameField("type", ("DGRAM", "STREAM")), Choice.of("protocol", PROTOCOLS),
                 Int("listen_port", 0, 65535), *more,
                 conditions={"protocol": CommandMeaning.PROTOCOL_OF_TYPE})  # fmt: skip
    sized = {"length": CommandMeaning.LENGTH_OF_DATA}
    return (
        Command("+NSOCR", e.source, write=create),
        Command("+NSOST", e.source, write=row(send_datagram, socket, address, port, length, data, sequence,
                                              conditions=sized)),
        Command("+NSOSTF", e.source, write=row(send_flagged, socket, address, port, flag, length, data, sequence,
                                               conditions=sized)),
        Command("+NSORF", e.source, write=row(read_socket, socket, Int("req_length", 1, longest))),
        Command("+NSOCO", e.source, write=row(connect_socket, socket, address, port)),
        Command("+NSOSD", e.source, write=row(send_stream, socket, length, data, flag_too, sequence,
                                              conditions=sized)),
        Command("+NSOCL", e.source, write=row(close_socket, socket)),
        Command("+NSONMI", e.source, read=show_indication,
                write=row(set_indication, Choice.of("mode", INDICATIONS))),
        Command("+NQSOS", e.source, read=show_all_sequences,
                write=row(show_sequences, socket, *[Int("socket", socket.low, socket.high, optional=True)] * 6)),
    )  # fmt: skip


def _dialect(p: Profile) -> InternetDialect:
    assert p.internet is not None
    return p.internet


# what commands do


def open_socket(m: Module, kind: str, protocol: int, port: int, receives: int, family: str | None) -> Lines:
    transport = Transport.UDP if kind == "DGRAM" else Transport.TCP
    if (protocol == 17) is not (transport is Transport.UDP):
        raise bad_parameter(m, CommandRefused(CommandRefusal.PROTOCOL_OF_OTHER_TYPE, "protocol", str(protocol)))
    _check_network(m)
    sockets, dialect = m.internet.sockets, _dialect(m.profile)
    try:
        label = sockets.free_label(HOST, dialect.first_socket, dialect.first_socket + dialect.sockets - 1)
        socket = sockets.open(HOST, label, transport, port)
    except SocketError as error:
        raise _refused(m, error) from None
    socket.receives = bool(receives)
    return (str(label),)


def send_datagram(m: Module, label: int, host: str, port: int, length: int, data: bytes, number: int | None) -> Lines:
    return send_flagged(m, label, host, port, "0x000", length, data, number)


def send_flagged(
    m: Module, label: int, host: str, port: int, flag: str, length: int, data: bytes, number: int | None
) -> Lines:
    _check_length(m, length, data)
    socket = _socket(m, label, Transport.UDP)
    _check_network(m)
    _check_sequence(m, socket, number)
    m.internet.sockets.send_to(m.now, socket, (host, port), data, number or 0)
    _assist(m, socket, int(flag, 16))
    return (f"{label},{length}",)


def read_socket(m: Module, label: int, most: int) -> Lines:
    """Nothing but OK where nothing waits."""
    socket = _socket(m, label)
    received = m.internet.sockets.read(socket, most)
    if received is None:
        return OK
    (host, port), data = received.peer, received.data
    return (f"{label},{host},{port},{len(data)},{data.hex().upper()},{socket.unread}",)


def connect_socket(m: Module, label: int, host: str, port: int) -> Answer:
    """OK once it is connected, ERROR when it could not be."""
    socket = _socket(m, label)
    _check_network(m)
    try:
        m.internet.sockets.connect(socket, (host, port))
    except SocketError as error:
        raise _refused(m, error) from None
    return Later() if socket.connecting else OK


def send_stream(m: Module, label: int, length: int, data: bytes, flag: str | None, number: int | None) -> Lines:
    _check_length(m, length, data)
    socket = _socket(m, label, Transport.TCP)
    _check_sequence(m, socket, number)
    try:
        m.internet.sockets.send(socket, data, number or 0)
    except SocketError as error:
        raise _refused(m, error) from None
    _assist(m, socket, 0 if flag is None else int(flag, 16))
    return (f"{label},{length}",)


def _assist(m: Module, socket: Socket, flag: int) -> None:
    """One of the flags, or none (D98)."""
    socket.releases = flag == RELEASE_AFTER_ANSWER
    if flag == RELEASE_AFTER_SENDING:
        m.internet.sockets.release_behind(socket)
    elif flag == EXCEPTION:
        m.internet.report(happened.ExceptionSent(HOST, socket.label))


def close_socket(m: Module, label: int) -> Lines:
    m.internet.sockets.close(_socket(m, label))
    return OK


def show_indication(m: Module) -> Lines:
    return (f"+NSONMI:{_indication(m)}",)


def set_indication(m: Module, mode: int) -> Lines:
    m.to_use.generic.config[INDICATION] = str(mode)
    return OK


def show_sequences(m: Module, *labels: int | None) -> Lines:
    """The numbers of those sockets that are still under way."""
    sockets = [_socket(m, label) for label in labels if label is not None]
    return tuple(line for socket in sockets for line in _sequences(socket))


def show_all_sequences(m: Module) -> Lines:
    if not m.has_internet:
        return OK
    return tuple(line for socket in m.internet.sockets.of(HOST) for line in _sequences(socket))


def _sequences(socket: Socket) -> Lines:
    return tuple(f"+NQSOS:{socket.label},{number}" for _, number, _ in socket.sequences if number)


# what is in the way


def _socket(m: Module, label: int, transport: Transport | None = None) -> Socket:
    """The one that has this number. Another's, and one of the other transport, are none of it (DOC-E 5: 530)."""
    socket = m.internet.sockets.find(HOST, label) if m.has_internet else None
    if socket is None or (transport is not None and socket.transport is not transport):
        raise _specific(m, NOT_THE_SOCKET, CommandRefused(CommandRefusal.SOCKET_UNKNOWN, number=label))
    return socket


def _check_length(m: Module, length: int, data: bytes) -> None:
    if length != len(data):
        raise bad_parameter(m, CommandRefused(CommandRefusal.DATA_LENGTH, number=len(data), expected=length))


def _check_sequence(m: Module, socket: Socket, number: int | None) -> None:
    """A number that is under way has to come back first."""
    if number is not None and any(number == each for _, each, _ in socket.sequences):
        raise bad_parameter(m, CommandRefused(CommandRefusal.SEQUENCE_TAKEN, number=number))


def _check_network(m: Module) -> None:
    radio = m.radio
    if radio.function != 1:
        why = CommandRefused(CommandRefusal.FUNCTION_NOT_FULL, number=radio.function)
        raise _specific(m, MINIMAL_FUNCTION, why, m.profile.everyday.no_network)
    if not radio.attached:
        raise AtError(m.profile.everyday.no_network, CommandRefused(CommandRefusal.NOT_ATTACHED))


def _specific(m: Module, err: int, why: CommandRefused, other: int | None = None) -> AtError:
    """A code of DOC-E's table 5; where the document has no such table another one (assumed)."""
    errors = m.profile.errors
    if err in errors.texts:
        return AtError(err, why)
    return AtError(errors.bad_parameter if other is None else other, why)


def _refused(m: Module, error: SocketError) -> AtError:
    why = CommandRefused(error.code)
    if error.code is SocketRefusal.FULL:
        return refusal(m, UPLINK_BUSY, why)
    if error.code is SocketRefusal.PORT_TAKEN:
        return bad_parameter(m, why)
    if error.code is SocketRefusal.TOO_MANY:
        return refusal(m, OPERATION_NOT_ALLOWED, why)
    return _specific(m, WRONG_STATE, why, OPERATION_NOT_ALLOWED)


# what is told


def announce(m: Module, event: InternetEvent) -> None:
    """What becomes of the host's sockets and pings, as +NSONMI asks for it."""
    match event:
        case happened.SocketReceived():
            _announce_received(m, event)
        case happened.SocketSent(socket=label, sequence=number, sent=sent):
            if number:
                m.urc(f"+NSOSTR:{label},{number},{int(sent)}")
        case happened.SocketConnected():
            m.session.finish(now=m.now)
        case happened.SocketFailed():
            _announce_failed(m, event)
        case happened.SocketFinished(socket=label):
            m.urc(f"+NSOCLI:{label}")
        case happened.SocketClosed(socket=label, forced=True):
            m.urc(f"+NSOCLI:{label}")
        case happened.NameAnswered(host=host):
            m.urc(f"+QDNS:{host or 'QUERY_DNS_FAILED'}")
        case happened.PingEnded():
            took = event.round_trip
            m.urc("+NPINGERR:1" if took is None else f"+NPING:{event.host},{event.hops},{round(took * 1000)}")
        case _:
            pass


def _indication(m: Module) -> int:
    return int(m.in_use.generic.config.get(INDICATION, "1"))


def _announce_received(m: Module, event: happened.SocketReceived) -> None:
    """Mode 1: once, until the host has read all; 2 and 3: the data itself, which is read by that."""
    mode, label = _indication(m), event.socket
    sockets = m.internet.sockets
    socket = sockets.find(HOST, label)
    if not mode or socket is None:
        return
    if mode == 1:
        if len(socket.waiting) == 1:
            m.urc(f"+NSONMI:{label},{event.length}")
        return
    while (received := sockets.read(socket, _dialect(m.profile).longest_data)) is not None:
        (host, port), data = received.peer, received.data
        source = f"{host},{port}," if mode == 2 else ""
        m.urc(f"+NSONMI:{label},{source}{len(data)},{data.hex().upper()}")


def _announce_failed(m: Module, event: happened.SocketFailed) -> None:
    if event.was_connected:
        m.urc(f"+NSOCLI:{event.socket}")
    else:
        m.session.finish(error=_specific(m, WRONG_STATE, CommandRefused(CommandRefusal.SOCKET_NOT_CONNECTED), 3),
                         now=m.now)  # fmt: skip
