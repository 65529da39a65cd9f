"""The module's side of CMDMP: registers after every boot, updates every period, answers reads (DOC-C 2.2, DOC-D 2.3).

Knows the states that AT+QDMPCFG=6 shows and when packets leave; the schedule says how the documents differ. Must not
know a model, NVRAM or the AT interface.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import partial
from typing import assert_never

from nbtwin.coap.blockwise_endpoint import BlockwiseEndpoint
from nbtwin.coap.bounded import make_room
from nbtwin.coap.events import RequestReceived, Response, Retransmitted
from nbtwin.coap.message import Message, Options
from nbtwin.coap.numbers import Code
from nbtwin.engine import HOUR, Address, Datagram, Deadline, Randomness, Seconds, soonest
from nbtwin.lwm2m.addresses import is_address
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
from nbtwin.lwm2m.model import OBJECTS, Objects
from nbtwin.lwm2m.object_store import ObjectStore, Resource, constant
from nbtwin.selfreg.cmdmp import (
    DEVICE_INFO,
    NO_INFO,
    NULL,
    OBJECT_666,
    DmpState,
    TerminalIdentity,
    encrypt,
    endpoint_name,
    key_of,
    update_name,
)
from nbtwin.selfreg.cmdmp_events import CmdmpEvent as CmdmpEvent
from nbtwin.selfreg.cmdmp_events import CmdmpReason as CmdmpReason
from nbtwin.selfreg.cmdmp_events import CmdmpRebootRequested as CmdmpRebootRequested
from nbtwin.selfreg.cmdmp_events import CmdmpRegistrationFailed as CmdmpRegistrationFailed
from nbtwin.selfreg.cmdmp_events import CmdmpStateChanged as CmdmpStateChanged
from nbtwin.selfreg.cmdmp_events import CmdmpUpdateFailed as CmdmpUpdateFailed
from nbtwin.selfreg.schedule import Schedule

LINKS = b'</>;rt="oma.lwm2m",</1/0>,</3/0>,</666/0>'
"""The body of Register (docs/spec/wire.md, CMDMP registration)."""
SHORT_SERVER_ID = 1
OBJECTS_OF_CMDMP: Objects = {**OBJECTS, OBJECT_666.id: OBJECT_666}


@dataclass(frozen=True, slots=True)
class CmdmpConfig:
    """What is in use since boot: AT+DMPCONFIG or AT+QDMPCFG, AT+QDMPCFGEX, the module and its USIM."""

    server: str  # IP address or domain name
    fallback: str | None  # the address when a look-up fails (D39)
    port: int
    period: int  # seconds
    appkey: str
    password: str = field(repr=False)
    terminal_type: int
    terminal_imei: str
    imei: str
    imei2: str
    imsi: str
    info: Mapping[int, str]  # object 666, clear text
    manufacturer: str
    model: str
    schedule: Schedule

    @property
    def lifetime(self) -> int:
        """The ``lt`` of Register: the period and half of it, at most an hour more (D113)."""
        return self.period + min(self.period // 2, int(HOUR))


class CmdmpInput(Enum):
    """What moves the state."""

    CONNECTED = auto()  # name resolved, socket ready
    NOT_CONNECTED = auto()
    CREATED = auto()
    REGISTRATION_REFUSED = auto()
    REGISTRATION_UNANSWERED = auto()
    CHANGED = auto()
    UPDATE_REFUSED = auto()
    UPDATE_UNANSWERED = auto()
    LIFETIME_OVER = auto()


S, I = DmpState, CmdmpInput  # noqa: E741  docs/spec/registration.md, CMDMP states
TRANSITIONS: Mapping[tuple[DmpState, CmdmpInput], DmpState] = {
    (S.INITIAL_STATE, I.CONNECTED):                   S.CONNECT_SUCCESS,
    (S.INITIAL_STATE, I.NOT_CONNECTED):               S.CONNECT_FAILED,
    (S.CONNECT_SUCCESS, I.CREATED):                   S.REG_SUCCESS,
    (S.CONNECT_SUCCESS, I.REGISTRATION_REFUSED):      S.REG_FAILED,
    (S.CONNECT_SUCCESS, I.REGISTRATION_UNANSWERED):   S.REG_TIMEOUT,
    (S.REG_SUCCESS, I.CHANGED):                       S.UPDATE_SUCCESS,
    (S.REG_SUCCESS, I.UPDATE_REFUSED):                S.UPDATE_FAILED,
    (S.REG_SUCCESS, I.UPDATE_UNANSWERED):             S.UPDATE_TIMEOUT,
    (S.REG_SUCCESS, I.LIFETIME_OVER):                 S.LIFETIME_TIMEOUT,
    (S.UPDATE_SUCCESS, I.CHANGED):                    S.UPDATE_SUCCESS,
    (S.UPDATE_SUCCESS, I.UPDATE_REFUSED):             S.UPDATE_FAILED,
    (S.UPDATE_SUCCESS, I.UPDATE_UNANSWERED):          S.UPDATE_TIMEOUT,
    (S.UPDATE_SUCCESS, I.LIFETIME_OVER):              S.LIFETIME_TIMEOUT,
    (S.UPDATE_FAILED, I.CHANGED):                     S.UPDATE_SUCCESS,
    (S.UPDATE_FAILED, I.UPDATE_REFUSED):              S.UPDATE_FAILED,
    (S.UPDATE_FAILED, I.UPDATE_UNANSWERED):           S.UPDATE_TIMEOUT,
    (S.UPDATE_FAILED, I.LIFETIME_OVER):               S.LIFETIME_TIMEOUT,
    (S.UPDATE_FAILED, I.CREATED):                     S.REG_SUCCESS,  # after a 4.04
    (S.UPDATE_FAILED, I.REGISTRATION_REFUSED):        S.REG_FAILED,
    (S.UPDATE_FAILED, I.REGISTRATION_UNANSWERED):     S.REG_TIMEOUT,
    (S.UPDATE_TIMEOUT, I.CHANGED):                    S.UPDATE_SUCCESS,
    (S.UPDATE_TIMEOUT, I.UPDATE_REFUSED):             S.UPDATE_FAILED,
    (S.UPDATE_TIMEOUT, I.UPDATE_UNANSWERED):          S.UPDATE_TIMEOUT,
    (S.UPDATE_TIMEOUT, I.LIFETIME_OVER):              S.LIFETIME_TIMEOUT,
    (S.REG_TIMEOUT, I.CONNECTED):                     S.CONNECT_SUCCESS,  # again, a period later (D116)
    (S.REG_TIMEOUT, I.NOT_CONNECTED):                 S.CONNECT_FAILED,
    (S.LIFETIME_TIMEOUT, I.CONNECTED):                S.CONNECT_SUCCESS,  # fresh, at the next wake or attach
    (S.LIFETIME_TIMEOUT, I.NOT_CONNECTED):            S.CONNECT_FAILED,
}  # fmt: skip
del S, I


_ALIKE: dict[tuple[int, str, str, str, Options, bytes], Response] = {}
"""Answers to reads, by all that they are made from."""
_ALIKE_AT_MOST = 64


class CmdmpClient:
    """One boot of one module at CMDMP (``engine.Service``). ``handle_attached`` starts it."""

    __slots__ = (
        "_after_answer", "_asked_at", "_asleep", "_attached", "_config", "_deadline", "_endpoint", "_events",
        "_expires_at", "_is_asked",
        "_lookups", "_packets", "_registration", "_registration_due", "_resolving", "_update_at", "_update_query",
        "_was_registered", "state",
    )  # fmt: skip

    def __init__(self, config: CmdmpConfig, random: Randomness) -> None:
        self.state = DmpState.INITIAL_STATE
        self._config = config
        self._endpoint = BlockwiseEndpoint(random, waits=config.schedule.waits)  # /666/0 may have 1.3 KiB
        self._registration = ClientRegistration(self._endpoint)
        self._events: list[CmdmpEvent] = []
        self._lookups: list[str] = []
        self._update_query: tuple[str, ...] = ()
        self._attached = self._asleep = False
        self._registration_due = True  # every boot (DOC-C 2.2.1, DOC-D 2.3.1)
        self._resolving: str | None = None
        self._update_at: Seconds | None = None
        self._expires_at: Seconds | None = None
        self._asked_at: Seconds = 0.0  # when the request that is open left first
        self._packets = 0  # how often it has left
        self._was_registered = False  # since this boot
        self._after_answer: Callable[[Seconds], None] | None = None
        self._deadline: Deadline | None = None
        self._is_asked = False  # since the last input: `_deadline` is what it waits for

    # What the module tells it

    def handle_attached(self, now: Seconds) -> None:
        self._is_asked = False
        self._attached = True
        self._act(now)

    def handle_detached(self, now: Seconds) -> None:
        """A look-up under way gets no answer any more; packets go on leaving, and are lost."""
        self._is_asked = False
        self._attached = False
        if self._resolving is not None:
            self._resolving, self._registration_due = None, True

    def handle_sleep(self, now: Seconds) -> None:
        self._is_asked = False
        self._asleep = True

    def handle_wake(self, now: Seconds) -> None:
        self._is_asked = False
        self._asleep = False
        self._act(now)

    def handle_lookup(self, now: Seconds, name: str, host: str | None) -> None:
        if name != self._resolving:
            return
        self._is_asked = False
        self._resolving = None
        if host is not None:
            self._connect(now, host, CmdmpReason.NAME_RESOLVED)
        elif self._config.fallback is not None:
            self._connect(now, self._config.fallback, CmdmpReason.FALLBACK_USED)  # D39
        else:
            self._move(CmdmpInput.NOT_CONNECTED, CmdmpReason.NAME_UNKNOWN, server=name)
            self._events.append(CmdmpRegistrationFailed(CmdmpReason.NAME_UNKNOWN, name))

    def handle_datagram(self, now: Seconds, source: Address, data: bytes) -> None:
        self._is_asked = False
        self._endpoint.handle_datagram(now, source, data)
        self._follow_endpoint(now)

    def handle_timer(self, now: Seconds) -> None:
        deadline = self.next_deadline()
        if deadline is None or now < deadline.at:
            return  # it is for somebody else in the module
        self._is_asked = False
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

    def events(self) -> list[CmdmpEvent]:
        events, self._events = self._events, []
        return events

    def next_deadline(self) -> Deadline | None:
        if not self._is_asked:
            self._deadline = soonest(self._endpoint.next_deadline(), self._own_deadline())
            self._is_asked = True
        return self._deadline

    @property
    def busy(self) -> bool:
        return self._resolving is not None or self._endpoint.busy

    @property
    def wakes_module(self) -> bool:
        """The update does, where the document lets it (DOC-C 2.2.4); the end of the lifetime does not."""
        return self._update_at is not None and self._can_update

    @property
    def _can_update(self) -> bool:
        return self._attached and (not self._asleep or self._config.schedule.update_wakes_module)

    def _own_deadline(self) -> Deadline | None:
        if self._registration.open:
            return None
        if self._update_at is not None and self._can_update:
            return Deadline(self._update_at, CmdmpReason.UPDATE_PERIOD)
        return None if self._expires_at is None else Deadline(self._expires_at, CmdmpReason.LIFETIME_END)

    # What it does

    def _act(self, now: Seconds) -> None:
        """Whatever is due, as far as sleep and coverage let it."""
        if self._expires_at is not None and now >= self._expires_at and not self._registration.open:
            self._expire(now)
        if self._registration_due and self._attached and not self._asleep:
            self._registration_due = False
            self._resolve(now)
        elif self._update_at is not None and now >= self._update_at and self._can_update:
            self._update_at = None
            if self._registration.location is None:
                self._resolve(now)  # D116
            else:
                self._update(now)

    def _resolve(self, now: Seconds) -> None:
        server = self._config.server
        if is_address(server):
            self._connect(now, server, CmdmpReason.ADDRESS_GIVEN)
        else:
            self._resolving = server
            self._lookups.append(server)

    def _connect(self, now: Seconds, host: str, reason: CmdmpReason) -> None:
        self._move(CmdmpInput.CONNECTED, reason, server=self._config.server, host=host)
        self._register(now, (host, self._config.port))

    def _register(self, now: Seconds, peer: Address) -> None:
        """docs/spec/wire.md, CMDMP registration: the queries in this order, nothing percent-escaped, no Uri-Host."""
        c = self._config
        ep = endpoint_name(c.terminal_type, self._identity, c.appkey, c.password, c.terminal_imei)
        query = ("lwm2m=1.0", f"ep={ep}", "b=U", f"lt={c.lifetime}")
        self._asked_at, self._packets = now, 1
        self._registration.register(now, peer, query, LINKS)

    def _update(self, now: Seconds) -> None:
        if not self._update_query:  # the same for the whole boot
            c = self._config
            epi = update_name(c.terminal_type, self._identity, c.appkey, c.password, c.terminal_imei)
            self._update_query = (f"epi={epi}",)
        self._update_at = None
        self._asked_at, self._packets = now, 1
        self._registration.update(now, self._update_query)

    @property
    def _identity(self) -> TerminalIdentity:
        return TerminalIdentity(self._config.imei, self._config.imei2, self._config.imsi)

    def _expire(self, now: Seconds) -> None:
        """No update succeeded within the lifetime (D56)."""
        self._update_at = self._expires_at = None
        self._registration.forget(now)
        self._registration_due = True
        self._move(CmdmpInput.LIFETIME_OVER, CmdmpReason.LIFETIME_OVER)

    # What follows from what arrives

    def _follow_endpoint(self, now: Seconds) -> None:
        for event in self._endpoint.events():
            if isinstance(event, RequestReceived):
                self._answer(now, event)
                continue
            if isinstance(event, Retransmitted) and self._attached:
                self._packets += 1
            outcome = self._registration.handle_event(event)
            if outcome is None:
                self._events.append(event)  # retransmissions and drops, for the timeline
            else:
                self._on_outcome(now, outcome)

    def _on_outcome(self, now: Seconds, outcome: RegistrationOutcome) -> None:
        packets = self._packets
        match outcome:
            case Registered():
                self._events.append(outcome)
                self._move(CmdmpInput.CREATED, CmdmpReason.CREATED)
                self._renew()
            case RegistrationRefused(refusal=refusal, response_code=code):
                reason = CmdmpReason.REGISTRATION_REFUSED
                self._events.append(CmdmpRegistrationFailed(reason, refusal=refusal, response_code=code))
                self._move(CmdmpInput.REGISTRATION_REFUSED, reason, refusal=refusal, response_code=code)
            case RegistrationUnanswered():
                reason = CmdmpReason.REGISTRATION_UNANSWERED
                self._events.append(CmdmpRegistrationFailed(reason, packets=packets))
                self._move(CmdmpInput.REGISTRATION_UNANSWERED, reason, packets=packets)
                if self._was_registered:
                    self._update_at = self._asked_at + self._config.period  # D116
            case Updated():
                self._events.append(outcome)
                self._move(CmdmpInput.CHANGED, CmdmpReason.CHANGED)
                self._renew()
            case UpdateRefused(refusal=refusal, response_code=code):
                self._events.append(CmdmpUpdateFailed(CmdmpReason.UPDATE_REFUSED, refusal, code))
                self._move(CmdmpInput.UPDATE_REFUSED, CmdmpReason.UPDATE_REFUSED, refusal=refusal, response_code=code)
                if self._registration.location is None:  # 4.04: docs/spec/registration.md, CMDMP states
                    assert self._registration.peer is not None
                    self._expires_at = None
                    self._register(now, self._registration.peer)
            case UpdateUnanswered():
                self._events.append(CmdmpUpdateFailed(CmdmpReason.UPDATE_UNANSWERED, packets=packets))
                self._move(CmdmpInput.UPDATE_UNANSWERED, CmdmpReason.UPDATE_UNANSWERED, packets=packets)
            case Deregistered() | DeregistrationRefused() | DeregistrationUnanswered():
                raise AssertionError("CMDMP has no De-register")
            case _:
                assert_never(outcome)

    def _renew(self) -> None:
        """Counted from when the request left, so that a slow network makes nothing late (D113)."""
        self._was_registered = True
        self._update_at = self._asked_at + self._config.period
        self._expires_at = self._asked_at + self._config.lifetime

    def _move(
        self,
        input: CmdmpInput,
        reason: CmdmpReason,
        *,
        server: str = "",
        host: str = "",
        refusal: RegistrationRefusal | None = None,
        response_code: str = "",
        packets: int = 0,
    ) -> None:
        old, new = self.state, TRANSITIONS[self.state, input]
        self.state = new
        if new is not old:
            self._events.append(CmdmpStateChanged(old, new, reason, server, host, refusal, response_code, packets))

    # What the platform may read, write and execute

    def _answer(self, now: Seconds, received: RequestReceived) -> None:
        if received.peer != self._registration.peer:
            self._endpoint.respond(now, received, Response(Code.UNAUTHORIZED))
            return
        self._endpoint.respond(now, received, self._response_to(now, received.message))
        if self._after_answer is not None:
            then, self._after_answer = self._after_answer, None
            then(now)

    def _response_to(self, now: Seconds, request: Message) -> Response:
        """A read of a module that has nothing of its own to tell is answered by all of its kind alike."""
        c = self._config
        if request.code != Code.GET or c.info is not NO_INFO:
            return self._objects().handle(now, request)
        kind = (c.lifetime, c.manufacturer, c.model, c.password, request.options, request.payload)
        response = _ALIKE.get(kind)
        if response is None:
            make_room(_ALIKE, _ALIKE_AT_MOST)
            response = _ALIKE[kind] = self._objects().handle(now, request)
        return response

    def _objects(self) -> ObjectStore:
        """Made for each question, of which there is one a boot: kept, it would be a third of a module's memory."""
        c = self._config
        key = key_of(c.password)
        return ObjectStore(
            OBJECTS_OF_CMDMP,
            {
                1: {
                    0: {
                        0: constant(SHORT_SERVER_ID),
                        1: constant(c.lifetime),
                        6: constant(False),
                        7: constant("U"),
                        8: Resource(execute=self._on_update_trigger),
                    }
                },
                3: {
                    0: {
                        0: constant(c.manufacturer),
                        1: constant(c.model),
                        4: Resource(execute=self._on_reboot),
                        16: constant("U"),
                    }
                },
                666: {
                    0: {
                        id: Resource(get=partial(encrypt, c.info.get(id) or NULL, key))
                        for id in OBJECT_666.resources
                        if id != DEVICE_INFO or c.info.get(id)
                    }
                },
            },
        )

    def _on_reboot(self, arguments: bytes) -> None:
        self._after_answer = lambda now: self._events.append(CmdmpRebootRequested())

    def _on_update_trigger(self, arguments: bytes) -> None:
        if self._expires_at is not None and not self._registration.open:  # else nothing to update, or it is under way
            self._after_answer = self._update
