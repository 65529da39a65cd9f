"""D75: nothing of a platform leaves before the commit, and what happens when the commit fails, for each platform."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from durability_bench import ACCEPTED, IMEI, LINKS, PEER, PLATFORMS, SECOND, HoldBench

from nbtwin.coap.events import Retransmitted
from nbtwin.coap.message import Message, decode, encode, options
from nbtwin.coap.numbers import EXCHANGE_LIFETIME, Code, OptionNumber, Type
from nbtwin.lab import hold
from nbtwin.lab.hold import CommitFailed, CommitRecovered, Committer, Done, HoldRefusal
from nbtwin.operators import events as ev
from nbtwin.operators.store.database import StoreError, StoreLocked, StoreRefusal
from nbtwin.operators.store.queue import QueueRepository
from nbtwin.timeline.catalogue import words

OTHER = ("10.0.0.2", 5683)


@pytest.fixture(params=PLATFORMS)
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[HoldBench]:
    made = HoldBench(request.param, tmp_path / "store.sqlite")
    yield made
    made.close()


@pytest.fixture
def cmdmp() -> Iterator[HoldBench]:
    made = HoldBench("cmdmp")
    yield made
    made.close()


@pytest.fixture
def andlink() -> Iterator[HoldBench]:
    made = HoldBench("andlink")
    yield made
    made.close()


def test_an_answer_leaves_when_the_store_has_what_it_answers(bench: HoldBench) -> None:
    bench.give(bench.registration())
    assert bench.answers() == [(0.0, ACCEPTED[bench.operator])]
    assert bench.stored() == [IMEI]
    assert [type(event) for _, event in bench.told][:1] == [ev.DeviceRegistered]


def test_a_commit_that_fails_once_is_repeated_after_a_second_and_then_the_answer_leaves(bench: HoldBench) -> None:
    bench.failing = True
    data = bench.registration()
    bench.give(data)
    bench.world.run(0.5)
    bench.give(data)  # the peer repeats itself
    bench.failing = False
    bench.world.run(0.999)
    assert (bench.sent, bench.stored(), bench.believed()) == ([], [], True)
    assert bench.seen(ev.DeviceRegistered) == [], "nobody hears of what a restart would forget"
    bench.world.run(1)
    assert bench.answers() == [(1.0, ACCEPTED[bench.operator])], "once, though it was asked twice"
    assert bench.stored() == [IMEI]
    ((at, failed),) = bench.seen(CommitFailed)
    assert (at, failed.refusal, failed.retry_in) == (0.0, HoldRefusal.STORE_FAILED, 1)
    assert words(failed).endswith("again in 1s: the disk is full")
    ((at, recovered),) = bench.seen(CommitRecovered)
    assert (at, recovered.span, recovered.expired) == (1.0, 1.0, 0)


def test_a_store_that_fails_for_a_minute_is_tried_by_one_timer_and_then_all_answers_leave_in_order(
    bench: HoldBench,
) -> None:
    bench.failing = True
    first = bench.registration()
    bench.give(first)
    for at in (2, 6, 14, 30):  # the first peer's retransmissions
        bench.world.run(at)
        bench.give(first)
    bench.world.run(40)
    bench.give(bench.registration(SECOND), OTHER)
    bench.world.run(60)
    assert bench.commits == [0, 1, 3, 7, 15, 31]
    assert (bench.sent, bench.stored()) == ([], [])
    bench.failing = False
    bench.world.run(61)
    assert bench.commits[-1] == 61
    answered = [(to, message.code) for _, to, message in bench.sent if message.type is not Type.CON]
    code = ACCEPTED[bench.operator]
    assert answered == [(PEER, code), (OTHER, code)]
    assert sorted(bench.stored()) == [SECOND, IMEI]
    assert bench.believed(IMEI)
    assert bench.believed(SECOND)
    bench.give(first)  # and once more: the very same answer, from the duplicate cache
    assert bench.answers() == [(61.0, code), (61.0, code)]


def test_an_answer_that_nobody_waits_for_any_more_does_not_leave_but_what_it_answers_is_kept(
    bench: HoldBench,
) -> None:
    bench.failing = True
    bench.give(bench.registration())
    bench.world.run(200)
    bench.give(bench.registration(SECOND), OTHER)
    bench.failing = False
    bench.world.run(200 + hold.LONGEST_RETRY)
    assert bench.answers(OTHER) != []
    assert bench.answers(PEER) != [], "younger than EXCHANGE_LIFETIME"

    bench.failing, asked_at, known = True, bench.world.now, len(bench.sent)
    bench.give(bench.registration())
    bench.world.run(asked_at + EXCHANGE_LIFETIME)
    bench.failing = False
    bench.world.run(asked_at + EXCHANGE_LIFETIME + hold.LONGEST_RETRY)
    answered = [message for _, to, message in bench.sent[known:] if to == PEER and message.type is not Type.CON]
    assert answered == []
    device = bench.store.device(f"{bench.operator}:{IMEI}")
    assert device is not None
    assert device.registrations == 2
    assert bench.seen(CommitRecovered)[-1][1].expired > 0


def test_a_failed_commit_is_told_with_the_code_of_the_stores_refusal(cmdmp: HoldBench) -> None:
    cmdmp.refuses = StoreLocked(StoreRefusal.BUSY, "inventory.sqlite", seconds=10.0)
    cmdmp.failing = True
    cmdmp.give(cmdmp.registration())
    ((_, failed),) = cmdmp.seen(CommitFailed)
    assert (failed.refusal, failed.where, failed.seconds) == (StoreRefusal.BUSY, "inventory.sqlite", 10.0)
    assert "again in 1s: inventory.sqlite: busy for more than 10 s" in words(failed)
    assert "inventory.sqlite" in words(failed, "zh")


def test_while_too_much_waits_for_the_database_answers_wait_for_room_and_for_nothing_else(cmdmp: HoldBench) -> None:
    """Room comes with each fold: after a second without any, an answer had waited for two, and after three for four."""
    cmdmp.refuses = StoreError(StoreRefusal.JOURNAL_FULL, "inventory.sqlite", limit=64)
    cmdmp.failing = True
    cmdmp.give(cmdmp.registration())
    cmdmp.world.run(3.05)
    cmdmp.failing = False
    cmdmp.world.run(3.2)
    ((at, code),) = cmdmp.answers()
    assert code == ACCEPTED["cmdmp"]
    assert at < 3.15
    assert len(cmdmp.seen(CommitFailed)) == 1, "it is told once"
    assert len(cmdmp.seen(CommitRecovered)) == 1


def test_a_second_outage_is_like_the_first(bench: HoldBench) -> None:
    code, first = ACCEPTED[bench.operator], bench.registration()
    for began in (0.0, 100.0):
        bench.world.run(began)
        bench.failing = True
        bench.give(bench.registration(SECOND), OTHER)
        bench.give(first)  # the second time a duplicate: the very same answer, which has to wait again
        bench.world.run(began + 2)
        bench.failing = False
        bench.world.run(began + 3)
        assert bench.answers()[-1] == (began + 3, code)
        assert (bench.seen(CommitRecovered)[-1][1].span, bench.node.hold.held) == (3.0, 0)
    assert bench.commits[:3] == [0, 1, 3]
    assert [at for at in bench.commits if at >= 100][:3] == [100, 101, 103]
    assert len(bench.answers()) == len(bench.seen(CommitRecovered)) == 2


def test_a_store_that_never_comes_back_and_kill_9_leave_nothing_promised(bench: HoldBench) -> None:
    bench.failing = True
    data = bench.registration()
    bench.give(data)
    bench.world.run(100)
    assert bench.sent == []
    bench.failing = False
    bench.restart()
    assert (bench.sent, bench.stored(), bench.believed()) == ([], [], False)
    bench.world.run(300)
    assert (bench.sent, bench.stored()) == ([], []), "what was held is gone"
    bench.give(data)  # a retransmission is the first that the new process hears
    assert bench.answers() == [(300.0, ACCEPTED[bench.operator])]
    assert bench.stored() == [IMEI]


def test_a_platform_that_is_started_anew_while_the_store_fails_begins_to_try_anew(bench: HoldBench) -> None:
    bench.failing = True
    bench.give(bench.registration())
    bench.world.run(20)
    bench.restart()
    assert bench.node.hold.error is None
    bench.give(bench.registration())
    bench.world.run(21)
    assert bench.commits[-2:] == [20, 21]
    assert bench.seen(CommitFailed)[-2][1].retry_in == 1


def test_beyond_the_bound_a_request_is_answered_5_03_and_anything_else_is_dropped(
    bench: HoldBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hold, "HELD_AT_MOST", 2)
    bench.failing = True
    bench.give(bench.registration())
    assert bench.sent == []
    bench.give(bench.registration(SECOND), OTHER)
    ((_, to, refused),) = bench.sent
    assert (to, refused.type, refused.code) == (OTHER, Type.ACK, Code.SERVICE_UNAVAILABLE)
    assert (int(OptionNumber.MAX_AGE), bytes([hold.LONGEST_RETRY])) in refused.options
    assert not bench.believed(SECOND), "it did not reach the engine"
    for dropped in (
        encode(Message(Type.CON, Code.CONTENT, 7, b"x", options(observe=1), b"42")),
        encode(Message(Type.ACK, Code.EMPTY, 7)),
        bytes.fromhex("16fefd0000000000000000001001000004000000000000000004deadbeef"),  # a record of DTLS
    ):
        bench.give(dropped, OTHER)
    assert len(bench.sent) == 1
    bench.failing = False
    bench.world.run(1)
    bench.give(bench.registration(SECOND), OTHER)
    assert bench.answers(OTHER)[-1] == (1.0, ACCEPTED[bench.operator])
    assert sorted(bench.stored()) == [SECOND, IMEI]


def test_many_inputs_while_the_store_fails_make_no_second_timer(bench: HoldBench) -> None:
    bench.failing = True
    for number in range(50):
        bench.give(bench.registration(f"8637030300{number:05d}"), (f"10.0.1.{number}", 5683))
    assert bench.commits == [0.0]
    bench.world.run(30)
    assert bench.commits == [0, 1, 3, 7, 15]
    assert len(bench.seen(CommitFailed)) == 5


def test_a_refusal_that_the_store_does_not_keep_leaves_at_once_but_not_before_what_waits(cmdmp: HoldBench) -> None:
    nonsense = encode(Message(Type.CON, Code.GET, 900, b"x", (), b""))
    reset = encode(Message(Type.CON, Code.EMPTY, 901))
    cmdmp.failing = True
    cmdmp.give(reset)  # a ping: answered with a Reset, of no interest to the store
    assert [message.type for *_, message in cmdmp.sent] == [Type.RST]
    cmdmp.give(cmdmp.registration())
    cmdmp.give(reset, OTHER)
    cmdmp.give(nonsense, OTHER)
    assert len(cmdmp.sent) == 1
    cmdmp.failing = False
    cmdmp.world.run(1)
    kinds = [(to, message.type) for _, to, message in cmdmp.sent[1:]]
    assert kinds == [(PEER, Type.ACK), (PEER, Type.CON), (OTHER, Type.RST), (OTHER, Type.ACK)]


def test_what_the_store_does_not_keep_is_told_at_once_and_the_datagram_waits(cmdmp: HoldBench) -> None:
    cmdmp.give(cmdmp.registration())
    cmdmp.failing = True
    cmdmp.give(cmdmp.registration(SECOND), OTHER)
    known = len(cmdmp.sent)
    cmdmp.world.perform(cmdmp.node, cmdmp.engine.devices.ask, IMEI, "read", "/3/0", None)
    assert [event.path for _, event in cmdmp.seen(ev.OperationAsked)] == ["/3/0"]
    assert len(cmdmp.sent) == known
    assert len(cmdmp.seen(ev.DeviceRegistered)) == 1, "the second one is not durable yet"
    cmdmp.failing = False
    cmdmp.world.run(1)
    assert len(cmdmp.seen(ev.OperationAsked)) == 1
    assert [to for _, to, message in cmdmp.sent[known:]][:2] == [OTHER, OTHER]
    assert cmdmp.node.hold.held == 0


def test_a_command_for_a_sleeping_device_is_promised_when_the_store_has_it(cmdmp: HoldBench) -> None:
    found = [item for item in decode(cmdmp.registration()).options if item != (15, b"lt=86400")]
    queued = encode(Message(Type.CON, Code.POST, 90, b"reg", (*found, (15, b"lt=86400"), (15, b"b=UQ")), LINKS))
    cmdmp.give(queued)
    cmdmp.world.run(200)
    ask = cmdmp.engine.devices.ask
    cmdmp.failing = True
    cmdmp.world.perform(cmdmp.node, ask, IMEI, "read", "/3/0")
    assert cmdmp.seen(ev.CommandQueued) == [], "nobody hears of it"
    assert cmdmp.node.hold.held > 0, "so the API does not answer either"
    cmdmp.failing = False
    cmdmp.world.run(201)
    assert len(cmdmp.seen(ev.CommandQueued)) == 1
    (command,) = cmdmp.store.part(QueueRepository).of(f"cmdmp:{IMEI}")
    assert command.path == "/3/0"


def test_cmdmp_answers_first_and_then_reads_the_inventory(cmdmp: HoldBench) -> None:
    cmdmp.failing = True
    cmdmp.give(cmdmp.registration())
    cmdmp.failing = False
    cmdmp.world.run(1)
    (_, _, answer), (_, _, read) = cmdmp.sent
    assert (answer.code, read.code, read.path) == (Code.CREATED, Code.GET, ("666", "0"))


def test_andlink_acknowledges_data_when_the_store_has_them(andlink: HoldBench) -> None:
    andlink.give(andlink.registration())
    (observe,) = [message for *_, message in andlink.sent if message.observe == 0]
    token = observe.token
    found = options(observe=1, content_format=42)
    andlink.give(encode(Message(Type.ACK, Code.CONTENT, observe.message_id, token, found, b"0")))
    before = len(andlink.sent)
    andlink.failing = True
    found = options(observe=2, content_format=42)
    andlink.give(encode(Message(Type.CON, Code.CONTENT, 500, token, found, b"21.5")))
    post = options(path=["dp"], query=[f"ep={IMEI}"])
    andlink.give(encode(Message(Type.CON, Code.POST, 501, b"post", post, b"22.5")))
    assert andlink.sent[before:] == []
    andlink.failing = False
    andlink.world.run(1)
    acknowledged = [(message.message_id, message.code) for _, _, message in andlink.sent[before:]]
    assert acknowledged == [(500, Code.EMPTY), (501, Code.CHANGED)]
    received = [event.payload for _, event in andlink.seen(ev.DataReceived)]
    assert received == [b"21.5", b"22.5"]
    kept = [line for line in andlink.store.history(f"andlink:{IMEI}") if line.code == "data-received"]
    assert len(kept) == 2


class SlowCommitter(Committer):
    """Its commits end when the test says so."""

    def __init__(self) -> None:
        self.under_way: list[tuple[list[Any], Done]] = []

    def keeps(self, event: Any) -> bool:
        return True

    def submit(self, events: list[Any], done: Done) -> None:
        self.under_way.append((events, done))

    def end(self, error: Exception | None = None) -> Sequence[Any]:
        events, done = self.under_way.pop(0)
        done(error)
        return events


class SlowBench(HoldBench):
    def committer(self) -> Committer:
        self.slow = SlowCommitter()
        return self.slow


@pytest.fixture(params=PLATFORMS)
def slow(request: pytest.FixtureRequest) -> Iterator[SlowBench]:
    made = SlowBench(request.param)
    yield made
    made.close()


def registered(events: Sequence[Any]) -> list[str]:
    return [event.device for event in events if isinstance(event, ev.DeviceRegistered)]


def test_what_comes_while_a_commit_is_under_way_is_the_next_batch(slow: SlowBench) -> None:
    imeis = [f"8637030300{number:05d}" for number in range(4)]
    for number, imei in enumerate(imeis):
        slow.give(slow.registration(imei), (f"10.0.1.{number}", 5683))
    assert (len(slow.slow.under_way), slow.sent) == (1, [])
    assert registered(slow.slow.end()) == [f"{slow.operator}:{imeis[0]}"]
    assert len(slow.answers(("10.0.1.0", 5683))) == 1
    assert slow.answers(("10.0.1.1", 5683)) == [], "its commit has only begun"
    assert registered(slow.slow.end()) == [f"{slow.operator}:{imei}" for imei in imeis[1:]], "one transaction"
    assert [len(slow.answers((f"10.0.1.{number}", 5683))) for number in range(4)] == [1, 1, 1, 1]


def test_what_a_commit_makes_durable_after_a_restart_is_not_answered(slow: SlowBench) -> None:
    data = slow.registration()
    slow.give(data)
    slow.restart()
    slow.slow.end()
    assert (slow.sent, slow.told) == ([], [])
    slow.give(data)
    slow.slow.end()
    assert slow.answers() == [(0.0, ACCEPTED[slow.operator])]


def test_a_commit_of_before_a_restart_says_nothing_of_what_came_after_it(slow: SlowBench) -> None:
    slow.give(slow.registration())
    slow.restart()
    slow.give(slow.registration(SECOND), OTHER)
    slow.slow.end()
    assert slow.sent == [], "that was the commit of before"
    slow.slow.end()
    assert [to for _, to, message in slow.sent if message.type is Type.ACK] == [OTHER]


@pytest.mark.parametrize(("after", "leaves"), [(EXCHANGE_LIFETIME - 0.001, True), (EXCHANGE_LIFETIME, False)])
def test_an_answer_lives_as_long_as_its_exchange(slow: SlowBench, after: float, leaves: bool) -> None:
    slow.give(slow.registration())
    slow.world.run(after)
    slow.slow.end()
    assert (slow.answers() != []) is leaves


def test_a_platform_that_was_removed_answers_nothing_when_its_commit_ends(slow: SlowBench) -> None:
    slow.give(slow.registration())
    slow.world.remove(slow.operator)
    slow.slow.end()
    assert slow.sent == []


def test_a_slow_commit_that_fails_is_repeated_with_what_came_meanwhile(slow: SlowBench) -> None:
    slow.give(slow.registration())
    slow.give(slow.registration(SECOND), OTHER)
    slow.slow.end(OSError("gone"))
    assert (slow.sent, slow.slow.under_way) == ([], [])
    slow.world.run(1)
    assert registered(slow.slow.end()) == [f"{slow.operator}:{IMEI}", f"{slow.operator}:{SECOND}"]
    assert slow.answers(OTHER) == [(1.0, ACCEPTED[slow.operator])]


def test_nothing_is_told_as_sent_again_before_it_leaves(cmdmp: HoldBench) -> None:
    """The platform reads what has registered, and repeats that after 2 s, 6 s, and so on (RFC 7252 4.2)."""

    def reads() -> list[float]:
        return [at for at, to, message in cmdmp.sent if to == PEER and message.type is Type.CON]

    cmdmp.failing = True
    cmdmp.give(cmdmp.registration())
    cmdmp.world.run(2.9)
    assert (cmdmp.sent, cmdmp.seen(Retransmitted)) == ([], []), "the read and its repetition are held, as one"
    cmdmp.failing = False
    cmdmp.world.run(3)
    assert (reads(), cmdmp.seen(Retransmitted)) == ([3.0], []), "it has left for the first time"
    cmdmp.world.run(14)
    assert reads() == [3.0, *(at for at, _ in cmdmp.seen(Retransmitted))] == [3.0, 6.0, 14.0]


def test_what_is_sent_again_behind_a_held_answer_is_told_when_it_leaves(cmdmp: HoldBench) -> None:
    cmdmp.give(cmdmp.registration())
    assert [message.type for _, to, message in cmdmp.sent if to == PEER].count(Type.CON) == 1
    cmdmp.failing = True
    cmdmp.give(cmdmp.registration(SECOND), OTHER)
    cmdmp.world.run(6)
    assert cmdmp.seen(Retransmitted) == []
    cmdmp.failing = False
    cmdmp.world.run(7)
    ((at, event),) = cmdmp.seen(Retransmitted)
    assert (at, event.peer, event.sending) == (7.0, PEER, 2)
    assert [message.type for when, to, message in cmdmp.sent if (when, to) == (7.0, PEER)] == [Type.CON]
    ((_, recovered),) = cmdmp.seen(CommitRecovered)
    kept = [told for when, told in cmdmp.told if when == 7.0 and cmdmp.store.keeps(told)]
    assert recovered.events == len(kept)
