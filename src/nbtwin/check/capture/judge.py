"""A capture against the schedule and the format of the document: from the bytes of a file to a `Judgement`.

Puts together files, packets, exchanges, forms and schedules. Knows no terminal and no page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from nbtwin.check.capture import files, packets
from nbtwin.check.capture.exchanges import (
    EPOCH,
    Asked,
    Conversation,
    Exchange,
    Passed,
    converse,
    decoded,
    epoch,
    method,
)
from nbtwin.check.capture.findings import (
    Finding,
    FindingRefusal,
    JudgedModule,
    Judgement,
    Note,
    NotePhrase,
    PacketPhrase,
    SlotState,
)
from nbtwin.check.capture.forms import Forms, Recognised, recognise
from nbtwin.check.capture.schedules import (
    BOOT_TO_PACKET,
    TOLERANCE,
    Axis,
    Happened,
    Told,
    judge_andlink,
    judge_cmdmp,
    judge_rounds,
)
from nbtwin.coap.numbers import COAP_PORT, Code, Type, dotted
from nbtwin.engine import HOUR, Address, Refusal, Seconds
from nbtwin.module.profile import Profile
from nbtwin.operators.key_store.appkeys import AppkeyStore
from nbtwin.selfreg.schedule import Operator, RoundSchedule, Schedule
from nbtwin.timeline.catalogue.errors import WordedError
from nbtwin.timeline.dtls_trace import DtlsTrace
from nbtwin.timeline.keylog import KeyLog
from nbtwin.timeline.refusals import why

_BACK: Seconds = 1.0
"""Packets of two interfaces stand a little out of order in many files; a clock that is set back is something else."""
_AHEAD: Seconds = 400 * 86400
"""No schedule has a wait so long."""
_SETTLED: Seconds = 10.0
"""So long after a question of the platform its answer may still come."""


class JudgeRefusal(Refusal):
    NO_COLUMN = "judge-no-column"  # model, operator, known


class JudgeError(WordedError, ValueError):
    """What cannot be judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What the user says of the capture, and wants of it. ``keys``: of DTLS, as lines; ``appkeys`` with passwords."""

    profile: Profile
    operator: str
    booted_at: tuple[Seconds, ...] = ()
    period: Seconds | None = None
    sleeps: bool = False
    tolerance: Seconds = TOLERANCE
    ports: tuple[int, ...] = ()
    imei: str = ""
    vendor: str = ""
    firmware: str = ""
    keys: tuple[str, ...] = ()
    appkeys: Mapping[str, str] = field(default_factory=dict)


def judge(data: bytes, asking: Asking) -> Judgement:
    """CaptureError for what is no capture; JudgeError for a model that does not register with this operator."""
    _schedule(asking)
    return _Judge(files.read(data), asking).judge()


def operators_of(profile: Profile) -> list[str]:
    """Those whose schedules or commands the model has."""
    names = [str(operator) for operator in profile.schedules]
    return [*names, "andlink"] if profile.andlink else names


def _schedule(asking: Asking) -> Schedule | None:
    profile, operator = asking.profile, asking.operator
    if operator not in operators_of(profile):
        known = operators_of(profile)
        raise JudgeError(JudgeRefusal.NO_COLUMN, model=profile.model, operator=operator, known=known)
    return None if operator == "andlink" else profile.schedules[Operator(operator)]


class _Judge:
    def __init__(self, capture: files.Capture, asking: Asking) -> None:
        self._asking, self._capture = asking, capture
        self._schedule = _schedule(asking)
        first, last = capture.packets[0].at, max(packet.at for packet in capture.packets)
        begins = min(first, *(packet.at for packet in capture.packets))
        name = asking.profile.model
        self._judgement = Judgement(name, asking.operator, begins, last, len(capture.packets))
        self._ends: list[Seconds] = [last]
        self._locations: dict[tuple[str, ...], str] = {}
        self._registering: dict[tuple[Address, bytes], tuple[str, str]] = {}
        self._forms = Forms(
            asking.operator, asking.profile, AppkeyStore(asking.appkeys), ports=asking.ports, vendor=asking.vendor,
            firmware=asking.firmware,
        )  # fmt: skip

    def judge(self) -> Judgement:
        told = self._judgement
        if self._capture.is_cut:
            told.notes.append(Note(NotePhrase.FILE_CUT, told.ends, len(self._capture.packets)))
        sorted_ = packets.sort(self._capture.packets)
        self._clock(sorted_.datagrams)
        passed = self._messages(sorted_)
        clients = self._clients(passed)
        talk = converse(passed, set(clients))
        self._modules(passed, talk, clients)
        self._others(sorted_, passed, clients)
        if not told.modules:
            told.findings.append(Finding(FindingRefusal.NOTHING, told.begins, 0, {"operator": told.operator}))
        elif len(told.modules) > 1:
            told.notes.append(Note(NotePhrase.SEVERAL, told.begins, 0, {"count": len(told.modules)}))
        told.notes += [
            Note(NotePhrase.OUTSIDE, boot, 0, {"number": number})
            for number, boot in enumerate(self._asking.booted_at, 1)
            if not told.begins - HOUR <= boot <= told.ends
        ]
        return told

    def _clock(self, datagrams: Sequence[packets.UdpDatagram]) -> None:
        """Where it was set: what follows is an epoch later."""
        last: Seconds | None = None
        number, ends = 0, [self._judgement.begins]
        for each in datagrams:
            span = 0.0 if last is None else each.at - last
            if span < -_BACK or span > _AHEAD:
                code = NotePhrase.CLOCK_BACK if span < 0 else NotePhrase.CLOCK_AHEAD
                told = Note(code, each.at, each.number, {"number": each.number, "span": abs(span)})
                self._judgement.notes.append(told)
                number += 1
                ends.append(0.0)
            last = each.at
            each.at += number * EPOCH
            ends[number] = max(ends[number], each.at)
        if number == 0:
            ends = [self._judgement.ends]
        self._ends = ends

    def _messages(self, sorted_: packets.Sorted) -> list[Passed]:
        """CoAP as it passed, DTLS opened where its keys are known."""
        keys = KeyLog()
        for line in (*self._capture.keys, *self._asking.keys):
            keys.add(line)
        trace, passed, closed, snapped = DtlsTrace(keys), list[Passed](), 0, 0
        for each in sorted_.datagrams:
            snapped += bool(each.missing)
            seen = None if each.missing else trace.read(each.source, each.destination, each.data)
            if seen is None:
                inside = [each.data]
            else:
                inside = list(seen.plaintexts)
                closed += sum(title == "ApplicationData" for title in seen.titles) > len(inside)
            for data in inside:
                message, error = (None, None) if each.missing else decoded(data)
                passed.append(
                    Passed(
                        each.number, each.at, each.source, each.destination, data, message, error, not each.missing,
                        each.lost, each.checksum_wrong, each.length_wrong,
                    )
                )  # fmt: skip
        if snapped:
            self._judgement.notes.append(Note(NotePhrase.SNAPPED, self._judgement.begins, 0, {"count": snapped}))
        if closed:
            self._judgement.notes.append(Note(NotePhrase.NO_KEYS, self._judgement.begins, 0, {"count": closed}))
        return passed

    def _clients(self, passed: Sequence[Passed]) -> dict[Address, str]:
        """Who registers with this operator, or updates, and under which IMEI. One whose IMEI nobody says has none."""
        for each in passed:
            self._remember_location(each)
        clients: dict[Address, str] = {}
        for each in passed:
            found = None if each.message is None else recognise(each.message, each, self._locations)
            if found is not None and found.operator == self._asking.operator:
                clients[each.source] = clients.get(each.source) or found.identity.imei
        if self._asking.imei:
            clients = {peer: imei for peer, imei in clients.items() if imei == self._asking.imei}
        return clients

    def _remember_location(self, passed: Passed) -> None:
        """Of a 2.01, for the update; whose it is is told by the registration before it."""
        message = passed.message
        if message is None:
            return
        if message.code == Code.POST:
            found = recognise(message, passed, {})
            if found is not None and found.operator in ("mobile", "andlink"):
                self._registering[passed.source, message.token] = (found.operator, found.identity.imei)
        elif message.code == Code.CREATED and message.location:
            operator, imei = self._registering.get((passed.destination, message.token), ("", ""))
            if operator:
                self._locations[message.location] = f"{operator}:{imei}"

    # module by module

    def _modules(self, passed: Sequence[Passed], talk: Conversation, clients: Mapping[Address, str]) -> None:
        by_name: dict[str, list[Address]] = {}
        for peer, imei in clients.items():
            by_name.setdefault(imei or f"{peer[0]}:{peer[1]}", []).append(peer)
        for name, peers in by_name.items():
            module = JudgedModule(clients[peers[0]] and name, peers[0])
            self._judgement.modules.append(module)
            mine = set(peers)
            exchanges = [each for each in talk.exchanges if each.client in mine]
            asked = [each for each in talk.asked if each.passed.destination in mine]
            self._of_transport(module, [each for each in passed if each.source in mine])
            self._of_exchanges(module, exchanges, asked)
            self._of_questions(module, asked)
            module.slots.sort(key=lambda slot: slot.sent if slot.sent is not None else slot.due or 0.0)
            module.findings.sort(key=lambda finding: finding.at)
            _to_clock(module)

    def _of_transport(self, module: JudgedModule, passed: Sequence[Passed]) -> None:
        """Each datagram of the module, whatever it says."""
        before = module.address
        for each in passed:
            if each.source != before:
                module.note(
                    NotePhrase.REBOUND, each.at, each.number, source=list(before), destination=list(each.source)
                )
                before = each.source
            if each.checksum_wrong:
                module.find(FindingRefusal.CHECKSUM, each.at, each.number)
            if each.length_wrong:
                module.find(FindingRefusal.LENGTH, each.at, each.number)
            elif each.error is not None:
                module.find(FindingRefusal.NOT_COAP, each.at, each.number, why=why(each.error))

    def _of_exchanges(self, module: JudgedModule, exchanges: Sequence[Exchange], asked: Sequence[Asked]) -> None:
        told = Told(self._asking.booted_at, self._asking.period, self._asking.sleeps, self._asking.tolerance)
        boot = self._asking.profile.boot.duration
        axis = Axis(module, told, begins=self._judgement.begins, ends=self._ends, boot=boot)
        happened: list[Happened] = []
        registered: Exchange | None = None
        location: tuple[str, ...] | None = None
        for each in exchanges:
            found = recognise(each.request, each.first, self._locations)
            if found is None or found.operator != self._asking.operator:
                continue
            malformed = self._of_form(module, each, found, registered, location)
            answer = each.answer
            if found.what is PacketPhrase.REGISTRATION:
                registered = each
                created = answer is not None and answer.message.code == Code.CREATED
                location = answer.message.location if created and answer is not None else None
                self._of_lifetime(module, each, found)
            happened.append(Happened(found.what, each, found.identity.pairing, found.identity.lifetime, malformed))
            module.answers += [
                (said.at, "RST" if said.message.type is Type.RST else dotted(said.message.code))
                for said in each.answers
                if said.message.code or said.message.type is Type.RST
            ]
        executed = [(each.passed.at, each.message.path) for each in asked if each.message.code == Code.POST]
        if isinstance(self._schedule, RoundSchedule):
            judge_rounds(axis, happened, self._schedule)
        elif self._schedule is not None:
            judge_cmdmp(axis, happened, self._schedule, executed)
        else:
            judge_andlink(axis, happened, executed)
        if not isinstance(self._schedule, RoundSchedule):
            self._of_boots(axis, happened)

    def _of_form(
        self, module: JudgedModule, exchange: Exchange, found: Recognised, registered: Exchange | None,
        location: tuple[str, ...] | None,
    ) -> bool:  # fmt: skip
        """Whether something is wrong with it."""
        first, wrong = exchange.first, first_wrong(exchange)
        for each in self._forms.of_exchange(exchange, found.what, registered, location):
            if isinstance(each.code, NotePhrase):
                module.note(each.code, first.at, first.number, **each.fields)
            else:
                module.find(each.code, first.at, first.number, **each.fields)
                wrong = True
        return wrong

    def _of_lifetime(self, module: JudgedModule, exchange: Exchange, found: Recognised) -> None:
        """The lifetime is longer than the period (D113)."""
        period, lifetime = self._asking.period, found.identity.lifetime
        if self._asking.operator == "mobile" and period is not None and lifetime is not None and lifetime <= period:
            module.find(
                FindingRefusal.PART, exchange.at, exchange.first.number, what=found.what, part="lt",
                found=str(lifetime), expected=f"> {period:g}",
            )  # fmt: skip

    def _of_boots(self, axis: Axis, happened: Sequence[Happened]) -> None:
        """Every boot leads to a registration, or to a bootstrap before one."""
        boots = sorted(axis.told.booted_at)
        for boot, after in pairwise([*boots, axis.ends]):
            until = min(boot + BOOT_TO_PACKET, after)
            came = any(boot <= each.exchange.at <= after and each.what is not PacketPhrase.DATA for each in happened)
            if not came and boot + BOOT_TO_PACKET <= after and axis.begins - HOUR <= boot:
                axis.missing(PacketPhrase.REGISTRATION, until)

    def _of_questions(self, module: JudgedModule, asked: Sequence[Asked]) -> None:
        """What the platform asked of the module, and nobody answered."""
        for each in asked:
            over = each.passed.at + _SETTLED < self._ends[epoch(each.passed.at)]
            if each.message.type is Type.CON and not each.answered and over and not each.passed.lost:
                module.find(
                    FindingRefusal.UNANSWERED, each.passed.at, each.passed.number, method=method(each.message.code),
                    path="/" + "/".join(each.message.path),
                )  # fmt: skip

    def _others(self, sorted_: packets.Sorted, passed: Sequence[Passed], clients: Mapping[Address, str]) -> None:
        """What was left aside."""
        others = Counter(sorted_.others)
        coap = 0
        for each in passed:
            if each.source in clients or each.destination in clients:
                continue
            if each.message is not None and COAP_PORT in (each.source[1], each.destination[1]):
                coap += 1
            else:
                others["udp"] += 1
        told = self._judgement
        if coap:
            told.notes.append(Note(NotePhrase.OTHER_COAP, told.begins, 0, {"count": coap}))
        if others:
            told.notes.append(Note(NotePhrase.IGNORED, told.begins, 0, {"values": dict(sorted(others.items()))}))


def _to_clock(module: JudgedModule) -> None:
    """Times as the capture has them."""
    for slot in module.slots:
        slot.due = None if slot.due is None else slot.due % EPOCH
        slot.sent = None if slot.sent is None else slot.sent % EPOCH
    module.answers[:] = [(at % EPOCH, code) for at, code in module.answers]
    module.findings[:] = [replace(each, at=each.at % EPOCH, fields=_clocked(each.fields)) for each in module.findings]
    module.notes[:] = [replace(each, at=each.at % EPOCH, fields=_clocked(each.fields)) for each in module.notes]


def _clocked(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**fields, "due": fields["due"] % EPOCH} if "due" in fields else fields


def first_wrong(exchange: Exchange) -> bool:
    return exchange.first.checksum_wrong or exchange.first.length_wrong


def states(judgement: Judgement) -> Counter[SlotState]:
    """How many packets of each sort."""
    return Counter(slot.state for module in judgement.modules for slot in module.slots)
