"""Which critical options are understood, and what it means that one is not (RFC 7252 5.4.1 to 5.4.5).

Knows the rules of the option numbers; must not know what an application does with them.
"""

from __future__ import annotations

from collections.abc import Set

from nbtwin.coap.message import Options
from nbtwin.coap.numbers import OPTION_RULES, OptionNumber

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

_LONGEST = {int(number): rule.longest for number, rule in OPTION_RULES.items()}
_SHORTEST = {int(number): rule.shortest for number, rule in OPTION_RULES.items()}
_TEXT = frozenset(int(number) for number, rule in OPTION_RULES.items() if rule.text)
_REPEATABLE = frozenset(int(number) for number, rule in OPTION_RULES.items() if rule.repeatable)


def first_unacceptable(options: Options, understood: Set[int] = UNDERSTOOD) -> int | None:
    """The first critical option that is unknown, of a wrong length (5.4.3), repeated (5.4.5) or not UTF-8 (3.2)."""
    previous = -1
    for number, value in options:
        if number & 1 and (
            number not in understood
            or not _SHORTEST.get(number, 0) <= len(value) <= _LONGEST.get(number, 65804)
            or (number == previous and number not in _REPEATABLE)
            or (number in _TEXT and not value.isascii() and not _is_utf8(value))
        ):
            return number
        previous = number
    return None


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True
