"""What a model's tables say of its serial line: how long an answer may take, and what it may say by itself.

Knows profiles; knows no line and no clock.
"""

from __future__ import annotations

from nbtwin.at.command import AtError, Form
from nbtwin.at.grammar import body_start, index_of, next_call
from nbtwin.at.refusals import BadParameter
from nbtwin.engine import Seconds
from nbtwin.module.profile import Profile
from nbtwin.profiles.limits import BEYOND_DOCUMENTS, KEYS_PROMISED, NETWORK, PROMISED

SUFFIXES = {Form.TEST: "=?", Form.READ: "?", Form.WRITE: "=", Form.EXECUTE: ""}
_SAID = {"stat": 5, "tac": "1A2B", "ci": "0001A2B3", "act": 9, "mode": 1}


def limits_of(profile: Profile) -> dict[str, Seconds]:
    """By command, or by command and form (``+COPS=?``). What is not there may take `BEYOND_DOCUMENTS`."""
    own = {command.name: PROMISED for command in profile.commands if command.source.startswith("DOC-")}
    keys = {
        command.name: KEYS_PROMISED for command in profile.commands if command.source in ("DOC-E 3.3", "DOC-E 3.15")
    }
    return own | keys | NETWORK


def answer_limit(profile: Profile, line: str) -> Seconds:
    """How long the answer to a command line may take: all of its commands, as far as they can be read."""
    limits, index, total = limits_of(profile), index_of(profile.commands), 0.0
    try:
        position = body_start(line)
        while (call := next_call(index, line, position)) is not None:
            name = call.command.name
            total += limits.get(name + SUFFIXES[call.form], limits.get(name, BEYOND_DOCUMENTS))
            position = call.end
    except (AtError, BadParameter):
        pass
    return total or PROMISED  # ``AT`` alone, and what no module knows


def said_by_itself(profile: Profile) -> tuple[str, ...]:
    """URCs of the radio, as a module says them that roams in a good cell."""
    radio = profile.radio_urcs
    templates = (radio.cereg, radio.cereg_located, radio.cscon, radio.power_saving)
    return tuple(template.format_map(_SAID) for template in templates if template)
