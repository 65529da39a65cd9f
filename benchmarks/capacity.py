"""`python -m benchmarks.capacity [--write docs] [--check N … --by PYTHON]`: what 10³ to 10⁸ devices need of a platform.

A model on paper: what a device does in a day (`HABITS`), what that costs a platform (CPU and rows as the table of
docs/performance.md has them, memory and bytes as `Costs` says), and which resource is used up first. `measured_day`
counts days of simulated modules beside it, and a test compares. `--check` sets a real platform under a fleet of
so many devices.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from benchmarks import ROOT
from benchmarks.svg import Chart
from nbtwin.engine import DAY, HOUR, Fact, Seconds
from nbtwin.fleet.plan import FleetDevices, FleetPhase, FleetPlan, FleetTarget
from nbtwin.fleet.shard import Shard
from nbtwin.module.identity import Usim
from nbtwin.operators.store.journal_format import encode_events
from nbtwin.profiles.models import PROFILES
from nbtwin.runtime.simulated_lab import SimulatedLab
from nbtwin.scenario.meter import HEADERS, Meter
from nbtwin.selfreg.schedule import Operator

SIZES = tuple(10**power for power in range(3, 9))
_FULL = 0.7
"""So much of a core, or of what a database takes, is used in earnest."""
_KEPT = 30
"""Days of history."""
_GIB, _MIB = 1 << 30, 1 << 20


@dataclass(frozen=True)
class Exchange:
    """A request and its acknowledgement, as a module sends it: bytes of UDP's payload."""

    up: int
    down: int
    figure: str
    """The row of the table of figures that has its CPU: of the platform's processes, journal and folding included."""
    journal: int
    """Bytes of its fact there."""
    history: bool = False
    """It leaves a line of history; an update does not."""

    @property
    def cpu(self) -> Seconds:
        return measured()[self.figure] * 1e-6


EXCHANGES: Mapping[str, Exchange] = {
    "cmdmp update": Exchange(134, 8, "CMDMP registration", 84),  # at most what that costs
    "update": Exchange(22, 8, "LwM2M update", 86),
    "uplink": Exchange(41, 4, "uplink", 158, history=True),
}
BACK: Mapping[str, str] = {"cmdmp": "CMDMP registration", "andlink": "Andlink registration with its policy"}
"""The row of a registration with all that follows it."""
ROWS = "LwM2M registrations into PostgreSQL"
_ROW = re.compile(r"^\| ([^|<]+?) ?(?:<br>[^|]*)?\| \**([\d,.]+) (?:µs|/s)\** \|", re.MULTILINE)


@cache
def measured() -> dict[str, float]:
    """By name the figures of the table, microseconds or how many a second; `write` reads it anew."""
    page = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8").partition("<!-- figures -->")[2]
    return {name: float(value.replace(",", "")) for name, value in _ROW.findall(page)}


@dataclass(frozen=True)
class Habit:
    """What a device does in a day. ``update``: from one to the next (docs/spec/registration.md, Schedules; D56)."""

    name: str
    words: Mapping[str, str]
    operator: str
    model: str
    settings: Sequence[str]
    update: Seconds
    uplinks: int = 0

    def a_day(self) -> dict[str, float]:
        update = "cmdmp update" if self.operator == "cmdmp" else "update"
        return {update: DAY / self.update, **({"uplink": float(self.uplinks)} if self.uplinks else {})}

    def total(self, what: str) -> float:
        """``up``, ``down``, ``cpu``, ``journal``, ``history`` or ``exchanges`` of one device in one day."""
        return sum(
            times * (1 if what == "exchanges" else float(getattr(EXCHANGES[name], what)))
            for name, times in self.a_day().items()
        )


_ANDLINK = ('AT+QLASERVERIP="LWM2M","lwm.home.komect.com",5683', 'AT+QCFG="LWM2M/DeviceType","31301"')
_LIFETIME_UPDATE = 86400 - 93.0
"""Of a lifetime of 24 h: MAX_TRANSMIT_WAIT before its end (RFC 7252 4.8.2)."""
HABITS = (
    Habit("cmdmp", {"en": "CMDMP, an update a day", "zh": "CMDMP，每天更新一次"}, "cmdmp", "BC260Y-CN", (), DAY),
    Habit("andlink", {"en": "Andlink, lifetime 24 h", "zh": "Andlink，生命周期 24 小时"}, "andlink", "BC28", _ANDLINK,
          _LIFETIME_UPDATE),
    Habit("hourly", {"en": "Andlink, and an uplink an hour", "zh": "Andlink，每小时上报一次"}, "andlink", "BC28",
          _ANDLINK, _LIFETIME_UPDATE, uplinks=24),
)  # fmt: skip


@dataclass(frozen=True)
class Costs:
    """Of the machine and the platform, as measured in the morning of 2026-11-30, compiled, with PGO."""

    resident: int = 70 * _MIB
    """The lab's process without devices."""
    newest: int = 65_536
    message: int = 3390
    """So many messages are remembered for their duplicates; what each takes, with journal and folding."""
    device: int = 395
    """This and the two before: measured were 76 MiB at 1,000, 320 at 100,000, 456 at 400,000, 659 at 1,000,000."""
    row: int = 1780
    """Bytes of a registered device in the database (SQLite, with its indices, three days old)."""
    line: int = 141
    """Bytes of a line of history, with its index: what 72 uplinks of a device add, by each."""
    memory: int = 8 * _GIB
    disk: int = 1000 * _GIB
    """What is taken for one node's."""


COSTS = Costs()


def needs(habit: Habit, devices: int, costs: Costs = COSTS) -> dict[str, float]:
    """Of one platform with so many devices."""
    a_second = devices / DAY
    history = devices * habit.total("history") * _KEPT * costs.line
    return {
        "exchanges a second": a_second * habit.total("exchanges"),
        "bytes a second": a_second * (habit.total("up") + habit.total("down") + 2 * HEADERS * habit.total("exchanges")),
        "cores": a_second * habit.total("cpu"),
        "cores, all back within an hour": devices / HOUR * measured()[BACK[habit.operator]] * 1e-6,
        "memory": costs.resident + min(devices, costs.newest) * costs.message + devices * costs.device,
        "journal a day": devices * habit.total("journal"),
        "rows a second": a_second * habit.total("exchanges"),
        "rows a second, all back": devices / HOUR,
        "database": devices * costs.row + history,
    }


def bounds(costs: Costs = COSTS) -> dict[str, float]:
    """What one node has of each."""
    return {
        "cores": _FULL, "cores, all back within an hour": _FULL, "memory": costs.memory,
        "rows a second": _FULL * measured()[ROWS], "rows a second, all back": _FULL * measured()[ROWS],
        "database": costs.disk,
    }  # fmt: skip


def knees(habit: Habit, costs: Costs = COSTS) -> dict[str, float]:
    """How many devices use each resource up; the least is the knee."""
    million, two = needs(habit, 1_000_000, costs), needs(habit, 2_000_000, costs)
    return {
        name: 1e6 * (1 + (bound - million[name]) / (two[name] - million[name])) for name, bound in bounds(costs).items()
    }


# beside it, simulated


def measured_day(habit: Habit, devices: int) -> dict[str, float]:
    """Days of so many modules that are switched on over a day, counted: exchanges and bytes of one module and day."""
    begin, end = 2, 4
    lab = SimulatedLab(operators=(habit.operator,), keeps_history=False)
    meter = Meter()
    lab.world.observers.append(meter)
    found = {"exchanges": 0.0, "up": 0.0, "down": 0.0, "journal": 0.0}

    def journal(events: Sequence[Fact]) -> None:
        if begin * DAY <= lab.world.now < end * DAY:
            found["journal"] += len(encode_events(events))

    lab.takers.append(journal)
    names = [f"m{number}" for number in range(devices)]
    for name in names:
        lab.add_module(name, PROFILES[habit.model], Usim.of(Operator.MOBILE, name), settings=habit.settings)
        lab.power_on(name)
        lab.world.run(lab.world.now + DAY / devices)
    if habit.uplinks:
        hour = lab.world.now
        while hour < end * DAY:
            for name in names:
                answer = lab.world.ask(lab.world.modules[name], 'AT+QLASENDDATA=0x0100,26,[{"n":"19/1/0","p1":"v1"}]')
                assert answer[-1] == "OK", answer
            hour += DAY / habit.uplinks
            lab.world.run(hour)
    lab.world.run(end * DAY)
    for name in names:
        account = meter.account(name)
        for usage in account.days[begin:end]:
            found["exchanges"] += usage.sent
            found["up"] += usage.bytes_sent
            found["down"] += usage.bytes_received
    return {what: total / devices / (end - begin) for what, total in found.items()}


# beside it, measured


@contextmanager
def _platform(python: str, folder: Path) -> Iterator[tuple[int, int]]:
    """Its process and its port."""
    command = [python, "-m", "nbtwin", "platform", "--ports", "andlink=0,cmdmp=0,telecom=0,unicom=0", "--timeline",
               "none", "--state", str(folder)]  # fmt: skip
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=folder, env=environment) as process:
        assert process.stdout is not None
        said = ""
        while "ready" not in said:
            said += process.stdout.readline()
        match = re.search(r"operator=andlink udp=127\.0\.0\.1:(\d+)", said)
        assert match is not None
        yield process.pid, int(match[1])
        process.terminate()


def check(devices: int, python: str) -> dict[str, float]:
    """A platform in a process of its own under so many devices: they register, then send a value each."""
    with tempfile.TemporaryDirectory() as folder, _platform(python, Path(folder)) as (process, port):
        rate = min(4000.0, devices / 2)
        phases = (FleetPhase(do="register", rate=rate), FleetPhase(do="uplink", rate=rate, span=devices / rate))
        target = FleetTarget("127.0.0.1", port, False, "127.0.0.1")
        plan = FleetPlan(target=target, devices=FleetDevices(devices), phases=phases, keep=True, grace=30.0)
        before = _cpu(process)
        stats = Shard(0, 1, plan).run()
        files = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
        return {"devices": devices, "registered": stats.registered, "errors": stats.errors,
                "cpu": (_cpu(process) - before) / stats.good, "memory": _memory(process), "files": files}  # fmt: skip


def _family(process: int) -> list[int]:
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [process, *(each for child in children for each in _family(int(child)))]


def _cpu(process: int) -> Seconds:
    fields = [Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split() for each in _family(process)]
    return sum(int(each[11]) + int(each[12]) for each in fields) / os.sysconf("SC_CLK_TCK")


def _memory(process: int) -> int:
    pages = [int(Path(f"/proc/{each}/statm").read_text().split()[1]) for each in _family(process)]
    return sum(pages) * os.sysconf("SC_PAGE_SIZE")


# the page

HEADS = {
    "en": ("devices", "exchanges/s", "Mbit/s", "cores", "cores, all back within an hour", "memory", "journal a day",
           "database, 30 days"),
    "zh": ("设备数", "每秒交互", "Mbit/s", "核心数", "核心数，一小时内全部恢复", "内存", "每天日志", "数据库，30 天"),
}  # fmt: skip
RESOURCES = {
    "cores": {"en": "a core", "zh": "一个核心"},
    "cores, all back within an hour": {"en": "a core, when all come back within an hour",
                                     "zh": "一个核心（一小时内全部恢复时）"},
    "memory": {"en": "8 GiB of memory", "zh": "8 GiB 内存"},
    "rows a second": {"en": "the database's rows a second", "zh": "数据库每秒行数"},
    "rows a second, all back": {"en": "the database's rows a second, when all come back within an hour",
                                "zh": "数据库每秒行数（一小时内全部恢复时）"},
    "database": {"en": "1,000 GiB of disk, with 30 days of history", "zh": "1,000 GiB 磁盘（保留 30 天历史）"},
}  # fmt: skip


def table(language: str) -> str:
    lines = []
    for habit in HABITS:
        lines += [f"**{habit.words[language]}**", "", "| " + " | ".join(HEADS[language]) + " |"]
        lines.append("|" + "---|" * len(HEADS[language]))
        for size in SIZES:
            need = needs(habit, size)
            cells = [
                f"{size:,}", _number(need["exchanges a second"]), _number(need["bytes a second"] * 8 / 1e6),
                _number(need["cores"]), _number(need["cores, all back within an hour"]), _bytes(need["memory"]),
                _bytes(need["journal a day"]), _bytes(need["database"]),
            ]  # fmt: skip
            lines.append("| " + " | ".join(cells) + " |")
        lines.append("")
    lines += ["| | " + " | ".join(habit.words[language] for habit in HABITS) + " |", "|---" * (len(HABITS) + 1) + "|"]
    found = {habit.name: knees(habit) for habit in HABITS}
    for name, words in RESOURCES.items():
        cells = []
        for habit in HABITS:
            least = min(found[habit.name].values())
            shown = _millions(found[habit.name][name], language)
            cells.append(f"**{shown}**" if found[habit.name][name] == least else shown)
        lines.append(f"| {words[language]} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2g}" if value >= 0.01 else "< 0.01"


def _millions(devices: float, language: str) -> str:
    if language == "zh":
        return f"{devices / 1e4:,.0f} 万"
    return f"{devices / 1e6:,.1f} million"


def _bytes(value: float) -> str:
    for unit in ("B", "KiB", "MiB", "GiB"):
        if value < 1024:
            return f"{value:.3g} {unit}"
        value /= 1024
    return f"{value:,.3g} TiB"


def chart(language: str) -> str:
    """Which share of one node's resources so many devices use, hourly uplinks."""
    habit, limits = HABITS[-1], bounds()
    lines = {
        RESOURCES[name][language]: [(float(size), needs(habit, size)[name] / limits[name] * 100) for size in SIZES]
        for name in ("cores", "cores, all back within an hour", "memory", "database")
    }
    title = {
        "en": "Share of one node, a device with an uplink an hour",
        "zh": "占一个节点资源的比例，每小时上报一次的设备",
    }
    return Chart(title[language], lines, {"en": "devices", "zh": "设备"}[language], "%", first="").svg()


def write(docs: Path) -> None:
    measured.cache_clear()
    for language, ending in (("en", ""), ("zh", ".zh-CN")):
        put(docs / f"scaling{ending}.md", "model", table(language))
        (docs / "images" / f"scaling-share{ending}.svg").write_text(chart(language) + "\n", encoding="utf-8")


def put(page: Path, mark: str, text: str) -> None:
    """Between the page's comments of that name."""
    begin, end = f"<!-- {mark} -->", f"<!-- /{mark} -->"
    before, _, rest = page.read_text(encoding="utf-8").partition(begin)
    page.write_text(f"{before}{begin}\n\n{text}\n\n{end}{rest.partition(end)[2]}", encoding="utf-8")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--write", type=Path)
    asked.add_argument("--check", type=int, nargs="*", default=[])
    asked.add_argument("--by", default=sys.executable, help="whose platform is measured")
    options = asked.parse_args()
    for devices in options.check:
        found = check(devices, options.by)
        wanted = needs(HABITS[1], devices)["memory"]
        print(f"{devices:,}: {found['registered']:,.0f} registered, {found['errors']:.0f} errors, "
              f"{found['cpu'] * 1e6:.0f} µs an exchange, {_bytes(found['memory'])} (model: {_bytes(wanted)}), "
              f"files {_bytes(found['files'])}")  # fmt: skip
    if options.write:
        write(ROOT / options.write)


if __name__ == "__main__":
    main()
