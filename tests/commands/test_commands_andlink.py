"""The sixteen Andlink commands: syntax, storage, errors, and what they ask of a protocol engine (DOC-E 3)."""

from __future__ import annotations

from typing import Any

import pytest
from commands_bench import accepted, refused
from player import Bench

from nbtwin.coap.numbers import Code, dotted
from nbtwin.lwm2m.client.channel import ChannelState
from nbtwin.lwm2m.client.states import DataStatus, RegistrationState, ReleaseAssistance
from nbtwin.module.module import Module
from nbtwin.module.nvram import MemoryStorage
from nbtwin.profiles.models import PROFILES

KEY = "E8E19CC16CE1F388E8E19CC16CE1F388"
IMEI = "863703030822519"


@pytest.fixture
def bench() -> Bench:
    return Bench("BC28")


class Engine:
    """A protocol that does nothing and notes what it is asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.registration_state = RegistrationState.MO_DATA_ENABLED
        self.registered = True
        self.data_status = DataStatus.SUCCEEDED
        self.dtls_state = ChannelState.DONE
        self.updating = self.uplink_waits = False
        self.in_turn = self.may_stop = True

    def register(self, now: float) -> None:
        self.asked.append(("register",))

    def deregister(self, now: float) -> None:
        self.asked.append(("deregister",))

    def send_data(self, now: float, confirmable: bool, release: ReleaseAssistance, payload: bytes) -> None:
        self.asked.append((confirmable, release, payload))

    def awaits(self, message_id: int, token: bytes) -> bool:
        return (message_id, token) == (48767, bytes.fromhex("6CBBD6861BC43359"))

    def respond(self, now: float, message_id: int, token: bytes, code: Code, payload: bytes) -> None:
        self.asked.append((message_id, token, dotted(code), payload))

    def control_update(self, now: float, step: int) -> bool:
        self.asked.append(("update", step))
        return self.in_turn

    def stop_update(self, now: float) -> bool:
        self.asked.append(("stop",))
        return self.may_stop

    def reset_dtls(self, now: float) -> None:
        self.asked.append(("reset",))


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    """The module of ``bench`` has this one: the commands ask ``m.andlink`` for it."""
    engine = Engine()
    monkeypatch.setattr(Module, "andlink", engine, raising=False)
    return engine


# Syntax: every command's own errors are 50, and nothing changes

WRONG = [
    # 3.1: both words in quotes, as the examples print them (D37)
    'QLASERVERIP=BS,"1.2.3.4",5683', 'QLASERVERIP="BS",1.2.3.4,5683', 'QLASERVERIP="XX","1.2.3.4"', 'QLASERVERIP="BS"',
    'QLASERVERIP="BS",', 'QLASERVERIP="BS","",5683', 'QLASERVERIP="BS","1.2.3.4",', 'QLASERVERIP="BS","1.2.3.4",65536',
    'QLASERVERIP="BS","1.2.3.4",-1', 'QLASERVERIP="BS","1.2.3.4",5683,1', 'QLASERVERIP="","1.2.3.4"', "QLASERVERIP=",
    'QLASERVERIP="BS","1.2.3.999"', 'QLASERVERIP="BS","a b.c"', 'QLASERVERIP="DEL","1.2.3.4"',  # none there: D49
    # 3.2, 3.16
    *(f"{name}={values}" for name in ("QLASECSWT", "QLABSSECSWT", "QBSSECSWT")
      for values in ("", "2", "-1", "x", "1,2", "1,", "1,x", "1,1,1", '"1"', "1 1")),
    # 3.3, 3.15: the key is 32 hex digits (D16), the identity the IMEI or 0
    *(f"{name}={values}" for name in ("QLASETPSK", "QLASETBSPSK", "QSETBSPSK")
      for values in ("", IMEI, f"{IMEI},", f",{KEY}", f"{IMEI},{KEY[:-1]}", f"{IMEI},{KEY[:-2]}", f"{IMEI},{KEY}0",
                     f"{IMEI},{KEY[:16]}", f"{IMEI},{KEY[:-1]}G", f"867724030000225,{KEY}", f"1,{KEY}", f"00,{KEY}",
                     f"86370303082251,{KEY}", f"{IMEI},{KEY},1", f'"{IMEI}",{KEY}')),
    # 3.4, 3.8, 3.9, 3.14
    *(f"{name}={value}" for name in ("QLASREGIND", "QLAREGSWT") for value in ("", "2", "-1", "x", "0,0", '"0"')),
    *(f"QLAFOTAIND={value}" for value in ("", "6", "-1", "x", "0,0")),
    *(f"QLAFOTARESET={value}" for value in ("", "0", "2", "x", "1,1")),
    # 3.5: length 0 is an error too (D61); data on the line has exactly <length> bytes (D25)
    *(f"{name}={values}" for name in ("QLASENDDATA", "QLASENDATA")
      for values in ("", "0x0100", "0x0100,", "0x0100,0", "0x0100,1025", "0x0100,x", "0x0002,5", "0x1000,5", "256,5",
                     "100,5", ",5", "0x0100,5,", "0x0100,5,1234", "0x0100,5,123456", "0x,5", "0x0100,-1")),
    # 3.6: an odd number of hex digits (D45)
    *(f"QLASENDRSP={values}" for values in (
        "", "48767", "48767,6CBBD6861BC43359", "48767,6CBBD6861BC43359,1", "48767,6CBBBD6861BC43359,1,48",
        "48767,6CBBD6861BC43359,3,0", "48767,6CBBD6861BC43359,1,1025", "48767,6CBBD6861BC43359,1,-1", "65536,6C,1,0",
        "48767,,1,0", ",\"\",1,0", ",6C,1,0", "48767,XY,1,0", "48767,6CBBD6861BC4335900,1,0", "48767,6C,1,0,1",
        "48767,6C,1,")),
    # 3.13: in quotes
    'QCFG="LWM2M/DeviceType",31301', 'QCFG="LWM2M/DeviceType",', 'QCFG="LWM2M/DeviceType",""',
    'QCFG="LWM2M/DeviceType","1","2"', 'QCFG="LWM2M/Lifetime"', f'QCFG="LWM2M/DeviceType","{"x" * 256}"',
]  # fmt: skip


def test_every_wrong_value_is_error_50_and_changes_nothing(bench: Bench, engine: Engine) -> None:
    """With a protocol that would take anything; D30, D36."""
    for line in WRONG:
        refused(bench, f"AT+{line}", 50)
    assert engine.asked == []


NO_SUCH_FORM = {  # the forms that DOC-E 3 does not print
    "QLASERVERIP": ("=?", ""), "QLASECSWT": ("=?", ""), "QLASETPSK": ("=?", ""), "QLASREGIND": ("=?", "?", ""),
    "QLASENDDATA": ("=?", "?", ""), "QLASENDRSP": ("=?", "?", ""), "QLADASTATUS": ("=?", "=1", ""),
    "QLADATASTATUS": ("=?", "=1", ""), "QLAULDATASTATUS": ("=?", "=1", ""), "QLAFOTAIND": ("=?", "?", ""),
    "QLAREGSWT": ("=?", ""), "QLASTATUS": ("=?", "=1", ""), "QLARESETDTLS": ("=?", "?", "=1"),
    "QLADTLSSTAT": ("=?", "=1", ""), "QLAFOTARESET": ("=?", "?", ""), "QLASETBSPSK": ("=?", ""),
    "QLABSSECSWT": ("=?", ""),
}  # fmt: skip


def test_forms_that_doc_e_does_not_print_are_not_supported(bench: Bench) -> None:
    """D30, D60."""
    for name, forms in NO_SUCH_FORM.items():
        for form in forms:
            refused(bench, f"AT+{name}{form}", 4)


def test_only_bc28_has_them() -> None:
    names = [command.name for command in PROFILES["BC28"].commands if command.source.startswith("DOC-E 3.")]
    assert len({command.source for command in PROFILES["BC28"].commands if command.source.startswith("DOC-E 3.")}) == 16
    for model, profile in PROFILES.items():
        assert {command.name for command in profile.commands} & set(names) == (set(names) if model == "BC28" else set())


# 3.1 Servers


def test_servers_are_kept_in_order_and_the_same_one_once(bench: Bench) -> None:
    """D49; the port is 5683 when left out."""
    accepted(bench, "AT+QLASERVERIP?", "+QLASERVERIP:")
    for entry in ('"lwm2m","a.example"', '"BS","1.2.3.4",0', '"BS","1.2.3.4",65535', '"BS","1.2.3.4",65535'):
        accepted(bench, f"AT+QLASERVERIP={entry}")
    listed = ("+QLASERVERIP:", "LWM2M,a.example,5683", "BS,1.2.3.4,0", "BS,1.2.3.4,65535")
    accepted(bench, "AT+QLASERVERIP?", *listed)
    assert len(bench.module.in_use.andlink.servers) == 3  # at once: D5
    bench.happen("reboot")
    accepted(bench, "AT+QLASERVERIP?", *listed)


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ('"DEL","1.2.3.4",5683', ["BS,1.2.3.4,5684"]),  # both types: DEL names none
        ('"DEL","1.2.3.4",5684', ["BS,1.2.3.4,5683", "LWM2M,1.2.3.4,5683"]),
        ('"DEL","1.2.3.4"', []),  # every port
    ],
)
def test_del_removes_every_match(bench: Bench, line: str, left: list[str]) -> None:
    """D49."""
    for entry in ('"BS","1.2.3.4",5683', '"LWM2M","1.2.3.4",5683', '"BS","1.2.3.4",5684'):
        accepted(bench, f"AT+QLASERVERIP={entry}")
    accepted(bench, f"AT+QLASERVERIP={line}")
    accepted(bench, "AT+QLASERVERIP?", "+QLASERVERIP:", *left)
    refused(bench, 'AT+QLASERVERIP="DEL","1.2.3.4",9', 50)


def test_the_list_of_servers_is_bounded(bench: Bench) -> None:
    for port in range(8):
        accepted(bench, f'AT+QLASERVERIP="BS","1.2.3.4",{port}')
    refused(bench, 'AT+QLASERVERIP="BS","1.2.3.4",8', 23)


# 3.2, 3.3, 3.9, 3.13, 3.15, 3.16  What is kept


@pytest.mark.parametrize("name", ["QLASECSWT", "QLABSSECSWT"])
def test_security_is_off_until_set_and_the_nat_type_0_until_given(bench: Bench, name: str) -> None:
    """D42, D43: accepted and stored with encryption off, too."""
    accepted(bench, f"AT+{name}?", f"+{name}:0,0")
    for values, shown in (("1,1", "1,1"), ("1", "1,0"), ("0,1", "0,1"), ("0", "0,0"), ("1,0", "1,0")):
        accepted(bench, f"AT+{name}={values}")
        accepted(bench, f"AT+{name}?", f"+{name}:{shown}")
    bench.happen("reboot")
    accepted(bench, f"AT+{name}?", f"+{name}:1,0")


def test_lwm2m_security_counts_at_once_and_bootstrap_security_after_the_boot(bench: Bench) -> None:
    """D5."""
    accepted(bench, "AT+QLASECSWT=1,1")
    accepted(bench, "AT+QLABSSECSWT=1,1")
    in_use = bench.module.in_use.andlink
    assert (in_use.security, in_use.bootstrap_security) == ((1, 1), (0, 0))
    bench.happen("reboot")
    assert bench.module.in_use.andlink.bootstrap_security == (1, 1)


@pytest.mark.parametrize(("name", "answers"), [("QLASETPSK", "QSETPSK"), ("QLASETBSPSK", "QSETBSPSK")])
def test_a_key_is_never_shown(bench: Bench, name: str, answers: str) -> None:
    """D8; before one was ever set the parameter is not configured. 0 is read as what it stands for (D124)."""
    refused(bench, f"AT+{name}?", 512)
    for identity, key in ((IMEI, KEY), ("0", KEY.lower()), ("0", f'"{KEY}"')):
        accepted(bench, f"AT+{name}={identity},{key}")
        accepted(bench, f"AT+{name}?", f"+{answers}:{IMEI},***")
    psk = bench.module.saved.andlink.psk or bench.module.saved.andlink.bootstrap_psk
    assert psk is not None
    assert psk.key == KEY
    bench.happen("reboot")
    accepted(bench, f"AT+{name}?", f"+{answers}:{IMEI},***")


def test_the_two_keys_are_two(bench: Bench) -> None:
    accepted(bench, f"AT+QLASETPSK=0,{KEY}")
    refused(bench, "AT+QLASETBSPSK?", 512)


def test_other_names_are_the_same_commands(bench: Bench) -> None:
    """D44."""
    accepted(bench, f"AT+QSETBSPSK=0,{KEY}")
    accepted(bench, "AT+QLASETBSPSK?", f"+QSETBSPSK:{IMEI},***")
    accepted(bench, "AT+QBSSECSWT=1,1")
    accepted(bench, "AT+QLABSSECSWT?", "+QLABSSECSWT:1,1")
    accepted(bench, "AT+QBSSECSWT?", "+QLABSSECSWT:1,1")


def test_registration_is_automatic_until_set(bench: Bench) -> None:
    """D42; in force after the boot."""
    accepted(bench, "AT+QLAREGSWT?", "+QLAREGSWT:1")
    accepted(bench, "AT+QLAREGSWT=0")
    accepted(bench, "AT+QLAREGSWT?", "+QLAREGSWT:0")
    assert bench.module.in_use.andlink.automatic == 1
    bench.happen("reboot")
    assert bench.module.in_use.andlink.automatic == 0


def test_the_device_type_counts_at_once_and_is_kept(bench: Bench) -> None:
    """D5, D9."""
    accepted(bench, 'AT+QCFG="LWM2M/DeviceType"', '+QCFG: "LWM2M/DeviceType",')
    accepted(bench, 'at+qcfg="lwm2m/devicetype","31 301"')
    assert bench.module.in_use.andlink.device_type == "31 301"
    again = Bench("BC28", storage=MemoryStorage(bench.storage.content))
    accepted(again, 'AT+QCFG="LWM2M/DeviceType"', '+QCFG: "LWM2M/DeviceType",31 301')


def test_the_update_mode_is_in_use_at_once_and_not_kept(bench: Bench) -> None:
    """D5."""
    accepted(bench, "AT+QLAFOTAIND=1")
    assert bench.module.in_use.generic.config == {"QLAFOTAIND": "1"}
    accepted(bench, "AT+QLAFOTAIND=0")
    assert bench.module.in_use.generic.config == {"QLAFOTAIND": "0"}
    assert bench.module.saved.generic.config == {}
    bench.happen("reboot")
    assert bench.module.in_use.generic.config == {}


# Without a protocol: the document's errors, never a silent OK


def test_nothing_that_needs_the_protocol_is_ok_without_it(bench: Bench) -> None:
    refused(bench, "AT+QLASREGIND=0", 512)  # no server
    refused(bench, "AT+QLASREGIND=1", 513)
    accepted(bench, 'AT+QLASERVERIP="LWM2M","1.2.3.4"')
    refused(bench, "AT+QLASREGIND=0", 30)  # not attached yet
    accepted(bench, 'AT+QLASERVERIP="DEL","1.2.3.4"')
    bench.happen("attached")
    refused(bench, "AT+QLASREGIND=0", 512)
    accepted(bench, "AT+QLASTATUS?", "+QLASTATUS:MISSING_CONFIG")
    refused(bench, "AT+QLASENDDATA=0x0100,5", 513)  # D23: instead of the prompt (D61)
    refused(bench, "AT+QLASENDDATA=0x0000,5,12345", 513)
    refused(bench, "AT+QLASENDRSP=1,6C,1,0", 516)
    refused(bench, 'AT+QLASENDRSP=1,"",1,0', 516)  # a server may ask without a token (RFC 7252 5.3.1)
    for step in (2, 3, 4, 5):
        refused(bench, f"AT+QLAFOTAIND={step}", 516)  # D46
    accepted(bench, "AT+CFUN=0")
    refused(bench, "AT+QLASREGIND=0", 524)


def test_what_is_asked_without_the_protocol_is_the_initial_state(bench: Bench) -> None:
    accepted(bench, "AT+QLASTATUS?", "+QLASTATUS:UNINITIALISED")
    for name in ("QLADASTATUS", "QLADATASTATUS", "QLAULDATASTATUS"):  # each with its own name: D6
        accepted(bench, f"AT+{name}?", f"+{name}:0")
    accepted(bench, "AT+QLADTLSSTAT?", "+QLADTLSSTAT:1")  # D41
    accepted(bench, "AT+QLARESETDTLS")
    accepted(bench, "AT+QLAFOTARESET=1")  # D48


# With a protocol: what it is asked


def test_registering_asks_the_protocol(bench: Bench, engine: Engine) -> None:
    accepted(bench, 'AT+QLASERVERIP="LWM2M","1.2.3.4"')
    bench.happen("attached")
    accepted(bench, "AT+QLASREGIND=0")
    accepted(bench, "AT+QLASREGIND=1")
    assert engine.asked == [("register",), ("deregister",)]


MODES = [
    ("0x0000", False, ReleaseAssistance.NONE), ("0x0001", False, ReleaseAssistance.AT_ONCE),
    ("0x0010", False, ReleaseAssistance.AFTER_REPLY),
    ("0x0100", True, ReleaseAssistance.NONE), ("0X0101", True, ReleaseAssistance.AFTER_REPLY),
]  # fmt: skip


@pytest.mark.parametrize("name", ["QLASENDDATA", "QLASENDATA"])
@pytest.mark.parametrize(("mode", "confirmable", "release"), MODES)
def test_data_is_sent_in_the_mode_that_was_named(
    bench: Bench, engine: Engine, name: str, mode: str, confirmable: bool, release: str | None
) -> None:
    """D44; on the line (D25) and in data mode."""
    text = '{"a,b": "c;d"} '
    accepted(bench, f"AT+{name}={mode},{len(text)},{text}")
    assert bench.write(f"AT+{name}={mode},4\r".encode()) == b"\r\n>"
    assert bench.write(b"\r\n\0\xff", chunk=1) == b"\r\nOK\r\n"
    assert engine.asked == [(confirmable, release, text.encode()), (confirmable, release, b"\r\n\0\xff")]


def test_the_longest_data_is_1024_bytes(bench: Bench, engine: Engine) -> None:
    assert bench.write(b"AT+QLASENDDATA=0x0000,1024\r" + b"x" * 1024) == b"\r\n>\r\nOK\r\n"
    accepted(bench, f"AT+QLASENDDATA=0x0000,1024,{'y' * 1024}")
    assert [payload for *_, payload in engine.asked] == [b"x" * 1024, b"y" * 1024]


def test_the_length_alone_ends_data_mode(bench: Bench, engine: Engine) -> None:
    """DOC-E 6.2 gives 48 for a text of 71 bytes (D26): what follows is read as commands."""
    text = b'{"outletStatus":"0","setTime":"1","firmware":"1.0","softVersion":"1.0"}'
    assert len(text) == 71
    answer = bench.write(b"AT+QLASENDRSP=48767,6CBBD6861BC43359,1,48\r" + text + b"\rAT\r")
    assert answer == b"\r\n>\r\nOK\r\n\r\nERROR\r\n\r\nOK\r\n"
    assert engine.asked[0][-1] == text[:48]


def test_a_second_con_uplink_must_wait_and_a_non_one_need_not(bench: Bench, engine: Engine) -> None:
    """D24."""
    engine.uplink_waits = True
    refused(bench, "AT+QLASENDDATA=0x0100,1,x", 159)
    refused(bench, "AT+QLASENDDATA=0x0101,1", 159)
    accepted(bench, "AT+QLASENDDATA=0x0000,1,x")


def test_a_registration_that_ends_during_data_mode_is_an_error(bench: Bench, engine: Engine) -> None:
    bench.write(b"AT+CMEE=1\rAT+QLASENDDATA=0x0000,1\r")
    engine.registered = False
    assert bench.write(b"x") == b"\r\n+CME ERROR: 513\r\n"
    assert engine.asked == []


@pytest.mark.parametrize(
    ("result", "code"), [(1, "2.05"), (2, "2.04"), (11, "4.00"), (12, "4.01"), (13, "4.04"), (14, "4.05")]
)
def test_an_open_request_is_answered_with_the_documents_code(
    bench: Bench, engine: Engine, result: int, code: str
) -> None:
    token = "6CBBD6861BC43359"
    accepted(bench, f"AT+QLASENDRSP=48767,{token},{result},0")
    assert bench.write(f'AT+QLASENDRSP=48767,"{token.lower()}",{result},2\r'.encode()) == b"\r\n>"
    assert bench.write(b"{}") == b"\r\nOK\r\n"
    request = (48767, bytes.fromhex(token))
    assert engine.asked == [(*request, code, b""), (*request, code, b"{}")]
    refused(bench, f"AT+QLASENDRSP=48768,{token},{result},2", 516)


def test_the_steps_of_an_update_are_asked_for(bench: Bench, engine: Engine) -> None:
    for step in (2, 3, 4, 5):
        accepted(bench, f"AT+QLAFOTAIND={step}")
    assert engine.asked == [("update", step) for step in (2, 3, 4, 5)]
    engine.in_turn = False
    refused(bench, "AT+QLAFOTAIND=2", 516)  # D46


def test_during_an_update_only_reads_and_its_own_commands_are_allowed(bench: Bench, engine: Engine) -> None:
    """DOC-E 2 note, D47."""
    engine.updating = True
    for line in ("AT+NRB", "AT+QLASREGIND=0", 'AT+QLASERVERIP="BS","1.2.3.4"', "AT+CFUN=0", "AT+DMPCONFIG=0,0",
                 "AT+QLASENDDATA=0x0000,1,x", "AT+QLARESETDTLS", "AT+QLAREGSWT=0"):  # fmt: skip
        bench.module.session.cmee = 1
        assert bench.say(line) == ["+CME ERROR: 529"], line
    for line in ("AT+QLASTATUS?", "AT+CEREG?", "AT+CSQ", "AT+CGMR", "AT+QLAFOTAIND=2", "AT+QLAFOTARESET=1"):
        assert bench.say(line)[-1] == "OK", line
    for malformed in ("AT+QLAREGSWT=", "AT+QLASECSWT=7", "AT+DMPCONFIG=1,x", "AT+CFUN=9,9,9", "AT+QLASTATUS=1"):
        assert bench.say(malformed) == ["+CME ERROR: 529"], malformed  # before its values are looked at
    engine.may_stop = False
    assert bench.say("AT+QLAFOTARESET=1") == ["+CME ERROR: 529"]
    engine.updating = False
    accepted(bench, "AT+QLAREGSWT=0")


def test_during_an_update_what_only_shows_or_sets_the_line_is_answered(bench: Bench, engine: Engine) -> None:
    """D127: DMPCONFIG's types 4 and 6 are reads, and after the update's restart a host sets echo and errors again."""
    engine.updating = True
    for line in ("ATE0", "AT+CMEE=1", "ATZ", "AT&F0", "AT+CMEE=1", "ATI0", "AT+DMPCONFIG=4,0", "AT+DMPCONFIG=6",
                 "AT+CGSN=1", "AT+NUESTATS=CELL", "AT+CGPADDR=0"):  # fmt: skip
        assert bench.say(line)[-1] == "OK", line
    assert bench.say("AT+DMPCONFIG=4") == ["+CME ERROR: 50"]
    for line in ("AT+DMPCONFIG=5,0", "AT+DMPCONFIG=", "AT+DMPCONFIG=9", "AT+CPSMS=1"):
        assert bench.say(line) == ["+CME ERROR: 529"], line


def test_states_are_the_protocols(bench: Bench, engine: Engine) -> None:
    accepted(bench, "AT+QLASTATUS?", "+QLASTATUS:MO_DATA_ENABLED")
    accepted(bench, "AT+QLAULDATASTATUS?", "+QLAULDATASTATUS:4")
    accepted(bench, "AT+QLADTLSSTAT?", "+QLADTLSSTAT:0")
    accepted(bench, "AT+QLARESETDTLS")
    assert engine.asked == [("reset",)]


def test_the_fourteen_states_are_spelled_as_printed() -> None:
    """DOC-E 3.10; D7, D59."""
    assert tuple(RegistrationState) == (
        "UNINITIALISED", "MISSING_CONFIG", "INIITIALISING", "INIITIALISED", "INIT_FAILED", "REGISTERING", "REGISTERED",
        "DEREGISTERED", "MO_DATA_ENABLED", "NO_UE_IP", "REJECTED_BY_SERVER", "TIMEOUT_AND_RETRYING", "REG_FAILED",
        "DEREG_FAILED",
    )  # fmt: skip
