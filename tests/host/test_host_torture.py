"""The driver on a line that does all that real lines do, an hour of simulated time with each seed: no answer is lost or
given to another command, and nothing that the module says by itself is taken for one."""

from __future__ import annotations

import random
from collections import Counter

import pytest

import nbtwin
from nbtwin import host
from nbtwin.host.dialect import waited
from nbtwin.host.line import WorldTransport
from nbtwin.host.tables import dialect_of
from nbtwin.profiles.models import PROFILES
from nbtwin.testing.noisy_line import NoisyLine

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
        line = NoisyLine(world, world.modules[name], seed, NEUL_SAYS if model == "BC28" else RDY_SAYS, ALIKE)
        module = host.over(line, model=model)
        heard = Counter[str]()
        module.watch(lambda _, event: heard.update([event.text]) if isinstance(event, host.UrcReceived) else None)
        dialect, until, asked, given_up = dialect_of(PROFILES[model]), lab.now + HOUR, 0, 0
        while lab.now < until:
            if draw.random() < 0.02:
                assert module.send(RESTART[model]).ok
                assert module.wait_for_start(60) is not None
                module.listen(20)  # the card is read, the network found
                continue
            command = draw.choice(commands)
            limit = dialect.limit_of(dialect.asked(command))
            late = draw.choice((0.0, 0.0, 1.0, 1.1)) * limit
            if given := draw.random() < 0.03:
                late = waited(limit) + 1.0
            if command != "AT":  # which is how a host finds out whether anything is held
                line.hold(command, late)
            answer = module.send(command)
            if given and answer.final == "":
                given_up += 1
            else:
                assert (answer.final, answer.lines) == (known[command].final, known[command].lines), command
            asked += 1
            module.listen(draw.choice((0.0, 0.0, 0.5, 20.0)))
            line.say_unasked()
        module.listen(30)
        own = Counter({text: heard[text] - line.said[text] for text in MAY_BE})
        assert heard == line.said + own
        assert (asked > 150, line.swallowed > 50, given_up > 0, line.said.total() > 100) == (True,) * 4
