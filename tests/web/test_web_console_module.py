"""A module's page in a real browser: terminal, deadlines, switches, NVRAM. Skipped where Chromium is missing."""

from collections.abc import Iterator

import pytest
from browser import available
from console_page import MODULE, Page, console, pasted

pytestmark = pytest.mark.skipif(not available(), reason="needs Debian's chromium and chromium-driver")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    state = tmp_path_factory.mktemp("lab")
    with console(state, "--module", MODULE, "--ports", "cmdmp=0", "--clock", "simulated") as page:
        page.post("/clock/advance", span="10s")
        page.go("#/modules/meter")
        page.wait_for("main", "6 reg success")
        yield page
        assert page.script_errors() == []


def test_a_line_typed_is_answered_where_it_was_typed(page: Page) -> None:
    page.type("#line", "AT+QDMPCFG?\n")
    page.wait_for("#terminal", "+QDMPCFG: 1,117.161.2.41,5683,86400")
    page.wait_for("#terminal .tline.ok", "OK")


def test_a_wrong_line_says_why(page: Page) -> None:
    page.type("#line", "AT+QDMPCFG=1,117.161.2.7,99999,420\n")
    page.wait_for("#terminal .tline.bad", "ERROR")
    page.wait_for("#terminal .tline.why", "<server_Port>")


def test_a_line_is_explained_while_it_is_typed_and_afterwards(page: Page) -> None:
    page.type("#line", "AT+QDMPCFG=1,117.161.2.7,5683,300")
    page.wait_for("#live", "<update_Period>")
    page.wait_for("#live", "DOC-C 3.2.2")
    page.type("#line", "\n")
    page.press("[...document.querySelectorAll('#terminal .ask')].at(-1)")
    page.wait_for("#terminal .explained", "<serverIP>")


def test_earlier_lines_come_back_and_commands_complete_themselves(page: Page) -> None:
    page.type("#line", "AT+CGMM\n")
    page.wait_for("#terminal", "BC260Y-CN")
    page.type("#line", "\ue013")  # WebDriver's code of the up arrow
    page.wait_until("document.querySelector('#line').value === 'AT+CGMM'")
    page.select("#line")
    page.type("#line", "AT+QDMPCFGE")
    page.wait_for("#options", "AT+QDMPCFGEX=")
    page.type("#line", "\ue015\ue004")  # down, tab
    page.wait_until("document.querySelector('#line').value.startsWith('AT+QDMPCFGEX=')")
    page.select("#line")
    page.type("#line", "\ue003")


def test_what_the_module_waits_for_counts_down_with_its_reason(page: Page) -> None:
    page.wait_for("#deadlines", "the update period")
    page.wait_until("/^\\d+ h/.test([...document.querySelectorAll('#deadlines .in')].at(-1).innerText)")


def test_sockets_and_mqtt_clients_are_seen_as_they_open_carry_data_and_close(page: Page) -> None:
    """Fed by the stream alone: the page asks for nothing."""
    assert not page.run("return document.querySelector('#internet')")
    page.type("#line", 'AT+QIOPEN=0,0,"UDP","127.0.0.1",9,1234,1\n')
    page.wait_for("[data-socket='host-0']", "1234 ⇄ 127.0.0.1:9")
    page.wait_for("[data-socket='host-0'] .pill.good", "connected")
    page.type("#line", 'AT+QISEND=0,5,"hello"\n')
    page.wait_for("[data-socket='host-0']", "5 B sent · 0 B received")
    page.type("#line", 'AT+QMTOPEN=1,"nowhere.test",1883\n')
    page.wait_for("[data-mqtt='1']", "nowhere.test:1883")
    page.wait_for("[data-mqtt='1']", "no subscriptions")
    page.click("#language")
    page.wait_for("[data-socket='host-0']", "套接字 0")
    page.wait_for("[data-socket='host-0']", "已发送 5 B")
    page.click("#language")
    page.wait_for("#internet", "Socket 0")
    page.type("#line", "AT+QICLOSE=0\n")
    page.wait_until("document.querySelector('#internet') && !document.querySelector('[data-socket]')")


def test_saved_and_in_use_stand_side_by_side_and_differences_show(page: Page) -> None:
    page.type("#line", "AT+QDMPCFG=1,117.161.2.7,5684,300\n")
    page.wait_until("[...document.querySelectorAll('#nvram .differs')].some((row) => row.innerText.includes('5684'))")


def test_in_chinese_explanations_completions_and_the_nvram_are_chinese(page: Page) -> None:
    page.click("#language")
    page.wait_for("#nvram", "CMDMP 接入")
    page.wait_for("#nvram", "更新周期（s）")
    page.type("#line", "AT+CFUN=4")
    page.wait_for("#live", "最小功能（0）、全功能（1）、飞行模式（4）")
    page.wait_for("#live", "<fun> 飞行模式")
    page.select("#line")
    page.type("#line", "AT+CPSMS")
    page.wait_for("#options", "查询命令：PSM 及其两个定时器")
    page.select("#line")
    page.type("#line", "\ue003")
    page.click("#language")


def test_coverage_is_a_switch_and_so_is_power(page: Page) -> None:
    page.click("#coverage")
    page.wait_for("main header", "not attached")
    page.click("#coverage")
    page.wait_until("document.querySelector('#coverage').checked")
    page.wait_for("#deadlines", "attach")  # a line more, above the switches: they have moved
    power = "document.querySelector('#power')"
    page.press(power)
    page.wait_until(
        f"!{power}.checked && !{power}.disabled && document.querySelector('#switches').innerText.includes('off')"
    )
    page.press(power)
    page.wait_until(f"{power}.checked && !{power}.disabled")
    page.wait_for("main header", "booting")  # the lab has it: a checkbox is checked before anybody is asked


def paste(page: Page, text: str) -> None:
    """Into the terminal's line, as from the clipboard."""
    page.press("document.querySelector('#line')", f"dispatchEvent({pasted(text)})")


def sent(page: Page, since: int) -> list[str]:
    """What stands in the terminal behind so many lines: lines that were sent, and results."""
    shown = "[...document.querySelectorAll('#terminal .tline:is(.in, .ok, .bad)')]"
    return list(page.run(f"return {shown}.map((line) => line.children[1].innerText)"))[since:]


def test_many_lines_are_pasted_one_by_one_and_the_rest_stays_to_be_edited(page: Page) -> None:
    page.post("/clock/advance", span="10s")  # it may be booting
    page.wait_until("!document.querySelector('main').innerText.includes('booting')")
    before = len(sent(page, 0))
    paste(page, "".join(f"AT+CGSN={number % 2}\n" for number in range(12)) + "# a comment\n\nAT+NOSUCH\r\nAT+CG")
    page.wait_for("#terminal", "13 of 13 lines sent, 1 with an error")
    shown = "document.querySelectorAll('#terminal .tline:is(.in, .ok, .bad)').length"
    page.wait_until(f"{shown} >= {before + 2 * 13}")  # the last answers may come behind what is said of all of them
    passed = [line for line in sent(page, before) if line.startswith("AT") or line in ("OK", "ERROR")]
    expected = [part for number in range(12) for part in (f"AT+CGSN={number % 2}", "OK")]
    assert passed == [*expected, "AT+NOSUCH", "ERROR"]
    page.wait_until("document.querySelector('#line').value === 'AT+CG'")
    page.wait_until("!document.querySelector('#pasting')")
    page.select("#line")
    page.type("#line", "\ue003")


def test_a_paste_shows_how_far_it_is_and_is_stopped(page: Page) -> None:
    """A module that starts again in a lab whose time stands still keeps the second line waiting."""
    paste(page, "AT+QRST=1\nAT+CGMM\nAT+CGMR\n")
    page.wait_for("#pasting", "1 of 3 lines sent")
    page.click("#stop-paste")
    page.wait_for("#terminal", "1 of 3 lines sent, 0 with an error")
    page.wait_until("!document.querySelector('#pasting')")
    page.post("/clock/advance", span="10s")
    paste(page, "AT+QRST=1\nAT+CGMM\n")
    page.wait_for("#pasting", "1 of 2 lines sent")
    page.post("/clock/advance", span="10s")
    page.wait_for("#terminal", "2 of 2 lines sent, 0 with an error")


def test_a_module_is_put_into_the_lab_with_all_that_one_says_of_it_and_taken_out_again(page: Page) -> None:
    page.go("#/modules")
    page.wait_until("document.querySelector('#add-module')")
    page.click("#add-module")
    page.wait_for("dialog", "Model")
    page.type("dialog [name=name]", "meter\n")
    page.wait_for("dialog [role=alert]", "meter")
    page.select("dialog [name=name]")
    page.type("dialog [name=name]", "spare")
    page.type("dialog [name=imei]", "12")
    page.type("dialog [name=firmware]", "A 1")
    page.press("document.querySelector('dialog [type=submit]')")
    said = "return [...document.querySelectorAll('dialog [role=alert]')].map((one) => one.innerText)"
    page.wait_until("document.querySelectorAll('dialog [role=alert]').length === 2")
    assert page.run(said) == [
        "exactly 15 digits",
        "only letters A to Z, digits, dots, underscores and hyphens",
    ]
    page.select("dialog [name=imei]")
    page.type("dialog [name=imei]", "863703030000017")
    page.select("dialog [name=firmware]")
    page.type("dialog [name=firmware]", "BC260YCNAAR01A03")
    for name, value in (("sim", "imsi"), ("kind", "tcp")):
        page.choose(f"dialog [name={name}]", value)
    page.type("dialog [name=imsi]", "460110123456789")
    page.type("dialog [name=iccid]", "89860000000000000017")
    page.press("document.querySelector('dialog [type=submit]')")
    page.wait_for("main h1", "spare")
    known = page.api.get("/modules/spare").json()
    assert [known[name] for name in ("imei", "imsi", "iccid", "firmware", "operator")] == [
        "863703030000017", "460110123456789", "89860000000000000017", "BC260YCNAAR01A03", "telecom"
    ]  # fmt: skip
    assert known["serial"].startswith("tcp:127.0.0.1:")
    page.click("main header .bad-act")
    page.wait_for("dialog", "Remove spare?")
    page.press("document.querySelector('dialog .bad-act')")
    page.wait_for("main h1", "Modules")
    page.wait_until("!document.querySelector('.nav').innerText.includes('spare')")


def test_two_modules_with_one_imei_are_remarked_where_one_looks(page: Page) -> None:
    imei = page.api.get("/modules/meter").json()["imei"]
    page.post("/modules", model="BC28", name="twin", imei=imei)
    page.go("#/modules/meter")
    page.wait_for("#same-imei", "twin has the same IMEI")
    page.go("#/modules")
    page.wait_for("[href='#/modules/twin'] [data-shared]", "IMEI of meter too")
    assert page.api.delete("/modules/twin").is_success
    page.go("#/modules/meter")
    page.wait_until("!document.querySelector('#same-imei')")


def test_a_module_that_does_not_exist_says_so(page: Page) -> None:
    page.go("#/modules/nobody")
    page.wait_for("main", "There is no module nobody")
