"""Andlink's client: bootstrap, registration, life cycle (docs/spec/wire.md, Andlink; DOC-E 3.4, 3.9, 3.10)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from lwm2m_bench import BOOTSTRAP, SERVER, Bench, Platform

from nbtwin.coap.events import Request, Response
from nbtwin.coap.message import Message, encode, options
from nbtwin.coap.numbers import Code, Type
from nbtwin.coap.numbers import ContentFormat as F
from nbtwin.engine import Deadline
from nbtwin.lwm2m.attributes import NOTIFICATION
from nbtwin.lwm2m.client.client import PAUSES
from nbtwin.lwm2m.client.events import (
    AndlinkReason,
    Bootstrapped,
    DataObserved,
    FirmwareObserved,
    RebootRequested,
    RegistrationAwaited,
)
from nbtwin.lwm2m.client.registration import Deregistered, Registered, RegistrationRefused, Updated
from nbtwin.lwm2m.client.requests import MOST_PENDING
from nbtwin.lwm2m.client.states import TRANSITIONS, AndlinkInput, RegistrationState
from nbtwin.lwm2m.content.codec import decode as decode_node
from nbtwin.lwm2m.content.codec import encode as encode_node
from nbtwin.lwm2m.model import InstanceNode
from nbtwin.lwm2m.path import Path

R, I = RegistrationState, AndlinkInput  # noqa: E741
REFUSED = Response(Code.FORBIDDEN)


def bootstrapping(**changes: Any) -> Bench:
    return Bench(Platform(BOOTSTRAP), Platform(SERVER), bootstrap_servers=(BOOTSTRAP,), servers=(), **changes)


def registered(**changes: Any) -> Bench:
    bench = Bench(**changes)
    bench.attach()
    assert bench.state == "REGISTERED"
    return bench


# Registration


@pytest.mark.conformance("LightweightM2M-1.0-int-101", role="client")
def test_with_an_lwm2m_server_only_there_is_no_bootstrap() -> None:
    """docs/spec/wire.md, Andlink bootstrap; docs/spec/wire.md, Andlink registration."""
    bench = registered()
    ((_, message),) = bench.platform.received
    assert (message.type, message.code, message.path) == (Type.CON, Code.POST, ("rd",))
    assert message.query == ("lwm2m=1.0", "ep=867724030000225", "b=U", "lt=600")
    assert message.content_format == F.LINK_FORMAT
    assert message.payload == b'</>;rt="oma.lwm2m",</1/0>,</3/0>,</5/0>,</19/0>,</19/1>'
    assert [state for _, state in bench.states()] == ["INIITIALISING", "INIITIALISED", "REGISTERING", "REGISTERED"]
    assert bench.seen(Registered) == [Registered(("rd", "5a3f"))]


def test_an_update_that_is_asked_for_while_one_is_open_follows_it() -> None:
    """5.3.2: a changed lifetime is told, and each trigger is followed."""
    bench = registered()
    answer_to_update = bench.carried + 4
    bench.lose = lambda number: number == answer_to_update
    assert bench.ask(Code.POST, "/1/0/8").code == Code.CHANGED
    assert not bench.seen(Updated)
    assert bench.ask(Code.PUT, "/1/0/1", b"900", content_format=F.TEXT).code == Code.CHANGED
    bench.run(10)
    assert [message.query for _, message in bench.platform.received if message.path == ("rd", "5a3f")] == [
        (),
        ("lt=900",),
    ]
    assert len(bench.seen(Updated)) == 2


def test_what_the_server_asks_although_its_2_01_was_lost_waits_for_it() -> None:
    """It has registered us: a 4.01 would be the end of an observation that it begins with."""
    bench = Bench()
    bench.lose = lambda number: number == 2
    bench.attach()
    assert bench.state == "REGISTERING"
    token = bench.send(Request(Code.GET, options(path=("19", "1", "0"), observe=0)))
    assert bench.answers(token) == []
    bench.run(10)
    assert bench.state == "MO_DATA_ENABLED"
    assert bench.answer(token).code == Code.CONTENT


def test_what_a_server_asks_that_refuses_us_is_unauthorized() -> None:
    """At most so many wait; an empty ACK tells the server that they do."""
    bench = Bench(Platform(SERVER, {"rd": REFUSED}))
    bench.lose = lambda number: number == 2
    bench.attach()
    tokens = [bench.send(Request(Code.GET, options(path=("3", "0")))) for _ in range(MOST_PENDING + 1)]
    assert [len(bench.answers(token)) for token in tokens] == [0] * MOST_PENDING + [1]
    bench.run(10)
    assert bench.state == "REJECTED_BY_SERVER"
    assert {bench.answer(token).code for token in tokens} == {Code.UNAUTHORIZED}


def test_the_platform_observes_data_and_firmware_and_reads_the_device() -> None:
    """docs/spec/wire.md, Andlink registration; D59."""
    bench = registered(device_type="31301")
    bench.observe("/19/1/0")
    assert bench.state == "MO_DATA_ENABLED"
    bench.observe("/5/0/3")
    assert len(bench.seen(DataObserved)) == len(bench.seen(FirmwareObserved)) == 1
    device = bench.ask(Code.GET, "/3/0/17", accept=F.TEXT)
    assert device.payload == b"31301"


def test_the_device_type_takes_effect_at_once() -> None:
    """D5."""
    bench = registered()
    assert bench.ask(Code.GET, "/3/0/17", accept=F.TEXT).payload == b""
    bench.config = replace(bench.config, device_type="31301")
    assert bench.ask(Code.GET, "/3/0/17", accept=F.TEXT).payload == b"31301"


@pytest.mark.conformance("LightweightM2M-1.0-int-102", role="client")
def test_updates_leave_before_the_lifetime_ends() -> None:
    bench = registered()
    assert bench.client.next_deadline() == Deadline(600 - 93, AndlinkReason.UPDATE_DUE)
    bench.run(2 * 507)
    assert bench.platform.paths() == ["rd", "rd/5a3f", "rd/5a3f"]
    assert [at for at, _ in bench.platform.received] == [0, 507, 1014]
    assert len(bench.seen(Updated)) == 2
    assert bench.platform.received[1][1].query == ()


def test_a_short_lifetime_is_halved() -> None:
    bench = registered(lifetime=60)
    bench.run(60)
    assert [at for at, _ in bench.platform.received] == [0, 30, 60]


@pytest.mark.parametrize("answer", [Response(Code.NOT_FOUND), Response(Code.BAD_REQUEST)])
def test_an_update_that_is_refused_leads_to_a_new_registration(answer: Response) -> None:
    bench = registered()
    bench.observe("/19/1/0")
    bench.platform.answers["rd/5a3f"] = answer
    bench.run(507)
    assert bench.platform.paths() == ["rd", "rd/5a3f", "rd"]
    assert bench.state == "REGISTERED"  # to be observed again
    assert len(bench.seen(Registered)) == 2


def test_an_update_unanswered_leads_to_a_new_registration() -> None:
    bench = registered()
    bench.platform.deaf = True
    bench.run(507 + 61)
    bench.platform.deaf = False
    bench.run(507 + 62)
    assert bench.platform.paths() == ["rd", "rd"]
    assert bench.state == "REGISTERED"


def test_a_refused_registration_waits_for_the_host() -> None:
    bench = Bench(Platform(SERVER, {"rd": REFUSED}))
    bench.attach()
    bench.run(10_000)
    assert bench.state == "REJECTED_BY_SERVER"
    assert bench.platform.paths() == ["rd"]
    assert bench.seen(RegistrationRefused)[0].response_code == "4.03"
    del bench.platform.answers["rd"]
    bench.platform.answers["rd"] = Response(Code.CREATED, options(location_path=("rd", "1")))
    bench.client.register(bench.now)
    bench.drain()
    assert bench.state == "REGISTERED"


def test_without_answers_it_pauses_and_tries_again_and_gives_up() -> None:
    bench = Bench()
    bench.platform.deaf = True
    bench.attach()
    bench.run(10_000)
    attempts = [at for at, state in bench.states() if state == "REGISTERING"]
    assert attempts == [0, 62 + 30, 2 * 62 + 90, 3 * 62 + 210]
    assert [state for _, state in bench.states()].count("TIMEOUT_AND_RETRYING") == len(PAUSES)
    assert bench.states()[-1] == (4 * 62 + 210, "REG_FAILED")
    assert bench.client.next_deadline() is None
    assert not bench.client.busy


def test_several_servers_are_tried_in_turn() -> None:
    other = ("192.0.2.12", 5683)
    bench = Bench(Platform(SERVER), Platform(other), servers=(SERVER, other))
    bench.platform.deaf = True
    bench.attach()
    bench.run(100)
    assert bench.platforms[other].paths() == ["rd"]
    assert bench.state == "REGISTERED"


def test_a_name_is_looked_up() -> None:
    bench = Bench(names={"lwm.home.komect.com": SERVER[0]}, servers=(("lwm.home.komect.com", 5683),))
    bench.attach()
    assert bench.state == "REGISTERED"


def test_a_name_nobody_knows_is_tried_again_and_given_up() -> None:
    bench = Bench(servers=(("nowhere.example", 5683),))
    bench.attach()
    bench.run(1000)
    assert [at for at, state in bench.states() if state == "INIITIALISING"] == [0, 30, 90, 210]
    assert bench.states()[-1] == (210, "INIT_FAILED")


def test_without_a_server_the_configuration_is_missing() -> None:
    """D71."""
    bench = Bench(servers=())
    assert bench.state == "UNINITIALISED"
    bench.attach()
    assert bench.states() == [(0, "MISSING_CONFIG")]
    bench.client.register(1)
    assert bench.state == "MISSING_CONFIG"


# The host


def test_in_manual_mode_the_host_registers() -> None:
    """DOC-E 3.9: REGISTERNOTIFY."""
    bench = Bench(automatic=False)
    bench.attach()
    assert bench.seen(RegistrationAwaited) == [RegistrationAwaited()]
    assert bench.state == "UNINITIALISED"
    bench.client.register(bench.now)
    bench.drain()
    assert bench.state == "REGISTERED"
    bench.detach()
    bench.attach()
    assert len(bench.seen(RegistrationAwaited)) == 1


@pytest.mark.conformance("LightweightM2M-1.0-int-103", role="client")
def test_the_host_deregisters_and_registers_again() -> None:
    """DOC-E 3.4."""
    bench = registered()
    bench.client.deregister(bench.now)
    bench.drain()
    assert bench.platform.received[-1][1].code == Code.DELETE
    assert bench.seen(Deregistered) == [Deregistered()]
    assert bench.state == "DEREGISTERED"
    assert not bench.client.registered
    bench.run(10_000)
    assert len(bench.platform.received) == 2
    bench.client.register(bench.now)
    bench.drain()
    assert bench.state == "REGISTERED"


@pytest.mark.parametrize("answer", [REFUSED, None])
def test_a_deregistration_may_fail(answer: Response | None) -> None:
    bench = registered()
    bench.platform.answers["rd/5a3f"] = answer
    bench.client.deregister(bench.now)
    bench.drain()
    bench.run(100)
    assert bench.state == "DEREG_FAILED"


def test_registering_again_while_registered_is_a_fresh_registration() -> None:
    bench = registered()
    bench.client.register(1)
    bench.drain()
    assert bench.platform.paths() == ["rd", "rd"]
    bench.platform.answers["rd"] = None
    bench.client.register(2)
    bench.drain()
    bench.client.register(3)  # one is under way
    bench.drain()
    assert bench.platform.paths() == ["rd", "rd", "rd"]


# Bootstrap


@pytest.mark.conformance("LightweightM2M-1.0-int-0", role="client")
def test_bootstrap_and_registration_as_wire_md_says() -> None:
    """docs/spec/wire.md, Andlink bootstrap; DOC-E 6.1: event 4, then event 0."""
    bench = bootstrapping()
    bench.attach()
    ((_, request),) = bench.platforms[BOOTSTRAP].received
    assert (request.code, request.path, request.query) == (Code.POST, ("bs",), ("ep=867724030000225",))
    assert request.payload == b""
    assert bench.state == "INIITIALISING"
    bench.write_account("coap://192.0.2.11:5683")
    assert bench.platform.received == []
    assert bench.finish_bootstrap().code == Code.CHANGED
    assert bench.state == "REGISTERED"
    assert bench.platform.received[0][1].query[-1] == "lt=900"  # the lifetime of /1/0
    kinds = [type(event) for event in bench.seen(Bootstrapped, Registered)]
    assert kinds == [Bootstrapped, Registered]
    assert bench.ask(Code.GET, "/1/0/0", accept=F.TEXT).payload == b"77"


def test_what_a_bootstrap_server_may_do() -> None:
    bench = bootstrapping()
    bench.attach()
    server = bench.platforms[BOOTSTRAP]
    bench.write_account("coap://192.0.2.11")
    links = bench.ask(Code.GET, "/", b"", server, accept=F.LINK_FORMAT).payload
    assert links == b'</>;lwm2m="1.0",</0>,</0/1>;ssid=77,</1>,</1/0>;ssid=77'
    links = bench.ask(Code.GET, "/0", b"", server, accept=F.LINK_FORMAT).payload
    assert links == b'</>;lwm2m="1.0",</0>,</0/1>;ssid=77'
    assert bench.ask(Code.PUT, "/1/0/1", b"300", server, content_format=F.TEXT).code == Code.CHANGED
    assert (
        bench.ask(Code.PUT, "/1", bytes.fromhex("080107c1000cc201012c"), server, content_format=F.LWM2M_TLV).code
        == Code.CHANGED
    )
    assert bench.ask(Code.DELETE, "/1/1", b"", server).code == Code.DELETED
    links = bench.ask(Code.GET, "/1", b"", server, accept=F.LINK_FORMAT).payload
    assert links == b'</>;lwm2m="1.0",</1>,</1/0>;ssid=77'
    bench.finish_bootstrap()
    assert bench.platform.received[0][1].query[-1] == "lt=300"


@pytest.mark.parametrize(
    ("code", "path", "payload", "fmt", "expected"),
    [
        (Code.PUT, "/3/0", b"", F.LWM2M_TLV, Code.NOT_FOUND),
        (Code.PUT, "/0/1", b"\xff", F.LWM2M_TLV, Code.BAD_REQUEST),
        (Code.PUT, "/0/1", b"x", F.CBOR, Code.UNSUPPORTED_CONTENT_FORMAT),
        (Code.PUT, "/x", b"x", F.TEXT, Code.BAD_REQUEST),
        (Code.GET, "/0/0", b"", None, Code.METHOD_NOT_ALLOWED),
        (Code.POST, "/0", b"", None, Code.METHOD_NOT_ALLOWED),
        (Code.DELETE, "/3", b"", None, Code.NOT_FOUND),
        (Code.PUT, "/0", b"".join(bytes((0, id)) for id in range(9)), F.LWM2M_TLV, Code.BAD_REQUEST),
        (Code.POST, "/bs", b"", None, Code.NOT_ACCEPTABLE),
    ],
)
def test_what_a_bootstrap_server_may_not_do(
    code: int, path: str, payload: bytes, fmt: int | None, expected: Code
) -> None:
    bench = bootstrapping()
    bench.attach()
    answer = bench.ask(code, path, payload, bench.platforms[BOOTSTRAP], content_format=fmt)
    assert answer.code == expected
    assert bench.state == "INIITIALISING"


@pytest.mark.parametrize(
    "uri", ["", "http://192.0.2.11", "coap://", "coap://h:99999", "coap://h:0", "coap://u@h", "coap://[::1"]
)
def test_an_account_with_a_bad_uri_is_not_accepted(uri: str) -> None:
    bench = bootstrapping()
    bench.attach()
    bench.write_account(uri)
    assert bench.finish_bootstrap().code == Code.NOT_ACCEPTABLE
    bench.write_account("coap://192.0.2.11")  # the server may mend it
    assert bench.finish_bootstrap().code == Code.CHANGED


def test_everything_may_be_deleted_and_written_anew() -> None:
    bench = bootstrapping()
    server = bench.platforms[BOOTSTRAP]
    bench.attach()
    for path in ("/", "/0", "/1"):
        bench.write_account("coap://192.0.2.11")
        assert bench.ask(Code.DELETE, path, b"", server).code == Code.DELETED
        assert bench.finish_bootstrap().code == Code.NOT_ACCEPTABLE
    assert bench.ask(Code.GET, "/0/5", b"", server, accept=F.LINK_FORMAT).code == Code.NOT_FOUND


def test_the_account_of_the_bootstrap_server_itself_is_none_to_register_with() -> None:
    bench = bootstrapping()
    bench.attach()
    bootstrap_account = bytes.fromhex("c10101")
    answer = bench.ask(Code.PUT, "/0/0", bootstrap_account, bench.platforms[BOOTSTRAP], content_format=F.LWM2M_TLV)
    assert answer.code == Code.CHANGED
    assert bench.finish_bootstrap().code == Code.NOT_ACCEPTABLE
    bench.write_account("coap://192.0.2.11")
    assert bench.finish_bootstrap().code == Code.CHANGED
    assert bench.state == "REGISTERED"


def test_an_interrupted_bootstrap_is_begun_anew() -> None:
    bench = bootstrapping()
    bench.attach()
    bench.run(10)
    bench.write_account("coap://192.0.2.11")
    bench.run(10 + 93)
    assert bench.state == "TIMEOUT_AND_RETRYING"
    bench.run(10 + 93 + 30)
    assert bench.platforms[BOOTSTRAP].paths() == ["bs", "bs"]
    assert bench.finish_bootstrap().code == Code.NOT_ACCEPTABLE  # nothing is left of the first
    bench.write_account("coap://192.0.2.11")
    bench.finish_bootstrap()
    assert bench.state == "REGISTERED"


def test_a_refused_bootstrap_fails() -> None:
    bench = bootstrapping()
    bench.platforms[BOOTSTRAP].answers["bs"] = REFUSED
    bench.attach()
    bench.run(1000)
    assert bench.states() == [(0, "INIITIALISING"), (0, "INIT_FAILED")]


def test_an_unanswered_bootstrap_gives_up_at_last() -> None:
    bench = bootstrapping()
    bench.platforms[BOOTSTRAP].deaf = True
    bench.attach()
    bench.run(1000)
    assert bench.states()[-1] == (4 * 62 + 210, "INIT_FAILED")


def test_once_bootstrapped_a_lost_registration_needs_no_second_bootstrap() -> None:
    bench = bootstrapping()
    bench.attach()
    bench.write_account("coap://192.0.2.11")
    bench.finish_bootstrap()
    bench.client.deregister(1)
    bench.drain()
    bench.client.register(2)
    bench.drain()
    assert bench.state == "REGISTERED"
    assert bench.platforms[BOOTSTRAP].paths() == ["bs"]


def test_the_bootstrap_server_may_do_nothing_after_it_has_finished() -> None:
    bench = bootstrapping()
    bench.attach()
    bench.write_account("coap://192.0.2.11")
    bench.finish_bootstrap()
    answer = bench.ask(Code.DELETE, "/0", b"", bench.platforms[BOOTSTRAP])
    assert answer.code == Code.UNAUTHORIZED


def test_security_that_is_not_a_pre_shared_key_is_not_accepted() -> None:
    bench = bootstrapping()
    bench.attach()
    bench.write_account("coaps://192.0.2.11", mode=2)
    assert bench.finish_bootstrap().code == Code.NOT_ACCEPTABLE


def test_a_bootstrapped_secure_server_without_any_key_is_a_missing_configuration() -> None:
    bench = bootstrapping()
    bench.attach()
    bench.write_account("coaps://192.0.2.11", mode=0)
    bench.finish_bootstrap()
    assert bench.state == "MISSING_CONFIG"


# Operations


def test_object_1_3_5_are_read_and_discovered() -> None:
    bench = registered()
    assert bench.ask(Code.GET, "/3/0/0", accept=F.TEXT).payload == b"Quectel"
    assert bench.ask(Code.GET, "/5/0/3", accept=F.TEXT).payload == b"0"
    assert bench.ask(Code.GET, "/1/0", accept=F.LINK_FORMAT).payload == (
        b"</1/0>,</1/0/0>,</1/0/1>,</1/0/6>,</1/0/7>,</1/0/8>"
    )
    assert bench.ask(Code.GET, "/0").code == Code.UNAUTHORIZED
    assert bench.ask(Code.GET, "/x").code == Code.NOT_FOUND


def test_a_written_lifetime_is_told_with_an_update() -> None:
    bench = registered()
    assert bench.ask(Code.PUT, "/1/0/1", b"1200", content_format=F.TEXT).code == Code.CHANGED
    assert bench.platform.received[-1][1].query == ("lt=1200",)
    assert bench.client.next_deadline() == Deadline(1200 - 93, AndlinkReason.UPDATE_DUE)
    assert bench.ask(Code.PUT, "/1/0/1", b"1", content_format=F.TEXT).code == Code.BAD_REQUEST


@pytest.mark.conformance("LightweightM2M-1.0-int-104", "LightweightM2M-1.0-int-556", role="client")
def test_the_update_trigger_and_the_reboot() -> None:
    bench = registered()
    assert bench.ask(Code.POST, "/1/0/8").code == Code.CHANGED
    assert bench.platform.paths() == ["rd", "rd/5a3f"]
    assert bench.ask(Code.POST, "/3/0/4").code == Code.CHANGED
    assert bench.seen(RebootRequested) == [RebootRequested()]


def test_strangers_may_do_nothing() -> None:
    stranger = Platform(("192.0.2.66", 5683))
    bench = Bench(Platform(SERVER), stranger)
    bench.attach()
    assert bench.ask(Code.GET, "/3/0", b"", stranger).code == Code.UNAUTHORIZED


# Observation


@pytest.mark.conformance(
    "LightweightM2M-1.0-int-260", "LightweightM2M-1.0-int-301", "LightweightM2M-1.0-int-660", role="client",
)  # fmt: skip
def test_attributes_hold_notifications_back_and_force_them() -> None:
    """LwM2M 1.0 TS, 5.1.2: pmin and pmax."""
    bench = registered(lifetime=86400)
    token = bench.observe("/1/0/1", accept=F.TEXT)
    assert bench.ask(Code.PUT, "/1/0/1", query=("pmin=10", "pmax=60")).code == Code.CHANGED
    assert bench.ask(Code.GET, "/1/0/1", accept=F.LINK_FORMAT).payload == b"</1/0/1>;pmin=10;pmax=60"
    bench.run(60)
    assert [message.payload for message in bench.answers(token)] == [b"86400", b"86400"]
    bench.run(120)
    assert len(bench.answers(token)) == 3
    orders = [message.observe for message in bench.answers(token)]
    assert orders == sorted(set(orders), key=lambda order: order or 0)


def test_a_pmax_below_a_later_pmin_is_ignored() -> None:
    """LwM2M 1.0.2 TS, 5.1.2."""
    bench = registered(lifetime=86400)
    token = bench.observe("/1/0/1", accept=F.TEXT)
    for query in ("pmax=60", "pmin=90"):
        assert bench.ask(Code.PUT, "/1/0/1", query=(query,)).code == Code.CHANGED
    bench.run(300)
    assert len(bench.answers(token)) == 1
    assert bench.ask(Code.PUT, "/1/0/1", query=("pmin=30",)).code == Code.CHANGED
    bench.run(301)
    assert len(bench.answers(token)) == 2


@pytest.mark.parametrize(
    ("queries", "told"),
    [
        ((), [100, 150, 151, 500]),
        (("gt=140",), [100, 150]),
        (("lt=160",), [100, 500]),
        (("st=50",), [100, 150, 500]),
        (("gt=140", "lt=160"), [100, 150, 500]),
        (("st=50", "st"), [100, 150, 151, 500]),  # a name without a value takes it away
    ],
)
def test_changes_of_a_number_are_told_as_its_attributes_want(queries: tuple[str, ...], told: list[int]) -> None:
    """LwM2M 1.0 TS, 5.1.2: gt, lt, st. What was not told does not count as the value before."""
    bench = registered(lifetime=100)
    for query in queries:
        assert bench.ask(Code.PUT, "/1/0/1", query=(query,)).code == Code.CHANGED
    token = bench.observe("/1/0/1", accept=F.TEXT)
    for lifetime in (150, 151, 500, 500):
        bench.ask(Code.PUT, "/1/0/1", str(lifetime).encode(), content_format=F.TEXT)
    assert [int(message.payload) for message in bench.answers(token)] == told


def test_pmin_of_the_object_holds_for_its_resources_and_a_change_waits_for_it() -> None:
    bench = registered(lifetime=86400)
    bench.ask(Code.PUT, "/1", query=("pmin=30",))
    token = bench.observe("/1/0/1", accept=F.TEXT)
    bench.ask(Code.PUT, "/1/0/1", b"1000", content_format=F.TEXT)
    bench.run(29)
    assert [message.payload for message in bench.answers(token)] == [b"86400"]
    bench.run(30)
    assert [message.payload for message in bench.answers(token)] == [b"86400", b"1000"]


@pytest.mark.parametrize(
    ("observed", "where", "body", "told"),
    [
        ("/1/0/1", "/1/0/1", b"900", b"900"),
        ("/1/0/6", "/1/0/6", b"1", b"1"),
        ("/1/0", "/1/0/6", b"1", bytes.fromhex("c10001c2010258c10601c10755")),
        ("/1", "/1/0/6", b"1", bytes.fromhex("08000dc10001c2010258c10601c10755")),
    ],
)
def test_whatever_a_write_changes_is_told_to_who_observes_it(
    observed: str, where: str, body: bytes, told: bytes
) -> None:
    """LwM2M 1.0 TS, 5.5.1: not the lifetime alone."""
    bench = registered()
    form = F.TEXT if observed.count("/") == 3 else F.LWM2M_TLV
    token = bench.observe(observed, accept=form)
    for _ in range(2):  # the same again is no change
        assert bench.ask(Code.PUT, where, body, content_format=F.TEXT).code == Code.CHANGED
        assert [message.payload for message in bench.answers(token)[1:]] == [told]


def test_a_device_type_that_the_host_sets_is_told_to_who_observes_it() -> None:
    """DOC-E 3.13; D5."""
    bench = registered()
    token = bench.observe("/3/0/17", accept=F.TEXT)
    bench.config = replace(bench.config, device_type="31301")
    bench.client.device_type_changed(bench.now)
    bench.drain()
    assert [message.payload for message in bench.answers(token)] == [b"", b"31301"]


def test_observing_what_cannot_be_read_is_refused() -> None:
    bench = registered()
    token = bench.send(_observe("/1/0/8"))
    assert bench.answer(token).code == Code.METHOD_NOT_ALLOWED


@pytest.mark.parametrize(
    "query",
    ["pmin=-1", "pmin=x", "pmax=0", "foo=1", "st=-1", "gt=x", "gt=nan", "lt=inf", "pmax=1_000", "gt=1e3", "pmin=1.5"],
)
def test_bad_attributes_are_refused(query: str) -> None:
    bench = registered()
    assert bench.ask(Code.PUT, "/3/0/9", query=(query,)).code == Code.NOT_FOUND
    assert bench.ask(Code.PUT, "/1/0/1", query=(query,)).code == Code.BAD_REQUEST


@pytest.mark.parametrize("query", [f"{name}=1" for name in NOTIFICATION if NOTIFICATION[name].since != "1.0"])
def test_attributes_of_later_versions_are_unknown_to_a_client_of_lwm2m_1_0(query: str) -> None:
    """The module registers with 1.0 (D158)."""
    bench = registered()
    for path in ("/1/0/1", "/1/0", "/1/0/6"):
        assert bench.ask(Code.PUT, path, query=(query,)).code == Code.BAD_REQUEST
    assert bench.ask(Code.PUT, "/1/0/1", query=("pmin=10", query)).code == Code.BAD_REQUEST
    assert bench.ask(Code.GET, "/1/0/1", accept=F.LINK_FORMAT).payload == b"</1/0/1>"


@pytest.mark.parametrize(
    ("queries", "code"),
    [
        (("lt=10", "gt=10"), Code.BAD_REQUEST),
        (("lt=20", "gt=10"), Code.BAD_REQUEST),
        (("lt=10", "gt=20", "st=5"), Code.BAD_REQUEST),
        (("lt=10", "gt=20.5", "st=5"), Code.CHANGED),
        (("lt=10", "gt=20"), Code.CHANGED),
    ],
)
def test_limits_that_are_set_together_have_to_agree(queries: tuple[str, ...], code: Code) -> None:
    """LwM2M 1.0.2 TS, 5.1.2: lt + 2 st < gt."""
    assert registered().ask(Code.PUT, "/1/0/1", query=queries).code == code


@pytest.mark.parametrize("name", ["gt", "lt", "st"])
@pytest.mark.parametrize("path", ["/3/0/0", "/5/0/1", "/19/1/0", "/3/0", "/1", "/1/0/6"])
def test_what_compares_numbers_is_refused_where_there_are_none(name: str, path: str) -> None:
    """LwM2M 1.0 TS, 5.1.2: gt, lt and st are of numerical resources."""
    bench = registered()
    assert bench.ask(Code.PUT, path, query=(f"{name}=1",)).code == Code.BAD_REQUEST
    assert bench.ask(Code.PUT, path, query=("pmin=1", name)).code == Code.CHANGED
    assert bench.ask(Code.PUT, "/5/0/3", query=(f"{name}=1",)).code == Code.CHANGED


def test_the_whole_server_instance_can_be_written() -> None:
    """LwM2M 1.0 TS, E.2: what may be written there is 1, 6 and 7 here; 7 is the one mode of /3/0/16."""
    bench = registered(lifetime=86400)
    values: InstanceNode = {1: 3600, 6: True, 7: "U"}
    whole = encode_node(F.LWM2M_TLV, Path("/1/0"), values)
    assert bench.ask(Code.PUT, "/1/0", whole, content_format=F.LWM2M_TLV).code == Code.CHANGED
    found = decode_node(F.LWM2M_TLV, Path("/1/0"), bench.ask(Code.GET, "/1/0", accept=F.LWM2M_TLV).payload)
    assert found == {0: 1, **values}
    assert bench.ask(Code.PUT, "/1/0/6", b"0", content_format=F.TEXT).code == Code.CHANGED
    assert bench.ask(Code.PUT, "/1/0/7", b"UQ", content_format=F.TEXT).code == Code.BAD_REQUEST
    assert bench.ask(Code.PUT, "/1/0/0", b"2", content_format=F.TEXT).code == Code.METHOD_NOT_ALLOWED


def test_a_server_finds_the_objects_at_well_known_core() -> None:
    """RFC 6690 4."""
    bench = registered()
    every = b'</>;rt="oma.lwm2m",</1/0>,</3/0>,</5/0>,</19/0>,</19/1>'
    assert bench.ask(Code.GET, "/.well-known/core").payload == every
    assert bench.ask(Code.GET, "/.well-known/core", query=("rt=oma.lwm2m",)).payload == b'</>;rt="oma.lwm2m"'
    assert bench.ask(Code.GET, "/.well-known/core", query=("href=/19*",)).payload == b"</19/0>,</19/1>"
    assert bench.ask(Code.PUT, "/.well-known/core").code == Code.METHOD_NOT_ALLOWED


@pytest.mark.conformance("LightweightM2M-1.0-int-303", role="client")
def test_an_observation_is_cancelled_by_request_and_by_reset() -> None:
    """RFC 7641 3.6; D159: under whatever token."""
    bench = registered(lifetime=100)
    token, other = bench.observe("/1/0/1", accept=F.TEXT), bench.observe("/1/0", accept=F.LWM2M_TLV)
    cancel = bench.send(_cancel("/1/0/1"))
    assert cancel != token
    assert (bench.answer(cancel).code, bench.answer(cancel).observe) == (Code.CONTENT, None)
    bench.ask(Code.PUT, "/1/0/1", b"150", content_format=F.TEXT)
    assert [message.payload for message in bench.answers(token)] == [b"100"]
    assert len(bench.answers(other)) == 2  # another path's observation goes on


def _cancel(path: str) -> Request:
    return Request(Code.GET, options(path=path.strip("/").split("/"), observe=1))


# Coverage


def test_out_of_coverage_before_it_is_registered_there_is_no_ip() -> None:
    bench = Bench()
    bench.platform.deaf = True
    bench.attach()
    bench.run(5)
    bench.detach()
    assert bench.state == "NO_UE_IP"
    bench.platform.deaf = False
    bench.run(100)
    assert bench.platform.received == []
    bench.attach()
    assert bench.state == "REGISTERED"


def test_a_registration_outlives_a_loss_of_coverage() -> None:
    bench = registered()
    bench.detach()
    bench.run(1000)
    assert bench.state == "REGISTERED"
    bench.attach()
    assert bench.platform.paths() == ["rd", "rd/5a3f"]


def test_an_answer_from_elsewhere_changes_nothing() -> None:
    bench = Bench()
    bench.platform.deaf = True
    bench.attach()
    created = Message(Type.ACK, Code.CREATED, 1, b"", options(location_path=("rd", "1")))
    bench.client.handle_datagram(0, ("192.0.2.66", 5683), encode(created))
    assert bench.state == "REGISTERING"


@pytest.mark.parametrize("number", range(1, 25))
def test_any_single_datagram_may_be_lost(number: int) -> None:
    """Bootstrap, registration, observation: each completes in the end."""
    bench = bootstrapping()
    bench.lose = lambda carried: carried == number
    bench.attach()
    bench.run(10)
    server = bench.platforms[BOOTSTRAP]
    for path, payload in (
        ("/0/1", "c80011636f61703a2f2f3139322e302e322e3131" + "c10100" + "c10203" + "c10a4d"),
        ("/1/0", "c1004dc2010384"),
    ):
        token = bench.send(_put(path, bytes.fromhex(payload)), server)
        bench.run(bench.now + 20)
        assert bench.answer(token, server).code == Code.CHANGED, path
    token = bench.send(_put("/bs", b"", Code.POST), server)
    bench.run(bench.now + 20)
    assert bench.answer(token, server).code == Code.CHANGED
    assert bench.state == "REGISTERED"
    token = bench.send(_observe("/19/1/0"))
    bench.run(bench.now + 20)
    assert bench.answer(token).observe is not None
    assert bench.state == "MO_DATA_ENABLED"


def _put(path: str, payload: bytes, code: Code = Code.PUT) -> Request:
    return Request(code, options(path=path.strip("/").split("/"), content_format=F.LWM2M_TLV), payload)


def _observe(path: str) -> Request:
    return Request(Code.GET, options(path=path.strip("/").split("/"), observe=0))


# The table


def test_the_states_are_printed_as_doc_e_prints_them() -> None:
    """DOC-E 3.10, D7."""
    assert [str(state) for state in R] == [
        "UNINITIALISED", "MISSING_CONFIG", "INIITIALISING", "INIITIALISED", "INIT_FAILED", "REGISTERING",
        "REGISTERED", "DEREGISTERED", "MO_DATA_ENABLED", "NO_UE_IP", "REJECTED_BY_SERVER", "TIMEOUT_AND_RETRYING",
        "REG_FAILED", "DEREG_FAILED",
    ]  # fmt: skip


def test_every_state_is_reached_and_can_be_left() -> None:
    reached = {R.UNINITIALISED}
    while new := {TRANSITIONS[old, input] for old, input in TRANSITIONS if old in reached} - reached:
        reached |= new
    assert reached == set(R)
    assert {old for old, _ in TRANSITIONS} == set(R)
