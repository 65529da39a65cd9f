"""What a module can be asked beyond its everyday: what it waits for, what lines mean, raw bytes, restarts, cards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from nbtwin.api.groups.nvram import Nvram
from nbtwin.api.rest import LabTime
from nbtwin.api.session import Session
from nbtwin.engine import Seconds


class DeadlineOf(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a module waits for."""

    part: str
    """ "boot", "session", "radio", "sleep", "cmdmp", "telecom", "unicom" or "andlink"."""
    at: LabTime
    seconds: Seconds
    """From now on."""
    code: str
    """For what."""
    fields: Mapping[str, Any]
    why: str
    """The same in words."""


class StandingOf(msgspec.Struct, frozen=True, kw_only=True):
    """What keeps a module from its operator, or that it is registered."""

    service: str
    """ "mobile", "telecom", "unicom" or "andlink"; empty: the whole module."""
    code: str
    """Where it stands."""
    fields: Mapping[str, Any]
    remedy: str
    """What would help: "nothing", "line", "beginning" (of a line), "power", "wake", "coverage" or "card"."""
    line: str
    """The AT line that would help, or how it begins."""


class SocketOf(msgspec.Struct, frozen=True, kw_only=True):
    """A socket of a module."""

    owner: str
    """ "host" (AT commands), "mqtt" or "ntp"."""
    number: int
    """That its owner gave it."""
    transport: str
    """ "udp" or "tcp"."""
    port: int
    """The module's own."""
    peer: str | None
    """Whom it is connected to, "192.0.2.20:9999"; None: anybody."""
    state: str
    """ "open", "connecting", "listening", "connected", "finished" (by the peer), "closing" (by the module) or
    "broken"."""
    reached_at: str | None
    """Of one that listens: where others reach it, "127.0.0.1:7000"."""
    unread: int
    unsent: int
    """Bytes of a stream that the peer has not acknowledged."""
    sent: int
    """Bytes since it was opened; ``received`` the same."""
    received: int


class PingOf(msgspec.Struct, frozen=True, kw_only=True):
    """A ping whose answer is outstanding."""

    owner: str
    host: str
    size: int
    timeout: Seconds


class MqttSubscriptionOf(msgspec.Struct, frozen=True, kw_only=True):
    filter: str
    qos: int
    """That the server grants."""


class MqttOf(msgspec.Struct, frozen=True, kw_only=True):
    """An MQTT client of a module."""

    number: int
    server: str
    state: str
    """ "closed", "resolving", "opening", "open" (the stream), "connecting", "connected" or "leaving"."""
    client_id: str
    keep_alive: int
    subscriptions: tuple[MqttSubscriptionOf, ...]


class InternetOf(msgspec.Struct, frozen=True, kw_only=True):
    """What a module does in the internet besides its services."""

    sockets: tuple[SocketOf, ...] = ()
    pings: tuple[PingOf, ...] = ()
    names: tuple[str, ...] = ()
    """That are being resolved."""
    mqtt: tuple[MqttOf, ...] = ()
    time_server: str | None = None
    """That is being asked."""


class SerialState(msgspec.Struct, frozen=True, kw_only=True):
    where: str
    """A PTY's path, or "tcp:127.0.0.1:41149"."""
    kind: str
    lost: int
    """Octets of the module that no host took."""


class Coded(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    fields: Mapping[str, Any]
    text: str


class FieldExplanation(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    """As the document prints it between < and >."""
    takes: Coded | None
    text: str | None
    value: Any = None
    meaning: str
    error: Coded | None


class CommandExplanation(msgspec.Struct, frozen=True, kw_only=True):
    text: str
    name: str
    form: str
    source: str
    """The chapter that gives the command."""
    says: str
    fields: tuple[FieldExplanation, ...]
    error: Coded | None
    err: int | None
    """The <err> of +CME ERROR; None: plain ERROR."""
    executed: bool


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """What a line means to a module, or why it is wrong."""

    line: str
    ok: bool
    error: Coded | None
    commands: tuple[CommandExplanation, ...]
    lines: tuple[str, ...]
    """The same as text."""


class CommandRow(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    source: str
    says: str
    forms: tuple[str, ...]
    syntax: tuple[str, ...]


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    text: str
    insert: str
    says: str
    source: str


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to order."""

    model: str
    documents: tuple[str, ...]
    manufacturer: str
    firmware: str
    operators: tuple[str, ...]
    """Whom it registers itself with."""
    andlink: bool
    commands: int
    """How many it has."""
    causes: tuple[str, ...]
    """Why it may restart, as `Module.reset` takes it."""


class _Said(msgspec.Struct, frozen=True):
    hex: str


class _Stands(msgspec.Struct, frozen=True):
    standing: list[StandingOf]


class _Connects(msgspec.Struct, frozen=True):
    internet: InternetOf | None


class MoreOfModule:
    """`Module` is one of these."""

    _session: Session
    name: str

    @property
    def _path(self) -> tuple[str, str]:
        return ("modules", self.name)

    @property
    def nvram(self) -> Nvram:
        return Nvram(self._session, self.name)

    @property
    def deadlines(self) -> list[DeadlineOf]:
        """Everything that it waits for, the soonest first."""
        return self._session.rest.get(list[DeadlineOf], *self._path, "deadlines")

    @property
    def standing(self) -> list[StandingOf]:
        """Why it is where it is: of the whole module, of its card's operator, of Andlink."""
        return self._session.rest.get(_Stands, *self._path).standing

    @property
    def internet(self) -> InternetOf:
        """Its sockets, pings, names, MQTT clients; nothing of all that after a restart."""
        return self._session.rest.get(_Connects, *self._path).internet or InternetOf()

    @property
    def sockets(self) -> tuple[SocketOf, ...]:
        """Those that are open, in the order in which they were opened."""
        return self.internet.sockets

    @property
    def capabilities(self) -> Model:
        return self._session.rest.get(Model, *self._path, "capabilities")

    # its serial line

    @property
    def serial_state(self) -> SerialState:
        """Where its serial line comes out. LabError (``lab-not-live``) in a simulated lab: its host is this process."""
        self._session.check_live("serial")
        return self._session.rest.get(SerialState, *self._path, "serial")

    def write(self, data: bytes, *, wait: Seconds = 0.2) -> bytes:
        """Raw bytes, and what it said to them.

        ``wait``: how long that is gathered, of the wall clock; a simulated lab answers what comes at once.
        """
        seconds = wait if self._session.is_live else 0.0
        said = self._session.rest.post(_Said, *self._path, "serial", hex=data.hex(), wait=seconds)
        return bytes.fromhex(said.hex)

    def explain(self, line: str, language: str = "en") -> Explanation:
        """What the line means to this module, field by field, or why it is wrong. Nothing is sent."""
        return self._session.rest.get(Explanation, *self._path, "explain", line=line, lang=language)

    def completions(self, line: str = "", limit: int = 20, language: str = "en") -> list[Suggestion]:
        """How the line may go on."""
        query = {"line": line, "limit": limit, "lang": language}
        return self._session.rest.get(list[Suggestion], *self._path, "completions", **query)

    def commands(self, containing: str = "", language: str = "en") -> list[CommandRow]:
        """What it understands; ``containing`` in name, explanation or chapter."""
        query = {"containing": containing, "lang": language}
        return self._session.rest.get(list[CommandRow], *self._path, "commands", **query)

    # its switches

    def restart(self, cause: str | None = None) -> None:
        """``cause``: one of `capabilities.causes`, as if that had happened to it; None: its RESET pin."""
        self._session.rest.post(dict, *self._path, "power", action="reset", cause=cause)

    def bite(self) -> None:
        """Its watchdog does."""
        self._session.rest.post(dict, *self._path, "power", action="watchdog")

    def insert_card(self, imsi: str, iccid: str | None = None, pin: str = "READY") -> None:
        """This very card: 15 digits, 19 or 20 digits; ``pin``: "READY", "SIM PIN" or "SIM PUK"."""
        self._session.rest.put(dict, *self._path, "usim", imsi=imsi, iccid=iccid, pin=pin)

    def update_firmware(self, version: str) -> None:
        """From outside, as over its debug port: NVRAM stays, the version changes, it restarts."""
        self._session.rest.post(dict, *self._path, "firmware", version=version)

    def remove(self, *, keep_nvram: bool = True) -> None:
        """Pull its plug and take it out of the lab; one of its name finds its NVRAM, if that is kept."""
        self._session.rest.do("DELETE", *self._path, keep_nvram=str(keep_nvram).lower())
