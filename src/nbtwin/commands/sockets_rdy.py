"""Sockets of the RDY families: AT+QIOPEN, +QISEND, +QISENDEX, +QIRD, +QISWTMD, +QICLOSE, +QISTATE, +QICFG, +QIGETERROR.

Knows the families' lines and their differences (`QiDialect`); the bytes are in the module's sockets. Observed in public
manuals, drivers and SDKs (profiles/internet_rdy.py).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nbtwin.at.command import OK, Answer, AtError, Command, Handler, Lines, Prompt, WithoutResult, row
from nbtwin.at.refusals import CommandRefused
from nbtwin.at.values import Choice, Field, Host, Int, Rest, Word, unquote
from nbtwin.commands.fields import Payload
from nbtwin.commands.meanings import CommandMeaning
from nbtwin.commands.refusals import OPERATION_NOT_ALLOWED, CommandRefusal, bad_parameter, refusal, save
from nbtwin.commands.wording import line
from nbtwin.engine import Refusal
from nbtwin.lwm2m.addresses import is_address
from nbtwin.module.internet.connections import (
    CLOSING,
    CONNECTED,
    LISTENER,
    LISTENING,
    PUSH,
    Connection,
    Connections,
)
from nbtwin.module.internet.events import HOST, SocketError, SocketRefusal, Transport
from nbtwin.module.internet.qi_dialect import OPEN_TIME, QI_ERRORS, QiDialect
from nbtwin.module.internet.sockets import Socket
from nbtwin.module.profile import Profile

if TYPE_CHECKING:
    from nbtwin.module.module import Module

ACCESS_MODES = {0: CommandMeaning.ACCESS_BUFFER, 1: CommandMeaning.ACCESS_PUSH}
DATA_FORMATS = {0: CommandMeaning.DATA_TEXT, 1: CommandMeaning.DATA_HEX}
RELEASES = {0: CommandMeaning.RELEASE_NONE, 1: CommandMeaning.RELEASE_NOW, 2: CommandMeaning.RELEASE_AFTER_REPLY}
VIEW_MODES = {0: CommandMeaning.VIEW_LINE, 1: CommandMeaning.VIEW_COMMA}
SHOWN_LENGTHS = {0: CommandMeaning.LENGTH_HIDDEN, 1: CommandMeaning.LENGTH_SHOWN}
RELEASED_NOW, RELEASED_AFTER_REPLY = 1, 2
OPENING_CODES: dict[Refusal, int] = {SocketRefusal.PORT_TAKEN: 556, SocketRefusal.TOO_MANY: 554}
FORMAT, VIEW, LENGTH = "QICFG/dataformat", "QICFG/viewmode", "QICFG/showlength"
"""Where the options of AT+QICFG stand among the values of +NCONFIG; with a + in front where they are not saved."""
_HEX = re.compile(rb"(?:[0-9A-Fa-f]{2})*")


def qi_commands(p: Profile) -> tuple[Command, ...]:
    q, limits = p.qi, p.internet
    if q is None or limits is None:
        return ()
    first, last = limits.first_socket, limits.first_socket + limits.sockets - 1
    label = Int("connectID", first, last)
    named = f"({first}-{last})"
    protocol: tuple[Field, ...] = (Int("protocol_type", 0, 0, optional=True, default=0),) if q.asks_protocol else ()
    opening = Command(
        "+QIOPEN", q.source, test=(q.test_open,),
        write=row(open_socket, Int("contextID", q.contexts[0], q.contexts[-1]), label,
                  Word("service_type", q.services), Host("host", domain=True),
                  Int("remote_port", q.first_remote_port, 65535), Int("local_port", 0, 65535, optional=True, default=0),
                  Choice("access_mode", q.access_modes, ACCESS_MODES, optional=True, default=q.default_access_mode),
                  *protocol),
    )  # fmt: skip
    closing = Command("+QICLOSE", q.source, test=(f"+QICLOSE: {named}",), write=row(close_socket, label))
    tested = q.test_state
    state = Command("+QISTATE", q.source, test=tested if len(tested) < 2 else lambda m: tested, read=show_all,
                    write=row(show_some, Int("query_type", 0, 1), Int("ID", 0, max(last, q.contexts[-1])),
                              alters=False))  # fmt: skip
    error = Command("+QIGETERROR", q.source, test=(), execute=show_error)
    return (
        opening,
        closing,
        state,
        Command("+QISEND", q.source, test=(q.test_send,), write=row(send, label, *_data(q, limits.longest_data, 0))),
        *(_hex_command(q, label, named) if q.sends_hex else ()),
        *(_buffer_commands(q, label, named) if q.longest_read else ()),
        *((error,) if q.tells_error else ()),
        *_options(q),
    )


def _data(q: QiDialect, longest: int, least: int) -> tuple[Field, ...]:
    length = Int("send_length", least, longest, optional=True)
    if not q.releases_early:
        return length, Rest("data", optional=True)
    release = Choice.of("rai_mode", RELEASES, optional=True, default=0)
    return length, Payload("data", optional=True), release


def _hex_command(q: QiDialect, label: Int, named: str) -> tuple[Command, ...]:
    printed = '"<hex_string>",(0-2)' if q.releases_early else "<hex_string>"
    test = f"+QISENDEX: {named},(1-{q.longest_hex}),{printed}"
    return (Command("+QISENDEX", q.source, test=(test,), write=row(send_hex, label, *_data(q, q.longest_hex, 1))),)


def _buffer_commands(q: QiDialect, label: Int, named: str) -> tuple[Command, ...]:
    reading = Command("+QIRD", q.source, test=(f"+QIRD: {named},(1-{q.longest_read})",),
                      write=row(read_data, label, Int("read_length", 1, q.longest_read)))  # fmt: skip
    switching = Command("+QISWTMD", q.source, test=(f"+QISWTMD: {named},(0-1)",),
                        write=row(switch_mode, label, Choice.of("access_mode", ACCESS_MODES)))  # fmt: skip
    return reading, switching


# Options


def _options(q: QiDialect) -> tuple[Command, ...]:
    """The quoted word is part of the name; the bare name has the test form alone."""
    two = Choice.of("send_data_format", DATA_FORMATS), Choice.of("recv_data_format", DATA_FORMATS)
    rows = [Command('+QICFG="dataformat"', q.source, read=_shown("dataformat", FORMAT, "0,0"),
                    write=row(set_formats, *two))]  # fmt: skip
    printed = ['+QICFG: "dataformat",(0,1),(0,1)']
    for name, key, meanings in (("viewmode", VIEW, VIEW_MODES), ("showlength", LENGTH, SHOWN_LENGTHS)):
        if name in q.options:
            field = Choice.of(f"{name[:4]}_mode" if name == "viewmode" else "show_length_mode", meanings)
            rows.append(Command(f'+QICFG="{name}"', q.source, read=_shown(name, key, "0"),
                                write=row(_keeping(key), field)))  # fmt: skip
            printed.append(f'+QICFG: "{name}",(0,1)')
    if "open_time" in q.options:
        rows.append(Command('+QICFG="open_time"', q.source,
                            read=lambda m: (line(m, "+QICFG", '"open_time"', connections_of(m).open_time),),
                            write=row(set_open_time, Int("open_time", 1, OPEN_TIME))))  # fmt: skip
        printed.append(f'+QICFG: "open_time",(1,{OPEN_TIME})')
    lines = tuple(printed)
    return (Command("+QICFG", q.source, test=lines if len(lines) == 1 else lambda m: lines), *rows)


def _shown(name: str, key: str, default: str) -> Handler:
    return lambda m: (line(m, "+QICFG", f'"{name}"', option(m, key, default)),)


def _keeping(key: str) -> Handler:
    def choose(m: Module, value: int) -> Lines:
        _keep(m, key, str(value))
        return OK

    return choose


def _keep(m: Module, key: str, value: str) -> None:
    if not dialect_of(m).keeps_options:
        m.to_use.generic.config[f"+{key}"] = value
        return
    m.to_save.generic.config[key] = value
    save(m)


def option(m: Module, key: str, default: str = "0") -> str:
    if dialect_of(m).keeps_options:
        return m.saved.generic.config.get(key, default)
    return m.in_use.generic.config.get(f"+{key}", default)


def set_formats(m: Module, sent: int, received: int) -> Lines:
    _keep(m, FORMAT, f"{sent},{received}")
    return OK


def set_open_time(m: Module, seconds: int) -> Lines:
    connections_of(m).open_time = seconds
    return OK


# Opening and closing


def dialect_of(m: Module) -> QiDialect:
    assert m.profile.qi is not None
    return m.profile.qi


def connections_of(m: Module) -> Connections:
    internet = m.internet
    if internet.connections is None:
        internet.connections = Connections(OPEN_TIME)
    return internet.connections


def failed(m: Module, code: int, why: CommandRefusal, number: int | None = None) -> AtError:
    """A state that does not allow the command; AT+QIGETERROR tells the code."""
    connections_of(m).last_error = code
    return refusal(m, OPERATION_NOT_ALLOWED, CommandRefused(why, number=number, text=QI_ERRORS[code]))


def wrong(m: Module, parameter: str, number: int, expected: int) -> AtError:
    """A value that does not go with its neighbours."""
    connections_of(m).last_error = 552
    return bad_parameter(m, CommandRefused(CommandRefusal.DATA_LENGTH, parameter, number=number, expected=expected))


def attached(m: Module, context: int, code: int) -> None:
    """A lab module has one bearer; by the first number of the family it is meant whatever carries it (D104)."""
    if not m.radio.attached:
        raise failed(m, code, CommandRefusal.NOT_ATTACHED)
    if context != dialect_of(m).contexts[0]:
        raise failed(m, code, CommandRefusal.CONTEXT_INACTIVE, context)


def open_socket(
    m: Module, context: int, label: int, transport: str, host: str, port: int, local: int, mode: int, protocol: int = 0
) -> Lines:
    """OK, and +QIOPEN when it is known what came of it."""
    if transport == LISTENER and not local:
        raise failed(m, 572, CommandRefusal.LISTENS_NOWHERE)
    attached(m, context, 561)
    of = connections_of(m)
    if label in of.by_label:
        if not dialect_of(m).taken_told_later:
            raise failed(m, 563, CommandRefusal.SOCKET_TAKEN, label)
        of.last_error = 563
        m.urc(f"+QIOPEN: {label},563")
        return OK
    of.last_error = 0
    connection = of.by_label[label] = Connection(label, context, transport, host, port, local, mode)
    if is_address(host):
        connect(m, connection, host)
    else:
        m.internet.look_up(HOST, host)
    return OK


def connect(m: Module, connection: Connection, address: str) -> None:
    """Its host has an address."""
    sockets = m.internet.sockets
    transport = Transport.UDP if connection.transport == "UDP" else Transport.TCP
    try:
        socket = sockets.open(HOST, connection.label, transport, connection.local_port)
    except SocketError as error:
        return opened(m, connection, OPENING_CODES.get(error.code, 554))
    if connection.transport == LISTENER:
        sockets.listen(socket)
        return
    sockets.connect(socket, (address, connection.port))
    if transport is Transport.UDP:
        opened(m, connection, 0)


def opened(m: Module, connection: Connection, code: int) -> None:
    """It is open, or has failed (profiles/internet_rdy.py: whether the host has to close it)."""
    m.urc(f"+QIOPEN: {connection.label},{code}")
    if code == 0:
        connection.state = LISTENING if connection.transport == LISTENER else CONNECTED
    else:
        connections_of(m).last_error = code
        end(m, connection)


def end(m: Module, connection: Connection) -> None:
    """Nothing comes any more; where the family frees the number by itself, once the last byte was read."""
    connection.gone, connection.state = True, CLOSING
    if not dialect_of(m).stays_until_closed and not _unread(m, connection):
        forget(m, connection)


def forget(m: Module, connection: Connection) -> None:
    socket = _socket(m, connection)
    if socket is not None:
        m.internet.sockets.close(socket)
    connections_of(m).by_label.pop(connection.label, None)


def _socket(m: Module, connection: Connection) -> Socket | None:
    return m.internet.sockets.find(HOST, connection.label)


def _unread(m: Module, connection: Connection) -> int:
    socket = _socket(m, connection)
    return 0 if socket is None else socket.unread


def close_socket(m: Module, label: int) -> Lines:
    forget(m, _there(m, label, 567))
    m.urc("CLOSE OK")
    return OK


def _there(m: Module, label: int, code: int) -> Connection:
    of = connections_of(m)
    connection = of.by_label.get(label)
    if connection is None:
        raise failed(m, code, CommandRefusal.SOCKET_UNKNOWN, label)
    of.last_error = 0
    return connection


def _speaking(m: Module, label: int, code: int) -> Connection:
    """One that carries data."""
    connection = _there(m, label, code)
    if connection.transport == LISTENER:
        raise failed(m, 572, CommandRefusal.SOCKET_LISTENS, label)
    return connection


# Sending


def send(m: Module, label: int, length: int | None, data: str | None, release: int = 0) -> Answer:
    """With the data, or with a prompt for so many bytes, or for text up to Ctrl-Z; length 0 asks what was sent."""
    return _send(m, label, length, data, release, option(m, FORMAT, "0,0").startswith("1"))


def send_hex(m: Module, label: int, length: int | None, data: str | None, release: int = 0) -> Answer:
    return _send(m, label, length, data, release, True)


def _send(m: Module, label: int, length: int | None, data: str | None, release: int, digits: bool) -> Answer:
    connection, q = _speaking(m, label, 572), dialect_of(m)
    if length == 0:
        return _counts(m, connection)
    if connection.state != CONNECTED:
        raise failed(m, 567, CommandRefusal.SOCKET_UNKNOWN, label)
    limits = m.profile.internet
    assert limits is not None
    most = q.longest_hex if digits else limits.longest_data
    if length is not None and length > most:
        raise wrong(m, "send_length", length, most)

    def complete(payload: bytes) -> Answer:
        return _deliver(m, connection, payload, length, most, release, digits)

    def cancelled() -> Answer:
        connections_of(m).last_error = 571
        return SEND_FAIL

    if length is None:
        return Prompt(most * (2 if digits else 1), complete, ends=True, cancelled=cancelled)
    if data is None:
        return Prompt(length * (2 if digits else 1), complete, cancelled=cancelled)
    inner = data if q.releases_early else unquote(data)
    text = data if inner is None else inner
    return complete(text.encode("utf-8", "surrogateescape"))


SEND_FAIL = WithoutResult(("SEND FAIL",))


def _deliver(
    m: Module, connection: Connection, payload: bytes, length: int | None, most: int, release: int, digits: bool
) -> Answer:
    """The bytes are here; they are sent whole, or nothing is."""
    if not payload and length is None:  # Ctrl-Z alone
        return SEND_FAIL
    if digits:
        if not _HEX.fullmatch(payload):
            raise wrong(m, "hex_string", len(payload), 2 * (length or most))
        payload = bytes.fromhex(payload.decode())
    if (length is not None and len(payload) != length) or not 0 < len(payload) <= most:
        raise wrong(m, "send_length", len(payload), most if length is None else length)
    sockets, socket = m.internet.sockets, _socket(m, connection)
    if socket is None or connection.gone:
        raise failed(m, 567, CommandRefusal.SOCKET_UNKNOWN, connection.label)
    try:
        if socket.transport is Transport.TCP:
            sockets.send(socket, payload)
        else:
            assert socket.peer is not None
            sockets.send_to(m.now, socket, socket.peer, payload, 1)
    except SocketError:
        connections_of(m).last_error = 558
        return SEND_FAIL
    connection.sent += len(payload)
    if release == RELEASED_NOW:
        sockets.release_behind(socket)
    socket.releases = release == RELEASED_AFTER_REPLY
    m.urc("SEND OK")
    return OK


def _counts(m: Module, connection: Connection) -> Lines:
    if not connection.sent and dialect_of(m).nothing_sent_is_error:
        raise failed(m, 572, CommandRefusal.NOTHING_SENT, connection.label)
    waiting = connection.sent - connection.acknowledged
    return (line(m, "+QISEND", connection.sent, connection.acknowledged, waiting),)


# Reading and showing


def read_data(m: Module, label: int, most: int) -> Lines:
    connection = _speaking(m, label, 567)
    socket = _socket(m, connection)
    received = None if socket is None else m.internet.sockets.read(socket, most)
    if socket is None or received is None:
        connection.announced = False
        return ("+QIRD: 0",)
    left = socket.unread
    connection.announced = left > 0
    if connection.gone and not left and not dialect_of(m).stays_until_closed:
        forget(m, connection)
    head = line(m, "+QIRD", len(received.data), *((left,) if option(m, LENGTH) == "1" else ()))
    return with_data(m, head, received.data)


def with_data(m: Module, head: str, data: bytes) -> Lines:
    """On a line of its own, or behind a comma."""
    text = data.hex().upper() if option(m, FORMAT, "0,0").endswith("1") else data.decode("utf-8", "surrogateescape")
    return (f"{head},{text}",) if option(m, VIEW) == "1" else (head, text)


def switch_mode(m: Module, label: int, mode: int) -> Lines:
    connection = _there(m, label, 567)
    connection.access_mode = mode
    if mode == PUSH:
        connection.announced = False
    return OK


def show_all(m: Module) -> Lines:
    by_label = connections_of(m).by_label
    return tuple(_state(m, by_label[label]) for label in sorted(by_label))


def show_some(m: Module, kind: int, number: int) -> Lines:
    """Of a <contextID> (0), or one <connectID> (1)."""
    by_label = connections_of(m).by_label
    found = [by_label[label] for label in sorted(by_label)]
    return tuple(_state(m, one) for one in found if (one.context if kind == 0 else one.label) == number)


def _state(m: Module, c: Connection) -> str:
    socket = _socket(m, c)
    local = c.local_port if socket is None else socket.port
    kind, host = f'"{c.transport}"', f'"{c.host}"'
    return line(m, "+QISTATE", c.label, kind, host, c.port, local, c.state, c.context, c.access_mode)


def show_error(m: Module) -> Lines:
    code = connections_of(m).last_error
    return (dialect_of(m).tells_error.format(code=code, text=QI_ERRORS[code]),)
