"""The registration interface of a client over a CoAP endpoint (LwM2M 1.0 TS, 5.3)."""

from __future__ import annotations

import random

import pytest

from nbtwin.coap.endpoint import CoapEndpoint
from nbtwin.coap.message import Message, decode, encode, options
from nbtwin.coap.numbers import Code, Type
from nbtwin.lwm2m.client.registration import (
    ClientRegistration,
    Deregistered,
    DeregistrationRefused,
    DeregistrationUnanswered,
    Registered,
    RegistrationOutcome,
    RegistrationRefusal,
    RegistrationRefused,
    RegistrationUnanswered,
    Updated,
    UpdateRefused,
    UpdateUnanswered,
)

SERVER = ("192.0.2.1", 5683)
LINKS = b"</1/0>,</3/0>"


class Bench:
    def __init__(self) -> None:
        self.endpoint = CoapEndpoint(random.Random(1), waits=(2, 4))
        self.registration = ClientRegistration(self.endpoint)

    def sent(self) -> Message:
        ((peer, data),) = self.endpoint.datagrams_to_send()
        assert peer == SERVER
        return decode(data)

    def answer(
        self, code: int, location: tuple[str, ...] = (), source: tuple[str, int] = SERVER
    ) -> list[RegistrationOutcome]:
        request = self.sent()
        found = options(location_path=location)
        self.endpoint.handle_datagram(
            0, source, encode(Message(Type.ACK, code, request.message_id, request.token, found))
        )
        return self.outcomes()

    def outcomes(self) -> list[RegistrationOutcome]:
        found = [self.registration.handle_event(event) for event in self.endpoint.events()]
        return [outcome for outcome in found if outcome is not None]

    def registered(self) -> Bench:
        self.registration.register(0, SERVER, ("ep=x", "lt=60"), LINKS, host="example.com")
        assert self.answer(Code.CREATED, ("rd", "5a")) == [Registered(("rd", "5a"))]
        return self


def test_register() -> None:
    bench = Bench()
    bench.registration.register(0, SERVER, ("ep=x", "lt=60"), LINKS)
    assert bench.registration.open
    message = bench.sent()
    assert (message.type, message.code, message.path, message.query) == (
        Type.CON, Code.POST, ("rd",), ("ep=x", "lt=60"),
    )  # fmt: skip
    assert (message.content_format, message.payload, message.host) == (40, LINKS, None)


def test_update_and_deregister_go_to_the_location() -> None:
    bench = Bench().registered()
    bench.registration.update(0, ("lt=90",))
    message = bench.sent()
    assert (message.code, message.path, message.query, message.host) == (
        Code.POST, ("rd", "5a"), ("lt=90",), "example.com",
    )  # fmt: skip
    assert (message.content_format, message.payload) == (None, b"")
    bench.registration.update(0, (), LINKS)
    message = bench.sent()
    assert (message.content_format, message.payload) == (40, LINKS)
    bench.registration.deregister(0)
    message = bench.sent()
    assert (message.code, message.path) == (Code.DELETE, ("rd", "5a"))


def test_the_outcomes_of_a_registration() -> None:
    bench = Bench()
    bench.registration.register(0, SERVER, (), LINKS)
    assert bench.answer(0x80) == [RegistrationRefused(RegistrationRefusal.ERROR, "4.00")]
    bench.registration.register(0, SERVER, (), LINKS)
    assert bench.answer(Code.CREATED) == [RegistrationRefused(RegistrationRefusal.NO_LOCATION, "2.01")]
    bench.registration.register(0, SERVER, (), LINKS)
    bench.endpoint.handle_timer(6)
    assert bench.outcomes() == [RegistrationUnanswered()]
    assert bench.registration.location is None


def test_the_outcomes_of_an_update() -> None:
    bench = Bench().registered()
    bench.registration.update(0)
    assert bench.answer(Code.CHANGED) == [Updated()]
    bench.registration.update(0)
    bench.endpoint.datagrams_to_send()
    bench.endpoint.handle_timer(6)
    assert bench.outcomes() == [UpdateUnanswered()]
    bench.endpoint.datagrams_to_send()
    bench.registration.update(0)
    assert bench.answer(0xA0) == [UpdateRefused(RegistrationRefusal.ERROR, "5.00")]
    assert bench.registration.location == ("rd", "5a")
    bench.registration.update(0)
    assert bench.answer(Code.NOT_FOUND) == [UpdateRefused(RegistrationRefusal.ERROR, "4.04")]
    assert bench.registration.location is None


def test_the_outcomes_of_a_deregistration() -> None:
    bench = Bench().registered()
    bench.registration.deregister(0)
    assert bench.answer(0x80) == [DeregistrationRefused(RegistrationRefusal.ERROR, "4.00")]
    bench.registration.deregister(0)
    bench.endpoint.handle_timer(6)
    assert bench.outcomes() == [DeregistrationUnanswered()]
    bench.endpoint.datagrams_to_send()
    bench.registration.deregister(0)
    assert bench.answer(Code.DELETED) == [Deregistered()]
    assert bench.registration.location is None


def test_a_reset_is_a_refusal_without_a_code() -> None:
    bench = Bench()
    bench.registration.register(0, SERVER, (), LINKS)
    bench.endpoint.handle_datagram(0, SERVER, encode(Message(Type.RST, 0, bench.sent().message_id)))
    assert bench.outcomes() == [RegistrationRefused(RegistrationRefusal.RESET, "")]


def test_after_forgetting_an_answer_no_longer_matters() -> None:
    bench = Bench()
    bench.registration.register(0, SERVER, (), LINKS)
    bench.registration.forget(0)
    assert not bench.registration.open
    assert bench.answer(Code.CREATED, ("rd", "1")) == []
    assert bench.registration.location is None


def test_without_a_registration_there_is_nothing_to_update() -> None:
    with pytest.raises(AssertionError):
        Bench().registration.update(0)
