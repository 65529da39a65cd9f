"""China Telecom's self-registration platform: base64(JSON) to /nb, version 2 of the format (wire.md)."""

from __future__ import annotations

from nbtwin.operators.reports import ReportPlatform


class TelecomPlatform(ReportPlatform):
    name = "telecom"
    path = "nb"
