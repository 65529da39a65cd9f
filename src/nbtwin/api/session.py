"""A simulated lab that is open or closed: what modules and platforms of the public API have in common."""

from __future__ import annotations

from nbtwin.api.errors import LabClosed, UnknownName
from nbtwin.runtime.simulated_lab import SimulatedLab


class Session:
    """``simulated`` is the floor below."""

    def __init__(self, simulated: SimulatedLab) -> None:
        self.simulated = simulated
        self.is_open = True

    def check_open(self) -> None:
        """LabClosed when it is not."""
        if not self.is_open:
            raise LabClosed

    def check_platform(self, name: str) -> None:
        """UnknownName, with those that there are."""
        if name not in self.simulated.world.platforms:
            raise UnknownName.of("platform", name, self.simulated.world.platforms)
