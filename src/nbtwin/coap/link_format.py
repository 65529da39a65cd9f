"""Links as text: ``</rd/1>;rt="oma.lwm2m";ct=40`` (RFC 6690 2).

Knows targets and attributes; must not know what a target is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from nbtwin.engine import CodedError, DecodeError, Refusal


class LinkRefusal(Refusal):
    """Why a text is no list of links."""

    NO_LINK = "coap-link-missing"  # position: of the character
    NO_NEXT = "coap-link-next-missing"  # position
    NO_UTF8 = "coap-link-no-utf8"


class LinkError(CodedError, DecodeError):
    """A text that is no list of links."""


@dataclass(frozen=True, slots=True)
class Link:
    """One link; an attribute without a value has None. Attributes keep their order and may be repeated."""

    target: str
    attributes: tuple[tuple[str, str | None], ...] = ()

    def first(self, name: str) -> str | None:
        """The value of the attribute, the first one where it is repeated (RFC 6690 2 forbids repeating most)."""
        for found, value in self.attributes:
            if found == name:
                return value
        return None

    def has(self, name: str) -> bool:
        return any(found == name for found, _ in self.attributes)


_TARGET = re.compile(r"\s*<([^<>]*)>\s*")
# RFC 5987's parmname and "*"; a ptoken, or a quoted string with its escapes
_ATTRIBUTE = re.compile(
    r""";\s*(?P<name>[A-Za-z0-9!#$&+.^_`|~-]+\*?)\s*
        (?:=\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<plain>[^\s",;<>\\]+)))?\s*""",
    re.VERBOSE | re.DOTALL,
)
_PLAIN = re.compile(r"[A-Za-z0-9!#$%&'()*+\-./:<=>?@\[\]^_`{|}~]+\Z")
_NUMBER = re.compile(r"(?:0|[1-9][0-9]*)\Z")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def parse(text: str) -> tuple[Link, ...]:
    """The links in the text, none in an empty one; LinkError for anything else."""
    links: list[Link] = []
    if not text.strip():
        return ()
    position = 0
    while True:
        match = _TARGET.match(text, position)
        if match is None:
            raise LinkError(LinkRefusal.NO_LINK, position=position)
        target, position = match[1], match.end()
        attributes: list[tuple[str, str | None]] = []
        while (found := _ATTRIBUTE.match(text, position)) is not None:
            quoted = found["quoted"]
            value = found["plain"] if quoted is None else _ESCAPED.sub(r"\1", quoted)
            attributes.append((found["name"], value))
            position = found.end()
        links.append(Link(target, tuple(attributes)))
        if position == len(text):
            return tuple(links)
        if text[position] != ",":
            raise LinkError(LinkRefusal.NO_NEXT, position=position)
        position += 1


def decode(data: bytes) -> tuple[Link, ...]:
    """The links in a payload of content format 40, which is UTF-8 (RFC 6690 2)."""
    try:
        return parse(data.decode())
    except UnicodeDecodeError as error:
        raise LinkError(LinkRefusal.NO_UTF8) from error


def filtered(links: Iterable[Link], queries: Iterable[str]) -> list[Link]:
    """Those that a request to /.well-known/core asks for (RFC 6690 4.1): `rt=oma.lwm2m`, `href=/3*`; all without."""
    wanted = [(name, value) for name, equals, value in (query.partition("=") for query in queries) if equals]
    return [link for link in links if all(_fits(link, name, value) for name, value in wanted)]


def _fits(link: Link, name: str, wanted: str) -> bool:
    values = [link.target] if name == "href" else [value or "" for found, value in link.attributes if found == name]
    words = [word for value in values for word in (value, *value.split(" "))]  # some are lists of words
    if wanted.endswith("*"):
        return any(word.startswith(wanted[:-1]) for word in words)
    return wanted in words


def format(links: Iterable[Link]) -> str:
    """One line, as the modules send it: numbers bare, everything else in quotes."""
    return ",".join([_format_link(link) for link in links])


def encode(links: Iterable[Link]) -> bytes:
    return format(links).encode()


def _format_link(link: Link) -> str:
    if "<" in link.target or ">" in link.target:
        raise ValueError(f"{link.target!r} is no target of a link")
    return f"<{link.target}>" + "".join([_format_attribute(name, value) for name, value in link.attributes])


def _format_attribute(name: str, value: str | None) -> str:
    if value is None:
        return f";{name}"
    if _NUMBER.match(value) or (name.endswith("*") and _PLAIN.match(value)):
        return f";{name}={value}"  # RFC 5987 values are never quoted
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f';{name}="{escaped}"'
