"""China Mobile's Andlink: the commands of DOC-E 3, in its order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from nbtwin.at.command import Form
from nbtwin.host.commands.base import Commands, asks, last, number, required, unreadable
from nbtwin.lwm2m.client.channel import ChannelState
from nbtwin.lwm2m.client.states import DataStatus, RegistrationState

SENDS = ("+QLASENDDATA", "+QLASENDATA")  # 3.5; the second as in 6.1: D44
STATUSES = ("+QLADASTATUS", "+QLADATASTATUS", "+QLAULDATASTATUS")  # 3.7; D6
BOOTSTRAP_KEYS = ("+QLASETBSPSK", "+QSETBSPSK")  # 3.15; D44
BOOTSTRAP_SECURITY = ("+QLABSSECSWT", "+QBSSECSWT")  # 3.16; D44
DEVICE_TYPE = '+QCFG="LWM2M/DeviceType"'  # 3.13
ServerKind: TypeAlias = Literal["LWM2M", "BS"]


@dataclass(frozen=True, slots=True)
class AndlinkServer:
    """An entry of the server list."""

    kind: str
    host: str
    port: int | None


@dataclass(frozen=True, slots=True)
class Security:
    """``dtls``: 0 without, 1 with; ``nat`` as its document has it."""

    dtls: int
    nat: int


class AndlinkCommands(Commands):
    """Where a command has two names, ``spelling`` chooses; by itself it is the first that the model has (D44)."""

    @asks("+QLASERVERIP", form=Form.READ)
    def servers(self) -> list[AndlinkServer]:
        told = self._told(answer := self._ask(("+QLASERVERIP",), Form.READ), ("+QLASERVERIP",))
        return [
            AndlinkServer(required(answer, values), required(answer, values, 1), number(values[2]))
            for values in told
            if len(values) == 3
        ]

    @asks("+QLASERVERIP", form=Form.WRITE)
    def add_server(self, kind: ServerKind, host: str, port: int | None = None) -> None:
        self._ask(("+QLASERVERIP",), Form.WRITE, kind, host, port)

    def remove_server(self, host: str, port: int | None = None) -> None:
        self._ask(("+QLASERVERIP",), Form.WRITE, "DEL", host, port)

    @asks("+QLASECSWT", form=Form.READ)
    def security(self) -> Security:
        return self._security(("+QLASECSWT",), None)

    @asks("+QLASECSWT", form=Form.WRITE)
    def set_security(self, dtls: int, nat: int | None = None) -> None:
        self._ask(("+QLASECSWT",), Form.WRITE, dtls, nat)

    @asks("+QLASETPSK", form=Form.READ)
    def psk_identity(self) -> str | None:
        """The key itself is not shown."""
        return self._identity(("+QLASETPSK",), None)

    @asks("+QLASETPSK", form=Form.WRITE)
    def set_psk(self, identity: str, key: bytes) -> None:
        """``identity``: the IMEI, or "0" for it."""
        self._ask(("+QLASETPSK",), Form.WRITE, identity, key)

    @asks("+QLASREGIND", form=Form.WRITE)
    def register(self) -> None:
        """`UrcReceived` +QLAEVTIND tells how it went."""
        self._ask(("+QLASREGIND",), Form.WRITE, 0)

    def deregister(self) -> None:
        self._ask(("+QLASREGIND",), Form.WRITE, 1)

    @asks(*SENDS, form=Form.WRITE)
    def send_data(self, mode: int, data: bytes, *, spelling: str | None = None) -> None:
        """In data mode. ``mode``: 0x0000, 0x0001 … of the document's table."""
        self._ask(SENDS, Form.WRITE, mode, len(data), data=data, spelling=spelling)

    @asks("+QLASENDRSP", form=Form.WRITE)
    def respond(self, message_id: int, token: bytes, result: int, data: bytes = b"") -> None:
        """To what +QLAREAD or +QLAWRITE said."""
        self._ask(("+QLASENDRSP",), Form.WRITE, message_id, token, result, len(data), data=data or None)

    @asks(*STATUSES, form=Form.READ)
    def data_status(self, *, spelling: str | None = None) -> DataStatus:
        """Of what was sent last."""
        answer = self._ask(STATUSES, Form.READ, spelling=spelling)
        return DataStatus(int(required(answer, last(answer, self._told(answer, STATUSES)))))

    @asks("+QLAFOTAIND", form=Form.WRITE)
    def control_update(self, step: int) -> None:
        """0: by itself; 1: by the host; 2 to 5: the steps of one that the host controls (D46)."""
        self._ask(("+QLAFOTAIND",), Form.WRITE, step)

    @asks("+QLAREGSWT", form=Form.READ)
    def registers_by_itself(self) -> bool:
        answer = self._ask(("+QLAREGSWT",), Form.READ)
        return required(answer, last(answer, self._told(answer, ("+QLAREGSWT",)))) == "1"

    @asks("+QLAREGSWT", form=Form.WRITE)
    def set_registers_by_itself(self, on: bool) -> None:
        self._ask(("+QLAREGSWT",), Form.WRITE, on)

    @asks("+QLASTATUS", form=Form.READ)
    def registration_state(self) -> RegistrationState:
        answer = self._ask(("+QLASTATUS",), Form.READ)
        return RegistrationState(required(answer, last(answer, self._told(answer, ("+QLASTATUS",)))))

    @asks("+QLARESETDTLS", form=Form.EXECUTE)
    def reset_dtls(self) -> None:
        self._ask(("+QLARESETDTLS",), Form.EXECUTE)

    @asks("+QLADTLSSTAT", form=Form.READ)
    def dtls_state(self) -> ChannelState:
        answer = self._ask(("+QLADTLSSTAT",), Form.READ)
        return ChannelState(int(required(answer, last(answer, self._told(answer, ("+QLADTLSSTAT",))))))

    @asks(DEVICE_TYPE, form=Form.READ)
    def device_type(self) -> str | None:
        answer = self._ask((DEVICE_TYPE,), Form.READ)
        return last(answer, self._told(answer, ("+QCFG",)))[-1]

    @asks(DEVICE_TYPE, form=Form.WRITE)
    def set_device_type(self, device_type: str) -> None:
        self._ask((DEVICE_TYPE,), Form.WRITE, device_type)

    @asks("+QLAFOTARESET", form=Form.WRITE)
    def stop_update(self) -> None:
        self._ask(("+QLAFOTARESET",), Form.WRITE, 1)

    @asks(*BOOTSTRAP_KEYS, form=Form.READ)
    def bootstrap_psk_identity(self, *, spelling: str | None = None) -> str | None:
        return self._identity(BOOTSTRAP_KEYS, spelling)

    @asks(*BOOTSTRAP_KEYS, form=Form.WRITE)
    def set_bootstrap_psk(self, identity: str, key: bytes, *, spelling: str | None = None) -> None:
        self._ask(BOOTSTRAP_KEYS, Form.WRITE, identity, key, spelling=spelling)

    @asks(*BOOTSTRAP_SECURITY, form=Form.READ)
    def bootstrap_security(self, *, spelling: str | None = None) -> Security:
        return self._security(BOOTSTRAP_SECURITY, spelling)

    @asks(*BOOTSTRAP_SECURITY, form=Form.WRITE)
    def set_bootstrap_security(self, dtls: int, nat: int | None = None, *, spelling: str | None = None) -> None:
        self._ask(BOOTSTRAP_SECURITY, Form.WRITE, dtls, nat, spelling=spelling)

    def _security(self, names: tuple[str, ...], spelling: str | None) -> Security:
        answer = self._ask(names, Form.READ, spelling=spelling)
        values = last(answer, self._told(answer, names))
        return Security(int(required(answer, values)), int(required(answer, values, 1)))

    def _identity(self, names: tuple[str, ...], spelling: str | None) -> str | None:
        """Whatever name the answer has in front (D8)."""
        answer = self._ask(names, Form.READ, spelling=spelling)
        if not answer.lines:
            return None
        _, colon, told = answer.lines[-1].partition(":")
        if not colon:
            raise unreadable(answer)
        return told.strip(" ").partition(",")[0] or None
