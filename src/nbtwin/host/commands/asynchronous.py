"""The groups of typed commands for asyncio: the names and parameters of the synchronous ones, as coroutines.

Made by `python -m tools.host_faces`; not to be edited.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from nbtwin.host.commands.andlink import AndlinkServer, Security, ServerKind
from nbtwin.host.commands.cmdmp import InUse, Keys, Part, Server
from nbtwin.host.module import Module
from nbtwin.lwm2m.client.channel import ChannelState
from nbtwin.lwm2m.client.states import DataStatus, RegistrationState
from nbtwin.selfreg.cmdmp import DmpState


class Caller(Protocol):
    """Whoever asks a synchronous module in its own thread."""

    def call(self, job: Callable[[Module], Any]) -> Awaitable[Any]: ...


class AsyncCommands:
    """Base of the groups."""

    def __init__(self, module: Caller) -> None:
        self._module = module


class AsyncCmdmpCommands(AsyncCommands):
    """What is written is in force after a restart."""

    async def syntax(self) -> tuple[str, ...]:
        """What the test form prints."""
        told: tuple[str, ...] = await self._module.call(lambda module: module.cmdmp.syntax())
        return told

    async def in_use(self) -> InUse:
        """What is in use now."""
        told: InUse = await self._module.call(lambda module: module.cmdmp.in_use())
        return told

    async def set_mode(self, mode: int) -> None:
        """Access off (0) or on (1)."""
        await self._module.call(lambda module: module.cmdmp.set_mode(mode))

    async def set_server(self, server: str | None, port: int | None = None, period: int | None = None) -> None:
        """None: an empty field, which keeps what was saved, or clears it, as the model has it (D4, D31)."""
        await self._module.call(lambda module: module.cmdmp.set_server(server, port, period))

    async def set_keys(self, appkey: str, password: str, terminal_type: int, terminal_imei: str) -> None:
        """What the device registers with."""
        await self._module.call(lambda module: module.cmdmp.set_keys(appkey, password, terminal_type, terminal_imei))

    async def set_plmns(self, *plmns: str) -> None:
        """One to three (DOC-A)."""
        await self._module.call(lambda module: module.cmdmp.set_plmns(*plmns))

    async def saved_mode(self) -> int | None:
        """As it is saved; the settings below likewise."""
        told: int | None = await self._module.call(lambda module: module.cmdmp.saved_mode())
        return told

    async def saved_server(self) -> Server:
        told: Server = await self._module.call(lambda module: module.cmdmp.saved_server())
        return told

    async def saved_keys(self) -> Keys:
        told: Keys = await self._module.call(lambda module: module.cmdmp.saved_keys())
        return told

    async def saved_plmns(self) -> tuple[str, ...]:
        """DOC-A."""
        told: tuple[str, ...] = await self._module.call(lambda module: module.cmdmp.saved_plmns())
        return told

    async def erase(self, part: Part = Part.ALL) -> None:
        """The defaults are in force after a restart."""
        await self._module.call(lambda module: module.cmdmp.erase(part))

    async def state(self) -> DmpState:
        """Where the registration stands."""
        told: DmpState = await self._module.call(lambda module: module.cmdmp.state())
        return told


class AsyncExtendedCommands(AsyncCommands):
    """Read as they are saved; None: never set, or erased."""

    async def syntax(self) -> tuple[str, ...]:
        """What the test form prints."""
        told: tuple[str, ...] = await self._module.call(lambda module: module.extended.syntax())
        return told

    async def set_application(self, application: str) -> None:
        await self._module.call(lambda module: module.extended.set_application(application))

    async def application(self) -> str | None:
        told: str | None = await self._module.call(lambda module: module.extended.application())
        return told

    async def erase_application(self) -> None:
        await self._module.call(lambda module: module.extended.erase_application())

    async def set_mac(self, mac: str) -> None:
        await self._module.call(lambda module: module.extended.set_mac(mac))

    async def mac(self) -> str | None:
        told: str | None = await self._module.call(lambda module: module.extended.mac())
        return told

    async def erase_mac(self) -> None:
        await self._module.call(lambda module: module.extended.erase_mac())

    async def set_hardware(self, rom: str, ram: str, cpu: str, system: str) -> None:
        await self._module.call(lambda module: module.extended.set_hardware(rom, ram, cpu, system))

    async def hardware(self) -> tuple[str | None, ...]:
        """ROM, RAM, CPU and operating system."""
        told: tuple[str | None, ...] = await self._module.call(lambda module: module.extended.hardware())
        return told

    async def erase_hardware(self) -> None:
        await self._module.call(lambda module: module.extended.erase_hardware())

    async def set_software(self, version: str, name: str) -> None:
        await self._module.call(lambda module: module.extended.set_software(version, name))

    async def software(self) -> tuple[str | None, ...]:
        """Version and name."""
        told: tuple[str | None, ...] = await self._module.call(lambda module: module.extended.software())
        return told

    async def erase_software(self) -> None:
        await self._module.call(lambda module: module.extended.erase_software())

    async def set_subscription(self, volte: str, network: str, account: str, phone: str) -> None:
        await self._module.call(lambda module: module.extended.set_subscription(volte, network, account, phone))

    async def subscription(self) -> tuple[str | None, ...]:
        """VoLTE, network, account and telephone number."""
        told: tuple[str | None, ...] = await self._module.call(lambda module: module.extended.subscription())
        return told

    async def erase_subscription(self) -> None:
        await self._module.call(lambda module: module.extended.erase_subscription())

    async def set_location(self, location: str) -> None:
        await self._module.call(lambda module: module.extended.set_location(location))

    async def location(self) -> str | None:
        told: str | None = await self._module.call(lambda module: module.extended.location())
        return told

    async def erase_location(self) -> None:
        await self._module.call(lambda module: module.extended.erase_location())


class AsyncSelfRegistrationCommands(AsyncCommands):
    """What is written is in force after a restart."""

    async def mode(self) -> int:
        """0: off; 1: on; 3: on, since before a firmware update (DOC-C's note)."""
        told: int = await self._module.call(lambda module: module.self_registration.mode())
        return told

    async def enabled(self) -> bool:
        told: bool = await self._module.call(lambda module: module.self_registration.enabled())
        return told

    async def set_mode(self, mode: int) -> None:
        await self._module.call(lambda module: module.self_registration.set_mode(mode))

    async def enable(self) -> None:
        await self._module.call(lambda module: module.self_registration.enable())

    async def disable(self) -> None:
        await self._module.call(lambda module: module.self_registration.disable())


class AsyncAndlinkCommands(AsyncCommands):
    """Where a command has two names, ``spelling`` chooses; by itself it is the first that the model has (D44)."""

    async def servers(self) -> list[AndlinkServer]:
        told: list[AndlinkServer] = await self._module.call(lambda module: module.andlink.servers())
        return told

    async def add_server(self, kind: ServerKind, host: str, port: int | None = None) -> None:
        await self._module.call(lambda module: module.andlink.add_server(kind, host, port))

    async def remove_server(self, host: str, port: int | None = None) -> None:
        await self._module.call(lambda module: module.andlink.remove_server(host, port))

    async def security(self) -> Security:
        told: Security = await self._module.call(lambda module: module.andlink.security())
        return told

    async def set_security(self, dtls: int, nat: int | None = None) -> None:
        await self._module.call(lambda module: module.andlink.set_security(dtls, nat))

    async def psk_identity(self) -> str | None:
        """The key itself is not shown."""
        told: str | None = await self._module.call(lambda module: module.andlink.psk_identity())
        return told

    async def set_psk(self, identity: str, key: bytes) -> None:
        """``identity``: the IMEI, or "0" for it."""
        await self._module.call(lambda module: module.andlink.set_psk(identity, key))

    async def register(self) -> None:
        """`UrcReceived` +QLAEVTIND tells how it went."""
        await self._module.call(lambda module: module.andlink.register())

    async def deregister(self) -> None:
        await self._module.call(lambda module: module.andlink.deregister())

    async def send_data(self, mode: int, data: bytes, *, spelling: str | None = None) -> None:
        """In data mode. ``mode``: 0x0000, 0x0001 … of the document's table."""
        await self._module.call(lambda module: module.andlink.send_data(mode, data, spelling=spelling))

    async def respond(self, message_id: int, token: bytes, result: int, data: bytes = b"") -> None:
        """To what +QLAREAD or +QLAWRITE said."""
        await self._module.call(lambda module: module.andlink.respond(message_id, token, result, data))

    async def data_status(self, *, spelling: str | None = None) -> DataStatus:
        """Of what was sent last."""
        told: DataStatus = await self._module.call(lambda module: module.andlink.data_status(spelling=spelling))
        return told

    async def control_update(self, step: int) -> None:
        """0: by itself; 1: by the host; 2 to 5: the steps of one that the host controls (D46)."""
        await self._module.call(lambda module: module.andlink.control_update(step))

    async def registers_by_itself(self) -> bool:
        told: bool = await self._module.call(lambda module: module.andlink.registers_by_itself())
        return told

    async def set_registers_by_itself(self, on: bool) -> None:
        await self._module.call(lambda module: module.andlink.set_registers_by_itself(on))

    async def registration_state(self) -> RegistrationState:
        told: RegistrationState = await self._module.call(lambda module: module.andlink.registration_state())
        return told

    async def reset_dtls(self) -> None:
        await self._module.call(lambda module: module.andlink.reset_dtls())

    async def dtls_state(self) -> ChannelState:
        told: ChannelState = await self._module.call(lambda module: module.andlink.dtls_state())
        return told

    async def device_type(self) -> str | None:
        told: str | None = await self._module.call(lambda module: module.andlink.device_type())
        return told

    async def set_device_type(self, device_type: str) -> None:
        await self._module.call(lambda module: module.andlink.set_device_type(device_type))

    async def stop_update(self) -> None:
        await self._module.call(lambda module: module.andlink.stop_update())

    async def bootstrap_psk_identity(self, *, spelling: str | None = None) -> str | None:
        told: str | None = await self._module.call(
            lambda module: module.andlink.bootstrap_psk_identity(spelling=spelling)
        )
        return told

    async def set_bootstrap_psk(self, identity: str, key: bytes, *, spelling: str | None = None) -> None:
        await self._module.call(lambda module: module.andlink.set_bootstrap_psk(identity, key, spelling=spelling))

    async def bootstrap_security(self, *, spelling: str | None = None) -> Security:
        told: Security = await self._module.call(lambda module: module.andlink.bootstrap_security(spelling=spelling))
        return told

    async def set_bootstrap_security(self, dtls: int, nat: int | None = None, *, spelling: str | None = None) -> None:
        await self._module.call(lambda module: module.andlink.set_bootstrap_security(dtls, nat, spelling=spelling))


class AsyncPowerCommands(AsyncCommands):
    """AT+NRB or AT+QRST=1, as the family has it."""

    async def restart(self) -> None:
        """The next command waits for the banner."""
        await self._module.call(lambda module: module.power.restart())
