"""China Mobile's CMDMP platform, told in raw CoAP messages under simulated time (wire.md)."""

from __future__ import annotations

import base64

from operators_bench import IMEI, IMSI, PEER, Bench, inventory_answer, name_of

from nbtwin.coap.numbers import Code, Type
from nbtwin.operators import events as ev


def test_a_module_registers_and_is_asked_for_its_inventory() -> None:
    bench = Bench()
    data = bench.request(
        path=["rd"], query=["lwm2m=1.0", f"ep={name_of()}", "b=U", "lt=86400"], content_format=40, payload=b"</1/0>"
    )
    answer, read = bench.give(data)

    assert (answer.type, answer.code) == (Type.ACK, Code.CREATED)
    assert answer.location[0] == "rd"
    assert len(answer.location) == 2
    assert (read.type, read.code, read.path) == (Type.CON, Code.GET, ("666", "0"))
    (registered,) = bench.events(ev.DeviceRegistered)
    assert registered.device == f"cmdmp:{IMEI}"
    assert (registered.identity.imsi, registered.identity.imei2, registered.lifetime) == (IMSI, "", 86400)

    bench.give(inventory_answer(read, {6606: "EC616", 6611: "NB-IoT"}))
    (inventory,) = bench.events(ev.InventoryRead)
    assert inventory.values[6606] == "EC616"
    assert inventory.values[6611] == "NB-IoT"
    assert inventory.values[6603] == "NULL"
    assert 6601 not in inventory.values  # left out when empty


def test_the_answer_waits_for_the_commit() -> None:
    bench = Bench()
    data = bench.request(path=["rd"], query=[f"ep={name_of()}", "lt=300"])
    platform = bench.platform
    platform.handle_datagram(0.0, PEER, data)
    assert platform.datagrams_to_send() == []
    platform.handle_committed(0.0)  # but nothing had been drained
    assert platform.datagrams_to_send() == []
    assert [type(event) for event in platform.events()] == [ev.DeviceRegistered]
    assert platform.datagrams_to_send() == []
    platform.handle_committed(0.0)
    assert len(platform.datagrams_to_send()) == 2  # the answer and the read


def test_an_update_keeps_the_registration_and_a_lifetime_ends_with_the_give_up_time() -> None:
    """D56: the platform waits as long as a module tries: lifetime + 128 s."""
    bench = Bench()
    location = bench.register(lifetime=3600).location
    bench.advance(3600)
    assert bench.update(location).code == Code.CHANGED
    bench.advance(3600 + 127.9)
    assert bench.events(ev.DeviceExpired) == []
    bench.advance(0.2)
    (expired,) = bench.events(ev.DeviceExpired)
    assert expired.at == 3600 + 3600 + 128
    assert bench.update(location).code == Code.NOT_FOUND


def test_the_wrong_password_is_4_01_and_an_unknown_appkey_4_03() -> None:
    bench = Bench()
    assert bench.register(name_of(password="not the password")).code == Code.UNAUTHORIZED
    assert bench.register(name_of(appkey="M999999999")).code == Code.FORBIDDEN
    refused = bench.events(ev.DeviceRefused)
    assert [(event.code, event.device) for event in refused] == [
        ("4.01", f"cmdmp:{IMEI}"),
        ("4.03", f"cmdmp:{IMEI}"),
    ]
    assert bench.platform.server.registrations == {}


def test_a_name_that_is_not_one_is_4_00() -> None:
    bench = Bench()
    no_base64 = name_of().replace("@#@", "@#@!", 1)
    half_block = "L@#@" + base64.b64encode(b"x" * 15).decode() + f"@#@M100000089@#@{IMEI}@#@v2.0"
    for name in ("blast000001", "L@#@@#@M100000089", no_base64):
        assert bench.register(name).code == Code.BAD_REQUEST, name
    assert bench.register(half_block).code == Code.UNAUTHORIZED
