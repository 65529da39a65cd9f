"""The LwM2M 1.0 client of an Andlink module: bootstrap, registration, data, firmware.

One boot of one module, an ``engine.Service``. Knows the fourteen registration states and what drives them; what it is
made of knows objects, packages and data. Knows no AT command, no NVRAM and no DTLS: ``make_channel`` brings a channel.
"""

# Theory: one boot of an Andlink client
# -------------------------------------
#
# An *attempt* leads from nothing to a registration; a *registration* lives until it ends; a *pause* lies between
# attempts.
#
#     attempt     look-up -> [DTLS handshake] -> Bootstrap-Request ... Finish -> look-up -> [DTLS] -> Register -> 2.01
#                 \_______ only with a BS server in the list, and once in a boot ______/
#     pauses      30, 60, 120 s after the first three attempts that nobody answered, with the servers of the list in
#                 turn; after the fourth nothing is tried before the host or the next boot asks
#     refusals    an error answer ends it at once: the same request would get the same answer (states INIT_FAILED,
#                 REJECTED_BY_SERVER)
#
# The fourteen states of DOC-E 3.10 are a table (`states.TRANSITIONS`); every change goes through ``_move`` and says
# what it happened for. States a host can read and states the protocol needs are the same states: there is no second
# machine.
#
# *Coverage.* A registration outlives a detach: the server does not know of it. What leads to a registration does not:
# its look-ups and handshakes are abandoned (NO_UE_IP), and the next attach starts from the beginning.
#
# *What ends with a registration* (LwM2M 1.0 TS, 5.5): observations, requests that wait for the host, and the CON
# uplink, which is reported as failed (2), because nobody will say any more whether it arrived. A fresh Register ends
# them *before* it leaves: whatever the server does with its old observations, it has to observe anew.
#
# *A server that is faster than its answer.* A platform observes as soon as it has registered the client. Its first
# request may overtake the 2.01, or the 2.01 may be lost and come once more after its retransmission. Such requests of
# the server that is being registered with wait (`requests.PendingRequests`, eight at the most) and are answered after
# the 2.01, or with 4.01 when there is none. Requests of anybody else are answered 4.01 at once.
#
# *Updates.* One is due at half of the lifetime, or 93 s (MAX_TRANSMIT_WAIT) before its end where that is later, so that
# all its transmissions fit before the server forgets. One that is asked for (Execute /1/0/8, a written lifetime) while
# another is open follows it. One that fails, with an error or without an answer, is followed by a Register: after 4.04
# the server does not know the location, and after anything else nobody can know whether it does.
#
# *A change of address.* The client does not learn of it: a NAT gives its datagrams another source, and the registration
# stays at its location. In the clear the server sees the new address with the next Update, and takes the observations
# there; until then a notification comes from an address that nobody observes. Behind DTLS a new handshake (NAT type 0,
# after 30 s of silence: DOC-E 3.16) shows the same identity, and the identity is what the server knows the client by.
#
# *Observations* stay with path, token and the server's address. A notification is Confirmable: one that is reset or
# never acknowledged ends its observation (RFC 7641 4.5), and nothing but a new Observe brings it back. That of /19/1/0
# decides whether data goes up as a notification or as POST /dp, and whether the state is MO_DATA_ENABLED (D59).
#
# *One drain.* ``_follow`` runs after every input until nothing moves: what a connection comes to may send a request, an
# endpoint's event may start a download, a download may change an object that is observed. Only then are events handed
# out. NSTART is the endpoint's (RFC 7252 4.7): nothing above it queues. That a second CON uplink is refused while one
# waits is a rule towards the host (error 159, D24), and the commands apply it.

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import assert_never

from nbtwin.coap.blockwise_endpoint import BlockwiseEndpoint
from nbtwin.coap.events import (
    BlockReceived,
    CoapEvent,
    NotificationUnanswered,
    RequestReceived,
    RequestUnanswered,
    Response,
    ResponseUndelivered,
)
from nbtwin.coap.numbers import EXCHANGE_LIFETIME, MAX_TRANSMIT_WAIT, Code
from nbtwin.coap.reasons import CoapRefusal
from nbtwin.engine import Address, Datagram, Deadline, Randomness, Seconds, soonest
from nbtwin.lwm2m.client import registration as outcomes
from nbtwin.lwm2m.client.accounts import Account, AccountError
from nbtwin.lwm2m.client.application_data import Downlink, Uplink
from nbtwin.lwm2m.client.bootstrapping import Bootstrapping
from nbtwin.lwm2m.client.channel import (
    ChannelRefusal,
    ChannelState,
    Connected,
    Connections,
    MakeChannel,
    NotConnected,
)
from nbtwin.lwm2m.client.config import AndlinkConfig
from nbtwin.lwm2m.client.events import (
    AccountRefused,
    AndlinkEvent,
    AndlinkReason,
    AndlinkStateChanged,
    Bootstrapped,
    Cause,
    DataObserved,
    DataReported,
    DtlsChanged,
    RegistrationAwaited,
    ReleaseRequested,
)
from nbtwin.lwm2m.client.firmware_update import (
    FLASH,
    FirmwareCause,
    FirmwareReason,
    FirmwareResult,
    FirmwareState,
    FirmwareStep,
    FirmwareUpdateClient,
)
from nbtwin.lwm2m.client.objects import DEVICE_TYPE, LINKS, ClientObjects
from nbtwin.lwm2m.client.observations import Observations
from nbtwin.lwm2m.client.package_download import PACKAGE, PackageDownload
from nbtwin.lwm2m.client.requests import PendingRequests, Requests
from nbtwin.lwm2m.client.states import (
    GIVEN_UP,
    TRANSITIONS,
    AndlinkInput,
    DataStatus,
    RegistrationState,
    ReleaseAssistance,
)
from nbtwin.lwm2m.firmware.package import Package
from nbtwin.lwm2m.path import Path

PAUSES: tuple[Seconds, ...] = (30, 60, 120)
"""Before the second, third and fourth attempt; then the host or the next boot has to ask (assumed)."""
BOOTSTRAP_SERVER, LWM2M_SERVER = "bootstrap", "server"
"""The purposes of connections."""
LONGEST_BODY = FLASH + (1 << 16)
"""Bytes: more than there is room for, so that a package that is too large is a result and not a broken transfer."""
PUSHED_TO = Path("/5/0/0")
_NO_CONNECTION: Mapping[ChannelRefusal, AndlinkReason] = {
    ChannelRefusal.NAME_UNKNOWN: AndlinkReason.NAME_UNKNOWN,
    ChannelRefusal.NO_KEY: AndlinkReason.NO_KEY,
    ChannelRefusal.HANDSHAKE_FAILED: AndlinkReason.HANDSHAKE_FAILED,
}
_REGISTERED = (RegistrationState.REGISTERED, RegistrationState.MO_DATA_ENABLED)
_UNDER_WAY = (RegistrationState.INITIALISING, RegistrationState.INITIALISED, RegistrationState.REGISTERING)


class AndlinkClient:
    """``handle_attached`` starts it, or ``register`` where the host does (AT+QLAREGSWT=0)."""

    def __init__(
        self,
        configure: Callable[[], AndlinkConfig],
        random: Randomness,
        *,
        make_channel: MakeChannel | None = None,
        update_result: FirmwareResult = FirmwareResult.INITIAL,
    ) -> None:
        """``configure`` tells what is in use at the moment; ``update_result`` what became of the update before."""
        self._configure = configure
        self._config = config = configure()
        self.registration_state = RegistrationState.UNINITIALISED
        self._now: Seconds = 0.0
        self._events: list[AndlinkEvent] = []
        self._endpoint = BlockwiseEndpoint(random, waits=config.waits, longest=LONGEST_BODY)
        self._connections = Connections(self._endpoint, make_channel)
        self._firmware = FirmwareUpdateClient(
            config.model,
            config.firmware,
            lambda: self._configure().controlled,
            self._on_firmware_changed,
            update_result,
        )
        self._objects = ClientObjects(configure, self._firmware, lambda path: self._observations.shown(path))
        self._observations = Observations(self._endpoint, self._objects.store.read, self._objects.value)
        self._uplink = Uplink(self._endpoint, self._observations, config.uplink, config.imei)
        self._downlink = Downlink(self._endpoint)
        self._download = PackageDownload(self._endpoint, self._connections, self._firmware)
        self._registration = outcomes.ClientRegistration(self._endpoint)
        self._bootstrap = Bootstrapping(self._endpoint)
        self._requests = Requests(self._endpoint, self._objects, self._observations, self._downlink)
        self._attached = False
        self._attempts = 0
        self._retry_at: Seconds | None = None
        self._update_at: Seconds | None = None
        self._update_again = False  # asked for while one was open
        self._pending = PendingRequests(self._endpoint)
        self._push_until: Seconds | None = None  # a package that is written in blocks must go on until then
        self._over_at: Seconds | None = None  # a platform that never observes the data knows of an update by then
        self._account: Account | None = None
        self._release_after_reply = False
        self._dtls_reported = ChannelState.NOT_STARTED

    # What AT commands ask (DOC-E 3)

    @property
    def registered(self) -> bool:
        """Data may be sent: REGISTERED or MO_DATA_ENABLED (D59)."""
        return self.registration_state in _REGISTERED

    @property
    def server(self) -> Address:
        """Where the registration is. AssertionError without one."""
        assert self.registered, "AT+QLASENDDATA while not registered is error 513 (D23)"
        assert self._registration.peer is not None
        return self._registration.peer

    def register(self, now: Seconds) -> None:
        """AT+QLASREGIND=0; where it is under way already nothing changes."""
        self._now = now
        if self.registered:
            self._register(now, Cause(AndlinkReason.HOST_ASKED))
        elif self.registration_state not in _UNDER_WAY:
            self._attempts = 0
            self._start(now, AndlinkReason.HOST_ASKED)
        self._follow(now)

    def deregister(self, now: Seconds) -> None:
        """AT+QLASREGIND=1."""
        self._now = now
        if self.registered and self._registration.location is not None:
            self._update_at = None
            self._registration.deregister(now)

    @property
    def data_status(self) -> DataStatus:
        """AT+QLADASTATUS? (DOC-E 3.7)."""
        return self._uplink.status

    @property
    def dtls_state(self) -> ChannelState:
        """AT+QLADTLSSTAT? (DOC-E 3.12): of the channel opened last."""
        return self._connections.state

    @property
    def updating(self) -> bool:
        """From FIRMWARE DOWNLOADING to FIRMWARE UPDATE OVER (D47)."""
        return self._firmware.updating

    @property
    def package(self) -> Package | None:
        """What was downloaded; with `FirmwareAccepted` it is to be installed."""
        return self._firmware.package

    @property
    def uplink_waits(self) -> bool:
        """A CON uplink is out: one at a time (D24)."""
        return self._uplink.waits

    def send_data(self, now: Seconds, confirmable: bool, release: ReleaseAssistance, payload: bytes) -> None:
        """AT+QLASENDDATA, while registered."""
        self._now = now
        self._objects.data[1] = payload
        if not self._uplink.send(now, self.server, confirmable, payload):
            self._events.append(DataReported(DataStatus.FAILED))
        if release is ReleaseAssistance.AT_ONCE:
            self._events.append(ReleaseRequested())
        self._release_after_reply = release is ReleaseAssistance.AFTER_REPLY

    def awaits(self, message_id: int, token: bytes) -> bool:
        """Whether a request of the platform with these waits for the host."""
        return self._downlink.awaits(message_id, token)

    def respond(self, now: Seconds, message_id: int, token: bytes, code: Code, payload: bytes) -> None:
        """AT+QLASENDRSP. KeyError when no such request waits."""
        self._now = now
        self._downlink.respond(now, message_id, token, code, payload)

    def control_update(self, now: Seconds, step: FirmwareStep) -> bool:
        """AT+QLAFOTAIND=2 to 5; False when it is out of turn (D46)."""
        self._now = now
        in_turn = self._firmware.control(step)
        self._follow(now)
        return in_turn

    def stop_update(self, now: Seconds) -> bool:
        """AT+QLAFOTARESET=1; False while the update itself is under way."""
        self._now = now
        stopped = self._firmware.stop()
        self._follow(now)
        return stopped

    def reset_dtls(self, now: Seconds) -> None:
        """AT+QLARESETDTLS."""
        self._now = now
        self._connections.reset(now)
        self._dtls_reported = self._connections.state

    def device_type_changed(self, now: Seconds) -> None:
        """AT+QCFG="LWM2M/DeviceType": who observes it is told."""
        self._now = now
        self._observations.changed(now, DEVICE_TYPE)
        self._follow(now)

    # The service

    def handle_attached(self, now: Seconds) -> None:
        self._now, self._attached = now, True
        manual = not self._configure().automatic and not self._firmware.report_due  # the host may not ask for it: D47
        if self.registration_state is RegistrationState.UNINITIALISED and manual:
            self._events.append(RegistrationAwaited())
        elif self.registration_state in (RegistrationState.UNINITIALISED, RegistrationState.NO_UE_IP):
            self._start(now, AndlinkReason.ATTACHED)
        self._act_when_due(now)
        self._follow(now)

    def handle_detached(self, now: Seconds) -> None:
        """A registration outlives it; what leads to one does not."""
        self._now, self._attached = now, False
        if PACKAGE in self._connections.lost():
            self._download.lost()
        if self.registration_state in _UNDER_WAY or self.registration_state is RegistrationState.RETRYING:
            self._end_attempt()
            self._move(AndlinkInput.NO_IP, Cause(AndlinkReason.DETACHED))
        self._follow(now)

    def handle_sleep(self, now: Seconds) -> None:
        self._now = now

    def handle_wake(self, now: Seconds) -> None:
        self._now = now

    def handle_lookup(self, now: Seconds, name: str, host: str | None) -> None:
        self._now = now
        self._connections.handle_lookup(now, name, host)
        self._follow(now)

    def handle_datagram(self, now: Seconds, source: Address, data: bytes) -> None:
        self._now = now
        self._connections.handle_datagram(now, source, data)
        if self._release_after_reply:
            self._release_after_reply = False
            self._events.append(ReleaseRequested())
        self._follow(now)

    def handle_timer(self, now: Seconds) -> None:
        self._now = now
        self._connections.handle_timer(now)
        self._endpoint.handle_timer(now)
        self._follow(now)
        self._events += self._downlink.handle_timer(now)
        self._observations.handle_timer(now)
        self._act_when_due(now)
        self._follow(now)

    @property
    def has_news(self) -> bool:
        """Only asking shows: its channels have datagrams and events of their own."""
        return True

    def datagrams_to_send(self) -> list[Datagram]:
        datagrams = self._connections.flush(self._now)
        self._report_dtls()  # sending may have begun a new handshake, and its end is reported as well (DOC-E 3.12)
        return datagrams

    def lookups(self) -> list[str]:
        return self._connections.lookups()

    def events(self) -> list[AndlinkEvent]:
        events, self._events = self._events, []
        return events

    def next_deadline(self) -> Deadline | None:
        return soonest(
            self._endpoint.next_deadline(),
            self._connections.next_deadline(),
            self._downlink.next_deadline(),
            self._observations.next_deadline(),
            self._bootstrap.next_deadline(),
            _deadline(self._retry_at if self._attached else None, AndlinkReason.NEXT_ATTEMPT),
            _deadline(self._update_at if self._attached else None, AndlinkReason.UPDATE_DUE),
            _deadline(self._push_until, AndlinkReason.NEXT_BLOCK),
            _deadline(self._over_at, AndlinkReason.OBSERVE_AFTER_UPDATE),
        )

    @property
    def busy(self) -> bool:
        return (
            self._endpoint.busy
            or self._connections.busy
            or bool(self._downlink)
            or self._bootstrap.running
            or self._download.busy
        )

    @property
    def wakes_module(self) -> bool:
        """Updates and notifications that are due do (assumed: DOC-E says nothing about deep sleep)."""
        return True

    # Attempts

    def _start(self, now: Seconds, reason: AndlinkReason) -> None:
        """Bootstrap first where a bootstrap server is set and none has finished in this boot."""
        self._retry_at = None
        config = self._config = self._configure()
        if config.bootstrap_servers and self._account is None:
            purpose, target = BOOTSTRAP_SERVER, config.bootstrap_target(self._attempts)
        else:
            purpose, target = LWM2M_SERVER, config.server_target(self._attempts, self._account)
        if target is None:
            self._move(AndlinkInput.UNCONFIGURED, Cause(AndlinkReason.NOT_CONFIGURED))
            return
        self._move(AndlinkInput.START, Cause(reason))
        self._connections.connect(now, purpose, target)

    def _act_when_due(self, now: Seconds) -> None:
        stuck = self._bootstrap.handle_timer(now)
        if stuck is not None:
            self._attempt_failed(now, stuck)
        if self._push_until is not None and now >= self._push_until:
            self._push_until = None
            cause = FirmwareCause(FirmwareReason.PUSH_BROKEN_OFF)
            self._firmware.download_failed(FirmwareResult.CONNECTION_LOST, cause)
        if self._over_at is not None and now >= self._over_at:
            self._over_at = None
            self._firmware.reported()
        if self._retry_at is not None and now >= self._retry_at and self._attached:
            self._start(now, AndlinkReason.PAUSE_OVER)
        if self._update_at is not None and now >= self._update_at and self._attached:
            self._update(now)

    def _attempt_failed(self, now: Seconds, cause: Cause) -> None:
        self._end_attempt()
        if self._attempts == len(PAUSES):
            self._move(AndlinkInput.GAVE_UP, cause)
        else:
            self._retry_at = now + PAUSES[self._attempts]
            self._attempts += 1
            self._move(AndlinkInput.UNANSWERED, cause)

    def _end_attempt(self) -> None:
        for purpose in (BOOTSTRAP_SERVER, LWM2M_SERVER):
            self._connections.abandon(purpose)
        self._bootstrap.end()
        self._retry_at = None
        self._registration.forget(self._now)
        self._pending.reject(self._now)

    def _on_connection(self, now: Seconds, outcome: Connected | NotConnected) -> None:
        if outcome.purpose == PACKAGE:
            self._download.handle_connection(now, outcome)
        elif isinstance(outcome, NotConnected):
            self._attempt_failed(now, Cause(_NO_CONNECTION[outcome.refusal], server=outcome.server))
        elif outcome.purpose == BOOTSTRAP_SERVER:
            self._bootstrap.begin(now, outcome.peer, self._config.imei)
        else:
            self._registration.peer = outcome.peer
            if self.registration_state is RegistrationState.INITIALISING:
                self._move(AndlinkInput.READY, Cause(AndlinkReason.SERVER_KNOWN))
            self._register(now, Cause(AndlinkReason.SERVER_READY))

    # Bootstrap (docs/spec/wire.md, Andlink bootstrap)

    def _on_bootstrap_failed(self, now: Seconds, cause: Cause) -> None:
        if cause.reason is AndlinkReason.BOOTSTRAP_REFUSED:
            self._end_attempt()
            self._move(AndlinkInput.REFUSED, cause)
        else:
            self._attempt_failed(now, cause)

    def _on_bootstrapped(self, now: Seconds, account: Account) -> None:
        self._account, self._attempts = account, 0
        self._objects.use(account)
        self._events.append(Bootstrapped())
        target = self._config.server_target(0, account)
        if target is None:
            self._account = None
            self._move(AndlinkInput.UNCONFIGURED, Cause(AndlinkReason.BOOTSTRAP_WITHOUT_KEY))
        else:
            self._move(AndlinkInput.READY, Cause(AndlinkReason.BOOTSTRAPPED))
            self._connections.connect(now, LWM2M_SERVER, target)

    # Registration (docs/spec/wire.md, Andlink registration)

    def _register(self, now: Seconds, cause: Cause) -> None:
        peer = self._registration.peer
        assert peer is not None
        self._move(AndlinkInput.REGISTER, cause)
        self._end_registration()
        query = ("lwm2m=1.0", f"ep={self._config.imei}", "b=U", f"lt={self._objects.lifetime}")
        self._registration.register(now, peer, query, LINKS)

    def _end_registration(self) -> None:
        """Observations and what is open end with it (5.5)."""
        self._update_at, self._update_again = None, False
        self._observations.clear()
        self._downlink.forget()
        report = self._uplink.forget()
        if report is not None:
            self._events.append(report)

    def _update(self, now: Seconds) -> None:
        self._update_at, self._update_again = None, self._registration.open
        if self.registered and not self._registration.open:
            query = (f"lt={self._objects.lifetime}",) if self._objects.lifetime_written else ()
            self._objects.lifetime_written = False
            self._registration.update(now, query)

    def _renew(self, now: Seconds) -> None:
        lifetime = self._objects.lifetime
        self._update_at = now + max(lifetime / 2, lifetime - MAX_TRANSMIT_WAIT)

    def _on_outcome(self, now: Seconds, outcome: outcomes.RegistrationOutcome) -> None:
        self._events.append(outcome)
        match outcome:
            case outcomes.Registered():
                self._attempts = 0
                self._move(AndlinkInput.CREATED, Cause(AndlinkReason.CREATED))
                self._renew(now)
                self._over_at = now + MAX_TRANSMIT_WAIT if self._firmware.report_due else None
                for received in self._pending.take():
                    self._on_request(now, received)
            case outcomes.RegistrationRefused(refusal=refusal, response_code=code):
                self._pending.reject(now)
                self._move(AndlinkInput.REFUSED, Cause(AndlinkReason.REGISTRATION_REFUSED, refusal, code))
            case outcomes.RegistrationUnanswered():
                self._attempt_failed(now, Cause(AndlinkReason.REGISTRATION_UNANSWERED))
            case outcomes.Updated():
                self._renew(now)
                if self._update_again:
                    self._update(now)
            case outcomes.UpdateRefused(refusal=refusal, response_code=code):
                self._register(now, Cause(AndlinkReason.UPDATE_REFUSED, refusal, code))
            case outcomes.UpdateUnanswered():
                self._register(now, Cause(AndlinkReason.UPDATE_UNANSWERED))
            case outcomes.Deregistered():
                self._end_registration()
                self._move(AndlinkInput.DEREGISTERED, Cause(AndlinkReason.DELETED))
            case outcomes.DeregistrationRefused(refusal=refusal, response_code=code):
                self._end_registration()
                cause = Cause(AndlinkReason.DEREGISTRATION_REFUSED, refusal, code)
                self._move(AndlinkInput.DEREGISTRATION_FAILED, cause)
            case outcomes.DeregistrationUnanswered():
                self._end_registration()
                self._move(AndlinkInput.DEREGISTRATION_FAILED, Cause(AndlinkReason.DEREGISTRATION_UNANSWERED))
            case _:
                assert_never(outcome)

    # What arrives

    def _follow(self, now: Seconds) -> None:
        """Until nothing moves: connections, the endpoint's events, the firmware."""
        moving = True
        while moving:
            moving = self._download.follow(now, self._config.package_security(self._account))
            for connection in self._connections.outcomes():
                moving = True
                self._on_connection(now, connection)
            for event in self._endpoint.events():
                moving = True
                self._on_event(now, event)
        self._events += self._firmware.events()
        self._report_dtls()

    def _on_event(self, now: Seconds, event: CoapEvent) -> None:
        if isinstance(event, RequestReceived):
            self._on_request(now, event)
            return
        if isinstance(event, RequestUnanswered | NotificationUnanswered) or (
            isinstance(event, ResponseUndelivered) and event.refusal is CoapRefusal.UNANSWERED
        ):
            self._connections.unanswered(now, event.peer)
            self._dtls_reported = self._connections.state
        outcome = self._registration.handle_event(event)
        if outcome is not None:
            self._on_outcome(now, outcome)
            return
        failed = self._bootstrap.handle_event(now, event)
        if failed is not None:
            self._on_bootstrap_failed(now, failed)
        elif not self._download.handle_event(event):
            report = self._uplink.handle_event(event)
            if report is not None:
                self._events.append(report)
            self._observations.handle_event(now, event)
            if isinstance(event, BlockReceived):
                self._on_block(now, event)
            self._events.append(event)  # retransmissions and drops, for the timeline

    def _on_block(self, now: Seconds, event: BlockReceived) -> None:
        """A push begins with the first block that our server writes to the package; nothing else is one."""
        is_package = event.method == Code.PUT and event.path == PUSHED_TO.segments
        if is_package and self.registered and event.peer == self._registration.peer and self._firmware.begin_push():
            self._push_until = now + EXCHANGE_LIFETIME

    def _on_request(self, now: Seconds, received: RequestReceived) -> None:
        if self._bootstrap.is_from_its_server(received):
            account = self._bootstrap.handle_request(now, received)
            if isinstance(account, AccountError):
                self._events.append(AccountRefused(account.data))
            elif account is not None:
                self._on_bootstrapped(now, account)
        elif received.peer != self._registration.peer or not self.registered:
            registering = self.registration_state is RegistrationState.REGISTERING
            if not (registering and received.peer == self._registration.peer and self._pending.keep(received)):
                self._endpoint.respond(now, received, Response(Code.UNAUTHORIZED))
        else:
            for event in self._requests.handle(now, received):
                self._events.append(event)
                if isinstance(event, DataObserved):
                    self._move(AndlinkInput.OBSERVED, Cause(AndlinkReason.DATA_OBSERVED))  # D59
                    self._events += self._firmware.events()
                    self._firmware.reported()
            if self._objects.update_wanted:
                self._objects.update_wanted = False
                self._update(now)
            self._firmware.after_answer()
            if self._firmware.state is not FirmwareState.DOWNLOADING:
                self._push_until = None

    def _on_firmware_changed(self, resource: int) -> None:
        self._observations.changed(self._now, Path((5, 0, resource)))

    def _report_dtls(self) -> None:
        state = self._connections.state
        if state is not self._dtls_reported:
            self._dtls_reported = state
            self._events.append(DtlsChanged(state))

    def _move(self, input: AndlinkInput, cause: Cause) -> None:
        old, new = self.registration_state, TRANSITIONS[self.registration_state, input]
        self.registration_state = new
        if new is not old:
            self._events.append(AndlinkStateChanged(old, new, *cause))
        if new in GIVEN_UP:  # nobody will learn of an update, and no command could change that before OVER (D47)
            self._firmware.reported()


def _deadline(at: Seconds | None, reason: AndlinkReason) -> Deadline | None:
    return None if at is None else Deadline(at, reason)
