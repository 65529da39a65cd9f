"""NVRAM on a module's page as its document has it, and why a module is where it is. Skipped without Chromium."""

from collections.abc import Iterator

import pytest
from browser import available
from console_page import Page, console

pytestmark = pytest.mark.skipif(not available(), reason="needs Debian's chromium and chromium-driver")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    state = tmp_path_factory.mktemp("lab")
    modules = ("--module", "BC25,name=meter", "--module", "BC28,name=andy,sim=telecom")
    with console(state, *modules, "--ports", "cmdmp=0", "--clock", "simulated") as page:
        page.post("/clock/advance", span="10s")
        page.go("#/modules/meter")
        page.wait_for("#nvram", "DOC-D 3.1")
        yield page
        assert page.script_errors() == []


def cells(page: Page, setting: str) -> list[str]:
    """Of a row, without the words of what it is."""
    script = f"""const cells = [...document.querySelectorAll(`[data-setting="{setting}"] td`)];
        return cells.map((cell) => cell.innerText.split('\\n')[0].trim());"""
    return list(page.run(script))


def sections(page: Page) -> list[str]:
    found = page.run("return [...document.querySelectorAll('#nvram .section code')].map((code) => code.innerText)")
    return list(found)


def test_a_module_that_waits_for_nothing_says_why_and_the_button_sends_what_helps(page: Page) -> None:
    page.wait_for("#standing", "self-registration is switched off: AT+QSELFREGISTER=1")
    page.wait_for("main header", "Mobile · switched off")
    page.click("#standing [data-remedy=line]")
    page.wait_for("#terminal .tline.in", "AT+QSELFREGISTER=1")
    page.wait_for("#standing", "in force after the next boot")
    page.wait_until("document.querySelector('[data-setting=self_register]').innerText.includes('→ 1')")
    page.click("#standing [data-remedy=line]")
    page.wait_for("main header", "booting")
    page.post("/clock/advance", span="30s")
    page.wait_for("#standing", "registered, the next update at")
    page.wait_for("main header", "6 reg success")


def test_rows_are_the_documents_words_in_its_order_with_what_is_used_marked_as_default(page: Page) -> None:
    assert sections(page)[:3] == ["AT+QSELFREGISTER", "AT+QDMPCFG", "AT+QDMPCFGEX"]
    assert "Andlink" not in page.text("#nvram")
    assert cells(page, "cmdmp.server") == ["<server_IP>", "117.161.2.41 default", "never saved", ""]


def test_a_value_is_changed_in_place_by_its_command_whose_refusal_is_shown(page: Page) -> None:
    page.press("document.querySelector('[data-setting=\"cmdmp.server\"] button')")
    page.wait_for("#setting-form .line", "AT+QDMPCFG=1")
    page.type("#setting-form [data-parameter=server_port]", "99")
    page.wait_for("#setting-form .line", "AT+QDMPCFG=1,,99")
    page.wait_for("#setting-form .said", "1000-65535")
    page.press("document.querySelector('#setting-form')", "requestSubmit()")
    page.wait_for("#setting-form pre.no", "ERROR")
    page.wait_for("#setting-form .explained, #setting-form .said", "<server_port>")
    assert cells(page, "cmdmp.port")[2] == "never saved"
    page.select("#setting-form [data-parameter=server_port]")
    page.type("#setting-form [data-parameter=server_port]", "5684\n")
    page.wait_for("#setting-form pre.yes", "OK")
    page.wait_for("#terminal", "AT+QDMPCFG=1,,5684")
    page.wait_until("document.querySelector('[data-setting=\"cmdmp.port\"].differs')")
    assert cells(page, "cmdmp.port") == ["<server_port>", "5683 default", "5684", "→ 5684"]
    page.wait_for("#nvram-waiting", "The next boot changes one setting")


def choose(page: Page, side: str, label: str) -> None:
    """Of what is compared; the list has it soon after it was made."""
    option = f"[...document.querySelectorAll('#compare-{side} option')].find((one) => one.text.startsWith({label!r}))"
    page.choose(f"#compare-{side}", page.wait_until(f"{option}?.value"))


def test_two_snapshots_are_compared_and_one_with_now_in_the_documents_words(page: Page) -> None:
    page.type("[aria-label='Label of the snapshot']", "first\n")
    page.wait_for("#snapshots", "first")
    page.post("/modules/meter/at", line="AT+QDMPCFG=1,117.161.2.8,5684,300")
    page.type("[aria-label='Label of the snapshot']", "second\n")
    page.wait_for("#snapshots", "second")
    for side, label in (("before", "first"), ("after", "second")):
        choose(page, side, label)
    page.press("document.querySelector('#compare')")
    page.wait_for("#nvram-diff", "first")
    page.wait_for("#nvram-diff", "<update_period>")
    page.wait_for("#nvram-diff", "117.161.2.8")
    page.wait_for("#nvram-diff", "86400 default")  # what was never saved
    page.post("/modules/meter/at", line="AT+QDMPCFG=1,,,400")
    choose(page, "after", "saved now")
    page.press("document.querySelector('#compare')")
    page.wait_for("#nvram-diff", "400")
    page.press("document.querySelector('#nvram-diff button')")


def test_a_snapshot_is_restored_and_removed_only_after_a_question(page: Page) -> None:
    first = "[...document.querySelectorAll('#snapshots li')].find((li) => li.innerText.includes('first'))"
    page.press(f"[...{first}.querySelectorAll('button')].find((b) => b.innerText === 'Restore')")
    page.wait_for("dialog", "Restore first")
    page.press("document.querySelector('dialog .bad-act')")
    page.wait_until("document.querySelector('[data-setting=\"cmdmp.period\"]').innerText.includes('never saved')")
    page.press(f"{first}.querySelector('[aria-label=Remove]')")
    page.wait_for("dialog", "Remove first")
    page.press("document.querySelector('dialog .bad-act')")
    page.wait_until(f"!{first}")


def test_a_card_of_telecom_shows_telecoms_state_and_the_model_that_has_andlink_its_rows(page: Page) -> None:
    page.go("#/modules/andy")
    page.wait_for("#standing", "BC28 never registers with this operator")
    page.wait_for("#standing [data-remedy=beginning]", "AT+QLASERVERIP")
    assert "initial state" not in page.text("main header")
    page.click("#standing [data-remedy=beginning]")
    page.wait_until("document.querySelector('#line').value.startsWith('AT+QLASERVERIP=')")
    page.wait_for("#nvram", "DOC-E 3.1")
    assert sections(page)[:2] == ["AT+DMPCONFIG", "AT+QLASERVERIP"]
    page.press("document.querySelector('[data-setting=\"cmdmp.period\"] button')")  # DOC-A: none may be empty
    page.wait_for("#setting-form .line", "AT+DMPCONFIG=1,117.161.2.41,5683,86400")


def test_the_page_is_chinese_where_the_reader_is(page: Page) -> None:
    page.click("#language")
    page.wait_for("#standing", "中国电信")
    page.wait_for("#standing", "BC28 不向该运营商注册")
    page.wait_for("#nvram", "从未保存")
    page.wait_for("#nvram", "接入")
    page.click("#language")
