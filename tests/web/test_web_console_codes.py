"""What the console decides by are codes of the lab: each that it knows is there, and no script looks at a sentence."""

import pkgutil
import re
from collections.abc import Iterator
from dataclasses import is_dataclass
from importlib import import_module, resources
from pathlib import Path

import nbtwin
from nbtwin.engine import Fact, Reason, code_of_name
from nbtwin.operators.events import DeviceFlag
from nbtwin.selfreg.cmdmp import DmpState

SCRIPTS = Path(str(resources.files("nbtwin.web").joinpath("static"))) / "js"
APART = ("nbtwin.__main__", "nbtwin.operators.store.postgres")  # a command; and what needs the extra `postgres`


def descendants(base: type) -> Iterator[type]:
    for one in base.__subclasses__():
        yield one
        yield from descendants(one)


def codes_of_the_lab() -> set[str]:
    found: set[str] = set()
    for place in pkgutil.walk_packages(nbtwin.__path__, "nbtwin."):
        if not place.name.startswith(APART):
            found |= {code_of_name(name) for name, one in vars(import_module(place.name)).items() if is_event(one)}
    return found | {str(each) for reason in descendants(Reason) for each in reason}  # type: ignore[attr-defined]


def is_event(one: object) -> bool:
    return isinstance(one, type) and (issubclass(one, Fact) or is_dataclass(one))


def test_every_code_that_the_console_knows_is_one_of_the_lab() -> None:
    facts = (SCRIPTS / "base" / "facts.js").read_text(encoding="utf-8")
    waits = (SCRIPTS / "sequence" / "describe.js").read_text(encoding="utf-8")
    known = set(re.findall(r'"([a-z]+(?:-[a-z]+)+)"', facts))
    known |= set(re.findall(r'^  "([a-z]+(?:-[a-z]+)+)": \{', waits, re.MULTILINE))
    assert len(known) > 30
    assert known - codes_of_the_lab() == set()


def test_the_flag_that_the_console_marks_is_one_of_the_platforms() -> None:
    facts = (SCRIPTS / "base" / "facts.js").read_text(encoding="utf-8")
    assert f'DUPLICATE = "{DeviceFlag.DUPLICATE_IMEI}"' in facts


def test_the_console_knows_the_states_of_cmdmp_by_name_and_number() -> None:
    facts = (SCRIPTS / "base" / "facts.js").read_text(encoding="utf-8")
    known = {name: int(number) for name, number in re.findall(r"^  ([A-Z_]+): \{ number: (\d+)", facts, re.MULTILINE)}
    assert known == {state.name: int(state) for state in DmpState}


def test_no_script_looks_at_the_words_of_an_entry() -> None:
    for path in SCRIPTS.rglob("*.js"):
        found = re.search(r"\.test\((?:textOf|entry\.text)|\.exec\((?:textOf|entry\.text)", path.read_text("utf-8"))
        assert not found, f"{path.name}: {found[0] if found else ''}"
