"""One language's messages, and the functions that they call. Imported when the first message is worded.

What a message says `patterns` knows; the few that it does not know are left to Fluent, which brings Babel and is loaded
for them alone (`by_fluent`).

Arguments are plain JSON values, as the browser has them, so that both read one file:

    true, false    the words ``true`` and ``false``, to select by
    null, ""       the word ``none``, to select by; an empty text that is only shown is shown as nothing
    nothing        where a message selects by it: as null
    numbers        as they are, without grouping
    lists, objects for functions alone

    WORD($event)   a fact inside this one; the code of a reason or a refusal, with this fact's fields; a list of such
    SPAN($period)  seconds as a span: ``1h 30min``
    UNTIL($at)     the span from the time of the entry to that instant, 0 when it has passed
    TIME($at)      an instant: seconds since the lab's start, or since 1970, as a time of day with its day
    PEER($peer)    ``HOST:PORT``
    PEERS($peers)  each, as a list of the language
    PATH($path)    ``/3/0/0`` of its segments
    BYTES($data)   bytes as text where they are text, else as hexadecimal digits; a long one is cut
    LIST($names)   each, as a list of the language
    VALUES($map)   ``name=value`` of an object, with commas
    FAULT($fault)  a fault of the network, as an object or as the line that describes it; a list of such
    FLAGS($flags)  what a device is marked with, each in words
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from fluent.syntax import FluentParser, ast
from fluent.syntax.visitor import Visitor

from nbtwin.timeline.catalogue.patterns import NotCompiled, Part, Value, compiled, plural_of
from nbtwin.timeline.clock import format_simulated, format_span, format_wall

if TYPE_CHECKING:
    from nbtwin.timeline.catalogue.by_fluent import ByFluent

Format: TypeAlias = Callable[[str, Mapping[str, Any], float], str]

_SPEAKING = ("why", "reason")
_ENTRY = re.compile(r"^-?[A-Za-z][\w-]*[ \t]*=", re.MULTILINE)
_UNIX: float = 1e8
"""A time from here on is one of the wall clock: a simulated lab would have run for three years."""


class _Uses(Visitor):
    """The arguments of a message: those that it selects by, and the others, which need not be numbers to be shown; and
    what else of the file it says."""

    def __init__(self) -> None:
        self.selected: set[str] = set()
        self.placed: set[str] = set()
        self.others: set[str] = set()

    def visit_SelectExpression(self, node: ast.SelectExpression) -> None:
        if isinstance(node.selector, ast.VariableReference):
            self.selected.add(node.selector.id.name)
        self.generic_visit(node)

    def visit_VariableReference(self, node: ast.VariableReference) -> None:
        self.placed.add(node.id.name)

    def visit_MessageReference(self, node: ast.MessageReference) -> None:
        self.others.add(node.id.name)

    def visit_TermReference(self, node: ast.TermReference) -> None:
        self.others.add(f"-{node.id.name}")
        self.generic_visit(node)


def entries_of(text: str) -> dict[str, str]:
    """The messages and terms of a file by name, as they stand in it; none is parsed."""
    begins = [found.start() for found in _ENTRY.finditer(text)]
    pieces = [text[begin:end] for begin, end in zip(begins, [*begins[1:], len(text)], strict=True)]
    return {piece.partition("=")[0].strip(): piece for piece in pieces}


class _Bundle:
    """One file, of which a message is parsed when it is first said: all of them are half a second.

    What Fluent makes of numbers is slow and meant for people's money: ours are shown as they are.
    """

    def __init__(
        self, language: str, text: str, functions: Mapping[str, Callable[[Any], Any]], longest: int | None
    ) -> None:
        self._language, self._longest, self._functions = language, longest, functions
        self._plural = plural_of(language)
        self._parts: dict[str, Part] = {}
        self._fluent: ByFluent | None = None
        self._read_so_far: dict[str, ast.Resource] = {}
        self._unread = entries_of(text)
        self._uses: dict[str, _Uses] = {}  # of what has words

    def _read(self, name: str, with_it: tuple[str, ...] = ()) -> None:
        """The message, or the term, and what it says of others. Another thread may do the same: nothing is there before
        it is whole."""
        piece = self._unread.get(name)
        if piece is None or name in with_it:
            return
        resource, uses = FluentParser().parse(piece), _Uses()
        entries = [entry for entry in resource.body if isinstance(entry, ast.Message | ast.Term)]
        for entry in entries:
            uses.visit(entry)
            if isinstance(entry, ast.Message) and entry.value is not None:
                with suppress(NotCompiled):
                    self._parts[name] = compiled(entry.value, self._functions, self._plural)
        for other in uses.others:
            self._read(other, (*with_it, name))
        self._read_so_far[name] = resource
        if any([entry.value is not None for entry in entries]):  # else Fluent cannot read it
            self._uses[name] = uses
        self._unread.pop(name, None)

    def format(self, code: str, fields: Mapping[str, Any]) -> str | None:
        if code in self._unread:
            self._read(code)
        uses = self._uses.get(code)
        if uses is None:
            return None
        arguments = {
            name: _argument(fields.get(name), name in uses.selected, self._longest)
            for name in uses.placed
            if name in fields or name in uses.selected
        }
        part = self._parts.get(code)
        if part is not None:
            with suppress(NotCompiled):
                return part(arguments)
        if self._fluent is None:
            from nbtwin.timeline.catalogue.by_fluent import ByFluent

            self._fluent = ByFluent(self._language, self._functions, _flat)
        return self._fluent.format(code, arguments, self._read_so_far)


class Messages:
    """The bundle of a language, with English behind it for what it does not say."""

    def __init__(self, sources: Mapping[str, str], longest: int | None = None) -> None:
        """Of each language its file; the first is the one that is wanted. ``longest``: where an argument is cut."""
        self._frames: list[tuple[Mapping[str, Any], float]] = []
        functions = {name: _function(each, longest) for name, each in self._functions().items()}
        self._bundles = [_Bundle(language, text, functions, longest) for language, text in sources.items()]

    def words(self, code: str, fields: Mapping[str, Any], at: float = 0.0) -> str:
        text = self._known(code, fields, at)
        return _unknown(code, fields) if text is None else text

    def _known(self, code: str, fields: Mapping[str, Any], at: float) -> str | None:
        self._frames.append((fields, at))
        try:
            for bundle in self._bundles:
                if (text := bundle.format(code, fields)) is not None:
                    return text
        finally:
            self._frames.pop()
        return None

    def _functions(self) -> dict[str, Callable[[Any], str]]:
        return {
            "WORD": self._word,
            "SPAN": _span,
            "UNTIL": self._until,
            "TIME": _time,
            "PEER": _peer,
            "PEERS": partial(self._each, _peer),
            "PATH": _path,
            "BYTES": _bytes,
            "LIST": partial(self._each, _flat),
            "VALUES": _flat,
            "FAULT": self._fault,
            "FLAGS": self._flags,
        }

    def _word(self, value: Any) -> str:
        fields, at = self._frames[-1]
        if isinstance(value, Mapping):
            return self.words(str(value.get("code", "")), {k: v for k, v in value.items() if k != "code"}, at)
        if isinstance(value, list):
            return self.words("list-separator", {}).join(self._word(each) for each in value)
        text = self._known(str(value), fields, at)
        return str(value) if text is None else text

    def _each(self, said: Callable[[Any], str], value: Any) -> str:
        return self.words("list-separator", {}).join(map(said, value)) if isinstance(value, list) else said(value)

    def _fault(self, value: Any) -> str:
        """Each of its members has a message, ``fault-with-MEMBER``, that sees all of them."""
        if isinstance(value, list):
            return self.words("fault-separator", {}).join(map(self._fault, value))
        fields = value if isinstance(value, Mapping) else _members(str(value))
        said = [self.words(f"fault-with-{name}", fields) for name in fields]
        return self.words("fault-member-separator", {}).join(said)

    def _flags(self, value: Any) -> str:
        flags = value if isinstance(value, list) else [value]
        return self.words("list-separator", {}).join(self._known(flag_code(each), {}, 0.0) or each for each in flags)

    def _until(self, value: Any) -> str:
        return format_span(max(0.0, float(value) - self._frames[-1][1]))


def _members(line: str) -> dict[str, Any]:
    """``loss,packets=1+2``; a text takes the rest of the line."""
    line, behind, text = line.partition(",text=")
    kind, *rest = line.split(",")
    members: dict[str, Any] = dict(part.partition("=")[::2] for part in rest)
    for several in ("packets", "pins", "places"):
        if several in members:
            members[several] = members[several].split("+")
    if behind:
        members["text"] = text
    return {"kind": kind, **members}


def flag_code(flag: str) -> str:
    """The message of a device's flag, whose value is what scenarios and inventories have: ``flag-pairing-changed``."""
    return f"flag-{flag.lower().replace(' ', '-')}"


def _function(of: Callable[[Any], str], longest: int | None) -> Callable[[Any], Any]:
    """What messages call: nothing of nothing."""

    def call(value: Any) -> Any:
        if value in ("none", ""):
            return ""
        return _cut(of(_plain(value)), longest)

    return call


def _plain(value: Any) -> Any:
    if isinstance(value, Value):
        return value.value
    return float(value) if isinstance(value, int | float) else value


def _argument(value: Any, number: bool, longest: int | None) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value == "" and not number:
        return ""
    if value is None or value in ("", [], {}):
        return "none"
    if isinstance(value, int | float):
        return value if number else f"{value:.15g}" if isinstance(value, float) else str(value)
    return _cut(value, longest) if isinstance(value, str) else Value(value)


def _cut(text: str, longest: int | None) -> str:
    return text if longest is None or len(text) <= longest else text[:longest] + "…"


def _span(value: Any) -> str:
    return format_span(float(value))


def _time(value: Any) -> str:
    at = float(value)
    return format_wall(at) if at >= _UNIX else format_simulated(at)


def _peer(value: Any) -> str:
    return f"{value[0]}:{int(value[1])}" if isinstance(value, list) and len(value) == 2 else str(value)


def _path(value: Any) -> str:
    return "/" + "/".join(map(str, value)) if isinstance(value, list) else str(value)


def _bytes(value: Any) -> str:
    text = str(value)
    with suppress(ValueError):
        decoded = bytes.fromhex(text).decode()
        return decoded if decoded.isprintable() else text
    return text


def _flat(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={_flat(item)}" for key, item in value.items())
    if isinstance(value, list):
        return ", ".join(map(_flat, value))
    return f"{value:g}" if isinstance(value, float) else "" if value is None else str(value)


def _unknown(code: str, fields: Mapping[str, Any]) -> str:
    """A code of another version: its name and what it says."""
    said = ", ".join(
        _flat(value) if name in _SPEAKING else f"{name.replace('_', ' ')} {_flat(value)}"
        for name, value in fields.items()
        if value is not None and value not in ("", [], {}, False)
    )
    name = code.replace("-", " ")
    return f"{name}: {said}" if said else name
