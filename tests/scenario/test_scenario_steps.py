"""Every step does what it says, every expectation can fail, and the times are the ones in the file."""

from __future__ import annotations

import textwrap

import pytest

from nbtwin.engine import DAY
from nbtwin.scenario import model
from nbtwin.scenario.loading import load
from nbtwin.scenario.meter import Usage
from nbtwin.scenario.phrases import ClaimPhrase
from nbtwin.scenario.runner import ScenarioResult, run
from nbtwin.scenario.verdicts import Verdict
from nbtwin.timeline.decoder import Decoder
from nbtwin.timeline.ring import Timeline

ONE = """
title: one
modules:
  - {name: meter, model: BC260Y-CN, settings: [ATE0]}
"""


def result(text: str, timeline: Timeline | None = None) -> ScenarioResult:
    return run(load(textwrap.dedent(text)), timeline=timeline)


def verdicts(rest: str) -> list[tuple[bool, str]]:
    return [(verdict.passed, verdict.text) for verdict in result(ONE + textwrap.dedent(rest)).verdicts]


STEPS = {
    "power": ("{at: 1h, power: false}", "{power: off}", "{power: on}"),
    "reset": ("{at: 1h, reset: true}", "{requests: [4s, 1h4s]}", "{requests: [4s]}"),
    "wake": (
        "{at: 10s, send: 'AT+CPSMS=1,,,\"01000011\",\"00000101\"'}\n  - {at: 1h, wake: true}",
        "{power: on, at: 1h2s}", "{power: asleep, at: 1h2s}",
    ),
    "send": ("{at: 1h, send: AT+CGMM}", "{said: [Quectel_BC260Y-CN, OK]}", "{said: ERROR}"),
    "usim": ("{at: 1h, usim: none}", "{attached: false}", "{attached: true}"),
    "coverage": ("{at: 1h, coverage: false}", "{attached: false}", "{attached: true}"),
    "signal": ("{at: 1h, signal: 7}\n  - {after: 1s, send: AT+CSQ}", "{said: '+CSQ: 7,0'}", "{said: '+CSQ: 20,0'}"),
    "firmware": ("{at: 1h, firmware: BC260YCNAAR01A09}\n  - {after: 9s, send: AT+CGMR}",
                 "{said: 'Revision: BC260YCNAAR01A09'}", "{said: 'Revision: BC260YCNAAR01A04'}"),
    "rebind": ("{at: 1h, rebind: true}", "{at: 1d1h, state: 11}", "{at: 1d1h, state: 6}"),
    "server": ("{at: 1h, platform: cmdmp, server: down}", "{at: 1d1h, state: 13}", "{at: 1d1h, state: 11}"),
    "forgets": ("{at: 1h, platform: cmdmp, forgets: registrations}",
                "{at: 1d1h, platform: cmdmp, device: {registrations: 2}}",
                "{at: 1d1h, platform: cmdmp, device: {registrations: 1}}"),
    "refuses": ("{at: 1h, platform: cmdmp, refuses: 5.03}",
                "{at: 1d1h, state: UPDATE_FAILED}", "{at: 1d1h, state: UPDATE_SUCCESS}"),
    "key": ("{at: 1h, platform: cmdmp, key: {appkey: M100000089, password: another-password-1}}",
            "{at: 1d1h, state: 12}", "{at: 1d1h, state: 11}"),
    "fault": ("{at: 1h, fault: 'silence,destination=cmdmp'}", "{at: 1d1h, state: 13}", "{at: 1d1h, state: 11}"),
    "advance": ("{at: 1h, advance: 1h}\n  - {after: 1s, power: false}",
                "{at: 1h59min, power: on}", "{at: 2h2s, power: on}"),
    "note": ("{at: 1h, note: hello}", "{state: 6}", "{state: 7}"),
}  # fmt: skip


ANDLINK = """
title: one
platforms: [andlink]
modules:
  - {name: meter, model: BC28, settings: [ATE0, 'AT+QLASERVERIP="LWM2M","192.0.2.11",5683']}
"""
OPERATIONS = {
    "read": ("{at: 1h, read: /3/0/0, answer: Quectel}", "{at: 1h, read: /3/0/0, answer: Andlink}"),
    "write": ("{at: 1h, write: {/1/0/1: 3600}, answer: 2.04}", "{at: 1h, write: {/3/0/0: me}, answer: 2.04}"),
    "execute": ("{at: 1h, execute: /3/0/4, answer: 2.04}", "{at: 1h, execute: /3/0/0, answer: 2.04}"),
    "observe": ("{at: 1h, observe: /5/0/5, answer: 2.05}", "{at: 1h, observe: /7/0, answer: 2.05}"),
    "write-partly": ("{at: 1h, write-partly: {/1/0: {1: 3600}}, answer: 2.04}",
                     "{at: 1h, write-partly: {/3/0: {0: me}}, answer: 2.04}"),
    "write-attributes": ("{at: 1h, write-attributes: {/5/0/3: {pmin: 5}}, answer: 2.04}",
                         "{at: 1h, write-attributes: {/5/0/3: {pmin: -1}}, answer: 2.04}"),
    "discover": ("{at: 1h, discover: /3/0, answer: 2.05}", "{at: 1h, discover: /7, answer: 2.05}"),
    "cancel": ("{at: 1h, cancel: /5/0/3, answer: 2.05}", "{at: 1h, cancel: /3/0, answer: 2.05}"),
    "create": ("{at: 1h, create: {/19: {7: {0: x}}}, answer: 4.05}",
               "{at: 1h, create: {/19: {7: {0: x}}}, answer: 2.01}"),
    "delete": ("{at: 1h, delete: /19/1, answer: 4.05}", "{at: 1h, delete: /19/1, answer: 2.02}"),
    "upgrade": (
        "{at: 1h, upgrade: {version: BC28JAR01A99_ONT}}\n  - {at: 2h, send: AT+CGMR, answer: [BC28JAR01A99_ONT, OK]}",
        "{at: 1s, read: /3/0/0}",  # not registered yet
    ),
}  # fmt: skip


OF_LWM2M_1_1 = {
    "read-composite": "[/3/0/0, /1/0/1], answer: {/1/0/1: 300}",
    "write-composite": "{/1/0/1: 3600, /1/0/2: 5}, answer: 2.04",
    "observe-composite": "[/3/0/0, /5/0/3], answer: 2.05",
    "cancel-composite": "/3/0/0, answer: 2.05",
}
"""The modules of this lab speak 1.0, so they are not asked (D157)."""


@pytest.mark.parametrize("operation", OF_LWM2M_1_1)
def test_what_a_module_s_version_does_not_have_is_a_verdict(operation: str) -> None:
    step = f"{{at: 1h, {operation}: {OF_LWM2M_1_1[operation]}}}"
    (verdict,) = result(f"{ANDLINK}\nsteps:\n  - {step}\nuntil: 3h\n").verdicts
    assert not verdict.passed
    assert "LwM2M 1.1" in verdict.text


def test_every_action_of_the_model_is_told_here() -> None:
    assert {*STEPS, *OPERATIONS, *OF_LWM2M_1_1} == set(model.ACTIONS)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_a_platform_asks_is_answered_or_the_verdict_says_otherwise(operation: str) -> None:
    good, bad = OPERATIONS[operation]
    for step, passes in ((good, True), (bad, False)):
        found = result(f"{ANDLINK}\nsteps:\n  - {step}\nuntil: 3h\n").verdicts
        assert [verdict.passed for verdict in found] == [passes], [verdict.text for verdict in found]


def test_the_registration_with_andlink_is_a_claim() -> None:
    expect = "expect:\n  - {registration: MO_DATA_ENABLED}\n  - {registration: REGISTERING}\n"
    assert [verdict.passed for verdict in result(f"{ANDLINK}\nuntil: 1h\n{expect}").verdicts] == [True, False]


@pytest.mark.parametrize("action", STEPS)
def test_a_step_does_what_it_says_and_the_opposite_is_not_true(action: str) -> None:
    step, holds, fails = STEPS[action]
    told = verdicts(f"steps:\n  - {step}\nuntil: 3h\nexpect:\n  - {holds}\n  - {fails}\n")
    assert [passed for passed, _ in told] == [True, False], told


CLAIMS = {
    "state": ("6", "8", "6 REG_SUCCESS, expected 8 REG_TIMEOUT"),
    "registration": ("UNINITIALISED", "REGISTERED", "UNINITIALISED, expected REGISTERED"),  # a model without Andlink
    "power": ("on", "asleep", "on, expected asleep"),
    "attached": ("true", "false", "yes, expected no"),
    "requests": ("[4s]", "[4s, 5s]", "at 4 s, expected at 4 s, 5 s"),
    "sent": ("2", "3..", "2, expected at least 3"),
    "received": ("2", "..1", "2, expected at most 1"),
    "bytes": ("400..700", "0", ", expected 0"),
    "awake": ("1h", "1s..2s", "1h, expected 1s to 2s"),
    "connected": ("20s", "30min..1h", "20s, expected 30min to 1h"),
    "said": ("RDY", "NEVER", "RDY / +CFUN: 1 / +CPIN: READY / +IP: 10.0.0.2, expected NEVER"),
    "device": ("{state: registered}", "{state: expired, registrations: 2..3}", "registered, expected expired"),
}


def test_every_claim_of_the_model_is_told_here() -> None:
    assert set(CLAIMS) == set(model.MODULE_CLAIMS)


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_claim_holds_or_says_what_was_found_instead(claim: str) -> None:
    holds, fails, says = CLAIMS[claim]
    told = verdicts(
        f"""
        until: 1h
        expect:
          - {{platform: cmdmp, {claim}: {holds}}}
          - {{platform: cmdmp, {claim}: {fails}}}
        """
    )
    assert told[0][0], told[0]
    assert not told[1][0]
    assert told[1][1].endswith(says), told[1]


def test_an_answer_is_the_whole_answer_without_the_echo() -> None:
    told = verdicts(
        """
        steps:
          - {at: 10s, send: AT+QDMPCFG=6, answer: ["+QDMPCFG: 6,6", OK]}
          - {after: 1s, send: AT+QDMPCFG=6, answer: OK}
          - {after: 1s, power: false}
          - {after: 1s, send: AT, answer: OK, within: 1min}
        """
    )
    assert told == [
        (True, "answer to AT+QDMPCFG=6: +QDMPCFG: 6,6 / OK"),
        (False, "answer to AT+QDMPCFG=6: +QDMPCFG: 6,6 / OK, expected OK"),
        (False, "answer to AT: nothing, expected OK"),
    ]


def test_after_counts_from_the_step_before_and_from_its_end() -> None:
    scenario = result(
        ONE
        + """
steps:
  - {at: 1h, reset: true}
  - {after: 10min, advance: 1h}
  - {after: 10min, reset: true}
until: 4h
"""
    )
    assert scenario.bench.world.now == 4 * 3600
    assert scenario.passed  # nothing was expected, nothing is wrong


def test_the_modules_are_delivered_with_their_settings_card_firmware_and_delay() -> None:
    told = result(
        """
        title: delivered
        modules:
          - {name: a, model: BC25, sim: unicom, firmware: BC25PAR01A04, attach: 30s}
          - {name: b, model: BC25, sim: "telecom:spare", power: 1h, settings: [AT+QSELFREGISTER=1]}
          - {name: c, model: BC26, power: false}
          - {model: BC26, sim: none, imei: 863703030822519}
        until: 2h
        expect:
          - {module: a, platform: unicom, requests: [31s]}
          - {module: b, platform: telecom, requests: [1h4s]}
          - {module: c, power: off}
          - {module: bc26, attached: false}
        """
    )
    assert [verdict.text for verdict in told.verdicts if not verdict.passed] == []
    assert told.bench.modules["bc26"].identity.imei == "863703030822519"


def test_the_same_seed_gives_the_same_run_and_another_one_another() -> None:
    text = ONE + "faults: ['loss,probability=0.4']\nuntil: 20d\n"

    def sent(seed: int) -> Usage:
        return run(load(text), seed=seed).meter.account("meter").total(20 * DAY)

    assert sent(1) == sent(1) != sent(2)


def test_the_timeline_gets_everything_that_happens() -> None:
    seen: list[str] = []
    decoder = Decoder()
    timeline = Timeline(size=1, sinks=[lambda entry: seen.append(decoder.read(entry).text())])
    result(ONE + "steps:\n  - {at: 1h, note: hello}\n  - {after: 1s, platform: cmdmp, server: down}\n", timeline)
    assert "hello" in seen
    assert any("REG_SUCCESS" in text for text in seen)
    assert any("silence" in text for text in seen)


def test_a_module_reports_the_code_of_its_vendor() -> None:
    """docs/spec/wire.md, Telecom and Unicom: MODEL is the vendor's code, a hyphen and the model."""
    text = """
        title: another vendor
        modules:
          - {name: meter, model: BC25, sim: telecom, vendor: ACME, settings: [AT+QSELFREGISTER=1]}
        expect:
          - {at: 1h, platform: telecom, device: {state: registered, model: ACME-BC25}}
          - {at: 1h, platform: telecom, device: {model: QUE-BC25}}
    """
    assert [verdict.passed for verdict in result(text).verdicts] == [True, True, False]


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "answer to read /3/0/0 (Manufacturer): Quectel"), ("zh", "read /3/0/0（Manufacturer）的应答：Quectel")],
)
def test_what_was_read_is_called_as_its_definition_calls_it(language: str, said: str) -> None:
    (verdict,) = result(ONE + "steps: [{at: 2min, platform: cmdmp, read: /3/0/0, answer: Quectel}]").verdicts
    assert verdict.words(language) == said
    assert (verdict.fields["resource"], verdict.fields["unit"]) == ("Manufacturer", "")


def test_a_number_is_shown_with_the_unit_of_its_definition() -> None:
    verdict = Verdict(
        False, 0.0, "andlink", ClaimPhrase.OPERATION, "read /3/0/7", "", 3600, 3300, "steps[1]", unit="mV"
    )
    assert verdict.text == "answer to read /3/0/7: 3300 mV, expected 3600 mV"
