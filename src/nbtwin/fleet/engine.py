"""The devices of a shard: compact, protocol-only LwM2M clients in arrays, driven like every engine (`engine.py`).

A device is a row: its state, the one Confirmable that it may have under way (RFC 7252 4.7, NSTART 1), when that was
due, and the path that the server gave it. Requests are made from templates, so that nothing is kept of them: what is
sent again is made again from the same numbers. A token is the device's number and the message ID, so that an answer
finds its device whatever socket it came by.

What is due while a device is busy waits, and its time counts from when it was due: a server that stalls is told of by
everything that came meanwhile (no coordinated omission).

Knows time as it is told, and lanes: where a datagram leaves and arrives, by number. Knows no socket.
"""

from __future__ import annotations

from array import array
from collections import deque
from math import inf
from random import Random
from typing import Final

from nbtwin.coap.message import MessageFormatError, decode, encode, encode_content, options
from nbtwin.coap.message_struct import Message
from nbtwin.coap.numbers import Code, OptionNumber, Type
from nbtwin.engine import Address, Seconds
from nbtwin.fleet.accounts import FleetAccounts
from nbtwin.fleet.answers import Answers, Observation
from nbtwin.fleet.counting import FleetTally
from nbtwin.fleet.course import Course
from nbtwin.fleet.firmware import FirmwareEnd, FirmwareState
from nbtwin.fleet.messages import RUBBISH, TOKEN, Templates, empty, head
from nbtwin.fleet.plan import FleetPlan
from nbtwin.fleet.secure import SecureChannels
from nbtwin.fleet.tally import HARMLESS, FleetStats, Outcome
from nbtwin.fleet.wheel import Wheel

_CON, _NON = 0x40, 0x50
_LOCATED, _UPDATED = b"\x82rd\x0a", b"\xb2rd\x0a"
"""Location-Path "rd" and the header of one of ten characters, and the same as Uri-Path: what most servers answer."""
_ANSWERS_KEPT = 4096
"""Of all devices, for requests that come again (RFC 7252 4.5)."""
_MOST_WAITING = 64
"""What waits for one busy device; more is ended at once as not answered."""


REGISTER: Final = 1
UPDATE: Final = 2
UPLINK: Final = 3
DEREGISTER: Final = 4
BOOTSTRAP: Final = 5
NOTIFY: Final = 6
FIRMWARE: Final = 7
"""A block of a package."""
REPORT: Final = 8
"""A notification of the firmware object. What a device can have under way; 0 is nothing."""
_NAMES = ("none", "register", "update", "uplink", "deregister", "bootstrap", "notify", "firmware", "report")
_EXPECTED = (0, Code.CREATED, Code.CHANGED, Code.CHANGED, Code.DELETED, Code.CHANGED, 0, Code.CONTENT, 0)
_METHODS: dict[int, Code] = {DEREGISTER: Code.DELETE, FIRMWARE: Code.GET}
_WRONG_KEY = "wrong-key"
"""The kind of whatever a device does that has a wrong key: refused is right."""


class FleetEngine:
    """``lanes``: so many places to send from; twice the devices or more: each device has one of its own, a second one
    that a NAT gives it, and a third one to the server that bootstraps, where that is another one."""

    def __init__(self, plan: FleetPlan, lanes: int) -> None:
        count = plan.devices.count
        self.plan, self.lanes, self.count = plan, lanes, count
        self.tally = FleetTally(count)
        self.exclusive = lanes >= 2 * count
        self.course = Course(plan)
        self._templates = Templates(plan)
        self._answers = Answers(plan)
        self._answered: dict[tuple[int, bytes], bytes] = {}
        self._random = Random(f"{plan.seed}/devices")
        self._wheel = Wheel()
        self._out: list[tuple[int, bytes]] = []
        self._registered = bytearray(count)
        self._pending = bytearray(count)
        self._tries = bytearray(count)
        self._moved = bytearray(count)
        self._flags = bytearray(count)
        """1: the network said that nobody is there; 2: sent as NON; 4: acknowledged; 8: what came was no record."""
        self._ids = array("H", bytes(2 * count))
        self._due = array("d", bytes(8 * count))
        self._retry_at = array("d", bytes(8 * count))
        self._wait = array("f", bytes(4 * count))
        self._awake_until = array("d", bytes(8 * count)) if plan.queue else None
        self._locations: list[bytes] = [b""] * count
        self._next_ids = array("H", [self._random.randrange(65536) for _ in range(count if self.exclusive else lanes)])
        self._open: dict[int, int] = {}
        self._notifying: dict[int, Observation] = {}
        self._to_tell: dict[int, deque[Observation]] = {}
        self._waiting: dict[int, deque[tuple[Seconds, int]]] = {}
        self._failed: dict[int, tuple[int, Seconds]] = {}
        """Who registers again by itself: how often it has failed, and when the next try is due."""
        self._under_way = self._leaving = 0
        self._elsewhere = 2 * count if plan.bootstrap else 0
        """Lanes from here on lead to the server that bootstraps."""
        self._accounts = FleetAccounts(plan, self._answers.asked)
        self._answers.accounts = self._accounts.found
        self.routes: dict[int, Address] = {}
        """Where lanes lead that a bootstrap server has turned elsewhere."""
        secure = plan.target.secure or plan.bootstrap
        self._secure = SecureChannels(plan, self.has_wrong_key, self._send_record) if secure else None
        self._sealed = bytearray()
        """Whether a channel is DTLS; empty: all are alike."""
        if plan.bootstraps is not None:
            self._sealed = bytearray([plan.target.secure] * count + [plan.bootstraps.secure] * count)

    # the contract

    def handle_timer(self, now: Seconds) -> None:
        for number in self._wheel.take(now):
            device = number >> 1
            if number & 1:
                self._secure_timer(now, device)
            elif self._pending[device]:
                if self._retry_at[device] <= now:
                    self._time_out(now, device)
            elif device in self._failed and self._failed[device][1] <= now and not self.course.leaving:
                self._arrive(now, now, "register", device)
        for due, phase, device in self.course.due(now):
            self._arrive(now, due, phase.do, device)
        self._leave(now)

    def next_deadline(self) -> Seconds | None:
        """None: nothing will happen by itself any more."""
        at = self.course.next_at(self._leaving)
        if self._under_way or self._failed:
            at = min(at, self._wheel.next_at())
        return None if at == inf else at

    def datagrams_to_send(self) -> list[tuple[int, bytes]]:
        """(lane, bytes)"""
        out, self._out = self._out, []
        return out

    def handle_datagram(self, now: Seconds, lane: int, data: bytes) -> None:
        self.tally.received(len(data))
        plan = self.plan
        if plan.loss and self._random.random() < plan.loss:
            self.tally.count("lost")
            return
        device = lane % self.count if self.exclusive else -1
        if self._awake_until is not None and device >= 0 and now > self._awake_until[device] and (
            not self._pending[device]
        ):  # fmt: skip
            self.tally.count("asleep")
            return
        if self._secure is None:
            self._on_message(now, lane, device, data)
            return
        channel = self._channel(device, lane)
        if self._sealed and not self._sealed[channel]:
            self._on_message(now, lane, device, data)
            return
        plaintexts, failed, timer = self._secure.receive(now, channel, data)
        self._after_secure(now, channel, plaintexts, failed, timer)

    def handle_unreachable(self, lane: int, data: bytes) -> None:
        """The network's word that nobody is there, with what was sent."""
        self.tally.count("unreachable")
        device = lane % self.count if self.exclusive and lane >= 0 else self._device_of(data)
        if 0 <= device < self.count:
            self._flags[device] |= 1

    # what whoever drives it says

    def begin_leaving(self) -> None:
        """All that are registered de-register, some at a time."""
        self.course.begin_leaving()
        self._waiting.clear()
        self._to_tell.clear()
        self._failed.clear()

    @property
    def under_way(self) -> int:
        return self._under_way + sum(map(len, self._waiting.values()))

    @property
    def coming_back(self) -> int:
        """Whose registration has failed: each tries again, or does so now."""
        return len(self._failed)

    @property
    def left(self) -> bool:
        """Whoever was to leave has left, or was asked to."""
        return self.course.all_asked and not self._under_way

    def finish(self, now: Seconds) -> None:
        """What is still under way is counted as not answered."""
        for device in range(self.count):
            if self._pending[device]:
                self._end(now, device, Outcome.RUBBISH if self._flags[device] & 8 else Outcome.OPEN, None)
        self._waiting.clear()

    def stats(self, now: Seconds) -> FleetStats:
        if self._secure is not None:
            for took in self._secure.handshakes:
                self.tally.waited("handshake", took)
            self._secure.handshakes.clear()
        self.tally.asked = self._answers.asked
        found = self.tally.stats(now, lambda device: self.plan.devices.name_of(device, self.plan.first))
        found.under_way = self.under_way
        return found

    def has_wrong_key(self, device: int) -> bool:
        share = self.plan.wrong_keys
        return bool(share) and Random(f"{self.plan.seed}/key/{device}").random() < share

    # arrivals

    def _arrive(self, now: Seconds, due: Seconds, what: str, device: int) -> None:
        if what == "register":
            self._begin(now, due, device, BOOTSTRAP if self.plan.bootstrap else REGISTER)
        elif what == "update":
            self._begin(now, due, device, UPDATE)
        elif what == "uplink":
            self._begin(now, due, device, UPLINK)
        elif what == "notify":
            self._begin(now, due, device, NOTIFY)
        elif what == "deregister":
            self._begin(now, due, device, DEREGISTER)
        elif what == "rebind":
            self._moved[device] ^= 1
            self.tally.count("rebound")
            self._begin(now, due, device, UPDATE)
        else:
            self._reboot(now, due, device)

    def _reboot(self, now: Seconds, due: Seconds, device: int) -> None:
        """It has forgotten everything, its registration and its session too; then it registers."""
        self.tally.count("rebooted")
        if self._pending[device]:
            self._waiting.pop(device, None)
            self._end(now, device, Outcome.CUT, None)
        self._waiting.pop(device, None)
        self._to_tell.pop(device, None)
        self._unregister(device)
        self._answers.forget(device)
        self._accounts.forget(device)
        if self._secure is not None:
            self._secure.reboot(device)
            if self._elsewhere:
                self._secure.reboot(device + self.count)
        anew = self.plan.bootstrap and device not in self._accounts.done
        self._begin(now, due, device, BOOTSTRAP if anew else REGISTER)

    def _begin(self, now: Seconds, due: Seconds, device: int, deed: int) -> None:
        if self._pending[device]:
            waiting = self._waiting.setdefault(device, deque())
            if len(waiting) < _MOST_WAITING:
                waiting.append((due, deed))
            else:
                self.tally.begin(now, self._kind(device, deed))
                self.tally.end(now, self._kind(device, deed), Outcome.OPEN, device, None)
            return
        if self.course.leaving and not self._registered[device]:
            return  # its registration failed meanwhile: there is nothing to leave
        self.tally.begin(now, self._kind(device, deed))
        if deed not in (REGISTER, BOOTSTRAP) and not self._registered[device]:
            self.tally.end(now, self._kind(device, deed), Outcome.UNREGISTERED, device, None)
            return
        if not self._has_cause(now, device, deed):
            return
        if deed == BOOTSTRAP:
            self._accounts.begin(device)
        plan, random = self.plan, self._random
        place = device if self.exclusive else self.lane_of(device)
        number = self._next_ids[place]
        self._next_ids[place] = number + 1 & 0xFFFF
        self._ids[device], self._pending[device], self._due[device] = number, deed, due
        self._tries[device] = 0
        non = bool(plan.non) and deed in (UPLINK, NOTIFY) and random.random() < plan.non
        self._flags[device] = 2 if non else 0
        self._under_way += 1
        self._leaving += deed == DEREGISTER
        if not self.exclusive:
            self._open[self.lane_of(device) << 16 | number] = device
        self._wait[device] = wait = plan.ack_timeout * (1 + random.random() / 2)
        self._retry_at[device] = at = now + (wait * (2 << plan.retransmissions) if non else wait)
        self._wheel.add(at, device << 1)
        if plan.malformed and random.random() < plan.malformed:
            self.tally.count("malformed")
            self._send(device, random.choice(RUBBISH))
        self._transmit(now, device)
        if plan.duplicates and random.random() < plan.duplicates:
            self.tally.count("duplicated")
            self._transmit(now, device)
        if non and deed == NOTIFY:
            self._end(now, device, Outcome.OK, None)  # nobody answers it

    def _has_cause(self, now: Seconds, device: int, deed: int) -> bool:
        """Where nobody observes it any more, or nothing is fetched, there is nothing to send."""
        answers = self._answers
        if deed == NOTIFY:
            there = answers.observations.get(device)
        elif deed == REPORT:
            told = self._to_tell[device].popleft()
            there = [one for one in answers.observations.get(device, ()) if one is told]
        else:
            if deed != FIRMWARE or device in answers.pulls:
                return True
            there = None
        if there:
            self._notifying[device] = there[0]
            return True
        self.tally.end(now, self._kind(device, deed), Outcome.OK, device, None)
        self.tally.count("unobserved")
        return False

    # out

    def lane_of(self, device: int) -> int:
        if self.exclusive:
            return device + self.count * self._moved[device]
        return (device + self._moved[device]) % self.lanes

    def _transmit(self, now: Seconds, device: int) -> None:
        """The message of this device that is under way, from its numbers."""
        deed, number = self._pending[device], self._ids[device]
        if self._awake_until is not None:
            self._awake_until[device] = now + self.plan.queue
        kind = _NON if self._flags[device] & 2 else _CON
        if deed in (NOTIFY, REPORT):
            self._out_message(now, device, self._notification(device, number, kind))
            return
        code = _METHODS.get(deed, Code.POST)
        if deed == REGISTER:
            account = self._accounts.found.get(device)
            name = self.plan.devices.name_of(device, self.plan.first)
            tail = self._templates.register(name, 0 if account is None else account.lifetime)
        elif deed == UPLINK:
            tail = self._templates.uplink
        elif deed == BOOTSTRAP:
            tail = self._templates.bootstrap(self.plan.devices.name_of(device, self.plan.first))
            lane = device + self._elsewhere if self._elsewhere else -1
            self._out_message(now, device, head(kind, code, number, device) + tail, lane)
            return
        elif deed == FIRMWARE:
            pull = self._answers.pulls.get(device)
            tail = pull.request() if pull is not None else b""
        else:
            tail = self._locations[device]
        self._out_message(now, device, head(kind, code, number, device) + tail)

    def _notification(self, device: int, number: int, kind: int) -> bytes:
        observation = self._notifying[device]
        observation.sequence = observation.sequence + 1 & 0xFFFFFF
        payload, content_format = self._answers.notified(device, observation) or (self._templates.notification, 0)
        found = options(observe=observation.sequence, content_format=content_format)
        confirmable = Type.NON if kind == _NON else Type.CON
        return encode(Message(confirmable, Code.CONTENT, number, observation.token, found, payload))

    def _out_message(self, now: Seconds, device: int, data: bytes, lane: int = -1) -> None:
        """``lane``: another one than the device's own."""
        if self._secure is None:
            self._send(device, data, lane)
            return
        channel = self._channel(device, lane)
        if self._sealed and not self._sealed[channel]:
            self._send(device, data, lane)
            return
        timer = self._secure.send(now, channel, data)
        if timer is not None:
            self._wheel.add(timer, channel << 1 | 1)

    def _channel(self, device: int, lane: int) -> int:
        """The session of a lane."""
        return device + self.count if self._elsewhere and lane >= self._elsewhere else device

    def _back(self, lane: int) -> int:
        """To who sent something on this lane: whoever bootstraps, or (-1) by the device's own."""
        return lane if self._elsewhere and lane >= self._elsewhere else -1

    def _send_record(self, channel: int, data: bytes) -> None:
        if channel < self.count:
            self._send(channel, data)
        else:
            self._send(channel - self.count, data, channel + self.count)

    def _send(self, device: int, data: bytes, lane: int = -1) -> None:
        self.tally.sent(len(data))
        if self.plan.loss and self._random.random() < self.plan.loss:
            self.tally.count("lost")
            return
        self._out.append((self.lane_of(device) if lane < 0 else lane, data))

    def _time_out(self, now: Seconds, device: int) -> None:
        plan = self.plan
        tries = self._tries[device]
        flags = self._flags[device]
        channel = device + self.count if self._elsewhere and self._pending[device] == BOOTSTRAP else device
        if not flags & 6 and tries < plan.retransmissions:
            self._tries[device] = tries + 1
            self._wait[device] *= 2
            self._retry_at[device] = now + self._wait[device]
            self._wheel.add(self._retry_at[device], device << 1)
            if self._secure is None or not self._secure.busy(channel):
                self.tally.count("retransmitted")
                self._transmit(now, device)
            return
        outcome = Outcome.AWAY if flags & 1 else Outcome.RUBBISH if flags & 8 else Outcome.SILENT
        if self._secure is not None and not flags & 6:  # the server may have forgotten it: the next one is new
            self._secure.reboot(channel)
        self._end(now, device, outcome, None)

    # in

    def _after_secure(
        self, now: Seconds, channel: int, plaintexts: list[bytes], failed: bool, timer: Seconds | None
    ) -> None:
        if timer is not None:
            self._wheel.add(timer, channel << 1 | 1)
        elsewhere, device = divmod(channel, self.count)
        if self._secure is not None and self._secure.rubbish:
            self.tally.count("rubbish", len(self._secure.rubbish))
            self._secure.rubbish.clear()
            self._flags[device] |= 8
        if not plaintexts and not failed:
            return
        lane = device + self._elsewhere if elsewhere else self.lane_of(device)
        for plaintext in plaintexts:
            self._on_message(now, lane, device, plaintext)
        pending = self._pending[device]
        if failed and pending and elsewhere == (self._elsewhere > 0 and pending == BOOTSTRAP):
            self._end(now, device, Outcome.RUBBISH if self._flags[device] & 8 else Outcome.HANDSHAKE, None)

    def _secure_timer(self, now: Seconds, channel: int) -> None:
        assert self._secure is not None
        plaintexts, failed, timer = self._secure.timer(now, channel)
        self._after_secure(now, channel, plaintexts, failed, timer)

    def _device_of(self, data: bytes) -> int:
        return int.from_bytes(data[4:7], "big") if len(data) >= 4 + TOKEN and data[0] & 15 == TOKEN else -1

    def _on_message(self, now: Seconds, lane: int, device: int, data: bytes) -> None:
        if len(data) < 4 or data[0] & 0xC0 != 0x40:
            self._on_rubbish(now, lane, device)
            return
        code, number = data[1], data[2] << 8 | data[3]
        if code == 0:
            self._on_empty(now, lane, device, (data[0] >> 4) & 3, number)
        elif code < 32:
            self._on_request(now, lane, device, data)
        else:
            self._on_answer(now, lane, device, data, code)

    def _on_rubbish(self, now: Seconds, lane: int, device: int) -> None:
        self.tally.count("rubbish")
        if device >= 0 and self._pending[device]:
            self._end(now, device, Outcome.RUBBISH, None)

    def _on_empty(self, now: Seconds, lane: int, device: int, kind: int, number: int) -> None:
        if device < 0:
            device = self._open.get(lane << 16 | number, -1)
        if device < 0 or not self._pending[device] or self._ids[device] != number:
            self.tally.count("reset-received" if kind == Type.RST else "late")
        elif kind == Type.RST:
            if self._pending[device] in (NOTIFY, REPORT):
                self._answers.unobserve(device, self._notifying[device])
            self._end(now, device, Outcome.RESET, None)
        elif self._pending[device] in (NOTIFY, REPORT):
            self._end(now, device, Outcome.OK, now - self._due[device])
        else:  # an answer of its own comes later
            self._await(now, device)

    def _await(self, now: Seconds, device: int) -> None:
        """What is acknowledged is not sent again."""
        self._flags[device] |= 4
        self._retry_at[device] = at = now + self.plan.ack_timeout * (2 << self.plan.retransmissions)
        self._wheel.add(at, device << 1)

    def _on_request(self, now: Seconds, lane: int, device: int, data: bytes) -> None:
        try:
            asked = decode(data)
        except MessageFormatError:
            self._on_rubbish(now, lane, device)
            return
        if self._awake_until is not None and device >= 0:
            self._awake_until[device] = now + self.plan.queue
        who = device if device >= 0 else lane % self.count
        said = self._reply(who, asked, data, lane)
        if device >= 0:
            self._out_message(now, device, said, self._back(lane))
        else:
            self.tally.sent(len(said))
            self._out.append((lane, said))
        accepted = self._accounts.ended.pop(who, None)
        if accepted is not None:
            self._finish_bootstrap(now, who, accepted)
        self._tell_firmware(now)

    def _finish_bootstrap(self, now: Seconds, device: int, accepted: bool) -> None:
        """The server has finished: the device registers as it was told, before anything else that it is to do."""
        bootstraps = self._pending[device] == BOOTSTRAP
        wait = now - self._due[device]
        if not accepted:
            self.tally.count("accounts-refused")
            if bootstraps:
                self._end(now, device, Outcome.WRONG, wait)
            return
        self._take_account(device)
        if not bootstraps:
            self._begin(now, now, device, REGISTER)
            return
        self._waiting.setdefault(device, deque()).appendleft((now, REGISTER))
        self._end(now, device, Outcome.OK if wait <= self.plan.slow else Outcome.SLOW, wait)

    def _take_account(self, device: int) -> None:
        account = self._accounts.found.get(device)
        if account is None:
            return
        self.tally.count("accounts")
        target = account.target
        place = target.address, target.port
        elsewhere = place != self.routes.get(device, (self.plan.target.address, self.plan.target.port))
        self.routes[device] = self.routes[device + self.count] = place
        self._sealed[device] = target.secure
        if self._secure is not None and target.secure:
            self._secure.assign(device, account.identity, account.key, elsewhere)

    def _reply(self, device: int, asked: Message, data: bytes, lane: int) -> bytes:
        """Of a request that comes again, the answer that it had."""
        if asked.type is not Type.CON:
            return self._answered_anew(device, asked, lane)
        known = device, data[: 4 + len(asked.token)]
        if (said := self._answered.get(known)) is not None:
            self.tally.count("repeated")
            return said
        if len(self._answered) >= _ANSWERS_KEPT:
            del self._answered[next(iter(self._answered))]
        said = self._answered[known] = self._answered_anew(device, asked, lane)
        return said

    def _answered_anew(self, device: int, asked: Message, lane: int) -> bytes:
        if self._back(lane) >= 0:
            said = self._accounts.reply(device, asked)
            if said is not None:
                return said
        return self._answers.reply(device, asked)

    def _tell_firmware(self, now: Seconds) -> None:
        """What has happened to firmware objects: reports to who observes them, and packages that are to be fetched."""
        answers = self._answers
        while answers.changed:
            device = answers.changed.pop()
            for observation in answers.reports(device):
                self._to_tell.setdefault(device, deque()).append(observation)
                self._begin(now, now, device, REPORT)
        while answers.begun:
            self._begin(now, now, answers.begun.pop(), FIRMWARE)

    def _block_came(self, now: Seconds, device: int, data: bytes, wait: Seconds, outcome: Outcome) -> None:
        """And the next one is asked for at once: a device fetches as fast as it is answered."""
        pull = self._answers.pulls.get(device)
        try:
            more = None if pull is None else pull.take(decode(data))
        except MessageFormatError:
            more = None
        self._end(now, device, Outcome.WRONG if pull is not None and more is None else outcome, wait)
        if pull is None or more is None:
            return
        if more:
            self._begin(now, now, device, FIRMWARE)
            return
        self.tally.count("packages")
        self.tally.count("bytes-packages", pull.size)
        self._answers.set_firmware(device, FirmwareState.DOWNLOADED)
        self._tell_firmware(now)

    def _pull_failed(self, now: Seconds, device: int, outcome: Outcome) -> None:
        lost = outcome in (Outcome.SILENT, Outcome.AWAY, Outcome.HANDSHAKE, Outcome.RESET)
        end = FirmwareEnd.CONNECTION_LOST if lost else FirmwareEnd.INVALID_URI
        self._answers.set_firmware(device, FirmwareState.IDLE, end)
        self._tell_firmware(now)

    def _on_answer(self, now: Seconds, lane: int, device: int, data: bytes, code: int) -> None:
        named = self._device_of(data)
        if named < 0 or named >= self.count or (device >= 0 and device != named):
            self.tally.count("stray")
            return
        if data[0] & 0x30 == 0:  # Confirmable: it came apart from the acknowledgement
            self._out_message(now, named, empty(Type.ACK, data[2] << 8 | data[3]), self._back(lane))
        if not self._pending[named] or self._ids[named] != data[7] << 8 | data[8]:
            self.tally.count("late")
            return
        wait = now - self._due[named]
        deed = self._pending[named]
        if code >= 0x80:
            self._refused(now, named, code, wait)
            return
        outcome = Outcome.OK if wait <= self.plan.slow else Outcome.SLOW
        if code != _EXPECTED[deed]:
            outcome = Outcome.WRONG
        elif deed == FIRMWARE:
            self._block_came(now, named, data, wait, outcome)
            return
        elif deed == BOOTSTRAP:  # it ends with what the server says by itself, its Finish the last
            self._await(now, named)
            return
        elif deed == REGISTER:
            location = self._location(data)
            if location is None:
                self._end(now, named, Outcome.RUBBISH, wait)
                return
            self._locations[named] = location
            if not location:
                outcome = Outcome.WRONG
            elif not self._registered[named]:
                self._registered[named] = 1
                self.tally.registered += 1
        elif deed == DEREGISTER:
            self._unregister(named)
        self._end(now, named, outcome, wait)

    def _refused(self, now: Seconds, device: int, code: int, wait: Seconds) -> None:
        said = f"{code >> 5}.{code & 31:02}"
        self.tally.codes[said] = self.tally.codes.get(said, 0) + 1
        deed = self._pending[device]
        again = deed == UPDATE and code == Code.NOT_FOUND and not self.course.leaving
        if code == Code.NOT_FOUND and deed in (UPDATE, DEREGISTER):
            self._unregister(device)
        self._end(now, device, Outcome.REFUSED, wait)
        if again and not self._pending[device]:  # the server has forgotten it: it registers anew
            self._begin(now, now, device, REGISTER)

    def _location(self, data: bytes) -> bytes | None:
        """As the Uri-Path options of what follows; None for an answer that cannot be read."""
        if data[4 + TOKEN : 8 + TOKEN] == _LOCATED and len(data) == 18 + TOKEN:
            return _UPDATED + data[8 + TOKEN :]
        try:
            found = decode(data).options
        except MessageFormatError:
            return None
        path = [(int(OptionNumber.URI_PATH), value) for number, value in found if number == OptionNumber.LOCATION_PATH]
        return encode_content(path)

    def _unregister(self, device: int) -> None:
        if self._registered[device]:
            self._registered[device] = 0
            self.tally.registered -= 1
        self._locations[device] = b""

    # ends

    def _kind(self, device: int, deed: int) -> str:
        return _WRONG_KEY if self.plan.wrong_keys and self.has_wrong_key(device) else _NAMES[deed]

    def _end(self, now: Seconds, device: int, outcome: Outcome, wait: Seconds | None) -> None:
        deed = self._pending[device]
        kind = self._kind(device, deed)
        if not self.exclusive:
            self._open.pop(self.lane_of(device) << 16 | self._ids[device], None)
        self._pending[device] = 0
        self._under_way -= 1
        self._leaving -= deed == DEREGISTER
        if kind == _WRONG_KEY:
            right = outcome in (Outcome.HANDSHAKE, Outcome.SILENT, Outcome.OPEN, Outcome.CUT)
            outcome = Outcome.OK if right else Outcome.WRONG
        self.tally.end(now, kind, outcome, device, wait)
        self._notifying.pop(device, None)
        if deed == FIRMWARE and outcome not in HARMLESS and device in self._answers.pulls:
            self._pull_failed(now, device, outcome)
        if self.plan.again and deed in (REGISTER, BOOTSTRAP):
            self._after_registering(now, device, outcome)
        waiting = None if self._pending[device] else self._waiting.get(device)
        if waiting:
            due, deed = waiting.popleft()
            if not waiting:
                del self._waiting[device]
            self._begin(now, due, device, deed)

    def _after_registering(self, now: Seconds, device: int, outcome: Outcome) -> None:
        times, _ = self._failed.pop(device, (0, 0.0))
        if outcome in HARMLESS or self.course.leaving:
            return
        plan = self.plan
        wait = min(plan.again * 2.0 ** min(times, 32), plan.again_most)
        at = now + wait * (1 + plan.again_spread * (2 * self._random.random() - 1))
        self._failed[device] = times + 1, at
        self._wheel.add(at, device << 1)

    def _leave(self, now: Seconds) -> None:
        while (device := self.course.next_to_leave(self._leaving)) is not None:
            if self._registered[device] or self._pending[device]:  # who is busy leaves afterwards
                self._begin(now, now, device, DEREGISTER)
