"""`nbtwin fleet` against Eclipse Leshan's server, over real UDP: what the fleet counts, Leshan has seen."""

from __future__ import annotations

import json
import subprocess
import sys

from foreign_leshan import Servers

DEVICES = 40


def test_what_the_fleet_says_of_its_devices_leshan_says_too(leshan: Servers) -> None:
    before = {name: len(leshan.all(name)) for name in ("registered", "unregistered")}
    load = ("--devices", str(DEVICES), "--rate", "50", "--for", "1s", "--json")
    command = (sys.executable, "-m", "nbtwin", "fleet", f"coap://127.0.0.1:{leshan.coap}", *load)
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stderr
    outcomes = json.loads(done.stdout)["outcomes"]
    assert outcomes["register"] == outcomes["deregister"] == {"ok": DEVICES}
    for name, many in before.items():
        leshan.wait_until(lambda name=name, many=many: len(leshan.all(name)) >= many + DEVICES)
        assert len(leshan.all(name)) == many + DEVICES, name
