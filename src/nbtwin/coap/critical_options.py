"""Which critical options are understood, and what it means that one is not (RFC 7252 5.4.1 to 5.4.5).

Knows the rules of the option numbers; must not know what an application does with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from nbtwin.coap.events import Response
from nbtwin.coap.message import Options
from nbtwin.coap.numbers import OPTION_RULES, SEGMENT, Code, OptionNumber, OptionRule

UNDERSTOOD: frozenset[int] = frozenset(
    (
        OptionNumber.URI_HOST,
        OptionNumber.URI_PORT,
        OptionNumber.URI_PATH,
        OptionNumber.URI_QUERY,
        OptionNumber.ACCEPT,
        OptionNumber.BLOCK1,
        OptionNumber.BLOCK2,
    )
)
"""What the floors above act on. Who evaluates If-Match or If-None-Match adds it."""

Rules: TypeAlias = Mapping[int, OptionRule]

_ANY = OptionRule(0, 65804, repeatable=True)
_OF_TRANSFER = frozenset((int(OptionNumber.OBSERVE), int(OptionNumber.BLOCK1), int(OptionNumber.BLOCK2)))


def rules_of(understood: Iterable[int]) -> Rules:
    """The rules of the options that are understood; one without a row in RFC 7252 5.10 may be anything."""
    return {int(number): OPTION_RULES.get(number, _ANY) for number in understood}


PLAIN, OF_TRANSFER = 0, -1


def survey(options: Options, rules: Rules) -> int:
    """The one walk over the options of a message that has come.

    The number of the first critical option that is unknown, of a wrong length (5.4.3), repeated (5.4.5) or not UTF-8
    (3.2). Where there is none: OF_TRANSFER when one is about observing or blocks, else PLAIN, the usual case.
    """
    verdict, previous = PLAIN, 0
    for number, value in options:
        if number & 1:
            rule = rules.get(number)
            if rule is SEGMENT and len(value) < 256 and value.isascii():
                continue
            if rule is None:
                return number
            shortest, longest, repeatable, text = rule
            if not shortest <= len(value) <= longest or (number == previous and not repeatable):
                return number
            if text and not value.isascii() and not _is_utf8(value):
                return number
        if number in _OF_TRANSFER:
            verdict = OF_TRANSFER
        previous = number
    return verdict


def is_plain(options: Options) -> bool:
    """No option that block-wise transfer has to look at."""
    for number, _ in options:  # noqa: SIM110  asked for every message: no generator
        if number in _OF_TRANSFER:
            return False
    return True


def refusal_of(option: int) -> Response:
    """How a Confirmable request with such an option is answered."""
    if option in (OptionNumber.PROXY_URI, OptionNumber.PROXY_SCHEME):
        return Response(Code.PROXYING_NOT_SUPPORTED)  # RFC 7252 5.10.2
    name = " (OSCORE)" if option == OptionNumber.OSCORE else ""  # RFC 8613 2, D167
    return Response(Code.BAD_OPTION, payload=f"critical option {option}{name}".encode())  # RFC 7252 5.4.1


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True
