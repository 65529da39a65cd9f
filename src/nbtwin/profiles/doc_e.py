"""DOC-E, Andlink application guide of BC28, V1.0 (2020-02-21), in its own order. Numbers are its chapters.

BC28 is also a model of DOC-A, whose commands it keeps.
"""

from __future__ import annotations

from dataclasses import replace

from nbtwin.commands.andlink import andlink_commands
from nbtwin.commands.andlink_engine import UPDATE_GATE
from nbtwin.profiles import doc_a
from nbtwin.profiles.errors import SET_E
from nbtwin.profiles.everyday import NEUL_BOOT

FIRMWARE_UPDATE_URCS = (  # 2, table 1; D46
    "FIRMWARE DOWNLOADING",
    "FIRMWARE DOWNLOAD FAILED",
    "FIRMWARE DOWNLOADED",
    "FIRMWARE UPDATING",
    "FIRMWARE UPDATE SUCCESS",
    "FIRMWARE UPDATE FAILED",
    "FIRMWARE UPDATE OVER",
)

COMMANDS = andlink_commands()  # 3

ERRORS = SET_E  # 5, tables 3, 4 and 5

BOOT = NEUL_BOOT  # 2; 7, table 6

KNOWN = doc_a.KNOWN | {
    "documents": "DOC-A 1, DOC-E 1",
    "boot": "DOC-E 2",
    "boot.reports_cause": "DOC-E 7",
    "boot.causes": "DOC-E 7 table 6",
    "errors": "DOC-E 5",
    "errors.bad_parameter": "DOC-E 5, D30",
    "errors.not_supported": "DOC-E 5, D30",
    "errors.aborted": "DOC-E 5, D22",
    "errors.cmee_modes": "DOC-E 5 note",
    "cmee_default": "DOC-A 3 note",
    "andlink": "DOC-E 1",
}

BC28 = replace(
    doc_a.BC28,
    documents=("DOC-A", "DOC-E"),
    families=(*doc_a.COMMANDS, COMMANDS),
    gates=(UPDATE_GATE,),  # 2, note; D47
    errors=ERRORS,
    boot=BOOT,
    andlink=True,
    known=KNOWN,
)
