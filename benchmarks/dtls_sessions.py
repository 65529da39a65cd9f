"""DTLS sessions on one platform port: handshakes a second and memory a session, beside OpenSSL through Python.

Handshakes of both servers are made by turns in one process, so that the machine's moods hit both; memory is measured in
a process for each.
"""

from __future__ import annotations

import subprocess
import sys

from benchmarks import ROOT
from benchmarks.figures import Figure
from nbtwin.runtime.errors import Failed, UsageRefusal

SESSIONS = 10_000
"""Where there is time for them: three seconds."""
_SUITES = {"128_CCM_8": "PSK-AES128-CCM8", "128_CBC_SHA256": "PSK-AES128-CBC-SHA256"}
_OPENSSL = "OpenSSL through Python"


def measure(seconds: float) -> list[Figure]:
    sessions = min(SESSIONS, max(200, int(SESSIONS * seconds / 3)))
    figures = []
    for suite, name in _SUITES.items():
        rates = _run("rate", suite, sessions, "ours", "openssl") or _run("rate", suite, sessions, "ours") or [0.0]
        notes = f"the server's CPU alone; full handshakes with cookie, {sessions:,} sessions kept"
        figures.append(
            _figure("DTLS handshakes on one port", rates[0], "/s", _beside(_OPENSSL, rates[1:]), name, notes)
        )
        memory = [each / 1024 for kind in ("ours", "openssl") for each in _run("memory", suite, sessions, kind) or []]
        beside = _beside(f"{_OPENSSL}, buffers released", memory[1:])
        notes = "of the whole process, with what a resumption needs"
        figures.append(_figure("memory of a DTLS session", memory[0], "KiB", beside, name, notes))
    return figures


def _figure(what: str, value: float, unit: str, peers: dict[str, float], suite: str, notes: str) -> Figure:
    return Figure(f"{what}, {suite}", value, unit, {}, notes, peers)


def _beside(name: str, figures: list[float]) -> dict[str, float]:
    return {name: figures[0]} if figures else {}


def _run(what: str, suite: str, sessions: int, *kinds: str) -> list[float] | None:
    """None where a peer cannot be had."""
    command = [sys.executable, "-m", "benchmarks.dtls_child", what, suite, str(sessions), *kinds]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False, cwd=ROOT)
    word, *figures = done.stdout.split()[: 1 + len(kinds)] or [""]
    if done.returncode or word not in ("figures", "none"):
        raise Failed(
            UsageRefusal.FOREIGN,
            "bench",
            detail=f"{' '.join(command[1:])} ended with {done.stderr.strip().splitlines()[-1:]}",
        )
    return list(map(float, figures)) if word == "figures" else None
