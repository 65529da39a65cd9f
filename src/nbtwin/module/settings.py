"""What a module keeps in NVRAM, as typed data. Knows no command and no file; ``None`` means "never saved".

Saved and in use are two copies of the same structure: writes change the saved one, boot copies it.
"""

from __future__ import annotations

import msgspec

from nbtwin.at.session import LineSettings


class Cmdmp(msgspec.Struct):
    """What AT+DMPCONFIG / AT+QDMPCFG types 0 to 3 save (DOC-A 2.1, DOC-B 2.2, DOC-C 3.2.2, DOC-D 3.2.1)."""

    mode: int | None = None
    server: str | None = None
    port: int | None = None
    period: int | None = None  # seconds
    appkey: str | None = None
    password: str | None = None
    terminal_type: int | None = None
    terminal_imei: str | None = None
    plmns: list[str] = []


class CmdmpInUse(msgspec.Struct, frozen=True):
    """The same with a value everywhere: what was saved, else the document's default."""

    mode: int
    server: str
    port: int
    period: int  # seconds
    appkey: str
    password: str
    terminal_type: int
    terminal_imei: str
    plmns: tuple[str, ...]


class SavedServer(msgspec.Struct):
    """One entry of AT+QLASERVERIP (DOC-E 3.1)."""

    type: str  # "BS" or "LWM2M"
    host: str
    port: int


class SavedPsk(msgspec.Struct):
    """A PSK identity as written (15 digits, or "0" for the IMEI) and the key as 32 hex digits."""

    identity: str
    key: str


class Andlink(msgspec.Struct):
    """What the AT+QLA… commands keep (DOC-E 3; D5)."""

    servers: list[SavedServer] = []
    security: tuple[int, int] = (0, 0)  # <type>, <NAT_type> of QLASECSWT
    bootstrap_security: tuple[int, int] = (0, 0)  # of QLABSSECSWT
    psk: SavedPsk | None = None
    bootstrap_psk: SavedPsk | None = None
    automatic: int = 1  # QLAREGSWT (D42)
    device_type: str | None = None  # /3/0/17
    update_result: int = 0  # /5/0/5 of the last firmware update, until the platform was told


class Success(msgspec.Struct):
    """The last successful self-registration with one operator: what a change is compared with."""

    firmware: str
    imei: str
    imsi: str
    iccid: str
    at: float  # module time in seconds
    update_due_at: float | None = None  # Unicom's 30 days (D55)


class Generic(msgspec.Struct):
    """What the everyday commands keep over a reboot."""

    sleep_mode: int | None = None  # +QSCLK
    psm: list[str] | None = None  # +CPSMS: mode, periodic TAU, active time (bit strings of 27.007)
    bands: list[int] = []
    config: dict[str, str] = {}  # +NCONFIG
    baud: int | None = None
    line: LineSettings | None = None  # AT&W


class Saved(msgspec.Struct):
    """One module's whole NVRAM."""

    firmware: str = ""
    updated_from: str | None = None  # the firmware before an update that AT+QSREGENABLE? still tells of (D64)
    cmdmp: Cmdmp = msgspec.field(default_factory=Cmdmp)
    extended: dict[int, list[str]] = {}  # AT+QDMPCFGEX <type> to its values
    telecom_enabled: int | None = None  # AT+QSREGENABLE (DOC-C 3.2.1)
    telecom_address: str | None = None  # where its name is unknown (docs/spec/wire.md, Names and addresses)
    self_register: int | None = None  # AT+QSELFREGISTER (DOC-D 3.1)
    andlink: Andlink = msgspec.field(default_factory=Andlink)
    generic: Generic = msgspec.field(default_factory=Generic)
    successes: dict[str, Success] = {}  # by operator
