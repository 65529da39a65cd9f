"""`nbtwin up`, `module` and `platform`: a lab on the wall clock, until Ctrl-C. Prints what scripts wait for."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from nbtwin.cli.labs_folder import told
from nbtwin.cli.language import chosen
from nbtwin.cli.objects import bring, read
from nbtwin.cli.output import check_shown, say, warn
from nbtwin.cli.refusals import CliRefusal
from nbtwin.cli.stores import note
from nbtwin.cli.streams import PIPE_LEFT, OutputEnded, watch_reader
from nbtwin.engine import Address
from nbtwin.module.identity import CardNumbers
from nbtwin.runtime.errors import Failed, SpecError, WrongUsage
from nbtwin.runtime.spec import ModuleSpec
from nbtwin.selfreg.schedule import Operator
from nbtwin.timeline.catalogue.errors import worded

if TYPE_CHECKING:
    from nbtwin.lab.nodes import ModuleNode, PlatformNode
    from nbtwin.operators.key_store.psk import DeviceKeys
    from nbtwin.operators.store.database import Durability
    from nbtwin.runtime.kept import KeptModule
    from nbtwin.runtime.lab import LabRuntime
    from nbtwin.web.access.tokens import Access

_log = logging.getLogger("nbtwin.cli")
R = TypeVar("R")


@dataclass
class Options:
    """What a live command was asked for."""

    state: Path
    modules: list[ModuleSpec] = field(default_factory=list)
    platforms: dict[str, Address] = field(default_factory=dict)
    routes: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    http: Address | None = None
    simulated: bool = False
    seed: int | None = None
    timeline: str = "none"
    trace: Path | None = None
    pcap: Path | None = None
    database: str | None = None
    hosts: list[str] = field(default_factory=list)  # further names under which the console may be asked
    tokens: bool = False  # are needed on loopback, too
    advertise: str | None = None  # the host that bootstrapped devices are sent to
    log_json: bool = False  # standard error has JSON lines alone
    durability: Durability = "process"
    processes: int = 1  # of the platforms
    node: str = ""  # this lab's name among several over one database; "": it has it alone
    broker: str = ""  # where the nodes find each other
    keep_age: float | None = None  # seconds of history
    keep_lines: int | None = None  # of history, for each device
    timeline_size: int | None = None  # bytes of the timeline in the state directory
    strict: Collection[str] = ()  # of these platforms: they refuse what they have a remark about
    zone: str | None = None  # in which times are shown; None: as the state directory has it
    patience: float | None = None  # with each answer from outside the lab, in seconds
    whole: bool = False  # the modules that the state directory has come back, too
    fresh: bool = False  # what the state directory has of a lab is deleted first
    rate: float | None = None  # seconds of the lab in one of the wall clock
    power_on: bool = True  # else whoever is called ``during`` switches the modules on
    say: Callable[[str], object] = say  # a line for each module, platform and console
    objects: list[Path] = field(default_factory=list)  # files with definitions; they replace what was added before
    appkeys: Mapping[str, str] = field(default_factory=dict, repr=False)  # and passwords; added or replaced
    psk: Sequence[DeviceKeys] = field(default=(), repr=False)  # added or replaced
    lab: str | None = None  # its name among the user's labs

    @property
    def watched(self) -> bool:
        """Whether a timeline is kept: where modules are, and where somebody sees it (terminal, file, console)."""
        return bool(self.modules) or self.timeline != "none" or any((self.trace, self.pcap, self.http))


def run(options: Options) -> None:
    """Run the lab until a signal ends it. Raises WrongUsage for what cannot be had, Failed for what broke."""
    run_during(options, _until_signal)


During: TypeAlias = "Callable[[LabRuntime, str | None, asyncio.Event], Awaitable[R]]"
"""What goes on while the lab runs: the lab, its console's URL, and what is set by SIGINT and SIGTERM."""


def run_during(options: Options, during: During[R]) -> R:
    """Run the lab as long as that takes; what it gives. Raises as `run` does."""
    from nbtwin.edge.errors import EdgeError
    from nbtwin.lab.faults import FaultError
    from nbtwin.lab.network import RouteError
    from nbtwin.operators.store.store import StoreError

    try:
        return asyncio.run(_run(options, during))
    except (EdgeError, RouteError, FaultError) as error:
        raise WrongUsage.of(error) from None
    except StoreError as error:
        raise Failed.of(error) from None


async def _until_signal(lab: LabRuntime, console: str | None, stop: asyncio.Event) -> None:
    say("ready")
    left = False

    def leave() -> None:  # no end here: a second one, of what cannot be printed, would come into the closing
        nonlocal left
        left = True
        stop.set()

    end_watch = watch_reader(asyncio.get_running_loop(), leave)
    try:
        await stop.wait()
    finally:
        end_watch()
    if left:
        raise OutputEnded(PIPE_LEFT)


async def _run(options: Options, during: During[R]) -> R:
    from nbtwin.cli.following import follow
    from nbtwin.edge.huge_pages import HugePages
    from nbtwin.edge.long_collections import LongCollections
    from nbtwin.runtime.unexpected import install

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    install(_log, loop)

    def end(number: signal.Signals) -> None:
        _log.info("stopping: %s", number.name)
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end, number)
    _look_ahead(options)
    lab = _open_lab(options)
    lab.keeps = False  # until all that the directory has is here: a start that fails must not take it away
    closers: list[Callable[[], Awaitable[None]]] = [lab.close]
    console, collections, pages = None, LongCollections(), HugePages()
    unprintable: list[SystemExit] = []

    def leave(error: SystemExit) -> None:  # no end here: it would come into the closing
        unprintable.append(error)
        stop.set()

    try:
        closers.insert(0, follow(lab, options.timeline, options.trace, options.pcap, leave))
        access = None if options.http is None else _access(lab, options.http, options)
        await _fill(lab, options)
        if options.rate is not None:
            try:
                lab.set_rate(options.rate)
            except SpecError as error:
                raise WrongUsage.of(error, "--rate") from None
        if options.http is not None:
            console, close_console = await _open_console(lab, options.http, access, options)
            closers.append(close_console)
        collections.start()
        pages.start()
        with nullcontext() if options.lab is None else told(options.state, console):
            result = await during(lab, console, stop)
        if unprintable:
            raise unprintable[0]
        return result
    finally:
        pages.stop()
        collections.stop()
        for close in reversed(closers):
            await close()


def _open_lab(options: Options) -> LabRuntime:
    from nbtwin.runtime.lab import LabRuntime, Retention
    from nbtwin.timeline.segments import DEFAULT_SIZE

    return LabRuntime(
        options.state,
        seed=options.seed,
        simulated=options.simulated,
        patience=options.patience,
        zone=options.zone,
        strict=options.strict,
        database=options.database,
        retention=Retention(options.keep_age, options.keep_lines),
        watched=options.watched,
        durability=options.durability,
        processes=options.processes,
        node=options.node,
        broker=options.broker,
        timeline_size=DEFAULT_SIZE if options.timeline_size is None else options.timeline_size,
        say=_warner(options),
    )


def _look_ahead(options: Options) -> None:
    """What cannot be is told before anything in the state directory is changed; then it is emptied for a fresh one."""
    from nbtwin.edge import wanted_ports
    from nbtwin.edge.nvram_file import StateDirectory
    from nbtwin.lab.faults import Fault
    from nbtwin.operators.store.database import kind_of
    from nbtwin.runtime import state_version

    for fault in options.faults:
        Fault.parse(fault)
    check_shown(options.timeline)
    if options.database is not None:
        kind_of(options.database)
    with StateDirectory(options.state, _warner(options)) as directory:
        if not options.fresh:
            state_version.check(directory.path)
        wanted_ports.check(*_wanted(options))
        if options.fresh:
            directory.erase()


def _wanted(options: Options) -> tuple[list[Address], list[Address]]:
    """UDP and TCP: where platforms listen, and where serial lines and the console do."""
    from nbtwin.operators.andlink.listeners import LISTENING_PORTS

    udp = []
    is_alone = not options.simulated and not options.node  # another node of this machine may be at the same ports
    for operator, (host, port) in options.platforms.items() if is_alone else ():
        several = len(LISTENING_PORTS) if operator == "andlink" and port else 1
        udp += [(host, port + more) for more in range(several) if port + more < 65536]
    serial = [spec.serial.address for spec in options.modules if spec.serial.address is not None]
    return udp, [*serial, *([] if options.http is None else [options.http])]


def _warner(options: Options) -> Callable[[Exception], object]:
    return _log_warning if options.log_json else warn


def _log_warning(error: Exception) -> None:
    _log.warning("%s", worded(error, chosen()))


async def _fill(lab: LabRuntime, options: Options) -> None:
    """Platforms first, so that a module finds them, and the lines in the same order. Faults know all their names."""
    from nbtwin.lab.faults import Fault, check_names

    bring(lab.store, [one for path in options.objects for one in read(path)], replace=True)
    _bring_keys(lab, options)
    platforms = [add_platform(lab, operator, bind) for operator, bind in options.platforms.items()]
    for platform in platforms if options.advertise is not None else ():
        _advertise(lab, platform, options.advertise)
    for route in options.routes:
        if lab.live is not None:
            await lab.live.route(route)
    for spec in options.modules:
        had = lab.had(lab.free_name(spec))
        try:
            await _add(lab, spec, had)
        except ValueError as error:
            raise WrongUsage.of(error) from None
    await lab.come_back(modules=options.whole)
    for node in lab.world.modules.values():
        options.say(module_line(lab, node))
    here = list(lab.world.faults.listed().values())
    for fault in map(Fault.parse, options.faults):
        check_names(fault, lab.world.names)
        if fault not in here:  # it has come back (D171)
            lab.world.add_fault(fault)
    await lab.start_workers(options.advertise)
    for platform in platforms:
        options.say(platform_line(platform))
    for number, pid in enumerate(() if lab.workers is None else lab.workers.pids):
        options.say(f"worker number={number} pid={pid}")
    for name, module in lab.modules.items() if options.power_on else ():
        had = lab.had(name)
        if had is None or had.powered:
            lab.world.perform(lab.world.modules[name], module.power_on)
    lab.keeps = True
    await lab.keep()


async def _add(lab: LabRuntime, spec: ModuleSpec, had: KeptModule | None) -> None:
    """At the address of before where any port will do, and that one is free (D171)."""
    from nbtwin.edge.errors import EdgeError
    from nbtwin.runtime.kept import spec_of

    kept, serial = _as_it_was(had, spec), spec.serial
    if had is not None and serial.address is not None and serial.address[1] == 0:
        before = spec_of(had).serial
        if before.kind == serial.kind and before.address is not None and before.address[0] == serial.address[0]:
            with suppress(EdgeError):
                await lab.add_module(replace(spec, serial=before), power_on=False, kept=kept)
                return
    await lab.add_module(spec, power_on=False, kept=kept)


def _bring_keys(lab: LabRuntime, options: Options) -> None:
    """Those that are not there as they are said: all of them, or none."""
    from nbtwin.operators.key_store.refusals import PskError
    from nbtwin.operators.store.andlink import PskRepository

    store = lab.store
    keys, ring = store.keys, store.part(PskRepository).keys
    have = keys.passwords
    with store.database.transaction():
        for appkey, password in options.appkeys.items():
            if have.get(appkey) != password:
                keys.add(appkey, password)
                note(store, "keys add", appkey)
        if changed := [entry for entry in options.psk if ring.get(entry.device) != entry]:
            try:
                ring.add_all(changed)
            except PskError as error:
                raise WrongUsage.of(error) from None
            for entry in changed:
                note(store, "psk add", entry.device)


def _as_it_was(had: KeptModule | None, spec: ModuleSpec) -> KeptModule | None:
    """Of a module of the same model that was here: surroundings, and the card unless the SPEC says whose (D171)."""
    from msgspec.structs import replace as with_fields

    from nbtwin.runtime.kept import KeptCard

    if had is None or had.model != spec.profile.model:
        return None
    if spec.card == CardNumbers(by_iccid=True) and spec.operator is Operator.MOBILE:
        return had
    card = spec.usim(had.name)
    return with_fields(had, usim=None if card is None else KeptCard(card.imsi, card.iccid, card.pin))


def add_platform(lab: LabRuntime, operator: str, bind: Address) -> PlatformNode:
    from nbtwin.runtime.platforms import PLATFORMS

    if operator not in PLATFORMS:
        raise WrongUsage(CliRefusal.PLATFORM_UNKNOWN, "--ports", platform=operator, known=list(PLATFORMS))
    return lab.add_platform(operator, bind)


def platform_line(platform: PlatformNode) -> str:
    """``udp`` is the listener without DTLS; the others have their names."""
    listening_ports = ["udp", *(listener.name for listener in getattr(platform.engine, "listening_ports", ())[1:])]
    listens = (f"{name}={host}:{port}" for name, (host, port) in zip(listening_ports, platform.addresses, strict=True))
    return f"platform operator={platform.operator} {' '.join(listens)}"


def _advertise(lab: LabRuntime, platform: PlatformNode, host: str | None) -> None:
    """Where devices are sent to; the lab's own modules find the platform there as well."""
    from nbtwin.operators.andlink.platform import AndlinkPlatform

    if isinstance(platform.engine, AndlinkPlatform) and host is not None:
        (_, plain), _, (_, secure) = platform.addresses
        platform.engine.advertise(host, plain, secure)
        network = lab.world.network
        known_as = network.resolve(host)
        if known_as is None:
            network.add_name(host, known_as := platform.addresses[0][0])
        for address in platform.addresses:
            network.add_platform(address, [(known_as, address[1])])


def module_line(lab: LabRuntime, node: ModuleNode) -> str:
    module = lab.modules[node.name]
    model = module.profile.model.replace(" ", "-")
    return f"module name={node.name} model={model} imei={module.identity.imei} serial={lab.ports[node.name].where}"


async def _open_console(
    lab: LabRuntime, address: Address, access: Access | None, options: Options
) -> tuple[str, Callable[[], Awaitable[None]]]:
    """Its URL, and what closes it."""
    from nbtwin.web.app import create_app
    from nbtwin.web.server import Console

    console = Console(address)
    lab.serve_packages(_packages_at(console.url, options.advertise))
    asyncio.get_running_loop().run_in_executor(None, _learn_words)
    await console.start(create_app(lab, access))
    options.say(f"console {console.url}")
    _log.info("console started: %s", console.url)

    async def close() -> None:
        await console.close()
        _log.info("console stopped: %s", console.url)

    return console.url, close


def _learn_words() -> None:
    """Before somebody asks: a catalogue takes a third of a second, in which the loop would answer nobody."""
    from nbtwin.timeline.catalogue import LANGUAGES, formatter

    for language in LANGUAGES:
        formatter(language)


def _packages_at(url: str, advertised: str | None) -> str:
    """Where a device finds the lab's HTTP: at the host that it is told of, else where the lab listens (D163)."""
    from urllib.parse import urlsplit

    listens = urlsplit(url)
    host = advertised or listens.hostname or ""
    if host in ("0.0.0.0", "::"):
        host = "127.0.0.1"  # whoever wants others to come says so
    return f"http://[{host}]:{listens.port}" if ":" in host else f"http://{host}:{listens.port}"


def _access(lab: LabRuntime, address: Address, options: Options) -> Access:
    """On loopback whoever is on this machine; wider, whoever has a token: there must be one."""
    import ipaddress

    from nbtwin.operators.store.access import TokenRepository
    from nbtwin.web.access.tokens import Access

    needed = options.tokens or not ipaddress.ip_address(address[0]).is_loopback
    if needed and not lab.store.part(TokenRepository).everyone():
        where = f"--database {lab.store.path}" if options.database else f"--state {options.state}"
        raise WrongUsage(CliRefusal.TOKEN_NEEDED, f"--http {address[0]}", options=where)
    hosts = {
        *options.hosts,
        *([options.advertise] if options.advertise else []),
    }  # under which devices ask for packages
    return Access(lab.store, needed=needed, hosts=frozenset(hosts))
