"""AT+QI… of the RDY families (profiles/internet_rdy.py): forms, bounds, errors; text, hex, prompts, modes, URCs."""

from __future__ import annotations

import pytest
from commands_bench import accepted, refused
from sockets_bench import ECHO, NOBODY, Net

from nbtwin.module.internet.dialect import InternetDialect
from nbtwin.module.internet.orders import (
    StreamClose,
    StreamClosing,
    StreamEnd,
    StreamEnded,
    StreamFinished,
    StreamReceived,
)
from nbtwin.profiles.models import PROFILES

MEDIATEK, EIGENCOMM, RDA = "BC26", "BC260Y-CN", "BC25"
FAMILIES = (MEDIATEK, EIGENCOMM, RDA)
RDY = tuple(model for model, profile in PROFILES.items() if profile.qi is not None)
BUFFERED = (MEDIATEK, RDA)
every_family = pytest.mark.parametrize("model", FAMILIES)


def limits_of(model: str) -> InternetDialect:
    limits = PROFILES[model].internet
    assert limits is not None
    return limits


def context(model: str) -> int:
    qi = PROFILES[model].qi
    assert qi is not None
    return qi.contexts[0]


def opened(model: str, kind: str = "UDP", *, mode: int | None = None, port: int = 7) -> Net:
    net = Net(model)
    more = "" if mode is None else f",{mode}"
    answer = net.ask(f'AT+QIOPEN={context(model)},0,"{kind}","{ECHO}",{port},4000{more}')
    assert answer == "\r\nOK\r\n\r\n+QIOPEN: 0,0\r\n"
    return net


def test_all_but_the_neul_families_have_them() -> None:
    assert RDY == ("BC26", "BC20", "BC260Y-CN", "BC25", "BC25-B5", "BC25-B8", "BC32", "BC32-B8")


# Opening and closing


@pytest.mark.parametrize("model", RDY)
@pytest.mark.parametrize("kind", ["UDP", "TCP"])
def test_a_socket_is_opened_used_and_closed(model: str, kind: str) -> None:
    net = opened(model, kind, mode=1)
    answer = net.ask('AT+QISEND=0,5,"hello"')
    assert answer.startswith("\r\nOK\r\n\r\nSEND OK\r\n"), answer
    assert net.sent[-1] == ((ECHO, 7), b"hello")
    assert '+QIURC: "recv",0' in answer + net.heard()
    assert net.ask("AT+QICLOSE=0") == "\r\nOK\r\n\r\nCLOSE OK\r\n"
    assert net.ask("AT+QISTATE?") == "\r\nOK\r\n"
    refused(net, "AT+QICLOSE=0", PROFILES[model].errors.bad_parameter and 3)


@every_family
def test_a_host_by_its_name(model: str) -> None:
    net = Net(model)
    assert net.ask(f'AT+QIOPEN={context(model)},1,"TCP","echo.lab.test",7') == "\r\nOK\r\n\r\n+QIOPEN: 1,0\r\n"
    assert '+QISTATE: 1,"TCP","echo.lab.test",7,' in net.ask("AT+QISTATE?")
    assert net.ask(f'AT+QIOPEN={context(model)},2,"TCP","nobody.lab.test",7') == "\r\nOK\r\n\r\n+QIOPEN: 2,565\r\n"


@every_family
def test_nobody_listens_there(model: str) -> None:
    """Whether the host has to close what has failed is the family's."""
    net = Net(model)
    line = f'AT+QIOPEN={context(model)},0,"TCP","{NOBODY}",7'
    assert net.ask(line) == "\r\nOK\r\n\r\n+QIOPEN: 0,566\r\n"
    if model == MEDIATEK:
        assert net.ask(line) == "\r\nOK\r\n\r\n+QIOPEN: 0,563\r\n"
        assert net.ask("AT+QICLOSE=0") == "\r\nOK\r\n\r\nCLOSE OK\r\n"
    assert net.ask(line) == "\r\nOK\r\n\r\n+QIOPEN: 0,566\r\n"


@every_family
def test_a_number_that_is_taken(model: str) -> None:
    net = opened(model)
    line = f'AT+QIOPEN={context(model)},0,"UDP","{ECHO}",8'
    if model == MEDIATEK:
        assert net.ask(line) == "\r\nOK\r\n\r\n+QIOPEN: 0,563\r\n"
    else:
        refused(net, line, PROFILES[model].errors.bad_parameter and 3)
    assert net.ask('AT+QISEND=0,1,"x"').startswith("\r\nOK\r\n\r\nSEND OK"), "the socket that is open goes on"
    assert net.sent[-1][0] == (ECHO, 7)


@every_family
def test_a_port_that_is_taken_and_without_a_network(model: str) -> None:
    net = opened(model)
    assert "+QIOPEN: 1,556" in net.ask(f'AT+QIOPEN={context(model)},1,"UDP","{ECHO}",7,4000')
    assert "+QIOPEN: 2,0" in net.ask(f'AT+QIOPEN={context(model)},2,"TCP","{ECHO}",7,4000'), "TCP has ports of its own"
    net.say("AT+CGATT=0")
    net.heard()
    refused(net, f'AT+QIOPEN={context(model)},3,"UDP","{ECHO}",7', PROFILES[model].errors.bad_parameter and 3)


@every_family
def test_every_value_of_qiopen_has_its_bounds(model: str) -> None:
    net, qi = Net(model), PROFILES[model].qi
    assert qi is not None
    first, bad = qi.contexts[0], PROFILES[model].errors.bad_parameter
    host = f'"{ECHO}"'
    for values in (
        "", f"{first}", f"{first},0", f'{first},0,"UDP"', f'{first},0,"UDP",{host}',
        f'{qi.contexts[-1] + 1},0,"UDP",{host},7', f'{first},{limits_of(model).sockets},"UDP",{host},7',
        f'{first},0,"SCTP",{host},7', f"{first},0,UDP,{host},7", f'{first},0,"UDP","a..b",7', f'{first},0,"UDP","",7',
        f'{first},0,"UDP",{host},0', f'{first},0,"UDP",{host},65536', f'{first},0,"UDP",{host},x',
        f'{first},0,"UDP",{host},7,65536', f'{first},0,"UDP",{host},7,0,2', f'{first},0,"UDP",{host},7,0,1,1',
        f'{first},0,"UDP",{host},7,0,1,0,0',
    ):  # fmt: skip
        refused(net, f"AT+QIOPEN={values}", bad)
    assert net.ask("AT+QISTATE?") == "\r\nOK\r\n", "nothing was opened"
    for label in range(limits_of(model).sockets):
        assert f"+QIOPEN: {label},0" in net.ask(f'AT+QIOPEN={first},{label},"udp",{ECHO},65535,0')
    if qi.access_modes == (1,):
        refused(net, f'AT+QIOPEN={first},0,"UDP",{host},7,0,0', bad)


def test_what_the_test_forms_print() -> None:
    for model in FAMILIES:
        net, qi = Net(model), PROFILES[model].qi
        assert qi is not None
        accepted(net, "AT+QIOPEN=?", qi.test_open)
        accepted(net, "AT+QISEND=?", qi.test_send)
        accepted(net, "AT+QISTATE=?", *qi.test_state)
        accepted(net, "AT+QICLOSE=?", f"+QICLOSE: (0-{limits_of(model).sockets - 1})")
        accepted(net, "AT+QIDNSGIP=?", qi.test_dns)
        accepted(net, "AT+QNTP=?", qi.test_time)
        if qi.longest_read:
            accepted(net, "AT+QIRD=?", f"+QIRD: (0-{limits_of(model).sockets - 1}),(1-{qi.longest_read})")
            accepted(net, "AT+QISWTMD=?", f"+QISWTMD: (0-{limits_of(model).sockets - 1}),(0-1)")


# Listening (D209)


def listening(model: str = RDA, *, mode: int = 0, label: int = 0) -> Net:
    net = Net(model)
    line = f'AT+QIOPEN={context(model)},{label},"TCP LISTENER","0.0.0.0",1,7000,{mode}'
    assert net.ask(line) == f"\r\nOK\r\n\r\n+QIOPEN: {label},0\r\n"
    return net


LISTENERS = tuple(model for model in RDY if "TCP LISTENER" in PROFILES[model].qi.services)  # type: ignore[union-attr]


def test_rdas_alone_listen_and_none_has_a_udp_service_or_a_transparent_mode() -> None:
    """Another service or access mode is the model's error for a bad parameter; ATO and +++ are no commands."""
    assert LISTENERS == ("BC25", "BC25-B5", "BC25-B8", "BC32", "BC32-B8")
    for model in RDY:
        net, bad = Net(model), PROFILES[model].errors.bad_parameter
        services = ["UDP SERVICE", "TCP INCOMING", *([] if model in LISTENERS else ["TCP LISTENER"])]
        for kind in services:
            refused(net, f'AT+QIOPEN={context(model)},0,"{kind}","0.0.0.0",1,7000', bad)
        refused(net, f'AT+QIOPEN={context(model)},0,"TCP","{ECHO}",7,0,2', bad)
        refused(net, "ATO")
        assert net.ask("+++") == "\r\nERROR\r\n", "a line like any other"


@pytest.mark.parametrize("model", LISTENERS)
def test_who_connects_gets_the_highest_free_number_and_is_told(model: str) -> None:
    net = listening(model, mode=1)
    last = limits_of(model).sockets - 1
    assert net.call(7000, -1) == f'\r\n+QIURC: "incoming",{last},0,"{NOBODY}",40001\r\n'
    assert net.call(7000, -2) == f'\r\n+QIURC: "incoming",{last - 1},0,"{NOBODY}",40002\r\n'
    first = context(model)
    accepted(
        net, "AT+QISTATE?", f'+QISTATE: 0,"TCP LISTENER","0.0.0.0",1,7000,3,{first},1',
        f'+QISTATE: {last - 1},"TCP INCOMING","{NOBODY}",40002,7000,2,{first},1',
        f'+QISTATE: {last},"TCP INCOMING","{NOBODY}",40001,7000,2,{first},1',
    )  # fmt: skip
    net.module.handle_network(net.now, StreamReceived(-1, b"hello"))
    assert net.heard() == f'\r\n+QIURC: "recv",{last}\r\nhello\r\n'
    assert "SEND OK" in net.ask(f"AT+QISEND={last},2,hi")
    assert net.sent[-1] == ((NOBODY, 40001), b"hi")
    net.module.handle_network(net.now, StreamFinished(-1))
    assert f'+QIURC: "closed",{last}' in net.heard()


def test_a_listener_carries_no_data_and_needs_a_port() -> None:
    net = listening()
    for line in ("AT+QISEND=0,1,x", "AT+QISEND=0", "AT+QISEND=0,0", "AT+QISENDEX=0,1,00", "AT+QIRD=0,10"):
        refused(net, line, 3)
        accepted(net, "AT+QIGETERROR", "+QIGETERROR:572,operation not allowed")
    for values in ("", ",0", ",0,1"):
        refused(net, f'AT+QIOPEN=1,1,"TCP LISTENER","0.0.0.0",1{values}', 3)
    assert "+QIOPEN: 1,556" in net.ask('AT+QIOPEN=1,1,"TCP LISTENER","0.0.0.0",1,7000'), "the port is taken"
    refused(net, 'AT+QIOPEN=1,0,"TCP LISTENER","0.0.0.0",1,7001', 3)
    net.unlistenable = True
    assert "+QIOPEN: 1,557" in net.ask('AT+QIOPEN=1,1,"TCP LISTENER","0.0.0.0",1,7001')


def test_the_access_mode_of_who_connects_is_that_of_the_listener() -> None:
    net = listening(mode=0)
    accepted(net, "AT+QISWTMD=0,1")
    net.call(7000, -1)
    net.module.handle_network(net.now, StreamReceived(-1, b"pushed"))
    assert net.heard() == '\r\n+QIURC: "recv",5\r\npushed\r\n'


def test_without_a_free_number_who_connects_is_taken_and_ended() -> None:
    net = listening()
    for number in range(1, 6):
        assert '"incoming",' in net.call(7000, -number)
    assert net.call(7000, -6) == '\r\n+QIURC: "incoming full"\r\n'
    assert net.closed == [StreamClose(-6, StreamClosing.WHOLE)]
    assert net.ask("AT+QICLOSE=3") == "\r\nOK\r\n\r\nCLOSE OK\r\n"
    assert '"incoming",3,0' in net.call(7000, -7)


def test_a_listener_that_is_closed_leaves_who_has_connected_alone() -> None:
    net = listening(mode=1)
    net.call(7000, -1)
    assert net.ask("AT+QICLOSE=0") == "\r\nOK\r\n\r\nCLOSE OK\r\n"
    assert net.closed == [StreamClose(net.listeners[7000], StreamClosing.ABORT)]
    assert net.call(7000, -2) == "", "who connects now is reset"
    assert net.closed[-1] == StreamClose(-2, StreamClosing.ABORT)
    assert "SEND OK" in net.ask("AT+QISEND=5,2,hi")
    assert '+QIURC: "pdpdeact",1' in net.ask("AT+CGATT=0")
    assert net.closed[-1] == StreamClose(-1, StreamClosing.ABORT)


# Sending


@every_family
def test_data_on_the_line_has_the_length_that_was_said(model: str) -> None:
    net, qi = opened(model, mode=1), PROFILES[model].qi
    assert qi is not None
    bad, before = PROFILES[model].errors.bad_parameter, len(net.sent)
    for values in ('0,4,"hello"', '0,6,"hello"', "0,4,hello", f"0,{limits_of(model).longest_data + 1},x", "0,x,hello"):
        refused(net, f"AT+QISEND={values}", bad)
    assert len(net.sent) == before, "nothing left"
    assert "SEND OK" in net.ask("AT+QISEND=0,5,hello")
    assert "SEND OK" in net.ask(f"AT+QISEND=0,{limits_of(model).longest_data},{'x' * limits_of(model).longest_data}")
    assert net.sent[-1][1] == b"x" * limits_of(model).longest_data
    refused(net, "AT+QISEND=1,5,hello", bad and 3)
    refused(net, f"AT+QISEND={limits_of(model).sockets},5,hello", bad)


def test_data_to_the_end_of_the_line_may_have_commas_and_semicolons() -> None:
    """MediaTek's has nothing behind it."""
    net = opened(MEDIATEK)
    assert "SEND OK" in net.ask('AT+QISEND=0,11,a,b;c,"d",e')
    assert net.sent[-1][1] == b'a,b;c,"d",e'


@every_family
def test_a_prompt_for_so_many_bytes(model: str) -> None:
    net = opened(model, mode=1)
    data = b"\r\n\x1a\x1b\x00,;\xff"
    assert net.write(b"AT+QISEND=0,8\r") == b"\r\n>"
    assert net.write(data, 3).startswith(b"\r\nOK\r\n\r\nSEND OK\r\n")
    assert net.sent[-1][1] == data
    assert net.write(b"AT+QISEND=0,8\r\x1b") == b"\r\n>\r\nSEND FAIL\r\n"
    assert net.sent[-1][1] == data, "nothing more has left"


@every_family
def test_a_prompt_for_text_up_to_ctrl_z(model: str) -> None:
    """D128."""
    net, qi = opened(model, mode=1), PROFILES[model].qi
    assert qi is not None
    assert net.write(b"AT+QISEND=0\r") == b"\r\n>"
    assert b"SEND OK" in net.write(b"GET / HTTP/1.1\r\n\r\n\x1a", 5)
    assert net.sent[-1][1] == b"GET / HTTP/1.1\r\n\r\n"
    assert net.write(b"AT+QISEND=0\rabc\x1b") == b"\r\n>\r\nSEND FAIL\r\n"
    assert net.write(b"AT+QISEND=0\r" + b"x" * (limits_of(model).longest_data + 1) + b"\x1a") == b"\r\n>\r\nERROR\r\n"
    assert net.write(b"AT+QISEND=0\r\x1a") == b"\r\n>\r\nSEND FAIL\r\n"
    assert net.sent[-1][1] == b"GET / HTTP/1.1\r\n\r\n"


@every_family
def test_hex_on_the_line_and_behind_the_prompt(model: str) -> None:
    net = opened(model, mode=1)
    bad = PROFILES[model].errors.bad_parameter
    accepted(net, 'AT+QICFG="dataformat",1,1')
    assert "SEND OK" in net.ask('AT+QISEND=0,3,"00FFfe"')
    assert net.sent[-1][1] == b"\x00\xff\xfe"
    for values in ('0,3,"00FF"', '0,2,"00F"', '0,2,"00FG"', f"0,{PROFILES[model].qi.longest_hex + 1},00"):  # type: ignore[union-attr]
        refused(net, f"AT+QISEND={values}", bad)
    assert b"SEND OK" in net.write(b"AT+QISEND=0,2\r0aF0")
    assert net.sent[-1][1] == b"\x0a\xf0"


@pytest.mark.parametrize("model", BUFFERED)
def test_qisendex_is_hex_whatever_the_format(model: str) -> None:
    net = opened(model)
    bad = PROFILES[model].errors.bad_parameter
    assert "SEND OK" in net.ask("AT+QISENDEX=0,2,0102")
    assert net.sent[-1][1] == b"\x01\x02"
    assert b"SEND OK" in net.write(b"AT+QISENDEX=0,2\r0304")
    assert net.sent[-1][1] == b"\x03\x04"
    for values in ("0,0,01", "0,1,0102", "0,1,0G", "9,1,01"):
        refused(net, f"AT+QISENDEX={values}", bad)
    refused(net, "AT+QISENDEX=1,1,01", bad and 3)
    for model_without in (EIGENCOMM,):
        refused(Net(model_without), "AT+QISENDEX=0,1,01")


@every_family
def test_what_was_sent_and_what_has_arrived(model: str) -> None:
    net = opened(model, "TCP", mode=1)
    if model == RDA:
        refused(net, "AT+QISEND=0,0", 3)
    else:
        accepted(net, "AT+QISEND=0,0", "+QISEND: 0,0,0")
    net.silent = True
    net.ask('AT+QISEND=0,5,"hello"')
    accepted(net, "AT+QISEND=0,0", "+QISEND: 5,0,5")


@every_family
def test_a_full_send_buffer_is_send_fail_and_takes_nothing(model: str) -> None:
    """Flow control: the peer takes nothing in."""
    net = opened(model, "TCP", mode=1)
    net.silent = True
    answers = [net.ask(f"AT+QISEND=0,1000,{'x' * 1000}") for _ in range(12)]
    assert answers[0] == "\r\nOK\r\n\r\nSEND OK\r\n"
    assert answers[-1] == "\r\nSEND FAIL\r\n"
    taken = sum(len(data) for _, data in net.sent if data.startswith(b"xxx"))
    assert taken == 1000 * sum("SEND OK" in answer for answer in answers)


# Receiving


@pytest.mark.parametrize("model", BUFFERED)
def test_in_buffer_mode_data_is_announced_once_and_waits(model: str) -> None:
    net = opened(model, mode=0)
    assert net.ask("AT+QISEND=0,5,hello").endswith('\r\n+QIURC: "recv",0\r\n')
    assert "QIURC" not in net.ask("AT+QISEND=0,5,world"), "not again before all was read"
    assert net.ask("AT+QIRD=0,3") == "\r\n+QIRD: 3\r\nhel\r\n\r\nOK\r\n"
    assert net.ask("AT+QIRD=0,512") == "\r\n+QIRD: 2\r\nlo\r\n\r\nOK\r\n", "a datagram at once, not the next one too"
    assert net.ask("AT+QIRD=0,512") == "\r\n+QIRD: 5\r\nworld\r\n\r\nOK\r\n"
    accepted(net, "AT+QIRD=0,512", "+QIRD: 0")
    assert '+QIURC: "recv",0' in net.ask("AT+QISEND=0,5,again")
    longest = PROFILES[model].qi.longest_read  # type: ignore[union-attr]
    for values in ("0,0", f"0,{longest + 1}", "0", "9,1"):
        refused(net, f"AT+QIRD={values}", PROFILES[model].errors.bad_parameter)
    refused(net, "AT+QIRD=1,1", PROFILES[model].errors.bad_parameter and 3)


@pytest.mark.parametrize("model", BUFFERED)
def test_how_data_is_shown(model: str) -> None:
    net = opened(model, mode=0)
    for line in ('AT+QICFG="showlength",1', 'AT+QICFG="viewmode",1', 'AT+QICFG="dataformat",0,1'):
        accepted(net, line)
    assert net.ask("AT+QISEND=0,5,hello").endswith('\r\n+QIURC: "recv",0,5\r\n')
    accepted(net, "AT+QIRD=0,3", "+QIRD: 3,2,68656C")
    accepted(net, "AT+QIRD=0,3", "+QIRD: 2,0,6C6F")


@pytest.mark.parametrize("model", BUFFERED)
def test_the_access_mode_can_be_switched(model: str) -> None:
    net = opened(model, mode=0)
    accepted(net, "AT+QISWTMD=0,1")
    assert net.ask("AT+QISTATE=1,0").endswith(f",2,{context(model)},1\r\n\r\nOK\r\n")
    length = ",5" if model == MEDIATEK else ""
    assert net.ask("AT+QISEND=0,5,hello").endswith(f'\r\n+QIURC: "recv",0{length}\r\nhello\r\n')
    bad = PROFILES[model].errors.bad_parameter
    for values in ("0,2", "0", "9,1"):
        refused(net, f"AT+QISWTMD={values}", bad)
    refused(net, "AT+QISWTMD=1,1", bad and 3)


def test_direct_push_as_eigencomm_has_it() -> None:
    net = opened(EIGENCOMM)
    assert net.ask('AT+QISEND=0,5,"hello"').endswith('\r\n+QIURC: "recv",0,5,"hello"\r\n')
    accepted(net, 'AT+QICFG="dataformat",0,1')
    assert net.ask('AT+QISEND=0,5,"hello"').endswith('\r\n+QIURC: "recv",0,5,"68656C6C6F"\r\n')
    for name in ("+QIRD", "+QISWTMD", "+QIGETERROR", '+QICFG="viewmode"', '+QICFG="showlength"'):
        assert net.say(f"AT{name}") == ["ERROR"]


@pytest.mark.parametrize("model", BUFFERED)
def test_a_flooding_peer_is_bounded(model: str) -> None:
    """What does not fit is dropped, and the host hears of it; what fits can be read."""
    net, qi = opened(model, mode=0), PROFILES[model].qi
    assert qi is not None
    for _ in range(50):
        net.datagram((ECHO, 7), b"x" * 1000, 4000)
    heard = net.heard()
    assert heard.count('+QIURC: "recv",0\r\n') == 1
    assert heard.count('+QIURC: "recv",0,"buff full"') == 50 - limits_of(model).receive_buffer // 1000
    read = 0
    while "+QIRD: 0" not in (answer := net.ask(f"AT+QIRD=0,{qi.longest_read}")):
        read += answer.count("x")
    assert read == limits_of(model).receive_buffer // 1000 * 1000


@every_family
def test_what_comes_from_somebody_else_is_not_heard(model: str) -> None:
    net = opened(model, mode=1)
    net.datagram((NOBODY, 7), b"hello", 4000)
    net.datagram((ECHO, 8), b"hello", 4000)
    assert net.heard() == ""


@every_family
@pytest.mark.parametrize("broken", [True, False])
def test_a_peer_that_closes(model: str, broken: bool) -> None:
    net = opened(model, "TCP", mode=1)
    number = next(iter(net.streams))
    gone = StreamEnded(number, StreamEnd.RESET) if broken else StreamFinished(number)
    net.module.handle_network(net.now, gone)
    assert net.heard() == '\r\n+QIURC: "closed",0\r\n'
    bad = PROFILES[model].errors.bad_parameter
    refused(net, 'AT+QISEND=0,5,"hello"', bad and 3)
    if model == MEDIATEK:
        assert ",4,1,1" in net.ask("AT+QISTATE=1,0")
        assert net.ask("AT+QICLOSE=0") == "\r\nOK\r\n\r\nCLOSE OK\r\n"
    else:
        refused(net, "AT+QICLOSE=0", bad and 3)


@pytest.mark.parametrize("model", BUFFERED)
def test_what_a_peer_sent_before_it_closed_can_be_read(model: str) -> None:
    net = opened(model, "TCP", mode=0)
    number = next(iter(net.streams))
    net.module.handle_network(net.now, StreamReceived(number, b"last"))
    net.module.handle_network(net.now, StreamFinished(number))
    assert net.heard() == '\r\n+QIURC: "recv",0\r\n\r\n+QIURC: "closed",0\r\n'
    assert "last" in net.ask("AT+QIRD=0,512")


# States, options, the last error


@every_family
def test_states(model: str) -> None:
    net = opened(model, mode=1)
    first = context(model)
    net.ask(f'AT+QIOPEN={first},3,"TCP","{ECHO}",9,5000')
    one = f'+QISTATE: 0,"UDP","{ECHO}",7,4000,2,{first},1'
    mode = 0 if model in BUFFERED else 1
    other = f'+QISTATE: 3,"TCP","{ECHO}",9,5000,2,{first},{mode}'
    accepted(net, "AT+QISTATE?", one, other)
    accepted(net, f"AT+QISTATE=0,{first}", one, other)
    accepted(net, "AT+QISTATE=1,3", other)
    accepted(net, "AT+QISTATE=1,1")
    for values in ("2,0", "1", "1,9", "x,0"):
        refused(net, f"AT+QISTATE={values}", PROFILES[model].errors.bad_parameter)


@every_family
def test_options_have_bounds_and_come_back_where_the_family_saves_them(model: str) -> None:
    net, bad = Net(model), PROFILES[model].errors.bad_parameter
    accepted(net, 'AT+QICFG="dataformat"', '+QICFG: "dataformat",0,0')
    accepted(net, 'AT+QICFG="DATAFORMAT",1,0')
    accepted(net, 'AT+QICFG="dataformat"', '+QICFG: "dataformat",1,0')
    options = ("viewmode", "showlength") if model in BUFFERED else ()
    for name in options:
        accepted(net, f'AT+QICFG="{name}"', f'+QICFG: "{name}",0')
        accepted(net, f'AT+QICFG="{name}",1')
        for values in ("2", "x", "0,0"):
            refused(net, f'AT+QICFG="{name}",{values}', bad)
    for values in ('"dataformat",2,0', '"dataformat",0,2', '"dataformat",0', '"dataformat",0,0,0'):
        refused(net, f"AT+QICFG={values}", bad)
    printed = ['+QICFG: "dataformat",(0,1),(0,1)', *(f'+QICFG: "{name}",(0,1)' for name in options)]
    accepted(net, "AT+QICFG=?", *printed, *(['+QICFG: "open_time",(1,36)'] if model == RDA else []))
    net.happen("reboot")
    kept = model != MEDIATEK
    accepted(net, 'AT+QICFG="dataformat"', f'+QICFG: "dataformat",{int(kept)},0')
    for name in options:
        accepted(net, f'AT+QICFG="{name}"', f'+QICFG: "{name}",{int(kept)}')


def test_the_time_that_a_connection_may_take() -> None:
    net = Net(RDA)
    accepted(net, 'AT+QICFG="open_time"', '+QICFG: "open_time",36')
    accepted(net, 'AT+QICFG="open_time",1')
    accepted(net, 'AT+QICFG="open_time"', '+QICFG: "open_time",1')
    for value in ("0", "37", "x"):
        refused(net, f'AT+QICFG="open_time",{value}', 53)


def test_the_last_error_is_told() -> None:
    net = Net(MEDIATEK)
    accepted(net, "AT+QIGETERROR", "+QIGETERROR: 0,operation success")
    net.ask(f'AT+QIOPEN=1,0,"TCP","{NOBODY}",7')
    accepted(net, "AT+QIGETERROR", "+QIGETERROR: 566,socket connect failed")
    net.ask("AT+QICLOSE=3")
    accepted(net, "AT+QIGETERROR", "+QIGETERROR: 567,socket has been closed")
    net = Net(RDA)
    net.ask('AT+QIOPEN=2,0,"TCP","192.0.2.20",7')
    accepted(net, "AT+QIGETERROR", "+QIGETERROR:561,PDP context opening failed")


# Names, pings, the time


@pytest.mark.parametrize("model", RDY)
def test_names(model: str) -> None:
    net, first = Net(model), context(model)
    bad = PROFILES[model].errors.bad_parameter
    found, unknown = net.ask(f'AT+QIDNSGIP={first},"echo.lab.test"'), net.ask(f'AT+QIDNSGIP={first},"no.lab.test"')
    if model == EIGENCOMM:
        assert found == "\r\nOK\r\n\r\n+QIDNSGIP: 0,1,600\r\n\r\n+QIDNSGIP: 192.0.2.20\r\n"
        assert unknown == "\r\nOK\r\n\r\n+QIDNSGIP: 565\r\n"
    else:
        assert found == '\r\nOK\r\n\r\n+QIURC: "dnsgip",0,1,600\r\n\r\n+QIURC: "dnsgip","192.0.2.20"\r\n'
        assert unknown == '\r\nOK\r\n\r\n+QIURC: "dnsgip",565\r\n'
    assert "192.0.2.7" in net.ask(f"AT+QIDNSGIP={first},192.0.2.7")
    for values in ("", f"{first}", f'{first},"a..b"', '9,"echo.lab.test"', f'{first},""', f'{first},"a",1'):
        refused(net, f"AT+QIDNSGIP={values}", bad)
    net.say("AT+CGATT=0")
    refused(net, f'AT+QIDNSGIP={first},"echo.lab.test"', bad and 3)


@pytest.mark.parametrize("model", ["BC28", "BC35-G", "BC95 R2.0"])
def test_names_of_the_neul_families(model: str) -> None:
    net = Net(model)
    assert net.ask("AT+QDNS=0,echo.lab.test") == "\r\nOK\r\n\r\n+QDNS:192.0.2.20\r\n"
    assert net.ask('AT+QDNS=2,"no.lab.test"') == "\r\nOK\r\n\r\n+QDNS:QUERY_DNS_FAILED\r\n"
    accepted(net, "AT+QDNS=1")
    accepted(net, "AT+QDNS=1,echo.lab.test")
    for values in ("", "0", "2", "3,echo.lab.test", "0,a..b", "0,a.b,1"):
        refused(net, f"AT+QDNS={values}", 50)
    net.say("AT+CGATT=0")
    refused(net, "AT+QDNS=0,echo.lab.test", 3)


@pytest.mark.parametrize("model", RDY)
def test_pings(model: str) -> None:
    net, first = Net(model), context(model)
    one = '\r\n+QPING: 0,"192.0.2.20",32,420,54\r\n'
    assert net.ask(f'AT+QPING={first},"192.0.2.20"') == "\r\nOK\r\n" + 4 * one + ("\r\n+QPING: 0,4,4,0,420,420,420\r\n")
    assert net.ask(f'AT+QPING={first},"echo.lab.test",1,1,200').count("32") == 0
    assert net.ask(f'AT+QPING={first},"no.lab.test"') == "\r\nOK\r\n\r\n+QPING: 565\r\n"
    net.pings_lost = True
    lost = net.ask(f'AT+QPING={first},"192.0.2.20",4,2')
    assert lost == "\r\nOK\r\n" + 2 * "\r\n+QPING: 569\r\n" + "\r\n+QPING: 0,2,0,2\r\n"
    for more in ("0", "256", "4,0", "4,11", "4,4,31", "4,4,201", "4,4,32,1"):
        refused(net, f'AT+QPING={first},"1.2.3.4",{more}', PROFILES[model].errors.bad_parameter)
    for values in ("", f"{first}", '9,"1.2.3.4"', f'{first},"a..b"'):
        refused(net, f"AT+QPING={values}", PROFILES[model].errors.bad_parameter)


@pytest.mark.parametrize("model", RDY)
def test_the_time(model: str) -> None:
    net, first = Net(model), context(model)
    zone = "" if model == EIGENCOMM else "+32"
    for server in ("192.0.2.22", "ntp.lab.test"):
        assert net.ask(f'AT+QNTP={first},"{server}"') == f'\r\nOK\r\n\r\n+QNTP: 0,"26/11/30,12:00:00{zone}"\r\n'
    net.silent = True
    assert net.ask(f'AT+QNTP={first},"192.0.2.22",124,0') == "\r\nOK\r\n"
    refused(net, f'AT+QNTP={first},"192.0.2.22"', PROFILES[model].errors.bad_parameter and 3)
    net.advance(25)
    none = "2" if model.startswith(("BC25", "BC32")) else "569"
    assert net.heard() == f"\r\n+QNTP: {none}\r\n"
    assert [peer for peer, _ in net.sent if peer[1] == 124] == [("192.0.2.22", 124)] * 4, "asked again every 5 s"
    for values in ("", f"{first}", f'{first},"a..b"', '9,"a.b"', f'{first},"a.b",0', f'{first},"a.b",65536'):
        refused(net, f"AT+QNTP={values}", PROFILES[model].errors.bad_parameter)
    refused(net, f'AT+QNTP={first},"a.b",123,2', PROFILES[model].errors.bad_parameter)
