"""Whose a datagram is, of several processes (D205): what names something leads to who gave the name."""

from __future__ import annotations

import random

import pytest

from nbtwin.coap.message import Message, encode, options
from nbtwin.coap.numbers import Code, OptionNumber, Type
from nbtwin.dtls.settings import ServerSettings
from nbtwin.engine import Address
from nbtwin.runtime.workers.routing import MOST, MarkedRandom, Router, process_of

HERE: Address = ("127.0.0.1", 5001)
ELSEWHERE: Address = ("127.0.0.1", 5002)


def request(*path: str, code: int = Code.POST, host: str | None = None, token: bytes = b"\x07tok") -> bytes:
    before = () if host is None else ((int(OptionNumber.URI_HOST), host.encode()),)
    asked = (*before, *options(path=path, query=("epi=1",)))
    return encode(Message(Type.CON, code, 7, token, asked, b""))


def for_whom(router: Router, data: bytes, source: Address = HERE, *, secure: bool = False) -> set[int]:
    """The numbers of the processes; the router's own is 0."""
    mine, others = router.sort([(source, data)], secure=secure)
    return {*(0 for _ in mine), *(process for process, _ in others)}


@pytest.mark.parametrize("processes", [2, 3, 7, MOST])
def test_every_name_that_a_process_draws_leads_to_it(processes: int) -> None:
    router = Router(0, processes)
    for process in range(processes):
        drawn = MarkedRandom("seed", process, processes)
        for _ in range(50):
            location = drawn.getrandbits(40).to_bytes(5, "big").hex()
            assert process_of(f"rd/{location}", processes) == process
            assert for_whom(router, request("rd", location)) == {process}
            for bits in (32, 48):
                token = drawn.getrandbits(bits).to_bytes(bits // 8, "big")
                answer = encode(Message(Type.NON, Code.CONTENT, 9, token, (), b"1"))
                assert for_whom(router, answer) == {process}
            cid = drawn.randbytes(ServerSettings().cid_length)
            record = b"\x19\xfe\xfd" + bytes(8) + cid + b"\x00\x05" + b"later"
            assert for_whom(router, record, secure=True) == {process}


def test_names_differ_as_much_as_before() -> None:
    drawn = MarkedRandom("seed", 1, 2)
    assert len({drawn.getrandbits(40) for _ in range(1000)}) == 1000
    assert len({drawn.randbytes(6) for _ in range(1000)}) == 1000


def test_what_is_no_name_is_drawn_as_ever() -> None:
    plain, marked = random.Random("seed"), MarkedRandom("seed", 1, 2)
    assert [marked.getrandbits(16) for _ in range(20)] == [plain.getrandbits(16) for _ in range(20)]
    assert len({byte for _ in range(500) for byte in marked.randbytes(32)[:1]} & {0, 1}) == 2


def test_what_names_nobody_stays_where_it_came() -> None:
    router = Router(0, 2)
    hello = b"\x16\xfe\xfd" + bytes(8) + b"\x00\x05" + b"\x01\x00\x00\x00\x00"
    for data in (
        request("rd"),
        request("bs"),
        request("nb"),
        request(".well-known", "core", code=Code.GET),
        b"",
        b"\x40",
    ):
        assert for_whom(router, data) == {0}
    for data in (hello, b"", b"\x19\xfe\xfd", b"\x17\xfe\xfd" + bytes(40)):
        assert for_whom(router, data, secure=True) == {0}
    for location in ("zz", "", "0", "é", "1" * 300):
        assert for_whom(router, request("rd", location)) <= {0, 1}


def test_other_options_before_the_path_hide_nothing() -> None:
    router = Router(0, 2)
    for host in (None, "a", "platform.example", "h" * 200):
        assert for_whom(router, request("rd", "01aabbccdd", host=host)) == {1}
        assert for_whom(router, request("rd", "02aabbccdd", host=host)) == {0}


def test_an_empty_answer_goes_to_all_and_a_ping_to_one() -> None:
    router = Router(0, 3)
    for kind in (Type.ACK, Type.RST):
        assert for_whom(router, encode(Message(kind, Code.EMPTY, 9))) == {0, 1, 2}
    assert for_whom(router, encode(Message(Type.CON, Code.EMPTY, 9))) == {0}


def test_what_follows_an_update_that_was_handed_on_is_handed_on_until_the_sender_registers() -> None:
    router = Router(0, 2)
    uplink = request("dp")
    assert for_whom(router, uplink) == {0}
    assert for_whom(router, request("rd", "01aabbccdd")) == {1}
    assert for_whom(router, uplink) == {1}
    assert for_whom(router, uplink, ELSEWHERE) == {0}
    assert for_whom(router, request("rd")) == {0}
    assert for_whom(router, uplink) == {0}


def test_nothing_that_can_be_sent_is_too_much_for_it() -> None:
    router, drawn = Router(0, 2), random.Random(16)
    for _ in range(20_000):
        data = drawn.randbytes(drawn.randrange(40))
        for whole in (
            data,
            b"\x44\x02" + data,
            b"\x40\x02\x00\x01" + data,
            request("rd", "01aa")[: drawn.randrange(30)],
        ):
            assert for_whom(router, whole) <= {0, 1}
            assert for_whom(router, whole, secure=True) <= {0, 1}
