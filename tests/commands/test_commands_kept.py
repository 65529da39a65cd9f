"""What each command keeps, and over what: reboot, power cut, deep sleep, firmware update; and what it does not keep."""

from __future__ import annotations

import pytest
from commands_bench import accepted
from player import IMEI, Bench

from nbtwin.module.nvram import MemoryStorage
from nbtwin.profiles.models import PROFILES

KEY = "E8E19CC16CE1F388E8E19CC16CE1F388"
NEUL = [model for model, profile in PROFILES.items() if profile.everyday.restarts_with_nrb]
every_model = pytest.mark.parametrize("model", PROFILES)

# what is written, what is asked, what it answers; {c} is the colon, {q} the quotation mark, {x} the context, {b} a band
EVERYDAY = [
    ("AT+QSCLK=2", "AT+QSCLK?", "+QSCLK{c}2"),
    ('AT+CPSMS=1,,,"01000011","00100010"', "AT+CPSMS?", "+CPSMS{c}1,,,{q}01000011{q},{q}00100010{q}"),
    ('AT+CEDRXS=1,5,"0010"', "AT+CEDRXS?", '+CEDRXS{c}5,"0010"'),
    ('AT+CGDCONT={x},"IPV4V6","cmnbiot"', "AT+CGDCONT?", '+CGDCONT{c}{x},"IPV4V6","cmnbiot"'),
]
NEUL_S = [
    ("AT+NCONFIG=BARRING_RELEASE_DELAY,77", "AT+NCONFIG?", "+NCONFIG:BARRING_RELEASE_DELAY,77"),
    ("AT+NBAND={b}", "AT+NBAND?", "+NBAND:{b}"),
    ("AT+NATSPEED=115200,10,1", "AT+NATSPEED?", "+NATSPEED:115200,0,1,2,0"),
    ("AT+QREGSWT=0", "AT+QREGSWT?", "+QREGSWT:0"),
]
OTHERS = [("AT+QBAND=1,{b}", "AT+QBAND?", "+QBAND: {b}"), ("AT+IPR=9600", "AT+IPR?", "+IPR: 9600")]
DMPCONFIG = [
    ("AT+DMPCONFIG=0,0", "AT+DMPCONFIG=4,0", "0,0"),
    ("AT+DMPCONFIG=1,9.8.7.6,5000,4000", "AT+DMPCONFIG=4,1", "1,9.8.7.6,5000,4000"),
    (f'AT+DMPCONFIG=2,"key","secret",2,{IMEI}', "AT+DMPCONFIG=4,2", f"2,key,secr****,2,{IMEI}"),
    ("AT+DMPCONFIG=3,46004,46007", "AT+DMPCONFIG=4,3", "3,46004,46007"),
]
QDMPCFG = [
    ("AT+QDMPCFG=0,0", "AT+QDMPCFG=4,0", "+QDMPCFG: 0,0"),
    ("AT+QDMPCFG=1,9.8.7.6,5000,4000", "AT+QDMPCFG=4,1", "+QDMPCFG: 1,9.8.7.6,5000,4000"),
    (f'AT+QDMPCFG=2,"key","secret",2,{IMEI}', "AT+QDMPCFG=4,2", f"+QDMPCFG: 2,key,secr****,2,{IMEI}"),
    *(
        (f"AT+QDMPCFGEX={kind},0,{values}", f"AT+QDMPCFGEX={kind},1", f"+QDMPCFGEX: {kind},{values}".replace('"', ""))
        for kind, values in enumerate(
            ('"a|b|1|2"', '"00-01"', '"r","s","c","o"', '"v","n"', '"0","N","a","1"', '"3,1"')
        )
    ),
]
SREG = [("AT+QSREGENABLE=1", "AT+QSREGENABLE?", "+QSREGENABLE: 1")]
SELF = [("AT+QSELFREGISTER=1", "AT+QSELFREGISTER?", "+QSELFREGISTER: 1")]
ANDLINK = [
    ('AT+QLASERVERIP="BS","1.2.3.4",5784', "AT+QLASERVERIP?", "BS,1.2.3.4,5784"),
    ("AT+QLASECSWT=1,1", "AT+QLASECSWT?", "+QLASECSWT:1,1"),
    (f"AT+QLASETPSK=0,{KEY}", "AT+QLASETPSK?", f"+QSETPSK:{IMEI},***"),
    ("AT+QLAREGSWT=0", "AT+QLAREGSWT?", "+QLAREGSWT:0"),
    ('AT+QCFG="LWM2M/DeviceType","31301"', 'AT+QCFG="LWM2M/DeviceType"', '+QCFG: "LWM2M/DeviceType",31301'),
    (f"AT+QLASETBSPSK={IMEI},{KEY}", "AT+QLASETBSPSK?", f"+QSETBSPSK:{IMEI},***"),
    ("AT+QLABSSECSWT=1,1", "AT+QLABSSECSWT?", "+QLABSSECSWT:1,1"),
]
BY_DOCUMENT = {
    "DOC-A": DMPCONFIG, "DOC-B": QDMPCFG, "DOC-C": SREG + QDMPCFG, "DOC-D": SELF + QDMPCFG, "DOC-E": ANDLINK,
}  # fmt: skip


def kept(model: str) -> list[tuple[str, str, str]]:
    profile = PROFILES[model]
    rows = EVERYDAY + (NEUL_S if model in NEUL else OTHERS)
    for document in profile.documents:
        rows = rows + BY_DOCUMENT[document]
    filled = {
        "{c}": profile.everyday.colon, "{q}": '"' if profile.everyday.quoted else "",
        "{x}": str(profile.everyday.context), "{b}": str(profile.bands[-1]),
    }  # fmt: skip
    return [tuple(fill(text, filled) for text in row) for row in rows]  # type: ignore[misc]


def fill(text: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(name, value)
    return text


def configured(model: str) -> Bench:
    bench = Bench(model)
    for written, _, _ in kept(model):
        accepted(bench, written)
    return bench


def shows_everything(bench: Bench, model: str) -> None:
    for _, asked, shown in kept(model):
        answer = bench.say(asked)
        assert answer[-1] == "OK"
        assert shown in answer, f"{asked} answered {answer}, not {shown}"


@every_model
def test_it_is_shown_at_once(model: str) -> None:
    """D33."""
    shows_everything(configured(model), model)


@every_model
def test_it_survives_reboots_and_is_then_in_use(model: str) -> None:
    bench = configured(model)
    for _ in range(2):
        bench.happen("reboot quietly")
        shows_everything(bench, model)
        assert bench.module.in_use == bench.module.saved


@every_model
def test_it_survives_a_power_cut_right_behind_the_answer(model: str) -> None:
    storage = configured(model).storage
    shows_everything(Bench(model, storage=MemoryStorage(storage.content)), model)


@every_model
def test_it_survives_deep_sleep_which_also_brings_nothing_into_use(model: str) -> None:
    """DOC-B 2.2, DOC-C 3.2.2: sleep is no reboot."""
    bench = configured(model)
    accepted(bench, "AT+QSCLK=1")
    bench.happen("attached")
    in_use = bench.module.in_use
    bench.advance(20_000)  # an Andlink server that nobody answers for keeps a BC28 awake for a while
    assert bench.module.power_state == "asleep"
    assert bench.module.in_use is in_use
    bench.module.wake(bench.now)  # where the serial line does not (D109)
    bench.say("AT")
    accepted(bench, "AT+QSCLK=2")
    shows_everything(bench, model)


@every_model
def test_it_survives_a_firmware_update(model: str) -> None:
    bench = configured(model)
    bench.happen("firmware " + PROFILES[model].firmware.replace("A0", "A9").replace("A1", "A9"))
    shows_everything(bench, model)


VOLATILE = [  # in force at once, forgotten at the next boot
    ("AT+CMEE=1", "AT+CMEE?", "+CMEE{c}1", "+CMEE{c}0"),
    ("AT+CEREG=1", "AT+CEREG?", "+CEREG{c}1,2", "+CEREG{c}0,2"),
    ("AT+CSCON=1", "AT+CSCON?", "+CSCON{c}1,0", "+CSCON{c}0,0"),
    ("AT+CFUN=0", "AT+CFUN?", "+CFUN{c}0", "+CFUN{c}1"),
    ("AT+QLEDMODE=1", "AT+QLEDMODE?", "+QLEDMODE{c}1", "+QLEDMODE{c}0"),
]


@every_model
def test_what_no_document_keeps_is_forgotten_at_the_boot(model: str) -> None:
    for row in VOLATILE:
        written, asked, then, later = (text.replace("{c}", PROFILES[model].everyday.colon) for text in row)
        bench = Bench(model)
        accepted(bench, written)
        accepted(bench, asked, then)
        assert bench.storage.content is None, f"{written} wrote NVRAM"
        bench.happen("reboot quietly")
        accepted(bench, asked, later)
