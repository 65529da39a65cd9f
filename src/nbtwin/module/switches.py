"""Whether self-registration is on: the two switches of DOC-C and DOC-D and their firmware-dependent defaults.

Knows firmware version names; knows no command.
"""

from __future__ import annotations

import re

from nbtwin.module.profile import Switch
from nbtwin.module.settings import Saved
from nbtwin.selfreg.schedule import Operator

_VERSION = re.compile(r"(?P<line>.*?R)(?P<revision>\d+)A(?P<build>\d+)(?P<variant>_\w+)?")


def version_key(firmware: str) -> tuple[str, str, int, int] | None:
    """``BC25PAR01A03_BT`` as (line, variant, revision, build); versions compare only within line and variant."""
    match = _VERSION.fullmatch(firmware)
    if match is None:
        return None
    return match["line"], match["variant"] or "", int(match["revision"]), int(match["build"])


def not_after(firmware: str, last: str) -> bool:
    """Whether ``firmware`` is ``last`` or an earlier version of the same line and variant."""
    this, that = version_key(firmware), version_key(last)
    return this is not None and that is not None and this[:2] == that[:2] and this[2:] <= that[2:]


def default_of(switch: Switch, firmware: str) -> int:
    """1 up to and including the versions of DOC-D table 1, else 0 (D29, D40)."""
    return int(any(not_after(firmware, last) for last in switch.on_up_to))


def remembered(switch: Switch | None, before: str | None, present: str) -> str:
    """The version to keep in mind at an update from ``present``: one that the note of DOC-C 3.2.1 names stays (D64)."""
    if switch is not None and switch.quirk_from is not None and before is not None:
        last_before, _ = switch.quirk_from
        if not_after(before, last_before):
            return before
    return present


def is_on(switch: Switch | None, saved: Saved, firmware: str, operator: Operator) -> bool:
    """Whether the settings let the module register itself with this operator.

    An operator that no switch names is not held back by one: DOC-C's switch is for Telecom alone (3.2.1),
    DOC-D's is the master of all three (D10). A model is only ever registered with the operators it has schedules for.
    """
    if switch is None or operator not in switch.operators:
        return True
    chosen = saved.telecom_enabled if switch.quirk_from is not None else saved.self_register
    return bool(default_of(switch, firmware) if chosen is None else chosen)
