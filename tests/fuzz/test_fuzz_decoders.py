"""Any bytes to everything that decodes: the documented errors come out, or a value, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from typing import Any

import cbor2
import pytest
from fuzz_bytes import ROUNDS, Bytes

from nbtwin.coap import link_format
from nbtwin.coap.blockwise import Block, block_of
from nbtwin.coap.message import Message, encode, options
from nbtwin.coap.message import decode as decode_message
from nbtwin.coap.numbers import Type
from nbtwin.dtls.messages import ClientHello, HelloVerifyRequest, ServerHello, decode_identity
from nbtwin.dtls.record import records
from nbtwin.engine import DecodeError
from nbtwin.lwm2m.content import composite, lwm2m_cbor, senml, tlv
from nbtwin.lwm2m.content.codec import FORMATS
from nbtwin.lwm2m.content.codec import decode as decode_node
from nbtwin.lwm2m.content.refusals import UnsupportedFormat
from nbtwin.lwm2m.firmware.delta import apply, factory_image, pack_delta
from nbtwin.lwm2m.firmware.package import UnsupportedPackage, pack, unpack
from nbtwin.lwm2m.model import OBJECTS
from nbtwin.lwm2m.path import Path
from nbtwin.selfreg.payloads import parse_payload
from nbtwin.timeline.datagrams import describe_datagram
from nbtwin.timeline.dtls_trace import DtlsTrace
from nbtwin.timeline.jsonl import parse_entry
from nbtwin.timeline.keylog import KeyLog
from nbtwin.timeline.payloads import describe_payload

OPTIONS = options(path=["rd", "5a"], query=["ep=863703030822519", "lt=86400"], host="lwm.home.komect.com", observe=1)
MESSAGES = [
    encode(Message(Type.CON, 2, 7, b"\xab\xcd", OPTIONS, b'<///>;rt="oma.lwm2m",</1/0>')),
    encode(Message(Type.ACK, 0x45, 7, b"t" * 8, options(content_format=11542, more=[(23, b"\x0e"), (28, b"\x10\0")]))),
    encode(Message(Type.NON, 0x45, 7, b"", options(max_age=60, etag=b"12345678"), b"\xc8\x00\x07Quectel")),
    encode(Message(Type.RST, 0, 7)),
]
LINKS = [b'</>;rt="oma.lwm2m";ct=11543,</1/0>,</3/0>;pmin=10;pmax=60,</19/0>;title="a\\"b"', b"<coap://[::1]/x>;anchor"]
TLVS = [
    bytes.fromhex("c800075175656374656cc4014243323887070241000ed84100010ed8c10902"),
    bytes.fromhex("080011c10001c4010001518083020041007f07"),
]
JSON = [b'{"bn":"/3/0/","e":[{"n":"0","sv":"Quectel"},{"n":"9","v":100},{"n":"11/0","v":0}],"bt":1.5}', b'{"e":[]}']
SENML_JSON = [b'[{"bn":"/3/0/","n":"0","vs":"Quectel"},{"n":"9","v":95},{"n":"22/0","vlo":"66:0"},{"n":"7","v":1}]']
SENML_CBOR = [
    cbor2.dumps([{-2: "/3/0/", 0: "0", 3: "Quectel"}, {0: "9", 2: 95}, {0: "11/0", 2: 0}, {0: "5", 8: b"\1\2"}]),
    bytes.fromhex("9fbf2164632f33006030fbff0300ff"),
    bytes.fromhex("8482f97e00fb7ff0000000000000c101d9fffff6"),
]
LWM2M_CBOR = [
    cbor2.dumps({(3, 0): {0: "Quectel", 9: 95, 7: {0: 3800, 1: 5000}}}),
    bytes.fromhex("bf9f03ffbf9f00ffbf9f09ff185fffffff"),
    bytes.fromhex("a103a100a213c482200 8".replace(" ", "") + "0d1a5f5e1000"),
]
HELLO = ClientHello(bytes(32), b"s" * 32, b"c" * 16, (0xC0A8, 0xAE, 0xFF), extensions={23: b"", 54: b"\x02ab"}).encode()
ANSWER = ServerHello(bytes(32), b"s" * 32, 0xC0A8, {23: b"", 22: b""}).encode()
RECORDS = [
    b"\x16\xfe\xff" + bytes(8) + (12 + len(HELLO)).to_bytes(2, "big") + b"\x01\0" + len(HELLO).to_bytes(2, "big")
    + bytes(6) + len(HELLO).to_bytes(2, "big") + HELLO,
    b"\x17\xfe\xfd\0\1" + bytes(6) + b"\0\x20" + bytes(32) + b"\x15\xfe\xfd\0\1" + bytes(6) + b"\0\x02\x01\x00",
    b"\x19\xfe\xfd\0\1" + bytes(6) + b"abcdef" + b"\0\x10" + bytes(16),
]  # fmt: skip
OLD = factory_image("BC28", "A01")
DELTA = pack_delta("BC28", "A01", OLD, "A02", OLD[:3000] + b"new" + OLD[3000:])
PACKAGES = [pack("BC28", "A02", b"image" * 20), DELTA[:4096]]
LINE = [b'{"at":1.5,"time":"x","source":"bc28","kind":"at.in","text":"AT","detail":{"a":[1,{}]}}']


def in_every_format(decode: Callable[[int, Path, bytes], Any]) -> Callable[[bytes], Any]:
    """The same bytes as each content format, at paths of every depth."""

    def each(data: bytes) -> None:
        for content_format in sorted(FORMATS):
            for path in (Path("/3"), Path("/3/0"), Path("/3/0/9"), Path("/3/0/7/1"), Path("/19/0/0"), Path("/")):
                try:
                    decode(content_format, path, data)
                except (DecodeError, UnsupportedFormat):
                    continue

    return each


def in_every_composite_format(data: bytes) -> None:
    for content_format in composite.FORMATS:
        for decode in (composite.readings_of, lambda form, payload: composite.paths_of(form, payload)):
            with suppress(DecodeError):
                decode(content_format, data)


def blocks(data: bytes) -> None:
    message = Message(Type.CON, 1, 1, options=((23, data), (27, data)))
    for option in (23, 27):
        block = block_of(message, option)
        assert block is None or Block.decode(block.encode()) == block


def trace(data: bytes) -> None:
    listener = DtlsTrace(KeyLog())
    for _ in range(2):
        listener.read(("10.0.0.1", 1), ("10.0.0.2", 2), data)


TARGETS: dict[str, tuple[Callable[[bytes], Any], list[bytes]]] = {
    "CoAP message": (decode_message, MESSAGES),
    "block option": (blocks, [b"", b"\x0e", b"\x12\x36", b"\x01\x02\x03"]),
    "link format": (link_format.decode, LINKS),
    "TLV": (tlv.decode, TLVS),
    "SenML JSON": (lambda data: senml.decode_json(Path("/3/0"), data, OBJECTS), SENML_JSON),
    "SenML CBOR": (lambda data: senml.decode_cbor(Path("/3/0"), data, OBJECTS), SENML_CBOR),
    "LwM2M CBOR": (lambda data: lwm2m_cbor.decode(Path("/3/0"), data, OBJECTS), LWM2M_CBOR),
    "composite": (in_every_composite_format, [*SENML_JSON, *SENML_CBOR, *LWM2M_CBOR]),
    "object data": (in_every_format(decode_node), [*TLVS, *JSON, *SENML_JSON, *SENML_CBOR, b"21", b"true"]),
    "path": (lambda data: Path(data.decode("latin-1")), [b"/3/0/1", b"65535/65536", b"/19/0/0/1/2"]),
    "DTLS records": (lambda data: list(records(data, 6)), RECORDS),
    "ClientHello": (ClientHello.decode, [HELLO]),
    "ServerHello": (ServerHello.decode, [ANSWER]),
    "HelloVerifyRequest": (HelloVerifyRequest.decode, [HelloVerifyRequest(b"c" * 16, 0xFEFF).encode()]),
    "PSK identity": (decode_identity, [b"\0\x0f863703030822519"]),
    "firmware package": (unpack, PACKAGES),
    "report": (parse_payload, [b'{"REGVER":"2","MEID":"863703030822519"}', b"eyJSRUdWRVIiOiIyIn0="]),
    "line of a timeline": (parse_entry, LINE),
    "datagram in words": (describe_datagram, [*MESSAGES, *RECORDS]),
    "payload in words": (lambda data: describe_payload(data, 11542, Path("/3/0")), TLVS),
    "trace of DTLS": (trace, RECORDS),
}


@pytest.mark.parametrize("name", TARGETS)
def test_only_the_documented_error_comes_out_of(name: str) -> None:
    decode, samples = TARGETS[name]
    supply = Bytes(name, samples)
    refused = 0
    for sample in samples:
        decode_or_refuse(decode, sample)
    for _ in range(ROUNDS * 20):
        refused += decode_or_refuse(decode, supply.next())
    assert refused < ROUNDS * 20, "what is changed a little is taken now and then, or the samples are wrong"


def decode_or_refuse(decode: Callable[[bytes], Any], data: bytes) -> bool:
    try:
        decode(data)
    except DecodeError:
        return True
    except Exception as error:
        raise AssertionError(f"{type(error).__name__} out of {data.hex()}") from error
    return False


def test_only_the_documented_errors_come_out_of_a_package_whose_checksum_was_put_right() -> None:
    """What a hostile server, not a broken network, would send."""
    supply, refused, taken = Bytes("packages", [PACKAGES[0], DELTA]), 0, 0
    for _ in range(ROUNDS * 5):
        changed = supply.next()[:-32]
        try:
            package = unpack(changed + sha256(changed).digest())
            package.check_for("BC28", "A01")
            apply(package, OLD)
            taken += 1
        except DecodeError:
            refused += 1
    assert refused
    with pytest.raises(UnsupportedPackage):
        unpack(DELTA).check_for("BC28", "A09")
