"""What came of an expectation: one verdict for each of its claims.

Knows modules, inventory and what was counted; judges and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nbtwin.engine import Seconds
from nbtwin.lwm2m.client.states import RegistrationState
from nbtwin.runtime.simulated_lab import SimulatedLab
from nbtwin.scenario.host_recorder import HostRecorder
from nbtwin.scenario.meter import Usage
from nbtwin.scenario.model import Expectation, claims_of
from nbtwin.scenario.phrases import ClaimPhrase
from nbtwin.scenario.values import Range
from nbtwin.scenario.verdicts import Verdict

_CLOSE: Seconds = 0.0005  # instants are compared to the millisecond


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
    for name in claims_of(expectation):
        wanted = getattr(expectation, name)
        found = _device(wanted, observed) if name == "device" else [_of_module(name, wanted, observed)]
        verdicts += [
            Verdict(
                each.passed, observed.now, observed.module, each.claim, each.subject, each.platform,
                each.expected, each.found, where, expectation.why,
            )
            for each in found
        ]  # fmt: skip
    return verdicts


@dataclass(frozen=True, slots=True)
class _Judged:
    passed: bool
    claim: ClaimPhrase
    expected: Any
    found: Any
    subject: str = ""
    platform: str = ""


Holds = tuple[bool, Any, Any]
"""Whether it holds, what was expected, what was found."""


def _of_module(name: str, wanted: Any, seen: Observed) -> _Judged:
    passed, expected, found = _JUDGES[name](wanted, seen)
    return _Judged(passed, ClaimPhrase(f"claim-{name}"), expected, found)


def _state(expected: Any, seen: Observed) -> Holds:
    found = seen.bench.modules[seen.module].cmdmp_state
    return found is expected.state, expected.state, found


def _registration(expected: RegistrationState, seen: Observed) -> Holds:
    client = seen.bench.modules[seen.module].andlink
    found = client.registration_state if client is not None else RegistrationState.UNINITIALISED
    return found is expected, expected, found


def _power(expected: Any, seen: Observed) -> Holds:
    found = seen.bench.modules[seen.module].power_state
    return found == expected.state, expected.state, found


def _attached(expected: bool, seen: Observed) -> Holds:
    found = seen.bench.modules[seen.module].radio.attached
    return found is expected, expected, found


def _requests(expected: Any, seen: Observed) -> Holds:
    wanted = [span.seconds for span in expected]
    instants = seen.journal.requests_of(seen.module, seen.since, seen.now, seen.platform)
    found = [at - seen.since for at in instants]
    same = len(wanted) == len(found) and all(abs(a - b) < _CLOSE for a, b in zip(wanted, found, strict=True))
    return same, wanted, found


def _said(expected: Any, seen: Observed) -> Holds:
    """The lines were said, in this order, whatever was said between them."""
    wanted = [expected] if isinstance(expected, str) else expected
    lines = seen.journal.lines_of(seen.module, seen.since, seen.now)
    rest = iter(lines)
    return all(line in rest for line in wanted), wanted, lines


def _range(measure: Callable[[Usage], float]) -> Callable[[Any, Observed], Holds]:
    def judged(expected: Range, seen: Observed) -> Holds:
        found = measure(seen.used)
        return found in expected, expected, round(found, 3)

    return judged


_JUDGES: Mapping[str, Callable[[Any, Observed], Holds]] = {
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


def _device(expected: Mapping[str, Any], seen: Observed) -> list[_Judged]:
    platform = seen.platform or next(iter(seen.bench.world.platforms))
    device = seen.bench.device(platform, seen.module)
    judged = []
    for name, wanted in expected.items():
        found = None if device is None else getattr(device, name)
        judged.append(_Judged(same(wanted, found), ClaimPhrase.DEVICE, wanted, found, name, platform))
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
