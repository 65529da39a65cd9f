from collections.abc import Callable
from typing import Any

import pytest
from meterhost.meter import Meter


@pytest.fixture
def meter(nb_clock: Any, nb_module: Any, nb_serial: Any) -> Meter:
    """The program on the module's serial line; both have the lab's time."""
    return Meter(nb_serial, nb_module.model, lambda: nb_clock.now)


@pytest.fixture
def known_as(nb_lab: Any, nb_module: Any) -> Callable[[], str]:
    """What the platform says of the module."""

    def state() -> str:
        platform = nb_lab.platform("andlink" if nb_module.model == "BC28" else "cmdmp")
        return str(platform.device(nb_module.imei).known.state)

    return state
