"""The clauses that a real module can be made to show: it is restarted, and registers with a lab whose platforms are
ours.

Safe: nothing is written to the module, and nothing is sent to an operator that it would not send by itself. What takes
a month, hands, a network that fails, or settings, is not run, and says so. Knows the port and the lab; judges with the
same conditions as for a virtual module.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence

from nbtwin.api.lab import Lab
from nbtwin.api.real.line import PortLine
from nbtwin.api.real.module import ModuleAsker, RealPort
from nbtwin.api.results import TimelineEntry
from nbtwin.check.acceptance.acceptance import (
    Acceptance,
    AcceptError,
    AcceptRefusal,
    ClauseResult,
    Outcome,
    clauses_for,
)
from nbtwin.check.acceptance.clauses import Clause, Subject, table
from nbtwin.check.acceptance.conditions import Judged, gather, judge
from nbtwin.check.capture.forms import Forms
from nbtwin.engine import HOUR, CodedError, Seconds
from nbtwin.host.errors import HostError
from nbtwin.host.startup import StartUpFailed, restart
from nbtwin.lab.recorder import LineRecorder
from nbtwin.operators.key_store.appkeys import LAB_APPKEY, LAB_PASSWORD, AppkeyStore
from nbtwin.timeline.ring import Timeline
from nbtwin.timeline.span import parse_span

EVERY: Seconds = 0.5
"""How often the platform is asked meanwhile."""
_HANDS = ("usim", "firmware", "power", "coverage", "signal", "rebind", "wake")
_LONGEST: Seconds = HOUR


def why_not(clause: Clause) -> CodedError:
    """Why a real module is not made to show it."""
    fields = clause.fields
    steps = fields.get("steps", [])
    span = parse_span(str(fields["until"])) if "until" in fields else 0.0
    if clause.other_card or any(name in step for step in steps for name in _HANDS):
        return AcceptError(AcceptRefusal.NEEDS_HANDS)
    if fields.get("faults") or any(name in step for step in steps for name in ("refuses", "forgets", "server")):
        return AcceptError(AcceptRefusal.NEEDS_FAULT)
    if any("=" in str(step.get("send", "")) for step in steps):
        return AcceptError(AcceptRefusal.NEEDS_SETTINGS)
    if span > _LONGEST:
        return AcceptError(AcceptRefusal.NEEDS_TIME, span=span)
    return AcceptError(AcceptRefusal.NEEDS_CHANGE)


def accept_real(
    operator: str,
    subject: Subject,
    port: RealPort,
    there: Lab,
    only: Sequence[str] = (),
    progress: Callable[[int, int, Clause], object] | None = None,
) -> Acceptance:
    """``there``: the lab that the module registers with; its platform is strict meanwhile. Ctrl-C ends it with what has
    been shown so far."""
    clauses, platform = clauses_for(operator, subject, only), table(operator, subject).platform
    asker = ModuleAsker(PortLine(port.module, LineRecorder(Timeline(1000)), "module"), port.identity)
    made = Acceptance(
        operator, subject, port.identity.found.imei, asker.firmware, asker.imsi_of_card() or "", asker.iccid() or "",
        is_real=True,
    )  # fmt: skip
    off = _switched_off(operator, asker)
    face = there.platform(platform)
    was_strict = face.strict
    try:
        face.strict = True
        for number, clause in enumerate(clauses):
            if progress is not None:
                progress(number, len(clauses), clause)
            made.results.append(_run(clause, platform, made, port, there, off))
    except KeyboardInterrupt:
        made.stopped = True
        stopped = AcceptError(AcceptRefusal.STOPPED)
        made.results += [ClauseResult(each, Outcome.NOT_RUN, why=stopped) for each in clauses[len(made.results) :]]
    finally:
        face.strict = was_strict
    return made


def _switched_off(operator: str, asker: ModuleAsker) -> AcceptError | None:
    """The switch with which the module's self-registration is off; None: it is on, or the model has none."""
    profile = asker.profile
    switch = profile.switch
    off = {switch.name: ["0"]} if switch is not None and operator in map(str, switch.operators) else {}
    if operator == "mobile":
        off[profile.cmdmp.name] = ["0", "0"]  # setting 0, the mode
    for name, said in off.items():
        if asker.value(name)[: len(said)] == said:
            return AcceptError(AcceptRefusal.SWITCHED_OFF, command=name, said=",".join(said))
    return None


def _run(
    clause: Clause, platform: str, made: Acceptance, port: RealPort, there: Lab, off: AcceptError | None
) -> ClauseResult:
    if not clause.applies:
        return ClauseResult(clause, Outcome.NOT_APPLICABLE)
    why = why_not(clause) if clause.real is None else None
    if off is not None and (why is None or why.code is AcceptRefusal.NEEDS_CHANGE):
        why = off
    if why is not None:
        return ClauseResult(clause, Outcome.NOT_RUN, why=why)
    since = there.now
    try:
        port.module.play(restart(port.identity.family))
    except (StartUpFailed, HostError):
        return ClauseResult(clause, Outcome.NOT_RUN, why=AcceptError(AcceptRefusal.NO_RESTART))
    return _watch(clause, platform, made, there, since)


def _watch(clause: Clause, platform: str, made: Acceptance, there: Lab, since: Seconds) -> ClauseResult:
    """Until all of it holds, or its time is over."""
    assert clause.real is not None
    subject = made.subject
    forms = Forms(made.operator, subject.profile, AppkeyStore({LAB_APPKEY: LAB_PASSWORD}), vendor=subject.vendor)
    until = since + parse_span(str(clause.real.within))
    while True:
        entries = _of_module(there.entries(since=since), made.imei)
        evidence = gather(entries, platform)
        for each in evidence.sent:
            each.at = [at - since for at in each.at]
        conditions: list[Judged] = [judged for holds in clause.real.holds for judged in judge(holds, evidence, forms)]
        passed = all(judged.passed for judged in conditions)
        if passed or there.now >= until:
            outcome = Outcome.PASSED if passed else Outcome.FAILED
            return ClauseResult(clause, outcome, (), conditions, entries, took=there.now - since)
        time.sleep(EVERY)


def _of_module(entries: Iterable[TimelineEntry], imei: str) -> list[TimelineEntry]:
    """What concerns the module: what the platform says of it, and what comes from its addresses."""
    found = list(entries)
    peers = set()
    for entry in found:
        peer = entry.fields.get("peer")
        if entry.kind == "platform" and str(entry.fields.get("device", "")).endswith(imei) and peer:
            peers.add(f"{peer[0]}:{peer[1]}")
    return [
        entry for entry in found
        if (entry.kind == "platform" and str(entry.fields.get("device", "")).endswith(imei))
        or (entry.kind == "datagram" and peers & {entry.fields["source"], entry.fields["destination"]})
    ]  # fmt: skip
