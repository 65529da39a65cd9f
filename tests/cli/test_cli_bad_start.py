"""A start that cannot be: one line that names what, an exit status, and nothing in the state directory has changed.

D175 of a directory that a newer version has written.
"""

from __future__ import annotations

import hashlib
import re
import resource
import socket
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from preloaded import completed
from running import environment

from nbtwin.edge.errors import EdgeError, EdgeRefusal
from nbtwin.edge.nvram_file import NvramFile
from nbtwin.lab.faults import Fault
from nbtwin.operators.store.schema import MIGRATIONS
from nbtwin.operators.store.store import StoreError
from nbtwin.runtime.lab import LabRuntime
from nbtwin.runtime.snapshots import Snapshots
from nbtwin.runtime.spec import parse_spec

pytestmark = pytest.mark.asyncio


def content_of(directory: Path) -> dict[str, str]:
    """Every file's name and bytes, but for the one that says which process has the directory."""
    return {
        str(path.relative_to(directory)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in directory.rglob("*")
        if path.is_file() and path.name not in (".lock", "inventory.sqlite-lock", "other.sqlite-lock")
    }


async def a_lab(directory: Path) -> None:
    """With something of everything that is kept."""
    lab = LabRuntime(directory, seed=1, simulated=True)
    lab.add_platform("cmdmp", ("127.0.0.1", 0))
    await lab.add_module(parse_spec("BC28,name=meter,serial=tcp:127.0.0.1:0"))
    await lab.advance(120)
    Snapshots(lab.directory).take("meter", 0.0, "first", lab.modules["meter"].nvram.snapshot())
    lab.world.add_fault(Fault.parse("delay,seconds=1"))
    lab.timeline.flush()
    file = lab.timeline.file
    assert file is not None
    file._take(file._seal(file.tail(), file._encoded))
    await lab.close()


def start(directory: Path, *arguments: str, **more: object) -> subprocess.CompletedProcess[str]:
    return completed("up", "--ports", "cmdmp=0", "--state", str(directory), *arguments, env=environment(), **more)


def newer_lab(directory: Path) -> str:
    file = NvramFile(directory / "lab")
    kept = file.load()
    assert kept is not None
    file.save(kept.replace(b"nbtwin-kept-lab 1", b"nbtwin-kept-lab 2").replace(b'"faults"', b'"storms"'))
    return "lab"


def newer_file(directory: Path) -> str:
    path = directory / "clock"
    NvramFile(path).save(b"5.0")
    path.write_bytes(path.read_bytes().replace(b"nbtwin-state 1", b"nbtwin-state 2"))
    return "clock"


def newer_nvram(directory: Path) -> str:
    NvramFile(directory / "meter.nvram").save(msgspec.json.encode({"format": 2, "saved": {"what": "ever"}}))
    return "meter.nvram"


def newer_snapshots(directory: Path) -> str:
    NvramFile(directory / "meter.snapshots").save(msgspec.msgpack.encode({"format": 2}))
    return "meter.snapshots"


def newer_timeline(directory: Path) -> str:
    path = next((directory / "timeline").glob("*.seg"))
    path.write_bytes(b"nbt2" + path.read_bytes()[4:])
    return f"timeline/{path.name}"


def newer_store(directory: Path) -> str:
    with closing(sqlite3.connect(directory / "inventory.sqlite")) as db:
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    return "inventory.sqlite"


@pytest.mark.parametrize(
    "make",
    [newer_lab, newer_file, newer_nvram, newer_snapshots, newer_timeline, newer_store],
    ids=lambda one: one.__name__,
)
async def test_a_directory_of_a_newer_version_is_named_and_left_as_it_is(
    tmp_path: Path, make: Callable[[Path], str]
) -> None:
    await a_lab(tmp_path)
    name, before = make(tmp_path), content_of(tmp_path)
    with pytest.raises(EdgeError) as raised:
        LabRuntime(tmp_path)
    assert (raised.value.code, raised.value.where) == (EdgeRefusal.STATE_NEWER, str(tmp_path / name))
    assert raised.value.fields["version"] == raised.value.fields["known"] + 1
    assert content_of(tmp_path) == before


async def test_a_store_of_a_newer_version_elsewhere_leaves_the_timeline_as_it_is(tmp_path: Path) -> None:
    await a_lab(tmp_path)
    newer_store(tmp_path)
    (tmp_path / "inventory.sqlite").rename(tmp_path / "other.sqlite")
    before = content_of(tmp_path)
    with pytest.raises(StoreError):
        LabRuntime(tmp_path, database=str(tmp_path / "other.sqlite"))
    assert content_of(tmp_path) == before


async def test_newer_is_one_line_and_exit_status_2_and_fresh_begins_anew(tmp_path: Path) -> None:
    await a_lab(tmp_path)
    newer_lab(tmp_path)
    before = content_of(tmp_path)
    done = start(tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(
        rf"nbtwin: {re.escape(str(tmp_path))}/lab: made by a newer nbtwin \(format 2, .*\n", done.stderr
    )
    assert content_of(tmp_path) == before


@pytest.mark.parametrize("protocol", ["UDP", "HTTP", "serial"])
async def test_a_port_that_is_taken_is_named_before_anything_is_opened(tmp_path: Path, protocol: str) -> None:
    await a_lab(tmp_path)
    before = content_of(tmp_path)
    kind = socket.SOCK_DGRAM if protocol == "UDP" else socket.SOCK_STREAM
    with socket.socket(socket.AF_INET, kind) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        done = start(
            tmp_path, *{
                "UDP": ("--ports", f"cmdmp={port}"),
                "HTTP": ("--http", f"127.0.0.1:{port}"),
                "serial": ("--module", f"BC28,serial=tcp:127.0.0.1:{port}"),
            }[protocol],
        )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert re.match(rf"nbtwin: (UDP|TCP) port {port} ", done.stderr)
    assert content_of(tmp_path) == before


async def test_a_start_that_fails_later_keeps_what_the_directory_has(tmp_path: Path) -> None:
    await a_lab(tmp_path)
    before = (tmp_path / "lab").read_bytes()
    done = start(tmp_path, "--fault", "loss,source=nobody")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert (tmp_path / "lab").read_bytes() == before


async def test_a_full_disk_is_one_line_and_changes_nothing(tmp_path: Path) -> None:
    """No file may grow: what the system says is another word, what can be written is the same."""
    await a_lab(tmp_path)
    before = content_of(tmp_path)

    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    done = start(tmp_path, preexec_fn=no_room)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(rf"nbtwin: .*{re.escape(str(tmp_path))}.*\n", done.stderr)
    assert content_of(tmp_path) == before
