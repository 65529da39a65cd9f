"""The start-up sequence against every model: the module, its profile and its radio as they are."""

from __future__ import annotations

import random

import pytest
from host_bench import WIRES, Chunks

from nbtwin.engine import soonest
from nbtwin.host.driver import Driver, HostEvent, ModuleStarted
from nbtwin.host.startup import NEUL, RDY, ModuleFound, StartupRun, start_up
from nbtwin.module.identity import ModuleIdentity, Usim, imei_of
from nbtwin.module.module import Module
from nbtwin.profiles.models import PROFILES

USIM = Usim("460040123456789", "89860412101972070120")


class Nvram:
    """Storage in memory."""

    def __init__(self) -> None:
        self.content: bytes | None = None

    def load(self) -> bytes | None:
        return self.content

    def save(self, content: bytes) -> None:
        self.content = content


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("model", PROFILES)
def test_a_host_program_of_the_family_brings_the_module_up(model: str, wire: Chunks) -> None:
    profile, heard = PROFILES[model], list[HostEvent]()
    family = NEUL if profile.boot.banner[0] == NEUL.banner else RDY
    module = Module(profile, ModuleIdentity("m", imei_of("m"), profile.firmware), Nvram(), random.Random(1), USIM)
    run = StartupRun(Driver(), start_up(family), heard.append)
    module.power_on(0)
    run.start(0)
    play(run, module, wire)
    assert run.failure == ""
    found = run.result
    assert isinstance(found, ModuleFound)
    assert (found.imei, found.imsi, found.iccid) == (imei_of("m"), USIM.imsi, USIM.iccid)
    assert found.revision == profile.firmware
    assert found.attached
    causes = [event.cause for event in heard if isinstance(event, ModuleStarted)]
    assert causes == [None, "REBOOT_CAUSE_APPLICATION_AT" if family is NEUL else None]


def play(run: StartupRun[ModuleFound], module: Module, wire: Chunks) -> None:
    now = 0.0
    while not run.done:
        to_module, to_host = run.bytes_to_send(), module.serial_to_send()
        for chunk in wire(to_module):
            module.handle_serial(now, chunk)
        for chunk in wire(to_host):
            run.handle_bytes(now, chunk)
        if to_module or to_host:
            continue
        deadline = soonest(run.next_deadline(), module.next_deadline())
        assert deadline is not None
        assert deadline.at < 120
        now = deadline.at
        module.handle_timer(now)
        run.handle_timer(now)
