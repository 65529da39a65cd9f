"""Rounds of `kill -9`: a state directory, a change of it, a random instant; what is found afterwards is old or new.

``kill_rounds.py ROUNDS [SEED]`` runs as many as are asked for and counts them.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import selectors
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path += [str(Path(__file__).parents[1] / folder) for folder in ("web", "cli")]

from api_lab import ApiLab, andlink_device, api_lab
from kill_child import BC28, KNOWN, LABELLED, SLEEPERS, SNAPSHOTS, appkey_of, database_of
from preloaded import started

from nbtwin.coap.message import Message, encode, options
from nbtwin.coap.numbers import Code, Type
from nbtwin.edge.nvram_file import NvramFile
from nbtwin.lwm2m.firmware.delta import factory_image, pack_image
from nbtwin.operators.events import DeviceIdentity, DeviceRegistered
from nbtwin.operators.inventory.labels import LabelChange
from nbtwin.operators.store.backup import backup, restore
from nbtwin.operators.store.campaigns import CampaignRepository
from nbtwin.operators.store.definitions import DefinitionRepository
from nbtwin.operators.store.labels import LabelRepository
from nbtwin.operators.store.migrate import migrate
from nbtwin.operators.store.queue import QueueRepository
from nbtwin.operators.store.schema import MIGRATIONS
from nbtwin.operators.store.sqlite import SqliteDatabase
from nbtwin.operators.store.store import Store

CHANGES = ("import", "reset", "restore", "migration", "snapshots", "campaign", "definitions", "labels", "orders")
_ANSWERED = ("snapshots", "campaign", "definitions", "labels", "orders")
"""Judged by what was answered."""
VERSION = "BC28JAR01A11_ONT"
_PATIENCE = 120.0


@dataclass
class Found:
    """What became of one round."""

    change: str
    at: float
    """Seconds after the change began."""
    outcome: str
    """old, new, or how many of several were answered for."""
    said: list[str] = field(default_factory=list)


class Rounds:
    """The directory before each change, made once; the same directory after it, for "new"."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._database: Callable[[], str] | None = None  # None: SQLite, in the directory
        self._lasts: dict[str, float] = {}
        self._new: dict[str, Any] = {}
        asyncio.run(self._make())
        self._make_old_database()

    def on_server(self, database: Callable[[], str]) -> Rounds:
        """The same beside a server: ``database`` gives the URL of another empty database each time."""
        other = copy(self)
        other._database, other._lasts, other._new = database, {}, {}
        return other

    async def _make(self) -> None:
        """In `archive` and `backup` another lab; in `lab` one to change."""
        async with api_lab(
            self._home / "other", "BC28,name=meter,imei=867724030000225", "BC260Y-CN,name=second"
        ) as api:
            await api.post("/appkeys", {"appkey": "M300000009", "password": "another-password"}, status=201)
            for name in ("meter", "second"):
                await api.post(f"/modules/{name}/nvram/snapshots", {"label": "of the other"}, status=201)
                await api.post(f"/modules/{name}/power", {"action": "off"})
            self._home.joinpath("archive").write_bytes(await api.get("/lab/export"))
            backup(api.lab.store.database, self._home / "backup")
        async with api_lab(self._home / "lab", BC28, platforms=("cmdmp", "andlink")) as api:
            await andlink_device(api)
            await api.post("/appkeys", {"appkey": "M300000001", "password": "a-secret-password"}, status=201)
            package = pack_image("BC28", VERSION, factory_image("BC28", VERSION))
            url = "http://127.0.0.1/api/v1/firmware?name=new"
            assert (await api.http.post(url, content=package)).status_code == 201
            await api.post("/modules/meter/power", {"action": "off"})
            await self._fill(api)
            backup(api.lab.store.database, self._home / "lab-backup")

    async def _fill(self, api: ApiLab) -> None:
        """Devices to give names to, and some that sleep."""
        world, node = api.lab.world, api.lab.world.platforms["andlink"]
        named = [device.partition(":")[2] for device in LABELLED[:KNOWN]]
        peer = ("10.0.0.1", 5683)
        api.lab.store.commit([
            DeviceRegistered(world.now, f"cmdmp:{imei}", peer, DeviceIdentity(imei), None) for imei in named
        ])  # fmt: skip
        for number, imei in enumerate(SLEEPERS):
            asked = options(path=("rd",), query=(f"ep={imei}", "lwm2m=1.0", "b=UQ", "lt=86400"), content_format=40)
            request = Message(Type.CON, Code.POST, number, b"t", asked, b"</9/0>")
            node.inputs[node.address](world.now, (f"10.0.1.{number}", 5683), encode(request))
            world.drain(node)
        await api.advance("10min")
        change = LabelChange(name="水表", group="Line 2", add=("field",))
        api.lab.store.part(LabelRepository).change([f"andlink:{imei}" for imei in SLEEPERS], change)

    def _make_old_database(self) -> None:
        """As the second version had it, with as many devices as make a migration long."""
        folder = self._home / "lab-migration"
        folder.mkdir()
        with closing(SqliteDatabase(str(folder / "inventory.sqlite"))) as db:
            migrate(db, 2)
            record = '{"id":"cmdmp:%d","platform":"cmdmp","imei":"%d"}'
            with db.transaction():
                db.run_many(
                    "INSERT INTO devices (number, id, platform, imei, state, last_seen_at, record)"
                    " VALUES (?, ?, 'cmdmp', ?, 'registered', 1.0, ?)",
                    [(n, f"cmdmp:{n}", str(n), record % (n, n)) for n in range(1, 20_001)],
                )

    def round(self, change: str, chance: random.Random) -> Found:
        if change not in self._lasts:
            self._measure(change)
        state = self._copy(change)
        try:
            old, after = self._print(change, state), chance.uniform(0, self._lasts[change] * 1.05)
            said = self._run(change, state, after)
            return Found(change, after, self._judge(change, state, old, said), said)
        finally:
            shutil.rmtree(state.parent, ignore_errors=True)

    def _measure(self, change: str) -> None:
        """A whole one: how long it lasts, and what is new then."""
        state = self._copy(change)
        began = self._run(change, state, None, lambda: time.monotonic())
        assert "done" in began
        self._lasts[change] = self._lasted
        self._new[change] = self._print(change, state)
        shutil.rmtree(state.parent, ignore_errors=True)

    def _copy(self, change: str) -> Path:
        folder = Path(tempfile.mkdtemp(dir=self._home))
        source = self._home / ("lab-migration" if change == "migration" else "lab")
        shutil.copytree(source, folder / "lab")
        for name in ("archive", "backup"):
            os.link(self._home / name, folder / name)
        if self._database is not None:
            (folder / "database").write_text(url := self._database())
            with Store.open(url) as store:
                restore(store.database, self._home / "lab-backup", replace=True)
        return folder / "lab"

    def _run(
        self, change: str, state: Path, after: float | None, clock: Callable[[], float] = time.monotonic
    ) -> list[str]:
        """What it said; killed so many seconds after it began, if it is not over by then."""
        child = started(
            change, str(state), program=Path(__file__).with_name("kill_child.py"),
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert child.stdout is not None
        with child, child.stdout, selectors.DefaultSelector() as ready:
            ready.register(child.stdout, selectors.EVENT_READ)
            assert child.stdout.readline() == b"go\n"
            began, text = clock(), b""
            until = began + (_PATIENCE if after is None else after)
            while (left := until - clock()) > 0 and ready.select(left):
                part = os.read(child.stdout.fileno(), 65536)
                text += part
                if not part or b"done" in text:
                    break
            self._lasted = clock() - began
            child.kill()
            return (text + child.stdout.read()).decode().split()

    def _print(self, change: str, state: Path) -> Any:
        """What is compared: files and tables as a start of a lab finds them."""
        if self._database is not None:
            return None if change in _ANSWERED else self._tables(database_of(state) or "")
        with contextlib.closing(sqlite3.connect(state / "inventory.sqlite")) as db:
            ((version,),) = db.execute("PRAGMA user_version")
            assert list(db.execute("PRAGMA integrity_check")) == [("ok",)]
            if change == "migration":
                return version, db.execute("SELECT count(*) FROM devices").fetchone()
        if change in _ANSWERED:
            return None
        asyncio.run(self._recover(state))
        files = {
            path.name: NvramFile(path).read() for path in state.iterdir() if path.suffix in (".nvram", ".snapshots")
        }
        assert not list(state.glob("replacement-*"))
        return self._tables(state / "inventory.sqlite"), files

    def _tables(self, where: str | Path) -> Any:
        with Store.open(where) as store:
            store.check()
            rows = {
                table: store.database.rows(f"SELECT * FROM {table}")
                for table in ("appkeys", "psk", "packages", "tokens", "campaigns", "device_labels", "device_tags")
            }
            return rows, sorted(device.id for device in store.devices())

    async def _recover(self, state: Path) -> None:
        async with api_lab(state):
            """Its start puts in place what was committed."""

    def _judge(self, change: str, state: Path, old: Any, said: list[str]) -> str:
        if change == "snapshots":
            return asyncio.run(self._snapshots(state, said))
        if change == "campaign":
            return asyncio.run(self._campaign(state, said))
        if change in ("definitions", "labels", "orders"):
            with Store.open(database_of(state) or state / "inventory.sqlite") as store:
                store.check()
                judge = {"definitions": self._definitions, "labels": self._labels, "orders": self._orders}[change]
                return judge(store, said)
        found = self._print(change, state)
        if change == "migration":
            version, count = found
            assert old[0] <= version <= len(MIGRATIONS), found
            assert count == old[1], found
            with Store.open(state / "inventory.sqlite") as store:
                assert store.count() == count[0]
            return "old" if version == old[0] else "new" if version == len(MIGRATIONS) else f"version {version}"
        assert found in (old, self._new[change]), f"{change}: {found} is neither {old} nor {self._new[change]}"
        assert found == self._new[change] or "done" not in said, f"{change} was answered for"
        return "old" if found == old else "new"

    def _definitions(self, store: Store, said: list[str]) -> str:
        """What was answered for is there and in force; at most one more was on its way."""
        answered = [int(word) for word in said if word.isdigit()]
        kept = [id for id, _ in store.part(DefinitionRepository).added()]
        assert kept[: len(answered)] == answered, (answered, kept)
        assert len(kept) <= len(answered) + 1, (answered, kept)
        assert set(kept) <= set(store.definitions.newest)
        return f"{len(answered)} answered"

    def _labels(self, store: Store, said: list[str]) -> str:
        """Of a table all of it or nothing; a group that was answered for has all of its devices."""
        answered = sum(word.isdigit() for word in said)
        grouped = sum(word[0] == "b" for word in said)
        labels = store.part(LabelRepository).of(LABELLED)
        kept = {(label.name, label.tags) for label in labels.values()} - {("", ())}
        numbers = [number for number in range(1, 4) if (f"n{number}", (f"t{number}", f"u{number}")) in kept]
        assert len(kept) == len(numbers) <= 1, kept
        (number,) = numbers or [0]
        assert number in (answered, answered + 1), (said, number)
        assert len(labels) == (len(LABELLED) if number else 0)
        keys = {appkey_of(each) for each in range(1, 4) if appkey_of(each) in store.keys}
        assert keys == {appkey_of(each) for each in range(1, number + 1)}
        groups = {label.group for device, label in labels.items() if device in LABELLED[:KNOWN]}
        assert groups <= {f"b{grouped}" if grouped else "", f"b{grouped + 1}"}, (said, groups)
        assert not {label.group for device, label in labels.items() if device not in LABELLED[:KNOWN]} - {""}
        return f"{answered} answered"

    def _orders(self, store: Store, said: list[str]) -> str:
        """What was answered for waits for each of the devices; of the next one, for some."""
        answered = [word for word in said if word.isdigit()]
        waiting = list(store.part(QueueRepository).open("andlink"))
        assert len({command.ticket for command in waiting}) == len(waiting)
        for imei in SLEEPERS:
            paths = [command.path for command in waiting if command.device == f"andlink:{imei}"]
            wanted = [f"/3/0/{number}" for number in answered]
            assert paths in (wanted, [*wanted, f"/3/0/{len(answered) + 1}"]), (said, paths)
        return f"{len(answered)} answered"

    async def _snapshots(self, state: Path, said: list[str]) -> str:
        answered = [int(word) for word in said if word.isdigit()]
        async with api_lab(state, BC28) as api:
            kept = [snapshot["id"] for snapshot in await api.get(SNAPSHOTS)]
        assert kept in (answered, [*answered, len(answered) + 1]), f"{answered} answered, {kept} kept"
        return f"{len(answered)} answered"

    async def _campaign(self, state: Path, said: list[str]) -> str:
        """One that was answered for is there, and goes on to its end."""
        answered = [int(word) for word in said if word.isdigit()]
        async with api_lab(state, BC28, platforms=("cmdmp", "andlink"), database=database_of(state)) as api:
            campaigns = await api.get("/platforms/andlink/campaigns")
            assert not answered or [each["id"] for each in campaigns] == answered, "it was answered for"
            api.lab.store.part(CampaignRepository).check()
            if not campaigns:
                return "old"
            await andlink_device(api)
            await api.advance("26h")
            (campaign,) = await api.get("/platforms/andlink/campaigns")
            assert campaign["state"] == "finished", campaign
        return "new"


def main(rounds: int, seed: int) -> None:
    chance, counts = random.Random(seed), Counter[tuple[str, str]]()
    with tempfile.TemporaryDirectory() as home:
        tried = Rounds(Path(home))
        for number in range(rounds):
            found = tried.round(CHANGES[number % len(CHANGES)], chance)
            counts[found.change, found.outcome if "answered" not in found.outcome else "as answered"] += 1
            print(f"{number + 1}: {found.change} at {found.at:.3f} s: {found.outcome}", flush=True)
    for (change, outcome), times in sorted(counts.items()):
        print(f"{change}\t{outcome}\t{times}")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1)
