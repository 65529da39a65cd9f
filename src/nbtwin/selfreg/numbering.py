"""Numbers of devices and cards: check digits, and whose card an ICCID is (TS 23.003, ITU-T E.118). Knows no card."""

from __future__ import annotations

from collections.abc import Mapping

from nbtwin.selfreg.schedule import Operator

ICCID_ISSUERS: Mapping[str, Operator] = {
    **dict.fromkeys(("898600", "898602", "898604", "898607", "898608", "898613"), Operator.MOBILE),
    **dict.fromkeys(("898603", "898611", "898612"), Operator.TELECOM),
    **dict.fromkeys(("898601", "898606", "898609"), Operator.UNICOM),
}
"""The operators' public ranges."""


def luhn_digit(digits: str) -> str:
    """The check digit that makes ``digits`` valid (ISO/IEC 7812-1 annex B; TS 23.003 annex B)."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if position % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def is_valid(digits: str) -> bool:
    """Whether its last digit is the check digit of the others."""
    return digits[-1:] == luhn_digit(digits[:-1])


def is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def operator_of_iccid(iccid: str) -> Operator | None:
    return ICCID_ISSUERS.get(iccid[:6])
