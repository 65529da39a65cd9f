"""What a clause is judged by: the module's messages and the platform's words between two instants (D195).

The same conditions for a virtual and a real module: instants are counted from the first packet. Knows entries of a
timeline; knows no scenario.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

from nbtwin.api.results import TimelineEntry
from nbtwin.check.acceptance.clauses import Holds
from nbtwin.check.capture.exchanges import Passed, converse, decoded
from nbtwin.check.capture.findings import NotePhrase
from nbtwin.check.capture.forms import Forms, recognise
from nbtwin.coap.message import Message
from nbtwin.engine import Address, Seconds
from nbtwin.timeline.catalogue import Phrase
from nbtwin.timeline.span import parse_span

_CLOSE: Seconds = 0.0005
_SHOWN = 12


class ConditionPhrase(Phrase):
    """What was asked, what was found."""

    MESSAGES = "accept-messages"  # wanted, found
    SENT = "accept-sent"  # wanted, found
    PACKETS = "accept-packets"  # wanted, found
    REST = "accept-rest"  # wanted, found
    APART = "accept-apart"  # wanted, found
    ACCEPTED = "accept-accepted"  # remarks: codes with their fields
    FORM = "accept-form"  # wrong
    EVENTS = "accept-events"  # event, wanted, found


class Judged(NamedTuple):
    """One condition."""

    passed: bool
    phrase: ConditionPhrase
    fields: dict[str, Any]


@dataclass(slots=True)
class Sent:
    """One message of the module to the platform: when it left, each time."""

    message: Message
    passed: Passed
    at: list[Seconds]


@dataclass(slots=True)
class Evidence:
    """What was seen in a clause's run."""

    sent: list[Sent] = field(default_factory=list)
    said: list[TimelineEntry] = field(default_factory=list)
    """By the platform."""


def gather(entries: Iterable[TimelineEntry], platform: str) -> Evidence:
    """The module's requests to the platform, and what the platform says."""
    evidence, passed, clients = Evidence(), list[Passed](), set[Address]()
    for entry in entries:
        if entry.kind == "platform" and entry.source == platform:
            evidence.said.append(entry)
        elif entry.kind == "datagram" and entry.fields.get("to") == platform:
            for data in _inside(entry):
                message, error = decoded(data)
                source = _address(entry.fields["source"])
                clients.add(source)
                there = _address(entry.fields.get("known_as") or entry.fields["destination"])
                passed.append(
                    Passed(entry.number, entry.at, source, there, data, message, error, True, False, False, False)
                )
    for exchange in converse(passed, clients).exchanges:
        at = sorted(each.at for each in [*exchange.sendings, *exchange.duplicates])
        evidence.sent.append(Sent(exchange.request, exchange.first, at))
    return evidence


def _inside(entry: TimelineEntry) -> Sequence[bytes]:
    """The CoAP messages of a datagram."""
    data = bytes.fromhex(entry.fields["data"])
    if entry.fields.get("protocol") == "dtls":
        return tuple(getattr(entry, "plaintexts", ()))
    return (data,)


def _address(text: str) -> Address:
    host, _, port = text.rpartition(":")
    return host, int(port)


def judge(holds: Holds, evidence: Evidence, forms: Forms) -> list[Judged]:
    """Each that is asked."""
    since = _seconds(holds.since)
    until = float("inf") if holds.until is None else _seconds(holds.until)
    sent = [each for each in evidence.sent if since <= each.at[0] < until]
    said = [each for each in evidence.said if since <= each.at < until]
    made: list[Judged] = []
    if holds.messages is not None:
        found = len(sent)
        made.append(_same(ConditionPhrase.MESSAGES, holds.messages, found))
    if holds.sent is not None:
        made.append(_same(ConditionPhrase.SENT, holds.sent, sum(len(each.at) for each in sent)))
    if holds.packets is not None:
        made.append(_packets([_seconds(each) for each in holds.packets], sent))
    if holds.rest is not None:
        gaps = [two.at[0] - one.at[-1] for one, two in pairwise(sent)]
        made.append(_gaps(ConditionPhrase.REST, _seconds(holds.rest), gaps))
    if holds.apart is not None:
        gaps = [two.at[0] - one.at[0] for one, two in pairwise(sent)]
        made.append(_gaps(ConditionPhrase.APART, _seconds(holds.apart), gaps))
    if holds.accepted is not None:
        made.append(_accepted(said))
    if holds.form is not None:
        made.append(_form(sent, forms))
    for event, wanted in (holds.events or {}).items():
        found = sum(each.code == event for each in said)
        made.append(Judged(found >= wanted, ConditionPhrase.EVENTS, {"event": event, "wanted": wanted, "found": found}))
    return made


def _seconds(value: str | float) -> Seconds:
    return parse_span(value) if isinstance(value, str) else float(value)


def _same(phrase: ConditionPhrase, wanted: int, found: int) -> Judged:
    return Judged(wanted == found, phrase, {"wanted": wanted, "found": found})


def _packets(wanted: list[Seconds], sent: Sequence[Sent]) -> Judged:
    """Of the first message."""
    found = [round(at - sent[0].at[0], 3) for at in sent[0].at] if sent else []
    same = len(found) == len(wanted) and all(abs(a - b) < _CLOSE for a, b in zip(found, wanted, strict=True))
    return Judged(same, ConditionPhrase.PACKETS, {"wanted": _listed(wanted), "found": _listed(found)})


def _gaps(phrase: ConditionPhrase, wanted: Seconds, found: Sequence[Seconds]) -> Judged:
    same = bool(found) and all(abs(gap - wanted) < _CLOSE for gap in found)
    return Judged(same, phrase, {"wanted": wanted, "found": _listed([round(gap, 3) for gap in found])})


def _listed(values: Sequence[Seconds]) -> str:
    said = [f"{value:g}" for value in values[:_SHOWN]]
    return ", ".join([*said, "…"] if len(values) > _SHOWN else said)


def _accepted(said: Sequence[TimelineEntry]) -> Judged:
    """Taken in by a strict platform, with nothing to remark."""
    taken = [each for each in said if each.code == "device-registered"]
    refused = [each for each in said if each.code == "device-refused"]
    remarks = [str(remark["code"]) for each in [*taken, *refused] for remark in each.fields.get("remarks") or ()]
    remarks += [str(each.fields["refusal"]) for each in refused if not each.fields.get("remarks")]
    return Judged(bool(taken) and not refused and not remarks, ConditionPhrase.ACCEPTED, {"remarks": remarks})


def _form(sent: Sequence[Sent], forms: Forms) -> Judged:
    """The first message, beside the form of its document."""
    if not sent:
        return Judged(False, ConditionPhrase.FORM, {"wrong": [], "sent": 0})
    first = sent[0]
    found = recognise(first.message, first.passed, {})
    if found is None:
        return Judged(False, ConditionPhrase.FORM, {"wrong": [], "sent": len(sent)})
    (exchange,) = converse([first.passed], {first.passed.source}).exchanges
    wrong = [
        {"code": str(each.code), **_plain(each.fields)}
        for each in forms.of_exchange(exchange, found.what, None, None)
        if not isinstance(each.code, NotePhrase)
    ]
    return Judged(not wrong, ConditionPhrase.FORM, {"wrong": wrong, "sent": len(sent)})


def _plain(fields: Any) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, Phrase) else value for name, value in fields.items()}
