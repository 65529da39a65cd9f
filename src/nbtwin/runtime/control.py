"""What the console may do to the lab as a whole: modules come and go, time changes its pace.

Between `web.lab_view.Control` and `cli.laboratory`. Every refusal is a ValueError with a sentence.
"""

from __future__ import annotations

from nbtwin.edge.errors import EdgeError
from nbtwin.runtime import archive as lab_archive
from nbtwin.runtime.errors import WrongUsage
from nbtwin.runtime.lab import LabRuntime
from nbtwin.runtime.spec import parse_spec
from nbtwin.web.lab_view import LabView, NewModule


class LabControl:
    """One laboratory, as the API may use it."""

    def __init__(self, lab: LabRuntime) -> None:
        self._lab = lab

    async def add_module(self, wish: NewModule) -> str:
        try:
            unit = await self._lab.add_module(parse_spec(_spec_of(wish)), power_on=wish.power_on)
        except (WrongUsage, EdgeError) as error:
            raise ValueError(str(error)) from None
        return unit.name

    def remove_module(self, name: str, *, keep_nvram: bool) -> None:
        self._lab.remove_module(name, keep_nvram=keep_nvram)

    def set_rate(self, rate: float) -> None:
        if self._lab.live is None:
            raise ValueError("the time of a simulated lab passes by advance alone")
        self._lab.live.set_rate(rate)

    def restart_platforms(self) -> None:
        self._lab.restart_platforms()

    def export(self) -> bytes:
        return lab_archive.export(self._lab)

    async def bring_back(self, archive: bytes) -> None:
        await lab_archive.bring_back(self._lab, archive)


def _spec_of(wish: NewModule) -> str:
    given = {"sim": wish.sim, "serial": wish.serial, "name": wish.name, "imei": wish.imei, "firmware": wish.firmware}
    return ",".join([wish.model, *(f"{key}={value}" for key, value in given.items() if value is not None)])


def view_of(lab: LabRuntime) -> LabView:
    return LabView(
        world=lab.world,
        timeline=lab.timeline,
        store=lab.store,
        runtime=lab.runtime,
        control=LabControl(lab),
        commits=lab.commits,
        modules=lab.modules,
        ports=lab.ports,
    )
