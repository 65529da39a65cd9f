"""`nbtwin demo`: the whole chain once, and a verdict.

A host configures a BC260Y-CN through a real PTY with the commands of DOC-C, the module reboots and registers over real
UDP, the platform shows what it learned; then thirty days of the same module in simulated time.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from nbtwin.cli.demo_month import Month, simulate
from nbtwin.cli.demo_phrases import DemoPhrase
from nbtwin.cli.language import chosen
from nbtwin.cli.refusals import CliRefusal
from nbtwin.edge.errors import EdgeError
from nbtwin.edge.host_port import HostPort
from nbtwin.engine import Seconds
from nbtwin.host.line import PortTransport
from nbtwin.host.module import Module
from nbtwin.operators.inventory.devices import Device
from nbtwin.profiles.models import PROFILES
from nbtwin.runtime.errors import Failed
from nbtwin.runtime.lab import LabRuntime
from nbtwin.runtime.spec import parse_spec
from nbtwin.timeline.catalogue import say
from nbtwin.timeline.entry import EntryKind
from nbtwin.timeline.terminal import printer

APPKEY, PASSWORD = "M100000090", "95Go-a-password-of-the-demo-0001"
PATIENCE: Seconds = 10.0
SHOWN = {EntryKind.AT_IN, EntryKind.AT_OUT, EntryKind.STATE, EntryKind.DATAGRAM, EntryKind.LOOKUP, EntryKind.PLATFORM}
EXTENDED = {6604: "4096KB", 6605: "4096KB", 6606: "EC616", 6607: "FREE RTOS", 6608: "BC260YCNAAR01A04", 6609: "Quectel"}


def run() -> None:
    """Raises Failed when anything is not as the documents say, or this machine lacks something."""
    console = Console(highlight=False, soft_wrap=True)
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="nbtwin-demo-") as state:
        try:
            device, nvram = asyncio.run(_live(console, Path(state)))
        except EdgeError as error:
            raise Failed.of(error) from None
    _show_device(console, device)
    _show_month(console, simulate(nvram))
    ended = say(DemoPhrase.ENDED, chosen(), seconds=f"{time.perf_counter() - began:.1f}")
    console.print(f"\n{ended}[bold]nbtwin up --module BC260Y-CN[/bold]")


async def _live(console: Console, state: Path) -> tuple[Device, bytes]:
    lab = LabRuntime(state, seed=1)
    try:
        lab.store.keys.add(APPKEY, PASSWORD)
        platform = lab.add_platform("cmdmp", ("127.0.0.1", 0))
        node = await lab.add_module(parse_spec("BC260Y-CN,sim=mobile,serial=pty,name=bc260y"), power_on=False)
        where, module = lab.ports[node.name].where, lab.modules[node.name]
        places = say(DemoPhrase.PLACES, chosen(), port=where, peer=list(platform.address))
        console.print(f"[bold]{say(DemoPhrase.MODULE, chosen())}[/bold]{escape(places)}\n")
        without = [kind for kind in EntryKind if kind not in SHOWN]
        lab.timeline.add_sink(printer(console, lambda at: f"{at - begun:7.3f}", chosen(), without))
        line = await asyncio.to_thread(_open, where)  # before the module says RDY
        begun = lab.world.scheduler.touch()
        lab.world.perform(node, module.power_on)
        await asyncio.to_thread(_host, line, module.identity.imei)
        device = await _known(lab, f"cmdmp:{module.identity.imei}")
        return device, module.nvram.snapshot()
    finally:
        await lab.close()


def _open(where: str) -> Module:
    return Module(PortTransport(HostPort(where, 115200)), PROFILES["BC260Y-CN"])


async def _known(lab: LabRuntime, name: str) -> Device:
    """The device once the platform has read its inventory: that comes, and is committed, behind the registration."""
    until = time.monotonic() + PATIENCE
    while (device := await asyncio.to_thread(lab.store.device, name)) is None or not device.values:
        if time.monotonic() > until:
            raise Failed(CliRefusal.DEMO_DEVICE, "demo")
        await asyncio.sleep(0.02)
    return device


def _host(module: Module, imei: str) -> None:
    """What the customer's MCU does: DOC-C 3.2.2 and 3.2.3, then wait for the registration."""
    with module:
        host = _Host(module)
        host.wait_for("+CPIN: READY")
        host.ask("ATE0", "OK")
        host.ask("AT+QDMPCFG=?", "OK")
        host.ask("AT+QDMPCFG=1,117.161.2.7,5683,420", "OK")
        host.ask("AT+QDMPCFG=4,1", "+QDMPCFG: 1,117.161.2.7,5683,420")
        host.ask(f'AT+QDMPCFG=2,"{APPKEY}","{PASSWORD}",1,{imei}', "OK")
        host.ask("AT+QDMPCFG=4,2", f"+QDMPCFG: 2,{APPKEY},{PASSWORD[:4]}****,1,{imei}")
        host.ask('AT+QDMPCFGEX=2,0,"4096KB","4096KB","EC616","FREE RTOS"', "OK")
        host.ask('AT+QDMPCFGEX=3,0,"BC260YCNAAR01A04","Quectel"', "OK")
        host.ask("AT+QDMPCFGEX=2,1", "+QDMPCFGEX: 2,4096KB,4096KB,EC616,FREE RTOS")
        host.ask("AT+QDMPCFG=1,117.161.2.7,65536,420", "ERROR")  # the port is out of range
        host.ask("AT+QRST=1", "OK")
        host.wait_for("+CPIN: READY")
        host.ask("ATE0;+CEREG=1", "OK")
        host.wait_for("+CEREG: 1")
        host.ask_until("AT+QDMPCFG=6", "+QDMPCFG: 6,6")
        host.ask("AT+QDMPCFG?", "+QDMPCFG: 1,117.161.2.7,5683,420")


class _Host:
    """What does not come in time, or is another answer, is a failure."""

    def __init__(self, module: Module) -> None:
        self._module = module

    def ask(self, line: str, expected: str) -> None:
        answer = self._ask(line)
        if expected not in answer:
            raise Failed(CliRefusal.DEMO_ANSWER, "demo", line=line, answer=" ".join(answer), expected=expected)

    def ask_until(self, line: str, expected: str) -> None:
        until = time.monotonic() + PATIENCE
        while expected not in (answer := self._ask(line)):
            if time.monotonic() > until:
                raise Failed(CliRefusal.DEMO_ANSWER, "demo", line=line, answer=" ".join(answer), expected=expected)
            self._module.listen(0.02)

    def wait_for(self, text: str) -> None:
        if self._module.wait_for_urc(text, PATIENCE) is None:
            raise Failed(CliRefusal.DEMO_LATE, "demo", what=text, seconds=PATIENCE)

    def _ask(self, line: str) -> list[str]:
        answer = self._module.send(line, within=PATIENCE)
        if not answer.final:
            raise Failed(CliRefusal.DEMO_LATE, "demo", what=f"an answer to {line}", seconds=PATIENCE)
        return [*answer.lines, answer.final]


def _show_device(console: Console, device: Device) -> None:
    wrong = {
        number: device.values.get(number) for number, text in EXTENDED.items() if device.values.get(number) != text
    }
    if wrong or device.state != "registered":
        raise Failed(CliRefusal.DEMO_LEARNED, "demo", state=device.state, wrong=str(wrong))
    table = _table(DemoPhrase.KNOWN)
    table.add_column(style="cyan")
    table.add_column(overflow="fold")
    for name in ("imei", "imsi", "appkey", "state", "location"):
        field = say(DemoPhrase.FIELD, chosen(), name=name)
        table.add_row(field, escape(str(getattr(device, name))))
    table.add_row(say(DemoPhrase.FIELD, chosen(), name="lifetime"), f"{device.lifetime:g} s")
    for number, value in device.values.items():
        if value != "NULL":
            resource = say(DemoPhrase.RESOURCE, chosen(), number=number)
            table.add_row(f"/666/0/{number}", f"{escape(value)}  [dim]{resource}[/dim]")
    console.print(table)


def _table(title: DemoPhrase) -> Table:
    said = f"\n{say(title, chosen())}"
    return Table(title=said, title_justify="left", title_style="bold", show_header=False, box=None)


def _show_month(console: Console, month: Month) -> None:
    table = _table(DemoPhrase.DAYS)
    for name, value in month.rows(chosen()):
        table.add_row(f"[cyan]{name}[/cyan]", value)
    console.print(table)
    if not month.fine:
        raise Failed(CliRefusal.DEMO_MONTH, "demo")
