"""How long an answer may take: what the documents promise, and what stands in none of them (D143)."""

from __future__ import annotations

from nbtwin.engine import Seconds

PROMISED: Seconds = 0.3
"""DOC-B to DOC-E: every answer (docs/spec/at.md, The line). DOC-A names none, and has the same chips."""
KEYS_PROMISED: Seconds = 2.0  # DOC-E 3.3, 3.15
BEYOND_DOCUMENTS: Seconds = 5.0
"""What stands in none of the five documents and does not wait for the network. Assumed (D143)."""
NETWORK = {
    "+COPS=?": 300.0, "+COPS=": 300.0, "+CFUN=": 85.0, "+CGATT=": 85.0, "+CGACT=": 150.0, "+CPIN=": 10.0,
    "+NRB": 10.0, "+QRST=": 10.0, "+NPING=": 10.0, "+QPING=": 10.0, "&W": 10.0,
}  # fmt: skip
"""What waits for the network or the card, by command and form. Assumed, the longest that public manuals of such modules
name (D143)."""
