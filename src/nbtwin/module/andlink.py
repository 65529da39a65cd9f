"""Andlink on a module: which client a boot starts (DOC-E 3), and what its events are to the host (DOC-E 2, 4).

Knows settings, URCs and the flash that a firmware update is written to; knows no packet and no registration state.
"""

from __future__ import annotations

from typing import assert_never

from nbtwin.coap import events as coap
from nbtwin.lwm2m.client import events as andlink
from nbtwin.lwm2m.client import firmware_update as fota
from nbtwin.lwm2m.client import registration as outcomes
from nbtwin.lwm2m.client.channel import ChannelState, Psk
from nbtwin.lwm2m.client.client import AndlinkClient
from nbtwin.lwm2m.client.config import NAT_SILENCE, AndlinkConfig, SecurityConfig
from nbtwin.module import flash, settings
from nbtwin.module.context import ModuleContext
from nbtwin.module.events import ModuleReason, ServiceEvent, ServiceStarted

CONTROLLED = "QLAFOTAIND"
"""AT+QLAFOTAIND=1 in what is in use, never in what is saved (D5)."""
SYSRESETREQ = "REBOOT_CAUSE_APPLICATION_SYSRESETREQ"
"""DOC-E 7."""


def client(m: ModuleContext) -> tuple[AndlinkClient, ServiceStarted] | None:
    """On every model that has the commands, whatever the card: the servers are the host's to name."""
    if not m.profile.andlink:
        return None
    result = fota.FirmwareResult(m.saved.andlink.update_result)
    made = AndlinkClient(lambda: _config(m), m.services.random, make_channel=m.services.channels, update_result=result)
    if result is fota.FirmwareResult.INITIAL:
        return made, ServiceStarted("andlink", ModuleReason.ATTACHED)
    return made, ServiceStarted("andlink", ModuleReason.ATTACHED_AFTER_UPDATE, result)


def _config(m: ModuleContext) -> AndlinkConfig:
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
        bootstrap_security=_security(used.bootstrap_security, used.bootstrap_psk, imei),
        security=_security(used.security, used.psk, imei),
        automatic=used.automatic == 1,
        controlled=m.in_use.generic.config.get(CONTROLLED) == "1",
    )


def _servers(used: settings.Andlink, kind: str) -> tuple[tuple[str, int], ...]:
    return tuple((server.host, server.port) for server in used.servers if server.type == kind)


def _security(security: tuple[int, int], psk: settings.SavedPsk | None, imei: str) -> SecurityConfig:
    """NAT type 0: a new handshake after 30 s of silence (3.16); the identity 0 means the IMEI (3.3)."""
    kind, nat = security
    key = None
    if psk is not None:
        key = Psk((imei if psk.identity == "0" else psk.identity).encode(), bytes.fromhex(psk.key))
    return SecurityConfig(kind == 1, key, NAT_SILENCE if nat == 0 else None)


def react(m: ModuleContext, event: ServiceEvent) -> None:
    """What an event of the client means for the host, the radio and the firmware; its channels' events mean nothing."""
    if not isinstance(event, andlink.AndlinkEvent):
        return
    text = urc(event)
    if text is not None:
        m.urc(text)
    match event:
        case andlink.ReleaseRequested():
            m.release_early()
        case andlink.RebootRequested():
            m.restart(SYSRESETREQ)
        case fota.FirmwareAccepted():
            package = m.andlink.package if m.andlink is not None else None
            assert package is not None
            flash.install(m, package)
        case fota.FirmwareAnnounced(text=fota.FirmwareText.OVER):
            _forget_update(m)
        case _:
            pass


def urc(event: andlink.AndlinkEvent) -> str | None:
    """What the host reads of an event, if anything. Payloads and queries as they came (D27)."""
    if isinstance(event, coap.CoapEvent):
        return None
    match event:
        case outcomes.Registered():
            return _event(0)  # <type> of +QLAEVTIND: 4.3
        case outcomes.Deregistered():
            return _event(1)
        case outcomes.Updated():
            return _event(2)
        case andlink.DataObserved():
            return _event(3)  # D17
        case andlink.Bootstrapped():
            return _event(4)
        case andlink.FirmwareObserved():
            return _event(5)
        case fota.PackageUrlReceived():
            return _event(6)
        case fota.PackageDownloaded():
            return _event(7)
        case andlink.ReadRequested(message_id=message_id, token=token, query=query):
            return f'+QLAREAD: {message_id},"{token.hex().upper()}"{_query(query)}'
        case andlink.WriteRequested(message_id=message_id, token=token, data=data, query=query):
            payload = data.decode("utf-8", "surrogateescape")
            return f'+QLAWRITE: {message_id},"{token.hex().upper()}",{payload}{_query(query)}'
        case andlink.DataReported(status=status):
            return f"+QLADATASTATUS:{int(status)}"
        case andlink.DtlsChanged(state=ChannelState.DONE | ChannelState.FAILED as state):
            return f"+QLADTLSSTAT:{int(state)}"  # how each one ended: 3.12, D70
        case andlink.RegistrationAwaited():
            return "REGISTERNOTIFY"
        case fota.FirmwareAnnounced(text=text):
            return text
        case (
            andlink.AndlinkStateChanged()
            | andlink.AccountRefused()
            | andlink.RequestExpired()
            | andlink.ReleaseRequested()
            | andlink.DtlsChanged()
            | andlink.RebootRequested()
            | outcomes.RegistrationRefused()
            | outcomes.RegistrationUnanswered()
            | outcomes.UpdateRefused()
            | outcomes.UpdateUnanswered()
            | outcomes.DeregistrationRefused()
            | outcomes.DeregistrationUnanswered()
            | fota.FirmwareAccepted()
            | fota.FirmwareStateChanged()
        ):
            return None
        case _:
            assert_never(event)


def _event(number: int) -> str:
    return f"+QLAEVTIND:{number}"


def _query(query: str) -> str:
    return f',"{query}"' if query else ""


def _forget_update(m: ModuleContext) -> None:
    """The platform knows what became of it."""
    if m.saved.andlink.update_result:
        m.to_save.andlink.update_result = 0
        m.nvram.save()
