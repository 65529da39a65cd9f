"""LwM2M operations by name, and what TLV carries, as lines of the timeline."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtwin.coap.message import Message, options
from nbtwin.coap.message import encode as encode_message
from nbtwin.coap.numbers import Code, Type
from nbtwin.lwm2m.content import composite
from nbtwin.lwm2m.content.tlv import TlvEntry, TlvKind, encode
from nbtwin.lwm2m.path import Path, Paths
from nbtwin.timeline.operations import OperationNames, name
from nbtwin.timeline.payloads import describe_payload

CLIENT, SERVER = ("10.0.0.2", 49158), ("192.0.2.11", 5684)
CON, NON, ACK = Type.CON, Type.NON, Type.ACK


class Talk:
    """A client and a server, and what each message between them is called."""

    def __init__(self) -> None:
        self.operations = OperationNames()
        self._mid = 0

    def up(self, code: int, path: str = "", *, type: Type = CON, token: bytes = b"t", **more: Any) -> str | None:
        return self._name(CLIENT, SERVER, type, code, path, token, more)

    def down(self, code: int, path: str = "", *, type: Type = CON, token: bytes = b"t", **more: Any) -> str | None:
        return self._name(SERVER, CLIENT, type, code, path, token, more)

    def _name(self, source: Any, to: Any, type: Type, code: int, path: str, token: bytes, more: Any) -> str | None:
        self._mid += 1
        payload = more.pop("payload", b"")
        found = options(path=[part for part in path.split("/") if part], **more)
        message = Message(type, code, self._mid, token, found, payload)
        operation = name(message, self.operations.pass_by(source, to, encode_message(message)))
        return operation.name if operation is not None else None


@pytest.mark.parametrize(
    ("code", "path", "more", "name"),
    [
        (Code.GET, "/3/0", {}, "Read /3/0"),
        (Code.GET, "/3/0", {"accept": 40}, "Discover /3/0"),
        (Code.GET, "/19/1/0", {"observe": 0}, "Observe /19/1/0"),
        (Code.GET, "/19/1/0", {"observe": 1}, "Cancel Observation /19/1/0"),
        (Code.PUT, "/1/1/1", {"payload": b"300"}, "Write /1/1/1"),
        (Code.PUT, "/19/0", {"query": ["pmin=10"]}, "Write-Attributes /19/0"),
        (Code.PUT, "/19/0", {"query": ["pmin=10"], "payload": b"x"}, "Write /19/0"),
        (Code.POST, "/1/1", {"payload": b"x"}, "Write /1/1"),
        (Code.POST, "/1", {"payload": b"x"}, "Create /1"),
        (Code.POST, "/3/0/4", {}, "Execute /3/0/4"),
        (Code.DELETE, "/1/1", {}, "Delete /1/1"),
        (Code.FETCH, "/3/0", {}, None),
        (Code.GET, "/.well-known/core", {}, "Discover /"),
        (Code.GET, "/fw/bc25.bin", {}, None),
        (Code.GET, "/99999/0", {}, None),
        (Code.DELETE, "/", {}, None),
        (31, "/3", {}, None),
    ],
)
def test_a_servers_request_is_called_by_what_it_does(code: int, path: str, more: dict[str, Any], name: str) -> None:
    assert Talk().down(code, path, **more) == name


def test_a_registration_is_followed_from_register_to_de_register() -> None:
    talk = Talk()
    assert talk.up(Code.POST, "/rd", query=["ep=x"], token=b"1") == "Register"
    assert talk.down(Code.CREATED, type=ACK, token=b"1", location_path=["rd", "5a"]) == "to Register"
    assert talk.up(Code.POST, "/rd/5a", token=b"2") == "Update"
    assert talk.down(Code.CHANGED, type=ACK, token=b"2") == "to Update"
    assert talk.up(Code.DELETE, "/rd/5a", token=b"3") == "De-register"
    assert talk.down(Code.NOT_FOUND, type=ACK, token=b"3") == "to De-register"


def test_a_bootstrap_gives_its_operations_their_names_until_it_is_finished() -> None:
    talk = Talk()
    assert talk.up(Code.POST, "/bs", query=["ep=x"], token=b"1") == "Bootstrap-Request"
    assert talk.down(Code.CHANGED, type=ACK, token=b"1") == "to Bootstrap-Request"
    assert talk.down(Code.DELETE, "/") == "Bootstrap-Delete /"
    assert talk.down(Code.DELETE, "/0") == "Bootstrap-Delete /0"
    assert talk.down(Code.PUT, "/0/1", payload=b"x") == "Bootstrap-Write /0/1"
    assert talk.down(Code.GET, "/1", accept=40) == "Bootstrap-Discover /1"
    assert talk.down(Code.POST, "/bs") == "Bootstrap-Finish"
    assert talk.up(Code.CHANGED, type=ACK) == "to Bootstrap-Finish"
    assert talk.down(Code.PUT, "/1/1", payload=b"x") == "Write /1/1"


def test_the_first_answer_to_an_observe_is_its_answer_and_what_follows_are_notifications() -> None:
    talk = Talk()
    talk.down(Code.GET, "/19/1/0", observe=0, token=b"obs")
    assert talk.up(Code.CONTENT, type=ACK, token=b"obs", observe=1) == "to Observe /19/1/0"
    assert talk.up(Code.CONTENT, type=ACK, token=b"obs", observe=1) == "to Observe /19/1/0", "repeated"
    assert talk.up(Code.CONTENT, type=NON, token=b"obs", observe=2) == "Notify /19/1/0"
    assert talk.up(Code.CONTENT, type=CON, token=b"obs", observe=3) == "Notify /19/1/0"
    talk.down(Code.GET, "/19/1/0", observe=1, token=b"obs")
    assert talk.up(Code.CONTENT, type=ACK, token=b"obs") == "to Cancel Observation /19/1/0"


def test_an_answer_to_nothing_that_was_seen_has_no_name_and_neither_has_an_empty_message() -> None:
    talk = Talk()
    assert talk.up(Code.CONTENT, type=ACK, token=b"?") is None
    assert talk.up(Code.EMPTY, type=ACK, token=b"") is None
    talk.down(Code.GET, "/3/0")
    talk.down(Code.GET, "/other", token=b"t")
    assert talk.up(Code.CONTENT, type=ACK) is None, "the token is in use for something else"


def test_uplink_data_outside_of_an_observation_is_a_send() -> None:
    assert Talk().up(Code.POST, "/dp", payload=b"x") == "Send"


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nbtwin.timeline.operations._MOST", 20)
    talk = Talk()
    for number in range(100):
        token = number.to_bytes(2, "big")
        talk.up(Code.POST, "/rd", token=token)
        talk.down(Code.CREATED, type=ACK, token=token, location_path=["rd", str(number)])
        talk.up(Code.POST, "/bs", query=["ep=x"], token=token)
    assert len(talk.operations._asked) == 20


DEVICE = encode(
    [
        TlvEntry(TlvKind.RESOURCE, 0, b"QUECTEL"),
        TlvEntry(TlvKind.MULTIPLE_RESOURCE, 7, entries=(TlvEntry(TlvKind.RESOURCE_INSTANCE, 0, b"\x0e\xd8"),)),
        TlvEntry(TlvKind.RESOURCE, 9, b"A"),
        TlvEntry(TlvKind.RESOURCE, 99, b"\xff"),
    ]
)


@pytest.mark.parametrize(
    ("payload", "content_format", "path", "shown"),
    [
        (DEVICE, 11542, "/3/0", "«Manufacturer=QUECTEL Power Source Voltage=3800 Battery Level=65 99=0xff»"),
        (
            encode([TlvEntry(TlvKind.OBJECT_INSTANCE, 1, entries=(TlvEntry(TlvKind.RESOURCE, 1, b"\x01\x2c"),))]),
            11542,
            "/1",
            "«/1/1: Lifetime=300»",
        ),
        (DEVICE, 11542, None, "«0=QUECTEL 7=0x0ed8 9=A 99=0xff»"),
        (encode([TlvEntry(TlvKind.RESOURCE, 5, b"secret")]), 11542, "/0/1", "«Secret Key=****»"),
        (encode([TlvEntry(TlvKind.RESOURCE, 0, b"hi")]), 1542, "/19/1/0", "«Data=hi»"),
        (b"\xc8", 11542, "/3/0", "[1 bytes]"),
        (b"21", 0, "/3/0/9", "«21»"),
        (b"\x00\xff", 42, "/5/0/0", "[2 bytes]"),
        (b"", 11542, "/3/0", ""),
        (b"x" * 300, 0, None, f"«{'x' * 100}…» [300 bytes]"),
    ],
)
def test_a_payload_is_told_by_names_and_values(payload: bytes, content_format: int, path: str, shown: str) -> None:
    assert describe_payload(payload, content_format, Path(path) if path else None) == shown


@given(
    st.binary(max_size=60), st.sampled_from([None, 0, 42, 1542, 11542]), st.sampled_from(["/3/0", "/1", "/19/0/0/1"])
)
def test_any_payload_at_any_path_becomes_a_text(payload: bytes, content_format: int | None, path: str) -> None:
    assert isinstance(describe_payload(payload, content_format, Path(path)), str)


JSON, CBOR, LWM2M = 110, 112, 11544
PATHS = Paths("/3/0,/1/0/1")


@pytest.mark.parametrize("form", [JSON, CBOR, LWM2M])
def test_composite_operations_are_called_by_the_paths_in_their_payload(form: int) -> None:
    talk, paths = Talk(), composite.encode_paths(form, PATHS)
    values = composite.encode_values(form, {Path("/1/0/1"): 60})
    assert talk.down(Code.FETCH, payload=paths, content_format=form) == "Read-Composite /1/0/1,/3/0"
    assert talk.up(Code.CONTENT, type=ACK) == "to Read-Composite /1/0/1,/3/0"
    assert talk.down(Code.IPATCH, payload=values, content_format=form) == "Write-Composite /1/0/1"
    observed = {"payload": paths, "content_format": form, "token": b"o"}
    assert talk.down(Code.FETCH, observe=0, **observed) == "Observe-Composite /1/0/1,/3/0"
    assert talk.up(Code.CONTENT, type=ACK, token=b"o", observe=1) == "to Observe-Composite /1/0/1,/3/0"
    assert talk.up(Code.CONTENT, type=CON, token=b"o", observe=2) == "Notify /1/0/1,/3/0"
    assert talk.down(Code.FETCH, observe=1, **observed) == "Cancel Observation-Composite /1/0/1,/3/0"


@pytest.mark.parametrize(("form", "payload"), [(JSON, b'[{"n":"/3'), (CBOR, b"\xff"), (0, b"x"), (None, b"")])
def test_a_part_of_a_composite_operation_has_no_paths(form: int | None, payload: bytes) -> None:
    assert Talk().down(Code.FETCH, payload=payload, content_format=form) == "Read-Composite"
    assert Talk().down(Code.IPATCH, payload=payload, content_format=form) == "Write-Composite"


@pytest.mark.parametrize("form", [JSON, CBOR, LWM2M])
def test_values_of_several_objects_are_named_and_keys_are_masked(form: int) -> None:
    nodes = {Path("/3/0/0"): "Quectel", Path("/0/1/5"): b"secret key", Path("/1/0/1"): 60}
    assert describe_payload(composite.encode_values(form, nodes), form) == (
        "«/3/0/0 Manufacturer=Quectel /0/1/5 Secret Key=**** /1/0/1 Lifetime=60»"
    )
    assert describe_payload(composite.encode_paths(form, PATHS), form) == "«/1/0/1 Lifetime /3/0»"


def test_a_value_has_its_time() -> None:
    payload = b'[{"bn":"/3/0/9","bt":1700000000.5,"v":9},{"t":-10,"v":8}]'
    assert describe_payload(payload, JSON) == (
        "«/3/0/9 Battery Level=9 @ 1700000000.5 /3/0/9 Battery Level=8 @ 1699999990.5»"
    )
