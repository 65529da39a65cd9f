"""The first view of the console: how much crosses the wire for it, and that nothing crosses it twice."""

import gzip
import json
import re
import socket
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import httpx
import pytest
from browser import available
from console_page import MODULE, Page, console
from running import nbtwin

from nbtwin.web import pages

STATIC = Path(str(resources.files("nbtwin.web").joinpath("static")))
MOST = 100_000
"""Bytes of script for the first view."""
needs_browser = pytest.mark.skipif(not available(), reason="needs Debian's chromium and chromium-driver")
LOADED = """return JSON.stringify(performance.getEntriesByType('resource').map(
    (one) => ({name: new URL(one.name).pathname, kind: one.initiatorType, sent: one.transferSize,
               body: one.encodedBodySize})))"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    state = tmp_path_factory.mktemp("lab")
    with console(state, "--module", MODULE, "--ports", "cmdmp=0", "--clock", "simulated") as page:
        yield page
        assert page.script_errors() == []


def _loaded(page: Page) -> list[dict[str, Any]]:
    page.wait_until("document.querySelector('.chart canvas') && document.querySelector('#modules')")
    loaded: list[dict[str, Any]] = json.loads(page.run(LOADED))
    return [one for one in loaded if not one["name"].startswith("/api/")]


@needs_browser
def test_the_first_view_needs_less_than_100_kilobytes_of_script(page: Page) -> None:
    scripts = [one for one in _loaded(page) if one["name"].endswith(".js")]
    sent = sum(one["body"] for one in scripts)
    assert len(scripts) > 10
    assert sent < MOST, f"{sent} bytes: {sorted((one['body'], one['name']) for one in scripts)}"


@needs_browser
def test_no_module_waits_for_its_importer(page: Page) -> None:
    """All modules of the first view are in the page's own list, with all that they import."""
    modules = {
        one["name"][1:] for one in _loaded(page) if re.match(r"/(console\.js|js/|vendor/(?!uplot))", one["name"])
    }
    modules.discard("js/shell/splash.js")  # no module
    files = {str(path.relative_to(STATIC)): path.read_bytes() for path in STATIC.rglob("*.js")}
    assert modules == set(pages.first_view(files))


@needs_browser
def test_a_second_visit_fetches_no_file_again(page: Page) -> None:
    _loaded(page)
    page.open("about:blank")
    page.open(page.url)
    again = [one["name"] for one in _loaded(page) if one["sent"]]
    assert again == []


@needs_browser
def test_a_page_is_fetched_when_it_is_shown(page: Page) -> None:
    assert not any("scenarios" in one["name"] for one in _loaded(page))
    page.go("#/scenarios")
    page.wait_for("main h1", "Scenarios")
    assert any("scenarios" in name for name in page.run("return performance.getEntries().map((one) => one.name)"))
    page.go("#/")


@needs_browser
def test_a_lasting_address_is_kept_and_any_other_is_asked_for_again(page: Page) -> None:
    with httpx.Client(base_url=page.url) as lab:
        lasting = re.search(r'"(/console\.js\?v=\w+)"', lab.get("/").text)
        assert lasting is not None
        assert "immutable" in lab.get(lasting[1]).headers["cache-control"]
        for address in ("/console.js", "/console.js?v=other"):
            plain = lab.get(address)
            assert plain.headers["cache-control"] == "no-cache"
            assert lab.get(address, headers={"If-None-Match": plain.headers["etag"]}).status_code == 304
        assert "immutable" not in lab.get("/").headers["cache-control"]


@needs_browser
def test_who_takes_gzip_gets_it_and_who_does_not_gets_the_file(page: Page) -> None:
    with httpx.Client(base_url=page.url) as lab, lab.stream("GET", "/console.js") as sent:
        assert gzip.decompress(b"".join(sent.iter_raw())) == (STATIC / "console.js").read_bytes()
        plain = lab.get("/console.js", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == (STATIC / "console.js").read_bytes()
    assert plain.headers["etag"] != sent.headers["etag"]


@needs_browser
def test_an_empty_lab_has_four_doors_and_each_ends_in_what_the_visitor_did(tmp_path: Path) -> None:
    done = "document.querySelectorAll('#steps .done').length"
    with console(tmp_path, "--ports", "cmdmp=0", "--clock", "simulated") as page:
        page.wait_until("document.querySelectorAll('.door').length === 4")
        page.click("[href='#/start/registration']")
        page.click("#start-do_add")
        page.wait_until(f"{done} === 1")
        page.click("#start-do_minute")
        page.wait_until(f"{done} === 3")
        page.click("#start-do_story")
        page.wait_for(".seq-rows", "POST /rd")
        page.go("#/modules/first")
        page.type("#line", "AT+QDMPCFG?\n")
        page.wait_for("#terminal", "+QDMPCFG:")
        page.go("#/start/registration")
        page.wait_until(f"{done} === 4")

        page.go("#/start/losses")
        page.click("#start-do_lose")
        page.wait_until(f"{done} === 4")
        page.go("#/faults")
        page.click("#faults button")
        page.wait_for("#toasts", "Undo")
        page.go("#/start/losses")
        page.wait_until(f"{done} === 5")

        assert page.script_errors() == []


@needs_browser
def test_a_firmware_and_a_real_module_are_seen_by_what_they_send(tmp_path: Path) -> None:
    """The module at the port of the lab is the firmware's at the third door, and the real one at the fourth."""
    done = "document.querySelectorAll('#steps .done').length"
    with console(tmp_path, "--module", "BC28,name=meter,serial=tcp:127.0.0.1:0", "--ports", "cmdmp=0") as page:
        page.go("#/start/firmware")
        page.wait_for("#line-minicom", "minicom -D /tmp/module")
        port = int(page.api.get("/modules/meter").json()["serial"].rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port)) as firmware:
            firmware.sendall(b"ATE0\r")
            page.wait_for("#noticed", "meter ATE0")
            page.wait_until(f"{done} === 2")  # it is another line than the one that was asked for
            firmware.sendall(b"AT\r")
            page.wait_until(f"{done} === 3")
        page.wait_for("#noticed", "meter AT")

        page.go("#/start/real")
        real = f"socket://127.0.0.1:{port}"
        page.type("#real-port", real)
        page.wait_for("#line-ati", f"nbtwin at {real} ATI")
        page.type("#said", nbtwin("at", real, "ATI").stdout)
        page.wait_for("#line-check", f'nbtwin check {real} --model "BC28" --save first.json')
        page.wait_until(f"{done} === 3")
        page.type("#result-file", str(_written(tmp_path / "other.json", "{}")))
        page.wait_for("#result", "neither a saved run nor a recording")
        run = tmp_path / "first.json"
        assert (
            nbtwin("check", real, "--model", "BC28", "--only", "everyday/AT+CGSN=1", "--save", str(run)).returncode == 0
        )
        page.type("#result-file", str(run))
        page.wait_for("#result", " as its document says, 0 not")
        page.wait_until(f"{done} === 4")
        assert page.script_errors() == []


def _written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path
