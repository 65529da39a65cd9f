"""The sixteen Andlink commands (DOC-E 3): what they keep, what they show, and what they ask of the protocol engine.

Knows the syntax, the settings and the errors. The protocol behind is an engine with the verbs below; on a module
where none runs, what needs one is refused with the document's own error, never answered OK.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbtwin.at.command import OK, Answer, Command, Lines, Prompt, Row, row
from nbtwin.at.refusals import BadParameter, CommandRefused, ValueKind, ValueTaken
from nbtwin.at.values import Choice, HexChoice, HexDigits, Host, Int, Quoted, Rest, Word
from nbtwin.commands.andlink_engine import (
    DURING_UPDATE,
    INCORRECT_STATE,
    MINIMAL_FUNCTION,
    NO_NETWORK_SERVICE,
    NOT_CONFIGURED,
    NOT_REGISTERED,
    RESULT_MEANINGS,
    RESULTS,
    SEND_MEANINGS,
    SEND_MODES,
    UPLINK_BUSY,
    AndlinkEngine,
    engine_of,
)
from nbtwin.commands.fields import PskIdentity
from nbtwin.commands.refusals import CommandRefusal, bad_parameter, refusal, save
from nbtwin.lwm2m.client.channel import ChannelState
from nbtwin.lwm2m.client.firmware_update import FirmwareStep
from nbtwin.lwm2m.client.states import DataStatus, RegistrationState
from nbtwin.module.settings import SavedPsk, SavedServer

if TYPE_CHECKING:
    from nbtwin.module.module import Module

UPDATE_MODE = "QLAFOTAIND"
"""Where the update mode stands in what is in use; "1" is controlled. Never in what is saved (D5)."""
MOST_SERVERS = 8
"""Entries of the server list that NVRAM has room for; assumed."""

TOKEN = HexDigits("token", longest=8, shortest=0, known="D45, RFC 7252 5.3.1")
PSK_FIELDS = (PskIdentity("PSK_ID"), HexDigits("PSK", size=16, known="DOC-E 3.3, D16"))  # 32 hex digits: D16
SECURITY_FIELDS = (Int("type", 0, 1), Int("NAT_type", 0, 1, optional=True, default=0, known="DOC-E 3.2, D43"))


def andlink_commands() -> tuple[Command, ...]:
    """In the order of DOC-E 3. The spacing of the answers is that of its examples (D1)."""
    return (
        Command("+QLASERVERIP", "DOC-E 3.1", read=show_servers, write=row(
                    change_servers, Word("type", ("LWM2M", "BS", "DEL"), known="DOC-E 3.1 example, D37"),
                    Host("IP_addr", domain=True, quoted=True, known="DOC-E 3.1 example, D37"),
                    Int("port", 0, 65535, optional=True))),
        Command("+QLASECSWT", "DOC-E 3.2", read=show_security, write=row(save_security, *SECURITY_FIELDS)),
        Command("+QLASETPSK", "DOC-E 3.3", read=show_psk, write=row(save_psk, *PSK_FIELDS)),
        Command("+QLASREGIND", "DOC-E 3.4", write=row(register_or_not, Int("type", 0, 1))),
        *(_send_data(name) for name in ("+QLASENDDATA", "+QLASENDATA")),  # the second as in 6.1: D44
        Command("+QLASENDRSP", "DOC-E 3.6", write=row(
                    send_response, Int("msgID", 0, 65535), TOKEN,
                    Choice.of("result", RESULT_MEANINGS), Int("datalen", 0, 1024))),
        *(_data_status(name) for name in ("+QLADASTATUS", "+QLADATASTATUS", "+QLAULDATASTATUS")),  # 3.7; D6
        Command("+QLAFOTAIND", "DOC-E 3.8", write=row(control_update, Int("type", 0, 5))),
        Command("+QLAREGSWT", "DOC-E 3.9", read=show_registration_mode,
                write=row(save_registration_mode, Int("type", 0, 1))),
        Command("+QLASTATUS", "DOC-E 3.10", read=show_registration_state),
        Command("+QLARESETDTLS", "DOC-E 3.11", execute=reset_dtls),
        Command("+QLADTLSSTAT", "DOC-E 3.12", read=show_dtls_state),
        Command('+QCFG="LWM2M/DeviceType"', "DOC-E 3.13", read=show_device_type,
                write=row(save_device_type, Quoted("DeviceType", known="DOC-E 3.13 example, assumed (255 bytes)"))),
        Command("+QLAFOTARESET", "DOC-E 3.14", write=row(stop_update, Int("state", 1, 1))),
        *(Command(name, "DOC-E 3.15", read=show_bootstrap_psk, write=row(save_bootstrap_psk, *PSK_FIELDS))
          for name in ("+QLASETBSPSK", "+QSETBSPSK")),  # the second as in the table's title: D44
        *(Command(name, "DOC-E 3.16", read=show_bootstrap_security,
                  write=row(save_bootstrap_security, *SECURITY_FIELDS))
          for name in ("+QLABSSECSWT", "+QBSSECSWT")),  # D44
    )  # fmt: skip


# 3.1  The server list: at once and kept (D5)


def change_servers(m: Module, kind: str, host: str, port: int | None) -> Lines:
    servers = list(m.saved.andlink.servers)
    if kind == "DEL":  # every match of either type; none is an error (D49)
        kept = [server for server in servers if server.host != host or port not in (None, server.port)]
        if len(kept) == len(servers):
            server = host if port is None else f"{host}:{port}"
            raise bad_parameter(m, CommandRefused(CommandRefusal.SERVER_UNKNOWN, text=server))
        servers = kept
    else:
        entry = SavedServer(kind, host, 5683 if port is None else port)
        if entry not in servers:  # appended in order, the same triple once (D49)
            servers.append(entry)
        if len(servers) > MOST_SERVERS:
            raise refusal(m, 23, CommandRefused(CommandRefusal.SERVER_LIST_FULL, expected=MOST_SERVERS))
    m.to_save.andlink.servers = servers
    save(m)
    m.to_use.andlink.servers = list(servers)
    return OK


def show_servers(m: Module) -> Lines:
    return ("+QLASERVERIP:", *(f"{s.type},{s.host},{s.port}" for s in m.saved.andlink.servers))


# 3.2, 3.3, 3.15, 3.16  Security and keys; all reads show what is saved (D33)


def save_security(m: Module, kind: int, nat: int) -> Lines:
    m.to_save.andlink.security = (kind, nat)
    save(m)
    m.to_use.andlink.security = (kind, nat)  # at once: D5
    return OK


def show_security(m: Module) -> Lines:
    kind, nat = m.saved.andlink.security
    return (f"+QLASECSWT:{kind},{nat}",)


def save_bootstrap_security(m: Module, kind: int, nat: int) -> Lines:
    m.to_save.andlink.bootstrap_security = (kind, nat)
    save(m)
    return OK


def show_bootstrap_security(m: Module) -> Lines:
    kind, nat = m.saved.andlink.bootstrap_security
    return (f"+QLABSSECSWT:{kind},{nat}",)


def save_psk(m: Module, identity: str, key: bytes) -> Lines:
    m.to_save.andlink.psk = _psk(m, identity, key)
    save(m)
    return OK


def save_bootstrap_psk(m: Module, identity: str, key: bytes) -> Lines:
    m.to_save.andlink.bootstrap_psk = _psk(m, identity, key)
    save(m)
    return OK


def _psk(m: Module, identity: str, key: bytes) -> SavedPsk:
    """DOC-E 3.3: the identity is the module's IMEI, or 0 to say so."""
    if identity not in ("0", m.identity.imei):
        takes = ValueTaken(ValueKind.ONE_OF, allowed=("0", m.identity.imei))
        raise bad_parameter(m, CommandRefused(CommandRefusal.PSK_IDENTITY, "PSK_ID", identity, takes=takes))
    return SavedPsk(identity, key.hex().upper())


def show_psk(m: Module) -> Lines:
    return _shown("+QSETPSK", m, m.saved.andlink.psk)  # not +QLASETPSK: D8


def show_bootstrap_psk(m: Module) -> Lines:
    return _shown("+QSETBSPSK", m, m.saved.andlink.bootstrap_psk)  # D8


def _shown(name: str, m: Module, psk: SavedPsk | None) -> Lines:
    if psk is None:
        raise refusal(m, NOT_CONFIGURED, CommandRefused(CommandRefusal.PSK_NOT_SET))
    return (f"{name}:{m.identity.imei if psk.identity == '0' else psk.identity},***",)  # what 0 stands for: D124


# 3.4, 3.9, 3.10  Registration


def register_or_not(m: Module, kind: int) -> Lines:
    engine = engine_of(m)
    if m.radio.function != 1:
        raise refusal(m, MINIMAL_FUNCTION, CommandRefused(CommandRefusal.FUNCTION_NOT_FULL, number=m.radio.function))
    if kind == 1:
        if engine is None or not engine.registered:
            raise refusal(m, NOT_REGISTERED, CommandRefused(CommandRefusal.NOTHING_TO_DEREGISTER))
        engine.deregister(m.now)
        return OK
    if not m.in_use.andlink.servers:
        raise refusal(m, NOT_CONFIGURED, CommandRefused(CommandRefusal.SERVER_NOT_SET))
    if not m.radio.attached:
        raise refusal(m, NO_NETWORK_SERVICE, CommandRefused(CommandRefusal.NOT_ATTACHED))
    if engine is None:
        raise refusal(m, INCORRECT_STATE, CommandRefused(CommandRefusal.CLIENT_MISSING))
    engine.register(m.now)
    return OK


def save_registration_mode(m: Module, kind: int) -> Lines:
    m.to_save.andlink.automatic = kind
    save(m)
    return OK


def show_registration_mode(m: Module) -> Lines:
    return (f"+QLAREGSWT:{m.saved.andlink.automatic}",)  # 1 by default: D42


def show_registration_state(m: Module) -> Lines:
    engine = engine_of(m)
    return (f"+QLASTATUS:{RegistrationState.UNINITIALISED if engine is None else engine.registration_state}",)


# 3.5, 3.6, 3.7  Data


@dataclass(frozen=True)
class DataRow(Row):
    """<data> on the line has exactly <length> bytes (D25)."""

    def bind(self, values: list[str]) -> list[Any]:
        mode, length, data = super().bind(values)
        if data is not None and len(data) != length:  # a line is ASCII
            raise BadParameter(CommandRefused(CommandRefusal.DATA_LENGTH, number=len(data), expected=length))
        return [mode, length, data]


def _send_data(name: str) -> Command:
    fields = (
        HexChoice("mode", tuple(SEND_MODES), SEND_MEANINGS, known="DOC-E 3.5, DOC-E 6.2 (0X)"),
        Int("length", 1, 1024, known="DOC-E 3.5, D61 (not 0)"),
        Rest("data", optional=True, known="DOC-E 3.5, D25"),
    )
    return Command(name, "DOC-E 3.5", write=DataRow(send_data, fields))  # fmt: skip


def send_data(m: Module, mode: int, length: int, data: str | None) -> Answer:
    """What is wrong is said instead of the prompt (D61); the data on the line is all that is left of it (D25).

    In data mode <length> alone decides where the data ends (D26).
    """
    _may_send(m)
    confirmable, release = SEND_MODES[mode]

    def send(payload: bytes) -> Lines:
        _may_send(m).send_data(m.now, confirmable, release, payload)
        return OK

    if confirmable and _may_send(m).uplink_waits:
        raise refusal(m, UPLINK_BUSY, CommandRefused(CommandRefusal.UPLINK_OPEN))
    if data is None:
        return Prompt(length, send)
    return send(data.encode())


def _may_send(m: Module) -> AndlinkEngine:
    engine = engine_of(m)
    if engine is None or not engine.registered:
        raise refusal(m, NOT_REGISTERED, CommandRefused(CommandRefusal.NOT_REGISTERED))
    return engine


def send_response(m: Module, message_id: int, token: bytes, result: int, length: int) -> Answer:
    def respond(payload: bytes) -> Lines:
        _open_request(m, message_id, token).respond(m.now, message_id, token, RESULTS[result], payload)
        return OK

    _open_request(m, message_id, token)
    return Prompt(length, respond) if length else respond(b"")


def _open_request(m: Module, message_id: int, token: bytes) -> AndlinkEngine:
    engine = engine_of(m)
    if engine is None or not engine.awaits(message_id, token):
        why = CommandRefused(CommandRefusal.REQUEST_UNKNOWN, text=token.hex().upper(), number=message_id)
        raise refusal(m, INCORRECT_STATE, why)
    return engine


def _data_status(name: str) -> Command:
    def show(m: Module) -> Lines:
        engine = engine_of(m)
        return (f"{name}:{int(DataStatus.NOT_SENT if engine is None else engine.data_status)}",)

    return Command(name, "DOC-E 3.7", read=show)


# 3.8, 3.14  Firmware update


def control_update(m: Module, step: int) -> Lines:
    """0 and 1 choose the mode, in force at once and not kept (D5, D42); 2 to 5 have their turn (D46)."""
    if step <= 1:
        m.to_use.generic.config[UPDATE_MODE] = str(step)
        return OK
    engine = engine_of(m)
    if engine is None or not engine.control_update(m.now, FirmwareStep(step)):
        raise refusal(m, INCORRECT_STATE, CommandRefused(CommandRefusal.STEP_OUT_OF_TURN, number=step))
    return OK


def stop_update(m: Module, state: int) -> Lines:
    """With no update running urgent data may be sent anyway (D48)."""
    engine = engine_of(m)
    if engine is not None and engine.updating and not engine.stop_update(m.now):
        raise refusal(m, DURING_UPDATE, CommandRefused(CommandRefusal.UPDATE_NOT_STOPPED))
    return OK


# 3.11, 3.12  DTLS


def reset_dtls(m: Module) -> Lines:
    engine = engine_of(m)
    if engine is not None:
        engine.reset_dtls(m.now)
    return OK  # without a session the state is the initial one already


def show_dtls_state(m: Module) -> Lines:
    engine = engine_of(m)
    state = ChannelState.NOT_STARTED if engine is None else engine.dtls_state  # D41
    return (f"+QLADTLSSTAT:{int(state)}",)


# 3.13  Device type: at once and kept (D5)


def save_device_type(m: Module, device_type: str) -> Lines:
    m.to_save.andlink.device_type = device_type
    save(m)
    m.to_use.andlink.device_type = device_type
    if (engine := engine_of(m)) is not None:
        engine.device_type_changed(m.now)
    return OK


def show_device_type(m: Module) -> Lines:
    return (f'+QCFG: "LWM2M/DeviceType",{m.saved.andlink.device_type or ""}',)  # neither Lifetime nor +CQFG: D9
