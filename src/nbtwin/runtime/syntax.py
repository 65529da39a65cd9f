"""What the readers of YAML and TOML say of a file that they cannot read, as codes with fields.

Knows their sentences; what it does not know is handed on as it was said.
"""

from __future__ import annotations

import re
import tomllib
from typing import Any

from nbtwin.engine import Refusal
from nbtwin.foreign import Detail, detail_of


class SyntaxRefusal(Refusal):
    """Of YAML down to `TAG`, then of TOML."""

    MAPPING_HERE = "syntax-mapping-here"
    KEYS_HERE = "syntax-keys-here"
    ENTRY_HERE = "syntax-entry-here"
    COLON = "syntax-colon"
    ENDED = "syntax-ended"
    KEY_UNFIT = "syntax-key-unfit"
    ONE_DOCUMENT = "syntax-one-document"
    BLOCK_END = "syntax-block-end"  # found
    NODE = "syntax-node"  # found
    FLOW = "syntax-flow"  # bracket, found
    START = "syntax-start"  # character
    ESCAPE = "syntax-escape"  # character
    ALIAS = "syntax-alias"  # name
    ANCHOR = "syntax-anchor"  # name
    TAG = "syntax-tag"  # name
    STATEMENT = "syntax-statement"
    EQUALS = "syntax-equals"
    VALUE = "syntax-value"
    OVERWRITTEN = "syntax-overwritten"
    ARRAY_OPEN = "syntax-array-open"
    TABLE_OPEN = "syntax-table-open"
    STRING_OPEN = "syntax-string-open"
    NEWLINE = "syntax-newline"
    HEADER_OPEN = "syntax-header-open"  # bracket
    KEY = "syntax-key"
    TWICE = "syntax-twice"  # name
    INLINE_TWICE = "syntax-inline-twice"  # name
    FIXED = "syntax-fixed"  # name
    CHARACTER = "syntax-character"  # character
    BACKSLASH = "syntax-backslash"
    DATE = "syntax-date"
    HEX = "syntax-hex"
    EXPECTED = "syntax-expected"  # text
    OTHER = "syntax-other"  # said


_SENTENCES: dict[SyntaxRefusal, str] = {
    SyntaxRefusal.MAPPING_HERE: r"mapping values are not allowed here",
    SyntaxRefusal.KEYS_HERE: r"mapping keys are not allowed here",
    SyntaxRefusal.ENTRY_HERE: r"sequence entries are not allowed here",
    SyntaxRefusal.COLON: r"could not find expected ':'",
    SyntaxRefusal.ENDED: r"found unexpected (?:end of stream|document separator)",
    SyntaxRefusal.KEY_UNFIT: r"found unhashable key",
    SyntaxRefusal.ONE_DOCUMENT: r"expected a single document in the stream|but found another document",
    SyntaxRefusal.BLOCK_END: r"expected <block end>, but found '(?P<found>.+)'",
    SyntaxRefusal.NODE: r"expected the node content, but found '(?P<found>.+)'",
    SyntaxRefusal.FLOW: r"expected ',' or '(?P<bracket>[\]}])', but got '(?P<found>.+)'",
    SyntaxRefusal.START: r"found character (?P<character>.+) that cannot start any token",
    SyntaxRefusal.ESCAPE: r"found unknown escape character (?P<character>.+)",
    SyntaxRefusal.ALIAS: r"found undefined alias (?P<name>.+)",
    SyntaxRefusal.ANCHOR: r"found duplicate anchor (?P<name>.+); first occurrence",
    SyntaxRefusal.TAG: r"could not determine a constructor for the tag (?P<name>.+)",
    SyntaxRefusal.STATEMENT: r"Invalid statement",
    SyntaxRefusal.EQUALS: r"Expected '=' after a key in a key/value pair",
    SyntaxRefusal.VALUE: r"Invalid value",
    SyntaxRefusal.OVERWRITTEN: r"Cannot overwrite a value",
    SyntaxRefusal.ARRAY_OPEN: r"Unclosed array",
    SyntaxRefusal.TABLE_OPEN: r"Unclosed inline table",
    SyntaxRefusal.STRING_OPEN: r"Unterminated string",
    SyntaxRefusal.NEWLINE: r"Expected newline or end of document after a statement",
    SyntaxRefusal.HEADER_OPEN: r"Expected '(?P<bracket>\]+)' at the end of (?:a table|an array) declaration",
    SyntaxRefusal.KEY: r"Invalid initial character for a key part",
    SyntaxRefusal.TWICE: r"Cannot declare \((?P<name>.+?),?\) twice",
    SyntaxRefusal.INLINE_TWICE: r"Duplicate inline table key (?P<name>.+)",
    SyntaxRefusal.FIXED: r"Cannot (?:mutate immutable|redefine) namespace \((?P<name>.+?),?\)",
    SyntaxRefusal.CHARACTER: r"(?:Illegal|Found invalid) character (?P<character>.+)",
    SyntaxRefusal.BACKSLASH: r"Unescaped '\\' in a string",
    SyntaxRefusal.DATE: r"Invalid date or datetime",
    SyntaxRefusal.HEX: r"Invalid hex value|Escaped character is not a Unicode scalar value",
    SyntaxRefusal.EXPECTED: r"""Expected ['\"](?P<text>.+)['\"]""",
}


_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)")


def toml_problem(text: str, error: Exception) -> tuple[int, Detail]:
    """Why it is no TOML, and in which line, from one."""
    if not isinstance(error, tomllib.TOMLDecodeError):
        return 1, detail_of(error)
    match = _PLACE.search(str(error))
    line = int(match[1]) if match and match[1] else text.rstrip("\n").count("\n") + 1 if match else 1
    return line, syntax_of(_PLACE.sub("", str(error)))


def syntax_of(said: str) -> dict[str, Any]:
    """Why, as ``WORD`` takes it."""
    text = " ".join(said.split())
    for code, sentence in _SENTENCES.items():
        if match := re.fullmatch(sentence, text):
            return {"code": str(code), **match.groupdict()}
    return {"code": str(SyntaxRefusal.OTHER), "said": text}
