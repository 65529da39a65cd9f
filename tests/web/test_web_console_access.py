"""Logging in, and what each role sees, in a real browser. Skipped where Chromium is missing."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from browser import available
from console_page import MODULE, Page
from running import Running

from nbtwin.operators.store.store import Store
from nbtwin.web.access import tokens as access_tokens
from nbtwin.web.access.roles import GRANTED, Role

pytestmark = pytest.mark.skipif(not available(), reason="needs Debian's chromium and chromium-driver")

PAGES = ("#/", "#/modules", "#/modules/meter", "#/timeline", "#/platforms", "#/platforms/cmdmp", "#/campaigns",
         "#/faults", "#/scenarios", "#/fleet", "#/access")  # fmt: skip
_CHANGES = """window.changes = [];
const real = window.fetch;
window.fetch = (address, how = {}) => {
    if ((how.method || 'GET') !== 'GET') window.changes.push(`${how.method} ${address}`);
    return real(address, how);
};"""
_PRESS = """const all = 'main button, main input[type=checkbox], .clockwork button, dialog button';
const able = [...document.querySelectorAll(all)].filter((one) => !one.matches(':disabled, #logout'));
able.forEach((one) => one.click());
document.querySelectorAll('dialog').forEach((one) => one.close());
return able.length"""


@dataclass
class Guarded:
    """A lab that asks for tokens, and one window."""

    page: Page
    lab: Running
    tokens: dict[Role, str]

    def log_in(self, role: Role, address: str = "#/") -> None:
        self.page.open(f"{self.page.url}/{address}")
        self.page.wait_until("document.querySelector('#token')")
        self.page.type("#token", self.tokens[role] + "\n")
        self.page.wait_for("#user", str(role))

    def log_out(self) -> None:
        self.page.click("#leave")
        self.page.wait_until("location.pathname === '/login'")

    def as_admin(self, method: str, path: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.tokens[Role.ADMIN]}"}
        return httpx.request(method, f"{self.page.url}/api/v1{path}", headers=headers, timeout=60)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    state: Path = tmp_path_factory.mktemp("lab")
    with Store.open(state / "inventory.sqlite") as store:
        tokens = {role: access_tokens.create(store, f"the-{role}", role, now=0.0) for role in GRANTED}
    asked = ("up", "--module", MODULE, "--ports", "cmdmp=0", "--http", "127.0.0.1:0", "--tokens")
    with Running(*asked, state=state) as lab, Page(lab.console(), opened="#token") as page:
        yield Guarded(page, lab, tokens)
        page.close()


@pytest.fixture(autouse=True)
def stranger(guarded: Guarded) -> None:
    """Each test begins as nobody, of whom the browser knows nothing."""
    guarded.page._call("DELETE", "/cookie")
    remembered = {"origin": guarded.page.url, "storageTypes": "local_storage"}
    asked = {"cmd": "Storage.clearDataForOrigin", "params": remembered}
    guarded.page._call("POST", "/goog/cdp/execute", asked)
    guarded.page.open("about:blank")


def test_a_wrong_token_is_refused_in_words_and_a_right_one_leads_back_to_where_one_was(guarded: Guarded) -> None:
    page = guarded.page
    page.open(page.url + "/#/timeline?module=meter")
    page.wait_until("document.querySelector('#token')")
    page.type("#token", "nbt_wrong\n")
    page.wait_for(".wrong[role=alert]", "not known, or no longer valid")
    page.type("#token", guarded.tokens[Role.VIEWER] + "\n")
    page.wait_for("main h1", "Time line")
    assert page.run("return location.hash").startswith("#/timeline?module=meter&")
    page.wait_for(".seq-rows", "REG_SUCCESS")


def test_a_viewer_can_press_nothing_that_changes_anything(guarded: Guarded) -> None:
    guarded.log_in(Role.VIEWER)
    page = guarded.page
    page.run(_CHANGES)
    pressed = 0
    for address in PAGES:
        page.go(address)
        page.wait_until("document.querySelector('main h1') && !document.querySelector('main .loading')")
        pressed += page.run(_PRESS)
    assert pressed > 30
    assert page.run("return window.changes") == []
    page.go("#/modules/meter")
    page.wait_until("document.querySelector('#line')?.matches(':disabled')")
    assert page.run("return document.querySelector('#line').closest('fieldset').title") == "For the role operator"
    page.go("#/timeline")
    page.wait_for("main h1", "Time line")
    assert not page.run("return document.querySelector('#pcapng')")
    page.go("#/access")
    page.wait_for("main", "are for admins")


def test_an_operator_changes_modules_and_sees_no_secret(guarded: Guarded) -> None:
    guarded.log_in(Role.OPERATOR)
    page = guarded.page
    page.go("#/modules/meter")
    page.wait_until("document.querySelector('#line')")
    page.type("#line", "AT+CGMM\n")
    page.wait_for("#terminal", "BC260Y-CN")
    page.go("#/platforms/cmdmp")
    page.wait_until("document.querySelector('#keys')")
    page.click("#keys")
    page.wait_for("dialog", "M100000089")
    assert page.run("return document.querySelector('dialog #reveal').matches(':disabled')")
    assert page.run("return document.querySelectorAll('dialog .main-act:enabled').length") == 0
    page.type("dialog", "\ue00c")
    page.go("#/timeline")
    page.wait_for("main h1", "Time line")
    assert not page.run("return document.querySelector('#pcapng')")


def test_an_admin_reveals_keys_makes_tokens_and_has_the_captures(guarded: Guarded) -> None:
    guarded.log_in(Role.ADMIN)
    page = guarded.page
    page.go("#/timeline")
    page.wait_until("document.querySelector('#pcapng')")
    page.go("#/platforms/cmdmp")
    page.wait_until("document.querySelector('#keys')")
    page.click("#keys")
    page.wait_for("dialog table", "M100000089")
    (key,) = guarded.as_admin("GET", "/appkeys?reveal=true").json()
    assert key["password"] not in page.text("dialog")
    page.click("#reveal")
    page.wait_for("dialog table", key["password"])
    page.type("dialog", "\ue00c")
    page.go("#/access")
    page.wait_for("#tokens", "the-viewer")
    page.wait_for("#audit", "/api/v1/modules/meter/at")


def test_the_whole_lab_goes_into_a_file_and_comes_back_from_it(guarded: Guarded, tmp_path: Path) -> None:
    guarded.log_in(Role.ADMIN, "#/access")
    page = guarded.page
    page.go("#/access")
    page.wait_until("document.querySelector('#lab-export')")
    exported = guarded.as_admin(
        "GET", page.run("return document.querySelector('#lab-export').pathname").removeprefix("/api/v1")
    )
    (tmp_path / "lab.tar.gz").write_bytes(exported.content)
    guarded.as_admin("DELETE", "/platforms/cmdmp/devices/" + device_of(guarded))
    assert device_of(guarded) == ""
    page.type("#lab-import", str(tmp_path / "lab.tar.gz"))
    page.wait_for("dialog", "are replaced by those of the file")
    page.press("document.querySelector('dialog .bad-act')")
    page.wait_for("#toasts", "Done")
    assert device_of(guarded).startswith("cmdmp:")
    wrong = tmp_path / "wrong.tar.gz"
    wrong.write_bytes(b"no archive")
    page.type("#lab-import", str(wrong))
    page.press("document.querySelector('dialog .bad-act')")
    page.wait_until("document.querySelector('#toasts .bad')")


def device_of(guarded: Guarded) -> str:
    return next((one["id"] for one in guarded.as_admin("GET", "/platforms/cmdmp/devices").json()), "")


def test_one_leaves_and_a_token_that_was_revoked_leads_to_the_login_page(guarded: Guarded) -> None:
    guarded.log_in(Role.VIEWER, "#/fleet")
    guarded.log_out()
    guarded.page.open(guarded.page.url)
    guarded.page.wait_until("document.querySelector('#token')")
    guarded.log_in(Role.OPERATOR, "#/fleet")
    assert guarded.as_admin("DELETE", "/access/tokens/the-operator").status_code == 204
    guarded.page.run("location.hash = '#/modules/meter'")
    guarded.page.wait_until("location.pathname === '/login'")
    assert "next=%2F%23%2F" in guarded.page.run("return location.search")
