"""What a platform takes with a remark, and what a strict one refuses for the same reason (D138)."""

from __future__ import annotations

import base64
import json
import random
from typing import Any

import pytest
from operators_bench import IMEI, IMSI, OBJECTS, Bench, name_of
from test_operators_andlink_raw import Client

from nbtwin.coap.message import encode
from nbtwin.coap.numbers import Code
from nbtwin.module.identity import Usim
from nbtwin.operators import events as ev
from nbtwin.operators.inventory.fold import fold
from nbtwin.operators.refusals import PlatformRefusal
from nbtwin.operators.remarks import Remark, RemarkCode
from nbtwin.operators.store.store import Store
from nbtwin.operators.telecom import TelecomPlatform
from nbtwin.operators.unicom import UnicomPlatform
from nbtwin.profiles.models import PROFILES
from nbtwin.runtime.simulated_lab import SimulatedLab
from nbtwin.scenario.cost import switch_line
from nbtwin.selfreg.schedule import Operator
from nbtwin.timeline.catalogue import words
from nbtwin.timeline.plain import fields_of

GOOD = {
    "REGVER": "2", "MEID": IMEI, "MODEL": "QUE-BC25", "SWVER": "V1", "SIM1ICCID": "89861118245001234565",
    "SIM1LTEIMSI": "460110123456789",
}  # fmt: skip


def report(platform: Any, *, path: list[str] | None = None, form: int | None = 50, **changes: str | None) -> Bench:
    bench = Bench(platform)
    members = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
    payload = base64.b64encode(json.dumps(members).encode())
    more = {} if form is None else {"content_format": form}
    bench.give(bench.request(path=["nb"] if path is None else path, payload=payload, **more))
    return bench


def remarks_of(bench: Bench) -> list[tuple[str, str]]:
    (registered,) = bench.events(ev.DeviceRegistered)
    return [(remark.code, remark.subject) for remark in registered.remarks]


@pytest.mark.parametrize(
    ("changes", "remark"),
    [
        ({}, None),
        ({"REGVER": "9"}, (RemarkCode.VERSION, "9")),
        ({"SIM1LTEIMSI": "460010123456789"}, (RemarkCode.IMSI_OPERATOR, "46001")),
        ({"SIM1LTEIMSI": "4601"}, (RemarkCode.IMSI_FORM, "4601")),
        ({"SIM1LTEIMSI": None}, (RemarkCode.IMSI_MISSING, "")),
        ({"MEID": "863703030822510"}, (RemarkCode.IMEI_LUHN, "863703030822510")),
        ({"MEID": "86370303082251"}, (RemarkCode.IMEI_FORM, "86370303082251")),
        ({"SIM1ICCID": "89860118245001234567"}, (RemarkCode.ICCID_OPERATOR, "898601")),
        ({"SIM1ICCID": "89861118245001234567"}, (RemarkCode.ICCID_LUHN, "89861118245001234567")),
        ({"SIM1ICCID": "12"}, (RemarkCode.ICCID_FORM, "12")),
        ({"SIM1ICCID": ""}, (RemarkCode.ICCID_MISSING, "")),
        ({"MODEL": None, "MODELSMS": "QUE-BC25"}, (RemarkCode.MODEL_NAME, "MODELSMS")),
        ({"MODEL": None}, (RemarkCode.MODEL_MISSING, "")),
        ({"MODEL": "x" * 21}, (RemarkCode.MODEL_LENGTH, "x" * 21)),
        ({"SWVER": ""}, (RemarkCode.FIRMWARE_MISSING, "")),
        ({"COLOUR": "red"}, (RemarkCode.MEMBER_UNKNOWN, "COLOUR")),
        ({"path": []}, (RemarkCode.PATH, "/")),
        ({"form": None}, (RemarkCode.CONTENT_FORMAT, "")),
        ({"form": 0}, (RemarkCode.CONTENT_FORMAT, "0")),
    ],
)
def test_a_report_is_taken_with_a_remark_and_refused_by_a_strict_platform(
    changes: dict[str, Any], remark: tuple[str, str] | None
) -> None:
    expected = [remark] if remark is not None else []
    assert remarks_of(report(TelecomPlatform(random.Random(1)), **changes)) == expected
    strict = TelecomPlatform(random.Random(1))
    strict.strict = True
    bench = report(strict, **changes)
    refused = bench.events(ev.DeviceRefused)
    assert len(bench.events(ev.DeviceRegistered)) == (remark is None)
    assert [(event.refusal, event.response_code) for event in refused] == [(PlatformRefusal.STRICT, "4.00")] * len(
        expected
    )
    assert [[(one.code, one.subject) for one in event.remarks] for event in refused] == [expected] * len(expected)
    assert all(event.device.startswith("telecom:") for event in refused)


def test_unicom_has_its_own_format() -> None:
    unicom = {"REGVER": "1", "MODEL": None, "MODELSMS": "QUE-BC25", "path": []}
    card = {"SIM1ICCID": "89860118245001234567", "SIM1LTEIMSI": "460010123456789"}
    assert remarks_of(report(UnicomPlatform(random.Random(1)), **unicom, **card)) == []
    codes = [code for code, _ in remarks_of(report(UnicomPlatform(random.Random(1))))]
    assert codes == [
        RemarkCode.VERSION, RemarkCode.MODEL_NAME, RemarkCode.ICCID_OPERATOR, RemarkCode.IMSI_OPERATOR, RemarkCode.PATH,
    ]  # fmt: skip


@pytest.mark.parametrize(("imsi", "remarks"), [(IMSI, []), ("460010123456789", [RemarkCode.IMSI_OPERATOR])])
@pytest.mark.parametrize("strict", [False, True])
def test_cmdmp_has_remarks_too(imsi: str, remarks: list[str], strict: bool) -> None:
    bench = Bench()
    bench.platform.strict = strict
    query = ["lwm2m=1.0", f"ep={name_of(imsi=imsi)}", "b=U", "lt=300"]
    bench.give(bench.request(path=["rd"], query=query, content_format=40, payload=OBJECTS))
    events = bench.events(ev.DeviceRefused if strict and remarks else ev.DeviceRegistered)
    assert [[remark.code for remark in event.remarks] for event in events] == [remarks]


@pytest.mark.parametrize(
    ("ep", "version", "remarks"),
    [
        ("867724030000225", "1.0", []),
        ("863703030822510", "1.0", [RemarkCode.IMEI_LUHN]),
        ("meter-1", "1.1", [RemarkCode.IMEI_FORM, RemarkCode.VERSION]),
    ],
)
@pytest.mark.parametrize("strict", [False, True])
def test_andlink_has_remarks_too(ep: str, version: str, remarks: list[str], strict: bool) -> None:
    client = Client(observe=(), read=())
    client.platform.strict = strict
    (answer,) = client.register(f"lwm2m={version}", "b=U", "lt=300", ep=ep)
    assert answer.code == (Code.BAD_REQUEST if strict and remarks else Code.CREATED)
    (event,) = [event for event in client.log if isinstance(event, ev.DeviceRegistered | ev.DeviceRefused)]
    assert [remark.code for remark in event.remarks] == remarks
    assert encode(answer)


def test_a_device_has_the_remarks_of_its_last_registration() -> None:
    store = Store.open(":memory:")
    bench = Bench(TelecomPlatform(random.Random(1)), store)
    for version in ("9", "9", "2"):
        payload = base64.b64encode(json.dumps({**GOOD, "REGVER": version}).encode())
        bench.give(bench.request(path=["nb"], content_format=50, payload=payload))
        device = store.device(f"telecom:{IMEI}")
        assert device is not None
        assert device.remarks == ([Remark(RemarkCode.VERSION, "9")] if version == "9" else [])
    told = [line.fields.get("remarks") for line in store.history(f"telecom:{IMEI}", limit=9, offset=0)]
    assert told == [[{"code": "remark-version", "subject": "9"}], None, None], "a remark is news once"
    store.close()


@pytest.mark.parametrize(("language", "said"), [("en", "accepted, but: version «9»"), ("zh", "已接受，但：版本为“9”")])
def test_the_timeline_says_them_in_words(language: str, said: str) -> None:
    (registered,) = report(TelecomPlatform(random.Random(1)), REGVER="9").events(ev.DeviceRegistered)
    assert said in words(registered.code, language, **fields_of(registered))
    assert fold(None, registered)[0] is not None


@pytest.mark.parametrize(("model", "operator", "platform"), [
    ("BC25", "telecom", "telecom"), ("BC25", "unicom", "unicom"), ("BC260Y-CN", "mobile", "cmdmp"),
])  # fmt: skip
def test_our_own_modules_register_at_strict_platforms(model: str, operator: str, platform: str) -> None:
    lab, profile = SimulatedLab(operators=(platform,), strict=(platform,)), PROFILES[model]
    line = switch_line(profile, Operator(operator), enabled=True)
    lab.add_module("meter", profile, Usim.of(Operator(operator), "meter"), settings=[line])
    lab.power_on("meter")
    lab.world.run(3 * 3600)
    device = lab.device(platform, "meter")
    assert device is not None
    assert (device.registrations > 0, device.remarks) == (True, [])
