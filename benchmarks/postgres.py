"""A PostgreSQL server of one's own, for as long as a benchmark or a test runs: a new cluster in a temporary directory.

Nobody but this user reaches it: it listens on a Unix socket in that directory and on no port. Knows where distributions
keep the server's programs; needs no right to administrate anything.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg

USER = "nbtwin"
_PATIENCE = 60.0  # seconds
_PR_SET_PDEATHSIG = 1  # prctl(2)
_PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin", "/usr/local/bin")


class NoServer(Exception):
    """There is no PostgreSQL server on this machine, or it did not start; the text says which."""


def programs() -> Path:
    """Where `initdb` and `postgres` are, the newest; NoServer."""
    found = [Path(directory) for directory in (os.environ.get("PG_BIN"),) if directory]
    for place in _PLACES:
        folders = Path("/").glob(place[1:])
        found += sorted(folders, key=lambda folder: [int(n) for n in folder.parent.name.split("-")[-1:] if n.isdigit()])
    for folder in reversed(found):
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise NoServer("no PostgreSQL server here (Debian: apt-get install postgresql); PG_BIN may name its bin directory")


class PrivateServer:
    """A cluster of its own, started. ``durable`` False: never wait for the disk, which only tests may."""

    def __init__(self, *, durable: bool = True) -> None:
        self._folder = programs()
        self._owner = _unprivileged()
        self._home = Path(tempfile.mkdtemp(prefix="nbtwin-pg-"))
        try:
            self._prepare(durable)
            self.start()
        except BaseException:
            shutil.rmtree(self._home, ignore_errors=True)
            raise

    @property
    def url(self) -> str:
        """An empty database."""
        return f"postgresql://{USER}@/postgres?host={self._home}"

    def _prepare(self, durable: bool) -> None:
        if self._owner is not None:
            os.chown(self._home, *self._owner)
        data = self._home / "data"
        how = ["-U", USER, "-A", "trust", "-E", "UTF8", "--no-locale", "-N"]
        _run([self._folder / "initdb", "-D", data, *how], self._owner)
        self._command = [str(self._folder / "postgres"), "-D", str(data), "-c", f"unix_socket_directories={self._home}"]
        self._command += ["-c", "listen_addresses=", "-c", "max_connections=50"]
        for setting in () if durable else ("fsync=off", "synchronous_commit=off", "full_page_writes=off"):
            self._command += ["-c", setting]

    def start(self) -> None:
        """Returns when it answers."""
        with open(self._home / "log", "ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=_die_with_parent,
                env={**os.environ, "LC_ALL": "C"}, **_as(self._owner),
            )  # fmt: skip
        until = time.monotonic() + _PATIENCE
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                said = (self._home / "log").read_text(errors="replace")
                self.crash()
                raise NoServer(f"postgres did not start: {' '.join(said.split())[-400:]}")
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def crash(self) -> None:
        """As if it were killed: nothing is brought in order; the next start recovers from the log."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(_PATIENCE)

    def freeze(self) -> None:
        """It hangs: whoever is connected, or connects, hears nothing more until `thaw`."""
        self._to_all(signal.SIGSTOP)

    def thaw(self) -> None:
        self._to_all(signal.SIGCONT)

    def _to_all(self, number: signal.Signals) -> None:
        postmaster = self._process.pid
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        for process in (postmaster, *map(int, children)):
            with suppress(ProcessLookupError):  # a session's, which ends when its client does
                os.kill(process, number)

    def close(self) -> None:
        try:
            self.crash()
        finally:
            shutil.rmtree(self._home, ignore_errors=True)


@contextmanager
def private_server(*, durable: bool = True) -> Iterator[PrivateServer]:
    server = PrivateServer(durable=durable)
    try:
        yield server
    finally:
        server.close()


def _unprivileged() -> tuple[int, int] | None:
    """The server refuses to run as root: whose it is then."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return user.pw_uid, user.pw_gid
    raise NoServer("PostgreSQL does not run as root, and there is no user postgres or nobody")


def _as(owner: tuple[int, int] | None) -> dict[str, Any]:
    return {} if owner is None else {"user": owner[0], "group": owner[1], "extra_groups": []}


def _die_with_parent() -> None:
    """However this process ends, the server does not stay behind (on Linux; elsewhere after an orderly end)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)


def _run(command: list[str | Path], owner: tuple[int, int] | None) -> None:
    done = subprocess.run(
        list(map(str, command)), cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        text=True, timeout=120, check=False, env={**os.environ, "LC_ALL": "C"}, **_as(owner),
    )  # fmt: skip
    if done.returncode:
        raise NoServer(f"{Path(command[0]).name} failed: {' '.join(done.stderr.split())[-400:]}")
