"""SenML JSON and CBOR: the examples of LwM2M 1.1, another CBOR implementation, and what is none of it (RFC 8428)."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtwin.engine import DecodeError
from nbtwin.lwm2m.content import cbor, codec
from nbtwin.lwm2m.model import ObjectLink
from nbtwin.lwm2m.path import Path

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


def test_another_implementation_reads_what_we_write() -> None:
    cbor2 = pytest.importorskip("cbor2", reason="cbor2 is not installed")
    written = codec.encode(CBOR, Path("/3/0"), DEVICE_NODE)
    assert cbor2.loads(written)[0] == {-2: "/3/0/", 0: "0", 3: "Open Mobile Alliance"}


@given(
    st.recursive(  # eight levels at the most, as many as we read
        st.none() | st.booleans() | st.integers(-(1 << 64), (1 << 64) - 1) | st.text() | st.binary()
        | st.floats(allow_nan=False),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.integers(-9, 9) | st.text(), inner, max_size=4),
        max_leaves=7,
    )
)  # fmt: skip
def test_we_read_what_another_implementation_writes(value: Any) -> None:
    cbor2 = pytest.importorskip("cbor2", reason="cbor2 is not installed")
    assert cbor.decode(cbor2.dumps(value, canonical=True)) == value


def test_indefinite_lengths_are_read() -> None:
    """RFC 8949 3.2: what a small client streams."""
    assert cbor.decode(bytes.fromhex("9f01bf6161f5ff5f4101420203ff7f61616162ffff")) == [
        1,
        {"a": True},
        b"\x01\x02\x03",
        "ab",
    ]
    assert math.isclose(cbor.decode(bytes.fromhex("f93c01")), 1.0009765625)


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
