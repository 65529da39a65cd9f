"""How commands fail: why, as codes, and which <err> a handler's refusal carries, by the profile's error table.

Knows error tables; knows no command. DOC-B and DOC-C answer plain ERROR for every error of their own commands
(docs/spec/at.md, Errors), so their tables name no code for a bad parameter, and no other code is sent for those
commands either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbtwin.at.command import AtError
from nbtwin.at.refusals import CommandRefused
from nbtwin.engine import Refusal

if TYPE_CHECKING:
    from nbtwin.module.module import Module

OPERATION_NOT_ALLOWED = 3
INCORRECT_PASSWORD = 16  # 27.007 9.2.1
NO_NETWORK_SERVICE = 30


class CommandRefusal(Refusal):
    """Why a command does not do what its line asks for; the line itself is well-formed."""

    LISTENS_NOWHERE = "command-listens-nowhere"
    SOCKET_LISTENS = "command-socket-listens"
    PIN_NOT_ASKED = "command-pin-not-asked"
    PIN_INCORRECT = "command-pin-incorrect"
    USIM_MISSING = "command-usim-missing"
    USIM_NOT_READ = "command-usim-not-read"
    NETWORK_UNKNOWN = "command-network-unknown"
    """Text: the operator."""
    OPERATOR_OUT_OF_PLACE = "command-operator-out-of-place"
    SWITCH_VALUE = "command-switch-value"
    """Parameter: the switch; text, and what it takes."""
    ACT_VALUES = "command-act-values"
    """Text: the <act>; the number of values, and how many are expected."""
    BAND_COUNT = "command-band-count"
    """The number of bands, and how many were announced."""
    BANDS = "command-bands"
    """Takes: the bands of the model."""
    FIRMWARE_NOT_ONT = "command-firmware-not-ont"
    """Text: the version."""
    SERVER_UNKNOWN = "command-server-unknown"
    """Text: HOST or HOST:PORT."""
    SERVER_LIST_FULL = "command-server-list-full"
    """Expected: how many there is room for."""
    PSK_IDENTITY = "command-psk-identity"
    """Text, and what is taken: the module's IMEI."""
    PSK_NOT_SET = "command-psk-not-set"
    FUNCTION_NOT_FULL = "command-function-not-full"
    """Number: the <fun> of AT+CFUN."""
    NOTHING_TO_DEREGISTER = "command-nothing-to-deregister"
    SERVER_NOT_SET = "command-server-not-set"
    NOT_ATTACHED = "command-not-attached"
    CLIENT_MISSING = "command-client-missing"
    DATA_LENGTH = "command-data-length"
    """The number of bytes, and how many are expected."""
    UPLINK_OPEN = "command-uplink-open"
    MQTT_VALUES = "command-mqtt-values"
    """Parameter: without which the others are not taken, or which is missing."""
    MQTT_WITHOUT_TLS = "command-mqtt-without-tls"
    MQTT_MESSAGE_ID = "command-mqtt-message-id"
    """Number: the <msgID>."""
    MQTT_HEX = "command-mqtt-hex"
    NOT_REGISTERED = "command-not-registered"
    REQUEST_UNKNOWN = "command-request-unknown"
    """Number: the message ID; text: the token."""
    STEP_OUT_OF_TURN = "command-step-out-of-turn"
    """Number: the <type>."""
    UPDATE_NOT_STOPPED = "command-update-not-stopped"
    UPDATE_RUNNING = "command-update-running"
    SOCKET_UNKNOWN = "command-socket-unknown"
    """Number: the <socket>."""
    SOCKET_NOT_CONNECTED = "command-socket-not-connected"
    PROTOCOL_OF_OTHER_TYPE = "command-protocol-of-other-type"
    SEQUENCE_TAKEN = "command-sequence-taken"
    """Number: the <sequence>."""
    SOCKET_TAKEN = "command-socket-taken"
    """Number: the <connectID>."""
    NOTHING_SENT = "command-nothing-sent"
    CONTEXT_INACTIVE = "command-context-inactive"
    """Number: the <contextID>."""
    NAME_UNDER_WAY = "command-name-under-way"
    PING_UNDER_WAY = "command-ping-under-way"
    TIME_UNDER_WAY = "command-time-under-way"


def bad_parameter(m: Module, why: CommandRefused) -> AtError:
    """A value that its field lets through and its neighbours do not (D30)."""
    return AtError(m.profile.errors.bad_parameter, why)


def not_supported(m: Module, why: CommandRefused) -> AtError:
    """A form or command that this firmware or model does not have (D30)."""
    return AtError(m.profile.errors.not_supported, why)


def refusal(m: Module, err: int, why: CommandRefused) -> AtError:
    """Any other error of a vendor command."""
    return AtError(err if m.profile.errors.bad_parameter is not None else None, why)


def save(m: Module) -> None:
    """Write NVRAM through for a vendor command; a failure is error 23 where the document has codes."""
    try:
        m.save()
    except AtError as error:
        raise refusal(m, error.err or 23, error.why) from None
