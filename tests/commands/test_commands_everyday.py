"""The commands of docs/spec/at.md, Everyday commands, as each family words them, and their errors."""

from __future__ import annotations

import pytest
from commands_bench import accepted, refused
from player import Bench

from nbtwin.module.identity import Usim
from nbtwin.module.internet.orders import PingOrder, PingReply
from nbtwin.profiles.models import PROFILES
from nbtwin.selfreg.schedule import Operator

NEUL = ("BC35-G", "BC28", "BC95 R2.0")
RDY = tuple(model for model in PROFILES if model not in NEUL)
IMEI = "863703030822519"
every_model = pytest.mark.parametrize("model", PROFILES)


def colon(model: str) -> str:
    return ":" if model in NEUL else ": "


def quoted(model: str, text: str) -> str:
    return text if model in NEUL else f'"{text}"'


def bad(model: str) -> int | None:
    return PROFILES[model].errors.bad_parameter


def attached(model: str) -> Bench:
    bench = Bench(model, usim=Usim("460040123456789", "89860418123456789012"))
    bench.happen("attached")
    return bench


# Line


@every_model
def test_echo(model: str) -> None:
    bench = Bench(model)
    assert bench.write(b"ATE1\r") == b"\r\nOK\r\n"
    assert bench.write(b"AT\r") == b"AT\r\r\nOK\r\n"
    assert bench.write(b"ATE0\r") == b"ATE0\r\r\nOK\r\n"
    assert bench.write(b"AT\r") == b"\r\nOK\r\n"
    refused(bench, "ATE2", bad(model))


@every_model
def test_the_line_echoes_at_power_on_and_after_a_restart_where_the_family_does(model: str) -> None:
    """D100."""
    bench, echo = Bench(model), b"" if model in NEUL else b"AT\r"
    for wanted in (b"ATE0\r", b"ATE1\r"):
        bench.write(wanted)
        bench.module.reset(bench.now)
        bench.advance(5)
        bench.module.serial_to_send()
        assert bench.write(b"AT\r") == echo + b"\r\nOK\r\n"
    bench.module.power_off(bench.now)
    bench.module.power_on(bench.now)
    bench.advance(5)
    bench.module.serial_to_send()
    assert bench.write(b"AT\r") == echo + b"\r\nOK\r\n"


@every_model
def test_the_error_mode_is_0_until_set_and_again_after_a_restart(model: str) -> None:
    """D62."""
    bench, modes = Bench(model), PROFILES[model].errors.cmee_modes
    accepted(bench, "AT+CMEE?", f"+CMEE{colon(model)}0")
    accepted(bench, "AT+CMEE=?", f"+CMEE{colon(model)}({','.join(map(str, modes))})")
    for mode in modes:
        accepted(bench, f"AT+CMEE={mode}")
        accepted(bench, "AT+CMEE?", f"+CMEE{colon(model)}{mode}")
    for value in ("", str(modes[-1] + 1), "-1", "x", "1,1"):
        refused(bench, f"AT+CMEE={value}", bad(model))
    accepted(bench, "AT+CMEE=1")
    bench.happen("reboot")
    accepted(bench, "AT+CMEE?", f"+CMEE{colon(model)}0")


# Identity


@pytest.mark.parametrize(
    ("model", "lines"),
    [
        ("BC28", ("Quectel", "BC28", "Revision:BC28JAR01A10_ONT")),
        ("BC95 R2.0", ("Quectel", "BC95 R2.0", "Revision:BC95JBR02A02_ONT")),
        ("BC26", ("Quectel_Ltd", "Quectel_BC26", "Revision: BC26NBR01A07")),
        ("BC260Y-CN", ("Quectel_Ltd", "Quectel_BC260Y-CN", "Revision: BC260YCNAAR01A04")),
        ("BC32", ("Quectel_Ltd", "Quectel_BC32", "Revision: BC32RAR01A04")),
    ],
)
def test_who_the_module_says_it_is(model: str, lines: tuple[str, ...]) -> None:
    bench = Bench(model)
    accepted(bench, "ATI", *lines)
    accepted(bench, "ATI0", *lines)
    refused(bench, "ATI1", bad(model))
    accepted(bench, "AT+CGMI", lines[0])
    accepted(bench, "AT+CGMM", lines[1])
    accepted(bench, "AT+CGMR", lines[2].removeprefix("Revision:") if model in NEUL else lines[2])


def test_the_revision_follows_a_firmware_update() -> None:
    bench = Bench("BC260Y-CN")
    bench.happen("firmware BC260YCNAAR01A05")
    accepted(bench, "AT+CGMR", "Revision: BC260YCNAAR01A05")


@every_model
def test_serial_numbers(model: str) -> None:
    bench, head = Bench(model), f"+CGSN{colon(model)}"
    serial, version = ("MP823G7" + IMEI[5:], "02") if model == "BC260Y-CN" else (IMEI, "01")
    accepted(bench, "AT+CGSN", serial)
    accepted(bench, "AT+CGSN=0", serial)
    accepted(bench, "AT+CGSN=1", head + IMEI)
    accepted(bench, "AT+CGSN=2", head + IMEI[:14] + version)
    accepted(bench, "AT+CGSN=3", head + version)
    accepted(bench, "AT+CGSN=?", head + "(0,1,2,3)")
    for value in ("", "4", "-1", "x", "1,1", '"1"'):
        refused(bench, f"AT+CGSN={value}", bad(model))


ICCID_COMMANDS = {"DOC-A": ("+NCCID",), "DOC-B": ("+QCCID",), "DOC-C": ("+QCCID",), "DOC-D": ("+QCCID", "+CCID")}


@every_model
def test_the_usim_and_its_absence(model: str) -> None:
    bench = attached(model)
    names = ICCID_COMMANDS[PROFILES[model].documents[0]]
    accepted(bench, "AT+CIMI", "460040123456789")
    for name in names:
        accepted(bench, f"AT{name}", f"{name}{colon(model)}89860418123456789012")
        accepted(bench, f"AT{name}?", f"{name}{colon(model)}89860418123456789012")
    accepted(bench, "AT+CPIN?", f"+CPIN{colon(model)}READY")
    bench.module.insert_usim(bench.now, None)
    bench.module.serial_to_send()
    for line in ("AT+CIMI", f"AT{names[0]}", "AT+CPIN?", "AT+CGATT=1"):
        refused(bench, line, 10 if bad(model) is None else 310)


@every_model
def test_a_pin_lets_the_module_attach(model: str) -> None:
    bench = Bench(model, usim=Usim("460040123456789", "89860418123456789012", pin="SIM PIN"))
    bench.happen("attached")
    accepted(bench, "AT+CPIN?", f"+CPIN{colon(model)}SIM PIN")
    accepted(bench, "AT+CGATT?", f"+CGATT{colon(model)}0")
    refused(bench, "AT+CPIN=4321", 16)
    for value in ("", "123", "123456789", "12x4"):
        refused(bench, f"AT+CPIN={value}", bad(model))
    accepted(bench, 'AT+CPIN="1234"')
    accepted(bench, "AT+CPIN?", f"+CPIN{colon(model)}READY")
    bench.happen("attached")
    accepted(bench, "AT+CGATT?", f"+CGATT{colon(model)}1")
    refused(bench, "AT+CPIN=1234", 3)


# Radio


@every_model
def test_function(model: str) -> None:
    bench, functions = attached(model), (0, 1) if model in NEUL else (0, 1, 4)
    accepted(bench, "AT+CFUN?", f"+CFUN{colon(model)}1")
    accepted(bench, "AT+CFUN=?", f"+CFUN{colon(model)}({','.join(map(str, functions))}),(0,1)")
    for function in functions:
        accepted(bench, f"AT+CFUN={function}")
        accepted(bench, "AT+CFUN?", f"+CFUN{colon(model)}{function}")
    for value in ("", "2", "-1", "x", "1,2", "1,1,1", *(("4",) if model in NEUL else ())):
        refused(bench, f"AT+CFUN={value}", bad(model))
    accepted(bench, "AT+CFUN=0")
    accepted(bench, "AT+CSQ", f"+CSQ{colon(model)}99,99")
    accepted(bench, "AT+CGATT?", f"+CGATT{colon(model)}0")


@every_model
def test_every_restart_by_command_tells_its_cause(model: str) -> None:
    """D101; DOC-E 7."""
    for line in ("AT+CFUN=1,1", "AT+CFUN=0,1", "AT+NRB" if model in NEUL else "AT+QRST=1"):
        bench = Bench(model)
        bench.write(line.encode() + b"\r")
        heard = bench.happen("10 s")
        if model in NEUL:
            assert heard == b"\r\nREBOOT_CAUSE_APPLICATION_AT\r\nNeul\r\nOK\r\n", line
        else:
            assert heard.startswith(b"\r\nRDY\r\n"), line


def test_function_with_restart_restarts() -> None:
    bench = Bench("BC26")
    accepted(bench, "AT+CFUN=1,1")
    assert bench.module.power_state == "booting"


@every_model
def test_attach_registration_and_connection(model: str) -> None:
    bench = Bench(model)
    sign = colon(model)
    accepted(bench, "AT+CEREG?", f"+CEREG{sign}0,2")
    accepted(bench, "AT+CGPADDR", f"+CGPADDR{sign}{PROFILES[model].everyday.context}")
    bench.happen("5 s")
    accepted(bench, "AT+CGATT?", f"+CGATT{sign}1")
    accepted(bench, "AT+CEREG?", f"+CEREG{sign}0,1")
    accepted(bench, "AT+CSCON?", f"+CSCON{sign}0,1")
    accepted(bench, "AT+CGPADDR", f"+CGPADDR{sign}{PROFILES[model].everyday.context},{quoted(model, '10.0.0.2')}")
    bench.advance(60)
    accepted(bench, "AT+CSCON?", f"+CSCON{sign}0,0")
    accepted(bench, "AT+CGATT=0")
    accepted(bench, "AT+CEREG?", f"+CEREG{sign}0,0")
    for name, most in (("CGATT", 1), ("CEREG", 5), ("CSCON", 1)):
        for value in ("", str(most + 1), "-1", "x", "0,0"):
            refused(bench, f"AT+{name}={value}", bad(model))
    accepted(bench, "AT+CEREG=?", f"+CEREG{sign}(0,1,2,3,4,5)")
    accepted(bench, "AT+CSCON=?", f"+CSCON{sign}(0,1)")
    accepted(bench, "AT+CGATT=?", f"+CGATT{sign}(0,1)")


@pytest.mark.parametrize(
    ("model", "stat", "located", "connected"),
    [
        ("BC28", "+CEREG:1", "+CEREG:1,2712,0B4A2C11,9", "+CSCON:1"),
        ("BC26", "+CEREG: 1", '+CEREG: 1,"2712","0B4A2C11",9', "+CSCON: 1"),
        ("BC260Y-CN", "+CEREG: 1", '+CEREG: 1,"2712","0B4A2C11",9', "+CSCON: 1"),
        ("BC25", "+CEREG: 1", '+CEREG: 1,"2712","0B4A2C11",9', "+CSCON: 1"),
    ],
)
def test_unsolicited_codes_and_reads_agree(model: str, stat: str, located: str, connected: str) -> None:
    for mode, expected in ((1, stat), (2, located), (3, located), (4, located), (5, located)):
        bench = Bench(model)
        accepted(bench, f"AT+CEREG={mode}")
        accepted(bench, "AT+CSCON=1")
        bench.advance(5)
        heard = [text for text in bench.module.serial_to_send().decode().split("\r\n") if text]
        assert expected in heard
        assert connected in heard
        head, _, rest = expected.partition("1")
        accepted(bench, "AT+CEREG?", f"{head}{mode},1{rest}")


def test_modes_4_and_5_show_the_timers_of_power_saving() -> None:
    bench = Bench("BC26")
    accepted(bench, 'AT+CPSMS=1,,,"01000011","00100010"')
    accepted(bench, "AT+CEREG=5")
    bench.happen("attached")
    accepted(bench, "AT+CEREG?", '+CEREG: 5,1,"2712","0B4A2C11",9,,,"00100010","01000011"')


@every_model
def test_signal(model: str) -> None:
    bench, rate = attached(model), 99 if model in NEUL else 0
    accepted(bench, "AT+CSQ", f"+CSQ{colon(model)}20,{rate}")
    accepted(bench, "AT+CSQ=?", f"+CSQ{colon(model)}(0-31,99),(0-7,99)")
    bench.module.set_signal(bench.now, 31)
    accepted(bench, "AT+CSQ", f"+CSQ{colon(model)}31,{rate}")
    bench.module.set_coverage(bench.now, False)
    accepted(bench, "AT+CSQ", f"+CSQ{colon(model)}99,99")


@every_model
def test_operator(model: str) -> None:
    bench, head = attached(model), f"+COPS{colon(model)}"
    accepted(bench, "AT+COPS?", f'{head}0,2,"46000",9')
    accepted(bench, "AT+COPS=?", f'{head}(2,,,"46000",9),,(0-2),(2)')
    accepted(bench, 'AT+COPS=1,2,"46000"')
    for other in ("46001", "46004"):
        refused(bench, f'AT+COPS=1,2,"{other}"', 30)
    for value in ("", "3", "-1", "1", "0,1", '0,2,"46004"', '1,2,"460"', "1,2,x"):
        refused(bench, f"AT+COPS={value}", bad(model))
    accepted(bench, "AT+COPS=2")
    accepted(bench, "AT+COPS?", f"{head}0")
    accepted(bench, "AT+COPS=0")
    bench.happen("attached")
    accepted(bench, "AT+CGATT?", f"+CGATT{colon(model)}1")


# Power and time


@pytest.mark.parametrize("model", NEUL)
def test_nrb_reboots_without_ok(model: str) -> None:
    """D21."""
    bench = Bench(model)
    assert bench.write(b"AT+NRB\r") == b"\r\nREBOOTING\r\n"
    assert bench.happen("10 s") == b"\r\nREBOOT_CAUSE_APPLICATION_AT\r\nNeul\r\nOK\r\n"
    refused(bench, "AT+NRB?", 4)
    refused(bench, "AT+NRB=1", 4)
    refused(bench, "AT+QRST=1")


@pytest.mark.parametrize("model", RDY)
def test_qrst_answers_ok_and_then_rdy(model: str) -> None:
    """D21."""
    bench = Bench(model)
    accepted(bench, "AT+QRST=?", "+QRST: (1)")
    for value in ("", "0", "2", "x", "1,1"):
        refused(bench, f"AT+QRST={value}", bad(model))
    refused(bench, "AT+NRB")
    assert bench.write(b"AT+QRST=1\r") == b"\r\nOK\r\n"
    assert bench.happen("10 s").startswith(b"\r\nRDY\r\n")


@every_model
def test_sleep_switch(model: str) -> None:
    bench = Bench(model)
    accepted(bench, "AT+QSCLK?", f"+QSCLK{colon(model)}1")
    accepted(bench, "AT+QSCLK=?", f"+QSCLK{colon(model)}(0,1,2)")
    for mode in (0, 2):
        accepted(bench, f"AT+QSCLK={mode}")
        accepted(bench, "AT+QSCLK?", f"+QSCLK{colon(model)}{mode}")
    for value in ("", "3", "-1", "x", "1,1"):
        refused(bench, f"AT+QSCLK={value}", bad(model))
    bench.happen("reboot")
    accepted(bench, "AT+QSCLK?", f"+QSCLK{colon(model)}2")


@every_model
def test_power_saving_mode(model: str) -> None:
    bench, head = Bench(model), f"+CPSMS{colon(model)}"
    defaults = f"{quoted(model, '01000011')},{quoted(model, '00000101')}"
    accepted(bench, "AT+CPSMS?", f"{head}0,,,{defaults}")
    accepted(bench, "AT+CPSMS=1")
    accepted(bench, "AT+CPSMS?", f"{head}1,,,{defaults}")
    accepted(bench, 'AT+CPSMS=1,,,"00000001",00100010')
    shown = f"{quoted(model, '00000001')},{quoted(model, '00100010')}"
    accepted(bench, "AT+CPSMS?", f"{head}1,,,{shown}")
    accepted(bench, "AT+CPSMS=0")
    accepted(bench, "AT+CPSMS?", f"{head}0,,,{shown}")
    for value in ("", "3", "x", "1,,,0000000", '1,,,"000000002"', "1,,,00000000,0000000x", "1,,,,,"):
        refused(bench, f"AT+CPSMS={value}", bad(model))
    accepted(bench, "AT+CPSMS=2")
    accepted(bench, "AT+CPSMS?", f"{head}0,,,{defaults}")
    accepted(bench, "AT+CPSMS=?", f"{head}(0,1,2),,,(00000000-11111111),(00000000-11111111)")


@every_model
def test_the_clock_is_the_modules_own_time(model: str) -> None:
    bench = Bench(model)
    bench.advance(3600 - bench.now)
    bench.module.serial_to_send()
    accepted(bench, "AT+CCLK?", f"+CCLK{colon(model)}{quoted(model, '20/01/01,09:00:00+32')}")


@every_model
def test_the_clock_of_a_live_lab_is_the_real_time(model: str) -> None:
    """A live lab counts its seconds from 1970; China's time is eight hours ahead."""
    bench = Bench(model)
    bench.now = 1795284251.7  # 2026-11-21 18:04:11 UTC
    accepted(bench, "AT+CCLK?", f"+CCLK{colon(model)}{quoted(model, '26/11/22,02:04:11+32')}")


# What only some families have


@pytest.mark.parametrize("model", NEUL)
def test_nconfig(model: str) -> None:
    bench = Bench(model)
    shown = bench.say("AT+NCONFIG?")
    assert shown[:3] == [
        "+NCONFIG:AUTOCONNECT,TRUE", "+NCONFIG:CR_0354_0338_SCRAMBLING,TRUE", "+NCONFIG:CR_0859_SI_AVOID,TRUE",
    ]  # fmt: skip
    accepted(bench, "at+nconfig=cell_reselection,true")
    accepted(bench, "AT+NCONFIG=BARRING_RELEASE_DELAY,1800")
    assert "+NCONFIG:CELL_RESELECTION,TRUE" in bench.say("AT+NCONFIG?")
    assert "+NCONFIG:(AUTOCONNECT,(FALSE,TRUE))" in bench.say("AT+NCONFIG=?")
    bench.happen("reboot")
    assert "+NCONFIG:BARRING_RELEASE_DELAY,1800" in bench.say("AT+NCONFIG?")
    for value in ("", "AUTOCONNECT", "AUTOCONNECT,", "AUTOCONNECT,1", "NOTHING,TRUE", "AUTOCONNECT,TRUE,1",
                  "BARRING_RELEASE_DELAY,1801", "BARRING_RELEASE_DELAY,TRUE", 'AUTOCONNECT,"TRUE"'):  # fmt: skip
        refused(bench, f"AT+NCONFIG={value}", 50)


@pytest.mark.parametrize("model", NEUL)
def test_nuestats(model: str) -> None:
    bench = attached(model)
    assert bench.say("AT+NUESTATS")[:2] == ["Signal power:-850", "Total power:-750"]
    accepted(bench, "AT+NUESTATS=CELL", "NUESTATS:CELL,3683,32,1,-850,-108,-750,150")
    assert bench.say("AT+NUESTATS=RADIO")[0] == "NUESTATS:RADIO,Signal power:-850"
    everything = bench.say("AT+NUESTATS=ALL")
    assert len(everything) == 1 + sum(len(bench.say(f"AT+NUESTATS={kind}")) - 1 for kind in
                                      ("RADIO", "CELL", "BLER", "THP", "APPSMEM"))  # fmt: skip
    for value in ("", "SOMETHING", "CELL,1"):
        refused(bench, f"AT+NUESTATS={value}", 50)
    bench.module.set_coverage(bench.now, False)
    accepted(bench, "AT+NUESTATS=CELL")


@every_model
def test_bands(model: str) -> None:
    bench, bands = Bench(model), PROFILES[model].bands
    name = "+NBAND" if model in NEUL else "+QBAND"
    count = "" if model in NEUL else "1,"
    shown = ",".join(map(str, bands))
    accepted(bench, f"AT{name}?", f"{name}{colon(model)}{shown}")
    accepted(bench, f"AT{name}=?", f"{name}{colon(model)}({shown})")
    accepted(bench, f"AT{name}={count}{bands[-1]}")
    accepted(bench, f"AT{name}?", f"{name}{colon(model)}{bands[-1]}")
    for value in ("", "x", f"{count}85", f"{count}0", f"{count}{bands[0]},{bands[0]}", f"{count}-1"):
        refused(bench, f"AT{name}={value}", bad(model))
    if model not in NEUL:
        accepted(bench, "AT+QBAND=0")
        accepted(bench, "AT+QBAND?", f"+QBAND: {shown}")


@pytest.mark.parametrize("model", NEUL)
def test_nping_answers_ok_and_then_the_result(model: str) -> None:
    bench = Bench(model)
    assert bench.write(b"AT+NPING=1.2.3.4\r") == b"\r\nOK\r\n\r\n+NPINGERR:1\r\n"
    bench.happen("attached")
    assert bench.write(b"AT+NPING=1.2.3.4,64,5000\r") == b"\r\nOK\r\n"
    order = bench.module.network_orders()[0]
    assert isinstance(order, PingOrder)
    assert (order.host, order.size, order.timeout) == ("1.2.3.4", 64, 5.0)
    bench.module.handle_network(bench.now, PingReply(order.number, 0.42, 54))
    assert bench.module.serial_to_send() == b"\r\n+NPING:1.2.3.4,54,420\r\n"
    for value in ("", "a.example", "1.2.3.4,7", "1.2.3.4,1001", "1.2.3.4,64,9", "1.2.3.4,64,10,1"):
        refused(bench, f"AT+NPING={value}", 50)


@pytest.mark.parametrize("model", RDY)
def test_qping_without_a_network(model: str) -> None:
    """With one: tests/commands/test_commands_sockets_rdy.py."""
    bench, context = Bench(model), PROFILES[model].everyday.context
    assert bench.write(f'AT+QPING={context},"1.2.3.4",4,1'.encode() + b"\r") == b"\r\nOK\r\n\r\n+QPING: 569\r\n"


@pytest.mark.parametrize("model", RDY)
def test_the_other_family_does_not_have_the_neul_commands(model: str) -> None:
    bench = Bench(model)
    for line in ("AT+NRB", "AT+NCONFIG?", "AT+NUESTATS", "AT+NBAND?", "AT+NPING=1.2.3.4", "AT+NCCID"):
        refused(bench, line)


def test_the_address_of_another_context_does_not_exist() -> None:
    bench = attached("BC26")
    accepted(bench, "AT+CGPADDR=1", '+CGPADDR: 1,"10.0.0.2"')
    accepted(bench, "AT+CGPADDR?", '+CGPADDR: 1,"10.0.0.2"')
    refused(bench, "AT+CGPADDR=2")


@pytest.mark.parametrize(
    ("imsi", "network"),
    [("46004", "46000"), ("46007", "46000"), ("46020", "46000"), ("46003", "46011"), ("46011", "46011"),
     ("46006", "46001"), ("20801", "20801")],
)  # fmt: skip
def test_the_network_is_the_operators_whatever_its_card_begins_with(imsi: str, network: str) -> None:
    """D111."""
    for model in PROFILES:
        bench = Bench(model, usim=Usim(f"{imsi}0123456789", "89860418123456789012"))
        bench.happen("attached")
        accepted(bench, "AT+COPS?", f'+COPS{colon(model)}0,2,"{network}",9')
        accepted(bench, "AT+CIMI", f"{imsi}0123456789")


def with_context(model: str) -> Bench:
    bench = Bench(model)
    accepted(bench, 'AT+CGDCONT=1,"IP","my.apn"')
    bench.happen("attached")
    return bench


@pytest.mark.parametrize("model", [*NEUL, "BC260Y-CN"])
def test_the_bearer_is_the_context_that_the_host_defines(model: str) -> None:
    """D104."""
    bench, sign, address = attached(model), colon(model), quoted(model, "10.0.0.2")
    accepted(bench, "AT+CGDCONT?", f'+CGDCONT{sign}0,"IP","cmnbiot"')
    accepted(bench, "AT+CGPADDR", f"+CGPADDR{sign}0,{address}")
    accepted(bench, "AT+CGPADDR=1", f"+CGPADDR{sign}1,{address}")
    accepted(bench, "AT+CGACT?", f"+CGACT{sign}0,1")
    accepted(bench, "AT+CGACT=1,1")
    refused(bench, "AT+CGPADDR=2", bad(model))
    refused(bench, 'AT+CGDCONT=2,"IP"', bad(model))
    bench = with_context(model)
    accepted(bench, "AT+CGDCONT?", f'+CGDCONT{sign}0,"IP",""', f'+CGDCONT{sign}1,"IP","my.apn"')
    accepted(bench, "AT+CGPADDR", f"+CGPADDR{sign}0", f"+CGPADDR{sign}1,{address}")
    accepted(bench, "AT+CGPADDR=?", f"+CGPADDR{sign}(0,1)")
    accepted(bench, "AT+CGACT?", f"+CGACT{sign}0,0", f"+CGACT{sign}1,1")
    bench.happen("reboot")
    accepted(bench, "AT+CGPADDR", f"+CGPADDR{sign}0", f"+CGPADDR{sign}1")
    accepted(bench, "AT+CGDCONT?", f'+CGDCONT{sign}0,"IP",""', f'+CGDCONT{sign}1,"IP","my.apn"')


@every_model
def test_an_attached_module_shows_the_networks_apn_where_the_host_has_set_none(model: str) -> None:
    """D105."""
    context, sign = PROFILES[model].everyday.context, colon(model)
    for operator, apn in ((Operator.MOBILE, "cmnbiot"), (Operator.TELECOM, "ctnb"), (Operator.UNICOM, "nbiot")):
        bench = Bench(model, usim=operator)
        accepted(bench, "AT+CGDCONT?", f'+CGDCONT{sign}{context},"IP",""')
        bench.happen("attached")
        accepted(bench, "AT+CGDCONT?", f'+CGDCONT{sign}{context},"IP","{apn}"')
        accepted(bench, "AT+CGATT=0")
        accepted(bench, "AT+CGDCONT?", f'+CGDCONT{sign}{context},"IP",""')
        accepted(bench, f'AT+CGDCONT={context},"IPV4V6","own"')
        accepted(bench, "AT+CGATT=1")
        bench.happen("attached")
        accepted(bench, "AT+CGDCONT?", f'+CGDCONT{sign}{context},"IPV4V6","own"')


@pytest.mark.parametrize("model", RDY)
def test_the_default_apn(model: str) -> None:
    bench, context = Bench(model), PROFILES[model].everyday.context
    accepted(bench, "AT+QCGDEFCONT?", '+QCGDEFCONT: "IP",""')
    accepted(bench, "AT+QCGDEFCONT=?", '+QCGDEFCONT: ("IP","IPV6","IPV4V6","NONIP")')
    for value in ("", '"PPP"', "IP", f'"IP","{"x" * 100}"', '"IP","a",1'):
        refused(bench, f"AT+QCGDEFCONT={value}", bad(model))
    bench.happen("attached")
    accepted(bench, "AT+QCGDEFCONT?", '+QCGDEFCONT: "IP","cmnbiot"')
    accepted(bench, 'AT+QCGDEFCONT="IPV6","mine"')
    bench.happen("reboot")
    accepted(bench, "AT+QCGDEFCONT?", '+QCGDEFCONT: "IPV6","mine"')
    accepted(bench, "AT+CGDCONT?", f'+CGDCONT: {context},"IPV6","mine"')


@pytest.mark.parametrize("model", ["BC26", "BC20", "BC260Y-CN"])
def test_the_address_is_told_after_the_attach(model: str) -> None:
    bench = Bench(model)
    assert bench.happen("5 s") == b"\r\n+IP: 10.0.0.2\r\n"
    accepted(bench, "AT+CGATT=0")
    accepted(bench, "AT+CGATT=1")
    assert bench.happen("5 s") == b"\r\n+IP: 10.0.0.2\r\n"


@pytest.mark.parametrize("model", [model for model in PROFILES if model not in ("BC26", "BC20", "BC260Y-CN")])
def test_the_others_do_not_tell_their_address(model: str) -> None:
    assert b"+IP" not in Bench(model).happen("5 s")


@every_model
def test_errors_have_texts_where_the_family_has_them(model: str) -> None:
    bench = Bench(model, usim=None)
    bench.advance(5)
    bench.module.serial_to_send()
    if model in NEUL:
        return refused(bench, "AT+CMEE=2", 50)
    accepted(bench, "AT+CMEE=2")
    text = {"BC26": "SIM not inserted", "BC20": "SIM not inserted", "BC260Y-CN": "SIM not inserted"}
    assert bench.say("AT+CIMI") == [f"+CME ERROR: {text.get(model, 'USIM not inserted')}"]
    assert bench.say("AT+NOTHING") == ["ERROR"]


@every_model
def test_time_zone_reporting(model: str) -> None:
    bench, sign = Bench(model), colon(model)
    spoken = ["{}+32", "{}+32,0,2020/01/01,08:00:04", "{}+32,0,2020/01/01,00:00:04"]
    if model not in NEUL:
        spoken = ['{}"+32"', '{}"+32",0,"2020/01/01,08:00:04"', '{}"+32",0,"2020/01/01,00:00:04"']
    most = 3 if model in (*NEUL, "BC260Y-CN") else 1
    accepted(bench, "AT+CTZR?", f"+CTZR{sign}0")
    accepted(bench, "AT+CTZR=?", f"+CTZR{sign}({','.join(map(str, range(most + 1)))})")
    refused(bench, f"AT+CTZR={most + 1}", bad(model))
    assert b"+CTZ" not in bench.happen("5 s")
    for mode in range(1, most + 1):
        bench = Bench(model)
        accepted(bench, f"AT+CTZR={mode}")
        accepted(bench, "AT+CTZR?", f"+CTZR{sign}{mode}")
        text = spoken[mode - 1].format(("+CTZV", "+CTZE", "+CTZEU")[mode - 1] + sign)
        assert f"\r\n{text}\r\n" in bench.happen("5 s").decode()
    bench.happen("reboot")
    accepted(bench, "AT+CTZR?", f"+CTZR{sign}0")


@pytest.mark.parametrize("model", NEUL)
def test_power_saving_is_told_when_it_begins_and_ends(model: str) -> None:
    """D112."""
    bench = attached(model)
    accepted(bench, "AT+NPSMR?", "+NPSMR:0")
    accepted(bench, "AT+NPSMR=?", "+NPSMR:(0,1)")
    accepted(bench, "AT+CPSMS=1,,,01000011,00000001")
    for value in ("", "2", "-1", "x", "1,1"):
        refused(bench, f"AT+NPSMR={value}", bad(model))
    accepted(bench, "AT+NPSMR=1")
    accepted(bench, "AT+NPSMR?", "+NPSMR:1,0")
    assert bench.happen("60 s") == b"\r\n+NPSMR:1\r\n"
    assert bench.module.power_state == "asleep"
    assert bench.write(b"AT\r") == b"\r\n+NPSMR:0\r\n\r\nOK\r\n"
    accepted(bench, "AT+NPSMR=0")
    assert bench.happen("60 s") == b""
    assert bench.write(b"AT\r") == b"\r\nOK\r\n"


@pytest.mark.parametrize("model", ["BC26", "BC20", "BC260Y-CN"])
def test_the_sleep_lock_is_ten_seconds_after_a_line_or_until_it_is_released(model: str) -> None:
    for released in (False, True):
        bench = attached(model)
        bench.advance(60)
        accepted(bench, "AT+CPSMS=1,,,01000011,00000000")
        if released:
            accepted(bench, "AT+QRELLOCK")
        else:
            bench.advance(9.5)
            assert bench.module.power_state == "on"
            bench.advance(1)
        assert bench.module.power_state == "asleep"
    refused(attached(model), "AT+QRELLOCK=1")
    refused(attached(model), "AT+QRELLOCK?")


@every_model
def test_name_servers(model: str) -> None:
    bench = attached(model)
    if model in NEUL:
        accepted(bench, "AT+QIDNSCFG?", "PrimaryDns: 114.114.114.114", "SecondaryDns: 223.5.5.5")
        accepted(bench, "AT+QIDNSCFG=8.8.8.8,8.8.4.4")
        accepted(bench, "AT+QIDNSCFG?", "PrimaryDns: 8.8.8.8", "SecondaryDns: 8.8.4.4")
        head = ""
    else:
        head = f"{PROFILES[model].everyday.context}"
        accepted(bench, f"AT+QIDNSCFG={head}", f'+QIDNSCFG: {head},"114.114.114.114","223.5.5.5"')
        accepted(bench, f'AT+QIDNSCFG={head},"8.8.8.8",8.8.4.4')
        accepted(bench, f"AT+QIDNSCFG={head}", f'+QIDNSCFG: {head},"8.8.8.8","8.8.4.4"')
        accepted(bench, f"AT+QIDNSCFG={head},1.1.1.1")
        accepted(bench, f"AT+QIDNSCFG={head}", f'+QIDNSCFG: {head},"1.1.1.1",""')
        refused(bench, "AT+QIDNSCFG=9", bad(model))
        head += ","
    for value in ("8.8.8", "8.8.8.256", "dns.example", "8.8.8.8,x", "8.8.8.8,8.8.4.4,1.1.1.1"):
        refused(bench, f"AT+QIDNSCFG={head}{value}", bad(model))


@pytest.mark.parametrize("model", NEUL)
def test_the_list_of_commands_has_each_once_and_each_is_known(model: str) -> None:
    bench = Bench(model)
    listed = bench.say("AT+CLAC")
    assert listed.pop() == "OK"
    assert len(set(listed)) == len(listed)
    assert {"AT+CLAC", "AT+CSQ", "ATE", "AT&W", "AT+DMPCONFIG"} <= set(listed)
    assert all("=" not in name for name in listed)


@every_model
def test_the_network_has_refused_nothing(model: str) -> None:
    accepted(attached(model), "AT+CEER", f"+CEER{colon(model)}No report available")


def test_bands_and_serial_number_of_the_bc260y() -> None:
    bench = Bench("BC260Y-CN")
    accepted(bench, "AT+QBAND?", "+QBAND: 5,8,3")
    refused(bench, "AT+QBAND=1,1")
    accepted(bench, "AT+QBAND=1,3")
    accepted(bench, "AT+CGSN=0", "MP823G73030822519")
    accepted(bench, "AT+GSN", IMEI)
