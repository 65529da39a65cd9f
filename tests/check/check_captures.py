"""Captures of virtual modules, whole or with one fault seeded into their datagrams."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from struct import pack

import msgspec

from nbtwin.check.capture.findings import Judgement
from nbtwin.check.capture.judge import Asking, judge
from nbtwin.coap.message import Message, decode, encode
from nbtwin.engine import Seconds
from nbtwin.lab.faults import Fault
from nbtwin.module.identity import Usim
from nbtwin.module.profile import Profile
from nbtwin.operators.key_store.appkeys import LAB_APPKEY, LAB_PASSWORD
from nbtwin.operators.key_store.psk import DeviceKeys
from nbtwin.profiles.models import profile
from nbtwin.runtime.simulated_lab import SimulatedLab
from nbtwin.scenario.values import CardValue
from nbtwin.timeline.decoder import Decoder
from nbtwin.timeline.entry import Entry
from nbtwin.timeline.facts import DatagramSeen, Direction
from nbtwin.timeline.pcapng import export
from nbtwin.timeline.ring import Timeline

Entries = list[Entry]
Change = Callable[[Message], Message]
SETTINGS = {
    "BC25": ["AT+QSELFREGISTER=1"],
    "BC260Y-CN": ["AT+QSREGENABLE=1"],
    "BC28": ['AT+QLASERVERIP="LWM2M","192.0.2.11",5683'],
}


def card(text: str, name: str) -> Usim | None:
    return CardValue.read(text).usim(name)


def captured(
    model: str | Profile,
    sim: str,
    until: Seconds,
    *,
    faults: Sequence[str] = (),
    settings: Sequence[str] | None = None,
    firmware: str | None = None,
    then: Callable[[SimulatedLab], object] | None = None,
    names: Sequence[str] = ("meter",),
    psk: DeviceKeys | None = None,
    imei: str | None = None,
) -> Entries:
    """The datagrams and keys of a run, from the first instant to ``until``."""
    timeline = Timeline(100_000)
    lab = SimulatedLab(seed=7, timeline=timeline)
    if psk is not None:
        lab.backing.psk.add(psk)
    for line in faults:
        lab.world.add_fault(Fault.parse(line))
    made = profile(model) if isinstance(model, str) else model
    given = SETTINGS.get(made.model, []) if settings is None else settings
    for name in names:
        lab.add_module(name, made, card(sim, name), settings=given, firmware=firmware, imei=imei)
        lab.power_on(name)
    if then is not None:
        then(lab)
    lab.world.run(until)
    return [entry for entry in timeline.entries() if type(entry.fact).__name__ in ("DatagramSeen", "KeyLogged")]


def written(entries: Entries, *, keys: bool = True) -> bytes:
    """As the lab writes a capture."""
    decoder = Decoder()
    kept = [entry for entry in entries if keys or isinstance(entry.fact, DatagramSeen)]
    return export([decoder.read(entry) for entry in sorted(kept, key=lambda entry: entry.at)], ())


def asking(model: str, operator: str, **more: object) -> Asking:
    made = Asking(profile=profile(model), operator=operator, appkeys={LAB_APPKEY: LAB_PASSWORD})
    return replace(made, **more)  # type: ignore[arg-type]


def judged(entries: Entries, model: str, operator: str, **more: object) -> Judgement:
    return judge(written(entries), asking(model, operator, **more))


def codes(judgement: Judgement) -> list[str]:
    """All findings."""
    found = [*judgement.findings, *(each for module in judgement.modules for each in module.findings)]
    return [str(each.code).removeprefix("judge-") for each in found]


def notes(judgement: Judgement) -> set[str]:
    found = [*judgement.notes, *(each for module in judgement.modules for each in module.notes)]
    return {str(each.code).removeprefix("judge-note-") for each in found}


# one fault


def up(entries: Entries) -> list[int]:
    """Where the module's datagrams stand."""
    return [
        index for index, entry in enumerate(entries)
        if isinstance(entry.fact, DatagramSeen) and entry.fact.direction is Direction.UP
    ]  # fmt: skip


def requests(entries: Entries) -> list[int]:
    """Where its requests stand."""
    return [index for index in up(entries) if 0 < _message(entries[index]).code < 32]


def _message(entry: Entry) -> Message:
    assert isinstance(entry.fact, DatagramSeen)
    return decode(entry.fact.data)


def dropped(entries: Entries, number: int, *, count: int = 1) -> Entries:
    """Without the request of that number and its answer at the same instant."""
    gone = {entries[index].at for index in requests(entries)[number : number + count]}
    return [entry for entry in entries if entry.at not in gone]


def shifted(entries: Entries, number: int, span: Seconds) -> Entries:
    """The request of that number leaves later, or earlier, and is answered as much later."""
    at = entries[requests(entries)[number]].at
    return [
        msgspec.structs.replace(entry, at=entry.at + span) if entry.at == at else entry for entry in entries
    ]  # fmt: skip


def delayed(entries: Entries, number: int, span: Seconds) -> Entries:
    """Everything from the request of that number on is later."""
    at = entries[requests(entries)[number]].at
    return [msgspec.structs.replace(entry, at=entry.at + span) if entry.at >= at else entry for entry in entries]


def again(entries: Entries, number: int, span: Seconds, change: Change | None = None) -> Entries:
    """The request of that number once more, so much later."""
    entry = entries[requests(entries)[number]]
    made = changed([entry], 0, change) if change is not None else [entry]
    return [*entries, msgspec.structs.replace(made[0], at=entry.at + span)]


def changed(entries: Entries, number: int, change: Change) -> Entries:
    """Another message in the place of the request of that number."""
    index = requests(entries)[number]
    entry = entries[index]
    assert isinstance(entry.fact, DatagramSeen)
    fact = msgspec.structs.replace(entry.fact, data=encode(change(decode(entry.fact.data))))
    made = list(entries)
    made[index] = msgspec.structs.replace(entry, fact=fact)
    return made


def every(entries: Entries, change: Change) -> Entries:
    """All requests changed alike."""
    for number in range(len(requests(entries))):
        entries = changed(entries, number, change)
    return entries


def with_(**fields: object) -> Change:
    return lambda message: msgspec.structs.replace(message, **fields)


def renumbered(message: Message) -> Message:
    """Another message of the same content."""
    return msgspec.structs.replace(message, message_id=message.message_id ^ 0x5555, token=b"\x01\x02\x03\x04")


def option(number: int, *values: bytes) -> Change:
    """These values in the place of those that the option has."""

    def change(message: Message) -> Message:
        kept = [each for each in message.options if each[0] != number]
        made = sorted([*kept, *((number, value) for value in values)], key=lambda each: each[0])
        return msgspec.structs.replace(message, options=tuple(made))

    return change


def query(name: str, value: str | None) -> Change:
    """Another value of one query; None: without it."""

    def change(message: Message) -> Message:
        made = []
        for text in message.query:
            if text.partition("=")[0] != name:
                made.append(text)
            elif value is not None:
                made.append(f"{name}={value}")
        return option(15, *(text.encode() for text in made))(message)

    return change


def member(name: str, value: str | None) -> Change:
    """Another value of one member of Telecom's or Unicom's payload; None: without it."""

    def change(message: Message) -> Message:
        members = json.loads(base64.b64decode(message.payload))
        if value is None:
            del members[name]
        else:
            members[name] = value
        payload = base64.b64encode(json.dumps(members, separators=(",", ":")).encode())
        return msgspec.structs.replace(message, payload=payload)

    return change


# files of other tools


def classic(packets: Sequence[tuple[Seconds, bytes]], link: int = 101, *, order: str = "<", snap: int = 65535) -> bytes:
    """A classic capture of these packets."""
    made = pack(order + "IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, snap, link)
    for at, data in packets:
        kept = data[:snap]
        made += pack(order + "IIII", int(at), round(at % 1 * 1e6), len(kept), len(data)) + kept
    return made
