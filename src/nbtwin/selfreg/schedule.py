"""When self-registration packets leave, as data: a column of docs/spec/registration.md, Schedules.

Knows times only; knows no packet format and no module.
"""

# Theory: a schedule is a column of a table
# -----------------------------------------
#
# docs/spec/registration.md, Schedules: each column there is one of these objects, in a profile. Two engines follow
# them, `machine.SelfRegistration` (Telecom, Unicom: rounds) and `cmdmp_client.CmdmpClient` (Mobile: one round a boot,
# then updates), and neither knows an operator or a model.
#
# One round, DOC-D Telecom (``waits`` 3, 6, 12, 24, 48):
#
#     t     0     3        9              21                          45                                   93
#           |--3--|---6----|------12------|------------24-------------|-----------------48-----------------|
#         packet 1      2        3              4                           5                           verdict
#
# The packets of a round are one Confirmable message and its retransmissions: the same message ID and token, so an
# answer to any of them counts, and a platform that has seen the first recognises the others (RFC 7252 4.2). RFC 7252's
# own waits would be random; the documents print numbers, so the numbers are data and there is no randomness. The last
# wait is not printed anywhere: it is the next doubling (D14, D15), because the last packet's answer needs time as well.
#
# Between rounds (``rounds``, ``hold_off``): the hour begins at the verdict, not at the round's first packet (D15). A
# verdict is silence to the end, an error answer, a Reset, or a name that cannot be looked up (D54). After the last
# round nothing more happens until the next boot; where there are updates (Unicom), until one period after the *first*
# round of the attempt (D55), so that failures do not drift.
#
# Deep sleep has three switches because the documents contradict one another: DOC-D's retries wake the module
# (``retry_wakes_module``), DOC-C's are ended by sleep (``sleep_ends_retries``), and an update wakes it in DOC-C's
# Mobile and DOC-D's Unicom alone (``update_wakes_module``). An engine that may not wake the module still has its
# deadline; the module asks ``wakes_module`` and passes over it, and the engine acts at the next wake.
#
# Whether a boot registers at all is not a matter of time, hence not here: `module.service_rules` compares firmware and
# pairing with the last success in NVRAM (DOC-C 2.1.1, DOC-D 2.1.1).

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
    "46008": Operator.MOBILE, "46013": Operator.MOBILE, "46020": Operator.MOBILE,
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
        """In one attempt, at the most."""
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
