"""The Andlink platform, told in raw CoAP: refusals, Queue Mode, LwM2M 1.1, SenML, large values."""

from __future__ import annotations

from typing import Any

import pytest
from andlink_raw_bench import IMEI, LINKS, OTHER, PEER, Client, codes

from nbtwin.coap.blockwise import Block
from nbtwin.coap.events import Retransmitted
from nbtwin.coap.message import Message, in_order, options
from nbtwin.coap.numbers import Code, ContentFormat, OptionNumber, Type
from nbtwin.coap.reasons import CoapRefusal
from nbtwin.engine import DAY
from nbtwin.lwm2m.server.refusals import Lwm2mServerRefusal
from nbtwin.operators import events as ev
from nbtwin.operators.andlink.admission import PlaintextPolicy
from nbtwin.operators.device_management.management import AWAKE, QUEUED_AT_MOST
from nbtwin.operators.refusals import PlatformError, PlatformRefusal
from nbtwin.operators.store.store import Store


@pytest.mark.parametrize(
    ("settings", "ep", "code"),
    [
        ({}, IMEI, Code.CREATED),
        ({}, OTHER, Code.UNAUTHORIZED),
        ({"plain": PlaintextPolicy.ANYBODY}, OTHER, Code.CREATED),
        ({"plain": PlaintextPolicy.NOBODY}, IMEI, Code.UNAUTHORIZED),
        ({"unknown_devices": False}, IMEI, Code.FORBIDDEN),
        ({}, "x" * 129, Code.BAD_REQUEST),
        ({}, "", Code.BAD_REQUEST),
        ({}, "a/b", Code.BAD_REQUEST),  # D132
        ({}, "..", Code.BAD_REQUEST),
    ],
)
def test_who_may_register_without_dtls(settings: dict[str, Any], ep: str, code: Code) -> None:
    """D66."""
    client = Client(**settings)
    assert codes(client.register(ep=ep)) == [code]
    refused = [event for event in client.log if isinstance(event, ev.DeviceRefused)]
    assert bool(refused) is (code != Code.CREATED)


@pytest.mark.parametrize(
    ("settings", "ep", "code"),
    [({}, IMEI, Code.CHANGED), ({}, OTHER, Code.UNAUTHORIZED), ({"unknown_devices": False}, IMEI, Code.FORBIDDEN)],
)
def test_who_may_bootstrap_without_dtls(settings: dict[str, Any], ep: str, code: Code) -> None:
    assert Client(**settings).ask(Code.POST, "bs", f"ep={ep}")[0].code == code


def test_a_bootstrap_writes_the_account_of_the_platform_itself() -> None:
    client = Client(host="lwm2m.example", ports=(15683, 15684), discovers_first=True)
    answered, discover = client.ask(Code.POST, "bs", f"ep={IMEI}")
    assert answered.code == Code.CHANGED
    assert (discover.code, discover.accept) == (Code.GET, ContentFormat.LINK_FORMAT)
    (delete,) = client.answer(discover, Code.METHOD_NOT_ALLOWED)  # not every client knows Discover here
    (security,) = client.answer(delete, Code.DELETED)
    assert b"coap://lwm2m.example:15683" in security.payload
    (server,) = client.answer(security, Code.CHANGED)
    (finish,) = client.answer(server, Code.CHANGED)
    assert (finish.code, finish.path) == (Code.POST, ("bs",))
    assert client.answer(finish, Code.CHANGED) == []
    assert [type(event) for event in client.log] == [ev.DeviceBootstrapped]


def test_a_bootstrap_that_is_interrupted_begins_again() -> None:
    client = Client()
    _, first = client.ask(Code.POST, "bs", f"ep={IMEI}")
    client.answer(first, Code.DELETED)
    _, again = client.ask(Code.POST, "bs", f"ep={IMEI}")
    assert again.code == Code.DELETE
    (write,) = client.answer(again, Code.DELETED)
    client.answer(write, Code.BAD_REQUEST)
    (failed,) = client.log
    assert (type(failed), failed.step, failed.response_code) == (ev.BootstrapFailed, "Write /0/1", "4.00")


def test_a_key_never_leaves_without_dtls() -> None:
    """D67."""
    client = Client(plain=PlaintextPolicy.ANYBODY)
    _, delete = client.ask(Code.POST, "bs", f"ep={OTHER}")
    (security,) = client.answer(delete, Code.DELETED)
    assert b"coaps://" in security.payload
    assert bytes.fromhex("ab" * 16) not in security.payload


def test_the_format_that_a_client_prefers_is_used_for_its_account() -> None:
    """LwM2M 1.1 TS Core, 6.1.7.1: pct."""
    client = Client(deletes_first=False)
    _, security = client.ask(Code.POST, "bs", f"ep={IMEI}", "pct=110")
    assert security.content_format == ContentFormat.SENML_JSON
    assert security.payload.startswith(b'[{"bn":"/0/1/","n":"0","vs":"coap://')


@pytest.mark.parametrize(
    ("query", "binding"),
    [
        (("lwm2m=1.1", "b=U", "Q"), "UQ"),
        (("lwm2m=1.1", "b=UT"), "UT"),
        (("lwm2m=1.2", "b=UM", "lt=60"), "UM"),
        (("lwm2m=1.0", "b=UQ"), "UQ"),
    ],
)
def test_registrations_of_other_versions(query: tuple[str, ...], binding: str) -> None:
    client = Client()
    assert codes(client.register(*query)) == [Code.CREATED]
    assert client.platform.server.registrations[IMEI].binding == binding


@pytest.mark.parametrize("query", ["b=Q", "b=UU", "b=UX", "b=", "lwm2m=2.0"])
def test_registrations_that_make_no_sense_are_refused(query: str) -> None:
    (answer,) = Client().register(query)
    assert answer.code in (Code.BAD_REQUEST, Code.PRECONDITION_FAILED)


def test_data_are_taken_from_the_registered_alone() -> None:
    client = Client()
    assert codes(client.ask(Code.POST, "dp", f"ep={IMEI}", payload=b"x")) == [Code.NOT_FOUND]
    client.register()
    assert codes(client.ask(Code.POST, "dp", f"ep={IMEI}", payload=b"x", content_format=11543)) == [Code.CHANGED]
    assert codes(client.ask(Code.GET, "dp", f"ep={IMEI}")) == [Code.METHOD_NOT_ALLOWED]
    assert codes(client.ask(Code.POST, "dp/more", f"ep={IMEI}")) == [Code.NOT_FOUND]
    (data,) = [event for event in client.log if isinstance(event, ev.DataReceived)]
    assert (data.path, data.way, data.payload, data.content_format) == ("/dp", "post", b"x", 11543)


def test_commands_for_a_sleeping_device_wait_until_it_wakes() -> None:
    """LwM2M 1.0 TS, 8.3."""
    client = Client()
    (created,) = client.register("b=UQ", "lt=3600")
    _, sent = client.do(client.platform.devices.ask, IMEI, "read", "/3/0/0")
    assert codes(sent) == [Code.GET]  # it listens for a while after it was heard
    client.answer(sent[0], payload=b"China Mobile", content_format=0)
    client.now = AWAKE + 1
    ticket, sent = client.do(client.platform.devices.ask, IMEI, "read", "/3/0/1")
    assert sent == []
    assert client.platform.devices.waiting(IMEI) == 1
    update, read = client.ask(Code.POST, "/".join(created.location))
    assert (update.code, read.code, read.path) == (Code.CHANGED, Code.GET, ("3", "0", "1"))
    client.answer(read, payload=b"BC28", content_format=0)
    assert client.outcome(ticket).value == "BC28"
    client.now += AWAKE + 1
    for _ in range(QUEUED_AT_MOST):
        client.do(client.platform.devices.ask, IMEI, "read", "/3/0")
    with pytest.raises(PlatformError) as error:
        client.platform.devices.ask(client.now, IMEI, "read", "/3/0")
    assert error.value.code is PlatformRefusal.QUEUE_FULL


@pytest.mark.parametrize(
    ("content_format", "payload", "value"),
    [
        (0, b"95", 95),
        (11542, bytes.fromhex("c1095f"), 95),
        (110, b'[{"bn":"/3/0/9","v":95}]', 95),
        (112, bytes.fromhex("81a221662f332f302f3902185f"), 95),
        (11543, b'{"bn":"/3/0/9","e":[{"v":95}]}', 95),
        (None, b"95", 95),
    ],
)
def test_an_answer_in_any_format_has_a_plain_value(content_format: int | None, payload: bytes, value: Any) -> None:
    client = Client()
    client.register()
    ticket, (read,) = client.do(client.platform.devices.ask, IMEI, "read", "/3/0/9")
    client.answer(read, payload=payload, content_format=content_format)
    assert client.outcome(ticket).value == value


@pytest.mark.parametrize(
    ("path", "value", "content_format", "payload"),
    [
        ("/1/0/1", 300, 0, b"300"),
        ("/1/0/6", True, 0, b"1"),
        ("/19/0/0", "text", 42, b"text"),
        ("/19/0/0", "0x00ff", 42, b"\x00\xff"),
        ("/19/0/0", b"raw", 42, b"raw"),
        ("/1/0", {"1": 300}, 11542, bytes.fromhex("c201012c")),
        ("/3303/0/5700", 21.5, 0, b"21.5"),
    ],
)
def test_a_value_is_written_as_its_resource_wants_it(
    path: str, value: Any, content_format: int, payload: bytes
) -> None:
    client = Client()
    client.register()
    _, (write,) = client.do(client.platform.devices.ask, IMEI, "write", path, value)
    assert (write.code, write.content_format, write.payload) == (Code.PUT, content_format, payload)


def test_instances_are_written_in_the_format_that_the_client_likes() -> None:
    client = Client()
    client.register("lwm2m=1.1", links=b'</>;rt="oma.lwm2m";ct="112 110",</1/0>')
    _, (write,) = client.do(client.platform.devices.ask, IMEI, "write-partly", "/1/0", {"1": 300})
    assert (write.code, write.content_format) == (Code.POST, ContentFormat.SENML_CBOR)


def test_a_notification_of_any_path_is_the_devices_newest_value() -> None:
    client = Client()
    client.register()
    ticket, (observe,) = client.do(client.platform.devices.ask, IMEI, "observe", "/3/0/9")
    client.answer(observe, payload=b"95", content_format=0, observe=1)
    assert client.outcome(ticket).response_code == "2.05"
    told = Message(Type.CON, Code.CONTENT, 900, observe.token, options(observe=2, content_format=0), b"94")
    (ack,) = client.give(told)
    assert (ack.type, ack.code) == (Type.ACK, 0)
    assert [event.value for event in client.log if isinstance(event, ev.ResourceNotified)] == [95, 94]
    over = Message(Type.CON, Code.NOT_FOUND, 901, observe.token)
    client.give(over)
    (ended,) = [event for event in client.log if isinstance(event, ev.ObservationEnded)]
    assert (ended.path, ended.cause, ended.response_code) == ("/3/0/9", PlatformRefusal.OBSERVATION_ENDED, "4.04")
    assert client.platform.devices.observed(IMEI) == []


def test_a_device_without_firmware_or_data_objects_is_asked_for_what_it_has() -> None:
    client = Client()
    _, read = client.register(links=b"</3/0>,</3303/0>")
    assert (read.code, read.path) == (Code.GET, ("3", "0"))
    assert client.answer(read, Code.NOT_FOUND) == []


def test_one_thing_after_the_other_follows_a_registration() -> None:
    """RFC 7252 4.7: one request is outstanding."""
    client = Client()
    _, first = client.register(links=LINKS)
    (second,) = client.answer(first, payload=b"", content_format=42, observe=1)
    (third,) = client.answer(second, Code.METHOD_NOT_ALLOWED)
    assert [message.path for message in (first, second, third)] == [("19", "1", "0"), ("5", "0", "3"), ("3", "0")]
    refused = [event for event in client.log if isinstance(event, ev.OperationAnswered)]
    assert [(event.ticket, event.operation, event.response_code) for event in refused] == [(0, "observe", "4.05")]


def test_a_package_that_is_not_there_is_not_found() -> None:
    client = Client()
    assert codes(client.ask(Code.GET, "fw/none")) == [Code.NOT_FOUND]
    assert codes(client.ask(Code.POST, "fw/none")) == [Code.METHOD_NOT_ALLOWED]
    assert codes(client.ask(Code.GET, "elsewhere")) == [Code.NOT_FOUND]


def test_a_device_that_was_only_bootstrapped_is_in_the_inventory() -> None:
    client, store = Client(deletes_first=False), Store.open(":memory:")
    _, security = client.ask(Code.POST, "bs", f"ep={IMEI}")
    (server,) = client.answer(security, Code.CHANGED)
    (finish,) = client.answer(server, Code.CHANGED)
    client.answer(finish, Code.CHANGED)
    store.commit(client.log)
    device = store.device(f"andlink:{IMEI}")
    assert device is not None
    assert (device.state, device.endpoint, device.host, device.registrations) == ("bootstrapped", IMEI, PEER[0], 0)
    assert list(store.registrations("andlink")) == []
    client.log.clear()
    client.register()
    store.commit(client.log)
    device = store.device(f"andlink:{IMEI}")
    assert device is not None
    assert (device.state, device.registrations) == ("registered", 1)
    store.close()


def test_what_there_is_to_ask_for_stands_at_well_known_core() -> None:
    """RFC 6690 4."""
    client = Client()
    (links,) = client.ask(Code.GET, ".well-known/core")
    assert (links.content_format, links.payload) == (40, b'</rd>;rt="core.rd";ct=40,</bs>,</bspack>,</dp>,</fw>')
    (links,) = client.ask(Code.GET, ".well-known/core", "rt=core.rd")
    assert links.payload == b'</rd>;rt="core.rd";ct=40'
    assert codes(client.ask(Code.POST, ".well-known/core")) == [Code.METHOD_NOT_ALLOWED]


def test_a_key_that_a_device_gives_away_goes_no_further() -> None:
    """LwM2M 1.0 TS E.1: no server may read the Security object; a device that lets it all the same is not repeated."""
    client, key = Client(), b"s3cret-key-0123"
    client.register()
    for verb in ("read", "observe"):
        ticket, (asked,) = client.do(client.platform.devices.ask, IMEI, verb, "/0/0/5")
        client.answer(asked, payload=key, content_format=ContentFormat.OCTET_STREAM, observe=7)
        assert client.outcome(ticket).value == "****"
    assert any(isinstance(event, ev.ResourceNotified) for event in client.log)
    assert key not in repr(client.log).encode()
    assert key.hex() not in repr(client.log)


def test_the_answers_of_older_stacks_to_discover_and_cancel_are_understood() -> None:
    """Discover without Content-Format 40; a cancelled observation that is answered as a new one, and goes on."""
    client = Client(observe=(), read=())
    client.register()
    ticket, (asked,) = client.do(client.platform.devices.ask, IMEI, "discover", "/3")
    client.answer(asked, payload=b"</3/0>;pmin=10,</3/0/1>")
    assert client.outcome(ticket).value == [{"path": "/3/0", "pmin": "10"}, {"path": "/3/0/1"}]
    _, (observe,) = client.do(client.platform.devices.ask, IMEI, "observe", "/3/0/9")
    client.answer(observe, observe=1, content_format=0, payload=b"90")
    ticket, (cancel,) = client.do(client.platform.devices.ask, IMEI, "cancel", "/3/0/9")
    client.answer(cancel, observe=2, content_format=0, payload=b"89")
    assert client.outcome(ticket).refusal is None
    assert client.platform.devices.observed(IMEI) == []
    late = Message(Type.CON, Code.CONTENT, 0x7777, observe.token, options(observe=3, content_format=0), b"88")
    assert [message.type for message in client.give(late)] == [Type.RST]


def test_a_cancellation_that_is_never_answered_ends_the_observation_all_the_same() -> None:
    """Its token was forgotten with the request: what is told of it must be what holds (RFC 7641 3.6)."""
    client = Client(observe=(), read=())
    client.register()
    _, (observe,) = client.do(client.platform.devices.ask, IMEI, "observe", "/3/0/9")
    client.answer(observe, observe=1, content_format=0, payload=b"90")
    ticket, _ = client.do(client.platform.devices.ask, IMEI, "cancel", "/3/0/9")
    while not any(isinstance(event, ev.OperationAnswered) and event.ticket == ticket for event in client.log):
        deadline = client.platform.next_deadline()
        assert deadline is not None
        client.now = deadline.at
        client.platform.handle_timer(client.now)
        client.drain()
    assert client.outcome(ticket).refusal == Lwm2mServerRefusal.UNANSWERED
    assert client.platform.devices.observed(IMEI) == []
    (ended,) = [event for event in client.log if isinstance(event, ev.ObservationEnded)]
    assert (ended.path, ended.cause) == ("/3/0/9", PlatformRefusal.OBSERVATION_CANCELLED)
    late = Message(Type.CON, Code.CONTENT, 0x7777, observe.token, options(observe=3, content_format=0), b"88")
    assert [message.type for message in client.give(late)] == [Type.RST]
    with pytest.raises(PlatformError):
        client.do(client.platform.devices.ask, IMEI, "cancel", "/3/0/9")


def test_a_device_that_registers_every_second_and_answers_nothing_leaves_nothing_open() -> None:
    """Each registration begins what the platform asks anew; what was asked before has ended with the one before."""
    client = Client()
    for _ in range(60):
        client.now += 1
        client.register("lwm2m=1.0", "b=U", "lt=60", links=LINKS)
    asked = [event for event in client.log if isinstance(event, ev.OperationAnswered)]
    assert len(asked) >= 59, "each is told to have ended"
    before = len(client.log)
    while (deadline := client.platform.next_deadline()) is not None and client.now < DAY:
        client.now = deadline.at
        client.platform.handle_timer(client.now)
        client.drain()
    again = [event for event in client.log[before:] if isinstance(event, Retransmitted)]
    assert 0 < len(again) <= 3 * 4, "what the last registration began, and its four retransmissions each"
    assert client.platform.next_deadline() is None


@pytest.mark.parametrize(
    ("second", "refusal"),
    [
        ({"etag": b"new"}, CoapRefusal.BODY_CHANGED),
        ({"etag": b"old"}, CoapRefusal.BODY_TOO_LONG),
    ],
)
def test_an_answer_in_blocks_that_is_no_body_says_why(second: dict[str, Any], refusal: CoapRefusal) -> None:
    """RFC 7959 2.4: another ETag than the first block's; a body above 64 KiB. Neither is a reset by the device."""
    client = Client()
    client.register()
    ticket, (asked,) = client.do(client.platform.devices.ask, IMEI, "read", "/19/0/0")
    for number in range(66):
        more = {"etag": b"old"} if number == 0 else second
        block = (int(OptionNumber.BLOCK2), Block(number, True, 6).encode())
        answer = in_order([*options(content_format=42, **more), block])
        sent = client.give(Message(Type.ACK, Code.CONTENT, asked.message_id, asked.token, answer, bytes(1024)))
        if not sent:
            break
        (asked,) = sent
    assert client.outcome(ticket).refusal is refusal
