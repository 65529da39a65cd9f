"""The example of docs/spec/wire.md, Telecom and Unicom to the byte, and every variant a platform must read."""

from __future__ import annotations

import base64

import pytest

from nbtwin.coap.message import Message, encode
from nbtwin.coap.numbers import Code, Type
from nbtwin.engine import DecodeError
from nbtwin.selfreg.payloads import SUCCESS, accepted, parse_payload, telecom_request, unicom_request

ME = ("863703030822519", "QUE-BC260Y-CN", "BC260YCNAAR01A04", "89861118245001234567", "460110123456789")
EXAMPLE = (
    "eyJSRUdWRVIiOiIyIiwiTUVJRCI6Ijg2MzcwMzAzMDgyMjUxOSIsIk1PREVMIjoiUVVFLUJDMjYwWS1DTiIsIlNXVkVSIjoiQkMyNjBZQ05BQVIw"
    "MUEwNCIsIlNJTTFJQ0NJRCI6Ijg5ODYxMTE4MjQ1MDAxMjM0NTY3IiwiU0lNMUxURUlNU0kiOiI0NjAxMTAxMjM0NTY3ODkifQ=="
)
CLEAR = (
    '{"REGVER":"2","MEID":"863703030822519","MODEL":"QUE-BC260Y-CN","SWVER":"BC260YCNAAR01A04",'
    '"SIM1ICCID":"89861118245001234567","SIM1LTEIMSI":"460110123456789"}'
)


def test_the_telecom_example_byte_for_byte() -> None:
    request = telecom_request(*ME)
    message = Message(Type.CON, request.code, 0x1234, bytes.fromhex("a1b2c3d4"), request.options, request.payload)
    head = bytes.fromhex("44021234a1b2c3d4" + "3c7a7a68632e766e65742e636e" + "826e62" + "1132" + "ff")
    assert encode(message) == head + EXAMPLE.encode()
    assert base64.b64decode(request.payload).decode() == CLEAR


def test_the_unicom_request_has_neither_name_nor_path() -> None:
    request = unicom_request(*ME)
    message = Message(Type.CON, request.code, 1, b"", request.options)
    assert (request.code, message.host, message.path, message.content_format) == (Code.POST, None, (), 50)
    assert base64.b64decode(request.payload).decode() == (
        CLEAR.replace('"REGVER":"2"', '"REGVER":"1"').replace('"MODEL"', '"MODELSMS"')
    )


def test_a_model_has_at_most_20_characters() -> None:
    assert parse_payload(telecom_request("1", "QUE-" + "x" * 40, "f", "i", "s").payload).model == "QUE-" + "x" * 16


@pytest.mark.parametrize(
    ("code", "payload", "success"),
    [
        (0x44, SUCCESS, True),
        (0x45, SUCCESS, True),
        (0x41, b'{"resultDesc":"Success","resultCode":"0","more":1}', True),
        (0x44, b'{"resultCode":0,"resultDesc":"Success"}', True),
        (0x44, b'{"resultCode":"1","resultDesc":"Success"}', False),
        (0x44, b'{"resultCode":"0","resultDesc":"Failed"}', False),
        (0x44, b'{"resultCode":"0"}', False),
        (0x44, b'{"resultDesc":"Success"}', False),
        (0x44, base64.b64encode(SUCCESS), False),
        (0x44, b"", False),
        (0x44, b"[]", False),
        (0x44, b'{"resultCode":"00","resultDesc":"Success"}', True),  # D114
        (0x44, b'{"resultCode":"01","resultDesc":"Success"}', False),
        (0x44, b'{"resultCode"', False),
        (0x44, b'"\xff"', False),
        (0x44, b'{"x":' + b"[" * 5000, False),
        (0x80, SUCCESS, False),
        (0xA0, SUCCESS, False),
        (0x00, SUCCESS, False),
    ],
)
def test_success_is_a_2_xx_that_says_so_twice(code: int, payload: bytes, success: bool) -> None:
    assert accepted(Message(Type.ACK, code, 1, b"", (), payload)) is success


@pytest.mark.parametrize(
    "payload",
    [
        EXAMPLE.encode(),
        EXAMPLE.rstrip("=").encode(),
        EXAMPLE[:60].encode() + b"\r\n" + EXAMPLE[60:].encode() + b"\n",
        CLEAR.encode(),
        CLEAR.replace(",", ", ").encode(),
    ],
)
def test_every_observed_form_of_a_request_is_read(payload: bytes) -> None:
    report = parse_payload(payload)
    assert (report.imei, report.model, report.firmware, report.iccid, report.imsi) == ME
    assert report.version == "2"


def test_unicom_names_its_model_otherwise() -> None:
    assert parse_payload(unicom_request(*ME).payload).model == "QUE-BC260Y-CN"


def test_extra_members_are_kept_and_missing_ones_are_empty() -> None:
    report = parse_payload(b'{"SIM2ICCID":"x","MEID":863703030822519}')
    assert (report.imei, report.imsi) == ("863703030822519", "")
    assert report.members["SIM2ICCID"] == "x"


@pytest.mark.parametrize(
    "payload",
    [b"", b"{", b"[]", b"{}", b'{"MEID":""}', b"!!!!", b"\xff\xfe", b"e30=", b"A", base64.b64encode(b"\xff{}")],
)
def test_anything_else_is_a_decode_error(payload: bytes) -> None:
    with pytest.raises(DecodeError):
        parse_payload(payload)
