"""Any datagram at any listener of the Andlink platform, in the middle of anything: it answers, refuses or drops it."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from nbtwin.coap.message import Message, decode, encode, options
from nbtwin.coap.numbers import Code, Type
from nbtwin.engine import DecodeError
from nbtwin.lwm2m.firmware.file import file_of
from nbtwin.operators.andlink.platform import AndlinkPlatform
from nbtwin.operators.key_store.psk import PskStore

PEER = ("10.0.0.1", 5683)
LINKS = b'</>;rt="oma.lwm2m",</1/0>,</3/0>,</5/0>,</19/0>,</19/1>'
paths = st.lists(
    st.sampled_from(["rd", "bs", "dp", "fw", "new", "3", "0", "é"]) | st.text(max_size=5), max_size=3
)  # fmt: skip
queries = st.lists(
    st.sampled_from(["ep=a", "ep=", "lt=60", "lt=x", "b=UQ", "Q", "lwm2m=1.1", "pct=110"]) | st.text(max_size=9),
    max_size=4,
)  # fmt: skip
numbers = st.none() | st.integers(0, 65535)


@st.composite
def messages(draw: st.DrawFn) -> bytes:
    found = options(
        path=draw(paths), query=draw(queries), content_format=draw(numbers), accept=draw(numbers),
        observe=draw(st.none() | st.integers(0, 9)),
    )  # fmt: skip
    code = draw(st.sampled_from(list(Code)))
    type_, payload = draw(st.sampled_from(list(Type))), draw(st.binary(max_size=40) | st.just(LINKS))
    return encode(Message(type_, code, draw(st.integers(0, 9)), draw(st.binary(max_size=8)), found, payload))


def platform() -> AndlinkPlatform:
    """One client is registered, and everything that follows is open."""
    made = AndlinkPlatform(random.Random(1), PskStore(), package_of={"new": file_of(bytes(2000))}.get)
    found = options(path=["rd"], query=["ep=a", "lt=60"], content_format=40)
    made.handle_datagram(0.0, PEER, encode(Message(Type.CON, Code.POST, 77, b"r", found, LINKS)))
    made.events()
    return made


def tokens(made: AndlinkPlatform) -> list[tuple[int, bytes]]:
    """Of the requests that wait for an answer."""
    asked = [decode(data) for _, _, data in made.datagrams_by_listener()]
    return [(message.message_id, message.token) for message in asked if message.code == Code.GET]


def run(made: AndlinkPlatform, now: float) -> None:
    made.events()
    for _ in made.datagrams_by_listener():
        pass
    deadline = made.next_deadline()
    assert deadline is None or deadline.reason


@settings(max_examples=150)
@given(st.lists(st.tuples(st.integers(0, 2), messages() | st.binary(max_size=60)), max_size=5))
def test_any_datagrams_at_any_door(datagrams: list[tuple[int, bytes]]) -> None:
    made = platform()
    for number, (listener, data) in enumerate(datagrams):
        made.handle_datagram(float(number), PEER, data, listener)
        run(made, float(number))
    made.handle_timer(10_000.0)
    run(made, 10_000.0)


@settings(max_examples=150)
@given(
    st.sampled_from([Code.CONTENT, Code.CHANGED, Code.NOT_FOUND, Code.CONTINUE, 0x7F]),
    numbers,
    st.none() | st.integers(0, 3),
    st.binary(max_size=60),
)
def test_any_answer_to_what_is_asked(code: int, content_format: int | None, observe: int | None, body: bytes) -> None:
    made = platform()
    while asked := tokens(made):
        for message_id, token in asked:
            found = options(content_format=content_format, observe=observe)
            try:
                data = encode(Message(Type.ACK, code, message_id, token, found, body))
            except DecodeError:
                return
            made.handle_datagram(1.0, PEER, data)
        made.events()
