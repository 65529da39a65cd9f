"""What `nbtwin db audit` says besides its lines: codes of the catalogue."""

from __future__ import annotations

from nbtwin.timeline.catalogue import Phrase


class AuditPhrase(Phrase):
    BEGAN = "audit-began"
