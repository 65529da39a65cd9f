"""Load in C for CoAP servers on loopback, and the echo that every figure is compared with.

`generator.c` says what it does. It is compiled on first use with `cc` (or what `CC` names) into the user's cache folder
and never committed. From the shell, for a platform at port 5783 whose process is 1234:

    python -m benchmarks.generator --port 5783 --pid 1234 --traffic lwm2m --devices 100000 \\
        'what=register closed=64 count=100000' 'what=register closed=64 seconds=5 order=random' \\
        'what=update open=5000 seconds=5'

Each phase is answered by a line of JSON; `cpu_us` is the server's CPU time for one answer. `--traffic` names what is
sent (`benchmarks.traffic.TRAFFIC`); `--port 0` starts the C echo and measures that.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks import cache_folder
from benchmarks.processes import SERVER_CPU
from benchmarks.traffic import Traffic

SOURCE = Path(__file__).parent / "generator.c"
GENERATOR_CPU = (os.cpu_count() or 1) - 1
"""The last core is the generator's."""
SOCKETS = 64


class NoGenerator(Exception):
    """It cannot be had on this machine; the text says why."""


def executable() -> Path:
    """Compiled where it is not yet; NoGenerator."""
    if not sys.platform.startswith("linux"):
        raise NoGenerator("the load generator needs Linux (epoll, recvmmsg)")
    compiler = next(
        (found for name in (os.environ.get("CC"), "cc", "gcc", "clang") if name and (found := shutil.which(name))), None
    )
    source = SOURCE.read_bytes()
    cache = cache_folder()
    made = cache / f"generator-{hashlib.sha256(source).hexdigest()[:16]}"
    if made.exists():
        return made
    if compiler is None:
        raise NoGenerator("no C compiler here to make the load generator with (Debian: apt-get install gcc libc6-dev)")
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        program = Path(folder) / "generator"
        done = subprocess.run(
            [compiler, "-O2", "-o", str(program), str(SOURCE), "-lm"], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise NoGenerator(f"{compiler} could not make the load generator: {done.stderr.strip()[:500]}")
        program.replace(made)
    return made


class Generator:
    """A running one, at one server. Phases one after the other; what it has learnt (Locations) stays."""

    def __init__(
        self, port: int, traffic: Traffic, *, pid: int | None = None, sockets: int = SOCKETS, echoed: bool = False
    ) -> None:
        program = executable()
        self._folder = tempfile.TemporaryDirectory(prefix="nbtwin-load-")
        words = [str(program), "--port", str(port), "--sockets", str(sockets), "--cpu", str(GENERATOR_CPU)]
        for option, data in (
            ("--requests", traffic.requests),
            ("--others", traffic.others),
            ("--replies", traffic.replies),
        ):
            if data:
                file = Path(self._folder.name) / option[2:]
                file.write_bytes(data)
                words += [option, str(file)]
        words += [] if pid is None else ["--pid", str(pid)]
        words += ["--echo"] if echoed else []
        self._follows = 0 if echoed else traffic.follows
        self._process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, words: str) -> dict[str, Any]:
        """A phase, in the words of generator.c; with ``cpu_us``, the server's CPU time for one answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        follows = f" follows={self._follows}" if self._follows and "what=register" in words else ""
        try:
            self._process.stdin.write(f"{words}{follows}\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass
        line = self._process.stdout.readline()
        if not line:
            raise NoGenerator(f"the load generator ended with {self._process.wait()} in: {words}")
        result: dict[str, Any] = json.loads(line)
        result["cpu_us"] = result["cpu"] / result["answered"] * 1e6 if result["answered"] else 0.0
        return result

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.kill()
        self._process.wait()
        self._folder.cleanup()

    def __enter__(self) -> Generator:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@contextmanager
def serving(how: str = "echo") -> Iterator[tuple[int, int]]:
    """The C server `echo`, `ack` that answers 2.04, or `created` where devices register; its port and its process."""
    words = [str(executable()), "--serve", how, "--cpu", str(SERVER_CPU)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline().split()[1]), process.pid
    finally:
        process.kill()
        process.communicate()
