"""When devices were registered, by their history: how many of a platform's at a time, one of them from when to when.

Reads the tables of `devices`. What history has forgotten is not here; a device that was forgotten has none.
"""

from __future__ import annotations

from typing import NamedTuple

from nbtwin.engine import Seconds
from nbtwin.operators import events as ev
from nbtwin.operators.store.database import Database

_UP = str(ev.DeviceRegistered.__struct_config__.tag)
_DOWN = tuple(str(kind.__struct_config__.tag) for kind in (ev.DeviceDeregistered, ev.DeviceExpired))
_IS_UP = f"CASE kind WHEN '{_UP}' THEN 1 ELSE 0 END"
_KINDS = f"kind IN ('{_UP}', '{_DOWN[0]}', '{_DOWN[1]}')"
_STEPS = f"""
SELECT at, sum(up - before) FROM (
    SELECT at, up, coalesce(before, 1 - up) AS before FROM (
        SELECT history.at AS at, {_IS_UP} AS up,
               lag({_IS_UP}) OVER (PARTITION BY history.device ORDER BY history.id) AS before
        FROM history JOIN devices ON devices.number = history.device
        WHERE devices.platform = ? AND {_KINDS}
    ) AS lines
) AS steps WHERE up <> before GROUP BY at ORDER BY at
"""
_OF_ONE = "FROM history WHERE device = (SELECT number FROM devices WHERE id = ?)"
_HEARD = 2000
"""The newest lines of one device that are looked at for when it was heard."""


class Online(NamedTuple):
    """Between two points of a curve: how many there were at its end, and the fewest and most meanwhile."""

    at: Seconds
    online: int
    low: int
    high: int


class Registered(NamedTuple):
    """One span. ``since`` None: since before what is kept; ``until`` None: it still is."""

    since: Seconds | None
    until: Seconds | None
    ended: str  # the code of what ended it


def oldest_line(db: Database, platform: str) -> Seconds | None:
    """Since when history is kept."""
    query = "SELECT min(at) FROM history JOIN devices ON devices.number = history.device WHERE devices.platform = ?"
    ((at,),) = db.rows(query, (platform,))
    return None if at is None else float(at)


def online_curve(db: Database, platform: str, since: Seconds, until: Seconds, points: int) -> list[Online]:
    """At so many times. Counted back from who is registered now, so that the newest figures need no old history."""
    with db.snapshot():
        ((now,),) = db.rows("SELECT count(*) FROM devices WHERE platform = ? AND state = 'registered'", (platform,))
        steps = [(float(at), int(step)) for at, step in db.rows(_STEPS, (platform,))]
    width = (until - since) / points
    count = int(now) - sum(step for at, step in steps if at > since)
    within = [(at, step) for at, step in steps if since < at <= until]
    curve, place = [Online(since, count, count, count)], 0
    for number in range(1, points + 1):
        end = until if number == points else since + number * width
        low = high = count
        while place < len(within) and within[place][0] <= end:
            count += within[place][1]
            low, high, place = min(low, count), max(high, count), place + 1
        curve.append(Online(end, count, low, high))
    return curve


def registered_spans(db: Database, device: str) -> list[Registered]:
    """The oldest first."""
    spans: list[Registered] = []
    began: Seconds | None = None
    is_up = False
    for place, (at, kind) in enumerate(db.rows(f"SELECT at, kind {_OF_ONE} AND {_KINDS} ORDER BY id", (device,))):
        if kind == _UP:
            if not is_up:
                began, is_up = float(at), True
        elif is_up or not place:
            spans.append(Registered(began, float(at), kind))
            began, is_up = None, False
    if is_up:
        spans.append(Registered(began, None, ""))
    return spans


def heard_at(db: Database, device: str) -> list[Seconds]:
    """When it registered, updated, or said something that is history: the newest times, the oldest first."""
    rows = db.rows(f"SELECT at {_OF_ONE} AND kind <> '{_DOWN[1]}' ORDER BY id DESC LIMIT {_HEARD}", (device,))
    return sorted({float(at) for (at,) in rows})
