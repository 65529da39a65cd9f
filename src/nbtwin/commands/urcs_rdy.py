"""What modules say by themselves of the sockets, look-ups, pings and times that their host has asked for: +QIURC.

Knows events of `module/internet`, and how the families word them (`QiDialect`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbtwin.commands.internet import handle_name, handle_ping, handle_time
from nbtwin.commands.sockets_rdy import (
    FORMAT,
    LENGTH,
    connect,
    connections_of,
    dialect_of,
    end,
    forget,
    opened,
    option,
    with_data,
)
from nbtwin.module.internet import events as happened
from nbtwin.module.internet.connections import CONNECTED, INCOMING, LISTENER, OPENING, PUSH, Connection
from nbtwin.module.internet.events import HOST, InternetEvent, SocketError

if TYPE_CHECKING:
    from nbtwin.module.module import Module


_ALL = 65535
"""Bytes; more than any socket keeps."""


def tell_rdy_host(m: Any, event: InternetEvent) -> None:
    """``m``: the module."""
    of = connections_of(m)
    if isinstance(event, happened.NameAnswered):
        for connection in list(of.by_label.values()):
            asks = connection.state == OPENING and connection.host == event.name
            if asks and m.internet.sockets.find(HOST, connection.label) is None:  # else it is connecting already
                _named(m, connection, event.host)
        handle_name(m, event)
    elif isinstance(event, happened.PingEnded):
        handle_ping(m, event)
    elif isinstance(event, happened.TimeAnswered):
        handle_time(m, event)
    elif isinstance(event, happened.SocketEvent):
        known = of.by_label.get(event.socket)
        if known is not None:
            _tell_of(m, known, event)


def _named(m: Module, connection: Connection, host: str | None) -> None:
    if host is None:
        opened(m, connection, 565)
    else:
        connect(m, connection, host)


def _tell_of(m: Module, connection: Connection, event: InternetEvent) -> None:
    if isinstance(event, happened.SocketConnected | happened.SocketListening):
        opened(m, connection, 0)
    elif isinstance(event, happened.SocketIncoming):
        _arrived(m, connection, event)
    elif isinstance(event, happened.SocketFailed) and not event.was_connected:
        opened(m, connection, 557 if connection.transport == LISTENER else 566)
    elif isinstance(event, happened.SocketFailed | happened.SocketFinished):
        if not connection.gone:
            m.urc(f'+QIURC: "closed",{connection.label}')
            end(m, connection)
    elif isinstance(event, happened.SocketReceived):
        _received(m, connection)
    elif isinstance(event, happened.SocketOverflowed):
        m.urc(f'+QIURC: "recv",{connection.label},"buff full"')
    elif isinstance(event, happened.SocketSent):
        connection.acknowledged += event.length if event.sent else 0
    elif isinstance(event, happened.SocketClosed) and event.forced:
        _lost(m, connection)


def _arrived(m: Module, listener: Connection, event: happened.SocketIncoming) -> None:
    """It gets the highest number that is free, as these modules do (D209)."""
    sockets, of, limits = m.internet.sockets, connections_of(m), m.profile.internet
    assert limits is not None
    free = [label for label in range(limits.first_socket, limits.first_socket + limits.sockets)
            if label not in of.by_label]  # fmt: skip
    try:
        socket = sockets.accept(event.stream, free[-1]) if free else None
    except SocketError:
        socket = None
    if socket is None:
        sockets.turn_away(event.stream)
        m.urc('+QIURC: "incoming full"')
        return
    host, port = event.peer
    one = Connection(socket.label, listener.context, INCOMING, host, port, socket.port, listener.access_mode)
    one.state = CONNECTED
    of.by_label[one.label] = one
    m.urc(f'+QIURC: "incoming",{one.label},{listener.label},"{host}",{port}')


def _received(m: Module, connection: Connection) -> None:
    socket = m.internet.sockets.find(HOST, connection.label)
    if socket is None:
        return
    if connection.access_mode == PUSH:
        while (received := m.internet.sockets.read(socket, _ALL)) is not None:
            m.urc(pushed(m, connection.label, received.data))
    elif not connection.announced:
        connection.announced = True
        length = f",{socket.unread}" if option(m, LENGTH) == "1" else ""
        m.urc(f'+QIURC: "recv",{connection.label}{length}')


def pushed(m: Module, label: int, data: bytes) -> str:
    """Direct push mode: the data is in the URC."""
    q = dialect_of(m)
    shown = q.push_shows_length or option(m, LENGTH) == "1"
    head = f'+QIURC: "recv",{label}' + (f",{len(data)}" if shown else "")
    if not q.quotes_data:
        return "\r\n".join(with_data(m, head, data))
    text = data.hex().upper() if option(m, FORMAT, "0,0").endswith("1") else data.decode("utf-8", "surrogateescape")
    return f'{head},"{text}"'


def _lost(m: Module, connection: Connection) -> None:
    """The context is gone, and every socket on it; told once."""
    of, context = connections_of(m), connection.context
    forget(m, connection)
    if not any(other.context == context and not other.gone for other in of.by_label.values()):
        m.urc(f'+QIURC: "pdpdeact",{context}')
