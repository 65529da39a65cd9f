"""Devices of a fleet against a server in memory, in simulated time: every outcome, and numbers that add up."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import msgspec
import pytest
from fleet_server import DELAY, Drive, Reply, Server, piggybacked, plan

from nbtwin.coap.message import Message, decode, encode, options
from nbtwin.coap.numbers import Code, Type
from nbtwin.dtls import ApplicationDataReceived, DtlsServer
from nbtwin.fleet.arrivals import Arrivals
from nbtwin.fleet.plan import FleetDevices, FleetPhase, FleetTarget
from nbtwin.fleet.tally import FleetStats, Outcome

REGISTER = FleetPhase(do="register", rate=100)


def adds_up(stats: FleetStats) -> bool:
    return sum(stats.begun.values()) == stats.ended + stats.under_way and sum(
        row.good + row.errors for row in stats.seconds
    ) == stats.ended - stats.total(Outcome.CUT)


def test_every_device_registers_and_has_its_name_and_its_place() -> None:
    server = Server()
    stats = Drive(plan(), server).run()
    assert stats.outcomes == {"register": {"ok": 20}}
    assert server.registered == {f"fleet-{n:07}": n for n in range(20)}
    assert stats.registered == 20
    assert stats.waits["register"].percentile(0.5) == pytest.approx(DELAY, rel=0.2)
    assert adds_up(stats)


def test_the_same_seed_sends_the_same_datagrams_at_the_same_instants() -> None:
    phases = (REGISTER, FleetPhase(do="uplink", rate=50, span=2), FleetPhase(do="reboot", rate=20))
    inner = Server()
    runs = [Server(lambda now, lane, data: malformed_is_ignored(inner, now, lane, data)) for _ in range(3)]
    for server, seed in zip(runs, (7, 7, 8), strict=True):
        Drive(plan(*phases, seed=seed, loss=0.1, duplicates=0.1, malformed=0.1), server, lanes=None).run(30)
    first, second, other = ([(at, lane, data) for at, lane, data in server.got] for server in runs)
    assert first == second != other


def malformed_is_ignored(server: Server, now: float, lane: int, data: bytes) -> list[Reply]:
    try:
        return server.properly(now, lane, data)
    except ValueError:
        return []


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        (lambda asked: piggybacked(asked, Code.CREATED, location_path=("rd", "a")), Outcome.OK),
        (lambda asked: piggybacked(asked, Code.FORBIDDEN), Outcome.REFUSED),
        (lambda asked: piggybacked(asked, Code.SERVICE_UNAVAILABLE), Outcome.REFUSED),
        (lambda asked: piggybacked(asked, Code.CONTENT), Outcome.WRONG),
        (lambda asked: piggybacked(asked, Code.CREATED), Outcome.WRONG),  # without a location
        (lambda asked: encode(Message(Type.RST, Code.EMPTY, asked.message_id)), Outcome.RESET),
        (lambda asked: b"\x00", Outcome.RUBBISH),
        (lambda asked: b"\x80 of another version", Outcome.RUBBISH),
        (lambda asked: piggybacked(asked, Code.CREATED) + b"\xff", Outcome.RUBBISH),
    ],
)
def test_what_a_server_answers_has_a_class(said: object, outcome: Outcome) -> None:
    server = Server(lambda now, lane, data: [(DELAY, said(decode(data)))])  # type: ignore[operator]
    stats = Drive(plan(devices=3), server).run()
    assert stats.outcomes == {"register": {outcome: 3}}
    assert adds_up(stats)


def test_a_refusal_is_counted_by_its_code() -> None:
    server = Server(lambda now, lane, data: [(DELAY, piggybacked(decode(data), Code.FORBIDDEN))])
    assert Drive(plan(devices=3), server).run().codes == {"4.03": 3}


def test_a_silent_server_is_asked_five_times_with_the_waits_of_rfc_7252() -> None:
    server = Server(lambda now, lane, data: [])
    stats = Drive(plan(devices=1), server).run()
    assert stats.outcomes == {"register": {Outcome.SILENT: 1}}
    at = [instant for instant, _, _ in server.got]
    waits = [later - earlier for earlier, later in pairwise(at)]
    assert len(at) == 5
    assert 2 <= waits[0] <= 3.01
    assert [round(wait / waits[0]) for wait in waits] == [1, 2, 4, 8]
    assert len({data for _, _, data in server.got}) == 1


def test_a_server_that_the_network_calls_away_is_away() -> None:
    drive = Drive(plan(devices=1), Server(lambda now, lane, data: []))
    drive.step()
    drive.engine.handle_unreachable(0, drive.server.got[0][2])
    assert drive.run().outcomes == {"register": {Outcome.AWAY: 1}}


def test_a_stall_is_told_of_by_everything_that_came_meanwhile() -> None:
    """Open loop: a closed one would have sent one request into the five seconds, and told of one slow answer."""

    def stalls(now: float, lane: int, data: bytes) -> list[Reply]:
        (_, said), *_ = Server.properly(server, now, lane, data)
        return [(max(DELAY, 6.0 - now) if now >= 1.0 else DELAY, said)]

    server = Server(stalls)
    stats = Drive(plan(REGISTER, FleetPhase(do="uplink", rate=20, span=10), ack_timeout=30.0), server).run()
    waits = stats.waits["uplink"]
    assert waits.percentile(0.75) > 1.0  # type: ignore[operator]
    assert 4.5 < waits.longest < 5.2
    assert adds_up(stats)


def test_an_answer_that_comes_apart_from_its_acknowledgement_is_acknowledged() -> None:
    def apart(now: float, lane: int, data: bytes) -> list[Reply]:
        asked = decode(data)
        if asked.type is not Type.CON:
            return []
        said = Message(Type.CON, Code.CREATED, 77, asked.token, options(location_path=("rd", "a")))
        return [(0.1, encode(Message(Type.ACK, Code.EMPTY, asked.message_id))), (5.0, encode(said))]

    server = Server(apart)
    stats = Drive(plan(devices=1, slow=1.0), server).run()
    assert stats.outcomes == {"register": {Outcome.SLOW: 1}}
    assert [decode(data) for _, _, data in server.got][1:] == [Message(Type.ACK, Code.EMPTY, 77)]


def test_whom_the_server_has_forgotten_registers_anew() -> None:
    server = Server()

    def forgets(now: float, lane: int, data: bytes) -> list[Reply]:
        asked = decode(data)
        if asked.texts(11)[:1] == ("rd",) and len(asked.texts(11)) == 2 and asked.code == Code.POST and now < 2:
            return [(DELAY, piggybacked(asked, Code.NOT_FOUND))]
        return server.properly(now, lane, data)

    server = Server(forgets)
    stats = Drive(plan(REGISTER, FleetPhase(do="rebind", rate=100), devices=5), server).run()
    assert stats.outcomes == {"register": {"ok": 10}, "update": {"refused": 5}}
    assert stats.counts["rebound"] == 5
    assert sorted(server.registered.values()) == [5, 6, 7, 8, 9]  # the second port of each
    assert stats.registered == 5


def test_devices_share_sockets_and_are_told_apart_by_their_tokens() -> None:
    server = Server()
    phases = (REGISTER, FleetPhase(do="uplink", rate=100, span=3))
    stats = Drive(plan(*phases, devices=50), server, lanes=3).run()
    assert {lane for _, lane, _ in server.got} == {0, 1, 2}
    assert stats.outcomes["register"] == {"ok": 50}
    assert stats.errors == 0
    numbers = [(lane, data[2:4]) for _, lane, data in server.got]
    assert len(set(numbers)) == len(numbers)


def test_a_reboot_forgets_the_registration_and_cuts_short_what_is_under_way() -> None:
    slowly = Server()
    server = Server(lambda now, lane, data: [(0.5, said) for _, said in slowly.properly(now, lane, data)])
    stats = Drive(plan(REGISTER, FleetPhase(do="reboot", rate=100), devices=10), server).run()
    cut = stats.outcomes["register"].get(Outcome.CUT, 0)
    assert cut > 0
    assert stats.begun == {"register": 20}
    assert stats.errors == 0
    assert stats.registered == 10
    assert adds_up(stats)


def test_all_leave_at_the_end_and_what_is_left_is_told() -> None:
    server = Server()
    drive = Drive(plan(devices=600), server)
    drive.run()
    drive.engine.begin_leaving()
    drive.run()
    assert drive.engine.left
    assert server.registered == {}
    assert drive.engine.stats(drive.now).registered == 0


def counted(phase: FleetPhase, parts: int, devices: int = 2000) -> list[int]:
    """Arrivals of a phase in equal parts of what it lasts."""
    made = plan(phase, devices=devices)
    span, found, arrivals = made.lasts(phase), [0] * parts, Arrivals(made)
    while arrivals.next_at < float("inf"):
        due, what, _ = arrivals.take()
        found[min(int(due / span * parts), parts - 1)] += what.do == phase.do
    return found


def test_a_ramp_begins_and_ends_with_its_rates() -> None:
    """Of what has no span, too: each device has its turn by when the last rate is reached."""
    assert sum(counted(FleetPhase(do="register", rate=10, to=100), 2)) == 2000
    for span in (None, 2000 / 55):
        first, *_, last = counted(FleetPhase(do="register", rate=10, to=100, span=span), 10)
        length = 2000 / 55 / 10
        assert first / length == pytest.approx(14.5, rel=0.4)
        assert last / length == pytest.approx(95.5, rel=0.2)


@pytest.mark.parametrize("depth", [0.8, 1.0])
def test_a_daily_wave_swells_and_falls_and_swells_again(depth: float) -> None:
    """Also where it falls to nothing; on the whole it has its rate."""
    quarters = counted(FleetPhase(do="uplink", rate=0.05, span=172800, wave=86400, depth=depth), 8)
    assert sum(quarters) == pytest.approx(0.05 * 172800, rel=0.05)
    swelling, falling = 0.05 * 21600 * (1 + depth * 0.637), 0.05 * 21600 * (1 - depth * 0.637)
    expected = [swelling, swelling, falling, falling] * 2
    assert quarters == pytest.approx(expected, rel=0.15)


@pytest.mark.parametrize("last", [FleetPhase(do="rest", span=60), FleetPhase(do="uplink", rate=0.001, span=60)])
def test_the_last_phase_lasts_as_long_as_it_says(last: FleetPhase) -> None:
    drive = Drive(plan(REGISTER, last), Server())
    drive.run(until=60)
    assert not drive.engine.course.over
    drive.engine.course.pause(drive.now)
    drive.now += 100
    drive.engine.course.resume(drive.now)
    drive.run(until=160)
    assert not drive.engine.course.over, "it has been paused meanwhile"
    drive.run()
    assert drive.engine.course.over
    assert 160 < drive.now < 161


def test_a_pause_begins_nothing_and_loses_nothing() -> None:
    server = Server()
    drive = Drive(plan(FleetPhase(do="register", rate=10), devices=20), server)
    drive.run(until=0.5)
    drive.engine.course.pause(drive.now)
    while drive.step():
        pass
    before = len(server.got)
    drive.now += 100
    drive.engine.course.resume(drive.now)
    stats = drive.run()
    assert 0 < before < 20
    assert stats.outcomes == {"register": {"ok": 20}}
    assert stats.waits["register"].longest < 1


@pytest.mark.parametrize("loss", [0.1, 0.2])
def test_lost_datagrams_are_sent_again(loss: float) -> None:
    stats = Drive(plan(devices=200, loss=loss), Server(duplicate_aware())).run()
    assert stats.counts["retransmitted"] > 0
    assert stats.counts["lost"] > 0
    assert stats.total(Outcome.OK, Outcome.SLOW) >= 198
    assert adds_up(stats)


def duplicate_aware():  # type: ignore[no-untyped-def]
    inner = Server()
    return inner.properly


def test_duplicates_are_sent_with_one_message_id_and_counted_once() -> None:
    server = Server()
    stats = Drive(plan(devices=30, duplicates=1.0), server).run()
    assert stats.outcomes == {"register": {"ok": 30}}
    assert stats.counts["duplicated"] == 30
    assert stats.counts["late"] == 30
    assert len({data for _, _, data in server.got}) == 30


def test_malformed_datagrams_are_no_exchanges() -> None:
    inner = Server()
    server = Server(lambda now, lane, data: malformed_is_ignored(inner, now, lane, data))
    stats = Drive(plan(devices=30, malformed=1.0), server).run()
    assert stats.counts["malformed"] == 30
    assert stats.outcomes == {"register": {"ok": 30}}


def test_reads_writes_observations_and_firmware_are_answered() -> None:
    server = Server()
    drive = Drive(plan(REGISTER, FleetPhase(do="rest", span=5), FleetPhase(do="notify", rate=20, span=1), devices=1),
                  server)  # fmt: skip
    drive.run(until=0.3)
    block = ((27, b"\x08"),)
    asked = [
        Message(Type.CON, Code.GET, 1, b"r", options(path=("3", "0", "1"))),
        Message(Type.CON, Code.PUT, 2, b"w", options(path=("3", "0", "14"), content_format=0), b"+08"),
        Message(Type.CON, Code.GET, 3, b"o", options(path=("3303", "0", "5700"), observe=0)),
        Message(Type.CON, Code.PUT, 4, b"b", options(path=("5", "0", "0"), more=block), b"x" * 16),
        Message(Type.CON, Code.POST, 5, b"t", options(path=("5", "0", "2"))),  # it has no package yet
        Message(Type.CON, Code.PUT, 8, b"c", options(path=("5", "0", "0"), more=((27, b"\x10"),)), b"x" * 16),
        Message(Type.CON, Code.POST, 9, b"u", options(path=("5", "0", "2"))),
        Message(Type.CON, Code.GET, 6, b"s", options(path=("5", "0", "5"))),
        Message(Type.CON, Code.GET, 7, b"n", options(path=("9", "9", "9"))),
    ]
    for each in asked:
        drive.deliver(0.1, 0, encode(each))
    stats = drive.run()
    answers = {said.token: said for said in (decode(data) for _, _, data in server.got) if said.code >= 64}
    assert [answers[each.token].code for each in asked] == [
        Code.CONTENT, Code.CHANGED, Code.CONTENT, Code.CONTINUE, Code.METHOD_NOT_ALLOWED, Code.CHANGED, Code.CHANGED,
        Code.CONTENT, Code.NOT_FOUND,
    ]  # fmt: skip
    assert answers[b"r"].payload == b"BC260Y-CN"
    assert answers[b"s"].payload == b"1"
    notifications = [decode(data) for _, _, data in server.got if decode(data).token == b"o"][1:]
    assert notifications
    assert stats.asked == {"read": 2, "write": 2, "observe": 1, "block": 1, "execute": 2, "unknown": 1}


def test_a_request_that_comes_again_has_the_answer_that_it_had() -> None:
    """RFC 7252 4.5: its acknowledgement was lost, and the device has done what was asked."""
    server = Server()
    drive = Drive(plan(REGISTER, FleetPhase(do="rest", span=5), devices=1), server)
    drive.run(until=1)
    package = Message(Type.CON, Code.PUT, 1, b"p", options(path=("5", "0", "0"), more=((27, b"\x10"),)), bytes(16))
    for number, token in ((2, b"e"), (2, b"e"), (3, b"f")):
        asked = Message(Type.CON, Code.POST, number, token, options(path=("5", "0", "2")))
        drive.deliver(0.1, 0, encode(package))
        drive.deliver(0.2, 0, encode(asked))
        drive.run(until=drive.now + 1)
    said = [answer for answer in (decode(data) for _, _, data in server.got) if answer.token in (b"e", b"f")]
    assert [answer.code for answer in said] == [Code.CHANGED, Code.CHANGED, Code.METHOD_NOT_ALLOWED]
    stats = drive.engine.stats(drive.now)
    assert stats.asked == {"write": 1, "execute": 2}  # a last block of zeros is a block
    assert stats.counts["repeated"] == 3


def test_a_device_in_queue_mode_hears_nothing_while_it_sleeps() -> None:
    server = Server()
    drive = Drive(plan(REGISTER, devices=1, queue=10.0), server)
    drive.run()
    ask = encode(Message(Type.CON, Code.GET, 1, b"r", options(path=("3", "0", "1"))))
    drive.deliver(5.0, 0, ask)
    drive.deliver(30.0, 0, ask)
    assert drive.run().counts["asleep"] == 1
    assert any(b"Q" in query for query in [data for _, _, data in server.got][:1])


@pytest.mark.parametrize("elsewhere", [False, True])
def test_bootstrap_comes_before_the_registration(elsewhere: bool) -> None:
    """At the target itself, or at a server of its own; from a place of its own: nothing of either goes to the other."""
    server = Server()

    def bootstraps(now: float, lane: int, data: bytes) -> list[Reply]:
        asked = decode(data)
        if asked.texts(11) == ("bs",):
            finish = encode(Message(Type.CON, Code.POST, 9, b"f", options(path=("bs",))))
            return [(DELAY, piggybacked(asked, Code.CHANGED)), (2 * DELAY, finish)]
        return server.properly(now, lane, data)

    server = Server(bootstraps)
    at = FleetTarget("127.0.0.1", 5685, False, "127.0.0.1") if elsewhere else None
    stats = Drive(plan(devices=4, bootstrap=True, bootstrap_at=at), server, lanes=12).run()
    assert stats.outcomes == {"bootstrap": {"ok": 4}, "register": {"ok": 4}}
    assert stats.asked == {"bootstrap-finish": 4}
    said = [(lane // 4, decode(data).code, decode(data).texts(11)) for _, lane, data in server.got]
    each = [(2, Code.POST, ("bs",)), (2, Code.CHANGED, ()), (0, Code.POST, ("rd",))]
    assert sorted(said) == sorted(4 * each)


def test_a_bootstrap_that_nobody_finishes_is_silent() -> None:
    server = Server(lambda now, lane, data: [(DELAY, piggybacked(decode(data), Code.CHANGED))])
    stats = Drive(plan(devices=3, bootstrap=True), server).run()
    assert stats.outcomes == {"bootstrap": {Outcome.SILENT: 3}}
    assert len(server.got) == 3
    assert adds_up(stats)


def test_values_and_notifications_may_be_non_confirmable() -> None:
    server = Server()
    values, told = FleetPhase(do="uplink", rate=20, span=2), FleetPhase(do="notify", rate=20, span=1)
    drive = Drive(plan(REGISTER, FleetPhase(do="rest", span=5), values, told, devices=2, non=1.0), server)
    drive.run(until=2)
    for lane in (0, 1):
        drive.deliver(0.1, lane, observed(("3303", "0", "5700"), b"o", 3))
    stats = drive.run()
    sent = [decode(data) for _, _, data in server.got]
    for path, token, kind in ((("dp",), None, "uplink"), ((), b"o", "notify")):
        mine = [
            one for one in sent if one.texts(11) == path and one.type is not Type.ACK and token in (None, one.token)
        ]
        assert {one.type for one in mine} == {Type.NON}
        assert len(mine) == stats.begun[kind] > 10
        assert stats.outcomes[kind] == {"ok": len(mine)}
    assert adds_up(stats)


def test_who_is_busy_when_the_end_comes_leaves_afterwards() -> None:
    """One waits for the answer to a value, one for that to its registration."""
    inner = Server()
    server = Server(lambda now, lane, data: [(0.5, said) for _, said in inner.properly(now, lane, data)])
    drive = Drive(
        plan(FleetPhase(do="register", rate=10), FleetPhase(do="uplink", rate=50, span=9), devices=10), server
    )
    drive.run(until=1.0)
    assert drive.engine.under_way > 0
    drive.engine.begin_leaving()
    stats = drive.run()
    assert drive.engine.left
    assert inner.registered == {}
    assert stats.registered == 0
    assert stats.errors == 0
    assert adds_up(stats)


def test_who_waits_for_a_server_that_is_silent_keeps_nobody_from_leaving() -> None:
    """However many they are: those that are registered have left at once, and who still waits is under way."""
    inner = Server()
    server = Server(lambda now, lane, data: inner.properly(now, lane, data) if lane < 10 else [])
    drive = Drive(plan(FleetPhase(do="register", rate=1000), devices=400), server)
    drive.run(until=2)
    assert len(inner.registered) == drive.engine.tally.registered == 10
    drive.engine.begin_leaving()
    drive.run(until=3)
    assert inner.registered == {}
    assert drive.engine.tally.registered == 0
    assert drive.engine.under_way == 780  # each has its turn to leave before it as well


def observed(path: tuple[str, ...], token: bytes, number: int) -> bytes:
    return encode(Message(Type.CON, Code.GET, number, token, options(path=path, observe=0)))


def pulled(uri: str, package: bytes, spoil: int = -1) -> tuple[list[int], list[int], FleetStats, list[int]]:
    """What is told of state and result, the numbers of the blocks that were asked for, and what was counted.

    ``spoil``: the answer to that block is another package's.
    """
    server = Server()
    blocks: list[int] = []

    def serves(now: float, lane: int, data: bytes) -> list[Reply]:
        asked = decode(data)
        if asked.code >= 64:
            acknowledged = Message(Type.ACK, Code.EMPTY, asked.message_id)
            return [(DELAY, encode(acknowledged))] if asked.type is Type.CON else []
        if asked.code != Code.GET:
            return Server.properly(server, now, lane, data)
        if asked.texts(11) != ("fw", "new"):
            return [(DELAY, piggybacked(asked, Code.NOT_FOUND))]
        number = int.from_bytes(asked.first(23) or b"", "big") >> 4
        blocks.append(number)
        part = package[number * 512 : number * 512 + 512]
        more = (number + 1) * 512 < len(package)
        found = ((4, b"b" if number == spoil else b"a"), (23, (number << 4 | more << 3 | 5).to_bytes(2, "big")))
        said = Message(Type.ACK, Code.CONTENT, asked.message_id, asked.token, found, part)
        return [(DELAY, encode(said))]

    server = Server(serves)
    drive = Drive(plan(devices=1), server)
    drive.run(until=5)
    for number, (resource, token) in enumerate((("3", b"s"), ("5", b"r"))):
        drive.deliver(0.1, 0, observed(("5", "0", resource), token, number))
    written = options(path=("5", "0", "1"), content_format=0)
    drive.deliver(1, 0, encode(Message(Type.CON, Code.PUT, 9, b"u", written, uri.encode())))
    drive.run()
    drive.deliver(1, 0, encode(Message(Type.CON, Code.POST, 10, b"e", options(path=("5", "0", "2")))))
    stats = drive.run()
    told: dict[bytes, list[int]] = {b"s": [], b"r": []}
    for _, _, data in server.got:
        said = decode(data)
        if said.token in told:
            told[said.token].append(int(said.payload))
    return told[b"s"], told[b"r"], stats, blocks


def test_a_device_fetches_its_package_block_by_block_and_tells_its_states() -> None:
    states, results, stats, blocks = pulled("coap://127.0.0.1:5683/fw/new", b"p" * 1300)
    assert states == [0, 1, 2, 0]
    assert results == [0, 0, 0, 1]
    assert blocks == [0, 1, 2]
    assert stats.outcomes["firmware"] == {"ok": 3}
    assert stats.outcomes["report"] == {"ok": 6}
    assert (stats.counts["packages"], stats.counts["bytes-packages"]) == (1, 1300)
    assert adds_up(stats)


@pytest.mark.parametrize(
    ("uri", "result", "asked"),
    [
        ("coap://127.0.0.1:5683/fw/none", 7, 0),  # 4.04
        ("coap://192.0.2.1:5683/fw/new", 7, 0),  # nobody but the server is asked
        ("coap://127.0.0.1:5684/fw/new", 7, 0),
        ("coaps://127.0.0.1:5683/fw/new", 7, 0),
        ("http://127.0.0.1/fw/new", 9, 0),
        ("coap://127.0.0.1:x/", 7, 0),
    ],
)
def test_a_package_that_cannot_be_had_has_its_result(uri: str, result: int, asked: int) -> None:
    states, results, stats, blocks = pulled(uri, b"p" * 100)
    assert states[-1] == 0
    assert results[-1] == result
    assert len(blocks) == asked
    assert stats.counts.get("packages") is None
    assert adds_up(stats)


def test_a_block_of_another_package_ends_the_fetching() -> None:
    states, results, stats, blocks = pulled("coap://127.0.0.1:5683/fw/new", b"p" * 1300, spoil=1)
    assert blocks == [0, 1]
    assert states == [0, 1, 0]
    assert results[-1] != 0
    assert stats.outcomes["firmware"] == {"ok": 1, "wrong": 1}


@pytest.mark.parametrize(("most", "waits"), [(3600.0, [10, 20, 40, 80]), (10.0, [10, 10, 10, 10])])
def test_whose_registration_has_failed_tries_again_after_longer_and_longer(most: float, waits: list[int]) -> None:
    refusing = Server(lambda now, lane, data: [(DELAY, piggybacked(decode(data), Code.SERVICE_UNAVAILABLE))])
    drive = Drive(plan(devices=1, again=10.0, again_most=most, again_spread=0.0), refusing)
    while len(refusing.got) < 5:
        assert drive.step()
    at = [instant for instant, _, _ in refusing.got]
    assert [round(later - earlier) for earlier, later in pairwise(at)] == waits
    drive.server = Server()
    stats = drive.run(until=drive.now + 1000)
    assert stats.registered == 1
    assert stats.outcomes["register"] == {"refused": 5, "ok": 1}
    assert adds_up(stats)


class SecureServer(Server):
    """The same behind DTLS; ``deaf``: for so long from the first flight of a device on, what is in between is lost."""

    def __init__(self, key: bytes, deaf: float) -> None:
        super().__init__()
        self._dtls = DtlsServer(lambda identity: key, Random(1).randbytes)
        self._deaf, self._from = deaf, dict[int, float]()

    def take(self, now: float, lane: int, data: bytes) -> list[Reply]:
        self.got.append((now, lane, data))
        if 0 < now - self._from.setdefault(lane, now) < self._deaf:
            return []
        there = ("127.0.0.1", lane)
        self._dtls.handle_datagram(now, there, data)
        for event in self._dtls.events():
            if isinstance(event, ApplicationDataReceived):
                for _, said in self.properly(now, lane, event.data):
                    self._dtls.send(now, there, said)
        return [(DELAY, said) for _, said in self._dtls.datagrams_to_send()]


@pytest.mark.parametrize(("deaf", "sent"), [(0.0, 4), (0.5, 5), (6.0, 7)])
def test_a_handshake_repeats_its_flight_when_it_should_and_no_sooner(deaf: float, sent: int) -> None:
    """After 1, 2 and 4 seconds (RFC 6347 4.2.4.1): a timer is looked at once, and again where it moved meanwhile."""
    key, count = bytes(range(16)), 5
    server = SecureServer(key, deaf)
    target = FleetTarget("127.0.0.1", 5684, True, "127.0.0.1")
    made = msgspec.structs.replace(plan(ack_timeout=30.0), target=target, devices=FleetDevices(count, key=key))
    stats = Drive(made, server).run()
    assert stats.registered == stats.waits["handshake"].count == count
    assert len(server.got) == stats.counts["sent"] == count * sent
    assert adds_up(stats)


def test_what_a_server_asks_is_an_exchange_of_the_generators_own_cost_too() -> None:
    assert FleetStats(cpu=3.0, begun={"register": 1}, asked={"observe": 1, "read": 1}).own_cost == 1.0
    assert FleetStats(cpu=3.0).own_cost is None


def test_devices_come_back_to_a_server_that_has_forgotten_their_sessions() -> None:
    """What is not answered behind DTLS ends the session, too: the next message begins with a handshake."""
    key, count = bytes(range(16)), 5
    server, restarted = SecureServer(key, 0.0), SecureServer(key, 0.0)
    target = FleetTarget("127.0.0.1", 5684, True, "127.0.0.1")
    rest, rebind = FleetPhase(do="rest", span=200), FleetPhase(do="rebind", rate=100)
    devices = FleetDevices(count, key=key)
    made = msgspec.structs.replace(plan(REGISTER, rest, rebind, rest, rebind), target=target, devices=devices)
    drive = Drive(made, server)
    drive.run(until=100)
    drive.server = restarted
    stats = drive.run()
    assert stats.outcomes["update"] == {Outcome.SILENT: count, Outcome.OK: count}
    assert stats.waits["handshake"].count == 2 * count
    assert adds_up(stats)
