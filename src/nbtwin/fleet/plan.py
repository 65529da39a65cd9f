"""What a fleet is to do, as data: a target, devices, phases one after the other, and how devices misbehave.

A plan is handed to other processes and machines as it is. Everything in it is fixed before the first datagram: the
same seed and the same plan make the same devices do the same things at the same instants. Knows no socket and no file.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from nbtwin.engine import Seconds

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Rate = Annotated[float, msgspec.Meta(gt=0, le=1_000_000)]
Deed = Literal["register", "update", "uplink", "notify", "at", "reboot", "rebind", "rest", "deregister"]
Card = Literal["mobile", "telecom", "unicom"]
"""Whose USIM is in a whole module."""


class FleetTarget(msgspec.Struct, frozen=True):
    """Where the server is. ``address`` is what its name was resolved to."""

    host: str
    port: int
    secure: bool
    address: str = ""

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"coap{'s' if self.secure else ''}://{host}:{self.port}"


class FleetPhase(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A rate of arrivals over a span; ``to``: the rate at its end; ``wave``: it swells and falls by ``depth`` with that
    period. Without a span each device has one turn. Arrivals are a Poisson process: they wait for nobody's answer."""

    do: Deed
    rate: Rate | None = None
    to: Rate | None = None
    span: Seconds | None = msgspec.field(name="for", default=None)
    wave: Seconds | None = None
    depth: Share = 0.8
    lines: tuple[str, ...] = ()
    """Of ``at``: what hosts send to whole modules, one after the other."""

    @property
    def highest_rate(self) -> float:
        """0: all at once."""
        return max(self.rate or 0.0, self.to or 0.0) * (1 + bool(self.wave) * self.depth)


class NamedDevice(msgspec.Struct, frozen=True):
    """A row of a list of devices. ``key``: bytes of a pre-shared key."""

    name: str
    identity: str = ""
    key: bytes = b""
    model: str = ""
    operator: Card | Literal[""] = ""
    imsi: str = ""
    imei: str = ""


class FleetDevices(msgspec.Struct, frozen=True):
    """By pattern (``{n}`` is the number, from 0), or one by one."""

    count: int
    name: str = "fleet-{n:07}"
    identity: str = "{name}"
    key: bytes = b""
    model: str = "BC260Y-CN"
    named: tuple[NamedDevice, ...] = ()

    def part(self, first: int, count: int) -> FleetDevices:
        return msgspec.structs.replace(self, count=count, named=self.named[first : first + count])

    def name_of(self, number: int, first: int = 0) -> str:
        """``number`` counts within the shard that begins with device ``first``."""
        return self.named[number].name if self.named else self.name.format(n=first + number)

    def secret_of(self, number: int, first: int = 0) -> tuple[str, bytes]:
        """PSK identity and key."""
        name = self.name_of(number, first)
        if self.named:
            row = self.named[number]
            return row.identity or name, row.key or self.key
        if self.identity == "{name}":
            return name, self.key
        return self.identity.format(n=first + number, name=name), self.key

    def model_of(self, number: int) -> str:
        return (self.named[number].model if self.named else "") or self.model


class FleetModules(msgspec.Struct, frozen=True):
    """Devices are whole modules, each with a USIM and a host that sends AT. ``{imei}`` and the like in a line is the
    device's own (`delivery`)."""

    operator: Card = "mobile"
    settings: tuple[str, ...] = ()
    """AT lines that they are delivered with."""
    script: tuple[str, ...] = ()
    """What each host sends after a boot."""


class FleetPlan(msgspec.Struct, frozen=True, kw_only=True):
    """All of it."""

    target: FleetTarget
    devices: FleetDevices
    phases: tuple[FleetPhase, ...]
    modules: FleetModules | None = None
    """None: devices are protocol-only."""
    seed: int = 1
    sockets: int = 0
    """0: an address each (of ``network``); -1: a port each; else so many for all."""
    network: str = "127.16.0.0/12"
    first: int = 0
    """The number of the first device of a shard."""
    lifetime: int = 86400
    version: str = "1.1"
    queue: Seconds = 0.0
    """Queue mode: so long a device listens after it has said something; 0: it always listens."""
    bootstrap: bool = False
    bootstrap_at: FleetTarget | None = None
    """The server that bootstraps; None: the target itself."""
    hosts: dict[str, str] = {}
    """Names to addresses: where a bootstrap server may lead devices, besides this machine and the plan's servers."""
    payload: int = 40
    """Bytes of an uplink's value, about."""
    non: Share = 0.0
    """Of the uplinks and notifications: as NON."""
    connection_id: bool = True
    duplicates: Share = 0.0
    malformed: Share = 0.0
    wrong_keys: Share = 0.0
    loss: Share = 0.0
    """Of all datagrams, in both directions: dropped here."""
    ack_timeout: Seconds = 2.0
    retransmissions: int = 4
    again: Seconds = 0.0
    """Whose registration has failed tries again after so long, twice as long each time; 0: not by itself."""
    again_most: Seconds = 3600.0
    again_spread: Share = 0.5
    """So much of the wait is drawn: 0.5 is half of it to one and a half."""
    slow: Seconds = 2.0
    """An answer that takes longer counts as slow."""
    grace: Seconds = 10.0
    """So long the end waits for answers that are under way, and for the devices to leave."""
    keep: bool = False
    """Devices stay registered at the end."""

    @property
    def bootstraps(self) -> FleetTarget | None:
        """Who bootstraps: devices speak to it from a place of its own, which leads there whatever it writes."""
        return (self.bootstrap_at or self.target) if self.bootstrap else None

    def lasts(self, phase: FleetPhase) -> Seconds:
        """Of a phase, about: what has no span gives each device its turn."""
        if phase.span is not None:
            return phase.span
        return 2 * self.devices.count / (phase.rate + (phase.to or phase.rate)) if phase.rate else 0.0

    @property
    def highest_rate(self) -> float:
        """Of new messages a second."""
        return max((phase.highest_rate for phase in self.phases), default=0.0)

    def shard(self, number: int, of: int, seed: int) -> FleetPlan:
        """The part of one of several shards: its devices, and its share of each rate."""
        count = self.devices.count
        first = number * count // of
        mine = (number + 1) * count // of - first
        share = mine / count if count else 0.0
        phases = tuple(
            msgspec.structs.replace(
                phase,
                rate=phase.rate * share if phase.rate and share else phase.rate,
                to=phase.to * share if phase.to and share else phase.to,
            )
            for phase in self.phases
        )
        sockets = self.sockets if self.sockets <= 0 else max(1, self.sockets // of)
        return msgspec.structs.replace(
            self, devices=self.devices.part(first, mine), phases=phases, first=self.first + first, seed=seed,
            sockets=sockets,
        )  # fmt: skip
