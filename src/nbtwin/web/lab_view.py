"""What the API needs of a running lab, and nothing more: whoever starts the lab hands one of these over."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from nbtwin.engine import Seconds
from nbtwin.lab.world import World
from nbtwin.module.module import Module
from nbtwin.operators.store import Store
from nbtwin.timeline.ring import Timeline


@dataclass
class LabView:
    """One live lab, as the API sees it."""

    world: World
    timeline: Timeline
    store: Store
    advance: Callable[[Seconds], Awaitable[None]]
    ahead: Callable[[], Seconds]  # by how much the lab's time is ahead of the wall clock
    modules: Mapping[str, Module] = field(default_factory=dict)
    serials: Mapping[str, str] = field(default_factory=dict)  # module name to its serial port, as `up` prints it
