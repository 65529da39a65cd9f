"""Every verb that changes a registration, or speaks in its name, asks the same policy first (D66, D125)."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import pytest

from nbtwin.coap.message import Message, decode, encode, options
from nbtwin.coap.numbers import Code, Type
from nbtwin.engine import Address
from nbtwin.operators import events as ev
from nbtwin.operators.andlink.listeners import Listeners
from nbtwin.operators.andlink.platform import AndlinkPlatform
from nbtwin.operators.key_store.psk import DeviceKeys, PskStore

OWN, OTHER = "867724030000225", "867724030000226"
PLAIN: Address = ("10.0.0.1", 5683)
STRANGER: Address = ("10.0.0.9", 5683)
SECURE, SOMEBODY = Listeners.peer_of(OWN), Listeners.peer_of(OTHER)
LINKS = b"</9/0>"

Asked: TypeAlias = tuple[int, tuple[str, ...], tuple[str, ...], bytes]
VERBS: Mapping[str, Callable[[tuple[str, ...]], Asked]] = {
    "register": lambda location: (Code.POST, ("rd",), (f"ep={OWN}", "lt=300"), LINKS),
    "update": lambda location: (Code.POST, location, (), b""),
    "de-register": lambda location: (Code.DELETE, location, (), b""),
    "bootstrap": lambda location: (Code.POST, ("bs",), (f"ep={OWN}",), b""),
    "data": lambda location: (Code.POST, ("dp",), (f"ep={OWN}",), b"21.5"),
}


class Peers:
    """The platform, asked by peers whose identities a handshake has proved already."""

    def __init__(self, *keys: DeviceKeys) -> None:
        self.platform = AndlinkPlatform(random.Random(1), PskStore(keys))
        self.number = 0

    def ask(self, peer: Address, verb: str, location: tuple[str, ...] = ()) -> Message:
        self.number += 1
        code, path, query, payload = VERBS[verb](location)
        form: dict[str, Any] = {"content_format": 40} if verb == "register" else {}
        found = options(path=path, query=query, **form)
        message = Message(Type.CON, code, self.number, b"t", found, payload)
        self.platform.coap.handle_datagram(0.0, peer, encode(message))
        self.platform.react(0.0)
        answers = [decode(data) for to, data in self.platform.coap.datagrams_to_send() if to == peer]
        return next(answer for answer in answers if answer.message_id == self.number)


@pytest.mark.parametrize("verb", ["update", "de-register", "data", "register", "bootstrap"])
@pytest.mark.parametrize(("peer", "code"), [(SOMEBODY, Code.FORBIDDEN), (PLAIN, Code.UNAUTHORIZED)])
def test_a_registration_behind_dtls_is_its_identitys_alone(verb: str, peer: Address, code: Code) -> None:
    keys = [DeviceKeys(device=name, bootstrap_key="ab" * 16, key="cd" * 16) for name in (OWN, OTHER)]
    peers = Peers(*keys)
    location = peers.ask(SECURE, "register").location
    assert peers.ask(peer, verb, location).code == code
    assert peers.platform.server.registrations[OWN].peer == SECURE
    assert peers.ask(SECURE, "data").code == Code.CHANGED
    assert peers.ask(SECURE, "update", location).code == Code.CHANGED
    assert peers.ask(SECURE, "de-register", location).code == Code.DELETED


@pytest.mark.parametrize("verb", ["update", "de-register", "data"])
def test_a_registration_with_a_bootstrap_key_alone_is_its_identitys_too(verb: str) -> None:
    peers = Peers(DeviceKeys(device=OWN, bootstrap_key="ab" * 16))
    location = peers.ask(SECURE, "register").location
    assert peers.ask(PLAIN, verb, location).code == Code.UNAUTHORIZED
    assert peers.ask(SECURE, verb, location).code in (Code.CHANGED, Code.DELETED)


@pytest.mark.parametrize("verb", ["update", "de-register", "data"])
def test_another_identity_changes_nothing_of_a_device_without_dtls(verb: str) -> None:
    peers = Peers(DeviceKeys(device=OTHER, key="cd" * 16))
    location = peers.ask(PLAIN, "register").location
    assert peers.ask(SOMEBODY, verb, location).code == Code.FORBIDDEN
    assert peers.ask(PLAIN, verb, location).code in (Code.CHANGED, Code.DELETED)


def test_data_under_a_name_come_from_the_address_that_registered_it() -> None:
    peers = Peers()
    location = peers.ask(PLAIN, "register").location
    assert peers.ask(STRANGER, "data").code == Code.FORBIDDEN
    assert not [event for event in peers.platform.events() if isinstance(event, ev.DataReceived)]
    assert peers.ask(STRANGER, "update", location).code == Code.CHANGED  # NAT has moved it; it knows its location
    assert peers.ask(STRANGER, "data").code == Code.CHANGED
    assert peers.ask(PLAIN, "data").code == Code.FORBIDDEN
