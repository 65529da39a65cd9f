"""`nbtwin models` and `nbtwin explain` say what the profiles say."""

import re

import pytest
from running import nbtwin

from nbtwin.cli.profile_table import differences, known_of, row_in_words, section_in_words, sheet_of
from nbtwin.profiles.models import PROFILES
from nbtwin.runtime.explanation import known_in_words


def test_all_models_are_listed() -> None:
    lines = nbtwin("models").stdout.splitlines()[1:]
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


def test_diff_names_the_chapter_of_either_side() -> None:
    row = next(
        line for line in nbtwin("models", "diff", "bc26", "bc260y-cn").stdout.splitlines() if "blank_keeps" in line
    )
    assert "no [DOC-B 2.1 note 2, D4]" in row
    assert "yes [DOC-C 3.1.1, D4]" in row


def test_models_that_are_not_known_are_answered_with_those_that_are() -> None:
    for arguments in (("models", "show", "BC00"), ("models", "diff", "BC26", "BC00"), ("explain", "AT", "-m", "BC00")):
        done = nbtwin(*arguments)
        assert done.returncode == 2
        assert done.stderr.startswith("nbtwin: unknown model 'BC00'; the models are BC35-G, BC28, ")
        assert done.stderr.count("\n") == 1


def test_explain_names_the_decision_behind_a_field_and_the_gate_before_a_command() -> None:
    printed = nbtwin("explain", "AT+DMPCONFIG=1,,,300", "--model", "BC28").stdout
    assert "<serverPort> (empty)  left empty  [DOC-A 2.1, D31, D38" in printed
    assert "note: firmware whose version does not end in _ONT answers error 4 (DOC-A 1, D30)" in printed


def test_explain_prints_what_a_test_form_answers() -> None:
    printed = nbtwin("explain", "AT+DMPCONFIG=?", "--model", "BC28").stdout
    assert "  answers +DMPCONFIG: <type>[,<parameter1>][,<parameter2>][,<parameter3>[,<parameter4>]]]" in printed


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("AT+DMPCONFIG=6", "BC260Y-CN has no AT+DMPCONFIG; models that have it: BC35-G, BC28, BC95 R2.0"),
        ("at+qlastatus?", "BC260Y-CN has no AT+QLASTATUS; models that have it: BC28"),
        ("AT+CGAT?", "near to it: AT+CGATT"),
    ],
)
def test_explain_says_who_has_a_command_that_the_model_has_not(line: str, says: str) -> None:
    done = nbtwin("explain", line)
    assert done.returncode == 1
    assert says in done.stdout


def test_a_setting_that_a_command_has_not_is_named_and_not_the_command() -> None:
    done = nbtwin("explain", 'AT+QICFG="echomode",0', "--model", "BC26")
    assert done.returncode == 1
    assert '+QICFG has no "echomode"' in done.stdout
    assert "models that have it" not in done.stdout


def test_explain_of_something_else_entirely_is_an_error_and_no_guess() -> None:
    done = nbtwin("explain", "AT+SOMETHINGELSE=1;+CGATT?")
    assert done.stdout == "+SOMETHINGELSE=1;+CGATT?\n  ERROR: there is no command +SOMETHINGELSE (D61)\n"


SMALL = re.compile(r"(?<![\w/.{<\"'+-])[a-z]{3,}(?![\w>}\"'(+-])")
"""A word of small letters that is no name of a field, no domain and no part of what a module answers."""
NOT_OURS = {"ping", "nbtwin-lab-password", "dataformat", "viewmode", "showlength", "open_time"}


def without(titles: list[str], text: str) -> str:
    for title in titles:
        text = text.replace(title, "")
    return text


@pytest.mark.parametrize("model", PROFILES)
def test_a_sheet_in_chinese_has_no_english_words_but_the_vendors(model: str) -> None:
    """What modules print is theirs: banners, causes, texts of errors, test lines, names of fields."""
    profile = PROFILES[model]
    manuals = [profile.everyday.source, *([profile.qi.source] if profile.qi else [])]
    left: list[str] = []
    for section, rows in sheet_of(profile, "zh").items():
        left += SMALL.findall(section_in_words(section, "zh"))
        for name, text in rows.items():
            left += SMALL.findall(without(manuals, known_in_words(known_of(profile, section, name), "zh")))
            if section == "commands":
                left += SMALL.findall(re.sub("<[^>]*>", "", text))
            elif not name.isdigit():
                left += SMALL.findall(row_in_words(section, name, "zh"))
                if section not in ("extended", "everyday", "radio_urcs", "boot", "qi") and name not in VENDORS:
                    left += SMALL.findall(text)
    assert set(left) - NOT_OURS == set()


VENDORS = {"test_line", "answer_prefix", "parameters", "credentials", "domain"}


def test_models_speak_chinese() -> None:
    assert "型号" in nbtwin("--lang", "zh", "models").stdout
    assert nbtwin("--lang", "zh", "models", "diff", "BC25", "BC25").stdout == "BC25 与 BC25 没有差异\n"
    printed = nbtwin("--lang", "zh", "explain", "AT+QLASENDDATA=0x0101,0", "--model", "BC28").stdout
    assert "D61（不为 0）" in printed
    assert "整数 1-1024" in printed
