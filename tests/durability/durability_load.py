"""Registrations under load, over real sockets, until the platform is killed: what was answered, and what is kept."""

from __future__ import annotations

import socket
from collections.abc import Callable

from benchmarks.traffic import cmdmp_registration, imei_of
from nbtwin.coap.message import Message, decode, encode, options
from nbtwin.coap.numbers import Code, ContentFormat, Type
from nbtwin.selfreg.payloads import telecom_request

WINDOW = 48


def telecom(number: int) -> bytes:
    request = telecom_request(imei_of(number), "BC28", "BC28JAR01A01", f"8986{number:016d}", f"46003{number:010d}")
    asked = options(path=("nb",), content_format=ContentFormat.JSON)
    return encode(Message(Type.CON, Code.POST, number & 0xFFFF, number.to_bytes(4, "big"), asked, request.payload))


def cmdmp(number: int) -> bytes:
    registration = cmdmp_registration(number)
    return registration[:2] + (number & 0xFFFF).to_bytes(2, "big") + number.to_bytes(4, "big") + registration[8:]


MESSAGES: dict[str, Callable[[int], bytes]] = {"cmdmp": cmdmp, "telecom": telecom}


def load(
    operator: str, port: int, first: int, after: int, kill: Callable[[], object], until: int | None = None
) -> dict[str, str]:
    """Keep registrations outstanding; call ``kill`` after so many answers. IMEI to location of all that were answered.

    Ends when nothing more comes, or with ``until`` answers.
    """
    answered: dict[str, str] = {}
    outstanding: set[int] = set()
    following, killed = first, False
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.connect(("127.0.0.1", port))
        udp.settimeout(0.5 if until is None else 10.0)
        while until is None or len(answered) < until:
            while len(outstanding) < WINDOW and (not killed or until is not None):
                udp.send(MESSAGES[operator](following))
                outstanding.add(following)
                following += 1
            try:
                message = decode(udp.recv(2048))
            except (TimeoutError, ConnectionRefusedError):
                break
            if message.code in (Code.CREATED, Code.CHANGED):
                number = int.from_bytes(message.token, "big")
                outstanding.discard(number)
                answered[imei_of(number)] = "/".join(message.location)
                if len(answered) >= after and not killed:
                    kill()
                    killed = True  # what is on its way still counts
    return answered
