"""AT+DMPCONFIG and AT+QDMPCFG, type by type: bounds, blanks, errors, saved against in use (D4, D11, D28-D39)."""

from __future__ import annotations

import pytest
from commands_bench import accepted, refused
from player import Bench

from nbtwin.module.nvram import MemoryStorage

DOC_A = ("BC35-G", "BC28", "BC95 R2.0")
DOC_B = ("BC26", "BC20")
DOC_C = ("BC260Y-CN",)
DOC_D = ("BC25", "BC25-B5", "BC25-B8", "BC32", "BC32-B8")
ALL = DOC_A + DOC_B + DOC_C + DOC_D
NAME = {model: "+DMPCONFIG" if model in DOC_A else "+QDMPCFG" for model in ALL}
BAD = {**dict.fromkeys(DOC_A, 50), **dict.fromkeys(DOC_B + DOC_C), **dict.fromkeys(DOC_D, 53)}  # D30
NO_FORM = {**dict.fromkeys(DOC_A, 4), **dict.fromkeys(DOC_B + DOC_C), **dict.fromkeys(DOC_D, 4)}
IMEI = "863703030822519"
LONGEST = "x" * 255
every_model = pytest.mark.parametrize("model", ALL)


def said(model: str, text: str) -> str:
    """The answer to types 4 and 6: no prefix in DOC-A."""
    return text if model in DOC_A else f"+QDMPCFG: {text}"


def filled(line: str, model: str) -> str:
    return line.replace("*", f"AT{NAME[model]}")


FINE = [
    "*=0,0", "*=0,1", "*=0, 1", "*= 0,1",
    "*=1,1.2.3.4,5683,300", "*=1,1.2.3.4,5683,4294966", "*=1,1.2.3.4,1000,420", "*=1,1.2.3.4,65535,420",
    '*=1,"1.2.3.4",5683,420', "*=1,255.255.255.255,5683,86400", "*=1 , 1.2.3.4 , 5683 , 420",
    f'*=2,"k","p",0,{IMEI}', f'*=2,"k","p",2,{IMEI}', '*=2,"k","p",1,1234567890123456',
    '*=2,"k","p",1,12345678901234567', f'*=2,"k","p",1,"{IMEI}"', f'*=2,"{LONGEST}","{LONGEST}",1,{IMEI}',
    f'*=2,"a;b,c","p",1,{IMEI}',
    "*=4,0", "*=4,1", "*=4,2", "*=5,0", "*=5,1", "*=5,2", "*=5,4", "*=6",
]  # fmt: skip

WRONG = [
    # type
    "*=", "*=,", "*=7", "*=8", "*=-1", "*=x", '*="0",1', "*=00x", "*=0 0,1",
    # 0,<mode>
    "*=0", "*=0,", "*=0,2", "*=0,-1", "*=0,a", '*=0,"1"', "*=0,1,1", "*=0,1,", "*=0,1 1",
    # 1,<server>,<port>,<period>
    "*=1", "*=1,1.2.3.4,5683,299", "*=1,1.2.3.4,5683,4294967",
    "*=1,1.2.3.4,5683,99999999999999999999999", "*=1,1.2.3.4,65536,420", "*=1,1.2.3.4,0,420", "*=1,1.2.3.4,-1,420",
    "*=1,1.2.3,5683,420", "*=1,1.2.3.256,5683,420", "*=1,1.2.3.4.5,5683,420", "*=1,1.2. 3.4,5683,420",
    "*=1,1.2.3.4,56 83,420", '*=1,"1.2.3.4,5683,420', "*=1,1.2.3.4,x,420", "*=1,1.2.3.4,5683,x",
    "*=1,1.2.3.4,5683,420,1", "*=1,1.2.3.4,5683,420,", '*=1,"",5683,420', "*=1,1.2.3.4,5683,4 20", "*=1,-a,5683,420",
    # 2,<appkey>,<password>,<type>,<IMEI>: quotes are required around the first two (D37)
    "*=2", '*=2,"k"', '*=2,"k","p"', '*=2,"k","p",1', f'*=2,k,"p",1,{IMEI}', f'*=2,"k",p,1,{IMEI}',
    f'*=2,,"p",1,{IMEI}', f'*=2,"k",,1,{IMEI}', f'*=2,"k","p",,{IMEI}', '*=2,"k","p",1,', f'*=2,"","p",1,{IMEI}',
    f'*=2,"k","",1,{IMEI}', f'*=2,"k","p",3,{IMEI}', '*=2,"k","p",1,12345678901234', '*=2,"k","p",1,123456789012345678',
    '*=2,"k","p",1,86370303082251x', f'*=2,"k","p",1,{IMEI},1', f'*=2,"{LONGEST}x","p",1,{IMEI}',
    f'*=2,"k","{LONGEST}x",1,{IMEI}', f'*=2,"k"x,"p",1,{IMEI}',
    # 4,<queryOpt> and 5,<eraseOpt>
    "*=4", "*=4,", "*=4,4", "*=4,5", "*=4,0,0", "*=4,x", "*=5", "*=5,", "*=5,5", "*=5,-1", "*=5,4,4",
    # 6
    "*=6,", "*=6,0",
]  # fmt: skip


@pytest.mark.parametrize("line", FINE)
@every_model
def test_every_value_that_the_document_allows_is_taken(model: str, line: str) -> None:
    assert Bench(model).say(filled(line, model))[-1] == "OK"


@every_model
def test_every_other_value_is_an_error_and_changes_nothing(model: str) -> None:
    bench = Bench(model)
    accepted(bench, filled("*=1,9.8.7.6,5000,4000", model))
    accepted(bench, filled(f'*=2,"key","secret",0,{IMEI}', model))
    for line in WRONG:
        refused(bench, filled(line, model), BAD[model])


@every_model
def test_forms_that_do_not_exist_are_not_supported(model: str) -> None:
    bench = Bench(model)
    refused(bench, filled("*", model), NO_FORM[model])
    refused(bench, filled("*?1", model), NO_FORM[model])
    refused(bench, filled("*x=0,1", model))  # another command: plain ERROR (D61)


@every_model
def test_a_value_with_a_byte_that_is_not_ascii_is_an_error(model: str) -> None:
    bench = Bench(model)
    before = bench.storage.content
    for text in (f'*=2,"schlüssel","p",1,{IMEI}', f'*=2,"k","中移",1,{IMEI}', f'*=2,"k","p\x7f",1,{IMEI}'):
        assert bench.write(filled(text, model).encode() + b"\r") == b"\r\nERROR\r\n"
    assert bench.storage.content == before


@pytest.mark.parametrize("model", DOC_B + DOC_C + DOC_D)
def test_type_and_option_3_are_reserved(model: str) -> None:
    """D35."""
    bench = Bench(model)
    for line in ("AT+QDMPCFG=3", "AT+QDMPCFG=3,46004", "AT+QDMPCFG=4,3", "AT+QDMPCFG=5,3"):
        refused(bench, line, BAD[model])


@pytest.mark.parametrize("model", DOC_A)
def test_plmns_are_one_to_three_numbers_of_five_or_six_digits(model: str) -> None:
    bench = Bench(model)
    accepted(bench, "AT+DMPCONFIG=3,46004,460081")
    accepted(bench, "AT+DMPCONFIG=4,3", "3,46004,460081")
    for line in (
        "3",
        "3,",
        "3,4600",
        "3,4600400",
        "3,46004,",
        "3,46004,46005,46006,46007",
        "3,4600x",
        "3,46004,,46005",
    ):
        refused(bench, f"AT+DMPCONFIG={line}", 50)
    accepted(bench, "AT+DMPCONFIG=3,46000")  # replaces the list: D32
    accepted(bench, "AT+DMPCONFIG=4,3", "3,46000")
    accepted(bench, "AT+DMPCONFIG=5,3")
    accepted(bench, "AT+DMPCONFIG=4,3", "3, ")


@pytest.mark.parametrize(("model", "lowest"), [*((m, 1) for m in DOC_A + DOC_B + DOC_C), *((m, 1000) for m in DOC_D)])
def test_the_lowest_port_is_the_documents(model: str, lowest: int) -> None:
    """D38; DOC-D 3.2.1 begins at 1000."""
    bench = Bench(model)
    accepted(bench, filled(f"*=1,1.2.3.4,{lowest},420", model))
    refused(bench, filled(f"*=1,1.2.3.4,{lowest - 1},420", model), BAD[model])


@every_model
def test_only_doc_c_takes_a_domain_as_server(model: str) -> None:
    bench = Bench(model)
    for line in ("*=1,m.fxlttsbl.com,5683,420", '*=1,"m.fxlttsbl.com",5683,420'):
        if model in DOC_C:
            accepted(bench, filled(line, model))
            accepted(bench, filled("*=4,1", model), "+QDMPCFG: 1,m.fxlttsbl.com,5683,420")
        else:
            refused(bench, filled(line, model), BAD[model])
    refused(bench, filled("*=1,1.2.3.999,5683,420", model), BAD[model])  # never a name


@pytest.mark.parametrize(
    ("models", "shown"),
    [
        (("BC35-G", "BC28"), "1, , ,600"),  # cleared: D31
        (DOC_B, "1,117.161.2.41,5683,600"),  # the default: D4
        (DOC_C + DOC_D, "1,9.8.7.6,5000,600"),  # what was saved before: D4
    ],
)
def test_what_an_empty_server_field_does_is_the_documents(models: tuple[str, ...], shown: str) -> None:
    for model in models:
        bench = Bench(model)
        accepted(bench, filled("*=1,9.8.7.6,5000,4000", model))
        accepted(bench, filled("*=1,,,600", model))
        accepted(bench, filled("*=4,1", model), said(model, shown))


@pytest.mark.parametrize("model", DOC_B + DOC_C + DOC_D)
def test_an_empty_period_too_is_the_default_or_what_was_saved(model: str) -> None:
    """D4, D36."""
    bench = Bench(model)
    accepted(bench, "AT+QDMPCFG=1,9.8.7.6,5000,4000")
    accepted(bench, "AT+QDMPCFG=1,1.1.1.1,1234,")
    accepted(bench, "AT+QDMPCFG=4,1", f"+QDMPCFG: 1,1.1.1.1,1234,{86400 if model in DOC_B else 4000}")


@pytest.mark.parametrize("model", DOC_B + DOC_C + DOC_D)
def test_what_is_left_out_at_the_end_is_as_if_it_were_empty(model: str) -> None:
    """The documents' brackets: <type>[,<parameter1>[,<parameter2>…]]]. DOC-B 2.1 note 2, DOC-C 3.1.1; D4."""
    for line, default, kept in (
        ("1,1.1.1.1,1234", "1,1.1.1.1,1234,86400", "1,1.1.1.1,1234,4000"),
        ("1,1.1.1.1", "1,1.1.1.1,5683,86400", "1,1.1.1.1,5000,4000"),
        ("1,,1234", "1,117.161.2.41,1234,86400", "1,9.8.7.6,1234,4000"),
    ):
        bench = Bench(model)
        accepted(bench, "AT+QDMPCFG=1,9.8.7.6,5000,4000")
        accepted(bench, f"AT+QDMPCFG={line}")
        accepted(bench, "AT+QDMPCFG=4,1", f"+QDMPCFG: {default if model in DOC_B else kept}")
    refused(bench, "AT+QDMPCFG=1", BAD[model])  # which says nothing at all


@pytest.mark.parametrize("model", DOC_A)
def test_doc_a_has_no_empty_period(model: str) -> None:
    for line in ("1,1.2.3.4,5683,", "1,1.2.3.4,5683", "1,1.2.3.4"):
        refused(Bench(model), f"AT+DMPCONFIG={line}", 50)


def test_bc95_r2_omits_neither_server_nor_port() -> None:
    """DOC-A 2.1 note."""
    bench = Bench("BC95 R2.0")
    for line in ("1,,,300", "1, , ,300", "1,1.2.3.4,,300", "1,,5683,300"):
        refused(bench, f"AT+DMPCONFIG={line}", 50)
    accepted(Bench("BC28"), "AT+DMPCONFIG=1,1.2.3.4,,300")


@every_model
def test_the_read_of_a_fresh_module_shows_the_defaults(model: str) -> None:
    """D20, D28, D39: the read shows 117.161.2.41 until a server is set."""
    name, period = NAME[model], 900 if model == "BC95 R2.0" else 86400
    accepted(
        Bench(model), f"AT{name}?", f"{name}: 0,1", f"{name}: 1,117.161.2.41,5683,{period}",
        f"{name}: 2,M100000089,nbtw****,1,{IMEI}",
    )  # fmt: skip


@every_model
def test_type_4_of_a_fresh_module(model: str) -> None:
    """D34: the default; DOC-A: one space a field."""
    bench = Bench(model)
    shown = (
        ("0, ", "1, , , ", "2, , , , ")
        if model in DOC_A
        else ("0,1", "1,117.161.2.41,5683,86400", f"2,M100000089,nbtw****,1,{IMEI}")
    )
    for option, text in enumerate(shown):
        accepted(bench, filled(f"*=4,{option}", model), said(model, text))


@every_model
def test_what_is_saved_comes_into_use_at_the_next_boot(model: str) -> None:
    """D33."""
    bench, name = Bench(model), NAME[model]
    fresh = bench.say(f"AT{name}?")
    accepted(bench, filled("*=1,9.8.7.6,5000,4000", model))
    accepted(bench, filled('*=2,"key","abc",2,123456789012345', model))
    assert bench.say(f"AT{name}?") == fresh
    bench.happen("reboot")
    accepted(
        bench, f"AT{name}?", f"{name}: 0,1", f"{name}: 1,9.8.7.6,5000,4000", f"{name}: 2,key,abc****,2,123456789012345"
    )


@every_model
def test_what_is_saved_survives_a_power_cut(model: str) -> None:
    bench = Bench(model)
    accepted(bench, filled("*=1,9.8.7.6,5000,4000", model))
    again = Bench(model, storage=MemoryStorage(bench.storage.content))
    accepted(again, filled("*=4,1", model), said(model, "1,9.8.7.6,5000,4000"))


@pytest.mark.parametrize("option", [0, 1, 2, 4])
@every_model
def test_erasing_erases_what_it_names_and_nothing_else(model: str, option: int) -> None:
    bench = Bench(model)
    unset = [bench.say(filled(f"*=4,{kind}", model)) for kind in (0, 1, 2)]
    for line in ("*=0,0", "*=1,9.8.7.6,5000,4000", '*=2,"key","secret",2,123456789012345'):
        accepted(bench, filled(line, model))
    if model in DOC_A:
        accepted(bench, filled("*=3,46004", model))
    saved = [bench.say(filled(f"*=4,{kind}", model)) for kind in (0, 1, 2)]
    accepted(bench, filled(f"*=5,{option}", model))
    for kind in (0, 1, 2):
        shown = bench.say(filled(f"*=4,{kind}", model))
        assert shown == (unset if option in (kind, 4) else saved)[kind]
    if model in DOC_A:
        accepted(bench, filled("*=4,3", model), "3, " if option == 4 else "3,46004")


@pytest.mark.parametrize(("password", "shown"), [("abcdef", "abcd****"), ("abcd", "abcd****"), ("a", "a****")])
def test_four_characters_of_a_password_are_shown(password: str, shown: str) -> None:
    bench = Bench("BC32")
    accepted(bench, f'AT+QDMPCFG=2,"k","{password}",1,{IMEI}')
    accepted(bench, "AT+QDMPCFG=4,2", f"+QDMPCFG: 2,k,{shown},1,{IMEI}")


@every_model
def test_with_access_off_doc_d_reads_the_mode_alone(model: str) -> None:
    """D11: by the mode in use, not the saved one."""
    bench = Bench(model)
    accepted(bench, filled("*=0,0", model))
    assert len(bench.say(f"AT{NAME[model]}?")) == 4
    bench.happen("reboot")
    assert len(bench.say(f"AT{NAME[model]}?")) == (2 if model in DOC_D else 4)
    assert bench.say(f"AT{NAME[model]}?")[0] == f"{NAME[model]}: 0,0"


@every_model
def test_the_state_is_initial_while_nothing_runs(model: str) -> None:
    accepted(Bench(model, usim=None), filled("*=6", model), said(model, "6,0"))


@pytest.mark.parametrize("model", DOC_A)
def test_without_ont_firmware_dmpconfig_is_not_supported(model: str) -> None:
    """DOC-A 1; D30, D51."""
    bench = Bench(model, firmware="BC28JAR01A10")
    for form in ("=?", "?", "=0,1", "=1,1.2.3.4,5683,420", "=4,0", "=5,4", "=6"):
        refused(bench, f"AT+DMPCONFIG{form}", 4)
    for malformed in ("", "=", "=9", "=0", "=0,7", "=1,x", "=1,1.2.3.4,99999,1", "=2,unquoted", "?x", "=4,4,4"):
        refused(bench, f"AT+DMPCONFIG{malformed}", 4)  # whatever else is wrong with it
    bench.happen("firmware BC28JAR01A11_ONT")
    accepted(bench, "AT+DMPCONFIG=0,1")


@every_model
def test_a_failing_nvram_is_a_memory_failure_and_changes_nothing(model: str) -> None:
    class Worn(MemoryStorage):
        def save(self, content: bytes) -> None:
            raise OSError("no space left")

    bench = Bench(model, storage=Worn())
    refused(bench, filled("*=0,0", model), None if model in DOC_B + DOC_C else 23)


@pytest.mark.parametrize("model", DOC_D)
def test_under_cmee_2_doc_d_says_the_error_in_words(model: str) -> None:
    bench = Bench(model)
    accepted(bench, "AT+CMEE=2")
    assert bench.say("AT+QDMPCFG=0,7") == ["+CME ERROR: Param invalid"]
    assert bench.say("AT+QDMPCFG") == ["+CME ERROR: Operation not supported"]


@every_model
def test_the_command_in_lower_case_and_in_a_chain(model: str) -> None:
    bench = Bench(model)
    name = NAME[model].lower()
    assert bench.say(f"at{name}=0,0;{name}=4,0;{name}=0,9;{name}=0,1") == [said(model, "0,0"), "ERROR"]
    accepted(bench, filled("*=4,0", model), said(model, "0,0"))  # what follows the failure was not executed
