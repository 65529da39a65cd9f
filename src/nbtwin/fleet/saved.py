"""What came of a part of a fleet, as a file; and the whole fleet's result, put together of the files of its parts.

A file has no key of a device. A part that is missing is lost, and told so. Knows files and results; knows no run.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from nbtwin.fleet.plan import FleetDevices, FleetModules, FleetPlan
from nbtwin.fleet.processes import ShardState
from nbtwin.fleet.refusals import FleetRefusal
from nbtwin.fleet.report import FleetResult
from nbtwin.fleet.tally import FleetStats
from nbtwin.fleet.verdict import Requirement
from nbtwin.runtime.errors import Failed, WrongUsage

STANDARD_OUTPUT = "-"


class SavedPart(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="nbtwin-fleet-part"):
    """Part ``number`` of ``of``, from 0. ``plan`` is the whole fleet's, without its devices' keys and without AT lines,
    which may have one."""

    number: int
    of: int
    plan: FleetPlan
    stats: FleetStats
    shards: tuple[str, ...] = ()
    ended_by: str = ""

    @property
    def state(self) -> ShardState:
        """Of the worst of its processes. Who was ended before its plan had has not done what it was to do."""
        if self.ended_by:
            return ShardState.LOST
        for state in (ShardState.LOST, ShardState.AGAIN):
            if state in self.shards:
                return state
        return ShardState.DONE


def save(part: SavedPart, path: str) -> None:
    """Failed for a file that cannot be written."""
    devices = FleetDevices(part.plan.devices.count, part.plan.devices.name)
    target, at = (None if each is None else msgspec.structs.replace(each, address="")
                  for each in (part.plan.target, part.plan.bootstrap_at))  # fmt: skip
    assert target is not None
    phases = tuple(msgspec.structs.replace(phase, lines=()) for phase in part.plan.phases)
    modules = None if part.plan.modules is None else FleetModules(part.plan.modules.operator)
    plan = msgspec.structs.replace(
        part.plan, devices=devices, target=target, bootstrap_at=at, phases=phases, modules=modules, hosts={}
    )  # machines have found their own addresses
    data = msgspec.json.encode(msgspec.structs.replace(part, plan=plan))
    if path == STANDARD_OUTPUT:
        print(data.decode(), flush=True)
        return
    file = Path(path)
    try:
        beside = file.with_name(f".{file.name}.new")
        beside.write_bytes(data)
        beside.replace(file)
    except OSError as error:
        raise Failed.of(error, path) from None


def load(path: Path) -> SavedPart:
    """WrongUsage for what is none."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=SavedPart)
    except OSError as error:
        raise WrongUsage.of(error, str(path)) from None
    except msgspec.DecodeError:
        raise WrongUsage(FleetRefusal.NO_PART, str(path)) from None


def together(paths: Sequence[Path], requirements: tuple[Requirement, ...] = ()) -> FleetResult:
    """WrongUsage for parts of several fleets, and for one that is there twice."""
    found: dict[int, SavedPart] = {}
    first: SavedPart | None = None
    for path in paths:
        part = load(path)
        first = first or part
        if (part.plan, part.of) != (first.plan, first.of) or not 0 <= part.number < part.of:
            raise WrongUsage(FleetRefusal.OTHER_FLEET, str(path))
        if part.number in found:
            raise WrongUsage(FleetRefusal.PART_TWICE, str(path), number=part.number)
        found[part.number] = part
    assert first is not None
    stats, states = FleetStats(), []
    for number in range(first.of):
        known = found.get(number)
        states.append(ShardState.LOST if known is None else known.state)
        count = first.plan.shard(number, first.of, 0).devices.count
        stats = stats.plus(FleetStats(devices=count) if known is None else known.stats)
    return FleetResult(plan=first.plan, stats=stats, requirements=requirements, shards=tuple(map(str, states)))
