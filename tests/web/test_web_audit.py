"""What is changed stands in the audit log before it is done: every operation, every role, on either side of a failure.

The log's failures are the database's own: a full disk (a bound of pages), a disk that takes no writing, a trigger that
refuses one statement.
"""

from __future__ import annotations

import os
import re
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from guarded_lab import guarded
from running import Running
from sleeping_meter import IMEI as SLEEPER
from typer.testing import CliRunner

from nbtwin.cli.main import app as commands
from nbtwin.edge.nvram_file import NvramFile
from nbtwin.lwm2m.firmware.delta import factory_image, pack_image
from nbtwin.module.nvram import encode
from nbtwin.module.settings import Cmdmp, Saved
from nbtwin.operators.store.access import BEGAN, AuditLine, AuditRepository
from nbtwin.operators.store.database import StoreError
from nbtwin.operators.store.store import Store
from nbtwin.runtime.errors import Failed
from nbtwin.web.access import tokens
from nbtwin.web.access.roles import GRANTED, READING, Role

M, P = "/api/v1/modules/meter", "/api/v1/platforms/andlink"
PACKAGE = pack_image("BC28", "BC28JAR01A11_ONT", factory_image("BC28", "BC28JAR01A11_ONT"))
DEFINITION = (
    b"<LWM2M><Object><Name>Tank</Name><ObjectID>33001</ObjectID><MultipleInstances>Single</MultipleInstances>"
    b'<Mandatory>Optional</Mandatory><Resources><Item ID="1"><Name>Level</Name><Operations>R</Operations>'
    b"<MultipleInstances>Single</MultipleInstances><Mandatory>Optional</Mandatory><Type>Float</Type></Item></Resources>"
    b"</Object></LWM2M>"
)
SCENARIO = Path(__file__).parents[2].joinpath("examples/dns-failure.yaml").read_text("utf-8")

COMPOSITE = {"/3/0/14": {"kind": "singleResource", "id": 14, "value": "+08"}}
REFUSED_HERE = {"usage-rate-simulated", "platform-version-lacks", "api-batch-over"}  # a simulated lab, LwM2M 1.0

CHANGES: tuple[tuple[str, str, Any], ...] = (
    ("POST", "/api/v1/modules", {"model": "BC260Y-CN", "name": "other"}),
    ("PUT", f"{P}/strict", {"strict": False}),
    ("POST", f"{M}/command", {"line": "AT"}),
    ("POST", f"{M}/at", {"line": 'AT+QLASERVERIP="LWM2M","192.0.2.12",5683'}),
    ("POST", f"{M}/serial", {"text": "AT"}),
    ("POST", f"{M}/power", {"action": "reset"}),
    ("DELETE", f"{M}/usim", None),
    ("PUT", f"{M}/usim", {"operator": "mobile"}),
    ("POST", f"{M}/coverage", {"coverage": True}),
    ("POST", f"{M}/signal", {"rssi": 9}),
    ("POST", f"{M}/firmware", {"version": "BC28JAR01A10"}),
    ("POST", f"{M}/rebind", None),
    ("PUT", f"{M}/nvram/image", b"<the image>"),
    ("POST", f"{M}/nvram/snapshots", {"label": "before"}),
    ("POST", f"{M}/nvram/restore", {"snapshot": "<number>"}),
    ("DELETE", f"{M}/nvram/snapshots/<number>", None),
    ("POST", f"{M}/nvram/factory-reset", None),
    ("POST", "/api/v1/appkeys", {"appkey": "M300000001", "password": "a-secret-password"}),
    ("DELETE", "/api/v1/appkeys/M300000001", None),
    ("PUT", f"{P}/keys/863703030000001", {"key": "00" * 16}),
    ("DELETE", f"{P}/keys/863703030000001", None),
    ("PUT", "/api/security/clients", {"endpoint": "863703030000002", "tls": {"mode": "psk", "details": {
        "identity": "863703030000002", "key": "00" * 16}}}),
    ("DELETE", "/api/security/clients/863703030000002", None),
    ("POST", "/api/v1/firmware?name=a.pkg", PACKAGE),
    ("POST", "/api/v1/firmware/made", {"name": "b.pkg", "model": "BC28", "version": "BC28JAR01A12_ONT"}),
    ("POST", f"{P}/campaigns", {"package": "a.pkg", "devices": ["<device>"]}),
    ("POST", f"{P}/campaigns/<number>/stop", None),
    ("DELETE", "/api/v1/firmware/a.pkg", None),
    ("DELETE", "/api/v1/firmware/b.pkg", None),
    ("POST", "/api/v1/objects", DEFINITION),
    ("DELETE", "/api/v1/objects/33001/1.0", None),
    ("POST", "/api/v1/clock/advance", {"span": "1s"}),
    ("POST", "/api/v1/clock/stop", None),
    ("POST", "/api/v1/clock/rate", {"rate": 2}),
    ("POST", "/api/v1/clock/zone", {"zone": "UTC"}),
    ("POST", "/api/v1/clock/pause", None),
    ("POST", "/api/v1/clock/resume", None),
    ("POST", "/api/v1/clock/run-until", {"within": "1s", "containing": "x"}),
    ("POST", "/api/v1/faults", {"kind": "loss", "direction": "up", "packets": [500]}),
    ("DELETE", "/api/v1/faults/<number>", None),
    ("DELETE", "/api/v1/faults", None),
    ("POST", f"{P}/devices/<device>/operations", {"operation": "read", "path": "/3/0/0", "wait": 0}),
    ("POST", f"{P}/devices/{SLEEPER}/operations", {"operation": "read", "path": "/3/0/0", "wait": 0}),
    ("PUT", f"{P}/devices/{SLEEPER}/queue/<number>", {"position": 1}),
    ("DELETE", f"{P}/devices/{SLEEPER}/queue/<number>", None),
    ("PUT", "/api/clients/<device>/3/0/14?timeout=0.05", {"id": 14, "value": "+08"}),
    ("POST", "/api/clients/<device>/3/0/4?timeout=0.05", None),
    ("DELETE", "/api/clients/<device>/3/0/observe?timeout=0.05", None),
    ("PUT", "/api/clients/<device>/composite?timeout=0.05", COMPOSITE),
    ("POST", "/api/clients/<device>/composite/observe?timeout=0.05&paths=/3/0/0", None),
    ("DELETE", "/api/clients/<device>/composite/observe?timeout=0.05&paths=/3/0/0", None),
    ("POST", "/api/v1/notes", {"entry": 1, "text": "the first"}),
    ("DELETE", "/api/v1/notes/<number>", None),
    ("POST", "/api/v1/scenarios/runs", {"yaml": SCENARIO}),
    ("DELETE", "/api/v1/scenarios/runs/<number>", None),
    ("POST", "/api/v1/access/tokens", {"name": "new", "role": "viewer"}),
    ("DELETE", "/api/v1/access/tokens/new", None),
    ("PUT", f"{P}/devices/<device>/label", {"tags": ["field"]}),
    ("PUT", f"{P}/devices.csv", b"id,name\nother,other\n"),
    ("POST", f"{P}/batches", {"act": "label", "of": {}, "labels": {"add": ["field"]}}),
    ("POST", f"{P}/batches/1/stop", None),
    ("DELETE", f"{P}/devices/<device>", None),
    ("POST", f"{P}/forget", None),
    ("DELETE", "/api/v1/modules/other", None),
    ("POST", "/api/v1/lab/reset", {"faults": True, "devices": True, "modules": True}),
    ("PUT", "/api/v1/lab/import", b"<the archive>"),
)  # fmt: skip
"""Each operation that changes something, once, in an order in which each finds what it needs."""


def nbtwin(*arguments: object) -> str:
    """What the command says; what it fails with is raised."""
    answer = CliRunner().invoke(commands, [*map(str, arguments)], standalone_mode=False)
    if answer.exception is not None:
        raise answer.exception
    return answer.output


def template(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{path\\\}", ".+", re.sub(r"\\\{(?!path\\)[^}]*\\\}", "[^/]+", re.escape(path))))


@pytest.mark.asyncio
async def test_the_table_has_every_operation_that_changes_something(tmp_path: Path) -> None:
    async with guarded(tmp_path) as lab:
        document = lab.app.openapi()
    operations = {
        (method.upper(), path) for path, item in document["paths"].items() for method in item
        if method.upper() not in READING
    }  # fmt: skip
    asked = [(method, path.partition("?")[0]) for method, path, _ in CHANGES]
    found = {
        (method, path) for method, path in operations
        if any(m == method and template(path).fullmatch(p) for m, p in asked)
    }  # fmt: skip
    assert len(operations) > 40
    assert operations - found == set()


@pytest.mark.asyncio
async def test_each_change_leaves_one_line_for_whoever_asked_and_reading_none(tmp_path: Path) -> None:
    """A stranger leaves none: nobody may fill the log who may not come in."""
    async with guarded(tmp_path) as lab:
        reads = [path for path, item in lab.app.openapi()["paths"].items() if "get" in item and "event" not in path]
        for role in (Role.NOBODY, Role.VIEWER, Role.ADMIN, Role.OPERATOR):
            for path in reads:
                before = lab.audit.count()
                answer = await lab.ask("GET", re.sub(r"\{[^}]*\}", "1", path), role=role)
                assert lab.audit.count() == before, f"{role} GET {path}: {answer.status_code}"
            for method, path, body in CHANGES:
                lines = lab.lines()
                answer = await lab.ask(method, path, body, role)
                now = lab.lines()
                if path.endswith("/import") and answer.status_code == 200:  # the archive's own lines are there now
                    assert (now[0].target, now[0].status) == (path, 200)
                    assert BEGAN not in {line.status for line in now}
                    lab.tokens = {r: tokens.create(lab.lab.store, str(r), r, now=0.0) for r in GRANTED}
                    continue
                if role == Role.NOBODY:
                    assert (answer.status_code, now) == (401, lines), f"{method} {path}"
                    continue
                assert len(now) == len(lines) + 1, f"{role} {method} {path}: {answer.text}"
                line = now[0]
                assert (line.who, line.what, line.status) == (str(role), method, answer.status_code), path
                if role == Role.ADMIN:
                    assert answer.status_code in (*range(200, 300), 504) or answer.json()["code"] in REFUSED_HERE, (
                        f"{method} {path}: {answer.text}"
                    )
                if role == Role.VIEWER:
                    assert answer.status_code == 403, f"{method} {path}: {answer.text}"


def full_disk(store: Store) -> None:
    """What is left of the last page is filled, and there is no other one."""
    ((pages,),) = store.database.rows("PRAGMA page_count")
    store.database.run(f"PRAGMA max_page_count = {pages}")
    for length in (4000, 400, 40, 0):
        try:
            while True:
                store.part(AuditRepository).record(AuditLine(0, "filler", "", "", "", 200, {"x": "x" * length}))
        except StoreError:
            """Full, for lines of that length."""


def read_only_disk(store: Store) -> None:
    store.database.run("PRAGMA query_only = ON")


@pytest.mark.asyncio
@pytest.mark.parametrize("disk", [full_disk, read_only_disk])
async def test_what_cannot_be_written_down_is_not_done(tmp_path: Path, disk: Any) -> None:
    async with guarded(tmp_path) as lab:
        for role in GRANTED:
            await lab.ask("GET", "/api/v1/modules", role=role)  # that they were used is written once a minute
        disk(lab.lab.store)
        before, lines = lab.state(), lab.audit.count()
        for role in GRANTED:
            for method, path, body in CHANGES:
                answer = await lab.ask(method, path, body, role)
                if answer.status_code != 403:
                    assert (answer.status_code, answer.json()["code"]) == (503, "api-audit"), f"{method} {path}"
                    assert "not done" in answer.json()["detail"]
        assert lab.state() == before
        assert lab.audit.count() == lines
        assert (await lab.ask("GET", "/api/v1/modules")).status_code == 200
        login = await lab.ask("POST", "/login")
        assert login.status_code == 401, "coming in changes nothing: it needs no line"


@pytest.mark.asyncio
async def test_a_change_that_fails_behind_its_line_ends_it_with_the_answer(tmp_path: Path) -> None:
    """The database takes the log's lines and nothing else, and the state directory takes nothing."""
    async with guarded(tmp_path) as lab:
        db = lab.lab.store.database
        for table in set(db.tables()) - {"audit"}:
            for verb in ("INSERT", "UPDATE", "DELETE"):
                db.run(
                    f"CREATE TRIGGER no_{table}_{verb} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, 'no'); END"
                )
        refused = 0
        for method, path, body in CHANGES[:-1]:  # but for an import, which brings its own tables
            lines = lab.lines()
            answer = await lab.ask(method, path, body)
            now = lab.lines()
            assert len(now) == len(lines) + 1, f"{method} {path}: {answer.text}"
            line = now[0]
            assert line.status == answer.status_code != 500, f"{method} {path}: {answer.text}"
            refused += answer.status_code == 503
        assert refused > 5


@pytest.mark.asyncio
async def test_a_change_whose_outcome_cannot_be_written_stays_what_began(tmp_path: Path) -> None:
    async with guarded(tmp_path) as lab:
        lab.lab.store.database.run("CREATE TRIGGER no BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'no'); END")
        made = await lab.ask("POST", "/api/v1/faults", {"kind": "loss", "direction": "up", "packets": [500]})
        assert made.status_code == 201, "it is done, and its line is there"
        (line, *_) = (await lab.ask("GET", "/api/v1/access/audit")).json()
        assert (line["target"], line["status"], line["detail"]["kind"]) == ("/api/v1/faults", BEGAN, "loss")


@pytest.mark.asyncio
async def test_a_refusal_keeps_its_status_where_its_line_cannot_be_written(tmp_path: Path) -> None:
    async with guarded(tmp_path) as lab:
        await lab.ask("GET", "/api/v1/modules", role=Role.VIEWER)
        await lab.ask("GET", "/api/v1/modules")
        read_only_disk(lab.lab.store)
        assert (await lab.ask("DELETE", "/api/v1/faults", role=Role.VIEWER)).status_code == 403
        twice = b'{"line": "AT", "line": "ATI"}'
        async with httpx.AsyncClient(transport=httpx.ASGITransport(lab.app), base_url="http://127.0.0.1") as http:
            headers = {"Authorization": f"Bearer {lab.tokens[Role.ADMIN]}", "Content-Type": "application/json"}
            assert (await http.post(f"{M}/at", content=twice, headers=headers)).status_code == 422


def test_an_operation_that_the_process_did_not_survive_is_one_that_began(tmp_path: Path) -> None:
    asked = ("up", "--module", "BC260Y-CN", "--ports", "cmdmp=0", "--http", "127.0.0.1:0", "--clock", "simulated")
    with Running(*asked, state=tmp_path) as lab, httpx.Client(base_url=lab.console(), timeout=60) as http:
        began = http.get("/api/v1/clock").json()["now"]
        with ThreadPoolExecutor(1) as other:
            advancing = other.submit(httpx.post, f"{lab.console()}/api/v1/clock/advance", json={"span": "366d"})
            while http.get("/api/v1/clock").json()["now"] < began + 10 * 86400:
                assert not advancing.done()
            lab.kill()
            assert isinstance(advancing.exception(), httpx.HTTPError), "it was over before the kill"
    for language, words in (("en", "began, outcome unknown"), ("zh", "已开始，结果未知")):
        shown = nbtwin("--lang", language, "db", "audit", "--state", tmp_path).splitlines()
        assert shown[0].split("\t")[3:6] == ["POST", "/api/v1/clock/advance", words]


def test_every_command_that_changes_the_database_changes_it_with_its_line_or_not_at_all(tmp_path: Path) -> None:
    (tmp_path / "a.pkg").write_bytes(PACKAGE)
    (tmp_path / "keys.json").write_text('[{"device": "863703030000001", "key": "' + "00" * 16 + '"}]')
    there = ("--state", tmp_path / "lab")
    nbtwin("db", "migrate", *there)
    nbtwin("db", "backup", tmp_path / "lab.backup", *there)
    path = tmp_path / "lab" / "inventory.sqlite"
    psk = ("platform", "keys", "psk")
    cases: tuple[tuple[str, tuple[object, ...]], ...] = (
        ("token create", ("token", "create", "ci")),
        ("token revoke", ("token", "revoke", "ci")),
        ("keys add", ("platform", "keys", "add", "M300000001", "--password", "a-secret-password")),
        ("keys remove", ("platform", "keys", "remove", "M300000001")),
        ("psk add", (*psk, "add", "863703030000001", "--generate")),
        ("psk remove", (*psk, "remove", "863703030000001")),
        ("psk import", (*psk, "import", tmp_path / "keys.json")),
        ("firmware add", ("firmware", "add", tmp_path / "a.pkg")),
        ("firmware remove", ("firmware", "remove", "a")),
        ("db prune", ("db", "prune", "--audit-older-than", "1s")),
    )
    for what, command in cases:
        without_log(path)
        before = dump(path)
        with pytest.raises(Failed, match="no line"):
            nbtwin(*command, *there)
        assert dump(path) == before, what
        with_log(path)
        nbtwin(*command, *there)
        assert newest(path)[:1] == (what,)
    nbtwin("db", "restore", tmp_path / "lab.backup", "--replace", *there)
    assert newest(path) == ("db restore", str(tmp_path / "lab.backup"), 0), "in the database that it brings"


def without_log(path: Path) -> None:
    """Until `with_log` the audit log takes no line."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TRIGGER no BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no line'); END")


def with_log(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("DROP TRIGGER no")


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as db:
        return list(db.iterdump())


def newest(path: Path) -> tuple[str, str, int]:
    with Store.open(path) as store:
        (line,) = store.part(AuditRepository).lines(limit=1)
    return line.what, line.target, line.status


def test_nvram_that_a_command_changes_has_its_line_first(tmp_path: Path) -> None:
    there = ("--state", tmp_path)
    database, image, nvram = tmp_path / "inventory.sqlite", tmp_path / "image", tmp_path / "meter.nvram"
    image.write_bytes(encode(Saved()))
    NvramFile(nvram).save(encode(Saved(cmdmp=Cmdmp(period=4242))))
    nbtwin("db", "migrate", *there)
    kept = nvram.read_bytes()
    for command in (("restore", "meter", image), ("reset", "meter")):
        without_log(database)
        with pytest.raises(Failed, match="no line"):
            nbtwin("nvram", *command, *there)
        assert nvram.read_bytes() == kept
        with_log(database)
        nbtwin("nvram", *command, *there)
        assert nvram.read_bytes() != kept
        what, target, status = newest(database)
        assert (what.split()[:2], target, status) == (["nvram", command[0]], "meter", 0)
        nvram.write_bytes(kept)


def test_a_state_directory_that_a_command_makes_is_its_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        nbtwin("token", "create", "ci", "--state", tmp_path / "lab")
    finally:
        os.umask(before)
    assert (tmp_path / "lab").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "lab" / "inventory.sqlite").stat().st_mode & 0o777 == 0o600
