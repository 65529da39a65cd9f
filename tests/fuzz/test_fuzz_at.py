"""Any bytes to any of the eleven models: no crash, bounded memory, sound NVRAM, and the next command is answered."""

from __future__ import annotations

import contextlib
import tracemalloc
from random import Random

import pytest
from fuzz_lines import ROUNDS, SEED, Lines
from player import Bench

from kept_memory import kept_by
from nbtwin.at.explain import explain
from nbtwin.at.grammar import index_of
from nbtwin.at.line import LONGEST_SHOWN
from nbtwin.at.refusals import BadParameter
from nbtwin.at.session import SILENCE, CommandAnswered
from nbtwin.module.nvram import decode
from nbtwin.profiles.models import PROFILES

MEGABYTE = 1 << 20
every_model = pytest.mark.parametrize("model", PROFILES)


def still_answers(bench: Bench) -> None:
    """Whatever is open ends, and a command is answered in full."""
    bench.write(b"\x1b\r")
    bench.advance(SILENCE + 1)
    bench.write(b"\r")
    bench.advance(60)  # a restart that a command asked for, deep sleep
    bench.write(b"ATE0Q0V1\r")  # whatever was asked for, answers are words again
    heard = bench.write(b"AT+CGMM\r")
    assert heard.endswith(b"\r\nOK\r\n"), heard
    assert bench.profile.model.split()[0].encode() in heard


def sound(bench: Bench) -> None:
    """What may be looked at after any input."""
    for event in bench.module.events():
        if isinstance(event, CommandAnswered):
            assert len(event.line) <= LONGEST_SHOWN
            assert len(event.answer) < 1000
    assert len(bench.module.nvram.snapshot()) < 16_384
    assert decode(bench.module.nvram.snapshot()) == bench.module.nvram.copy()


@every_model
def test_lines_that_are_nearly_right(model: str) -> None:
    lines, bench = Lines(PROFILES[model], SEED), Bench(model)
    bench.happen("attached")
    for number in range(ROUNDS):
        said = lines.conversation()
        try:
            for chunk in lines.chunks(said):
                bench.write(chunk)
            sound(bench)
            still_answers(bench)
        except Exception as error:
            raise AssertionError(f"seed {SEED}, round {number}: {said!r}") from error


@every_model
def test_the_chunks_of_a_conversation_do_not_matter(model: str) -> None:
    lines = Lines(PROFILES[model], SEED + 1)
    for number in range(ROUNDS // 4):
        said = lines.conversation()
        whole, pieces = Bench(model), Bench(model)
        expected = whole.write(said)
        heard = b"".join(pieces.write(chunk) for chunk in lines.chunks(said))
        assert heard == expected, f"seed {SEED}, round {number}: {said!r}"
        assert pieces.module.saved == whole.module.saved


@every_model
def test_what_a_line_means_is_what_the_module_does_with_it(model: str) -> None:
    """`nbtwin explain` says wrong where the module says ERROR; a handler or a gate may refuse more, never less."""
    profile, lines = PROFILES[model], Lines(PROFILES[model], SEED + 2)
    for number in range(ROUNDS):
        line = "AT" + lines.command()
        bench = Bench(model)
        bench.module.session.cmee = 1
        explained = explain(profile.commands, profile.errors, line)
        answer = bench.say(line)
        if not explained.ok:
            errs = [command.err for command in explained.commands if not command.ok]
            wanted = "ERROR" if explained.error or errs[0] is None else f"+CME ERROR: {errs[0]}"
            assert answer[-1:] == [wanted], f"seed {SEED}, round {number}: {line!r}"


@every_model
def test_the_binder_raises_nothing_but_its_own_error(model: str) -> None:
    random, lines = Random(SEED), Lines(PROFILES[model], SEED + 3)
    index = index_of(PROFILES[model].commands)
    for command in index.commands:
        for _ in range(ROUNDS // 4):
            texts = [*lines.command().split(","), random.randbytes(random.randint(0, 9)).decode("latin-1")]
            if command.write is not None:
                with contextlib.suppress(BadParameter):
                    command.write.bind(texts)


@every_model
def test_a_megabyte_of_noise(model: str) -> None:
    noise, bench = Random(f"{model}/{SEED}"), Bench(model)
    for _ in range(MEGABYTE // 65536):
        bench.write(noise.randbytes(65536))
        sound(bench)
    still_answers(bench)


@every_model
def test_a_line_of_a_megabyte_costs_no_memory_and_is_answered_once(model: str) -> None:
    bench, chunk = Bench(model), b"AT+QDMPCFG=1," * 512
    tracemalloc.start()
    for _ in range(MEGABYTE // len(chunk) + 1):
        assert bench.write(chunk) == b""
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 256 * 1024
    assert bench.write(b"\rAT\r") == b"\r\nERROR\r\n\r\nOK\r\n"


@every_model
def test_a_nul_anywhere_in_a_line_counts_for_nothing(model: str) -> None:
    """V.250 5.2.2."""
    bench = Bench(model)
    for line in (b"\0AT\r", b"A\0T\r", b"AT\0\r", b"\0" * 5000 + b"AT\r"):
        assert bench.write(line + b"AT\r") == b"\r\nOK\r\n\r\nOK\r\n", line
    assert bench.write(b"AT+CGMM\0\r") == bench.write(b"AT+CGMM\r")
    assert bench.write(b"\0\r" + b"\0" * 5000 + b"\r") == b""


@every_model
def test_half_a_line_followed_by_silence(model: str) -> None:
    for half in (b"A", b"AT", b"AT+QDMPCFG=1,", b'AT+QDMPCFG=2,"', b"AT;;", b"\xff\0"):
        bench = Bench(model)
        bench.happen("attached")  # what is told of the attach is told
        assert bench.write(half) == b""
        bench.advance(SILENCE + 1)
        assert bench.write(b"AT\r") == b"\r\nOK\r\n", half


def test_many_modules_under_noise_stay_small() -> None:
    benches = [Bench(model) for model in PROFILES]
    noise = Random(SEED)
    for bench in benches:
        bench.write(noise.randbytes(4096))
        bench.module.events()

    def hear() -> None:
        for _ in range(8):
            for bench in benches:
                bench.write(noise.randbytes(4096))
                bench.module.events()

    assert kept_by(hear) / len(benches) < 16 * 1024
