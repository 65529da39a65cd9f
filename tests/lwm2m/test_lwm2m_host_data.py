"""Uplink and downlink of the host's data (docs/spec/wire.md, Andlink; DOC-E 3.5 to 3.7, 4.1, 4.2, 4.4)."""

from __future__ import annotations

from typing import Any

import pytest
from lwm2m_bench import SERVER, Bench, Platform

from nbtwin.coap.events import Request, Response
from nbtwin.coap.message import encode, options
from nbtwin.coap.numbers import Code, Type, dotted
from nbtwin.coap.numbers import ContentFormat as F
from nbtwin.commands.andlink_engine import RESULTS
from nbtwin.engine import Deadline
from nbtwin.lwm2m.client.events import (
    AndlinkReason,
    DataReported,
    ReadRequested,
    ReleaseRequested,
    RequestExpired,
    WriteRequested,
)
from nbtwin.lwm2m.client.states import DataStatus, ReleaseAssistance, UplinkMode

DATA = b'[{"n":"19/1/0","p1":"v1"}]'  # DOC-E 6.1


def registered(**changes: Any) -> Bench:
    bench = Bench(**changes)
    bench.attach()
    assert bench.client.registered
    return bench


def send(bench: Bench, *, confirmable: bool = True, release: ReleaseAssistance = ReleaseAssistance.NONE) -> None:
    bench.client.send_data(bench.now, confirmable, release, DATA)
    bench.drain()


def reports(bench: Bench) -> list[int]:
    return [int(event.status) for event in bench.seen(DataReported)]


# Uplink


def test_without_an_observation_data_is_posted_to_dp() -> None:
    bench = registered()
    assert bench.client.data_status == DataStatus.NOT_SENT
    send(bench)
    message = bench.platform.received[-1][1]
    assert (message.type, message.code, message.path) == (Type.CON, Code.POST, ("dp",))
    assert (message.query, message.content_format, message.payload) == (("ep=867724030000225",), F.LWM2M_JSON, DATA)
    assert reports(bench) == [4]
    assert bench.client.data_status == DataStatus.SUCCEEDED


def test_observed_data_leaves_as_a_notification() -> None:
    bench = registered()
    token = bench.observe("/19/1/0")
    send(bench)
    notification = bench.answer(token)
    assert (notification.type, notification.code, notification.payload) == (Type.CON, Code.CONTENT, DATA)
    assert notification.content_format == F.OCTET_STREAM
    assert (notification.observe or 0) > (bench.answers(token)[0].observe or 0)
    assert reports(bench) == [4]
    send(bench, confirmable=False)
    assert bench.answer(token).type == Type.NON
    assert reports(bench) == [4]  # a NON is sent, and that is all (docs/spec/at.md, Andlink commands)


def test_a_notification_in_tlv_carries_the_data_as_its_opaque_value() -> None:
    bench = registered()
    token = bench.observe("/19/1/0", accept=F.LWM2M_TLV)
    send(bench)
    assert bench.answer(token).payload == bytes.fromhex("88001d48001a") + DATA


@pytest.mark.parametrize("confirmable", [True, False])
def test_a_profile_may_force_either_way(confirmable: bool) -> None:
    posting = registered(uplink=UplinkMode.POST)
    posting.observe("/19/1/0")
    send(posting, confirmable=confirmable)
    assert posting.platform.paths()[-1] == "dp"
    assert posting.platform.received[-1][1].type == (Type.CON if confirmable else Type.NON)
    notifying = registered(uplink=UplinkMode.NOTIFY)
    send(notifying, confirmable=confirmable)
    assert reports(notifying) == [2]
    assert notifying.platform.paths() == ["rd"]


def test_an_empty_acknowledgement_is_success() -> None:
    bench = registered()
    bench.platform.answers["dp"] = None
    send(bench)
    assert reports(bench) == [4]


def test_an_error_answer_is_status_2() -> None:
    bench = registered()
    bench.platform.answers["dp"] = Response(Code.BAD_REQUEST)
    send(bench)
    assert reports(bench) == [2]


def test_silence_is_status_1_and_then_status_3() -> None:
    bench = registered()
    bench.platform.deaf = True
    send(bench)
    assert bench.client.data_status == DataStatus.WAITING
    assert bench.client.uplink_waits
    bench.run(61)
    assert reports(bench) == []
    bench.run(62)
    assert reports(bench) == [3]
    assert not bench.client.uplink_waits


def test_silence_after_a_notification_is_status_3_and_ends_the_observation() -> None:
    bench = registered()
    bench.observe("/19/1/0")
    bench.platform.deaf = True
    send(bench)
    bench.run(62)
    assert reports(bench) == [3]
    bench.platform.deaf = False
    send(bench)
    assert bench.platform.paths()[-1] == "dp"


def test_a_reset_is_status_5() -> None:
    bench = registered()
    token = bench.observe("/19/1/0")
    bench.platform.endpoint.cancel(bench.now, token, ("10.0.0.2", 49158))
    send(bench)
    assert reports(bench) == [5]


def test_data_that_waits_when_the_registration_goes_has_failed() -> None:
    bench = registered()
    bench.platform.deaf = True
    send(bench)
    bench.client.register(1)
    bench.drain()
    assert reports(bench) == [2]


def test_release_assistance_is_wanted_at_once_or_after_the_reply() -> None:
    """DOC-E 3.5."""
    bench = registered()
    bench.platform.deaf = True
    send(bench, confirmable=False, release=ReleaseAssistance.AT_ONCE)
    assert len(bench.seen(ReleaseRequested)) == 1
    send(bench, release=ReleaseAssistance.AFTER_REPLY)
    assert len(bench.seen(ReleaseRequested)) == 1
    bench.platform.deaf = False
    bench.run(2)
    assert len(bench.seen(ReleaseRequested)) == 2


# Downlink


def ask(bench: Bench, code: int, path: str = "/19/0/0", payload: bytes = b"", **more: Any) -> bytes:
    return bench.send(Request(code, options(path=path.strip("/").split("/"), **more), payload))


def test_a_read_is_acknowledged_at_once_and_answered_by_the_host() -> None:
    """docs/spec/wire.md, Andlink downlink: empty ACK, then a separate response with the same token."""
    bench = registered()
    token = ask(bench, Code.GET, query=("lwm2m=1.", "ep=12345"))
    assert bench.answers(token) == []
    (request,) = bench.seen(ReadRequested)
    assert (request.token, request.query) == (token, "lwm2m=1.&ep=12345")
    assert bench.client.awaits(request.message_id, token)
    assert bench.client.busy
    bench.client.respond(3, request.message_id, token, Code.CONTENT, b'{"firstName": "Brett"}')
    bench.drain()
    answer = bench.answer(token)
    assert (answer.type, answer.code, answer.payload) == (Type.CON, Code.CONTENT, b'{"firstName": "Brett"}')
    assert not bench.client.awaits(request.message_id, token)


def test_a_write_brings_its_payload_as_it_came() -> None:
    """D27."""
    bench = registered()
    token = ask(bench, Code.PUT, "/19/1/0", b'{"x":1,"y":"a,b"}', content_format=F.LWM2M_JSON)
    (request,) = bench.seen(WriteRequested)
    assert (request.data, request.query) == (b'{"x":1,"y":"a,b"}', "")
    bench.client.respond(1, request.message_id, token, Code.CHANGED, b"")
    bench.drain()
    assert (bench.answer(token).code, bench.answer(token).payload) == (Code.CHANGED, b"")


@pytest.mark.parametrize(
    ("result", "code"),
    [(1, "2.05"), (2, "2.04"), (11, "4.00"), (12, "4.01"), (13, "4.04"), (14, "4.05")],
)
def test_all_six_results(result: int, code: str) -> None:
    """DOC-E 3.6."""
    bench = registered()
    token = ask(bench, Code.GET)
    bench.client.respond(1, bench.seen(ReadRequested)[0].message_id, token, RESULTS[result], b"")
    bench.drain()
    assert dotted(bench.answer(token).code) == code


def test_after_ten_seconds_without_the_host_the_answer_is_5_03() -> None:
    """DOC-E 4.1."""
    bench = registered()
    token = ask(bench, Code.GET)
    assert bench.client.next_deadline() == Deadline(10, AndlinkReason.HOST_ANSWER)
    bench.run(9.9)
    assert bench.answers(token) == []
    bench.run(10)
    assert bench.answer(token).code == Code.SERVICE_UNAVAILABLE
    assert [event.token for event in bench.seen(RequestExpired)] == [token]
    with pytest.raises(KeyError):
        bench.client.respond(11, bench.seen(ReadRequested)[0].message_id, token, Code.CONTENT, b"late")


def test_several_requests_wait_each_for_its_own_answer() -> None:
    bench = registered()
    tokens = [ask(bench, Code.GET) for _ in range(3)]
    requests = bench.seen(ReadRequested)
    for request, text in zip(reversed(requests), (b"c", b"b", b"a"), strict=True):
        bench.client.respond(1, request.message_id, request.token, Code.CONTENT, text)
    bench.drain()
    assert [bench.answer(token).payload for token in tokens] == [b"a", b"b", b"c"]


def test_more_than_sixteen_requests_do_not_wait() -> None:
    bench = registered()
    for _ in range(16):
        ask(bench, Code.GET)
    assert bench.answer(ask(bench, Code.GET)).code == Code.SERVICE_UNAVAILABLE
    assert len(bench.seen(ReadRequested)) == 16


def test_a_repeated_request_asks_the_host_once() -> None:
    bench = registered()
    bench.lose = lambda carried: carried == 4  # the acknowledgement of the read
    token = ask(bench, Code.GET)
    bench.run(5)
    assert len(bench.seen(ReadRequested)) == 1
    bench.client.respond(5, bench.seen(ReadRequested)[0].message_id, token, Code.CONTENT, b"x")
    bench.drain()
    assert bench.answer(token).payload == b"x"


@pytest.mark.parametrize(
    ("accept", "content_format", "payload"),
    [
        (None, F.OCTET_STREAM, b"x"),
        (F.TEXT, F.TEXT, b"x"),
        (F.LWM2M_JSON, F.LWM2M_JSON, b"x"),
        (F.LWM2M_TLV, F.LWM2M_TLV, bytes.fromhex("8300410078")),
    ],
)
def test_the_hosts_answer_has_the_format_asked_for(accept: int | None, content_format: int, payload: bytes) -> None:
    bench = registered()
    token = ask(bench, Code.GET, accept=accept)
    bench.client.respond(1, bench.seen(ReadRequested)[0].message_id, token, Code.CONTENT, b"x")
    bench.drain()
    assert (bench.answer(token).content_format, bench.answer(token).payload) == (content_format, payload)


@pytest.mark.parametrize(
    ("code", "path", "expected"),
    [
        (Code.GET, "/19/2/0", Code.NOT_FOUND),
        (Code.GET, "/19/0/1", Code.NOT_FOUND),
        (Code.POST, "/19/0/0", Code.METHOD_NOT_ALLOWED),
        (Code.DELETE, "/19/0", Code.METHOD_NOT_ALLOWED),
    ],
)
def test_what_the_host_is_not_asked(code: int, path: str, expected: Code) -> None:
    bench = registered()
    assert bench.answer(ask(bench, code, path)).code == expected
    assert bench.seen(ReadRequested, WriteRequested) == []


def test_the_object_as_a_whole_is_read_without_the_host() -> None:
    """Only single resources go to the host; the tree knows what was written last."""
    bench = registered()
    token = ask(bench, Code.PUT, "/19/0/0", b"on", content_format=F.OCTET_STREAM)
    bench.client.respond(1, bench.seen(WriteRequested)[0].message_id, token, Code.CHANGED, b"")
    bench.drain()
    assert bench.ask(Code.GET, "/19/0").payload == bytes.fromhex("840042006f6e")


def test_requests_end_with_the_registration() -> None:
    bench = registered()
    token = ask(bench, Code.GET)
    bench.client.register(1)
    bench.drain()
    assert not bench.client.awaits(bench.seen(ReadRequested)[0].message_id, token)


def test_data_before_a_registration_is_a_fault_of_the_caller() -> None:
    """D23: the command refuses it with error 513."""
    bench = Bench(Platform(SERVER, {"rd": None}))
    bench.attach()
    with pytest.raises(AssertionError):
        bench.client.send_data(0, True, ReleaseAssistance.NONE, b"x")


def test_any_bytes_from_anybody_change_nothing() -> None:
    bench = registered()
    for data in (b"", b"\x40", encode(bench.platform.received[0][1]), bytes(range(64)) * 4):
        for source in (SERVER, ("192.0.2.66", 1)):
            bench.client.handle_datagram(0, source, data)
    bench.drain()
    assert bench.client.registered
