"""Write-Attributes: what the standard does not have at a path, or in a device's version, never leaves (D158)."""

from __future__ import annotations

from typing import Any

import pytest
from andlink_raw_bench import IMEI, Client

from nbtwin.coap.numbers import Code
from nbtwin.lwm2m.attributes import NOTIFICATION, AttributeRefusal
from nbtwin.operators.refusals import PlatformError, PlatformRefusal

R = AttributeRefusal
NUMBER, TEXT, FLAG, EXECUTED, UNKNOWN = "/3/0/9", "/3/0/0", "/1/0/6", "/3/0/4", "/9999/0/1"


def given(version: str, path: str, attributes: dict[str, Any]) -> tuple[str, ...]:
    """The queries that the device gets."""
    client = Client()
    client.register(f"lwm2m={version}")
    try:
        _, (write,) = client.do(client.platform.devices.ask, IMEI, "write-attributes", path, attributes)
    except PlatformError:
        assert client.drain() == []
        raise
    assert (write.code, write.payload, write.content_format) == (Code.PUT, b"", None)
    return write.query


def refusal(version: str, path: str, attributes: dict[str, Any]) -> PlatformError:
    with pytest.raises(PlatformError) as refused:
        given(version, path, attributes)
    assert refused.value.fields["takes"] == "attributes"  # the field of the order, in a 422
    return refused.value


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2"])
@pytest.mark.parametrize("name", NOTIFICATION)
def test_an_attribute_is_sent_to_devices_of_versions_that_have_it(version: str, name: str) -> None:
    since = NOTIFICATION[name].since
    path = FLAG if name == "edge" else NUMBER
    for value in (1, None):  # taking one away needs it, too
        if version >= since:
            assert given(version, path, {name: value}) == (name if value is None else f"{name}=1",)
        else:
            refused = refusal(version, path, {name: value})
            assert refused.code is R.VERSION
            assert {"name": name, "since": since, "version": version}.items() <= refused.fields.items()


@pytest.mark.parametrize(
    ("path", "attributes", "queries"),
    [
        ("/3", {"pmin": 10, "pmax": 60}, ("pmin=10", "pmax=60")),
        ("/3/0", {"pmin": 90, "pmax": 60}, ("pmin=90", "pmax=60")),  # such a pmax is ignored, not wrong
        ("/3/0", {"con": True, "hqmax": 5}, ("con=1", "hqmax=5")),
        (NUMBER, {"gt": 1e-7, "lt": -40.5, "st": 1e-9}, ("gt=0.0000001", "lt=-40.5", "st=0.000000001")),
        (NUMBER, {"gt": 20.0, "pmin": 10.0}, ("gt=20", "pmin=10")),
        (NUMBER, {"lt": 10, "gt": 20.5, "st": 5}, ("lt=10", "gt=20.5", "st=5")),
        ("/3/0/7/0", {"gt": 1, "epmin": 1, "epmax": 2}, ("gt=1", "epmin=1", "epmax=2")),
        (FLAG, {"edge": 0}, ("edge=0",)),
        (UNKNOWN, {"gt": 1, "edge": 1}, ("gt=1", "edge=1")),  # whatever it is
        ("/3", {"gt": None}, ("gt",)),  # takes away what nobody can have set
    ],
)
def test_what_is_sent_is_written_as_the_standard_writes_it(
    path: str, attributes: dict[str, Any], queries: tuple[str, ...]
) -> None:
    assert given("1.2", path, attributes) == queries


@pytest.mark.parametrize(
    ("path", "attributes", "code"),
    [
        (NUMBER, {"pmid": 1}, R.UNKNOWN),
        (NUMBER, {"dim": 1}, R.UNKNOWN),  # a property, which is only read
        (NUMBER, {"pmin": "ten"}, R.NO_NUMBER),
        (NUMBER, {"pmin": True}, R.NO_NUMBER),
        (NUMBER, {"gt": float("nan")}, R.NO_NUMBER),
        (NUMBER, {"gt": float("inf")}, R.NO_NUMBER),
        (NUMBER, {"gt": 1e300}, R.NO_NUMBER),
        (NUMBER, {"pmin": -1}, R.NO_WHOLE_NUMBER),
        (NUMBER, {"pmax": 1.5}, R.NO_WHOLE_NUMBER),
        (NUMBER, {"hqmax": -1}, R.NO_WHOLE_NUMBER),
        (NUMBER, {"st": -0.5}, R.RANGE),
        (NUMBER, {"con": 2}, R.NO_FLAG),
        (FLAG, {"edge": "up"}, R.NO_FLAG),
        ("/3", {"gt": 1}, R.LEVEL),
        ("/3/0", {"st": 1}, R.LEVEL),
        ("/1/0", {"edge": 1}, R.LEVEL),
        (TEXT, {"gt": 1}, R.NOT_NUMERICAL),
        ("/3/0/11/0", {"edge": 1}, R.NOT_BOOLEAN),
        (FLAG, {"lt": 1}, R.NOT_NUMERICAL),
        (EXECUTED, {"pmin": 1}, R.NOT_READABLE),
        ("/5/0/0", {"pmax": 1}, R.NOT_READABLE),
        (NUMBER, {"lt": 20, "gt": 10}, R.LIMITS),
        (NUMBER, {"lt": 10, "gt": 10}, R.LIMITS),
        (NUMBER, {"lt": 10, "gt": 20, "st": 5}, R.LIMITS),
        (NUMBER, {"epmin": 60, "epmax": 60}, R.PERIODS),
    ],
)
def test_what_the_standard_does_not_have_is_refused(
    path: str, attributes: dict[str, Any], code: AttributeRefusal
) -> None:
    assert refusal("1.2", path, {"pmin": 1, **attributes}).code is code


def test_nothing_is_no_write_attributes() -> None:
    assert refusal("1.0", NUMBER, {}).code is PlatformRefusal.VALUE_MISSING


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2"])
def test_an_observation_has_attributes_of_its_own_from_1_2_on(version: str) -> None:
    """TS Core 1.2, 6.4.1."""
    client = Client()
    client.register(f"lwm2m={version}")
    ask = client.platform.devices.ask
    if version < "1.2":
        with pytest.raises(PlatformError) as refused:
            client.do(ask, IMEI, "observe", NUMBER, {"pmin": 10})
        assert (refused.value.code, refused.value.fields["since"]) == (R.VERSION, "1.2")
    else:
        _, (observe,) = client.do(ask, IMEI, "observe", NUMBER, {"pmin": 10, "gt": 20.5, "con": True})
        assert (observe.code, observe.observe, observe.query) == (Code.GET, 0, ("pmin=10", "gt=20.5", "con=1"))
        client.answer(observe, payload=b"95", content_format=0, observe=1)
        assert client.platform.devices.observed(IMEI) == [NUMBER]
        for wrong, code in (
            ({"pmin": None}, R.NO_NUMBER),
            ({"edge": 1}, R.NOT_BOOLEAN),
            ({"lt": 2, "gt": 1}, R.LIMITS),
        ):
            with pytest.raises(PlatformError) as refused:
                client.do(ask, IMEI, "observe", NUMBER, wrong)
            assert (refused.value.code, refused.value.fields["takes"]) == (code, "attributes")
    _, sent = client.do(ask, IMEI, "observe", TEXT)
    assert [message.query for message in sent] == [()]
