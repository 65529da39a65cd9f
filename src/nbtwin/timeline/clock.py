"""Times and spans as people read them, in the zone that this process shows (D196). Knows no clock: every time is
handed in.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from nbtwin.engine import DAY, HOUR, MINUTE, Seconds

TimeFormat = Callable[[Seconds], str]
"""How a time line prints its times: ``format_simulated`` or ``format_wall``."""


def format_simulated(at: Seconds) -> str:
    """Seconds since the start as ``04:00:00.000`` or ``3d 04:00:00.000``."""
    millis = round(abs(at) * 1000)
    seconds, millis = divmod(millis, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    sign, day = "-" if at < 0 else "", f"{days}d " if days else ""
    return f"{sign}{day}{hours:02}:{minutes:02}:{seconds:02}.{millis:03}"


_OFFSET = re.compile(r"([+-])(0\d|1[0-4]):([0-5]\d)")
_shown: tzinfo = UTC


def zone_of(name: str) -> tzinfo:
    """``UTC``, ``+08:00``, or a name such as ``Asia/Shanghai``. ValueError for what this machine does not know."""
    if name == "UTC":
        return UTC
    if (match := _OFFSET.fullmatch(name)) is not None:
        ahead = timedelta(hours=int(match[2]), minutes=int(match[3]))
        return timezone(-ahead if match[1] == "-" else ahead)
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (LookupError, OSError):
        raise ValueError(name) from None


def show_in(name: str) -> None:
    """From now on, times are shown in this zone. ValueError."""
    global _shown
    _shown = zone_of(name)


def format_wall(at: Seconds, zone: tzinfo | None = None, *, millis: bool = True) -> str:
    """A live lab's time (seconds since 1970) on the wall clock of ``zone``, by default the one that is shown, with how
    far it is from UTC (RFC 3339): ``2026-01-01 08:00:00.250+08:00``, and Z for UTC itself."""
    time = datetime.fromtimestamp(at, zone or _shown)
    text = time.isoformat(" ", "milliseconds" if millis else "seconds")
    return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text


def format_span(span: Seconds) -> str:
    """A span in its two largest units: ``1d 4h``, ``2h``, ``90 s`` as ``1min 30s``, ``250ms``."""
    if span < 0:
        return "-" + format_span(-span)
    if 0 < span < 0.9995:
        return f"{span * 1000:.3g}ms"
    parts, rest = [], round(span, 3)
    for unit, size in (("d", DAY), ("h", HOUR), ("min", MINUTE)):
        whole, rest = divmod(rest, size)
        if whole:
            parts.append(f"{whole:.0f}{unit}")
    if rest or not parts:
        parts.append(f"{round(rest, 3):g}s")
    return " ".join(parts[:2])
