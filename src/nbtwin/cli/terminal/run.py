"""`nbtwin at`: which ports there are, a few commands and their answers, a script, a pipe, or a person in front of it.

Exit status of commands and scripts: 0 each was answered OK, 1 an error or no answer, 2 wrong usage.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nbtwin.cli.as_json import print_json
from nbtwin.cli.language import chosen
from nbtwin.cli.refusals import CliRefusal
from nbtwin.cli.terminal.options import Options
from nbtwin.cli.terminal.phrases import TerminalPhrase
from nbtwin.cli.terminal.ports import PortFound, found_baud, looked_at, ports, present_baud, resolve
from nbtwin.cli.terminal.script import Step, StepDone, load, raw_bytes
from nbtwin.cli.terminal.session import Answered, LineKind, LineSeen, Order, Prompted, SessionEvent
from nbtwin.cli.terminal.terminal import SETTLED, Quiet, Terminal, is_shown
from nbtwin.cli.terminal.view import Stamps, View
from nbtwin.cli.terminal.wire import Wire
from nbtwin.cli.zone import show_zone_of
from nbtwin.edge.errors import EdgeError
from nbtwin.engine import CodedError, Seconds
from nbtwin.host.errors import HostError
from nbtwin.host.line import has_speed, url_of
from nbtwin.host.tables import dialect_of
from nbtwin.runtime.errors import Failed, WrongUsage
from nbtwin.runtime.spec import find_model
from nbtwin.timeline.catalogue import say
from nbtwin.timeline.catalogue.errors import worded

USUAL = 115200
"""Bits per second where no module answers, or the port has no speed."""
LAST: Seconds = 5.0
"""How long the answer to the last line of a pipe may take."""
SILENCE: Seconds = 0.3
"""And how long what comes after it is listened for."""


def run(options: Options) -> int:
    """The exit status."""
    if options.port is None:
        return _list(options)
    if options.commands and options.script is not None:
        raise WrongUsage(CliRefusal.SCRIPT_AND_COMMANDS, "--script")
    options.port = resolve(options.port, options.state)
    show_zone_of(options.state)
    try:
        return asyncio.run(_run(options))
    except EdgeError as error:
        raise WrongUsage.of(error) from None


def _list(options: Options) -> int:
    found = ports(options.state)
    if options.as_json:
        print_json("ports", [_as_data(each) for each in found])
        return 0
    for each in found:
        print("  ".join(filter(None, (each.port, _described(each)))))
    said = say(TerminalPhrase.PORTS_HOW, chosen())
    if not found:
        said = say(TerminalPhrase.PORTS_NONE, chosen(), places=looked_at(options.state))
    print(said, file=sys.stderr)
    return 0


def _described(found: PortFound) -> str:
    if found.name:
        return say(TerminalPhrase.PORT_OF_LAB, chosen(), name=found.name, lab=found.lab)
    return "  ".join(filter(None, (found.description, found.hardware)))


def _as_data(found: PortFound) -> dict[str, Any]:
    return {
        "port": found.port,
        "description": found.description,
        "hardware": found.hardware,
        "module": found.name or None,
        "lab": found.lab or None,
    }


async def _run(options: Options) -> int:
    assert options.port is not None
    steps = None if options.script is None else load(options.script)
    interactive = steps is None and not options.commands and sys.stdin.isatty() and sys.stdout.isatty()
    url, trouble = url_of(options.port), None
    baud = options.baud or present_baud(options.port) or (None if has_speed(url) else USUAL)
    if baud is None:
        try:
            baud = found_baud(options.port, options.model)
        except HostError as error:
            if not interactive:
                raise Failed.of(error) from None
            baud, trouble = USUAL, error
    wire = Wire(url, baud)
    if interactive:
        from nbtwin.cli.terminal.interactive import Interactive

        return await Interactive(options, wire, trouble).run()
    view = View(_nothing, time.time)
    view.stamps, view.hex = Stamps(options.stamps), options.hex
    if options.log is not None:
        _log(view, options.log)
    terminal = Terminal(options.port, wire, view, None)
    if options.model is not None:
        terminal.session.follow(dialect_of(find_model(options.model)))
    terminal.start()
    try:
        if options.commands:
            return await _commands(terminal, options)
        if steps is not None:
            return await _script(terminal, options, steps)
        return await _pipe(terminal)
    except Failed as error:
        terminal.close()
        raise _at_which(options, error) from None
    finally:
        terminal.close()


def _nothing(line: object) -> None:
    """Nobody looks at it."""


def _log(view: View, path: Path) -> None:
    try:
        view.log(path)
    except OSError as error:
        raise WrongUsage.of(error, f"--log {path}") from None


def _plain(line: Sequence[tuple[str, str]]) -> None:
    print("".join(text for _, text in line), flush=True)


def _orders(options: Options) -> list[Order]:
    """A word that begins with > is the data of the command before it."""
    orders: list[Order] = []
    for text in options.commands:
        if text.startswith(">"):
            if not orders:
                raise WrongUsage(CliRefusal.SCRIPT_NO_COMMAND, text, text=">")
            orders[-1] = Order(orders[-1].line, raw_bytes(text[1:].removeprefix(" "), text), options.timeout)
        else:
            orders.append(Order(text, None, options.timeout))
    return orders


async def _commands(terminal: Terminal, options: Options) -> int:
    """In their order, up to the first that fails."""
    quiet = Quiet()
    terminal.watch(quiet.handle)
    orders = _orders(options)
    await quiet.wait(SETTLED, time.monotonic() + LAST)
    loop = asyncio.get_running_loop()
    done: list[dict[str, Any]] = []
    ended: asyncio.Future[Answered | None] = loop.create_future()
    booting = False

    def handle(event: SessionEvent) -> None:
        nonlocal booting
        booting = booting or (isinstance(event, LineSeen) and event.kind is LineKind.STARTED)
        match event:
            case LineSeen(kind, text, order) if order is not None and is_shown(kind) and not options.as_json:
                print(text, flush=True)
            case Prompted():
                terminal.stop()
                if not ended.done():
                    ended.set_result(None)
            case Answered() if not ended.done():
                ended.set_result(event)

    terminal.watch(handle)
    failed: CodedError | None = None
    again = orders[:1]  # a module that was booting has not heard the first one
    while orders:
        order = orders.pop(0)
        ended = loop.create_future()
        terminal.submit([order])
        gone: asyncio.Future[bool] = asyncio.ensure_future(terminal.lost.wait())
        waited: list[asyncio.Future[Any]] = [ended, gone]
        await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        gone.cancel()
        answered = ended.result() if ended.done() else None
        if answered is None:
            failed = Failed(CliRefusal.AT_DATA_WANTED, terminal.port, line=order.line)
            if terminal.lost.is_set():
                failed = _lost(terminal, order.line)
            done.append(_answer_as_data(order, None))
            break
        if booting and not answered.answer.final and order in again:
            orders, again = [order, *orders], []
            continue
        done.append(_answer_as_data(order, answered))
        if not answered.answer.ok:
            if answered.restarted:
                failed = Failed(CliRefusal.AT_RESTARTED, terminal.port, line=order.line)
            elif not answered.answer.final:
                failed = _silent(terminal, done, order.line, round(answered.answer.took, 1))
            break
    whole = not orders and all(each["ok"] for each in done)
    if options.as_json:
        about = {"port": terminal.port, "baud": terminal.wire.baud, "ok": whole}
        print_json("answers", done, **about)
    if failed is not None:
        raise failed
    return 0 if whole else 1


def _lost(terminal: Terminal, line: str) -> Failed:
    if terminal.is_taken:
        return Failed(CliRefusal.AT_TAKEN, terminal.port)
    return Failed(CliRefusal.AT_LOST, terminal.port, line=line)


def _silent(terminal: Terminal, done: Sequence[dict[str, Any]], line: str, seconds: Seconds) -> Failed:
    """The speed may be the wrong one where nothing has been answered at it."""
    if has_speed(terminal.wire.url) and not any(each["final"] for each in done):
        return Failed(CliRefusal.AT_SPEED, terminal.port, line=line, seconds=seconds, baud=terminal.wire.baud)
    return Failed(CliRefusal.AT_SILENT, terminal.port, line=line, seconds=seconds)


def _at_which(options: Options, error: Failed) -> Failed:
    """Of AT_SPEED: at which speed a module answers, where the user has named none."""
    if error.code is not CliRefusal.AT_SPEED or options.baud is not None:
        return error
    fields = {name: error.fields[name] for name in ("line", "seconds")}
    try:
        found = found_baud(str(options.port), options.model)
    except (HostError, EdgeError):
        return Failed(CliRefusal.AT_SILENT, error.where, **fields)
    if found == error.fields["baud"]:
        return Failed(CliRefusal.AT_SILENT, error.where, **fields)
    return Failed(CliRefusal.AT_OTHER_SPEED, error.where, baud=error.fields["baud"], found=found, **fields)


def _answer_as_data(order: Order, answered: Answered | None) -> dict[str, Any]:
    answer = None if answered is None else answered.answer
    return {
        "command": order.line,
        "ok": answer is not None and answer.ok,
        "lines": [] if answer is None else list(answer.lines),
        "final": None if answer is None else answer.final or None,
        "err": None if answer is None else answer.err,
        "seconds": None if answer is None else round(answer.took, 3),
        "urcs": [] if answered is None else list(answered.urcs),
    }


async def _script(terminal: Terminal, options: Options, steps: Sequence[Step]) -> int:
    if not options.as_json:
        terminal.view.show_with(_plain)
    quiet = Quiet()
    terminal.watch(quiet.handle)
    await quiet.wait(SETTLED, time.monotonic() + LAST)
    terminal.tells_ends = False
    ended = asyncio.Event()
    run = terminal.run(str(options.script), steps)

    def look() -> None:
        if run.finished or terminal.lost.is_set():
            ended.set()

    terminal.redraw = look
    look()
    await ended.wait()
    error = run.error
    if error is None and not (run.finished and terminal.script is None and len(run.done) == run.total):
        error = _lost(terminal, getattr(run.now, "where", str(options.script)))
    if options.as_json:
        print_json(
            "steps", [_step_as_data(each) for each in run.done], script=str(options.script), port=terminal.port,
            ok=error is None, error=None if error is None else worded(error, chosen()),
        )  # fmt: skip
    if error is not None:
        raise error
    return 0


def _step_as_data(done: StepDone) -> dict[str, Any]:
    answered = done.answer
    return {
        "where": done.step.where,
        "step": type(done.step).__name__.lower(),
        "ok": done.error is None,
        "seconds": round(done.took, 3),
        "code": None if done.error is None else str(done.error.code),
        "text": None if done.error is None else worded(done.error, chosen()),
        "answer": None if answered is None else _answer_as_data(answered.order, answered),
    }


async def _pipe(terminal: Terminal) -> int:
    """Until the end of standard input, and until its last line has been answered."""
    loop = asyncio.get_running_loop()
    at_end = asyncio.Event()
    quiet = Quiet()

    def handle(event: SessionEvent) -> None:
        quiet.handle(event)
        if isinstance(event, LineSeen) and event.kind not in (LineKind.SENT, LineKind.DATA):
            print(event.text, flush=True)
        elif isinstance(event, Prompted):
            print(">", flush=True)

    def read() -> None:
        part = b""
        while data := os.read(sys.stdin.fileno(), 4096):
            *whole, part = (part + data).replace(b"\r", b"\n").split(b"\n")
            loop.call_soon_threadsafe(take, whole)
        loop.call_soon_threadsafe(take, [part])
        loop.call_soon_threadsafe(at_end.set)

    def take(lines: Sequence[bytes]) -> None:
        terminal.submit([Order(line.decode("utf-8", "surrogateescape")) for line in lines if line])

    terminal.watch(handle)
    threading.Thread(target=read, daemon=True).start()
    gone = asyncio.ensure_future(terminal.lost.wait())
    ended = asyncio.ensure_future(at_end.wait())
    await asyncio.wait([gone, ended], return_when=asyncio.FIRST_COMPLETED)
    until = time.monotonic() + LAST
    while terminal.session.unanswered and not terminal.lost.is_set() and time.monotonic() < until:
        await quiet.wait(SILENCE, until)
        if terminal.session.unanswered:
            await asyncio.sleep(0.02)
    await quiet.wait(SILENCE, until)
    gone.cancel()
    ended.cancel()
    return 0
