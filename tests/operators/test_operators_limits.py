"""A value that its resource's definition does not take is refused with its path, and nothing is sent (D152)."""

from __future__ import annotations

from typing import Any

import pytest
from andlink_raw_bench import IMEI, Client

from nbtwin.coap.message import Message
from nbtwin.operators.refusals import PlatformError, WriteRefusal
from nbtwin.timeline.catalogue.errors import worded


def registered() -> Client:
    client = Client(observe=(), read=())
    client.register(links=b"</1/0>,</3/0>,</3311/0>,</3342/0>,</12/0>,</19/0>,</22/0>")
    return client


def refused(verb: str, path: str, value: Any) -> PlatformError:
    client = registered()
    client.drain()
    with pytest.raises(PlatformError) as found:
        client.platform.devices.ask(client.now, IMEI, verb, path, value)
    assert client.drain() == []
    return found.value


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("/3311/0/5851", 101, WriteRefusal.OUT_OF_RANGE),
        ("/3311/0/5851", -1, WriteRefusal.OUT_OF_RANGE),
        ("/3311/0/5851", "101", WriteRefusal.OUT_OF_RANGE),
        ("/3311/0", {"5850": True, "5851": 500}, WriteRefusal.OUT_OF_RANGE),
        ("/3311/0/5851", 50.5, WriteRefusal.NO_VALUE),
        ("/3311/0/5851", True, WriteRefusal.NO_VALUE),
        ("/3311/0/5850", 2, WriteRefusal.NO_VALUE),
        ("/3311/0/5706", [1, 2], WriteRefusal.NO_VALUE),
        ("/3311/0/5706", False, WriteRefusal.NO_VALUE),
        ("/3311/0/5706", {"0": "a", "1": "b"}, WriteRefusal.NOT_MULTIPLE),
        ("/1/0/1", 1 << 63, WriteRefusal.NO_VALUE),
        ("/1/0/1", "soon", WriteRefusal.NO_VALUE),
        ("/12/0/5", "", WriteRefusal.OTHER_LENGTH),
        ("/12/0", {"5": "x" * 33}, WriteRefusal.OTHER_LENGTH),
    ],
)
def test_a_value_that_is_not_for_its_resource_is_not_sent(path: str, value: Any, code: WriteRefusal) -> None:
    error = refused("write", path, value)
    assert error.code == code
    assert error.fields["takes"] == "value"
    assert error.fields["path"].startswith(path)


@pytest.mark.parametrize("text", ["on", "0=on", "10", "0='a',", "0='it's'", "0='\\'"])
def test_arguments_that_are_none_are_not_sent(text: str) -> None:
    error = refused("execute", "/3/0/4", text)
    assert (error.code, error.fields) == (WriteRefusal.NO_ARGUMENTS, {"takes": "arguments"})


@pytest.mark.parametrize("text", ["", "0", "5='x'", "0='a b',1,2='http://x/?y=z'"])
def test_arguments_are_sent_as_they_are(text: str) -> None:
    assert sent("execute", "/3/0/4", text).payload == text.encode()


def sent(verb: str, path: str, value: Any) -> Message:
    client = registered()
    _, messages = client.do(client.platform.devices.ask, IMEI, verb, path, value)
    return messages[-1]


@pytest.mark.parametrize(
    ("path", "value", "payload"),
    [
        ("/3311/0/5851", 100, b"100"),
        ("/3311/0/5851", "100", b"100"),
        ("/3311/0/5850", 1, b"1"),
        ("/3311/0/5706", 21, b"21"),
        ("/3/0/9", 5, b"5"),  # read-only: the device answers that
        ("/3342/0/5500", True, b"1"),
    ],
)
def test_what_the_definition_takes_is_sent_and_so_is_what_only_the_device_may_refuse(
    path: str, value: Any, payload: bytes
) -> None:
    assert sent("write", path, value).payload == payload


def test_the_refusal_says_the_range_and_the_unit_in_both_languages() -> None:
    error = refused("write", "/3311/0/5851", 101)
    assert worded(error, "en") == "/3311/0/5851 takes 0..100 (/100), not 101"
    assert worded(error, "zh") == "/3311/0/5851 的范围是 0..100（/100），而不是 101"
    assert worded(refused("write", "/12/0/5", ""), "en") == "/12/0/5 takes 1..32 bytes, not 0"


def test_a_composite_write_is_held_against_the_definitions_too() -> None:
    client = Client(observe=(), read=())
    client.register("lwm2m=1.1", "b=U", "lt=300", links=b'</>;ct="112",</3311/0>')
    client.drain()
    with pytest.raises(PlatformError) as refused:
        client.platform.devices.ask(client.now, IMEI, "write-composite", "", {"/3311/0": {"5850": True, "5851": 101}})
    assert refused.value.code is WriteRefusal.OUT_OF_RANGE
    assert client.drain() == []
