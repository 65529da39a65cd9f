"""In which line of a TOML text each key and each entry of a list stands: the standard library's reader does not say.

Reads a text that the standard library has read without a complaint, and no other: what it meets is whole.
"""

from __future__ import annotations

import re
import tomllib

from nbtwin.foreign import Where

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY = re.compile(r'[ \t]*("(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|[A-Za-z0-9_-]+)[ \t]*')
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}(?!")|\'\'\'.*?\'{3,5}(?!\')|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'', re.DOTALL
)
_BARE = re.compile(r"[^,\]}#\r\n]*")


def lines_of(text: str) -> dict[Where, int]:
    """By path, as in ("modules", 1, "model"); tables count, too."""
    places = _Places(text)
    places.read()
    return places.lines


class _Places:
    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0
        self._counted, self._line = 0, 1
        self._entries: dict[Where, int] = {}  # tables of each array of tables
        self.lines: dict[Where, int] = {}

    def read(self) -> None:
        table: Where = ()
        self._skip()
        while self._at < len(self._text):
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip()

    def _header(self) -> Where:
        array = self._text.startswith("[[", self._at)
        start, self._at = self._at, self._at + 1 + array
        *above, last = self._names()
        self._at += 1 + array
        table: Where = ()
        for name in above:
            table = self._newest((*table, name))
        table = (*table, last)
        if array:
            self.lines.setdefault(table, self._line_at(start))
            self._entries[table] = self._entries.get(table, -1) + 1
            table = self._newest(table)
        self._note(table, start)
        return table

    def _newest(self, table: Where) -> Where:
        return (*table, self._entries[table]) if table in self._entries else table

    def _pair(self, table: Where) -> None:
        start = self._at
        for name in self._names():
            table = (*table, name)
            self._note(table, start)
        self._at += 1  # the equals sign
        self._value(table)

    def _names(self) -> list[str]:
        names = []
        while match := _KEY.match(self._text, self._at):
            self._at = match.end()
            quoted = match[1][0] in "\"'"
            names.append(str(tomllib.loads(f"it = {match[1]}")["it"]) if quoted else match[1])
            if not self._text.startswith(".", self._at):
                break
            self._at += 1
        return names

    def _value(self, path: Where) -> None:
        self._skip()
        if self._text[self._at] == "[":
            self._list(path)
        elif self._text[self._at] == "{":
            self._table(path)
        else:
            match = _STRING.match(self._text, self._at) or _BARE.match(self._text, self._at)
            assert match is not None
            self._at = match.end()

    def _list(self, path: Where) -> None:
        number = 0
        while self._goes_on("]"):
            self._note((*path, number), self._at)
            self._value((*path, number))
            number += 1

    def _table(self, path: Where) -> None:
        while self._goes_on("}"):
            self._pair(path)

    def _goes_on(self, end: str) -> bool:
        """Behind the bracket or the comma; whether anything comes before the end."""
        self._skip()
        if self._text[self._at] in "[{,":
            self._at += 1
            self._skip()
        if self._text[self._at] == end:
            self._at += 1
            return False
        return True

    def _note(self, path: Where, start: int) -> None:
        self.lines.setdefault(path, self._line_at(start))

    def _line_at(self, position: int) -> int:
        self._line += self._text.count("\n", self._counted, position)
        self._counted = position
        return self._line

    def _skip(self) -> None:
        match = _BLANK.match(self._text, self._at)
        assert match is not None
        self._at = match.end()
