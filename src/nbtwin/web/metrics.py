"""/metrics: what is counted, as Prometheus reads it. `prometheus_client` knows the format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import CollectorRegistry

from nbtwin.edge.loop_gauge import Work
from nbtwin.runtime.histogram import Histogram
from nbtwin.runtime.lab import LabRuntime
from nbtwin.web.counters import Counters
from nbtwin.web.stats_sampler import StatsSampler

MEDIA_TYPE = CONTENT_TYPE_PLAIN_0_0_4
Labels = Mapping[str, str]


class LabCollector:
    """Reads one lab whenever it is asked; keeps nothing."""

    def __init__(self, lab: LabRuntime, counters: Counters, sampler: StatsSampler, devices: Mapping[str, int]) -> None:
        self._lab, self._counters, self._sampler, self._devices = lab, counters, sampler, devices

    def collect(self) -> Iterator[Metric]:
        """Every family, as a registry of `prometheus_client` wants it."""
        lab, counters = self._lab, self._counters
        totals = counters.totals
        yield _gauge("nbtwin_lab_time_seconds", "the lab's time", [({}, lab.world.scheduler.touch())])
        powers = Counter(str(module.power_state) for module in lab.modules.values())
        yield _gauge("nbtwin_modules", "modules by power state", [({"power": p}, n) for p, n in sorted(powers.items())])
        states = Counter(module.cmdmp_state.name for module in lab.modules.values())
        by_state = [({"state": state}, count) for state, count in sorted(states.items())]
        yield _gauge("nbtwin_modules_cmdmp", "modules by CMDMP state", by_state)
        devices = [({"platform": name}, count) for name, count in self._devices.items()]
        yield _gauge("nbtwin_devices", "devices in the inventory", devices)
        both = [({"direction": direction}, totals[f"packets_{direction}"]) for direction in ("up", "down")]
        yield _counter("nbtwin_packets", "datagrams", both)
        yield _counter("nbtwin_bytes", "bytes of UDP payload", [({}, totals["bytes"])])
        yield _counter("nbtwin_packets_lost", "datagrams that went nowhere", [({}, totals["lost"])])
        yield _counter("nbtwin_retransmissions", "messages sent again", [({}, totals["retransmissions"])])
        results = [({"result": result}, count) for result, count in counters.at_results.items()]
        yield _counter("nbtwin_at_commands", "command lines", results)
        events = [({"platform": p, "event": e}, count) for (p, e), count in sorted(counters.platform_events.items())]
        yield _counter("nbtwin_platform_events", "what happened at the platforms", events)
        yield _counter("nbtwin_timeline_entries", "entries of the timeline", [({}, lab.timeline.recorded)])
        yield _histogram(
            "nbtwin_platform_answer_seconds",
            "from a request that reaches a platform to its answer, commit included",
            [({"platform": name}, histogram) for name, histogram in sorted(counters.latencies.items())],
        )
        yield _histogram("nbtwin_store_commit_seconds", "transactions of the inventory", [({}, lab.commits)])
        says = "how long the event loop was held at worst, second for second"
        yield _histogram("nbtwin_event_loop_lag_seconds", says, [({}, self._sampler.lag)])
        worst = lab.gauge.worst()
        says = "how long the event loop was held at worst within the last minute, and by what"
        yield _gauge("nbtwin_event_loop_worst_seconds", says, [({"work": worst.work}, worst.seconds)])
        long = [({"work": work}, lab.gauge.long[work]) for work in Work]
        yield _counter("nbtwin_event_loop_long_turns", "how often it was held for more than 5 ms, by what", long)


class _Collected:
    """What a registry of `prometheus_client` asks."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def exposition(families: Iterable[Metric]) -> bytes:
    """The page, in the text format of `MEDIA_TYPE`. Any thread may make it."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collected(families))
    return generate_latest(registry)


def _gauge(name: str, says: str, samples: Iterable[tuple[Labels, float]]) -> Metric:
    return _filled(GaugeMetricFamily(name, says), name, samples)


def _counter(name: str, says: str, samples: Iterable[tuple[Labels, float]]) -> Metric:
    return _filled(CounterMetricFamily(name, says), f"{name}_total", samples)


def _filled(family: Metric, sample: str, samples: Iterable[tuple[Labels, float]]) -> Metric:
    for labels, value in samples:
        family.add_sample(sample, dict(labels), value)
    return family


def _histogram(name: str, says: str, samples: Iterable[tuple[Labels, Histogram]]) -> Metric:
    family = HistogramMetricFamily(name, says)
    for labels, histogram in samples:
        total = 0
        for bound, count in zip((*map(repr, histogram.bounds), "+Inf"), histogram.counts, strict=True):
            total += count
            family.add_sample(f"{name}_bucket", {**labels, "le": bound}, total)
        family.add_sample(f"{name}_sum", dict(labels), histogram.sum)
        family.add_sample(f"{name}_count", dict(labels), histogram.count)
    return family
