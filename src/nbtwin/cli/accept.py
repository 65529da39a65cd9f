"""`nbtwin accept`: the clauses of an operator's acceptance test, shown on a module, and the report of them.

Knows options and how results are shown on a terminal; what a clause is, and how it is run, is known in
`nbtwin.check.acceptance`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from nbtwin.cli.as_json import AsJson, print_json
from nbtwin.cli.judge import OPERATORS
from nbtwin.cli.language import chosen
from nbtwin.cli.refusals import CliRefusal
from nbtwin.runtime.errors import Failed, WrongUsage

if TYPE_CHECKING:
    from rich.console import Console

    from nbtwin.check.acceptance.acceptance import Acceptance, ClauseResult
    from nbtwin.check.acceptance.clauses import Clause, Subject

Operator = typer.Option(..., "--operator", metavar="|".join(OPERATORS), help="Whose acceptance test.")
Model = typer.Option(..., "--model", metavar="MODEL", help="The module under test; see `nbtwin models`.")
Imei = typer.Option("", "--imei", metavar="IMEI", help="15 digits; by default made up.")
Firmware = typer.Option("", "--firmware", metavar="VERSION", help="By default that of the model's document.")
Vendor = typer.Option("", "--vendor", metavar="CODE", help="The vendor's code in front of the model.")
Imsi = typer.Option("", "--imsi", metavar="IMSI", help="Of the operator's card; by default made up.")
Iccid = typer.Option("", "--iccid", metavar="ICCID", help="Of the operator's card.")
Plmn = typer.Option("", "--plmn", metavar="PLMN", help="With which the card's IMSI begins.")
Only = typer.Option([], "--only", metavar="CLAUSE", help="Only this clause. May be repeated.")
Faults = typer.Option(
    [], "--fault", metavar="FAULT", help="Of the network, in every clause; no module is blamed for it. May be repeated."
)
Port = typer.Option(None, "--port", metavar="PORT", help="A real module: /dev/ttyUSB0, tcp:HOST:PORT. With --url.")
Baud = typer.Option(None, "--baud", metavar="N", min=1, help="Of --port; by default whichever answers.")
Url = typer.Option(None, "--url", metavar="URL", help="The lab that the real module registers with.")
Token = typer.Option(None, "--token", metavar="TOKEN", help="Of that lab, where it asks for one: an operator's.")
ListOnly = typer.Option(False, "--list", help="The clauses, without running any.")
Html = typer.Option(None, "--html", metavar="FILE", help="Write the report: one page, to look at and to print.")
Junit = typer.Option(None, "--junit", metavar="FILE", help="Write the verdicts there as JUnit XML.")
_STYLES = {"passed": "green", "failed": "bold red", "not-run": "yellow", "inconclusive": "yellow"}


def accept(
    operator: str = Operator,
    model: str = Model,
    imei: str = Imei,
    firmware: str = Firmware,
    vendor: str = Vendor,
    imsi: str = Imsi,
    iccid: str = Iccid,
    plmn: str = Plmn,
    only: list[str] = Only,
    fault: list[str] = Faults,
    port: str | None = Port,
    baud: int | None = Baud,
    url: str | None = Url,
    token: str | None = Token,
    list_only: bool = ListOnly,
    html: Path | None = Html,
    junit: Path | None = Junit,
    as_json: bool = AsJson,
) -> None:
    """The clauses of an operator's acceptance test, each shown on a module, and the report of them.

    \b
    nbtwin accept --operator telecom --model BC260Y-CN --html acceptance.html
    nbtwin accept --operator mobile --model BC28 --imsi 460040123456789 --vendor ACME --junit acceptance.xml
    nbtwin accept --operator unicom --model BC25 --list
    nbtwin accept --operator mobile --model BC28 --port /dev/ttyUSB0 --url http://127.0.0.1:8080

    With --port a real module is restarted for each clause that it can show, and nothing is written to it; what takes
    hands, settings, a failing network or a month is not run, and the report says why.

    Platforms are strict: what they have a remark about they refuse. A month passes in a second.
    A clause that fails only under your --fault is inconclusive, not failed.
    Exit status: 0 no clause failed and at least one is shown, 1 one failed or nothing at all was shown, 2 wrong usage.
    """
    from nbtwin.check.acceptance.acceptance import AcceptError, clauses_for
    from nbtwin.module.profile import UnknownModel
    from nbtwin.runtime.errors import SpecError

    if operator not in OPERATORS:
        raise WrongUsage(CliRefusal.NONE_OF, "--operator", value=operator, known=list(OPERATORS))
    try:
        subject = _subject(model, imei, firmware, vendor, imsi, iccid, plmn)
        clauses_for(operator, subject, only)
    except (UnknownModel, AcceptError) as error:
        raise WrongUsage.of(error, "--model" if isinstance(error, UnknownModel) else "") from None
    except SpecError as error:
        raise WrongUsage.of(error) from None
    if list_only:
        _list(operator, subject, only, as_json)
    else:
        if (port is None) != (url is None):
            raise WrongUsage(CliRefusal.PORT_AND_URL)
        made = partial(_virtual, operator, subject, only, _faults(fault))
        if port is not None and url is not None:
            made = partial(_real, operator, subject, only, (port, baud), (url, token))
        _accept(made, subject, html, junit, as_json)


def _subject(model: str, imei: str, firmware: str, vendor: str, imsi: str, iccid: str, plmn: str) -> Subject:
    """Checked as a SPEC is."""
    from nbtwin.check.acceptance.clauses import Subject
    from nbtwin.runtime.spec import module_spec, profile_of

    given = {"imei": imei, "firmware": firmware, "vendor": vendor, "imsi": imsi, "iccid": iccid, "plmn": plmn}
    module_spec(model, **{name: value for name, value in given.items() if value})
    return Subject(profile=profile_of(model), **given)


def _list(operator: str, subject: Subject, only: list[str], as_json: bool) -> None:
    from rich.console import Console
    from rich.table import Table

    from nbtwin.check.acceptance.acceptance import AcceptPhrase, clauses_for
    from nbtwin.check.acceptance.told import source_of, title_of
    from nbtwin.timeline.catalogue import say

    language, clauses = chosen(), clauses_for(operator, subject, only)
    if as_json:
        items = [
            {
                "clause": each.id, "title": title_of(each, language), "document": each.document,
                "chapter": each.chapter, "decision": each.decision or None, "applies": each.applies,
            }
            for each in clauses
        ]  # fmt: skip
        print_json("clauses", items, operator=operator, model=subject.profile.model)
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("clause", "title", "source"):
        table.add_column(say(AcceptPhrase.COLUMN, language, name=name))
    for each in clauses:
        table.add_row(each.id, title_of(each, language), source_of(each, language), style="" if each.applies else "dim")
    Console(highlight=False).print(table)


def _faults(lines: list[str]) -> list[str]:
    """Checked before any clause is run."""
    from nbtwin.lab.faults import Fault, FaultError

    try:
        for line in lines:
            Fault.parse(line)
    except FaultError as error:
        raise WrongUsage.of(error, "--fault") from None
    return lines


def _virtual(
    operator: str, subject: Subject, only: list[str], faults: list[str], told: Callable[[int, int, Clause], object]
) -> Acceptance:
    from nbtwin.check.acceptance.acceptance import accept as accept_virtual

    return accept_virtual(operator, subject, only, faults, told)


def _real(
    operator: str,
    subject: Subject,
    only: list[str],
    port: tuple[str, int | None],
    lab: tuple[str, str | None],
    told: Callable[[int, int, Clause], object],
) -> Acceptance:
    from nbtwin.api.connecting import connect
    from nbtwin.api.errors import LabError
    from nbtwin.check.acceptance.real import accept_real
    from nbtwin.cli.check import open_real, signals_as_ctrl_c
    from nbtwin.engine import CodedError

    try:
        with signals_as_ctrl_c(), connect(lab[0], token=lab[1]) as there:
            opened = open_real(port[0], subject.profile.model, port[1])
            try:
                return accept_real(operator, subject, opened, there, only, told)
            finally:
                opened.close()
    except Failed:
        raise
    except (LabError, CodedError) as error:
        raise Failed.of(error, "--port") from None


def _accept(
    run: Callable[[Callable[[int, int, Clause], object]], Acceptance],
    subject: Subject,
    html: Path | None,
    junit: Path | None,
    as_json: bool,
) -> None:
    from rich.console import Console
    from rich.progress import Progress

    import nbtwin
    from nbtwin.check.acceptance.acceptance import AcceptPhrase, AcceptRefusal, Outcome, now
    from nbtwin.check.acceptance.told import as_json as items_of
    from nbtwin.check.acceptance.told import page
    from nbtwin.cli.judge import write
    from nbtwin.timeline.catalogue import say

    language = chosen()
    with Progress(console=Console(stderr=True), transient=True, disable=as_json) as progress:
        task = progress.add_task("", total=None)
        made = run(
            lambda done, total, clause: progress.update(task, completed=done, total=total, description=clause.id)
        )
    if html is not None:
        write(html, "--html", page(made, nbtwin.__version__, now(), language).encode())
    if junit is not None:
        write(junit, "--junit", _junit(made, language))
    if as_json:
        about = {
            "operator": made.operator,
            "model": subject.profile.model,
            "imei": made.imei,
            "firmware": made.firmware,
        }
        print_json("acceptance", items_of(made, language), **about, passed=made.passed)
    else:
        _print(made, language)
    if made.stopped:
        raise Failed(AcceptRefusal.STOPPED, subject.profile.model)
    if not made.of(Outcome.PASSED):
        print(say(AcceptPhrase.NOTHING_SHOWN, language), file=sys.stderr)
    if not made.passed:
        raise typer.Exit(1)


def _junit(made: Acceptance, language: str) -> bytes:
    from nbtwin.check.acceptance.acceptance import AcceptPhrase, Outcome
    from nbtwin.check.acceptance.told import title_of, why_of
    from nbtwin.cli.junit import Case, junit_of_cases
    from nbtwin.timeline.catalogue import say

    title = say(AcceptPhrase.TITLE, language, operator=made.operator)
    cases = []
    for each in made.results:
        failed = each.outcome is Outcome.FAILED
        skipped = "" if each.outcome in (Outcome.PASSED, Outcome.FAILED) else why_of(made, each, language)
        name = f"{each.clause.id} {title_of(each.clause, language)}"
        said = "\n".join(_unmet(each, language)) if failed else ""
        cases.append(Case(title, name, each.clause.id if failed else "", said, skipped, each.took))
    return junit_of_cases(title, made.operator, cases, sum(each.took for each in made.results))


def _unmet(result: ClauseResult, language: str) -> list[str]:
    from nbtwin.check.acceptance.told import evidence_of

    return [said for passed, said in evidence_of(result, language) if not passed]


def _print(made: Acceptance, language: str) -> None:
    from rich.console import Console
    from rich.text import Text

    from nbtwin.check.acceptance.acceptance import AcceptPhrase
    from nbtwin.check.acceptance.told import ending
    from nbtwin.timeline.catalogue import say

    console = Console(highlight=False)
    console.print(Text(say(AcceptPhrase.TITLE, language, operator=made.operator), "bold"), soft_wrap=True)
    model = made.subject.profile.model
    about = [model, made.firmware, f"IMEI {made.imei}", f"IMSI {made.imsi}", f"ICCID {made.iccid}"]
    console.print(Text("  ".join(about), "dim"), soft_wrap=True)
    for each in made.results:
        _print_clause(console, made, each, language)
    console.print(Text(f"\n{ending(made, language)}", "green" if made.passed else "bold red"), soft_wrap=True)


def _print_clause(console: Console, made: Acceptance, result: ClauseResult, language: str) -> None:
    from rich.text import Text

    from nbtwin.check.acceptance.acceptance import Outcome
    from nbtwin.check.acceptance.told import outcome_of, source_of, title_of, why_of

    clause = result.clause
    line = Text(f"{clause.id}  ")
    line.append(f"{outcome_of(result, language)}  ", _STYLES.get(result.outcome, "dim"))
    line.append(title_of(clause, language)).append(f"  {source_of(clause, language)}", "dim")
    console.print(line, soft_wrap=True)
    for said in _unmet(result, language) if result.outcome is Outcome.FAILED else ():
        console.print(Text(f"        ✗ {said}", "red"), soft_wrap=True)
    if why := why_of(made, result, language):
        console.print(Text(f"        {why}", "dim"), soft_wrap=True)
