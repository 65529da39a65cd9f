"""SECURITY.md names the tests that stand behind what it says about DTLS; they are there."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parent
PAGE = TESTS.parents[1] / "SECURITY.md"


def test_every_test_that_the_page_names_exists_and_every_pitfall_is_on_the_page() -> None:
    defined = {
        name: path.name
        for path in TESTS.glob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    named = re.findall(r"`(test_\w+)`", PAGE.read_text(encoding="utf-8"))
    assert [name for name in named if name not in defined] == []
    assert len(named) == len(set(named))
    assert {name for name, file in defined.items() if file == "test_dtls_pitfalls.py"} - set(named) == {
        "test_a_stale_fragment_does_not_stop_the_next_client_hello_of_the_address",
        "test_a_client_keeps_hearing_its_old_session_while_a_new_handshake_runs",
        "test_a_client_hello_of_some_kilobytes_begins_a_handshake",
    }, "those three are about comfort"
