"""A shard in a worker of Dask: it tells whoever asked for it how far it is, and is told what is wanted of it.

What others want stands here by the run's name, because Dask calls these functions by theirs, in any process that has
nbtwin. Knows one worker's process; knows no plan of several shards.
"""

from __future__ import annotations

from time import monotonic
from uuid import uuid4

import msgspec
from distributed import get_worker

from nbtwin.fleet.plan import FleetPlan
from nbtwin.fleet.room import check_room, hosts_of, target_of
from nbtwin.fleet.shard import Shard, Wanted
from nbtwin.fleet.tally import FleetStats
from nbtwin.runtime.errors import Failed, WrongUsage

TOPIC = "nbtwin-fleet"
"""One for all fleets: a scheduler keeps a bounded number of what it was told under each."""
_TOLD_EVERY = 1.0


class Told(msgspec.Struct):
    """How far a shard is. ``attempt`` is another one when it is run again."""

    run: str
    number: int
    attempt: str
    stats: FleetStats
    left: bool = False
    """It ended before its plan did, because its worker was told to end."""


class _Part:
    def __init__(self, shard: Shard) -> None:
        self.shard = shard
        self.left = False


_running: dict[tuple[str, int], _Part] = {}


def room(plan: FleetPlan) -> WrongUsage | None:
    """What is against a shard of this size on this machine."""
    try:
        for target in filter(None, (plan.target, plan.bootstrap_at)):
            target_of(str(target), [target.host])  # an operator's is refused here, too
        hosts_of(tuple(plan.hosts))
        check_room(plan, 1)
    except WrongUsage as error:
        return error
    return None


def follow(run: str, wanted: Wanted) -> None:
    for (of_run, _), part in list(_running.items()):
        if of_run == run:
            part.shard.follow(wanted)


def leave_all() -> float:
    """The worker will end: nothing new begins, what is registered leaves. Returns how long that takes at most."""
    parts = list(_running.values())
    for part in parts:
        part.left = True
        part.shard.follow(Wanted(stops=1))
    return max((2 * part.shard.plan.grace for part in parts), default=0.0)


def busy() -> bool:
    return bool(_running)


def run_part(run: str, number: int, plan: FleetPlan) -> Told | Failed:
    """``plan`` is the shard's own already. An error is returned: whoever asked for the run says it."""
    worker = get_worker()
    key = worker.get_current_task()
    attempt, told_at = uuid4().hex, 0.0
    shard = Shard(0, 1, plan)
    part = _running[run, number] = _Part(shard)

    def tell(stats: FleetStats) -> None:
        nonlocal told_at
        task = worker.state.tasks.get(key)
        if task is None or task.state != "executing":  # whoever asked has ended, or asks for it no more
            part.shard.follow(Wanted(stops=1))
        elif monotonic() >= told_at:
            told_at = monotonic() + _TOLD_EVERY
            worker.log_event(TOPIC, msgspec.msgpack.encode(Told(run, number, attempt, stats)))

    try:
        return Told(run, number, attempt, shard.run(tell), part.left)
    except Exception as error:
        return error if isinstance(error, Failed) else Failed.of(error)
    finally:
        del _running[run, number]
