"""The load generator of the benchmarks: it really registers, answers what it is asked, counts what is lost, and says
how long was waited from the instant that a request was to leave at."""

from __future__ import annotations

import json
import random
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from benchmarks import generator, traffic
from benchmarks.generator import Generator, NoGenerator
from benchmarks.processes import nbtwin
from nbtwin.coap.message import Message, decode, encode, options
from nbtwin.coap.numbers import Code, Type
from nbtwin.operators.store.store import Store


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    try:
        generator.executable()
    except NoGenerator as why:
        pytest.skip(str(why))


class Peer:
    """A CoAP server in a thread: what it got, and what it was answered; each answer is the test's."""

    def __init__(self, udp: socket.socket) -> None:
        self.udp = udp
        self.got: list[tuple[Message, int]] = []  # with the port of who sent it
        self.replies: list[Message] = []
        self.silent: set[int] = set()  # which requests, by number, are not answered
        self.asks: tuple[str, ...] = ()
        self.port = int(udp.getsockname()[1])

    def serve(self) -> None:
        while True:
            data, source = self.udp.recvfrom(2048)
            if not data:
                return
            message = decode(data)
            if message.code != Code.POST:
                self.replies.append(message)
                continue
            self.got.append((message, source[1]))
            number = len(self.got)
            if number in self.silent:
                continue
            where = options(location_path=("rd", f"device-{number}"))
            self.udp.sendto(encode(Message(Type.ACK, Code.CREATED, message.message_id, message.token, where)), source)
            for path in self.asks:
                asked = options(path=path[1:].split("/"))
                self.udp.sendto(encode(Message(Type.CON, Code.GET, number, b"server", asked)), source)


@contextmanager
def serving() -> Iterator[Peer]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", 0))
        peer = Peer(udp)
        thread = threading.Thread(target=peer.serve)
        thread.start()
        try:
            yield peer
        finally:
            udp.sendto(b"", udp.getsockname())
            thread.join()


def run(peer: Peer, sent: traffic.Traffic, *phases: str, sockets: int = 4) -> list[dict[str, Any]]:
    with Generator(peer.port, sent, sockets=sockets) as load:
        return [load.run(phase) for phase in phases]


def names(peer: Peer) -> list[str]:
    return [next(word[3:] for word in message.query if word.startswith("ep=")) for message, _ in peer.got]


def test_every_device_registers_once_in_order_and_keeps_its_port() -> None:
    with serving() as peer:
        first, second = run(peer, traffic.lwm2m(8), *["what=register closed=1 count=8"] * 2)
    assert names(peer) == [traffic.imei_of(number) for number in range(8)] * 2
    assert [port for _, port in peer.got[:8]] == [port for _, port in peer.got[8:]]
    assert [port for _, port in peer.got[:4]] == [port for _, port in peer.got[4:8]]
    assert len({port for _, port in peer.got}) == 4
    assert (first["sent"], first["answered"], first["lost"], first["stray"]) == (8, 8, 0, 0)
    assert second["codes"] == {"2.01": 8}
    asked = {(message.message_id, message.token, port) for message, port in peer.got}
    assert len(asked) == 16, "a server that removes duplicates has to answer each"


def test_a_pass_in_random_order_has_every_device_once_and_the_next_pass_another_order() -> None:
    with serving() as peer:
        run(peer, traffic.lwm2m(16), "what=register closed=1 count=32 order=random")
    one, two = names(peer)[:16], names(peer)[16:]
    assert sorted(one) == sorted(two) == [traffic.imei_of(number) for number in range(16)]
    assert one != two
    assert one != sorted(one)


def test_an_update_goes_to_the_location_that_the_device_was_given() -> None:
    with serving() as peer:
        run(peer, traffic.lwm2m(3), "what=register closed=1 count=3", "what=update closed=1 count=3")
    assert [message.path for message, _ in peer.got[3:]] == [("rd", f"device-{number}") for number in (1, 2, 3)]


def test_uplinks_are_the_other_requests() -> None:
    with serving() as peer:
        run(peer, traffic.lwm2m(2), "what=other closed=1 count=2")
    assert [message.path for message, _ in peer.got] == [("dp",)] * 2
    assert names(peer) == [traffic.imei_of(0), traffic.imei_of(1)]


def test_what_the_server_asks_is_answered_and_only_then_the_exchange_has_ended() -> None:
    with serving() as peer:
        peer.asks = ("/666/0",)
        (result,) = run(peer, traffic.cmdmp(4), "what=register closed=1 count=4")
    assert (result["asked"], result["unknown"], result["whole_ms"]["count"]) == (4, 0, 4)
    assert [(reply.type, reply.code, reply.token) for reply in peer.replies] == [
        (Type.ACK, Code.CONTENT, b"server")
    ] * 4
    assert {reply.payload for reply in peer.replies} == {traffic.cmdmp_inventory()}


def test_what_nothing_was_prepared_for_is_answered_4_04_and_counted() -> None:
    with serving() as peer:
        peer.asks = ("/9/0",)
        (result,) = run(peer, traffic.cmdmp(1), "what=register closed=1 count=1")
    assert result["unknown"] == 1
    assert [reply.code for reply in peer.replies] == [Code.NOT_FOUND]


def test_what_is_not_answered_is_lost_counts_with_its_timeout_and_is_asked_again_when_told_to() -> None:
    with serving() as peer:
        peer.silent = {2}
        first, again = run(
            peer,
            traffic.lwm2m(3),
            "what=register closed=1 count=3 timeout=60",
            "what=register closed=1 count=1 missing=1",
        )
    assert (first["sent"], first["answered"], first["lost"]) == (3, 2, 1)
    assert first["ms"]["count"] == 3
    assert first["ms"]["max"] >= 60
    assert names(peer)[3:] == [traffic.imei_of(1)]
    assert (again["answered"], again["skipped"]) == (1, 1)


def test_open_loop_goes_on_while_a_server_stalls_and_counts_from_the_schedule() -> None:
    """Half of the requests meet silence: none of them delays the others."""
    with serving() as peer:
        peer.silent = set(range(1, 51))
        (result,) = run(peer, traffic.lwm2m(100), "what=register open=1000 count=100 timeout=100")
    assert (result["sent"], result["answered"], result["lost"]) == (100, 50, 50)
    assert result["ms"]["count"] == 100
    assert result["ms"]["p99"] >= 100, "the silence is in the percentiles"
    assert result["late_ms"]["count"] == 100


def test_the_instants_of_an_open_loop_are_the_same_for_every_server() -> None:
    with serving() as one, serving() as two:
        sent = [run(peer, traffic.lwm2m(4), "what=register open=500 seconds=0.2")[0]["sent"] for peer in (one, two)]
    assert sent[0] == sent[1]
    assert 60 <= sent[0] <= 140


def test_the_percentiles_are_those_of_the_values_and_at_most_a_hundredth_above() -> None:
    drawn = random.Random(2)
    values = sorted(int(drawn.paretovariate(1.2) * 1000) for _ in range(5000))
    said = subprocess.run(
        [generator.executable(), "--histogram"],
        input=" ".join(map(str, values)),
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(said.stdout)["values"]
    for name, part in (("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99), ("p999", 0.999)):
        exact = values[int(part * len(values)) - 1]
        assert exact * 0.99999 <= found[name] <= exact * 1.01, name
    assert found["max"] == pytest.approx(values[-1], rel=1e-5)


def test_a_platform_keeps_what_the_generator_registers_and_reads_it(tmp_path: Path) -> None:
    with (
        nbtwin("platform", "--ports", "andlink=0", "--state", str(tmp_path)) as server,
        Generator(server.udp, traffic.andlink(20), pid=server.pid) as load,
    ):
        result = load.run("what=register closed=8 count=20")
        updated = load.run("what=update closed=8 count=20")
    assert (result["answered"], result["asked"], result["unknown"], result["unfinished"]) == (20, 60, 0, 0)
    assert (updated["answered"], updated["errors"]) == (20, 0)
    assert result["cpu"] > 0
    with Store.open(tmp_path / "inventory.sqlite") as store:
        device = store.device(f"andlink:{traffic.imei_of(7)}")
    assert device is not None
    assert "BC260Y-CN" in str(device)


def test_without_a_compiler_it_is_said_what_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CC", raising=False)
    with pytest.raises(NoGenerator, match="no C compiler here"):
        generator.executable()
