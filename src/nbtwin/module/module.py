"""The virtual module: serial line, NVRAM, radio, sleep and services in one engine.

This file only conducts: it hands each input to the part it concerns and then lets the consequences run. What
commands do is in ``nbtwin.commands``, what they are called in ``nbtwin.profiles``. It owns no clock and no socket.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from nbtwin.at.command import AtError
from nbtwin.at.refusals import AtRefusal, CommandRefused
from nbtwin.at.session import AtSession, LineSettings, line_settings
from nbtwin.engine import Address, Deadline, Randomness, Seconds, soonest
from nbtwin.lwm2m.client.client import AndlinkClient
from nbtwin.module import bearer, clock, service_rules, sleep
from nbtwin.module import events as happened
from nbtwin.module import flash as firmware
from nbtwin.module.events import ModuleEvent, ModuleReason, Packet
from nbtwin.module.identity import ModuleIdentity, Usim
from nbtwin.module.internet.dialect import InternetDialect
from nbtwin.module.internet.events import HOST, InternetEvent, MqttTold, OwnedEvent
from nbtwin.module.internet.internet import Internet
from nbtwin.module.internet.orders import NAME_HOLDS, NetworkAnswer, NetworkOrder
from nbtwin.module.nvram import MemoryStorage, Nvram, Storage, decode, encode
from nbtwin.module.profile import Profile
from nbtwin.module.radio import RELEASED_EARLY, Radio
from nbtwin.module.services import PORTS, Services
from nbtwin.module.settings import Saved
from nbtwin.selfreg.cmdmp import DmpState

_RESERVED = frozenset(PORTS.values())
_PLAIN = InternetDialect()
APPLICATION_WATCHDOG = "REBOOT_CAUSE_APPLICATION_WATCHDOG"


class Module:
    """One module. Off until ``power_on``; every input carries ``now`` in seconds."""

    __slots__ = (
        "_asked", "_asleep", "_awake_until", "_boot_at", "_cause", "_events", "_flash", "_identity", "_internet",
        "_missed_host", "_packets", "_random", "_restart", "_sleeps_at", "_speed", "_speed_next", "_speed_trial",
        "_usim_at", "_wake_at", "in_use", "now", "nvram", "powered", "profile", "radio", "services", "session",
        "spoken_at",
    )  # fmt: skip

    def __init__(
        self,
        profile: Profile,
        identity: ModuleIdentity,
        storage: Storage,
        random: Randomness,
        usim: Usim | None = None,
        ip: str = "10.0.0.2",
        flash: Storage | None = None,
    ) -> None:
        """``storage``: of the NVRAM. ``flash``: of firmware images that came over the air; without one, in memory."""
        self.profile = profile
        self.now: Seconds = 0.0
        self.powered = False
        self.nvram = Nvram(storage)
        self._flash = flash
        self.in_use: Saved = self.nvram.copy()
        self.radio = Radio(usim, ip)
        self.session = AtSession(
            self, profile.commands, profile.errors, cmee=profile.cmee_default, echo=profile.echo_default
        )
        self.session.settings = self.line_settings
        self.services = Services(random)
        self._identity = identity
        self._random = random
        self._events: list[ModuleEvent] = []
        self._packets: list[Packet] = []
        self._asked: tuple[list[str], list[NetworkOrder]] | None = None  # names; streams and pings: to be taken
        self._internet: Internet | None = None  # of this boot, once somebody has asked for it
        self._sleeps_at: Seconds | None = None  # as of the last input: `_may_sleep_at`
        self._boot_at: Seconds | None = None
        self._speed = self.spoken_at = self._start_speed()
        self._speed_next: int | None = None  # once what is said now has left
        self._speed_trial: tuple[Seconds, int, int] | None = None  # until when, what before, OKs before
        self._usim_at: Seconds | None = None  # when the card will have been read; the boot began that
        self._cause: str | None = None  # of the restart that is under way
        self._restart: str | None = None  # the cause; asked for by a command, due once it is answered
        self._asleep = False
        self._missed_host = False  # in this sleep
        self._awake_until: Seconds = 0.0
        self._wake_at: Seconds | None = None  # the periodic tracking area update of deep sleep

    # What commands and services read

    @property
    def identity(self) -> ModuleIdentity:
        """Who it is now: NVRAM knows the firmware after an update."""
        firmware = self.nvram.saved.firmware or self._identity.firmware
        if firmware == self._identity.firmware:
            return self._identity
        return ModuleIdentity(self._identity.name, self._identity.imei, firmware, self._identity.serial_number)

    @property
    def flash(self) -> Storage:
        """Of firmware images that came over the air; in memory once there is one, where it has no file."""
        if self._flash is None:
            self._flash = MemoryStorage()
        return self._flash

    @flash.setter
    def flash(self, storage: Storage) -> None:
        self._flash = storage

    @property
    def saved(self) -> Saved:
        """What NVRAM holds, or will with the next `save`. To be read only: `to_save` is to be changed."""
        return self.nvram.saved

    @property
    def to_save(self) -> Saved:
        """The same, to be changed: modules that are alike share one until then."""
        return self.nvram.to_save

    @property
    def to_use(self) -> Saved:
        """What is in use, to be changed until the next boot; `in_use` is to be read only."""
        self.in_use = decode(encode(self.in_use))
        return self.in_use

    @property
    def line_settings(self) -> LineSettings:
        """Of the serial line, after a start: what AT&W has kept, else the family's."""
        return self.saved.generic.line or self.factory_line_settings

    @property
    def factory_line_settings(self) -> LineSettings:
        """Of the serial line as delivered."""
        return line_settings(self.profile.echo_default, self.profile.cmee_default)

    @property
    def power_state(self) -> str:
        """off, booting, asleep or on."""
        if not self.powered:
            return "off"
        if self._boot_at is not None:
            return "booting"
        return "asleep" if self._asleep else "on"

    @property
    def name_servers(self) -> tuple[str, str]:
        """The network's, or the host's (AT+QIDNSCFG); the second may be empty."""
        config = self.in_use.generic.config
        return (
            config.get(bearer.FIRST_DNS, bearer.LAB_NAME_SERVERS[0]),
            config.get(bearer.SECOND_DNS, bearer.LAB_NAME_SERVERS[1]),
        )

    @property
    def internet(self) -> Internet:
        """Sockets, pings, look-ups; made when they are first asked for."""
        if self._internet is None:
            self._internet = Internet(self.profile.internet or _PLAIN, _RESERVED)
        return self._internet

    @property
    def has_internet(self) -> bool:
        """Somebody has asked for it since the boot."""
        return self._internet is not None

    @property
    def reachable(self) -> bool:
        """Whether the network can bring it anything now."""
        return self.radio.attached and not self._asleep

    @property
    def usim_read(self) -> bool:
        """The card is not read at once after a start (D107)."""
        return self._usim_at is None or self.now >= self._usim_at

    @property
    def cmdmp_state(self) -> DmpState:
        """<dmstate>; 0 while no client runs."""
        return self.services.cmdmp_state

    @property
    def andlink(self) -> AndlinkClient | None:
        """The Andlink client of this boot; None before the module is attached, and where the model has none."""
        return self.services.andlink

    # What commands do

    def save(self) -> None:
        """`write_through`, and what the command answers waits for it."""
        self.write_through()
        behind = self.nvram.behind
        if behind is not None and behind.under_way:
            behind.awaited = len(behind.under_way)
            self.session.hold()

    def write_through(self) -> None:
        """Write the saved settings. Raises AtError 23 (memory failure) and undoes the change where it fails at once."""
        if not self.nvram.save():
            self._events.append(happened.NvramWriteFailed())
            raise memory_failure()

    def handle_written(self, now: Seconds, failed: bool) -> None:
        """A write of NVRAM has ended (`nvram.Behind`)."""
        self.now = now
        hoped = self.nvram.saved
        self.nvram.handle_written(failed)
        if failed:
            self._events.append(happened.NvramWriteFailed())
            firmware.handle_unwritten(self, hoped)
        if self.nvram.behind is None or self.nvram.behind.decided:
            if failed and self.session.holding:
                self._speed_next = self._speed_trial = None  # of +IPR
            self.session.handle_written(now, memory_failure() if failed else None)
            if self.powered and self._boot_at is None:
                self._settle(now)

    def handle_image_written(self, now: Seconds, failed: bool, said: tuple[ModuleEvent, ...] = ()) -> None:
        """A write of the flash has ended (`flash.FlashBehind`)."""
        self.now = now
        firmware.handle_written(self, failed, said)
        if self.powered and self._boot_at is None:
            self._settle(now)

    def restart(self, cause: str) -> None:
        """Restart as soon as the command that asks for it is answered; what the host sends after it is lost."""
        self._restart = cause
        self.session.halt()

    def set_function(self, function: int) -> None:
        """AT+CFUN."""
        self.radio.set_function(self.now, function)

    def attach(self, wanted: bool) -> None:
        """AT+CGATT."""
        self.radio.set_attach(self.now, wanted)

    def report(self, event: ModuleEvent) -> None:
        """For the timeline."""
        self._events.append(event)

    def urc(self, text: str) -> None:
        """An unsolicited result code for the host; lost while the module boots or is off."""
        if self.power_state == "on":
            self.session.urc(text)

    # Power

    def power_on(self, now: Seconds) -> None:
        """Power is applied. A module that is on already does not notice."""
        if not self.powered:
            self.now, self.powered = now, True
            self._events.append(happened.PoweredOn())
            self._start_booting(now, None)

    def power_off(self, now: Seconds) -> None:
        """Power is cut, at once: nothing that was not written survives."""
        if self.powered:
            self._stop(now)
            self.powered, self._boot_at = False, None
            self._events.append(happened.PoweredOff())

    def reset(self, now: Seconds, cause: str | None = None) -> None:
        """Restart now: by the reset pin (None) or for one of DOC-E chapter 7's causes; ValueError for any other."""
        cause = None if cause is None else self.profile.boot.cause_named(cause)
        if self.powered:
            self._stop(now)
            self._events.append(happened.Restarted(cause))
            self._start_booting(now, cause)

    def wake(self, now: Seconds) -> None:
        """The wake-up pin."""
        self.now = now
        self._wake(now, happened.Woke(ModuleReason.WAKE_UP_PIN))
        self._settle(now)

    def update_firmware(self, now: Seconds, version: str) -> None:
        """A firmware update from outside: NVRAM stays, the version changes, the module restarts."""
        if firmware.write(self, version):
            self.reset(now, firmware.FOTA_UPGRADE)

    def _start_booting(self, now: Seconds, cause: str | None) -> None:
        self.now, self._cause = now, cause
        self._boot_at = now + self.profile.boot.duration

    def _stop(self, now: Seconds) -> None:
        """Everything volatile ends: half a command line, the registration on the network, the services."""
        self.now = now
        self._restart = self._usim_at = None
        firmware.forget(self._flash)
        self._speed, self._speed_next, self._speed_trial = self._start_speed(), None, None
        self._asleep, self._wake_at = False, None
        self.session.reset(self.line_settings)
        self.services.drop()
        self._end_internet()
        self.radio.set_power(now, False)
        self._events += self.radio.events()

    def _end_internet(self) -> None:
        """Nobody hears of it any more but the timeline and the network."""
        internet, self._internet = self._internet, None
        if internet is not None:
            internet.sockets.close_all()
            if orders := internet.orders():
                self._ask([], orders)
            self._events += internet.events()

    def _boot(self, now: Seconds) -> None:
        boot, self._boot_at = self.profile.boot, None
        self.in_use = self.nvram.copy()
        self.session.raw("\r\n" + "\r\n".join(boot.lines(self._cause)) + "\r\n")
        for text in boot.urcs:
            self.session.raw(f"\r\n{text}\r\n")
        self._usim_at = now + boot.usim_delay
        self._awake_until = now + sleep.HOST_IDLE
        self._events.append(happened.Booted(self.identity.firmware))
        self.radio.set_power(now, True)
        if self.in_use.generic.config.get("AUTOCONNECT") == "FALSE":
            self.radio.set_function(now, 0)

    def _read_usim(self, now: Seconds) -> None:
        """The card has been read."""
        if self._usim_at is not None and now >= self._usim_at:
            self._usim_at = None
            usim, form = self.radio.usim, self.profile.boot.usim_urc
            if usim is not None and form:
                self.urc(form.format(pin=usim.pin))

    # The serial line

    def handle_host_gone(self, now: Seconds) -> None:
        """The host's connection to the serial port has ended (D140)."""
        self.now = now
        self.session.handle_host_gone(now)
        self._settle(now)

    def handle_serial(self, now: Seconds, data: bytes) -> None:
        """Bytes from the host. They are lost while the module is off or boots; the first one wakes it (D126), where the
        family listens in deep sleep (D109)."""
        self.now = now
        if self.power_state in ("off", "booting"):
            return
        if self._asleep and not self.profile.everyday.wakes_by_serial:
            return self._miss_host()
        self._wake(now, happened.Woke(ModuleReason.HOST_WROTE))
        self._awake_until = now + sleep.HOST_IDLE
        self.session.handle_bytes(now, data)
        self._try_speed(now)
        self._settle(now)

    def _miss_host(self) -> None:
        if not self._missed_host:
            self._missed_host = True
            self._events.append(happened.HostUnheard())

    def serial_to_send(self) -> bytes:
        """Take the bytes for the host. A new speed holds for what comes after them."""
        self.spoken_at = self._speed
        if self._speed_next is not None and not self.session.holding:
            self._speed, self._speed_next = self._speed_next, None
        return self.session.bytes_to_send()

    @property
    def line_speed(self) -> int:
        """At which it listens, in bits per second: a host that speaks at another is not understood (D110)."""
        return self._speed if self._speed_next is None else self._speed_next

    def set_speed(self, rate: int, trial: Seconds = 0) -> None:
        """From the next byte on, +IPR and +NATSPEED. ``trial``: the former comes back unless a command line is
        answered OK within this time."""
        self._speed_trial = (self.now + trial, self.line_speed, self.session.done + 1) if trial else None
        self._speed_next = rate

    def _start_speed(self) -> int:
        return self.saved.generic.baud or self.profile.everyday.baud

    def _try_speed(self, now: Seconds) -> None:
        """A speed that nobody has used is given up."""
        if self._speed_trial is None:
            return
        until, former, done = self._speed_trial
        if self.session.done > done:
            self._speed_trial = None
        elif now >= until:
            self._speed_trial, self._speed_next = None, former

    # The air

    def insert_usim(self, now: Seconds, usim: Usim | None) -> None:
        """Change the card; None takes it out. The services of the old card end with it."""
        self.now = now
        self.services.drop()
        self.radio.insert_usim(now, usim, asleep=self._asleep)
        self._events.append(happened.UsimChanged(usim.imsi if usim else None))
        self._settle(now)

    def set_coverage(self, now: Seconds, coverage: bool) -> None:
        """In deep sleep the radio is off: what has changed is noticed at the wake."""
        self.now = now
        if self._asleep:
            self.radio.coverage = coverage
        else:
            self.radio.set_coverage(now, coverage)
        self._settle(now)

    def set_signal(self, now: Seconds, rssi: int) -> None:
        """27.007 +CSQ <rssi>: 0-31, or 99 for unknown. Raises ValueError for anything else."""
        if not (0 <= rssi <= 31 or rssi == 99):
            raise ValueError(f"rssi {rssi} is not 0-31 or 99")
        self.now = now
        self.radio.rssi = rssi

    def handle_packet(self, now: Seconds, port: int, source: Address, data: bytes) -> None:
        """A datagram for one of the module's UDP ports. The network cannot reach a sleeping or detached module."""
        self.now = now
        if not self.radio.attached or self._asleep:
            return
        self.radio.use(now)
        self.services.handle_packet(now, port, source, data)
        if self._internet is not None:
            self._internet.handle_packet(port, source, data)
        self._settle(now)

    def has_socket(self, port: int) -> bool:
        """Whether a UDP socket, and no service, has this port."""
        return self._internet is not None and self._internet.sockets.has_port(port)

    def handle_network(self, now: Seconds, answer: NetworkAnswer) -> None:
        """What became of an order: of a stream or a ping."""
        self.now = now
        if self._internet is None:
            return
        if self.reachable:
            self.radio.use(now)
        self._internet.handle_network(answer)
        self._settle(now)

    def network_orders(self) -> list[NetworkOrder]:
        """Take what is asked of the network besides datagrams, in order."""
        if self._asked is None:
            return []
        names, orders = self._asked
        self._asked = (names, []) if names else None
        return orders

    @property
    def asks_network(self) -> bool:
        """There are `lookups` or `network_orders`."""
        return self._asked is not None

    def _ask(self, names: list[str], orders: list[NetworkOrder]) -> None:
        before = self._asked
        self._asked = (names, orders) if before is None else (before[0] + names, before[1] + orders)

    def handle_lookup(
        self, now: Seconds, name: str, host: str | None, others: tuple[str, ...] = (), ttl: int = NAME_HOLDS
    ) -> None:
        """The answer of the name service; None when the look-up failed. ``others``: more addresses of the name."""
        self.now = now
        self.services.handle_lookup(now, name, host)
        if self._internet is not None:
            self._internet.handle_lookup(name, host, others, ttl)
        self._settle(now)

    def packets_to_send(self) -> list[Packet]:
        """Take the datagrams for the network, in order."""
        packets, self._packets = self._packets, []
        return packets

    def lookups(self) -> list[str]:
        """Take the names that services want resolved."""
        if self._asked is None:
            return []
        names, orders = self._asked
        self._asked = ([], orders) if orders else None
        return names

    # Time

    def handle_timer(self, now: Seconds) -> None:
        self.now = now
        if not self.powered:
            return
        if self._boot_at is not None:
            if now >= self._boot_at:
                self._boot(now)
        else:
            if self._usim_at is not None:
                self._read_usim(now)
            if self._speed_trial is not None:
                self._try_speed(now)
            if self._asleep:
                self._wake_if_due(now)
            if self.session.busy:
                self.session.handle_timer(now)
            self.radio.handle_timer(now)
            if self.radio.happened:
                self._follow_radio(now)
            if not self._asleep:
                self.services.handle_timer(now)
                if self._internet is not None:
                    self._internet.handle_timer(now)
        self._settle(now)

    def next_deadline(self) -> Deadline | None:
        if not self.powered:
            return None
        if self._boot_at is not None:
            return Deadline(self._boot_at, ModuleReason.BOOT)
        if self._asleep:
            wakes = self.services.wake_deadline()
            if self._wake_at is None or (wakes is not None and wakes.at <= self._wake_at):
                return wakes
            return Deadline(self._wake_at, ModuleReason.TRACKING_AREA_UPDATE)
        best = self.radio.next_deadline()
        service = self.services.next_deadline()
        if service is not None and (best is None or service.at < best.at):
            best = service
        if self._internet is not None:
            best = soonest(best, self._internet.next_deadline())
        sleeps_at = self._sleeps_at
        if sleeps_at is not None and (best is None or sleeps_at < best.at):
            best = Deadline(sleeps_at, ModuleReason.ACTIVE_TIME)
        if self.session.busy or self._usim_at is not None or self._speed_trial is not None:  # seldom: they go first
            return soonest(
                Deadline(self._usim_at, ModuleReason.USIM) if self._usim_at is not None else None,
                Deadline(self._speed_trial[0], ModuleReason.SPEED) if self._speed_trial is not None else None,
                self.session.next_deadline(),
                best,
            )
        return best

    def events(self) -> list[ModuleEvent]:
        """Module events and CommandAnswered, in the order they happened within one input."""
        events = self._events
        if self.session.happened:
            events += self.session.events()
        if not events:
            return []
        self._events = []
        return events

    # Consequences

    def _settle(self, now: Seconds) -> None:
        """After any input: let radio and services draw their consequences, then restart or sleep if that is due."""
        if self.radio.happened:
            self._follow_radio(now)
        self._collect(now)
        if self._restart is not None and not self.session.holding and not firmware.is_writing(self._flash):
            self.reset(now, self._restart)
            return
        self._sleeps_at = sleeps_at = self._may_sleep_at()
        if sleeps_at is not None and now >= sleeps_at:
            self._fall_asleep(now)

    def _follow_radio(self, now: Seconds) -> None:
        for event in self.radio.events():
            self._events.append(event)
            match event:
                case happened.Attached():
                    self.radio.cid = bearer.default_cid(self.profile.everyday, self.saved.generic)
                    self._events += service_rules.start(self)
                    self.services.handle_attached(now)
                    self._announce_registration()
                    self._announce_network(now)
                case happened.Detached(reason=reason):
                    self.services.handle_detached(now)
                    if self._internet is not None:
                        self._internet.handle_detached(reason is not ModuleReason.COVERAGE)
                    self._announce_registration()
                case happened.ConnectionChanged(connected=connected):
                    if self.radio.cscon_mode:
                        self.urc(self.profile.radio_urcs.cscon.format(mode=int(connected)))
                case _:
                    assert_never(event)

    def _announce_registration(self) -> None:
        """+CEREG (27.007) as the host asked for it, worded as the family does."""
        forms, radio = self.profile.radio_urcs, self.radio
        if radio.cereg_mode >= 2 and radio.attached:
            act = self.profile.everyday.access_technology
            self.urc(forms.cereg_located.format(stat=1, tac=f"{radio.tac:04X}", ci=f"{radio.cell_id:08X}", act=act))
        elif radio.cereg_mode:
            self.urc(forms.cereg.format(stat=radio.cereg_stat))

    def _announce_network(self, now: Seconds) -> None:
        """The address and the network's time, where the family or the host wants them told."""
        forms, radio = self.profile.radio_urcs, self.radio
        if forms.address:
            self.urc(forms.address.format(ip=radio.ip))
        if radio.ctzr_mode:
            times = {"local": clock.local(now), "universal": clock.universal(now)}
            shown = {name: time.strftime("%Y/%m/%d,%H:%M:%S") for name, time in times.items()}
            self.urc(forms.time_zone[radio.ctzr_mode - 1].format(tz=clock.ZONE_TEXT, **shown))

    def _announce_saving(self, saving: bool) -> None:
        """+NPSMR: the radio saves power while the module sleeps (D112)."""
        if self.radio.npsmr_mode:
            self.urc(self.profile.radio_urcs.power_saving.format(mode=int(saving)))

    def _collect(self, now: Seconds) -> None:
        """Drain the services. Packets need the radio and are lost without it; events are the module's."""
        drained = self.services.drain()
        if self._internet is not None:
            self._collect_internet(now, self._internet)
        if drained is None:
            return
        packets, events, lookups = drained
        if packets and self.radio.attached:
            self.radio.use(now)
            self._packets += packets
            self._follow_radio(now)  # data opens a connection
        if lookups:
            self._ask(lookups, [])
        if events:
            self._handle_service_events(events)

    def _handle_service_events(self, events: Iterable[happened.ServiceReported]) -> None:
        for event in events:
            self._events.append(event)
            service_rules.react(self, event)

    def _collect_internet(self, now: Seconds, internet: Internet) -> None:
        """The same for what hosts and clients do in the network; who hears of it may go on at once."""
        while internet.has_news:
            packets, orders, names = internet.packets(), internet.orders(), internet.lookups()
            if orders or names:
                self._ask(names, orders)
            if (packets or orders or names) and self.radio.attached:
                self.radio.use(now)
                self._packets += packets
                self._follow_radio(now)
            for event in internet.events():
                self._events.append(event)
                self._tell_owner(now, internet, event)
        if internet.sockets.take_release():
            self.release_early()

    def _tell_owner(self, now: Seconds, internet: Internet, event: InternetEvent) -> None:
        if isinstance(event, MqttTold):
            self.urc(event.line)
            return
        if not isinstance(event, OwnedEvent):  # what an MQTT client tells the timeline
            return
        listener = internet.listeners.get(event.owner)
        if listener is not None:
            listener(now, event)
        elif event.owner == HOST:
            self.profile.announces(self, event)

    def release_early(self) -> None:
        """Release assistance: no more data is expected, the network may end the connection soon."""
        if self.radio.connected:
            self.radio.use(self.now, RELEASED_EARLY)

    # Deep sleep

    def release_sleep_lock(self) -> None:
        """AT+QRELLOCK: the host has said what it had to say."""
        self._awake_until = self.now

    def sleep_deadline(self) -> Deadline | None:
        """When deep sleep begins, if nothing happens before."""
        at = self._may_sleep_at()
        return None if at is None else Deadline(at, ModuleReason.ACTIVE_TIME)

    def _may_sleep_at(self) -> Seconds | None:
        """When deep sleep begins if nothing happens before; None while something keeps the module awake."""
        radio = self.radio
        if radio.connected or not radio.attached or self._asleep or self._boot_at is not None or not self.powered:
            return None
        if self.session.busy:
            return None
        active = sleep.active_time(self.nvram.saved.generic, self.profile.sleep_default)
        if active is None or self.services.busy or (self._internet is not None and self._internet.busy):
            return None
        return max(radio.idle_since + active, self._awake_until)

    def _fall_asleep(self, now: Seconds) -> None:
        self._announce_saving(True)
        self._asleep, self._missed_host = True, False
        span = sleep.update_time(self.saved.generic)
        self._wake_at = None if span is None else now + span
        self.services.handle_sleep(now)
        if self._internet is not None and not (self.profile.internet or _PLAIN).survive_deep_sleep:
            self._internet.sockets.close_all()
        self._collect(now)
        next_wake = self.next_deadline()
        self._events.append(happened.FellAsleep(next_wake.at if next_wake else None))

    def _wake_if_due(self, now: Seconds) -> None:
        if not self._asleep:
            return
        service = self.services.wake_deadline()
        if service is not None and now >= service.at:
            waited_for = (str(service.reason), service.subject, service.number, service.count)
            self._wake(now, happened.Woke(ModuleReason.SERVICE_DUE, *waited_for))
        elif self._wake_at is not None and now >= self._wake_at:
            self._wake(now, happened.Woke(ModuleReason.TRACKING_AREA_UPDATE))
            self.radio.use(now)

    def _wake(self, now: Seconds, woke: happened.Woke) -> None:
        if self._asleep:
            self._asleep, self._wake_at = False, None
            self._awake_until = self.radio.idle_since = now
            self._events.append(woke)
            self._announce_saving(False)
            self.radio.update(now, ModuleReason.COVERAGE)
            self._follow_radio(now)
            self.services.handle_wake(now)


def memory_failure() -> AtError:
    """NVRAM cannot be written."""
    return AtError(23, CommandRefused(AtRefusal.MEMORY_FAILURE))
