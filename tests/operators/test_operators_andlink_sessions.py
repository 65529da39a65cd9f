"""Behind DTLS the peer is the session (RFC 7252 9.1), and the registration is the identity's (D146 to D148)."""

from __future__ import annotations

import random
from itertools import count
from typing import Any

import pytest

from nbtwin.coap.message import Message, decode, encode, options
from nbtwin.coap.numbers import Code, Type
from nbtwin.dtls import DtlsClient, Resumable, Settings, Status
from nbtwin.engine import Address
from nbtwin.lwm2m.firmware.file import file_of
from nbtwin.lwm2m.server.refusals import Lwm2mServerRefusal
from nbtwin.operators import events as ev
from nbtwin.operators.andlink.admission import AndlinkSettings
from nbtwin.operators.andlink.listeners import ListenerPort
from nbtwin.operators.andlink.platform import AndlinkPlatform
from nbtwin.operators.key_store.psk import DeviceKeys, PskStore
from nbtwin.operators.refusals import PlatformRefusal
from nbtwin.operators.store.store import Store

IMEI, OTHER = "867724030000225", "867724030000226"
KEY = bytes(range(16))
HERE: Address = ("10.0.0.2", 40000)
ELSEWHERE: Address = ("10.0.0.3", 40001)
SERVER: Address = ("10.0.0.1", 5685)
LINKS = b"</1/0>,</3/0>,</19/1>"
PACKAGE = bytes(range(256)) * 20
ROUNDS = 20


class Network:
    """The platform, and devices that write their own CoAP into DTLS sessions of their own."""

    def __init__(self, **settings: Any) -> None:
        self.keys = PskStore([DeviceKeys(device=name, key=KEY.hex()) for name in (IMEI, OTHER)])
        policy = AndlinkSettings(observe=(), read=(), **settings)
        self.platform = AndlinkPlatform(
            random.Random(1),
            self.keys,
            settings=policy,
            package_of=lambda name: file_of(PACKAGE) if name == "new" else None,
        )
        self.now = 0.0
        self.log: list[Any] = []
        self.sessions: list[Session] = []
        self._seeds = count(1)

    def session(
        self, address: Address = HERE, identity: str = IMEI, *, resumable: Resumable | None = None,
        connection_id: bool = False,
    ) -> Session:  # fmt: skip
        """A device begins a session; what was at its address before is switched off."""
        self.sessions = [session for session in self.sessions if session.address != address or connection_id]
        settings = Settings(connection_id=connection_id)
        seed = random.Random(next(self._seeds)).randbytes
        client = DtlsClient(SERVER, identity.encode(), KEY, seed, settings=settings, resumable=resumable)
        session = Session(self, address, identity, client)
        self.sessions.append(session)
        client.handshake(self.now)
        self.run()
        assert client.status is Status.ESTABLISHED
        return session

    def run(self) -> None:
        """Until nobody has anything to say any more."""
        busy = True
        while busy:
            busy = False
            for session in list(self.sessions):
                for _, data in session.client.datagrams_to_send():
                    self.platform.handle_datagram(self.now, session.address, data, ListenerPort.SECURE)
                    busy = True
            for listener, to, data in self.platform.datagrams_by_listener():
                assert listener == ListenerPort.SECURE
                for session in self.sessions:
                    if session.address == to:
                        session.client.handle_datagram(self.now, SERVER, data)
                        busy = True
            for session in self.sessions:
                session.take()
        self.log += self.platform.events()

    def advance(self, span: float) -> None:
        end = self.now + span
        while (deadline := self.platform.next_deadline()) is not None and deadline.at <= end:
            self.now = max(self.now, deadline.at)
            self.platform.handle_timer(self.now)
            self.run()
        self.now = end

    def ask(self, verb: str, path: str, value: Any = None, device: str = IMEI) -> int:
        ticket = self.platform.devices.ask(self.now, device, verb, path, value)
        self.run()
        return ticket

    def outcome(self, ticket: int) -> ev.OperationAnswered | None:
        found = [e for e in self.log if isinstance(e, ev.OperationAnswered) and e.ticket == ticket]
        return found[0] if found else None

    def seen(self, kind: type) -> list[Any]:
        return [event for event in self.log if isinstance(event, kind)]


class Session:
    def __init__(self, network: Network, address: Address, identity: str, client: DtlsClient) -> None:
        self.network = network
        self.address = address
        self.identity = identity
        self.client = client
        self.got: list[Message] = []

    def take(self) -> None:
        self.got += [decode(event.data) for event in self.client.events() if hasattr(event, "data")]

    def say(self, message: Message) -> None:
        self.client.send(self.network.now, SERVER, encode(message))
        self.network.run()

    def request(self, message_id: int, code: int, path: str, *query: str, payload: bytes = b"", **more: Any) -> Message:
        """Its answer."""
        found = options(path=tuple(path.split("/")), query=query, **more)
        self.say(Message(Type.CON, code, message_id, message_id.to_bytes(2, "big"), found, payload))
        (answer,) = [m for m in self.got if m.type == Type.ACK and m.message_id == message_id]
        return answer

    def register(self, message_id: int, *query: str) -> str:
        query = query or ("lwm2m=1.0", "b=U", "lt=3600")
        answer = self.request(
            message_id, Code.POST, "rd", f"ep={self.identity}", *query, payload=LINKS, content_format=40
        )
        assert answer.code == Code.CREATED
        return "/".join(answer.location)

    def asked(self) -> Message:
        """The newest request of the platform."""
        return [m for m in self.got if m.type == Type.CON and 0 < m.code < 32][-1]

    def was_asked(self) -> bool:
        return any(m.type == Type.CON and 0 < m.code < 32 for m in self.got)

    def answer(self, asked: Message, code: int = Code.CONTENT, payload: bytes = b"", **more: Any) -> None:
        self.say(Message(Type.ACK, code, asked.message_id, asked.token, options(**more), payload))

    def notify(self, message_id: int, token: bytes, order: int, payload: bytes) -> Message:
        """What is sent back."""
        self.say(Message(Type.CON, Code.CONTENT, message_id, token, options(observe=order, content_format=42), payload))
        return next(m for m in self.got if m.message_id == message_id and m.type in (Type.ACK, Type.RST))


@pytest.fixture
def network() -> Network:
    return Network()


def observed(session: Session) -> bytes:
    """The token under which the platform observes /19/1/0."""
    network = session.network
    network.ask("observe", "/19/1/0")
    asked = session.asked()
    session.answer(asked, observe=1, payload=b"first")
    return asked.token


@pytest.mark.parametrize("address", [HERE, ELSEWHERE])
def test_a_device_that_rebooted_may_use_its_message_ids_again(network: Network, address: Address) -> None:
    """Its second life asks another thing under the same message ID; it must not get the first one's answer."""
    location = network.session().register(7)
    again = network.session(address)
    assert again.request(7, Code.POST, "dp", f"ep={IMEI}", payload=b"x").code == Code.CHANGED
    assert again.request(8, Code.POST, location).code == Code.CHANGED


def test_a_message_is_a_duplicate_in_its_own_session_only(network: Network) -> None:
    first = network.session()
    first.register(1)
    for session in (first, network.session(ELSEWHERE)):
        for _ in range(2):
            session.say(Message(Type.CON, Code.POST, 9, b"t", options(path=("dp",), query=(f"ep={IMEI}",)), b"v"))
    assert len(network.seen(ev.DataReceived)) == 2


def test_two_sessions_of_one_identity_get_their_own_answers(network: Network) -> None:
    """A client that downloads over a second session, and both count their messages from 1."""
    first, second = network.session(HERE), network.session(ELSEWHERE)
    first.register(1)
    for number in range(2, 2 + ROUNDS):
        asked = [(first, options(path=("dp",), query=(f"ep={IMEI}",))), (second, options(path=("fw", "new")))]
        for session, found in random.Random(number).sample(asked, 2):
            code = Code.POST if session is first else Code.GET
            session.client.send(network.now, SERVER, encode(Message(Type.CON, code, number, b"same", found, b"")))
        network.run()
    assert [m.code for m in first.got[1:]] == [Code.CHANGED] * ROUNDS
    assert [m.code for m in second.got] == [Code.CONTENT] * ROUNDS


def test_commands_and_their_answers_stay_in_the_session_that_registered(network: Network) -> None:
    """A cloned IMEI lives beside the device, sends data in its name, and answers what it has never been asked."""
    device, clone = network.session(HERE), network.session(ELSEWHERE)
    device.register(1)
    for number in range(2, 2 + ROUNDS):
        clone.request(number, Code.POST, "dp", f"ep={IMEI}", payload=b"x")
        ticket = network.ask("read", "/3/0/1")
        asked = device.asked()
        clone.answer(asked, payload=b"clone")
        assert network.outcome(ticket) is None
        device.answer(asked, payload=b"device")
        answered = network.outcome(ticket)
        assert answered is not None
        assert answered.value == "device"
    assert not clone.was_asked()


def test_who_registers_or_updates_last_is_asked(network: Network) -> None:
    first, second = network.session(HERE), network.session(ELSEWHERE)
    location = first.register(1)
    token = observed(first)
    network.ask("read", "/3/0/1")
    second.request(5, Code.POST, location)
    moved = second.asked()
    assert (moved.code, moved.path) == (Code.GET, ("3", "0", "1"))  # what was open follows, asked anew
    second.answer(moved, payload=b"here")
    assert [e.value for e in network.seen(ev.OperationAnswered) if e.path == "/3/0/1"] == ["here"]
    assert second.notify(6, token, 2, b"from the second").type == Type.ACK
    assert [e.payload for e in network.seen(ev.DataReceived)] == [b"from the second"]


def test_what_may_not_be_asked_twice_is_answered_where_it_was_asked(network: Network) -> None:
    first, second = network.session(HERE), network.session(ELSEWHERE)
    location = first.register(1)
    ticket = network.ask("execute", "/3/0/4")
    second.request(5, Code.POST, location)
    assert not second.was_asked()
    first.answer(first.asked(), Code.CHANGED)
    answered = network.outcome(ticket)
    assert answered is not None
    assert answered.response_code == "2.04"


@pytest.mark.parametrize("address", [HERE, ELSEWHERE])
def test_a_notification_in_a_new_session_brings_the_registration_with_it(network: Network, address: Address) -> None:
    """NAT type 0 (DOC-E 3.16): a handshake after silence, and the value before any update, whatever the NAT did."""
    device = network.session()
    device.register(1)
    token = observed(device)
    device = network.session(address)
    assert device.notify(3, token, 2, b"second").type == Type.ACK
    assert [e.payload for e in network.seen(ev.DataReceived)] == [b"second"]
    ticket = network.ask("read", "/3/0/1")
    device.answer(device.asked(), payload=b"BC28")
    answered = network.outcome(ticket)
    assert answered is not None
    assert answered.value == "BC28"


def test_a_late_notification_of_an_older_session_is_taken_and_moves_nothing(network: Network) -> None:
    first, second = network.session(HERE), network.session(ELSEWHERE)
    location = first.register(1)
    token = observed(first)
    second.request(2, Code.POST, location)
    assert first.notify(9, token, 2, b"late").type == Type.ACK
    assert [e.payload for e in network.seen(ev.DataReceived)] == [b"late"]
    network.ask("read", "/3/0/1")
    assert second.asked().path == ("3", "0", "1")


def test_a_token_of_another_identity_is_reset(network: Network) -> None:
    device, other = network.session(HERE), network.session(ELSEWHERE, OTHER)
    device.register(1)
    other.register(1)
    token = observed(device)
    assert other.notify(2, token, 2, b"false").type == Type.RST
    assert other.notify(3, b"guess", 2, b"false").type == Type.RST
    assert device.notify(2, token, 2, b"true").type == Type.ACK
    assert [e.payload for e in network.seen(ev.DataReceived)] == [b"true"]


@pytest.mark.parametrize("path", ["dp", "fw/new"])
def test_a_request_in_a_new_session_brings_it_when_the_old_one_has_ended(network: Network, path: str) -> None:
    network.session().register(1)
    ticket = network.ask("read", "/3/0/1")
    device = network.session()
    assert not device.was_asked()  # a handshake alone may be of a device that has forgotten everything
    device.request(2, Code.POST if path == "dp" else Code.GET, path, f"ep={IMEI}", payload=b"")
    network.advance(60)
    device.answer(device.asked(), payload=b"BC28")
    answered = network.outcome(ticket)
    assert answered is not None
    assert answered.value == "BC28"


def test_a_device_that_rebooted_is_asked_nothing_before_it_has_registered(network: Network) -> None:
    network.session().register(1)
    write, execute = network.ask("write", "/1/0/1", 60), network.ask("execute", "/3/0/4")
    device = network.session()
    ended = network.outcome(execute)
    assert ended is not None
    assert ended.refusal is Lwm2mServerRefusal.SESSION_ENDED
    device.register(1)
    assert not device.was_asked()
    ended = network.outcome(write)
    assert ended is not None
    assert ended.refusal is Lwm2mServerRefusal.REPLACED


def test_after_close_notify_a_read_that_was_open_ends_at_once(network: Network) -> None:
    device = network.session()
    device.register(1)
    ticket = network.ask("read", "/3/0/1")
    device.client.close(network.now)
    network.run()
    ended = network.outcome(ticket)
    assert ended is not None
    assert ended.refusal is Lwm2mServerRefusal.SESSION_ENDED
    ended = network.outcome(network.ask("read", "/3/0/1"))
    assert ended is not None
    assert ended.refusal is PlatformRefusal.SESSION_MISSING


def test_what_is_asked_of_a_sleeping_device_without_a_session_waits_for_its_update(network: Network) -> None:
    device = network.session()
    location = device.register(1, "lwm2m=1.0", "b=UQ", "lt=3600")
    device.client.close(network.now)
    network.run()
    ticket = network.ask("read", "/3/0/1")
    assert network.platform.devices.waiting(IMEI) == 1
    device = network.session()
    device.request(1, Code.POST, location)
    device.answer(device.asked(), payload=b"BC28")
    answered = network.outcome(ticket)
    assert answered is not None
    assert answered.value == "BC28"


def test_a_bootstrap_ends_with_its_session(network: Network) -> None:
    device = network.session()
    device.request(1, Code.POST, "bs", f"ep={IMEI}")
    again = network.session()
    (failed,) = network.seen(ev.BootstrapFailed)
    assert (failed.refusal, failed.peer) == (Lwm2mServerRefusal.SESSION_ENDED, HERE)
    assert not again.was_asked()


def test_a_resumed_session_is_the_same_endpoint(network: Network) -> None:
    """To RFC 7252 9.1 it is the session that counts: a message that is repeated after the resumption is a duplicate."""
    device = network.session()
    device.register(1)
    ticket = network.ask("read", "/3/0/1")
    asked = device.asked()
    device.say(Message(Type.CON, Code.POST, 9, b"t", options(path=("dp",), query=(f"ep={IMEI}",)), b"v"))
    resumed = network.session(resumable=device.client.resumable)
    resumed.say(Message(Type.CON, Code.POST, 9, b"t", options(path=("dp",), query=(f"ep={IMEI}",)), b"v"))
    assert len(network.seen(ev.DataReceived)) == 1
    resumed.answer(asked, payload=b"BC28")
    answered = network.outcome(ticket)
    assert answered is not None
    assert answered.value == "BC28"


def test_two_connections_of_one_session_get_their_own_answers(network: Network) -> None:
    first = network.session()
    first.register(1)
    second = network.session(ELSEWHERE, resumable=first.client.resumable)
    assert second.request(1, Code.GET, "fw/new").code == Code.CONTENT
    network.ask("read", "/3/0/1")
    assert first.was_asked()
    assert not second.was_asked()


def test_two_identities_at_one_address_are_both_asked(network: Network) -> None:
    """Two devices behind one NAT that gave its port away meanwhile; their Connection IDs tell them apart."""
    first = network.session(HERE, IMEI, connection_id=True)
    first.register(1)
    second = network.session(HERE, OTHER, connection_id=True)
    second.register(1)
    for device, session in ((IMEI, first), (OTHER, second)):
        ticket = network.ask("read", "/3/0/1", device=device)
        session.answer(session.asked(), payload=device.encode())
        answered = network.outcome(ticket)
        assert answered is not None
        assert answered.value == device


def test_after_a_restart_the_first_word_in_a_session_brings_the_registration(network: Network) -> None:
    store = Store.open(":memory:")
    device = network.session()
    device.register(1)
    token = observed(device)
    store.commit(network.log)
    nothing = AndlinkSettings(observe=(), read=())
    network.platform = AndlinkPlatform(random.Random(2), network.keys, settings=nothing)
    assert network.platform.restore(store.registrations("andlink")) == 1
    store.close()
    device = network.session()
    assert device.notify(1, token, 2, b"again").type == Type.ACK
    anew = device.asked()  # it may have ended the observation meanwhile (RFC 7641 4.5)
    assert (anew.path, anew.observe) == (("19", "1", "0"), 0)
    device.answer(anew, observe=1, payload=b"again")
    network.ask("read", "/3/0/1")
    assert device.asked().path == ("3", "0", "1")
