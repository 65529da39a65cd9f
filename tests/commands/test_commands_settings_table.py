"""The table of what a model keeps: nothing is missing, its lines are taken, and it says what the module says."""

from __future__ import annotations

import random
import re

import pytest

from nbtwin.at.explain import explain
from nbtwin.commands.settings_table import SettingRow, rows
from nbtwin.module.identity import ModuleIdentity
from nbtwin.module.module import Module
from nbtwin.module.nvram import MemoryStorage
from nbtwin.module.nvram_image import in_force, settings_of, waiting
from nbtwin.module.settings import Saved
from nbtwin.profiles.models import PROFILES

IMEI = "863703030822519"
EXAMPLES = {  # a value that a parameter takes, by its name in lower case; else 1
    "serverip": "117.161.2.7", "server_ip": "117.161.2.7", "serverport": "5683", "server_port": "5683",
    "updateperiod": "300", "update_period": "300", "tmimei": IMEI, "tmlimei": IMEI, "tml_imei": IMEI, "plmn": "46000",
    "ip_addr": "117.161.2.7", "port": "5683", "psk_id": "0", "psk": "00" * 16, "baud_rate": "9600", "rate": "9600",
    "requested_periodic-tau": "01000011", "requested_active-time": "00000101", "requested_edrx_value": "0101",
    "pdp_type": "IP", "pridnsaddr": "1.1.1.1", "secdnsaddr": "1.0.0.1",
}  # fmt: skip


def booted(model: str) -> Module:
    profile = PROFILES[model]
    module = Module(profile, ModuleIdentity("m", IMEI, profile.firmware), MemoryStorage(), random.Random(1))
    module.power_on(0)
    module.handle_timer(1)
    say(module, "ATE0")
    return module


def say(module: Module, line: str) -> str:
    module.serial_to_send()
    module.handle_serial(module.now, line.encode() + b"\r")
    return module.serial_to_send().decode().strip()


def table(module: Module) -> dict[str, SettingRow]:
    identity = module.identity
    found = rows(module.profile, identity.imei, identity.firmware, module.saved, in_force(module))
    return {row.setting.name: row for row in found}


@pytest.mark.parametrize("model", list(PROFILES))
def test_every_line_of_the_table_is_one_that_the_model_takes(model: str) -> None:
    profile = PROFILES[model]
    for row in table(booted(model)).values():
        setting = row.setting
        band = str(profile.bands[0])
        values = {"band": band, "LWM2M": "LWM2M"}
        type_ = "LWM2M" if setting.many else "1"

        def value(found: re.Match[str], values: dict[str, str] = values, type_: str = type_) -> str:
            name = found[1]
            return values.get(name) or (type_ if name == "type" else EXAMPLES.get(name.lower(), "1"))

        line = re.sub("<([^>]+)>", value, setting.write)
        if line:
            assert explain(profile.commands, profile.errors, line).ok, line
            assert row.source
            assert all(f"<{name}>" in setting.write for name in setting.parameters)


@pytest.mark.parametrize("model", list(PROFILES))
def test_a_model_has_only_what_its_documents_give_it(model: str) -> None:
    profile, names = PROFILES[model], set(table(booted(model)))
    assert any(name.startswith("andlink.") for name in names) is profile.andlink
    assert any(name.startswith("extended.") for name in names) is (profile.extended is not None)
    assert ("self_register" in names) is (profile.switch is not None and profile.switch.quirk_from is None)
    known = {re.sub(r"^(andlink\.\w*psk)\..*|^(generic\.line)\..*", r"\1\2", name) for name in settings_of(Saved())}
    for name in known - names:  # what no document of this model writes
        assert name.split(".")[0] in ("andlink", "self_register", "telecom_enabled", "telecom_address", "updated_from",
                                      "cmdmp"), name  # fmt: skip


def test_the_order_is_that_of_the_chapters_and_everyday_commands_come_last() -> None:
    sources = [row.source for row in table(booted("BC28")).values()]
    documents = [source for source in sources if source.startswith("DOC-")]
    assert sources[: len(documents)] == documents
    assert documents[0] == "DOC-A 2.1"
    chapters = [int(source.rpartition(".")[2]) for source in documents if source.startswith("DOC-E")]
    assert chapters == sorted(chapters)
    assert next(iter(table(booted("BC25")).values())).source == "DOC-D 3.1"


def test_what_is_used_is_what_the_module_says_it_uses() -> None:
    module = booted("BC260Y-CN")
    server = "cmdmp.server", "cmdmp.port", "cmdmp.period"
    found = table(module)
    used = ",".join(str(found[name].used) for name in server)
    assert f"+QDMPCFG: 1,{used}\r\n" in say(module, "AT+QDMPCFG?")
    assert found["cmdmp.server"].saved is None
    say(module, "AT+QDMPCFG=1,117.161.2.7,5684,300")
    found = table(module)
    assert [found[name].next for name in server] == ["117.161.2.7", 5684, 300]
    assert [found[name].waiting for name in server] == [True, True, True]
    assert ",".join(str(found[name].used) for name in server) == used
    say(module, 'AT+QDMPCFG=2,"key","abcd-1",1,863703030822519')
    module.reset(module.now)
    module.handle_timer(module.now + 1)
    say(module, 'AT+QDMPCFG=2,"key","abcd-2",1,863703030822519')
    password = table(module)["cmdmp.password"]
    assert (password.saved, password.in_use, password.waiting) == ("abcd****", "abcd****", True)


@pytest.mark.parametrize("line", ["AT+QSCLK=0", "AT+CPSMS=1", 'AT+CEDRXS=1,5,"0101"', "AT+IPR=9600", "AT&W"])
def test_what_takes_effect_at_once_does_not_wait_for_the_boot(line: str) -> None:
    module = booted("BC260Y-CN")
    say(module, line)
    assert waiting(module) == []
    assert [name for name, row in table(module).items() if row.waiting] == []


def test_what_ends_with_the_next_boot_says_so() -> None:
    module = booted("BC28")
    say(module, "AT+QLAFOTAIND=1")
    row = table(module)["generic.config.QLAFOTAIND"]
    assert (row.used, row.next, row.waiting) == ("1", "0", True)


def test_a_setting_of_one_module_is_not_that_of_another() -> None:
    """Two new modules share their saved settings until one is changed."""
    one, other = booted("BC260Y-CN"), booted("BC260Y-CN")
    say(one, 'AT+CEDRXS=1,5,"0101"')
    assert say(other, "AT+CEDRXS?").startswith("+CEDRXS: 0\r\n")
    assert table(other)["generic.config.CEDRXS"].saved is None
