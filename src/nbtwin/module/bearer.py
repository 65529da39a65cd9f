"""The default bearer: which context it is, and which APN the network gives where the host has set none.

A lab module has one bearer. Knows what +CGDCONT and +QCGDEFCONT keep; knows no command.
"""

from __future__ import annotations

from typing import NamedTuple

from nbtwin.module.profile import Everyday
from nbtwin.module.settings import Generic
from nbtwin.selfreg.schedule import Operator

PDP_TYPE, APN = "PDP_type", "APN"
"""Where the values stand among those of +NCONFIG; those of another context than the family's own have its number."""
NETWORK_APNS = {Operator.MOBILE: "cmnbiot", Operator.TELECOM: "ctnb", Operator.UNICOM: "nbiot"}
"""What the three networks give; assumed."""

FIRST_DNS, SECOND_DNS = "DNS1", "DNS2"
"""Where the host's name servers (AT+QIDNSCFG) stand among the values of +NCONFIG."""
LAB_NAME_SERVERS = ("114.114.114.114", "223.5.5.5")
"""What the network gives; assumed."""


class Context(NamedTuple):
    """A context as the host has defined it; the family's own is there from the beginning."""

    cid: int
    kind: str
    apn: str


def contexts(e: Everyday, saved: Generic) -> list[Context]:
    """Those that are defined, by number."""
    found = []
    for cid in sorted({e.context, *e.contexts}):
        kind, apn = keys(e, cid)
        if cid == e.context or kind in saved.config:
            found.append(Context(cid, saved.config.get(kind, "IP"), saved.config.get(apn, "")))
    return found


def define(e: Everyday, saved: Generic, context: Context) -> None:
    """Of +CGDCONT and +QCGDEFCONT; kept with the next save."""
    kind, apn = keys(e, context.cid)
    saved.config |= {kind: context.kind, apn: context.apn}


def keys(e: Everyday, cid: int) -> tuple[str, str]:
    number = "" if cid == e.context else str(cid)
    return PDP_TYPE + number, APN + number


def default_cid(e: Everyday, saved: Generic) -> int:
    """Which one the attach activates: what the host has defined goes before the family's own (D104)."""
    return contexts(e, saved)[-1].cid


def network_apn(operator: Operator | None) -> str:
    """For a card of nobody's the lab has a name of its own."""
    return NETWORK_APNS.get(operator, "lab") if operator is not None else "lab"
