"""A profile as a host sees it: the dialect of its serial line, the words of its errors. The one place where the driver
meets the models' tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from nbtwin.at.command import Command, Form
from nbtwin.at.grammar import index_of
from nbtwin.host.dialect import HostDialect
from nbtwin.host.driver import error_number
from nbtwin.lab.line_tables import limits_of
from nbtwin.module.profile import Profile
from nbtwin.profiles.limits import BEYOND_DOCUMENTS
from nbtwin.profiles.models import PROFILES

_ANY, _NUMBER = '"?[^",]*"?', r"-?\d+"
_NUMBERS = ("stat", "mode", "act")
ANDLINK_URCS = (  # DOC-E 3.5 to 3.12, 4.1 to 4.3
    r"\+QLAEVTIND: ?\d+", r"\+QLADTLSSTAT: ?\d+", r"\+QLADATASTATUS: ?\d+", r"\+QLAWRITE: ?.*", r"\+QLAREAD: ?.*",
    r"\+QLAOBSERVE: ?.*", r"\+QLAEXECUTE: ?.*", "REGISTERNOTIFY", "FIRMWARE .*",
)  # fmt: skip
RADIO_URCS = (  # 27.007, of any firmware that has more of it switched on
    r"\+CGEV: ?.*", r"\+CEREG: ?\d(?:,\"?[0-9A-Fa-f]*\"?,\"?[0-9A-Fa-f]*\"?,\d*(?:,.*)?)?", r"\+CSCON: ?[01]",
    r"\+CTZ[VE]U?: ?.*", r"\+NPSMR: ?[01]", r"\+IP: ?.*",
)  # fmt: skip
LOCATED = r"(?:,\"?[0-9A-Fa-f]*\"?,\"?[0-9A-Fa-f]*\"?,\d*(?:,.*)?)?"


def dialect_of(profile: Profile) -> HostDialect:
    """What a driver is told of a model."""
    return HostDialect(
        urcs=tuple(dict.fromkeys(_urcs(profile))),
        claims=_claims(profile.commands),
        limits=limits_of(profile),
        usual_limit=BEYOND_DOCUMENTS,
        index=index_of(profile.commands),
    )


@lru_cache(maxsize=1)
def any_dialect() -> HostDialect:
    """For a module that nobody has named yet: what any model may say. Its commands are not known."""
    all_of_them = [dialect_of(profile) for profile in PROFILES.values()]
    claims = {name: forms for each in all_of_them for name, forms in each.claims.items()}
    return HostDialect(tuple(dict.fromkeys(urc for each in all_of_them for urc in each.urcs)), claims, usual_limit=10.0)


def _urcs(profile: Profile) -> Iterator[str]:
    yield from RADIO_URCS
    radio, boot = profile.radio_urcs, profile.boot
    said = (radio.cereg, radio.cereg_located, radio.cscon, *radio.time_zone, radio.address, radio.power_saving)
    yield from map(_pattern, filter(None, (*said, *boot.urcs, boot.usim_urc)))
    ping = re.escape(profile.everyday.ping_command)
    yield rf"{ping}: ?.*"
    yield rf"{ping}ERR: ?\d+"
    if profile.andlink:
        yield from ANDLINK_URCS


def _pattern(template: str) -> str:
    """``+CEREG:{stat}``: with or without the space that families differ in (D1)."""
    parts = re.split(r"(\{\w+\})", template)
    made = [_place(part[1:-1]) if part.startswith("{") else re.escape(part) for part in parts]
    text = "".join(made)
    return re.sub(r"\d+$", r"\\d+", text).replace(":\\ ", ": ?").replace(":", ": ?", 1).replace(": ? ?", ": ?")


def _place(name: str) -> str:
    if name in _NUMBERS:
        return _NUMBER
    if name in ("tac", "ci"):
        return "[0-9A-Fa-f]*"
    return ".*" if name == "pin" else '[^"]*'


def _claims(commands: Iterable[Command]) -> dict[str, dict[Form, str]]:
    """What commands answer whose name begins a URC: with the number of the mode in front of what the URC says, or the
    same."""
    shapes = {
        "+CEREG": {Form.READ: rf"\+CEREG: ?\d,\d{LOCATED}"},
        "+CSCON": {Form.READ: r"\+CSCON: ?[01],[01]"},
        "+NPSMR": {Form.READ: r"\+NPSMR: ?[01](?:,[01])?"},
        "+CFUN": {Form.READ: r"\+CFUN: ?\d+"},
        "+CPIN": {Form.READ: r"\+CPIN: ?.*"},
        "+QLADTLSSTAT": {Form.READ: r"\+QLADTLSSTAT: ?\d+"},
        "+QLADATASTATUS": {Form.READ: r"\+QLADATASTATUS: ?\d+"},
        "+QPING": {},
        "+NPING": {},
    }  # fmt: skip
    test = {name: rf"\{name}: ?\(.*" for name in shapes}
    names = {command.name for command in commands}
    return {name: {Form.TEST: test[name], **forms} for name, forms in shapes.items() if name in names}


def error_of(profile: Profile, final: str) -> tuple[int | None, str]:
    """The number and the text of +CME ERROR, whichever of them the module gave, from the model's table."""
    number, texts = error_number(final), profile.errors.texts
    if number is not None:
        return number, texts.get(number, "")
    said = final.removeprefix("+CME ERROR:").strip() if final.startswith("+CME ERROR:") else ""
    return next((code for code, text in texts.items() if text == said), None), said


def model_in(said: str) -> Profile | None:
    """The model of the longest name in the text: BC260Y-CN is none of the BC26."""
    text = _plain(said)
    names = sorted(PROFILES, key=len, reverse=True)
    return next((PROFILES[name] for name in names if _plain(name) in text), None)


def _plain(text: str) -> str:
    return re.sub(r"[^A-Z0-9.]", "", text.upper())
