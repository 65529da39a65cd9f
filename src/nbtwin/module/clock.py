"""The network's time, as a module is told it: China's, in the words of 27.007. Knows no command and no timer."""

from __future__ import annotations

from datetime import datetime, timedelta

from nbtwin.engine import Seconds

UNIX_EPOCH = datetime(1970, 1, 1)
LAB_EPOCH = datetime(2020, 1, 1)
"""What the network's time is where the lab's time begins at 0 (UTC), as in a scenario; the lab's own choice. A lab that
counts from 1970, as a live one does, has the real time."""
ZONE = 32
"""Quarters of an hour ahead of UTC: Beijing."""
ZONE_TEXT = f"{ZONE:+03d}"


def universal(now: Seconds) -> datetime:
    """UTC at this time of the lab, without fractions of a second."""
    since = timedelta(seconds=int(now))
    return since + (UNIX_EPOCH if since >= LAB_EPOCH - UNIX_EPOCH else LAB_EPOCH)


def local(now: Seconds) -> datetime:
    """The same in China."""
    return universal(now) + timedelta(minutes=15 * ZONE)
