"""AT+QDMPCFG=6 (DOC-C 3.2.2): every state is read by some host, every row of the table of states has its story.

Each story is a list of what is done and of what the host reads then: instants in hours, states as the document numbers
them. The module's update period is an hour; what nobody answers is given up after 128 s (D14).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from stories_bench import Story
from stories_script import RST, SILENCE, ScriptedServer

from nbtwin.engine import HOUR
from nbtwin.lab.faults import Fault, FaultKind
from nbtwin.module.nvram import MemoryStorage, encode
from nbtwin.module.settings import Cmdmp, Saved
from nbtwin.selfreg import cmdmp_client
from nbtwin.selfreg.cmdmp import DmpState
from nbtwin.selfreg.cmdmp_client import TRANSITIONS, CmdmpInput
from nbtwin.selfreg.schedule import Operator

SERVER = "dm.example.com"
MINUTES = 1 / 60


class Telling:
    """A module with a server that is a name, and the reader of its states."""

    def __init__(self, model: str = "BC260Y-CN") -> None:
        saved = Saved(
            cmdmp=Cmdmp(server=SERVER, port=5683, period=3600)
        )  # DOC-B takes no name: only NVRAM can have one
        self.server = ScriptedServer()
        self.story = Story(model, Operator.MOBILE, storage=MemoryStorage(encode(saved)))
        self.story.bench.platform("cmdmp").install(self.server)
        self.story.world.network.add_name(SERVER, "117.161.2.41")
        self.read = {0}  # every state is there for a host to read: before anything has begun, 0

    def start(self, *, name: str = "is known") -> None:
        self.names(name)
        self.story.power_on()
        self.story.until(-1)
        assert self.story.dmp_state() == 0
        self.story.until(0)

    def names(self, state: str) -> None:
        faults = self.story.world.faults
        faults.clear()
        if state != "is known":
            faults.add(Fault(kind=FaultKind.DNS_FAILURE, name=SERVER, seconds=5))

    def trigger(self) -> None:
        """The server asks for an update: after one that failed the module sends none by itself (D56)."""
        story = self.story
        story.world.perform(story.bench.platform("cmdmp"), self.server.trigger)

    def at(self, hours: float, state: int) -> None:
        """The host asks."""
        self.story.until(hours * HOUR)
        assert self.story.dmp_state() == state, f"at {hours:g} h"
        self.read.add(state)


Tale = Callable[[Telling], None]


def all_is_well(it: Telling) -> None:
    it.start()
    it.at(0.5, 6)
    it.at(1.5, 11)
    it.at(2.5, 11)


def nobody_answers(it: Telling) -> None:
    """DOC-C 2.2.3."""
    it.server.register = SILENCE
    it.start()
    it.at(1 * MINUTES, 4)
    it.at(3 * MINUTES, 8)
    it.at(900, 8)


def the_registration_is_refused(it: Telling) -> None:
    """DOC-C 2.2.3; D54."""
    it.server.register = "4.03"
    it.start()
    it.at(1 * MINUTES, 7)
    it.at(900, 7)


def the_registration_is_reset(it: Telling) -> None:
    it.server.register = RST
    it.start()
    it.at(1 * MINUTES, 7)


def updates_are_refused_and_then_taken(it: Telling) -> None:
    it.start()
    it.server.update = "5.03"
    it.at(1.1, 12)
    it.trigger()
    it.at(1.2, 12)
    it.server.update = "2.04"
    it.trigger()
    it.at(1.3, 11)
    it.server.update = RST
    it.at(2.3, 12)


def updates_are_unanswered_and_then_taken(it: Telling) -> None:
    it.start()
    it.server.update = SILENCE
    it.at(1.01, 6)  # it is still trying
    it.at(1.1, 13)
    it.trigger()
    it.at(1.2, 13)
    it.server.update = "2.04"
    it.trigger()
    it.at(1.3, 11)
    it.server.update = SILENCE
    it.at(2.3, 13)
    it.at(2.8, 6)  # state 9 on the way, and afresh


def updates_are_refused_and_then_unanswered(it: Telling) -> None:
    it.start()
    it.server.update = "5.00"
    it.at(1.1, 12)
    it.server.update = SILENCE
    it.trigger()
    it.at(1.2, 13)
    it.server.update = "5.00"
    it.trigger()
    it.at(1.3, 12)


def the_server_has_forgotten_it(it: Telling) -> None:
    """docs/spec/registration.md, CMDMP states, 12: a 4.04 leads to a fresh registration."""
    it.start()
    it.server.update = "4.04"
    it.at(1.5, 6)
    it.server.update = "2.04"
    it.at(2.5, 11)


def the_server_has_forgotten_it_and_takes_it_no_more(it: Telling) -> None:
    it.start()
    it.server.update, it.server.register = "4.04", "4.03"
    it.at(1.5, 7)
    it.at(900, 7)


def the_server_has_forgotten_it_and_says_no_more(it: Telling) -> None:
    it.start()
    it.server.update, it.server.register = "4.04", SILENCE
    it.at(1.01, 12)
    it.at(1.5, 8)


def _out_of_coverage(it: Telling, state: int, hours: float) -> None:
    """State 9, when the lifetime ends without an update (D56), and a fresh registration at the next attach."""
    it.at(hours, state)
    it.story.coverage(False)
    it.at(hours + 2, 9)
    it.server.update = "2.04"
    it.story.coverage(True)
    it.at(hours + 2.5, 6)


def coverage_is_lost_after_the_registration(it: Telling) -> None:
    it.start()
    _out_of_coverage(it, 6, 0.5)


def coverage_is_lost_after_an_update(it: Telling) -> None:
    it.start()
    _out_of_coverage(it, 11, 1.5)


def coverage_is_lost_after_a_refused_update(it: Telling) -> None:
    it.start()
    it.server.update = "5.03"
    _out_of_coverage(it, 12, 1.2)


def coverage_is_lost_after_an_unanswered_update(it: Telling) -> None:
    it.start()
    it.server.update = SILENCE
    _out_of_coverage(it, 13, 1.2)


def the_server_is_away_for_hours(it: Telling) -> None:
    """D116: again a period after each attempt."""
    it.start()
    it.server.update = it.server.register = SILENCE
    it.at(1.6, 8)
    it.at(2.51, 4)
    it.at(2.6, 8)
    it.server.update, it.server.register = "2.04", "2.01"
    it.at(3.6, 6)


def the_name_is_unknown_when_the_server_is_back(it: Telling) -> None:
    it.start()
    it.server.update = it.server.register = SILENCE
    it.at(1.6, 8)
    it.names("is unknown")
    it.at(3, 5)


def the_name_is_unknown(it: Telling) -> None:
    """docs/spec/registration.md, CMDMP states, 5; D39 gives DOC-B no address to fall back to."""
    it.start(name="is unknown")
    it.at(1 * MINUTES, 5)
    it.at(900, 5)


def the_name_is_unknown_when_coverage_is_back(it: Telling) -> None:
    it.start()
    it.at(0.5, 6)
    it.story.coverage(False)
    it.at(3, 9)
    it.names("is unknown")
    it.story.coverage(True)
    it.at(3.5, 5)


TALES: Mapping[Tale, str] = {
    all_is_well: "BC260Y-CN",
    nobody_answers: "BC260Y-CN",
    the_registration_is_refused: "BC260Y-CN",
    the_registration_is_reset: "BC260Y-CN",
    updates_are_refused_and_then_taken: "BC260Y-CN",
    updates_are_unanswered_and_then_taken: "BC260Y-CN",
    updates_are_refused_and_then_unanswered: "BC260Y-CN",
    the_server_has_forgotten_it: "BC260Y-CN",
    the_server_has_forgotten_it_and_takes_it_no_more: "BC260Y-CN",
    the_server_has_forgotten_it_and_says_no_more: "BC260Y-CN",
    coverage_is_lost_after_the_registration: "BC260Y-CN",
    coverage_is_lost_after_an_update: "BC260Y-CN",
    coverage_is_lost_after_a_refused_update: "BC260Y-CN",
    coverage_is_lost_after_an_unanswered_update: "BC260Y-CN",
    the_server_is_away_for_hours: "BC260Y-CN",
    the_name_is_unknown_when_the_server_is_back: "BC260Y-CN",
    the_name_is_unknown: "BC26",
    the_name_is_unknown_when_coverage_is_back: "BC26",
}


class Walked(dict[tuple[DmpState, CmdmpInput], DmpState]):
    """The table itself, and which of its rows were taken."""

    def __init__(self) -> None:
        super().__init__(TRANSITIONS)
        self.taken: set[tuple[DmpState, CmdmpInput]] = set()

    def __getitem__(self, row: Any) -> DmpState:
        self.taken.add(row)
        return super().__getitem__(row)


@pytest.mark.parametrize("tale", TALES, ids=lambda tale: tale.__name__)
def test_the_host_reads_what_has_happened(tale: Tale) -> None:
    tale(Telling(TALES[tale]))


def test_every_state_is_read_by_some_host_and_every_row_is_taken_by_some_story(monkeypatch: pytest.MonkeyPatch) -> None:
    walked, read = Walked(), set[int]()
    monkeypatch.setattr(cmdmp_client, "TRANSITIONS", walked)
    for tale, model in TALES.items():
        telling = Telling(model)
        tale(telling)
        read |= telling.read
    assert read == {int(state) for state in DmpState}
    assert walked.taken == set(TRANSITIONS), f"no story takes {set(TRANSITIONS) - walked.taken}"
