"""Our platform and Leshan under the same fleet (`nbtwin fleet`), the same plan and the same run, in turns: over
devices, loss, payload and processes. What came of it is a page, docs/fleet-curves, with a table and pictures in both
languages.

Each server is there from the beginning, on a core of its own, warmed by the same fleet. Knows no figure of others.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from benchmarks.figures import Figure, machine, rounded
from benchmarks.load import OURS, unless_missing
from benchmarks.peers import LESHAN, peer
from benchmarks.processes import SERVER_CPU, Server, nbtwin
from benchmarks.svg import Chart
from nbtwin.runtime.errors import Failed, UsageRefusal

TWO, WARM = "nbtwin, 2 processes", "warm"
DEVICES, GRANTED = (1_000, 10_000, 100_000, 1_000_000), {1_000_000: 30.0}
"""The largest where so many seconds a curve are granted."""
FEW, LOSS, PAYLOAD, PROCESSES = 1_000, (0.0, 0.05, 0.1, 0.2), (10, 100, 1_000), (1, 2)
WARM_UP = 10_000
MOST, LONGEST = 10_000.0, 300.0
"""A second, and seconds for all devices to register: a machine that is busy has lower rates, and smaller fleets."""
WITHIN = 1_260.0
"""Seconds for all of it: what would go beyond is left out, and the page says so."""
OVER = 30.0
"""Seconds that a point may take longer than its plan: a start, and what is repeated."""
_START, _END = "<!-- table -->", "<!-- /table -->"
_REGISTRATION, _VALUE = "registration p50 / p99 / p99.9, ms", "value p50 / p99 / p99.9, ms"
_WORDS = {
    "devices": "设备数", "loss, %": "丢包，%", "payload, bytes": "载荷，字节", "server": "服务器", "errors": "错误",
    "processes of the fleet": "设备群的进程数", "registered": "已注册", "answers/s": "每秒应答",
    "asked/s": "每秒被请求",
    _REGISTRATION: "注册 p50 / p99 / p99.9，毫秒", _VALUE: "上报 p50 / p99 / p99.9，毫秒",
    "server: µs of CPU an exchange": "服务器：每次交互 CPU，微秒", "server: MiB": "服务器：MiB",
    "fleet: µs of CPU an exchange": "设备群：每次交互 CPU，微秒", "fleet: MiB": "设备群：MiB",
    TWO: "nbtwin，2 个进程", "Left out": "未测", "one of them is enough": "一台已足够",
    "too slow on this machine": "在这台机器上过慢", "the time was over": "时间已到",
    "the server has ended": "服务器已退出",
    "granted from --seconds 30 on": "--seconds 30 起才测",
}  # fmt: skip


@dataclass(frozen=True)
class Point:
    """One fleet. ``axis`` and ``x``: which curve, and where on it."""

    axis: str
    x: float
    devices: int = FEW
    loss: float = 0.0
    payload: int = 40
    processes: int = 1
    values: float = 1.0
    """For so many seconds they are sent."""
    most: float = MOST

    @property
    def rate(self) -> float:
        return self.most if self.axis == WARM else min(self.most, max(500.0, self.devices / 4))

    @property
    def takes(self) -> float:
        """Seconds, about."""
        return self.devices / self.rate + self.values + OVER

    def plan(self, port: int) -> dict[str, Any]:
        """Waits are a tenth of RFC 7252's where there is loss, or a run would take minutes."""
        phases = [
            {"do": "register", "rate": self.rate},
            {"do": "uplink", "rate": self.rate, "for": f"{self.values:g}s"},
        ]
        return {
            "target": f"coap://127.0.0.1:{port}",
            "devices": {"count": self.devices, "name": f"{self.axis[:4]}{self.x:g}-{{n:07}}"},
            "loss": self.loss, "payload": self.payload, "phases": phases, "keep": self.axis == "devices",
            **({"ack_timeout": "200ms", "grace": "15s"} if self.loss else {"grace": "60s"}),
        }  # fmt: skip


@dataclass(frozen=True)
class Row:
    """What came of a point at one server. ``server_cpu``: microseconds an exchange, whoever asked; ``resident``: MiB
    afterwards."""

    point: Point
    server: str
    told: dict[str, Any]
    server_cpu: float
    resident: float

    def waits(self, kind: str) -> str:
        there = self.told["latency"].get(kind, {})
        return " / ".join(
            "–" if (value := there.get(p)) is None else rounded(value * 1e3) for p in ("p50", "p99", "p999")
        )


@dataclass(frozen=True)
class LeftOut:
    """A point that was not measured: at one server, or at all of them."""

    point: Point
    why: str
    server: str = ""


def points(seconds: float, most: float) -> tuple[list[Point], list[LeftOut]]:
    """``seconds``: of values, for the points of a curve together; ``most``: requests a second. The largest comes last:
    what does not fit into the time any more is that one."""
    curves = (
        [Point("devices", n, devices=n) for n in DEVICES],
        [Point("loss, %", 100 * share, loss=share) for share in LOSS],
        [Point("payload, bytes", size, payload=size) for size in PAYLOAD],
        [Point("processes of the fleet", n, devices=10_000, processes=n) for n in PROCESSES],
    )
    found: list[Point] = []
    left: list[LeftOut] = []
    for curve in curves:
        for point in curve:
            point = replace(point, most=most, values=seconds / len(curve))
            if seconds < GRANTED.get(point.devices, 0):
                left.append(LeftOut(point, "granted from --seconds 30 on"))
            elif point.devices > most * LONGEST:
                left.append(LeftOut(point, "too slow on this machine"))
            else:
                found.append(point)
    return sorted(found, key=lambda point: point.devices == max(DEVICES)), left


@contextmanager
def _ours(processes: int) -> Iterator[tuple[int, Server]]:
    more = ("--processes", str(processes)) if processes > 1 else ()
    with tempfile.TemporaryDirectory() as state:
        arguments = ("platform", "--ports", "andlink=0", "--state", state, *more)
        with nbtwin(*arguments, pinned=processes == 1) as server:
            yield server.udp, server


def run(point: Point, port: int, server: Server) -> tuple[dict[str, Any], float]:
    """What the fleet tells, and the server's CPU for an exchange."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        yaml.safe_dump(point.plan(port), file)
        file.flush()
        command = [sys.executable, "-m", "nbtwin", "fleet", "--plan", file.name, "--json"]
        if point.processes > 1:
            command += ["--processes", str(point.processes)]
        elif shutil.which("taskset"):
            command = ["taskset", "-c", str(SERVER_CPU + 1), *command]
        before = server.cpu_together
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Failed(UsageRefusal.FOREIGN, "bench", detail=f"fleet: {done.stderr.strip()[-300:]}")
    told = json.loads(done.stdout)
    return told, (server.cpu_together - before) / max(1, told["ended"] + _asked(told)) * 1e6


def _asked(told: dict[str, Any]) -> int:
    """By the server: ours observes and reads after a registration, Leshan asks nothing by itself."""
    return sum(told["asked"].values())


def rows(seconds: float) -> tuple[list[Row], list[LeftOut]]:
    found: list[Row] = []
    until = time.monotonic() + WITHIN
    with ExitStack() as stack:
        servers = {OURS: stack.enter_context(_ours(1)), TWO: stack.enter_context(_ours(2))}
        theirs = unless_missing(lambda: stack.enter_context(peer(LESHAN)), None)
        if theirs is not None:
            servers[LESHAN] = theirs
        fastest = [_full_rate(port, server) for port, server in servers.values()]
        chosen, left = points(seconds, min(MOST, min(fastest) / 2))
        for point in chosen:
            for name, (port, server) in servers.items():
                if name == TWO and point.axis not in ("devices", "processes of the fleet"):
                    continue
                if why := _hindered(point, name, server, until - time.monotonic()):
                    left.append(LeftOut(point, why, name))
                    continue
                told, cpu = run(point, port, server)
                if server.ended:
                    left.append(LeftOut(point, "the server has ended", name))
                else:
                    found.append(Row(point, name, told, cpu, server.resident))
    return found, left


def _hindered(point: Point, name: str, server: Server, left: float) -> str:
    """Why a point cannot be measured, or nothing."""
    if server.ended:
        return "the server has ended"
    if point.takes > left:
        return "the time was over"
    return "one of them is enough" if name == TWO and point.devices == max(DEVICES) else ""


def _full_rate(port: int, server: Server) -> float:
    """Answers a second of one that is warmed by it."""
    told, _ = run(Point(WARM, 0, devices=WARM_UP, most=2 * MOST), port, server)
    last = max((n for n, row in enumerate(told["seconds"], 1) if row["good"]), default=1)
    return float((told["ended"] - told["errors"]) / last)


def measure(seconds: float) -> list[Figure]:
    """One figure a curve: the server's CPU for an exchange, at its last point."""
    return figures(rows(seconds)[0])


def figures(found: list[Row]) -> list[Figure]:
    made = []
    for axis in dict.fromkeys(row.point.axis for row in found):
        x = max(row.point.x for row in found if row.point.axis == axis)
        there = {row.server: row for row in found if row.point.axis == axis and row.point.x == x}
        own = there.pop(OURS)
        notes = f"{x:,.9g}; p99 of a registration {(own.told['latency']['register']['p99'] or 0) * 1e3:.1f} ms"
        beside = {name: row.server_cpu for name, row in there.items() if name != TWO}
        made.append(Figure(f"a fleet over {axis}: server's CPU an exchange", own.server_cpu, "µs", {}, notes, beside))
    return made


# The page


def table(found: list[Row], left: Sequence[LeftOut] = (), chinese: bool = False) -> str:
    """In bold stands what another server does better."""

    def word(text: str) -> str:
        return _WORDS.get(text, text) if chinese else text

    lines = [machine()]
    for axis in dict.fromkeys(row.point.axis for row in found):
        heads = (
            axis, "server", "registered", "answers/s", "asked/s", "errors", _REGISTRATION, _VALUE,
            "server: µs of CPU an exchange", "server: MiB", "fleet: µs of CPU an exchange", "fleet: MiB",
        )  # fmt: skip
        lines += ["", "| " + " | ".join(map(word, heads)) + " |", "|" + "---|" * len(heads)]
        for row in (row for row in found if row.point.axis == axis):
            others = [one for one in found if one.point == row.point and one.server == LESHAN]
            lines.append("| " + " | ".join(_cells(row, others[0] if others else None, word)) + " |")
    if left:
        lines.append("")
        gap, end = ("；", "。") if chinese else ("; ", ".")
        lines.append(
            word("Left out") + ("：" if chinese else ": ") + gap.join(_left_out(one, word) for one in left) + end
        )
    return "\n".join(lines)


def _left_out(one: LeftOut, word: Any) -> str:
    where = f", {word(one.server)}" if one.server else ""
    return f"{word(one.point.axis)} {one.point.x:,.9g}{where} ({word(one.why)})"


def _cells(row: Row, beside: Row | None, word: Any) -> Iterator[str]:
    def bold(text: str, lost: bool) -> str:
        return f"**{text}**" if lost and row.server != LESHAN else text

    told, own = row.told, row.told["generator"]
    other = beside.told if beside is not None else None

    def slower(kind: str) -> bool:
        mine = told["latency"].get(kind, {}).get("p99") or 0
        return other is not None and mine > 1.1 * (other["latency"].get(kind, {}).get("p99") or mine)

    yield from (f"{row.point.x:,.9g}", word(row.server), f"{told['registered_most']:,}")
    yield f"{(told['ended'] - told['errors']) / told['ran']:,.0f}"
    yield f"{_asked(told) / told['ran']:,.0f}"
    yield bold(f"{told['errors']:,}", other is not None and told["errors"] > 1.1 * other["errors"])
    yield bold(row.waits("register"), slower("register"))
    yield bold(row.waits("uplink"), slower("uplink"))
    yield bold(rounded(row.server_cpu), beside is not None and row.server_cpu > 1.05 * beside.server_cpu)
    yield bold(f"{row.resident:,.0f}", beside is not None and row.resident > 1.05 * beside.resident)
    yield from (rounded((own["cpu_per_exchange"] or 0) * 1e6), f"{own['memory'] / 2**20:,.0f}")


def pictures(found: list[Row]) -> dict[str, str]:
    """SVG by name of a file."""
    made = {}
    for axis in dict.fromkeys(row.point.axis for row in found):
        name, logarithmic = axis.partition(",")[0].partition(" ")[0], axis in ("devices", "payload, bytes")
        cpu: dict[str, list[tuple[float, float]]] = {}
        waits: dict[str, list[tuple[float, float]]] = {}
        for row in (row for row in found if row.point.axis == axis):
            server = row.server.replace(",", " with")
            cpu.setdefault(server, []).append((row.point.x, row.server_cpu))
            for kind, said in (("register", "registration p99"), ("uplink", "value p99")):
                wait = row.told["latency"].get(kind, {}).get("p99")
                if wait:
                    waits.setdefault(f"{server}, {said}", []).append((row.point.x, wait * 1e3))
        title = "CPU of the server for one exchange of a fleet"
        made[f"fleet-{name}-cpu.svg"] = Chart(title, cpu, axis, "µs", logarithmic_x=logarithmic).svg()
        title = "How long devices of a fleet wait"
        made[f"fleet-{name}-waits.svg"] = Chart(title, waits, axis, "ms", logarithmic_x=logarithmic).svg()
    memory: dict[str, list[tuple[float, float]]] = {}
    for row in (row for row in found if row.point.axis == "devices"):
        memory.setdefault(row.server.replace(",", " with"), []).append((row.point.x, row.resident))
    title = "Memory of the server, of all its processes"
    made["fleet-devices-memory.svg"] = Chart(title, memory, "devices", "MiB", logarithmic_x=True).svg()
    return made


def write(found: list[Row], left: Sequence[LeftOut], docs: Path) -> None:
    """The page's table in both languages, and its pictures."""
    for name, picture in pictures(found).items():
        (docs / "images" / name).write_text(f"{picture}\n")
    for name, chinese in (("fleet-curves.md", False), ("fleet-curves.zh-CN.md", True)):
        page = docs / name
        before, _, rest = page.read_text().partition(_START)
        page.write_text(f"{before}{_START}\n\n{table(found, left, chinese)}\n\n{_END}{rest.partition(_END)[2]}")
