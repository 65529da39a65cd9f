"""What a line that begins with a colon does: the terminal's own commands. Knows the terminal; knows no key."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from nbtwin.cli.commands import nearest
from nbtwin.cli.refusals import CliRefusal
from nbtwin.cli.terminal.macros import Macro, macros_file
from nbtwin.cli.terminal.phrases import TerminalPhrase
from nbtwin.cli.terminal.script import Step, load, raw_bytes
from nbtwin.cli.terminal.tables import Tables
from nbtwin.cli.terminal.terminal import Terminal
from nbtwin.cli.terminal.view import Stamps, View
from nbtwin.runtime.errors import WrongUsage

NAMES = (
    ":help", ":explain", ":run", ":macro", ":macros", ":log", ":hex", ":time", ":send", ":baud", ":model", ":stop",
    ":quit",
)  # fmt: skip


class ColonCommands:
    """WrongUsage for what cannot be."""

    def __init__(self, terminal: Terminal, tables: Tables, view: View, macros: dict[str, Macro]) -> None:
        self._terminal, self._tables, self._view, self._macros = terminal, tables, view, macros
        self._known: dict[str, Callable[[str], None]] = {
            ":help": self._help,
            ":explain": self._explain,
            ":run": self._run,
            ":macro": self._macro,
            ":macros": self._list_macros,
            ":log": self.log,
            ":hex": self._hex,
            ":time": self._time,
            ":send": self._send,
            ":baud": self._baud,
            ":model": self._model,
            ":stop": self._stop,
            ":quit": self._quit,
        }
        self.ended = False

    def run(self, line: str) -> None:
        name, _, rest = line.strip().partition(" ")
        if name not in self._known:
            raise WrongUsage(CliRefusal.COMMAND_UNKNOWN, command=name, near=nearest(name, NAMES) or None)
        self._known[name](rest.strip())

    def _help(self, rest: str) -> None:
        self._terminal.say(TerminalPhrase.COMMANDS)

    def _explain(self, line: str) -> None:
        for text in self._tables.explained(_needed(":explain", line)):
            self._view.note(text)

    def _run(self, name: str) -> None:
        self._start(name, load(Path(_needed(":run", name)).expanduser()))

    def _macro(self, name: str) -> None:
        macro = self._macros.get(_needed(":macro", name))
        if macro is None:
            raise WrongUsage(CliRefusal.NONE_OF, ":macro", value=name, known=sorted(self._macros) or ["-"])
        self._start(name, macro.steps)

    def _start(self, name: str, steps: list[Step] | tuple[Step, ...]) -> None:
        if self._terminal.script is not None:
            self._terminal.say(TerminalPhrase.SCRIPT_BUSY)
            return
        self._terminal.run(name, steps)

    def _list_macros(self, rest: str) -> None:
        if not self._macros:
            self._terminal.say(TerminalPhrase.MACROS_NONE, file=str(macros_file()))
        for macro in self._macros.values():
            self._terminal.say(TerminalPhrase.MACRO, name=macro.name, key=macro.key, count=len(macro.steps))

    def log(self, name: str) -> None:
        if name == "off":
            self._view.end_log()
            self._terminal.say(TerminalPhrase.NO_LOG)
            return
        try:
            self._view.log(Path(_needed(":log", name)).expanduser())
        except OSError as error:
            raise WrongUsage.of(error, name) from None
        self._terminal.say(TerminalPhrase.LOGGING, file=name)

    def _hex(self, rest: str) -> None:
        self._view.hex = _one_of(":hex", rest or ("off" if self._view.hex else "on"), "on", "off") == "on"

    def _time(self, rest: str) -> None:
        self._view.stamps = Stamps(_one_of(":time", rest, *Stamps))

    def _send(self, text: str) -> None:
        self._terminal.write(raw_bytes(_needed(":send", text), ":send"))

    def _baud(self, text: str) -> None:
        if not (text.isascii() and text.isdigit() and int(text) > 0):
            raise WrongUsage(CliRefusal.NUMBER_FROM, ":baud", least=1)
        self._terminal.wire.set_baud(int(text))
        self._terminal.say(TerminalPhrase.BAUD, baud=int(text))

    def _model(self, name: str) -> None:
        from nbtwin.runtime.spec import find_model

        self._tables.profile = profile = find_model(_needed(":model", name))
        self._terminal.follow_tables()
        self._terminal.say(TerminalPhrase.MODEL, model=profile.model)

    def _stop(self, rest: str) -> None:
        self._terminal.stop()

    def _quit(self, rest: str) -> None:
        self.ended = True


def _needed(name: str, text: str) -> str:
    if not text:
        raise WrongUsage(CliRefusal.VALUE_MISSING, name)
    return text


def _one_of(name: str, value: str, *known: str) -> str:
    if value not in known:
        raise WrongUsage(CliRefusal.NONE_OF, name, value=value, known=list(known))
    return value
