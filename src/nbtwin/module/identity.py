"""Who a module is and which USIM is in it: IMEI, firmware, IMSI, ICCID, with their check digits.

Knows numbering plans (3GPP TS 23.003, ITU-T E.118) and nothing of commands or the radio.
"""

from __future__ import annotations

import zlib

import msgspec

from nbtwin.selfreg.numbering import luhn_digit as luhn_digit
from nbtwin.selfreg.numbering import operator_of_iccid
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


class ModuleIdentity(msgspec.Struct, frozen=True):
    """What tells one module from another. ``firmware`` is the version of a fresh module; NVRAM keeps a later one."""

    name: str
    imei: str  # 15 digits
    firmware: str
    serial_number: str = ""

    def __post_init__(self) -> None:
        if not (self.imei.isascii() and self.imei.isdigit() and len(self.imei) == 15):
            raise ValueError(f"IMEI {self.imei!r} is not 15 digits")


class Usim(msgspec.Struct, frozen=True):
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
    def with_imsi(cls, imsi: str, iccid: str | None = None, pin: str = "READY") -> Usim:
        """The card of this IMSI; its ICCID, where none is given, is of the IMSI's operator and always the same."""
        issuer = _HOME[operator][1] if (operator := operator_of(imsi)) is not None else f"8986{imsi[3:5]}"
        body = f"{issuer}{18:02d}{zlib.crc32(imsi.encode()) % 10**10:011d}"
        return cls(imsi, iccid or body + luhn_digit(body), pin)

    @classmethod
    def of(cls, operator: Operator, name: str) -> Usim:
        """A card of an operator that is always the same for the same name."""
        plmn, issuer = _HOME[operator]
        number = zlib.crc32(f"{operator}/{name}".encode()) % 10**10
        body = f"{issuer}{18:02d}{number:011d}"
        return cls(imsi=f"{plmn}{number:010d}", iccid=body + luhn_digit(body))


class CardNumbers(msgspec.Struct, frozen=True):
    """What somebody has said of a card; the rest is made up, always the same for the same name."""

    imsi: str | None = None
    iccid: str | None = None
    plmn: str | None = None
    by_iccid: bool = False  # nothing else says whose it is

    def usim(self, operator: Operator | None, name: str) -> Usim | None:
        """``operator``: whose it is where no number says it; None: no card."""
        if self.imsi is not None:
            return Usim.with_imsi(self.imsi, self.iccid)
        if self.plmn is not None:
            number = zlib.crc32(f"{self.plmn}/{name}".encode()) % 10 ** (15 - len(self.plmn))
            return Usim.with_imsi(f"{self.plmn}{number:0{15 - len(self.plmn)}d}", self.iccid)
        if self.iccid is not None and self.by_iccid:
            operator = operator_of_iccid(self.iccid) or operator
        if operator is None:
            return None
        card = Usim.of(operator, name)
        return card if self.iccid is None else Usim(card.imsi, self.iccid)


ANY_CARD = CardNumbers()
