"""What Telecom and Unicom modules send and hear: base64 of one JSON object, answered with JSON.

Observed: docs/spec/wire.md, Telecom and Unicom. The module writes one exact form; a platform reads every observed one.
Knows no schedule and no socket.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from nbtwin.coap.events import Request
from nbtwin.coap.message import Message, options
from nbtwin.coap.numbers import COAP_PORT, Code, ContentFormat, is_success
from nbtwin.engine import UNDECODABLE, CodedError, DecodeError, Refusal
from nbtwin.foreign import detail_of

TELECOM_HOST = "zzhc.vnet.cn"
UNICOM_HOST = "114.255.193.236"
PORT = COAP_PORT
LONGEST_MODEL = 20

SUCCESS = b'{"resultCode":"0","resultDesc":"Success"}'
"""The platform's answer to a good request."""


def telecom_request(imei: str, model: str, firmware: str, iccid: str, imsi: str) -> Request:
    """CON POST /nb with Uri-Host."""
    members = {"REGVER": "2", "MEID": imei, "MODEL": model[:LONGEST_MODEL], "SWVER": firmware}
    return _request({**members, "SIM1ICCID": iccid, "SIM1LTEIMSI": imsi}, host=TELECOM_HOST, path=("nb",))


def unicom_request(imei: str, model: str, firmware: str, iccid: str, imsi: str) -> Request:
    """CON POST to the root of an address without a name."""
    members = {"REGVER": "1", "MEID": imei, "MODELSMS": model[:LONGEST_MODEL], "SWVER": firmware}
    return _request({**members, "SIM1ICCID": iccid, "SIM1LTEIMSI": imsi}, host=None, path=())


def _request(members: Mapping[str, str], host: str | None, path: tuple[str, ...]) -> Request:
    payload = base64.b64encode(msgspec.json.encode(members))
    return Request(Code.POST, options(host=host, path=path, content_format=ContentFormat.JSON), payload)


def accepted(message: Message) -> bool:
    """Any 2.xx whose body says resultCode 0, or 00 (D114), and resultDesc Success; nothing else is a success."""
    if not is_success(message.code):
        return False
    try:
        body = msgspec.json.decode(message.payload)
    except UNDECODABLE:
        return False
    return isinstance(body, dict) and str(body.get("resultCode")) in ("0", "00") and body.get("resultDesc") == "Success"


@dataclass(slots=True)
class Report:
    """What a module tells about itself; what it leaves out is empty. ``members`` is all of it, as it came."""

    version: str
    imei: str
    model: str
    firmware: str
    iccid: str
    imsi: str
    members: Mapping[str, str]


_decode_texts = msgspec.json.Decoder(dict[str, str]).decode


class ReportRefusal(Refusal):
    """Why a payload is no report."""

    NO_JSON = "report-no-json"  # detail: what a library says
    NO_OBJECT = "report-no-object"
    NO_MEID = "report-no-meid"


class ReportError(CodedError, DecodeError):
    """A payload that is no report."""


def parse_payload(payload: bytes) -> Report:
    """Liberal: any order, extra members, numbers for strings, missing padding, line breaks, JSON without base64."""
    try:
        text = _json_of(payload)
        try:
            members = _decode_texts(text)  # all of them, as modules write it
        except msgspec.ValidationError:
            members = _members(msgspec.json.decode(text))
    except (binascii.Error, ValueError, *UNDECODABLE) as error:
        if isinstance(error, ReportError):
            raise
        raise ReportError(ReportRefusal.NO_JSON, detail=detail_of(error)) from None
    if not members.get("MEID"):
        raise ReportError(ReportRefusal.NO_MEID)
    return Report(
        version=members.get("REGVER", ""),
        imei=members["MEID"],
        model=members.get("MODEL") or members.get("MODELSMS", ""),
        firmware=members.get("SWVER", ""),
        iccid=members.get("SIM1ICCID", ""),
        imsi=members.get("SIM1LTEIMSI", ""),
        members=members,
    )


def _members(decoded: object) -> dict[str, str]:
    if not isinstance(decoded, dict):
        raise ReportError(ReportRefusal.NO_OBJECT)
    return {name: _text(value) for name, value in decoded.items()}


def _json_of(payload: bytes) -> bytes:
    text = b"".join(payload.split())
    if text.startswith(b"{"):
        return payload
    digits = text.rstrip(b"=")
    return binascii.a2b_base64(digits + b"=" * (-len(digits) % 4), strict_mode=True)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()
