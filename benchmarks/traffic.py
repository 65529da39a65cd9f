"""What devices send, and what they answer when they are asked: whole datagrams for benchmarks and load tests.

Requests leave message ID and token to who sends them. Everything is made by the engines' own codecs; knows no socket.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from nbtwin.coap.events import Request
from nbtwin.coap.message import Message, encode, options
from nbtwin.coap.numbers import Code, ContentFormat, Type
from nbtwin.lwm2m.content import codec
from nbtwin.lwm2m.model import InstanceNode
from nbtwin.lwm2m.path import Path
from nbtwin.module.identity import Usim
from nbtwin.operators.key_store.appkeys import LAB_APPKEY, LAB_PASSWORD
from nbtwin.selfreg.cmdmp import OBJECT_666, TerminalIdentity, endpoint_name, key_of, object_666
from nbtwin.selfreg.numbering import luhn_digit
from nbtwin.selfreg.payloads import telecom_request, unicom_request
from nbtwin.selfreg.schedule import Operator

_TOKEN = bytes(4)


def imei_of(number: int) -> str:
    """With its check digit: a platform has a remark about a wrong one (D138)."""
    body = f"863703{number:08d}"
    return body + luhn_digit(body)


@dataclass(frozen=True)
class Traffic:
    """In the files' forms that generator.c says. ``others``: what a registered device sends; ``replies``: to what the
    server asks; ``follows``: how many things it asks after a registration."""

    requests: bytes
    others: bytes = b""
    replies: bytes = b""
    follows: int = 0


def _many(datagrams: Iterable[bytes]) -> bytes:
    out = bytearray()
    for datagram in datagrams:
        out += len(datagram).to_bytes(2, "big")
        out += datagram
    return bytes(out)


def _for_each(template: Callable[[str], bytes], devices: int) -> bytes:
    """A template is encoded once: all IMEIs are of one length."""
    sample = imei_of(0)
    before, found, after = template(sample).partition(sample.encode())
    assert found
    return _many(before + imei_of(number).encode() + after for number in range(devices))


def datagrams(prepared: bytes) -> list[bytes]:
    """The requests of a traffic, one by one."""
    found, at = [], 0
    while at < len(prepared):
        end = at + 2 + int.from_bytes(prepared[at : at + 2], "big")
        found.append(prepared[at + 2 : end])
        at = end
    return found


def content(payload: bytes, content_format: int = ContentFormat.LWM2M_TLV, *, observes: bool = False) -> bytes:
    """The options and the payload of an answer."""
    found = options(content_format=content_format, observe=1 if observes else None)
    return encode(Message(Type.ACK, Code.CONTENT, 0, b"", found, payload))[4:]


def reply(path: str, payload: bytes, content_format: int = ContentFormat.LWM2M_TLV, *, observes: bool = False) -> bytes:
    """2.05 to a read, or to an observation."""
    tail, name = content(payload, content_format, observes=observes), path.encode()
    return bytes((len(name), *name, observes, Code.CONTENT)) + len(tail).to_bytes(2, "big") + tail


def _post(request: Request) -> bytes:
    return encode(Message(Type.CON, request.code, 0, _TOKEN, request.options, request.payload))


def register(name: str, links: bytes) -> bytes:
    """As a module without a key registers at the plain port (docs/spec/wire.md, Andlink registration)."""
    query = ("lwm2m=1.0", f"ep={name}", "b=U", "lt=86400")
    asked = options(path=("rd",), query=query, content_format=ContentFormat.LINK_FORMAT)
    return _post(Request(Code.POST, asked, links))


def uplink(name: str) -> bytes:
    """What AT+QLASENDDATA sends where nobody observes (docs/spec/wire.md, Andlink uplink)."""
    asked = options(path=("dp",), query=(f"ep={name}",), content_format=ContentFormat.LWM2M_JSON)
    return _post(Request(Code.POST, asked, b'{"temperature":23.5,"battery":3612}'))


def cmdmp_registration(number: int) -> bytes:
    """What module `number` sends first (docs/spec/wire.md, Overview)."""
    imei = imei_of(number)
    name = endpoint_name(1, TerminalIdentity(imei, "", f"46004{number:010d}"), LAB_APPKEY, LAB_PASSWORD, imei)
    return register(name, b'</>;rt="oma.lwm2m",</1/0>,</3/0>,</666/0>')


@lru_cache(maxsize=1)
def cmdmp_inventory() -> bytes:
    """Of a module that nothing was set in: the TLV of /666/0."""
    node: InstanceNode = dict(object_666({}, key_of(LAB_PASSWORD)))
    return codec.encode(ContentFormat.LWM2M_TLV, Path("/666/0"), node, {666: OBJECT_666})


def device() -> bytes:
    """The TLV of /3/0."""
    node: InstanceNode = {0: "Quectel", 1: "BC260Y-CN", 2: "863703030000001", 3: "BC260YCNAAR01A01"}
    return codec.encode(ContentFormat.LWM2M_TLV, Path("/3/0"), node)


def lwm2m(devices: int) -> Traffic:
    """Registrations after which Andlink's platform has nothing to ask, so that registering is all that it does."""
    links = b'</>;rt="oma.lwm2m",</1/0>,</4/0>,</6/0>'
    return Traffic(_for_each(lambda imei: register(imei, links), devices), _for_each(uplink, devices))


def described(devices: int) -> Traffic:
    """Registrations after which Andlink's platform reads /3/0 alone."""
    links = b"</>;rt=oma.lwm2m,</3/0>"
    return Traffic(_for_each(lambda imei: register(imei, links), devices), replies=reply("/3/0", device()), follows=1)


def andlink(devices: int) -> Traffic:
    """With what the policy observes and reads: /19/1/0, /5/0/3 and /3/0."""
    links = b'</>;rt="oma.lwm2m",</1/0>,</3/0>,</5/0>,</19/0>,</19/1>'
    replies = (
        reply("/19/1/0", b"", ContentFormat.OCTET_STREAM, observes=True)
        + reply("/5/0/3", b"0", ContentFormat.TEXT, observes=True)
        + reply("/3/0", device())
    )
    return Traffic(_for_each(lambda imei: register(imei, links), devices), _for_each(uplink, devices), replies, 3)


def cmdmp(devices: int) -> Traffic:
    """A registration, and the read of /666/0."""
    replies = reply("/666/0", cmdmp_inventory())
    return Traffic(_many(map(cmdmp_registration, range(devices))), replies=replies, follows=1)


def time_of_day(devices: int) -> Traffic:
    """GET /time, as libcoap's example server answers it."""
    asked = encode(Message(Type.CON, Code.GET, 0, _TOKEN, options(path=("time",)), b""))
    return Traffic(_many([asked] * devices))


def _report(request: Callable[[str, str, str, str, str], Request], operator: Operator) -> Callable[[int], Traffic]:
    card = Usim.of(operator, "bench")

    def reports(devices: int) -> Traffic:
        return Traffic(
            _many(
                _post(request(imei_of(number), "QUE-BC260Y-CN", "BC260YCNAAR01A01", card.iccid, card.imsi))
                for number in range(devices)
            )
        )

    return reports


TRAFFIC: Mapping[str, Callable[[int], Traffic]] = {
    "lwm2m": lwm2m,
    "andlink": andlink,
    "described": described,
    "cmdmp": cmdmp,
    "time": time_of_day,
    "telecom": _report(telecom_request, Operator.TELECOM),
    "unicom": _report(unicom_request, Operator.UNICOM),
}
