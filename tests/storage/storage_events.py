"""Events that the storage tests commit."""

from __future__ import annotations

from operators_bench import IMEI

from nbtwin.lwm2m.server.events import Registration
from nbtwin.operators import events as ev

PEER = ("10.0.0.1", 5683)
DEVICE = f"cmdmp:{IMEI}"


def registration(at: float, imei: str, location: str = "1", endpoint: str = "") -> Registration:
    return Registration(imei, endpoint, location, PEER, 3600, "U", "1.0", "</1/0>", at, at)


def registered(at: float = 0.0, imei: str = IMEI, endpoint: str = "", **more: str) -> ev.DeviceRegistered:
    identity = ev.DeviceIdentity(imei, **more)
    return ev.DeviceRegistered(at, f"cmdmp:{imei}", PEER, identity, registration(at, imei, endpoint=endpoint))
