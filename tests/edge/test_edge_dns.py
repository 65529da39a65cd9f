"""Names asked of a real name server (D210): dnsmasq from Debian, from AT to it and back; and what is no answer."""

import asyncio
import shutil
import socket
import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from free_ports import free_port
from hypothesis import given
from hypothesis import strategies as st
from test_edge_sockets import LOOPBACK, Host, host

from nbtwin.edge.dns import NameClient, answer_in, question_of
from nbtwin.lab.link import ServerAnswer
from nbtwin.timeline.facts import LookupRefusal, NameResolved, NameUnresolved

HOSTS = "198.51.100.7 one.example\n198.51.100.8 many.example\n198.51.100.9 many.example\n"
FIRST, SECOND = "114.114.114.114", "223.5.5.5"
"""The network's name servers, as AT+QIDNSCFG shows them."""


@pytest.fixture(scope="module")
def dnsmasq(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Its port. It knows three names, has no server of its own to ask, and refuses what is not in `example`."""
    program = shutil.which("dnsmasq") or shutil.which("/usr/sbin/dnsmasq")
    if program is None:
        pytest.skip("dnsmasq is not installed (Debian: dnsmasq-base)")
    hosts: Path = tmp_path_factory.mktemp("dns") / "hosts"
    hosts.write_text(HOSTS, encoding="utf-8")
    hosts.chmod(0o644)
    hosts.parent.chmod(0o755)
    port = free_port()
    server = subprocess.Popen(
        [program, "--keep-in-foreground", "--conf-file=/dev/null", "--pid-file=", "--user=root", "--no-resolv",
         "--no-hosts", f"--addn-hosts={hosts}", f"--port={port}", f"--listen-address={LOOPBACK}", "--bind-interfaces",
         "--local=/example/", "--cname=alias.example,one.example", "--local-ttl=321"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        until = time.monotonic() + 20
        while True:  # it listens over TCP as well
            try:
                socket.create_connection((LOOPBACK, port), 1).close()
                break
            except OSError:
                assert time.monotonic() < until, "dnsmasq does not start"
                with suppress(subprocess.TimeoutExpired):
                    server.wait(0.02)
                    pytest.fail("dnsmasq has ended")
        yield port
    finally:
        server.terminate()
        server.wait(30)


def told(one: Host, name: str) -> object:
    """Of the timeline, the last that was said of this name."""
    assert one.world.timeline is not None
    facts = [entry.fact for entry in one.world.timeline.entries()]
    return [fact for fact in facts if isinstance(fact, NameResolved | NameUnresolved) and fact.name == name][-1]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("model", "context", "form"),
    [
        ("BC26", 1, '+QIURC: "dnsgip",0,{count},321\r\n'), ("BC25", 1, '+QIURC: "dnsgip",0,{count},321\r\n'),
        ("BC260Y-CN", 0, "+QIDNSGIP: 0,{count},321\r\n"),
    ],
)  # fmt: skip
async def test_the_rdy_families_tell_every_address_and_for_how_long(
    dnsmasq: int, model: str, context: int, form: str
) -> None:
    async with host(model) as one:
        await one.live.route(f"{FIRST}:53={LOOPBACK}:{dnsmasq}")
        heard = await one.say(f'AT+QIDNSGIP={context},"one.example"', form.format(count=1), "198.51.100.7")
        assert heard.index("OK") < heard.index("198.51.100.7")
        await one.say(f'AT+QIDNSGIP={context},"many.example"', form.format(count=2), "100.8", "100.9")
        await one.say(f'AT+QIDNSGIP={context},"ALIAS.example"', form.format(count=1), "198.51.100.7")
        await one.say(f'AT+QIDNSGIP={context},"nobody.example"', "565")
        assert told(one, "nobody.example") == NameUnresolved("nobody.example", LookupRefusal.UNKNOWN_NAME)
        await one.say(f'AT+QIDNSGIP={context},"elsewhere.test"', "565")
        assert told(one, "elsewhere.test") == NameUnresolved("elsewhere.test", LookupRefusal.SERVER_FAILED)
        await one.say(f'AT+QIDNSGIP={context},"echo.lab.test"', "192.0.2.20")
        opening = f'AT+QIOPEN={context},0,"UDP","one.example",7'
        await one.say(opening, "+QIOPEN: 0,0")


@pytest.mark.asyncio
async def test_the_neul_families_tell_the_first_one(dnsmasq: int) -> None:
    async with host("BC28") as one:
        await one.live.route(f"{SECOND}:53={LOOPBACK}:{dnsmasq}")
        await one.say("AT+QDNS=0,one.example", "+QDNS:198.51.100.7\r\n")
        await one.say("AT+QDNS=0,nobody.example", "+QDNS:QUERY_DNS_FAILED\r\n")
        await one.say("AT+QDNS=0,many.example", "+QDNS:198.51.100.")


@pytest.mark.asyncio
async def test_the_second_server_is_asked_where_the_first_does_not_answer(dnsmasq: int) -> None:
    """The host's own servers; nobody is at the port of the first one."""
    nobody = free_port()
    async with host("BC26") as one:
        await one.live.route(f"203.0.113.1:53={LOOPBACK}:{nobody}")
        await one.live.route(f"203.0.113.2:53={LOOPBACK}:{dnsmasq}")
        await one.say('AT+QIDNSGIP=1,"one.example"', "565")
        assert told(one, "one.example") == NameUnresolved("one.example", LookupRefusal.UNKNOWN_NAME), "no route"
        await one.say('AT+QIDNSCFG=1,"203.0.113.1","203.0.113.2"')
        await one.say('AT+QIDNSGIP=1,"one.example"', "198.51.100.7")
        await one.say('AT+QIDNSCFG=1,"203.0.113.1"')
        await one.say('AT+QIDNSGIP=1,"one.example"', "565")
        assert told(one, "one.example") == NameUnresolved("one.example", LookupRefusal.NO_ANSWER)


@pytest.mark.asyncio
async def test_a_lab_that_jumps_waits_for_the_answer(dnsmasq: int) -> None:
    async with host("BC26") as one:
        await one.live.route(f"{FIRST}:53={LOOPBACK}:{dnsmasq}")
        one.world.serial(one.node, b'AT+QIDNSGIP=1,"one.example"\r')
        await one.live.advance(60)
        assert '"dnsgip","198.51.100.7"' in one.said


@pytest.mark.asyncio
async def test_a_server_that_says_nothing_is_asked_three_times() -> None:
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind((LOOPBACK, 0))
        client = NameClient(loop, 0.01)
        answer: asyncio.Future[ServerAnswer] = loop.create_future()
        client.ask([silent.getsockname()], "one.example", answer.set_result)
        async with asyncio.timeout(60):
            assert await answer == ServerAnswer(refusal=LookupRefusal.NO_ANSWER)
        questions = [silent.recv(512) for _ in range(3)]
        assert questions[0] == questions[1] == questions[2]
        silent.setblocking(False)
        with pytest.raises(BlockingIOError):
            silent.recv(512)
        client.ask([silent.getsockname()], "one.example", answer.set_result)
        client.close()


@pytest.mark.asyncio
async def test_a_stranger_answers_and_is_not_believed() -> None:
    """From another port; with another number; to another question."""
    loop = asyncio.get_running_loop()
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger,
    ):
        server.bind((LOOPBACK, 0))
        client = NameClient(loop)
        answer: asyncio.Future[ServerAnswer] = loop.create_future()
        client.ask([server.getsockname()], "one.example", answer.set_result)
        question, asker = server.recvfrom(512)
        right = question[:2] + struct.pack("!5H", 0x8180, 1, 1, 0, 0) + question[12:]
        right += b"\xc0\x0c" + struct.pack("!2HIH", 1, 1, 60, 4)
        stranger.sendto(right + bytes((192, 0, 2, 66)), asker)
        server.sendto(bytes((question[0] ^ 1,)) + right[1:] + bytes((192, 0, 2, 67)), asker)
        server.sendto(right.replace(b"one", b"two") + bytes((192, 0, 2, 68)), asker)
        server.sendto(right + bytes((192, 0, 2, 1)), asker)
        async with asyncio.timeout(60):
            assert await answer == ServerAnswer(("192.0.2.1",), 60)
        client.close()


@given(st.binary(max_size=300), st.integers(0, 12))
def test_nothing_that_comes_can_break_the_reader(data: bytes, kept: int) -> None:
    question = question_of("one.example")
    assert question is not None
    head = struct.pack("!6H", 7, 0x8180, 1, len(data) % 7, 0, 0) + question
    answer_in(data, 7, question)
    answer = answer_in(head[:kept] + data, 7, question)
    answer = answer_in(head + data, 7, question) or answer
    assert answer is None or all(len(one.split(".")) == 4 for one in answer.hosts)


@pytest.mark.parametrize("name", ["", ".", "a..b", "x" * 64, ".".join(["x" * 63] * 5), "zürich.example"])
def test_what_is_no_name_is_not_asked(name: str) -> None:
    assert question_of(name) is None
