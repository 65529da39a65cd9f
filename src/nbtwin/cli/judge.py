"""`nbtwin judge FILE`: a capture against the schedule and the format of the document.

Knows options and how a judgement is shown on a terminal; what is judged, and how, is known in `nbtwin.check.capture`.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from nbtwin.cli.as_json import AsJson, print_json
from nbtwin.cli.language import chosen
from nbtwin.cli.refusals import CliRefusal
from nbtwin.runtime.errors import WrongUsage

if TYPE_CHECKING:
    from rich.console import Console

    from nbtwin.check.capture.findings import JudgedModule, Judgement

OPERATORS = ("telecom", "unicom", "mobile", "andlink")
_STYLES = {"sent": "green", "late": "yellow", "early": "yellow"}
_MOST_ROWS = 200
Capture = typer.Argument(metavar="FILE.pcapng", help="pcapng or pcap, of any tool.")
Model = typer.Option(..., "--model", metavar="MODEL", help="Whose schedule it is; see `nbtwin models`.")
Operator = typer.Option(..., "--operator", metavar="|".join(OPERATORS), help="With whom the module registers.")
Booted = typer.Option(
    [], "--booted-at", metavar="TIME",
    help="When it was booted: 2026-03-01T08:00:00+08:00, or seconds of the capture's clock. Name every boot.",
)  # fmt: skip
Period = typer.Option(None, "--period", metavar="SPAN", help="CMDMP's update period; by default as the lifetime says.")
Sleeps = typer.Option(
    False, "--sleeps", help="The module falls into deep sleep: what its document lets it sleep through is not missed."
)
Tolerance = typer.Option("500ms", "--tolerance", metavar="SPAN", help="How far from its time a packet may leave.")
Imei = typer.Option("", "--imei", metavar="IMEI", help="Only this module.")
Vendor = typer.Option("", "--vendor", metavar="CODE", help="The vendor's code that MODEL has to begin with.")
Firmware = typer.Option("", "--firmware", metavar="VERSION", help="The firmware that has to be told.")
PortsOf = typer.Option([], "--port", metavar="PORT", help="The server's port, where it is another. May be repeated.")
Keys = typer.Option(None, "--keys", metavar="FILE", help="The key log of DTLS sessions (SSLKEYLOGFILE).")
Appkeys = typer.Option([], "--appkey", metavar="APPKEY=PASSWORD", help="Of CMDMP. May be repeated.")
Html = typer.Option(None, "--html", metavar="FILE", help="Write a page with the time axis, to look at and to print.")
Junit = typer.Option(None, "--junit", metavar="FILE", help="Write what was found there as JUnit XML.")


def judge(
    capture: Path = Capture,
    model: str = Model,
    operator: str = Operator,
    booted_at: list[str] = Booted,
    period: str | None = Period,
    sleeps: bool = Sleeps,
    tolerance: str = Tolerance,
    imei: str = Imei,
    vendor: str = Vendor,
    firmware: str = Firmware,
    port: list[int] = PortsOf,
    keys: Path | None = Keys,
    appkey: list[str] = Appkeys,
    html: Path | None = Html,
    junit: Path | None = Junit,
    as_json: bool = AsJson,
) -> None:
    """A capture of a module, against the schedule and the format of the document.

    \b
    nbtwin judge attach.pcapng --model BC260Y-CN --operator telecom
    nbtwin judge month.pcap --model BC25 --operator unicom --html month.html
    nbtwin judge lwm2m.pcapng --model BC28 --operator andlink --keys sslkeys.log
    nbtwin judge day.pcapng --model BC28 --operator mobile --appkey M100000090=PASSWORD --sleeps

    Each packet that was due: in time, late, early, missing, malformed; and what nothing asked for. Several modules in
    one capture are told apart by IMEI. Other traffic is left aside and counted.
    Exit status: 0 nothing found, 1 something found, 2 not a capture, or wrong usage.
    """
    from nbtwin.check.capture.files import CaptureError
    from nbtwin.check.capture.judge import Asking, JudgeError
    from nbtwin.check.capture.judge import judge as judge_capture
    from nbtwin.module.profile import UnknownModel
    from nbtwin.operators.key_store.appkeys import LAB_APPKEY, LAB_PASSWORD
    from nbtwin.profiles.models import profile

    if operator not in OPERATORS:
        raise WrongUsage(CliRefusal.NONE_OF, "--operator", value=operator, known=list(OPERATORS))
    try:
        asking = Asking(
            profile=profile(model),
            operator=operator,
            booted_at=tuple(_time(text) for text in booted_at),
            period=None if period is None else _span("--period", period),
            sleeps=sleeps,
            tolerance=_span("--tolerance", tolerance),
            ports=tuple(port),
            imei=imei,
            vendor=vendor,
            firmware=firmware,
            keys=() if keys is None else tuple(_read(keys, "--keys").decode("ascii", "replace").splitlines()),
            appkeys={LAB_APPKEY: LAB_PASSWORD, **dict(_appkey(text) for text in appkey)},
        )
        judgement: Judgement = judge_capture(_read(capture, ""), asking)
    except (UnknownModel, JudgeError) as error:
        raise WrongUsage.of(error, "--model" if isinstance(error, UnknownModel) else "--operator") from None
    except CaptureError as error:
        raise WrongUsage.of(error, str(capture)) from None
    _tell(judgement, capture, html, junit, as_json)


def _tell(judgement: Judgement, capture: Path, html: Path | None, junit: Path | None, as_json: bool) -> None:
    """As a page, as JUnit XML, on the terminal, and by the exit status."""
    import nbtwin
    from nbtwin.check.capture.told import as_json as items_of
    from nbtwin.check.capture.told import page

    language = chosen()
    if html is not None:
        write(html, "--html", page(judgement, capture.name, nbtwin.__version__, language).encode())
    if junit is not None:
        write(junit, "--junit", _junit(judgement, capture, language))
    if as_json:
        print_json(
            "judgement", items_of(judgement, language), model=judgement.model, operator=judgement.operator,
            begins=judgement.begins, ends=judgement.ends, passed=judgement.passed,
        )  # fmt: skip
    else:
        _print(judgement, language)
    if not judgement.passed:
        raise typer.Exit(1)


def _read(path: Path, option: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise WrongUsage.of(error, f"{option} {path}".strip()) from None


def write(path: Path, option: str, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise WrongUsage.of(error, f"{option} {path}") from None


def _span(option: str, text: str) -> float:
    from nbtwin.scenario.values import Span

    try:
        return Span.read(text).seconds
    except ValueError as error:
        raise WrongUsage.of(error, option) from None


def _time(text: str) -> float:
    """Seconds, or a time with its zone; without a zone that of this machine."""
    try:
        return float(text)
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        raise WrongUsage(CliRefusal.TIME, "--booted-at", value=text) from None


def _appkey(text: str) -> tuple[str, str]:
    appkey, sign, password = text.partition("=")
    if not appkey or not sign:
        raise WrongUsage(CliRefusal.APPKEY_FORM, "--appkey")
    return appkey, password


def _junit(judgement: Judgement, capture: Path, language: str) -> bytes:
    from nbtwin.check.capture.told import name_of, title, worded
    from nbtwin.cli.junit import Case, junit_of_cases

    name = title(judgement, language)
    cases = [Case(name, worded(each, language), str(each.code), worded(each, language)) for each in judgement.findings]
    for module in judgement.modules:
        told = name_of(module, language)
        cases += [
            Case(told, worded(each, language), str(each.code), worded(each, language)) for each in module.findings
        ]
        if not module.findings:
            cases.append(Case(told, name))
    return junit_of_cases(name, capture, cases, judgement.ends - judgement.begins)


def _print(judgement: Judgement, language: str) -> None:
    from rich.console import Console
    from rich.text import Text

    from nbtwin.check.capture.told import ending, time_of, title, worded

    console, time = Console(highlight=False), time_of(judgement)
    console.print(Text(title(judgement, language), "bold"), soft_wrap=True)
    for module in judgement.modules:
        _print_module(console, judgement, module, language)
    console.print()
    for each in judgement.findings:
        console.print(Text(f"✗ {time(each.at)}  {worded(each, language)}", "red"), soft_wrap=True)
    for note in judgement.notes:
        console.print(Text(f"· {worded(note, language)}", "dim"), soft_wrap=True)
    console.print(Text(ending(judgement, language), "green" if judgement.passed else "bold red"), soft_wrap=True)


def _print_module(console: Console, judgement: Judgement, module: JudgedModule, language: str) -> None:
    from rich.table import Table
    from rich.text import Text

    from nbtwin.check.capture.axis import LETTERS, letters
    from nbtwin.check.capture.findings import JudgePhrase
    from nbtwin.check.capture.told import COLUMNS, name_of, row, time_of, worded
    from nbtwin.timeline.catalogue import say

    time = time_of(judgement)
    console.print(Text(f"\n{name_of(module, language)}", "bold"), soft_wrap=True)
    console.print(Text(letters(module, judgement.begins, judgement.ends, min(console.width - 1, 100))), soft_wrap=True)
    legend = [f"{letter} {say(JudgePhrase.STATE, language, state=state)}" for state, letter in LETTERS.items()]
    console.print(Text("  ".join(legend), "dim"), soft_wrap=True)
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in COLUMNS:
        table.add_column(say(JudgePhrase.COLUMN, language, name=name), justify="right" if name == "off" else "left")
    for slot in module.slots[:_MOST_ROWS]:
        *cells, state = row(slot, time, language)
        table.add_row(*cells, Text(state, _STYLES.get(slot.state, "bold red")))
    console.print(table)
    if len(module.slots) > _MOST_ROWS:
        console.print(Text(f"… {len(module.slots) - _MOST_ROWS}", "dim"))
    for each in module.findings:
        packet = f" #{each.packet}" if each.packet else ""
        console.print(Text(f"✗ {time(each.at)}{packet}  {worded(each, language)}", "red"), soft_wrap=True)
    for note in module.notes:
        packet = f" #{note.packet}" if note.packet else ""
        console.print(Text(f"· {time(note.at)}{packet}  {worded(note, language)}", "dim"), soft_wrap=True)
