"""The command line's entry: knows the commands and their options, one line for each usage error, and the exit status.

Exit status: 0 fine, 1 something failed, 2 wrong usage. What a command does is in a module of its own, imported when it
is called: `nbtwin --help` must not wait for a web server's imports.
"""

from __future__ import annotations

import gc
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

import nbtwin
from nbtwin.cli import config as configuration
from nbtwin.cli import db, firmware, keys, labs, models, nvram, objects, psk, recording, streams, token
from nbtwin.cli.accept import accept
from nbtwin.cli.as_json import AsJson as AsJsonObject
from nbtwin.cli.check import check
from nbtwin.cli.commands import Commands, LibraryError, usage_of
from nbtwin.cli.completion import complete, completion
from nbtwin.cli.cost import cost
from nbtwin.cli.fleet import fleet
from nbtwin.cli.fleet_cluster import scheduler as fleet_scheduler
from nbtwin.cli.fleet_cluster import worker as fleet_worker
from nbtwin.cli.fleet_report import report as fleet_report
from nbtwin.cli.help import LanguageGroup
from nbtwin.cli.judge import judge
from nbtwin.cli.language import choose
from nbtwin.cli.lint import lint
from nbtwin.cli.logs import AsJson, Level, configure
from nbtwin.cli.refusals import CliRefusal
from nbtwin.cli.run import run_scenario
from nbtwin.cli.stores import LabDatabase as Database
from nbtwin.cli.stores import LabState as State
from nbtwin.cli.stores import hand_down
from nbtwin.runtime.errors import Failed, Mistakes, WrongUsage

if TYPE_CHECKING:
    from nbtwin.cli.live import Options
    from nbtwin.cli.settings import Setting

app = Commands(cls=LanguageGroup, name="nbtwin", no_args_is_help=True)
SPEC_HELP = (
    "MODEL[,sim=mobile|telecom|unicom|none|,imsi=…|,plmn=…][,iccid=…]"
    "[,serial=pty|tcp:HOST:PORT|rfc2217:HOST:PORT][,imei=…][,firmware=…][,vendor=…][,name=…]"
)
Specs = typer.Option([], "--module", metavar="SPEC", help=SPEC_HELP + "; repeatable.")
Fresh = typer.Option(False, "--fresh", help="Begin anew: what DIR has of a lab is deleted first.")
Clock = typer.Option("live", "--clock", metavar="live|simulated", help="simulated: time passes by `advance` alone.")
Http = typer.Option(
    None,
    "--http",
    metavar="HOST:PORT",
    help="Console and API, e.g. 127.0.0.1:8080. Wider than loopback, who asks needs a token (`nbtwin token`).",
)
Definitions = typer.Option(
    [], "--objects", metavar="FILE", help="Definitions of LwM2M objects (OMA DDF), added or replaced. Repeatable."
)
Strict = typer.Option(False, "--strict/--no-strict", help="Platforms refuse what they would take with a remark.")
Patience = typer.Option(
    None, "--patience", metavar="SPAN", help="How long `advance` waits for each answer from outside the lab: 2s."
)
Zone = typer.Option(
    None,
    "--zone",
    metavar="ZONE",
    envvar="NBTWIN_ZONE",
    help="In which times are shown: UTC (the default), +08:00, Asia/Shanghai. Kept with the lab.",
)
Hosts = typer.Option(
    [], "--allow-host", metavar="NAME", help="A further name under which the console may be asked. May be repeated."
)
Tokens = typer.Option(False, "--tokens/--no-tokens", help="Who asks needs a token on loopback, too.")
History = typer.Option(
    None, "--history", metavar="SPAN[,N]", help="Keep so much history, and N lines a device: 90d,1000. By default all."
)
Durable = typer.Option(
    "process",
    "--durability",
    metavar="process|disk|database",
    help="What an answer outlives: kill -9; a power cut; what the database says of its commits.",
)
Processes = typer.Option(
    1, "--processes", metavar="N", min=1, max=64, help="Platforms in N processes behind one port; for more than a core."
)
Node = typer.Option(
    None,
    "--node",
    metavar="NAME",
    envvar="NBTWIN_NODE",
    help="This node's name among several over one PostgreSQL; each answers for all.",
)
Nats = typer.Option(
    None, "--nats", metavar="URL", envvar="NBTWIN_NATS", help="Where the nodes find each other: nats://HOST:4222."
)
Size = typer.Option(
    None, "--timeline-size", metavar="BYTES", help="Of what happens, keep at most so much in DIR: 64M. By default 128M."
)
Language = typer.Option(
    None,
    "--lang",
    metavar="en|zh",
    callback=choose,
    is_eager=True,
    help="The language of what is printed; by default that of LC_ALL or LANG.",
)
Seed = typer.Option(
    None, "--seed", metavar="N", help="For a run that can be repeated; by default another one each time."
)
Shown = typer.Option("none", "--timeline", metavar="text|json|none", help="Print what happens, as it happens.")
Trace = typer.Option(None, "--trace", metavar="FILE", help="Append what happens to this file, as JSON lines.")
Pcap = typer.Option(
    None, "--pcap", metavar="FILE", help="Write a capture for Wireshark: datagrams, AT lines, DTLS keys."
)
Faults = typer.Option([], "--fault", metavar="FAULT", help="E.g. loss,direction=up,packets=1+2. May be repeated.")
Routes = typer.Option(
    [], "--route", metavar="REAL=TARGET", help="E.g. 117.161.2.41:5683=127.0.0.1:5683. May be repeated."
)
Ports = typer.Option(
    "cmdmp=5683,telecom=5685,unicom=5687,andlink=5783",
    "--ports",
    metavar="OPERATOR=PORT[,…]",
    help="UDP ports; 0 is any free one. andlink takes three: plain, DTLS for bootstrapping, DTLS.",
)
FreePorts = typer.Option(
    "cmdmp=0,telecom=0,unicom=0,andlink=0", "--ports", metavar="OPERATOR=PORT[,…]", help="UDP ports; 0 is any free one."
)
Config = typer.Option(
    None,
    "--config",
    metavar="FILE",
    help="The lab's description; by default nbtwin.toml of this folder, where there is one.",
)
Named = typer.Option(None, "--lab", metavar="NAME", help="One of your labs, kept under its name, at free ports.")
TestCommand = typer.Argument(metavar="-- COMMAND…", help="A test command, with its arguments.")
Artifacts = typer.Option(
    Path("nbtwin-artifacts/exec"), "--artifacts", metavar="FOLDER", help="Where what happened is kept on failure."
)
Rate = typer.Option(
    None, "--rate", metavar="N", min=0.001, max=100_000, help="So many seconds pass in the lab in one on your clock."
)
PowerOn = typer.Option(
    "start", "--power-on", metavar="start|open", help="open: each module is switched on when its port is opened first."
)
DEFAULT_MODULE = "BC260Y-CN"
Advertise = typer.Option(
    None, "--advertise", metavar="HOST", help="Where Andlink devices are sent to; by default lwm.home.komect.com."
)
Only = typer.Argument(
    None,
    metavar="[at|boot|coap|console|curves|days|dtls|engines|fleet|inventory|million|platforms|python|short|watched]…",
    help="Only these.",
)
Seconds = typer.Option(3.0, "--seconds", metavar="S", help="How long each takes, about.", min=0.1, max=600.0)
Json = typer.Option(
    None, "--json", metavar="FILE", help="Write the figures there as well; -: on standard output, without the table."
)
Markdown = typer.Option(None, "--markdown", metavar="FILE", help="Write the table there as well.")
WriteDocs = typer.Option(
    None, "--write", metavar="DIR", help="The documents' folder, whose performance pages and pictures are made anew."
)
Port = typer.Argument(
    None, metavar="PORT", help="/dev/ttyUSB0, COM3, tcp:HOST:PORT, rfc2217:HOST:PORT, a module of a lab that runs."
)
AtLines = typer.Argument(
    None, metavar="[LINE]…", help="Command lines to send instead; '>TEXT' is the data of the line before it."
)
Baud = typer.Option(
    None,
    "--baud",
    metavar="N",
    min=1,
    help="Bits per second; else what the PTY has, or the module answers at.",
)
AtModel = typer.Option(None, "--model", "-m", metavar="MODEL", help="Whose commands; else whoever answers AT+CGMM.")
Timeout = typer.Option(None, "--timeout", metavar="SPAN", help="How long each answer may take: 30s by default.")
Script = typer.Option(None, "--script", metavar="FILE", help="Run a script with expectations.")
AtState = typer.Option(Path(".nbtwin"), "--state", metavar="DIR", help="Of the lab whose module PORT names.")
AtLog = typer.Option(None, "--log", metavar="FILE", help="Append what passes to this file.")
Hexadecimal = typer.Option(False, "--hex", help="Show bytes.")
Stamps = typer.Option("time", "--time", metavar="time|delta|off", help="What stands before each line.")


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"nbtwin {nbtwin.__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: bool = typer.Option(False, "--version", callback=_print_version, is_eager=True, help="Print it and stop."),
    lang: str | None = Language,
) -> None:
    """NB-IoT modules and the operators' platforms they register with, in software.

    \b
    nbtwin demo                              see the whole chain once
    nbtwin up --module BC260Y-CN             a module, its platform and a serial port
    nbtwin models diff BC26 BC260Y-CN        what differs between two models
    nbtwin explain 'AT+QDMPCFG=6'            what a line means
    nbtwin lint firmware/ --model BC28       which AT lines of your sources a model does not take
    """


@app.command()
def demo() -> None:
    """Run the whole system once, step by step."""
    from nbtwin.cli.demo import run as run_demo

    run_demo()


@app.command()
def up(
    context: typer.Context,
    module: list[str] = Specs,
    config: Path | None = Config,
    lab: str | None = Named,
    http: str | None = Http,
    patience: str | None = Patience,
    zone: str | None = Zone,
    state: Path = State,
    fresh: bool = Fresh,
    ports: str = Ports,
    route: list[str] = Routes,
    clock: str = Clock,
    fault: list[str] = Faults,
    seed: int | None = Seed,
    timeline: str = Shown,
    trace: Path | None = Trace,
    pcap: Path | None = Pcap,
    database: str | None = Database,
    durability: str = Durable,
    history: str | None = History,
    timeline_size: str | None = Size,
    allow_host: list[str] = Hosts,
    tokens: bool = Tokens,
    advertise: str | None = Advertise,
    strict: bool = Strict,
    defined: list[Path] = Definitions,
    log_level: str = Level,
    log_json: bool = AsJson,
) -> None:
    """Modules, platforms and the console, until Ctrl-C.

    \b
    nbtwin up --module BC260Y-CN,serial=tcp:127.0.0.1:7001 --http 127.0.0.1:8080
    nbtwin up --module BC28 --module BC25,sim=telecom --timeline text
    nbtwin up --lab meters

    In a folder with an nbtwin.toml, that describes the lab; an option takes the place of what the file says.
    What DIR has of a lab comes back: modules that were added, serial addresses, faults, the clock.
    Prints a line for each module, platform and console, then `ready`.
    """
    from nbtwin.cli.live import run as run_live
    from nbtwin.cli.settings import find, settings_of

    settings = settings_of(context, find(config), lab=lab)
    options = settings.options(whole=True, fresh=fresh)
    options.lab = lab
    configure(settings["log_level"], settings["log_json"])
    run_live(options)


@app.command("module")
def one_module(
    context: typer.Context,
    spec: str = typer.Argument(metavar="SPEC", help=SPEC_HELP),
    config: Path | None = Config,
    route: list[str] = Routes,
    http: str | None = Http,
    patience: str | None = Patience,
    zone: str | None = Zone,
    state: Path = State,
    fault: list[str] = Faults,
    seed: int | None = Seed,
    timeline: str = Shown,
    trace: Path | None = Trace,
    pcap: Path | None = Pcap,
    database: str | None = Database,
    history: str | None = History,
    timeline_size: str | None = Size,
    allow_host: list[str] = Hosts,
    tokens: bool = Tokens,
    log_level: str = Level,
    log_json: bool = AsJson,
) -> None:
    """One module alone, against servers of your choosing.

    \b
    nbtwin module BC260Y-CN,serial=tcp:127.0.0.1:7001 --route 117.161.2.41:5683=127.0.0.1:5683

    What no route names is not reachable: nothing leaves this machine by itself.
    Of an nbtwin.toml everything holds but its modules, platforms and keys.
    """
    from nbtwin.cli.live import run as run_live
    from nbtwin.cli.settings import find, settings_of
    from nbtwin.runtime.spec import parse_spec

    settings = settings_of(context, find(config))
    settings.modules = [parse_spec(spec)]
    options = settings.options()
    options.platforms, options.strict, options.appkeys, options.psk, options.objects = {}, (), {}, (), []
    options.simulated = False
    configure(settings["log_level"], settings["log_json"])
    run_live(options)


def _one_of(option: str, value: str, *known: str) -> str:
    if value not in known:
        raise WrongUsage(CliRefusal.NONE_OF, option, value=value, known=list(known))
    return value


def _span_of(option: str, text: str | None) -> float | None:
    from nbtwin.timeline.span import SpanError, parse_span

    try:
        return None if text is None else parse_span(text)
    except SpanError as error:
        raise WrongUsage.of(error, option) from None


platform = Commands(invoke_without_command=True)


@platform.callback()
def platforms(
    context: typer.Context,
    config: Path | None = Config,
    bind: str = typer.Option("127.0.0.1", "--bind", metavar="ADDR", help="The address to listen at."),
    ports: str = Ports,
    http: str | None = Http,
    patience: str | None = Patience,
    zone: str | None = Zone,
    state: Path = State,
    seed: int | None = Seed,
    timeline: str = Shown,
    trace: Path | None = Trace,
    pcap: Path | None = Pcap,
    database: str | None = Database,
    durability: str = Durable,
    processes: int = Processes,
    node: str | None = Node,
    nats: str | None = Nats,
    history: str | None = History,
    timeline_size: str | None = Size,
    allow_host: list[str] = Hosts,
    tokens: bool = Tokens,
    advertise: str | None = Advertise,
    strict: bool = Strict,
    defined: list[Path] = Definitions,
    log_level: str = Level,
    log_json: bool = AsJson,
) -> None:
    """The operators' platforms alone; and their keys.

    \b
    nbtwin platform --ports cmdmp=5683 --http 127.0.0.1:8080
    nbtwin platform keys add M100000090
    nbtwin platform keys psk add 867724030000225 --generate

    Of an nbtwin.toml everything holds but its modules.
    """
    from nbtwin.cli.live import run as run_live
    from nbtwin.cli.settings import find, settings_of

    hand_down(context, "state", "database")
    if context.invoked_subcommand is None:
        settings = settings_of(context, find(config))
        settings.modules = []
        options = settings.options()
        options.routes, options.faults, options.simulated = [], [], False
        options.processes = processes
        if node is not None or nats is not None:
            _among_nodes(options, settings.values["durability"], node, nats)
        elif processes > 1:
            _one_of("--durability", options.durability, "process", "disk")
        configure(settings["log_level"], settings["log_json"])
        run_live(options)


def _among_nodes(options: Options, durability: Setting, node: str | None, nats: str | None) -> None:
    """Answers wait for the database: what a machine has alone is gone with it."""
    from nbtwin.operators.store.database import kind_of

    for option, value in (("--node", node), ("--nats", nats), ("--database", options.database)):
        if value is None:
            raise WrongUsage(CliRefusal.NODE_LACKS, option, option=option)
    assert node is not None
    assert nats is not None
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,32}", node):
        raise WrongUsage(CliRefusal.NODE_NAME, "--node", value=node[:40])
    if kind_of(options.database or "") != "postgresql":
        raise WrongUsage(CliRefusal.NODE_DATABASE, "--database")
    if not nats.startswith(("nats://", "tls://")):
        raise WrongUsage(CliRefusal.NATS_URL, "--nats")
    if durability.source:
        _one_of(durability.source, options.durability, "database")
    options.node, options.broker, options.durability = node, nats, "database"


keys.app.add_typer(psk.app, name="psk")
platform.add_typer(keys.app, name="keys")
app.add_typer(platform, name="platform")
app.add_typer(configuration.app, name="config")
app.add_typer(labs.app, name="labs")
app.add_typer(models.app, name="models")
app.add_typer(nvram.app, name="nvram")
app.add_typer(firmware.app, name="firmware")
app.add_typer(objects.app, name="objects")
app.add_typer(db.app, name="db")
app.add_typer(token.app, name="token")
app.command()(models.explain)
app.command("run")(run_scenario)
app.command("lint")(lint)
app.command("judge")(judge)
app.command("check")(check)
app.command("accept")(accept)
app.command("cost")(cost)
app.command("fleet")(fleet)
app.command("fleet worker")(fleet_worker)
app.command("fleet scheduler")(fleet_scheduler)
app.command("fleet report")(fleet_report)
app.command()(recording.record)
app.command()(recording.replay)
app.command()(recording.transcript)
app.command("completion")(completion)
app.command("complete", hidden=True)(complete)


@app.command("exec", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
def execute(
    context: typer.Context,
    command: list[str] = TestCommand,
    module: list[str] = Specs,
    config: Path | None = Config,
    ports: str = FreePorts,
    clock: str = Clock,
    fault: list[str] = Faults,
    rate: float | None = Rate,
    power_on: str = PowerOn,
    seed: int | None = Seed,
    strict: bool = Strict,
    artifacts: Path = Artifacts,
    log_level: str = Level,
    log_json: bool = AsJson,
) -> None:
    """A test command with a fresh lab, whose ports and addresses are in its environment.

    \b
    nbtwin exec -- ctest --output-on-failure
    nbtwin exec --module BC28,name=meter --fault loss,probability=0.2 -- ./run-tests.sh

    NBTWIN_SERIAL is the first module's serial port, NBTWIN_BAUD its speed, NBTWIN_URL the API, NBTWIN_CMDMP,
    NBTWIN_TELECOM, NBTWIN_UNICOM and NBTWIN_ANDLINK the platforms (HOST:PORT); NBTWIN_SERIAL_METER is the port of a
    module named meter.

    Of an nbtwin.toml modules, platforms, faults, objects, keys, clock, seed and strictness hold, at free ports.
    Exit status: the command's. When it failed, timeline, sequence diagram and capture are kept.
    """
    from nbtwin.cli.execute import run as run_command
    from nbtwin.cli.settings import ANY, find, settings_of
    from nbtwin.runtime.spec import parse_address, parse_spec

    settings = settings_of(context, find(config), free=True)
    settings.modules = settings.modules or [parse_spec(DEFAULT_MODULE)]
    options = settings.options()
    options.http, options.database, options.tokens = parse_address(ANY, ""), None, False
    options.timeline, options.trace, options.pcap, options.routes = "none", None, None, []
    options.rate, options.power_on = rate, _one_of("--power-on", power_on, "start", "open") == "start"
    configure(settings["log_level"], settings["log_json"])
    raise typer.Exit(run_command(options, command, artifacts))


@app.command()
def at(
    port: str | None = Port,
    commands: list[str] | None = AtLines,
    baud: int | None = Baud,
    model: str | None = AtModel,
    as_json: bool = AsJsonObject,
    timeout: str | None = Timeout,
    script: Path | None = Script,
    log: Path | None = AtLog,
    hexadecimal: bool = Hexadecimal,
    stamps: str = Stamps,
    state: Path = AtState,
) -> None:
    """A terminal on a serial port, virtual or real; or a few commands and their answers.

    \b
    nbtwin at                                       which ports there are
    nbtwin at /dev/ttyUSB0 --baud 9600
    nbtwin at tcp:127.0.0.1:7001 'AT+QDMPCFG?' --json
    nbtwin at /dev/pts/3 --script attach.at
    nbtwin at meter --state ~/lab                   a module of a lab, by its name
    echo AT+CGMR | nbtwin at tcp:127.0.0.1:7001

    Exit status of commands and scripts: 0 each was answered OK, 1 an error or no answer, 2 wrong usage.
    """
    from nbtwin.cli.terminal.options import Options
    from nbtwin.cli.terminal.run import run as run_terminal

    raise typer.Exit(
        run_terminal(
            Options(
                port,
                commands or (),
                baud,
                model,
                as_json,
                _span_of("--timeout", timeout),
                script,
                log,
                hexadecimal,
                _one_of("--time", stamps, "time", "delta", "off"),
                state,
            )
        )
    )


@app.command()
def bench(
    only: list[str] | None = Only,
    seconds: float = Seconds,
    json: Path | None = Json,
    markdown: Path | None = Markdown,
    write: Path | None = WriteDocs,
) -> None:
    """How fast, each figure beside a reference of the same run, and what has changed since the last release.

    \b
    nbtwin bench
    nbtwin bench coap days --seconds 1
    """
    from nbtwin.cli.bench import run as run_benchmarks

    run_benchmarks(only or [], seconds, json, markdown, write)


def run() -> None:
    """Run the command of `sys.argv`; a wrong usage is one line on standard error and exit status 2."""
    # A fleet stays: to look through it too often costs a fifth of the time; through what is new, 3 ms at a time.
    gc.set_threshold(10_000, 100, 20)
    streams.install()
    status = status_of(None)
    sys.stdout.flush()  # what cannot be written any more is found here
    sys.exit(status)


def status_of(arguments: list[str] | None) -> int:
    """Run one command to its end; what is wrong has been said. None: those of `sys.argv`."""
    try:
        status = app(arguments, prog_name="nbtwin", standalone_mode=False)
    except LibraryError as error:
        if (wrong := usage_of(error)) is not None:
            _warn(wrong)
        return 2
    except (WrongUsage, Failed) as error:
        _warn(error)
        return 2 if isinstance(error, WrongUsage) else 1
    except Mistakes as error:
        for each in error.errors:
            _warn(each)
        return 2
    except (typer.Abort, KeyboardInterrupt):
        return 130
    return status if isinstance(status, int) else 0


def _warn(error: Exception) -> None:
    from nbtwin.cli.output import warn

    warn(error)
