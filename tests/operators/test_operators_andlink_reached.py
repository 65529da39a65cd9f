"""What a host of DOC-E can read is read: every registration text, event, status, DTLS state, firmware text and URC.

Each story is a module at its serial line and the product's own platform; it says what the host reads in it. The last
test asks that nothing of chapters 2 to 4 is missing from the list.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from andlink_bench import BOOTSTRAP_KEY, IMEI, SERVER_KEY, AndlinkBench, keys_of

from nbtwin.lab.nodes import ModuleNode
from nbtwin.lwm2m.client.states import RegistrationState

BOOTSTRAP_BEHIND_DTLS = ('"BS","lwm.home.komect.com",5684', f"AT+QLASETBSPSK=0,{BOOTSTRAP_KEY}", "AT+QLABSSECSWT=1,1")
SERVER_BEHIND_DTLS = ('"LWM2M","lwm.home.komect.com",5685', f"AT+QLASETPSK=0,{SERVER_KEY}", "AT+QLASECSWT=1,1")
PLAIN = ('"LWM2M","192.0.2.11",5683',)
FIRMWARE = (
    "DOWNLOADING",
    "DOWNLOAD FAILED",
    "DOWNLOADED",
    "UPDATING",
    "UPDATE SUCCESS",
    "UPDATE FAILED",
    "UPDATE OVER",
)


class Host:
    """Reads its line, and remembers."""

    def __init__(self, *, known: bool) -> None:
        self.bench = AndlinkBench(*([keys_of()] if known else []))
        self.world, self.platform = self.bench.world, self.bench.platform
        self.node: ModuleNode = self.bench.add_module()
        self.heard: set[str] = set()
        self.listen()

    def listen(self) -> None:
        self.heard |= set(self.bench.said(self.node))

    def says(self, line: str) -> None:
        self.heard |= {answer for answer in self.world.ask(self.node, line) if answer}

    def asks(self) -> None:
        """The three states, as often as anything may have changed."""
        for name in ("QLASTATUS", "QLADATASTATUS", "QLADTLSSTAT"):
            self.says(f"AT+{name}?")

    def waits(self, seconds: float, every: float = 0) -> None:
        until = self.world.now + seconds
        while self.world.now < until:
            self.world.advance(min(every or seconds, until - self.world.now))
            self.listen()
            if every:
                self.asks()

    def is_set(self, server: str, *lines: str) -> None:
        """And restarts: keys are in force after it (3.3)."""
        for line in (f"AT+QLASERVERIP={server}", *lines, "AT+NRB"):
            self.says(line)

    def registered(self, *more: str) -> None:
        self.is_set(*PLAIN, *more)
        self.waits(30)

    def unobserved(self) -> None:
        """By a platform that observes nothing: uplink is POST /dp."""
        self.bench.perform(self.platform.change_policy, (), ())
        self.registered()

    def faults(self, *faults: str) -> None:
        self.world.faults.clear()
        for fault in faults:
            self.world.add_fault(fault)

    def offered(self, package: str = "new") -> None:
        self.bench.add_package(package)
        self.bench.start(IMEI, package=package)
        self.waits(2)


def nothing_is_set(host: Host) -> None:
    host.asks()
    host.says("AT+NRB")
    host.waits(1.1)
    host.asks()


def bootstrap_and_registration_behind_dtls(host: Host) -> None:
    host.is_set(*BOOTSTRAP_BEHIND_DTLS)
    host.waits(8, every=0.02)


def a_platform_that_observes_nothing(host: Host) -> None:
    host.unobserved()
    host.asks()


def registration_by_hand_and_its_end(host: Host) -> None:
    host.registered("AT+QLAREGSWT=0")
    host.says("AT+QLASREGIND=0")
    host.waits(10)
    host.bench.do(host.platform.devices.ask, IMEI, "execute", "/1/0/8")  # the update trigger
    host.waits(5)
    host.says("AT+QLASREGIND=1")
    host.waits(10)
    host.asks()


def nobody_answers_the_bootstrap(host: Host) -> None:
    host.faults("silence")
    host.is_set('"BS","112.13.96.205",5783')
    host.waits(600, every=30)


def nobody_answers_the_registration(host: Host) -> None:
    host.faults("silence")
    host.is_set(*PLAIN)
    host.waits(600, every=30)


def the_registration_is_refused(host: Host) -> None:
    host.faults("error,code=4.03")
    host.registered()
    host.asks()


def the_end_of_the_registration_is_refused(host: Host) -> None:
    host.registered()
    host.faults("error,code=4.00")
    host.says("AT+QLASREGIND=1")
    host.waits(5)
    host.asks()


def the_network_goes_before_there_is_a_registration(host: Host) -> None:
    host.faults("silence")
    host.registered()
    host.says("AT+CFUN=0")
    host.waits(5)
    host.asks()


def a_key_is_wrong(host: Host) -> None:
    server, _, security = SERVER_BEHIND_DTLS
    host.is_set(server, f"AT+QLASETPSK=0,{BOOTSTRAP_KEY}", security)
    host.waits(10, every=0.02)


def data_both_ways(host: Host) -> None:
    host.registered()
    host.says("AT+QLASENDDATA=0x0100,1,x")
    host.waits(5)
    host.bench.perform(host.platform.devices.ask, IMEI, "read", "/19/1/0")
    host.bench.perform(host.platform.devices.ask, IMEI, "write", "/19/0/0", "on")
    host.waits(5)


def data_that_nobody_acknowledges(host: Host) -> None:
    host.registered()
    host.faults("silence")
    host.says("AT+QLASENDDATA=0x0100,1,x")
    host.asks()
    host.waits(120)


def data_that_are_reset(host: Host) -> None:
    host.unobserved()
    host.faults("reset")
    host.says("AT+QLASENDDATA=0x0100,1,x")
    host.waits(10)


def data_whose_registration_goes(host: Host) -> None:
    host.registered()
    host.faults("silence")
    host.says("AT+QLASENDDATA=0x0100,1,x")
    host.says("AT+QLASREGIND=0")
    host.waits(5)


def an_update_that_the_host_allows(host: Host) -> None:
    host.registered()
    host.says("AT+QLAFOTAIND=1")
    host.offered()
    host.says("AT+QLAFOTAIND=2")
    host.waits(60)
    host.says("AT+QLAFOTAIND=4")
    host.waits(60)


def updates_that_the_host_cancels(host: Host) -> None:
    host.registered()
    host.says("AT+QLAFOTAIND=1")
    host.offered()
    host.says("AT+QLAFOTAIND=3")
    host.waits(60)
    host.offered("again")
    host.says("AT+QLAFOTAIND=2")
    host.waits(60)
    host.says("AT+QLAFOTAIND=5")
    host.waits(60)


@dataclass(frozen=True)
class Reached:
    """What the host reads in a story: numbers and texts of DOC-E."""

    states: tuple[str, ...] = ()
    events: tuple[int, ...] = ()
    data: tuple[int, ...] = ()
    dtls: tuple[int, ...] = ()
    firmware: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    keys: bool = False  # the platform knows the module's

    def lines(self) -> set[str]:
        numbered = {"+QLASTATUS:": self.states, "+QLAEVTIND:": self.events, "+QLADATASTATUS:": self.data}
        numbered |= {"+QLADTLSSTAT:": self.dtls, "FIRMWARE ": self.firmware, "": self.others}
        return {f"{head}{one}" for head, several in numbered.items() for one in several}


STORIES: dict[Callable[[Host], None], Reached] = {
    nothing_is_set: Reached(("MISSING_CONFIG", "UNINITIALISED"), data=(0,), dtls=(1,)),
    bootstrap_and_registration_behind_dtls: Reached(
        ("INIITIALISING", "INIITIALISED", "REGISTERING", "MO_DATA_ENABLED"),
        events=(4, 0, 3, 5), dtls=(1, 2, 0), keys=True,
    ),
    a_platform_that_observes_nothing: Reached(("REGISTERED",), events=(0,)),
    registration_by_hand_and_its_end: Reached(("DEREGISTERED",), events=(0, 2, 1), others=("REGISTERNOTIFY",)),
    nobody_answers_the_bootstrap: Reached(("INIITIALISING", "TIMEOUT_AND_RETRYING", "INIT_FAILED")),
    nobody_answers_the_registration: Reached(("REGISTERING", "TIMEOUT_AND_RETRYING", "REG_FAILED")),
    the_registration_is_refused: Reached(("REJECTED_BY_SERVER",)),
    the_end_of_the_registration_is_refused: Reached(("DEREG_FAILED",)),
    the_network_goes_before_there_is_a_registration: Reached(("NO_UE_IP",)),
    a_key_is_wrong: Reached(("TIMEOUT_AND_RETRYING",), dtls=(2, 3), keys=True),
    data_both_ways: Reached(data=(4,), others=("+QLAREAD", "+QLAWRITE")),
    data_that_nobody_acknowledges: Reached(data=(1, 3)),
    data_that_are_reset: Reached(data=(5,)),
    data_whose_registration_goes: Reached(data=(2,)),
    an_update_that_the_host_allows: Reached(
        events=(6, 7, 0, 3),
        firmware=("DOWNLOADING", "DOWNLOADED", "UPDATING", "UPDATE SUCCESS", "UPDATE OVER"),
        others=("REBOOT_CAUSE_SECURITY_FOTA_UPGRADE",),
    ),
    updates_that_the_host_cancels: Reached(
        events=(6, 7), firmware=("DOWNLOAD FAILED", "UPDATE FAILED", "UPDATE OVER")
    ),
}  # fmt: skip


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_the_host_reads(story: Callable[[Host], None]) -> None:
    reached = STORIES[story]
    host = Host(known=reached.keys)
    story(host)
    heard = {line.partition(": ")[0] if line.startswith(("+QLAREAD", "+QLAWRITE")) else line for line in host.heard}
    assert reached.lines() <= heard, f"never read: {sorted(reached.lines() - heard)}; of {sorted(heard)}"


def test_nothing_of_chapters_2_to_4_is_out_of_a_hosts_reach() -> None:
    everything = Reached(
        states=tuple(RegistrationState), events=tuple(range(8)), data=tuple(range(6)), dtls=tuple(range(4)),
        firmware=FIRMWARE, others=("+QLAREAD", "+QLAWRITE", "REGISTERNOTIFY"),
    )  # fmt: skip
    assert len(RegistrationState) == 14
    assert everything.lines() - set().union(*(reached.lines() for reached in STORIES.values())) == set()
