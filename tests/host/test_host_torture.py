"""The driver on a line that does all that real lines do, an hour of simulated time with each seed: no answer is lost or
given to another command, and nothing that the module says by itself is taken for one."""

from __future__ import annotations

import random
from collections import Counter

import pytest

import nbtwin
from nbtwin import host
from nbtwin.engine import Fact
from nbtwin.host.line import WorldTransport
from nbtwin.lab.facts import SerialLineDisturbed
from nbtwin.lab.observers import LabObserver
from nbtwin.lab.world import World

HOUR = 3600.0
NEUL_SAYS = (
    "+CEREG:1", "+CEREG:5,1A2B,00012345,9", "+CSCON:0", "+CSCON:1", "+NPSMR:1", "+CGEV: NW DETACH", "+QLADTLSSTAT:3",
    "+QLAEVTIND:3", '+QLAREAD: 12,"8F3A",19,0,0', "REGISTERNOTIFY", "FIRMWARE DOWNLOADING", "+NPING:1.2.3.4,52,1330",
)  # fmt: skip
RDY_SAYS = (
    "+CEREG: 1", '+CEREG: 5,"1A2B","00012345",9', "+CSCON: 0", "+CSCON: 1", "+CFUN: 0", "+CPIN: NOT READY",
    "+IP: 10.0.0.7", '+CTZV: "+32"', '+QPING: 0,"1.2.3.4",32,330,255', "+CGEV: NW DETACH",
)  # fmt: skip
ALIKE = ("+QLADTLSSTAT:3", "+CFUN: 0", "+CPIN: NOT READY", "+NPSMR:1")
ASKED = ("AT", "AT+CGMI", "AT+CGMM", "AT+CGSN=1", "ATI", "AT+CFUN?", "AT+CEREG?", "AT+CGATT?", "AT+CEREG=?", "AT+CPIN?",
         "AT+NOPE", "AT+CMEE=9", "AT+CGMM;+CFUN?", "ATE0", "ATE1", "AT+CFUN=1", "AT+CGPADDR")  # fmt: skip
OWN = {
    "BC28": ("AT+DMPCONFIG?", "AT+NPSMR?", "AT+QLADTLSSTAT?", "AT+QLASERVERIP?", "AT+CLAC", "AT+NBAND?"),
    "BC260Y-CN": ("AT+QDMPCFG?", "AT+QDMPCFGEX=?", "AT+QDMPCFG=4,1", "AT+QBAND?", "AT+QPING=?"),
}
RESTART = {"BC28": "AT+NRB", "BC260Y-CN": "AT+QRST=1"}
MAY_BE = ("+CFUN: 1", "+CPIN: READY", "+IP: 10.0.0.2")
"""What it says by itself at each start."""
FAULTS = (
    "serial_split,probability=0.1,spread=5ms", "serial_noise,octets=30", "serial_swallowed,octets=12,silence=12",
    "serial_swallowed,octets=3,silence=12,probability=0.5", "serial_slow,percent=100,probability=0.3",
    "serial_slow,percent=110,probability=0.3",
)  # fmt: skip
TOO_SLOW = "serial_slow,percent=160,probability=0.05"
"""Where the limit is seconds, nobody waits so long."""


class Struck(LabObserver):
    """What the lab did to the line."""

    def __init__(self) -> None:
        self.said = Counter[str]()
        self.counts = Counter[int]()
        self.too_slow = 0
        self.answers_at = 0.0

    def note(self, at: float, source: str, fact: Fact) -> None:
        if isinstance(fact, SerialLineDisturbed):
            self.counts[fact.number] += fact.count
            if fact.kind == "serial_urc":
                self.said[fact.text] += 1
            elif fact.number == self.too_slow:
                self.answers_at = at + (fact.span or 0.0)


def disturb(world: World, model: str) -> tuple[Struck, list[int]]:
    """The faults, and which of them swallow."""
    struck = Struck()
    world.observers.append(struck)
    for text in NEUL_SAYS if model == "BC28" else RDY_SAYS:
        places = "" if text in ALIKE else "places=echo+lines+final+after,"
        world.add_fault(f"serial_urc,probability=0.02,{places}text={text}")
    numbers = {fault: world.add_fault(fault) for fault in FAULTS}
    struck.too_slow = world.add_fault(TOO_SLOW)
    return struck, [number for fault, number in numbers.items() if "swallowed" in fault]


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("model", ["BC28", "BC260Y-CN"])
def test_an_hour_of_noise(model: str, seed: int) -> None:
    draw = random.Random(seed)
    with nbtwin.Lab(seed=seed) as lab:
        backend, name = lab._session.backend, lab.add_module(model).name
        world = backend.lab.world  # type: ignore[attr-defined]
        lab.advance(60)
        commands = (*ASKED, *OWN[model])
        with host.over(WorldTransport(world, world.modules[name]), model=model) as quiet:
            known = {line: quiet.send(line) for line in commands}
        struck, swallowing = disturb(world, model)
        module = host.over(WorldTransport(world, world.modules[name]), model=model)
        heard, started = Counter[str](), Counter[type]()
        module.watch(lambda _, event: heard.update([event.text]) if isinstance(event, host.UrcReceived) else None)
        module.watch(lambda _, event: started.update([type(event)]))
        until, asked, given_up = lab.now + HOUR, 0, 0
        while lab.now < until:
            if draw.random() < 0.02:
                world.faults.remove(struck.too_slow)
                before = started[host.ModuleStarted]
                assert module.send(RESTART[model]).ok
                module.listen(80)  # the card is read, the network found
                assert started[host.ModuleStarted] == before + 1
                struck.too_slow = world.add_fault(TOO_SLOW)
                continue
            command, began = draw.choice(commands), lab.now
            answer = module.send(command)
            if answer.final == "" and began < struck.answers_at:
                given_up += 1
            else:
                assert (answer.final, answer.lines) == (known[command].final, known[command].lines), command
            asked += 1
            module.listen(draw.choice((0.0, 0.0, 0.5, 20.0)))
        module.listen(30)
        own = Counter({text: heard[text] - struck.said[text] for text in MAY_BE})
        assert heard == struck.said + own
        swallowed = sum(struck.counts[number] for number in swallowing)
        assert (asked > 150, swallowed > 50, given_up > 0, struck.said.total() > 100) == (True,) * 4
