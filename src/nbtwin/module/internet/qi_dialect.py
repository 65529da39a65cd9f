"""The type of what the RDY families differ in with AT+QI…, +QNTP and +QPING: a field for each difference. Data only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class QiDialect:
    """Of one family; nothing of it stands in the five documents (profiles/internet_rdy.py)."""

    source: str  # the vendor's AT manual of the family
    contexts: tuple[int, int]  # <contextID>, the first and the last
    access_modes: tuple[int, ...]  # 0 buffer, 1 direct push
    default_access_mode: int
    longest_hex: int  # bytes, where they are written as hex digits
    longest_read: int  # AT+QIRD; 0: there is none, nor AT+QISWTMD
    first_remote_port: int
    services: tuple[str, ...]  # <service_type>
    test_open: str  # letter for letter, as are the others
    test_send: str
    test_state: tuple[str, ...]
    test_dns: str
    test_time: str
    options: tuple[str, ...]  # of AT+QICFG beside dataformat
    keeps_options: bool  # in NVRAM; else until the next start
    asks_protocol: bool = False  # <protocol_type> behind <access_mode>
    sends_hex: bool = False  # AT+QISENDEX
    releases_early: bool = (
        False  # <rai_mode> behind the data, in quotes or without a comma; else data to the line's end
    )
    quotes_data: bool = False  # of the URC in direct push mode; else as viewmode says
    push_shows_length: bool = True  # in direct push mode whatever showlength says
    taken_told_later: bool = False  # a <connectID> that is open is OK and +QIOPEN: <connectID>,563; else ERROR
    stays_until_closed: bool = False  # what failed or was closed by its peer has to be closed by the host
    nothing_sent_is_error: bool = False  # AT+QISEND=<connectID>,0 before the first data
    tells_error: str = ""  # AT+QIGETERROR: {code}, {text}
    name_found: tuple[str, str] = ('+QIURC: "dnsgip",0,{count},{ttl}', '+QIURC: "dnsgip","{host}"')  # one a host
    name_unknown: str = '+QIURC: "dnsgip",565'
    time_zone: str = "+32"  # behind the time of +QNTP; the time itself is UTC
    time_missing: str = ""  # the <err> of every failure of +QNTP; empty: 565 or 569
    sets_time: bool = True  # <autosettime> when it is left out
    all_lost: str = "+QPING: 0,{sent},0,{sent}"  # the last line when no ping came back


OPEN_TIME = 36
"""Seconds that AT+QICFG="open_time" allows at the most, and by itself."""

QI_ERRORS = {
    0: "operation success",
    550: "unknown error",
    551: "operation blocked",
    552: "invalid parameters",
    553: "memory not enough",
    554: "socket creation failed",
    555: "operation not supported",
    556: "socket bind failed",
    557: "socket listen failed",
    558: "socket write failed",
    559: "socket read failed",
    560: "socket accept failed",
    561: "PDP context opening failed",
    562: "PDP context closure failed",
    563: "socket identity has been used",
    564: "DNS busy",
    565: "DNS parse failed",
    566: "socket connect failed",
    567: "socket has been closed",
    568: "operation busy",
    569: "operation timeout",
    570: "PDP context broken down",
    571: "cancel send",
    572: "operation not allowed",
    573: "APN not configured",
    574: "port busy",
}
"""The codes of +QIOPEN, +QPING, +QNTP and AT+QIGETERROR, which all RDY families share (observed)."""
