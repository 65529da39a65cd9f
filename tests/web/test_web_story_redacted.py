"""What a story must not carry to somebody else's desk: identities in text, in base64, in a datagram's bytes; keys."""

import base64
import json

from nbtwin.web.story import differing, ranges, redacted

IMEI = b"863703031270866"


def test_an_identity_is_another_one_wherever_it_stands_the_same_each_time_and_of_the_same_length() -> None:
    inside = base64.b64encode(b'{"IMEI":"' + IMEI + b'","TYPE":"BC28"}')
    text = (
        b'{"said":"' + inside + b" " + IMEI + b'","data":"' + (b"\x01" + inside + b"\xff" + IMEI).hex().encode() + b'"}'
    )
    other = redacted(text)
    assert len(other) == len(text)
    told = json.loads(other)
    said, imei = told["said"].split()
    data = bytes.fromhex(told["data"])
    assert IMEI.decode() not in other.decode()
    assert json.loads(base64.b64decode(said)) == {"IMEI": imei, "TYPE": "BC28"}
    assert data == b"\x01" + said.encode() + b"\xff" + imei.encode()
    assert imei[:8] == IMEI.decode()[:8]


def test_the_key_of_a_campaign_is_masked() -> None:
    key = b"dd973bcf" * 4
    address = b"http://192.0.2.9/fw/" + key + b"/meter.bin"
    told = b'{"campaign":1,"key":"' + key + b'","text":"' + address + b'","data":"' + address.hex().encode() + b'"}'
    told = redacted(told)
    assert key not in told
    assert key.hex().encode() not in told


def test_ranges_of_numbers_and_what_differs_between_languages() -> None:
    assert list(ranges("1-3,7")) == [(1, 3), (7, 7)]
    english, chinese = {"number": 4, "text": "booted", "at": 1.0}, {"number": 4, "text": "启动", "at": 1.0}
    assert differing([english], [chinese]) == {"4": {"text": "启动"}}
    assert differing([english], [english]) == {}
