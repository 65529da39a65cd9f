"""What texts of requests may look like: the name of each pattern, by which a refusal is worded.

People read `api-value-pattern` of the catalogue, which knows the names; nobody is shown a regular expression.
"""

from __future__ import annotations

from collections.abc import Mapping

FORMS: Mapping[str, str] = {
    r"^[A-Za-z0-9._-]+$": "name",
    r"^[\w.@-]{1,64}$": "token",
    r"^[0-9]{15}$": "fifteen",
    r"^[0-9]{19,20}$": "iccid",
    r"^[A-Za-z0-9_]+$": "cause",
    r"^([0-9A-Fa-f]{2})+$": "octets",
    r"^([0-9A-Fa-f]{2})*$": "octets",
    r"^[^\x00-\x1f\x7f]*$": "line",
    r"^[45]\.[0-3]\d$": "code",
    r"^(\d{1,15}(-\d{1,15})?(,\d{1,15}(-\d{1,15})?)*)?$": "ranges",
    r"^(pty|(tcp|rfc2217):(127\.0\.0\.1|localhost|\[::1\]):\d{1,5})$": "serial",
}


def form_of(pattern: str) -> str:
    """``other``: one of a few words, which the documentation of the field has."""
    return FORMS.get(pattern, "other")
