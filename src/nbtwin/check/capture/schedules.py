"""When a module's packets are due, by the schedule of its document, and what became of each (D191 to D193).

Follows the schedules of the documents from the outside: from packets and answers alone. Knows no format.
"""

# Theory: judging from the outside
# --------------------------------
#
# What a capture shows are packets and answers; boots, sleep, cards and look-ups it does not show. So:
#
#   anchor      the first packet of a message anchors its round, and the first message of a capture its boot, unless
#               the user says when the module was booted (`booted_at`); then a boot is due to lead to a registration,
#               and nothing but a boot, a change or the schedule may (D191)
#   tolerance   an instant is as it should be within half a second and a thousandth of the wait (D192): a radio is not
#               punctual, and a month by a cheap clock even less
#   one fault   a packet is punctual when it is so counted from the first of its round or from the one before it: one
#               wait that is wrong is one finding, not one for each packet behind it
#   silence     ends a duty: what is due after the end of the capture, or after a jump of its clock, is not judged
#   answers     a packet that comes in its time although an answer passed before it means that the answer was lost

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from nbtwin.check.capture.exchanges import Exchange, Sending, epoch
from nbtwin.check.capture.findings import FindingRefusal, JudgedModule, NotePhrase, PacketPhrase, Slot, SlotState
from nbtwin.coap.message import Message
from nbtwin.coap.numbers import Code, Type
from nbtwin.coap.retransmission import RFC7252_WAITS
from nbtwin.engine import HOUR, MINUTE, Seconds
from nbtwin.lwm2m.client.client import PAUSES
from nbtwin.selfreg.payloads import accepted
from nbtwin.selfreg.schedule import RoundSchedule, Schedule

TOLERANCE: Seconds = 0.5
SHARE = 0.001
"""Of the wait, on top."""
BOOT_TO_PACKET: Seconds = 5 * MINUTE
"""How long a module may take from its boot to its first packet: boot, search of the network, attach."""
RANDOM_FACTOR = 1.5
"""RFC 7252's, of Andlink's first wait."""
MAX_TRANSMIT_WAIT: Seconds = 93
_DEFAULT_LIFETIME = 86400
_EARLY = 0.1
"""Of its period: an update that is earlier than that is none that is early, but one too many."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the user says of the capture."""

    booted_at: tuple[Seconds, ...] = ()
    period: Seconds | None = None
    sleeps: bool = False
    """The module falls into deep sleep: what its document lets it sleep through is not missed."""
    tolerance: Seconds = TOLERANCE


@dataclass(frozen=True, slots=True)
class Happened:
    """One message of the module, recognised. ``pairing``: what it registers."""

    what: PacketPhrase
    exchange: Exchange
    pairing: tuple[str, ...] = ()
    lifetime: int | None = None
    malformed: bool = False


@dataclass(slots=True)
class _Due:
    """What the schedule asks for next. ``optional``: a module that sleeps may pass over it."""

    what: PacketPhrase
    at: Seconds
    span: Seconds
    optional: bool = False


class Axis:
    """Judges one module. ``ends``: of each epoch of the capture's clock, its last instant."""

    def __init__(
        self, module: JudgedModule, told: Told, *, begins: Seconds, ends: Sequence[Seconds],
        boot: Seconds = 1.0,
    ) -> None:  # fmt: skip
        """``boot``: no module boots and attaches within it."""
        self.module, self.told, self.boot = module, told, boot
        self.begins, self.ends, self._ends = begins, ends[-1], ends
        boots = [boot - 1 for boot in told.booted_at if boot >= begins - HOUR]
        self.start = min([begins, *boots])

    def tolerance(self, span: Seconds) -> Seconds:
        return self.told.tolerance + abs(span) * SHARE

    def over(self, since: Seconds, due: Seconds, span: Seconds, until: Seconds | None = None) -> bool:
        """Whether it should have been seen by now."""
        end = self._ends[max(epoch(since), 0)]
        return due + self.tolerance(span) < (end if until is None else min(until, end))

    def boot_between(self, since: Seconds, until: Seconds) -> Seconds | None:
        """The last one that the user tells of."""
        boots = [boot for boot in self.told.booted_at if since < boot <= until]
        return max(boots) if boots else None

    # one message

    def follow(
        self, happened: Happened, waits: Sequence[Seconds], next_at: Seconds | None, factor: float = 1.0
    ) -> None:
        """The sendings of one message. ``factor``: the waits may be longer by up to it, all alike."""
        _Sendings(self, happened, tuple(waits), next_at, factor).judge()

    def first(self, happened: Happened, due: Seconds | None, span: Seconds = 0.0) -> bool:
        """The slot of its first packet. True: it belongs here."""
        exchange, what, state = happened.exchange, happened.what, SlotState.SENT
        number = exchange.sendings[0].number
        if due is not None:
            off, allowed = exchange.at - due, self.tolerance(span)
            if abs(off) > allowed and epoch(due) == epoch(exchange.at):
                state = SlotState.LATE if off > 0 else SlotState.EARLY
                code = FindingRefusal.LATE if off > 0 else FindingRefusal.EARLY
                self.module.find(code, exchange.at, number, what=what, number=1, span=abs(off))
        if happened.malformed and state is SlotState.SENT:
            state = SlotState.MALFORMED
        self.module.slots.append(Slot(what, 1, due, exchange.at, state, number))
        return True

    def missing(self, what: PacketPhrase, due: Seconds, number: int = 1) -> None:
        self.module.slots.append(Slot(what, number, due, None, SlotState.MISSING))
        self.module.find(FindingRefusal.MISSING, due, what=what, number=number, due=due)

    def unexpected(self, happened: Happened) -> bool:
        """Nothing asks for it: False."""
        sending = happened.exchange.sendings[0]
        self.module.slots.append(Slot(happened.what, 1, None, sending.at, SlotState.UNEXPECTED, sending.number))
        self.module.find(FindingRefusal.NOT_DUE, sending.at, sending.number, what=happened.what)
        return False

    def coming(self, due: _Due | None) -> None:
        """What the end of the capture is before."""
        if due is not None and not due.optional:
            self.module.note(NotePhrase.NEXT, self.ends, what=due.what, due=due.at)


class _Sendings:
    """One message and its retransmissions against its waits."""

    def __init__(
        self, axis: Axis, happened: Happened, waits: tuple[Seconds, ...], next_at: Seconds | None, factor: float
    ) -> None:
        self._axis, self._module = axis, axis.module
        self._exchange, self._what = happened.exchange, happened.what
        self._waits, self._offsets = waits, tuple(accumulate(waits[:-1], initial=0.0))
        self._next_at, self._factor = next_at, factor
        self._wrong: list[tuple[Slot, Sending, Seconds]] = []

    def judge(self) -> None:
        exchange, module = self._exchange, self._module
        for copy in exchange.duplicates:
            module.note(NotePhrase.DUPLICATE, copy.at, copy.number, number=exchange.sendings[0].number)
        before, last = exchange.sendings[0], 0
        for sending in exchange.sendings[1:]:
            self._compare(sending, last + 1)
            slot = self._slot_of(sending, before, last)
            if slot is None:
                break
            for number in range(last + 1, slot):
                self._axis.missing(self._what, exchange.at + self._offsets[number], number + 1)
            if exchange.answers and any(answer.at < sending.at and not answer.lost for answer in exchange.answers):
                module.note(NotePhrase.ANSWER_LOST, sending.at, sending.number)
            self._place(sending, before, slot)
            before, last = sending, slot
        if len(exchange.sendings) > len(self._waits):
            extra = exchange.sendings[len(self._waits) :]
            for number, sending in enumerate(extra, len(self._waits) + 1):
                module.slots.append(Slot(self._what, number, None, sending.at, SlotState.UNEXPECTED, sending.number))
            module.find(
                FindingRefusal.TOO_MANY, extra[0].at, extra[0].number, what=self._what, sent=len(exchange.sendings),
                packets=len(self._waits),
            )  # fmt: skip
        self._tell()
        self._rest(before, last)

    def _slot_of(self, sending: Sending, before: Sending, last: int) -> int | None:
        """Which packet of the schedule it is: the one in whose time it comes, else the next."""
        if last + 1 >= len(self._waits):
            return None
        if self._factor > 1:
            return last + 1
        for slot in range(last + 1, len(self._waits)):
            if self._is_punctual(sending, before, last, slot):
                return slot
        return last + 1

    def _is_punctual(self, sending: Sending, before: Sending, last: int, slot: int) -> bool:
        from_first, span = sending.at - self._exchange.at, self._offsets[slot]
        from_before, wait = sending.at - before.at, self._offsets[slot] - self._offsets[last]
        if self._factor > 1:
            return wait - self._axis.tolerance(wait) <= from_before <= wait * self._factor + self._axis.tolerance(wait)
        by_first = abs(from_first - span) <= self._axis.tolerance(span)
        return by_first or (slot == last + 1 and abs(from_before - wait) <= self._axis.tolerance(wait))

    def _place(self, sending: Sending, before: Sending, slot: int) -> None:
        due, last = self._exchange.at + self._offsets[slot], slot - 1
        state = SlotState.SENT
        is_one = epoch(before.at) == epoch(sending.at)
        if is_one and not self._is_punctual(sending, before, last, slot):
            by_wait = before.at + self._waits[last]
            late = sending.at > by_wait
            state = SlotState.LATE if late else SlotState.EARLY
        placed = Slot(self._what, slot + 1, due, sending.at, state, sending.number)
        self._module.slots.append(placed)
        if state is not SlotState.SENT:
            self._wrong.append((placed, sending, sending.at - before.at - self._waits[last]))

    def _tell(self) -> None:
        """One that is out of time is late or early; several are another schedule."""
        if len(self._wrong) == 1:
            slot, sending, off = self._wrong[0]
            code = FindingRefusal.LATE if off > 0 else FindingRefusal.EARLY
            self._module.find(code, sending.at, sending.number, what=self._what, number=slot.number, span=abs(off))
        elif self._wrong:
            _, sending, _ = self._wrong[0]
            found = [round(each.at - self._exchange.at, 1) for each in self._exchange.sendings]
            expected = [round(offset, 1) for offset in self._offsets]
            self._module.find(
                FindingRefusal.SPACING, sending.at, sending.number, what=self._what, found=found, expected=expected
            )

    def _rest(self, before: Sending, last: int) -> None:
        """What did not follow, while nothing was answered."""
        exchange, axis = self._exchange, self._axis
        left = [
            number for number in range(last + 1, len(self._waits))
            if axis.over(before.at, self._due(before, last, number), self._offsets[number], self._until())
        ]  # fmt: skip
        if not left:
            return
        for number in left:
            due = self._due(before, last, number)
            self._module.slots.append(Slot(self._what, number + 1, due, None, SlotState.MISSING))
        due = self._due(before, last, left[0])
        if len(left) == 1:
            self._module.find(FindingRefusal.MISSING, due, what=self._what, number=left[0] + 1, due=due)
        else:
            self._module.find(
                FindingRefusal.STOPPED, due, what=self._what, sent=len(exchange.sendings), packets=len(self._waits)
            )

    def _due(self, before: Sending, last: int, number: int) -> Seconds:
        if self._factor > 1 or epoch(before.at) != epoch(self._exchange.at):
            return before.at + (self._offsets[number] - self._offsets[last]) * self._factor
        return self._exchange.at + self._offsets[number]

    def _until(self) -> Seconds:
        """Until when packets are due: an answer, or the next message of the module."""
        ends = [each for each in (self._exchange.heard_at, self._next_at) if each is not None]
        boot = self._axis.boot_between(self._exchange.at, self._axis.ends)
        return min([*ends, self._axis.ends if boot is None else boot])

    def _compare(self, sending: Sending, number: int) -> None:
        """A retransmission is the same bytes again (RFC 7252 4.2)."""
        first, again = self._exchange.first, sending.passed
        if again.data == first.data or not (again.is_whole and first.is_whole):
            return
        assert again.message is not None
        part = _difference(self._exchange.request, again.message)
        self._module.find(
            FindingRefusal.CHANGED, sending.at, sending.number, what=self._what, number=number + 1, part=part
        )


def _difference(one: Message, other: Message) -> str:
    for name in ("type", "code", "token", "options", "payload"):
        if getattr(one, name) != getattr(other, name):
            return name
    return "bytes"


def verdict_at(exchange: Exchange, waits: Sequence[Seconds]) -> Seconds:
    """When the module knows what came of it."""
    answer = exchange.answer
    return answer.at if answer is not None else exchange.at + sum(waits)


def continues(axis: Axis, before: Happened, now: Happened, waits: Sequence[Seconds]) -> bool:
    """Whether a new message stands where a retransmission of the one before is due."""
    exchange = before.exchange
    off = now.exchange.at - exchange.at
    stands = any(abs(off - offset) <= axis.tolerance(offset) for offset in accumulate(waits[:-1]))
    is_one = before.what is now.what and axis.boot_between(exchange.at, now.exchange.at) is None
    return stands and is_one and not exchange.answers


def join(axis: Axis, before: Happened, now: Happened) -> None:
    """The new message is counted as the retransmission that it stands for."""
    sending = now.exchange.sendings[0]
    axis.module.find(
        FindingRefusal.NEW_MESSAGE, sending.at, sending.number, what=now.what, number=len(before.exchange.sendings) + 1
    )
    before.exchange.sendings += [Sending(each.at, each.number, before.exchange.first) for each in now.exchange.sendings]
    before.exchange.sendings.sort(key=lambda each: each.at)
    before.exchange.answers += now.exchange.answers


def joined(axis: Axis, happened: list[Happened], waits: Sequence[Seconds]) -> list[Happened]:
    """Each round as one message."""
    made: list[Happened] = []
    for each in happened:
        if made and continues(axis, made[-1], each, waits):
            join(axis, made[-1], each)
        else:
            made.append(each)
    return made


def judge_rounds(axis: Axis, happened: list[Happened], schedule: RoundSchedule) -> None:
    """Telecom and Unicom: on change, rounds with an hour between, and Unicom's thirty days."""
    waits, told = schedule.waits, axis.told
    happened = joined(axis, happened, waits)
    due: _Due | None = None
    settled: tuple[str, ...] | None = None  # the pairing of the last success
    round_, started, is_update, since = 0, axis.start, False, axis.start
    for index, each in enumerate(happened):
        at = each.exchange.at
        boot = axis.boot_between(since, at)
        changed = settled is not None and each.pairing != settled
        if due is not None and due.what is PacketPhrase.UPDATE and not changed:
            if boot is None or boot > due.at + HOUR:
                due = _caught_up(axis, due, since, at)
            if boot is not None and due.at < boot:
                due = _Due(due.what, boot, BOOT_TO_PACKET)  # off when it fell due: at the next attach (D55)
        elif due is not None and (at > due.at + HOUR or boot is not None):
            if axis.over(since, due.at, due.span, at if boot is None else boot) and not due.optional:
                axis.missing(due.what, due.at)
            due = None
        what = PacketPhrase.UPDATE if is_update and not changed and due is not None else each.what
        each = Happened(what, each.exchange, each.pairing, each.lifetime, each.malformed)
        if settled is not None and not changed and (due is None or at < due.at - HOUR):
            axis.unexpected(each)
            continue
        if due is not None and due.what is PacketPhrase.UPDATE and due.span == BOOT_TO_PACKET and not changed:
            axis.first(each, None if at <= due.at + BOOT_TO_PACKET else due.at)
            round_ = 1
        elif due is not None and not changed and (boot is None or due.what is PacketPhrase.UPDATE):
            axis.first(each, None if due.optional and at > due.at else due.at, due.span)
            round_ += 1
        elif _begin(axis, each, index, boot, changed):
            round_, started = 1, at
        else:
            continue
        if round_ == 1:
            started = at
        axis.follow(each, waits, _next(happened, index))
        answer, since = each.exchange.answer, at
        if answer is not None and accepted(answer.message):
            settled, round_, is_update = each.pairing, 0, True
            every = schedule.update_every
            due = None if every is None else _Due(PacketPhrase.UPDATE, answer.at + every, every)
        elif round_ < schedule.rounds:
            at = verdict_at(each.exchange, waits) + schedule.hold_off
            optional = schedule.sleep_ends_retries and told.sleeps
            due = _Due(each.what, at, schedule.hold_off, optional)
        else:
            every, round_ = schedule.update_every, 0
            due = None
            if is_update and every is not None:
                due = _Due(PacketPhrase.UPDATE, started + every, every)
            else:
                settled = None
    _end(axis, due, since)


def judge_cmdmp(
    axis: Axis, happened: list[Happened], schedule: Schedule, executed: Sequence[tuple[Seconds, tuple[str, ...]]]
) -> None:
    """China Mobile: a registration every boot, an update every period, a lifetime. ``executed``: what the platform
    executed, and when."""
    waits, told = schedule.waits, axis.told
    happened = joined(axis, happened, waits)
    due: _Due | None = None
    expires: Seconds | None = None
    lifetime = 0.0
    period = told.period
    was_registered = False
    since = axis.start
    for index, each in enumerate(happened):
        at, is_update = each.exchange.at, each.what is PacketPhrase.UPDATE
        boot = axis.boot_between(since, at)
        asked = [path for when, path in executed if since <= when <= at]
        before = due
        if due is not None and boot is None and not is_update and due.what is PacketPhrase.UPDATE:
            due = _instead_of_update(axis, each.what, due, since, at, expires)
        elif due is not None and boot is not None and axis.over(since, due.at, due.span, boot) and not due.optional:
            axis.missing(due.what, due.at)
        if is_update and due is not None and due.what is PacketPhrase.UPDATE:
            due = _caught_up(axis, due, since, at)
        if is_update:
            is_expected = _update(axis, each, due, told, asked)
        elif due is not None and due.what is PacketPhrase.REGISTRATION and boot is None:
            is_expected = axis.first(each, None if due.optional and at > due.at else due.at, due.span)
        elif ("3", "0", "4") in asked:
            is_expected = axis.first(each, None)
        else:
            is_expected = _begin(axis, each, index, boot, False)
        if not is_expected and each.exchange.answer is None:
            due = before
            continue  # what nothing asks for, and nothing came of
        axis.follow(each, waits, _next(happened, index))
        answer, since = each.exchange.answer, at
        if not is_update:
            lifetime = float(each.lifetime or 0)
            if told.period is None and lifetime:
                period = lifetime - HOUR if lifetime >= 3 * HOUR else lifetime * 2 / 3  # D113
                if index == 0:
                    axis.module.note(NotePhrase.PERIOD, at, period=period, lifetime=lifetime)
        code = None if answer is None or answer.message.type is Type.RST else answer.message.code
        may_sleep = told.sleeps and not schedule.update_wakes_module
        if code in ((Code.CHANGED,) if is_update else (Code.CREATED,)):
            was_registered = True
            due = None if period is None else _Due(PacketPhrase.UPDATE, at + period, period, may_sleep)
            expires = at + lifetime if lifetime else None
        elif is_update:
            if code == Code.NOT_FOUND and answer is not None:
                due = _Due(PacketPhrase.REGISTRATION, answer.at, 0.0)
            else:
                due = None if expires is None else _Due(PacketPhrase.REGISTRATION, expires, expires - at, may_sleep)
        elif was_registered and answer is None and period is not None:
            due = _Due(PacketPhrase.REGISTRATION, at + period, period, may_sleep)  # D116
        else:
            due = None
    _end(axis, due, since)


def _instead_of_update(
    axis: Axis, what: PacketPhrase, due: _Due, since: Seconds, at: Seconds, expires: Seconds | None
) -> _Due | None:
    """A registration came where an update was due: at the end of the lifetime it may."""
    if axis.over(since, due.at, due.span, at) and not due.optional:
        axis.missing(due.what, due.at)
    if expires is None or at < expires - axis.tolerance(expires - since):
        return None
    return _Due(what, expires, expires - since, due.optional)


def _caught_up(axis: Axis, due: _Due, since: Seconds, at: Seconds) -> _Due:
    """Whole periods that nothing was sent in are missing; what comes between is late."""
    span = due.span
    while at > due.at + span - axis.tolerance(span) and axis.over(since, due.at, span):
        if not due.optional:
            axis.missing(due.what, due.at)
        due = _Due(due.what, due.at + span, span, due.optional)
    return due


def _update(axis: Axis, each: Happened, due: _Due | None, told: Told, asked: Sequence[tuple[str, ...]]) -> bool:
    """One in its time, one that the platform asked for, one after a sleep; or, False, one that nothing asks for."""
    if ("1", "0", "8") in asked:
        return axis.first(each, None)
    if due is not None and due.what is PacketPhrase.UPDATE:
        if each.exchange.at < due.at - max(axis.tolerance(due.span), due.span * _EARLY):
            return axis.unexpected(each)
        woke = due.optional and each.exchange.at > due.at
        return axis.first(each, None if woke else due.at, due.span)
    if due is None and not axis.module.slots:
        axis.module.note(NotePhrase.UNJUDGED, each.exchange.at)
        return axis.first(each, None)
    return axis.unexpected(each)


def judge_andlink(axis: Axis, happened: list[Happened], executed: Sequence[tuple[Seconds, tuple[str, ...]]]) -> None:
    """Andlink: registration, updates at half of the lifetime or 93 s before its end, pauses after silence."""
    waits, told = tuple(RFC7252_WAITS), axis.told
    due: _Due | None = None
    lifetime = float(_DEFAULT_LIFETIME)
    silent = 0
    since = axis.start
    main = [each for each in happened if each.what is not PacketPhrase.DATA]
    for each in happened:
        if each.what is PacketPhrase.DATA and each.exchange.request.type is Type.CON:
            axis.follow(each, waits, None, RANDOM_FACTOR)
    main = joined(axis, main, waits)
    for index, each in enumerate(main):
        at, boot = each.exchange.at, axis.boot_between(since, each.exchange.at)
        asked = [path for when, path in executed if since <= when <= at]
        if due is not None and each.what is not due.what and axis.over(since, due.at, due.span, at):
            axis.missing(due.what, due.at)
            due = None
        if each.what is PacketPhrase.UPDATE:
            if due is not None and due.what is PacketPhrase.UPDATE:
                due = _caught_up(axis, due, since, at)
            is_expected = _update(axis, each, due, told, asked)
        elif due is not None and due.what is each.what and boot is None:
            is_expected = axis.first(each, due.at, due.span)
        else:
            is_expected = axis.first(each, None)
        if not is_expected and each.exchange.answer is None:
            continue
        axis.follow(each, waits, _next(main, index), RANDOM_FACTOR)
        answer, since = each.exchange.answer, at
        code = None if answer is None or answer.message.type is Type.RST else answer.message.code
        lifetime = float(each.lifetime) if each.lifetime is not None else lifetime
        if each.what is PacketPhrase.DEREGISTRATION:
            due, silent = None, 0
        elif code in (Code.CREATED, Code.CHANGED) and each.what is not PacketPhrase.BOOTSTRAP:
            assert answer is not None
            silent = 0
            span = max(lifetime / 2, lifetime - MAX_TRANSMIT_WAIT)
            due = _Due(PacketPhrase.UPDATE, answer.at + span, span, told.sleeps)
        elif each.what is PacketPhrase.UPDATE:
            due = _Due(PacketPhrase.REGISTRATION, _given_up(each.exchange), 0.0)
        elif answer is None and silent < len(PAUSES):
            pause = PAUSES[silent]
            silent += 1
            due = _Due(each.what, _given_up(each.exchange) + pause, pause + sum(waits))
        else:
            due = None
    _end(axis, due, since)


def _given_up(exchange: Exchange) -> Seconds:
    """As `verdict_at`, with the random factor that its first wait shows."""
    if exchange.answer is not None or len(exchange.sendings) < 2:
        return verdict_at(exchange, RFC7252_WAITS)
    factor = (exchange.sendings[1].at - exchange.at) / RFC7252_WAITS[0]
    return exchange.at + sum(RFC7252_WAITS) * min(max(factor, 1.0), RANDOM_FACTOR)


def _begin(axis: Axis, each: Happened, index: int, boot: Seconds | None, changed: bool) -> bool:
    """A message that no wait of the schedule leads to: a boot has to. False: none can have."""
    at = each.exchange.at
    if boot is not None:
        return axis.first(each, boot if at - boot > BOOT_TO_PACKET else None, BOOT_TO_PACKET)
    if changed:
        axis.module.note(NotePhrase.CHANGED_PAIRING, at, each.exchange.sendings[0].number)
    elif index == 0 and not axis.told.booted_at:
        axis.module.note(NotePhrase.ANCHORED, at, each.exchange.sendings[0].number)
    elif axis.told.booted_at or _is_too_soon(axis, each):
        return axis.unexpected(each)
    else:
        axis.module.note(NotePhrase.BOOT_ASSUMED, at, each.exchange.sendings[0].number)
    return axis.first(each, None)


def _is_too_soon(axis: Axis, each: Happened) -> bool:
    """Nothing can have been booted since the packet before."""
    before = [slot.sent for slot in axis.module.slots if slot.sent is not None]
    return bool(before) and each.exchange.at - max(before) < axis.boot


def _next(happened: Sequence[Happened], index: int) -> Seconds | None:
    return happened[index + 1].exchange.at if index + 1 < len(happened) else None


def _end(axis: Axis, due: _Due | None, since: Seconds) -> None:
    """What should have come by the end; and a boot that nothing followed."""
    boot = axis.boot_between(since, axis.ends)
    if due is not None and axis.over(since, due.at, due.span, boot):
        if due.optional:
            axis.module.note(NotePhrase.SLEPT, due.at, what=due.what, due=due.at)
        else:
            axis.missing(due.what, due.at)
    else:
        axis.coming(due)
