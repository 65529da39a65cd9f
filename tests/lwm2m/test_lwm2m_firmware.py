"""The firmware object: pull, push, control by the host, results, texts.

DOC-E 3.8; D46 to D48; docs/spec/wire.md, Andlink firmware.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest
from lwm2m_bench import BOOTSTRAP, SERVER, Bench, Platform

from nbtwin.coap.events import Request, Response
from nbtwin.coap.message import Message, encode, options
from nbtwin.coap.numbers import MAX_TRANSMIT_WAIT, Code, Type
from nbtwin.coap.numbers import ContentFormat as F
from nbtwin.engine import DecodeError
from nbtwin.lwm2m.client.events import DataObserved, FirmwareObserved, RegistrationAwaited
from nbtwin.lwm2m.client.firmware_update import (
    FLASH,
    FirmwareAccepted,
    FirmwareAnnounced,
    FirmwareResult,
    FirmwareState,
    FirmwareStep,
    PackageDownloaded,
    PackageUrlReceived,
)
from nbtwin.lwm2m.client.registration import Registered
from nbtwin.lwm2m.client.states import ReleaseAssistance
from nbtwin.lwm2m.firmware.package import BrokenPackage, UnsupportedPackage, pack, unpack

PACKAGE = pack("BC28", "BC28JAR02A01", bytes(range(256)) * 20)
URI = "coap://192.0.2.11/fw/bc28.bin?v=2"


def registered(**changes: Any) -> Bench:
    answers = {"fw/bc28.bin": Response(Code.CONTENT, options(content_format=F.OCTET_STREAM), PACKAGE)}
    bench = Bench(Platform(SERVER, answers), **changes)
    bench.attach()
    bench.observe("/19/1/0")
    bench.notified = bench.observe("/5/0/3", accept=F.TEXT)  # type: ignore[attr-defined]
    return bench


def write_uri(bench: Bench, uri: str = URI) -> int:
    return bench.ask(Code.PUT, "/5/0/1", uri.encode(), content_format=F.TEXT).code


def push(bench: Bench, data: bytes) -> int:
    return bench.ask(Code.PUT, "/5/0/0", data, content_format=F.OCTET_STREAM).code


def control(bench: Bench, step: int) -> bool:
    in_turn = bench.client.control_update(bench.now, FirmwareStep(step))
    bench.drain()
    return in_turn


def texts(bench: Bench) -> list[str]:
    """Texts and events as the host would see them."""
    names = {PackageUrlReceived: "6", PackageDownloaded: "7", FirmwareAccepted: "restart"}
    shown = bench.seen(FirmwareAnnounced, PackageUrlReceived, PackageDownloaded, FirmwareAccepted)
    return [event.text if isinstance(event, FirmwareAnnounced) else names[type(event)] for event in shown]


def states(bench: Bench) -> list[int]:
    return [int(message.payload) for message in bench.answers(bench.notified)]  # type: ignore[attr-defined]


def resource(bench: Bench, id: int) -> bytes:
    return bench.ask(Code.GET, f"/5/0/{id}", accept=F.TEXT).payload


# The walk-through


@pytest.mark.conformance("LightweightM2M-1.0-int-756", "LightweightM2M-1.0-int-770", role="client")
def test_an_automatic_update_by_pull() -> None:
    bench = registered()
    assert write_uri(bench) == Code.CHANGED
    assert bench.platform.received[-1][1].query == ("v=2",)
    assert states(bench) == [0, 1, 2]
    assert (resource(bench, 6), resource(bench, 7)) == (b"BC28", b"BC28JAR02A01")
    assert bench.client.updating
    assert bench.ask(Code.POST, "/5/0/2").code == Code.CHANGED
    assert states(bench) == [0, 1, 2, 3]
    assert texts(bench) == [
        "FIRMWARE DOWNLOADING", "6", "FIRMWARE DOWNLOADED", "7", "FIRMWARE UPDATING", "restart",
    ]  # fmt: skip
    assert bench.seen(FirmwareAccepted)[0].version == "BC28JAR02A01"


def test_a_controlled_update_waits_for_the_host_twice() -> None:
    """D46: the order of DOC-E 3.8."""
    bench = registered(controlled=True)
    write_uri(bench)
    assert texts(bench) == ["FIRMWARE DOWNLOADING", "6"]
    bench.run(100)
    assert "fw/bc28.bin" not in bench.platform.paths()
    assert control(bench, 2)
    assert texts(bench)[2:] == ["FIRMWARE DOWNLOADED", "7"]
    assert bench.ask(Code.POST, "/5/0/2").code == Code.CHANGED
    assert texts(bench)[4:] == []  # the host has not agreed yet
    assert control(bench, 4)
    assert texts(bench)[4:] == ["FIRMWARE UPDATING", "restart"]


@pytest.mark.parametrize(
    ("code", "path"),
    [
        (Code.PUT, "/19/0/0"), (Code.PUT, "/3/0/17"), (Code.PUT, "/5/0/1"), (Code.POST, "/5/0/0"), (Code.POST, "/5/0"),
        (Code.PUT, "/5/0/00"), (Code.PUT, "/9/0/0"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", [F.OCTET_STREAM, F.TEXT, F.LWM2M_TLV])
def test_what_is_long_is_no_package_for_that(code: Code, path: str, form: F) -> None:
    """RFC 7959 moves any body in blocks: only a write of /5/0/0 is a push (LwM2M 1.0 TS, E.6)."""
    bench = registered()
    before = len(texts(bench))
    bench.send(Request(code, options(path=path.strip("/").split("/"), content_format=form), bytes(1500)))
    assert texts(bench)[before:] == []
    assert not bench.client.updating
    assert states(bench) == [0]
    bench.run(bench.now + 600)
    assert texts(bench)[before:] == []


def test_a_long_write_does_not_end_a_download_that_the_host_has_not_begun() -> None:
    bench = registered(controlled=True)
    write_uri(bench)
    bench.send(Request(Code.PUT, options(path=("5", "0", "0"), content_format=F.OCTET_STREAM), bytes(1500)))
    bench.run(bench.now + 600)
    assert states(bench) == [0, 1]
    assert control(bench, 2)
    assert texts(bench)[-1] == "7"


def test_after_the_restart_the_result_is_told_and_over_once_it_is_reported() -> None:
    """D46: SUCCESS, events 0 and 3, OVER."""
    bench = Bench(update_result=FirmwareResult.SUCCESS)
    assert bench.client.updating
    bench.attach()
    assert texts(bench) == ["FIRMWARE UPDATE SUCCESS"]
    assert resource(bench, 5) == b"1"
    bench.observe("/19/1/0")
    assert [type(event) for event in bench.seen(Registered, DataObserved, FirmwareAnnounced)] == [
        FirmwareAnnounced, Registered, DataObserved, FirmwareAnnounced,
    ]  # fmt: skip
    assert texts(bench)[-1] == "FIRMWARE UPDATE OVER"
    assert not bench.client.updating


@pytest.mark.conformance("LightweightM2M-1.0-int-779", role="client")
def test_a_failed_update_is_told_after_the_restart() -> None:
    bench = Bench(update_result=FirmwareResult.UPDATE_FAILED)
    bench.attach()
    bench.observe("/19/1/0")
    assert texts(bench) == ["FIRMWARE UPDATE FAILED", "FIRMWARE UPDATE OVER"]
    assert resource(bench, 5) == b"8"


@pytest.mark.parametrize("answer", [Response(Code.FORBIDDEN), None])
def test_without_a_registration_the_module_does_not_wait_for_ever(answer: Response | None) -> None:
    """D47: every command would be refused until OVER."""
    bench = Bench(Platform(SERVER, {"rd": answer}), update_result=FirmwareResult.SUCCESS)
    bench.attach()
    bench.run(10_000)
    assert not bench.client.updating


def test_a_platform_that_never_observes_the_data_has_heard_of_the_update_in_time() -> None:
    """D47: every command would be refused until OVER; Leshan's demonstration server observes nothing by itself."""
    bench = Bench(update_result=FirmwareResult.SUCCESS)
    bench.attach()
    bench.run(MAX_TRANSMIT_WAIT - 1)
    assert bench.client.updating
    bench.run(MAX_TRANSMIT_WAIT)
    assert texts(bench)[-1] == "FIRMWARE UPDATE OVER"
    assert not bench.client.updating


def test_after_an_update_the_module_registers_by_itself_although_the_host_is_to_do_it() -> None:
    """D47: AT+QLASREGIND is refused until OVER, and OVER needs a registration."""
    bench = Bench(update_result=FirmwareResult.SUCCESS, automatic=False)
    bench.attach()
    assert bench.state == "REGISTERED"
    assert not bench.seen(RegistrationAwaited)


def test_without_an_account_the_module_does_not_wait_for_ever() -> None:
    """The bootstrap server refuses, and no command could name another (D47)."""
    refusing = Platform(BOOTSTRAP, {"bs": Response(Code.BAD_REQUEST)})
    bench = Bench(refusing, update_result=FirmwareResult.SUCCESS, bootstrap_servers=(BOOTSTRAP,))
    bench.attach()
    assert bench.state == "INIT_FAILED"
    assert not bench.client.updating


@pytest.mark.conformance("LightweightM2M-1.0-int-755", "LightweightM2M-1.0-int-771", role="client")
def test_an_update_by_push_in_blocks() -> None:
    bench = registered()
    assert push(bench, PACKAGE) == Code.CHANGED
    assert states(bench) == [0, 1, 2]
    assert texts(bench) == ["FIRMWARE DOWNLOADING", "FIRMWARE DOWNLOADED", "7"]
    assert resource(bench, 1) == b""
    bench.ask(Code.POST, "/5/0/2")
    assert texts(bench)[-1] == "restart"


def test_a_small_package_comes_without_blocks() -> None:
    bench = registered()
    assert push(bench, pack("BC28", "X", b"tiny")) == Code.CHANGED
    assert states(bench) == [0, 1, 2]


# Results


@pytest.mark.conformance("LightweightM2M-1.0-int-778", "LightweightM2M-1.0-int-780", role="client")
@pytest.mark.parametrize(
    ("uri", "result"),
    [
        ("http://192.0.2.11/fw", 9),
        ("coap+tcp://192.0.2.11/fw", 9),  # D167
        ("coap://", 7),
        ("fw.bin", 7),
        ("coap://192.0.2.11/none", 7),
        ("coap://nowhere.example/fw", 7),
        ("coaps://192.0.2.11/fw", 4),  # no key
        ("coap://192.0.2.99/fw", 4),  # nobody there
    ],
)
def test_a_uri_that_leads_nowhere(uri: str, result: int) -> None:
    bench = registered()
    assert write_uri(bench, uri) == Code.CHANGED
    bench.run(100)
    assert (resource(bench, 3), resource(bench, 5)) == (b"0", str(result).encode())
    assert not bench.client.updating
    assert texts(bench) in ([], ["FIRMWARE DOWNLOADING", "6", "FIRMWARE DOWNLOAD FAILED", "FIRMWARE UPDATE OVER"])


@pytest.mark.conformance("LightweightM2M-1.0-int-776", "LightweightM2M-1.0-int-777", role="client")
@pytest.mark.parametrize(
    ("data", "result"),
    [
        (PACKAGE[:-1] + bytes([PACKAGE[-1] ^ 1]), 5),
        (PACKAGE[:100], 5),
        (pack("BC26", "BC26NBR02A01", b"image"), 6),
        (pack("BC28", "BC28JAR02A01", b"delta", base="BC28JAR00A01"), 6),
        (b"MZ" + bytes(100), 6),
        (bytes(FLASH - 1), 6),
    ],
)
def test_a_package_that_is_wrong(data: bytes, result: int) -> None:
    bench = registered()
    push(bench, data)
    assert (resource(bench, 3), resource(bench, 5)) == (b"0", str(result).encode())
    assert texts(bench) == ["FIRMWARE DOWNLOADING", "FIRMWARE DOWNLOAD FAILED", "FIRMWARE UPDATE OVER"]
    assert states(bench)[-1] == 0


@pytest.mark.conformance("LightweightM2M-1.0-int-773", role="client")
@pytest.mark.parametrize("way", ["pull", "push"])
def test_a_package_that_is_too_large(way: str) -> None:
    bench = registered()
    bench.platform.answers["fw/bc28.bin"] = Response(Code.CONTENT, (), bytes(FLASH + 1))
    assert (write_uri(bench) if way == "pull" else push(bench, bytes(FLASH + 1))) == Code.CHANGED
    assert resource(bench, 5) == b"2"


def test_a_push_that_would_not_even_fit_into_memory_is_refused() -> None:
    assert push(registered(), bytes(FLASH + (1 << 16) + 1)) == Code.REQUEST_ENTITY_TOO_LARGE


def test_coverage_lost_while_the_packages_server_is_looked_up() -> None:
    bench = registered(names={"fw.example": SERVER[0]})
    bench.client.handle_datagram(0, SERVER, encode(_uri_message("coap://fw.example/fw")))
    bench.detach()
    bench.attach()
    assert resource(bench, 5) == b"4"


def _uri_message(uri: str) -> Message:
    found = options(path=("5", "0", "1"), content_format=F.TEXT)
    return Message(Type.CON, Code.PUT, 1, b"t", found, uri.encode())


def test_a_delta_from_the_running_version_is_accepted() -> None:
    bench = registered()
    push(bench, pack("BC28", "BC28JAR02A01", b"delta", base="BC28JAR01A01"))
    assert states(bench)[-1] == FirmwareState.DOWNLOADED


@pytest.mark.conformance("LightweightM2M-1.0-int-775", role="client")
def test_the_link_is_lost_in_the_middle_of_a_pull() -> None:
    bench = registered()
    bench.lose = lambda carried: carried > 16
    write_uri(bench)
    bench.run(200)
    bench.lose = lambda carried: False
    assert resource(bench, 5) == b"4"
    assert texts(bench)[-2:] == ["FIRMWARE DOWNLOAD FAILED", "FIRMWARE UPDATE OVER"]


def test_the_link_is_lost_in_the_middle_of_a_push() -> None:
    bench = registered(lifetime=86400)
    bench.lose = lambda carried: carried > 16
    bench.send(_request(PACKAGE))
    assert texts(bench) == ["FIRMWARE DOWNLOADING"]
    bench.run(300)
    bench.lose = lambda carried: False
    assert resource(bench, 5) == b"4"


def _request(data: bytes) -> Request:
    return Request(Code.PUT, options(path=("5", "0", "0"), content_format=F.OCTET_STREAM), data)


@pytest.mark.parametrize("number", range(1, 22))
def test_any_single_datagram_of_a_download_may_be_lost(number: int) -> None:
    bench = registered()
    carried = bench.carried
    bench.lose = lambda n: n == carried + number
    bench.send(_uri_request())
    bench.run(60)
    bench.lose = lambda n: False
    assert resource(bench, 3) == b"2"


def _uri_request() -> Request:
    return Request(Code.PUT, options(path=("5", "0", "1"), content_format=F.TEXT), URI.encode())


# The host and the platform change their minds


def test_the_host_cancels_the_download() -> None:
    bench = registered(controlled=True)
    write_uri(bench)
    assert control(bench, 3)
    assert texts(bench)[-2:] == ["FIRMWARE DOWNLOAD FAILED", "FIRMWARE UPDATE OVER"]
    assert (resource(bench, 3), resource(bench, 5)) == (b"0", b"8")
    assert states(bench) == [0, 1, 0]


def test_the_host_cancels_while_blocks_are_coming() -> None:
    bench = registered(controlled=True)
    write_uri(bench)
    bench.lose = lambda carried: carried > 12
    control(bench, 2)
    assert control(bench, 3)
    bench.lose = lambda carried: False
    bench.run(100)
    assert resource(bench, 3) == b"0"
    assert "7" not in texts(bench)
    assert not bench.client.busy


def test_the_host_cancels_the_update() -> None:
    bench = registered(controlled=True)
    push(bench, PACKAGE)
    assert control(bench, 5)
    assert texts(bench)[-2:] == ["FIRMWARE UPDATE FAILED", "FIRMWARE UPDATE OVER"]
    assert resource(bench, 3) == b"0"
    assert bench.ask(Code.POST, "/5/0/2").code == Code.METHOD_NOT_ALLOWED


@pytest.mark.parametrize(
    ("at", "allowed"),
    [
        (FirmwareState.IDLE, ()),
        (FirmwareState.DOWNLOADING, (2, 3)),
        (FirmwareState.DOWNLOADED, (4, 5)),
        (FirmwareState.UPDATING, ()),
    ],
)
@pytest.mark.parametrize("step", [2, 3, 4, 5])
def test_each_step_has_its_turn(at: FirmwareState, allowed: tuple[int, ...], step: int) -> None:
    """D46: out of turn is error 516."""
    bench = registered(controlled=True)
    if at is FirmwareState.DOWNLOADING:
        write_uri(bench)
    elif at is not FirmwareState.IDLE:
        push(bench, PACKAGE)
    if at is FirmwareState.UPDATING:
        control(bench, 4)
    assert control(bench, step) is (step in allowed)


def test_a_second_go_at_downloading_is_out_of_turn() -> None:
    bench = registered(controlled=True)
    write_uri(bench, "coap://192.0.2.99/slow")
    assert control(bench, 2)
    assert not control(bench, 2)


@pytest.mark.parametrize(("path", "payload", "fmt"), [("/5/0/1", b"", F.TEXT), ("/5/0/0", b"\x00", F.OCTET_STREAM)])
def test_the_platform_gives_up(path: str, payload: bytes, fmt: int) -> None:
    """E.6: an empty URI or package."""
    bench = registered(controlled=True)
    write_uri(bench)
    assert bench.ask(Code.PUT, path, payload, content_format=fmt).code == Code.CHANGED
    assert (resource(bench, 3), resource(bench, 5)) == (b"0", b"0")
    assert not bench.client.updating
    assert bench.ask(Code.PUT, path, payload, content_format=fmt).code == Code.CHANGED  # nothing to give up
    assert texts(bench).count("FIRMWARE UPDATE OVER") == 1


@pytest.mark.parametrize("begin", ["pull", "push", "updating"])
def test_one_update_at_a_time(begin: str) -> None:
    bench = registered(controlled=True)
    if begin == "pull":
        write_uri(bench)
    else:
        push(bench, PACKAGE)
    if begin == "updating":
        control(bench, 4)
        assert write_uri(bench, "") == Code.METHOD_NOT_ALLOWED
    assert write_uri(bench) == Code.METHOD_NOT_ALLOWED
    if begin != "pull":
        assert push(bench, PACKAGE) == Code.METHOD_NOT_ALLOWED


def test_urgent_data_stops_a_download() -> None:
    """DOC-E 3.14: AT+QLAFOTARESET."""
    bench = registered(controlled=True)
    write_uri(bench, "coap://192.0.2.99/slow")
    control(bench, 2)
    assert bench.client.stop_update(bench.now)
    bench.drain()
    assert not bench.client.updating
    bench.client.send_data(bench.now, True, ReleaseAssistance.NONE, b"urgent")
    bench.drain()
    bench.run(100)
    assert texts(bench) == ["FIRMWARE DOWNLOADING", "6"]  # the platform's timeout decides


@pytest.mark.parametrize("attached", [False, True])
def test_after_the_restart_there_is_nothing_to_stop_and_the_result_is_reported_all_the_same(attached: bool) -> None:
    """D149: AT+QLAFOTARESET between FIRMWARE UPDATE SUCCESS and OVER lets data pass, and loses nothing."""
    bench = Bench(update_result=FirmwareResult.SUCCESS, automatic=False)
    if attached:
        bench.attach()
    assert bench.client.stop_update(bench.now)
    assert not bench.client.updating
    if not attached:
        bench.attach()
    assert resource(bench, 5) == b"1"
    bench.observe("/19/1/0")
    assert texts(bench) == ["FIRMWARE UPDATE SUCCESS", "FIRMWARE UPDATE OVER"]


def test_an_update_that_runs_cannot_be_stopped() -> None:
    bench = registered(controlled=True)
    push(bench, PACKAGE)
    control(bench, 4)
    assert not bench.client.stop_update(bench.now)


@pytest.mark.conformance("LightweightM2M-1.0-int-772", role="client")
def test_execute_before_there_is_a_package_is_refused() -> None:
    assert registered().ask(Code.POST, "/5/0/2").code == Code.METHOD_NOT_ALLOWED


@pytest.mark.conformance("LightweightM2M-1.0-int-760", role="client")
def test_the_firmware_object_is_observed_with_event_5() -> None:
    assert len(registered().seen(FirmwareObserved)) == 1


def test_a_package_from_a_server_with_a_name() -> None:
    bench = registered(names={"fw.example": SERVER[0]})
    write_uri(bench, "coap://fw.example/fw/bc28.bin")
    assert states(bench)[-1] == 2
    assert bench.platform.received[-1][1].host == "fw.example"


# The file


def test_a_package_is_unpacked_again() -> None:
    package = unpack(PACKAGE)
    assert (package.manifest.model, package.manifest.version, package.manifest.base) == ("BC28", "BC28JAR02A01", "")
    assert len(package.image) == package.manifest.size == 5120
    package.check_for("BC28", "anything")


@pytest.mark.parametrize("at", range(0, len(PACKAGE), 97))
def test_any_changed_byte_is_found(at: int) -> None:
    damaged = PACKAGE[:at] + bytes([PACKAGE[at] ^ 0x40]) + PACKAGE[at + 1 :]
    with pytest.raises((BrokenPackage, UnsupportedPackage)):
        unpack(damaged)


@pytest.mark.parametrize("length", [0, 3, 4, 9, 40, len(PACKAGE) - 1])
def test_a_truncated_file_is_a_decode_error(length: int) -> None:
    with pytest.raises(DecodeError):
        unpack(PACKAGE[:length])


@pytest.mark.parametrize(
    ("manifest", "error"),
    [
        (b"[]", UnsupportedPackage),
        (b'{"model":"BC28"}', UnsupportedPackage),
        (b'{"model":"BC28","version":"X","size":7}', BrokenPackage),
    ],
)
def test_a_manifest_that_says_nothing_useful(manifest: bytes, error: type[DecodeError]) -> None:
    data = b"NBFW\x01" + len(manifest).to_bytes(4, "big") + manifest + b"image"
    with pytest.raises(error):
        unpack(data + sha256(data).digest())
