"""What a command line says: prefix, `;` chain, names, the four forms, the texts of the values.

Knows text and command tables; binds no value, calls no handler, keeps no state. Rules: V.250 5.2-5.4 and DOC-E 2.2
(for every model: D62).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from nbtwin.at.command import AtError, Command, Form, Row, split_values
from nbtwin.at.refusals import AtRefusal, BadParameter, CommandRefused, cut


@dataclass(frozen=True, slots=True)
class Call:
    """One command of a line: which row, in which form, with which texts between the commas."""

    command: Command
    form: Form
    values: tuple[str, ...]
    start: int  # where it stands in the line
    end: int
    junk: str = ""  # what follows a ? that nothing may follow


class _Entry(NamedTuple):
    command: Command
    fields_before_rest: int | None  # None: the command takes no rest of the line (D25)


class CommandIndex:
    """Name to row, built once per table and shared by every session of a model."""

    __slots__ = ("_entries", "_with_subcommands", "commands")

    def __init__(self, commands: Sequence[Command]) -> None:
        self.commands = commands
        self._entries: dict[str, _Entry] = {}
        self._with_subcommands: set[str] = set()  # "+QCFG" of AT+QCFG="LWM2M/DeviceType"
        for command in commands:
            key = command.name.upper()
            if key in self._entries:
                raise ValueError(f"two commands are named {command.name}")
            self._entries[key] = _Entry(command, _fields_before_rest(command))
            if '="' in key:
                self._with_subcommands.add(key.partition("=")[0])

    def find(self, name: str) -> Command | None:
        entry = self._entries.get(name.upper())
        return entry.command if entry else None

    def entry(self, name: str) -> _Entry | None:
        return self._entries.get(name)

    def has_subcommands(self, name: str) -> bool:
        return name in self._with_subcommands


_shared: dict[int, tuple[Sequence[Command], CommandIndex]] = {}
_MOST_SHARED = 64  # tables; there are eleven models


def index_of(commands: Sequence[Command] | CommandIndex) -> CommandIndex:
    """The index of a table: one for all sessions that were given the same tuple."""
    if isinstance(commands, CommandIndex):
        return commands
    if not isinstance(commands, tuple):  # a list may change under us
        return CommandIndex(tuple(commands))
    known = _shared.get(id(commands))
    if known is None:  # the entry keeps the tuple alive, so its id stays its own
        if len(_shared) >= _MOST_SHARED:
            _shared.clear()
        known = _shared[id(commands)] = (commands, CommandIndex(commands))
    return known[1]


def no_such_form(call: Call) -> CommandRefused:
    """Why a call cannot be answered although its command exists (D30, D60)."""
    if call.junk:
        return CommandRefused(AtRefusal.TEXT_AFTER_READ, text=cut(call.junk))
    return CommandRefused(AtRefusal.FORM_MISSING, text=call.form.value)


def body_start(line: str) -> int:
    """Where the commands begin. Raises AtError when the line has no prefix: `AT` or `at`, not `At` (V.250 5.2.1)."""
    start = 0
    while line.startswith(" ", start):
        start += 1
    if line.startswith(("AT", "at"), start):
        return start + 2
    raise AtError(None, CommandRefused(AtRefusal.PREFIX_MISSING))


def next_call(index: CommandIndex, line: str, position: int) -> Call | None:
    """The command at ``position``, or None at the end. Raises AtError and BadParameter; continue at ``call.end``.

    An empty place between two `;` is nothing.
    """
    while position < len(line) and line[position] in " ;":
        position += 1
    if position == len(line):
        return None
    if line[position].isalpha() or line[position] == "&":
        return _basic(index, line, position)
    return _extended(index, line, position)


def _basic(index: CommandIndex, line: str, start: int) -> Call:
    """V.250 5.3.1: a letter, or & and a letter, and perhaps a number; the next command may follow at once."""
    if line[start] in "Ss":
        return _parameter(index, line, start)
    end = start + (2 if line[start] == "&" else 1)
    entry = index.entry(line[start:end].upper())
    if entry is None:
        raise AtError(None, CommandRefused(AtRefusal.COMMAND_UNKNOWN, text=cut(line[start:])))
    number = _skip_spaces(line, end)
    after = _skip_digits(line, number)
    if after > number:
        return Call(entry.command, Form.WRITE, (line[number:after],), start, after)
    if line[number : number + 1] in ("=", "?"):
        return _with_form(entry, line, start, number)
    if entry.command.execute is None:  # a missing number is 0 (V.250 5.3.1)
        return Call(entry.command, Form.WRITE, ("0",), start, end)
    return Call(entry.command, Form.EXECUTE, (), start, end)


def _parameter(index: CommandIndex, line: str, start: int) -> Call:
    """V.250 5.3.2: S and a number, then = and a number, or ?; the next command may follow at once."""
    end = _skip_digits(line, start + 1)
    entry = index.entry(f"S{line[start + 1 : end].lstrip('0') or '0'}") if end > start + 1 else None
    if entry is None:
        raise AtError(None, CommandRefused(AtRefusal.COMMAND_UNKNOWN, text=cut(line[start:])))
    if line.startswith("?", end):
        return Call(entry.command, Form.READ, (), start, end + 1)
    if line.startswith("=?", end):
        return _with_form(entry, line, start, end)
    if line.startswith("=", end):
        value = _skip_spaces(line, end + 1)
        after = _skip_digits(line, value)
        return Call(entry.command, Form.WRITE, (line[value:after],), start, after)
    return Call(entry.command, Form.EXECUTE, (), start, end)


def _extended(index: CommandIndex, line: str, start: int) -> Call:
    """V.250 5.4.1: a name, then = or ? or nothing. No space is allowed in a name or before = and ? (DOC-E 2.2)."""
    end = start
    while end < len(line) and line[end] not in "=?;":
        end += 1
    sign = line[end : end + 1]
    name = line[start:end] if sign in ("=", "?") else line[start:end].rstrip(" ")
    key = name.upper()
    if sign == "=" and index.has_subcommands(key):
        call = _subcommand(index, key, line, start, end)
        if call is not None:
            return call
    entry = index.entry(key)
    if entry is None:
        raise AtError(None, _unknown(index, name))
    if sign in ("=", "?"):
        return _with_form(entry, line, start, end)
    return Call(entry.command, Form.EXECUTE, (), start, end)


def _subcommand(index: CommandIndex, key: str, line: str, start: int, equals: int) -> Call | None:
    """AT+QCFG="LWM2M/DeviceType"[,…] where the quoted word is part of the command's name (DOC-E 3.13)."""
    quote = _skip_spaces(line, equals + 1)
    closing = line.find('"', quote + 1)
    if line[quote : quote + 1] != '"' or closing < 0:
        return None
    word = line[quote : closing + 1]
    entry = index.entry(f"{key}={word.upper()}") if word.isascii() else None  # upper() turns some letters into ASCII
    after = _skip_spaces(line, closing + 1)
    if entry is None:
        whole = index.entry(key)
        if whole is not None and whole.command.write is not None:
            return None
        raise BadParameter(CommandRefused(AtRefusal.SUBCOMMAND_UNKNOWN, key, cut(word)))
    if after == len(line) or line[after] == ";":
        command = entry.command
        form = Form.EXECUTE if command.execute and not command.read else Form.READ
        return Call(command, form, (), start, after)
    if line[after] != ",":
        raise BadParameter(CommandRefused(AtRefusal.TEXT_AFTER_SUBCOMMAND, cut(word), cut(line[after:])))
    values, end = _values(entry, line, after + 1)
    return Call(entry.command, Form.WRITE, values, start, end)


def _with_form(entry: _Entry, line: str, start: int, sign: int) -> Call:
    """What stands behind the name begins with = or ?."""
    if line[sign] == "=" and line[sign + 1 : sign + 2] == "?":
        junk, end = _nothing_more(line, sign + 2)
        if not junk:
            return Call(entry.command, Form.TEST, (), start, end)
    elif line[sign] == "?":
        junk, end = _nothing_more(line, sign + 1)
        return Call(entry.command, Form.READ, (), start, end, junk)
    values, end = _values(entry, line, sign + 1)
    return Call(entry.command, Form.WRITE, values, start, end)


def _nothing_more(line: str, position: int) -> tuple[str, int]:
    """What stands up to the next `;`, which should be nothing, and where that is."""
    end = line.find(";", position)
    if end < 0:
        end = len(line)
    return line[position:end].strip(" "), end


def _values(entry: _Entry, line: str, start: int) -> tuple[tuple[str, ...], int]:
    before_rest = entry.fields_before_rest
    end = end_of_values(line, start, before_rest)
    most = None if before_rest is None else before_rest + 1
    return tuple(split_values(line[start:end], most)), end


def end_of_values(line: str, start: int, fields_before_rest: int | None) -> int:
    """Where the values end: at a `;` outside quotes that no Rest field has swallowed (D25), or with the line."""
    if ";" not in line[start:]:
        return len(line)
    commas, quoted = 0, False
    if fields_before_rest == 0:
        return len(line)
    for position in range(start, len(line)):
        character = line[position]
        if character == '"':
            quoted = not quoted
        elif quoted:
            continue
        elif character == ";":
            return position
        elif character == ",":
            commas += 1
            if commas == fields_before_rest:
                return len(line)
    return len(line)


def _fields_before_rest(command: Command) -> int | None:
    if isinstance(command.write, Row) and command.takes_rest_of_line:
        return len(command.write.fields) - 1
    return None


def _skip_spaces(line: str, position: int) -> int:
    while line.startswith(" ", position):
        position += 1
    return position


def _skip_digits(line: str, position: int) -> int:
    while position < len(line) and line[position].isdigit():
        position += 1
    return position


def _unknown(index: CommandIndex, name: str) -> CommandRefused:
    """No such command; perhaps one whose name has no space in it (DOC-E 2.2)."""
    packed = name.replace(" ", "").upper()
    if " " in name and index.entry(packed) is not None:
        return CommandRefused(AtRefusal.SPACE_IN_NAME, packed, cut(name.strip()))
    return CommandRefused(AtRefusal.COMMAND_UNKNOWN, text=cut(name.strip()))
