"""What faults do to a module's serial line: where lines may be put in, what comes late, what is lost, and that the same
seed disturbs the same bytes however a host's bytes come."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbtwin.lab.facts import SerialLineDisturbed
from nbtwin.lab.line_tables import answer_limit
from nbtwin.lab.uart import heard
from nbtwin.module.identity import Usim
from nbtwin.profiles.models import PROFILES
from nbtwin.runtime.simulated_lab import SimulatedLab
from nbtwin.selfreg.schedule import Operator
from nbtwin.timeline.catalogue import words
from nbtwin.timeline.ring import Timeline

URC = "+NPSMR:1"
BOTH = ("BC28", "BC260Y-CN")


class Line:
    """A module of a simulated lab, and a host that reads every byte with its time."""

    def __init__(self, model: str = "BC28", *faults: str, seed: int = 1, boots: bool = True) -> None:
        self.timeline = Timeline()
        lab = SimulatedLab(operators=(), seed=seed, timeline=self.timeline)
        self.world, self.node = lab.world, lab.add_module("meter", PROFILES[model], Usim.of(Operator.MOBILE, "meter"))
        self.module = lab.modules["meter"]
        self.came: list[tuple[float, bytes]] = []
        self.node.sinks.append(lambda data: self.came.append((self.world.now, data)))
        if boots:
            self.world.perform(self.node, self.module.power_on)
            self.world.advance(30)
            self.ask("ATE1")
        for fault in faults:
            self.world.add_fault(fault)

    def ask(self, line: str, within: float = 0.0, *, at_once: bool = True) -> bytes:
        """Everything that comes within the time, echo and line ends with it."""
        self.came.clear()
        data = line.encode() + b"\r"
        for piece in [data] if at_once else [bytes((byte,)) for byte in data]:
            self.world.serial(self.node, piece)
        self.world.advance(within)
        return self.said

    @property
    def said(self) -> bytes:
        return b"".join(data for _, data in self.came)

    def struck(self) -> list[SerialLineDisturbed]:
        return [entry.fact for entry in self.timeline.entries() if isinstance(entry.fact, SerialLineDisturbed)]


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("echo", b"AT+CGMI;+CFUN?\r\r\n+NPSMR:1\r\n\r\nQuectel\r\n\r\n+CFUN:1\r\n\r\nOK\r\n"),
        ("lines", b"AT+CGMI;+CFUN?\r\r\nQuectel\r\n\r\n+NPSMR:1\r\n\r\n+CFUN:1\r\n\r\nOK\r\n"),
        ("final", b"AT+CGMI;+CFUN?\r\r\nQuectel\r\n\r\n+CFUN:1\r\n\r\n+NPSMR:1\r\n\r\nOK\r\n"),
        ("after", b"AT+CGMI;+CFUN?\r\r\nQuectel\r\n\r\n+CFUN:1\r\n\r\nOK\r\n\r\n+NPSMR:1\r\n"),
    ],
)
def test_a_line_is_put_in_where_a_line_may_stand(place: str, said: bytes) -> None:
    line = Line("BC28", f"serial_urc,places={place},text={URC}")
    assert line.ask("AT+CGMI;+CFUN?") == said
    assert line.ask("AT+CGMI;+CFUN?", at_once=False) == said
    assert [(fact.kind, fact.place, fact.text) for fact in line.struck()] == [("serial_urc", place, URC)] * 2


def test_what_looks_like_the_answer_is_put_behind_it_unless_somebody_wants_it() -> None:
    """Which of the two is the answer, nobody could say (D142)."""
    said = Line("BC28", f"serial_urc,text={URC}").ask("AT+NPSMR?")
    assert said == b"AT+NPSMR?\r\r\n+NPSMR:0\r\n\r\nOK\r\n\r\n+NPSMR:1\r\n"
    said = Line("BC28", f"serial_urc,places=final,text={URC}").ask("AT+NPSMR?")
    assert said == b"AT+NPSMR?\r\r\n+NPSMR:0\r\n\r\n+NPSMR:1\r\n\r\nOK\r\n"


def test_without_a_text_it_is_what_the_family_says() -> None:
    assert b"+CSCON: 1\r\n" in b"".join(Line("BC260Y-CN", "serial_urc", seed=seed).ask("AT") for seed in range(5))
    assert b"+CSCON:1\r\n" in b"".join(Line("BC28", "serial_urc", seed=seed).ask("AT") for seed in range(5))


def test_a_fault_of_a_line_counts_its_places_and_is_for_one_module() -> None:
    line = Line("BC28", f"serial_urc,packets=2,text={URC}", "serial_urc,source=other*")
    assert line.ask("AT") + line.ask("AT") == b"AT\r\r\nOK\r\n\r\n+NPSMR:1\r\nAT\r\r\nOK\r\n"


def test_a_line_within_a_line_cuts_it_in_two() -> None:
    said = Line("BC28", f"serial_interleaved,packets=1,text={URC}").ask("AT+CGMI")
    assert said.replace(b"\r\n+NPSMR:1\r\n", b"", 1) == b"AT+CGMI\r\r\nQuectel\r\n\r\nOK\r\n"
    assert b"\r\nQuectel\r\n" not in said


@pytest.mark.parametrize("fault", ["serial_doubled,copies=2", "serial_late,seconds=3"])
def test_what_it_says_by_itself_comes_several_times_or_later(fault: str) -> None:
    line, plain = Line("BC28"), Line("BC28")
    for each in (line, plain):
        each.ask("AT+CSCON=1", 1)
        each.ask("AT+CFUN=0", 1)
        if each is line:
            line.world.add_fault(fault)
        each.ask("AT+CFUN=1")
        each.came.clear()
        each.world.advance(60)
    assert b"+CSCON" in plain.said
    if "doubled" in fault:
        assert line.said == b"".join(data * 3 for _, data in plain.came)
    else:
        assert line.came == [(pytest.approx(at + 3), data) for at, data in plain.came]


def test_a_late_line_waits_for_the_end_of_an_answer() -> None:
    line = Line("BC28", "serial_late,seconds=2", "serial_slow,percent=100,start=31")
    line.world.perform(line.node, line.module.reset)
    line.world.advance(30)
    assert line.ask("AT+CFUN?", 90).endswith(b"\r\n+CFUN:1\r\n\r\nOK\r\n")


@pytest.mark.parametrize("model", BOTH)
@pytest.mark.parametrize("percent", [0, 100, 110])
def test_an_answer_takes_so_much_of_its_time(model: str, percent: int) -> None:
    for command in ("AT+CGMI", "AT+CFUN?", f"AT{PROFILES[model].cmdmp.name}?", "AT+CFUN=1"):
        line = Line(model, f"serial_slow,percent={percent}")
        limit = answer_limit(PROFILES[model], command)
        asked_at = line.world.now
        line.ask(command, limit * 2)
        assert line.came[0] == (asked_at, command.encode() + b"\r"), "the echo comes at once"
        assert line.came[1][0] == pytest.approx(asked_at + limit * percent / 100)


def test_the_first_bytes_after_a_silence_are_lost_unless_the_pin_was_pulled() -> None:
    line = Line("BC28", "serial_swallowed,octets=3,silence=5")
    line.world.advance(5)
    assert line.ask("AT") == b""
    assert line.ask("AT") == b"AT\r\r\nOK\r\n", "it is awake"
    line.world.advance(4.9)
    assert line.ask("AT") == b"AT\r\r\nOK\r\n"
    line.world.advance(60)
    line.world.pull_wake_up_pin(line.node)
    assert line.ask("AT") == b"AT\r\r\nOK\r\n"
    assert [(fact.kind, fact.count, fact.text) for fact in line.struck()] == [("serial_swallowed", 3, r"AT\r")]


def test_a_wake_up_pin_that_is_not_connected_wakes_nobody_and_one_pulse_may_be_lost() -> None:
    """D213."""
    line = Line("BC26", "serial_pins,pins=dtr,packets=1+3")
    line.ask('AT+CPSMS=1,,,"01000011","00000001"')
    line.world.advance(120)
    assert line.module.power_state == "asleep"
    line.world.pull_wake_up_pin(line.node)
    assert line.module.power_state == "asleep"
    line.world.pull_wake_up_pin(line.node)
    assert line.module.power_state == "on"
    assert [(fact.kind, fact.text) for fact in line.struck()] == [("serial_pins", "DTR")]
    assert words(line.struck()[0]) == "fault 1: DTR is not connected: what was done with it is not seen"


def test_a_fault_of_another_pin_or_of_another_module_leaves_the_wake_up_pin_alone() -> None:
    line = Line("BC26", "serial_pins,pins=ri+dcd", "serial_pins,source=pump*")
    line.ask('AT+CPSMS=1,,,"01000011","00000001"')
    line.world.advance(120)
    line.world.pull_wake_up_pin(line.node)
    assert line.module.power_state == "on"


def test_bytes_are_lost_for_half_a_second_only() -> None:
    line = Line("BC28", "serial_swallowed,octets=100,silence=5")
    line.world.advance(5)
    assert line.ask("AT", 0.4) + line.ask("AT", 0.4) == b""
    assert line.ask("AT") == b"AT\r\r\nOK\r\n"


@pytest.mark.parametrize("model", BOTH)
def test_noise_comes_before_the_banner_and_nowhere_else(model: str) -> None:
    said = []
    for faults in ((), ("serial_noise,octets=30",)):
        line = Line(model, *faults, boots=False)
        line.world.perform(line.node, line.module.power_on)
        line.world.advance(30)
        line.world.perform(line.node, line.module.reset, "APPLICATION_WATCHDOG")
        line.world.advance(30)
        said.append(line.said)
    noise = [fact.count for fact in line.struck()]
    assert len(noise) == 2
    assert all(1 <= count <= 30 for count in noise)
    assert len(said[1]) == len(said[0]) + sum(noise)
    assert said[1][noise[0] :].startswith(said[0][:8])


def test_at_a_wrong_speed_both_hear_what_a_uart_would() -> None:
    line = Line("BC28", "serial_baud,baud=115200")
    assert line.module.line_speed == 9600
    assert b"OK" not in line.ask("AT")
    line.world.faults.clear()
    line.world.add_fault("serial_baud,baud=115200,direction=up")
    line.ask("")
    assert line.ask("AT") == b"".join(heard(bytes((byte,)), 9600, 115200) for byte in b"AT\r\r\nOK\r\n")
    line.world.faults.clear()
    line.world.add_fault("serial_baud,baud=9800")
    assert line.ask("AT") == b"AT\r\r\nOK\r\n", "a few percent do not matter"


def test_bytes_come_in_pieces_over_time() -> None:
    line = Line("BC28", "serial_split,spread=20ms,probability=0.5")
    assert line.ask("AT+CGMI", 5) == b"AT+CGMI\r\r\nQuectel\r\n\r\nOK\r\n"
    assert len(line.came) > 5
    assert line.came[-1][0] > line.came[0][0]


def test_without_faults_of_lines_nothing_stays_behind() -> None:
    line = Line("BC28", "serial_slow,percent=100")
    line.world.serial(line.node, b"AT+CGMI\r")
    line.world.faults.clear()
    line.world.advance(60)
    assert line.said.endswith(b"OK\r\n")
    line.ask("AT")
    assert line.node.line is None


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_was_done_is_said_in_words(language: str) -> None:
    for kind in ("urc", "interleaved", "doubled", "late", "split", "slow", "swallowed", "noise", "baud"):
        fact = SerialLineDisturbed(1, f"serial_{kind}", "echo", "XYZ", 2, 3.0)
        said = words(fact, language)
        assert ("XYZ" in said) == (kind != "split"), said
        assert "{" not in said


# whatever the seed

TORTURE = (
    "serial_urc,probability=0.5", f"serial_urc,probability=0.3,text={URC}", "serial_split,probability=0.2,spread=5ms",
    "serial_slow,probability=0.3,percent=100", "serial_noise,octets=12",
)  # fmt: skip
ASKED = ("AT", "AT+CGMI", "AT+CGMM;+CFUN?", "ATI", "AT+NOPE", "AT+CMEE=9", "AT+CEREG=?", "AT+CEREG?", "AT+CSCON?")


def lines_of(data: bytes) -> list[str]:
    return [text for text in data.decode("latin-1").replace("\r", "\n").split("\n") if text]


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), asked=st.lists(st.sampled_from(ASKED), max_size=6), model=st.sampled_from(BOTH))
def test_legal_faults_change_neither_the_lines_of_answers_nor_their_order(
    seed: int, asked: list[str], model: str
) -> None:
    """D183."""
    quiet, line = Line(model), Line(model, *TORTURE, seed=seed)
    for text in asked:
        expected = lines_of(quiet.ask(text, 400))
        found = lines_of(line.ask(text, 400))
        put = [fact.text for fact in line.struck() if fact.place is not None]
        rest = list(found)
        for urc in put:
            if urc in rest and found.count(urc) > expected.count(urc):
                rest.remove(urc)
        assert [each for each in rest if each not in put or each in expected] == expected


@settings(max_examples=20)
@given(seed=st.integers(0, 10_000), cuts=st.lists(st.integers(1, 9), min_size=1, max_size=10))
def test_the_same_seed_gives_the_same_bytes_however_the_host_writes(seed: int, cuts: list[int]) -> None:
    hard = (*TORTURE, "serial_interleaved,probability=0.2", "serial_baud,baud=115200,probability=0.02,direction=up")
    said = []
    for pieces in ([1000], cuts):
        line = Line("BC28", *hard, seed=seed)
        data, position = b"".join(text.encode() + b"\r" for text in ASKED), 0
        while data:
            size = pieces[position % len(pieces)]
            line.world.serial(line.node, data[:size])
            data, position = data[size:], position + 1
        line.world.advance(100)
        said.append(line.said)
    assert said[0] == said[1]
