"""What has to hold before a fleet sends anything: whose the target is, and whether the machine has room for the plan.

Knows names and limits; sends nothing off the machine but the question for a name's address, and that never for an
operator's.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import sys
from collections.abc import Mapping, Sequence

from nbtwin.fleet.plan import FleetPlan, FleetTarget
from nbtwin.fleet.refusals import FleetRefusal
from nbtwin.fleet.tracking import flows, follows_ours, room_for_flows
from nbtwin.foreign import detail_of
from nbtwin.lab.network import OPERATORS
from nbtwin.runtime.errors import WrongUsage

EXCHANGE_LIFETIME = 247.0
"""RFC 7252 4.8.2: so long a message ID is not used again with the same server from the same port."""
_MESSAGE_IDS = 65536
_PLAIN, _SECURE, _WHOLE, _PROCESS = 700, 6500, 11000, 60 << 20
"""Bytes a device and of an empty process, measured with room to spare (docs/fleet.md)."""
_SPARE_FILES = 50
_URI = re.compile(r"(coaps?)://(\[[0-9A-Fa-f:.]+\]|[^\[\]:/?#]+)(?::(\d{1,5}))?/?")


def target_of(text: str, mine: Sequence[str], where: str = "TARGET") -> FleetTarget:
    """``where`` it was said. WrongUsage for what is no target, for an operator's (always), and for one that nobody said
    to be theirs."""
    match = _URI.fullmatch(text)
    port = int(match[3]) if match and match[3] else 0
    if match is None or port > 65535 or (match[3] and not port):
        raise WrongUsage(FleetRefusal.TARGET, where, value=text)
    host = match[2].strip("[]").rstrip(".").lower()
    secure = match[1] == "coaps"
    _refuse_operator(host, host, where)
    address = _address_of(host, {name.lower() for name in mine}, where)
    _refuse_operator(address, host, where)
    if not ipaddress.ip_address(address).is_loopback and host not in {name.lower() for name in mine}:
        raise WrongUsage(FleetRefusal.TARGET_NOT_MINE, where, host=host)
    return FleetTarget(host, port or (5684 if secure else 5683), secure, address)


def hosts_of(mine: Sequence[str]) -> dict[str, str]:
    """Names and addresses that are the user's, to addresses. WrongUsage as `target_of`."""
    found = {}
    for name in mine:
        target = target_of(f"coap://[{name}]" if ":" in name else f"coap://{name}", mine, "--target-is-mine")
        found[target.host] = target.address
    return found


def _refuse_operator(name: str, host: str, where: str) -> None:
    for presence in OPERATORS.values():
        if name in presence.hosts or any(name == each or name.endswith("." + each) for each in presence.names):
            raise WrongUsage(FleetRefusal.TARGET_OPERATOR, where, host=host)


def _address_of(host: str, mine: set[str], where: str) -> str:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        if host != "localhost" and host not in mine:
            raise WrongUsage(FleetRefusal.TARGET_NOT_MINE, where, host=host) from None
        try:
            found = socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM)
        except OSError as error:
            raise WrongUsage(FleetRefusal.TARGET_UNRESOLVED, where, host=host, detail=detail_of(error)) from None
        return str(min(found, key=lambda one: one[0] != socket.AF_INET)[4][0])
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)


def check_room(plan: FleetPlan, processes: int, places: Mapping[str, str] | None = None) -> None:
    """WrongUsage for what is too much for this machine, and for what does not go together. ``places``: of the fields
    that stand in a file."""
    try:
        _check(plan, processes)
    except WrongUsage as error:
        field = _FIELDS.get(error.where, error.where)
        raise WrongUsage(error.code, (places or {}).get(field, error.where), **error.fields) from None


_FIELDS = {
    "--devices": "devices.count", "--sockets": "sockets", "--psk": "devices.key", "--model": "devices.model",
}  # fmt: skip
"""In a plan, what an option says else."""


def _check(plan: FleetPlan, processes: int) -> None:
    count = plan.devices.count
    if not count:
        raise WrongUsage(FleetRefusal.EMPTY, "--devices")
    _check_lanes(plan, processes)
    limit, kept_for = room_for_flows()
    if flows(plan, kept_for) > limit and follows_ours():
        raise WrongUsage(FleetRefusal.NOT_TRACKED, "--devices", needed=flows(plan, kept_for), limit=limit)
    first = plan.bootstraps or plan.target
    secure = plan.target.secure or first.secure
    if plan.modules is not None:
        _check_modules(plan)
    elif secure:
        if plan.sockets > 0:
            raise WrongUsage(FleetRefusal.SECURE_SHARED, "--sockets")
        named = plan.devices.named
        if first.secure and not plan.devices.key and not (named and all(row.key for row in named)):
            raise WrongUsage(FleetRefusal.KEY_NEEDED, "--psk")
    else:
        if plan.wrong_keys:
            raise WrongUsage(FleetRefusal.NOT_PLAIN, "wrong_keys", key="wrong_keys")
        if plan.sockets > 0 and (asked := _asked_by_server(plan)):
            raise WrongUsage(FleetRefusal.OWN_PLACE, asked[0], key=asked[0])
    device = _WHOLE if plan.modules is not None else _SECURE if secure else _PLAIN
    needed = processes * _PROCESS + count * device
    there = _memory()
    if there is not None and needed > there:
        raise WrongUsage(FleetRefusal.NO_MEMORY, "--devices", needed=needed >> 20, limit=there >> 20)


def _asked_by_server(plan: FleetPlan) -> list[str]:
    """Fields by which a device does what its server asks of it, and no other's."""
    fields = [name for name in ("queue", "bootstrap") if getattr(plan, name)]
    return fields + ["notify"] * any(phase.do == "notify" for phase in plan.phases)


def _check_modules(plan: FleetPlan) -> None:
    """Models that there are, that register with such a card, and that take the settings."""
    from nbtwin.fleet.delivery import delivered, names_keys, who_is
    from nbtwin.module.profile import UnknownModel
    from nbtwin.runtime.simulated_lab import SettingRefused
    from nbtwin.scenario.cost import NeverRegisters

    if plan.sockets > 0:
        raise WrongUsage(FleetRefusal.MODULES_SHARED, "--sockets")
    rows = plan.devices.named
    if names_keys(plan):
        if not plan.devices.key and not (rows and all(row.key for row in rows)):
            raise WrongUsage(FleetRefusal.KEY_NEEDED, "--psk")
    elif plan.devices.key or any(row.key for row in rows):
        raise WrongUsage(FleetRefusal.KEYS_UNUSED, "--psk")
    first_of: dict[tuple[str, str], int] = {}
    for number, row in enumerate(rows):
        first_of.setdefault((row.model, row.operator), number)
    for number in sorted(first_of.values()) or [0]:
        where = rows[number].name if rows else ""
        try:
            delivered(plan, who_is(plan, number))
        except (UnknownModel, NeverRegisters) as error:
            raise WrongUsage.of(error, where or "--model") from None
        except SettingRefused as error:
            raise WrongUsage.of(error, where or "modules.settings") from None


def _check_lanes(plan: FleetPlan, processes: int) -> None:
    """``processes`` share the ports of the machine; each has open files of its own."""
    count = plan.devices.count
    if plan.sockets == 0:
        if not sys.platform.startswith("linux"):
            raise WrongUsage(FleetRefusal.LINUX, "--sockets")
        network = ipaddress.ip_network(plan.network)
        if network.num_addresses - 2 < count + plan.first:
            limit = max(0, network.num_addresses - 2)
            raise WrongUsage(FleetRefusal.NO_ADDRESSES, "network", needed=count + plan.first, limit=limit)
        for device in (plan.first, plan.first + count - 1):
            if not _is_here(address := str(network[1 + device])):
                raise WrongUsage(FleetRefusal.NO_ALIAS, "network", address=address)
        return
    sockets = count if plan.sockets == -1 else plan.sockets
    twice = plan.modules is not None or any(phase.do == "rebind" for phase in plan.phases)
    if plan.sockets == -1:
        sockets *= 1 + twice + plan.bootstrap
    files, limit = -(-sockets // processes) + _SPARE_FILES, _open_files()
    if files > limit:
        raise WrongUsage(FleetRefusal.NO_FILES, "--sockets", needed=files, limit=limit)
    if sockets > (ports := free_ports()):
        raise WrongUsage(FleetRefusal.NO_PORTS, "--sockets", needed=sockets, limit=ports)
    needed = int(plan.highest_rate * EXCHANGE_LIFETIME / _MESSAGE_IDS) + 1
    lasts = sum(plan.lasts(phase) for phase in plan.phases)
    if lasts < EXCHANGE_LIFETIME:
        needed = min(needed, int(plan.highest_rate * max(lasts, 1.0) / _MESSAGE_IDS) + 1)
    if 0 < plan.sockets < needed:
        raise WrongUsage(
            FleetRefusal.NUMBERS_USED_UP, "--sockets", rate=plan.highest_rate, sockets=plan.sockets, needed=needed
        )


def _is_here(address: str) -> bool:
    """Whether this machine has it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        try:
            udp.bind((address, 0))
        except OSError:
            return False
        return True


def sockets_for(plan: FleetPlan) -> int:
    """Unless somebody says: an address each on loopback or of the machine's own network, else a port each where devices
    have to be told apart, else so many that no message ID comes back too soon."""
    address = ipaddress.ip_address(plan.target.address)
    here = all(ipaddress.ip_address(each).is_loopback for each in (plan.target.address, *plan.hosts.values()))
    aliases = not ipaddress.ip_network(plan.network).is_loopback
    if address.version == 4 and (here or aliases) and sys.platform.startswith("linux"):
        return 0
    if plan.target.secure or plan.modules is not None or _asked_by_server(plan):
        return -1
    return int(plan.highest_rate * EXCHANGE_LIFETIME / _MESSAGE_IDS) + 1


def free_ports() -> int:
    """Those that the system gives to who asks for any, used or not."""
    try:
        with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as file:
            first, last = map(int, file.read().split())
    except (OSError, ValueError):
        return 65535
    return last - first + 1


def _open_files() -> int:
    """What the process may have; up to the hard limit it is given."""
    try:
        import resource
    except ImportError:
        return 512
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        except (OSError, ValueError):
            return soft
    return hard


def _memory() -> int | None:
    """Bytes that are free for whoever needs them."""
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            for line in file:
                if line.startswith("MemAvailable:"):
                    return int(line.split()[1]) << 10
    except OSError:
        pass
    return None
