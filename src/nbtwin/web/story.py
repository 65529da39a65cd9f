"""A story: entries of the timeline as one HTML file for somebody else's desk, which asks nothing of any network.

The page in it is the console's own diagram: its scripts, style and words, packed, beside what they show. Who reads it
sees what a viewer sees: secrets are masked, and what DTLS protected is told without its bytes. IMEI, IMSI and ICCID are
others of the same shape, as in recordings. Knows the console's files and entries; knows no route.
"""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import PurePosixPath
from typing import Any

import msgspec

from nbtwin.recording.redaction import Redactor
from nbtwin.timeline import catalogue
from nbtwin.web.access.campaign_keys import masked

_MAIN = "js/story/main.js"
_STYLES = ("console.css", "css/widgets.css", "css/tables.css", "css/shell.css", "css/sequence.css", "css/pages.css")
_IMPORT = re.compile(r"""(\bfrom\s+|\bimport\s+)"(\.[^"]+)";""")
_POLICY = "default-src 'none'; script-src 'unsafe-inline' data:; style-src 'unsafe-inline'; img-src data: blob:"
_STYLE = """
.story #app { height: 100% }
.notes form, .notes blockquote button, .notes blockquote fieldset { display: none }
"""
_BASE64 = re.compile(rb"[A-Za-z0-9+/]{20,}={0,2}")
_DATA = re.compile(rb'"data":"([0-9a-f]+)"')


def story(told: Mapping[str, Any]) -> bytes:
    """The file. ``told``: zone, modules, entries, otherwise and notes, as `js/story/answers.js` has them."""
    content = redacted(msgspec.json.encode(told))
    words = msgspec.json.encode(_words())
    inside = content[:-1] + b',"words":' + words + b"}"
    return (
        b'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>nbtwin</title>\n'
        b'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        b'<meta http-equiv="Content-Security-Policy" content="' + _POLICY.encode() + b'">\n'
        b"<style>" + _style() + _STYLE.encode() + b"</style>\n"
        b'<script type="importmap">' + _scripts() + b"</script>\n</head>\n"
        b'<body class="story"><div id="app"></div><div id="toasts" aria-live="polite"></div>\n'
        b'<script type="application/json" id="told">' + inside.replace(b"<", b"\\u003c") + b"</script>\n"
        b'<script type="module">import "nbtwin/' + _MAIN.encode() + b'";</script>\n</body></html>\n'
    )


def redacted(text: bytes) -> bytes:
    """Whatever is found that names a module or a card, also in base64 and in a datagram's bytes, in hex."""
    redactor = Redactor(secrets.token_bytes(32))

    def in_base64(match: re.Match[bytes]) -> bytes:
        found = match[0]
        whole = found[: len(found) - len(found) % 4]
        plain = base64.b64decode(whole)
        other = redactor.replaced(plain)
        return found if other == plain else base64.b64encode(other) + found[len(whole) :]

    def in_data(match: re.Match[bytes]) -> bytes:
        other = _BASE64.sub(in_base64, bytes.fromhex(match[1].decode()))
        return b'"data":"' + other.hex().encode() + b'"'  # numbers in it are found in hex as well

    return redactor.replaced(_BASE64.sub(in_base64, _DATA.sub(in_data, masked(text))))


def ranges(text: str) -> Iterator[tuple[int, int]]:
    """ "1-3,7" as (1, 3), (7, 7); ValueError for anything else."""
    for part in text.split(","):
        first, dash, last = part.partition("-")
        yield int(first), int(last if dash else first)


def differing(english: Sequence[Mapping[str, Any]], chinese: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """By number: what of an entry is otherwise in the other language."""
    pairs = zip(english, chinese, strict=True)
    found = {str(one["number"]): {name: v for name, v in other.items() if v != one[name]} for one, other in pairs}
    return {number: what for number, what in found.items() if what}


def _text(path: str) -> str:
    return resources.files("nbtwin.web").joinpath("static", path).read_text(encoding="utf-8")


@cache
def _words() -> dict[str, str]:
    return {
        **{f"/words/{language}.ftl": _text(f"words/{language}.ftl") for language in catalogue.LANGUAGES},
        **{f"/catalogue/{language}.ftl": catalogue.source(language) for language in catalogue.LANGUAGES},
    }


@cache
def _style() -> bytes:
    return "\n".join(map(_text, _STYLES)).encode()


@cache
def _scripts() -> bytes:
    """The import map: `main.js` and all that it needs, each as an address that is its own text."""
    packed: dict[str, str] = {}
    waiting = [_MAIN]
    while waiting:
        path = waiting.pop()
        if f"nbtwin/{path}" in packed:
            continue
        needed, text = _bare(path, _text(path))
        waiting += needed
        packed[f"nbtwin/{path}"] = "data:text/javascript;base64," + base64.b64encode(text.encode()).decode()
    return msgspec.json.encode({"imports": packed})


def _bare(path: str, text: str) -> tuple[list[str], str]:
    """The paths that a script imports, and the script with names for them that have no place."""
    needed: list[str] = []

    def name(match: re.Match[str]) -> str:
        needed.append(_resolved(PurePosixPath(path).parent, match[2]))
        return f'{match[1]}"nbtwin/{needed[-1]}";'

    return needed, _IMPORT.sub(name, text).replace("import.meta.resolve(", "(")  # here a path is what it is called


def _resolved(folder: PurePosixPath, relative: str) -> str:
    parts = list(folder.parts)
    for part in relative.split("/"):
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)
