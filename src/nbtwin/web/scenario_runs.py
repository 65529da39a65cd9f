"""Scenarios in worlds of their own: run beside the lab, in a thread, and kept for a while with their verdicts.

Knows the scenario's runner; knows no route. A run is stopped from outside, after a time, or with the lab.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import resources
from importlib.resources.abc import Traversable
from itertools import count
from pathlib import Path
from typing import Literal

import nbtwin
from nbtwin.engine import CodedError, Deadline, Fact, Seconds
from nbtwin.lab.faults import Impairment, PacketInFlight
from nbtwin.lab.nodes import Node
from nbtwin.lab.observers import LabObserver
from nbtwin.lab.scheduler import RunawayError
from nbtwin.runtime.simulated_lab import SettingRefused
from nbtwin.runtime.unexpected import log_defect
from nbtwin.scenario.model import Scenario
from nbtwin.scenario.runner import ScenarioResult, ScenarioRunner
from nbtwin.timeline.ring import Timeline
from nbtwin.web.refusals import ApiRefusal

_log = logging.getLogger("nbtwin.web")

KEPT = 8
WAITING_AT_MOST = 16
ENTRIES_KEPT = 20_000
TOLD_EVERY: Seconds = 1.0
"""Of the wall clock."""
LONGEST: Seconds = 120.0
"""Of computing."""


class TooMany(Exception):
    """So many wait already."""


class RunEnded(CodedError):
    """Why a run did not come to its end."""


RunPhase = Literal["waiting", "running", "passed", "failed", "broken", "stopped"]


class _Brake(LabObserver):
    """Ends the run between two events."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._until = time.monotonic() + LONGEST

    def check(self) -> None:
        if self._stop.is_set():
            raise RunEnded(ApiRefusal.RUN_STOPPED)
        if time.monotonic() > self._until:
            raise RunEnded(ApiRefusal.RUN_LONG, seconds=LONGEST)

    def event(self, at: Seconds, node: Node, event: Fact) -> None:
        self.check()

    def deadline(self, at: Seconds, node: Node, deadline: Deadline | None) -> None:
        self.check()

    def datagram(
        self, at: Seconds, packet: PacketInFlight, data: bytes, impairment: Impairment, obstacle: str | None
    ) -> None:
        self.check()


@dataclass
class ScenarioRun:
    """One run, whatever has become of it."""

    id: int
    name: str
    scenario: Scenario
    seed: int
    state: RunPhase = "waiting"
    error: CodedError | None = None
    result: ScenarioResult | None = None
    timeline: Timeline = field(default_factory=lambda: Timeline(ENTRIES_KEPT))
    stop: threading.Event = field(default_factory=threading.Event)
    done: asyncio.Event = field(default_factory=asyncio.Event)
    runner: ScenarioRunner | None = None

    @property
    def now(self) -> Seconds:
        return self.runner.bench.world.now if self.runner is not None else 0.0


class ScenarioRuns:
    """One after the other; the newest are kept."""

    def __init__(self, tell: Callable[[], object]) -> None:
        self._tell = tell
        """Called when a run has come further, and once a second while one runs."""
        self.kept: OrderedDict[int, ScenarioRun] = OrderedDict()
        self._numbers = count(1)
        self._one = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, name: str, scenario: Scenario, seed: int | None) -> ScenarioRun:
        if sum(run.state == "waiting" for run in self.kept.values()) >= WAITING_AT_MOST:
            raise TooMany
        run = ScenarioRun(next(self._numbers), name, scenario, scenario.seed if seed is None else seed)
        self.kept[run.id] = run
        over = [old.id for old in self.kept.values() if old.done.is_set()][: max(0, len(self.kept) - KEPT)]
        for number in over:
            del self.kept[number]
        task = asyncio.get_running_loop().create_task(self._take_turn(run))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return run

    async def close(self) -> None:
        for run in self.kept.values():
            run.stop.set()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _take_turn(self, run: ScenarioRun) -> None:
        try:
            async with self._one:
                going = asyncio.ensure_future(asyncio.to_thread(_go, run))
                while not going.done():
                    await asyncio.wait({going}, timeout=TOLD_EVERY)
                    self._tell()
        finally:
            run.done.set()
            self._tell()


def _go(run: ScenarioRun) -> None:
    """In a thread of its own: touches nothing of the lab."""
    brake = _Brake(run.stop)
    try:
        brake.check()
        run.state = "running"
        run.runner = ScenarioRunner(run.scenario, run.seed, run.timeline)
        run.runner.bench.world.observers.append(brake)
        run.result = run.runner.run()
        run.state = "passed" if run.result.passed else "failed"
    except RunEnded as ended:
        run.state, run.error = "stopped", ended
    except SettingRefused as error:
        run.state, run.error = "broken", error
    except RunawayError:
        run.state, run.error = "broken", RunEnded(ApiRefusal.RUN_ENDLESS, at=run.now)
    except Exception as error:  # a defect: this thread has nobody else to tell
        entry = log_defect(_log, f"scenario {run.name}, seed {run.seed}", error)
        run.state, run.error = "broken", RunEnded(ApiRefusal.DEFECT, error=type(error).__name__, entry=entry)


def examples() -> Iterator[tuple[str, str]]:
    """The scenarios that come with nbtwin: name and YAML, by name."""
    for file in sorted(_folder().iterdir(), key=lambda file: file.name):
        if file.name.endswith(".yaml"):
            yield file.name.removesuffix(".yaml"), file.read_text(encoding="utf-8")


def _folder() -> Traversable:
    installed = resources.files("nbtwin").joinpath("examples")
    return installed if installed.is_dir() else Path(nbtwin.__file__).parents[2] / "examples"
