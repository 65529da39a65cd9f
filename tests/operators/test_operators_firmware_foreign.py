"""D163 to D165: campaigns over devices of other stacks: what they say they can is respected, each has its verdict."""

from __future__ import annotations

import random
from typing import Any

import pytest
from foreign_device import IMAGE, NAME, NEW, OLD, ForeignBench, Manners

from nbtwin.engine import DAY, HOUR
from nbtwin.lwm2m.firmware.file import file_of
from nbtwin.operators.andlink.admission import PlaintextPolicy
from nbtwin.operators.campaigns import records as cp
from nbtwin.operators.campaigns.records import DeviceFilter, Plan, choose
from nbtwin.operators.campaigns.scheduler import SETTLE
from nbtwin.operators.campaigns.ways import Abilities, Mode, Scheme, Way, choose_way
from nbtwin.operators.inventory.devices import Device
from nbtwin.operators.key_store.psk import DeviceKeys
from nbtwin.operators.refusals import CampaignCause, PlatformError
from nbtwin.operators.store.campaigns import CampaignRepository
from nbtwin.operators.store.store import Store

TCP = (Scheme.COAP_TCP, Scheme.COAPS_TCP)


def campaign(manners: Manners | None = None, mode: str = "pull", **more: Any) -> ForeignBench:
    settings = {name: more.pop(name) for name in ("http",) if name in more}
    bench = ForeignBench(more.pop("file", None), manners, **settings)
    bench.start(mode=mode, **more)
    return bench


@pytest.mark.parametrize("mode", ["pull", "push", "auto"])
@pytest.mark.parametrize(
    "manners",
    [
        Manners(),
        Manners(reads_instances=False, method=None),
        Manners(observes=False),
        Manners(result_first=True),
        Manners(updates_by_itself=True),
        Manners(old_result=8),
        Manners(old_result=1),
        Manners(says_version=False, says_package_version=True),
    ],
    ids=["good", "one-by-one", "unobserved", "result-first", "by-itself", "failed-before", "succeeded-before", "5/0/7"],
)
def test_a_device_of_another_stack_is_updated(manners: Manners, mode: str) -> None:
    bench = campaign(manners, mode)
    verdict = bench.over()
    assert (verdict.step, verdict.cause, verdict.result, verdict.version) == ("succeeded", None, 1, NEW)
    assert (bench.device.version, bench.device.image) == (NEW, b"")
    assert verdict.way == ("push" if mode == "push" else "pull")


@pytest.mark.parametrize(
    ("manners", "mode", "more", "cause", "found"),
    [
        (Manners(method=1), "pull", {}, CampaignCause.METHOD_UNSUPPORTED, "push"),
        (Manners(method=0), "push", {}, CampaignCause.METHOD_UNSUPPORTED, "pull"),
        (Manners(schemes=(2,)), "pull", {}, CampaignCause.HTTP_NOT_SERVED, "HTTP"),
        (Manners(schemes=(3,)), "pull", {"http": "http://lab:80"}, CampaignCause.SCHEME_NOT_SERVED, "HTTPS"),
        (Manners(schemes=(1, 4, 77)), "pull", {}, CampaignCause.SCHEME_NOT_SERVED, "CoAPS, CoAP over TCP, 77"),
        (Manners(schemes=(3,), method=0), "auto", {}, CampaignCause.SCHEME_NOT_SERVED, "HTTPS"),
        (Manners(has_firmware=False), "auto", {}, CampaignCause.OBJECT_MISSING, ""),
        (Manners(model="PUMP"), "auto", {"file": file_of(IMAGE, NEW, ("MTR-10",))}, CampaignCause.OTHER_MODEL, "PUMP"),
    ],
)
def test_what_a_device_says_that_it_cannot_is_its_verdict_before_anything_is_sent(
    manners: Manners, mode: str, more: dict[str, Any], cause: CampaignCause, found: str
) -> None:
    """LwM2M 1.0 TS, E.6, resources 8 and 9; the device was asked, and nothing was written to it."""
    bench = campaign(manners, mode, **more)
    verdict = bench.over()
    assert (verdict.step, verdict.cause, verdict.found, verdict.during) == ("failed", cause, found, "starting")
    assert (bench.device.uri, bench.device.image, bench.device.notifications) == ("", b"", 0)


@pytest.mark.parametrize(
    ("manners", "way"),
    [(Manners(method=0), "pull"), (Manners(method=1), "push"), (Manners(schemes=(3,)), "push"), (Manners(), "pull")],
)
def test_the_way_may_be_left_to_the_device(manners: Manners, way: str) -> None:
    verdict = campaign(manners, "auto").over()
    assert (verdict.step, verdict.way) == ("succeeded", way)


def test_a_device_that_has_only_http_fetches_there_with_the_key_of_its_campaign() -> None:
    """D163: /5/0/8 says 2 alone."""
    bench = campaign(Manners(schemes=(2,)), http="http://192.0.2.9:8080")
    bench.run(3)
    base, key, name = bench.device.uri.rsplit("/", 2)
    assert (base, len(key), name) == ("http://192.0.2.9:8080/fw", 32, "new")
    give = bench.platform.package_over_http
    assert give(bench.now, "203.0.113.7", key, "new") is bench.files["new"], "the key opens it from anywhere"
    assert give(bench.now, "203.0.113.7", "0" * 32, "new") is None
    assert give(bench.now, "203.0.113.7", "", "new") is None
    assert give(bench.now, bench.outside[0][0], "", "new") is bench.files["new"], "a device is registered at this host"
    assert bench.fetch_over_http()
    assert bench.over().step == "succeeded"
    assert give(bench.now, "203.0.113.7", key, "new") is None, "the campaign is over"


def test_a_device_that_has_coap_beside_http_is_given_coap() -> None:
    bench = campaign(Manners(schemes=(2, 0)), http="http://192.0.2.9:8080")
    assert bench.over().step == "succeeded"


@pytest.mark.parametrize("result", [2, 3, 4, 5, 6, 7, 8, 9])
def test_each_result_of_a_download_is_the_verdict(result: int) -> None:
    bench = campaign(Manners(fetch_result=result))
    verdict = bench.over()
    assert (verdict.step, verdict.cause, verdict.result) == ("failed", CampaignCause.UPDATE_FAILED, result)
    assert verdict.attempts == (3 if result == 4 else 1), "a connection that was lost is tried again"


@pytest.mark.parametrize("mode", ["pull", "push"])
@pytest.mark.parametrize("result", [5, 8, 10, 12])
def test_each_result_of_an_installation_is_the_verdict(result: int, mode: str) -> None:
    verdict = campaign(Manners(install_result=result), mode).over()
    assert (verdict.step, verdict.cause, verdict.result) == ("failed", CampaignCause.UPDATE_FAILED, result)


def test_an_update_that_the_user_of_a_device_puts_off_is_waited_for_while_there_is_patience() -> None:
    """LwM2M 1.1, result 11; patience begins when the deferral that was allowed is over."""
    for defer in (None, 4 * HOUR):
        bench = campaign(Manners(install_result=11), severity=2, defer=defer)
        verdict = bench.over(DAY)
        assert (verdict.step, verdict.cause, verdict.result) == ("failed", CampaignCause.NO_PROGRESS, 11)
        assert 0 <= verdict.at - HOUR - (defer or 0) < 600


def test_a_device_that_says_that_it_succeeded_and_runs_the_old_version_has_failed() -> None:
    """D164."""
    verdict = campaign(Manners(installs=False)).over()
    assert (verdict.step, verdict.cause, verdict.found) == ("failed", CampaignCause.OTHER_VERSION, OLD)


@pytest.mark.parametrize(
    ("manners", "file"), [(Manners(says_version=False), None), (Manners(), file_of(IMAGE)), (Manners(method=2), None)]
)
def test_where_no_version_can_be_compared_the_result_alone_is_the_verdict_and_says_so(
    manners: Manners, file: Any
) -> None:
    verdict = campaign(manners, file=file).over()
    compared = manners.says_version and file is None
    assert (verdict.step, verdict.cause) == ("succeeded", None if compared else CampaignCause.RESULT_ALONE)


@pytest.mark.parametrize(("installs", "step"), [(True, "succeeded"), (False, "failed")])
def test_a_device_that_forgets_its_result_is_judged_by_its_version(installs: bool, step: str) -> None:
    verdict = campaign(Manners(keeps_result=False, installs=installs)).over()
    cause = CampaignCause.RUNS_VERSION if installs else CampaignCause.RESULT_MISSING
    assert (verdict.step, verdict.cause, verdict.attempts) == (step, cause, 1 if installs else 3)


@pytest.mark.parametrize("mode", ["pull", "push"])
def test_a_device_that_refuses_an_empty_uri_is_reset_with_cancel(mode: str) -> None:
    """/5/0/10 of LwM2M 1.1."""
    bench = campaign(Manners(takes_empty_uri=False), mode, updates=False)
    assert bench.over().cause is CampaignCause.DOWNLOAD_ONLY
    assert bench.device.state == 2
    bench.log.clear()
    bench.start(mode=mode)
    assert bench.over().step == "succeeded"


@pytest.mark.parametrize("lifetime", [300, int(DAY)])
def test_a_device_that_never_answers_has_failed_when_its_lifetime_is_over(lifetime: int) -> None:
    """D165: not before, for it may be behind a NAT that has forgotten it; and it was asked again when it was heard."""
    verdict = campaign(Manners(silent=True, lifetime=lifetime)).over(2 * DAY)
    assert (verdict.step, verdict.cause, verdict.during) == ("failed", CampaignCause.UNANSWERED, "starting")
    assert verdict.at <= lifetime + 600


@pytest.mark.parametrize("mode", ["pull", "push"])
@pytest.mark.parametrize("after", [0.3, 0.6, 1.0, 2.0])
def test_a_nat_that_gives_a_device_another_port_ends_no_campaign(after: float, mode: str) -> None:
    """D165: a plain device with a long lifetime; the platform reaches it again with its next Update."""
    bench = campaign(Manners(), mode)
    bench.run(after)
    bench.rebind()
    verdict = bench.over(2 * DAY)
    assert (verdict.step, verdict.cause, verdict.result) == ("succeeded", None, 1)
    assert bench.device.version == NEW


def test_who_is_out_of_reach_takes_nobodys_place() -> None:
    bench = ForeignBench(None, Manners(silent=True))
    bench.start(at_once=1)
    bench.run(HOUR)
    (running,) = bench.platform.campaigns._running.values()
    assert (list(running.active), list(running.unreached)) == ([], [NAME])
    bench.platform.stop_campaign(bench.now, 1)
    bench.run(1)
    assert bench.verdict is not None
    assert bench.verdict.step == "stopped"


@pytest.mark.parametrize("mode", ["pull", "push"])
@pytest.mark.parametrize(
    "manners", [Manners(), Manners(observes=False, keeps_result=False)], ids=["good", "unobserved-forgetful"]
)
def test_a_restart_at_every_message_of_a_campaign_ends_in_the_devices_own_verdict(manners: Manners, mode: str) -> None:
    """It comes back under another location, has forgotten what it observed and fetched, and no side is stuck."""
    for number in range(1, 100):
        bench = ForeignBench(None, manners)
        bench.start(mode=mode)
        bench.reboot_at = number
        verdict = bench.over()
        assert (verdict.step, bench.device.version, bench.device.state) == ("succeeded", NEW, 0), number
        assert verdict.at <= HOUR, number
        if bench.count < number:
            assert number > 20
            return
    pytest.fail("the campaign has no end")


@pytest.mark.parametrize("mode", ["pull", "push"])
def test_any_one_datagram_of_a_campaign_may_be_lost(mode: str) -> None:
    for number in range(1, 100):
        bench = ForeignBench()
        bench.start(mode=mode)
        bench.lose_at = number
        verdict = bench.over()
        assert (verdict.step, bench.device.version, bench.device.state) == ("succeeded", NEW, 0), number
        assert verdict.at <= HOUR, number
        if bench.count < number:
            return
    pytest.fail("the campaign has no end")


@pytest.mark.parametrize("mode", ["pull", "push"])
def test_the_same_restarts_at_a_device_that_fails_end_as_failures(mode: str) -> None:
    rng = random.Random(7)
    for number in rng.sample(range(1, 30), 6):
        bench = ForeignBench(None, Manners(install_result=8))
        bench.start(mode=mode)
        bench.reboot_at = number
        verdict = bench.over()
        assert (verdict.step, verdict.result, bench.device.version) == ("failed", 8, OLD), number


def test_one_campaign_over_good_and_bad_devices_has_a_verdict_for_each() -> None:
    """The way is left to them; the HTTP client of one is fetched for it."""
    made = {
        "http": Manners(schemes=(2,), method=0),
        "pulls": Manners(),
        "pushed": Manners(method=1),
        "lies": Manners(installs=False),
        "silent": Manners(silent=True),
        "https": Manners(schemes=(3,), method=0),
        **{f"fetch-{result}": Manners(fetch_result=result) for result in range(2, 10)},
        **{f"install-{result}": Manners(install_result=result) for result in (8, 10, 12, 13)},
    }
    bench = ForeignBench(others=made, http="http://192.0.2.9:8080")
    bench.start(mode="auto")
    bench.run(3)
    assert bench.fetch_over_http()
    found = bench.verdicts(2 * DAY)
    assert set(found) == set(made)
    failed = {f"fetch-{result}": result for result in range(2, 10)}
    failed |= {f"install-{result}": result for result in (8, 10, 12, 13)}
    causes = {"lies": CampaignCause.OTHER_VERSION, "silent": CampaignCause.UNANSWERED}
    causes |= {"https": CampaignCause.SCHEME_NOT_SERVED, **dict.fromkeys(failed, CampaignCause.UPDATE_FAILED)}
    assert {name: found[name].cause for name in found} == {**dict.fromkeys(("http", "pulls", "pushed")), **causes}
    assert {name: found[name].result for name in failed} == failed
    assert {name for name in found if found[name].step == "succeeded"} == {"http", "pulls", "pushed"}
    assert [event.state for event in bench.log if isinstance(event, cp.CampaignChanged)] == ["finished"]


def test_the_way_it_went_and_what_was_found_are_kept_of_each_device() -> None:
    with Store.open(":memory:") as store:
        bench = campaign(Manners(installs=False))
        bench.over()
        store.commit([event for event in bench.log if isinstance(event, cp.CampaignEvent)])
        (kept,) = store.part(CampaignRepository).devices(1)
        assert (kept.step, kept.cause, kept.found, kept.way) == ("failed", "campaign-other-version", OLD, "pull")
        found = store.part(CampaignRepository).find(1)
        assert found is not None
        assert len(found.key) == 32


def test_devices_are_chosen_by_manufacturer_and_by_a_pattern_of_their_names() -> None:
    devices = [
        Device(id=f"andlink:{name}", platform="andlink", imei="", endpoint=name, state="registered", values={0: maker})
        for name, maker in (("meter-1", "A"), ("meter-2", "B"), ("pump-1", "A"))
    ]
    assert choose(devices, DeviceFilter(manufacturer="A")) == ["meter-1", "pump-1"]
    assert choose(devices, DeviceFilter(endpoint="meter-*")) == ["meter-1", "meter-2"]
    assert choose(devices, DeviceFilter(endpoint="meter-*", manufacturer="A")) == ["meter-1"]


def test_severity_and_deferral_are_numbers_that_there_are() -> None:
    for wrong, cause in (({"severity": 3}, CampaignCause.SEVERITY), ({"defer": -1.0}, CampaignCause.NUMBER_NEGATIVE)):
        with pytest.raises(PlatformError) as refused:
            Plan(package="new", **wrong)
        assert refused.value.code is cause
    assert SETTLE < HOUR


@pytest.mark.parametrize(
    ("schemes", "served", "secure", "scheme"),
    [
        (None, {Scheme.COAP}, False, Scheme.COAP),
        (None, {Scheme.COAP, Scheme.COAPS}, True, Scheme.COAPS),
        ((), {Scheme.COAP}, False, Scheme.COAP),
        ((0, 1), {Scheme.COAP, Scheme.COAPS}, True, Scheme.COAPS),
        ((0, 1), {Scheme.COAP, Scheme.COAPS}, False, Scheme.COAP),
        ((1,), {Scheme.COAP, Scheme.COAPS}, False, Scheme.COAPS),  # it has a key here, and registered without it
        ((1,), {Scheme.COAP}, False, None),
        ((1, 2), {Scheme.COAP, Scheme.HTTP}, False, Scheme.HTTP),
        ((2, 3), {Scheme.COAP, Scheme.HTTP}, True, Scheme.HTTP),
        ((3, 4, 5), set(Scheme), False, None),  # none of them is ever served
    ],
)
def test_a_package_is_fetched_as_the_device_and_the_platform_both_can(
    schemes: tuple[int, ...] | None, served: set[Scheme], secure: bool, scheme: Scheme | None
) -> None:
    """CoAP in the way of its registration, then CoAP, then HTTP; a device that lists nothing has CoAP."""
    chosen = choose_way(Mode.PULL, Abilities(schemes=schemes), served - {Scheme.HTTPS, *TCP}, secure=secure)
    assert (chosen.scheme if isinstance(chosen, Way) else None) is scheme
    pushed = choose_way(Mode.AUTO, Abilities(schemes=schemes, method=9), served - {Scheme.HTTPS, *TCP}, secure=secure)
    assert isinstance(pushed, Way), "a method that is none is as good as none: both"
    assert (pushed.mode is Mode.PUSH) is (scheme is None)


def test_a_device_that_is_registered_plain_and_has_a_key_may_fetch_over_dtls() -> None:
    bench = ForeignBench(None, Manners(schemes=(1,)), plain=PlaintextPolicy.ANYBODY)
    bench.platform.keys.add(DeviceKeys(device=NAME, key="ab" * 16))
    bench.start()
    bench.run(3)
    assert bench.device.uri == "coaps://lwm.home.komect.com:5685/fw/new"
