"""Operations of a server on a client's objects, and the codes of refusals (LwM2M 1.0 TS, 5.4 and table 31)."""

from __future__ import annotations

import pytest

from nbtwin.coap.endpoint import Response
from nbtwin.coap.message import Message, options
from nbtwin.coap.numbers import Code, Type
from nbtwin.coap.numbers import ContentFormat as F
from nbtwin.lwm2m.model import OBJECTS, ResourceNode
from nbtwin.lwm2m.object_store import ObjectRefused, ObjectStore, Resource, constant


class Device:
    """A tree whose changes can be looked at."""

    def __init__(self) -> None:
        self.period: ResourceNode = 300
        self.binding: ResourceNode = "U"
        self.executed: list[bytes] = []
        server = {
            0: constant(1),
            1: Resource(get=lambda: self.period, set=self.set_period),
            7: Resource(get=lambda: self.binding, set=self.set_binding),
            8: Resource(execute=self.executed.append),
        }
        self.store = ObjectStore(OBJECTS, {1: {0: server}, 3: {0: {0: constant("Quectel"), 6: constant({0: 1, 1: 5})}}})

    def set_period(self, value: ResourceNode) -> None:
        if value == 0:
            raise ObjectRefused(Code.BAD_REQUEST)
        self.period = value

    def set_binding(self, value: ResourceNode) -> None:
        self.binding = value

    def ask(
        self, code: int, path: str, payload: bytes = b"", *, fmt: int | None = None, accept: int | None = None
    ) -> Response:
        found = options(path=path.strip("/").split("/") if path != "/" else (), content_format=fmt, accept=accept)
        return self.store.handle(5.0, Message(Type.CON, code, 1, b"t", found, payload))


GET, PUT, POST, DELETE = Code.GET, Code.PUT, Code.POST, Code.DELETE
CHANGED, NOT_FOUND, NOT_ALLOWED = Code.CHANGED, Code.NOT_FOUND, Code.METHOD_NOT_ALLOWED


@pytest.mark.parametrize(
    ("path", "accept", "expected", "payload"),
    [
        ("/3/0", None, F.LWM2M_TLV, "c70051756563746563748606410001410105"),
        ("/3/0/0", F.TEXT, F.TEXT, b"Quectel".hex()),
        ("/3/0/6", F.OLD_LWM2M_TLV, F.OLD_LWM2M_TLV, "8606410001410105"),
        ("/1/0/1", F.LWM2M_JSON, F.LWM2M_JSON, b'{"e":[{"v":300}],"bn":"/1/0/1"}'.hex()),
        ("/1", None, F.LWM2M_TLV, "08000ac10001c201012cc10755"),
    ],
)
def test_read(path: str, accept: int | None, expected: int, payload: str) -> None:
    response = Device().ask(GET, path, accept=accept)
    assert (response.code, response.options) == (Code.CONTENT, options(content_format=expected))
    assert response.payload.hex() == payload.replace("c7005175656374656374", "c700" + b"Quectel".hex())


def test_discover() -> None:
    """5.4.2: Accept is link-format."""
    device = Device()
    assert device.ask(GET, "/3", accept=F.LINK_FORMAT).payload == b"</3>,</3/0>,</3/0/0>,</3/0/6>"
    assert device.ask(GET, "/1/0", accept=F.LINK_FORMAT).payload == b"</1/0>,</1/0/0>,</1/0/1>,</1/0/7>,</1/0/8>"
    response = device.ask(GET, "/1/0/1", accept=F.LINK_FORMAT)
    assert (response.payload, response.options) == (b"</1/0/1>", options(content_format=40))


def test_write_one_resource() -> None:
    device = Device()
    assert device.ask(PUT, "/1/0/1", b"600", fmt=F.TEXT).code == CHANGED
    assert device.period == 600
    assert device.ask(PUT, "/1/0/1", b"601").code == CHANGED  # no Content-Format: text
    assert device.ask(PUT, "/1/0/1", bytes.fromhex("c2010258"), fmt=F.LWM2M_TLV).code == CHANGED
    assert device.period == 600


@pytest.mark.parametrize("code", [PUT, POST])
def test_write_several_resources_of_an_instance(code: Code) -> None:
    device = Device()
    assert device.ask(code, "/1/0", bytes.fromhex("c2010258c2075551"), fmt=F.LWM2M_TLV).code == CHANGED
    assert (device.period, device.binding) == (600, "UQ")


def test_a_write_that_is_refused_in_part_changes_nothing() -> None:
    device = Device()
    assert device.ask(POST, "/1/0", bytes.fromhex("c2010258c10007"), fmt=F.LWM2M_TLV).code == NOT_ALLOWED
    assert device.period == 300


def test_execute() -> None:
    device = Device()
    assert device.ask(POST, "/1/0/8", b"0='x'").code == CHANGED
    assert device.executed == [b"0='x'"]


def test_handlers_may_ask_for_the_time() -> None:
    device = Device()
    device.ask(GET, "/3/0")
    assert device.store.now == 5.0


@pytest.mark.parametrize(
    ("code", "path", "payload", "fmt", "accept", "expected"),
    [
        (GET, "/9", b"", None, None, NOT_FOUND),
        (GET, "/3/1", b"", None, None, NOT_FOUND),
        (GET, "/3/0/1", b"", None, None, NOT_FOUND),
        (GET, "/3/0/6/0", b"", None, None, NOT_FOUND),
        (GET, "/rd", b"", None, None, NOT_FOUND),
        (GET, "/", b"", None, None, NOT_ALLOWED),
        (GET, "/1/0/8", b"", None, None, NOT_ALLOWED),
        (GET, "/3/0", b"", None, F.TEXT, Code.NOT_ACCEPTABLE),
        (GET, "/3/0/0", b"", None, F.CBOR, Code.NOT_ACCEPTABLE),
        (GET, "/3/0/0", b"", None, F.OCTET_STREAM, Code.NOT_ACCEPTABLE),
        (PUT, "/3/0/0", b"x", F.TEXT, None, NOT_ALLOWED),
        (PUT, "/1/0/8", b"x", F.TEXT, None, NOT_ALLOWED),
        (PUT, "/3/0/9", b"1", F.TEXT, None, NOT_FOUND),
        (PUT, "/1/0/1", b"x", F.TEXT, None, Code.BAD_REQUEST),
        (PUT, "/1/0/1", b"\xff", F.TEXT, None, Code.BAD_REQUEST),
        (PUT, "/1/0/1", b"\xc2", F.LWM2M_TLV, None, Code.BAD_REQUEST),
        (PUT, "/1/0/1", b"0", F.TEXT, None, Code.BAD_REQUEST),
        (PUT, "/1/0/1", b"x", F.OCTET_STREAM, None, Code.UNSUPPORTED_CONTENT_FORMAT),
        (PUT, "/1/0/1", b"x", F.CBOR, None, Code.UNSUPPORTED_CONTENT_FORMAT),
        (POST, "/1/0", b"x", F.TEXT, None, Code.UNSUPPORTED_CONTENT_FORMAT),
        (POST, "/1/0", bytes.fromhex("c16301"), F.LWM2M_TLV, None, NOT_FOUND),
        (POST, "/3/0/0", b"", None, None, NOT_ALLOWED),
        (POST, "/3", b"", F.LWM2M_TLV, None, NOT_ALLOWED),
        (DELETE, "/3/0", b"", None, None, NOT_ALLOWED),
        (Code.FETCH, "/3/0", b"", None, None, NOT_ALLOWED),
    ],
)
def test_refusals(code: int, path: str, payload: bytes, fmt: int | None, accept: int | None, expected: Code) -> None:
    device = Device()
    assert device.ask(code, path, payload, fmt=fmt, accept=accept).code == expected
    assert (device.period, device.binding, device.executed) == (300, "U", [])
