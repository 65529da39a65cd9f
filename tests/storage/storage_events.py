"""Events that the storage tests commit."""

from __future__ import annotations

from operators_bench import IMEI

from nbtwin.operators import events as ev

PEER = ("10.0.0.1", 5683)
DEVICE = f"cmdmp:{IMEI}"


def registered(at: float = 0.0, imei: str = IMEI, **more: str) -> ev.DeviceRegistered:
    return ev.DeviceRegistered(at, f"cmdmp:{imei}", PEER, ev.DeviceIdentity(imei, **more), "rd/1", 3600)
