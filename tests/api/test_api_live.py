"""Live labs and connections: what cannot be had is said in one line, and nothing is left when they are closed."""

from __future__ import annotations

import gc
import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from running import Running

import nbtwin
from nbtwin.edge.nvram_file import StateDirectory
from nbtwin.operators.store.store import Store
from nbtwin.web.access import tokens
from nbtwin.web.access.roles import Role


def opened() -> set[str]:
    """Files, sockets and terminals of the process, but for what Python itself keeps open."""
    found = set()
    for descriptor in os.listdir("/proc/self/fd"):
        try:
            found.add(f"{descriptor} {os.readlink(f'/proc/self/fd/{descriptor}')}")
        except FileNotFoundError:
            continue  # the listing's own
    return found


@contextmanager
def nothing_left(folder: Path) -> Iterator[None]:
    """No thread, no descriptor and no file more than before."""
    gc.collect()
    threads, descriptors, files = set(threading.enumerate()), opened(), set(folder.iterdir())
    yield
    gc.collect()
    assert set(threading.enumerate()) <= threads
    assert opened() <= descriptors
    assert set(folder.iterdir()) == files


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary state directories are made."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


@pytest.fixture(scope="module")
def warm() -> None:
    """What the process loads and keeps when it has its first live lab."""
    nbtwin.Lab(live=True, platforms=()).close()


@pytest.mark.usefixtures("warm")
def test_a_live_lab_leaves_nothing_and_what_it_recorded_can_be_read(temporary: Path) -> None:
    with nothing_left(temporary):
        with nbtwin.Lab(live=True, platforms=("cmdmp",)) as lab:
            assert len(list(temporary.iterdir())) == 1
            first, second = lab.add_module("BC28"), lab.add_module("BC25", serial="tcp:127.0.0.1:0")
            assert Path(first.serial).exists()
            host, port = second.serial.removeprefix("tcp:").split(":")
            socket.create_connection((host, int(port))).close()
            assert first.at("AT").ok
            with pytest.raises(nbtwin.LabRefused) as refused:
                lab.add_module("BC28", serial=second.serial)
            assert str(refused.value.code) == "edge-port-in-use"
            del refused
            with nbtwin.connect(lab.url) as again:
                assert list(again.modules) == list(lab.modules)
        lab.close()
        assert any("AT" in line for line in lab.tail(None))
        with pytest.raises(nbtwin.LabClosed):
            lab.advance("1s")
        with pytest.raises(nbtwin.LabClosed):
            first.at("AT")
        with pytest.raises(nbtwin.LabClosed):
            assert first.state
        with pytest.raises(nbtwin.LabClosed):
            again.advance("1s")


@pytest.mark.usefixtures("warm")
def test_a_lab_that_is_forgotten_ends(temporary: Path) -> None:
    with nothing_left(temporary):
        lab = nbtwin.Lab(live=True, platforms=())
        assert lab.url
        del lab


@pytest.mark.usefixtures("warm")
def test_a_live_lab_that_cannot_be_had_leaves_nothing(temporary: Path, tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        wrong: dict[str, Callable[[], object]] = {
            "edge-port-in-use": lambda: nbtwin.Lab(live=True, http=where),
            "lab-loopback-only": lambda: nbtwin.Lab(live=True, http="0.0.0.0:0"),
            "usage-address": lambda: nbtwin.Lab(live=True, http="here"),
            "lab-simulated-only": lambda: nbtwin.Lab(live=True, latency="50ms"),
            "lab-live-only": lambda: nbtwin.Lab(state=tmp_path),
            "edge-state-in-use-by": lambda: nbtwin.Lab(live=True, state=tmp_path / "held"),
            "api-value-too-short": lambda: nbtwin.Lab(live=True, keys={"": "x"}),
        }
        with closing(StateDirectory(tmp_path / "held")), nothing_left(temporary):
            for code, ask in wrong.items():
                with pytest.raises(nbtwin.LabRefused) as failed:
                    ask()
                assert str(failed.value.code).startswith(code.removesuffix("-by")), (code, failed.value)
                assert "\n" not in str(failed.value)
                del failed


def test_a_state_directory_is_the_lab_again(tmp_path: Path) -> None:
    with nbtwin.Lab(live=True, state=tmp_path, platforms=("cmdmp",)) as lab:
        meter = lab.add_module("BC28", name="meter")
        assert meter.at("AT+CMEE=1").ok
    with nbtwin.Lab(live=True, state=tmp_path, platforms=("cmdmp",)) as lab:
        assert lab.module("meter").imei == meter.imei


def test_a_lab_that_asks_for_tokens_tells_which_one_it_wants(tmp_path: Path) -> None:
    database = tmp_path / "tokens.sqlite"
    with closing(Store.open(str(database))) as store:
        viewer, operator = (tokens.create(store, str(role), role, now=0) for role in (Role.VIEWER, Role.OPERATOR))
    arguments = ("--database", str(database), "--http", "127.0.0.1:0", "--tokens", "--module", "BC28,name=meter")
    with Running("up", "--ports", "cmdmp=0", *arguments, state=tmp_path / "state") as up:
        url = up.console()
        for token, code in (
            (None, "lab-token-needed"),
            ("nbt_wrong", "lab-token-refused"),
            ("水", "lab-token-refused"),
        ):
            with pytest.raises(nbtwin.AccessDenied) as denied:
                nbtwin.connect(url, token=token)
            assert str(denied.value.code) == code
            assert url in str(denied.value)
        with nbtwin.connect(url, token=viewer) as lab:
            assert list(lab.modules) == ["meter"]
            with pytest.raises(nbtwin.AccessDenied) as denied:
                lab.module("meter").power_off()
            assert str(denied.value.code) == "lab-forbidden"
        with nbtwin.connect(url, token=operator) as lab:
            assert lab.module("meter").at("AT").ok


@pytest.mark.parametrize(
    ("kind", "body", "code"),
    [
        ("application/json", b'{"status": "ok", "version": "99.1.0"}', "lab-other-version"),
        ("application/json", b'{"status": "ok"}', "lab-none-there"),
        ("application/json", b"[1]", "lab-none-there"),
        ("text/html", b"<html>hello</html>", "lab-none-there"),
    ],
)
def test_what_is_no_lab_of_this_version_is_told_as_such(kind: str, body: bytes, code: str) -> None:
    class Other(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Other) as server, ThreadPoolExecutor(1) as threads:
        answered = threads.submit(server.handle_request)
        with pytest.raises(nbtwin.LabUnreachable) as failed:
            nbtwin.connect(f"http://127.0.0.1:{server.server_port}")
        answered.result()
    assert str(failed.value.code) == code
    assert json.dumps(failed.value.fields["url"])


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://127.0.0.1:1", "lab-unreachable"),
        ("127.0.0.1:1", "lab-unreachable"),
        ("ftp://127.0.0.1", "lab-no-url"),
        ("http://", "lab-no-url"),
        ("http://127.0.0.1:many", "lab-no-url"),
    ],
)
def test_where_no_lab_can_be_is_told_in_one_line(url: str, code: str) -> None:
    with pytest.raises(nbtwin.LabUnreachable) as failed:
        nbtwin.connect(url)
    assert str(failed.value.code) == code
    assert "\n" not in str(failed.value)


def test_a_lab_that_ends_while_it_is_waited_for_ends_the_waiting() -> None:
    with nbtwin.Lab(live=True, platforms=()) as lab, nbtwin.connect(lab.url) as other:
        asked = threading.Event()

        def never() -> bool:
            asked.set()
            return False

        with ThreadPoolExecutor(1) as threads:
            waiting = threads.submit(other.run_until, never, "1000d")
            assert asked.wait(60)
            lab.close()
            with pytest.raises(nbtwin.LabUnreachable):
                waiting.result()


def test_labs_of_every_kind_work_side_by_side_in_threads_of_one_process() -> None:
    def meter_of(live: bool) -> list[str]:
        with nbtwin.Lab(seed=3, live=live, platforms=("cmdmp",)) as lab:
            if live:
                lab.set_rate(100)
            meter = lab.add_module("BC260Y-CN", name="meter")
            lab.run_until(meter.registered("cmdmp"), within="1h")
            device = lab.platform("cmdmp").device(meter.imei)
            return [
                str(device.read("/3/0/0", within="1h")),
                *lab.modules,
                *(line for line in meter.urcs if "PIN" in line),
            ]

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(meter_of, (False, True, False, True)))
    assert found == [["Quectel", "meter", "+CPIN: READY"]] * 4
