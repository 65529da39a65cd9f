"""What replaces a lab's state replaces all of it or nothing: wrong archives, a full disk, `kill -9` in between."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import tracemalloc
from collections.abc import AsyncIterator, Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from api_lab import ApiLab, api_lab

from nbtwin.runtime.replacement import Replacement

pytestmark = pytest.mark.asyncio

IMPORT = "http://127.0.0.1/api/v1/lab/import"
Files = dict[str, bytes]


@pytest_asyncio.fixture
async def api(tmp_path: Path) -> AsyncIterator[ApiLab]:
    async with api_lab(tmp_path / "lab", "BC28,name=meter", platforms=("cmdmp", "andlink")) as lab:
        await lab.post("/modules/meter/at", {"line": "AT+QDMPCFG=1,117.161.2.7,5683,4242"})
        await lab.post("/faults", {"kind": "loss", "direction": "up", "packets": [500]}, status=201)
        await lab.post("/appkeys", {"appkey": "M300000001", "password": "a-secret-password"}, status=201)
        yield lab


async def shown(api: ApiLab) -> dict[str, Any]:
    """Everything the API shows of the lab's state."""
    paths = ("/modules", "/modules/meter/nvram", "/faults", "/appkeys", "/access/tokens", "/firmware", "/clock")
    seen = {path: await api.get(path) for path in (*paths, "/platforms/cmdmp/devices", "/platforms/andlink/devices")}
    seen["history"] = [await api.get(f"/platforms/cmdmp/devices/{d['imei']}/history") for d in seen[paths[0]]]
    del seen["/clock"]["ahead"]  # the wall clock goes on
    files = api.lab.directory.path
    return (
        seen
        | {path.name: path.read_bytes() for path in files.glob("*.nvram")}
        | {"all": sorted(map(str, files.iterdir()))}
    )


def unpacked(archive: bytes) -> Files:
    with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
        return {member.name: (packed.extractfile(member) or io.BytesIO()).read() for member in packed}


def packed(files: Files) -> bytes:
    memory = io.BytesIO()
    with tarfile.open(fileobj=memory, mode="w:gz", compresslevel=1) as archive:
        for name, content in files.items():
            about = tarfile.TarInfo(name)
            about.size = len(content)
            archive.addfile(about, io.BytesIO(content))
    return memory.getvalue()


def in_lab(change: Callable[[Any], object]) -> Callable[[Files], object]:
    def changed(files: Files) -> None:
        state = json.loads(files["lab.json"])
        change(state)
        files["lab.json"] = json.dumps(state).encode()

    return changed


def in_store(change: Callable[[list[Any]], object]) -> Callable[[Files], object]:
    """The lines of the backup are changed, and its checksum and counts are right again."""

    def changed(files: Files) -> None:
        lines = [json.loads(line) for line in gzip.decompress(files["store.backup"]).splitlines()][:-1]
        change(lines)
        text = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
        rows, table = dict[str, int](), ""
        for line in lines:
            if isinstance(line, dict) and "table" in line:
                table = line["table"]
                rows[table] = 0
            elif isinstance(line, list):
                rows[table] += 1
        end = json.dumps({"rows": rows, "sha256": sha256(text).hexdigest()}).encode() + b"\n"
        files["store.backup"] = gzip.compress(text + end)

    return changed


def row(lines: list[Any], table: str) -> list[Any]:
    found: list[Any] = lines[table_at(lines, table) + 1]
    return found


def table_at(lines: list[Any], table: str) -> int:
    return next(n for n, line in enumerate(lines) if isinstance(line, dict) and line.get("table") == table)


def set_in(lines: list[Any], table: str, column: str, value: Any) -> None:
    columns = lines[table_at(lines, table)]["columns"]
    row(lines, table)[columns.index(column)] = value


def record(lines: list[Any], **changes: Any) -> None:
    at = lines[table_at(lines, "devices")]["columns"].index("record")
    device = row(lines, "devices")
    device[at] = json.dumps(json.loads(device[at]) | changes)


WRONG: dict[str, tuple[str, Callable[[Files], object]]] = {
    "a newer backup": ("store.backup", in_store(lambda lines: lines[0].update(version=99))),
    "version 0": ("store.backup", in_store(lambda lines: lines[0].update(version=0))),
    "a negative version": ("store.backup", in_store(lambda lines: lines[0].update(version=-1))),
    "a version that is text": ("store.backup", in_store(lambda lines: lines[0].update(version="3"))),
    "an older version with this one's tables": ("store.backup", in_store(lambda lines: lines[0].update(version=1))),
    "a short row": ("store.backup", in_store(lambda lines: row(lines, "devices").pop())),
    "a long row": ("store.backup", in_store(lambda lines: row(lines, "devices").append(1))),
    "an unknown column": (
        "store.backup",
        in_store(
            lambda lines: [lines[table_at(lines, "devices")]["columns"].append("more"), row(lines, "devices").append(1)]
        ),
    ),
    "a column twice": (
        "store.backup",
        in_store(lambda lines: lines[table_at(lines, "appkeys")].update(columns=["appkey", "appkey"])),
    ),
    "an unknown table": ("store.backup", in_store(lambda lines: lines.append({"table": "more", "columns": ["a"]}))),
    "SQL for a column": (
        "store.backup",
        in_store(lambda lines: lines[table_at(lines, "appkeys")].update(columns=["appkey", "password) --"])),
    ),
    "text for a number": ("store.backup", in_store(lambda lines: set_in(lines, "devices", "number", "one"))),
    "a number for text": ("store.backup", in_store(lambda lines: set_in(lines, "devices", "imei", 7))),
    "a list for text": ("store.backup", in_store(lambda lines: set_in(lines, "devices", "imei", [7]))),
    "an object for text": ("store.backup", in_store(lambda lines: set_in(lines, "devices", "imei", {"base32": "A"}))),
    "a number without end": ("store.backup", in_store(lambda lines: set_in(lines, "devices", "number", 1 << 70))),
    "nothing where something must be": (
        "store.backup",
        in_store(lambda lines: set_in(lines, "devices", "record", None)),
    ),
    "a time beyond all clocks": ("store.backup", in_store(lambda lines: set_in(lines, "history", "at", 1e300))),
    "a time before all clocks": ("store.backup", in_store(lambda lines: set_in(lines, "history", "at", -1.0))),
    "a record that is no JSON": ("store.backup", in_store(lambda lines: set_in(lines, "devices", "record", "{"))),
    "a record of someone else": ("store.backup", in_store(lambda lines: record(lines, id="cmdmp:1"))),
    "a lifetime without end": ("store.backup", in_store(lambda lines: record(lines, lifetime=1e300))),
    "a port that is none": ("store.backup", in_store(lambda lines: record(lines, port=1 << 40))),
    "a damaged token of an observation": (
        "store.backup",
        in_store(lambda lines: record(lines, observations={"/3/0": "zz"})),
    ),
    "history that is no JSON": ("store.backup", in_store(lambda lines: set_in(lines, "history", "detail", "]"))),
    "a row twice": (
        "store.backup",
        in_store(lambda lines: lines.insert(table_at(lines, "devices") + 1, row(lines, "devices"))),
    ),
    "a backup that is not text": (
        "store.backup",
        lambda f: f.update({"store.backup": gzip.compress(b'{"format":"\xed\xa0\x80"}\n')}),
    ),
    "a backup nested without end": (
        "store.backup",
        lambda f: f.update({"store.backup": gzip.compress(b"[" * 200_000)}),
    ),
    "no backup": ("store.backup", lambda f: f.pop("store.backup")),
    "a module twice": ("lab.json", in_lab(lambda lab: lab["modules"].append(lab["modules"][0]))),
    "a module without a name": ("lab.json", in_lab(lambda lab: lab["modules"][0].update(name=""))),
    "a module with a path for a name": ("lab.json", in_lab(lambda lab: lab["modules"][0].update(name="../x"))),
    "an unknown model": ("lab.json", in_lab(lambda lab: lab["modules"][0].update(model="BC0"))),
    "an IMEI that is none": ("lab.json", in_lab(lambda lab: lab["modules"][0].update(imei="1"))),
    "a signal that is none": ("lab.json", in_lab(lambda lab: lab["modules"][0].update(rssi=300))),
    "a card that is none": ("lab.json", in_lab(lambda lab: lab["modules"][0]["usim"].update(imsi="x"))),
    "a serial port that is none": ("lab.json", in_lab(lambda lab: lab["modules"][0].update(serial="usb"))),
    "a field too many": ("lab.json", in_lab(lambda lab: lab.update(more=1))),
    "a fault that is none": ("lab.json", in_lab(lambda lab: lab["faults"][0].update(kind="rain"))),
    "a fault of wrong types": ("lab.json", in_lab(lambda lab: lab["faults"][0].update(packets="5"))),
    "time that is too late": ("lab.json", in_lab(lambda lab: lab.update(now=1e300))),
    "time before the beginning": ("lab.json", in_lab(lambda lab: lab.update(now=-1.0))),
    "time that is no number": ("lab.json", in_lab(lambda lab: lab.update(now=float("nan")))),
    "time without end": ("lab.json", in_lab(lambda lab: lab.update(start=float("inf")))),
    "a lab that is not text": (
        "lab.json",
        lambda f: f.update({"lab.json": f["lab.json"].replace(b"BC28", b"\xed\xa0\x80")}),
    ),
    "a lab of another format": ("lab.json", in_lab(lambda lab: lab.update(format="nbtwin-lab 9"))),
    "a lab nested without end": ("lab.json", lambda f: f.update({"lab.json": b'{"faults":' + b"[" * 200_000})),
    "NVRAM that is not text": (
        "modules/meter.nvram",
        lambda f: f.update({"modules/meter.nvram": b'{"format":1,"saved":{"firmware":"\xff"}}'}),
    ),
    "NVRAM of another format": (
        "modules/meter.nvram",
        lambda f: f.update({"modules/meter.nvram": b'{"format":9,"saved":{}}'}),
    ),
    "no NVRAM": ("modules/meter.nvram", lambda f: f.pop("modules/meter.nvram")),
    "a flash that is none": ("modules/meter.flash", lambda f: f.update({"modules/meter.flash": b"\xc1"})),
    "a member too many": ("modules/other.nvram", lambda f: f.update({"modules/other.nvram": b""})),
}


async def test_an_archive_that_is_not_right_in_every_part_changes_nothing_and_its_part_is_named(api: ApiLab) -> None:
    """One row for each kind of wrong archive; what each leaves behind is compared with what was there before."""
    whole = await api.get("/lab/export")
    before = await shown(api)
    for wrong, (member, spoil) in WRONG.items():
        files = unpacked(whole)
        spoil(files)
        refused = await api.http.put(IMPORT, content=packed(files))
        assert refused.status_code == 422, f"{wrong}: {refused.text}"
        assert member in refused.text, f"{wrong}: {refused.text}"
        assert await shown(api) == before, wrong
    assert (await api.http.put(IMPORT, content=whole)).status_code == 200


def spoilt(value: Any) -> list[Any]:
    """The same JSON with one key less, or one value of another type, in every place where that can be."""
    if isinstance(value, dict):
        less = [{k: v for k, v in value.items() if k != gone} for gone in value]
        return less + [
            value | {key: other} for key, inner in value.items() for other in [*spoilt(inner), *strange(inner)]
        ]
    if isinstance(value, list):
        return [
            [*value[:n], other, *value[n + 1 :]]
            for n, inner in enumerate(value)
            for other in [*spoilt(inner), *strange(inner)]
        ]
    return []


def strange(value: Any) -> list[Any]:
    return [other for other in ({}, [[]], "\u0000", -1, 1e308, True) if type(other) is not type(value)]


async def test_a_lab_with_any_part_missing_or_of_another_type_is_refused_or_works(api: ApiLab) -> None:
    whole = unpacked(await api.get("/lab/export"))
    before, refusals = await shown(api), 0
    for state in spoilt(json.loads(whole["lab.json"])):
        answer = await api.http.put(IMPORT, content=packed(whole | {"lab.json": json.dumps(state).encode()}))
        assert answer.status_code in (200, 422), f"{state}: {answer.text}"
        if answer.status_code == 422:
            refusals += 1
            assert await shown(api) == before, state
        else:
            before = await shown(api)
            assert before["/modules"], state
    assert refusals > 80


@pytest.mark.parametrize("what", ["import", "reset"])
async def test_where_the_new_cannot_be_written_the_old_stays(
    api: ApiLab, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    archive = await api.get("/lab/export")
    before = await shown(api)

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("nbtwin.edge.nvram_file.os.fsync", full)
    if what == "import":
        refused = await api.http.put(IMPORT, content=archive)
    else:
        refused = await api.http.post(IMPORT.replace("import", "reset"), json={"modules": True})
    assert (refused.status_code, refused.json()["code"]) == (503, "edge-state-unusable")
    assert await shown(api) == before


@pytest.mark.parametrize("committed", [True, False])
async def test_a_lab_that_died_between_commit_and_files_starts_with_the_new_and_before_it_with_the_old(
    tmp_path: Path, committed: bool
) -> None:
    async with api_lab(tmp_path, "BC28,name=meter") as api:
        old = api.lab.modules["meter"].nvram.snapshot()
        waiting = Replacement(
            tmp_path, api.lab.store.path, {"meter.nvram": old.replace(b'"period":null', b'"period":4242')}
        )
        if committed:
            with api.lab.store.database.transaction():
                api.lab.store.mark(waiting.number)
    async with api_lab(tmp_path, "BC28,name=meter") as api:
        assert (b"4242" in api.lab.modules["meter"].nvram.snapshot()) is committed
        assert not list(tmp_path.glob("replacement-*"))
        assert api.lab.store.marked is None


def large(kind: str, whole: bytes) -> bytes:
    """A small archive of two hundred MiB: one member that is too long, a header of a header, a backup within."""
    zeros = b"0" * (200 << 20)
    if kind == "a backup":
        return packed(unpacked(whole) | {"store.backup": gzip.compress(b"[" + zeros, 9)})
    if kind == "a line of JSON":
        return packed(unpacked(whole) | {"lab.json": zeros})
    memory = io.BytesIO()
    with tarfile.open(fileobj=memory, mode="w:gz", pax_headers={"comment": zeros.decode()}, compresslevel=1):
        """A header alone."""
    return memory.getvalue()


@pytest.mark.parametrize("kind", ["a line of JSON", "a header", "a backup"])
async def test_an_archive_that_unpacks_to_much_more_than_its_length_is_refused_with_little_memory(
    api: ApiLab, kind: str
) -> None:
    """D120."""
    archive, before = large(kind, await api.get("/lab/export")), await shown(api)
    assert len(archive) < 2 << 20
    tracemalloc.start()
    refused = await api.http.put(IMPORT, content=archive)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (refused.status_code, refused.json()["code"]) == (
        422, "store-backup-size" if kind == "a backup" else "usage-archive-size"
    )  # fmt: skip
    assert peak < 150 << 20
    assert await shown(api) == before
