"""RFC 7252 3: the published messages, the edges of every length, and arbitrary bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtwin.coap.message import Message, MessageFormatError, decode, encode, options, without
from nbtwin.coap.numbers import Code, ContentFormat, OptionNumber, Type
from nbtwin.coap.reasons import CoapRefusal
from nbtwin.engine import DecodeError

TELECOM = "4402 1234 a1b2c3d4 3c 7a7a68632e766e65742e636e 82 6e62 11 32 ff"
GET, CONTENT = Code.GET, Code.CONTENT
TEMPERATURE = options(path=("temperature",))
VECTORS = [
    # RFC 7252 appendix A, figures 16 to 21, in the order in which they are printed
    ("40017d34 bb 74656d7065726174757265", Message(Type.CON, GET, 0x7D34, b"", TEMPERATURE)),
    ("60457d34 ff 32322e332043", Message(Type.ACK, CONTENT, 0x7D34, b"", (), b"22.3 C")),
    ("41017d35 20 bb 74656d7065726174757265", Message(Type.CON, GET, 0x7D35, b"\x20", TEMPERATURE)),
    ("61457d35 20 ff 32322e332043", Message(Type.ACK, CONTENT, 0x7D35, b"\x20", (), b"22.3 C")),
    ("60007d38", Message(Type.ACK, Code.EMPTY, 0x7D38)),
    ("4145ad7b 53 ff 32322e332043", Message(Type.CON, CONTENT, 0xAD7B, b"\x53", (), b"22.3 C")),
    ("5145ad7c 53 ff 32322e332043", Message(Type.NON, CONTENT, 0xAD7C, b"\x53", (), b"22.3 C")),
    ("70001234", Message(Type.RST, Code.EMPTY, 0x1234)),
]


@pytest.mark.parametrize(("text", "message"), VECTORS)
def test_a_published_message_is_read_and_written_byte_for_byte(text: str, message: Message) -> None:
    data = bytes.fromhex(text)
    assert decode(data) == message
    assert encode(message) == data


def test_the_head_of_the_telecom_registration_is_the_one_of_the_wire_page() -> None:
    body = b"eyJSRUdWRVIiOiIyIn0="
    message = Message(
        Type.CON, Code.POST, 0x1234, bytes.fromhex("a1b2c3d4"),
        options(host="zzhc.vnet.cn", path=("nb",), content_format=ContentFormat.JSON), body,
    )  # fmt: skip
    assert encode(message) == bytes.fromhex(TELECOM) + body
    read = decode(encode(message))
    assert (read.host, read.path, read.content_format, read.payload) == ("zzhc.vnet.cn", ("nb",), 50, body)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", (CoapRefusal.HEADER_CUT, 0)),
        ("400112", (CoapRefusal.HEADER_CUT, 0)),
        ("49011234 010203040506070809", (CoapRefusal.TOKEN_LENGTH_RESERVED, 9)),
        ("4f011234" + "00" * 15, (CoapRefusal.TOKEN_LENGTH_RESERVED, 15)),
        ("44011234 a1b2c3", (CoapRefusal.TOKEN_CUT, 0)),
        ("41001234 aa", (CoapRefusal.EMPTY_WITH_CONTENT, 0)),
        ("40001234 ff61", (CoapRefusal.EMPTY_WITH_CONTENT, 0)),
        ("40011234 f0", (CoapRefusal.OPTION_NIBBLE_RESERVED, 0)),
        ("40011234 0f", (CoapRefusal.OPTION_NIBBLE_RESERVED, 0)),
        ("40011234 fe", (CoapRefusal.OPTION_NIBBLE_RESERVED, 0)),
        ("40011234 ff", (CoapRefusal.PAYLOAD_MISSING, 0)),
        ("40011234 b16e ff", (CoapRefusal.PAYLOAD_MISSING, 0)),
        ("40011234 b3 6e62", (CoapRefusal.OPTION_CUT, 0)),
        ("40011234 d0", (CoapRefusal.OPTION_CUT, 0)),
        ("40011234 e000", (CoapRefusal.OPTION_CUT, 0)),
        ("40011234 0d", (CoapRefusal.OPTION_CUT, 0)),
        ("40011234 0e00", (CoapRefusal.OPTION_CUT, 0)),
        ("40011234 0d00 61", (CoapRefusal.OPTION_CUT, 0)),
    ],
)
def test_a_message_format_error_is_named(text: str, why: tuple[CoapRefusal, int]) -> None:
    with pytest.raises(MessageFormatError) as caught:
        decode(bytes.fromhex(text))
    assert (caught.value.refusal, caught.value.number) == why


@pytest.mark.parametrize(
    ("text", "message_id"),
    [("4f011234", 0x1234), ("5f011234", None), ("6f451234", None), ("7f001234", None), ("8f011234", None)],
)
def test_only_a_confirmable_format_error_names_the_message_to_reset(text: str, message_id: int | None) -> None:
    with pytest.raises(MessageFormatError) as caught:
        decode(bytes.fromhex(text))
    assert caught.value.message_id == message_id


@pytest.mark.parametrize("first", ["00", "80", "c0"])
def test_another_version_is_no_message_and_never_reset(first: str) -> None:
    with pytest.raises(MessageFormatError) as caught:
        decode(bytes.fromhex(first + "011234"))
    assert caught.value.refusal is CoapRefusal.VERSION_UNKNOWN
    assert caught.value.number == int(first, 16) >> 6
    assert caught.value.message_id is None


@pytest.mark.parametrize("delta", [0, 12, 13, 268, 269, 65535])
@pytest.mark.parametrize("length", [0, 12, 13, 268, 269, 1034])
def test_option_deltas_and_lengths_at_their_edges(delta: int, length: int) -> None:
    message = Message(Type.NON, Code.PUT, 7, b"t", ((delta, b"v" * length), (delta, b"")), b"p")
    assert decode(encode(message)) == message


@pytest.mark.parametrize(("delta", "head"), [(12, "c0"), (13, "d000"), (268, "d0ff"), (269, "e00000")])
def test_the_extended_delta_has_the_bytes_of_rfc_7252_3_1(delta: int, head: str) -> None:
    assert encode(Message(Type.CON, Code.GET, 0, b"", ((delta, b""),)))[4:].hex() == head


def test_what_fits_in_no_message_is_refused_before_it_leaves() -> None:
    with pytest.raises(ValueError, match="token of 9 bytes"):
        encode(Message(Type.CON, Code.GET, 0, b"t" * 9))
    with pytest.raises(ValueError, match="65804"):
        encode(Message(Type.CON, Code.GET, 0, b"", ((11, b"x" * 65805),)))


def test_options_leave_in_ascending_order_and_keep_theirs_within_a_number() -> None:
    unordered = ((15, b"b"), (11, b"rd"), (15, b"a"), (3, b"h"))
    assert decode(encode(Message(Type.CON, Code.POST, 1, b"", unordered))).options == (
        (3, b"h"), (11, b"rd"), (15, b"b"), (15, b"a"),
    )  # fmt: skip


def test_every_option_that_can_be_named_is_read_back() -> None:
    everything = options(
        path=("rd", "5a"), query=("lt=300", "b=U"), host="h", port=5683, content_format=0, accept=11542, observe=0,
        location_path=("rd", "1"), location_query=("q",), max_age=60, etag=b"e", more=((65001, b"x"),),
    )  # fmt: skip
    message = decode(encode(Message(Type.CON, Code.GET, 1, b"", everything)))
    assert message.options == everything == tuple(sorted(everything, key=lambda option: option[0]))
    assert (message.path, message.query, message.location) == (("rd", "5a"), ("lt=300", "b=U"), ("rd", "1"))
    assert (message.host, message.content_format, message.accept, message.observe) == ("h", 0, 11542, 0)
    assert (message.uint(OptionNumber.URI_PORT), message.uint(OptionNumber.MAX_AGE)) == (5683, 60)
    assert message.first(65001) == b"x"
    assert message.all(OptionNumber.LOCATION_QUERY) == (b"q",)
    assert without(everything, *[number for number, _ in everything if number != 3]) == ((3, b"h"),)


def test_an_option_that_is_not_there_reads_as_none() -> None:
    message = decode(bytes.fromhex("40011234"))
    assert (message.host, message.observe, message.content_format, message.accept) == (None, None, None, None)
    assert (message.path, message.query, message.location) == ((), (), ())


def test_a_number_that_is_too_long_is_as_good_as_none() -> None:
    """RFC 7252 5.4.3."""
    assert Message(Type.CON, Code.POST, 1, b"", ((12, b"\0\0\x32"),)).content_format is None
    assert Message(Type.CON, Code.POST, 1, b"", ((65000, b"\0\0\0\0\x32"),)).uint(65000) == 50


def test_codes_are_printed_dotted_and_unknown_ones_stay_numbers() -> None:
    assert Code.CREATED.dotted == "2.01"
    assert repr(Code.PROXYING_NOT_SUPPORTED) == "PROXYING_NOT_SUPPORTED 5.05"
    unknown = decode(bytes.fromhex("605e1234")).code
    assert type(unknown) is int
    assert type(decode(bytes.fromhex("60441234")).code) is Code


MESSAGES = st.builds(
    Message,
    st.sampled_from(Type),
    st.integers(1, 255),
    st.integers(0, 0xFFFF),
    st.binary(max_size=8),
    st.lists(st.tuples(st.integers(0, 65535), st.binary(max_size=300)), max_size=8).map(
        lambda found: tuple(sorted(found, key=lambda option: option[0]))
    ),
    st.binary(max_size=64),
)


@given(MESSAGES)
def test_what_is_written_is_what_is_read(message: Message) -> None:
    assert decode(encode(message)) == message


@given(st.one_of(st.binary(max_size=80), st.binary(max_size=76).map(lambda tail: b"\x42\x01\x12\x34" + tail)))
def test_any_bytes_are_a_message_or_a_decode_error(data: bytes) -> None:
    try:
        message = decode(data)
    except DecodeError:
        return
    assert decode(encode(message)) == message
    assert message.path is not None
