"""Who a module is and which USIM is in it: IMEI, firmware, IMSI, ICCID, with their check digits.

Knows numbering plans (3GPP TS 23.003, ITU-T E.118) and nothing of commands or the radio.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from nbtwin.selfreg.numbering import luhn_digit as luhn_digit
from nbtwin.selfreg.schedule import Operator, operator_of

_HOME = {  # operator: IMSI prefix, ICCID issuer (assumed numbers of the operators' public ranges)
    Operator.MOBILE: ("46004", "898604"),
    Operator.TELECOM: ("46011", "898611"),
    Operator.UNICOM: ("46001", "898601"),
}
_SERVING = {Operator.MOBILE: "46000", Operator.TELECOM: "46011", Operator.UNICOM: "46001"}
_TYPE_ALLOCATION_CODE = "86370303"  # of the documents' example IMEI


def imei_of(name: str) -> str:
    """A valid IMEI that is always the same for the same name."""
    body = _TYPE_ALLOCATION_CODE + f"{zlib.crc32(name.encode()) % 1_000_000:06d}"
    return body + luhn_digit(body)


@dataclass(frozen=True, slots=True)
class ModuleIdentity:
    """What tells one module from another. ``firmware`` is the version of a fresh module; NVRAM keeps a later one."""

    name: str
    imei: str  # 15 digits
    firmware: str
    serial_number: str = ""

    def __post_init__(self) -> None:
        if not (self.imei.isascii() and self.imei.isdigit() and len(self.imei) == 15):
            raise ValueError(f"IMEI {self.imei!r} is not 15 digits")


@dataclass(frozen=True, slots=True)
class Usim:
    """A USIM card. ``pin`` is what +CPIN shows: READY, SIM PIN, SIM PUK."""

    imsi: str  # 15 digits
    iccid: str  # 19-20 digits
    pin: str = "READY"

    @property
    def operator(self) -> Operator | None:
        """By the first five digits of the IMSI; None for any other than the three."""
        return operator_of(self.imsi)

    @property
    def network(self) -> str:
        """PLMN of the network that serves it: the operator's own, whichever of its prefixes the IMSI has (D111)."""
        return _SERVING.get(self.operator, self.plmn) if self.operator is not None else self.plmn

    @property
    def plmn(self) -> str:
        """Home PLMN: MCC and MNC, five digits."""
        return self.imsi[:5]

    @classmethod
    def of(cls, operator: Operator, name: str) -> Usim:
        """A card of an operator that is always the same for the same name."""
        plmn, issuer = _HOME[operator]
        number = zlib.crc32(f"{operator}/{name}".encode()) % 10**10
        body = f"{issuer}{18:02d}{number:011d}"
        return cls(imsi=f"{plmn}{number:010d}", iccid=body + luhn_digit(body))
