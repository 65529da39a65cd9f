"""Every field of a datagram with its bytes, its value and who defines it."""

import base64
from typing import Any

import pytest
import timeline_entries
from hypothesis import given
from hypothesis import strategies as st
from timeline_entries import decoded

from nbtwin.coap.blockwise import Block
from nbtwin.coap.message import Message, encode, options
from nbtwin.coap.numbers import Code, ContentFormat, OptionNumber, Type
from nbtwin.dtls.messages import ClientHello
from nbtwin.dtls.messages import HandshakeMessage as Handshake
from nbtwin.dtls.numbers import ExtensionType, HandshakeType
from nbtwin.dtls.record import encode as record
from nbtwin.lwm2m.content import composite, tlv
from nbtwin.lwm2m.content.tlv import TlvKind
from nbtwin.lwm2m.path import Path
from nbtwin.selfreg.cmdmp import OBJECT_666
from nbtwin.timeline.decoder import Decoded, DecodedDatagram
from nbtwin.timeline.field import DecodedField
from nbtwin.timeline.fields import fields, insides, masked_data

TELECOM = bytes.fromhex("44021234a1b2c3d43c7a7a68632e766e65742e636e826e621132ff") + (
    b"eyJSRUdWRVIiOiIyIiwiTUVJRCI6Ijg2MzcwMzAzMDgyMjUxOSIsIk1PREVMIjoiUVVFLUJDMjYwWS1DTiIsIlNXVkVSIjoiQkMyNjBZQ05BQV"
    b"IwMUEwNCIsIlNJTTFJQ0NJRCI6Ijg5ODYxMTE4MjQ1MDAxMjM0NTY3IiwiU0lNMUxURUlNU0kiOiI0NjAxMTAxMjM0NTY3ODkifQ=="
)  # docs/spec/wire.md, Telecom and Unicom


def datagram(data: bytes, plaintexts: tuple[bytes, ...] = (), **fields: Any) -> Decoded:
    """With these among what was decoded; `plaintexts` as if its DTLS records could be read."""
    (found,) = decoded(timeline_entries.datagram(data))
    assert isinstance(found, DecodedDatagram)
    found.fields.update(fields)
    if found.dtls is not None:
        found.dtls.plaintexts[:] = plaintexts
    return found


def named(found: list[DecodedField]) -> dict[str, DecodedField]:
    return {field.said()[0].strip(): field for field in found}


def message(payload: bytes = b"", content_format: int | None = None, code: int = Code.CONTENT) -> bytes:
    return encode(Message(Type.CON, code, 7, b"\1\2", options(content_format=content_format), payload))


def test_telecoms_report_is_taken_apart_down_to_the_members_in_the_base64() -> None:
    found = named(fields(datagram(TELECOM)))
    assert found["Code"] == DecodedField(1, 2, "Code", "0.02 POST", "RFC 7252 12.1")
    assert found["Token"][:4] == (4, 8, "Token", "a1b2c3d4")
    assert found["Uri-Host"].value == "zzhc.vnet.cn"
    assert found["Content-Format"].value == "50 application/json"
    imei = found["MEID: IMEI"]
    assert (imei.value, imei.source) == ("863703030822519", "DOC-C 2.1 · DOC-D 2.2")
    assert b"863703030822519" in base64.b64decode(TELECOM[imei.start : imei.end])


def test_a_challenge_shows_its_echo_value() -> None:
    data = encode(Message(Type.ACK, Code.UNAUTHORIZED, 7, b"\1\2", ((int(OptionNumber.ECHO), b"\xab\xcd"),)))
    assert named(fields(datagram(data)))["Echo"] == DecodedField(6, 10, "Echo", "abcd", "RFC 9175 2.2.1 · +252")


def test_a_cmdmp_registration_shows_the_parts_of_its_endpoint_name() -> None:
    query = ("lwm2m=1.0", "ep=I@#@AbC=@#@M100000089@#@863703030822519@#@v2.0", "b=U", "lt=86400")
    head = options(path=("rd",), query=query, content_format=ContentFormat.LINK_FORMAT)
    links = b'</>;rt="oma.lwm2m",</1/0>,</3/0>,</666/0>'
    data = encode(Message(Type.CON, Code.POST, 1, b"", head, links))
    found = fields(datagram(data))
    by_name = named(found)
    for name, value in (
        ("appkey", b"M100000089"),
        ("IMEI of the terminal", b"863703030822519"),
        ("lifetime in seconds", b"86400"),
    ):
        field = by_name[name]
        assert data[field.start : field.end] == value
        assert field.value == value.decode()
    assert [f.value for f in found if f.name == "link"] == ['</>;rt="oma.lwm2m"', "</1/0>", "</3/0>", "</666/0>"]


def test_tlv_has_a_line_for_each_resource_with_its_name() -> None:
    cells = tuple(tlv.TlvEntry(TlvKind.RESOURCE_INSTANCE, n, bytes((n + 1,))) for n in range(2))
    entries = (
        tlv.TlvEntry(TlvKind.RESOURCE, 0, b"Quectel"),
        tlv.TlvEntry(TlvKind.MULTIPLE_RESOURCE, 6, entries=cells),
        tlv.TlvEntry(TlvKind.RESOURCE, 6603, b"x" * 300),
    )
    data = message(tlv.encode(entries), ContentFormat.LWM2M_TLV)
    found = fields(datagram(data, operation="to Read /3/0"))
    texts = [(f.name, f.value) for f in found if f.source.startswith("LwM2M")]
    assert texts[:2] == [("/3/0/0 Manufacturer", "Quectel"), ("/3/0/6 Available Power Sources", "6 bytes")]
    assert texts[2:4] == [("/3/0/6/0", "1"), ("/3/0/6/1", "2")]
    assert (found[-1].start, found[-1].end) == (len(data) - 305, len(data))


def test_values_of_object_666_have_their_names_and_say_that_they_are_encrypted() -> None:
    entries = (tlv.TlvEntry(TlvKind.RESOURCE, 6603, b"75EE3otMjwvBTI1AnorwMw=="),)
    entry = datagram(message(tlv.encode(entries), ContentFormat.LWM2M_TLV), operation="to Read /666/0")
    field = fields(entry, {666: OBJECT_666})[-1]
    assert (field.name, field.value) == ("/666/0/6603 MAC", "75EE3otMjwvBTI1AnorwMw==")
    assert "AES-256-CBC" in field.source


def test_a_secret_key_is_masked_in_tlv_and_in_text() -> None:
    entries = (tlv.TlvEntry(TlvKind.RESOURCE, 5, b"0123456789abcdef"),)
    for data, path in (
        (message(tlv.encode(entries), ContentFormat.LWM2M_TLV, Code.PUT), "/0/0"),
        (message(b"0123456789abcdef", ContentFormat.TEXT, Code.PUT), "/0/0/5"),
    ):
        found = fields(datagram(data, operation=f"Bootstrap-Write {path}"))
        assert "****" in [field.value for field in found]
        assert not [field for field in found if "0123" in field.value]


def test_the_option_of_oscore_has_its_name() -> None:
    data = encode(Message(Type.CON, Code.POST, 7, b"", ((9, b"\x09\x00\x01"),)))
    assert named(fields(datagram(data)))["OSCORE"].value == "090001"


def test_a_client_hello_is_taken_apart() -> None:
    extensions = {ExtensionType.EXTENDED_MASTER_SECRET: b"", ExtensionType.CONNECTION_ID: b"\4abcd"}
    hello = ClientHello(b"r" * 32, b"", b"cookie", (0xC0A8, 0x00AE), b"\0", extensions)
    data = record(22, bytes(8), b"", Handshake(HandshakeType.CLIENT_HELLO, 1, hello.encode()).encode())
    found = named(fields(datagram(data)))
    assert found["DTLS record"].value == "Handshake"
    assert found["handshake"].value == "ClientHello"
    assert found["cookie"].value == b"cookie".hex()
    assert found["cipher_suites"].value == "TLS_PSK_WITH_AES_128_CCM_8, TLS_PSK_WITH_AES_128_CBC_SHA256"
    connection_id = found["connection_id"]
    assert (connection_id.value, connection_id.source) == (b"\4abcd".hex(), "RFC 9146 3")
    assert connection_id.end == len(data)


@pytest.mark.parametrize("version", ["fe00", "fefc"])
def test_a_client_hello_is_taken_apart_whatever_version_its_record_has(version: str) -> None:
    """RFC 5246 E.1: a common C stack's default is fe00."""
    hello = Handshake(HandshakeType.CLIENT_HELLO, 0, ClientHello(b"r" * 32, cipher_suites=(0xC0AE,)).encode())
    data = record(22, bytes(8), b"", hello.encode(), bytes.fromhex(version))
    found = named(fields(datagram(data)))
    assert (found["version"].value, found["handshake"].value) == (version, "ClientHello")
    assert found["cipher_suites"].value == "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8"


@pytest.mark.parametrize(
    ("data", "english", "chinese"),
    [
        ("4a030001", ("not CoAP", "token length 10"), ("不是 CoAP", "")),
        ("15fe0000000000000000000002 0246", ("not readable", "15fe00"), ("无法解读", "15fe00")),
        ("16fefd00000000000000000004 01000000", ("handshake, cut short", "2 bytes wanted"), ("握手消息不完整", "")),
    ],
)
def test_bytes_that_cannot_be_decoded_are_named_in_the_reader_s_language(
    data: str, english: tuple[str, str], chinese: tuple[str, str]
) -> None:
    last = fields(datagram(bytes.fromhex(data)))[-1]
    for language, (name, value) in (("en", english), ("zh", chinese)):
        said = last.said(language)
        assert (said[0].strip(), said[1][: len(value)]) == (name, value)
        assert said[1]


def test_a_psk_identity_an_alert_and_a_connection_id_are_shown() -> None:
    identity = Handshake(HandshakeType.CLIENT_KEY_EXCHANGE, 2, b"\0\x0f863703030822519").encode()
    data = record(22, bytes(8), b"", identity) + record(21, bytes(7) + b"\1", b"", b"\2\x28")
    found = named(fields(datagram(data)))
    assert found["psk_identity"].value == "863703030822519"
    assert (found["level"].value, found["description"].value) == ("fatal", "handshake_failure")
    moved = named(fields(datagram(record(25, b"\0\1" + bytes(6), b"abcd", b"x" * 40))))
    assert moved["Connection ID"].value == b"abcd".hex()
    assert moved["protected"].value == "40 bytes"


def test_what_is_protected_is_shown_apart_where_it_could_be_read() -> None:
    inner = message(b"21", ContentFormat.TEXT)
    entry = datagram(record(23, b"\0\1" + bytes(6), b"", b"x" * 30), (inner,), operation="to Read /3/0/9")
    (inside,) = insides(entry)
    assert inside.data == inner
    assert inside.fields[-1] == DecodedField(len(inner) - 2, len(inner), "Payload", "21", "RFC 7252 5.5")


def test_json_members_are_lines_whatever_they_hold() -> None:
    text = '{"celsius": 21.5, "名": "表", "list": [1, {"a": 2}]}'.encode()
    data = message(text, ContentFormat.JSON)
    members = [field for field in fields(datagram(data)) if field.source == "RFC 8259 4"]
    assert [field.value for field in members] == ["21.5", "表", '[1, {"a": 2}]']
    assert data[members[0].start : members[0].end] == b'"celsius": 21.5'


def test_other_entries_have_none() -> None:
    assert fields(decoded(timeline_entries.line("40000001"))[0]) == []


@given(
    st.one_of(
        st.binary(max_size=80),
        st.binary(max_size=60).map(lambda b: b"\x16\xfe\xfd" + bytes(8) + len(b).to_bytes(2, "big") + b),
        st.tuples(st.sampled_from((0, 40, 50, 11542)), st.binary(min_size=1, max_size=60)).map(
            lambda each: message(each[1], each[0])
        ),
        st.text(max_size=30).map(lambda text: message(b'{"' + text.encode(), 50)),
    ),
    st.sampled_from(("", "to Read /3/0", "to Read /3/0/6", "Write /0/0", "Read /9", "x /y")),
)
def test_any_bytes_become_fields_within_them(data: bytes, operation: str) -> None:
    for field in fields(datagram(data, operation=operation)):
        assert 0 <= field.start <= field.end <= len(data)
        assert all(field.said(language)[0].strip() for language in ("en", "zh"))


def test_senml_is_taken_apart_record_by_record() -> None:
    nodes = {Path("/3/0/9"): 95, Path("/0/1/5"): b"secret key", Path("/3/0/99"): "x"}
    for form, begin in ((ContentFormat.SENML_JSON, b"{"), (ContentFormat.SENML_CBOR, b"\xa2")):
        data = message(composite.encode_values(form, nodes), form)
        found = named(fields(datagram(data)))
        assert {name: found[name].value for name in list(found)[-3:]} == {
            "/3/0/9 Battery Level": "95", "/0/1/5 Secret Key": "****", "/3/0/99": "x",
        }  # fmt: skip
        records = [data[field.start : field.end] for field in list(found.values())[-3:]]
        assert [record[:1] for record in records] == [begin] * 3
        assert b"/3/0/9" in records[0]
        assert "secret" not in repr(found)


def test_the_bytes_of_a_composite_operation_that_may_have_a_key_are_masked() -> None:
    data = message(composite.encode_values(110, {Path("/0/1/5"): b"secret key", Path("/3/0/9"): 1}), 110)
    for operation, is_masked in (("to Read-Composite /0/1,/3/0", True), ("to Read-Composite /", True),
                                 ("to Read-Composite /1/0,/3/0", False), ("Read-Composite", False)):  # fmt: skip
        assert masked_data(datagram(data, operation=operation)).endswith(b"**") is is_masked, operation


def test_an_address_of_a_package_that_may_be_cut_in_two_is_masked() -> None:
    text = b"http://192.0.2.9/fw/00112233445566778899aabbccddeeff/meter.bin"
    whole = Message(Type.CON, Code.PUT, 7, b"", (), text)
    block1 = OptionNumber.BLOCK1
    first = Message(Type.CON, Code.PUT, 7, b"", ((block1, Block(0, True, 1).encode()),), text[:32])
    last = Message(Type.CON, Code.PUT, 8, b"", ((block1, Block(1, False, 1).encode()),), text[32:])
    for sent, path, is_masked in (
        (whole, "/5/0/1", False), (first, "/5/0/1", True), (last, "/5/0", True), (last, "/5/0/0", False),
    ):  # fmt: skip
        seen = datagram(encode(sent), operation=f"Write {path}")
        assert masked_data(seen).endswith(b"**") is is_masked
        assert (fields(seen)[-1].value == "*" * len(sent.payload)) is is_masked


def test_lwm2m_cbor_is_taken_apart_value_by_value_and_so_are_paths() -> None:
    form = ContentFormat.LWM2M_CBOR
    found = named(fields(datagram(message(composite.encode_values(form, {Path("/3/0"): {9: 95, 7: {1: 5}}}), form))))
    assert (found["/3/0/9 Battery Level"].value, found["/3/0/7/1"].value) == ("95", "5")
    asked = named(fields(datagram(message(composite.encode_paths(form, [Path("/3/0")]), form, Code.FETCH))))
    assert asked["/3/0"].value == ""
    wrong = named(fields(datagram(message(b"\x80", form))))
    assert wrong["LwM2M CBOR, not readable"].said()[1] == "LwM2M CBOR: not a map"
