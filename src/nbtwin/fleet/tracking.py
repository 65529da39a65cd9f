"""Connection tracking: a kernel that translates addresses for containers, or has a stateful firewall, keeps an entry
for each pair of addresses, up to a limit. Beyond it what comes from a new address is dropped, in both directions, and
what leaves is refused with EPERM: a fleet with an address each would measure the kernel's table.

Whether the kernel follows what we send cannot be read anywhere: some datagrams on loopback show it.
"""

from __future__ import annotations

import socket
from contextlib import closing
from pathlib import Path

from nbtwin.fleet.plan import FleetPlan

_KEPT = Path("/proc/sys/net/netfilter")
_PROBES = 64


def flows(plan: FleetPlan, kept_for: float) -> int:
    """Pairs of addresses that the kernel has at once, where it keeps each for so many seconds."""
    places = plan.sockets if plan.sockets > 0 else plan.devices.count
    return int(min(places, plan.highest_rate * kept_for)) + 1


def room_for_flows() -> tuple[int, float]:
    """How many more the kernel takes, and for how many seconds it keeps one; no bound where it follows none."""
    count, limit, seconds = (_number(name) for name in ("count", "max", "udp_timeout_stream"))
    if count is None or limit is None:
        return (1 << 62), 0.0
    return limit - count, float(seconds or 0)


def follows_ours() -> bool:
    """From as many ports to one of loopback: if the kernel keeps them, it has half as many more at the least."""
    before = _number("count") or 0
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as there:
        there.bind(("127.0.0.1", 0))
        for _ in range(_PROBES):
            with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as one:
                one.sendto(b"", there.getsockname())
        return (_number("count") or 0) - before > _PROBES // 2


def _number(name: str) -> int | None:
    try:
        return int((_KEPT / f"nf_conntrack_{name}").read_text())
    except (OSError, ValueError):
        return None
