"""The Andlink platform without DTLS: registration, what follows it, commands, data, restarts (wire.md, Andlink)."""

from __future__ import annotations

from andlink_bench import DEVICE, IMEI, AndlinkBench

from nbtwin.operators import events as ev


def test_a_registration_is_followed_by_observations_and_a_reading_of_the_device() -> None:
    """wire.md, Andlink 3; D17: events 0, 3 and 5."""
    bench = AndlinkBench()
    unit = bench.registered()
    assert [line for line in bench.said(unit) if line.startswith("+QLAEVTIND")] == [
        "+QLAEVTIND:0", "+QLAEVTIND:3", "+QLAEVTIND:5",
    ]  # fmt: skip
    assert bench.platform.observed(IMEI) == ["/19/1/0", "/5/0/3"]
    device = bench.store.device(DEVICE)
    assert device is not None
    assert (device.state, device.model, device.imei) == ("registered", "BC28", IMEI)
    assert device.resources == {"/5/0/3": 0}


def test_a_read_ends_with_its_value() -> None:
    bench = AndlinkBench()
    bench.registered()
    answer = bench.do(bench.platform.read, IMEI, "/3/0/0")
    assert (answer.device, answer.operation, answer.path) == (DEVICE, "read", "/3/0/0")
    assert (answer.code, answer.value, answer.why) == ("2.05", "Quectel", "")


def test_uplink_data_come_as_notifications() -> None:
    bench = AndlinkBench()
    unit = bench.registered()
    bench.host(unit, 'AT+QLASENDDATA=0x0100,5,{"a":')
    bench.world.advance(5)
    (data,) = bench.seen(ev.DataReceived)
    assert (data.path, data.way, data.payload, data.confirmable) == ("/19/1/0", "notification", b'{"a":', True)
    assert "+QLADATASTATUS:4" in bench.said(unit)
