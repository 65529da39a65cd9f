"""Datagrams in one readable line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from timeline_entries import datagram, decoded

from nbtwin.timeline.datagrams import describe_datagram, describe_message
from nbtwin.timeline.jsonl import as_dict
from nbtwin.timeline.operations import Context

TELECOM = bytes.fromhex("44021234a1b2c3d43c7a7a68632e766e65742e636e826e621132ff") + (
    b"eyJSRUdWRVIiOiIyIiwiTUVJRCI6Ijg2MzcwMzAzMDgyMjUxOSIsIk1PREVMIjoiUVVFLUJDMjYwWS1DTiIsIlNXVkVSIjoiQkMyNjBZQ05BQV"
    b"IwMUEwNCIsIlNJTTFJQ0NJRCI6Ijg5ODYxMTE4MjQ1MDAxMjM0NTY3IiwiU0lNMUxURUlNU0kiOiI0NjAxMTAxMjM0NTY3ODkifQ=="
)  # docs/spec/wire.md, Telecom and Unicom


def test_the_telecom_example_of_wire_md_is_readable() -> None:
    text, detail = describe_datagram(TELECOM)
    assert text.startswith('CON POST zzhc.vnet.cn/nb «{"REGVER":"2","MEID":"863703030822519","MODEL":"QUE-BC260Y-CN"')
    assert text.endswith("…» [212 bytes] mid 4660 token a1b2c3d4")
    assert detail["code"] == "0.02"
    assert detail["path"] == ["nb"]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("40000001", "CON empty mid 1"),
        ("70000001", "RST empty mid 1"),
        ("60000007", "ACK empty mid 7"),
        ("614112340182726403616263", "ACK 2.01 CREATED location rd/abc mid 4660 token 01"),
        ("60a30001", "ACK 5.03 SERVICE_UNAVAILABLE mid 1"),
        ("504500016105ff00", "NON 2.05 CONTENT observe 5 [1 bytes] mid 1"),
        ("50450001d10a16", "NON 2.05 CONTENT block2 1/0/1024 mid 1"),
        ("50630001", "NON 3.03 mid 1"),
        ("501f0001", "NON 0.31 / mid 1"),
        ("40010001b41b5b324a", "CON GET /\\x1b[2J mid 1"),  # no peer moves the cursor of our terminals
    ],
)
def test_each_message_says_what_it_is(data: str, text: str) -> None:
    assert describe_datagram(bytes.fromhex(data))[0] == text


@pytest.mark.parametrize("data", ["", "00", "40030001ff", "80010001", "49010001" + "00" * 9])
def test_what_is_not_coap_is_shown_as_hex(data: str) -> None:
    shown, detail = describe_datagram(bytes.fromhex(data))
    assert "not CoAP (" in shown
    assert shown.endswith(data[:32])
    assert detail["protocol"] == "unknown"


def test_dtls_records_are_named() -> None:
    cut = "DTLS Handshake, the rest not readable (a fragment header is cut off), 14 bytes"
    assert describe_datagram(bytes.fromhex("16feff0000000000000000000100"))[0] == cut
    assert describe_datagram(bytes.fromhex("17fefd0001000000000001000100"))[0] == "DTLS ApplicationData, 14 bytes"


@pytest.mark.parametrize(
    ("data", "english", "chinese"),
    [
        ("", "0 bytes, not CoAP (shorter than a header): ", "0 字节，不是 CoAP（"),
        ("16", "1 byte, not CoAP (shorter than a header): 16", "1 字节，不是 CoAP（"),
        (
            "15fe000000000000000000000202 46",  # an alert of a stack that has not learned the version
            "DTLS Alert, the rest not readable (record version 65024), 15 bytes",
            "DTLS Alert, 其余无法解读（记录版本 65024）, 15 bytes",
        ),
        (
            "16fefc000000000000000000020100",
            "DTLS Handshake, the rest not readable (a fragment header is cut off), 15 bytes",
            "DTLS Handshake, 其余无法解读（",
        ),
        ("17fefd00", "DTLS ApplicationData, the rest not readable (a record header is cut off), 4 bytes", "DTLS "),
    ],
)
def test_what_cannot_be_decoded_is_said_in_the_reader_s_language(data: str, english: str, chinese: str) -> None:
    """What begins as a record of DTLS is never "not CoAP", whatever is wrong with it."""
    assert describe_datagram(bytes.fromhex(data))[0] == english
    assert describe_datagram(bytes.fromhex(data), "zh")[0].startswith(chinese)


def test_an_answer_says_what_it_answers_in_the_reader_s_language() -> None:
    asked = bytes.fromhex("44020001 a1b2c3d4 b27264 01 31".replace(" ", ""))  # POST /rd/1
    context = Context(asked, False, 1)
    answer = bytes.fromhex("64440001a1b2c3d4")
    assert describe_message(answer, context)[0].startswith("to Update: ACK 2.04")
    text, detail = describe_message(answer, context, "zh")
    assert text.startswith("应答 Update: ACK 2.04")
    assert detail["operation"] == "to Update"


def test_line_and_summary_of_an_entry_are_in_the_reader_s_language() -> None:
    (entry,) = decoded(datagram(b"hi"))
    for language, said in (("en", "2 bytes, not CoAP ("), ("zh", "2 字节，不是 CoAP（")):
        shown = as_dict(entry, language)
        assert shown["fields"]["summary"].startswith(said)
        assert said in shown["text"]


@given(st.binary(max_size=60))
def test_any_bytes_become_one_printable_line(data: bytes) -> None:
    text, detail = describe_datagram(data)
    assert text.isprintable()
    assert detail["length"] == len(data)
