"""What runs beside the requests as long as the application does: counters, charts, streams, operations, scenarios."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from nbtwin.runtime.lab import LabRuntime
from nbtwin.web.batch_log import Batch, BatchLog
from nbtwin.web.batches import state_of
from nbtwin.web.counters import Counters
from nbtwin.web.events import Hub
from nbtwin.web.lab_rates import LabRates
from nbtwin.web.leshan.events import LeshanEvents
from nbtwin.web.operations import OperationLog
from nbtwin.web.scenario_runs import ScenarioRuns
from nbtwin.web.stats_sampler import StatsSampler


class ApplicationState:
    """One lab's. Listens to the lab's drain from the beginning."""

    def __init__(self, lab: LabRuntime) -> None:
        self.lab = lab
        self.counters = Counters()
        self.pulse = StatsSampler(lab, self.counters)
        self.rates = LabRates(lab.world.scheduler.touch(), self.counters.totals, lab.timeline)
        self.hub = Hub(lab, self.pulse, self.counters, self.rates)
        self.operations = OperationLog(lambda platform, result: self.hub.tell("operation", result, platform))
        self.operations.recall(lab.timeline, lab.world.platforms)
        self.batches = BatchLog(lab, self._batch_changed)
        self.leshan = LeshanEvents(lab)
        self.runs = ScenarioRuns(lambda: self.hub.tell_changed("scenarios", ""))
        if lab.workers is not None:
            lab.workers.on_changed = self.hub.tell_changed
        lab.world.observers += [self.rates, self.counters, self.hub, self.operations, self.batches, self.leshan]

    @asynccontextmanager
    async def lifespan(self, _: object) -> AsyncIterator[None]:
        """Of whoever serves the application."""
        self.pulse.start()
        try:
            yield
        finally:
            self.pulse.stop()
            await self.batches.close()
            await self.runs.close()

    def _batch_changed(self, batch: Batch) -> None:
        state = state_of(batch).model_dump(mode="json")
        self.hub.tell("batch", {"platform": batch.platform, **state}, batch.platform)
