"""/metrics: what is counted, as Prometheus reads it (its text format 0.0.4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from nbtwin.runtime.histogram import Histogram
from nbtwin.runtime.lab import LabRuntime
from nbtwin.web.counters import Counters
from nbtwin.web.stats_sampler import StatsSampler

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Labels = Mapping[str, str]


def exposition(lab: LabRuntime, counters: Counters, pulse: StatsSampler) -> str:
    """Everything, one family after the other."""
    page = Page()
    totals = counters.totals
    page.gauge("nbtwin_lab_time_seconds", "the lab's time", [({}, lab.world.scheduler.touch())])
    powers = Counter(module.power_state for module in lab.modules.values())
    page.gauge("nbtwin_modules", "modules by power state", [({"power": p}, n) for p, n in sorted(powers.items())])
    states = Counter(module.cmdmp_state.name for module in lab.modules.values())
    page.gauge("nbtwin_modules_cmdmp", "modules by CMDMP state", [({"state": s}, n) for s, n in sorted(states.items())])
    devices = [({"platform": name}, lab.store.count(name)) for name in lab.world.platforms]
    page.gauge("nbtwin_devices", "devices in the inventory", devices)
    both = [({"direction": d}, totals[f"packets_{d}"]) for d in ("up", "down")]
    page.counter("nbtwin_packets_total", "datagrams", both)
    page.counter("nbtwin_bytes_total", "bytes of UDP payload", [({}, totals["bytes"])])
    page.counter("nbtwin_packets_lost_total", "datagrams that went nowhere", [({}, totals["lost"])])
    page.counter("nbtwin_retransmissions_total", "messages sent again", [({}, totals["retransmissions"])])
    page.counter(
        "nbtwin_at_commands_total", "command lines", [({"result": r}, n) for r, n in counters.at_results.items()]
    )
    events = [({"platform": p, "event": e}, n) for (p, e), n in sorted(counters.platform_events.items())]
    page.counter("nbtwin_platform_events_total", "what happened at the platforms", events)
    page.counter("nbtwin_timeline_entries_total", "entries of the timeline", [({}, lab.timeline.recorded)])
    page.histogram(
        "nbtwin_platform_answer_seconds",
        "from a request that reaches a platform to its answer, commit included",
        [({"platform": name}, histogram) for name, histogram in sorted(counters.latencies.items())],
    )
    page.histogram("nbtwin_store_commit_seconds", "transactions of the inventory", [({}, lab.commits)])
    page.histogram("nbtwin_event_loop_lag_seconds", "how late the event loop was, once a second", [({}, pulse.lag)])
    return page.text()


class Page:
    """The text format, family by family."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def gauge(self, name: str, says: str, samples: Iterable[tuple[Labels, float]]) -> None:
        self._family(name, "gauge", says)
        self._lines += [_sample(name, labels, value) for labels, value in samples]

    def counter(self, name: str, says: str, samples: Iterable[tuple[Labels, float]]) -> None:
        self._family(name, "counter", says)
        self._lines += [_sample(name, labels, value) for labels, value in samples]

    def histogram(self, name: str, says: str, samples: Iterable[tuple[Labels, Histogram]]) -> None:
        self._family(name, "histogram", says)
        for labels, histogram in samples:
            total = 0
            for bound, count in zip((*map(repr, histogram.bounds), "+Inf"), histogram.counts, strict=True):
                total += count
                self._lines.append(_sample(f"{name}_bucket", {**labels, "le": bound}, total))
            self._lines.append(_sample(f"{name}_sum", labels, histogram.sum))
            self._lines.append(_sample(f"{name}_count", labels, histogram.count))

    def text(self) -> str:
        return "\n".join(self._lines) + "\n"

    def _family(self, name: str, kind: str, says: str) -> None:
        self._lines += [f"# HELP {name} {says}", f"# TYPE {name} {kind}"]


def _sample(name: str, labels: Labels, value: float) -> str:
    written = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
    return f"{name}{{{written}}} {value!r}" if written else f"{name} {value!r}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
