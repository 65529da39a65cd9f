"""What composite operations and Send carry, in SenML JSON, SenML CBOR and LwM2M CBOR: read, written, bounded."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtwin.engine import DecodeError
from nbtwin.lwm2m.content import codec, composite
from nbtwin.lwm2m.content.readings import Reading
from nbtwin.lwm2m.content.refusals import ContentError, ContentRefusal, UnsupportedFormat
from nbtwin.lwm2m.model import ObjectLink
from nbtwin.lwm2m.path import HIGHEST_ID, Path, PathError, Paths, target_of

JSON, CBOR, LWM2M = 110, 112, 11544
FORMS = (JSON, CBOR, LWM2M)

KNOWN = {
    "/3/0/0": st.text(max_size=20),
    "/3/0/9": st.integers(-(1 << 63), (1 << 63) - 1).map(lambda number: number // 2048 * 2048),  # a JSON number is one
    "/3/0/13": st.integers(0, 1 << 40),
    "/1/0/6": st.booleans(),
    "/5/0/0": st.binary(max_size=40),
    "/3303/0/5700": st.floats(allow_nan=False, allow_infinity=False),
    "/3/0/22/1": st.builds(ObjectLink, st.integers(0, HIGHEST_ID), st.integers(0, HIGHEST_ID)),
    "/3/0/7/1": st.integers(0, 5000),
}
values = st.fixed_dictionaries({}, optional=KNOWN).map(lambda found: {Path(path): one for path, one in found.items()})
ids = st.integers(0, HIGHEST_ID)
paths = st.lists(ids, min_size=1, max_size=4).map(Path)


@pytest.mark.parametrize("form", FORMS)
@given(nodes=values)
def test_what_is_written_is_read_again(form: int, nodes: dict[Path, Any]) -> None:
    found = composite.readings_of(form, composite.encode_values(form, nodes))
    assert {reading.path: reading.value for reading in found} == nodes


@pytest.mark.parametrize("form", FORMS)
@given(asked=st.lists(paths, max_size=8, unique=True))
def test_paths_are_read_again(form: int, asked: list[Path]) -> None:
    assert composite.paths_of(form, composite.encode_paths(form, asked)) == asked


@pytest.mark.parametrize("form", FORMS)
@given(payload=st.binary(max_size=60))
def test_whatever_comes_is_read_or_refused_with_a_code(form: int, payload: bytes) -> None:
    for read in (composite.readings_of, composite.paths_of):
        with suppress(ContentError, PathError):
            assert isinstance(read(form, payload), list)


tree = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ids | st.tuples(ids, ids) | st.text(max_size=3), inner),
    max_leaves=12,
)


@given(document=tree)
def test_any_cbor_is_a_map_of_values_or_refused_with_a_code(document: Any) -> None:
    payload = cbor2.dumps(document)
    for form in (CBOR, LWM2M):
        try:
            found = composite.readings_of(form, payload)
        except (ContentError, PathError):
            continue
        assert all(2 < len(reading.path) < 5 and reading.value is not None for reading in found)


@given(nodes=values)
def test_an_instance_in_lwm2m_cbor_is_the_same_as_in_senml(nodes: dict[Path, Any]) -> None:
    device = {path: value for path, value in nodes.items() if path[:2] == (3, 0)}
    wanted = codec.decode(CBOR, Path("/3/0"), composite.encode_values(CBOR, device))
    assert codec.decode(LWM2M, Path("/3/0"), composite.encode_values(LWM2M, device)) == wanted
    assert codec.decode(LWM2M, Path("/3/0"), codec.encode(LWM2M, Path("/3/0"), wanted)) == wanted


@pytest.mark.parametrize(
    ("dress", "written"),
    [
        ("an array of identifiers", "a183030009185f"),
        ("maps in maps", "a103a100a109185f"),
        ("both, arrays of one among them", "a1820300a1810 9185f"),
        ("lengths that are not known beforehand", "bf9f030009ff185fff"),
        ("the same all the way down", "bf9f03ffbf9f00ffbf9f09ff185fffffff"),
        ("a number as a fraction", "a103a100a109c4820119 03b6".replace("820119 03b6", "822019 03b6")),
        ("a number as a double", "a183030009fb4057c00000000000"),
        ("marked as CBOR", "d9d9f7a183030009185f"),
    ],
)
def test_lwm2m_cbor_in_every_dress_is_read(dress: str, written: str) -> None:
    """LwM2M 1.2 TS Core, 7.4.7; RFC 8949 3.2 and 3.4."""
    payload = bytes.fromhex(written.replace(" ", ""))
    assert composite.readings_of(LWM2M, payload) == [Reading(Path("/3/0/9"), 95)], dress
    assert codec.decode(LWM2M, Path("/3/0/9"), payload) == 95


def test_lwm2m_cbor_as_a_platform_writes_it() -> None:
    assert composite.encode_values(LWM2M, {Path("/3/0"): {0: "x", 6: {0: 1}}, Path("/1/0/1"): 60}).hex() == (
        "a2820300a2006178 06a1000183010001183c".replace(" ", "")
    )
    assert composite.encode_paths(LWM2M, [Path("/3/0"), Path("/5")]).hex() == "a2820300f605f6"
    assert composite.encode_paths(JSON, [Path("/"), Path("/3/0")]) == b'[{"n":"/"},{"n":"/3/0"}]'
    assert composite.encode_paths(CBOR, [Path("/3/0")]).hex() == "81a100642f332f30"


@pytest.mark.parametrize(
    ("form", "payload", "refusal"),
    [
        (LWM2M, "80", ContentRefusal.NO_MAP),
        (LWM2M, "00", ContentRefusal.NO_MAP),
        (LWM2M, "a0a0", ContentRefusal.BYTES_LEFT),
        (LWM2M, "a1830300", ContentRefusal.UNDECODABLE),
        (LWM2M, "bf" * 9, ContentRefusal.UNDECODABLE),
        (LWM2M, "a103" * 9 + "00", ContentRefusal.UNDECODABLE),  # nine levels
        (LWM2M, "a1850300090000 00", ContentRefusal.KEY),  # five identifiers
        (LWM2M, "a10da1181aa101a102a10304", ContentRefusal.KEY),
        (LWM2M, "a1800 1", ContentRefusal.KEY),  # none
        (LWM2M, "a183030 01a0001000001", ContentRefusal.KEY),  # 65536
        (LWM2M, "a1830300200 1", ContentRefusal.KEY),  # -1
        (LWM2M, "a161330 1", ContentRefusal.KEY),  # "3"
        (LWM2M, "a1830300f501", ContentRefusal.KEY),  # true is no 1
        (LWM2M, "a1820300 01", ContentRefusal.OUTSIDE),
        (LWM2M, "a2830300090103a100a10902", ContentRefusal.VALUE_COUNT),  # twice
        (LWM2M, "a183030009f6", ContentRefusal.VALUE_COUNT),  # a path without a value
        (LWM2M, "a183030009616e", ContentRefusal.CBOR_TYPE),
        (LWM2M, "a183030009f5", ContentRefusal.CBOR_TYPE),
        (LWM2M, "a183030009f93e00", ContentRefusal.CBOR_TYPE),  # 1.5
        (LWM2M, "a183030009fb7ff8000000000000", ContentRefusal.CBOR_TYPE),  # NaN
        (LWM2M, "a1830300091b8000000000000000", ContentRefusal.CBOR_TYPE),  # 2^63
        (LWM2M, "a183030000 01", ContentRefusal.CBOR_TYPE),
        (LWM2M, "a183030009c4821903e801", ContentRefusal.CBOR_TYPE),  # 1e1000
        (LWM2M, "a18403001600 63363a78", ContentRefusal.NO_LINK),  # "6:x"
        (LWM2M, "a18403001600 65c2b23a3131".replace("65c2b23a3131", "64c2b23a31"), ContentRefusal.NO_LINK),  # "²:1"
        (CBOR, "81a20066 2f332f302f3962746f", None),
    ],
)
def test_what_is_no_lwm2m_cbor_is_refused_with_its_code(form: int, payload: str, refusal: ContentRefusal) -> None:
    with pytest.raises(DecodeError) as refused:
        composite.readings_of(form, bytes.fromhex(payload.replace(" ", "")))
    if refusal is not None:
        assert isinstance(refused.value, ContentError)
        assert refused.value.code is refusal


@pytest.mark.parametrize(
    "pack",
    [
        b'[{"bn":"/3/0/","bt":100,"n":"9","v":1},{"n":"9","v":2,"t":5},{"bt":200,"bn":"/1/0/1","v":3}]',
        b'[{"bn":"/3/0/","bt":100},{"n":"9","v":1},{"n":"9","v":2,"t":5},{"bn":"/1/0/","bt":200,"n":"1","v":3}]',
        b'[{"n":"/3/0/9","t":100,"v":1},{"n":"/3/0/9","v":2,"t":105},{"n":"/1/0/1","t":200,"v":3}]',
    ],
)
def test_names_and_times_are_resolved(pack: bytes) -> None:
    """RFC 8428 4.6."""
    assert composite.readings_of(JSON, pack) == [
        Reading(Path("/3/0/9"), 1, 100), Reading(Path("/3/0/9"), 2, 105), Reading(Path("/1/0/1"), 3, 200),
    ]  # fmt: skip


@pytest.mark.parametrize("time", ['"now"', "true", "null", "1e99", "-1e99"])
def test_a_time_that_is_none_is_refused(time: str) -> None:
    for label in ("t", "bt"):
        with pytest.raises(ContentError) as refused:
            composite.readings_of(JSON, f'[{{"n":"/3/0/9","v":1,"{label}":{time}}}]'.encode())
        assert refused.value.code is ContentRefusal.TIME


def test_of_several_values_of_one_resource_the_newest_stands() -> None:
    """Relative times are later than those since 1970, for they count from the message on."""
    pack = b'[{"bn":"/3/0/9","v":3,"t":-5},{"v":1,"t":1700000000},{"v":2,"t":-20}]'
    assert codec.decode(JSON, Path("/3/0/9"), pack) == 3


@pytest.mark.parametrize("form", [None, 0, 40, 60, 11542, 11543])
def test_formats_without_paths_carry_no_composite(form: int | None) -> None:
    with pytest.raises(UnsupportedFormat):
        composite.readings_of(form, b"")
    with pytest.raises(UnsupportedFormat):
        composite.paths_of(form, b"")
    with pytest.raises(UnsupportedFormat):
        composite.encode_paths(form or 0, [])
    with pytest.raises(UnsupportedFormat):
        composite.encode_values(form or 0, {})


@given(several=st.lists(paths | st.just(Path()), max_size=6))
def test_several_paths_are_told_from_one_as_text(several: list[Path]) -> None:
    found = Paths(several)
    assert list(found) == sorted(set(several))
    if several:
        assert target_of(str(found)) == found
        assert isinstance(target_of(str(found)), Paths)
    assert all(not isinstance(target_of(str(path)), Paths) for path in several)


@pytest.mark.parametrize(
    ("path", "value", "forms"),
    [
        ("/3/0/7/1", 5000, (0, 11542, 1542, 11543, JSON, CBOR, LWM2M)),
        ("/19/0/0/3", b"\x00\xff", (42, 11542, 11543, JSON, CBOR, LWM2M)),
        ("/3/0/22/0", ObjectLink(5, 0), (0, 11542, 11543, JSON, CBOR, LWM2M)),
        ("/4/0/4/1", "10.0.0.2", (0, 11542, 11543, JSON, CBOR, LWM2M)),
    ],
)
def test_a_resource_instance_is_written_and_read_in_each_format(path: str, value: Any, forms: tuple[int, ...]) -> None:
    """By itself, and as one of its resource."""
    at = Path(path)
    for form in forms:
        assert codec.decode(form, at, codec.encode(form, at, value)) == value, form
        if form not in (0, 42):
            several = {at[3]: value, at[3] + 1: value}
            resource = Path(at[:3])
            assert codec.decode(form, resource, codec.encode(form, resource, several)) == several, form
