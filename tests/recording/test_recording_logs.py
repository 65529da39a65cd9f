"""Logs of other terminals, as recordings; recordings, as scenarios."""

from __future__ import annotations

import pytest
from lines import ReplayPort, dialogue, reread

from nbtwin.recording.as_scenario import as_scenario, model_of
from nbtwin.recording.exchanges import exchanges_of
from nbtwin.recording.file import Sender
from nbtwin.recording.foreign_log import read_log
from nbtwin.recording.refusals import RecordingError, RecordingRefusal
from nbtwin.recording.replay import Matching
from nbtwin.scenario.loading import load

LOGS = {
    "plain, with echoes": "AT\nAT\nOK\nAT+CSQ\n\n+CSQ: 20,0\n\nOK\n+CEREG: 1\n",
    "directions": "-> AT\n<- OK\n-> AT+CSQ\n<- +CSQ: 20,0\n<- OK\n<- +CEREG: 1\n",
    "sscom": "[10:12:33.100]发→◇AT\n[10:12:33.123]收←◆\nOK\n[10:12:34.001]发→◇AT+CSQ\n"
    "[10:12:34.020]收←◆\n+CSQ: 20,0\n\nOK\n[10:12:40.020]收←◆\n+CEREG: 1\n",
    "dates and words": "2026-11-29 23:59:59.900 TX: AT\n2026-11-29 23:59:59.950 RX: OK\n"
    "2026-11-30 00:00:01.000 TX: AT+CSQ\n"
    "2026-11-30 00:00:01.100 RX: +CSQ: 20,0\n2026-11-30 00:00:01.100 RX: OK\n2026-11-30 00:00:07.100 RX: +CEREG: 1\n",
    "times alone": "[2026-11-29_10:00:00:100]AT\n[2026-11-29_10:00:00:120]OK\n[2026-11-29_10:00:01:100]AT+CSQ\n"
    "[2026-11-29_10:00:01:120]+CSQ: 20,0\n[2026-11-29_10:00:01:130]OK\n[2026-11-29_10:00:09:130]+CEREG: 1\n",
    "seconds": "[ 0.100] >> AT\n[ 0.120] << OK\n[ 1.100] >> AT+CSQ\n[ 1.120] << +CSQ: 20,0\n[ 1.130] << OK\n"
    "[ 8.0] << +CEREG: 1\n",
}  # fmt: skip


@pytest.mark.parametrize("log", LOGS.values(), ids=LOGS.keys())
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_log_of_another_terminal_answers_as_its_module_did(log: str, encoding: str, end: str) -> None:
    recording = read_log(log.replace("\n", end).encode(encoding))
    _, exchanges = exchanges_of(recording)
    assert [one.line for one in exchanges] == [b"AT\r", b"AT+CSQ\r"]
    port = ReplayPort(recording, Matching.ANSWERS)
    port.write(b"AT+CSQ\r")
    assert port.all_until(0.0) == b"\r\n+CSQ: 20,0\r\n\r\nOK\r\n"
    assert [piece.data for piece in recording.pieces][-1] == b"\r\n+CEREG: 1\r\n"


def test_times_of_a_log_are_kept_over_midnight() -> None:
    pieces = list(read_log(LOGS["dates and words"].encode()).pieces)
    assert [piece.at for piece in pieces if piece.sender is Sender.HOST] == pytest.approx([0.0, 1.1])
    assert pieces[-1].at == pytest.approx(7.2)


@pytest.mark.parametrize("text", ["", "hello\nworld\n", "\x00\x01\xff", "OK\nERROR\n"])
def test_a_text_without_commands_is_no_log(text: str) -> None:
    with pytest.raises(RecordingError) as failed:
        read_log(text.encode("latin-1"))
    assert failed.value.code is RecordingRefusal.LOG_WITHOUT_COMMANDS


TALK = dialogue(
    (100.0, ">", b"AT+CGMM\r"), (100.1, "<", b"\r\nBC260Y-CN\r\n\r\nOK\r\n"),
    (101.0, ">", b'AT+QDMPCFG=1,"a: b",#\r'), (101.1, "<", b"\r\nERROR\r\n"), (130.0, "<", b"\r\n+CEREG: 1\r\n"),
    (200.0, ">", b"AT+NOTHING\r"),
)  # fmt: skip


def test_a_recording_becomes_a_scenario_that_says_the_same() -> None:
    recording = reread(TALK)
    assert model_of(recording) == "BC260Y-CN"
    scenario = load(as_scenario(recording, "BC260Y-CN", "from: the field"))
    assert scenario.title == "from: the field"
    assert [(step.at and step.at.seconds, step.send, step.answer) for step in scenario.steps] == [
        (60.5, "AT+CGMM", ["BC260Y-CN", "OK"]),
        (61.0, 'AT+QDMPCFG=1,"a: b",#', ["ERROR"]),
        (160.0, "AT+NOTHING", None),
    ]
    (said,) = scenario.expect
    assert said.since is not None
    assert said.at is not None
    assert scenario.until is not None
    assert (said.since.seconds, said.at.seconds, said.said, scenario.until.seconds) == (85.0, 95.0, "+CEREG: 1", 220.0)


def test_a_scenario_has_the_card_of_its_recording() -> None:
    asked = reread(
        dialogue(
            (0, ">", b"AT+CIMI\r"), (0.1, "<", b"\r\n460048241932085\r\n\r\nOK\r\n"),
            (1, ">", b"AT+NCCID\r"), (1.1, "<", b"\r\n+NCCID:89860438336064925117\r\n\r\nOK\r\n"),
        ),
        hide=False,
    )  # fmt: skip
    text = as_scenario(asked, "BC28", "x")
    assert load(text).modules
    assert "imsi=460048241932085,iccid=89860438336064925117" in text


def test_a_scenario_has_the_imei_of_its_recording() -> None:
    asked = reread(
        dialogue((0, ">", b"AT+CGSN=1\r"), (0.1, "<", b"\r\n+CGSN:867724030000225\r\n\r\nOK\r\n")), hide=False
    )
    (module,) = load(as_scenario(asked, "BC28", "x")).modules
    assert module.imei is not None
    assert module.imei.digits == "867724030000225"


def test_an_answer_with_a_masked_value_is_a_comment_and_no_mismatch() -> None:
    asked = reread(
        dialogue(
            (0, ">", b"AT+DMPCONFIG?\r"),
            (0.1, "<", b"\r\n+DMPCONFIG: 2,M100000089,nbtw****,1,867724030000225\r\n\r\nOK\r\n"),
            (1, ">", b"AT+CGMM\r"), (1.1, "<", b"\r\nBC28\r\n\r\nOK\r\n"),
        ),
        hide=False,
    )  # fmt: skip
    text = as_scenario(asked, "BC28", "x")
    masked, plain = load(text).steps
    assert (masked.send, masked.answer) == ("AT+DMPCONFIG?", None)
    assert plain.answer == ["BC28", "OK"]
    assert "nbtw****" in next(line for line in text.splitlines() if line.startswith("  # answered"))
