"""The clauses that a real module can show: one that is restarted through its port, and registers with a live lab."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

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
