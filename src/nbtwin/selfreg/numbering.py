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
_ZERO = ord("0")
_DOUBLED = bytes.maketrans(b"0123456789", b"0246813579")  # the digit sum of twice each


def luhn_digit(digits: str) -> str:
    """The check digit that makes ``digits`` valid (ISO/IEC 7812-1 annex B; TS 23.003 annex B)."""
    backwards = digits.encode("ascii")[::-1]
    total = sum(backwards[::2].translate(_DOUBLED)) + sum(backwards[1::2]) - len(backwards) * _ZERO
    return str(-total % 10)


def is_valid(digits: str) -> bool:
    """Whether its last digit is the check digit of the others."""
    backwards = digits.encode("ascii")[::-1]
    total = sum(backwards[::2]) + sum(backwards[1::2].translate(_DOUBLED)) - len(backwards) * _ZERO
    return bool(backwards) and total % 10 == 0


def is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def operator_of_iccid(iccid: str) -> Operator | None:
    return ICCID_ISSUERS.get(iccid[:6])
