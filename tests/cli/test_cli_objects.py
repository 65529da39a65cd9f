"""`nbtwin objects` and `nbtwin up --objects`: definitions from files, in the store that a lab has."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from nbtwin.cli.main import app
from nbtwin.cli.objects import read
from nbtwin.lwm2m.objects.refusals import DefinitionRefusal
from nbtwin.operators.store.access import AuditRepository
from nbtwin.operators.store.store import Store
from nbtwin.runtime.errors import Failed

TANK = (
    "<LWM2M><Object><Name>Tank</Name><ObjectID>33001</ObjectID><MultipleInstances>Multiple</MultipleInstances>"
    '<Mandatory>Optional</Mandatory><Resources>\n<Item ID="1"><Name>Level</Name><Operations>RW</Operations>'
    "<MultipleInstances>Single</MultipleInstances><Mandatory>Mandatory</Mandatory><Type>Float</Type>"
    "<RangeEnumeration>0..100</RangeEnumeration><Units>%</Units></Item></Resources></Object></LWM2M>"
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "tank.xml").write_text(TANK)
    return tmp_path / "tank.xml"


def run(state: Path, *arguments: str | Path) -> str:
    line = [str(argument) for argument in ("objects", *arguments, "--state", state)]
    result = CliRunner().invoke(app, line, standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return result.stdout


def test_a_definition_is_added_shown_and_removed(file: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    assert run(state, "add", file) == "33001\t1.0\tTank\n"
    assert run(state, "list", "--added") == "33001\t1.0\tTank\tadded\n"
    assert "3303\t1.1\tTemperature\tbuilt-in\n" in run(state, "list")
    assert run(state, "show", "33001").splitlines() == [
        "33001\t1.0\tTank\tmultiple",
        "1\tRW\tFloat\tsingle mandatory\t0..100\t%\tLevel",
    ]
    assert "5700\tR\tFloat\tsingle mandatory\t-\t-\tSensor Value" in run(state, "show", "3303", "--version", "1.0")
    with pytest.raises(Failed) as taken:
        run(state, "add", file)
    assert taken.value.code is DefinitionRefusal.TAKEN
    run(state, "add", file, "--replace")
    run(state, "remove", "33001")
    assert run(state, "list", "--added") == ""
    for wrong in (("remove", "33001"), ("show", "33001"), ("remove", "3303")):
        with pytest.raises(Failed):
            run(state, *wrong)
    with Store.open(state / "inventory.sqlite") as store:
        log = [(line.what, line.target) for line in store.part(AuditRepository).lines(limit=10)]
    assert log == [("objects remove", "33001 1.0"), *[("objects add", "33001 1.0")] * 2]


def test_a_file_that_is_none_is_named_with_the_line(file: Path, tmp_path: Path) -> None:
    file.write_text(TANK.replace("Float", "Double"))
    with pytest.raises(Failed) as refused:
        run(tmp_path / "state", "add", file)
    assert (refused.value.where, refused.value.fields["line"]) == (str(file), 2)
    with pytest.raises(Failed) as missing:
        read(tmp_path / "none.xml")
    assert missing.value.where == str(tmp_path / "none.xml")
