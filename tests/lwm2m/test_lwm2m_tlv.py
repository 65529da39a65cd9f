"""TLV and the codec on top of it: the OMA's published examples (LwM2M 1.0 TS, 6.4.3), both ways."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtwin.engine import DecodeError
from nbtwin.lwm2m.content import codec, tlv
from nbtwin.lwm2m.content.tlv import TlvEntry, TlvKind
from nbtwin.lwm2m.model import (
    OBJECTS,
    AllowedOperations,
    Node,
    ObjectLink,
    ResourceDefinition,
    ResourceType,
    object_definition,
)
from nbtwin.lwm2m.path import Path

TLV = 11542
_R = AllowedOperations.R
EXAMPLES = {  # objects that only the specification's examples use
    **OBJECTS,
    2: object_definition(
        2,
        "Access Control",
        ResourceDefinition(0, "Object ID", ResourceType.INTEGER, _R),
        ResourceDefinition(1, "Object Instance ID", ResourceType.INTEGER, _R),
        ResourceDefinition(2, "ACL", ResourceType.INTEGER, AllowedOperations.RW, multiple=True),
        ResourceDefinition(3, "Access Control Owner", ResourceType.INTEGER, AllowedOperations.RW),
        multiple=True,
    ),
    65: object_definition(
        65,
        "example",
        ResourceDefinition(0, "Res 0", ResourceType.OBJLNK, _R, multiple=True),
        ResourceDefinition(1, "Res 1", ResourceType.STRING, _R),
        ResourceDefinition(2, "Res 2", ResourceType.INTEGER, _R),
    ),
    66: object_definition(
        66,
        "example",
        ResourceDefinition(0, "Res 0", ResourceType.STRING, _R),
        ResourceDefinition(1, "Res 1", ResourceType.STRING, _R),
        ResourceDefinition(2, "Res 2", ResourceType.OBJLNK, _R),
    ),
}

DEVICE = {
    0: "Open Mobile Alliance",
    1: "Lightweight M2M Client",
    2: "345000123",
    3: "1.0",
    6: {0: 1, 1: 5},
    7: {0: 3800, 1: 5000},
    8: {0: 125, 1: 900},
    9: 100,
    10: 15,
    11: {0: 0},
    13: 1367491215,
    14: "+02:00",
    16: "U",
}
DEVICE_TLV = (
    "c800144f70656e204d6f62696c6520416c6c69616e6365"
    "c801164c69676874776569676874204d324d20436c69656e74"
    "c80209333435303030313233"
    "c303312e30"
    "8606410001410105"
    "88070842000ed842011388"
    "870841007d42010384"
    "c10964"
    "c10a0f"
    "830b410000"
    "c40d5182428f"
    "c60e2b30323a3030"
    "c11055"
)
PUBLISHED: list[tuple[str, Node, str]] = [
    ("/3/0", DEVICE, DEVICE_TLV),  # 6.4.3.1
    ("/3", {0: DEVICE}, "080079" + DEVICE_TLV),
    (  # 6.4.3.2 B
        "/2",
        {0: {0: 1, 1: 0, 2: {127: 7}, 3: 127}, 2: {0: 3, 1: 0, 2: {127: 7, 310: 1}, 3: 127}},
        "08000ec10001c101008302417f07c1037f080212c10003c101008702417f0761013601c1037f",
    ),
    ("/1", {0: {0: 1, 1: 86400, 6: True, 7: "U"}}, "08000fc10001c40100015180c10601c10755"),  # 6.4.3.2 C
    (  # 6.4.3.3 1
        "/65/0",
        {0: {0: ObjectLink(66, 0), 1: ObjectLink(66, 1)}, 1: "8613800755500", 2: 0x12345678},
        "88000c440000420000440100420001c8010d38363133383030373535353030c40212345678",
    ),
    (  # 6.4.3.3 2
        "/66",
        {
            0: {0: "myService 1", 1: "Internet.15.234", 2: ObjectLink(67, 0)},
            1: {0: "myService 2", 1: "Internet.15.235", 2: ObjectLink(65535, 65535)},
        },
        "080026c8000b6d79536572766963652031c8010f496e7465726e65742e31352e323334c40200430000"
        "080126c8000b6d79536572766963652032c8010f496e7465726e65742e31352e323335c402ffffffff",
    ),
]


@pytest.mark.parametrize(("path", "node", "data"), PUBLISHED, ids=[path for path, _, _ in PUBLISHED])
def test_the_published_examples_both_ways(path: str, node: Node, data: str) -> None:
    assert codec.encode(TLV, Path(path), node, EXAMPLES).hex() == data
    assert codec.decode(TLV, Path(path), bytes.fromhex(data), EXAMPLES) == node


def test_an_instance_may_come_with_its_own_head() -> None:
    """6.4.3.1 shows both forms for one object instance."""
    wrapped = bytes.fromhex("080079" + DEVICE_TLV)
    assert codec.decode(TLV, Path("/3/0"), wrapped) == DEVICE


@pytest.mark.parametrize(
    ("entry", "data"),
    [
        (TlvEntry(TlvKind.RESOURCE, 255, b""), "c0ff"),
        (TlvEntry(TlvKind.RESOURCE, 256, b"x"), "e1010078"),
        (TlvEntry(TlvKind.RESOURCE, 1, bytes(7)), "c701" + "00" * 7),
        (TlvEntry(TlvKind.RESOURCE, 1, bytes(8)), "c80108" + "00" * 8),
        (TlvEntry(TlvKind.RESOURCE, 1, bytes(255)), "c801ff" + "00" * 255),
        (TlvEntry(TlvKind.RESOURCE, 1, bytes(256)), "d0010100" + "00" * 256),
        (TlvEntry(TlvKind.RESOURCE, 1, bytes(65536)), "d801010000" + "00" * 65536),
        (TlvEntry(TlvKind.OBJECT_INSTANCE, 0), "0000"),
        (TlvEntry(TlvKind.MULTIPLE_RESOURCE, 6), "8006"),
    ],
    ids=lambda x: str(x)[:12],
)
def test_the_limits_of_each_head(entry: TlvEntry, data: str) -> None:
    assert tlv.encode([entry]).hex() == data
    assert tlv.decode(bytes.fromhex(data)) == (entry,)


def test_a_longer_length_field_than_needed_is_read() -> None:
    assert tlv.decode(bytes.fromhex("d801000001aa")) == (TlvEntry(TlvKind.RESOURCE, 1, b"\xaa"),)


@pytest.mark.parametrize(
    "data",
    [
        "c8",
        "c800",
        "e000",
        "c10a",
        "c80105ff",
        "08020108",
        "0000c1",
        "000100",
        "0202c100",
        "8300c10101",  # a resource inside a multiple resource
        "0300080000",  # an instance inside an instance
    ],
)
def test_damaged_tlv_is_a_decode_error(data: str) -> None:
    with pytest.raises(DecodeError):
        tlv.decode(bytes.fromhex(data))


_ids = st.integers(0, 65535)
_leaf = st.tuples(_ids, st.binary(max_size=300)).map(lambda leaf: TlvEntry(TlvKind.RESOURCE, *leaf))
_instance = st.tuples(_ids, st.binary(max_size=20)).map(lambda leaf: TlvEntry(TlvKind.RESOURCE_INSTANCE, *leaf))
_multiple = st.tuples(_ids, st.lists(_instance, max_size=3)).map(
    lambda both: TlvEntry(TlvKind.MULTIPLE_RESOURCE, both[0], entries=tuple(both[1]))
)
_resources = st.lists(_leaf | _multiple, max_size=4)
_object_instance = st.tuples(_ids, _resources).map(
    lambda both: TlvEntry(TlvKind.OBJECT_INSTANCE, both[0], entries=tuple(both[1]))
)


@given(st.lists(_object_instance, max_size=3) | _resources)
def test_what_was_encoded_is_decoded(entries: list[TlvEntry]) -> None:
    assert tlv.decode(tlv.encode(entries)) == tuple(entries)


@given(st.binary(max_size=60), st.sampled_from(["/3", "/3/0", "/3/0/6", "/3/0/9", "/19/0/0"]))
def test_any_bytes_decode_or_are_a_decode_error(data: bytes, path: str) -> None:
    try:
        node = codec.decode(TLV, Path(path), data)
    except DecodeError:
        return
    assert node is not None
