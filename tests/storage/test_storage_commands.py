"""`nbtwin db`, `nbtwin token` and `--database`, as a user types them, on both databases."""

from __future__ import annotations

import io
import re
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import httpx
import pytest
from msgspec.structs import replace
from running import Running
from storage_events import DEVICE, registered

from nbtwin.cli.main import run
from nbtwin.operators.events import DeviceRegistered
from nbtwin.operators.store.database import StoreLocked, StoreRefusal
from nbtwin.operators.store.schema import MIGRATIONS
from nbtwin.operators.store.store import Store


def command(*arguments: str) -> tuple[int, str, str]:
    """As `nbtwin …` on the command line, in this process: exit status, standard output, standard error."""
    out, err, before = io.StringIO(), io.StringIO(), sys.argv
    sys.argv = ["nbtwin", *arguments]
    try:
        with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
            run()
    finally:
        sys.argv = before
    return int(ended.value.code or 0), out.getvalue(), err.getvalue()


def ran(*arguments: str) -> list[list[str]]:
    """The lines of a command that went well, in their columns."""
    status, out, err = command(*arguments)
    assert status == 0, err
    return [line.split("\t") for line in out.splitlines()]


def failed(status: int, *arguments: str) -> str:
    """The one line of a command that did not."""
    ended, out, err = command(*arguments)
    assert ended == status, err
    assert out == ""
    (line,) = err.splitlines()
    return line


def for_ever(at: float) -> DeviceRegistered:
    """A registration of long ago that no running lab lets expire."""
    event = registered(at)
    assert event.registration is not None
    return replace(event, registration=replace(event.registration, lifetime=1e11))


def test_a_backup_is_taken_beside_a_running_lab_and_restored_when_it_has_ended(where: str, tmp_path: Path) -> None:
    file, there = str(tmp_path / "lab.backup"), ("--database", where)
    with Store.open(where) as store:
        store.commit([for_ever(at) for at in (0.0, 50.0, 100.0)])
    asked = ("up", "--ports", "cmdmp=0", *there)
    with Running(*asked, state=tmp_path / "lab") as lab:
        assert ["rows", "3", "history"] in ran("db", "backup", file, *there)
        assert "in use by another nbtwin" in failed(1, "db", "restore", file, "--replace", *there)
        assert "in use by another nbtwin" in failed(1, *asked, "--state", str(tmp_path / "second"))
        lab.stop()
    assert "only --replace deletes them" in failed(1, "db", "restore", file, *there)
    assert ["rows", "1", "devices"] in ran("db", "restore", file, "--replace", *there)
    assert ["history", "2"] in ran("db", "prune", "--older-than", "20s", *there)
    with Store.open(where) as store:
        assert [entry.at for entry in store.history(DEVICE)] == [100.0]
    restored = [line for line in ran("db", "audit", *there) if line[3] == "db restore"]
    assert len(restored) == 1


def test_info_says_what_there_is_and_changes_nothing(where: str, tmp_path: Path) -> None:
    Store.open(where).close()
    lines = ran("db", "info", "--database", where)
    assert lines[0][1] == ("postgresql" if "://" in where else "sqlite")
    assert lines[1] == ["version", str(len(MIGRATIONS)), "newest"]
    assert ["rows", "0", "devices"] in lines
    assert "no such file" in failed(1, "db", "info", "--state", str(tmp_path / "nowhere"))
    assert not (tmp_path / "nowhere").exists()
    assert ran("db", "migrate", "--database", where) == [["version", str(len(MIGRATIONS))]]


def test_info_says_that_a_journal_waits_which_a_dead_lab_has_left(where: str, tmp_path: Path) -> None:
    there = ("--database", where, "--state", str(tmp_path))
    store = Store.open(where, claim=True, durability="process", journal=7, state=tmp_path)
    assert store.folding is not None
    store.folding.fold = _refuse
    store.append([registered()])
    assert "not counted" not in command("db", "info", *there)[2]  # it runs
    assert not store.close(longest=0.0)
    assert "is not counted" in command("db", "info", *there)[2]
    assert "未计入" in command("--lang", "zh", "db", "info", "--json", *there)[2]
    ran("db", "migrate", *there)
    status, out, err = command("db", "info", *there)
    assert (status, err) == (0, "")
    assert "rows\t1\tdevices" in out


def _refuse(events: object, number: int) -> None:
    raise StoreLocked(StoreRefusal.LOCKED, "i.sqlite")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("db", "prune"), "say what to delete"),
        (("db", "prune", "--older-than", "soon"), "--older-than: 'soon' is not a span"),
        (("token", "create", "a b"), "'a b' is no name of a token"),
        (("token", "create", "x", "--role", "root"), "--role: 'root' is none of viewer, operator, admin"),
        (("token", "create", "x", "--lasts", "soon"), "--lasts: 'soon' is not a span"),
        (("up", "--history", "soon"), "--history: 'soon' is not a span"),
    ],
)
def test_what_is_wrong_is_one_line(arguments: tuple[str, ...], says: str, tmp_path: Path) -> None:
    assert says in failed(2, *arguments, "--state", str(tmp_path))


def test_a_database_that_is_not_there_is_one_line_without_the_password(tmp_path: Path) -> None:
    url = "postgresql://lab:s3cret@127.0.0.1:1/lab"
    line = failed(1, "up", "--database", url, "--state", str(tmp_path), "--ports", "cmdmp=0")
    assert "postgresql://lab@127.0.0.1:1/lab" in line
    assert "s3cret" not in line


def test_history_that_is_enough_is_all_a_lab_keeps(tmp_path: Path) -> None:
    database = str(tmp_path / "inventory.sqlite")
    with Store.open(database) as store:
        store.commit([for_ever(float(at)) for at in range(100)])
    asked = ("up", "--ports", "cmdmp=0", "--http", "127.0.0.1:0", "--history", ",10")
    with Running(*asked, state=tmp_path) as lab:
        history = f"{lab.console()}/api/v1/platforms/cmdmp/devices/{DEVICE}/history"
        assert len(httpx.get(history).json()) == 10
        lab.stop()
    with Running(*asked[:-1], "1h", state=tmp_path) as lab:
        assert httpx.get(f"{lab.console()}/api/v1/platforms/cmdmp/devices/{DEVICE}/history").json() == []
        lab.stop()


def test_from_elsewhere_the_console_asks_for_a_token_that_the_command_has_made(where: str, tmp_path: Path) -> None:
    there = ("--database", where)
    asked = ("up", "--ports", "cmdmp=0", "--http", "0.0.0.0:0", *there)
    assert "nbtwin token create NAME --role admin" in failed(2, *asked, "--state", str(tmp_path))
    ((token,),) = ran("token", "create", "ci", "--role", "operator", *there)
    assert "'ci' already" in failed(2, "token", "create", "ci", *there)
    with Running(*asked, state=tmp_path) as lab:
        base = re.sub(r"//0\.0\.0\.0:", "//127.0.0.1:", lab.console())
        with httpx.Client(base_url=base) as client:
            assert client.get("/api/v1/health").status_code == 200
            assert client.get("/api/v1/modules").status_code == 401
            client.headers["Authorization"] = f"Bearer {token}"
            assert client.get("/api/v1/modules").status_code == 200
            assert client.post("/api/v1/clock/advance", json={"span": "1h"}).status_code == 200
            refused = client.post("/api/v1/appkeys", json={"appkey": "M3", "password": "s3cret-s3cret"})
            assert (refused.status_code, refused.headers["content-type"]) == (403, "application/problem+json")
            assert ran("token", "list", *there)[0][:2] == ["ci", "operator"]
            assert ran("token", "revoke", "ci", *there) == []
            assert client.get("/api/v1/modules").status_code == 401
        lab.stop()
    assert "no token 'ci'" in failed(1, "token", "revoke", "ci", *there)
    log = [line[1:5] for line in ran("db", "audit", *there)]
    assert ["ci", "operator", "POST", "/api/v1/clock/advance"] in log
    assert ["ci", "operator", "POST", "/api/v1/appkeys"] in log
    assert [line[2] for line in log if line[1] == "admin"] == ["token revoke", "token create"]
    assert not any("s3cret" in part or token in part for line in log for part in line)


def test_keys_are_kept_where_the_lab_looks_for_them(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ran("platform", "keys", "add", "M300000001", "--password", "a-secret-password", "--database", where)
    monkeypatch.setenv("NBTWIN_DATABASE", where)
    assert ["M300000001", "a-se****"] in ran("platform", "keys", "list")
    log = ran("db", "audit", "--database", where)
    assert log[0][3:5] == ["keys add", "M300000001"]
    assert "a-secret-password" not in str(log)
