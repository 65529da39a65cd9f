"""The clauses that a real module can show: one that is restarted through its port, and registers with a live lab."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
from running import environment

from nbtwin.api.lab import Lab
from nbtwin.api.real.module import RealPort
from nbtwin.check.acceptance.acceptance import Outcome
from nbtwin.check.acceptance.clauses import Subject
from nbtwin.check.acceptance.real import accept_real
from nbtwin.check.acceptance.told import page, why_of
from nbtwin.profiles.models import profile


@pytest.fixture
def there() -> Iterator[Lab]:
    with Lab(live=True, platforms=["cmdmp"]) as lab:
        lab.set_rate(20)
        yield lab


def test_a_module_at_a_port_shows_what_it_can_and_the_report_says_why_not_the_rest(there: Lab) -> None:
    module = there.add_module("BC26", serial="tcp:127.0.0.1:0")
    port = RealPort(module.serial, "BC26")
    try:
        only = ["MOB-02", "MOB-03", "MOB-05", "MOB-06", "MOB-07", "MOB-10"]
        made = accept_real("mobile", Subject(profile=profile("BC26")), port, there, only)
    finally:
        port.close()
    outcomes = {each.clause.id: each.outcome for each in made.results}
    assert outcomes.pop("MOB-02") is Outcome.PASSED
    assert outcomes.pop("MOB-07") is Outcome.PASSED
    assert set(outcomes.values()) == {Outcome.NOT_RUN}
    reasons = {each.clause.id: str(each.why.code) for each in made.of(Outcome.NOT_RUN) if each.why is not None}
    assert reasons == {
        "MOB-03": "accept-needs-fault", "MOB-05": "accept-needs-time", "MOB-06": "accept-needs-settings",
        "MOB-10": "accept-needs-hands",
    }  # fmt: skip
    assert made.imei == module.imei
    assert made.is_real
    assert not there.platform("cmdmp").strict  # as it was
    assert made.passed
    told = page(made, "1.2.3", "2026-11-29", "en")
    assert all(why_of(made, each, "en") in told for each in made.of(Outcome.NOT_RUN))


def test_a_module_whose_self_registration_is_off_is_not_blamed_and_nothing_is_no_pass(there: Lab) -> None:
    module = there.add_module("BC25", settings=["AT+QSELFREGISTER=0"], serial="tcp:127.0.0.1:0")
    port = RealPort(module.serial, "BC25")
    try:
        made = accept_real("mobile", Subject(profile=profile("BC25")), port, there, ["MOB-01", "MOB-02", "MOB-10"])
    finally:
        port.close()
    reasons = [str(each.why.code) for each in made.of(Outcome.NOT_RUN) if each.why is not None]
    assert reasons == ["accept-switched-off", "accept-switched-off", "accept-needs-hands"]
    assert "+QSELFREGISTER? says 0" in why_of(made, made.results[0], "en")
    assert not made.passed


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_what_was_shown_and_lets_port_and_platform_go(there: Lab, number: signal.Signals) -> None:
    module = there.add_module("BC26", serial="tcp:127.0.0.1:0")
    module.set_coverage(False)  # it registers nowhere: the clause waits
    command = [
        sys.executable, "-m", "nbtwin", "accept", "--operator", "mobile", "--model", "BC26", "--port", module.serial,
        "--url", there.url, "--only", "MOB-02",
    ]  # fmt: skip
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(),
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),  # whoever runs the tests may ignore it
    ) as running:  # fmt: skip
        there.run_until(lambda: there.platform("cmdmp").strict, within="10min")
        running.send_signal(number)
        told, wrong = running.communicate(timeout=60)
    assert running.returncode == 1, wrong
    assert "MOB-02  not run" in told
    assert "BC26: it was stopped (Ctrl-C, or a signal to end)" in wrong
    assert not there.platform("cmdmp").strict
    port = RealPort(module.serial, "BC26")
    port.close()
