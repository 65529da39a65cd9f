"""The compiled build does what the pure one does, value by value: a number's type shows in what is stored and told."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import told_by_andlink

from nbtwin import dtls

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(told_by_andlink.build() == "pure", reason="there is nothing to compare the sources with")
def test_the_compiled_build_tells_of_andlink_what_the_sources_tell() -> None:
    program = [sys.executable, str(ROOT / "tests/golden/told_by_andlink.py")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONHASHSEED": "1"}
    ended = subprocess.run(program, env=environment, capture_output=True, text=True, check=True)
    build, *told = ended.stdout.splitlines()
    assert build == "pure"
    assert told_by_andlink.told() == told


def test_facts_have_plain_numbers_as_compiled_code_makes_of_them() -> None:
    told = told_by_andlink.told()
    suite = f"cipher_suite={int(dtls.CipherSuite.TLS_PSK_WITH_AES_128_CCM_8)},"
    completed = [line for line in told if " andlink: HandshakeCompleted(" in line]
    assert completed
    assert all(suite in line for line in completed)
    updated = [line for line in told if " andlink: DeviceUpdated(" in line]
    assert updated
    assert all("lifetime=0," in line or "lifetime=86400," in line for line in updated)
