"""Self-registration with Telecom and Unicom: rounds of packets, an hour between them, updates.

The rules: docs/spec/registration.md, Packets and rounds. Follows a ``RoundSchedule``; knows no operator, no payload
and no NVRAM. One instance is one boot.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from nbtwin.coap.endpoint import CoapEndpoint, Request, RequestReceived, RequestReset, RequestUnanswered, Response
from nbtwin.coap.endpoint import ResponseReceived as Answered
from nbtwin.coap.events import Retransmitted
from nbtwin.coap.message import Message
from nbtwin.coap.numbers import Code, dotted
from nbtwin.engine import Address, Datagram, Deadline, Randomness, Seconds, soonest
from nbtwin.lwm2m.addresses import is_address
from nbtwin.selfreg.machine_events import GaveUp as GaveUp
from nbtwin.selfreg.machine_events import RegistrationFailed as RegistrationFailed
from nbtwin.selfreg.machine_events import RegistrationSucceeded as RegistrationSucceeded
from nbtwin.selfreg.machine_events import RoundStarted as RoundStarted
from nbtwin.selfreg.machine_events import SelfRegistrationEvent as SelfRegistrationEvent
from nbtwin.selfreg.machine_events import SelfRegistrationReason as SelfRegistrationReason
from nbtwin.selfreg.machine_events import SelfRegistrationRefusal as SelfRegistrationRefusal
from nbtwin.selfreg.schedule import RoundSchedule


class SelfRegistrationState(Enum):
    """No document names them."""

    DUE_LATER = "until it is due"
    RESOLVING = "for the look-up"
    SENDING = "for the answer"
    HOLDING_OFF = "for the next round"
    DONE = "for the next boot"


class SelfRegistration:
    """``handle_attached`` starts it (``engine.Service``). ``update``: this boot only continues Unicom's 30 days."""

    __slots__ = (
        "_accepted", "_asleep", "_attached", "_due_at", "_endpoint", "_events", "_fallback", "_host", "_lookups",
        "_packets", "_peer", "_port", "_request", "_round", "_schedule", "_started_at", "_succeeded", "_token",
        "_update", "state",
    )  # fmt: skip

    def __init__(
        self,
        schedule: RoundSchedule,
        host: str,
        port: int,
        request: Request,
        accepted: Callable[[Message], bool],
        random: Randomness,
        *,
        first_due_at: Seconds | None = None,
        update: bool = False,
        fallback: str | None = None,
    ) -> None:
        """``first_due_at``: not before then; a time still to come is that of an update (D55). ``fallback``: an address
        to use when the look-up fails (docs/spec/wire.md, Names and addresses: only where the user gave one)."""
        self.state = SelfRegistrationState.DUE_LATER
        self._schedule = schedule
        self._host, self._port, self._fallback = host, port, fallback
        self._request = request
        self._accepted = accepted
        self._endpoint = CoapEndpoint(random, waits=schedule.waits)
        self._events: list[SelfRegistrationEvent] = []
        self._lookups: list[str] = []
        self._due_at: Seconds | None = first_due_at  # of the next round; None: at the first attach
        self._update = update
        self._attached = self._asleep = False
        self._round = 0
        self._succeeded = False
        self._started_at: Seconds = 0.0  # the first round of this attempt
        self._peer: Address | None = None
        self._token = b""
        self._packets = 0  # how often the request of this round has left

    # What the module tells it

    def handle_attached(self, now: Seconds) -> None:
        self._attached = True
        if (
            self.state is SelfRegistrationState.DUE_LATER
            and self._round == 0
            and self._due_at is not None
            and self._due_at > now
        ):
            self._update = True  # only an update is due later (D55)
        self._act(now)

    def handle_detached(self, now: Seconds) -> None:
        """A look-up gets no answer any more, which is a failed one; packets go on leaving, and are lost."""
        self._attached = False
        if self.state is SelfRegistrationState.RESOLVING:
            self._fail(now, SelfRegistrationRefusal.COVERAGE_LOST, name=self._host)

    def handle_sleep(self, now: Seconds) -> None:
        """DOC-C 2.1.4: after a failed attempt deep sleep, where it comes (D115), comes instead of a retry."""
        self._asleep = True
        if self.state is SelfRegistrationState.HOLDING_OFF and self._schedule.sleep_ends_retries:
            self._give_up(SelfRegistrationRefusal.DEEP_SLEEP)

    def handle_wake(self, now: Seconds) -> None:
        self._asleep = False
        self._act(now)

    def handle_lookup(self, now: Seconds, name: str, host: str | None) -> None:
        if self.state is not SelfRegistrationState.RESOLVING or name != self._host:
            return
        address = host or self._fallback
        if address is None:
            self._fail(now, SelfRegistrationRefusal.NAME_UNKNOWN, name=name)  # DOC-C 2.1.4, DOC-D 2.1.4
        else:
            self._send(now, address)

    def handle_datagram(self, now: Seconds, source: Address, data: bytes) -> None:
        self._endpoint.handle_datagram(now, source, data)
        self._follow_endpoint(now)

    def handle_timer(self, now: Seconds) -> None:
        self._endpoint.handle_timer(now)
        self._follow_endpoint(now)
        self._act(now)

    # What it tells

    @property
    def has_news(self) -> bool:
        return bool(self._events or self._lookups or self._endpoint.has_datagrams)

    def datagrams_to_send(self) -> list[Datagram]:
        return self._endpoint.datagrams_to_send()

    def lookups(self) -> list[str]:
        lookups, self._lookups = self._lookups, []
        return lookups

    def events(self) -> list[SelfRegistrationEvent]:
        events, self._events = self._events, []
        return events

    def next_deadline(self) -> Deadline | None:
        return soonest(self._endpoint.next_deadline(), self._own_deadline())

    @property
    def busy(self) -> bool:
        return self.state is SelfRegistrationState.RESOLVING or self._endpoint.busy

    @property
    def wakes_module(self) -> bool:
        """A retry leaves PSM (DOC-D 2.1.4, 2.2.4), an update too (D55)."""
        if self.state is SelfRegistrationState.HOLDING_OFF:
            return self._schedule.retry_wakes_module
        return self.state is SelfRegistrationState.DUE_LATER and self._schedule.update_wakes_module

    @property
    def rounds_begun(self) -> int:
        """Of this attempt."""
        return self._round

    @property
    def succeeded(self) -> bool:
        """The last attempt did."""
        return self._succeeded

    def _own_deadline(self) -> Deadline | None:
        if self._due_at is None or not self._can_start:
            return None
        holding_off = self.state is SelfRegistrationState.HOLDING_OFF
        return Deadline(
            self._due_at, SelfRegistrationReason.NEXT_ROUND if holding_off else SelfRegistrationReason.NEXT_UPDATE
        )

    @property
    def _can_start(self) -> bool:
        """Asleep or out of coverage it waits for the wake or the attach."""
        return self._attached and (not self._asleep or self.wakes_module)

    # What it does

    def _act(self, now: Seconds) -> None:
        waiting = self.state in (SelfRegistrationState.DUE_LATER, SelfRegistrationState.HOLDING_OFF)
        if waiting and self._can_start and (self._due_at is None or now >= self._due_at):
            self._start_round(now)

    def _start_round(self, now: Seconds) -> None:
        if self.state is SelfRegistrationState.DUE_LATER:
            self._round, self._started_at, self._succeeded = 0, now, False
        self._round += 1
        self._due_at = None
        self._events.append(RoundStarted(self._round))
        if is_address(self._host):
            self._send(now, self._host)
        else:
            self.state = SelfRegistrationState.RESOLVING
            self._lookups.append(self._host)

    def _send(self, now: Seconds, host: str) -> None:
        self.state = SelfRegistrationState.SENDING
        self._peer, self._packets = (host, self._port), 1
        self._token = self._endpoint.send_request(now, self._peer, self._request)

    def _follow_endpoint(self, now: Seconds) -> None:
        for event in self._endpoint.events():
            match event:
                case Answered(message=message) if event.token == self._token:
                    self._on_answer(now, message)
                case RequestReset():
                    self._fail(now, SelfRegistrationRefusal.RESET)
                case RequestUnanswered():
                    self._fail(now, SelfRegistrationRefusal.UNANSWERED, packets=self._packets)
                case RequestReceived():  # these operators ask nothing
                    self._endpoint.respond(now, event, Response(Code.NOT_FOUND))
                case _:
                    if isinstance(event, Retransmitted) and self._attached:
                        self._packets += 1
                    self._events.append(event)  # retransmissions and drops, for the timeline

    def _on_answer(self, now: Seconds, message: Message) -> None:
        if not self._accepted(message):
            self._fail(now, SelfRegistrationRefusal.NO_SUCCESS, response_code=dotted(message.code))  # D54
            return
        every = self._schedule.update_every
        due_at = None if every is None else now + every
        self._succeeded = True
        self._events.append(RegistrationSucceeded(self._update, due_at))
        self._wait_for_update(due_at)

    def _fail(
        self,
        now: Seconds,
        refusal: SelfRegistrationRefusal,
        *,
        name: str = "",
        packets: int = 0,
        response_code: str = "",
    ) -> None:
        """The verdict; the hour to the next round runs from here (D15)."""
        self._events.append(RegistrationFailed(self._round, refusal, name, packets, response_code))
        if self._round == self._schedule.rounds:
            self._give_up(SelfRegistrationRefusal.ROUNDS_FAILED)
        else:
            self.state, self._due_at = SelfRegistrationState.HOLDING_OFF, now + self._schedule.hold_off

    def _give_up(self, refusal: SelfRegistrationRefusal) -> None:
        """A registration: until the next boot. An update: one more period (D55)."""
        every = self._schedule.update_every if self._update else None
        due_at = None if every is None else self._started_at + every
        self._events.append(GaveUp(refusal, self._round, due_at))
        self._wait_for_update(due_at)

    def _wait_for_update(self, due_at: Seconds | None) -> None:
        self.state, self._due_at = (
            (SelfRegistrationState.DONE, None) if due_at is None else (SelfRegistrationState.DUE_LATER, due_at)
        )
        self._update = True
