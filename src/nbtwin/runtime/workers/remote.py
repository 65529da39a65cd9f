"""A platform whose engine is in the workers, as the lab's pages see it: its facts, and what is asked of its devices.

Each question goes to the process that has the device, and its answer comes at once; what becomes of an operation comes
as a fact through that process's journal. Knows no socket: whoever makes it hands in how a process is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from nbtwin.engine import Address, Deadline, Fact, Outbox, Seconds
from nbtwin.lwm2m.firmware.file import FirmwareFile
from nbtwin.lwm2m.model import Objects
from nbtwin.lwm2m.objects.registry import ObjectRegistry
from nbtwin.operators import events as ev
from nbtwin.operators.andlink.firmware_updater import PackageOf
from nbtwin.operators.andlink.listeners import LISTENING_PORTS, PortPeer
from nbtwin.operators.campaigns.records import Plan
from nbtwin.operators.device_management.verbs import VERBS, Takes
from nbtwin.operators.refusals import PlatformError, PlatformRefusal

_AWAY = (PlatformRefusal.PROCESS_AWAY, PlatformRefusal.NODE_AWAY, PlatformRefusal.NODES_APART)


class Ask(Protocol):
    """Of the process that has a device. PlatformError as that process says, or when it does not answer."""

    def __call__(self, device: str, verb: str, *arguments: Any, **named: Any) -> Any: ...


class RemoteManagement:
    """What `DeviceManagement` is in the process that has the device."""

    def __init__(self, name: str, ask: Ask, definitions: ObjectRegistry, next_ticket: Callable[[], int]) -> None:
        self.name, self.definitions = name, definitions
        self.told: list[Fact] = []
        self._ask, self._next_ticket = ask, next_ticket
        self._unspent: int | None = None  # a ticket, of what was refused

    def ask(
        self, now: Seconds, device: str, verb: str, path: str, value: Any = None, *, content_format: int | None = None,
        deadline: Seconds | None = None, within: Seconds | None = None, by: str = "",
    ) -> int:  # fmt: skip
        """The ticket is the lab's to give: no two processes give the same."""
        ticket = self._unspent or self._next_ticket()
        try:
            self._ask(
                device, "ask", device, verb, path, value, ticket=ticket, content_format=content_format,
                deadline=deadline, within=within, by=by,
            )  # fmt: skip
        except PlatformError as error:
            self._unspent = None if error.code in _AWAY else ticket  # else it may have been given
            raise
        self._unspent = None
        if VERBS[verb].is_composite:
            path = ",".join(map(str, value)) if VERBS[verb].takes is Takes.VALUES else path.rstrip(",")
        self.told.append(ev.OperationAsked(now, ticket, f"{self.name}:{self._client(device)}", verb, path))
        return ticket

    def check(
        self, now: Seconds, device: str, verb: str, path: str, value: Any = None, *, deadline: Seconds | None = None,
        within: Seconds | None = None,
    ) -> None:  # fmt: skip
        self._ask(device, "check", device, verb, path, value, deadline=deadline, within=within)

    def forget(self, now: Seconds, device: str) -> bool:
        return bool(self._ask(device, "forget", device))

    def deregister(self, now: Seconds, device: str) -> None:
        self._ask(device, "deregister", device)

    def move(self, now: Seconds, device: str, ticket: int, position: int, by: str = "") -> None:
        self._ask(device, "move", device, ticket, position, by)

    def cancel(self, now: Seconds, device: str, ticket: int, by: str = "") -> None:
        self._ask(device, "cancel", device, ticket, by)

    def observed(self, device: str) -> list[str]:
        return list(self._ask(device, "observed", device))

    def waiting(self, device: str) -> int:
        return int(self._ask(device, "waiting", device))

    def commands(self, device: str) -> list[int]:
        return list(self._ask(device, "commands", device))

    def awake_until(self, device: str) -> Seconds | None:
        until: Seconds | None = self._ask(device, "awake_until", device)
        return until

    def objects_of(self, client: str) -> Objects:
        """The newest definitions: which versions a device has registered its process knows."""
        return self.definitions.of("")

    def _client(self, device: str) -> str:
        return device.removeprefix(f"{self.name}:")


class RemotePlatform(Outbox[Fact]):
    """It takes no datagram and waits for nothing: workers do. ``devices`` is None of one that only takes reports."""

    strict = False

    def __init__(self, devices: RemoteManagement | None) -> None:
        super().__init__()
        self.devices = devices

    def tell(self, events: Sequence[Fact]) -> None:
        """What the workers have told."""
        self._events += events

    def events(self) -> list[Fact]:
        if self.devices is not None and self.devices.told:
            self._events += self.devices.told
            self.devices.told = []
        return super().events()

    def handle_datagram(self, now: Seconds, source: Address, data: bytes, listener: int = 0) -> None:
        """None comes here."""

    def handle_timer(self, now: Seconds) -> None:
        """Nothing is due here."""

    def next_deadline(self) -> Deadline | None:
        return None


class Driver(Protocol):
    """What the lab does for campaigns (`campaigns.CampaignDriver`)."""

    def start(self, now: Seconds, plan: Plan, devices: Iterable[str]) -> int: ...

    def stop(self, now: Seconds, campaign: int) -> None: ...


class Fetched(Protocol):
    """Whether a process gives the package to who fetches it over HTTP; who has the device there learns of it."""

    def __call__(self, host: str, key: str, package: str, /) -> bool: ...


class RemoteAndlink(RemotePlatform):
    """With three ports, and campaigns."""

    listening_ports: Sequence[PortPeer] = LISTENING_PORTS

    def __init__(self, devices: RemoteManagement, campaigns: Driver, fetched: Fetched, package_of: PackageOf) -> None:
        super().__init__(devices)
        self._campaigns, self._fetched, self._package_of = campaigns, fetched, package_of

    def start_campaign(self, now: Seconds, plan: Plan, devices: Iterable[str]) -> int:
        return self._campaigns.start(now, plan, devices)

    def stop_campaign(self, now: Seconds, campaign: int) -> None:
        """KeyError when none of that number runs."""
        self._campaigns.stop(now, campaign)

    def package_over_http(self, now: Seconds, host: str, key: str, package: str) -> FirmwareFile | None:
        """As `AndlinkPlatform` has it (D163). PlatformError when nobody gives it and a process does not answer."""
        return self._package_of(package) if self._fetched(host, key, package) else None

    def bytes_of(self, campaign: int) -> dict[str, int]:
        """What the workers have seen go and not written yet nobody asks them."""
        return {}

    def datagrams_by_listener(self) -> list[tuple[int, Address, bytes]]:
        return []


def create_remote(
    operator: str, ask: Ask, definitions: ObjectRegistry, next_ticket: Callable[[], int], campaigns: Driver,
    fetched: Fetched, package_of: PackageOf,
) -> RemotePlatform:  # fmt: skip
    """``next_ticket`` is asked of a platform that gives any."""
    if operator not in ("cmdmp", "andlink"):
        return RemotePlatform(None)
    devices = RemoteManagement(operator, ask, definitions, next_ticket)
    if operator != "andlink":
        return RemotePlatform(devices)
    return RemoteAndlink(devices, campaigns, fetched, package_of)
