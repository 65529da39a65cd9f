"""A golden trace: a refactoring keeps every byte and every deadline, a change of behaviour shows where it begins.

``NBTWIN_GOLDEN=write`` stores the new trace instead of comparing; the commit that changes it says why.
"""

from __future__ import annotations

import os
from pathlib import Path

from golden_fleet import DAYS, MODULES, Recorder, digests, run

from nbtwin.profiles.models import PROFILES

STORED = Path(__file__).with_name("golden_trace.txt")
_FIELDS = 7  # before the days: name, model, operator, sleep, sent, heard, deadlines
_SHOWN = 40


def test_fifty_modules_of_all_models_and_operators_do_for_thirty_days_what_they_always_did() -> None:
    recorder = run()
    lines = digests(recorder)
    if os.environ.get("NBTWIN_GOLDEN") == "write":
        STORED.write_text("\n".join(lines) + "\n")
    stored = STORED.read_text().split("\n")[:-1]
    assert lines[0] == stored[0], difference(stored, lines, recorder)
    assert lines == stored


def test_the_stored_trace_has_every_model_every_operator_and_something_to_say() -> None:
    rows = [line.split() for line in STORED.read_text().splitlines()[1:]]
    assert len(rows) == MODULES
    assert {row[1] for row in rows} == {model.replace(" ", "-") for model in PROFILES}
    assert {row[2] for row in rows} == {"mobile", "telecom", "unicom"}
    assert {row[3] for row in rows} == {"awake", "asleep"}
    assert all(int(sent) and int(deadlines) for _, _, _, _, sent, _, deadlines, *_ in rows)


def test_the_same_seed_gives_the_same_trace_and_a_difference_is_told_where_it_begins() -> None:
    stored = STORED.read_text().splitlines()
    changed = [line.split() for line in stored]
    changed[9][4], changed[9][_FIELDS + 11] = "999", "ffffff"  # m08, day 12
    told = difference([" ".join(words) for words in changed], stored, Recorder())
    assert "1 of 50 modules" in told
    assert "m08" in told
    assert "day 12" in told
    assert "sent 999 ->" in told


def difference(stored: list[str], lines: list[str], recorder: Recorder) -> str:
    """Which modules, what of their counts, and the first day that differs with what is done on it now."""
    told, first = [], (DAYS, "")
    for old, new in zip((s.split() for s in stored[1:]), (s.split() for s in lines[1:]), strict=True):
        if old == new:
            continue
        days = [day for day in range(DAYS) if old[_FIELDS + day] != new[_FIELDS + day]]
        names = ("sent", "heard", "deadlines")
        counts = [f"{name} {a} -> {b}" for name, a, b in zip(names, old[4:7], new[4:7], strict=True) if a != b]
        begins = f"from day {days[0] + 1}, on {len(days)} days" if days else "the counts alone"
        told.append(f"  {' '.join(new[:4])}: {begins} {', '.join(counts)}".rstrip())
        first = min(first, (days[0] if days else DAYS, new[0]))
    day, name = first
    entries = recorder.traces[name, day].entries[:_SHOWN]
    return "\n".join(
        (
            f"the trace of {len(told)} of {MODULES} modules has changed (one module's bytes move its neighbours':",
            "begin with the earliest). If that is meant: NBTWIN_GOLDEN=write, and say why in the commit.",
            *told[:15],
            f"{name} does on day {day + 1} now:",
            *(f"  {entry}" for entry in entries),
        )
    )
