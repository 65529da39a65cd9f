"""Modules that are alike share answers, settings and values; one that is different in anything is told apart."""

from __future__ import annotations

from nbtwin.module.identity import Usim
from nbtwin.profiles.models import PROFILES
from nbtwin.runtime.simulated_lab import SimulatedLab
from nbtwin.selfreg.schedule import Operator

APPKEY, PASSWORD = "M100000090", "secretpassword1"
TOLD = 'AT+QDMPCFGEX=1,0,"00-01-6C-06-A6-29"'


def test_what_one_module_tells_its_platform_is_told_by_no_other_one() -> None:
    bench = SimulatedLab(operators=("cmdmp",), keys={APPKEY: PASSWORD}, keeps_history=False)
    lines = {
        "one": [],
        "other": [],
        "told": [TOLD],
        "key": [f'AT+QDMPCFG=2,"{APPKEY}","{PASSWORD}",1,"863703031563591"'],
    }
    for name, settings in lines.items():
        bench.add_module(name, PROFILES["BC260Y-CN"], Usim.of(Operator.MOBILE, name), settings=settings)
        bench.power_on(name)
    bench.world.advance(60)
    devices = {name: bench.device("cmdmp", name) for name in lines}
    devices["key"] = bench.devices.get("cmdmp:863703031563591")
    values = {name: device.values for name, device in devices.items() if device is not None}
    assert list(values) == list(lines)
    assert values["one"] == values["other"] == values["key"] != values["told"]
    assert "00-01-6C-06-A6-29" in values["told"].values()
    assert devices["key"] is not None
    assert devices["key"].appkey == APPKEY
    assert bench.history == []
