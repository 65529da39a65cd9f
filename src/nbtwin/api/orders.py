"""What is asked of a lab, looked at before it is: the same words of refusal for any lab. Knows no lab."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from nbtwin.api.backend import ModuleOrder
from nbtwin.api.errors import LabError, LabRefused, PythonRefusal, UnknownName
from nbtwin.engine import CodedError
from nbtwin.lab.faults import Fault
from nbtwin.module.profile import UnknownModel
from nbtwin.runtime.spec import SIMS, ModuleSpec, module_spec

_TEXTS = ("model", "sim", "name", "imei", "imsi", "iccid", "plmn", "firmware", "vendor", "serial")


@contextmanager
def refusals() -> Iterator[None]:
    """What the floors below say, as errors of the public API."""
    try:
        yield
    except LabError:
        raise
    except CodedError as error:
        raise LabRefused.of(error) from None


def checked(order: ModuleOrder) -> ModuleOrder:
    """The same. LabRefused for a number, bytes or nothing where text is asked for."""
    for field in _TEXTS:
        value = getattr(order, field)
        if not isinstance(value, str) and (value is not None or field in ("model", "serial")):
            raise LabRefused(PythonRefusal.NOT_TEXT, field, value=value)
    for line in order.settings:
        text("settings", line)
    return order


def several(what: str, given: Iterable[str]) -> tuple[str, ...]:
    """LabRefused for one text, which is several letters to Python."""
    if isinstance(given, str):
        raise LabRefused(PythonRefusal.NOT_SEVERAL, what, value=given)
    return tuple(given)


def text(what: str, given: str) -> str:
    """The same. LabRefused for anything else than text."""
    if not isinstance(given, str):
        raise LabRefused(PythonRefusal.NOT_TEXT, what, value=given)
    return given


def command_line(line: str) -> str:
    """The same. LabRefused for what a host cannot send as one: no text, an empty one, one with a line end in it."""
    if not text("line", line) or any(ord(letter) < 0x20 or ord(letter) == 0x7F for letter in line):
        raise LabRefused(PythonRefusal.NOT_A_LINE, value=line)
    return line


@refusals()
def spec_of(order: ModuleOrder) -> ModuleSpec:
    """UnknownName for a model or a card that there is not, LabRefused for anything else that cannot be."""
    if order.sim is not None and order.sim not in SIMS:
        raise UnknownName.of("sim", order.sim, SIMS)
    try:
        return module_spec(
            order.model, sim=order.sim, imsi=order.imsi, iccid=order.iccid, plmn=order.plmn, serial=order.serial,
            imei=order.imei, firmware=order.firmware, vendor=order.vendor, name=order.name,
        )  # fmt: skip
    except UnknownModel as error:
        raise UnknownName.of("model", order.model, error.fields["known"]) from None


def name_of(order: ModuleOrder, spec: ModuleSpec, taken: Collection[str]) -> str:
    """The one that was asked for, else the model's with a number."""
    model = spec.profile.model.lower().replace(" ", "-")
    candidates = (f"{model}-{number}" for number in range(1, len(taken) + 2))
    return order.name or next(name for name in candidates if name not in taken)


@refusals()
def fault_of(fields: Mapping[str, Any]) -> Fault:
    """LabRefused for what is none."""
    return Fault.parse(dict(fields))
