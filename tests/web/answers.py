"""Whether two answers of the API are the same but for what differs from one run to the next.

The rule, for examples in the schema and for the sessions of user pages: a time (a number above 10^9), an instant as
text, a port of this machine, a PTY's path, and what is made at random (eight hexadecimal digits or more, a token) match
any of their kind; `ahead`, by which a lab is ahead of the wall clock, any number; `…` in a text that is expected, any
text. Everything else is the same, numbers to a thousandth.
"""

from __future__ import annotations

import json
import re
from typing import Any

VARIES = re.compile(
    r"nbt_[\w-]+|\d{10,}\.\d+|\b1[789]\d{8}\b|\b(?=[0-9a-f]*\d)[0-9a-f]{8,}\b(?<!\d{15})|/dev/pts/\d+"
    r"|(?<=127\.0\.0\.1:)\d+|\d{4}-\d\d-\d\dT[\d:.]+Z"
)
"""Within a text. An IMEI (15 digits) does not vary."""
_MEASURED = frozenset({"ahead"})


def alike(known: Any, found: Any, *, measured: bool = False) -> bool:
    """``measured``: figures of the machine, of which only the kinds are the same."""
    if isinstance(known, dict) and isinstance(found, dict):
        return known.keys() == found.keys() and all(
            alike(known[name], found[name], measured=measured or name in _MEASURED) for name in known
        )
    if isinstance(known, list) and isinstance(found, list):
        pairs = zip(known, found, strict=False)
        return (measured or len(known) == len(found)) and all(alike(a, b, measured=measured) for a, b in pairs)
    if isinstance(known, bool) or isinstance(found, bool):
        return known is found
    if isinstance(known, int | float) and isinstance(found, int | float):
        return measured or abs(known - found) < 1e-3 or known > 10**9 < found
    if isinstance(known, str) and isinstance(found, str):
        return measured or text_alike(known, found)
    return (measured and None in (known, found)) or known == found


def text_alike(known: str, found: str) -> bool:
    """Line by line; a line of JSON as JSON."""
    known_lines, found_lines = known.strip().splitlines(), found.strip().splitlines()
    return len(known_lines) == len(found_lines) and all(map(_line_alike, known_lines, found_lines))


def _line_alike(known: str, found: str) -> bool:
    before, brace, json_known = known.partition("{")
    if brace and found.startswith(before + brace):
        one, other = _json(brace + json_known), _json(found[len(before) :])
        if one is not None and other is not None:
            return alike(one, other)
    pieces = [re.escape(VARIES.sub("#", piece)) for piece in known.split("…")]
    return re.fullmatch(".*".join(pieces), VARIES.sub("#", found)) is not None


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def values_in(text: str) -> list[Any] | None:
    """The JSON values that the text is made of, whatever space is between them; None where it is made of others."""
    decoder, found, at = json.JSONDecoder(), list[Any](), 0
    text = text.strip()
    while at < len(text):
        try:
            value, at = decoder.raw_decode(text, at)
        except ValueError:
            return None
        found.append(value)
        at += len(text[at:]) - len(text[at:].lstrip())
    return found


def output_alike(known: str, found: str) -> bool:
    """What a command printed: values of JSON however they are broken into lines, or else line by line."""
    one, other = values_in(known), values_in(found)
    if one and other:
        return alike(one, other)
    return text_alike(known, found)
