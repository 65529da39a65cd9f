"""Which commands act on more than settings that can be read and put back (D188). Data."""

from __future__ import annotations

from nbtwin.at.command import Command
from nbtwin.check.steps import Need

ACTING = frozenset({
    "+NRB", "+QRST", "+CFUN", "+CGATT", "+COPS", "+CPIN", "+CGACT", "+NPING", "+QPING", "+NCSEARFCN", "+QCSEARFCN",
    "+QDNS", "+QIDNSGIP", "+QNTP", "+QIOPEN", "+QICLOSE", "+QISEND", "+QISENDEX", "+QIRD", "+QISWTMD",
    "+QLASREGIND", "+QLASENDDATA", "+QLASENDATA", "+QLASENDRSP", "+QLAFOTAIND", "+QLARESETDTLS", "+QLAFOTARESET",
    "+IPR", "+NATSPEED", "+QRELLOCK", "+NUESTATS", "Z", "&F", "&W", "Q", "V", "E", "I", "S0", "+CMEE",
})  # fmt: skip
"""They send, restart, use up attempts, or change the line itself: never in a scene that a real module plays."""
KEYS = frozenset({"+QLASETPSK", "+QLASETBSPSK", "+QSETBSPSK"})
KEYS_OF_CMDMP = 2
"""<type>: no command shows a password."""
RESTORED = frozenset({"+QSCLK", "+NCONFIG", "+CEREG", "+CSCON", "+CTZR", "+NPSMR", "+CGSN", "+CGPADDR"})
"""Everyday commands that are written on a real module: read and put back, or forgotten at the next start."""


def needs(command: Command, kind: int | None, cmdmp: str) -> frozenset[Need]:
    """Of writing to it, with any value."""
    if command.name in KEYS or (command.name == cmdmp and kind == KEYS_OF_CMDMP):
        return frozenset({Need.WRITES, Need.LOSES})
    if command.name in ACTING:
        return frozenset({Need.PLATFORM})
    if command.source.startswith("DOC-") or command.name in RESTORED:
        return frozenset({Need.WRITES})
    return frozenset({Need.PLATFORM})
