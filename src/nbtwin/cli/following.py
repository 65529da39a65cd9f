"""What a lab that runs prints and writes as it happens: `--timeline`, `--trace`, `--pcap`. In a live lab beside the
loop, the files in one thread and the terminal in another, which comes behind: what is printed is in the files.
"""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from nbtwin.cli.language import chosen
from nbtwin.cli.output import warn
from nbtwin.cli.refusals import CliRefusal
from nbtwin.cli.streams import WholeFile, unbuffered_output
from nbtwin.edge.nvram_file import private
from nbtwin.edge.output_thread import OutputThread
from nbtwin.foreign import detail_of
from nbtwin.runtime.errors import Failed, WrongUsage
from nbtwin.timeline.clock import format_wall

if TYPE_CHECKING:
    from nbtwin.runtime.lab import LabRuntime
    from nbtwin.timeline.ring import Sink

Close: TypeAlias = Callable[[], Awaitable[None]]


def follow(
    lab: LabRuntime, shown: str, trace: Path | None, pcap: Path | None, ended: Callable[[SystemExit], object]
) -> Close:
    """From now on; ``shown``: one of `output.SHOWN`. Returns what ends it, on the loop. WrongUsage for a file that
    cannot be opened. ``ended`` is told, on the loop, that nothing more can be printed."""
    with ExitStack() as opened:
        files = _files(opened, trace, pcap)
        closing = opened.pop_all()
    terminal = _terminal(shown)
    if lab.live is None:
        for sink in (*files.values(), *terminal.values()):
            lab.timeline.add_sink(sink)
        return partial(_end, [], closing)
    thread = partial(OutputThread, world=lab.world, gauge=lab.gauge, failed=partial(_failed, ended))
    threads = [thread("terminal", terminal)] if terminal else []
    if files:
        threads.insert(0, thread("files", files, then=threads[0].put) if threads else thread("files", files))
    if threads:
        lab.timeline.add_sink(threads[0].put)
    return partial(_end, threads, closing)


async def _end(threads: list[OutputThread], closing: ExitStack) -> None:
    whole = [await thread.close() for thread in threads]
    if all(whole):  # else somebody is within a write yet: the end of the process ends it
        closing.close()


def _files(opened: ExitStack, trace: Path | None, pcap: Path | None) -> dict[str, Sink]:
    """By option."""
    files: dict[str, Sink] = {}
    if pcap is not None:
        from nbtwin.timeline.pcapng import Capture

        capture = Capture(_open(opened, f"--pcap {pcap}", pcap, "wb"))
        opened.callback(capture.close)
        files[f"--pcap {pcap}"] = capture.add
    if trace is not None:
        from nbtwin.timeline.jsonl import writer

        file = _open(opened, f"--trace {trace}", trace, "ab")
        files[f"--trace {trace}"] = writer(_as_text(file), format_wall, chosen())
    return files


def _open(opened: ExitStack, option: str, path: Path, mode: str) -> WholeFile:
    try:
        return opened.enter_context(WholeFile(path, mode, opener=private))
    except OSError as error:
        raise WrongUsage.of(error, option) from None


def _as_text(file: WholeFile) -> io.TextIOWrapper:
    return io.TextIOWrapper(file, encoding="utf-8", write_through=True)


def _terminal(shown: str) -> dict[str, Sink]:
    if shown == "text":
        from rich.console import Console

        from nbtwin.timeline.terminal import printer

        return {"--timeline": printer(Console(file=unbuffered_output()), format_wall, chosen())}
    if shown == "json":
        from nbtwin.timeline.jsonl import writer

        return {"--timeline": writer(unbuffered_output(), format_wall, chosen())}
    return {}


def _failed(ended: Callable[[SystemExit], object], option: str, error: OSError | SystemExit) -> None:
    if isinstance(error, SystemExit):
        ended(error)
        return
    warn(Failed(CliRefusal.FILE_UNWRITABLE, option, detail=detail_of(error)))
