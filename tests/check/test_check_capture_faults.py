"""A capture with a seeded fault is judged right: the fault is found and nothing else (D191 to D193)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import check_captures as make
import pytest

from nbtwin.check.capture.judge import judge
from nbtwin.coap.message import Message
from nbtwin.coap.numbers import Code, OptionNumber, Type
from nbtwin.engine import DAY, HOUR
from nbtwin.profiles.models import profile
from nbtwin.selfreg.schedule import Operator, RoundSchedule

HOST, PATH, FORMAT = OptionNumber.URI_HOST, OptionNumber.URI_PATH, OptionNumber.CONTENT_FORMAT


@cache
def clean(name: str) -> tuple[str, str, tuple[make.Entry, ...]]:
    """Model, operator, and what was captured of a module that does as its document says."""
    model, operator, sim, until, faults = {
        "telecom": ("BC25", "telecom", "telecom", 2 * HOUR, ()),
        "telecom-down": ("BC25", "telecom", "telecom", 5 * HOUR, ("silence,destination=telecom,end=90min",)),
        "telecom-c": ("BC260Y-CN", "telecom", "telecom", 5 * HOUR, ("silence,destination=telecom",)),
        "unicom": ("BC25", "unicom", "unicom", 95 * DAY, ()),
        "mobile": ("BC260Y-CN", "mobile", "mobile", 4 * DAY, ()),
        "mobile-a": ("BC28", "mobile", "mobile", 4 * DAY, ()),
        "mobile-down": ("BC260Y-CN", "mobile", "mobile", HOUR, ("silence,destination=cmdmp",)),
        "mobile-lost": ("BC260Y-CN", "mobile", "mobile", 4 * DAY, ("silence,destination=cmdmp,start=1d,end=1d1h",)),
        "andlink": ("BC28", "andlink", "mobile", 3 * DAY, ()),
        "andlink-down": ("BC28", "andlink", "mobile", 2 * HOUR, ("silence,destination=andlink",)),
    }[name]
    return model, operator, tuple(make.captured(model, sim, until, faults=faults))


@pytest.mark.parametrize(
    "name",
    [
        "telecom", "telecom-down", "telecom-c", "unicom", "mobile", "mobile-a", "mobile-down", "mobile-lost", "andlink",
        "andlink-down",
    ],
)  # fmt: skip
def test_nothing_is_found_in_a_capture_of_a_module_as_its_document_has_it(name: str) -> None:
    model, operator, entries = clean(name)
    judgement = make.judged(list(entries), model, operator)
    assert make.codes(judgement) == []
    assert judgement.modules[0].slots
    assert judgement.passed


Seeding = Callable[[make.Entries], make.Entries]


def seeded(seeding: Callable[..., make.Entries], *arguments: object) -> Seeding:
    return lambda entries: seeding(entries, *arguments)


def letter(message: Message) -> Message:
    """The first letter of the payload is lost."""
    return make.with_(payload=message.payload[1:])(message)


FAULTS: list[tuple[str, str, Seeding, list[str]]] = [
    # the schedule
    ("telecom-down", "the third packet is dropped", seeded(make.dropped, 2), ["missing"]),
    ("telecom-down", "it stops after two packets", lambda entries: make.dropped(entries, 2, count=3), ["stopped"]),
    ("telecom-down", "the second packet is late", seeded(make.shifted, 1, 1.2), ["late"]),
    ("telecom-down", "the fourth packet is early", seeded(make.shifted, 3, -2.0), ["early"]),
    ("telecom-down", "a sixth packet", lambda entries: make.again(entries, 4, 40.0), ["too-many"]),
    ("telecom-down", "the second round is late", seeded(make.delayed, 5, 60.0), ["late"]),
    ("telecom-down", "another token again", seeded(make.changed, 2, make.with_(token=b"zz")), ["changed"]),
    ("telecom-down", "a new message instead", seeded(make.changed, 2, make.renumbered), ["new-message"]),
    ("telecom", "registered twice", lambda entries: make.again(entries, 0, 600.0, make.renumbered), ["not-due"]),
    ("unicom", "the first 30-day update is missed", seeded(make.dropped, 1), ["missing"]),
    ("unicom", "an update comes half a day late", seeded(make.shifted, 3, 0.5 * DAY), ["late"]),
    ("unicom", "an update comes two days early", seeded(make.shifted, 3, -2 * DAY), ["not-due"]),
    ("unicom", "registered twice", lambda entries: make.again(entries, 0, DAY, make.renumbered), ["not-due"]),
    ("mobile", "a daily update is missed", seeded(make.dropped, 2), ["missing"]),
    ("mobile", "an update comes an hour late", seeded(make.shifted, 3, HOUR / 2), ["late"]),
    ("mobile", "an update that nothing asks for", lambda e: make.again(e, 1, HOUR, make.renumbered), ["not-due"]),
    ("mobile", "registered twice at once", lambda e: make.again(e, 0, 0.5, make.renumbered), ["not-due"]),
    ("mobile-lost", "the last packet of an update is dropped", seeded(make.dropped, 6), ["missing"]),
    ("mobile-down", "a seventh packet", lambda entries: make.again(entries, 5, 66.0), ["too-many"]),
    ("andlink", "an update is missed", seeded(make.dropped, 2), ["missing"]),
    ("andlink", "an update comes late", seeded(make.delayed, 2, 400.0), ["late"]),
    ("andlink-down", "a pause is too long", seeded(make.shifted, 5, 20.0), ["late"]),
    # the form
    ("telecom", "a wrong check digit", seeded(make.changed, 0, make.member("MEID", "863703031270860")), ["remark"]),
    ("telecom", "no ICCID", seeded(make.changed, 0, make.member("SIM1ICCID", None)), ["remark"]),
    ("telecom", "another path", seeded(make.changed, 0, make.option(PATH, b"nc")), ["refused"]),
    ("telecom", "another host", seeded(make.changed, 0, make.option(HOST, b"zzhc.example")), ["part"]),
    ("telecom", "no content format", seeded(make.changed, 0, make.option(FORMAT)), ["remark"]),
    ("telecom", "version 1 of the format", seeded(make.changed, 0, make.member("REGVER", "1")), ["remark"]),
    ("telecom", "the model of another module", seeded(make.changed, 0, make.member("MODEL", "QUE-BC26")), ["part"]),
    ("telecom", "a long model", seeded(make.changed, 0, make.member("MODEL", "QUECTEL-BC25-AND-MORE")), ["remark"]),
    ("telecom", "a letter of the payload is missing", seeded(make.changed, 0, letter), ["refused"]),
    ("telecom", "it is not confirmable", seeded(make.changed, 0, make.with_(type=Type.NON)), ["type"]),
    ("telecom", "it is a PUT", seeded(make.changed, 0, make.with_(code=Code.PUT)), ["part"]),
    ("unicom", "the member MODEL", seeded(make.changed, 0, lambda m: renamed(m)), ["remark"]),
    ("unicom", "Telecom's path", seeded(make.changed, 0, make.option(PATH, b"nb")), ["remark"]),
    ("unicom", "a further member", seeded(make.changed, 0, make.member("MAC", "00")), ["remark"]),
    ("mobile", "another binding", seeded(make.changed, 0, make.query("b", "UQ")), ["part"]),
    ("mobile", "no version of LwM2M", seeded(make.changed, 0, make.query("lwm2m", None)), ["part"]),
    ("mobile", "a damaged ciphertext", seeded(make.changed, 0, lambda m: damaged(m)), ["refused"]),
    ("mobile", "another link list", seeded(make.changed, 0, make.with_(payload=b"</1/0>,</3/0>")), ["part"]),
    ("mobile", "a host option", seeded(make.changed, 0, make.option(HOST, b"m.fxltsbl.com")), ["part"]),
    ("mobile", "an update with ep", seeded(make.changed, 1, lambda m: make.option(15, b"ep=x")(m)), ["part"]),
    ("andlink", "the IMEI has 14 digits", seeded(make.changed, 0, make.query("ep", "86772403000022")), ["remark"]),
    ("andlink", "LwM2M 1.1", seeded(make.changed, 0, make.query("lwm2m", "1.1")), ["remark"]),
    ("andlink", "no content format", seeded(make.changed, 0, make.option(FORMAT)), ["part"]),
]  # fmt: skip


def renamed(message: Message) -> Message:
    import base64

    payload = base64.b64encode(base64.b64decode(message.payload).replace(b"MODELSMS", b"MODEL"))
    return make.with_(payload=payload)(message)


def damaged(message: Message) -> Message:
    """One character of the ciphertext is another: the padding no longer fits."""
    text = next(text for text in message.query if text.startswith("ep="))[3:]
    parts = text.split("@#@")
    parts[1] = parts[1][:-8] + ("A" if parts[1][-8] != "A" else "B") + parts[1][-7:]
    return make.query("ep", "@#@".join(parts))(message)


@pytest.mark.parametrize(("name", "fault", "seeding", "expected"), FAULTS, ids=[f"{n}: {f}" for n, f, *_ in FAULTS])
def test_the_fault_is_found_and_nothing_else(name: str, fault: str, seeding: Seeding, expected: list[str]) -> None:
    model, operator, entries = clean(name)
    assert make.codes(make.judged(seeding(list(entries)), model, operator)) == expected


def test_a_module_with_another_schedule_is_told_so_once_a_message() -> None:
    made = profile("BC25")
    wrong = replace(
        made, schedules={**made.schedules, Operator.TELECOM: RoundSchedule(waits=(2, 4, 8, 16, 32), rounds=3)}
    )
    entries = make.captured(wrong, "telecom", HOUR, faults=["silence,destination=telecom"])
    judgement = make.judged(entries, "BC25", "telecom")
    assert make.codes(judgement) == ["spacing"]
    (found,) = judgement.modules[0].findings
    assert found.fields["found"] == [0, 2, 6, 14, 30]
    assert found.fields["expected"] == [0, 3, 9, 21, 45]


def test_a_module_with_one_round_too_few_is_missing_the_others() -> None:
    made = profile("BC25")
    wrong = replace(made, schedules={Operator.TELECOM: RoundSchedule(waits=(3, 6, 12, 24, 48), rounds=1)})
    entries = make.captured(wrong, "telecom", 2 * HOUR, faults=["silence,destination=telecom"])
    later = clean("mobile")[2][-1]  # the capture goes on
    assert make.codes(make.judged([*entries, later], "BC25", "telecom")) == ["missing"]


def test_a_wrong_checksum_is_found() -> None:
    model, operator, entries = clean("telecom")
    data = bytearray(make.written(list(entries)))
    port = data.index((5683).to_bytes(2, "big"))
    data[port + 5] ^= 0xFF  # behind the length, the checksum's second byte
    assert make.codes(judge(bytes(data), make.asking(model, operator))) == ["checksum"]
