"""AT+QDMPCFGEX: six types, three acts, the longest values (D3, D33, D37)."""

from __future__ import annotations

import pytest
from commands_bench import accepted, refused
from player import Bench

DOC_BC = ("BC26", "BC20", "BC260Y-CN")
DOC_D = ("BC25", "BC25-B5", "BC25-B8", "BC32", "BC32-B8")
MODELS = DOC_BC + DOC_D
LONGEST = {0: (255,), 1: (19,), 2: (19, 19, 19, 47), 3: (47, 47), 4: (7, 19, 47, 19), 5: (255,)}
TYPES = pytest.mark.parametrize("kind", sorted(LONGEST))
every_model = pytest.mark.parametrize("model", MODELS)


def bad(model: str) -> int | None:
    return 53 if model in DOC_D else None


def quoted(*values: str) -> str:
    return ",".join(f'"{value}"' for value in values)


@TYPES
@every_model
def test_each_value_is_taken_up_to_its_longest(model: str, kind: int) -> None:
    bench = Bench(model)
    longest = ["x" * size for size in LONGEST[kind]]
    accepted(bench, f"AT+QDMPCFGEX={kind},0,{quoted(*longest)}")
    accepted(bench, f"AT+QDMPCFGEX={kind},1", f"+QDMPCFGEX: {kind},{','.join(longest)}")
    for position in range(len(longest)):
        over = [value + "x" * (place == position) for place, value in enumerate(longest)]
        refused(bench, f"AT+QDMPCFGEX={kind},0,{quoted(*over)}", bad(model))
        empty = ["" if place == position else value for place, value in enumerate(longest)]
        refused(bench, f"AT+QDMPCFGEX={kind},0,{quoted(*empty)}", bad(model))
        bare = [value if place == position else f'"{value}"' for place, value in enumerate(longest)]
        refused(bench, f"AT+QDMPCFGEX={kind},0,{','.join(bare)}", bad(model))
        blank = ["" if place == position else f'"{value}"' for place, value in enumerate(longest)]
        refused(bench, f"AT+QDMPCFGEX={kind},0,{','.join(blank)}", bad(model))


@TYPES
@every_model
def test_saving_wants_every_value_and_the_other_acts_none(model: str, kind: int) -> None:
    """D122."""
    bench = Bench(model)
    count = len(LONGEST[kind])
    for given in (*range(count), count + 1):
        values = "".join(f',"{n}"' for n in range(given))
        refused(bench, f"AT+QDMPCFGEX={kind},0{values}", bad(model))
    for act in (1, 2):
        refused(bench, f'AT+QDMPCFGEX={kind},{act},"x"', bad(model))


@TYPES
@every_model
def test_nothing_saved_and_erased_read_as_null(model: str, kind: int) -> None:
    """D3."""
    bench = Bench(model)
    null = f"+QDMPCFGEX: {kind},{','.join(['NULL'] * len(LONGEST[kind]))}"
    accepted(bench, f"AT+QDMPCFGEX={kind},1", null)
    accepted(bench, f"AT+QDMPCFGEX={kind},0,{quoted(*'abcd'[: len(LONGEST[kind])])}")
    accepted(bench, f"AT+QDMPCFGEX={kind},2")
    accepted(bench, f"AT+QDMPCFGEX={kind},1", null)
    accepted(bench, f"AT+QDMPCFGEX={kind},2")  # nothing to erase is no error


@every_model
def test_what_is_not_a_type_or_an_act_is_an_error(model: str) -> None:
    bench = Bench(model)
    for line in ("=", "=6,1", "=-1,1", "=x,1", "=1", "=1,", "=1,3", "=1,x", '=1,"1"', '=,0,"x"', '=1,,"x"', "=1,1,"):
        refused(bench, f"AT+QDMPCFGEX{line}", bad(model))


@every_model
def test_forms_that_no_document_has(model: str) -> None:
    bench = Bench(model)
    refused(bench, "AT+QDMPCFGEX?", 4 if model in DOC_D else None)
    refused(bench, "AT+QDMPCFGEX", 4 if model in DOC_D else None)


def test_the_read_shows_what_is_saved_before_and_after_the_boot() -> None:
    """D33."""
    bench = Bench("BC26")
    accepted(bench, 'AT+QDMPCFGEX=1,0,"00-01"')
    assert bench.module.in_use.extended == {}
    bench.happen("reboot")
    assert bench.module.in_use.extended == {1: ["00-01"]}
    accepted(bench, "AT+QDMPCFGEX=1,1", "+QDMPCFGEX: 1,00-01")


@pytest.mark.parametrize("model", ["BC35-G", "BC28", "BC95 R2.0"])
def test_doc_a_does_not_have_it(model: str) -> None:
    refused(Bench(model), "AT+QDMPCFGEX=1,1")


APPLICATIONS = "微信|com.tencent.mm|990650|9123;météo|w|1|2"


@every_model
def test_names_of_applications_are_utf_8_and_counted_in_bytes(model: str) -> None:
    """D123: the documents bound bytes, and the users of these modules name applications in Chinese."""
    bench = Bench(model)
    accepted(bench, f'AT+QDMPCFGEX=0,0,"{APPLICATIONS}"')
    accepted(bench, "AT+QDMPCFGEX=0,1", f"+QDMPCFGEX: 0,{APPLICATIONS}")
    accepted(bench, f'AT+QDMPCFGEX=1,0,"{"水" * 6}x"')  # 19 bytes
    refused(bench, f'AT+QDMPCFGEX=1,0,"{"水" * 6}xx"', bad(model))
    bench.happen("reboot")
    accepted(bench, "AT+QDMPCFGEX=0,1", f"+QDMPCFGEX: 0,{APPLICATIONS}")
    for broken in (b"\xe6\xb0", b"\xb0", b"\xc0\x80", b"\xed\xa0\x80", b"\xff", b"\x7f", "\x85".encode()):
        assert bench.write(b'AT+QDMPCFGEX=1,0,"' + broken + b'"\r').endswith(b"\r\nERROR\r\n"), broken
    assert bench.write("AT+QDMPCFGEX=1,0,水\r".encode()).endswith(b"\r\nERROR\r\n")
    accepted(bench, "AT+QDMPCFGEX=1,1", f"+QDMPCFGEX: 1,{'水' * 6}x")


def test_the_blocks_of_an_application_are_kept_as_they_come() -> None:
    """Their fourth part is a count (D63), and nobody checks it."""
    bench = Bench("BC25")
    accepted(bench, 'AT+QDMPCFGEX=0,0,"QQ|FW03|11650|92551;;|| "')
    accepted(bench, "AT+QDMPCFGEX=0,1", "+QDMPCFGEX: 0,QQ|FW03|11650|92551;;|| ")
