"""The words of the lab in Chinese: the console has one for every event, state and fault in the code."""

import re
from dataclasses import is_dataclass
from importlib import import_module, resources
from pathlib import Path
from types import ModuleType

import pytest

from nbtwin.engine import Fact
from nbtwin.lab.faults import FaultKind
from nbtwin.lwm2m.client.states import RegistrationState
from nbtwin.selfreg.cmdmp import DmpState

STATIC = Path(str(resources.files("nbtwin.web").joinpath("static")))
TABLES = (STATIC / "js" / "i18n" / "events.js").read_text(encoding="utf-8")
PLACES = (
    "nbtwin.lwm2m.client.events", "nbtwin.lwm2m.client.registration", "nbtwin.operators.events",
    "nbtwin.operators.campaigns.records",
    "nbtwin.selfreg.cmdmp_client", "nbtwin.selfreg.machine", "nbtwin.module.events",
)  # fmt: skip


def events_of(module: ModuleType) -> set[str]:
    """Dataclasses of this module with a past tense in their names."""
    own = [
        c
        for c in vars(module).values()
        if isinstance(c, type) and (is_dataclass(c) or issubclass(c, Fact)) and c.__module__ == module.__name__
    ]
    past = re.compile(r"(ed|Read|Unread|Woke|Asleep|Up|Wanted|On|Off|Unreadable)$")
    return {c.__name__ for c in own if past.search(c.__name__)}


@pytest.mark.parametrize("place", PLACES)
def test_every_event_has_a_chinese_name(place: str) -> None:
    known = set(re.findall(r"^  (\w+): \"", TABLES, re.MULTILINE))
    events = events_of(import_module(place))
    assert events
    assert events <= known, events - known


def test_every_state_and_every_fault_has_a_chinese_word() -> None:
    words = set(re.findall(r"\b(\w+): \"", TABLES))
    states = {state.name for state in DmpState} | {state.value for state in RegistrationState}
    assert states <= words, states - words
    faults = {str(kind) for kind in FaultKind}
    assert faults <= words, faults - words
