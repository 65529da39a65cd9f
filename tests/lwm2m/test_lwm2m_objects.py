"""What is known of objects: the OMA registry's, by the version that a client registers (D151)."""

from __future__ import annotations

from typing import Any

import pytest

from nbtwin.lwm2m.content.refusals import ContentError
from nbtwin.lwm2m.content.values import decode_value, encode_value, parse_value
from nbtwin.lwm2m.model import OBJECTS, AllowedOperations, ObjectDefinition, ResourceDefinition, ResourceType, Value
from nbtwin.lwm2m.objects.limits import limits_of
from nbtwin.lwm2m.objects.registry import BUILT_IN, ObjectRegistry, order_of
from nbtwin.lwm2m.objects.reusable import REUSABLE, row_at

ROWS = [(definition, row) for definition in BUILT_IN.values() for row in definition.resources.values()]


def test_the_core_objects_and_the_ipso_ones_are_known() -> None:
    ids = {id for id, _ in BUILT_IN}
    assert ids >= {*range(8), 9, 10, 12, 16, 19, *range(21, 26)}
    assert ids >= {*range(3200, 3204), *range(3300, 3307), 3308, *range(3310, 3349)}


def test_a_row_says_a_number_a_name_and_a_type_and_its_range_is_understood() -> None:
    for definition, row in ROWS:
        assert definition.resources[row.id] is row
        assert row.name
        assert row.name == row.name.strip()
        assert (row.type is ResourceType.NONE) == (row.operations is AllowedOperations.E)
        assert (limits_of(row) is not None) == bool(row.range)


def test_the_number_of_a_reusable_resource_has_one_meaning() -> None:
    for definition, row in ROWS:
        if row.id >= 5500 and definition.id > 3000:
            shared = REUSABLE[row.id]
            assert (row.name, row.type, row.unit, row.range) == (shared.name, shared.type, shared.unit, shared.range)


def test_what_a_module_offers_is_known_to_its_platform_by_the_same_types() -> None:
    for id, offered in OBJECTS.items():
        known = BUILT_IN[id, "1.0"]
        assert known.multiple == offered.multiple
        assert {n: (r.type, r.operations, r.multiple, r.mandatory) for n, r in offered.resources.items()} == {
            n: (r.type, r.operations, r.multiple, r.mandatory) for n, r in known.resources.items()
        }


@pytest.mark.parametrize(
    ("links", "lwm2m", "path", "known"),
    [
        ("</1/0>", "1.0", (1, 0, 23), False),
        ("</1/0>", "1.1", (1, 0, 23), True),
        ("</1/0>", "1.1", (1, 0, 26), False),
        ("</1>;ver=1.2,</1/0>", "1.1", (1, 0, 26), True),
        ("</1>;ver=1.9,</1/0>", "1.0", (1, 0, 26), True),  # one that nobody knows: the newest that is older
        ("</10/0>", "1.0", (10, 0, 6), True),
        ("</10>;ver=1.1,</10/0>", "1.0", (10, 0, 6), False),
        ("</5/0>", "1.2", (5, 0, 13), True),
        ("</21/0>", "1.0", (21, 0, 0), True),  # older than the oldest
        ("<", "1.0", (3, 0, 9), True),
        ("</3303/0>", "1.0", (3303, 0, 5750), True),  # not of 1.0, and its number has one meaning
        ("</9303/0>", "1.0", (9303, 0, 5700), True),
        ("</9303/0>", "1.0", (9303, 0, 7), False),
    ],
)
def test_the_version_that_a_client_registers_decides(links: str, lwm2m: str, path: Any, known: bool) -> None:
    assert (row_at(path, ObjectRegistry().of(links, lwm2m)) is not None) is known


def test_a_definition_that_is_added_holds_at_once_and_no_built_in_one_is_replaced() -> None:
    row = ResourceDefinition(1, "Level", ResourceType.FLOAT, AllowedOperations.RW)
    registry = ObjectRegistry()
    assert 33000 not in registry.of("</33000/0>")
    ours = ObjectDefinition(3303, "Other", {1: row}, version="1.0")
    registry.replace([ObjectDefinition(33000, "Tank", {1: row}), ours])
    assert registry.of("</33000/0>")[33000].name == "Tank"
    assert registry.of("</3303/0>")[3303].name == "Temperature"
    assert registry.newest[3303].version == "1.1"


def test_versions_are_numbers() -> None:
    assert sorted(["1.10", "1.2", "2.0", "1.0"], key=order_of) == ["1.0", "1.2", "1.10", "2.0"]


@pytest.mark.parametrize(
    ("text", "type_", "allowed", "refused"),
    [
        ("0..100", ResourceType.INTEGER, (0, 100), (-1, 101)),
        ("0-100", ResourceType.INTEGER, (0, 100), (-1, 101)),
        ("-40-85", ResourceType.FLOAT, (-40.0, 85.0, 0), (-40.1, 85.01)),
        ("[1:4]", ResourceType.INTEGER, (1, 4), (0, 5)),
        ("1 to 5", ResourceType.UNSIGNED, (1, 5), (0, 6)),
        ("0..", ResourceType.INTEGER, (0, 1 << 62), (-1,)),
        ("1, 2, 5..7", ResourceType.INTEGER, (1, 2, 5, 7), (0, 3, 8)),
        ("0..18446744073709551615", ResourceType.UNSIGNED, ((1 << 64) - 1,), (1 << 64,)),
        ("0..2^32-1", ResourceType.UNSIGNED, ((1 << 32) - 1,), (1 << 32,)),
        ("0.5..1.5", ResourceType.FLOAT, (0.5, 1.5), (0.49, float("inf"))),
        ("0..4 bytes", ResourceType.STRING, ("", "abcd", "中"), ("abcde", "中中")),
        ("10 or 26 Bytes", ResourceType.STRING, ("1234567890",), ("", "12345678901")),
        ("6", ResourceType.OPAQUE, (b"123456",), (b"12345", b"1234567")),
        ('"U", "UQ"', ResourceType.STRING, ("U", "UQ"), ("", "Q")),
    ],
)
def test_a_range_is_read_as_definitions_write_it(
    text: str, type_: ResourceType, allowed: tuple[Value, ...], refused: tuple[Value, ...]
) -> None:
    limits = limits_of(ResourceDefinition(1, "x", type_, AllowedOperations.RW, range=text))
    assert limits is not None
    assert [value for value in allowed if not limits.allow(value)] == []
    assert [value for value in refused if limits.allow(value)] == []


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ("see the specification", ResourceType.STRING), ("U, UQ", ResourceType.STRING),
        ("16-bit", ResourceType.INTEGER),
        ("1 byte", ResourceType.INTEGER), ("5..1", ResourceType.INTEGER), ("..", ResourceType.INTEGER),
        ("0..1", ResourceType.BOOLEAN), ("0x10..0x20", ResourceType.INTEGER),
    ],
)  # fmt: skip
def test_prose_limits_nothing(text: str, type_: ResourceType) -> None:
    assert limits_of(ResourceDefinition(1, "x", type_, AllowedOperations.RW, range=text)) is None


@pytest.mark.parametrize(
    ("value", "data"), [(0, "00"), (255, "ff"), (256, "0100"), (65536, "00010000"), ((1 << 64) - 1, "ff" * 8)]
)
def test_a_number_without_a_sign_needs_no_bit_for_it(value: int, data: str) -> None:
    assert encode_value(ResourceType.UNSIGNED, value) == bytes.fromhex(data)
    assert decode_value(ResourceType.UNSIGNED, bytes.fromhex(data)) == value
    assert parse_value(ResourceType.UNSIGNED, str(value)) == value


@pytest.mark.parametrize("text", ["-1", str(1 << 64), "1.5", ""])
def test_what_is_no_number_without_a_sign_is_refused(text: str) -> None:
    with pytest.raises(ContentError):
        parse_value(ResourceType.UNSIGNED, text)
