"""When self-registration packets leave, against the schedules of the profile: simulated days on a module as delivered.

What is watched are the module's datagrams to the operator's platform, and how the module's state says what it knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate

from nbtwin.check.phrases import CasePhrase
from nbtwin.check.steps import (
    Need,
    Packet,
    Part,
    Platform,
    Restart,
    Scene,
    Script,
    Watch,
    answers,
    holds,
    prepared,
)
from nbtwin.check.verdicts import Case, CheckRefusal
from nbtwin.engine import DAY, HOUR, Seconds
from nbtwin.module.profile import Profile
from nbtwin.selfreg.cmdmp import DmpState
from nbtwin.selfreg.schedule import Operator, RoundSchedule, Schedule

NEEDS = frozenset({Need.PLATFORM, Need.FACTORY})
PLATFORM_OF = {Operator.MOBILE: "cmdmp", Operator.TELECOM: "telecom", Operator.UNICOM: "unicom"}
TOLERANCE: Seconds = 0.5
"""Of a packet's time (D186)."""
PERIOD = 3600
"""Of CMDMP, as it is set: an hour is short enough for PSM to begin and end within it."""


def schedule_scenes(p: Profile) -> Iterator[Scene]:
    for operator, schedule in p.schedules.items():
        known = _known(p, operator)
        yield _unanswered(p, operator, schedule, known)
        yield _answered(p, operator, schedule, known)
        yield _off(p, operator, known)
        if operator is Operator.MOBILE:
            yield _asleep(p, schedule, known)


def _known(p: Profile, operator: Operator) -> dict[str, str]:
    at = f"schedules.{operator}"
    return {name: p.known_by(f"{at}.{name}") for name in
            ("waits", "hold_off", "update_every", "update_wakes_module", "rounds")}  # fmt: skip


def _on(p: Profile, operator: Operator) -> list[str]:
    """What switches it on, and keeps the module awake meanwhile."""
    lines = ["AT+QSCLK=0"]
    if p.switch is not None and operator in p.switch.operators:
        lines.append(f"AT{p.switch.name}=1")
    return lines


def times_of(schedule: Schedule) -> list[Seconds]:
    """When packets leave while nobody answers, from the first one on."""
    waits = schedule.waits
    of_round = [0, *accumulate(waits[:-1])]
    rounds = schedule.rounds if isinstance(schedule, RoundSchedule) else 1
    between = schedule.gives_up_after + (schedule.hold_off if isinstance(schedule, RoundSchedule) else 0)
    return [start * between + at for start in range(rounds) for at in of_round]


def _shown(times: Sequence[Seconds]) -> str:
    return " ".join(f"{time:g}" for time in times)


def _relative(packets: Sequence[Packet]) -> list[Seconds]:
    return [round(packet.at - packets[0].at, 1) for packet in packets]


def _unanswered(p: Profile, operator: Operator, schedule: Schedule, known: dict[str, str]) -> Scene:
    expected = times_of(schedule)
    platform = PLATFORM_OF[operator]
    of_one = expected[: schedule.packets]
    when = Case(f"schedule/{operator}/waits", CasePhrase.SCHEDULE, known["waits"],
                {"operator": str(operator), "expected": _shown(of_one)})  # fmt: skip
    rounds = Case(f"schedule/{operator}/rounds", CasePhrase.ROUNDS, known["hold_off"],
                  {"operator": str(operator), "expected": len(expected)})  # fmt: skip
    state = Case(f"schedule/{operator}/gives-up", CasePhrase.STATE, p.cmdmp.source,
                 {"line": f"AT{p.cmdmp.name}=6", "expected": str(int(DmpState.REG_TIMEOUT))})  # fmt: skip
    cases = [when, rounds, *([state] if operator is Operator.MOBILE else [])]

    def play() -> Script:
        yield Platform(platform, False)
        for line in _on(p, operator):
            if not (yield from prepared(cases, line)):
                return
        yield Restart()
        packets: list[Packet] = list((yield Watch(expected[-1] + schedule.gives_up_after + 60, platform)))
        found = _relative(packets) if packets else []
        mine = found[: len(of_one)]
        fits = len(mine) == len(of_one) and all(abs(a - b) <= TOLERANCE for a, b in zip(mine, of_one, strict=True))
        yield holds(when, fits, CheckRefusal.PACKETS, expected=_shown(of_one), said=_shown(mine) or "-")
        all_fit = len(found) == len(expected) and all(
            abs(a - b) <= TOLERANCE for a, b in zip(found[len(of_one) :], expected[len(of_one) :], strict=True)
        )
        more = list((yield Watch(DAY, platform)))
        yield holds(
            rounds, all_fit and not more, CheckRefusal.PACKETS, expected=_shown(expected), said=_shown(found) or "-"
        )
        if operator is Operator.MOBILE:
            yield from answers(state, f"AT{p.cmdmp.name}=6", (f"{p.cmdmp.answer_prefix}6,{int(DmpState.REG_TIMEOUT)}",))

    return Scene(tuple(cases), play, NEEDS, fresh=True, card=operator)


def _registered(cases: Sequence[Case], packets: Sequence[Packet]) -> Part:
    if not packets:
        for case in cases:
            yield holds(case, False, CheckRefusal.PACKETS, expected="0", said="-")
    return bool(packets)


def _answered(p: Profile, operator: Operator, schedule: Schedule, known: dict[str, str]) -> Scene:
    """After a success: the update in time, or nothing at all."""
    platform = PLATFORM_OF[operator]
    every = schedule.update_every if isinstance(schedule, RoundSchedule) else PERIOD
    name = str(operator)
    by_update = p.cmdmp.source if operator is Operator.MOBILE else known["update_every"]
    if every is None:
        after = Case(f"schedule/{operator}/once", CasePhrase.ONCE, known["update_every"], {"operator": name})
    else:
        fields = {"operator": name, "expected": f"{every:g}"}
        after = Case(f"schedule/{operator}/update", CasePhrase.UPDATE, by_update, fields)
    states = [
        Case(f"schedule/{operator}/{what}", CasePhrase.STATE, p.cmdmp.source,
             {"line": f"AT{p.cmdmp.name}=6", "expected": str(int(code))})
        for what, code in (("registered", DmpState.REG_SUCCESS), ("updated", DmpState.UPDATE_SUCCESS))
    ] if operator is Operator.MOBILE else []  # fmt: skip
    cases = [after, *states]
    asked = f"AT{p.cmdmp.name}=6"

    def play() -> Script:
        server = f"AT{p.cmdmp.name}=1,{p.cmdmp.default_server},{p.cmdmp.default_port},{PERIOD}"
        lines = [*_on(p, operator), *([server] if operator is Operator.MOBILE else [])]
        for line in lines:
            if not (yield from prepared(cases, line)):
                return
        yield Restart()
        first: tuple[Packet, ...] = yield Watch(120, platform)
        if not (yield from _registered(cases, first)):
            return
        if states:
            yield from answers(states[0], asked, (f"{p.cmdmp.answer_prefix}6,{int(DmpState.REG_SUCCESS)}",))
        if every is None:
            later: list[Packet] = list((yield Watch(3 * HOUR, platform)))
            yield Restart()
            later += yield Watch(2 * DAY, platform)
            said = _shown([packet.at - first[0].at for packet in later])
            yield holds(after, not later, CheckRefusal.PACKETS, expected="-", said=said)
            return
        update: tuple[Packet, ...] = yield Watch(every + 600, platform)
        since = round(update[0].at - first[0].at, 1) if update else None
        fits = since is not None and abs(since - every) <= max(TOLERANCE, every * 1e-4)
        yield holds(
            after, fits, CheckRefusal.PACKETS, expected=f"{every:g}", said="-" if since is None else f"{since:g}"
        )
        if states:
            yield from answers(states[1], asked, (f"{p.cmdmp.answer_prefix}6,{int(DmpState.UPDATE_SUCCESS)}",))

    return Scene(tuple(cases), play, NEEDS, fresh=True, card=operator)


def _off(p: Profile, operator: Operator, known: dict[str, str]) -> Scene:
    """The switch, or mode 0: nothing leaves."""
    platform = PLATFORM_OF[operator]
    switched = p.switch is not None and operator in p.switch.operators
    line = f"AT{p.switch.name}=0" if p.switch is not None and switched else f"AT{p.cmdmp.name}=0,0"
    source = p.switch.source if p.switch is not None and switched else p.cmdmp.source
    case = Case(f"schedule/{operator}/off", CasePhrase.SWITCHED_OFF, source, {"operator": str(operator)})

    def play() -> Script:
        for each in (*_on(p, operator), line):
            if not (yield from prepared((case,), each)):
                return
        yield Restart()
        packets: tuple[Packet, ...] = yield Watch(2 * HOUR, platform)
        said = _shown(_relative(packets)) if packets else "-"
        yield holds(case, not packets, CheckRefusal.PACKETS, expected="-", said=said)

    return Scene((case,), play, NEEDS, fresh=True, card=operator)


def _asleep(p: Profile, schedule: Schedule, known: dict[str, str]) -> Scene:
    """An update that falls due in deep sleep (DOC-C 2.2.4, DOC-D 2.3.2; D57)."""
    wakes = schedule.update_wakes_module
    case = Case("schedule/mobile/asleep", CasePhrase.ASLEEP, known["update_wakes_module"],
                {"operator": "mobile", "expected": "wakes" if wakes else "waits"})  # fmt: skip

    def play() -> Script:
        server = f"AT{p.cmdmp.name}=1,{p.cmdmp.default_server},{p.cmdmp.default_port},{PERIOD}"
        on = [line for line in _on(p, Operator.MOBILE) if not line.startswith("AT+QSCLK")]
        psm = "AT+CPSMS=1,,,01001000,00000101"  # a tracking area update every 80 h, awake for 10 s (27.007 7.38)
        for line in (*on, server, "AT+QSCLK=1", psm):
            if not (yield from prepared((case,), line)):
                return
        yield Restart()
        first: tuple[Packet, ...] = yield Watch(120, "cmdmp")
        if not (yield from _registered((case,), first)):
            return
        update: tuple[Packet, ...] = yield Watch(2 * PERIOD, "cmdmp")
        said = _shown([round(packet.at - first[0].at, 1) for packet in update]) or "-"
        expected = f"{PERIOD}" if wakes else "-"
        yield holds(case, bool(update) == wakes, CheckRefusal.PACKETS, expected=expected, said=said)

    return Scene((case,), play, NEEDS, fresh=True)
