"""Devices of LwM2M 1.0, 1.1 and 1.2 at one platform: what each may say, and what it is asked (D157)."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from andlink_raw_bench import IMEI, OTHER, Client, codes

from nbtwin.coap.numbers import Code, ContentFormat
from nbtwin.lwm2m.server.refusals import Lwm2mServerRefusal
from nbtwin.operators import events as ev
from nbtwin.operators.andlink.admission import PlaintextPolicy
from nbtwin.operators.refusals import PlatformError, PlatformRefusal
from nbtwin.operators.store.store import Store

BINDING, OF_VERSION = Lwm2mServerRefusal.BINDING, Lwm2mServerRefusal.BINDING_VERSION


@pytest.mark.parametrize(
    ("query", "binding"),
    [
        (("lwm2m=1.0",), "U"),
        (("lwm2m=1.0", "b=UQ"), "UQ"),
        (("lwm2m=1.0", "b=UQS"), "UQS"),
        (("b=SQ",), "SQ"),  # no version is 1.0
        (("lwm2m=1.1", "Q"), "UQ"),
        (("lwm2m=1.1", "b=UT", "Q"), "UTQ"),
        (("lwm2m=1.1", "b=N"), "N"),
        (("lwm2m=1.2", "b=HMU", "Q="), "HMUQ"),
    ],
)
def test_each_version_has_its_bindings(query: tuple[str, ...], binding: str) -> None:
    """TS 1.0.2, 5.3.1.1; TS Core 1.1 and 1.2, 6.2.1.2."""
    client = Client()
    assert codes(client.register(*query)) == [Code.CREATED]
    assert client.platform.server.registrations[IMEI].binding == binding


@pytest.mark.parametrize(
    ("query", "code", "refusal", "subject"),
    [
        (("lwm2m=1.0", "b=UT"), "4.00", OF_VERSION, "lwm2m=1.0&b=UT"),
        (("lwm2m=1.0", "b=UQSQ"), "4.00", BINDING, "UQSQ"),
        (("lwm2m=1.0", "b=USQ"), "4.00", OF_VERSION, "lwm2m=1.0&b=USQ"),
        (("lwm2m=1.0", "b=U", "Q"), "4.00", OF_VERSION, "lwm2m=1.0&b=U&Q"),
        (("lwm2m=1.1", "b=UQ"), "4.00", OF_VERSION, "lwm2m=1.1&b=UQ"),
        (("lwm2m=1.1", "b=UM"), "4.00", OF_VERSION, "lwm2m=1.1&b=UM"),
        (("lwm2m=1.2", "b=QU"), "4.00", OF_VERSION, "lwm2m=1.2&b=QU"),
        (("lwm2m=1.2", "b=UX"), "4.00", BINDING, "UX"),
        (("lwm2m=1.1", "b=T", "Q"), "4.00", Lwm2mServerRefusal.BINDING_TRANSPORT, "T"),  # D167
        (("lwm2m=1.2", "b=MH"), "4.00", Lwm2mServerRefusal.BINDING_TRANSPORT, "MH"),
        (("lwm2m=1.3",), "4.12", Lwm2mServerRefusal.VERSION_UNSUPPORTED, "1.3"),
        (("lwm2m=1.10",), "4.12", Lwm2mServerRefusal.VERSION_UNSUPPORTED, "1.10"),
        (("lwm2m=2.0",), "4.12", Lwm2mServerRefusal.VERSION_UNSUPPORTED, "2.0"),
        (("lwm2m=1",), "4.00", Lwm2mServerRefusal.VERSION, "1"),
        (("lwm2m=1.1", "sms=+4912345"), "4.00", Lwm2mServerRefusal.SMS_NUMBER, "+4912345"),
        (("lwm2m=1.1", "sms=a@b.example"), "4.00", Lwm2mServerRefusal.SMS_NUMBER, "a@b.example"),
    ],
)
def test_what_is_of_another_version_is_refused(
    query: tuple[str, ...], code: str, refusal: Lwm2mServerRefusal, subject: str
) -> None:
    client = Client()
    client.register(*query)
    (refused,) = client.log
    assert (refused.response_code, refused.refusal, refused.subject) == (code, refusal, subject)


@pytest.mark.parametrize(
    ("version", "code"), [("1.0", Code.BAD_REQUEST), ("1.1", Code.BAD_REQUEST), ("1.2", Code.CONFLICT)]
)
def test_a_profile_does_not_stand_for_the_objects(version: str, code: Code) -> None:
    """TS Core 1.2, 6.2.1: 4.09 where a server cannot tell which objects there are."""
    assert codes(Client().register(f"lwm2m={version}", "pid=6:1234abcd", links=b"")) == [code]


@pytest.mark.parametrize(
    ("registered", "update", "binding"),
    [
        (("lwm2m=1.0", "b=UQ"), ("b=U",), "U"),
        (("lwm2m=1.1", "b=U", "Q"), ("b=UT",), "UTQ"),
        (("lwm2m=1.1", "b=U", "Q"), ("lt=60",), "UQ"),
        (("lwm2m=1.2", "b=UT"), ("Q",), "UTQ"),
        (("lwm2m=1.1", "b=U"), ("b=UQ",), None),
        (("lwm2m=1.0", "b=U"), ("b=U", "Q"), None),
    ],
)
def test_an_update_says_what_has_changed(
    registered: tuple[str, ...], update: tuple[str, ...], binding: str | None
) -> None:
    """TS Core 1.1, 6.2.2: from 1.1 on Queue Mode is not of the binding."""
    client = Client()
    (created,) = client.register(*registered)
    before = client.platform.server.registrations[IMEI].binding
    (answer,) = client.ask(Code.POST, "/".join(created.location), *update)
    assert answer.code == (Code.BAD_REQUEST if binding is None else Code.CHANGED)
    assert client.platform.server.registrations[IMEI].binding == (binding or before)


@pytest.fixture
def store() -> Iterator[Store]:
    with closing(Store.open(":memory:")) as opened:
        yield opened


def test_the_inventory_has_what_an_update_has_changed(store: Store) -> None:
    client = Client()
    created, _ = client.register("lwm2m=1.1", "b=U", "Q", "sms=4912345", links=b"</1/0>,</3/0>")
    client.ask(Code.POST, "/".join(created.location))
    links = b"</1/0>,</3/0>,</3303/0>"
    client.ask(Code.POST, "/".join(created.location), "b=UT", "sms=4967890", payload=links, content_format=40)
    store.commit([event for event in client.log if isinstance(event, ev.DeviceRegistered | ev.DeviceUpdated)])
    device = store.device(f"andlink:{IMEI}")
    assert device is not None
    assert (device.lwm2m_version, device.binding, device.sms, device.objects) == (
        "1.1", "UTQ", "4967890", links.decode()
    )  # fmt: skip
    again = Client()
    again.platform.restore(store.registrations("andlink"))
    assert again.platform.server.registrations[IMEI] == client.platform.server.registrations[IMEI]


@pytest.mark.parametrize(
    ("verb", "path", "value", "since"),
    [
        ("read", "/3/0/0", None, "1.0"),
        ("read", "/3/0/7/0", None, "1.1"),
        ("observe", "/3/0/7/0", None, "1.1"),
        ("write", "/19/0/0/1", "x", "1.1"),
        ("write-attributes", "/3/0/7", {"pmin": 1}, "1.0"),
        ("write-attributes", "/3/0/7/0", {"pmin": 1}, "1.1"),
        ("write-partly", "/1/0", {"1": 60}, "1.0"),
        ("write-partly", "/19/0/0", {"1": "x"}, "1.1"),
        ("delete", "/19/1", None, "1.0"),
        ("delete", "/19/1/0/0", None, "1.2"),
    ],
)
@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2"])
def test_a_device_is_asked_for_what_its_version_has(version: str, verb: str, path: str, value: Any, since: str) -> None:
    client = Client()
    client.register(f"lwm2m={version}")
    if version >= since:
        _, (asked,) = client.do(client.platform.devices.ask, IMEI, verb, path, value)
        assert asked.path == tuple(path[1:].split("/"))
        return
    with pytest.raises(PlatformError) as refused:
        client.do(client.platform.devices.ask, IMEI, verb, path, value)
    assert refused.value.code is PlatformRefusal.VERSION_LACKS
    assert refused.value.fields == {
        "operation": verb, "path": path, "client": IMEI, "version": version, "since": since
    }  # fmt: skip
    assert client.drain() == []


def test_a_resource_is_not_deleted() -> None:
    client = Client()
    client.register("lwm2m=1.2")
    with pytest.raises(PlatformError) as refused:
        client.do(client.platform.devices.ask, IMEI, "delete", "/19/1/0")
    assert refused.value.code is PlatformRefusal.PATH_DEPTH


def test_what_the_platform_asks_by_itself_is_not_asked_of_an_older_device() -> None:
    client = Client()
    client.platform.change_policy(0.0, ["/3/0/7/0"], ["/3/0"])
    sent = client.register("lwm2m=1.0", links=b"</3/0>")
    assert [message.path for message in sent] == [(), ("3", "0")]
    (told,) = [event for event in client.log if isinstance(event, ev.OperationAnswered)]
    assert (told.path, told.refusal) == ("/3/0/7/0", PlatformRefusal.VERSION_LACKS)


def test_a_device_that_bootstraps_says_what_it_has(store: Store) -> None:
    """TS Core 1.1, 6.1.7.3 and 6.1.7.4: Bootstrap-Discover with versions, Bootstrap-Read."""
    client = Client(discovers_first=True, reads_first=(1,), deletes_first=False)
    _, discover = client.ask(Code.POST, "bs", f"ep={IMEI}", "pct=110")
    links = b'</>;lwm2m=1.1,</0/0>,</1/0>;ssid=101,</3>;ver="1.1",</3/0>'
    (read,) = client.answer(discover, payload=links, content_format=40)
    payload = b'[{"bn":"/1/0/","n":"0","v":101},{"n":"1","v":300}]'
    (write,) = client.answer(read, payload=payload, content_format=110)
    while write.code == Code.PUT:
        (write,) = client.answer(write, Code.CHANGED)
    client.answer(write, Code.CHANGED)
    (bootstrapped,) = client.log
    assert isinstance(bootstrapped, ev.DeviceBootstrapped)
    assert (bootstrapped.version, bootstrapped.read) == ("1.1", {"/1": {"0": {"0": 101, "1": 300}}})
    store.commit(client.log)
    device = store.device(bootstrapped.device)
    assert device is not None
    assert (device.state, device.lwm2m_version, device.objects) == ("bootstrapped", "1.1", bootstrapped.objects)
    (line,) = store.history(bootstrapped.device)
    assert set(line.fields) == {"peer", "version", "objects", "read"}


def test_a_device_of_lwm2m_1_2_bootstraps_with_one_pack() -> None:
    """TS Core 1.2, 6.1.7.7; without DTLS no key is in it (D67)."""
    client = Client(host="lwm2m.example", ports=(15683, 15684))
    (pack,) = client.ask(Code.GET, "bspack", f"ep={IMEI}", accept=110)
    assert (pack.code, pack.content_format) == (Code.CONTENT, 110)
    assert {"n": "/0/1/0", "vs": "coap://lwm2m.example:15683"} in json.loads(pack.payload)
    assert [type(event) for event in client.log] == [ev.DeviceBootstrapped]
    secured = Client(plain=PlaintextPolicy.ANYBODY).ask(Code.GET, "bspack", f"ep={OTHER}", accept=110)[0].payload
    assert b'"vs":"coaps://' in secured
    assert b64encode(bytes.fromhex("ab" * 16)).rstrip(b"=") not in secured
    (refused,) = Client().ask(Code.GET, "bspack", f"ep={OTHER}")
    assert refused.code == Code.UNAUTHORIZED


@pytest.mark.parametrize(
    ("version", "formats", "form"),
    [
        ("1.0", "", ContentFormat.LWM2M_TLV),
        ("1.0", "11543", ContentFormat.LWM2M_JSON),
        ("1.0", "112 11542", ContentFormat.LWM2M_TLV),
        ("1.1", "", ContentFormat.SENML_CBOR),
        ("1.1", "110 11542", ContentFormat.SENML_JSON),
        ("1.1", "11542 11543", ContentFormat.LWM2M_TLV),
        ("1.1", "11544 110", ContentFormat.SENML_JSON),  # LwM2M CBOR came with 1.2
        ("1.2", "", ContentFormat.SENML_CBOR),
        ("1.2", "11544 11542", ContentFormat.LWM2M_CBOR),
    ],
)
@pytest.mark.parametrize(("path", "value"), [("/1/0", {"1": 300}), ("/19/0/0", {"0": "a", "1": "b"})])
def test_several_values_are_written_in_a_format_of_the_version(
    version: str, formats: str, form: ContentFormat, path: str, value: dict[str, Any]
) -> None:
    """TS Core 1.2, 7.4: a client of 1.1 or newer should not use TLV; what it reads it may say (ct)."""
    client = Client()
    ct = f';ct="{formats}"' if formats else ""
    client.register(f"lwm2m={version}", links=f'</>;rt="oma.lwm2m"{ct},</9/0>'.encode())
    _, (write,) = client.do(client.platform.devices.ask, IMEI, "write", path, value)
    assert write.content_format == form
    client.answer(write, Code.CHANGED)
    _, (one,) = client.do(client.platform.devices.ask, IMEI, "write", "/1/0/1", 300)
    assert (one.content_format, one.payload) == (ContentFormat.TEXT, b"300")


def test_discover_shows_what_a_device_says_of_its_objects() -> None:
    """TS Core 1.1, 5.1.2: the attributes of the PROPERTIES class."""
    client = Client()
    client.register("lwm2m=1.1")
    ticket, (discover,) = client.do(client.platform.devices.ask, IMEI, "discover", "/3")
    links = b'</3>;ver="1.1";pmin=10,</3/0>;epmax=60,</3/0/7>;dim=2;gt=50;lt=42.2,</3/0/7/1>;lt=45,</1/0>;ssid=101'
    client.answer(discover, payload=links, content_format=40)
    assert client.outcome(ticket).value == [
        {"path": "/3", "ver": "1.1", "pmin": "10"},
        {"path": "/3/0", "epmax": "60"},
        {"path": "/3/0/7", "dim": "2", "gt": "50", "lt": "42.2"},
        {"path": "/3/0/7/1", "lt": "45"},
        {"path": "/1/0", "ssid": "101"},
    ]
