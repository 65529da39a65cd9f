"""`nbtwin cost MODEL`: what self-registration costs in datagrams, bytes, time awake and time on the air.

Knows how the answer is shown: a table, JSON, a chart. What it is, is known in `nbtwin.scenario.cost`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from nbtwin.cli.language import chosen
from nbtwin.cli.refusals import CliRefusal
from nbtwin.runtime.errors import SpecError, WrongUsage

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from nbtwin.module.identity import Usim
    from nbtwin.scenario.cost import Bill, Comparison, Question
    from nbtwin.scenario.fleet import Fleet
    from nbtwin.scenario.meter import Usage
    from nbtwin.scenario.registration_log import RegistrationDeed
    from nbtwin.selfreg.schedule import Operator

Model = typer.Argument(metavar="MODEL", help="See `nbtwin models`.")
Sim = typer.Option(
    "mobile",
    "--sim",
    metavar="mobile|telecom|unicom|NUMBERS",
    help="Whose card is in it; or its numbers: plmn=46011, imsi=460110123456789, iccid=….",
)
Days = typer.Option(30, "--days", min=1, max=3660, help="How many days are simulated.")
Faults = typer.Option([], "--fault", metavar="FAULT", help="E.g. silence,destination=telecom,end=1h. May be repeated.")
Sleeps = typer.Option("30h,10s", "--psm", metavar="T3412,T3324|off", help="The timers that the host asks for.")
Headers = typer.Option(True, "--headers/--payload", help="Count 28 octets of IPv4 and UDP headers a datagram, or not.")
Latency = typer.Option("0", "--latency", metavar="SPAN", help="Of every datagram, one way: 250ms.")
Seed = typer.Option(1, "--seed", metavar="N", help="The same seed, the same answer.")
Modules = typer.Option(1, "--modules", metavar="N", min=1, max=1_000_000, help="So many of them, a fleet.")
Spread = typer.Option("1d", "--spread", metavar="SPAN", help="How long it takes until all of a fleet are switched on.")
Jobs = typer.Option(0, "--jobs", metavar="N", min=0, max=256, help="Processes for a fleet; 0: one for each core.")
Json = typer.Option(False, "--json", help="One JSON object instead of the tables.")
Chart = typer.Option(None, "--chart", metavar="FILE.svg", help="Draw it by day, too.")
_MOST_ROWS = 31
_MOST_DEEDS = 16


def cost(
    model: str = Model,
    sim: str = Sim,
    days: int = Days,
    fault: list[str] = Faults,
    psm: str = Sleeps,
    headers: bool = Headers,
    latency: str = Latency,
    seed: int = Seed,
    modules: int = Modules,
    spread: str = Spread,
    jobs: int = Jobs,
    as_json: bool = Json,
    chart: Path | None = Chart,
) -> None:
    """What self-registration does and costs: datagrams, bytes, time awake, with it and without.

    \b
    nbtwin cost BC25 --sim telecom --fault silence,destination=telecom,end=1h
    nbtwin cost BC260Y-CN --days 365 --chart cost.svg
    nbtwin cost BC260Y-CN --modules 10000 --psm off --jobs 2

    Both runs are simulated, with the same seed and the same faults; the host is silent.
    A fleet is simulated in worlds of at most 200 modules, each with a platform of its own; the answer is the sum, and
    the same with any number of processes.
    """
    from nbtwin.scenario.cost import NeverRegisters, compare
    from nbtwin.scenario.meter import HEADERS

    question = _question(model, sim, days, fault, psm, latency, seed, modules)
    fleet = None if modules == 1 else _fleet(modules, spread, question)
    try:
        comparison = compare(question) if fleet is None else _compare_fleet(question, fleet, jobs)
    except NeverRegisters as error:
        raise WrongUsage.of(error) from None
    octets = HEADERS if headers else 0
    if chart is not None:
        _write_chart(chart, comparison, octets)
    if as_json:
        values = as_values(comparison, octets, chosen())
        if fleet is not None:
            values = {"modules": modules, "spread": fleet.spread, "worlds": fleet.worlds, **values}
        print(json.dumps(values, ensure_ascii=False, indent=2))
    else:
        _show(comparison, octets, chosen(), fleet)


def _fleet(modules: int, spread: str, question: Question) -> Fleet:
    from nbtwin.engine import DAY
    from nbtwin.scenario.fleet import Fleet
    from nbtwin.timeline.span import parse_span

    try:
        fleet = Fleet(modules, parse_span(spread))
    except ValueError as error:
        raise WrongUsage.of(error, "--spread") from None
    if fleet.spread > question.days * DAY:
        raise WrongUsage(CliRefusal.SPREAD_LONGER, "--spread", seconds=fleet.spread, days=question.days)
    return fleet


def _compare_fleet(question: Question, fleet: Fleet, jobs: int) -> Comparison:
    """With how far it is on the terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    from nbtwin.runtime.worlds import cores
    from nbtwin.scenario.fleet import compare_fleet
    from nbtwin.scenario.phrases import CostPhrase
    from nbtwin.timeline.catalogue import say

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        total = 2 * fleet.worlds
        task = progress.add_task(say(CostPhrase.WORLDS, chosen(), count=total), total=total)
        return compare_fleet(
            question, fleet, jobs or cores(), on_done=lambda done: progress.update(task, completed=done)
        )


def _question(
    model: str, sim: str, days: int, faults: Sequence[str], psm: str, latency: str, seed: int, modules: int
) -> Question:
    from nbtwin.lab.faults import Fault, FaultError, check_names
    from nbtwin.runtime.spec import find_model
    from nbtwin.scenario.cost import NAME, PLATFORMS, Psm, Question
    from nbtwin.scenario.fleet import name_of
    from nbtwin.timeline.span import parse_span

    card, operator = _card(sim)
    if modules > 1 and sim != str(operator):
        raise WrongUsage(CliRefusal.ONE_CARD, "--sim", value=sim)
    names = [NAME] if modules == 1 else [name_of(number) for number in range(1, modules + 1)]
    try:
        for fault in map(Fault.parse, faults):
            check_names(fault, (*names, PLATFORMS[operator]))
        return Question(
            find_model(model),
            operator,
            days,
            Psm.parse(psm),
            [Fault.parse(f) for f in faults],
            seed,
            parse_span(latency),
            card,
        )
    except FaultError as error:
        raise WrongUsage.of(error, "--fault") from None
    except ValueError as error:
        raise WrongUsage.of(error) from None


def _card(text: str) -> tuple[Usim, Operator]:
    from nbtwin.scenario.cost import NAME
    from nbtwin.scenario.refusals import ScenarioError
    from nbtwin.scenario.values import CardValue
    from nbtwin.selfreg.schedule import Operator

    try:
        card = CardValue.read(text).usim(NAME)
    except (ScenarioError, SpecError) as error:
        raise WrongUsage.of(error, "--sim") from None
    if card is None or card.operator is None:
        raise WrongUsage(CliRefusal.NONE_OF, "--sim", value=text, known=list(map(str, Operator)))
    return card, card.operator


def _write_chart(path: Path, comparison: Comparison, headers: int) -> None:
    from nbtwin.scenario.chart import draw

    if path.suffix.lower() != ".svg":
        raise WrongUsage(CliRefusal.ENDING, f"--chart {path}", known=".svg")
    try:
        path.write_text(draw(comparison, headers, chosen()), encoding="utf-8")
    except OSError as error:
        raise WrongUsage.of(error, f"--chart {path}") from None


def as_values(comparison: Comparison, headers: int, language: str = "en") -> dict[str, Any]:
    """The answer as plain JSON values."""
    question = comparison.question
    psm = None if question.psm is None else {"T3412": question.psm.update, "T3324": question.psm.active}
    return {
        "model": question.profile.model,
        "operator": str(question.operator),
        "days": question.days,
        "seed": question.seed,
        "psm": psm,
        "faults": [fault.as_dict() for fault in question.faults],
        "headers": headers,
        "on": _bill(comparison.on, headers, language),
        "off": _bill(comparison.off, headers, language),
    }


def _bill(bill: Bill, headers: int, language: str) -> dict[str, Any]:
    from nbtwin.timeline.plain import fields_of

    total, days = bill.total, len(bill.days)
    values = _usage(total, headers)
    return {
        "registrations": bill.registrations,
        "updates": bill.updates,
        "total": values,
        "per_day": {name: value / days for name, value in values.items()},
        "days": [_usage(day, headers) for day in bill.days],
        "events": [
            {
                "at": deed.at,
                **({"module": deed.module} if deed.module else {}),
                "what": deed.words(language),
                "code": deed.what.code,
                "fields": fields_of(deed.what),
            }
            for deed in bill.deeds
        ],
    }


def _usage(usage: Usage, headers: int) -> dict[str, float]:
    return {"datagrams": usage.datagrams, **asdict(usage), "bytes": usage.octets(headers)}


# The tables


def _show(comparison: Comparison, headers: int, language: str, fleet: Fleet | None) -> None:
    from rich.console import Console
    from rich.text import Text

    from nbtwin.scenario.phrases import CostPhrase
    from nbtwin.timeline.catalogue import say

    console = Console(highlight=False)
    question = comparison.question
    psm = "" if question.psm is None else str(question.psm)
    asked = {"model": question.profile.model, "operator": question.operator, "days": question.days}
    conditions = Text(say(CostPhrase.CONDITIONS, language, **asked, psm=psm, headers=headers))
    conditions.highlight_words([question.profile.model], "bold")
    console.print(conditions, soft_wrap=True)
    if fleet is not None:
        asked = {"modules": fleet.modules, "spread": fleet.spread, "worlds": fleet.worlds}
        console.print(say(CostPhrase.FLEET, language, **asked), soft_wrap=True)
    for fault in question.faults:
        said = say(CostPhrase.FAULT, language, fault=fault.as_dict())
        console.print(said, style="red", markup=False, soft_wrap=True)
    console.print()
    if fleet is None:
        _print_deeds(console, comparison.on.deeds, language)
    console.print(_answer(comparison, headers, language), style="bold", soft_wrap=True)
    console.print()
    console.print(_totals(comparison, headers, language))
    _print_days(console, comparison, headers, language)


def _print_deeds(console: Console, deeds: list[RegistrationDeed], language: str) -> None:
    """What it does, and when: the first lines, the rest is in the JSON."""
    from nbtwin.scenario.phrases import CostPhrase
    from nbtwin.scenario.registration_log import runs, words_of
    from nbtwin.timeline.catalogue import say
    from nbtwin.timeline.clock import format_simulated

    told = runs(deeds)
    for run in told[:_MOST_DEEDS]:
        what = words_of(run.what, language)
        if run.times > 1:
            what = say(CostPhrase.AGAIN, language, what=what, times=run.times, last=format_simulated(run.last)[:-4])
        console.print(f"{format_simulated(run.first)[:-4]:>12}  {what}", markup=False, soft_wrap=True)
    if not told:
        console.print(say(CostPhrase.NOTHING, language))
    elif len(told) > _MOST_DEEDS:
        console.print(f"{'':>12}  {say(CostPhrase.MORE, language, count=len(told) - _MOST_DEEDS)}")


def _answer(comparison: Comparison, headers: int, language: str) -> str:
    """The question integrators ask, in a sentence."""
    from nbtwin.scenario.chart import show_bytes
    from nbtwin.scenario.phrases import CostPhrase
    from nbtwin.timeline.catalogue import say

    on, off = comparison.on.total, comparison.off.total
    awake, connected = on.awake - off.awake, on.connected - off.connected
    return say(
        CostPhrase.ANSWER, language,
        datagrams=on.datagrams - off.datagrams,
        bytes=show_bytes(on.octets(headers) - off.octets(headers)),
        awake=_rough(abs(awake)), less_awake=awake < 0,
        connected=_rough(abs(connected)), less_connected=connected < 0,
    )  # fmt: skip


def _rough(span: float) -> str:
    """No more digits than mean something: whole seconds, below a minute tenths."""
    from nbtwin.timeline.clock import format_span

    return format_span(round(span) if abs(span) >= 60 else round(span, 1))


def _totals(comparison: Comparison, headers: int, language: str) -> Table:
    from rich.table import Table

    from nbtwin.scenario.chart import show_bytes
    from nbtwin.scenario.phrases import CostPhrase
    from nbtwin.timeline.catalogue import say

    on, off, days = comparison.on, comparison.off, comparison.question.days
    first, *columns = (
        say(CostPhrase.COLUMN, language, name=name)
        for name in ("self-registration", "on", "a-day", "off", "a-day", "difference")
    )
    table = Table(first, box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, justify="right")
    rows: list[tuple[str, float, float, Any]] = [
        ("sent", on.total.sent, off.total.sent, _count),
        ("received", on.total.received, off.total.received, _count),
        ("bytes", on.total.octets(headers), off.total.octets(headers), show_bytes),
        ("awake", on.total.awake, off.total.awake, _rough),
        ("connected", on.total.connected, off.total.connected, _rough),
        ("registrations", on.registrations, off.registrations, _count),
        ("updates", on.updates, off.updates, _count),
    ]
    for name, with_it, without, show in rows:
        difference = with_it - without
        sign = "" if difference == 0 else "+" if difference > 0 else "−"
        table.add_row(
            say(CostPhrase.ROW, language, name=name),
            show(with_it),
            show(with_it / days),
            show(without),
            show(without / days),
            sign + show(abs(difference)),
        )
    return table


def _count(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _print_days(console: Console, comparison: Comparison, headers: int, language: str) -> None:
    """By day; by several days where there are too many for a screen."""
    from rich.table import Table

    from nbtwin.scenario.chart import show_bytes
    from nbtwin.scenario.phrases import CostPhrase
    from nbtwin.timeline.catalogue import say

    def column(name: str) -> str:
        return say(CostPhrase.COLUMN, language, name=name)

    days = comparison.question.days
    span = -(-days // _MOST_ROWS)
    table = Table(f"\n{column('day' if span == 1 else 'days')}", box=None, pad_edge=False, header_style="bold")
    for name in ("datagrams", "bytes", "awake", "radio"):
        table.add_column(f"{column(name)}\n{column('on')}", justify="right")
        table.add_column(f"\n{column('off')}", justify="right", style="dim")
    for first in range(0, days, span):
        last = min(first + span, days)
        on, off = (_sum(bill.days[first:last]) for bill in (comparison.on, comparison.off))
        cells = [
            *(str(used.datagrams) for used in (on, off)),
            *(show_bytes(used.octets(headers)) for used in (on, off)),
            *(_rough(used.awake) for used in (on, off)),
            *(_rough(used.connected) for used in (on, off)),
        ]
        table.add_row(str(first + 1) if span == 1 else f"{first + 1}-{last}", *cells)
    console.print()
    console.print(table)


def _sum(days: Sequence[Usage]) -> Usage:
    total = days[0]
    for day in days[1:]:
        total += day
    return total
