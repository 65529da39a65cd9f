"""Typed fields: bounds, quotes, spellings; rows and how they bind."""

from __future__ import annotations

from typing import Any

import pytest

from nbtwin.at.command import ByType, Command, Row, row, split_values
from nbtwin.at.grammar import index_of
from nbtwin.at.refusals import AtRefusal, BadParameter, CommandRefused, ValueKind, ValueTaken
from nbtwin.at.values import Choice, Digits, Field, HexChoice, HexDigits, Host, Int, Quoted, Rest, Text, Word, unquote
from nbtwin.timeline.catalogue import words

ACCEPTED: list[tuple[Field, str, Any]] = [
    (Int("period", 300, 4294966), "300", 300),
    (Int("period", 300, 4294966), "4294966", 4294966),
    (Int("port", 0, 65535), "05683", 5683),
    (Choice("type", (0, 2, 4)), "4", 4),
    (Quoted("appkey", longest=3), '"abc"', "abc"),
    (Quoted("name", longest=3, shortest=0), '""', ""),
    (Quoted("name"), '" a;,b "', " a;,b "),
    (Text("name", longest=5), '"水é"', "水é"),
    (Text("name", longest=3, shortest=3), '"水"', "水"),
    (Word("type", ("BS", "LWM2M")), '"lwm2m"', "LWM2M"),
    (Digits("imei", 15, 17), "863703030822519", "863703030822519"),
    (Digits("imei", 15, 17), '"86370303082251900"', "86370303082251900"),
    (HexDigits("psk", 16), "E8E19CC16CE1F388e8e19cc16ce1f388", bytes.fromhex("E8E19CC16CE1F388") * 2),
    (HexDigits("token"), '"6CBBD6861BC43359"', bytes.fromhex("6CBBD6861BC43359")),
    (HexDigits("token"), "6C", b"\x6c"),
    (HexChoice("mode", (0, 0x100)), "0x0100", 0x100),
    (HexChoice("mode", (0, 0x100)), "0X0000", 0),
    (Host("server"), "117.161.2.41", "117.161.2.41"),
    (Host("server"), '"117.161.2.41"', "117.161.2.41"),
    (Host("server", domain=True), "m.fxlttsbl.com", "m.fxlttsbl.com"),
    (Host("server", domain=True, quoted=True), '"lwm.home.komect.com"', "lwm.home.komect.com"),
    (Rest("data"), ' a,"b', ' a,"b'),
]
REFUSED: list[tuple[Field, tuple[str, ...]]] = [
    (Int("period", 300, 4294966), ("299", "4294967", "-300", "+300", "3 0", "3e2", "٣٠٠", "9" * 99)),
    (Choice("type", (0, 2, 4)), ("1", "x", "-0", "4" * 99)),
    (Text("name", longest=5), ("水", '"水水"', '"a\x7f"', '"\x85"', '"\ud800"', '"\udc80"', '""')),
    (Quoted("appkey", longest=3), ("abc", '"abcd"', '""', '"a', 'a"', '"', '"a"b"', '"a\x00"', '"é"')),
    (Word("type", ("BS",)), ("BS", '"B"', '"BSS"')),
    (Digits("imei", 15, 17), ("1" * 14, "1" * 18, "86370303082251x", '"86370303082251')),
    (HexDigits("psk", 16), ("E8" * 15, "E8" * 17, "E8" * 15 + "E", "XY" * 16)),
    (HexDigits("token"), ("6CBBBD6861BC43359", "AB" * 9, "", "0x12")),  # D45
    (HexChoice("mode", (0, 0x100)), ("256", "0x0001", "100", "0x", "0x100000000")),
    (Host("server"), ("m.fxlttsbl.com", "1.2.3", "1.2.3.256", "1.2.3.4.5", "::1", "01.2.3.4")),
    (Host("server", domain=True), ("1.2.3.999", "-a.com", "a-.com", "a..b", "a b.c", "x" * 64, "a." * 127 + "com")),
    (Host("server", domain=True, quoted=True), ("m.fxlttsbl.com",)),
]


@pytest.mark.parametrize(("field", "text", "value"), ACCEPTED)
def test_a_field_takes_what_the_document_allows(field: Field, text: str, value: Any) -> None:
    assert field.parse(text) == value


@pytest.mark.parametrize(("field", "text"), [(field, text) for field, texts in REFUSED for text in texts])
def test_a_field_refuses_the_rest_and_names_itself(field: Field, text: str) -> None:
    with pytest.raises(BadParameter) as caught:
        field.parse(text)
    why = caught.value.why
    assert (why.refusal, why.parameter, why.takes) == (AtRefusal.VALUE_NOT_TAKEN, field.name, field.takes())


def test_a_field_says_what_it_takes() -> None:
    assert [words(field.takes()) for field in (
        Int("a", 0, 0), Int("a", 1, 9), Choice("a", (0, 4)), Quoted("a", longest=9), Word("a", ("BS", "DEL")),
        Digits("a", 15, 15), Digits("a", 15, 17), HexDigits("a", 16), HexDigits("a"), HexChoice("a", (0, 16)),
        Host("a"), Host("a", domain=True, quoted=True), Rest("a"),
    )] == [
        "0", "an integer 1-9", "one of 0, 4", "a string in double quotes, 1-9 bytes", 'one of "BS", "DEL"',
        "15 digits", "15-17 digits", "32 hex digits", "2-16 hex digits, even", "one of 0x0000, 0x0010",
        "an IPv4 address", "an IPv4 address or a domain name in double quotes", "the rest of the line, as it stands",
    ]  # fmt: skip


def test_a_long_value_is_cut_in_the_explanation() -> None:
    with pytest.raises(BadParameter) as caught:
        Int("a", 0, 1).parse("x" * 1000)
    assert caught.value.why.text == "x" * 37 + "..."


def test_a_bare_field_reads_nothing() -> None:
    with pytest.raises(NotImplementedError):
        Field("a").parse("1")
    with pytest.raises(NotImplementedError):
        Field("a").takes()


def test_unquote() -> None:
    assert [unquote(text) for text in ('"a"', '""', "a", '"', '"a"b"')] == ["a", "", None, None, None]


@pytest.mark.parametrize(
    ("text", "most", "values"),
    [
        ("", None, [""]),
        ("a", None, ["a"]),
        (" a , b ", None, ["a", "b"]),
        ("a,,b", None, ["a", "", "b"]),
        ('"a,b", c', None, ['"a,b"', "c"]),
        ('a,"b', None, ["a", '"b']),
        ("a, b, c ", 2, ["a", " b, c "]),
        ('"a,b",c,d', 2, ['"a,b"', "c,d"]),
        (" a, b ", 1, [" a, b "]),
        ("a ", 3, ["a"]),
    ],
)
def test_values_are_split_at_commas_outside_quotes(text: str, most: int | None, values: list[str]) -> None:
    assert split_values(text, most) == values


def handler(*values: Any) -> tuple[str, ...]:
    return ()


def test_optional_fields_come_last() -> None:
    with pytest.raises(ValueError, match="<b> follows an optional field"):
        row(handler, Int("a", 0, 1, optional=True), Int("b", 0, 1))


def test_the_rest_of_the_line_comes_last() -> None:
    with pytest.raises(ValueError, match="<a> takes the rest of the line"):
        row(handler, Rest("a"), Int("b", 0, 1))


def test_the_rest_of_the_line_is_for_plain_rows() -> None:
    with pytest.raises(ValueError, match="<type> 1"):
        ByType("type", {1: row(handler, Rest("data"))})


def test_a_row_binds_texts_to_values() -> None:
    fields = (Int("a", 0, 9), Int("b", 0, 9, optional=True, blank=True, default=5))
    assert Row(handler, fields).bind(["1"]) == [1, 5]
    assert Row(handler, fields).bind(["1", ""]) == [1, None]
    assert Row(handler, fields).bind(["1", "2"]) == [1, 2]


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ([], CommandRefused(AtRefusal.VALUE_MISSING, "a")),
        ([""], CommandRefused(AtRefusal.VALUE_EMPTY, "a")),
        (["x"], CommandRefused(AtRefusal.VALUE_NOT_TAKEN, "a", "x", takes=ValueTaken(ValueKind.INTEGER, 0, 9))),
        (["1", "2", "3"], CommandRefused(AtRefusal.TOO_MANY_VALUES, number=3, expected=2)),
    ],
)
def test_a_row_says_what_does_not_bind(values: list[str], why: CommandRefused) -> None:
    with pytest.raises(BadParameter) as caught:
        row(handler, Int("a", 0, 9), Int("b", 0, 9, optional=True)).bind(values)
    assert caught.value.why == why


def test_a_layout_by_type() -> None:
    by_type = ByType("type", {0: row(handler, Int("a", 0, 9)), 6: row(handler)})
    assert by_type.bind(["0", "3"]) == (by_type.rows[0], [3])
    assert by_type.bind(["6"]) == (by_type.rows[6], [])
    for values in ([], [""], ["1"], ["x"]):
        with pytest.raises(BadParameter) as caught:
            by_type.bind(values)
        assert caught.value.why.parameter == "type"


def test_only_a_row_that_ends_in_rest_takes_the_rest_of_the_line() -> None:
    assert Command("+A", "DOC-Z", write=row(handler, Rest("data"))).takes_rest_of_line
    assert not Command("+A", "DOC-Z", write=row(handler, Int("a", 0, 1))).takes_rest_of_line
    assert not Command("+A", "DOC-Z", write=ByType("type", {})).takes_rest_of_line
    assert not Command("+A", "DOC-Z").takes_rest_of_line


def test_two_commands_of_one_name_are_a_defect_of_the_table() -> None:
    from_table = (Command("+A", "DOC-Z"), Command("+a", "DOC-Z"))
    with pytest.raises(ValueError, match="two commands are named"):
        index_of(from_table)
