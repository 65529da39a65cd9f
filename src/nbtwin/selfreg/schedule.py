"""When self-registration packets leave, as data: a column of docs/spec/registration.md, Schedules.

Knows times only; knows no packet format and no module.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from nbtwin.engine import HOUR, Seconds


class Operator(StrEnum):
    """The three operators whose USIMs a module tells apart."""

    MOBILE = "mobile"
    TELECOM = "telecom"
    UNICOM = "unicom"


PLMNS = {
    "46000": Operator.MOBILE, "46002": Operator.MOBILE, "46004": Operator.MOBILE, "46007": Operator.MOBILE,
    "46008": Operator.MOBILE, "46013": Operator.MOBILE,
    "46001": Operator.UNICOM, "46006": Operator.UNICOM, "46009": Operator.UNICOM,
    "46003": Operator.TELECOM, "46005": Operator.TELECOM, "46011": Operator.TELECOM, "46012": Operator.TELECOM,
}  # fmt: skip
"""Home PLMN to operator (ITU-T E.212, the operators' public assignments)."""


def operator_of(imsi: str) -> Operator | None:
    """Whose USIM this is, by the first five digits of its IMSI."""
    return PLMNS.get(imsi[:5])


@dataclass(frozen=True)
class Schedule:
    """One operator's column in one document, as far as all have it: the packets of one attempt. Spans in seconds.

    China Mobile's is no more than this: one attempt after every boot, and updates by CMDMP's own period.
    """

    waits: tuple[Seconds, ...]  # how long to wait after each packet; as many as there are packets
    update_wakes_module: bool = False  # DOC-C 2.2.4; DOC-D 2.3.2 says the opposite

    @property
    def packets(self) -> int:
        return len(self.waits)

    @property
    def gives_up_after(self) -> Seconds:
        """From the first packet of a round to its verdict."""
        return sum(self.waits)


@dataclass(frozen=True)
class RoundSchedule(Schedule):
    """Telecom's and Unicom's: only when firmware or module-USIM pairing changed, then round after round."""

    rounds: int = 1  # attempts after one boot, the first included
    hold_off: Seconds = HOUR  # from the verdict of one round to the next round
    update_every: Seconds | None = None  # None: no update after success
    retry_wakes_module: bool = False  # a retry leaves PSM (DOC-D 2.1.4, 2.2.4)
    sleep_ends_retries: bool = False  # a failed attempt lets the module sleep, and then no retry (DOC-C 2.1.4)
