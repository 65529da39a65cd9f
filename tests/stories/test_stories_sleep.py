"""Radio with deep sleep: PSM timers, what wakes a module, its serial port asleep, coverage, attach delay, cards.

TS 24.008 10.5.7 (T3324, T3412 extended), TS 27.007 7.38 (+CPSMS). How long the network keeps a connection (20 s) and
how long the host keeps the module awake (10 s after its last byte) are assumed (docs/fidelity.md).
"""

from __future__ import annotations

import pytest
from stories_bench import DEEP_SLEEP, Story

from nbtwin.engine import DAY, HOUR, MINUTE
from nbtwin.module import events as happened
from nbtwin.module.events import ModuleReason
from nbtwin.module.identity import Usim
from nbtwin.module.nvram import MemoryStorage, encode
from nbtwin.module.settings import Saved
from nbtwin.profiles.models import PROFILES
from nbtwin.selfreg.cmdmp_client import CmdmpReason
from nbtwin.selfreg.machine import SelfRegistrationReason
from nbtwin.selfreg.schedule import Operator

M, T, U = Operator.MOBILE, Operator.TELECOM, Operator.UNICOM
CONNECTED, HOST_IDLE = 20, 10
ON = "AT+QSELFREGISTER=1"


def sleeper(model: str = "BC260Y-CN", *settings: str, operator: Operator | None = M, **more: object) -> Story:
    chosen = settings or (DEEP_SLEEP,)
    return Story(model, operator, *chosen, **more).start()  # type: ignore[arg-type]


# The timers


@pytest.mark.parametrize(
    ("active", "update", "asleep_after", "sleeps"),
    [
        ("00000101", "01000011", 10, 30 * HOUR),
        ("00000000", "00000110", 0, HOUR),
        ("00100010", "00100001", 2 * MINUTE, HOUR),
        ("01000001", "10100101", 6 * MINUTE, 5 * MINUTE),
        ("00000101", "00000001", 10, 10 * MINUTE),
        ("00000101", "01000001", 10, 10 * HOUR),
        ("00000101", "01111111", 10, 62),
        ("00000101", "10000011", 10, 90),
        ("00000101", "11000001", 10, 320 * HOUR),
        ("00000101", "11011111", 10, 31 * 320 * HOUR),  # the longest there is: 413 days
    ],
)
@pytest.mark.parametrize("model", ["BC28", "BC26", "BC25"])
def test_t3324_runs_before_deep_sleep_and_t3412_ends_it(
    model: str, active: str, update: str, asleep_after: float, sleeps: float
) -> None:
    story = sleeper(model, f'AT+CPSMS=1,,,"{update}","{active}"', operator=None)
    story.insert(Usim.of(T, "meter") if model != "BC25" else Usim.of(M, "meter"))  # nobody it registers with
    attached = next(at for at, _ in story.happened(happened.UsimChanged)) + 3
    story.until(attached + CONNECTED + asleep_after + sleeps)
    asleep = attached + CONNECTED + asleep_after
    assert story.slept() == [asleep]
    assert story.woke() == [(asleep + sleeps, ModuleReason.TRACKING_AREA_UPDATE)]


def test_t3324_deactivated_is_no_deep_sleep_and_t3412_deactivated_is_no_wake() -> None:
    """TS 24.008: unit 111."""
    never = sleeper("BC26", 'AT+CPSMS=1,,,"01000011","11100000"', operator=T)
    ever = sleeper("BC26", 'AT+CPSMS=1,,,"11100000","00000101"', operator=T)
    for story in (never, ever):
        story.until(40 * DAY)
    assert never.slept() == []
    assert len(ever.slept()) == 1
    assert ever.woke() == []


@pytest.mark.parametrize(
    "settings",
    [("AT+CPSMS=0",), (DEEP_SLEEP, "AT+QSCLK=0"), (DEEP_SLEEP, "AT+QSCLK=2"), (DEEP_SLEEP, "AT+CPSMS=2")],
    ids=" then ".join,
)
def test_without_psm_or_with_deep_sleep_forbidden_the_module_stays_awake(settings: tuple[str, ...]) -> None:
    """+QSCLK 0: no sleep, 2: light sleep only; +CPSMS 2 forgets the timers."""
    story = sleeper("BC260Y-CN", *settings)
    story.until(10 * DAY)
    assert story.slept() == []


@pytest.mark.parametrize("model", list(PROFILES))
def test_the_sleep_settings_are_kept_over_a_power_cut(model: str) -> None:
    story = Story(model, None, 'AT+CPSMS=1,,,"01000011","00000101"').start()
    story.ask("AT+QSCLK=0")
    before = story.ask("AT+CPSMS?"), story.ask("AT+QSCLK?")
    story.restart()
    story.until(60)
    assert (story.ask("AT+CPSMS?"), story.ask("AT+QSCLK?")) == before
    assert before[0][-1] == before[1][-1] == "OK"


# What wakes it


def test_the_wake_up_pin_wakes_it_and_it_falls_asleep_again() -> None:
    story = sleeper("BC26")
    story.until(HOUR)
    assert story.asleep()
    story.wake()
    assert not story.asleep()
    assert story.woke() == [(HOUR, ModuleReason.WAKE_UP_PIN)]
    story.until(2 * HOUR)
    assert story.slept() == [CONNECTED + 10, HOUR + 10]


def test_an_at_line_wakes_it_is_answered_and_keeps_it_awake_for_a_while() -> None:
    story = sleeper("BC25")
    story.until(HOUR)
    assert story.ask("AT") == ["OK"]
    assert story.woke() == [(HOUR, ModuleReason.HOST_WROTE)]
    story.until(HOUR + HOST_IDLE - 1)
    assert not story.asleep()
    story.ask("AT")
    story.until(2 * HOUR)
    assert story.slept()[-1] == HOUR + HOST_IDLE - 1 + HOST_IDLE


def test_half_a_line_wakes_it_and_the_other_half_finds_it_asleep_again_and_completes_the_line() -> None:
    """The first byte wakes it and none is lost (D126); the line buffer survives deep sleep."""
    story = sleeper("BC25")
    story.until(HOUR)
    story.node.take_serial()
    story.world.serial(story.node, b"AT+QS")
    story.until(HOUR + 20)
    assert story.asleep()
    story.world.serial(story.node, b"CLK?\r")
    assert story.node.take_serial() == b"AT+QSCLK?\r\r\n+QSCLK: 1\r\n\r\nOK\r\n"
    assert [at for at, _ in story.woke()] == [HOUR, HOUR + 20]


def test_a_due_update_wakes_a_bc260y_and_a_due_retry_a_bc25() -> None:
    """DOC-C 2.2.4, DOC-D 2.1.4."""
    update = sleeper("BC260Y-CN")
    retry = sleeper("BC25", ON, DEEP_SLEEP, operator=T, silent=True)
    for story in (update, retry):
        story.until(25 * HOUR)
    assert update.woke() == [(DAY, CmdmpReason.UPDATE_PERIOD)]
    assert [reason for _, reason in retry.woke()] == [SelfRegistrationReason.NEXT_ROUND] * 2


def test_a_power_cut_asleep_is_a_boot_like_any_other() -> None:
    story = sleeper("BC26")
    story.until(HOUR)
    assert story.asleep()
    story.restart()
    story.until(HOUR + 10)
    assert story.packets() == [0, HOUR + 4]


# Asleep


def test_asleep_it_says_nothing_and_nobody_on_the_network_reaches_it() -> None:
    story = sleeper("BC26")
    story.ask("AT+CEREG=1")
    story.until(HOUR)
    said, sent = len(story.notes.said), len(story.notes.sent)
    assert story.asleep()
    story.coverage(False)
    story.coverage(True)
    platform = story.bench.platform("cmdmp").engine
    devices = platform.devices  # type: ignore[attr-defined]
    story.world.perform(story.bench.platform("cmdmp"), devices.ask, story.device.imei, "read", "/3/0")
    story.until(HOUR + 10 * MINUTE)
    assert story.notes.said[said:] == []
    assert story.notes.sent[sent:] == []


def test_what_was_in_use_before_deep_sleep_is_in_use_after_it() -> None:
    """DOC-C 3.2.2: the settings hold over deep sleep; a wake is no boot, so what was saved meanwhile is not in use."""
    story = sleeper("BC260Y-CN")
    story.ask("AT+QDMPCFG=1,117.161.2.7,5683,420")
    story.until(HOUR)
    assert story.asleep()
    story.wake()  # it does not listen (D109)
    assert story.ask("AT+QDMPCFG?")[1] == "+QDMPCFG: 1,117.161.2.41,5683,86400"
    assert story.ask("AT+QDMPCFG=4,1")[0] == "+QDMPCFG: 1,117.161.2.7,5683,420"
    assert story.dmp_state() == 6


def test_an_open_exchange_keeps_it_awake_until_its_verdict() -> None:
    """DOC-C 2.2.4: CoAP retransmission may delay deep sleep."""
    answered, silent = sleeper("BC260Y-CN"), sleeper("BC260Y-CN", silent=True)
    for story in (answered, silent):
        story.until(HOUR)
    assert answered.slept() == [CONNECTED + 10]
    assert silent.slept() == [128]


# Coverage


def test_coverage_lost_and_found_again_asleep_is_never_noticed() -> None:
    story = sleeper("BC260Y-CN")
    story.until(HOUR)
    story.coverage(False)
    story.until(20 * HOUR)
    story.coverage(True)
    story.until(2 * DAY + 60)
    assert story.happened(happened.Detached) == []
    assert story.packets() == [0, DAY, 2 * DAY]


def test_coverage_lost_asleep_is_noticed_at_the_wake_and_the_update_is_missed() -> None:
    """docs/spec/registration.md, CMDMP states, 9: asleep, out of coverage; D56."""
    story = sleeper("BC260Y-CN")
    story.until(HOUR)
    story.coverage(False)
    story.until(DAY + 2 * HOUR)
    assert [at for at, _ in story.happened(happened.Detached)] == [DAY]
    assert story.packets() == [0]
    assert story.dmp_state() == 9
    story.coverage(True)
    story.until(DAY + 3 * HOUR)
    back = DAY + 2 * HOUR + 3
    assert story.packets() == [0, back]
    assert story.states()[-3:] == [(DAY + HOUR, 9), (back, 4), (back, 6)]


def test_out_of_coverage_it_searches_and_does_not_fall_asleep() -> None:
    story = sleeper("BC260Y-CN")
    story.until(5)
    story.coverage(False)
    story.until(5 * HOUR)
    assert story.slept() == []
    assert story.ask("AT+CEREG?")[0].endswith(",2")


def test_coverage_lost_during_telecoms_look_up_is_a_failed_round() -> None:
    """DOC-D 2.1.4."""
    story = sleeper("BC25", ON, operator=T, faults=["dns_failure,name=zzhc.vnet.cn,seconds=30,end=1min"])
    story.until(10)
    story.coverage(False)
    story.until(HOUR)
    story.coverage(True)
    story.until(2 * HOUR)
    assert story.verdicts() == [10]
    assert story.successes() == [(10 + HOUR, "registration")]


# Attach


@pytest.mark.parametrize("delay", [0.5, 30.0, 600.0])
def test_a_slow_network_delays_the_first_packet_and_nothing_else(delay: float) -> None:
    story = Story("BC25", U, ON)
    story.module.radio.attach_delay = delay
    story.start()
    story.until(40 * DAY)
    first = delay - 3
    assert story.packets() == [first, first + 30 * DAY]


@pytest.mark.parametrize("line", ["AT+CFUN=0", "AT+CGATT=0"])
def test_a_host_that_detaches_and_attaches_again_is_no_boot(line: str) -> None:
    """DOC-D 2.1.3: "the next boot"; an attach alone starts nothing anew."""
    story = sleeper("BC25", ON, operator=T, silent=True)
    story.until(DAY)
    sent = story.packets()
    assert story.ask(line) == ["OK"]
    story.until(DAY + 60)
    assert story.ask(line.replace("=0", "=1")) == ["OK"]
    story.until(3 * DAY)
    assert story.packets() == sent


# One module, three operators


def test_a_bc25_keeps_its_memory_of_each_operator_when_the_card_changes() -> None:
    """DOC-D 2.1.1, 2.2.1, 2.3.1: success with one operator says nothing of another. D55: Unicom's due time stays."""
    story = Story("BC25", T, ON).start()
    cards = {operator: Usim.of(operator, "meter") for operator in Operator}
    for day, operator in ((1, U), (2, M), (3, T), (4, U), (5, T)):
        story.until(day * DAY)
        story.insert(cards[operator])
    story.until(6 * DAY)
    assert [(sent.to, sent.at) for sent in story.requests()] == [
        ("telecom", 0), ("unicom", DAY + 3), ("cmdmp", 2 * DAY + 3)
    ]  # fmt: skip
    assert set(story.module.saved.successes) == {"telecom", "unicom", "mobile"}
    story.insert(cards[U])
    story.until(40 * DAY)
    assert [(sent.to, sent.at) for sent in story.requests()][3:] == [("unicom", 31 * DAY + 3)]


def test_a_card_that_was_changed_in_deep_sleep_is_attached_after_the_wake_and_the_networks_delay() -> None:
    """Asleep the radio is off: nobody searches, and the time until the wake is not part of the attach."""
    story = sleeper("BC25", ON, DEEP_SLEEP, operator=T)
    story.until(HOUR)
    story.insert(Usim.of(U, "meter"))
    story.until(2 * HOUR)
    assert story.asleep()
    story.wake()
    story.until(3 * HOUR)
    assert [(sent.to, sent.at) for sent in story.requests()] == [("telecom", 0), ("unicom", 2 * HOUR + 3)]


def test_the_last_success_is_kept_with_firmware_imei_usim_and_time() -> None:
    """docs/spec/registration.md, What is kept; DOC-C 2.1.1 what it is compared with."""
    for model, operator, name in (("BC260Y-CN", M, "mobile"), ("BC260Y-CN", T, "telecom"), ("BC25", U, "unicom")):
        on = {T: "AT+QSREGENABLE=1", U: ON, M: "AT"}[operator]
        story = Story(model, operator, on).start()
        story.until(10)
        usim, module = Usim.of(operator, "meter"), story.module
        kept = module.saved.successes[name]
        assert (kept.firmware, kept.imei) == (module.identity.firmware, module.identity.imei)
        assert (kept.imsi, kept.iccid, kept.at) == (usim.imsi, usim.iccid, 4.0)


def test_a_success_that_cannot_be_written_is_told_and_asked_for_again() -> None:
    """Flash that is full: the module says so, and the next boot cannot know better."""
    story = Story("BC25", T, ON).start()
    assert story.happened(happened.NvramWriteFailed) == []

    class Full:
        def __init__(self, content: bytes | None) -> None:
            self.content = content

        def load(self) -> bytes | None:
            return self.content

        def save(self, content: bytes) -> None:
            raise OSError(28, "No space left on device")

    nvram = Story("BC25", None, ON).module.nvram.storage.load()
    full = Story("BC25", T, storage=Full(nvram)).start()
    full.until(60)
    full.restart()
    full.until(120)
    assert full.packets() == [0, 64]
    assert [at for at, _ in full.happened(happened.NvramWriteFailed)] == [0, 64]


def test_a_configured_address_takes_the_place_of_telecoms_name_when_that_is_unknown() -> None:
    """docs/spec/wire.md, Names and addresses: an address that the user gave takes the name's place."""
    saved = Saved(self_register=1, telecom_address="192.0.2.10")
    story = Story("BC25", T, storage=MemoryStorage(encode(saved)), faults=["dns_failure,name=zzhc.vnet.cn,seconds=2"])
    story.start()
    story.until(60)
    assert story.packets() == [2]
    assert story.successes() == [(2, "registration")]
