"""What a message's options say, by their numbers (RFC 7252 5.4). Knows no message."""

from __future__ import annotations

from typing import TypeAlias

from nbtwin.coap.numbers import OPTION_RULES, OptionNumber

Options: TypeAlias = tuple[tuple[int, bytes], ...]
"""Number and value of each option, in ascending order of the numbers."""

_OBSERVE, _URI_PATH = int(OptionNumber.OBSERVE), int(OptionNumber.URI_PATH)


def segments_of(options: Options) -> list[bytes]:
    """What ``Message.path`` says, as it came: to be compared, not shown. Of options in ascending order."""
    segments: list[bytes] = []
    for number, value in options:
        if number == _URI_PATH:
            segments.append(value)
        elif number > _URI_PATH:
            break
    return segments


def uint_of(options: Options, number: int) -> int | None:
    """What ``Message.uint`` says, of options that are in no message yet."""
    for found, value in options:
        if found == number:
            rule = OPTION_RULES.get(number)
            return None if rule is not None and len(value) > rule.longest else int.from_bytes(value, "big")
    return None


def observe_of(options: Options) -> int | None:
    """The number of Observe (RFC 7641 2), which is asked for in every exchange."""
    for number, value in options:
        if number == _OBSERVE:
            return int.from_bytes(value, "big") if len(value) <= 3 else None
    return None


def uint_value(number: int) -> bytes:
    """A number in the fewest bytes; zero is none at all (RFC 7252 3.2)."""
    return number.to_bytes((number.bit_length() + 7) // 8, "big")
