"""Andlink on a module: which client a boot starts (DOC-E 3), and what its events are to the host (DOC-E 2, 4).

Knows settings, URCs and the flash that a firmware update is written to; knows no packet and no registration state.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbtwin.lwm2m.client import firmware_update as fota
from nbtwin.lwm2m.client import registration as outcomes
from nbtwin.lwm2m.client import states as told
from nbtwin.lwm2m.client.channel import ChannelState, Psk
from nbtwin.lwm2m.client.client import AndlinkClient
from nbtwin.lwm2m.client.config import NAT_SILENCE, AndlinkConfig, SecurityConfig
from nbtwin.module import flash, settings
from nbtwin.module.dtls_channel import channels

if TYPE_CHECKING:
    from nbtwin.module.module import Module

CONTROLLED = "QLAFOTAIND"
"""AT+QLAFOTAIND=1 in what is in use, never in what is saved (D5)."""
SYSRESETREQ = "REBOOT_CAUSE_APPLICATION_SYSRESETREQ"
"""DOC-E 7."""

EVENTS: dict[type, int] = {  # <type> of +QLAEVTIND: 4.3; 3 is D17
    outcomes.Registered: 0,
    outcomes.Deregistered: 1,
    outcomes.Updated: 2,
    told.DataObserved: 3,
    told.Bootstrapped: 4,
    told.FirmwareObserved: 5,
    fota.PackageUrlReceived: 6,
    fota.PackageDownloaded: 7,
}


def client(m: Module) -> tuple[AndlinkClient, str] | None:
    """On every model that has the commands, whatever the card: the servers are the host's to name."""
    if not m.profile.andlink:
        return None
    result = fota.FirmwareResult(m.saved.andlink.update_result)
    why = "attached" if result is fota.FirmwareResult.INITIAL else f"attached after a firmware update: {result.name}"
    random = m.services.random
    made = AndlinkClient(lambda: _config(m), random, make_channel=channels(random), update_result=result)
    return made, why


def _config(m: Module) -> AndlinkConfig:
    """What is in use now: some of the commands take effect at once (D5)."""
    used, imei = m.in_use.andlink, m.identity.imei
    return AndlinkConfig(
        imei=imei,
        model=m.profile.model,
        firmware=m.identity.firmware,
        manufacturer=m.profile.manufacturer,
        device_type=used.device_type,
        bootstrap_servers=_servers(used, "BS"),
        servers=_servers(used, "LWM2M"),
        bootstrap_way=_way(used.bootstrap_security, used.bootstrap_psk, imei),
        way=_way(used.security, used.psk, imei),
        automatic=used.automatic == 1,
        controlled=m.in_use.generic.config.get(CONTROLLED) == "1",
    )


def _servers(used: settings.Andlink, kind: str) -> tuple[tuple[str, int], ...]:
    return tuple((server.host, server.port) for server in used.servers if server.type == kind)


def _way(security: tuple[int, int], psk: settings.SavedPsk | None, imei: str) -> SecurityConfig:
    """NAT type 0: a new handshake after 30 s of silence (3.16); the identity 0 means the IMEI (3.3)."""
    kind, nat = security
    key = None
    if psk is not None:
        key = Psk((imei if psk.identity == "0" else psk.identity).encode(), bytes.fromhex(psk.key))
    return SecurityConfig(kind == 1, key, NAT_SILENCE if nat == 0 else None)


def react(m: Module, event: Any) -> None:
    """What an event of the client means for the host, the radio and the firmware."""
    text = urc(event)
    if text is not None:
        m.urc(text)
    match event:
        case told.ReleaseWanted():
            m.release_early()
        case told.RebootRequested():
            m.restart(SYSRESETREQ)
        case fota.FirmwareAccepted(package=package):
            flash.install(m, package)
        case fota.FirmwareTold(text=fota.OVER):
            _forget_update(m)


def urc(event: Any) -> str | None:
    """What the host reads of an event, if anything. Payloads and queries as they came (D27)."""
    number = EVENTS.get(type(event))
    if number is not None:
        return f"+QLAEVTIND:{number}"
    match event:
        case told.ReadRequested(message_id=message_id, token=token, query=query):
            return f'+QLAREAD: {message_id},"{token.hex().upper()}"{_query(query)}'
        case told.WriteRequested(message_id=message_id, token=token, data=data, query=query):
            payload = data.decode("utf-8", "surrogateescape")
            return f'+QLAWRITE: {message_id},"{token.hex().upper()}",{payload}{_query(query)}'
        case told.DataReported(status=status):
            return f"+QLADATASTATUS:{int(status)}"
        case told.DtlsChanged(state=ChannelState.DONE | ChannelState.FAILED as state):
            return f"+QLADTLSSTAT:{int(state)}"  # how each one ended: 3.12, D70
        case told.RegistrationAwaited():
            return "REGISTERNOTIFY"
        case fota.FirmwareTold(text=text):
            return text
        case _:
            return None


def _query(query: str) -> str:
    return f',"{query}"' if query else ""


def _forget_update(m: Module) -> None:
    """The platform knows what became of it."""
    if m.saved.andlink.update_result:
        m.saved.andlink.update_result = 0
        m.nvram.save()
