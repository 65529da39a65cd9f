"""CMDMP access: AT+DMPCONFIG (DOC-A 2.1), AT+QDMPCFG (DOC-B 2.2, DOC-C 3.2.2, DOC-D 3.2.1)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from nbtwin.at.command import Form
from nbtwin.host.commands.base import Commands, asks, last, number, required
from nbtwin.selfreg.cmdmp import DmpState

NAMES = ("+QDMPCFG", "+DMPCONFIG")


class Part(IntEnum):
    """Of the settings: <queryOpt>, <eraseOpt>."""

    MODE = 0
    SERVER = 1
    KEYS = 2
    PLMNS = 3
    ALL = 4


@dataclass(frozen=True, slots=True)
class Server:
    """None: never set (DOC-A alone; the others show the default)."""

    server: str | None
    port: int | None
    period: int | None
    """Seconds between updates."""


@dataclass(frozen=True, slots=True)
class Keys:
    """``password`` as the module shows it, its first four characters and stars."""

    appkey: str | None
    password: str | None
    terminal_type: int | None
    terminal_imei: str | None


@dataclass(frozen=True, slots=True)
class InUse:
    """What the module has used since it started. None: not shown while the mode is 0 (D11)."""

    mode: int | None
    server: Server | None
    keys: Keys | None


class CmdmpCommands(Commands):
    """What is written is in force after a restart."""

    @asks(*NAMES, form=Form.TEST)
    def syntax(self) -> tuple[str, ...]:
        """What the test form prints."""
        return self._ask(NAMES, Form.TEST).lines

    @asks(*NAMES, form=Form.READ)
    def in_use(self) -> InUse:
        """What is in use now."""
        answer = self._ask(NAMES, Form.READ)
        told = {values[0]: values[1:] for values in self._told(answer, NAMES)}
        mode = number(told["0"][0]) if "0" in told else None
        return InUse(mode, _server(told.get("1")), _keys(told.get("2")))

    @asks(*NAMES, form=Form.WRITE, kind=0)
    def set_mode(self, mode: int) -> None:
        """Access off (0) or on (1)."""
        self._ask(NAMES, Form.WRITE, 0, mode)

    @asks(*NAMES, form=Form.WRITE, kind=1)
    def set_server(self, server: str | None, port: int | None = None, period: int | None = None) -> None:
        """None: an empty field, which keeps what was saved, or clears it, as the model has it (D4, D31)."""
        self._ask(NAMES, Form.WRITE, 1, server, port, period)

    @asks(*NAMES, form=Form.WRITE, kind=2)
    def set_keys(self, appkey: str, password: str, terminal_type: int, terminal_imei: str) -> None:
        """What the device registers with."""
        self._ask(NAMES, Form.WRITE, 2, appkey, password, terminal_type, terminal_imei)

    @asks("+DMPCONFIG", form=Form.WRITE, kind=3)
    def set_plmns(self, *plmns: str) -> None:
        """One to three (DOC-A)."""
        self._ask(NAMES, Form.WRITE, 3, *plmns)

    @asks(*NAMES, form=Form.WRITE, kind=4)
    def saved_mode(self) -> int | None:
        """As it is saved; the settings below likewise."""
        return number(self._saved(Part.MODE)[0])

    def saved_server(self) -> Server:
        return _server(self._saved(Part.SERVER)) or Server(None, None, None)

    def saved_keys(self) -> Keys:
        return _keys(self._saved(Part.KEYS)) or Keys(None, None, None, None)

    def saved_plmns(self) -> tuple[str, ...]:
        """DOC-A."""
        return tuple(plmn for plmn in self._saved(Part.PLMNS) if plmn is not None)

    @asks(*NAMES, form=Form.WRITE, kind=5)
    def erase(self, part: Part = Part.ALL) -> None:
        """The defaults are in force after a restart."""
        self._ask(NAMES, Form.WRITE, 5, part)

    @asks(*NAMES, form=Form.WRITE, kind=6)
    def state(self) -> DmpState:
        """Where the registration stands."""
        answer = self._ask(NAMES, Form.WRITE, 6)
        return DmpState(int(required(answer, last(answer, self._told(answer, NAMES)), 1)))

    def _saved(self, part: Part) -> list[str | None]:
        answer = self._ask(NAMES, Form.WRITE, 4, part)
        return [*last(answer, self._told(answer, NAMES))[1:], None][:4]


def _server(values: list[str | None] | None) -> Server | None:
    if values is None:
        return None
    server, port, period = [*values, None, None, None][:3]
    return Server(server, number(port), number(period))


def _keys(values: list[str | None] | None) -> Keys | None:
    if values is None:
        return None
    appkey, password, terminal_type, imei = [*values, None, None, None, None][:4]
    return Keys(appkey, password, number(terminal_type), imei)
