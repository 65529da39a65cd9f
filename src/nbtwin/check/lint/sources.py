"""AT lines in files: string literals of C, C++, Arduino, Python, Lua and JavaScript, and lines of texts and logs.

What only the running program knows (a format's placeholder, a variable between two literals) becomes `HOLE`. Reads
text as an editor colours it, by literals and comments; knows no grammar of any language and no table of commands.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

HOLE = "\ufffc"
"""Any value: a character that no AT line has."""
LONGEST_FILE = 32 * 1024 * 1024


class NotTextError(ValueError):
    """Bytes that are no text in UTF-8, UTF-16 with its mark, or GB 18030."""


@dataclass(frozen=True, slots=True)
class FoundLine:
    """One AT line as the program sends it, without its end."""

    path: str
    line: int  # from 1
    column: int  # from 1, of its A
    text: str


@dataclass(frozen=True, slots=True)
class _Language:
    token: re.Pattern[str]  # groups: comment, or text (with its quotes before and behind it), raw
    joins: str  # operators that concatenate
    braces: bool = False  # {} are placeholders
    adjacent: bool = False  # literals that follow one another are one


def _token(comment: str, *strings: str) -> re.Pattern[str]:
    return re.compile(rf"(?P<comment>{comment})|" + "|".join(strings), re.DOTALL)


_DOUBLE = r'"(?P<double>(?:\\.|[^"\\\n])*)"'
_SINGLE = r"'(?P<single>(?:\\.|[^'\\\n])*)'"
_CHARACTER = r"'(?:\\.|[^'\\\n])*'"
_C_COMMENT = r"//[^\n]*|/\*.*?\*/"
_C = _Language(
    _token(_C_COMMENT, r'R"(?P<mark>[^()\\\s]{0,16})\((?P<raw>.*?)\)(?P=mark)"', _DOUBLE, _CHARACTER),
    r"\+|<<", braces=False, adjacent=True,
)  # fmt: skip
_PYTHON = _Language(
    _token(
        r"\#[^\n]*",
        r'[A-Za-z]{0,2}"""(?P<long>.*?)"""', r"[A-Za-z]{0,2}'''(?P<longer>.*?)'''", _DOUBLE, _SINGLE,
    ),
    r"\+", braces=True, adjacent=True,
)  # fmt: skip
_LUA = _Language(_token(r"--\[\[.*?\]\]|--[^\n]*", r"\[\[(?P<raw>.*?)\]\]", _DOUBLE, _SINGLE), r"\.\.")
_SCRIPT = _Language(_token(_C_COMMENT, r"`(?P<template>(?:\\.|[^`\\])*)`", _DOUBLE, _SINGLE), r"\+", braces=True)
LANGUAGES = {
    **dict.fromkeys((".c", ".h", ".cc", ".cpp", ".cxx", ".hh", ".hpp", ".hxx", ".ino", ".rs", ".go", ".java"), _C),
    **dict.fromkeys((".py", ".pyi"), _PYTHON),
    ".lua": _LUA,
    **dict.fromkeys((".js", ".mjs", ".ts"), _SCRIPT),
}
TEXTS = frozenset({".txt", ".log", ".at", ".md", ".csv", ".jsonl"})
_TEXT_GROUPS = ("double", "single", "long", "longer", "template", "raw")

_FORMAT = re.compile(
    r"%%|%[-+ #0]*(?:\d+|\*)?(?:\.(?:\d+|\*))?(?:hh|h|ll|l|L|z|j|t|q)?[diouxXeEfFgGcspaA](?![A-Za-z]{3})"
)
_PERCENT_NAME = re.compile(r"%\(\w+\)[diouxXeEfFgGcrs]")
_BRACES = re.compile(r"\$?\{[^{}\n]{0,80}\}")
_OF_TEXTS = (re.compile(r"<[A-Za-z_][\w /-]{0,30}>"), re.compile(r"…|\.{3}"), re.compile(r"\[[^\[\]]*\]"))
"""How documentation writes what is to be filled in, and what may be left out."""
_RAW_PREFIX = re.compile(r"(?<![A-Za-z])(?:[rR][bBfF]?|[bBfF][rR])[\"']+\Z")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_SIMPLE = {"r": "\r", "n": "\n", "t": "\t", "0": "\0", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{4})|([0-7]{1,3})|(.))", re.DOTALL)
_EXTENDED = re.compile(rf"[Aa][Tt](?:[+&$^*#]\S|{HOLE})")
_BASIC = re.compile(r"AT(?:(?:&?[A-Z]\d+)+|[EIZVQXHOF]|&[A-Z]|S\d+(?:\?|=\w*))?(?:;.*)?")
_BASIC_SMALL = re.compile(r"at(?:(?:&?[a-z]\d+)+|[eizvq]|&[a-z])?")
_SENDS_AT = re.compile(r"\bsend_?at\w*\s*\(\s*(?:G?F\s*\(|PSTR\s*\(|_T\s*\()?\s*$", re.IGNORECASE)
_WRAP = r"(?:(?:G?F|PSTR|_T|String)\s*\(\s*)?[LuUbBrRfF8]{0,2}"
_VALUE = r'[^;{}"\n]{1,120}?'


def found_in(path: str, data: bytes) -> list[FoundLine]:
    """Every AT line, in the order of the file. NotTextError."""
    text = decoded(data)
    suffix = path[path.rfind(".") :].lower() if "." in path else ""
    language = LANGUAGES.get(suffix)
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    found = _in_text(text) if language is None else _in_code(text, language)
    lines = []
    for offset, line in found:
        row = bisect_right(starts, offset) - 1
        lines.append(FoundLine(path, row + 1, offset - starts[row] + 1, line))
    return lines


def decoded(data: bytes) -> str:
    if len(data) > LONGEST_FILE:
        raise NotTextError
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "gb18030"] if b"\0" not in data else []
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise NotTextError


def is_at_line(text: str) -> bool:
    """Of what a literal sends, or of the rest of a line."""
    line = text.strip(" ")
    return bool(_EXTENDED.match(line) or _BASIC.fullmatch(line))


# code


@dataclass(frozen=True, slots=True)
class _Literal:
    start: int  # of its first quote or prefix
    end: int
    text: str
    offsets: list[int]  # of each character in the file


def _in_code(source: str, language: _Language) -> Iterator[tuple[int, str]]:
    literals, plain = _literals(source, language)
    position = 0
    while position < len(literals):
        first = literals[position]
        sends = _SENDS_AT.search(plain, max(0, first.start - 60), first.start) is not None
        text, offsets, position = _joined(plain, literals, position, language, sends)
        if sends and text[:2].upper() != "AT":
            text, offsets = "AT" + text, [offsets[0] if offsets else first.start] * 2 + offsets
        yield from _lines(text, offsets)


def _literals(source: str, language: _Language) -> tuple[list[_Literal], str]:
    """And the source without its comments, as long as it was."""
    literals, plain, at = [], [], 0
    for token in language.token.finditer(source):
        if token["comment"] is not None:
            plain += [source[at : token.start()], " " * (token.end() - token.start())]
            at = token.end()
            continue
        group = next((name for name in _TEXT_GROUPS if token.groupdict().get(name) is not None), None)
        if group is not None:
            start = token.start(group)
            raw = group == "raw" or _RAW_PREFIX.search(source, max(0, token.start() - 3), start) is not None
            text, offsets = _unescaped(token[group], start, raw)
            literals.append(_Literal(token.start(), token.end(), *_with_holes(text, offsets, language)))
    return literals, "".join([*plain, source[at:]])


def _unescaped(text: str, start: int, raw: bool) -> tuple[str, list[int]]:
    characters: list[str] = []
    offsets: list[int] = []
    at = 0
    for match in () if raw else _ESCAPE.finditer(text):
        characters += text[at : match.start()]
        offsets += range(start + at, start + match.start())
        byte, code, octal, other = match.groups()
        said = chr(int(byte or code or octal, 16 if byte or code else 8)) if not other else _SIMPLE.get(other, other)
        if other != "\n":  # the line goes on
            characters.append(said)
            offsets.append(start + match.start())
        at = match.end()
    return "".join([*characters, text[at:]]), [*offsets, *range(start + at, start + len(text))]


def _with_holes(text: str, offsets: list[int], language: _Language | None) -> tuple[str, list[int]]:
    forms = [_PERCENT_NAME, _FORMAT, *([_BRACES] if language is None or language.braces or "${" in text else [])]
    if language is None:
        forms += _OF_TEXTS
    for form in forms:
        made, places, at = [], [], 0
        for match in form.finditer(text):
            made += [text[at : match.start()], "%" if match[0] == "%%" else HOLE]
            places += [*offsets[at : match.start()], offsets[match.start()]]
            at = match.end()
        text, offsets = "".join([*made, text[at:]]), [*places, *offsets[at:]]
    return text, offsets


def _joined(
    plain: str, literals: list[_Literal], position: int, language: _Language, sends: bool
) -> tuple[str, list[int], int]:
    """A literal and what is concatenated to it: text, offsets, and which literal comes next."""
    first = literals[position]
    text, offsets, end = first.text, list(first.offsets), first.end
    if not (sends or is_at_line(text.rstrip("\r\n"))):
        return text, offsets, position + 1
    operator = rf"\)*\s*(?:{language.joins}{'|,' if sends else ''})\s*"
    between = re.compile(rf"\s*{operator}(?P<value>{_VALUE}\s*{operator})?{_WRAP}")
    adjacent = re.compile(rf"\s*(?P<value>[A-Za-z_]\w*)?\s*{_WRAP}")
    position += 1
    while position < len(literals) and not text.endswith(("\r", "\n")):
        literal = literals[position]
        gap = plain[end : literal.start]
        match = between.fullmatch(gap) or (adjacent.fullmatch(gap) if language.adjacent else None)
        if match is None:
            break
        if match["value"]:
            text = text.removesuffix("%")  # as in "%" PRIu32
            text, offsets = text + HOLE, [*offsets[: len(text)], end]
        text, offsets, end, position = text + literal.text, offsets + literal.offsets, literal.end, position + 1
    if not text.endswith(("\r", "\n", HOLE)) and re.compile(rf"\s*{operator}[^\s;)]").match(plain, end):
        text, offsets = text + HOLE, [*offsets, end]
    return text, offsets, position


def _lines(text: str, offsets: list[int]) -> Iterator[tuple[int, str]]:
    at = 0
    for part in re.split(r"([\r\n\0\x1a])", text):
        ended = at + len(part) < len(text)
        line = part.strip(" ")
        small = ended and _BASIC_SMALL.fullmatch(line) is not None
        if line and (small or is_at_line(line)) and not _CONTROLS.search(line):
            yield offsets[at + part.index(line[0])], line if ended else _open(line)
        at += len(part)


def _open(line: str) -> str:
    """What no line end follows may go on in the next statement."""
    return line + HOLE if line.endswith(("=", ",")) or line.count('"') % 2 else line


# texts and logs

_PLACE = re.compile(r"""(?<![\w+/.-])(?P<quote>["'`]?)(?P<line>[Aa][Tt][+&$^*#]\S.*)""")
_ALONE = re.compile(
    r"(?:.*(?:[\]>:|)]|\b(?:TX|SEND|SENT|OUT|HOST)\b)\s*)?(?P<line>AT(?:(?:&?[A-Z]\d+)+|[EIZ]|&[A-Z])?)\s*"
)
_END = re.compile(r"\\r|\\n|<CR>|<LF>|␍|[\r\n]", re.IGNORECASE)


def _in_text(source: str) -> Iterator[tuple[int, str]]:
    at = 0
    for line in source.splitlines(keepends=True):
        match = _PLACE.search(line)
        if match is not None:
            yield at + match.start("line"), _cut(match["line"], match["quote"])
        elif (alone := _ALONE.fullmatch(_END.split(line)[0])) is not None:
            yield at + alone.start("line"), alone["line"]
        at += len(line)


def _cut(rest: str, quote: str) -> str:
    """Up to what ends it: its quote, a <CR> in any writing, a space where none may stand."""
    rest = _END.split(rest)[0]
    if quote:
        rest = re.split(rf"(?<!\\){quote}", rest)[0].replace("\\" + quote, quote)
    text, quoted = "", False
    for character in rest:
        quoted ^= character == '"'
        if character.isspace() and not quoted:
            break
        text += character
    if not quote:
        text = text.rstrip(".,:)'`") if text.count("(") < text.count(")") else text.rstrip(".:'`")
    return _with_holes(text, list(range(len(text))), None)[0]
