"""`nbtwin fleet` against Eclipse Leshan's server, over real UDP: what the fleet counts, Leshan has seen."""

from __future__ import annotations

import json

import pytest
from foreign_leshan import Servers
from preloaded import completed

DEVICES = 40
KEY = bytes(range(16))


@pytest.mark.parametrize("scheme", ["coap", "coaps"])
def test_what_the_fleet_says_of_its_devices_leshan_says_too(leshan: Servers, scheme: str) -> None:
    """Behind DTLS each device has its own identity; Leshan makes the handshakes."""
    before = {name: len(leshan.all(name)) for name in ("registered", "unregistered")}
    names = f"{scheme}-{{n}}"
    for number in range(DEVICES if scheme == "coaps" else 0):
        leshan.say("key", names.format(n=number), names.format(n=number), KEY.hex())
    leshan.configure("key", "nobody", "nobody", KEY.hex())
    port = leshan.coaps if scheme == "coaps" else leshan.coap
    load = ("--devices", str(DEVICES), "--name", names, "--psk", KEY.hex(), "--rate", "50", "--for", "1s", "--json")
    done = completed("fleet", f"{scheme}://127.0.0.1:{port}", *load, timeout=100)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["outcomes"]["register"] == told["outcomes"]["deregister"] == {"ok": DEVICES}
    assert told["latency"].get("handshake", {"count": 0})["count"] == (DEVICES if scheme == "coaps" else 0)
    for name, many in before.items():
        leshan.wait_until(lambda name=name, many=many: len(leshan.all(name)) >= many + DEVICES)
        assert len(leshan.all(name)) == many + DEVICES, name
