"""What came of an expectation: one verdict for each of its claims, in words.

Knows modules, inventory and what was counted; judges and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nbtwin.engine import MINUTE, Seconds
from nbtwin.lwm2m.client.states import RegistrationState
from nbtwin.runtime.simulated_lab import SimulatedLab
from nbtwin.scenario.host_recorder import HostRecorder
from nbtwin.scenario.meter import Usage
from nbtwin.scenario.model import Expectation, claims_of
from nbtwin.scenario.values import Range
from nbtwin.selfreg.cmdmp import DmpState
from nbtwin.timeline.clock import format_simulated

_CLOSE: Seconds = 0.0005  # instants are compared to the millisecond
_MOST_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Verdict:
    """``where`` is the expectation's or the step's place in the file, counted from one."""

    passed: bool
    at: Seconds
    source: str
    what: str  # "state", "packets", "answer to AT+QDMPCFG=6"
    expected: str
    found: str
    where: str
    why: str = ""

    @property
    def text(self) -> str:
        if self.passed:
            return f"{self.what}: {self.found}"
        return f"{self.what}: {self.found}, expected {self.expected}"


@dataclass(frozen=True, slots=True)
class Observed:
    """Everything that one expectation is judged by, at its instant."""

    bench: SimulatedLab
    journal: HostRecorder
    now: Seconds
    since: Seconds
    used: Usage  # between the two
    module: str
    platform: str | None


def judge(expectation: Expectation, observed: Observed, where: str) -> list[Verdict]:
    """A verdict for each claim, in the model's order."""
    verdicts = []
    for claim in claims_of(expectation):
        expected = getattr(expectation, claim)
        judged = _device(expected, observed) if claim == "device" else [(claim, *_JUDGES[claim](expected, observed))]
        verdicts += [
            Verdict(passed, observed.now, observed.module, what, wanted, found, where, expectation.why or "")
            for what, passed, wanted, found in judged
        ]
    return verdicts


Judged = tuple[bool, str, str]
"""Whether it holds, what was expected, what was found."""


def _state(expected: Any, seen: Observed) -> Judged:
    found = seen.bench.modules[seen.module].cmdmp_state
    return found is expected.state, _name(expected.state), _name(found)


def _name(state: DmpState) -> str:
    return f"{int(state)} {state.name}"


def _registration(expected: RegistrationState, seen: Observed) -> Judged:
    client = seen.bench.modules[seen.module].andlink
    found = client.registration_state if client is not None else RegistrationState.UNINITIALISED
    return found is expected, expected, found


def _power(expected: Any, seen: Observed) -> Judged:
    found = seen.bench.modules[seen.module].power_state
    return found == expected.state, expected.state, found


def _attached(expected: bool, seen: Observed) -> Judged:
    found = seen.bench.modules[seen.module].radio.attached
    return found is expected, "yes" if expected else "no", "yes" if found else "no"


def _requests(expected: Any, seen: Observed) -> Judged:
    wanted = [span.seconds for span in expected]
    instants = seen.journal.requests_of(seen.module, seen.since, seen.now, seen.platform)
    found = [at - seen.since for at in instants]
    same = len(wanted) == len(found) and all(abs(a - b) < _CLOSE for a, b in zip(wanted, found, strict=True))
    return same, _instants(wanted), _instants(found)


def _instants(instants: Sequence[Seconds]) -> str:
    shown = ", ".join(_instant(at) for at in instants[:_MOST_SHOWN])
    more = f" and {len(instants) - _MOST_SHOWN} more" if len(instants) > _MOST_SHOWN else ""
    return f"at {shown}{more}" if instants else "none"


def _instant(at: Seconds) -> str:
    return f"{round(at, 3):g} s" if at < 2 * MINUTE else format_simulated(at).removesuffix(".000")


def _said(expected: Any, seen: Observed) -> Judged:
    """The lines were said, in this order, whatever was said between them."""
    wanted = [expected] if isinstance(expected, str) else expected
    lines = seen.journal.lines_of(seen.module, seen.since, seen.now)
    rest = iter(lines)
    return all(line in rest for line in wanted), " / ".join(wanted), " / ".join(lines[-_MOST_SHOWN:]) or "nothing"


def _range(measure: Callable[[Usage], float]) -> Callable[[Any, Observed], Judged]:
    def judged(expected: Range, seen: Observed) -> Judged:
        found = measure(seen.used)
        return found in expected, str(expected), expected.show(round(found, 3))

    return judged


_JUDGES: Mapping[str, Callable[[Any, Observed], Judged]] = {
    "state": _state,
    "registration": _registration,
    "power": _power,
    "attached": _attached,
    "requests": _requests,
    "sent": _range(lambda used: used.sent),
    "received": _range(lambda used: used.received),
    "bytes": _range(lambda used: used.octets()),
    "awake": _range(lambda used: used.awake),
    "connected": _range(lambda used: used.connected),
    "said": _said,
}


def _device(expected: Mapping[str, Any], seen: Observed) -> list[tuple[str, bool, str, str]]:
    platform = seen.platform or next(iter(seen.bench.world.platforms))
    device = seen.bench.device(platform, seen.module)
    judged = []
    for name, wanted in expected.items():
        found = None if device is None else getattr(device, name)
        judged.append((f"{platform}'s {name}", same(wanted, found), show(wanted), show(found)))
    return judged


def same(wanted: Any, found: Any) -> bool:
    """As YAML would say it: 6608 and "6608" are the same; of mappings only what is named counts; a range of numbers."""
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        by_text = {str(key): value for key, value in found.items()}
        return all(same(value, by_text.get(str(key))) for key, value in wanted.items())
    if isinstance(wanted, list) and isinstance(found, list | tuple):
        return len(wanted) == len(found) and all(map(same, wanted, found))
    if isinstance(wanted, str) and ".." in wanted and isinstance(found, int | float):
        return found in Range.read(wanted)
    if isinstance(wanted, int | float) and isinstance(found, int | float):
        return abs(wanted - found) < _CLOSE
    return found is not None and str(wanted) == str(found)


def show(value: Any) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={show(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(show, value)) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)
