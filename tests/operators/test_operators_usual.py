"""What is usual against what is decoded (`lwm2m.server.usual`): one seed, the same datagrams, and the same said and
told, byte for byte; what is not quite usual among it.

By hand with more of them: ``python tests/operators/test_operators_usual.py 3000000``.
"""

from __future__ import annotations

import random
import sys
from dataclasses import replace

import pytest
from andlink_raw_bench import NOTHING, PEER, Client

from nbtwin.coap.message import Message, decode, encode, options
from nbtwin.coap.numbers import Code, ContentFormat, OptionNumber, Type
from nbtwin.engine import Address
from nbtwin.operators.andlink.admission import PlaintextPolicy
from nbtwin.operators.andlink.platform import AndlinkPlatform
from nbtwin.operators.inventory.devices import Device
from nbtwin.operators.key_store.psk import DeviceKeys, PskStore
from nbtwin.operators.remark import RemarkCode
from nbtwin.operators.store.journal_format import encode_events
from nbtwin.selfreg.numbering import luhn_digit

LINKS = (b"</1/0>,</3/0>", b'</>;rt="oma.lwm2m",</1/0>,</4/0>,</6/0>')
NAMES = [
    *(body + luhn_digit(body) for body in map("86370300000{:03}".format, range(12))),
    *("urn:imei:863703000001234", "a", "ep=ep=", "müller", "863703000000000", "x" * 100, "b"),
]  # fmt: skip


class Pair:
    """Two platforms of one seed: the one takes datagrams as it does, the other has each decoded."""

    def __init__(self, seed: int, *, policy: bool) -> None:
        self.random = random.Random(seed)
        self.now = 1000.0
        self.created = 0
        self.platforms = [AndlinkPlatform(random.Random(seed), PskStore(), remembered=64) for _ in range(2)]
        for platform in self.platforms:
            platform.change_policy(self.now, ("/3/0/9",) if policy else (), ("/3/0",) if policy else ())
        self.locations: dict[str, str] = {}
        self.sent: list[tuple[Address, bytes]] = []
        self.asked: list[tuple[Address, bytes]] = []

    def take(self, source: Address, data: bytes) -> None:
        """The same to both; what they say and tell is the same."""
        usual, decoded = self.platforms
        usual.handle_datagram(self.now, source, data)
        decoded.coap.handle_datagram(self.now, source, data)
        decoded.react(self.now)
        self.compare(f"{source} {data!r}")

    def compare(self, after: str) -> None:
        usual, decoded = self.platforms
        told, said = usual.events(), usual.datagrams_by_listener()
        assert encode_events(told) == encode_events(decoded.events()), after
        assert said == decoded.datagrams_by_listener(), after
        assert usual.next_deadline() == decoded.next_deadline(), after
        for _, to, data in said:
            if data[1] == 0x41:
                self.created += 1
                self.locations[self.latest] = decode(data).location[1]
            elif data[1] < 32 and data[1]:
                self.asked.append((to, data))

    def change(self) -> None:
        """Something that decides what is taken in, in both."""
        which, name = self.random.randrange(8), self.random.choice(NAMES[:14])
        for platform in self.platforms:
            platform.strict = which == 0
            plain = PlaintextPolicy.NOBODY if which == 1 else PlaintextPolicy.KEYLESS
            platform.settings = replace(platform.settings, plain=plain, unknown_devices=which != 2)
            platform.keys.replace([DeviceKeys(device=name, key="00" * 16)] if which == 3 else ())
            if which == 4:
                platform.devices.forget(self.now, name)

    def step(self) -> None:
        draw = self.random
        self.now += draw.choice((0.0, 0.0, 0.1, 5.0))
        if draw.random() < 0.003:
            self.now += 200_000.0
        if draw.random() < 0.02:
            for platform in self.platforms:
                platform.handle_timer(self.now)
            self.compare("timer")
        if draw.random() < 0.005:
            self.change()
        if self.asked and draw.random() < 0.4:
            to, data = self.asked.pop()
            self.take(to, bytes((0x60 | data[0] & 15, draw.choice((0x45, 0x84)))) + data[2 : 4 + (data[0] & 15)])
            return
        if self.sent and draw.random() < 0.05:
            self.take(*draw.choice(self.sent[-20:]))
            return
        source, data = self.datagram()
        if draw.random() < 0.1:
            data = self.spoilt(data)
        self.sent.append((source, data))
        del self.sent[:-20]
        self.take(source, data)

    def datagram(self) -> tuple[Address, bytes]:
        draw = self.random
        number = draw.randrange(len(NAMES))
        self.latest = name = NAMES[number]
        number = NAMES.index("a") if name == "b" else number  # two behind one address
        source = (f"192.0.2.{number}", 5683 if draw.random() < 0.95 else draw.choice((5684, 5685)))
        kind, which, payload = draw.choice("rrrruuuuvdpppp"), options(path=("rd",)), b""
        code: int = Code.POST
        if kind == "r":
            query = [f"ep={name}", f"lt={draw.choice((60, 86400, 86400, 86400))}", draw.choice(("b=U", "b=U", "b=UQ"))]
            if draw.random() < 0.3:
                query.insert(0, draw.choice(("lwm2m=1.0", "lwm2m=1.1", "xep=1", "ep=b", f"ep={name}", "sms=8613")))
            block = draw.choice((None, None, None, b"\x08", b"\x10"))  # the first, or the last one of two
            more = () if block is None else ((OptionNumber.BLOCK1, block),)
            which = options(path=("rd",), query=query, content_format=ContentFormat.LINK_FORMAT, more=more)
            payload = draw.choice(LINKS) if block is None else b"</1/0>,</3/0/0>,"[: 16 if block == b"\x08" else 6]
        elif kind == "p":
            form = draw.choice((ContentFormat.TEXT, ContentFormat.SENML_JSON, None))
            which = options(path=("dp",), query=(f"ep={name}",), content_format=form)
            payload = draw.choice((b"21.5", b"\xff", b""))
        else:
            location = self.locations.get(name, "0123456789")
            which = options(path=("rd", location), query=("lt=600",) if kind == "v" else ())
            code = Code.DELETE if kind == "d" else Code.POST
        type = Type.CON if draw.random() < 0.97 else draw.choice((Type.NON, Type.ACK, Type.RST))
        token = draw.randbytes(draw.choice((0, 1, 4, 8)))
        return source, encode(Message(type, code, draw.randrange(400), token, which, payload))

    def spoilt(self, data: bytes) -> bytes:
        draw, at = self.random, self.random.randrange(len(data))
        if draw.random() < 0.3:
            return data[:at]
        change = draw.choice((b"", draw.randbytes(1), data[at : at + 1] + draw.randbytes(1)))
        return data[:at] + change + data[at + 1 :]


@pytest.mark.parametrize("policy", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_what_is_usual_is_answered_and_told_as_what_is_decoded(seed: int, policy: bool) -> None:
    pair = Pair(seed, policy=policy)
    for _ in range(2500):
        pair.step()
    usual, decoded = pair.platforms
    assert usual.server.registrations == decoded.server.registrations
    assert pair.created > 50, "registrations were taken in"


def test_what_is_cut_anywhere_is_refused_as_what_is_decoded() -> None:
    """Compiled code takes a slice that ends before it begins for an error: a stranger's datagram must raise nothing."""
    pair = Pair(1, policy=False)
    for which, payload in (
        (options(path=("rd",), query=("ep=a",)), LINKS[0]),
        (options(path=("dp",), query=("ep=a",)), b"1"),
    ):
        for number in range(2):
            pair.latest, whole = "a", encode(Message(Type.CON, Code.POST, number, b"token678", which, payload))
            pair.take(PEER, whole[:2] + bytes((0, number + 10 * len(payload))) + whole[4:])
        for length in range(len(whole)):
            pair.take(PEER, whole[:2] + bytes((1, length)) + whole[4:length] if length > 4 else whole[:length])
            pair.take(PEER, bytes((0x48, 2, 2, length)) + whole[4:length])


def test_of_a_device_that_was_restored_the_same_is_remarked() -> None:
    wrong = "863703000000000"
    device = Device(
        id=f"andlink:{wrong}", platform="andlink", imei=wrong, endpoint=wrong, location="rd/0123456789", host=PEER[0],
        port=PEER[1], lifetime=300, binding="U", objects=NOTHING.decode(), version="1.0", lwm2m_version="1.0",
    )  # fmt: skip
    client = Client()
    assert client.platform.restore([device]) == 1
    client.register()  # whose form is known from now on
    for _ in range(2):
        client.register(ep=wrong)
        assert [remark.code for remark in client.log[-1].remarks] == [RemarkCode.IMEI_LUHN]
    client.register()
    assert client.log[-1].remarks == ()


if __name__ == "__main__":
    count = int(sys.argv[1])
    for number in range(count // 20_000):
        pair = Pair(1000 + number, policy=number % 4 == 0)
        for _ in range(20_000):
            pair.step()
    print(f"{count} datagrams and as many comparisons: no difference")
