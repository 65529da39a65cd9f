"""`nbtwin record`, `replay` and `transcript`: what passes on a serial line, kept, played, made a case."""

from __future__ import annotations

import signal
import sys
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from nbtwin.cli.language import chosen
from nbtwin.cli.recording_phrases import RecordingPhrase
from nbtwin.cli.refusals import CliRefusal
from nbtwin.runtime.errors import Failed, SpecError, WrongUsage
from nbtwin.timeline.catalogue import say

if TYPE_CHECKING:
    import asyncio

    from nbtwin.edge.serial_line import SerialLine
    from nbtwin.edge.serial_port import SerialPort
    from nbtwin.recording.file import LineChanged, Recording
    from nbtwin.recording.replay import ReplayEvent

DEFAULT_SPEED = 115_200
Port = typer.Argument(metavar="PORT", help="The module's: /dev/ttyUSB0, COM3, tcp:HOST:PORT, rfc2217:HOST:PORT, …")
File = typer.Argument(metavar="FILE")
Ours = typer.Option(
    "pty" if sys.platform != "win32" else "tcp:127.0.0.1:0",
    "--serial",
    metavar="pty|tcp:HOST:PORT|rfc2217:HOST:PORT",
    help="The port that the host opens.",
)
Link = typer.Option(None, "--link", metavar="PATH", help="A symbolic link to the pseudo-terminal.")
Baud = typer.Option(None, "--baud", min=1, help="Until the host sets another speed; 115200 when left out.")
Hide = typer.Option(True, "--hide/--no-hide", help="Replace IMEI, IMSI, ICCID, passwords, keys and PINs.")
Force = typer.Option(False, "--force", help="Replace FILE if it is there.")
How = typer.Option("strict", "--match", metavar="strict|relaxed|answers", help="What the host may send otherwise.")
Speed = typer.Option(1.0, "--speed", metavar="N", help="So many times as fast as it was.")
Once = typer.Option(False, "--once", help="End when the recording does. A host has to come first.")
Model = typer.Option(None, "--model", metavar="MODEL", help="What it is played on; else as AT+CGMM was answered.")
Title = typer.Option(None, "--title", metavar="TEXT", help="The case's; else the file's name.")
Out = typer.Option(None, "--out", metavar="FILE", help="Where to write it; else standard output.")


def record(
    port: str = Port,
    file: Path = File,
    serial: str = Ours,
    link: Path | None = Link,
    baud: int | None = Baud,
    hide: bool = Hide,
    force: bool = Force,
) -> None:
    """Record what passes between a host and a module.

    \b
    nbtwin record /dev/ttyUSB0 field.rec            the host opens the port that is printed
    nbtwin record COM3 field.rec --serial tcp:127.0.0.1:7001

    Until Ctrl-C. Every piece is kept with its time. What identifies a device, and what is secret, is replaced by
    values of the same shape, unless --no-hide.
    """
    import asyncio

    from nbtwin.edge.errors import EdgeError
    from nbtwin.host.line import url_of

    url = url_of(port)
    if file.exists() and not force:
        raise WrongUsage(CliRefusal.FILE_EXISTS, str(file))
    try:
        asyncio.run(_record(url, file, serial, link, baud, hide))
    except EdgeError as error:
        raise WrongUsage.of(error) from None


async def _record(url: str, file: Path, serial: str, link: Path | None, baud: int | None, hide: bool) -> None:
    import asyncio
    import os
    from datetime import UTC, datetime

    from nbtwin.edge.host_port import HostPort
    from nbtwin.edge.nvram_file import private
    from nbtwin.recording.file import Header, RecordingWriter
    from nbtwin.recording.recorder import Recorder
    from nbtwin.recording.redaction import Redactor

    began = asyncio.get_running_loop().time()
    with ExitStack() as closing:
        real = HostPort(url, baud or DEFAULT_SPEED)
        closing.callback(real.close)
        stop = asyncio.Event()

        def changed(change: LineChanged) -> None:
            lost = RecordingPhrase.TAKEN if recorder.is_taken else RecordingPhrase.LOST
            phrase = lost if change.what == "lost" else RecordingPhrase.BACK
            print(say(phrase, chosen(), module=url), file=sys.stderr, flush=True)

        recorder = Recorder(real, Redactor(os.urandom(16)) if hide else None, changed, stop.set)
        ours = await _opened(recorder, serial, link)
        closing.callback(ours.close)
        header = Header(began=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), port=url, baud=real.baud, hidden=hide)
        try:
            writer = RecordingWriter(closing.enter_context(open(file, "wb", buffering=0, opener=private)), header)
        except OSError as error:
            raise WrongUsage.of(error, str(file)) from None
        closing.callback(recorder.close)
        recorder.start(ours, writer)
        print(say(RecordingPhrase.OPEN, chosen(), port=ours.where, module=url), flush=True)
        print("ready", flush=True)
        await _until_signal(stop)
    if recorder.failure is not None:
        raise Failed.of(recorder.failure, str(file))
    seconds = round(asyncio.get_running_loop().time() - began, 1)
    print(
        say(RecordingPhrase.DONE, chosen(), file=str(file), seconds=seconds, sent=recorder.sent, came=recorder.came),
        file=sys.stderr,
    )


def replay(
    file: Path = File,
    serial: str = Ours,
    link: Path | None = Link,
    match: str = How,
    speed: float = Speed,
    once: bool = Once,
) -> None:
    """A port with a module that answers what a recording says.

    \b
    nbtwin replay field.rec
    nbtwin replay field.rec --match relaxed --serial tcp:127.0.0.1:7001
    nbtwin replay sscom.log --match answers         a log of another terminal

    strict: the host must send what was sent; relaxed: commands in any order; answers: these alone, at once.
    Exit status 1 when the host sent something else than strict allows.
    """
    import asyncio

    from nbtwin.edge.errors import EdgeError
    from nbtwin.recording.replay import Matching

    if match not in [*Matching]:
        raise WrongUsage(CliRefusal.NONE_OF, "--match", value=match, known=[*map(str, Matching)])
    if not 0 < speed < float("inf"):
        raise WrongUsage(CliRefusal.NUMBER_FROM, "--speed", least=0)
    recording = _read(file)
    try:
        right = asyncio.run(_replay(file, recording, Matching(match), serial, link, speed, once))
    except EdgeError as error:
        raise WrongUsage.of(error) from None
    if not right:
        raise typer.Exit(1)


async def _replay(
    file: Path, recording: Recording, matching: str, serial: str, link: Path | None, speed: float, once: bool
) -> bool:
    import asyncio

    from nbtwin.recording.player import Player
    from nbtwin.recording.replay import (
        CommandUnknown,
        Deviated,
        Matching,
        RecordingEnded,
        Replay,
        SentBeyond,
    )

    wrong: list[ReplayEvent] = []
    ended = asyncio.Event()

    def found(event: ReplayEvent) -> None:
        match event:
            case Deviated(number, expected, sent):
                wrong.append(event)
                text = say(RecordingPhrase.DEVIATED, chosen(), number=number, expected=expected, sent=sent)
            case SentBeyond(sent):
                wrong.append(event)
                text = say(RecordingPhrase.BEYOND, chosen(), sent=sent)
            case CommandUnknown(sent):
                text = say(RecordingPhrase.UNKNOWN, chosen(), sent=sent)
            case RecordingEnded():
                text = say(RecordingPhrase.ENDED, chosen())
        print(text, flush=True)
        if once and isinstance(event, Deviated | RecordingEnded):
            ended.set()

    baud = recording.header.baud or DEFAULT_SPEED
    player = Player(Replay(recording, Matching(matching), speed=speed), baud, found)
    ours = await _opened(player, serial, link)
    try:
        player.start(ours)
        print(say(RecordingPhrase.REPLAYED, chosen(), port=ours.where, file=str(file)), flush=True)
        print("ready", flush=True)
        await _until_signal(ended)
    finally:
        player.close()
        ours.close()
    return not wrong


def transcript(
    file: Path = File, model: str | None = Model, title: str | None = Title, out: Path | None = Out, force: bool = Force
) -> None:
    """Make a scenario of a recording, or of another terminal's log.

    \b
    nbtwin transcript field.rec --out field.yaml && nbtwin run field.yaml
    nbtwin transcript sscom.log --model BC28

    Each command becomes a step with the answer that it got; what the module said by itself becomes an expectation.
    """
    from nbtwin.recording.as_scenario import as_scenario, model_of
    from nbtwin.recording.exchanges import exchanges_of
    from nbtwin.runtime.spec import find_model

    recording = _read(file)
    named = model or model_of(recording)
    if named is None:
        raise WrongUsage(CliRefusal.MODEL_NEEDED, str(file))
    text = as_scenario(recording, find_model(named).model, title or file.stem)
    if out is None:
        print(text, end="")
        return
    if out.exists() and not force:
        raise WrongUsage(CliRefusal.FILE_EXISTS, str(out))
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise WrongUsage.of(error, str(out)) from None
    count = len(exchanges_of(recording)[1])
    print(say(RecordingPhrase.TRANSCRIPT, chosen(), file=str(out), count=count))


def _read(file: Path) -> Recording:
    """A recording of ours, or another terminal's log. What is missing at its end is told."""
    from nbtwin.recording.file import Ending, is_recording, read_recording
    from nbtwin.recording.foreign_log import read_log
    from nbtwin.recording.refusals import RecordingError

    try:
        data = file.read_bytes()
    except OSError as error:
        raise WrongUsage.of(error, str(file)) from None
    try:
        recording = (read_recording if is_recording(data) else read_log)(data, str(file))
    except RecordingError as error:
        raise Failed.of(error) from None
    if recording.ending is not Ending.WHOLE:
        cut = recording.ending is Ending.CUT_OFF
        phrase = RecordingPhrase.CUT_OFF if cut else RecordingPhrase.EDITED
        print(say(phrase, chosen(), file=str(file), seconds=round(recording.duration, 1)), file=sys.stderr, flush=True)
    return recording


async def _opened(line: SerialLine, serial: str, link: Path | None) -> SerialPort:
    """Imports what this system has."""
    from nbtwin.runtime.spec import parse_serial

    try:
        wanted = parse_serial(serial)
    except SpecError as error:
        raise WrongUsage.of(error, "--serial") from None
    if wanted.address is None:
        from nbtwin.edge.serial_pty import PtyPort

        return PtyPort(line, link=None if link is None else str(link))
    if link is not None:
        raise WrongUsage(CliRefusal.LINK_WITHOUT_PTY, "--link", value=serial)
    from nbtwin.edge.serial_rfc2217 import Rfc2217Port
    from nbtwin.edge.serial_tcp import TcpPort

    return await (Rfc2217Port if wanted.kind == "rfc2217" else TcpPort).open(line, *wanted.address)


async def _until_signal(other: asyncio.Event | None = None) -> None:
    """SIGINT, SIGTERM, or the other event. Where a loop takes no signals (Windows), Ctrl-C interrupts it."""
    import asyncio

    stop = other or asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):
            loop.add_signal_handler(number, stop.set)
    with suppress(asyncio.CancelledError):
        await stop.wait()
