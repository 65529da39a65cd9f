"""SenML JSON and CBOR: the examples of LwM2M 1.1, every dress that CBOR allows, and what is none of it (RFC 8428)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtwin.engine import DecodeError
from nbtwin.lwm2m.content import codec
from nbtwin.lwm2m.model import ObjectLink
from nbtwin.lwm2m.path import Path
from nbtwin.timeline.catalogue.errors import worded

JSON, CBOR = 110, 112
DEVICE = b"""[{"bn":"/3/0/","n":"0","vs":"Open Mobile Alliance"},
{"n":"1","vs":"Lightweight M2M Client"},{"n":"2","vs":"345000123"},{"n":"3","vs":"1.0"},{"n":"6/0","v":1},
{"n":"6/1","v":5},
{"n":"7/0","v":3800},{"n":"7/1","v":5000},{"n":"8/0","v":125},{"n":"8/1","v":900},{"n":"9","v":100},{"n":"10","v":15},
{"n":"11/0","v":0},{"n":"13","v":1367491215},{"n":"14","vs":"+02:00"},{"n":"16","vs":"U"}]"""
"""The device object of the LwM2M 1.1 TS Core, 7.4.4."""
DEVICE_NODE = {
    0: "Open Mobile Alliance", 1: "Lightweight M2M Client", 2: "345000123", 3: "1.0", 6: {0: 1, 1: 5},
    7: {0: 3800, 1: 5000}, 8: {0: 125, 1: 900}, 9: 100, 10: 15, 11: {0: 0}, 13: 1367491215, 14: "+02:00", 16: "U",
}  # fmt: skip


def test_the_device_of_the_specification() -> None:
    assert codec.decode(JSON, Path("/3/0"), DEVICE) == DEVICE_NODE
    assert codec.decode(JSON, Path("/3"), DEVICE) == {0: DEVICE_NODE}


@pytest.mark.parametrize("form", [JSON, CBOR])
@pytest.mark.parametrize(
    ("path", "node"),
    [
        ("/3/0", DEVICE_NODE),
        ("/3/0/9", 95),
        ("/3/0/7", {0: 3800, 1: 5000}),
        ("/3/0/7/1", 5000),
        ("/1/0/6", True),
        ("/5/0/0", b"\x00\xff package"),
        ("/3/0/22", {0: ObjectLink(5, 0)}),
        ("/19/1/0", {0: b"data"}),
        ("/19", {0: {0: {0: b"a"}, 1: 3}, 1: {0: {0: b"b"}}}),
    ],
)
def test_what_is_written_is_read_again(form: int, path: str, node: Any) -> None:
    assert codec.decode(form, Path(path), codec.encode(form, Path(path), node)) == node


def test_cbor_has_numbers_for_labels() -> None:
    """RFC 8428 6: bn is -2, n is 0, v is 2."""
    assert codec.encode(CBOR, Path("/3/0/9"), 95).hex() == "81a221662f332f302f3902185f"


@pytest.mark.parametrize(
    "written",
    [
        "81a221662f332f302f3902185f",
        "9fbf21662f332f302f3902185fffff",  # RFC 8949 3.2: lengths that a small client does not know beforehand
        "81a2217f632f332f63302f39ff02fb4057c00000000000",  # text in pieces, the number as a double
        "d9d9f781a221662f332f302f3902185f",  # 3.4.6: marked as CBOR
        "81a321662f332f302f390629 02185f",  # ten seconds ago
    ],
)
def test_cbor_in_every_dress_is_read(written: str) -> None:
    assert codec.decode(CBOR, Path("/3/0/9"), bytes.fromhex(written)) == 95


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ("81a221662f332f302f3902185f00", "1 byte after the value"),
        ("81a221662f332f302f390218", "it ends too early"),
        ("", "it ends too early"),
        ("81" * 9 + "00", "it is nested too deeply"),
        ("9f" * 100_000, "it is nested too deeply"),
        ("c1" * 100_000 + "00", "it is nested too deeply"),
        ("9b7fffffffffffffff", "it ends too early"),
        ("5b7fffffffffffffff", "it ends too early"),
        ("81a3a00021662f332f302f3902185f", "a label that is neither a number nor text"),
        ("81a221662f332f302f3902f7", "SenML: v undefined"),
        ("81a221662f332f302f3902e0", "SenML: v CBORSimpleValue"),
        ("81a221662f332f302f39028105", "SenML: v [5]"),
        ("81a221662f332f302f3902c249010000000000000000", "SenML: v b'"),  # a big number is no integer of ours
        ("81a22161ff02185f", "this is not CBOR, or it is damaged"),
    ],
)
def test_what_is_no_senml_in_cbor_is_refused(wrong: str, why: str) -> None:
    with pytest.raises(DecodeError) as refused:
        codec.decode(CBOR, Path("/3/0/9"), bytes.fromhex(wrong))
    assert why in worded(refused.value)


@given(st.binary(max_size=64))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for form in (JSON, CBOR):
        for path in ("/3/0", "/3/0/9", "/19/1/0"):
            try:
                codec.decode(form, Path(path), data)
            except DecodeError:
                continue


@pytest.mark.parametrize(
    "wrong",
    [
        b"{}",
        b"[1]",
        b'[{"bn":"/3/0/","n":"9"}]',
        b'[{"bn":"/3/0/","n":"9","v":1,"vs":"x"}]',
        b'[{"bn":"/3/0/","n":"9","vs":"x"}]',
        b'[{"bn":"/3/0/","n":"9","v":1.5}]',
        b'[{"bn":"/4/0/","n":"9","v":1}]',
        b'[{"bn":"/3/0/","n":"9","v":1,"x_":1}]',
        b'[{"bn":"/3/0/","n":"9","v":1,"bver":11}]',
        b'[{"bn":"/3/0/","n":"9","v":1},{"n":"9/0","v":1}]',
        b'[{"bn":"/3/0/","n":"9","v":1%s}]' % (b"0" * 400),
        b'[{"bn":1,"n":"9","v":1}]',
        b"[" * 1000,
    ],
)
def test_what_is_no_senml_is_refused(wrong: bytes) -> None:
    with pytest.raises(DecodeError):
        codec.decode(JSON, Path("/3/0"), wrong)


def test_times_units_and_base_values_alone_are_read_over() -> None:
    payload = b'[{"bn":"/3/0/","bt":1.7e9},{"n":"9","u":"%RH","v":95,"t":-5}]'
    assert codec.decode(JSON, Path("/3/0"), payload) == {9: 95}
