"""`nbtwin models` and `nbtwin explain` say what the profiles say."""

import pytest
from running import nbtwin

from nbtwin.cli.sheet import differences, sheet_of
from nbtwin.profiles.models import PROFILES


def test_all_eleven_models_are_listed() -> None:
    lines = nbtwin("models").stdout.splitlines()[1:]
    assert len(lines) == 11
    assert [line.split("  ")[0].strip() for line in lines] == list(PROFILES)


@pytest.mark.parametrize("model", PROFILES)
def test_a_sheet_has_every_command_and_error_of_its_model(model: str) -> None:
    profile, sheet = PROFILES[model], sheet_of(PROFILES[model])
    assert {f"AT{command.name}" for command in profile.commands} <= set(sheet["commands"])
    assert {str(code) for code in profile.errors.texts} <= set(sheet["errors"])
    assert sheet["model"]["firmware"] == profile.firmware


@pytest.mark.parametrize("model", PROFILES)
def test_a_model_does_not_differ_from_itself(model: str) -> None:
    assert not [*differences(sheet_of(PROFILES[model]), sheet_of(PROFILES[model]))]


def test_bc26_and_bc260y_differ_where_their_documents_differ() -> None:
    """DOC-B 2.2 knows addresses only; DOC-C 3.2.2 a domain as well, and another schedule."""
    found = {
        (d.section, d.name): (d.left, d.right)
        for d in differences(*(sheet_of(PROFILES[m]) for m in ("BC26", "BC260Y-CN")))
    }
    assert found["cmdmp", "server_may_be_domain"] == ("no", "yes")
    assert found["schedules", "telecom"][0] is None
    assert ("cmdmp", "default_period") not in found


def test_diff_prints_what_differs() -> None:
    printed = nbtwin("models", "diff", "bc26", "bc260y-cn").stdout
    assert "server_may_be_domain" in printed
    assert "default_period" not in printed


def test_show_prints_ranges_with_their_chapters() -> None:
    printed = nbtwin("models", "show", "BC260Y-CN").stdout
    assert "DOC-C 3.2.2" in printed
    assert "packets at 0, 2, 6, 14, 30, 62 s, verdict at 128 s" in printed


def test_explain_says_field_by_field_what_is_wrong() -> None:
    done = nbtwin("explain", "AT+QDMPCFG=1,117.161.2.7,65536,420", "--model", "BC260Y-CN")
    assert done.returncode == 1
    assert "DOC-C 3.2.2" in done.stdout
    assert "✗ <server_Port> 65536" in done.stdout


def test_explain_agrees_with_a_line_that_is_right() -> None:
    done = nbtwin("explain", "AT+QDMPCFG=1,117.161.2.7,5683,420", "--model", "BC25")
    assert done.returncode == 0
    assert "ERROR" not in done.stdout
