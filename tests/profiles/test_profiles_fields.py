"""Every value of every profile matters: with another one in its place the model is seen to be another one.

A value is read by the product, or it does not stand in a profile. What is looked at is in profiles_observed.py: lines,
starts, datagrams, `explain`; never a page that is generated from the profile itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from itertools import zip_longest
from typing import Any

import pytest
from profiles_observed import LOOKS, Look

from nbtwin.engine import DAY
from nbtwin.module.internet.dialect import announce_nothing
from nbtwin.module.profile import Credentials, Profile, Switch
from nbtwin.profiles.models import PROFILES
from nbtwin.selfreg.schedule import Operator

SAID_OF_IT = {"documents", "known"}  # where the rest comes from: shown by the API and the fidelity pages, no behaviour
WHOLE = {"errors.texts"}  # changed all at once: no model can be brought to say each of them
CAN_COME = {
    "switch",
    "domain",
    "quirk_from",
    "update_every",
    "no_usim",
    "no_network",
    *("bad_parameter", "not_supported", "aborted"),
}
REMOVABLE = {"families", "gates", "schedules", "extended.values", "everyday.configuration"}
ONLY_REMOVED = {"families", "gates"}  # rows of commands: tests/commands
EMPTY = {
    "boot.urcs": ("+X",),
    "qi.test_state": ("+X",),
    "qi.options": ("viewmode",),
    "boot.silent_causes": ("REBOOT_CAUSE_UNKNOWN",),
    "switch.on_up_to": ("BC260YCNAAR01A09",),
}
OTHERS: dict[str, tuple[Any, ...]] = {  # where a value cannot be changed by its type alone
    "cmdmp.domain": ("other.example",),
    "cmdmp.default_server": ("198.51.100.77",),
    "cmdmp.default_mode": (0,),
    "cmdmp.credentials": (Credentials("M100000001", "another-password", 2),),
    "cmee_default": (0, 1),
    "announces": (announce_nothing,),
    "mqtt.versions": ({0: 4, 1: 3},),
    "everyday.no_usim": (13,),
    "everyday.ping_command": ("+NPING", "+QPING"),
    "everyday.no_network": (331,),
    "switch": (Switch("+QOTHER", "DOC-C 3.2.1", tuple(Operator)),),
    "switch.operators": ((),),
    "switch.quirk_from": (None, ("BC25PAR01A03", "BC25PAR01A04")),
    "errors.bad_parameter": (77,),
    "errors.not_supported": (78,),
    "errors.aborted": (79,),
    "errors.cmee_modes": ((0, 1), (0, 1, 2)),
    "update_every": (DAY,),
}
SILENT = {"boot.causes": PROFILES["BC28"].boot.causes}
WITH: dict[str, dict[str, Any]] = {  # a value that another one of the profile makes mute is looked at beside this one
    "boot.causes": {"boot.reports_cause": True},
    "boot.reports_cause": SILENT,
    "boot.silent_causes": {"boot.reports_cause": True, **SILENT},
    "andlink": {"families": PROFILES["BC28"].families},
    "cmdmp.blank_keeps": {"cmdmp.period_needs_server": False},
    "cmdmp.credentials": {"schedules": PROFILES["BC25"].schedules},
    "cmdmp.domain": {"schedules": PROFILES["BC25"].schedules},
    "schedules.telecom.retry_wakes_module": {"schedules.telecom.sleep_ends_retries": False},
    "manufacturer": {"schedules": PROFILES["BC25"].schedules},
    "vendor_code": {"schedules": PROFILES["BC25"].schedules},
    "schedules.telecom.update_wakes_module": {"schedules.telecom.update_every": DAY},
    "cmdmp.plmns": {"cmdmp.parameters": {**PROFILES["BC28"].cmdmp.parameters}},
    "errors.texts": {"errors.cmee_modes": (0, 1, 2)},
}


REMOVED = object()
Steps = tuple[Any, ...]
"""The way from a profile to a value: names of fields, keys, indices."""


def changes(value: Any, steps: Steps = ()) -> Iterator[tuple[Steps, Any]]:
    """Where something can be changed, and what then stands there."""
    path = path_of(steps)
    others = OTHERS.get(path, OTHERS.get(path.rpartition(".")[2]))
    if others is not None:
        yield from ((steps, other) for other in others if other != value)
    if is_dataclass(value):
        for field in fields(value):
            there = getattr(value, field.name) is not None or field.name in CAN_COME
            if field.init and there and field.name not in SAID_OF_IT:
                yield from changes(getattr(value, field.name), (*steps, field.name))
    elif others is not None:
        return
    elif path in WHOLE:
        yield steps, {key: f"{item}X" for key, item in value.items()}
    elif isinstance(value, Mapping | tuple):
        yield from changes_within(value, steps)
    else:
        yield steps, another(path, value)


def changes_within(value: Mapping[Any, Any] | tuple[Any, ...], steps: Steps) -> Iterator[tuple[Steps, Any]]:
    if not value:
        if path_of(steps) in EMPTY:
            yield steps, EMPTY[path_of(steps)]
        return
    for key, item in value.items() if isinstance(value, Mapping) else enumerate(value):
        if path_of(steps) in REMOVABLE and isinstance(steps[-1], str):
            yield (*steps, key), REMOVED
        if path_of(steps) not in ONLY_REMOVED:
            yield from changes(item, (*steps, key))


def path_of(steps: Steps) -> str:
    """By the names of fields and the keys of schedules: everything else of one mapping or tuple is alike."""
    return ".".join(str(step) for step in steps if isinstance(step, str))


def changed(value: Any, steps: Steps, new: Any) -> Any:
    """The same with the value at the end of these steps in place of what was there."""
    if not steps:
        return new
    step, *rest = steps
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{step: changed(getattr(value, step), tuple(rest), new)})
    whole = dict(value.items() if isinstance(value, Mapping) else enumerate(value))
    below = changed(whole.pop(step), tuple(rest), new)
    kept = whole if below is REMOVED else {**whole, step: below}
    return kept if isinstance(value, Mapping) else tuple(kept[index] for index in sorted(kept))


def another(path: str, value: Any) -> Any:
    """Another value of the same type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    assert isinstance(value, str), f"what else could {path} be than {value!r}?"
    return f"{value[:-1]}{(int(value[-1]) + 1) % 10}" if value[-1:].isdigit() else f"{value}X"


def beside(path: str, profile: Profile) -> Profile:
    """With what has to be there for this value to count."""
    for name, given in WITH.items():
        if path.startswith(name):
            for where, value in given.items():
                profile = changed(profile, tuple(where.split(".")), value)
    return profile


class Eyes:
    """Looks at profiles beside one, which it looks at once."""

    def __init__(self) -> None:
        self._known: dict[tuple[Look, int], tuple[Profile, list[Any]]] = {}

    def see(self, path: str, before: Profile, after: Profile) -> bool:
        """Whether the two are told apart."""
        looks = next(looks for name, looks in LOOKS.items() if path.startswith(name))
        return any(
            one != other for look in looks for one, other in zip_longest(self._seen(look, before), look(before, after))
        )

    def _seen(self, look: Look, profile: Profile) -> list[Any]:
        key = look, id(profile)
        if key not in self._known:
            self._known[key] = profile, list(look(profile, profile))
        return self._known[key][1]


def part_of(profile: Profile, steps: Steps) -> Any:
    """The part that several models may share: a dialect, a boot, a schedule."""
    part = getattr(profile, steps[0])
    return part[steps[1]] if steps[0] == "schedules" and len(steps) > 2 else part


def first_with(part: Any, model: str) -> str:
    if not is_dataclass(part):
        return model
    there = ((name, getattr(profile, field.name)) for name, profile in PROFILES.items() for field in fields(profile))
    return next(
        name
        for name, value in there
        if value is part or (isinstance(value, Mapping) and any(part is item for item in value.values()))
    )


@pytest.mark.parametrize("model", PROFILES)
def test_every_value_of_a_profile_makes_a_difference_that_can_be_seen(model: str) -> None:
    mute, eyes = [], Eyes()
    for steps, new in changes(PROFILES[model]):
        if first_with(part_of(PROFILES[model], steps), model) != model:
            continue  # one and the same object: looked at there
        path = path_of(steps)
        before = beside(path, PROFILES[model])
        if not eyes.see(path, before, changed(before, steps, new)):
            mute.append((*steps, "removed" if new is REMOVED else new))
    assert mute == [], "\n".join(map(str, mute))


@pytest.mark.parametrize("model", ["BC28", "BC260Y-CN", "BC25"])
def test_a_profile_that_was_not_changed_is_seen_to_be_the_same(model: str) -> None:
    """Else everything would make a difference."""
    profile, eyes = PROFILES[model], Eyes()
    assert [path for path in LOOKS if eyes.see(path, profile, replace(profile))] == []
