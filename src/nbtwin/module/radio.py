"""The radio side of a module: USIM, search, attach, RRC connection, coverage, power saving timers.

Knows 3GPP TS 27.007's notions of registration and connection; knows no command text and no service.
Assumed (fidelity page): the network attaches a module a fixed delay after all conditions hold, releases an idle
RRC connection after ``INACTIVITY`` and grants exactly the PSM timers that were asked for.
"""

from __future__ import annotations

from nbtwin.engine import Deadline, Seconds
from nbtwin.module.events import Attached, ConnectionChanged, Detached, ModuleReason, RadioEvent
from nbtwin.module.identity import Usim

ATTACH_DELAY: Seconds = 3.0
INACTIVITY: Seconds = 20.0
RELEASED_EARLY: Seconds = 1.0  # release assistance: no more data is expected (TS 36.321 AS RAI)


class Radio:
    """One modem's radio. Inputs change a condition; ``events`` say what followed from it."""

    __slots__ = (
        "attach_at",
        "attach_delay",
        "attach_wanted",
        "attached",
        "cell_id",
        "cereg_mode",
        "cid",
        "connected",
        "coverage",
        "cscon_mode",
        "ctzr_mode",
        "function",
        "happened",
        "idle_at",
        "idle_since",
        "ip",
        "npsmr_mode",
        "powered",
        "rsrp",
        "rssi",
        "snr",
        "tac",
        "usim",
    )  # fmt: skip

    def __init__(self, usim: Usim | None, ip: str, attach_delay: Seconds = ATTACH_DELAY) -> None:
        self.usim = usim
        self.ip = ip
        self.attach_delay = attach_delay
        self.powered = False
        self.coverage = True
        self.function = 1  # +CFUN: 0 minimum, 1 full, 4 flight mode
        self.attach_wanted = True  # +CGATT
        self.attached = False
        self.connected = False  # +CSCON: an RRC connection is up
        self.rssi = 20  # +CSQ <rssi>, 0-31 or 99
        self.rsrp = -850  # tenths of dBm, as the NB-IoT modules print them
        self.snr = 150  # tenths of dB
        self.cell_id = 0x0B4A2C11
        self.tac = 0x2712
        self.cereg_mode = 0  # +CEREG=<n>: which unsolicited result codes the host asked for; not kept
        self.cscon_mode = 0
        self.ctzr_mode = 0
        self.npsmr_mode = 0
        self.cid = 0  # of the bearer that the attach has activated
        self.attach_at: Seconds | None = None
        self.idle_at: Seconds | None = None  # when the network releases the RRC connection
        self.idle_since: Seconds = 0.0
        self.happened: list[RadioEvent] = []  # and was not taken yet

    @property
    def searching(self) -> bool:
        """Trying to register: 27.007 +CEREG <stat> 2."""
        return self.powered and self.function == 1 and self.attach_wanted and not self.attached and self.usim_ready

    @property
    def usim_ready(self) -> bool:
        """A card is in, and wants no PIN."""
        return self.usim is not None and self.usim.pin == "READY"

    @property
    def cereg_stat(self) -> int:
        """27.007 10.1.22: 0 not registered, 1 home network, 2 searching."""
        return 1 if self.attached else 2 if self.searching else 0

    @property
    def signal(self) -> int:
        """+CSQ <rssi>; 99 when there is none."""
        return self.rssi if self.powered and self.coverage and self.function == 1 else 99

    def set_power(self, now: Seconds, powered: bool) -> None:
        """A module that starts has full function and wants to attach."""
        self.powered, self.function, self.attach_wanted = powered, 1, True
        self.silence()
        self.update(now, ModuleReason.POWER)

    def silence(self) -> None:
        """No unsolicited result codes, as after a start."""
        self.cereg_mode = self.cscon_mode = self.ctzr_mode = self.npsmr_mode = 0

    def set_function(self, now: Seconds, function: int) -> None:
        """+CFUN: 0 minimum, 1 full, 4 flight mode."""
        self.function = function
        self.update(now, ModuleReason.FUNCTION)

    def set_attach(self, now: Seconds, wanted: bool) -> None:
        """+CGATT."""
        self.attach_wanted = wanted
        self.update(now, ModuleReason.ATTACH_COMMAND)

    def set_coverage(self, now: Seconds, coverage: bool) -> None:
        """Whether there is a network."""
        self.coverage = coverage
        self.update(now, ModuleReason.COVERAGE)

    def insert_usim(self, now: Seconds, usim: Usim | None, *, asleep: bool = False) -> None:
        """A card is put in, taken out or changed; the old registration goes with the old card. Asleep nobody searches
        for a new one: the wake begins that with ``update``."""
        self._leave(now, ModuleReason.USIM_REMOVED)
        self.usim = usim
        if not asleep:
            self.update(now, ModuleReason.USIM_INSERTED)

    def update(self, now: Seconds, reason: ModuleReason) -> None:
        """Draw the consequence of a changed condition; ``reason`` says which."""
        if not (self.searching or self.attached) or not self.coverage or self._must_leave():
            self._leave(now, reason)
        elif self.searching and self.attach_at is None:
            self.attach_at = now + self.attach_delay

    def _must_leave(self) -> bool:
        return self.attached and not (self.powered and self.function == 1 and self.attach_wanted and self.usim_ready)

    def _leave(self, now: Seconds, reason: ModuleReason) -> None:
        self.attach_at = None
        self._disconnect(now)
        if self.attached:
            self.attached = False
            self.happened.append(Detached(reason, self.function if reason is ModuleReason.FUNCTION else 0))

    def use(self, now: Seconds, inactivity: Seconds = INACTIVITY) -> None:
        """Data is sent or received: an RRC connection is up and stays for a while."""
        if not self.attached:
            return
        if not self.connected:
            self.connected = True
            self.happened.append(ConnectionChanged(True))
        self.idle_at = now + inactivity

    def _disconnect(self, now: Seconds) -> None:
        self.idle_at, self.idle_since = None, now
        if self.connected:
            self.connected = False
            self.happened.append(ConnectionChanged(False))

    def handle_timer(self, now: Seconds) -> None:
        if self.attach_at is not None and now >= self.attach_at and self.usim is not None:
            self.attach_at, self.attached = None, True
            self.happened.append(Attached(str(self.usim.operator or self.usim.plmn), self.ip))
            self.use(now)  # the attach itself is signalling over a connection
        if self.idle_at is not None and now >= self.idle_at:
            self._disconnect(now)

    def next_deadline(self) -> Deadline | None:
        attach_at, idle_at = self.attach_at, self.idle_at
        if attach_at is not None and (idle_at is None or attach_at <= idle_at):
            return Deadline(attach_at, ModuleReason.ATTACH)
        return Deadline(idle_at, ModuleReason.RELEASE) if idle_at is not None else None

    def events(self) -> list[RadioEvent]:
        events, self.happened = self.happened, []
        return events
