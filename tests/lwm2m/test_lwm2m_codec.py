"""The other formats, the data types, the paths and the tables."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtwin.coap.numbers import ContentFormat as F
from nbtwin.engine import DecodeError
from nbtwin.lwm2m.content import codec
from nbtwin.lwm2m.content.codec import DRAFT_OPAQUE, DRAFT_TEXT
from nbtwin.lwm2m.content.refusals import UnsupportedFormat
from nbtwin.lwm2m.content.values import decode_value, encode_value, format_value, parse_value
from nbtwin.lwm2m.model import OBJECTS, AllowedOperations, Node, ObjectLink, ResourceType, Value
from nbtwin.lwm2m.path import Path

# Paths


def test_a_path_knows_its_parts() -> None:
    path = Path("/3/0/17")
    assert path == (3, 0, 17)
    assert (str(path), repr(path), path.segments) == ("/3/0/17", "Path('/3/0/17')", ("3", "0", "17"))
    assert str(Path("/")) == "/"
    assert Path("/") == ()
    assert Path((3, 0)).child(17) == path
    assert Path("/3/0").covers(path)
    assert not path.covers(Path("/3/0"))
    assert not Path("/3/1").covers(path)


@pytest.mark.parametrize("path", ["/a", "/3//0", "/-1", "/65536", "/1/2/3/4/5", "/٣", "/+3", "/000003"])
def test_what_is_no_path_is_a_decode_error(path: str) -> None:
    with pytest.raises(DecodeError):
        Path(path)


# The tables


def test_the_tables_are_those_of_lwm2m_1_0() -> None:
    assert {id: d.name for id, d in OBJECTS.items()} == {
        0: "LWM2M Security", 1: "LWM2M Server", 3: "Device", 4: "Connectivity Monitoring", 5: "Firmware Update",
        19: "BinaryAppDataContainer",
    }  # fmt: skip
    assert {id for id, d in OBJECTS.items() if d.multiple} == {0, 1, 19}
    counts = {id: len(d.resources) for id, d in OBJECTS.items()}
    assert counts == {0: 13, 1: 9, 3: 23, 4: 11, 5: 9, 19: 6}


def test_only_what_is_executed_has_no_type() -> None:
    for definition in OBJECTS.values():
        for id, row in definition.resources.items():
            assert row.id == id
            assert (row.type is ResourceType.NONE) == (row.operations is AllowedOperations.E)


# Values


@pytest.mark.parametrize(
    ("type_", "value", "data", "text"),
    [
        (ResourceType.STRING, "déjà", "64c3a96ac3a0", "déjà"),
        (ResourceType.INTEGER, 0, "00", "0"),
        (ResourceType.INTEGER, 127, "7f", "127"),
        (ResourceType.INTEGER, 128, "0080", "128"),
        (ResourceType.INTEGER, -1, "ff", "-1"),
        (ResourceType.INTEGER, -129, "ff7f", "-129"),
        (ResourceType.INTEGER, 1 << 31, "0000000080000000", "2147483648"),
        (ResourceType.TIME, 1367491215, "5182428f", "1367491215"),
        (ResourceType.FLOAT, 0.5, "3f000000", "0.5"),
        (ResourceType.FLOAT, 0.1, "3fb999999999999a", "0.1"),
        (ResourceType.FLOAT, 1e300, "7e37e43c8800759c", "1e+300"),
        (ResourceType.BOOLEAN, True, "01", "1"),
        (ResourceType.BOOLEAN, False, "00", "0"),
        (ResourceType.OPAQUE, b"\x00\xff", "00ff", "AP8="),
        (ResourceType.OBJLNK, ObjectLink(66, 1), "00420001", "66:1"),
    ],
)
def test_each_data_type_as_bytes_and_as_text(type_: ResourceType, value: Value, data: str, text: str) -> None:
    """LwM2M 1.0 TS, appendix C."""
    assert encode_value(type_, value).hex() == data
    assert decode_value(type_, bytes.fromhex(data)) == value
    assert format_value(type_, value) == text
    assert parse_value(type_, text) == value


def test_an_integer_has_at_most_64_bits() -> None:
    with pytest.raises(ValueError, match="64 bits"):
        encode_value(ResourceType.INTEGER, 1 << 63)


@pytest.mark.parametrize(
    ("type_", "data"),
    [
        (ResourceType.INTEGER, ""),
        (ResourceType.INTEGER, "000000"),
        (ResourceType.FLOAT, "0000"),
        (ResourceType.BOOLEAN, "02"),
        (ResourceType.BOOLEAN, ""),
        (ResourceType.OBJLNK, "0042"),
        (ResourceType.STRING, "ff"),
    ],
)
def test_bytes_that_are_no_such_value(type_: ResourceType, data: str) -> None:
    with pytest.raises(DecodeError):
        decode_value(type_, bytes.fromhex(data))


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        (ResourceType.INTEGER, "1.5"),
        (ResourceType.INTEGER, str(1 << 63)),
        (ResourceType.FLOAT, "one"),
        (ResourceType.BOOLEAN, "true"),
        (ResourceType.OBJLNK, "66"),
        (ResourceType.OBJLNK, "66:65536"),
        (ResourceType.OPAQUE, "?"),
    ],
)
def test_text_that_is_no_such_value(type_: ResourceType, text: str) -> None:
    with pytest.raises(DecodeError):
        parse_value(type_, text)


@given(st.floats(allow_nan=False))
def test_a_float_loses_nothing(value: float) -> None:
    assert decode_value(ResourceType.FLOAT, encode_value(ResourceType.FLOAT, value)) == value


def test_nan_stays_nan() -> None:
    value = decode_value(ResourceType.FLOAT, encode_value(ResourceType.FLOAT, math.nan))
    assert isinstance(value, float)
    assert math.isnan(value)


# Formats


@pytest.mark.parametrize(
    ("content_format", "path", "node", "payload"),
    [
        (F.TEXT, "/3/0/9", 100, b"100"),
        (DRAFT_TEXT, "/3/0/0", "Quectel", b"Quectel"),
        (F.TEXT, "/19/0/1", 1, b"1"),
        (F.OCTET_STREAM, "/5/0/0", b"\x01\x02", b"\x01\x02"),
        (DRAFT_OPAQUE, "/5/0/0", b"", b""),
        (F.LWM2M_TLV, "/3/0/9", 100, bytes.fromhex("c10964")),
        (F.OLD_LWM2M_TLV, "/3/0/6", {0: 1, 1: 5}, bytes.fromhex("8606410001410105")),
        (F.LWM2M_TLV, "/3/0/6/1", 5, bytes.fromhex("410105")),
        (F.LWM2M_JSON, "/3/0/9", 100, b'{"e":[{"v":100}],"bn":"/3/0/9"}'),
        (F.LWM2M_JSON, "/3/0/6", {0: 1, 1: 5}, b'{"e":[{"n":"0","v":1},{"n":"1","v":5}],"bn":"/3/0/6/"}'),
        (
            F.OLD_LWM2M_JSON,
            "/3/0",
            {0: "Quectel", 9: 100, 22: {0: ObjectLink(66, 1)}},
            b'{"e":[{"n":"0","sv":"Quectel"},{"n":"9","v":100},{"n":"22/0","ov":"66:1"}],"bn":"/3/0/"}',
        ),
        (
            F.LWM2M_JSON,
            "/1",
            {0: {0: 1, 6: True}, 1: {7: "U"}},
            b'{"e":[{"n":"0/0","v":1},{"n":"0/6","bv":true},{"n":"1/7","sv":"U"}],"bn":"/1/"}',
        ),
        (F.LWM2M_JSON, "/5/0/0", b"\x00\xff", b'{"e":[{"sv":"AP8="}],"bn":"/5/0/0"}'),
        (F.CBOR, "/5/0/0", b"\x00\xff", b"\x42\x00\xff"),
        (F.CBOR, "/3/0/0", "x", b"\x61x"),
        (F.CBOR, "/3/0/11/0", 300, b"\x19\x01\x2c"),
    ],
)
def test_each_format_both_ways(content_format: int, path: str, node: Node, payload: bytes) -> None:
    assert codec.encode(content_format, Path(path), node) == payload
    assert codec.decode(content_format, Path(path), payload) == node


def test_the_json_example_of_the_specification_is_read() -> None:
    """6.4.4, example of /3/0: relative names after a base name."""
    payload = b"""{"bn":"/3/0/","e":[{"n":"0","sv":"Open Mobile Alliance"},{"n":"6/0","v":1},{"n":"6/1","v":5},
        {"n":"9","v":100},{"n":"11/0","v":0},{"n":"13","v":1367491215},{"n":"16","sv":"U"}]}"""
    assert codec.decode(F.LWM2M_JSON, Path("/3/0"), payload) == {
        0: "Open Mobile Alliance", 6: {0: 1, 1: 5}, 9: 100, 11: {0: 0}, 13: 1367491215, 16: "U",
    }  # fmt: skip


def test_json_without_a_base_name_is_relative_to_the_request() -> None:
    assert codec.decode(F.LWM2M_JSON, Path("/3/0"), b'{"e":[{"n":"9","v":100}]}') == {9: 100}
    assert codec.decode(F.LWM2M_JSON, Path("/3/0/9"), b'{"e":[{"v":100}]}') == 100
    assert codec.decode(F.LWM2M_JSON, Path("/3/0"), b'{"e":[]}') == {}


@pytest.mark.parametrize(
    ("path", "payload"),
    [
        ("/3/0", b""),
        ("/3/0", b"{}"),
        ("/3/0", b'{"e":[{"n":"9"}]}'),
        ("/3/0", b'{"e":[{"n":"9","sv":"x","v":"1"}]}'),
        ("/3/0", b'{"e":[{"n":"9","v":1.5}]}'),
        ("/3/0", b'{"e":[{"n":"9","bv":true}]}'),
        ("/3/0", b'{"bn":"/4/0/","e":[{"n":"0","v":1}]}'),
        ("/3/0", b'{"e":[{"n":"6","v":1},{"n":"6/0/1","v":1}]}'),
        ("/3/0", b'{"e":[{"n":"9","v":1},{"n":"9/0","v":1}]}'),
        ("/3/0", b'{"e":[{"n":"9/0","v":1},{"n":"9","v":1}]}'),
        ("/3/0", b'{"e":[{"n":"x","v":1}]}'),
        ("/3/0/9", b'{"e":[]}'),
        ("/3/0/22", b'{"e":[{"n":"0","ov":"1"}]}'),
        ("/5/0/0", b'{"e":[{"sv":"?"}]}'),
        ("/3/0", b'{"x":' + b"[" * 5000),
    ],
)
def test_json_that_does_not_fit_is_a_decode_error(path: str, payload: bytes) -> None:
    with pytest.raises(DecodeError):
        codec.decode(F.LWM2M_JSON, Path(path), payload)


@pytest.mark.parametrize(
    ("content_format", "path", "node"),
    [
        (F.TEXT, "/3/0", {0: "x"}),
        (F.TEXT, "/3/0/6", {0: 1}),
        (F.OCTET_STREAM, "/3/0/0", "x"),
        (F.CBOR, "/3/0", {0: "x"}),  # it carries one value
        (F.LINK_FORMAT, "/3/0", {0: "x"}),
    ],
)
def test_formats_that_cannot_carry_it(content_format: int, path: str, node: Node) -> None:
    with pytest.raises(UnsupportedFormat):
        codec.encode(content_format, Path(path), node)


def test_the_one_instance_of_a_multiple_resource_is_read_as_opaque() -> None:
    """As Leshan asks for /19/1/0; of several none can be chosen."""
    assert codec.encode(F.OCTET_STREAM, Path("/19/1/0"), {0: b"\x01\x02"}) == b"\x01\x02"
    with pytest.raises(UnsupportedFormat):
        codec.encode(F.OCTET_STREAM, Path("/19/1/0"), {0: b"\x01", 1: b"\x02"})


@pytest.mark.parametrize(("content_format", "path"), [(F.TEXT, "/3/0"), (F.OCTET_STREAM, "/3/0/0"), (60, "/3/0")])
def test_formats_that_cannot_be_read_there(content_format: int, path: str) -> None:
    with pytest.raises(UnsupportedFormat):
        codec.decode(content_format, Path(path), b"1")


def test_the_value_of_an_unknown_resource_stays_bytes() -> None:
    assert codec.decode(F.LWM2M_TLV, Path("/3/0"), bytes.fromhex("c16378")) == {99: b"x"}
    assert codec.decode(F.LWM2M_TLV, Path("/4242/0"), bytes.fromhex("c10178")) == {1: b"x"}


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/3", "c10964"),
        ("/3/0", "410001"),
        ("/3/0", "080103c10964"),
        ("/3/0/9", ""),
        ("/3/0/9", "c10a64"),
        ("/3/0/9", "c10964c10964"),
        ("/3/0/6/1", "c10964c10964"),
        ("/", "c10964"),
    ],
)
def test_tlv_that_belongs_elsewhere_is_a_decode_error(path: str, data: str) -> None:
    with pytest.raises(DecodeError):
        codec.decode(F.LWM2M_TLV, Path(path), bytes.fromhex(data))


def test_the_instances_of_a_resource_may_come_without_its_head() -> None:
    assert codec.decode(F.LWM2M_TLV, Path("/3/0/6"), bytes.fromhex("410001410105")) == {0: 1, 1: 5}


@given(st.binary(max_size=80), st.sampled_from(sorted(codec.FORMATS)), st.sampled_from(["/3", "/3/0", "/3/0/9"]))
def test_any_bytes_in_any_format(data: bytes, content_format: int, path: str) -> None:
    try:
        codec.decode(content_format, Path(path), data)
    except (DecodeError, UnsupportedFormat):
        return
