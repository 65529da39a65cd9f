"""Requirements on what came of a fleet, as people write them: ``p99<200ms``, ``errors<0.1%``, ``register.p50<=20ms``.

Knows numbers of a `FleetStats` by name; decides nothing else.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping

import msgspec

from nbtwin.fleet.refusals import FleetRefusal
from nbtwin.fleet.tally import FleetStats, Outcome
from nbtwin.runtime.errors import WrongUsage
from nbtwin.timeline.span import SpanError, parse_span

_FORM = re.compile(r"\s*(?:([a-z-]+)\.)?([a-z][a-z0-9]*)\s*(<=|>=|==|<|>)\s*([^<>=]+?)\s*")
_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq,
}  # fmt: skip
_PERCENTILES = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99, "p999": 0.999, "max": 1.0}
_RATES = ("rate",)
_COUNTS = ("registered", "lost", *(str(outcome) for outcome in Outcome))
KNOWN = (*_PERCENTILES, "errors", *_RATES, *_COUNTS)


class Requirement(msgspec.Struct, frozen=True):
    """``kind``: of one kind of exchange alone; ``share``: the limit is a part of all, not a number."""

    text: str
    kind: str
    name: str
    comparison: str
    limit: float
    share: bool = False

    @staticmethod
    def parse(text: str) -> Requirement:
        match = _FORM.fullmatch(text)
        if match is None or match[2] not in KNOWN:
            raise WrongUsage(FleetRefusal.REQUIREMENT, "--require", value=text, known=list(KNOWN))
        kind, name, comparison, limit = match.groups()
        share = limit.endswith("%")
        try:
            if name in _PERCENTILES:
                value = parse_span(limit)
            elif share:
                value = float(limit[:-1]) / 100
            else:
                value = float(limit.removesuffix("/s") if name in _RATES else limit)
        except (ValueError, SpanError):
            raise WrongUsage(FleetRefusal.REQUIREMENT, "--require", value=text, known=list(KNOWN)) from None
        return Requirement(text.strip(), kind or "", name, comparison, value, share)

    def value(self, stats: FleetStats, lost: int = 0) -> float | None:
        """None where nothing was measured: that holds nothing."""
        outcomes = [there for kind, there in stats.outcomes.items() if not self.kind or kind == self.kind]
        ended = sum(sum(there.values()) for there in outcomes)
        if self.name in _PERCENTILES:
            waits = stats.waits.get(self.kind) if self.kind else stats.of_all()
            return None if waits is None else waits.percentile(_PERCENTILES[self.name])
        if self.name == "registered":
            return float(most_registered(stats))
        if self.name == "lost":
            return float(lost)
        good = sum(there.get(Outcome.OK, 0) + there.get(Outcome.SLOW, 0) for there in outcomes)
        if self.name == "rate":
            return good / stats.ran if stats.ran else None
        if self.name == "errors":
            found = ended - good - sum(there.get(Outcome.CUT, 0) for there in outcomes)
        else:
            found = sum(there.get(self.name, 0) for there in outcomes)
        return (found / ended if ended else None) if self.share else float(found)

    def holds(self, stats: FleetStats, lost: int = 0) -> bool:
        found = self.value(stats, lost)
        return found is not None and _COMPARISONS[self.comparison](found, self.limit)


def most_registered(stats: FleetStats) -> int:
    """At once, at the end of any second or now."""
    return max([stats.registered, *(row.registered for row in stats.seconds)])
