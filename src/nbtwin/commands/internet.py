"""Names, pings and the time: AT+QDNS, +QIDNSGIP, +QPING, +QNTP. Each is answered OK, and its outcome is a URC later.

Knows lines; who is asked and how long that takes is the network's. Observed (profiles/internet_rdy.py).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nbtwin.at.command import OK, ByType, Command, Lines, row
from nbtwin.at.refusals import CommandRefused
from nbtwin.at.values import Choice, Host, Int
from nbtwin.commands.meanings import CommandMeaning
from nbtwin.commands.refusals import OPERATION_NOT_ALLOWED, CommandRefusal, refusal
from nbtwin.commands.sockets_rdy import attached, connections_of, failed
from nbtwin.lwm2m.addresses import is_address
from nbtwin.module.clock import UNIX_EPOCH, universal
from nbtwin.module.internet.connections import PingSeries
from nbtwin.module.internet.events import HOST, NameAnswered, PingEnded, SocketError, TimeAnswered
from nbtwin.module.internet.ntp import PORT
from nbtwin.module.internet.orders import NAME_HOLDS
from nbtwin.module.internet.qi_dialect import QiDialect
from nbtwin.module.internet.time_client import OWNER, TimeClient
from nbtwin.module.profile import Profile

if TYPE_CHECKING:
    from nbtwin.module.module import Module

CLOCK_FORM = "%y/%m/%d,%H:%M:%S"
TIME_SETTINGS = {0: CommandMeaning.TIME_SHOWN, 1: CommandMeaning.TIME_SET}


def internet_commands(p: Profile) -> tuple[Command, ...]:
    q = p.qi
    if q is None:
        named = Host("hostname", domain=True)
        asked = {
            0: row(ask_name, named, meaning=CommandMeaning.NAME_ASKED),
            1: row(forget_name, replace(named, optional=True, blank=True), meaning=CommandMeaning.NAME_FORGOTTEN),
            2: row(ask_name, named, meaning=CommandMeaning.NAME_ASKED_ANEW),
        }
        return (Command("+QDNS", p.everyday.source, write=ByType("mode", asked)),)
    context = Int("contextID", q.contexts[0], q.contexts[-1])
    pings = (
        Int("timeout", 1, 255, optional=True, default=4),
        Int("pingnum", 1, 10, optional=True, default=4),
        Int("pingsize", 32, 200, optional=True, default=32),
    )
    return (
        Command("+QIDNSGIP", q.source, test=(q.test_dns,), write=row(resolve, context, Host("hostname", domain=True))),
        Command("+QPING", q.source, write=row(ping, context, Host("host", domain=True), *pings)),
        Command("+QNTP", q.source, test=(q.test_time,),
                write=row(ask_time, context, Host("server", domain=True),
                          Int("port", 1, 65535, optional=True, default=PORT),
                          Choice.of("autosettime", TIME_SETTINGS, optional=True, default=int(q.sets_time)))),
    )  # fmt: skip


def _dialect(m: Module) -> QiDialect:
    assert m.profile.qi is not None
    return m.profile.qi


# Names


def ask_name(m: Module, name: str) -> Lines:
    """The Neul families."""
    if not m.radio.attached:
        raise refusal(m, OPERATION_NOT_ALLOWED, CommandRefused(CommandRefusal.NOT_ATTACHED))
    if is_address(name):
        m.urc(f"+QDNS:{name}")
    else:
        m.internet.look_up(HOST, name)
    return OK


def forget_name(m: Module, name: str | None) -> Lines:
    """Nothing is kept of names."""
    return OK


def resolve(m: Module, context: int, name: str) -> Lines:
    attached(m, context, 570)
    of = connections_of(m)
    if of.asked:
        raise failed(m, 564, CommandRefusal.NAME_UNDER_WAY)
    of.last_error = 0
    if is_address(name):
        _tell_name(m, (name,), NAME_HOLDS)
    else:
        of.asked = name
        m.internet.look_up(HOST, name)
    return OK


def _tell_name(m: Module, hosts: tuple[str, ...], ttl: int) -> None:
    q = _dialect(m)
    if not hosts:
        connections_of(m).last_error = 565
        m.urc(q.name_unknown)
    else:
        head, each = q.name_found
        m.urc(head.format(count=len(hosts), ttl=ttl))
        for host in hosts:
            m.urc(each.format(host=host))


def handle_name(m: Module, event: NameAnswered) -> None:
    """Whoever of the host's errands has asked for it; sockets are asked in `urcs_rdy`."""
    of = connections_of(m)
    if of.asked == event.name:
        of.asked = ""
        _tell_name(m, () if event.host is None else (event.host, *event.others), event.ttl)
    if of.pings is not None and not of.pings.address and of.pings.name == event.name:
        if event.host is None:
            of.pings = None
            m.urc("+QPING: 565")
        else:
            of.pings.address = event.host
            _next_ping(m, of.pings)
    if of.server is not None and of.server[0] == event.name:
        _ask_server(m, event.host)


# Pings


def ping(m: Module, context: int, host: str, timeout: int, count: int, size: int) -> Lines:
    of = connections_of(m)
    if of.pings is not None:
        raise failed(m, 568, CommandRefusal.PING_UNDER_WAY)
    if not m.radio.attached:
        m.urc("+QPING: 569")
        return OK
    of.last_error = 0
    of.pings = series = PingSeries(host, size, timeout, count)
    if is_address(host):
        series.address = host
        _next_ping(m, series)
    else:
        m.internet.look_up(HOST, host)
    return OK


def _next_ping(m: Module, series: PingSeries) -> None:
    series.left -= 1
    series.sent += 1
    m.internet.ping(HOST, series.address, series.size, float(series.timeout))


def handle_ping(m: Module, event: PingEnded) -> None:
    """A line each; behind the last one the sum of them."""
    of = connections_of(m)
    series = of.pings
    if series is None:
        return
    if event.round_trip is None:
        m.urc("+QPING: 569")
    else:
        took = round(1000 * event.round_trip)
        series.times.append(took)
        m.urc(f'+QPING: 0,"{series.address}",{series.size},{took},{event.hops}')
    if series.left:
        return _next_ping(m, series)
    of.pings, times = None, series.times
    if not times:
        of.last_error = 569
        m.urc(_dialect(m).all_lost.format(sent=series.sent))
        return
    lost = series.sent - len(times)
    mean = round(sum(times) / len(times))
    m.urc(f"+QPING: 0,{series.sent},{len(times)},{lost},{min(times)},{max(times)},{mean}")


# The time


def ask_time(m: Module, context: int, server: str, port: int, sets: int) -> Lines:
    attached(m, context, 570)
    of = connections_of(m)
    if of.server is not None:
        raise failed(m, 568, CommandRefusal.TIME_UNDER_WAY)
    of.last_error, of.server, of.sets_time = 0, (server, port), bool(sets)
    if is_address(server):
        _ask_server(m, server)
    else:
        m.internet.look_up(HOST, server)
    return OK


def _ask_server(m: Module, host: str | None) -> None:
    of, internet = connections_of(m), m.internet
    assert of.server is not None
    if host is None:
        return _tell_no_time(m, 565)
    if internet.time is None:
        internet.time = TimeClient(internet.sockets, m.services.random)
        internet.listeners[OWNER] = internet.time.hear
    try:
        internet.time.ask(m.now, (host, of.server[1]))
    except SocketError:
        _tell_no_time(m, 554)


def _tell_no_time(m: Module, code: int) -> None:
    of = connections_of(m)
    of.server, of.last_error = None, code
    m.urc(f"+QNTP: {_dialect(m).time_missing or code}")


def handle_time(m: Module, event: TimeAnswered) -> None:
    """Also sets the module's own clock, where the host wants that."""
    of = connections_of(m)
    if of.server is None:
        return
    if event.time is None:
        return _tell_no_time(m, 569)
    of.server = None
    if of.sets_time:
        m.internet.clock_ahead = event.time - (universal(m.now) - UNIX_EPOCH).total_seconds()
    told = universal(event.time).strftime(CLOCK_FORM)
    m.urc(f'+QNTP: 0,"{told}{_dialect(m).time_zone}"')
