"""A real module at the other end of a port: who it is, and what it says of itself, in its own family's commands.

Knows the profiles, by which commands and answers are told apart (docs/spec/at.md, Everyday commands). Changes nothing
that is saved.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from nbtwin.api.errors import NotOnRealModule
from nbtwin.api.real.line import PortLine
from nbtwin.api.real.refusals import RealPortError, RealRefusal
from nbtwin.api.results import AtResult, ModuleState
from nbtwin.edge.host_port import HostPort
from nbtwin.engine import Seconds
from nbtwin.host.connecting import find_speed
from nbtwin.host.errors import HostError, HostRefusal
from nbtwin.host.line import PortTransport, has_speed, url_of
from nbtwin.host.module import Module
from nbtwin.host.startup import NEUL, RDY, Family, ModuleFound, StartUpFailed, ask_patiently, identify, probe
from nbtwin.lwm2m.client.states import RegistrationState
from nbtwin.module.profile import Profile
from nbtwin.profiles.models import PROFILES
from nbtwin.selfreg.cmdmp import DmpState

ASK_WITHIN: Seconds = 10.0
SILENT = "silent"
"""Its `power` when it does not answer: off, asleep and booting are the same at its line."""
PROBES, PROBE_WITHIN = 5, 1.0
"""How often AT is sent, and the seconds until the next."""
_DMP_STATES = {state.value: state for state in DmpState}
_READY = ([RegistrationState.REGISTERED.value], [RegistrationState.MO_DATA_ENABLED.value])  # D59


@dataclass(frozen=True)
class Identity:
    """What a port's module said when it was asked first."""

    profile: Profile
    found: ModuleFound

    @property
    def family(self) -> Family:
        return NEUL if self.profile.everyday.restarts_with_nrb else RDY


class RealPort:
    """A port with a module, open until `close`. RealPortError, in one line, when there is none that can be used.

    ``model``: what it is to be; None: whatever it says that it is. ``baud``: None for the model's own, or whichever of
    the models' answers.
    """

    def __init__(self, url: str, model: str | None = None, baud: int | None = None) -> None:
        self.url = url
        wanted = PROFILES.find(model) if model is not None else None
        bauds = [baud] if baud is not None else list(_bauds(wanted))
        self.port = HostPort(url_of(url), bauds[0])
        self.module = Module(PortTransport(self.port, has_speed=has_speed(self.port.url)), wanted)
        try:
            _find_speed(self.module, bauds)
            self.identity = _identify(url, self.module, wanted)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self.module.close()


def _find_speed(module: Module, bauds: list[int]) -> None:
    try:
        find_speed(module, bauds, PROBES, PROBE_WITHIN)
    except HostError as error:
        if error.code in (HostRefusal.LOST, HostRefusal.TAKEN):
            raise
        code = RealRefusal.GARBLED if error.code == HostRefusal.GARBLED else RealRefusal.SILENT
        raise RealPortError(code, module.name, bauds=bauds) from None


def _bauds(profile: Profile | None) -> Iterator[int]:
    known = [profile] if profile is not None else PROFILES.values()
    yield from dict.fromkeys(each.everyday.baud for each in known)


def wake(line: PortLine) -> bool:
    """Whether it answers AT: at once, or when it has been led out of data mode, ATQ1 and ATV0."""
    if line.play(probe(PROBES, PROBE_WITHIN)) is None:
        return True
    line.rescue()
    return line.play(probe(1, PROBE_WITHIN)) is None


def _identify(url: str, module: Module, wanted: Profile | None) -> Identity:
    try:
        profile = module.recognize(wanted)
    except HostError as error:
        if error.code != HostRefusal.MODEL_OTHER:
            raise
        raise RealPortError(RealRefusal.MODEL_OTHER, url, **error.fields) from None
    if profile is None:
        said = module.send("AT+CGMM", within=ASK_WITHIN)
        told = " ".join(said.lines) or said.final
        raise RealPortError(RealRefusal.MODEL_UNREAD, url, said=told, known=list(PROFILES))
    try:
        found = module.play(identify(NEUL if profile.everyday.restarts_with_nrb else RDY))
    except StartUpFailed:
        found = ModuleFound()
    if not found.imei:
        raise RealPortError(RealRefusal.NOT_READY, url, step="AT+CGSN=1")
    return Identity(profile, found)


class ModuleAsker:
    """What can be asked of it, one command each. What no command of its model tells is NotOnRealModule."""

    def __init__(self, line: PortLine, identity: Identity) -> None:
        self.line, self.identity = line, identity
        self.profile = identity.profile

    def settle(self) -> bool:
        """Echo on, and errors as after a start. Whether it does both.

        Nothing else is sent: every other setting may be one that the module keeps.
        """
        return wake(self.line) and self.ask("ATE1").ok and self.ask(f"AT+CMEE={self.profile.cmee_default}").ok

    def ask(self, line: str) -> AtResult:
        return self.line.send(line, None, ASK_WITHIN)

    def value(self, command: str) -> list[str]:
        """What stands behind the colon in the answer to the read command, at its commas; empty: it was refused."""
        told = self.ask(f"AT{command}?").value(command)
        return [] if told is None else [part.strip(' "') for part in told.split(",")]

    @property
    def awake(self) -> bool:
        return self.ask("AT").ok

    @property
    def attached(self) -> bool:
        return self.value("+CGATT") == ["1"]

    def cmdmp_state(self) -> DmpState | None:
        """None: it does not say."""
        answer = self.ask(f"AT{self.profile.cmdmp.name}=6")
        told = re.search(r"\b6,(\d+)\s*$", "\n".join(answer.lines), re.MULTILINE)
        return _DMP_STATES.get(int(told[1])) if told is not None else None

    def andlink_registered(self) -> bool:
        return self.profile.andlink and self.value("+QLASTATUS")[:1] in _READY

    def registered(self, platform: str, what: str) -> bool:
        """As the module knows it; NotOnRealModule where no command of its model tells."""
        if platform not in ("cmdmp", "andlink") or (platform == "andlink" and not self.profile.andlink):
            raise NotOnRealModule(RealRefusal.UNTOLD, what=what, model=self.profile.model)
        return self.knows(platform)

    def knows(self, platform: str) -> bool:
        """Whether it says nothing against it."""
        if platform == "cmdmp":
            return self.cmdmp_state() in (DmpState.REG_SUCCESS, DmpState.UPDATE_SUCCESS)
        return platform != "andlink" or self.andlink_registered()

    def shown(self, platform: str) -> str:
        """In no language: names of fields, and their values."""
        if not self.awake:
            return f"power={SILENT}"
        dmp = self.cmdmp_state()
        told = f"cmdmp={dmp.name if dmp else '-'}"
        if platform == "andlink":
            told = f"andlink={str(self.andlink_registered()).lower()}"
        return f"power=on attached={str(self.attached).lower()} {told}"

    def imsi(self) -> str | None:
        digits = (line.strip() for line in self.ask("AT+CIMI").lines)  # among them, what it says by itself: "+IP: …"
        return next((line for line in digits if re.fullmatch(r"\d{6,15}", line)), None)

    def imsi_of_card(self) -> str | None:
        """Also of a card that is being read yet, as after a start (D107): such a refusal has a number under CMEE 1."""
        self.ask("AT+CMEE=1")
        self.line.play(ask_patiently("AT+CIMI"))
        self.ask(f"AT+CMEE={self.profile.cmee_default}")
        return self.imsi()

    def iccid(self) -> str | None:
        command = self.identity.family.iccid
        return self.ask(f"{command}?").value(command.removeprefix("AT"))

    @property
    def firmware(self) -> str:
        return self.identity.found.revision.removeprefix("Revision:").strip()

    def known(self, name: str) -> ModuleState:
        """Who it is. What it is in has not been asked."""
        return ModuleState(
            name=name, model=self.profile.model, imei=self.identity.found.imei, firmware=self.firmware, power="on",
            attached=False, connected=False, rssi=99, imsi=None, iccid=None, cmdmp_state="", andlink_registered=False,
            waiting_for=None, waiting_until=None,
        )  # fmt: skip

    def state(self, name: str) -> ModuleState:
        """What it is in: eight commands, or one that is not answered."""
        if not self.awake:
            return msgspec.structs.replace(self.known(name), power=SILENT)
        connected, quality = self.value("+CSCON"), self.ask("AT+CSQ").value("+CSQ")
        dmp = self.cmdmp_state()
        return msgspec.structs.replace(
            self.known(name),
            attached=self.attached,
            connected=connected[1:] == ["1"],
            rssi=int((quality or "99").partition(",")[0]),
            imsi=self.imsi(),
            iccid=self.iccid(),
            cmdmp_state=dmp.name if dmp is not None else "",
            andlink_registered=self.andlink_registered(),
        )
