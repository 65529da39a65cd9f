"""A PostgreSQL server of one's own, for as long as a benchmark or a test runs: a new cluster in a temporary directory.

Nobody but this user reaches it: it listens on a Unix socket in that directory and on no port. Knows where distributions
keep the server's programs; needs no right to administrate anything.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

USER = "nbtwin"
_PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin", "/usr/local/bin")


class NoServer(Exception):
    """There is no PostgreSQL server on this machine, or it did not start; the text says which."""


def programs() -> Path:
    """Where `initdb`, `postgres` and `pg_ctl` are, the newest; NoServer."""
    found = [Path(directory) for directory in (os.environ.get("PG_BIN"),) if directory]
    for place in _PLACES:
        folders = Path("/").glob(place[1:])
        found += sorted(folders, key=lambda folder: [int(n) for n in folder.parent.name.split("-")[-1:] if n.isdigit()])
    for folder in reversed(found):
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    raise NoServer("no PostgreSQL server here (Debian: apt-get install postgresql); PG_BIN may name its bin directory")


@contextmanager
def private_server(*, durable: bool = True) -> Iterator[str]:
    """The URL of an empty database. ``durable`` False: never wait for the disk, which only tests may."""
    folder = programs()
    home = Path(tempfile.mkdtemp(prefix="nbtwin-pg-"))
    try:
        owner = _unprivileged()
        if owner is not None:
            os.chown(home, *owner)
        data = home / "data"
        _run([folder / "initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--no-locale", "-N"], owner)
        settings = [f"-c unix_socket_directories={home}", "-c listen_addresses=''", "-c max_connections=50"]
        if not durable:
            settings += ["-c fsync=off", "-c synchronous_commit=off", "-c full_page_writes=off"]
        control: list[str | Path] = [folder / "pg_ctl", "-D", data, "-w", "-s", "-t", "60"]
        _run([*control, "-l", home / "log", "-o", " ".join(settings), "start"], owner)
        try:
            yield f"postgresql://{USER}@/postgres?host={home}"
        finally:
            _run([*control, "-m", "immediate", "stop"], owner)
    finally:
        shutil.rmtree(home, ignore_errors=True)


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


def _run(command: list[str | Path], owner: tuple[int, int] | None) -> None:
    who = {} if owner is None else {"user": owner[0], "group": owner[1], "extra_groups": []}
    done = subprocess.run(
        list(map(str, command)), cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        text=True, timeout=120, check=False, env={**os.environ, "LC_ALL": "C"}, **who,
    )  # type: ignore[call-overload]  # fmt: skip
    if done.returncode:
        raise NoServer(f"{Path(command[0]).name} failed: {' '.join(done.stderr.split())[-400:]}")
