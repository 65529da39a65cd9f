"""The typed methods: none of the five documents' commands is forgotten, values are checked before anything is sent, and
a refusal comes in the words of its document."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from inspect import isfunction

import pytest

import nbtwin
from nbtwin import host
from nbtwin.at.command import ByType, Command, Form
from nbtwin.host.commands.base import Asks
from nbtwin.host.commands.cmdmp import Part, Server
from nbtwin.host.line import WorldTransport
from nbtwin.host.module import GROUPS
from nbtwin.lwm2m.client.channel import ChannelState
from nbtwin.lwm2m.client.states import DataStatus, RegistrationState
from nbtwin.profiles.models import PROFILES
from nbtwin.selfreg.cmdmp import DmpState
from nbtwin.timeline.catalogue.errors import worded
from tools import host_faces

KEYS = ("M100000090", "a-password-of-32-characters-long", 1, "863703031234567")


@contextmanager
def module_of(model: str) -> Iterator[host.Module]:
    with nbtwin.Lab() as lab:
        backend, name = lab._session.backend, lab.add_module(model).name
        lab.advance(60)
        world = backend.lab.world  # type: ignore[attr-defined]
        with host.over(WorldTransport(world, world.modules[name]), model=model) as module:
            yield module


def asked() -> list[Asks]:
    methods = [method for group in GROUPS.values() for method in vars(group).values() if isfunction(method)]
    return [each for method in methods for each in getattr(method, "asks", ())]


def forms_of(command: Command) -> Iterator[tuple[str, Form, int | None, int | None]]:
    for form in (Form.TEST, Form.READ, Form.EXECUTE):
        if getattr(command, form) is not None:
            yield command.name, form, None, None
    write = command.write
    if isinstance(write, ByType):
        for kind, row in write.rows.items():
            acts = [0, 1, 2] if row.fields and row.fields[0].name == "act" else [None]
            yield from ((command.name, Form.WRITE, kind, act) for act in acts)
    elif write is not None:
        yield command.name, Form.WRITE, None, None


def test_every_form_of_every_command_of_the_five_documents_has_its_method_and_none_has_two() -> None:
    tables = {
        form
        for profile in PROFILES.values()
        for command in profile.commands
        if command.source.startswith("DOC-")
        for form in forms_of(command)
    }
    methods = [(name, each.form, each.kind, each.act) for each in asked() for name in each.names]
    assert set(methods) == tables
    assert len(methods) == len(set(methods))


def test_the_faces_for_an_event_loop_are_those_that_are_made() -> None:
    """Otherwise: python -m tools.host_faces"""
    assert host_faces.TARGET.read_text(encoding="utf-8") == host_faces.formatted(host_faces.text())


@pytest.mark.parametrize("model", ["BC28", "BC95 R2.0", "BC26", "BC260Y-CN", "BC25"])
def test_what_is_written_is_what_is_read(model: str) -> None:
    with module_of(model) as module:
        assert module.cmdmp.syntax()
        module.cmdmp.set_mode(1)
        module.cmdmp.set_server("117.161.2.7", 5683, 420)
        module.cmdmp.set_keys(*KEYS)
        assert module.cmdmp.saved_mode() == 1
        assert module.cmdmp.saved_server() == Server("117.161.2.7", 5683, 420)
        keys = module.cmdmp.saved_keys()
        assert (keys.appkey, keys.password, keys.terminal_type, keys.terminal_imei) == (KEYS[0], "a-pa****", 1, KEYS[3])
        assert module.cmdmp.in_use().server != Server("117.161.2.7", 5683, 420)
        module.power.restart()
        assert module.cmdmp.in_use().server == Server("117.161.2.7", 5683, 420)
        assert isinstance(module.cmdmp.state(), DmpState)
        module.cmdmp.erase(Part.SERVER)
        assert module.cmdmp.saved_server() != Server("117.161.2.7", 5683, 420)


def test_plmns_of_doc_a() -> None:
    with module_of("BC28") as module:
        assert module.cmdmp.saved_plmns() == ()
        module.cmdmp.set_plmns("46000", "46002")
        assert module.cmdmp.saved_plmns() == ("46000", "46002")


def test_extended_settings() -> None:
    with module_of("BC260Y-CN") as module:
        assert module.extended.syntax()
        assert module.extended.hardware() == (None,) * 4
        module.extended.set_hardware("4096KB", "256KB", "EC616", "FREE RTOS")
        module.extended.set_location("31.1,121.4")
        assert module.extended.hardware() == ("4096KB", "256KB", "EC616", "FREE RTOS")
        assert module.extended.location() == "31.1,121.4"
        module.extended.erase_hardware()
        module.extended.erase_location()
        assert (module.extended.hardware(), module.extended.location()) == ((None,) * 4, None)


@pytest.mark.parametrize("model", ["BC260Y-CN", "BC25"])
def test_self_registration(model: str) -> None:
    with module_of(model) as module:
        module.self_registration.enable()
        assert module.self_registration.enabled()
        module.self_registration.disable()
        assert module.self_registration.mode() == 0


def test_andlink() -> None:
    with module_of("BC28") as module:
        andlink = module.andlink
        for server in andlink.servers():
            andlink.remove_server(server.host, server.port)
        andlink.add_server("BS", "117.161.2.7", 5683)
        assert [(server.kind, server.host, server.port) for server in andlink.servers()] == [
            ("BS", "117.161.2.7", 5683)
        ]
        andlink.set_security(0)
        andlink.set_bootstrap_security(0, 1)
        andlink.set_psk("0", bytes(16))
        andlink.set_bootstrap_psk("0", bytes(16))
        andlink.set_device_type("lamp")
        andlink.set_registers_by_itself(False)
        assert (andlink.security().dtls, andlink.bootstrap_security().nat) == (0, 1)
        assert andlink.psk_identity() == andlink.bootstrap_psk_identity(spelling="+QSETBSPSK") != "0"
        assert (andlink.device_type(), andlink.registers_by_itself()) == ("lamp", False)
        assert andlink.registration_state() is RegistrationState.MISSING_CONFIG
        assert andlink.data_status(spelling="+QLAULDATASTATUS") is DataStatus.NOT_SENT
        assert isinstance(andlink.dtls_state(), ChannelState)
        andlink.reset_dtls()
        with pytest.raises(host.CommandError):
            andlink.send_data(0x0100, b"not registered")


def test_a_value_out_of_range_is_not_even_sent() -> None:
    with module_of("BC28") as module:
        sent: list[bytes] = []
        module.watch(lambda _, event: sent.append(event.data) if isinstance(event, host.BytesSent) else None)
        with pytest.raises(host.HostError) as refused:
            module.cmdmp.set_server("117.161.2.7", 65536, 420)
        assert (refused.value.code, refused.value.fields["source"], sent) == (host.HostRefusal.VALUE, "DOC-A 2.1", [])
        assert "serverPort" in worded(refused.value)
        assert "没有发出" in worded(refused.value, "zh")
        with pytest.raises(host.HostError) as missing:
            module.self_registration.enable()
        assert missing.value.code == host.HostRefusal.NO_COMMAND


def test_a_refusal_has_the_text_and_the_chapter_of_its_document() -> None:
    with module_of("BC28") as module:
        module.ask("AT+CMEE=1")
        with pytest.raises(host.CommandError) as refused:
            module.andlink.deregister()
        error = refused.value
        assert (error.number, error.text, error.source) == (513, "TUP not registered", "DOC-E 3.4")
        assert "TUP not registered (BC28, DOC-E 3.4)" in worded(error)
    with module_of("BC260Y-CN") as module, pytest.raises(host.CommandError) as plain:
        module.ask("AT+QDMPCFG=9")
    assert (plain.value.number, plain.value.source) == (None, "DOC-C 3.2.2")


def test_a_module_whose_model_nobody_knows_has_no_typed_commands() -> None:
    with module_of("BC26") as named, host.over(named.transport) as module:
        with pytest.raises(host.HostError) as unknown:
            module.cmdmp.state()
        assert unknown.value.code == host.HostRefusal.MODEL_UNNAMED
        assert module.recognize() is PROFILES["BC26"]
        assert isinstance(module.cmdmp.state(), DmpState)


def test_the_same_methods_with_an_event_loop() -> None:
    async def run(line: host.Transport) -> None:
        async with host.over_async(line, model="BC28") as module:
            await module.cmdmp.set_server("117.161.2.7", 5683, 420)
            assert await module.cmdmp.saved_server() == Server("117.161.2.7", 5683, 420)
            await module.power.restart()
            assert (await module.cmdmp.in_use()).server == Server("117.161.2.7", 5683, 420)

    with module_of("BC28") as module:
        asyncio.run(run(module.transport))
