"""What users write: module SPECs, addresses HOST:PORT, and what is wrong with them, in one clear line.

Knows the grammar of SPEC, opens nothing:

    MODEL[,sim=…|,imsi=…|,plmn=…][,iccid=…][,serial=…][,imei=…][,firmware=…][,vendor=…][,name=…]
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from nbtwin.engine import Address, Seconds
from nbtwin.module.identity import ANY_CARD, CardNumbers, Usim
from nbtwin.module.profile import Profile, UnknownModel
from nbtwin.runtime.errors import SpecError, UsageRefusal, WrongUsage
from nbtwin.selfreg.schedule import Operator

KEYS = ("sim", "imsi", "iccid", "plmn", "serial", "imei", "firmware", "vendor", "name")
LONGEST_MODEL = 20
"""Characters of a vendor's code, a hyphen and a model (docs/spec/wire.md, Telecom and Unicom)."""
SIMS = (*(str(operator) for operator in Operator), "none")


@dataclass(frozen=True)
class Serial:
    """Where the module's serial line comes out: a PTY (no address), or a TCP port on this machine."""

    kind: str  # "pty", "tcp" or "rfc2217"
    address: Address | None = None


@dataclass(frozen=True)
class ModuleSpec:
    """One --module of the command line. None: left to the default."""

    profile: Profile
    operator: Operator | None = Operator.MOBILE
    serial: Serial = Serial("pty")
    imei: str | None = None
    firmware: str | None = None
    name: str | None = None
    card: CardNumbers = ANY_CARD

    def usim(self, name: str) -> Usim | None:
        """The card in a module of this name; None: no card."""
        return self.card.usim(self.operator, name)


def parse_spec(text: str) -> ModuleSpec:
    """Raises WrongUsage with the reason, behind the whole SPEC."""
    where = f"--module {text}"
    model, *rest = (part.strip() for part in text.split(","))
    values: dict[str, str] = {}
    for part in rest:
        key, equals, value = part.partition("=")
        if not equals or key not in KEYS:
            raise WrongUsage(UsageRefusal.NONE_OF, where, value=part, known=[f"{key}=…" for key in KEYS])
        if key in values:
            raise WrongUsage(UsageRefusal.GIVEN_TWICE, where, key=key)
        if not value:
            raise WrongUsage(UsageRefusal.EMPTY, where, key=key)
        values[key] = value
    try:
        return module_spec(model, **values)
    except (SpecError, UnknownModel) as error:
        raise WrongUsage.of(error, where) from None


def module_spec(
    model: str,
    *,
    sim: str | None = None,
    imsi: str | None = None,
    iccid: str | None = None,
    plmn: str | None = None,
    serial: str = "pty",
    imei: str | None = None,
    firmware: str | None = None,
    vendor: str | None = None,
    name: str | None = None,
) -> ModuleSpec:
    """From its parts, each as in a SPEC; SpecError, or UnknownModel."""
    return ModuleSpec(
        profile=profile_of(model, vendor),
        operator=_operator(sim or "mobile"),
        card=card_numbers(sim, imsi, iccid, plmn),
        serial=parse_serial(serial),
        imei=_imei(imei),
        firmware=firmware,
        name=_name(name),
    )


def find_model(name: str) -> Profile:
    """Raises WrongUsage that lists the models there are."""
    try:
        return _profile(name)
    except UnknownModel as error:
        raise WrongUsage.of(error) from None


def profile_of(model: str, vendor: str | None = None) -> Profile:
    """A model, and the vendor's code that it tells Telecom and Unicom; SpecError, or UnknownModel."""
    profile = _profile(model)
    if vendor is None:
        return profile
    if not (vendor.isascii() and vendor.isalnum() and len(f"{vendor}-{profile.model}") <= LONGEST_MODEL):
        raise SpecError(UsageRefusal.VENDOR, "vendor", value=vendor, most=LONGEST_MODEL - 1 - len(profile.model))
    return replace(profile, vendor_code=vendor)


def _profile(name: str) -> Profile:
    from nbtwin.profiles.models import PROFILES

    return PROFILES.find(name)


def _operator(text: str) -> Operator | None:
    if text not in SIMS:
        raise SpecError(UsageRefusal.NONE_OF, "sim", value=text, known=list(SIMS))
    return None if text == "none" else Operator(text)


def card_numbers(sim: str | None, imsi: str | None, iccid: str | None, plmn: str | None) -> CardNumbers:
    """An IMSI, a PLMN and an operator are three ways to say whose card it is: one of them. Without any, its ICCID."""
    given = [key for key, value in (("sim", sim), ("imsi", imsi), ("plmn", plmn)) if value is not None]
    if len(given) > 1 or (sim == "none" and iccid is not None):
        raise SpecError(UsageRefusal.CARD_TWICE, given[-1], known=given)
    for key, text, lengths in (("imsi", imsi, (15,)), ("iccid", iccid, (19, 20)), ("plmn", plmn, (5, 6))):
        if text is not None and not (text.isascii() and text.isdigit() and len(text) in lengths):
            raise SpecError(UsageRefusal.DIGITS, key, value=text, known=list(map(str, lengths)))
    return CardNumbers(imsi, iccid, plmn, by_iccid=not given)


def parse_serial(text: str) -> Serial:
    """SpecError for what is none."""
    kind, _, address = text.partition(":")
    if kind == "pty" and not address:
        return Serial("pty")
    if kind in ("tcp", "rfc2217"):
        return Serial(kind, _address(address))
    raise SpecError(UsageRefusal.NONE_OF, "serial", value=text, known=["pty", "tcp:HOST:PORT", "rfc2217:HOST:PORT"])


def _imei(text: str | None) -> str | None:
    if text is not None and not (text.isascii() and text.isdigit() and len(text) == 15):
        raise SpecError(UsageRefusal.IMEI, "imei", value=text)
    return text


def _name(text: str | None) -> str | None:
    """It is part of addresses and paths, where "." and ".." mean something else."""
    if text is not None and (text in (".", "..") or not all(letter.isalnum() or letter in "._-" for letter in text)):
        raise SpecError(UsageRefusal.NAME, "name", value=text)
    return text


def parse_address(text: str, option: str) -> Address:
    """HOST:PORT for an option of that name; port 0 lets the system choose."""
    try:
        return _address(text)
    except SpecError as error:
        raise WrongUsage.of(error, option) from None


def parse_history(text: str | None, option: str = "--history") -> tuple[Seconds | None, int | None]:
    """``90d``, ``90d,1000`` or ``,1000``: how old history may get, and how many lines of it a device has."""
    from nbtwin.timeline.span import SpanError, parse_span

    if text is None:
        return None, None
    span, _, lines = (part.strip() for part in text.partition(","))
    if lines and not lines.isdigit():
        raise WrongUsage(UsageRefusal.LINES, option, value=lines)
    try:
        return (parse_span(span) if span else None), (int(lines) if lines else None)
    except SpanError as error:
        raise WrongUsage.of(error, option) from None


def parse_patience(text: str | None, option: str = "--patience") -> Seconds | None:
    """``2s``: how long ``advance`` waits for each answer from outside the lab."""
    from nbtwin.timeline.span import SpanError, parse_span

    try:
        return None if text is None else parse_span(text)
    except SpanError as error:
        raise WrongUsage.of(error, option) from None


def parse_zone(text: str | None, option: str = "--zone") -> str | None:
    """``UTC``, ``+08:00``, ``Asia/Shanghai``: in which times are shown (D196)."""
    from nbtwin.timeline.clock import zone_of

    try:
        if text is not None:
            zone_of(text)
    except ValueError:
        raise WrongUsage(UsageRefusal.ZONE, option, value=text) from None
    return text


def parse_size(text: str, option: str) -> int:
    """``500000``, ``64M``, ``2G``: bytes; K, M and G are powers of 1024."""
    number, unit = (text[:-1], text[-1].upper()) if text[-1:].upper() in _UNITS else (text, "")
    if not (number.isascii() and number.isdigit()):
        raise WrongUsage(UsageRefusal.SIZE, option, value=text)
    return int(number) * _UNITS.get(unit, 1)


_UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


def _address(text: str) -> Address:
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdigit() or int(port) > 65535:
        raise SpecError(UsageRefusal.ADDRESS, value=text)
    import ipaddress

    host = "127.0.0.1" if host == "localhost" else host.strip("[]")
    try:
        ipaddress.ip_address(host)
    except ValueError:
        raise SpecError(UsageRefusal.ADDRESS_HOST, value=text) from None
    return host, int(port)


def parse_host(text: str, option: str) -> str:
    """An IP address of this machine, or localhost."""
    return parse_address(f"{text}:0", option)[0]


def parse_ports(text: str, host: str) -> dict[str, Address]:
    """``cmdmp=5683,…`` as where each platform listens."""
    found: dict[str, Address] = {}
    for part in filter(None, text.split(",")):
        operator, equals, port = part.partition("=")
        if not equals or not port.isdigit() or int(port) > 65535:
            raise WrongUsage(UsageRefusal.PORT_OF_OPERATOR, "--ports", value=part)
        found[operator] = (host, int(port))
    return found
