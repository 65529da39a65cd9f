"""`nbtwin fleet TARGET`: very many devices against a server. Knows options and the terminal; what a fleet does is in
`nbtwin.fleet`."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import typer

from nbtwin.cli.language import chosen
from nbtwin.cli.refusals import CliRefusal
from nbtwin.runtime.errors import Failed, WrongUsage

if TYPE_CHECKING:
    from nbtwin.fleet.cluster import ClusterShards
    from nbtwin.fleet.plan import FleetDevices, FleetModules, FleetPhase, FleetPlan
    from nbtwin.fleet.processes import ShardProcesses
    from nbtwin.fleet.report import FleetResult
    from nbtwin.fleet.shard import Shard
    from nbtwin.fleet.tally import FleetStats

Values = TypeVar("Values")
_WORST = 3
"""Devices of a kind of trouble that a terminal shows while a fleet runs."""

Target = typer.Argument(None, metavar="TARGET", help="coap://HOST:PORT or coaps://HOST:PORT; or the plan names it.")
Plan = typer.Option(None, "--plan", metavar="FILE", help="A plan in YAML: devices, phases, how devices misbehave.")
Devices = typer.Option(1000, "--devices", metavar="N", min=1, max=10_000_000, help="So many.")
_COLUMNS = "A list of devices instead: name, identity, key, model; of whole modules operator, imsi, imei, too."
Csv = typer.Option(None, "--csv", metavar="FILE", help=_COLUMNS)
Name = typer.Option("fleet-{n:07}", "--name", metavar="PATTERN", help="Their names; {n} is the number, from 0.")
Model = typer.Option(None, "--model", metavar="NAME", help="Their model; BC260Y-CN by default.")
Modules = typer.Option(
    None, "--modules", metavar="mobile|telecom|unicom",
    help="Whole modules with such a card: they boot, register as their model does, and have hosts that send AT.",
)  # fmt: skip
AtLine = typer.Option([], "--at", metavar="LINE", help="What hosts of whole modules send, at --rate. Repeatable.")
Psk = typer.Option(None, "--psk", metavar="HEX", envvar="NBTWIN_FLEET_PSK", help="The key of all of them, for coaps.")
Identity = typer.Option("{name}", "--identity", metavar="PATTERN", help="PSK identities; {name} is the device's.")
Shape = typer.Option("steady", "--shape", metavar="steady|ramp|storm|wave", help="How the load comes.")
PerSecond = typer.Option(500.0, "--rate", metavar="N", min=0.001, max=1_000_000, help="Requests a second.")
Lasts = typer.Option("10s", "--for", metavar="SPAN", help="How long values are sent after registering; 0: not at all.")
Seed = typer.Option(1, "--seed", metavar="N", min=0, help="The same seed, the same instants and devices.")
Sockets = typer.Option(
    None, "--sockets", metavar="addresses|each|N",
    help="A loopback address each, a port each, or N ports for all. By default addresses on loopback, else N.",
)  # fmt: skip
Processes = typer.Option(
    None, "--processes", metavar="N", min=1, max=256,
    help="So many processes share the devices: here 1, with --scheduler as many as there are workers.",
)  # fmt: skip
Scheduler = typer.Option(
    None, "--scheduler", metavar="tcp://HOST:PORT", help="On the machines whose workers wait there (`fleet worker`)."
)
ShardOf = typer.Option(None, "--shard", metavar="I/N", help="Only part I of N, from 0: the others run elsewhere.")
Require = typer.Option(
    [], "--require", metavar="RULE", help="E.g. 'p99<200ms', 'errors<0.1%', 'register.p50<20ms'. Repeatable."
)
Html = typer.Option(None, "--html", metavar="FILE", help="Write the report as one page with pictures.")
AsJson = typer.Option(False, "--json", help="One JSON object instead of the tables.")
Save = typer.Option(
    None,
    "--save",
    metavar="FILE",
    help="Write what `fleet report` puts together; -: to standard output, without tables.",
)
Prometheus = typer.Option(None, "--prometheus", metavar="FILE", help="Write the numbers in Prometheus' text format.")
Http = typer.Option(None, "--http", metavar="PORT", min=0, max=65535, help="Progress as a page on 127.0.0.1; 0: any.")
Keep = typer.Option(False, "--keep", help="Devices stay registered at the end.")
Mine = typer.Option(
    [], "--target-is-mine", metavar="HOST", help="The target is not on loopback, and it is yours. Repeatable."
)


def fleet(
    target: str | None = Target,
    plan: Path | None = Plan,
    devices: int = Devices,
    csv: Path | None = Csv,
    name: str = Name,
    model: str | None = Model,
    modules: str | None = Modules,
    at: list[str] = AtLine,
    psk: str | None = Psk,
    identity: str = Identity,
    shape: str = Shape,
    rate: float = PerSecond,
    lasts: str = Lasts,
    seed: int = Seed,
    sockets: str | None = Sockets,
    processes: int | None = Processes,
    scheduler: str | None = Scheduler,
    shard: str | None = ShardOf,
    require: list[str] = Require,
    html: Path | None = Html,
    as_json: bool = AsJson,
    prometheus: Path | None = Prometheus,
    save: str | None = Save,
    http: int | None = Http,
    keep: bool = Keep,
    target_is_mine: list[str] = Mine,
) -> None:
    """Very many LwM2M devices against a server: registrations, values, storms; a verdict.

    \b
    nbtwin fleet coap://127.0.0.1:5783 --devices 10000 --rate 2000
    nbtwin fleet coap://127.0.0.1:5783 --shape storm --require 'p99<2s' --require 'errors<0.1%'
    nbtwin fleet coap://127.0.0.1:5783 --modules mobile --at AT+CSQ --devices 200 --rate 20
    nbtwin fleet --plan night.yaml --processes 2 --html night.html

    Many machines: `nbtwin fleet scheduler` on one, `nbtwin fleet worker` on each, then --scheduler. Or --shard and
    --save wherever you like, and `nbtwin fleet report` of the files.

    Ctrl-C: nothing new begins and whoever is registered de-registers; a second time: at once.
    Exit status: 1 when a requirement does not hold or a part of the fleet was lost; 130 after Ctrl-C, 143 SIGTERM.
    """
    from nbtwin.fleet.report import FleetResult
    from nbtwin.fleet.room import check_room
    from nbtwin.fleet.verdict import Requirement

    requirements = tuple(map(Requirement.parse, require))
    said = _said(plan, csv, devices, name, model, psk, identity)
    whole = _modules(modules, at, said.modules)
    phases = tuple(said.phases) or _shaped(shape, rate, lasts, said.group.count, whole is not None, tuple(at))
    made = _plan(said, phases, whole, target, seed, sockets, target_is_mine)
    entire = made = _changed(made, keep=made.keep or keep)
    number, of = _shard(shard)
    made = _part(made, number, of)
    if scheduler is None:
        check_room(made, processes or 1, said.places)
    _check_files({"--html": html, "--prometheus": prometheus, "--save": None if save in (None, "-") else Path(save)})
    stats, states, ended_by = _run(made, processes, scheduler, http, quiet=as_json or save == "-")
    result = FleetResult(plan=made, stats=stats, requirements=requirements, shards=states, ended_by=ended_by)
    _tell(result, entire, number, of, html, prometheus, as_json, save)


def _check_files(files: Mapping[str, Path | None]) -> None:
    """Before an hour has been spent on what should stand in them."""
    for option, path in files.items():
        if path is None:
            continue
        there = path if path.exists() else path.parent
        if path.is_dir() or not there.exists() or not os.access(there, os.W_OK):
            raise WrongUsage(CliRefusal.FILE_UNWRITABLE, f"{option} {path}", detail=str(there))


def _part(plan: FleetPlan, number: int, of: int) -> FleetPlan:
    from nbtwin.fleet.shard import Shard

    return Shard(number, of, plan).plan if of > 1 else plan


def _tell(
    result: FleetResult, entire: FleetPlan, number: int, of: int, html: Path | None, prometheus: Path | None,
    as_json: bool, path: str | None,
) -> None:  # fmt: skip
    """A file that cannot be written any more keeps nothing else back. Who was ended by a signal says so (D198)."""
    from nbtwin.fleet.saved import SavedPart, save

    try:
        show_result(result, html, prometheus, as_json and path != "-", quiet=path == "-")
    finally:
        if path is not None:
            save(SavedPart(number=number, of=of, plan=entire, stats=result.stats, shards=result.shards,
                           ended_by=result.ended_by), path)  # fmt: skip
    if result.ended_by.startswith("SIG"):
        raise typer.Exit(128 + signal.Signals[result.ended_by])


def show_result(
    result: FleetResult, html: Path | None, prometheus: Path | None, as_json: bool, *, quiet: bool = False
) -> None:
    """And what of it is the exit status."""
    from nbtwin.fleet.refusals import FleetRefusal
    from nbtwin.fleet.report import as_values, page
    from nbtwin.fleet.report import prometheus as metrics

    if as_json:
        print(json.dumps(as_values(result), ensure_ascii=False, indent=2))
    elif not quiet:
        _show(result)
    if html is not None:
        _write(html, page(result, chosen()))
    if prometheus is not None:
        _write(prometheus, metrics(result.stats))
    if result.lost:
        raise Failed(FleetRefusal.SHARDS_LOST, "", lost=result.lost)
    if result.broken:
        raise Failed(FleetRefusal.MISSED, "", requirements=[each.text for each in result.broken])


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Failed.of(error, str(path)) from None


# The plan


class _Said(NamedTuple):
    """What the file and the options say of devices, and the rest of the file."""

    group: FleetDevices
    fields: dict[str, Any]
    places: dict[str, str]
    phases: list[FleetPhase]
    modules: FleetModules | None


def _said(
    plan: Path | None, csv: Path | None, devices: int, name: str, model: str | None, psk: str | None, identity: str
) -> _Said:
    """What the file says comes first; what it leaves out is as the options say."""
    from nbtwin.fleet.plan import FleetDevices
    from nbtwin.fleet.plan_file import (
        PlanFile,
        check_pattern,
        devices_of,
        read_devices,
        read_identity,
        read_key,
        read_pattern,
        read_plan,
    )
    from nbtwin.fleet.refusals import FleetRefusal

    said = read_plan(plan) if plan is not None else PlanFile()
    key = _read(read_key, psk, "--psk", FleetRefusal.KEY) if psk else b""
    if csv is not None:
        named = read_devices(csv)
        group = FleetDevices(len(named), key=key, named=named)
    elif said.devices:
        assert plan is not None
        group = devices_of({"key": key, **said.devices} if key else said.devices, plan, said.places)
    else:
        named_so = _read(read_pattern, name, "--name", FleetRefusal.NAME)
        known_as = _read(read_identity, identity, "--identity", FleetRefusal.NAME)
        group = FleetDevices(devices, named_so, known_as, key)
        check_pattern(group, "--name")
    if model is not None:
        group = _changed(group, model=model)
    return _Said(group, said.fields, said.places, said.phases, said.modules)


def _modules(operator: str | None, lines: list[str], said: FleetModules | None) -> FleetModules | None:
    """``said``: by the plan."""
    from nbtwin.fleet.plan import FleetModules
    from nbtwin.fleet.plan_file import MODULES, read_line
    from nbtwin.fleet.refusals import FleetRefusal

    for line in lines:
        _read(read_line, line, "--at", FleetRefusal.VALUE, known="AT+CSQ")
    if operator is None:
        if lines and said is None:
            raise WrongUsage(FleetRefusal.MODULES_NEEDED, "--at", key=lines[0])
        return said
    read, known = MODULES["operator"]
    return FleetModules(operator=_read(read, operator, "--modules", FleetRefusal.VALUE, known=known))


def _plan(
    said: _Said, phases: tuple[FleetPhase, ...], modules: FleetModules | None, target: str | None, seed: int,
    sockets: str | None, mine: list[str],
) -> FleetPlan:  # fmt: skip
    from nbtwin.fleet.plan import FleetPlan
    from nbtwin.fleet.plan_file import read_sockets
    from nbtwin.fleet.refusals import FleetRefusal
    from nbtwin.fleet.room import hosts_of, sockets_for, target_of

    fields = {"seed": seed, **said.fields}
    where = fields.pop("target", None)
    if target is None and where is None:
        raise WrongUsage(CliRefusal.PARAMETER_MISSING, parameter="TARGET")
    found = target_of(where, mine, said.places["target"]) if target is None else target_of(target, mine)
    if isinstance(at := fields.get("bootstrap"), str):
        fields |= {"bootstrap": True, "bootstrap_at": target_of(at, mine, said.places["bootstrap"])}
    if fields.get("bootstrap"):
        fields["hosts"] = hosts_of(mine)
    made = FleetPlan(target=found, devices=said.group, phases=phases, modules=modules, **fields)
    if sockets is not None:
        return _changed(made, sockets=_read(read_sockets, sockets, "--sockets", FleetRefusal.SOCKETS))
    return made if "sockets" in fields else _changed(made, sockets=sockets_for(made))


def _changed(values: Values, **fields: Any) -> Values:
    import msgspec

    changed: Values = msgspec.structs.replace(values, **fields)  # type: ignore[type-var]  # all are Structs
    return changed


def _read(read: Callable[[str], Any], text: str, option: str, refusal: Any, **fields: Any) -> Any:
    try:
        return read(text)
    except (ValueError, KeyError):
        from nbtwin.fleet.plan_file import on_one_line

        raise WrongUsage(refusal, option, value=on_one_line(text), **fields) from None


def _shaped(
    shape: str, rate: float, lasts: str, count: int, whole: bool, lines: tuple[str, ...]
) -> tuple[FleetPhase, ...]:
    """``lines``: what hosts of whole modules send in place of values."""
    from nbtwin.fleet.plan import FleetPhase
    from nbtwin.timeline.span import parse_span

    try:
        span = parse_span(lasts)
    except ValueError as error:
        raise WrongUsage.of(error, "--for") from None
    waves = FleetPhase(do="uplink", rate=rate, span=span, wave=span if shape == "wave" else None)
    if whole:
        waves = _changed(waves, do="at", lines=lines) if lines else FleetPhase(do="rest", span=span)
    uplink = (waves,) if span else ()
    register = FleetPhase(do="register", rate=rate)
    if shape in ("steady", "wave"):
        return (register, *uplink)
    if shape == "ramp":
        return (FleetPhase(do="register", rate=rate / 10, to=rate), *uplink)
    if shape == "storm":  # all at once lose their server, and are back ten times as fast as they came
        return (register, *uplink, FleetPhase(do="reboot", rate=min(rate * 10, 1_000_000)), *uplink)
    raise WrongUsage(CliRefusal.NONE_OF, "--shape", value=shape, known=["steady", "ramp", "storm", "wave"])


def _shard(text: str | None) -> tuple[int, int]:
    from nbtwin.fleet.refusals import FleetRefusal

    if text is None:
        return 0, 1
    number, slash, of = text.partition("/")
    if not (slash and number.isdecimal() and of.isdecimal() and int(number) < int(of) <= 10_000):
        raise WrongUsage(FleetRefusal.SHARD, "--shard", value=text)
    return int(number), int(of)


# The run


def _runner(plan: FleetPlan, processes: int | None, scheduler: str | None) -> Shard | ShardProcesses | ClusterShards:
    """What runs the plan: this process, several of this machine, or those of others."""
    if scheduler is not None:
        from nbtwin.cli.fleet_cluster import reach, with_cluster

        with with_cluster():
            from nbtwin.fleet.cluster import ClusterShards
        return ClusterShards(plan, reach(scheduler), processes or 0)
    if processes is None or processes == 1:
        from nbtwin.fleet.shard import Shard

        return Shard(0, 1, plan)
    from nbtwin.fleet.processes import ShardProcesses

    return ShardProcesses(plan, processes)


def _run(
    plan: FleetPlan, processes: int | None, scheduler: str | None, http: int | None, *, quiet: bool
) -> tuple[FleetStats, tuple[str, ...], str]:
    """What came of it, what became of its parts, and who has ended it before its plan had (`FleetResult.ended_by`)."""
    from nbtwin.edge.errors import EdgeError
    from nbtwin.fleet.report import FleetResult

    runner = _runner(plan, processes, scheduler)
    latest, ended_by, paused = [runner.stats()], [""], [False]

    def stop(by: str) -> None:
        ended_by[0] = ended_by[0] or by
        runner.stop()

    def pause(wanted: bool) -> None:
        paused[0] = wanted
        (runner.pause if wanted else runner.resume)()

    controls: dict[str, Callable[[], None]] = {
        "pause": partial(pause, True), "resume": partial(pause, False), "stop": partial(stop, "page"),
    }  # fmt: skip

    def control(word: str) -> None:
        controls[word]()

    def result() -> FleetResult:
        return FleetResult(plan=plan, stats=latest[0], shards=tuple(map(str, getattr(runner, "states", ()))))

    def tell(stats: FleetStats) -> None:
        latest[0] = stats
        show(result())

    try:
        with _page(http, result, control), _steered(stop, lambda: pause(not paused[0])), (
            _progress(plan, quiet)
        ) as show:  # fmt: skip
            stats = runner.run(tell)
    except EdgeError as error:
        raise Failed.of(error) from None
    return stats, result().shards, ended_by[0]


@contextmanager
def _page(port: int | None, result: Callable[[], FleetResult], control: Callable[[str], None]) -> Iterator[None]:
    if port is None:
        yield
        return
    from rich.console import Console

    from nbtwin.fleet.phrases import FleetPhrase
    from nbtwin.fleet.web_page import ProgressPage
    from nbtwin.timeline.catalogue import say

    shown = ProgressPage(("127.0.0.1", port), result, control, chosen())
    url = f"http://127.0.0.1:{shown.port}/"
    Console(stderr=True).print(say(FleetPhrase.PAGE, chosen(), url=url), highlight=False, soft_wrap=True)
    try:
        yield
    finally:
        shown.close()


@contextmanager
def _steered(stop: Callable[[str], None], toggle: Callable[[], None]) -> Iterator[None]:
    """Ctrl-C and SIGTERM; SIGUSR1 pauses and resumes."""
    from nbtwin.fleet.phrases import FleetPhrase
    from nbtwin.timeline.catalogue import say

    def end(number: int, frame: Any) -> None:
        import sys

        said = f"{say(FleetPhrase.LEAVING, chosen())}\n".encode(sys.stderr.encoding or "utf-8", "replace")
        with suppress(OSError):
            os.write(sys.stderr.fileno(), said)  # the stream itself may be what is interrupted
        stop(signal.Signals(number).name)

    wanted: dict[int, Callable[[int, Any], None]] = {signal.SIGINT: end, signal.SIGTERM: end}
    if hasattr(signal, "SIGUSR1"):
        wanted[signal.SIGUSR1] = lambda number, frame: toggle()
    before = {number: signal.signal(number, handler) for number, handler in wanted.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _progress(plan: FleetPlan, quiet: bool) -> Iterator[Callable[[FleetResult], None]]:
    """Lines that are renewed on a terminal; elsewhere one now and then, and at once what becomes of a part."""
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    from nbtwin.fleet.phrases import FleetPhrase
    from nbtwin.timeline.catalogue import say

    console = Console(stderr=True, highlight=False)
    said = say(FleetPhrase.BEGUN, chosen(), target=str(plan.target), devices=plan.devices.count, seed=plan.seed)
    if not quiet:
        console.print(said, soft_wrap=True)
    if not console.is_terminal:
        next_at, known = [5.0], set[str]()

        def plainly(result: FleetResult) -> None:
            parts = _parts(result)
            said = [line for line in parts if line not in known]
            known.clear()
            known.update(parts)
            if result.stats.ran >= next_at[0]:
                next_at[0] += 5.0
                said.append(_line(result.stats))
            for line in said if not quiet else ():
                console.print(line, soft_wrap=True)

        yield plainly
        return
    with Live(Text(""), console=console, transient=True, auto_refresh=False) as live:
        yield lambda result: live.update(
            Text("\n".join((_line(result.stats), *_parts(result), *_trouble(result.stats)))), refresh=True
        )


def _parts(result: FleetResult) -> list[str]:
    from nbtwin.fleet.report import part_lines

    return [text for _, text in part_lines(result.shards, chosen())]


def _line(stats: FleetStats) -> str:
    from nbtwin.fleet.phrases import FleetPhrase
    from nbtwin.fleet.report import milliseconds
    from nbtwin.timeline.catalogue import say

    rows = stats.seconds[-2:-1]
    waits = stats.of_all()
    return say(
        FleetPhrase.PROGRESS, chosen(), registered=stats.registered, devices=stats.devices,
        rate=rows[0].good if rows else 0, errors=stats.errors, p50=milliseconds(waits.percentile(0.5)),
        p99=milliseconds(waits.percentile(0.99)), seconds=round(stats.ran), paused=stats.paused,
    )  # fmt: skip


def _trouble(stats: FleetStats) -> Iterator[str]:
    """What else one looks for while a fleet runs: how exchanges end that are no success, who waited longest, and who
    has most errors."""
    from nbtwin.fleet.phrases import FleetPhrase
    from nbtwin.fleet.report import milliseconds
    from nbtwin.fleet.tally import Outcome
    from nbtwin.timeline.catalogue import say

    for kind, there in stats.outcomes.items():
        said = [f"{say(FleetPhrase.OUTCOME, chosen(), name=str(name))} {n}" for name, n in there.items()
                if name != Outcome.OK]  # fmt: skip
        if said:
            yield f"{say(FleetPhrase.KIND, chosen(), name=kind)}: {', '.join(said)}"
    if worst := [f"{device} {milliseconds(wait)}" for wait, device, _ in stats.worst[:_WORST]]:
        yield f"{say(FleetPhrase.ROW, chosen(), name='worst')}: {', '.join(worst)}"
    if failing := [f"{device} {n}" for device, n in list(stats.failing.items())[:_WORST]]:
        yield f"{say(FleetPhrase.ROW, chosen(), name='failing')}: {', '.join(failing)}"


def _show(result: FleetResult) -> None:
    from rich.console import Console
    from rich.table import Table

    from nbtwin.fleet.phrases import FleetPhrase
    from nbtwin.fleet.report import PERCENTILES, latency_rows, number_rows, verdict_lines
    from nbtwin.timeline.catalogue import say

    console = Console(highlight=False)
    language = chosen()

    def row(name: str) -> str:
        return say(FleetPhrase.ROW, language, name=name)

    numbers = Table(box=None, show_header=False, pad_edge=False)
    for name, value in number_rows(result):
        numbers.add_row(row(name), value)
    console.print(numbers)
    waits = Table(row("kind"), row("answered"), *PERCENTILES, "max", box=None, pad_edge=False, header_style="bold")
    for kind, cells in latency_rows(result.stats):
        waits.add_row(say(FleetPhrase.KIND, language, name=kind), *cells)
    console.print(waits)
    for kind, there in result.stats.outcomes.items():
        said = ", ".join(f"{say(FleetPhrase.OUTCOME, language, name=str(name))} {n}" for name, n in there.items())
        console.print(f"{say(FleetPhrase.KIND, language, name=kind)}: {said}", soft_wrap=True, markup=False)
    if codes := result.stats.codes:
        console.print(f"{row('codes')}: {', '.join(f'{code} {n}' for code, n in sorted(codes.items()))}")
    for holds, text in verdict_lines(result, language):
        console.print(text, style="green" if holds else "red", soft_wrap=True, markup=False)
