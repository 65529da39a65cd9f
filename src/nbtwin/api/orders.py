"""What is asked of a lab, looked at before it is: the same words of refusal for any lab. Knows no lab."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from nbtwin.api.backend import ModuleOrder
from nbtwin.api.errors import LabError, LabRefused, UnknownName
from nbtwin.engine import CodedError
from nbtwin.lab.faults import Fault
from nbtwin.module.profile import UnknownModel
from nbtwin.runtime.spec import SIMS, ModuleSpec, module_spec


@contextmanager
def refusals() -> Iterator[None]:
    """What the floors below say, as errors of the public API."""
    try:
        yield
    except LabError:
        raise
    except CodedError as error:
        raise LabRefused.of(error) from None


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
