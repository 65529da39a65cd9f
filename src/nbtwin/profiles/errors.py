"""The <err> tables of the five documents (docs/spec/at.md, Errors). Data only."""

from __future__ import annotations

from nbtwin.at.command import ErrorTable

GENERAL_27_005 = {  # DOC-A, DOC-D table 3, DOC-E table 4: the same in all three
    300: "ME failure",
    301: "SMS service of ME reserved",
    302: "Operation not allowed",
    303: "Operation not supported",
    304: "Invalid PDU mode parameter",
    305: "Invalid text mode parameter",
    310: "USIM not inserted",
    311: "USIM PIN required",
    312: "PH-USIM PIN required",
    313: "USIM failure",
    314: "USIM busy",
    315: "USIM wrong",
    316: "USIM PUK required",
    317: "USIM PIN2 required",
    318: "USIM PUK2 required",
    320: "Memory failure",
    321: "Invalid memory index",
    322: "Memory full",
    330: "SMSC address unknown",
    331: "No network service",
    332: "Network timeout",
    340: "No +CNMA acknowledgement expected",
    500: "Unknown error",
}

GENERAL_A = {  # DOC-A 3 table 1, DOC-E 5 table 3
    3: "Operation not allowed",
    4: "Operation not supported",
    23: "Memory failure",
    30: "No network service",
    50: "Incorrect parameters",
    51: "Command implemented but currently disabled",
    52: "Command aborted by user",
    159: "Uplink busy/flow control",
}

GENERAL_D = {  # DOC-D 4 table 2
    3: "Operation not allowed",
    4: "Operation not supported",
    23: "Memory failure",
    30: "No network service",
    50: "Execute fail",
    52: "Option not supported",
    53: "Param invalid",
    159: "Uplink busy/flow control",
}

SPECIFIC_E = {  # DOC-E 5 table 5, the BC28's own
    512: "Required parameter not configured",
    513: "TUP not registered",
    514: "AT internal error",
    515: "CID is active",
    516: "Incorrect state for command",
    517: "CID is invalid",
    518: "CID is not active",
    520: "Deactivate the last active CID",
    521: "CID is not defined",
    522: "UART parity error",
    523: "UART frame error",
    524: "UE is in minimal function mode (AT+CFUN=0)",
    525: "AT command aborted: in processing",
    526: "AT command aborted: error",
    527: "Command interrupted",
    528: "Configuration conflicts",
    529: "During FOTA updating",
    530: "Not the AT allocated socket",
    531: "USIM PIN is blocked",
    532: "USIM PUK is blocked",
    533: "Not mipi module",
    534: "File not found",
    535: "conditions of use not satisfied",
    536: "at uart buffer error",
    537: "Back off timer is running",
}

GENERAL_27_007 = {  # TS 27.007 9.2.1: the everyday commands of the families whose documents have no table
    3: "operation not allowed",
    4: "operation not supported",
    10: "SIM not inserted",
    11: "SIM PIN required",
    14: "SIM busy",
    16: "incorrect password",
    23: "memory failure",
    30: "no network service",
    50: "incorrect parameters",
}

SET_A = ErrorTable(GENERAL_A | GENERAL_27_005, bad_parameter=50, not_supported=4, aborted=52)  # D30, D22
SET_E = ErrorTable(GENERAL_A | GENERAL_27_005 | SPECIFIC_E, bad_parameter=50, not_supported=4, aborted=52)
SET_D = ErrorTable(GENERAL_D | GENERAL_27_005, bad_parameter=53, not_supported=4, aborted=50, cmee_modes=(0, 1, 2))
PLAIN = ErrorTable(GENERAL_27_007, bad_parameter=None, not_supported=None, aborted=None, cmee_modes=(0, 1, 2))
"""DOC-B and DOC-C: ERROR for every error of their own commands; the everyday commands' states have 27.007's codes."""
