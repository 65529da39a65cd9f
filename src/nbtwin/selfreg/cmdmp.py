"""Mobile CMDMP, DM version v2.0: names, cipher, object 666, states (docs/spec/wire.md, CMDMP).

Knows no packet, no timer, no module. Both ends read this file: the module writes names and values, the platform parses
and checks them.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from types import MappingProxyType

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from nbtwin.engine import CodedError, DecodeError, Refusal
from nbtwin.foreign import Unfit, detail_of
from nbtwin.lwm2m.model import AllowedOperations, ObjectDefinition, ResourceDefinition, ResourceType, object_definition

VERSION = "v2.0"
SEPARATOR = "@#@"
UNKNOWN = "****"
"""An empty field of the identity text; in the place of the version it marks an update."""
NULL = "NULL"
"""No information (DOC-B 2.3, D3)."""
TERMINAL_TYPES = {0: "I", 1: "L", 2: "A"}
"""<ifType>/<tmlType>: interface, Linux, Android."""


class DmpState(IntEnum):
    """<dmstate> as DOC-D 3.2.1 prints it, without the prefix DMP_."""

    INITIAL_STATE = 0
    CONNECT_SUCCESS = 4
    CONNECT_FAILED = 5
    REG_SUCCESS = 6
    REG_FAILED = 7
    REG_TIMEOUT = 8
    LIFETIME_TIMEOUT = 9
    UPDATE_SUCCESS = 11
    UPDATE_FAILED = 12
    UPDATE_TIMEOUT = 13


@lru_cache(maxsize=1024)
def key_of(password: str) -> bytes:
    """The AES key of a password; of an empty one that of thirty-two zeros."""
    return hashlib.sha256((password or "0" * 32).encode()).digest()


class EndpointRefusal(Refusal):
    """Why a text is no endpoint name of CMDMP, or no part of one."""

    OTHER_KEY = "endpoint-other-key"  # detail: what a library says
    IDENTITY_FIELDS = "endpoint-identity-fields"  # count
    NAME_PARTS = "endpoint-name-parts"  # count


class EndpointError(CodedError, DecodeError):
    """A text that is no endpoint name of CMDMP, or no part of one."""


@lru_cache(maxsize=1024)
def encrypt(text: str, key: bytes) -> str:
    """AES-256-CBC, IV of zeros, PKCS#7, base64: the same text is the same secret, and most of a fleet's are NULL."""
    padder = padding.PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES(key), modes.CBC(bytes(16))).encryptor()
    data = padder.update(text.encode()) + padder.finalize()
    return base64.b64encode(encryptor.update(data) + encryptor.finalize()).decode()


def decrypt(text: str, key: bytes) -> str:
    """What ``encrypt`` made; another key or a damaged text is (all but certainly) an EndpointError."""
    try:
        data = base64.b64decode(text, validate=True)
        decryptor = Cipher(algorithms.AES(key), modes.CBC(bytes(16))).decryptor()
        unpadder = padding.PKCS7(128).unpadder()
        padded = decryptor.update(data) + decryptor.finalize()
        return (unpadder.update(padded) + unpadder.finalize()).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise EndpointError(EndpointRefusal.OTHER_KEY, detail=detail_of(error)) from None
    except ValueError:  # its sentences are cryptography's
        code = Unfit.CIPHER_BLOCKS if len(data) % 16 else Unfit.CIPHER_PADDING
        raise EndpointError(EndpointRefusal.OTHER_KEY, detail={"code": str(code)}) from None


@dataclass(frozen=True, slots=True)
class TerminalIdentity:
    """The encrypted part of a name: ``IMEI-IMEI2-IMSI-v2.0``, in an update ``IMEI-IMEI2-IMSI-****``."""

    imei: str
    imei2: str
    imsi: str
    version: str = VERSION  # empty: an update

    def format(self) -> str:
        """The clear text; an empty field is ``****``."""
        return "-".join(field or UNKNOWN for field in (self.imei, self.imei2, self.imsi, self.version))

    @classmethod
    def parse(cls, text: str) -> TerminalIdentity:
        """Three fields (an update without its mark, observed) or four."""
        fields = text.split("-")
        if len(fields) not in (3, 4):
            raise EndpointError(EndpointRefusal.IDENTITY_FIELDS, count=len(fields))
        return cls(*("" if field == UNKNOWN else field for field in (*fields, UNKNOWN)[:4]))


@dataclass(frozen=True, slots=True)
class EndpointName:
    """The outer form of ``ep`` and ``epi``: ``<T>@#@<B64>@#@<appkey>@#@<IMEI>@#@v2.0``."""

    terminal_type: str  # the letter
    secret: str  # B64
    appkey: str
    terminal_imei: str = ""
    version: str = ""
    more: tuple[str, ...] = ()

    @classmethod
    def parse(cls, name: str) -> EndpointName:
        """Three parts (older clients), five, or more; what nobody knows is kept in ``more``."""
        parts = name.split(SEPARATOR)
        if len(parts) < 3 or not all(parts[:3]):
            raise EndpointError(EndpointRefusal.NAME_PARTS, count=len(parts))
        letter, secret, appkey, terminal_imei, version = (*parts, "", "")[:5]
        return cls(letter, secret, appkey, terminal_imei, version, tuple(parts[5:]))

    def identity(self, key: bytes) -> TerminalIdentity:
        """What the secret says; an EndpointError when the key is another."""
        return TerminalIdentity.parse(decrypt(self.secret, key))


def endpoint_name(
    terminal_type: int, identity: TerminalIdentity, appkey: str, password: str, terminal_imei: str
) -> str:
    """The value of ``ep``; ``terminal_type`` is 0, 1 or 2."""
    secret = encrypt(identity.format(), key_of(password))
    return SEPARATOR.join((TERMINAL_TYPES[terminal_type], secret, appkey, terminal_imei, VERSION))


def update_name(terminal_type: int, identity: TerminalIdentity, appkey: str, password: str, terminal_imei: str) -> str:
    """The value of ``epi``: the same outer form, the version inside left open."""
    unversioned = TerminalIdentity(identity.imei, identity.imei2, identity.imsi, version="")
    return endpoint_name(terminal_type, unversioned, appkey, password, terminal_imei)


DEVICE_INFO = 6601
EXTENDED = {
    0: (6602,),
    1: (6603,),
    2: (6604, 6605, 6606, 6607),
    3: (6608, 6609),
    4: (6610, 6611, 6612, 6613),
    5: (6614,),
}
"""AT+QDMPCFGEX <type> to the resources its values become, in the command's order (DOC-C 3.2.3)."""


def _row(id: int, name: str) -> ResourceDefinition:
    return ResourceDefinition(id, name, ResourceType.STRING, AllowedOperations.R)


OBJECT_666: ObjectDefinition = object_definition(
    666, "CMDMP",
    _row(6601, "device info"),
    _row(6602, "application info"),
    _row(6603, "MAC"),
    _row(6604, "ROM"),
    _row(6605, "RAM"),
    _row(6606, "CPU"),
    _row(6607, "OS version"),
    _row(6608, "software version"),
    _row(6609, "software name"),
    _row(6610, "VoLTE"),
    _row(6611, "network type"),
    _row(6612, "account"),
    _row(6613, "phone number"),
    _row(6614, "location"),
)  # fmt: skip


NO_INFO: Mapping[int, str] = MappingProxyType({})


def extended_info(extended: Mapping[int, Sequence[str]]) -> Mapping[int, str]:
    """From what AT+QDMPCFGEX saved to ``info``: resource to clear text; what was never set is absent."""
    if not extended:
        return NO_INFO
    return {
        resource: value
        for type_, values in extended.items()
        for resource, value in zip(EXTENDED[type_], values, strict=False)
    }


def object_666(info: Mapping[int, str], key: bytes) -> dict[int, str]:
    """The readable content of /666/0, encrypted, ascending: unset is NULL, an empty 6601 is left out."""
    return {
        id: encrypt(info.get(id) or NULL, key)
        for id in sorted(OBJECT_666.resources)
        if id != DEVICE_INFO or info.get(id)
    }
