"""The API's page in a real browser: found, read, tried, in both languages, behind tokens. Skipped without Chromium."""

import json
import subprocess
from pathlib import Path

import pytest
from browser import available
from console_page import Page, console
from running import Running

from nbtwin.operators.store.store import Store
from nbtwin.web.access import tokens
from nbtwin.web.access.roles import Role

pytestmark = pytest.mark.skipif(not available(), reason="needs Debian's chromium and chromium-driver")
LAB = ("--module", "BC28,name=meter", "--ports", "cmdmp=0", "--clock", "simulated", "--seed", "1")


def test_an_operation_is_found_read_and_tried_on_the_page_of_the_api(tmp_path: Path) -> None:
    with console(tmp_path, *LAB) as page:
        page.post("/clock/advance", span="30s")
        page.open(f"{page.url}/docs")
        page.wait_for("#main", "The caller and its role, tokens, and the audit log.")
        page.click("nav a[href='#/docs']")
        page.type("#docs-search", "post signal")
        page.wait_until("document.querySelectorAll('.docs-list a').length === 1")
        page.click(".docs-list a")
        page.wait_for("#docs-operation", "/api/v1/modules/{name}/signal")
        page.wait_for("#main", "How strong the signal is")
        page.wait_until("document.querySelector('#docs-p-name').value === 'meter'")
        page.select("#docs-body")
        page.type("#docs-body", '{"rssi": 50}')
        page.click("#docs-send")
        page.wait_for("#docs-answered", "422")
        page.wait_for("#docs-answer", "rssi 50 is not 0-31 or 99")
        page.select("#docs-body")
        page.type("#docs-body", '{"rssi": 7}')
        page.wait_for("#docs-curl", '{"rssi": 7}')
        page.click("#docs-send")
        page.wait_for("#docs-answered", "200")
        assert page.api.get("/modules/meter").json()["rssi"] == 7

        line = page.text("#docs-curl")
        done = subprocess.run(["bash", "-c", line], capture_output=True, timeout=60, check=True)
        assert json.loads(done.stdout)["rssi"] == 7

        page.click("#language")
        page.wait_for("#main", "模块测得的信号强度。")
        page.wait_for("#docs-send", "发送 POST")

        page.go("#/docs/stream_events")
        page.wait_for("#docs-operation", "/api/v1/events")
        page.click("#docs-send")
        page.wait_for("#docs-answer", "event: entry")
        page.click("#docs-stop")
        page.wait_until("!document.querySelector('#docs-stop')")
        assert page.script_errors() == []


def test_where_tokens_are_needed_the_page_is_behind_them_and_sends_with_the_rights_of_the_session(
    tmp_path: Path,
) -> None:
    with Store.open(tmp_path / "inventory.sqlite") as store:
        token = tokens.create(store, "somebody", Role.VIEWER, now=0.0)
    with (
        Running("up", *LAB, "--tokens", "--http", "127.0.0.1:0", state=tmp_path) as lab,
        Page(lab.console(), opened="#token") as page,
    ):
        page.open(f"{page.url}/docs")
        page.wait_until("document.querySelector('#token')")
        page.type("#token", token + "\n")
        page.wait_for("#docs-search")
        page.go("#/docs/set_signal")
        page.wait_for("#docs-curl", "Authorization: Bearer $TOKEN")
        page.click("#docs-send")
        page.wait_for("#docs-answered", "403")
        assert page.script_errors() == []
        page.close()
