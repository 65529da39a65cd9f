"""Power saving: when a module may fall into deep sleep, and when it wakes by itself.

Knows the PSM timers of 3GPP TS 24.008 (T3324, T3412 extended) and the sleep switch; knows no service and no command.
"""

from __future__ import annotations

from functools import cache

from nbtwin.engine import HOUR, MINUTE, Seconds
from nbtwin.module.settings import Generic

HOST_IDLE: Seconds = 10.0  # a module stays awake this long after the last byte from its host (assumed)
_T3324_UNITS = {0: 2.0, 1: MINUTE, 2: 6 * MINUTE}  # TS 24.008 10.5.7.3
_T3412_UNITS = {0: 10 * MINUTE, 1: HOUR, 2: 10 * HOUR, 3: 2.0, 4: 30.0, 5: MINUTE, 6: 320 * HOUR}  # 10.5.7.4a
DEFAULT_T3324 = "00000101"  # 10 s, when AT+CPSMS=1 names none (assumed)
DEFAULT_T3412 = "01000011"  # 30 h


@cache
def t3324(bits: str) -> Seconds | None:
    """Active time; None when deactivated."""
    return _span(bits, _T3324_UNITS)


@cache
def t3412(bits: str) -> Seconds | None:
    """Periodic tracking area update; None when deactivated."""
    return _span(bits, _T3412_UNITS)


def _span(bits: str, units: dict[int, Seconds]) -> Seconds | None:
    unit = units.get(int(bits[:3], 2))
    return None if unit is None else unit * int(bits[3:], 2)


def active_time(settings: Generic, sleep_default: int) -> Seconds | None:
    """How long after its connection ended a module stays reachable before deep sleep; None: it never sleeps."""
    sleep_mode = sleep_default if settings.sleep_mode is None else settings.sleep_mode
    if sleep_mode != 1 or not settings.psm or settings.psm[0] != "1":
        return None
    return t3324(settings.psm[2] or DEFAULT_T3324)


def update_time(settings: Generic) -> Seconds | None:
    """How long deep sleep lasts at the most: the periodic tracking area update."""
    return t3412(settings.psm[1] or DEFAULT_T3412) if settings.psm else None
