"""The values that stand in a scenario file: spans, ranges, cards, codes, faults, each read from what YAML makes of it.

Knows how people write them and what YAML 1.1 does to that; knows no scenario.
"""

from __future__ import annotations

import math
import re
from typing import Any, Literal

import msgspec

from nbtwin.engine import Seconds
from nbtwin.foreign import detail_of
from nbtwin.lab.errors import error_code
from nbtwin.lab.faults import Fault, FaultError, FaultRefusal
from nbtwin.module.identity import ANY_CARD, CardNumbers, Usim
from nbtwin.module.settings import Saved
from nbtwin.runtime.spec import card_numbers
from nbtwin.scenario.refusals import ScenarioError, ScenarioRefusal
from nbtwin.selfreg.cmdmp import DmpState
from nbtwin.selfreg.schedule import Operator
from nbtwin.timeline.clock import format_span
from nbtwin.timeline.span import SpanError, SpanRefusal, parse_span

_RANGE = re.compile(r"(?P<low>[^.]*(?:\.\d[^.]*)?)\.\.(?P<high>.*)")
NOBODYS = "none"
_POWERS = ["off", "booting", "asleep", "on"]


class Span:
    """Seconds, written ``90``, ``1.5h``, ``1d 4h``."""

    __slots__ = ("seconds",)

    def __init__(self, seconds: Seconds) -> None:
        self.seconds = seconds

    @classmethod
    def read(cls, value: Any) -> Span:
        return cls(_seconds(value))


class Range:
    """``3``, ``3..5``, ``3..``, ``..5``: both ends belong to it. ``of``: what is counted, for the wording."""

    __slots__ = ("high", "low")

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high = low, high

    @classmethod
    def read(cls, value: Any) -> Range:
        return cls(*_ends(value, _number))

    def __contains__(self, value: float) -> bool:
        return self.low - 1e-6 <= value <= self.high + 1e-6

    def show(self, value: float) -> str:
        return f"{value:g}" if abs(value) < 1e6 else f"{value:.0f}"

    @property
    def form(self) -> Literal["exact", "at-least", "at-most", "between"]:
        if self.low == self.high:
            return "exact"
        if self.high == math.inf:
            return "at-least"
        return "at-most" if self.low == -math.inf else "between"

    def as_dict(self) -> dict[str, float | None]:
        """JSON has no infinity: an open end is None."""
        return {
            "low": None if self.low == -math.inf else self.low,
            "high": None if self.high == math.inf else self.high,
        }


class SpanRange(Range):
    """The same of spans: ``30s``, ``10min..1h``."""

    __slots__ = ()

    @classmethod
    def read(cls, value: Any) -> SpanRange:
        return cls(*_ends(value, _seconds))

    def show(self, value: float) -> str:
        return format_span(value)


class CardValue:
    """A USIM: ``mobile``, ``telecom``, ``unicom`` with an optional name (``telecom:spare``), or ``none``; or its
    numbers, ``imsi=…`` or ``plmn=…``, ``iccid=…``, with commas between.

    Cards of the same operator and name are the same card; without a name it is the module's own.
    """

    __slots__ = ("name", "numbers", "operator")

    def __init__(self, operator: Operator | None, name: str = "", numbers: CardNumbers = ANY_CARD) -> None:
        self.operator, self.name, self.numbers = operator, name, numbers

    @classmethod
    def read(cls, value: Any) -> CardValue:
        if "=" in _text(value):
            given = dict(part.strip().partition("=")[::2] for part in value.split(","))
            if given.keys() <= {"imsi", "iccid", "plmn"}:
                numbers = card_numbers(None, given.get("imsi"), given.get("iccid"), given.get("plmn"))
                return cls(Operator.MOBILE, "", numbers)
        operator, _, name = _text(value).partition(":")
        if operator == NOBODYS:
            return cls(None)
        try:
            return cls(Operator(operator), name)
        except ValueError:
            raise _none_of(value, [*map(str, Operator), NOBODYS]) from None

    def usim(self, module: str) -> Usim | None:
        return self.numbers.usim(self.operator, self.name or module)


class Imei:
    """15 digits, with or without quotes."""

    __slots__ = ("digits",)

    def __init__(self, digits: str) -> None:
        self.digits = digits

    @classmethod
    def read(cls, value: Any) -> Imei:
        digits = str(value)
        if isinstance(value, bool) or not (digits.isascii() and digits.isdigit() and len(digits) == 15):
            raise ScenarioError(ScenarioRefusal.IMEI, value=value)
        return cls(digits)


class RefusalValue:
    """An error code to answer with (YAML reads ``5.03`` as a number), or False: answer properly again."""

    __slots__ = ("code",)

    def __init__(self, code: str | None) -> None:
        self.code = code

    @classmethod
    def read(cls, value: Any) -> RefusalValue:
        if value is False:
            return cls(None)
        code = f"{value:.2f}" if isinstance(value, float) else str(value)
        try:
            error_code(code)
        except ValueError:
            raise FaultError(FaultRefusal.CODE, value=code) from None
        return cls(code)


class FaultLine:
    """A fault as ``lab.faults`` reads it: ``loss,probability=0.2`` or the same as a mapping."""

    __slots__ = ("fault",)

    def __init__(self, fault: Fault) -> None:
        self.fault = fault

    @classmethod
    def read(cls, value: Any) -> FaultLine:
        return cls(Fault.parse(value))


class StateValue:
    """What AT+QDMPCFG=6 shows: the document's number, or its name without DMP_."""

    __slots__ = ("state",)

    def __init__(self, state: DmpState) -> None:
        self.state = state

    @classmethod
    def read(cls, value: Any) -> StateValue:
        try:
            if isinstance(value, str) and not value.isdigit():
                return cls(DmpState[value.upper().removeprefix("DMP_")])
            return cls(DmpState(int(value)))
        except (KeyError, ValueError, TypeError):
            raise _none_of(value, [f"{int(state)} {state.name}" for state in DmpState]) from None


class PowerValue:
    """``off``, ``booting``, ``asleep``, ``on``; YAML 1.1 reads the first and the last as truth values."""

    __slots__ = ("state",)

    def __init__(self, state: str) -> None:
        self.state = state

    @classmethod
    def read(cls, value: Any) -> PowerValue:
        state = ("on" if value else "off") if isinstance(value, bool) else value
        if state not in _POWERS:
            raise _none_of(value, _POWERS)
        return cls(state)


class SwitchedOn:
    """When a module is switched on: a span, or ``false`` for "not by itself"."""

    __slots__ = ("at",)

    def __init__(self, at: Seconds | None) -> None:
        self.at = at

    @classmethod
    def read(cls, value: Any) -> SwitchedOn:
        if isinstance(value, bool):
            return cls(0.0 if value else None)
        return cls(_seconds(value))


class NvramValue:
    """NVRAM as ``module.settings`` has it, unknown names refused."""

    __slots__ = ("saved",)

    def __init__(self, saved: Saved) -> None:
        self.saved = saved

    @classmethod
    def read(cls, value: Any) -> NvramValue:
        try:
            saved = msgspec.convert(value, Saved, str_keys=True)
        except msgspec.ValidationError as error:
            raise ScenarioError(ScenarioRefusal.NVRAM, detail=detail_of(error)) from None
        if (unknown := _unknown(value, msgspec.to_builtins(saved))) is not None:
            raise ScenarioError(ScenarioRefusal.NVRAM_UNKNOWN, setting=unknown)
        return cls(saved)


def _unknown(given: Any, taken: Any) -> str | None:
    """The first name in ``given`` that did not make it into ``taken``."""
    if not isinstance(given, dict) or not isinstance(taken, dict):
        return None
    for name, value in given.items():
        if name not in taken:
            return str(name)
        if (below := _unknown(value, taken[name])) is not None:
            return f"{name}.{below}"
    return None


READERS = (
    Span,
    Range,
    SpanRange,
    CardValue,
    Imei,
    RefusalValue,
    FaultLine,
    StateValue,
    PowerValue,
    SwitchedOn,
    NvramValue,
)


def read(type_: Any, value: Any) -> Any:
    """For ``msgspec.convert``: what the file says as the value that is meant; a `CodedError` says why not."""
    if type_ in READERS:
        return type_.read(value)
    raise NotImplementedError(f"no reader for {type_}")


def _none_of(value: Any, known: list[str]) -> ScenarioError:
    return ScenarioError(ScenarioRefusal.NONE_OF, value=value, known=known)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ScenarioError(ScenarioRefusal.NO_TEXT, value=value)
    return value


def _seconds(value: Any) -> Seconds:
    if isinstance(value, str):
        return parse_span(value)
    seconds = _number(value)
    if not 0 <= seconds < math.inf:
        raise SpanError(SpanRefusal.MALFORMED, value=value)
    return seconds


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ScenarioError(ScenarioRefusal.NO_NUMBER, value=value)
    try:
        return float(value)
    except ValueError:
        raise ScenarioError(ScenarioRefusal.NO_RANGE, value=value) from None


def _ends(value: Any, end: Any) -> tuple[float, float]:
    match = _RANGE.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        exact = end(value)
        return exact, exact
    low = end(match["low"]) if match["low"].strip() else -math.inf
    high = end(match["high"]) if match["high"].strip() else math.inf
    if high < low:
        raise ScenarioError(ScenarioRefusal.RANGE_ENDS, value=value)
    return low, high
